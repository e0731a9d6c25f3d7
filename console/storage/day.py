"""The running of a day over one database: closing, notes, labels, the building. One statement each.

Everything comes out of `desk.*` and `attendance.*` functions, which ask who may; rows become frozen values here and go
no further. See docs/design.md, "Screens" (front desk) and "The database" (authorisation, round trips).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as SQL_UUID

from console.domain.attendance import AttendanceEvent
from console.domain.day import (
    Building,
    ClosedSession,
    DaySummary,
    DeskNote,
    LabelFacts,
    TaggedChild,
    UnmarkedChild,
)
from console.storage import day_rows
from console.storage.database import Database

_EVENTS = bindparam("events", type_=JSONB)
_CLOSE = text("SELECT * FROM attendance.close_session(:session_id, :events)").bindparams(_EVENTS)
_SETTLE = text("SELECT attendance.settle_unmarked(:booking_id, :came, :events)").bindparams(_EVENTS)
_REOPEN = "SELECT attendance.reopen_session(:session_id)"
_UNMARKED = "SELECT * FROM desk.unmarked(:venue_id)"
_BUILDING = "SELECT * FROM desk.building(:venue_id)"
_SUMMARY = "SELECT * FROM desk.day_summary(:venue_id, :day)"
_NOTES = "SELECT * FROM desk.notes_of(:booking_id)"
_ADD_NOTE = (
    "SELECT * FROM desk.add_note(:note_id, :booking_id, :body, :incident, :action_taken, :parent_told)"
)
_LABELS = text("SELECT * FROM desk.labels(:bookings)").bindparams(
    bindparam("bookings", type_=ARRAY(SQL_UUID(as_uuid=True)))
)
_FIND_TAG = "SELECT * FROM desk.find_tag(:venue_id, :tag)"


class DayQueries:
    """The day's reads and acts over one database. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def close_session(self, session_id: UUID, events: Sequence[AttendanceEvent]) -> ClosedSession:
        """Close a session with the absent events of the children named; closed already, the answer is the same.

        Raises Conflict with the codes "roster_changed", "too_early", "session_cancelled" and "seq_taken".
        """
        rows = await self._rows(_CLOSE, session_id=session_id, events=[event.to_json() for event in events])
        return day_rows.closed_session(rows[0])

    async def reopen_session(self, session_id: UUID) -> None:
        """Take a closing back. Raises Conflict "paid_out", Denied for others than managers."""
        await self._rows(_REOPEN, session_id=session_id)

    async def unmarked(self, venue_id: UUID) -> list[UnmarkedChild]:
        """Children of closed sessions about whom nobody said anything, oldest session first."""
        return [day_rows.unmarked_child(row) for row in await self._rows(_UNMARKED, venue_id=venue_id)]

    async def settle_unmarked(self, booking_id: UUID, came: bool, events: Sequence[AttendanceEvent]) -> None:
        """Say afterwards whether a child came, with the events that record it. Raises Conflict "not_unmarked"."""
        sent = [event.to_json() for event in events]
        await self._rows(_SETTLE, booking_id=booking_id, came=came, events=sent)

    async def building(self, venue_id: UUID) -> Building:
        """Who is in the building now, and its rooms."""
        return day_rows.building((await self._rows(_BUILDING, venue_id=venue_id))[0])

    async def day_summary(self, venue_id: UUID, day: date) -> DaySummary:
        """One local day in numbers. Raises Denied outside a month back to a week ahead, but for managers."""
        return day_rows.day_summary(day, list(await self._rows(_SUMMARY, venue_id=venue_id, day=day)))

    async def notes(self, booking_id: UUID) -> list[DeskNote]:
        """What staff wrote about a booking, newest first."""
        return [day_rows.desk_note(row) for row in await self._rows(_NOTES, booking_id=booking_id)]

    async def add_note(
        self,
        note_id: UUID,
        booking_id: UUID,
        body: str,
        *,
        incident: bool = False,
        action_taken: str | None = None,
        parent_told: bool = False,
    ) -> DeskNote:
        """Write a note; sent twice with one id, it is one note. Raises Invalid for an empty or a long one."""
        rows = await self._rows(
            _ADD_NOTE,
            note_id=note_id,
            booking_id=booking_id,
            # PostgreSQL's text cannot hold it; the other control characters are its function's to strip.
            body=body.replace("\x00", ""),
            incident=incident,
            action_taken=None if action_taken is None else action_taken.replace("\x00", ""),
            parent_told=parent_told,
        )
        return day_rows.added_note(rows[0])

    async def labels(self, booking_ids: Sequence[UUID]) -> list[LabelFacts]:
        """The labels of these children of today, in this order. Raises NotFound for a booking of another day."""
        rows = await self._rows(_LABELS, bookings=list(booking_ids))
        return [day_rows.label_facts(row) for row in rows]

    async def find_tag(self, venue_id: UUID, tag: str) -> list[TaggedChild]:
        """The children of today whom a tag stands for."""
        return [day_rows.tagged_child(row) for row in await self._rows(_FIND_TAG, venue_id=venue_id, tag=tag)]

    async def _rows(self, statement: Executable | str, **parameters: object) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]
