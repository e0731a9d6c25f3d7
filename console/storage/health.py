"""What `doctor` asks a database: its version, its age, its desks, its clock, and what stands open.

Only an administrator's connection can see all of it. Nothing is changed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg

from console.storage import migrate
from console.storage.schema_check import Problem


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """One look at a database. `clock_ahead` is how far the server's clock is before this machine's."""

    server_version: str
    name: str
    encrypted: bool
    desks: int | None
    people: int | None
    clock_ahead: timedelta
    round_trip: timedelta
    problems: tuple[Problem, ...]


def examine(admin_dsn: str) -> DatabaseHealth:
    """Look at the database of `admin_dsn`. Raises Unavailable where it cannot be reached."""
    with migrate.connect(admin_dsn) as connection:
        ahead, trip = _clock(connection)
        info = connection.info
        return DatabaseHealth(
            server_version=info.parameter_status("server_version") or str(info.server_version),
            name=info.dbname,
            encrypted=bool(info.pgconn.ssl_in_use),
            desks=_count(
                connection, "auth.devices", "SELECT count(*) FROM auth.devices WHERE revoked_at IS NULL"
            ),
            people=_count(
                connection,
                "public.staff_grants",
                "SELECT count(DISTINCT user_id) FROM public.staff_grants WHERE revoked_at IS NULL",
            ),
            clock_ahead=ahead,
            round_trip=trip,
            problems=tuple(migrate.check(admin_dsn)),
        )


@dataclass(frozen=True, slots=True)
class TransferCounts:
    """How many payouts wait for a transfer, how many transfers only a person can settle, how many payouts failed."""

    waiting: int
    doubtful: int
    failed: int


def transfers(admin_dsn: str) -> TransferCounts | None:
    """How the paying of venues stands; None for a database that is older than it. Raises Unavailable."""
    with migrate.connect(admin_dsn) as connection:
        known = connection.execute(
            "SELECT to_regprocedure('payouts.is_doubtful(public.payout_attempts)') IS NOT NULL"
        ).fetchone()
        if known is None or not known[0]:
            return None
        row = connection.execute(_TRANSFERS).fetchone()
        assert row is not None
        return TransferCounts(*row)


# A payout whose transfer is in doubt has not failed: nobody knows yet.
_TRANSFERS = """
    SELECT (SELECT d.due FROM payouts.transfers_due() AS d),
           (SELECT count(*)::integer FROM public.payout_attempts AS a WHERE payouts.is_doubtful(a)),
           (SELECT count(*)::integer FROM public.venue_payouts AS p WHERE p.status = 'failed' AND NOT EXISTS (
               SELECT 1 FROM public.payout_attempts AS a WHERE a.payout_id = p.id AND payouts.is_doubtful(a)))"""


def _clock(connection: psycopg.Connection[Any]) -> tuple[timedelta, timedelta]:
    """The server's clock against ours, from the quickest of three answers: half its round trip is the error."""
    best: tuple[float, timedelta] | None = None
    for _ in range(3):
        sent, started = datetime.now(UTC), time.monotonic()
        row = connection.execute("SELECT clock_timestamp()").fetchone()
        trip = time.monotonic() - started
        assert row is not None
        ahead = row[0].astimezone(UTC) - sent - timedelta(seconds=trip / 2)
        if best is None or trip < best[0]:
            best = (trip, ahead)
    assert best is not None
    return best[1], timedelta(seconds=best[0])


def _count(connection: psycopg.Connection[Any], table: str, query: LiteralString) -> int | None:
    """The number a query gives, or None where the table does not exist yet."""
    known = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (table,)).fetchone()
    if known is None or not known[0]:
        return None
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else None
