"""What the palette finds at a venue: just enough of each record to tell it from the others and to open it.

A child is a first name, an activity and a time here, never more: the card with what the desk must know is opened, not
searched. See docs/design.md, "Screens" (palette).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session of the next two weeks, with the numbers of its roster."""

    session_id: UUID
    day: date
    starts_at: datetime
    activity_name: str
    room_name: str | None
    in_count: int
    booked: int
    capacity: int
    is_cancelled: bool = False
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class FoundToday:
    """A child with a place in one of today's sessions."""

    booking_id: UUID
    session_id: UUID
    day: date
    starts_at: datetime
    activity_name: str
    first_name: str


@dataclass(frozen=True, slots=True)
class FoundBooking:
    """A booking by its code. `first_name` is None outside the days whose rosters may be opened."""

    booking_id: UUID
    session_id: UUID
    day: date
    starts_at: datetime
    activity_name: str
    code: str
    first_name: str | None = None


@dataclass(frozen=True, slots=True)
class FoundRecords:
    """Everything found for one question, each kind in its own order and at most twenty of it."""

    sessions: tuple[FoundSession, ...] = ()
    children: tuple[FoundToday, ...] = ()
    bookings: tuple[FoundBooking, ...] = ()
