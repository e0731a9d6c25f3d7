"""Rows of the long lists that every role can open: bookings without names, and venues with what they lack.

See docs/design.md, "Screens"; finance never sees a child's name, so a booking here is a time, a session and an amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class BookingRow:
    """One booking as finance reads it. Credits are whole; `refunded` is what went back of `charged`."""

    id: UUID
    booked_at: datetime
    starts_at: datetime
    activity_name: str
    status: str
    attendance: str
    charged: int
    refunded: int


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
