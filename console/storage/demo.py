"""Writing a demo into a database: an administrator's bulk load, and the guard that keeps it away from real data.

The whole demo is one transaction of console_owner, who owns the tables. For its duration the triggers of the
tables are switched off, which nobody but the owner can do: they would number, count and audit a hundred thousand
invented rows one by one. What they keep true is checked in sums before the commit, and the audit trail gets one line.
The foreign keys of the large tables come off and are put back, which
checks them all. See docs/guides/demo.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from console.errors import BugError, Conflict
from console.storage.migrate import connect

Progress = Callable[[str], None]

_LARGE = (
    "users",
    "children",
    "child_health_notes",
    "pickup_people",
    "activity_sessions",
    "bookings",
    "attendance_events",
    "user_credit_balances",
    "credit_ledger",
    "booking_feedback",
    "reviews",
)
_KEPT = (
    "public.platform_settings",
    "public.feature_flags",
    "public.notification_templates",
    "auth.role_permissions",
    "auth.sign_in_secret",
    "public.score_formulas",
    "public.decision_templates",
)
"""What is configuration, not data: a reload leaves it as it is."""

_NEVER_CHANGED = ("public.score_formulas",)
"""Of these, what lets nothing be taken out; a reload takes all of it out and puts it back."""

_MISMATCHES = {
    "booked places": """
        SELECT count(*) FROM public.activity_sessions AS s
        WHERE s.booked_count <> (SELECT count(*) FROM public.bookings AS b
                                 WHERE b.session_id = s.id AND app.holds_place(b.status))""",
    "local times": """
        SELECT count(*) FROM public.activity_sessions AS s JOIN public.venues AS v ON v.id = s.venue_id
        WHERE (s.session_date, s.start_time, s.end_time, s.timezone) IS DISTINCT FROM
              ((s.starts_at AT TIME ZONE v.timezone)::date, (s.starts_at AT TIME ZONE v.timezone)::time,
               (s.ends_at AT TIME ZONE v.timezone)::time, v.timezone)""",
    "balances": """
        SELECT count(*) FROM public.user_credit_balances AS b
        LEFT JOIN (SELECT l.balance_id, sum(l.amount) AS moved, count(*) AS entries,
                       sum(l.forfeited_amount) AS forfeited,
                       coalesce(sum(l.amount) FILTER (WHERE l.transaction_type = 'allocation'), 0) AS allocated,
                       coalesce(-sum(l.amount) FILTER (WHERE l.transaction_type = 'booking_debit'), 0) AS used,
                       coalesce(sum(l.amount) FILTER
                           (WHERE l.transaction_type IN ('refund_credit', 'partial_refund')), 0) AS refunded
                   FROM public.credit_ledger AS l GROUP BY l.balance_id) AS s ON s.balance_id = b.id
        WHERE (b.credits_available, b.entries, b.credits_forfeited, b.credits_allocated, b.credits_used,
               b.credits_refunded)
              IS DISTINCT FROM (s.moved, s.entries, s.forfeited, s.allocated, s.used, s.refunded)""",
    "running balances": """
        SELECT count(*) FROM (SELECT l.balance_after <> sum(l.amount) OVER
                                  (PARTITION BY l.balance_id ORDER BY l.entry_no) AS wrong
                              FROM public.credit_ledger AS l) AS r WHERE r.wrong""",
    "attendance": """
        SELECT count(*) FROM public.bookings AS b
        LEFT JOIN public.attendance_events AS e ON e.id = b.attendance_event_id
        WHERE b.attendance_state::text IS DISTINCT FROM
              CASE e.kind WHEN 'check_in' THEN 'in' WHEN 'check_out' THEN 'out' WHEN 'absent' THEN 'absent'
                   ELSE CASE WHEN b.attendance_state = 'unmarked' THEN 'unmarked' ELSE 'expected' END END""",
}


_OVER = """
    SELECT (loaded.at AT TIME ZONE v.timezone)::date < (pg_catalog.now() AT TIME ZONE v.timezone)::date
      FROM (SELECT (a.context ->> 'at')::timestamptz AS at FROM public.audit_logs AS a
             WHERE a.action_type = 'demo_loaded' ORDER BY a.created_at DESC LIMIT 1) AS loaded
      JOIN public.venues AS v ON v.slug = 'riverside-studio'
     WHERE EXISTS (SELECT FROM auth.demo_accounts)
       AND NOT EXISTS (SELECT FROM app.fixed_clock)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity AS c
                         JOIN auth.devices AS d ON d.role_name = c.usename
                        WHERE c.datname = pg_catalog.current_database())"""
"""Loading writes its instant into the audit trail; that line is where it is found again."""


@dataclass(frozen=True, slots=True)
class TableRows:
    """Rows for one table, in the order of `columns`."""

    table: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[object, ...]]


def write_demo(
    admin_dsn: str,
    tables: Iterable[TableRows],
    *,
    stand_at: datetime | None,
    reason: str,
    note: dict[str, object],
    progress: Progress,
) -> dict[str, int]:
    """Replace whatever demo the database holds by `tables`; returns how many rows each got.

    `stand_at` stops the database's clock there (`reason` is "demo" or "tour"); None lets it run. `note` goes into the
    audit trail. Raises Conflict, and changes nothing, where the database holds real data.
    """
    counts: dict[str, int] = {}
    with connect(admin_dsn) as connection, connection.transaction():
        connection.execute("SET LOCAL ROLE console_owner")
        connection.execute("SET LOCAL client_min_messages = warning")
        refuse_real_data(connection)
        desks = _enrolled_desks(connection)
        _switch_triggers(connection, "DISABLE")
        _empty(connection)
        _stop_clock(connection, stand_at, reason)
        keys = _drop_foreign_keys(connection)
        for each in tables:
            _copy(connection, each)
            counts[each.table] = counts.get(each.table, 0) + len(each.rows)
            progress(each.table)
        _add_foreign_keys(connection, keys)
        _bring_back(connection, desks)
        _age_the_formula(connection)
        _check(connection)
        _switch_triggers(connection, "ENABLE")
        connection.execute(
            "INSERT INTO public.audit_logs (action_category, action_type, context) VALUES ('admin', 'demo_loaded', %s)",
            [json.dumps(note)],
        )
    return counts


def refuse_real_data(connection: psycopg.Connection[Any]) -> None:
    """Raise Conflict where people or venues are stored that no demo put there."""
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM auth.demo_accounts),"
        " EXISTS (SELECT FROM public.users) OR EXISTS (SELECT FROM public.venues)"
    ).fetchone()
    is_demo, has_data = row if row is not None else (False, False)
    if has_data and not is_demo:
        raise Conflict(
            "This database holds real data, so the demo was not loaded.",
            hint="Give it an empty database.",
            code="demo_needs_empty_database",
        )


def is_of_an_earlier_day(admin_dsn: str) -> bool:
    """Whether the database holds a demo whose today is over, by the calendar of its main venue, and nobody is at it.

    False for real data, for a database whose clock stands still, and while a desk is connected.
    """
    with connect(admin_dsn) as connection:
        row = connection.execute(_OVER).fetchone()
    return row is not None and bool(row[0])


def _switch_triggers(connection: psycopg.Connection[Any], how: str) -> None:
    for name in [*_data_tables(connection), *_NEVER_CHANGED]:
        # Ten venues are not many, and their channels are opened by trigger.
        if name != "public.venues" or how == "ENABLE":
            connection.execute(sql.SQL("ALTER TABLE {} {} TRIGGER USER").format(_name(name), sql.SQL(how)))


def _data_tables(connection: psycopg.Connection[Any]) -> list[str]:
    rows = connection.execute(
        "SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class AS c"
        " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE c.relkind = 'r' AND (n.nspname IN ('public', 'auth') OR c.oid = 'app.tombstones'::regclass)"
        " ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows if name not in _KEPT]


def _empty(connection: psycopg.Connection[Any]) -> None:
    row = connection.execute("SELECT EXISTS (SELECT FROM auth.demo_accounts)").fetchone()
    if row is None or not row[0]:
        return
    saved = {name: _as_json(connection, name) for name in _KEPT}
    # CASCADE reaches the configuration too, because settings name the person who changed them.
    names = sql.SQL(", ").join(_name(name) for name in _data_tables(connection))
    connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
    for name, rows in saved.items():
        connection.execute(sql.SQL("DELETE FROM {}").format(_name(name)))
        for each in rows:
            each.update({key: None for key in ("updated_by", "created_by", "saved_by") if key in each})
            _insert_json(connection, name, each)


def _as_json(connection: psycopg.Connection[Any], name: str) -> list[dict[str, Any]]:
    rows = connection.execute(sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(_name(name))).fetchall()
    return [row[0] for row in rows]


def _insert_json(connection: psycopg.Connection[Any], name: str, values: dict[str, Any]) -> None:
    connection.execute(
        sql.SQL("INSERT INTO {0} SELECT * FROM jsonb_populate_record(NULL::{0}, %s)").format(_name(name)),
        [json.dumps(values)],
    )


def _enrolled_desks(connection: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    """Workstations that can really sign in: they outlive the demo they were enrolled in."""
    rows = connection.execute(
        "SELECT to_jsonb(d) || jsonb_build_object('slug', v.slug) FROM auth.devices AS d"
        " LEFT JOIN public.venues AS v ON v.id = d.venue_id"
        " WHERE EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = d.role_name)"
        "   AND EXISTS (SELECT FROM auth.demo_accounts)"
    ).fetchall()
    return [row[0] for row in rows]


def _bring_back(connection: psycopg.Connection[Any], desks: list[dict[str, Any]]) -> None:
    for desk in desks:
        slug = desk.pop("slug")
        row = connection.execute("SELECT id FROM public.venues WHERE slug = %s", [slug]).fetchone()
        desk.update(venue_id=str(row[0]) if row else None, enrolled_by=None, revoked_by=None)
        _insert_json(connection, "auth.devices", desk)


def _age_the_formula(connection: psycopg.Connection[Any]) -> None:
    """The first formula came with the database; the demo's first scores are older, so it is as old as the venues."""
    connection.execute(
        "UPDATE public.score_formulas SET saved_at = v.first"
        "  FROM (SELECT min(created_at) AS first FROM public.venues) AS v WHERE version = 1 AND saved_at > v.first"
    )


