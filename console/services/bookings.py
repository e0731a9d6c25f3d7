"""Booking families and cancelling bookings, as managers and headquarters do it.

The booking's id is made here, before anything is sent, so that a lost answer can be asked for again without booking
twice. See docs/design.md, "Rules of the domain" (credits).
"""

from __future__ import annotations

import secrets
from typing import Protocol
from uuid import UUID

from console.clock import Clock
from console.domain.credits import BookingCancelled, BookingMade, CancellationReason
from console.domain.ids import RANDOM_BYTES, uuid7
from console.services.retry import until_answered


class Bookings(Protocol):
    """Where places are kept."""

    async def book(
        self, booking_id: UUID, session_id: UUID, child_id: UUID, group_id: UUID | None, notes: str | None
    ) -> BookingMade:
        """Take a place."""
        ...

    async def cancel(
        self, booking_id: UUID, *, by_venue: bool, reason: CancellationReason, notes: str | None
    ) -> BookingCancelled:
        """Give a place back."""
        ...


class BookingService:
    """Bookings for one signed-in person. Raises ConsoleErrors only."""

    def __init__(self, bookings: Bookings, clock: Clock) -> None:
        """Nothing is asked before the first call."""
        self._bookings = bookings
        self._clock = clock

    async def book(
        self, session_id: UUID, child_id: UUID, *, group_id: UUID | None = None, notes: str | None = None
    ) -> BookingMade:
        """Book a child on a session and debit the family. See BookingStore.book for the refusals."""
        booking_id = uuid7(self._clock.now(), secrets.token_bytes(RANDOM_BYTES))
        return await until_answered(
            lambda: self._bookings.book(booking_id, session_id, child_id, group_id, notes)
        )

    async def cancel(
        self, booking_id: UUID, *, by_venue: bool, reason: CancellationReason, notes: str | None = None
    ) -> BookingCancelled:
        """Cancel a booking; the answer says in numbers what became of its credits."""
        return await until_answered(
            lambda: self._bookings.cancel(booking_id, by_venue=by_venue, reason=reason, notes=notes)
        )
