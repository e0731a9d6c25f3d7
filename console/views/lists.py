"""The lists that finance and headquarters open first: bookings without names, venues with what they lack."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo

from console.domain.listing import BookingRow, VenueRow
from console.domain.paging import Page, PageRequest
from console.models.table import Column, KeysetTableModel
from console.views.list_page import ListPage
from console.views.theme import ThemeHub
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook

_BOOKING_WORDS = {
    "pending": "Pending",
    "confirmed": "Confirmed",
    "completed": "Completed",
    "cancelled_parent": "Cancelled by the family",
    "cancelled_venue": "Cancelled by the venue",
    "no_show": "No-show",
}
_ATTENDANCE_WORDS = {
    "expected": "Expected",
    "in": "In",
    "out": "Out",
    "absent": "Absent",
    "unmarked": "Unmarked",
}
_VENUE_CHIPS = {
    "active": ChipSpec("Open", "green", "ph.check-bold"),
    "pending_approval": ChipSpec("Waiting", "neutral", "ph.hourglass"),
    "suspended": ChipSpec("Suspended", "amber", "ph.pause-circle"),
    "rejected": ChipSpec("Rejected", "red", "ph.warning-bold"),
}


def bookings_page(
    hub: ThemeHub, zone: tzinfo, venue: str, fetch: Callable[[PageRequest], Awaitable[Page[BookingRow]]]
) -> ListPage:
    """Every booking of one venue, newest first; times are the venue's."""

    def at(moment: datetime) -> str:
        return f"{moment.astimezone(zone):%d %b %Y  %H:%M}"

    columns: list[Column[BookingRow]] = [
        Column("booked", "Booked", lambda row: at(row.booked_at), width=160),
        Column("starts", "Session starts", lambda row: at(row.starts_at), sortable=False, width=160),
        Column("session", "Session", lambda row: row.activity_name, sortable=False, stretch=True, width=180),
        Column("status", "Booking", lambda row: _BOOKING_WORDS[row.status], sortable=False, width=190),
        Column(
            "came", "Attendance", lambda row: _ATTENDANCE_WORDS[row.attendance], sortable=False, width=110
        ),
        Column("charged", "Credits", lambda row: str(row.charged), sortable=False, numeric=True, width=90),
        Column(
            "refunded", "Given back", lambda row: str(row.refunded), sortable=False, numeric=True, width=110
        ),
    ]
    model = KeysetTableModel(columns, fetch, lambda row: row.id, sort="booked", descending=True)
    return ListPage(
        hub,
        "Bookings",
        model,
        rows="bookings",
        caption=venue,
        filter_hint="Filter by session",
        empty=("No bookings yet", "They appear here as soon as families book."),
    )


def venues_page(hub: ThemeHub, fetch: Callable[[PageRequest], Awaitable[Page[VenueRow]]]) -> ListPage:
    """Every venue of the platform, with what keeps it from opening."""
    columns: list[Column[VenueRow]] = [
        Column("name", "Venue", lambda row: row.name, stretch=True, width=220),
        Column("city", "City", lambda row: row.city, width=150),
        Column("status", "Status", lambda _row: "", width=140),
        Column("zone", "Time zone", lambda row: row.timezone, sortable=False, width=170),
        Column("fee", "Fee", lambda row: row.fee_percent, sortable=False, numeric=True, width=80),
        Column(
            "missing",
            "Still missing",
            lambda row: ", ".join(row.missing),
            sortable=False,
            stretch=True,
            width=200,
            tooltip=lambda row: ", ".join(row.missing),
        ),
    ]
    model = KeysetTableModel(columns, fetch, lambda row: row.id, sort="name")
    return ListPage(
        hub,
        "Venues",
        model,
        rows="venues",
        filter_hint="Filter by name or city",
        empty=("No venues yet", "Import sessions, or wait for the first application."),
        looks={
            "status": lambda row: CellLook(chip=_VENUE_CHIPS[row.status]),
            "missing": lambda _row: CellLook(tone="secondary"),
        },
    )