def _stop_clock(connection: psycopg.Connection[Any], instant: datetime | None, reason: str) -> None:
    connection.execute("DELETE FROM app.fixed_clock")
    if instant is not None:
        connection.execute("INSERT INTO app.fixed_clock (instant, reason) VALUES (%s, %s)", [instant, reason])


def _copy(connection: psycopg.Connection[Any], each: TableRows) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        _name(each.table), sql.SQL(", ").join(map(sql.Identifier, each.columns))
    )
    with connection.cursor().copy(statement) as copy:
        for row in each.rows:
            copy.write_row(row)


def _drop_foreign_keys(connection: psycopg.Connection[Any]) -> list[tuple[str, str, str]]:
    """Take the foreign keys off the large tables; answers table, name and definition of each.

    Bookings and events refer to each other, so no order of writing satisfies both. And adding a key to a full table
    checks it in one join, where writing row by row would look each one up.
    """
    keys = connection.execute(
        "SELECT c.conrelid::regclass::text, c.conname, pg_catalog.pg_get_constraintdef(c.oid)"
        " FROM pg_catalog.pg_constraint AS c WHERE c.contype = 'f' AND c.conrelid = ANY (%s::regclass[])"
        " ORDER BY c.oid",
        [[f"public.{name}" for name in _LARGE]],
    ).fetchall()
    for table, name, _ in keys:
        connection.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(_name(table), sql.Identifier(name))
        )
    return [(table, name, definition) for table, name, definition in keys]


def _add_foreign_keys(connection: psycopg.Connection[Any], keys: list[tuple[str, str, str]]) -> None:
    # Planned with statistics, or the joins that check the keys may be the wrong ones.
    _analyze(connection)
    for table, name, definition in keys:
        connection.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                _name(table), sql.Identifier(name), sql.SQL(definition)
            )
        )


def _analyze(connection: psycopg.Connection[Any]) -> None:
    for table in _LARGE:
        connection.execute(sql.SQL("ANALYZE public.{}").format(sql.Identifier(table)))


def _check(connection: psycopg.Connection[Any]) -> None:
    for what, query in _MISMATCHES.items():
        row = connection.execute(query.encode()).fetchone()
        if row is None or row[0]:
            raise BugError("The demo could not be loaded.", code=f"demo_mismatch_{what.replace(' ', '_')}")


def _name(name: str) -> sql.Composable:
    return sql.Identifier(*name.split("."))
