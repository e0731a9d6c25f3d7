"""Asking the server what changed since the last time, in one statement.

See docs/design.md, "The database" (live updates), and db/CONVENTIONS.md for why a transaction that commits late is
not missed.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from console.domain.changes import Changes
from console.storage.database import Database

_CHANGES = """SELECT until::text AS until, everything, changed_sessions, changed_rosters, changed_bookings
  FROM desk.changes_since(:venue_id, CAST(:since AS xid8), CAST(:day AS date))"""


class ChangeQueries:
    """What changed, over a desk's connections."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def since(self, venue_id: UUID, since: str | None, day: date | None = None) -> Changes:
        """What changed at a venue since an earlier answer's `until`; None asks for everything.

        `day` narrows it to one local day's sessions. Raises Denied without `roster.read` at the venue.
        """
        row = (await self._database.fetch(_CHANGES, {"venue_id": venue_id, "since": since, "day": day}))[0]
        return Changes(
            until=row.until,
            everything=row.everything,
            sessions=frozenset(row.changed_sessions),
            rosters=frozenset(row.changed_rosters),
            bookings=frozenset(row.changed_bookings),
        )
