"""What a desk took down while it was alone, told to the server: one function, one statement each.

See docs/guides/offline.md and docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from uuid import UUID

from console.domain.families import NewFamily, Registered
from console.domain.sealed_notes import WalkInNote
from console.storage.database import Database
from console.storage.families import FamilyStore

_REPORT = """SELECT confirmation_code
               FROM bookings.report_walk_in(:new_id, :session_id, :child_id, :booking_id, :payment, :happened_at)"""


class WalkInStore:
    """The server's functions for notes. Every method raises ConsoleErrors only, and may be repeated."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database
        self._families = FamilyStore(database)

    async def register(self, venue_id: UUID, family: NewFamily) -> Registered:
        """Register a family. Raises Invalid, or Conflict "email_known"."""
        return await self._families.register(venue_id, family)

    async def report(self, note: WalkInNote) -> str:
        """Take the place of a note; the ticket's code. Raises Conflict (full, over, credits ...) or NotFound."""
        known = None if note.child_id is not None else note.known_booking
        (row,) = await self._database.fetch(
            _REPORT,
            {
                "new_id": note.id,
                "session_id": note.session_id,
                "child_id": note.child_id,
                "booking_id": known,
                "payment": note.payment.value,
                "happened_at": note.happened_at,
            },
        )
        return str(row.confirmation_code)
