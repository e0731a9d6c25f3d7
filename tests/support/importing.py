"""Importing texts into a test's own database, and looking at what came of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from console.domain.importing import ImportOptions, ImportReport
from console.services.imports.importer import ImportRequest, import_sessions
from tests.support.databases import Connection, Database

NOW = datetime(2026, 1, 1, 15, tzinfo=UTC)


CAPACITY = ImportOptions(capacity=12)


class Importing:
    """Imports texts into one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder

    def __call__(
        self,
        text: str,
        options: ImportOptions = CAPACITY,
        *,
        venues: str | None = None,
        layout: str | None = None,
        **more: Any,
    ) -> ImportReport:
        request = ImportRequest(
            self._write("sessions.csv", text),
            venues=self._write("venues.csv", venues),
            layout=self._write("layout.toml", layout),
            options=options,
            dry_run=more.pop("dry_run", False),
            skip_bad=more.pop("skip_bad", False),
        )
        return import_sessions(self.database.admin_dsn, request, now=NOW, **more)

    def _write(self, name: str, text: str | None) -> Any:
        if text is None:
            return None
        path = self.folder / name
        path.write_bytes(text.encode("utf-8"))
        return path


def rows(connection: Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode(), values).fetchall()


def state(connection: Connection) -> list[list[tuple[Any, ...]]]:
    """Everything an import writes, with its versions."""
    tables = (
        "venues",
        "rooms",
        "activities",
        "activity_recurring_schedules",
        "schedule_exceptions",
        "activity_sessions",
    )
    return [rows(connection, f"SELECT t FROM {table} AS t ORDER BY t.id") for table in tables] + [
        rows(
            connection,
            "SELECT source, entity_type, key, entity_id, facts::text FROM import_refs ORDER BY 1, 2, 3",
        )
    ]


def session_on(connection: Connection, day: str) -> Any:
    return rows(connection, "SELECT id FROM activity_sessions WHERE session_date = %s", day)[0][0]
