"""Writing many records of one kind in a few statements, for the import.

Rows travel as one JSON parameter and are spread by the server, so that a thousand records cost one statement and the
statement triggers (audit, notices) run once. Rows that name other columns than their neighbours get a statement of
their own: a column that is not named keeps its default, or its value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from psycopg import Connection, sql
from psycopg.types.json import Jsonb

CHUNK = 5_000
"""Rows per statement: enough for speed, few enough to show progress and to stop between two."""

Row = Mapping[str, Any]

COLUMNS: dict[str, dict[str, str]] = {
    "venues": {
        "id": "uuid",
        "name": "text",
        "slug": "text",
        "address_line1": "text",
        "address_line2": "text",
        "city": "text",
        "state": "text",
        "postal_code": "text",
        "country": "text",
        "latitude": "numeric",
        "longitude": "numeric",
        "timezone": "text",
        "contact_email": "text",
        "contact_phone": "text",
        "website_url": "text",
    },
    "rooms": {"id": "uuid", "venue_id": "uuid", "name": "text"},
    "activities": {
        "id": "uuid",
        "venue_id": "uuid",
        "name": "text",
        "slug": "text",
        "category": "public.activity_category",
        "full_description": "text",
        "min_age_months": "integer",
        "max_age_months": "integer",
        "duration_minutes": "integer",
        "credits_required": "integer",
        "capacity_per_session": "integer",
        "activity_tags": "jsonb",
    },
    "activity_recurring_schedules": {
        "id": "uuid",
        "activity_id": "uuid",
        "venue_id": "uuid",
        "room_id": "uuid",
        "days_of_week": "jsonb",
        "start_time": "time",
        "duration_minutes": "integer",
        "capacity": "integer",
        "effective_from": "date",
        "effective_until": "date",
        "sessions_generated_until": "date",
    },
    "schedule_exceptions": {
        "schedule_id": "uuid",
        "venue_id": "uuid",
        "exception_date": "date",
        "kind": "public.schedule_exception_kind",
        "reason": "text",
    },
    "activity_sessions": {
        "id": "uuid",
        "activity_id": "uuid",
        "venue_id": "uuid",
        "room_id": "uuid",
        "recurring_schedule_id": "uuid",
        "starts_at": "timestamptz",
        "ends_at": "timestamptz",
        "total_capacity": "integer",
    },
    "import_refs": {
        "source": "text",
        "entity_type": "text",
        "key": "text",
        "entity_id": "uuid",
        "facts": "jsonb",
    },
}
"""What the import writes, and as what type the server reads it back from JSON."""


def insert(connection: Connection[Any], table: str, rows: Iterable[Row]) -> Iterator[int]:
    """Insert rows; after each statement, how many rows are in so far. A conflict with an existing row is left be."""
    done = 0
    for columns, alike in _alike(rows):
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        for part in _parts(alike):
            connection.execute(
                sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(
                    sql.Identifier("public", table), names, names, _spread(table, columns)
                ),
                [Jsonb(part)],
            )
            done += len(part)
            yield done


def update(connection: Connection[Any], table: str, rows: Iterable[Row]) -> Iterator[int]:
    """Set the named columns of the rows with these ids; after each statement, how many are done."""
    done = 0
    for columns, alike in _alike(rows):
        settings = sql.SQL(", ").join(
            sql.SQL("{0} = r.{0}").format(sql.Identifier(column)) for column in columns if column != "id"
        )
        for part in _parts(alike):
            connection.execute(
                sql.SQL("UPDATE {} AS e SET {} FROM {} WHERE e.id = r.id").format(
                    sql.Identifier("public", table), settings, _spread(table, columns)
                ),
                [Jsonb(part)],
            )
            done += len(part)
            yield done


def remember(connection: Connection[Any], refs: Iterable[Row]) -> None:
    """Write which key became which record, and what the file said of it."""
    columns = tuple(COLUMNS["import_refs"])
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    for part in _parts(list(refs)):
        connection.execute(
            sql.SQL(
                """INSERT INTO public.import_refs ({}) SELECT {} FROM {}
                   ON CONFLICT (source, entity_type, key)
                   DO UPDATE SET entity_id = excluded.entity_id, facts = excluded.facts"""
            ).format(names, names, _spread("import_refs", columns)),
            [Jsonb(part)],
        )


def _alike(rows: Iterable[Row]) -> Iterator[tuple[tuple[str, ...], list[Row]]]:
    sets: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        sets[tuple(sorted(row))].append(row)
    yield from sets.items()


def _parts(rows: Sequence[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(rows), CHUNK):
        yield list(rows[start : start + CHUNK])


def _spread(table: str, columns: Iterable[str]) -> sql.Composed:
    types = COLUMNS[table]
    return sql.SQL("jsonb_to_recordset(%s) AS r({})").format(
        sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(types[column])) for column in columns
        )
    )
