"""What the front desk reads: the day's sessions from the tables under row-level security, and everything personal from
the `desk.*` functions, which are the only way to it.

One statement each; a screen opens with two of them. Rows become frozen values here and go no further.
See docs/design.md, "The database" (authorisation, round trips).
"""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol
from uuid import UUID

from console.domain.attendance import EventKind
from console.domain.desk import FoundChild, HistoryEntry, RosterEntry, SessionSummary
from console.storage.database import Database
from console.storage.desk_rows import found_child, history_entry, roster_entry, session_summary

# Cancelled places count only where the child came all the same, and a child that may not be shown not at all: the
# numbers of a session are those of its roster.
_SESSIONS = """
SELECT s.id, s.venue_id, a.name AS activity_name, r.name AS room_name, s.instructor_name AS instructor,
       s.starts_at, s.ends_at, a.min_age_months, a.max_age_months, s.total_capacity AS capacity,
       s.is_cancelled, s.closed_at, c.booked, c.in_count, c.expected, c.out_count, c.absent, c.unmarked
  FROM (SELECT coalesce(array_agg(h.id), '{}') AS ids
          FROM desk.hidden_bookings(:venue_id, :day) AS h (id)) AS hidden
 CROSS JOIN activity_sessions AS s
  JOIN activities AS a ON a.id = s.activity_id
  LEFT JOIN rooms AS r ON r.id = s.room_id
 CROSS JOIN LATERAL (
       SELECT count(*) AS booked,
              count(*) FILTER (WHERE b.attendance_state = 'in') AS in_count,
              count(*) FILTER (WHERE b.attendance_state = 'expected') AS expected,
              count(*) FILTER (WHERE b.attendance_state = 'out') AS out_count,
              count(*) FILTER (WHERE b.attendance_state = 'absent') AS absent,
              count(*) FILTER (WHERE b.attendance_state = 'unmarked') AS unmarked
         FROM bookings AS b
        WHERE b.session_id = s.id AND b.venue_id = s.venue_id
          AND (b.status IN ('pending', 'confirmed', 'completed', 'no_show') OR b.attendance_event_id IS NOT NULL)
          AND b.id <> ALL (hidden.ids)) AS c
 WHERE s.venue_id = :venue_id AND s.session_date = :day
 ORDER BY s.starts_at, a.name, s.id"""
_ROSTER = "SELECT * FROM desk.roster(:session_id)"
_HISTORY = "SELECT * FROM desk.child_history(:booking_id)"
_SEARCH = "SELECT * FROM desk.search_today(:venue_id, :query)"


class DeskReads(Protocol):
    """What a service needs of this module; the offline cache will offer the same."""

    async def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        """The venue's sessions of one local day."""
        ...

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        """A session's children."""
        ...

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        """A child's comings and goings."""
        ...

    async def search(self, venue_id: UUID, text: str) -> list[FoundChild]:
        """Children of today's sessions by name."""
        ...


class DeskQueries:
    """The desk's reads over one database. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        """The sessions that start on one local day of the venue, in order of start, with the counts of their rosters.

        Raises Denied without `roster.read` at the venue.
        """
        rows = await self._rows(_SESSIONS, venue_id=venue_id, day=day)
        return [session_summary(row) for row in rows]

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        """Everybody booked on a session, by name.

        Raises NotFound for an absent or foreign session, Denied outside the window or without `roster.read`.
        """
        return [roster_entry(row) for row in await self._rows(_ROSTER, session_id=session_id)]

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        """What this venue recorded about the booking's child, newest first; without what only took something back."""
        entries = [history_entry(row) for row in await self._rows(_HISTORY, booking_id=booking_id)]
        return [entry for entry in entries if entry.kind is not EventKind.ANNUL]

    async def search(self, venue_id: UUID, text: str) -> list[FoundChild]:
        """Children of today's sessions whose name, or whose parent's, begins with `text`; none for a single letter."""
        return [found_child(row) for row in await self._rows(_SEARCH, venue_id=venue_id, query=text)]

    async def _rows(self, statement: str, **parameters: object) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]
