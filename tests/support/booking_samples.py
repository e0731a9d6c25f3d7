"""One booking, and a gateway that answers with it: for tests of the bookings area."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from console.domain.attendance import AttendanceState
from console.domain.booking_page import (
    BookingChange,
    BookingEvent,
    BookingPage,
    CreditEntry,
    FieldChange,
    Names,
)
from console.domain.credits import BookingCancelled, CancellationReason
from console.domain.desk import BookingStatus
from console.errors import ConsoleError
from tests.support.qt import NOW

BOOKING = BookingPage(
    id=UUID(int=31), session_id=UUID(int=2), activity_name="Junior Judo", room_name="Main Hall", starts_at=NOW,
    ends_at=NOW + timedelta(hours=1), session_date=NOW.date(), session_cancelled=False, session_closed=False,
    names=Names.SHOWN, child="Nia", parent="Ana", code="K7Q4-2MXR-6", status=BookingStatus.CONFIRMED,
    attendance=AttendanceState.EXPECTED, source="desk", booked_at=NOW - timedelta(days=9), cancelled_at=None,
    cancellation_reason=None, charged=14, refunded=0, owed=3, notes=2, gives_back=14, in_time=False, version=1,
    events=(
        BookingEvent(NOW, NOW, "check_out", "applied", None, "Desk 2", "Maya", collected_by="Omar, Uncle"),
        BookingEvent(NOW, NOW, "check_in", "rejected", "too_early", "Desk 1", "Jonas"),
        BookingEvent(NOW, NOW, "check_in", "applied", None, "Desk 1", "Jonas", queued=True, undone=True),
    ),
    credits=(CreditEntry(NOW, "forfeit", 0, 14), CreditEntry(NOW, "booking_debit", -14)),
    changes=(
        BookingChange(NOW, "update", "Maya", "Desk 2", (
            FieldChange("parent_notes", None, "[hidden]"), FieldChange("status", "confirmed", "completed"))),
        BookingChange(NOW, "insert", None, None, ()),
    ),
)  # fmt: skip


class Gateway:
    """One booking, as often as it is asked for."""

    def __init__(self, page: BookingPage = BOOKING) -> None:
        self.booking = page
        self.asked: list[UUID] = []
        self.cancelled: list[tuple[bool, CancellationReason]] = []
        self.errors: list[ConsoleError] = []

    async def page(self, booking_id: UUID) -> BookingPage:
        self.asked.append(booking_id)
        if self.errors:
            raise self.errors.pop()
        return self.booking

    async def cancel(
        self, booking_id: UUID, *, by_venue: bool, reason: CancellationReason
    ) -> BookingCancelled:
        if self.errors:
            raise self.errors.pop()
        self.cancelled.append((by_venue, reason))
        self.booking = replace(self.booking, status=BookingStatus.CANCELLED_VENUE, cancelled_at=NOW)
        return BookingCancelled(booking_id, BookingStatus.CANCELLED_VENUE, 14, 0, 20)

    async def settle_owed(self, booking_id: UUID) -> int:
        if self.errors:
            raise self.errors.pop()
        taken, self.booking = self.booking.owed, replace(self.booking, owed=0)
        return taken
