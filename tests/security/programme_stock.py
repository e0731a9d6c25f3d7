"""A venue's programme for the security tests: a piece of every kind, and what its own manager could change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.security.attacks import rows, value
from tests.support import factories
from tests.support.databases import Connection

TUESDAY = "2026-03-03"
LATER = factories.NOON + timedelta(days=3)


@dataclass(frozen=True)
class Stock:
    """What there is to change at one venue, all of it to come."""

    venue: UUID
    activity: UUID
    room: UUID
    series: UUID
    session: UUID
    other: UUID
    booking: UUID
    entry: UUID
    closure: UUID
    reason: UUID


def stock(admin: Connection, venue: UUID, child: UUID) -> Stock:
    """Put it there; `child` is one that is known at the venue."""
    activity = factories.activity(admin, venue, name="Clay")
    room = factories.room(admin, venue, name=f"Room {uuid4().hex[:6]}")
    series = factories.schedule(admin, activity)
    session, other = (
        factories.session(admin, activity, starts_at=LATER + at, ends_at=LATER + at + timedelta(hours=1))
        for at in (timedelta(), timedelta(hours=3))
    )
    booking = factories.booking(admin, session, child)
    waiting = factories.child(admin, factories.parent(admin), first_name=f"Waiting{uuid4().hex[:6]}")
    entry = value(
        admin,
        """INSERT INTO waitlist (session_id, venue_id, child_id, user_id, position)
           SELECT %s, %s, id, parent_id, 1 FROM children WHERE id = %s RETURNING id""",
        [session, venue, waiting],
    )
    closure = value(
        admin,
        """INSERT INTO venue_closures (venue_id, starts_at, ends_at, reason)
           VALUES (%s, %s, %s, 'maintenance') RETURNING id""",
        [venue, factories.NOON + timedelta(days=40), factories.NOON + timedelta(days=41)],
    )
    reason = value(
        admin,
        "INSERT INTO closure_reasons (venue_id, name, kind) VALUES (%s, %s, 'other') RETURNING id",
        [venue, f"Own reason {uuid4().hex[:6]}"],
    )
    return Stock(venue, activity, room, series, session, other, booking, entry, closure, reason)


def series_facts(of: Stock, **changed: Any) -> dict[str, Any]:
    return {
        "activity_id": str(of.activity), "weekdays": [2], "start": "16:00", "minutes": 60, "capacity": 8,
        "first": TUESDAY, "last": TUESDAY, "room_id": str(of.room),
    } | changed  # fmt: skip


def session_facts(of: Stock, **changed: Any) -> dict[str, Any]:
    return {
        "day": "2026-03-09",
        "start": "10:00",
        "minutes": 60,
        "capacity": 8,
        "room_id": str(of.room),
    } | changed


def version(admin: Connection, table: str, row: UUID) -> int:
    return int(value(admin, f"SELECT version FROM {table} WHERE id = %s", [row]))


def asked(kind: str, of: Stock, admin: Connection) -> dict[str, Any]:
    """A change that the venue's own manager could make."""
    session = {"session_id": str(of.session), "version": version(admin, "activity_sessions", of.session)}
    series = {
        "series_id": str(of.series),
        "version": version(admin, "activity_recurring_schedules", of.series),
    }
    closure = {"closure_id": str(of.closure), "version": version(admin, "venue_closures", of.closure)}
    facts: dict[str, dict[str, Any]] = {
        "series_new": {"facts": series_facts(of)},
        "series_edit": series | {"scope": "all", "facts": series_facts(of)},
        "series_end": series | {"pivot": TUESDAY, "reason": "Over."},
        "session_new": {"activity_id": str(of.activity), "facts": session_facts(of)},
        "session_edit": session | {"facts": session_facts(of)},
        "session_cancel": session | {"reason": "Over."},
        "session_restore": session,
        "session_combine": {
            "from_id": str(of.session), "from_version": session["version"], "to_id": str(of.other),
            "to_version": version(admin, "activity_sessions", of.other),
        },
        "closure_new": {"starts": "2026-03-20", "ends": "2026-03-21", "reason_id": str(of.reason)},
        "closure_lift": closure,
    }  # fmt: skip
    return {"kind": kind} | facts.get(kind, {})


def kept(admin: Connection, venue: UUID) -> list[Any]:
    """Everything of a venue's programme, to be compared."""
    return [
        rows(admin, f"SELECT id, version FROM {table} WHERE venue_id = %s ORDER BY id", [venue])
        for table in (
            "activity_sessions",
            "activity_recurring_schedules",
            "venue_closures",
            "waitlist",
            "bookings",
        )
    ] + [rows(admin, "SELECT count(*) FROM notifications WHERE venue_id = %s", [venue])]
