"""Reading what is left of a damaged sealed file.

Every page is sealed on its own, so damage to one says nothing about the others. The first page is needed to read any;
a file of the same key and make lends its own where that is lost. The table is read along its numbers and again from
the index that holds a second copy, each time around the pages that fail. Only a copy of the file is touched. See
docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

from console.storage import sealed

_BLIND_RANGE = 20_000
# How many numbers are tried where nothing says how far they go.
_FAILURES = 1_500
# So many failed reads end one way of reading: each takes a millisecond, and somebody waits for the desk to start.


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
        if found.rows or copy.stat().st_size <= sealed.PAGE_BYTES:
            return found
        _lend_first_page(copy, key, table)
        found = _read(copy, key, table)
        found.lost = True
        return found
    except OSError as error:
        raise sealed.failure(error, "This computer's disk is full.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(copy: Path, key: bytes, table: Table) -> Saved:
    reader = _Reader(copy, key)
    try:
        saved = Saved(lost=True)
        if not reader.any_page_but_the_first():
            return saved
        saved.facts = dict(reader.rows("SELECT name, value FROM facts"))
        by_number: dict[int, tuple[Any, ...]] = {}
        highest = int(saved.facts.get("next_seq") or 0)
        source = f"SELECT {table.columns} FROM {table.name}"  # noqa: S608 - constants of the caller
        ways = [(f"{source} NOT INDEXED WHERE seq BETWEEN ? AND ?", ())] + [
            (f"{source} INDEXED BY {table.copy} WHERE state = ? AND seq BETWEEN ? AND ?", (state,))
            for state in table.states
        ]
        # The copies know how far the numbers go where the table does not, and the other way round.
        for _ in range(2):
            for statement, parameters in ways:
                for row in reader.around_damage(statement, parameters, by_number, highest):
                    by_number.setdefault(row[0], row)
            if by_number or not reader.failed:
                break
            highest = _BLIND_RANGE
        saved.rows = [by_number[number] for number in sorted(by_number)]
        saved.lost = reader.failed
        return saved
    finally:
        reader.close()


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

    def any_page_but_the_first(self) -> bool:
        """Whether the seal of any other page than the first holds: not where the key is another one."""
        pages = self._path.stat().st_size // sealed.PAGE_BYTES
        try:
            bad = self._connection.execute("PRAGMA cipher_integrity_check").fetchall()
            self._connection.execute("PRAGMA schema_version").fetchone()
        except sqlcipher.Error:
            return False
        return len(bad) + 1 < pages

    def rows(self, statement: str, parameters: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """The rows up to the first that cannot be read."""
        found: list[tuple[Any, ...]] = []
        self._collect(found, statement, parameters)
        return found

    def around_damage(
        self, statement: str, parameters: tuple[object, ...], known: dict[int, Any], highest: int
    ) -> Iterator[tuple[Any, ...]]:
        """The rows of a statement whose last two parameters are the lowest and the highest number."""
        self._failures = 0
        everything = (-(1 << 62), 1 << 62)
        forward: list[tuple[Any, ...]] = []
        if self._collect(forward, f"{statement} ORDER BY seq", (*parameters, *everything)):
            yield from forward
            return
        backward: list[tuple[Any, ...]] = []
        self._collect(backward, f"{statement} ORDER BY seq DESC", (*parameters, *everything))
        yield from forward
        yield from backward
        low = forward[-1][0] + 1 if forward else min([*known, 1])
        high = backward[-1][0] - 1 if backward else max([*known, highest])
        yield from self._between(statement, parameters, low, high)

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
