"""Rows of the long lists, and what a list of bookings can be filtered by.

Finance never sees a child's name, and nobody sees one outside the roster's window, so a booking here is a time, a
session, a code and an amount, and a first name only where the database gives one. See docs/design.md, "Screens".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One booking of a venue. Credits are whole; `refunded` is what went back of `charged`.

    `first_name` is None where it may not be read: outside the roster's window, without that right, or without consent.
    """

    id: UUID
    booked_at: datetime
    starts_at: datetime
    activity_name: str
    first_name: str | None
    code: str
    status: str
    attendance: str
    charged: int
    refunded: int
    source: str


@dataclass(frozen=True, slots=True)
class ActivityChoice:
    """An activity that a list can be narrowed to."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class VenueRow:
    """One venue as headquarters reads it. `missing` names the facts without which it cannot be opened."""

    id: UUID
    name: str
    city: str
    status: str
    timezone: str
    fee_percent: str
    missing: tuple[str, ...]


def days_of(when: str, today: date) -> tuple[date | None, date | None]:
    """The first and last local day that `when` means, both included; None is open.

    `when` is "", "today", "week" (Monday to Sunday), "month" (of the calendar), or "2026-03-01..2026-03-31" with
    either side left out. What reads as none of these is open on both sides; days in the wrong order are exchanged.
    """
    if when == "today":
        return today, today
    if when == "week":
        monday = today - timedelta(days=today.weekday())
        return monday, monday + timedelta(days=6)
    if when == "month":
        first = today.replace(day=1)
        return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    if ".." not in when:
        return None, None
    start, end = (read_day(part) for part in when.split("..", 1))
    return (end, start) if start and end and end < start else (start, end)


def read_day(text: str) -> date | None:
    """A day written 2026-03-12, or None."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
