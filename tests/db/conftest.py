"""Fixtures of the database tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.storage.embedded import EmbeddedServer
from tests.support import databases
from tests.support.databases import Database


@pytest.fixture(scope="module")
def house(_template: EmbeddedServer) -> Iterator[Database]:
    """A database that the tests of one module share and may fill: for tests that make their own people and desks."""
    made = databases.clone(_template, "house")
    yield made
    databases.drop(made)
