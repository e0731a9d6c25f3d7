"""How long a public session file takes from the disk to the last committed session."""

from __future__ import annotations

import csv
import itertools
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import psycopg

from console.domain.importing import ImportOptions
from console.services.imports.importer import ImportRequest, import_sessions
from tests.bench.framework import Bench, Pair, row
from tests.support import session_files, shared_data
from tests.support.databases import Database

_ROWS = 5_345
_COLUMNS = len(session_files.DROP_IN_HEADER)


def _lines() -> tuple[list[list[str]], str]:
    """The rows of the public drop-in file, or as many of the same shape where it is absent."""
    path = shared_data.folder() / "toronto" / "drop_in_sessions.csv"
    if path.is_file():
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.reader(file))[1:], "public drop-in file"
    first = date(2026, 1, 6).toordinal()
    made = [
        session_files.drop_in_row(
            date.fromordinal(first + 7 * (at // 1_069)), **{"Location ID": at % 47, "Course_ID": at % 1_069}
        )
        for at in range(_ROWS)
    ]
    return [[str(cell) for cell in one] for one in made], "made-up drop-in file"


class _Files:
    """The same file again and again, each time of places that nobody has seen yet."""

    def __init__(self, folder: Path) -> None:
        self.rows, self.origin = _lines()
        self._folder = folder
        self._numbers = itertools.count(1)

    def fresh(self) -> Path:
        number = next(self._numbers)
        path = self._folder / f"{number}.csv"
        rows = [[one[0], f"{number}-{one[1]}", *one[2:]] for one in self.rows]
        path.write_text(
            session_files.csv_text(session_files.DROP_IN_HEADER, rows), encoding="utf-8", newline=""
        )
        return path


def _import(database: Database, path: Path) -> None:
    report = import_sessions(database.admin_dsn, ImportRequest(path, options=ImportOptions(capacity=20)))
    assert report.applied is not None


@row(
    "import_new",
    "import of 5,345 sessions, new",
    budget=5_000,
    reference="csv.reader and COPY of the raw rows",
    rounds=5,
    warm_up=1,
)
def new_file(bench: Bench) -> Iterator[Pair]:
    """Reading, planning, and every row, audit entry and notice in one transaction."""
    database = bench.database()
    with (
        tempfile.TemporaryDirectory() as folder,
        psycopg.connect(database.admin_dsn, autocommit=True) as connection,
    ):
        files = _Files(Path(folder))
        columns = ", ".join(f"c{number} text" for number in range(_COLUMNS))
        connection.execute(f"CREATE TABLE raw_rows ({columns})".encode())
        waiting = [files.fresh() for _ in range(40)]
        raw = files.fresh()

        def subject() -> None:
            _import(database, waiting.pop() if waiting else files.fresh())

        def reference() -> None:
            with (
                raw.open(encoding="utf-8", newline="") as file,
                connection.cursor() as cursor,
                cursor.copy("COPY raw_rows FROM STDIN") as copy,
            ):
                for cells in itertools.islice(csv.reader(file), 1, None):
                    copy.write_row(cells)

        yield Pair(
            subject, reference, rows=f"{files.origin}, {len(files.rows):,} rows", batch=len(files.rows)
        )


@row(
    "import_again",
    "import of 5,345 sessions, again",
    budget=5_000,
    reference="reading import_refs",
    rounds=5,
    warm_up=1,
)
def same_file(bench: Bench) -> Iterator[Pair]:
    """Finding out that nothing has changed."""
    database = bench.database()
    with (
        tempfile.TemporaryDirectory() as folder,
        psycopg.connect(database.admin_dsn, autocommit=True) as connection,
    ):
        files = _Files(Path(folder))
        path = files.fresh()
        _import(database, path)

        def reference() -> None:
            connection.execute("SELECT entity_type, key, entity_id, facts FROM import_refs").fetchall()

        yield Pair(
            lambda: _import(database, path),
            reference,
            rows=f"{files.origin}, {len(files.rows):,} rows",
            batch=len(files.rows),
        )
