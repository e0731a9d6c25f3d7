"""Bookings of a venue, a page at a time, out of the one function that may read their codes and first names.

See docs/design.md, "The database" (authorisation) and "Screens"; the orders and filters are those of
`desk.bookings_page`.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from console.domain.listing import ActivityChoice, BookingRow
from console.domain.paging import Page, PageRequest
from console.storage.database import Database
from console.storage.tables import activities

_PAGE = """SELECT * FROM desk.bookings_page(
    :venue_id, :sort, :descending, CAST(:filters AS jsonb), CAST(:after AS jsonb), :at_most)"""
_FILTERS = ("status", "attendance", "source", "activity", "from", "until")
_MOST = 4999  # the function gives 5,000 rows at most, and one more than asked for tells of a next page


class BookingListQueries:
    """Reading bookings over a desk's connections."""

    def __init__(self, database: Database) -> None:
        """Use `database`, whoever is signed in on it."""
        self._database = database

    async def page(self, venue_id: UUID, request: PageRequest) -> Page[BookingRow]:
        """A page of one venue's bookings; `request.sort` is booked, starts, code or activity.

        `request.text` is part of an activity's name or of a code; `request.filters` knows status, attendance, source,
        activity (an id), from and until (local days of the session, 2026-03-12). Raises Denied without the right to
        the venue's rosters or payouts, Invalid for another order.
        """
        filters = {name: value for name in _FILTERS if (value := request.filters.get(name))}
        if words := "".join(symbol for symbol in request.text if symbol.isprintable()):
            filters["text"] = words
        found: list[BookingRow] = []
        after = request.after
        while True:
            # A refresh asks for all that is on show, which can be more than the function gives at once.
            limit = min(request.limit - len(found), _MOST)
            parameters = {
                "venue_id": venue_id,
                "sort": request.sort,
                "descending": request.descending,
                "filters": json.dumps(filters),
                "after": json.dumps(list(after)) if after is not None else None,
                "at_most": limit + 1,
            }
            rows = await self._database.fetch(_PAGE, parameters)
            found.extend(map(_row, rows[:limit]))
            if len(rows) <= limit:
                return Page(found, None)
            after = tuple(rows[limit - 1].page_key)
            if len(found) >= request.limit:
                return Page(found, after)

    async def activities(self, venue_id: UUID) -> list[ActivityChoice]:
        """The venue's activities by name, for the filter."""
        a = activities.c
        statement = select(a.id, a.name).where(a.venue_id == venue_id).order_by(a.name, a.id)
        return [ActivityChoice(row.id, row.name) for row in await self._database.fetch(statement)]


def _row(row: Row[Any]) -> BookingRow:
    return BookingRow(
        id=row.booking_id,
        booked_at=row.booked_at,
        starts_at=row.starts_at,
        activity_name=row.activity_name,
        first_name=row.first_name,
        code=row.code,
        status=row.status,
        attendance=row.attendance,
        charged=row.credits_charged,
        refunded=row.credits_refunded,
        source=row.source,
    )
