"""Everything about one booking: what was booked, who came and went, what it cost, and who changed what.

Frozen values made by storage from `desk.booking_page`. First names only, and only where `names` says that they may be
shown. See docs/design.md, "Screens".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from console.domain.attendance import AttendanceState
from console.domain.desk import BookingStatus


class Names(StrEnum):
    """Whether a booking's names are shown, and why not."""

    SHOWN = "shown"
    OUTSIDE_WINDOW = "outside_window"
    NOT_ALLOWED = "not_allowed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class BookingEvent:
    """Something a desk reported. `queued` arrived after the fact, at `recorded_at`; `undone` was taken back later.

    `kind`, `outcome` and `reason` are the words of the desk protocol.
    """

    at: datetime
    recorded_at: datetime
    kind: str
    outcome: str
    reason: str | None = None
    desk: str | None = None
    person: str | None = None
    queued: bool = False
    undone: bool = False
    collected_by: str | None = None


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """One movement of credits: `amount` is signed as the family sees it; `forfeited` will not come back."""

    at: datetime
    kind: str
    amount: int
    forfeited: int = 0


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a change; None is nothing."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class BookingChange:
    """Who changed the booking, when and where. `action` is insert or update; nobody is the system itself."""

    at: datetime
    action: str
    person: str | None
    desk: str | None
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class BookingPage:
    """One booking. Credits are whole: `charged` of the family or owed by it (`owed`), `refunded` of that.

    `gives_back` is what cancelling it now would give back: in the venue's name always, in the parent's only `in_time`.
    """

    id: UUID
    session_id: UUID
    activity_name: str
    room_name: str | None
    starts_at: datetime
    ends_at: datetime
    session_date: date
    session_cancelled: bool
    session_closed: bool
    names: Names
    child: str | None
    parent: str | None
    code: str
    status: BookingStatus
    attendance: AttendanceState
    source: str
    booked_at: datetime
    cancelled_at: datetime | None
    cancellation_reason: str | None
    charged: int
    refunded: int
    owed: int
    notes: int
    gives_back: int
    in_time: bool
    version: int
    events: tuple[BookingEvent, ...] = ()
    credits: tuple[CreditEntry, ...] = ()
    changes: tuple[BookingChange, ...] = ()

    @property
    def can_be_cancelled(self) -> bool:
        """Whether it still stands and the child has not come."""
        return self.status in (BookingStatus.PENDING, BookingStatus.CONFIRMED) and self.attendance not in (
            AttendanceState.IN,
            AttendanceState.OUT,
        )
