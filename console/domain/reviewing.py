"""What a manager has to look at: items, their facts side by side, and what each decision would cost.

Desks report what happened; where that contradicts a booking or another desk a person decides, with the consequence in
numbers before them. Frozen values made by storage from the `attendance.review_*` functions; instants aware, amounts in
credits. See docs/design.md, "The desk protocol" and "Rules of the domain" (credits, payouts).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from console.domain.attendance import AttendanceState, EventKind, Origin, OutcomeKind, RefusalReason
from console.domain.desk import BookingStatus

NOTE_LENGTH = 300
"""The most characters a reason may have."""


class ReviewKind(StrEnum):
    """Why an item was opened, as `public.review_item_kind`."""

    REFUSED_BUT_CAME = "refused_but_came"
    PICKUP_ALERT = "pickup_alert"
    UNMARKED_AFTER_CLOSE = "unmarked_after_close"
    LATE_EVENT = "late_event"
    CLOCK_SUSPECT = "clock_suspect"
    OVER_CAPACITY = "over_capacity"
    OTHER = "other"


class Topic(StrEnum):
    """What exactly, for items whose kind does not say it."""

    TWO_SESSIONS = "two_sessions"
    TWO_COLLECTORS = "two_collectors"
    COLLECTOR_MISSING = "collector_missing"
    ABSENT_BUT_CAME = "absent_but_came"


class Decision(StrEnum):
    """What can be decided.

    `charge` and `no_charge`: the child came although cancelled. `came`, `came_free` (with its credits back) and
    `no_show`: whether it came at all. `accept` and `wrong` (taken back): whether a report holds. `seen`: no more.
    """

    CHARGE = "charge"
    NO_CHARGE = "no_charge"
    CAME = "came"
    CAME_FREE = "came_free"
    NO_SHOW = "no_show"
    ACCEPT = "accept"
    WRONG = "wrong"
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A line of the list. `reason` is what a live desk would have been refused with; `first_name` may be hidden."""

    item_id: UUID
    kind: ReviewKind
    topic: Topic | None
    reason: RefusalReason | None
    event_kind: EventKind | None
    opened_at: datetime
    first_name: str | None
    activity_name: str | None
    starts_at: datetime | None
    summary: str
    decision: Decision | None = None
    resolution: str | None = None
    resolved_at: datetime | None = None
    resolved_by_name: str | None = None
    page_key: tuple[object, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it yet."""
        return self.resolved_at is None


@dataclass(frozen=True, slots=True)
class Step:
    """An event that goes with a decision: a mark of this kind, or taking back the event `annuls`."""

    kind: EventKind
    annuls: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReviewChoice:
    """A possible decision with its effect.

    `moved` is what the family's credits move by (negative is taken), `owed` what it will owe, `forfeited` what moves
    between used and forfeited, `earned_*` what the venue earns with the booking. `family_credits_after` is None for an
    item about no booking.
    """

    decision: Decision
    needs_note: bool
    steps: tuple[Step, ...] = ()
    status_after: BookingStatus | None = None
    moved: int = 0
    owed: int = 0
    forfeited: int = 0
    family_credits_after: int | None = None
    earned_before: int = 0
    earned_after: int = 0


@dataclass(frozen=True, slots=True)
class ReviewSession:
    """The session an item is about."""

    name: str
    room: str | None
    starts_at: datetime
    ends_at: datetime
    places: int
    booked: int
    inside: int
    closed_at: datetime | None
    cancelled: bool


@dataclass(frozen=True, slots=True)
class ReviewBooking:
    """What the booking says. `taken`, `given_back`, `forfeited` and `owed` are its credits so far."""

    code: str
    status: BookingStatus
    attendance: AttendanceState
    source: str
    booked_at: datetime
    cancelled_at: datetime | None
    cancellation_reason: str | None
    refund_eligible: bool | None
    credits_charged: int
    taken: int
    given_back: int
    forfeited: int
    owed: int
    family_credits: int
    paid_out: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a desk reported about the booking. `is_this` is the report that opened the item; `claimed_at` is what the
    desk's clock said where that could not be.
    """

    event_id: UUID
    kind: EventKind
    occurred_at: datetime
    recorded_at: datetime
    desk: str | None
    person: str | None
    origin: Origin
    outcome: OutcomeKind
    reason: RefusalReason | None
    is_this: bool
    taken_back: bool
    pickup_name: str | None = None
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OtherStay:
    """Where else the child was at the same time."""

    name: str
    starts_at: datetime
    ends_at: datetime
    checked_in_at: datetime
    checked_out_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """Everything to decide by. A decided item has no choices."""

    item_id: UUID
    kind: ReviewKind
    topic: Topic | None
    summary: str
    opened_at: datetime
    first_name: str | None
    booking_id: UUID | None
    session: ReviewSession | None
    booking: ReviewBooking | None
    reported: tuple[Report, ...] = ()
    elsewhere: tuple[OtherStay, ...] = ()
    choices: tuple[ReviewChoice, ...] = ()
    decision: Decision | None = None
    resolution: str | None = None
    note: str | None = None
    resolved_at: datetime | None = None
    resolved_by_name: str | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What a decision came to."""

    item_id: UUID
    decision: Decision
    resolution: str
    resolved_at: datetime
    moved: int
    family_credits: int | None
