"""The desk as the Today screen sees it: one venue's days, rosters, names and actions behind one object.

Reads and actions are separate services: the reads come from the desk's own cache while the server is away, the actions
always go through the event protocol. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from console.domain.attendance import EventAnswer
from console.domain.desk import FoundChild, HistoryEntry, PickupPerson, RosterEntry, SessionSummary
from console.domain.sync import Mode, SyncStatus
from console.services.attendance import AttendanceService
from console.storage.desk import DeskReads


class DeskService:
    """Everything the Today screen asks for, for one person at one desk of one venue. Raises ConsoleErrors only."""

    def __init__(
        self,
        reads: DeskReads,
        attendance: AttendanceService,
        venue_id: UUID,
        *,
        status: Callable[[], SyncStatus] = lambda: SyncStatus(Mode.ONLINE),
    ) -> None:
        """Nothing is asked before the first call. `status` is the sync engine's, where there is one."""
        self.status = status
        self._reads = reads
        self._attendance = attendance
        self._venue_id = venue_id

    async def sessions(self, day: date) -> list[SessionSummary]:
        """The sessions that start on one local day of the venue, in order of start."""
        return await self._reads.sessions(self._venue_id, day)

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        """Everybody booked on one session."""
        return await self._reads.roster(session_id)

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        """What this venue recorded about the booking's child, newest first."""
        return await self._reads.history(booking_id)

    async def search(self, text: str) -> list[FoundChild]:
        """Children of today's sessions by the beginning of a name; nothing is asked for a single letter."""
        return await self._reads.search(self._venue_id, text) if len(text.strip()) > 1 else []

    async def check_in(self, entry: RosterEntry, *, again: bool = False) -> EventAnswer:
        """Check a child in; `again` brings back one who had left."""
        return await self._attendance.check_in(entry, again=again)

    async def check_out(
        self, entry: RosterEntry, pickup: PickupPerson | None, *, name: str | None = None
    ) -> EventAnswer:
        """Check a child out to somebody of the pickup list, or to the person called `name`."""
        return await self._attendance.check_out(entry, pickup, name=name)

    async def mark_absent(self, entry: RosterEntry) -> EventAnswer:
        """Say that a child does not come."""
        return await self._attendance.mark_absent(entry)

    async def undo(self, entry: RosterEntry) -> EventAnswer:
        """Take back the event that `entry.undo` names."""
        return await self._attendance.undo(entry)

    async def scan(self, code: str, session_id: UUID | None) -> EventAnswer:
        """Check in whoever holds the ticket `code`, while `session_id` is open on the screen."""
        return await self._attendance.scan(code, session_id)
