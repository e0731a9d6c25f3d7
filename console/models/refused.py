"""What the desk says about an event that the server refused after it had happened.

The row has a few letters, the list and the card have a sentence; both are made here, so that they agree. See
docs/design.md, "The desk protocol" (needs attention).
"""

from __future__ import annotations

from datetime import tzinfo

from console.domain.attendance import AttendanceState, EventAnswer, EventKind, RefusalReason
from console.domain.refusals import clock_time, explain

_SHORT = {
    RefusalReason.UNKNOWN_CODE: "unknown code",
    RefusalReason.WRONG_VENUE: "another venue",
    RefusalReason.WRONG_SESSION: "another session",
    RefusalReason.ALREADY_IN: "already in",
    RefusalReason.ALREADY_OUT: "already left",
    RefusalReason.CANCELLED: "cancelled",
    RefusalReason.NOT_CONFIRMED: "not confirmed",
    RefusalReason.SESSION_CANCELLED: "session cancelled",
    RefusalReason.TOO_EARLY: "too early",
    RefusalReason.TOO_LATE: "too late",
    RefusalReason.NOT_IN: "not checked in",
    RefusalReason.PICKUP_NOT_AUTHORISED: "may not collect",
    RefusalReason.DEVICE_REVOKED: "desk revoked",
    RefusalReason.NOT_PERMITTED: "not allowed",
}

_CLAIMS = {
    EventKind.CHECK_IN: AttendanceState.IN,
    EventKind.CHECK_OUT: AttendanceState.OUT,
    EventKind.ABSENT: AttendanceState.ABSENT,
}

_HAPPENED = {
    EventKind.CHECK_IN: "{name} was checked in",
    EventKind.CHECK_OUT: "{name} was checked out",
    EventKind.ABSENT: "{name} was marked absent",
    EventKind.ANNUL: "An entry about {name} was undone",
}

_NOUNS = {
    EventKind.CHECK_IN: ("check-in", "check-ins"),
    EventKind.CHECK_OUT: ("check-out", "check-outs"),
    EventKind.ABSENT: ("absence", "absences"),
    EventKind.ANNUL: ("undo", "undos"),
}

NOBODY = "A child"
"""Who an event is about where no roster on this desk tells the name."""

UNEXPLAINED = "The server did not accept it."


def short_reason(answer: EventAnswer | None, zone: tzinfo) -> str:
    """Why, in the few letters of a row: "cancelled 15:20"."""
    if answer is None or answer.reason is None:
        return "not accepted"
    word = _SHORT[answer.reason]
    return f"{word} {clock_time(answer.detail.at, zone)}" if answer.detail.at is not None else word


def why(answer: EventAnswer | None, zone: tzinfo) -> str:
    """Why, in one sentence."""
    return (explain(answer, zone) if answer is not None else "") or UNEXPLAINED


def claimed(kind: EventKind) -> AttendanceState | None:
    """The state an event reported; None for one that takes another back."""
    return _CLAIMS.get(kind)


def happened(kind: EventKind, name: str) -> str:
    """What was done, as a title: "Theo was checked in"."""
    return _HAPPENED[kind].format(name=name or (NOBODY if kind is not EventKind.ANNUL else "a child"))


def noun(kind: EventKind) -> str:
    """The event as a thing: "check-in"."""
    return _NOUNS[kind][0]


def entries(count: int, kind: EventKind | None = None) -> str:
    """How many events: "1 check-in", "3 check-outs", or "3 entries" where they are of several kinds."""
    one, many = _NOUNS[kind] if kind is not None else ("entry", "entries")
    return f"1 {one}" if count == 1 else f"{count} {many}"
