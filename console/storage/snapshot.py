"""Fetching what a desk keeps for when it is offline: a venue's week in one statement.

The rows stay the text that the server made: five thousand children are put away without being looked at one by one,
and only what a screen shows is ever read. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from console.storage.database import Database

_SNAPSHOT = """SELECT part, id, day, facts
  FROM desk.snapshot(:venue_id, CAST(:since AS xid8), CAST(CAST(:for_day AS text) AS date))"""
_BETWEEN = "@"
# Control characters that no JSON text holds as they are.
_RECORD, _PART = "\x1e", "\x1f"


class SessionRow(NamedTuple):
    """A session as text; `day` is the venue's local date."""

    id: str
    day: str
    facts: str


class ChildRow(NamedTuple):
    """A booked child as text, with the code of the ticket."""

    code: str
    booking_id: str
    facts: str


@dataclass(frozen=True, slots=True)
class FetchedSnapshot:
    """A venue's week, or with `whole` False what changed in it.

    `xmin` is what the next one asks from. `sessions` are always all of the week; `children` are those told this time, a
    text for each session, and replace those of the same booking; `gone` are bookings that are on no roster any more.
    """

    venue_id: UUID
    taken_at: datetime
    xmin: str
    whole: bool
    # Not shown where a value is described: they would be megabytes, and children's names in a log.
    sessions: tuple[SessionRow, ...] = field(repr=False)
    children: Mapping[str, str] = field(repr=False)
    gone: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many children it tells of."""
        return sum(block.count(_RECORD) + 1 for block in self.children.values())


def packed(rows: Iterable[ChildRow]) -> str:
    """The children of a session as one text."""
    return _RECORD.join(_PART.join(row) for row in rows)


def unpacked(block: str) -> Iterator[ChildRow]:
    """The children of a session, of the text that the server or `packed` made."""
    for record in block.split(_RECORD) if block else ():
        yield ChildRow(*record.split(_PART, 2))


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
            sessions=tuple(SessionRow(row[1], row[2], row[3]) for row in rows if row[0] == "session"),
            children={row[1]: row[3] for row in rows if row[0] == "children"},
            gone=tuple(row[1] for row in rows if row[0] == "gone"),
        )
