"""From what the database answers about a programme to the domain's frozen values.

Apart from the queries, because a plan has many parts and none of them is a table's row. See docs/design.md, "Rules of
the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from console.domain.changing import Applied, Conflict, Fate, Hit, Plan, PlannedItem
from console.domain.programme import (
    ActivityChoice,
    CalendarSession,
    Choices,
    ClosureKind,
    ClosureReason,
    ClosureSpan,
    Room,
    Series,
    SeriesFacts,
)

Found = Mapping[str, Any]


def session(row: Found) -> CalendarSession:
    """One block of the calendar."""
    return CalendarSession(**row)


def series(row: Found) -> Series:
    """One weekly pattern with what is still to come of it."""
    facts = SeriesFacts(
        activity_id=row["activity_id"],
        weekdays=tuple(sorted(int(day) for day in row["days_of_week"])),
        start=row["start_time"],
        minutes=row["duration_minutes"],
        capacity=row["capacity"],
        first=row["effective_from"],
        last=row["effective_until"],
        every_weeks=row["every_weeks"],
        room_id=row["room_id"],
        instructor=row["default_instructor_name"],
        platform_places=row["platform_allocated_spots"],
        name=row["schedule_name"],
    )
    kept = ("id", "version", "activity", "is_active", "split_from_id", "upcoming", "next_on")
    return Series(
        facts=facts,
        generated_until=row["sessions_generated_until"],
        changed_by_hand=row["by_hand"],
        booked=row["booked"],
        **{name: row[name] for name in kept},
    )


def closure(row: Found) -> ClosureSpan:
    """One span of a closure, from a row or from JSON."""
    return ClosureSpan(
        closure_id=_id(row["closure_id"]),
        version=row["version"],
        starts_at=_instant(row["starts_at"]),
        ends_at=_instant(row["ends_at"]),
        reason=row["reason"],
        kind=ClosureKind(row["kind"]),
        explanation=row["explanation"],
        room_ids=tuple(_id(one) for one in row["room_ids"]),
        is_yearly=row["is_yearly"],
    )


def room(row: Found) -> Room:
    """A room, from a row or from JSON."""
    return Room(_id(row["id"]), row["name"], row["capacity"], row["is_active"])


def reason(row: Found) -> ClosureReason:
    """A reason for closures, from a row or from JSON."""
    return ClosureReason(
        _id(row["id"]), row["name"], ClosureKind(row["kind"]), row["is_own"], row["is_active"]
    )


def choices(row: Found) -> Choices:
    """Everything the editors offer."""
    return Choices(
        activities=tuple(ActivityChoice(**{**one, "id": _id(one["id"])}) for one in row["activities"]),
        rooms=tuple(room(one) for one in row["rooms"]),
        instructors=tuple(row["instructors"]),
        reasons=tuple(reason(one) for one in row["reasons"]),
    )


def plan(found: Found) -> Plan:
    """What a change would do."""
    return Plan(
        fingerprint=found["fingerprint"],
        items=tuple(_item(one) for one in found["items"]),
        conflicts=tuple(_conflict(one) for one in found["conflicts"]),
        hits=tuple(_hit(one) for one in found["hits"]),
        waiting=found.get("waiting", 0),
        facts={**found.get("said", {}), **found.get("facts", {})},
    )


def applied(found: Found) -> Applied:
    """What a confirmed change did."""
    return Applied(
        created=found["created"],
        changed=found["changed"],
        cancelled=found["cancelled"],
        told=found["told"],
        **{name: _id_or_none(found.get(name)) for name in ("series_id", "session_id", "closure_id")},
    )


def _item(found: Found) -> PlannedItem:
    return PlannedItem(
        fate=Fate(found["fate"]),
        session_id=_id_or_none(found["session_id"]),
        occurs_on=_day_or_none(found["occurs_on"]),
        was_starts_at=_instant_or_none(found["was_starts_at"]),
        was_ends_at=_instant_or_none(found["was_ends_at"]),
        was_room=found["was_room"],
        starts_at=_instant_or_none(found["starts_at"]),
        ends_at=_instant_or_none(found["ends_at"]),
        room_id=_id_or_none(found["room_id"]),
        room=found["room"],
        changes=tuple(found["changes"]),
        bookings=found["bookings"],
        why=found["why"],
    )


def _conflict(found: Found) -> Conflict:
    return Conflict(
        kind=found["kind"],
        on=date.fromisoformat(found["on"]),
        session_id=_id_or_none(found["session_id"]),
        what=found["what"],
        other_id=_id_or_none(found["other_id"]),
        other=found["other"],
        other_starts_at=_instant(found["other_starts_at"]),
        other_ends_at=_instant(found["other_ends_at"]),
        free_rooms=tuple(_id(one) for one in found["free_rooms"]),
    )


def _hit(found: Found) -> Hit:
    return Hit(
        **{**found, "booking_id": UUID(found["booking_id"]), "session_id": UUID(found["session_id"])},
    )


def sent(value: object) -> object:
    """A change as JSON may carry it: PostgreSQL's text cannot hold the character of number zero."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, Mapping):
        return {key: sent(one) for key, one in value.items()}
    if isinstance(value, list):
        return [sent(one) for one in value]
    if isinstance(value, time):
        return value.isoformat()
    return value


def _id(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)


def _id_or_none(value: UUID | str | None) -> UUID | None:
    return None if value is None else _id(value)


def _instant(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _instant_or_none(value: datetime | str | None) -> datetime | None:
    return None if value is None else _instant(value)


def _day_or_none(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
