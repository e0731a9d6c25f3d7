"""Series, their exceptions and closures as rows, and what the database makes of them as the engine's own values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any
from uuid import UUID

from console.domain.programme import SeriesFacts
from console.domain.recurrence_rules import DateException, Meeting, Shut
from tests.support import factories
from tests.support.databases import Connection

EVER = date(1, 1, 1)


def write_series(tx: Connection, facts: SeriesFacts, exceptions: Iterable[DateException] = ()) -> UUID:
    """The rows of a series and of what was decided about its dates."""
    made = factories.schedule(
        tx,
        facts.activity_id,
        days_of_week=list(facts.weekdays),
        start_time=facts.start,
        duration_minutes=facts.minutes,
        capacity=facts.capacity,
        effective_from=facts.first,
        effective_until=facts.last,
        every_weeks=facts.every_weeks,
        room_id=facts.room_id,
        default_instructor_name=facts.instructor,
        platform_allocated_spots=facts.platform_places,
    )
    venue = factories.venue_of(tx, "activities", facts.activity_id)
    for one in exceptions:
        factories.insert(
            tx,
            "schedule_exceptions",
            {
                "venue_id": venue,
                "schedule_id": made,
                "exception_date": one.on,
                "kind": "skipped" if one.is_skipped else "changed",
                "new_day": one.day,
                "new_start": one.start,
                "new_minutes": one.minutes,
                "new_room_id": one.room_id,
                "new_instructor": one.instructor,
                "new_capacity": one.capacity,
            },
        )
    return made


def write_closure(tx: Connection, venue: UUID, closure: Shut, **columns: Any) -> UUID:
    """The rows of a closure and of its rooms."""
    made = factories.insert(
        tx,
        "venue_closures",
        {
            "venue_id": venue,
            "starts_at": closure.starts_at,
            "ends_at": closure.ends_at,
            "reason": "holiday",
            "is_yearly": closure.is_yearly,
        }
        | columns,
    )
    for room in closure.room_ids:
        tx.execute(
            "INSERT INTO venue_closure_rooms (closure_id, room_id, venue_id) VALUES (%s, %s, %s)",
            [made, room, venue],
        )
    return made


def database_meetings(tx: Connection, series: UUID, first: date | None, last: date) -> tuple[Meeting, ...]:
    """What `schedules.meetings` says, in the order of the pattern's dates."""
    found = tx.execute(
        """SELECT occurs_on, starts_at, ends_at, room_id, instructor, capacity, platform_places, is_changed, is_closed
           FROM schedules.meetings(ARRAY[%s::uuid], %s, %s) ORDER BY occurs_on""",
        [series, first, last],
    ).fetchall()
    return tuple(Meeting(row[0], row[1].astimezone(UTC), row[2].astimezone(UTC), *row[3:]) for row in found)


def sessions_of(tx: Connection, series: UUID) -> tuple[Meeting, ...]:
    """The sessions that a series has; none of them is closed."""
    found = tx.execute(
        """SELECT occurs_on, starts_at, ends_at, room_id, instructor_name, total_capacity, platform_allocated_spots,
               changed_by_hand, false FROM activity_sessions WHERE recurring_schedule_id = %s ORDER BY occurs_on""",
        [series],
    ).fetchall()
    return tuple(Meeting(row[0], row[1].astimezone(UTC), row[2].astimezone(UTC), *row[3:]) for row in found)


def generate(tx: Connection, series: UUID, until: date, first: date | None = EVER) -> int:
    """Make the sessions of one series; from its first day on unless told otherwise."""
    made = factories.one(tx, "SELECT schedules.generate(ARRAY[%s::uuid], %s, %s)", series, until, first)
    assert isinstance(made, int)
    return made
