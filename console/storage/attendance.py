"""Sending attendance events to the server: one call, one statement, one round trip.

See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from console.domain.attendance import AttendanceEvent, EventAnswer
from console.storage.database import Database
from console.storage.desk_rows import event_answer

_RECORD = text("SELECT * FROM attendance.record(:events)").bindparams(bindparam("events", type_=JSONB))
_NEXT_SEQ = "SELECT attendance.next_seq()"


class AttendanceStore:
    """The server's attendance functions over one database."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
        """Send up to 500 events; one answer per event, in their order.

        Raises Conflict with code `seq_taken` when a sequence number was used before, Denied when nobody is signed in,
        Invalid for a malformed batch, Unavailable when it is not known whether the events arrived.
        """
        rows = await self._database.fetch(_RECORD, {"events": [event.to_json() for event in events]})
        return [event_answer(dict(row._mapping)) for row in rows]

    async def next_seq(self) -> int:
        """The number this desk's next event carries."""
        rows = await self._database.fetch(_NEXT_SEQ)
        return int(rows[0][0])
