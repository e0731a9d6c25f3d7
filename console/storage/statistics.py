"""A venue's sessions in numbers over one database, in one statement: sums only, no person.

Read straight from tables under row-level security, as everyday data is. See docs/design.md, "The database"
(authorisation) and "Screens" (daily statistics).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from console.domain.statistics import SessionFigures
from console.storage.database import Database

_FIGURES = """
SELECT s.id AS session_id, s.session_date AS day, s.start_time AS start, s.starts_at, s.ends_at, a.name AS activity,
       s.instructor_name AS instructor, r.name AS room, s.total_capacity AS capacity, s.booked_count AS booked,
       coalesce(b.came, 0) AS came, coalesce(b.no_shows, 0) AS no_shows, coalesce(b.inside, 0) AS inside,
       (SELECT count(*) FROM waitlist AS w
         WHERE w.session_id = s.id AND w.venue_id = s.venue_id AND w.is_active) AS waiting,
       s.is_cancelled
  FROM activity_sessions AS s
  JOIN activities AS a ON a.id = s.activity_id AND a.venue_id = s.venue_id
  LEFT JOIN rooms AS r ON r.id = s.room_id AND r.venue_id = s.venue_id
  LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE k.attendance_state IN ('in', 'out') OR k.status = 'completed') AS came,
              count(*) FILTER (WHERE k.status = 'no_show') AS no_shows,
              count(*) FILTER (WHERE k.attendance_state = 'in') AS inside
         FROM bookings AS k WHERE k.session_id = s.id AND k.venue_id = s.venue_id) AS b ON true
 WHERE s.venue_id = :venue_id AND s.session_date BETWEEN :first AND :last
 ORDER BY s.starts_at, a.name, s.id"""


class StatisticsQueries:
    """One venue's figures. Raises ConsoleErrors only."""

    def __init__(self, database: Database, venue_id: UUID) -> None:
        """Nothing is asked before the first call."""
        self._database, self._venue_id = database, venue_id

    async def figures(self, first: date, last: date) -> tuple[SessionFigures, ...]:
        """Every session of some local days, both included, in order of its start."""
        facts = {"venue_id": self._venue_id, "first": first, "last": last}
        rows = await self._database.fetch(_FIGURES, facts)
        return tuple(SessionFigures(**row._mapping) for row in rows)
