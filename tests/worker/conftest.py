"""A till for the tests of paying: one database of each module, emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from console.storage.embedded import EmbeddedServer
from tests.support.databases import Database
from tests.support.paying import Till, emptied, till_database


@pytest.fixture(scope="module")
def till_office(_template: EmbeddedServer) -> Iterator[tuple[Database, str]]:
    """A database of this module, and a worker's role in it."""
    with till_database(_template) as made:
        yield made


@pytest.fixture
def till(till_office: tuple[Database, str]) -> Iterator[Till]:
    """The module's database without a payout in it, at noon."""
    with emptied(*till_office) as made:
        yield made
