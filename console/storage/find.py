"""The palette's look into the database: sessions, children of today and bookings in one statement.

Children come out of a definer function only, so everything the palette finds does. See docs/design.md, "The database"
(authorisation, rule 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from console.domain.finding import FoundBooking, FoundRecords, FoundSession, FoundToday
from console.storage.database import Database

_FIND = "SELECT * FROM desk.find_records(:venue_id, :text)"
_Row = Mapping[str, Any]


class FindReads(Protocol):
    """What the service needs of this module."""

    async def records(self, venue_id: UUID, text: str) -> FoundRecords:
        """What is found at a venue."""
        ...


class FindQueries:
    """The palette's reads over one database. Raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def records(self, venue_id: UUID, text: str) -> FoundRecords:
        """Sessions, children and bookings that `text` names, at most twenty of each.

        Raises Denied without `roster.read` at the venue.
        """
        # PostgreSQL's text has no NUL; what is pasted may have one.
        asked = text.replace("\x00", "")
        found = await self._database.fetch(_FIND, {"venue_id": venue_id, "text": asked})
        rows = [dict(row._mapping) for row in found]
        return FoundRecords(
            sessions=tuple(_session(row) for row in rows if row["kind"] == "session"),
            children=tuple(_child(row) for row in rows if row["kind"] == "child"),
            bookings=tuple(_booking(row) for row in rows if row["kind"] == "booking"),
        )


def _session(row: _Row) -> FoundSession:
    return FoundSession(
        session_id=row["session_id"],
        day=row["day"],
        starts_at=row["starts_at"],
        activity_name=row["activity_name"],
        room_name=row["room_name"],
        in_count=row["in_count"],
        booked=row["booked"],
        capacity=row["capacity"],
        is_cancelled=row["is_cancelled"],
        is_closed=row["is_closed"],
    )


def _child(row: _Row) -> FoundToday:
    return FoundToday(
        booking_id=row["booking_id"],
        session_id=row["session_id"],
        day=row["day"],
        starts_at=row["starts_at"],
        activity_name=row["activity_name"],
        first_name=row["first_name"],
    )


def _booking(row: _Row) -> FoundBooking:
    return FoundBooking(
        booking_id=row["booking_id"],
        session_id=row["session_id"],
        day=row["day"],
        starts_at=row["starts_at"],
        activity_name=row["activity_name"],
        code=row["code"],
        first_name=row["first_name"],
    )
