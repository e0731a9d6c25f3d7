"""The words for where a database is hold no secret. console/storage/place.py."""

from __future__ import annotations

import pytest

from console.storage.place import spoken_place


@pytest.mark.parametrize(
    ("dsn", "words"),
    [
        ("postgresql://desk:secret@db.example:5433/nexus", "db.example:5433"),
        ("host=a,b port=5432,5433 user=desk password=secret", "a:5432, b:5433"),
        ("host=a,b port=5432", "a:5432, b:5432"),
        ("host=/run/nexus dbname=nexus", "this computer"),
        ("dbname=nexus", "this computer"),
        ("hostaddr=10.0.0.1", "10.0.0.1"),
        ("postgresql://[", ""),
    ],
)
def test_only_host_and_port_are_said(dsn: str, words: str) -> None:
    assert spoken_place(dsn) == words
    assert "secret" not in spoken_place(dsn)
