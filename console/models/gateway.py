"""What the Today screen asks of the layers below it, in one place.

The screen knows this shape and nothing else: whether an answer comes from the server, from the desk's own cache or
from a test is not its business. The attendance service and the desk's queries satisfy it through the composition root.
See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from datetime import date
from typing import Protocol
from uuid import UUID

from console.domain.attendance import EventAnswer
from console.domain.desk import FoundChild, HistoryEntry, PickupPerson, RosterEntry, SessionSummary


class DeskGateway(Protocol):
    """Reads and acts for one signed-in person at one desk of one venue.

    Every method may raise a ConsoleError; a refusal is no error but an answer.
    """

    async def sessions(self, day: date) -> list[SessionSummary]:
        """The sessions that start on one local day of the venue, in order of start."""
        ...

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        """Everybody booked on one session."""
        ...

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        """What this venue recorded about the booking's child, newest first."""
        ...

    async def search(self, text: str) -> list[FoundChild]:
        """Children of today's sessions whose first name begins with `text`."""
        ...

    async def check_in(self, entry: RosterEntry, *, again: bool = False) -> EventAnswer:
        """Check a child in; `again` brings back one who had left."""
        ...

    async def check_out(
        self, entry: RosterEntry, pickup: PickupPerson | None, *, name: str | None = None
    ) -> EventAnswer:
        """Check a child out to somebody of the pickup list, or to the person called `name`."""
        ...

    async def mark_absent(self, entry: RosterEntry) -> EventAnswer:
        """Say that a child does not come."""
        ...

    async def undo(self, entry: RosterEntry) -> EventAnswer:
        """Take back the event that `entry.undo` names."""
        ...

    async def scan(self, code: str, session_id: UUID | None) -> EventAnswer:
        """Check in whoever holds the ticket `code`, while `session_id` is open on the screen."""
        ...
