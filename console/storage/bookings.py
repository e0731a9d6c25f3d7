"""Taking and giving back places, through the functions that also move the credits.

See docs/design.md, "Rules of the domain" (credits).
"""

from __future__ import annotations

from uuid import UUID

from console.domain.credits import BookingCancelled, BookingMade, BookingWarning, CancellationReason
from console.domain.desk import BookingStatus
from console.storage.database import Database

_BOOK = "SELECT * FROM bookings.book(:booking_id, :session_id, :child_id, :group_id, :notes)"
_CANCEL = """SELECT * FROM bookings.cancel(
    :booking_id, :by_venue, CAST(:reason AS cancellation_reason_type), :notes)"""


class BookingStore:
    """The server's booking functions over one database."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def book(
        self, booking_id: UUID, session_id: UUID, child_id: UUID, group_id: UUID | None, notes: str | None
    ) -> BookingMade:
        """Book a child under an id of the caller's; the same id again is answered with the same booking.

        Raises Conflict (full, already booked, not enough credits, over, no price), NotFound or Denied.
        """
        (row,) = await self._database.fetch(
            _BOOK,
            {
                "booking_id": booking_id,
                "session_id": session_id,
                "child_id": child_id,
                "group_id": group_id,
                "notes": notes,
            },
        )
        return BookingMade(
            booking_id=row.booking_id,
            confirmation_code=row.confirmation_code,
            credits_charged=row.credits_charged,
            credits_left=row.credits_left,
            warnings=tuple(BookingWarning(word) for word in row.warnings),
        )

    async def cancel(
        self, booking_id: UUID, *, by_venue: bool, reason: CancellationReason, notes: str | None
    ) -> BookingCancelled:
        """Cancel a booking; a second time it is answered alike. Raises Conflict (came, over), NotFound or Denied."""
        (row,) = await self._database.fetch(
            _CANCEL, {"booking_id": booking_id, "by_venue": by_venue, "reason": reason.value, "notes": notes}
        )
        return BookingCancelled(
            booking_id=row.booking_id,
            status=BookingStatus(row.status),
            credits_refunded=row.credits_refunded,
            credits_forfeited=row.credits_forfeited,
            credits_left=row.credits_left,
        )
