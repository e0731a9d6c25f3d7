"""Bookings as finance lists them: newest first, without a name, straight from the tables under row-level security."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from console.domain.listing import BookingRow
from console.domain.paging import Page, PageRequest
from console.storage.database import Database
from console.storage.paging import fetch_page
from console.storage.tables import activities, bookings, sessions

# The one order that an index serves for a venue with a million bookings.
_SORTS = {"booked": bookings.c.created_at}


class BookingListQueries:
    """Reading bookings over a desk's connections."""

    def __init__(self, database: Database) -> None:
        """Use `database`, whoever is signed in on it."""
        self._database = database

    async def page(self, venue_id: UUID, request: PageRequest) -> Page[BookingRow]:
        """A page of one venue's bookings, filtered by the activity's name."""
        b = bookings.c
        statement = (
            select(
                b.id, b.created_at, sessions.c.starts_at, activities.c.name, b.status, b.attendance_state,
                b.credits_charged, b.credits_refunded,
            )
            .join(sessions, sessions.c.id == b.session_id)
            .join(activities, activities.c.id == sessions.c.activity_id)
            .where(b.venue_id == venue_id)
        )  # fmt: skip
        if request.text:
            statement = statement.where(activities.c.name.icontains(request.text, autoescape=True))
        return await fetch_page(self._database, statement, request, sorts=_SORTS, identity=b.id, make=_row)


def _row(row: Row[Any]) -> BookingRow:
    return BookingRow(
        row.id, row.created_at, row.starts_at, row.name, row.status, row.attendance_state, row.credits_charged,
        row.credits_refunded,
    )  # fmt: skip
