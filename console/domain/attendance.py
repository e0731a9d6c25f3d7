"""Attendance as events and answers: the vocabulary that desk, server and tests share.

A desk reports what happened as an AttendanceEvent; the server judges it once, on arrival, and answers with an
EventAnswer that is never rewritten. The words here are the values of the SQL enums of the same names.
See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

UNDO_WINDOW = timedelta(minutes=15)
"""How long the same person at the same desk may undo; later it takes a manager."""

JUST_SCANNED = timedelta(seconds=10)
"""A repeat at the same desk within this is an echo of the scanner, no alarm."""

MAX_BATCH = 500
"""How many events one call of `attendance.record` takes."""


class AttendanceState(StrEnum):
    """Where a booked child is, as far as anybody reported."""

    EXPECTED = "expected"
    IN = "in"
    OUT = "out"
    ABSENT = "absent"
    UNMARKED = "unmarked"


class EventKind(StrEnum):
    """What an event reports; `annul` takes an earlier event back."""

    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    ABSENT = "absent"
    ANNUL = "annul"


class Origin(StrEnum):
    """Whether the desk was online when it happened: its own claim."""

    LIVE = "live"
    QUEUED = "queued"


class OutcomeKind(StrEnum):
    """How the server judged an event."""

    APPLIED = "applied"
    APPLIED_WITH_REVIEW = "applied_with_review"
    ALREADY = "already"
    REJECTED = "rejected"


class RefusalReason(StrEnum):
    """Why an event was refused, or would have been had it not already happened: a fixed vocabulary."""

    UNKNOWN_CODE = "unknown_code"
    WRONG_VENUE = "wrong_venue"
    WRONG_SESSION = "wrong_session"
    ALREADY_IN = "already_in"
    ALREADY_OUT = "already_out"
    CANCELLED = "cancelled"
    NOT_CONFIRMED = "not_confirmed"
    SESSION_CANCELLED = "session_cancelled"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    NOT_IN = "not_in"
    PICKUP_NOT_AUTHORISED = "pickup_not_authorised"
    DEVICE_REVOKED = "device_revoked"
    NOT_PERMITTED = "not_permitted"


class WayOut(StrEnum):
    """The one thing to do about a refusal, offered as a button."""

    OPEN_OTHER_SESSION = "open_other_session"
    CHECK_IN_AGAIN = "check_in_again"
    CHOOSE_SOMEONE_ELSE = "choose_someone_else"


@dataclass(frozen=True, slots=True)
class OtherSession:
    """The session a scanned booking belongs to, when it is not the one on screen."""

    booking_id: UUID
    session_id: UUID
    name: str
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class AnswerDetail:
    """What the answer says beside its outcome. Every field may be absent.

    `at`, `desk` and `person` name the earlier event of an `already` (by whom, first name). `just_scanned` is a repeat
    at this desk within ten seconds. `other` is the booking's own session (wrong_session). `pickup_name` is the person
    who may not collect. `opens_at` and `closed_at` bound what is possible (too_early, too_late). `venue_name` is
    set only for a venue this person works at (wrong_venue). `first_name` is the child's name.
    """

    at: datetime | None = None
    desk: str | None = None
    person: str | None = None
    just_scanned: bool = False
    other: OtherSession | None = None
    pickup_name: str | None = None
    opens_at: datetime | None = None
    closed_at: datetime | None = None
    venue_name: str | None = None
    first_name: str | None = None


@dataclass(frozen=True, slots=True)
class AttendanceEvent:
    """One report from a desk. `id` (UUIDv7) is the idempotency key; `seq` counts up per device.

    Either `booking_id` or `code` names the booking (an annul needs only `annuls`). `session_id` is the session open on
    the screen, if any. `occurred_at` is aware. `again` says that the child left and is back, on purpose. `person_id` is
    who was signed in when it happened, for queued events.
    """

    id: UUID
    seq: int
    kind: EventKind
    occurred_at: datetime
    origin: Origin = Origin.LIVE
    booking_id: UUID | None = None
    code: str | None = None
    session_id: UUID | None = None
    person_id: UUID | None = None
    pickup_person_id: UUID | None = None
    pickup_name: str | None = None
    annuls: UUID | None = None
    again: bool = False

    def to_json(self) -> dict[str, object]:
        """The event as `attendance.record` takes it; absent facts are left out."""
        facts: dict[str, object | None] = {
            "id": str(self.id),
            "seq": self.seq,
            "kind": self.kind.value,
            "occurred_at": self.occurred_at.isoformat(),
            "origin": self.origin.value,
            "booking_id": _text(self.booking_id),
            "code": self.code,
            "session_id": _text(self.session_id),
            "person_id": _text(self.person_id),
            "pickup_person_id": _text(self.pickup_person_id),
            "pickup_name": self.pickup_name,
            "annuls": _text(self.annuls),
            "again": True if self.again else None,
        }
        return {name: value for name, value in facts.items() if value is not None}


@dataclass(frozen=True, slots=True)
class EventAnswer:
    """What the server made of one event, as it was stored.

    `state` and `state_at` are the booking's after the event (None when the booking is unknown here). For
    `applied_with_review`, `reason` says why it would have been refused had it been asked for live. `kept` is an answer
    of the desk itself: the event is in its outbox and the server has not judged it.
    """

    event_id: UUID
    outcome: OutcomeKind
    reason: RefusalReason | None
    detail: AnswerDetail = field(default_factory=AnswerDetail)
    booking_id: UUID | None = None
    state: AttendanceState | None = None
    state_at: datetime | None = None
    kept: bool = False

    @property
    def is_recorded(self) -> bool:
        """Whether the event now counts towards the child's state."""
        return self.outcome in (OutcomeKind.APPLIED, OutcomeKind.APPLIED_WITH_REVIEW)

    @property
    def way_out(self) -> WayOut | None:
        """What to offer beside a refusal, where there is something."""
        if self.outcome is not OutcomeKind.REJECTED:
            return None
        if self.reason is RefusalReason.WRONG_SESSION and self.detail.other is not None:
            return WayOut.OPEN_OTHER_SESSION
        return _WAYS_OUT.get(self.reason) if self.reason else None


_WAYS_OUT = {
    RefusalReason.ALREADY_OUT: WayOut.CHECK_IN_AGAIN,
    RefusalReason.PICKUP_NOT_AUTHORISED: WayOut.CHOOSE_SOMEONE_ELSE,
}


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
