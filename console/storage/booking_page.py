"""One booking with its history, credits and changes, in one statement.

See docs/design.md, "The database" (authorisation): the database decides which names are in the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
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
from console.domain.desk import BookingStatus
from console.storage.database import Database

_PAGE = "SELECT desk.booking_page(:booking_id) AS page"


class BookingPageQueries:
    """Reading one booking over a desk's connections."""

    def __init__(self, database: Database) -> None:
        """Use `database`, whoever is signed in on it."""
        self._database = database

    async def page(self, booking_id: UUID) -> BookingPage:
        """Everything about one booking. Raises NotFound for an absent or foreign one, Denied without the right."""
        (row,) = await self._database.fetch(_PAGE, {"booking_id": booking_id})
        return booking_page(row.page)


def booking_page(found: Mapping[str, Any]) -> BookingPage:
    """The frozen page of what `desk.booking_page` answered."""
    return BookingPage(
        id=UUID(found["booking_id"]),
        session_id=UUID(found["session_id"]),
        activity_name=found["activity_name"],
        room_name=found["room_name"],
        starts_at=_at(found["starts_at"]),
        ends_at=_at(found["ends_at"]),
        session_date=date.fromisoformat(found["session_date"]),
        session_cancelled=found["session_cancelled"],
        session_closed=found["session_closed"],
        names=Names(found["names"]),
        child=found["child"],
        parent=found["parent"],
        code=found["code"],
        status=BookingStatus(found["status"]),
        attendance=AttendanceState(found["attendance"]),
        source=found["source"],
        booked_at=_at(found["booked_at"]),
        cancelled_at=_at(found["cancelled_at"]) if found["cancelled_at"] else None,
        cancellation_reason=found["cancellation_reason"],
        charged=found["charged"],
        refunded=found["refunded"],
        owed=found["owed"],
        notes=found["notes"],
        gives_back=found["gives_back"],
        in_time=found["in_time"],
        version=found["version"],
        events=tuple(_event(one) for one in found["events"]),
        credits=tuple(
            CreditEntry(_at(one["at"]), one["kind"], one["amount"], one["forfeited"])
            for one in found["credits"]
        ),
        changes=tuple(_change(one) for one in found["changes"]),
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _event(one: Mapping[str, Any]) -> BookingEvent:
    return BookingEvent(
        at=_at(one["at"]),
        recorded_at=_at(one["recorded_at"]),
        kind=one["kind"],
        outcome=one["outcome"],
        reason=one["reason"],
        desk=one["desk"],
        person=one["person"],
        queued=one["queued"],
        undone=one["undone"],
        collected_by=one["collected_by"],
    )


def _change(one: Mapping[str, Any]) -> BookingChange:
    before, after = one["before"], one["after"]
    fields = tuple(
        FieldChange(name, _text(before.get(name)), _text(after.get(name)))
        for name in sorted({*before, *after})
    )
    return BookingChange(_at(one["at"]), one["action"], one["person"], one["desk"], fields)


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return None if value is None else str(value)
