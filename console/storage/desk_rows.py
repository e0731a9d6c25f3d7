"""From the rows of the desk's functions to the values of console.domain: the only place that knows their columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from console.domain.attendance import (
    AnswerDetail,
    AttendanceState,
    EventAnswer,
    EventKind,
    OtherSession,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import (
    BookingStatus,
    FoundChild,
    HealthKind,
    HealthNote,
    HistoryEntry,
    PickupPerson,
    RosterEntry,
    SessionSummary,
    Sibling,
    Undo,
)

Facts = Mapping[str, Any]


def session_summary(row: Facts) -> SessionSummary:
    """A row of the day's list."""
    return SessionSummary(**row)


def roster_entry(row: Facts) -> RosterEntry:
    """A row of desk.roster."""
    return RosterEntry(
        **{
            **row,
            "booking_status": BookingStatus(row["booking_status"]),
            "state": AttendanceState(row["state"]),
            "health": tuple(health_note(note) for note in row["health"]),
            "pickup": tuple(pickup_person(person) for person in row["pickup"]),
            "siblings": tuple(_sibling(child) for child in row["siblings"]),
            "undo": _undo(row["undo"]),
        }
    )


def history_entry(row: Facts) -> HistoryEntry:
    """A row of desk.child_history."""
    detail = row["detail"]
    return HistoryEntry(
        at=row["at"],
        kind=EventKind(row["kind"]),
        desk=row["desk"],
        person=row["person"],
        activity_name=detail.get("activity_name"),
        session_id=UUID(detail["session_id"]),
        collected_by=detail.get("collected_by"),
        undone=detail.get("undone", False),
        queued=detail.get("queued", False),
    )


def found_child(row: Facts) -> FoundChild:
    """A row of desk.search_today."""
    return FoundChild(**{**row, "state": AttendanceState(row["state"])})


def event_answer(row: Facts) -> EventAnswer:
    """A row of attendance.record."""
    return EventAnswer(
        event_id=row["event_id"],
        outcome=OutcomeKind(row["outcome"]),
        reason=RefusalReason(row["reason"]) if row["reason"] else None,
        detail=_detail(row["detail"]),
        booking_id=row["booking_id"],
        state=AttendanceState(row["state"]) if row["state"] else None,
        state_at=row["state_at"],
    )


def _detail(facts: Facts) -> AnswerDetail:
    other = facts.get("other")
    return AnswerDetail(
        at=_instant(facts.get("at")),
        desk=facts.get("desk"),
        person=facts.get("person"),
        just_scanned=facts.get("just_scanned", False),
        other=None
        if other is None
        else OtherSession(
            booking_id=UUID(other["booking_id"]),
            session_id=UUID(other["session_id"]),
            name=other["name"],
            starts_at=datetime.fromisoformat(other["starts_at"]),
        ),
        pickup_name=facts.get("pickup_name"),
        opens_at=_instant(facts.get("opens_at")),
        closed_at=_instant(facts.get("closed_at")),
        venue_name=facts.get("venue_name"),
        first_name=facts.get("first_name"),
    )


def health_note(facts: Facts) -> HealthNote:
    """One health note of a child, as the desk's functions show it."""
    """One health note as the desk's functions tell it."""
    return HealthNote(
        kind=HealthKind(facts["kind"]),
        severity=facts["severity"],
        label=facts["label"],
        title=facts["title"],
        instructions=facts.get("instructions"),
        confirmed_by=facts.get("confirmed_by"),
        confirmed_on=_day(facts.get("confirmed_on")),
    )


def pickup_person(facts: Facts) -> PickupPerson:
    """Somebody of a child's pickup list, as the desk's functions show it."""
    """One pickup person as the desk's functions tell it."""
    return PickupPerson(
        id=UUID(facts["id"]),
        name=facts["name"],
        relationship=facts["relationship"],
        phone=facts["phone"],
        may_collect=facts["may_collect"],
        note=facts["note"],
        valid_from=_day(facts["valid_from"]),
        valid_until=_day(facts["valid_until"]),
    )


def _sibling(facts: Facts) -> Sibling:
    return Sibling(
        booking_id=UUID(facts["booking_id"]),
        session_id=UUID(facts["session_id"]),
        first_name=facts["first_name"],
        age_months=facts["age_months"],
        activity_name=facts["activity_name"],
        starts_at=datetime.fromisoformat(facts["starts_at"]),
        state=AttendanceState(facts["state"]),
        same_group=facts["same_group"],
    )


def _undo(facts: Facts | None) -> Undo | None:
    if facts is None:
        return None
    return Undo(UUID(facts["event_id"]), datetime.fromisoformat(facts["until"]), facts["mine"])


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    # "infinity" is PostgreSQL's word for no end.
    return None if text is None or "infinity" in text else date.fromisoformat(text)
