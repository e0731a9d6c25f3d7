"""Reading what is left of a damaged sealed file.

Every page is sealed on its own, so damage to one says nothing about the others. The first page is needed to read any;
a file of the same key and make lends its own where that is lost. The table is read along its numbers and again from
the index that holds a second copy, each time around the pages that fail. Only a copy of the file is touched. See
docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from console.storage import sealed

_BLIND_RANGE = 20_000
# How many numbers are tried where nothing says how far they go.
_FAILURES = 600
# So many failed reads end one way of reading: each takes a millisecond, and somebody waits for the desk to start.


_Way = tuple[str, tuple[object, ...]]
# A statement whose last two parameters are the lowest and the highest number, and the parameters before them.


@dataclass(frozen=True, slots=True)
class Table:
    """What is to be saved: a table with an integer key `seq` first among its columns, and an index that copies it.

    The index begins with the column `state`, the `state_column`th, which has the values `states`.
    """

    kind: sealed.FileKind
    name: str
    copy: str
    columns: str
    states: tuple[str, ...]
    state_column: int


@dataclass(slots=True)
class Saved:
    """What was read: rows by ascending number, the small facts beside them, and whether any page was lost."""

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    lost: bool = False


def salvage(path: Path, key: bytes, table: Table) -> Saved:
    """Everything that can still be read of the file at `path`, which stays as it is."""
    folder = path.with_name(f"{path.name}.salvage")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(mode=0o700)
        copy = folder / path.name
        for side in ("", "-wal"):
            beside = path.with_name(path.name + side)
            if beside.exists():
                shutil.copyfile(beside, copy.with_name(copy.name + side))
        found = _read(copy, key, table)
        if found is None:
            _lend_first_page(copy, key, table)
            found = _read(copy, key, table) or Saved()
            found.lost = True
        return found
    except OSError as error:
        raise sealed.failure(error, "This computer's disk is full.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(copy: Path, key: bytes, table: Table) -> Saved | None:
    """What can be read with the first page as it is; None where that is the trouble and another one may help."""
    reader = _Reader(copy, key)
    try:
        pages = copy.stat().st_size // sealed.PAGE_BYTES
        mark = reader.rows("PRAGMA application_id")
        if not mark or not reader.rows("PRAGMA schema_version"):
            return None if pages > 1 and reader.bad_pages() < pages else Saved(lost=True)
        if mark != [(table.kind.mark,)] or reader.bad_pages() + 1 >= pages:
            return Saved(lost=True)
        facts = dict(reader.rows("SELECT name, value FROM facts"))
        source = f"SELECT {table.columns} FROM {table.name}"  # noqa: S608 - constants of the caller
        ways: list[_Way] = [(f"{source} NOT INDEXED WHERE seq BETWEEN ? AND ?", ())] + [
            (f"{source} INDEXED BY {table.copy} WHERE state = ? AND seq BETWEEN ? AND ?", (state,))
            for state in table.states
        ]
        by_number = {row[0]: row for way in ways for row in reader.from_both_ends(way)}
        if reader.failed:
            # What one copy has lost the other may have; only what neither told so far is looked for page by page.
            highest = max([*by_number, int(facts.get("next_seq") or 0)], default=0) or _BLIND_RANGE
            for way in ways:
                by_number.update(
                    {row[0]: row for row in reader.around_damage(way, _gaps(by_number, highest))}
                )
        return Saved([by_number[number] for number in sorted(by_number)], facts, reader.failed)
    finally:
        reader.close()


def _gaps(known: Iterable[int], highest: int) -> list[tuple[int, int]]:
    """The runs of numbers up to `highest` that are not known, the shortest first: a long one is mostly old numbers."""
    gaps = []
    before = 0
    for number in [*sorted(known), highest + 1]:
        if number > before + 1:
            gaps.append((before + 1, number - 1))
        before = max(before, number)
    return sorted(gaps, key=lambda gap: gap[1] - gap[0])


class _Reader:
    """Reads with a new connection after every failure: SQLCipher lets none that failed read on."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path, self._key = path, key
        self._connection = sealed.connect(path, key)
        self._failures = 0
        self.failed = False

    def close(self) -> None:
        with contextlib.suppress(sqlcipher.Error):
            self._connection.close()

    def bad_pages(self) -> int:
        """How many pages have no valid seal; all of them where the key is another one."""
        try:
            return len(self._connection.execute("PRAGMA cipher_integrity_check").fetchall())
        except sqlcipher.Error:
            return self._path.stat().st_size // sealed.PAGE_BYTES

    def rows(self, statement: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows up to the first that cannot be read."""
        found: list[tuple[Any, ...]] = []
        self._collect(found, statement, parameters)
        return found

    def from_both_ends(self, way: _Way) -> list[tuple[Any, ...]]:
        """The rows of a statement up to the first page that fails, from the lowest number and from the highest."""
        statement, parameters = way
        found: list[tuple[Any, ...]] = []
        everything = (*parameters, -(1 << 62), 1 << 62)
        if not self._collect(found, f"{statement} ORDER BY seq", everything):
            self._collect(found, f"{statement} ORDER BY seq DESC", everything)
        return found

    def around_damage(self, way: _Way, gaps: list[tuple[int, int]]) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement in these runs of numbers that lie on pages which do not fail."""
        self._failures = 0
        for low, high in gaps:
            yield from self._between(*way, low, high)

    def _between(
        self, statement: str, parameters: tuple[object, ...], low: int, high: int
    ) -> Iterator[tuple[Any, ...]]:
        if low > high or self._failures > _FAILURES:
            return
        found: list[tuple[Any, ...]] = []
        if self._collect(found, statement, (*parameters, low, high)):
            yield from found
        elif low < high:
            middle = (low + high) // 2
            yield from self._between(statement, parameters, low, middle)
            yield from self._between(statement, parameters, middle + 1, high)

    def _collect(self, into: list[tuple[Any, ...]], statement: str, parameters: tuple[object, ...]) -> bool:
        try:
            for row in self._connection.execute(statement, parameters):
                into.append(row)  # noqa: PERF402 - what came before a failure is kept
        except sqlcipher.Error:
            self.failed = True
            self._failures += 1
            self.close()
            self._connection = sealed.connect(self._path, self._key)
            return False
        return True


def _lend_first_page(copy: Path, key: bytes, table: Table) -> None:
    """Put the first page of a new file, as long as this one, over the copy's: it says the same about the others."""
    twin = copy.with_name("twin")
    pages = -(-copy.stat().st_size // sealed.PAGE_BYTES)
    filler = "INSERT INTO facts (name, value) VALUES ('filler', zeroblob(?))"
    sealed.create(twin, key, table.kind, [(filler, (pages * sealed.PAGE_BYTES,))])
    lender = sealed.unfinished_name(twin)
    page = lender.read_bytes()[: sealed.PAGE_BYTES]
    length = lender.stat().st_size
    with copy.open("r+b") as file:
        file.write(page)
        file.truncate(length)
