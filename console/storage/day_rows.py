"""From the rows of the day's functions to the values of console.domain.day: the only place that knows their columns."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from console.domain.attendance import AttendanceState
from console.domain.day import (
    Building,
    ClosedSession,
    DaySummary,
    DeskNote,
    LabelFacts,
    Presence,
    RoomLoad,
    SessionResult,
    TaggedChild,
    UnmarkedChild,
)
from console.storage.desk_rows import Facts, health_note, pickup_person


def closed_session(row: Facts) -> ClosedSession:
    """The row of attendance.close_session."""
    return ClosedSession(**row)


def unmarked_child(row: Facts) -> UnmarkedChild:
    """A row of desk.unmarked."""
    return UnmarkedChild(**row)


def building(row: Facts) -> Building:
    """The one row of desk.building."""
    return Building(
        at=row["at"],
        present=tuple(_presence(child) for child in row["present"]),
        rooms=tuple(RoomLoad(room["room_name"], room["inside"], room["places"]) for room in row["rooms"]),
    )


def day_summary(day: date, rows: list[Facts]) -> DaySummary:
    """All rows of desk.day_summary."""
    return DaySummary(day, tuple(SessionResult(**row) for row in rows))


def desk_note(row: Facts) -> DeskNote:
    """A row of desk.notes_of."""
    return DeskNote(**row)


def added_note(row: Facts) -> DeskNote:
    """The row of desk.add_note, whose columns could not carry the names of its arguments."""
    renamed = {"is_incident": "incident", "action": "action_taken", "told": "parent_told"}
    return DeskNote(**{renamed.get(name, name): value for name, value in row.items()})


def label_facts(row: Facts) -> LabelFacts:
    """A row of desk.labels."""
    return LabelFacts(**{**row, "health": tuple(health_note(note) for note in row["health"])})


def tagged_child(row: Facts) -> TaggedChild:
    """A row of desk.find_tag."""
    return TaggedChild(**{**row, "state": AttendanceState(row["state"])})


def _presence(facts: Facts) -> Presence:
    return Presence(
        booking_id=UUID(facts["booking_id"]),
        session_id=UUID(facts["session_id"]),
        first_name=facts["first_name"],
        age_months=facts["age_months"],
        activity_name=facts["activity_name"],
        room_name=facts["room_name"],
        starts_at=datetime.fromisoformat(facts["starts_at"]),
        ends_at=datetime.fromisoformat(facts["ends_at"]),
        in_since=datetime.fromisoformat(facts["in_since"]),
        parent_first_name=facts["parent_first_name"],
        parent_phone=facts["parent_phone"],
        health=tuple(health_note(note) for note in facts["health"]),
        pickup=tuple(pickup_person(person) for person in facts["pickup"]),
        tag=facts["tag"],
    )
