"""Sealed files: private, unreadable without the key, whole or not at all, set aside when they are damaged."""

from __future__ import annotations

import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.errors import Unavailable
from console.storage import sealed
from tests.support.sealed_samples import KEY, OTHER_KEY, flip

KIND = sealed.FileKind(77, (("CREATE TABLE things (number INTEGER PRIMARY KEY, name TEXT)",),))
NEWER = sealed.FileKind(77, (*KIND.versions, ("ALTER TABLE things ADD COLUMN colour TEXT",)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "desk" / "things.db"
    rows = [("INSERT INTO things VALUES (?, ?)", (number, "Theodora " * 20)) for number in range(100)]
    sealed.create(made, KEY, KIND, rows)
    sealed.put_in_place(made)
    return made


def test_what_was_put_in_is_there_again(path: Path) -> None:
    file = sealed.SealedFile(path, KEY, KIND)
    with file.writing() as statements:
        statements.execute("INSERT INTO things VALUES (1000, 'Nia')")
    file.close()
    file = sealed.SealedFile(path, KEY, KIND)
    assert file.rows("SELECT count(*), max(number) FROM things") == [(101, 1000)]
    assert file.rows("PRAGMA journal_mode") == [("wal",)]
    assert file.rows("PRAGMA synchronous") == [(2,)]
    file.close()


def test_a_transaction_that_fails_leaves_nothing(path: Path) -> None:
    file = sealed.SealedFile(path, KEY, KIND)

    def stopped() -> None:
        with file.writing() as statements:
            statements.execute("INSERT INTO things VALUES (1000, 'Nia')")
            raise RuntimeError

    def refused() -> None:
        with file.writing() as statements:
            statements.execute("INSERT INTO things VALUES (1001, 'Nia')")
            statements.execute("INSERT INTO things VALUES (1, 'taken')")

    with pytest.raises(RuntimeError):
        stopped()
    with pytest.raises(Unavailable):
        refused()
    assert file.rows("SELECT max(number) FROM things") == [(99,)]
    file.close()
    with pytest.raises(Unavailable, match="closed"):
        file.rows("SELECT 1")


def test_only_its_owner_may_read_it_and_nothing_of_it_can_be_read(path: Path) -> None:
    file = sealed.SealedFile(path, KEY, KIND)
    with file.writing() as statements:
        statements.execute("INSERT INTO things VALUES (1000, 'Theodora')")
    names = sorted(found.name for found in path.parent.iterdir())
    assert names == ["things.db", "things.db-shm", "things.db-wal"]
    for name in names:
        content = (path.parent / name).read_bytes()
        assert b"Theodora" not in content
        assert b"SQLite format" not in content
        if sys.platform != "win32":
            assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600
    if sys.platform != "win32":
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    file.close()


def test_a_file_that_others_could_read_becomes_private(path: Path) -> None:
    path.chmod(0o644)
    sealed.SealedFile(path, KEY, KIND).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: flip(path, 0),
        lambda path: flip(path, 2),
        lambda path: os.truncate(path, 10_000),
        lambda path: os.truncate(path, 0),
        lambda path: path.write_text("A shopping list.\n" * 500),
    ],
    ids=["first page", "a page", "cut off", "empty", "a text"],
)
def test_damage_is_noticed_before_anything_is_read(path: Path, damage: object) -> None:
    assert callable(damage)
    damage(path)
    before = path.read_bytes()
    with pytest.raises(sealed.DamagedError):
        sealed.SealedFile(path, KEY, KIND)
    assert path.read_bytes() == before


def test_another_key_another_kind_and_a_newer_version_are_refused(path: Path) -> None:
    with pytest.raises(sealed.DamagedError):
        sealed.SealedFile(path, OTHER_KEY, KIND)
    with pytest.raises(sealed.DamagedError):
        sealed.SealedFile(path, KEY, sealed.FileKind(78, KIND.versions))
    newer = sealed.SealedFile(path, KEY, NEWER)
    assert newer.rows("SELECT colour FROM things LIMIT 1") == [(None,)]
    newer.close()
    with pytest.raises(sealed.DamagedError):
        sealed.SealedFile(path, KEY, KIND)
    with pytest.raises(ValueError, match="32 bytes"):
        sealed.SealedFile(path, KEY[:-1], KIND)


def test_setting_aside_keeps_everything_under_another_name(path: Path) -> None:
    at = datetime(2026, 11, 21, 5, 6, 7, tzinfo=UTC)
    path.with_name("things.db-wal").write_bytes(b"frames")
    before = path.read_bytes()
    aside = sealed.set_aside(path, at)
    assert aside.name == "things.db.damaged-20261121T050607"
    assert aside.read_bytes() == before
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"frames"
    assert not path.exists()
    path.write_bytes(b"another")
    assert sealed.set_aside(path, at).name == "things.db.damaged-20261121T050607-2"


def test_a_full_disk_is_said_and_nothing_is_half_written(path: Path) -> None:
    file = sealed.SealedFile(path, KEY, KIND)
    file.rows("PRAGMA max_page_count = 1")  # the smallest it can have: no page more than now

    def fill() -> None:
        with file.writing() as statements:
            for number in range(1000, 3000):
                statements.execute("INSERT INTO things VALUES (?, ?)", (number, "x" * 300))

    with pytest.raises(Unavailable, match="disk is full") as refused:
        fill()
    assert refused.value.code == "disk_full"
    assert file.rows("SELECT max(number) FROM things") == [(99,)]
    file.rows("PRAGMA max_page_count = 10000")
    with file.writing() as statements:
        statements.execute("INSERT INTO things VALUES (1000, 'Nia')")
    file.close()


def test_wiping_leaves_no_file(path: Path) -> None:
    sealed.wipe(path)
    assert list(path.parent.iterdir()) == []
    sealed.wipe(path)  # once more is fine
