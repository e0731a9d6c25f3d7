"""Families and sessions by the ten thousand, for rows that look at 1,000,000 bookings: a statement for each kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from tests.support.databases import Connection


def write_fast(admin: Connection) -> None:
    """From here on no trigger runs and indexes get room, until `written`."""
    admin.execute("SET session_replication_role = replica")
    admin.execute("SET maintenance_work_mem = '512MB'")


def written(admin: Connection, *tables: str) -> None:
    """Triggers run again, and the planner knows what was written; `tables` are those with the most rows."""
    admin.execute("SET session_replication_role = origin")
    for table in tables:
        admin.execute(f"VACUUM ANALYZE {table}")
    admin.execute("ANALYZE")


def families(admin: Connection, many: int) -> None:
    """So many parents with a child each."""
    admin.execute(
        """INSERT INTO users (email, role, first_name, last_name)
           SELECT 'p' || g || '@bench.example', 'parent', 'Dana', 'Bench' FROM generate_series(1, %s) g""",
        [many],
    )
    admin.execute(
        """INSERT INTO children (parent_id, first_name, date_of_birth, parental_consent_given)
           SELECT id, 'Kid', '2019-01-15', true FROM users WHERE email LIKE 'p%@bench.example'"""
    )


def sessions(
    admin: Connection, venues: Sequence[UUID], activities: Sequence[UUID], many: int, first: date, days: int
) -> None:
    """So many hours of 60 places, shared evenly by the venues over so many days from the first one."""
    admin.execute(
        """INSERT INTO activity_sessions (activity_id, venue_id, starts_at, ends_at, session_date, start_time,
                                          end_time, timezone, time_of_day, total_capacity, closed_at)
           SELECT (%(activities)s::uuid[])[1 + g %% %(venues)s], (%(ids)s::uuid[])[1 + g %% %(venues)s], at,
                  at + interval '1 hour', at::date, at::time, at::time + interval '1 hour', 'UTC', 'morning', 60, at
             FROM generate_series(0, %(sessions)s - 1) g,
          LATERAL (SELECT %(first)s::timestamp AT TIME ZONE 'UTC' + (g / %(venues)s %% %(days)s) * interval '1 day'
                          + (9 + g / %(venues)s / %(days)s) * interval '1 hour' AS at) t""",
        {
            "activities": list(activities),
            "ids": list(venues),
            "venues": len(venues),
            "sessions": many,
            "first": first,
            "days": days,
        },
    )
