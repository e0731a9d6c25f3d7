"""Fetching what a desk keeps for when it is offline: a venue's week in one statement.

The rows stay the text that the server made: five thousand children are put away without being looked at one by one,
and only what a screen shows is ever read. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from console.storage.database import Database

_SNAPSHOT = """SELECT part, id, belongs_to, code, facts
  FROM desk.snapshot(:venue_id, CAST(:since AS xid8), CAST(CAST(:for_day AS text) AS date))"""
_BETWEEN = "@"


class SessionRow(NamedTuple):
    """A session as text; `day` is the venue's local date."""

    id: str
    day: str
    facts: str


class EntryRow(NamedTuple):
    """A booked child as text, with the code of the ticket."""

    id: str
    session_id: str
    code: str
    facts: str


@dataclass(frozen=True, slots=True)
class FetchedSnapshot:
    """A venue's week, or with `whole` False what changed in it.

    `xmin` is what the next one asks from. `sessions` are always all of the week; `entries` replace those of the same id
    and `gone` are bookings that are on no roster any more.
    """

    venue_id: UUID
    taken_at: datetime
    xmin: str
    whole: bool
    sessions: tuple[SessionRow, ...]
    entries: tuple[EntryRow, ...]
    gone: tuple[str, ...] = ()


class SnapshotQueries:
    """Snapshots over a desk's connections."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def fetch(self, venue_id: UUID, since: str | None = None) -> FetchedSnapshot:
        """A venue's sessions from yesterday to a week ahead with their rosters.

        With `since`, the `xmin` of an earlier answer, only what changed, unless that cannot be told. Raises Denied
        without `roster.read` at the venue.
        """
        until, _, day = (since or "").partition(_BETWEEN)
        rows = await self._database.fetch(
            _SNAPSHOT, {"venue_id": venue_id, "since": until or None, "for_day": day or None}
        )
        head = json.loads(rows[0].facts)
        return FetchedSnapshot(
            venue_id=venue_id,
            taken_at=datetime.fromisoformat(head["taken_at"]),
            xmin=f"{head['until']}{_BETWEEN}{head['today']}",
            whole=head["whole"],
            sessions=tuple(SessionRow(row[1], row[2], row[4]) for row in rows if row[0] == "session"),
            entries=tuple(EntryRow(row[1], row[2], row[3], row[4]) for row in rows if row[0] == "entry"),
            gone=tuple(row[1] for row in rows if row[0] == "gone"),
        )
