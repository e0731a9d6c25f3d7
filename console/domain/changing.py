"""Changing a venue's programme: the changes there are, and the plan that says what each would do before it is done.

A change is made into JSON by `request`, the only place that knows the keys which `schedules.plan` and
`schedules.apply` read; a plan is read from JSON by storage. Nothing is written before a plan is confirmed, and a plan
that no longer holds is refused. See docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from console.domain.programme import SeriesFacts


class Scope(StrEnum):
    """How far a change of a series reaches."""

    ONLY = "only"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Settled:
    """What a person decided about one date: not at all, in another room, or in spite of the overlap."""

    skip: bool = False
    room_id: UUID | None = None
    allow: bool = False


@dataclass(frozen=True, slots=True)
class SeriesNew:
    """A new weekly pattern."""

    facts: SeriesFacts
    settled: Mapping[date, Settled] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeriesEdit:
    """A weekly pattern from now on (`ALL`), or from the date `pivot` on, where the series splits (`FOLLOWING`)."""

    series_id: UUID
    version: int
    scope: Scope
    facts: SeriesFacts
    pivot: date | None = None
    settled: Mapping[date, Settled] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeriesEnd:
    """A weekly pattern that ends before the date `pivot`; what is booked from then on is cancelled."""

    series_id: UUID
    version: int
    pivot: date
    reason: str


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What one dated session says; `start` and `day` by the venue's clock."""

    day: date
    start: time
    minutes: int
    capacity: int
    room_id: UUID | None = None
    instructor: str | None = None
    platform_places: int = 0
    session_notes: str | None = None
    instructor_notes: str | None = None


@dataclass(frozen=True, slots=True)
class SessionNew:
    """One session outside every series."""

    activity_id: UUID
    facts: SessionFacts
    allow: bool = False


@dataclass(frozen=True, slots=True)
class SessionEdit:
    """Only this session; one of a series is from then on marked as changed by hand and keeps its change."""

    session_id: UUID
    version: int
    facts: SessionFacts
    allow: bool = False


@dataclass(frozen=True, slots=True)
class SessionCancel:
    """Cancel one session: everybody refunded and told, the waitlist closed."""

    session_id: UUID
    version: int
    reason: str
    is_weather: bool = False


@dataclass(frozen=True, slots=True)
class SessionRestore:
    """Take a cancelled session back into the programme; its bookings stay cancelled, their parents are told."""

    session_id: UUID
    version: int
    allow: bool = False


@dataclass(frozen=True, slots=True)
class SessionCombine:
    """Move bookings of one session to another (all, or those named) and, where nobody stays, cancel the first.

    `consented` are the bookings whose parent has agreed; the others are told and may cancel for free.
    """

    from_id: UUID
    from_version: int
    to_id: UUID
    to_version: int
    booking_ids: tuple[UUID, ...] | None = None
    consented: tuple[UUID, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClosureNew:
    """The venue, or some rooms, shut from one local time to another; every year where `is_yearly`."""

    starts: datetime
    """Naive: the venue's clock."""
    ends: datetime
    reason_id: UUID
    room_ids: tuple[UUID, ...] = ()
    is_yearly: bool = False
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class ClosureLift:
    """A closure taken back; `restore` are the sessions it cancelled that shall take place after all."""

    closure_id: UUID
    version: int
    restore: tuple[UUID, ...] = ()


Change = (
    SeriesNew
    | SeriesEdit
    | SeriesEnd
    | SessionNew
    | SessionEdit
    | SessionCancel
    | SessionRestore
    | SessionCombine
    | ClosureNew
    | ClosureLift
)

_KINDS: dict[type, str] = {
    SeriesNew: "series_new",
    SeriesEdit: "series_edit",
    SeriesEnd: "series_end",
    SessionNew: "session_new",
    SessionEdit: "session_edit",
    SessionCancel: "session_cancel",
    SessionRestore: "session_restore",
    SessionCombine: "session_combine",
    ClosureNew: "closure_new",
    ClosureLift: "closure_lift",
}


def kind_of(change: Change) -> str:
    """The word that SQL knows the change by."""
    return _KINDS[type(change)]


def request(change: Change) -> dict[str, Any]:
    """The JSON object that `schedules.plan` reads: the fields by their names, nested facts as objects, and the kind."""
    return {"kind": kind_of(change)} | {
        name: _plain(getattr(change, name)) for name in type(change).__dataclass_fields__
    }


def _plain(value: object) -> object:
    if isinstance(value, SeriesFacts | SessionFacts | Settled):
        return {name: _plain(getattr(value, name)) for name in type(value).__dataclass_fields__}
    if isinstance(value, Mapping):
        return {_plain(key): _plain(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, UUID | StrEnum):
        return str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return value


class Fate(StrEnum):
    """What becomes of one session or date."""

    CREATED = "created"
    CHANGED = "changed"
    MOVED = "moved"
    """To another day."""
    CANCELLED = "cancelled"
    REMOVED = "removed"
    """Nobody was ever booked on it: it just goes."""
    KEPT = "kept"
    """Left alone although the pattern changes: changed by hand, under way or over."""
    SKIPPED = "skipped"
    """A date of the pattern that does not take place: a closure, or the person's wish."""
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One session or date of a plan. What it was is None for a new one, what it becomes None for one that goes."""

    fate: Fate
    session_id: UUID | None
    occurs_on: date | None
    was_starts_at: datetime | None
    was_ends_at: datetime | None
    was_room: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    room_id: UUID | None
    room: str | None
    changes: tuple[str, ...]
    """Of "time", "day", "room", "instructor", "capacity", "length", "places", "notes"."""
    bookings: int
    why: str | None
    """For what is kept, skipped or cancelled: the reason in words."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sessions in one room, or with one instructor, at the same time. `on` is the date of the plan it is about."""

    kind: str
    """"room" or "instructor"."""
    on: date
    session_id: UUID | None
    what: str
    """The room's or the instructor's name."""
    other_id: UUID | None
    """None where the other is of the same plan."""
    other: str
    other_starts_at: datetime
    other_ends_at: datetime
    free_rooms: tuple[UUID, ...] = ()
    """Rooms that would be free at that time."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A booking that a plan touches, and what its parent will read. Names are None for who may not see them."""

    booking_id: UUID
    session_id: UUID
    fate: str
    """"cancelled", "changed", "moved" or "restored"."""
    child: str | None
    parent: str | None
    refund: int
    """Credits that come back."""
    message: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change would do. `fingerprint` is sent back with the confirmation."""

    fingerprint: str
    items: tuple[PlannedItem, ...]
    conflicts: tuple[Conflict, ...]
    hits: tuple[Hit, ...]
    waiting: int = 0
    """Children on a waitlist that closes."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What else the kind has to say, such as the number of instances that were too many."""

    def count(self, *fates: Fate) -> int:
        """How many sessions or dates meet one of these fates."""
        return sum(1 for item in self.items if item.fate in fates)

    @property
    def refunds(self) -> int:
        """Credits that come back to families in all."""
        return sum(hit.refund for hit in self.hits)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a confirmed change did."""

    created: int
    changed: int
    cancelled: int
    told: int
    """Families that were written to."""
    series_id: UUID | None = None
    session_id: UUID | None = None
    closure_id: UUID | None = None
