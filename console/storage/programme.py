"""A venue's programme over one database: the calendar, the series, and changes with their plans. One statement each.

What is shown is read straight from the tables under row-level security; what changes goes through `schedules.plan` and
`schedules.apply`, which ask who may. Rows become frozen values here and go no further. See docs/design.md, "The
database" (authorisation, round trips) and "Rules of the domain" (schedules).
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from console.domain.changing import Applied, Change, Plan, request
from console.domain.programme import (
    Calendar,
    Choices,
    ClosureKind,
    ClosureReason,
    ClosureSpan,
    Room,
    Series,
)
from console.errors import Conflict, NotFound
from console.storage import programme_rows as rows
from console.storage.database import Database

_CHANGE = bindparam("change", type_=JSONB)
_PLAN = text("SELECT schedules.plan(:venue_id, :change) AS plan").bindparams(_CHANGE)
_APPLY = text("SELECT schedules.apply(:venue_id, :change, :fingerprint, :new_id) AS answer").bindparams(
    _CHANGE
)

_SESSIONS = """
SELECT s.id, s.version, s.activity_id, a.name AS activity, s.recurring_schedule_id AS series_id, s.occurs_on, s.room_id,
       s.instructor_name AS instructor, s.starts_at, s.ends_at, s.session_date AS day, s.total_capacity AS capacity,
       CASE WHEN s.is_cancelled THEN coalesce(b.lost, 0) ELSE s.booked_count END AS booked,
       coalesce(b.inside, 0) AS inside, coalesce(b.came, 0) AS came,
       coalesce(w.waiting, 0) AS waiting, s.platform_allocated_spots AS platform_places, s.is_cancelled,
       s.cancellation_reason, s.closed_at IS NOT NULL AS is_closed, s.changed_by_hand, s.session_notes,
       s.instructor_notes, s.closure_id
  FROM activity_sessions AS s
  JOIN activities AS a ON a.id = s.activity_id
  LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE k.attendance_state = 'in') AS inside,
              count(*) FILTER (WHERE k.attendance_state IN ('in', 'out')) AS came,
              count(*) FILTER (WHERE k.status = 'cancelled_venue') AS lost
         FROM bookings AS k
        WHERE k.session_id = s.id AND k.venue_id = s.venue_id) AS b ON s.booked_count > 0 OR s.is_cancelled
  LEFT JOIN LATERAL (
       SELECT count(*) AS waiting FROM waitlist AS q
        WHERE q.session_id = s.id AND q.venue_id = s.venue_id AND q.is_active) AS w ON true
 WHERE s.venue_id = :venue_id AND s.session_date BETWEEN :first AND :last
 ORDER BY s.starts_at, a.name, s.id"""

# Rooms that were put away keep their lane on days they were used; which these are, the sessions say.
_FRAME = """
SELECT (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY lower(r.name)), '[]')
          FROM (SELECT id, name, capacity, is_active FROM rooms WHERE venue_id = :venue_id) AS r) AS rooms,
       (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.starts_at), '[]')
          FROM schedules.closures_between(:venue_id, :first, :last) AS c) AS closures"""

_SERIES = """
SELECT r.id, r.version, r.activity_id, a.name AS activity, r.room_id, r.schedule_name, r.days_of_week, r.start_time,
       r.duration_minutes, r.capacity, r.effective_from, r.effective_until, r.platform_allocated_spots,
       r.default_instructor_name, r.every_weeks, r.sessions_generated_until, r.split_from_id,
       r.is_active AND coalesce(r.effective_until >= (app.now() AT TIME ZONE v.timezone)::date, true) AS is_active,
       s.upcoming, s.next_on, s.by_hand, s.booked
  FROM activity_recurring_schedules AS r
  JOIN activities AS a ON a.id = r.activity_id
  JOIN venues AS v ON v.id = r.venue_id
  CROSS JOIN LATERAL (
       SELECT count(*) AS upcoming, min(x.session_date) AS next_on,
              count(*) FILTER (WHERE x.changed_by_hand) AS by_hand, coalesce(sum(x.booked_count), 0)::integer AS booked
         FROM activity_sessions AS x
        WHERE x.recurring_schedule_id = r.id AND x.venue_id = r.venue_id AND NOT x.is_cancelled
          AND x.starts_at > app.now()) AS s
 WHERE r.venue_id = :venue_id AND (CAST(:series_id AS uuid) IS NULL OR r.id = :series_id)
 ORDER BY is_active DESC, lower(a.name), r.start_time, r.effective_from, r.id"""

_CLOSURES = "SELECT * FROM schedules.closures_ahead(:venue_id)"

_CHOICES = """
SELECT (SELECT coalesce(jsonb_agg(to_jsonb(a) ORDER BY lower(a.name)), '[]')
          FROM (SELECT id, name, duration_minutes AS minutes, capacity_per_session AS capacity,
                       credits_required AS credits, is_published
                  FROM activities WHERE venue_id = :venue_id AND is_active) AS a) AS activities,
       (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY lower(r.name)), '[]')
          FROM (SELECT id, name, capacity, is_active FROM rooms WHERE venue_id = :venue_id) AS r) AS rooms,
       (SELECT coalesce(jsonb_agg(i.name ORDER BY lower(i.name), i.name), '[]')
          FROM (SELECT default_instructor_name AS name FROM activity_recurring_schedules
                 WHERE venue_id = :venue_id AND btrim(default_instructor_name) <> ''
                UNION
                SELECT instructor_name FROM activity_sessions
                 WHERE venue_id = :venue_id AND btrim(instructor_name) <> ''
                   AND starts_at > app.now() - interval '1 year') AS i) AS instructors,
       (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.is_own DESC, lower(c.name)), '[]')
          FROM (SELECT id, name, kind, venue_id IS NOT NULL AS is_own, is_active FROM closure_reasons
                 WHERE (venue_id = :venue_id OR venue_id IS NULL) AND is_active) AS c) AS reasons"""

# Nobody is still in, or nothing happens: who is in has not gone.
_COMPLETE = """
SELECT c.session_id FROM (SELECT 1 WHERE NOT EXISTS (
           SELECT 1 FROM bookings AS b WHERE b.session_id = :session_id AND b.attendance_state = 'in')) AS empty
 CROSS JOIN LATERAL attendance.close_session(:session_id, '[]') AS c"""
_REOPEN = "SELECT attendance.reopen_session(:session_id)"

_ADD_ROOM = """INSERT INTO rooms (venue_id, name, capacity) VALUES (:venue_id, :name, :capacity)
               RETURNING id, name, capacity, is_active"""
_EDIT_ROOM = """UPDATE rooms SET name = :name, capacity = :capacity, is_active = :is_active
                 WHERE id = :room_id AND venue_id = :venue_id RETURNING id, name, capacity, is_active"""
_ADD_REASON = """INSERT INTO closure_reasons (venue_id, name, kind)
                 VALUES (:venue_id, :name, CAST(:kind AS closure_reason))
                 RETURNING id, name, kind, true AS is_own, is_active"""


class ProgrammeQueries:
    """The programmes of the venues a person may see. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def calendar(self, venue_id: UUID, first: date, last: date) -> Calendar:
        """Rooms, sessions and closures of some local days, both included, in two statements."""
        days = {"venue_id": venue_id, "first": first, "last": last}
        sessions = tuple(rows.session(one) for one in await self._rows(_SESSIONS, **days))
        frame = (await self._rows(_FRAME, **days))[0]
        used = {one.room_id for one in sessions}
        lanes = (rows.room(one) for one in frame["rooms"])
        return Calendar(
            first=first,
            last=last,
            rooms=tuple(lane for lane in lanes if lane.is_active or lane.id in used),
            sessions=sessions,
            closures=tuple(rows.closure(one) for one in frame["closures"]),
        )

    async def choices(self, venue_id: UUID) -> Choices:
        """What the editors offer; rooms that were put away are marked so, and offered to nobody."""
        return rows.choices((await self._rows(_CHOICES, venue_id=venue_id))[0])

    async def all_series(self, venue_id: UUID) -> tuple[Series, ...]:
        """Every weekly pattern, those that still run first."""
        return tuple(rows.series(one) for one in await self._rows(_SERIES, venue_id=venue_id, series_id=None))

    async def series(self, venue_id: UUID, series_id: UUID) -> Series:
        """One weekly pattern. Raises NotFound for one of another venue too."""
        found = await self._rows(_SERIES, venue_id=venue_id, series_id=series_id)
        if not found:
            raise NotFound("There is no such series here.", hint="Refresh the list.", code="no_series")
        return rows.series(found[0])

    async def closures(self, venue_id: UUID) -> tuple[ClosureSpan, ...]:
        """The next span of every closure that is not over."""
        return tuple(rows.closure(one) for one in await self._rows(_CLOSURES, venue_id=venue_id))

    async def plan(self, venue_id: UUID, change: Change) -> Plan:
        """What a change would do. Raises Invalid, NotFound, or Conflict with the code "version_changed"."""
        found = await self._rows(_PLAN, venue_id=venue_id, change=rows.sent(request(change)))
        return rows.plan(found[0]["plan"])

    async def apply(self, venue_id: UUID, change: Change, fingerprint: str, new_id: UUID) -> Applied:
        """Do what was planned; under the same `new_id` again, the answer is the same.

        Raises Conflict: "plan_changed", "version_changed", "conflict" for two sessions that would overlap.
        """
        found = await self._rows(
            _APPLY,
            venue_id=venue_id,
            change=rows.sent(request(change)),
            fingerprint=fingerprint,
            new_id=new_id,
        )
        return rows.applied(found[0]["answer"])

    async def complete(self, session_id: UUID) -> None:
        """Close a session. Raises Conflict: "children_in" while somebody is in, "too_early" before its start."""
        if not await self._rows(_COMPLETE, session_id=session_id):
            raise Conflict("Children are still in.", hint="Check everybody out first.", code="children_in")

    async def reopen(self, session_id: UUID) -> None:
        """Take a closing back. Raises Conflict "paid_out", Denied for others than managers."""
        await self._rows(_REOPEN, session_id=session_id)

    async def add_room(self, venue_id: UUID, name: str, capacity: int | None) -> Room:
        """A new room. Raises Conflict for a name that is in use, Denied for others than managers."""
        return rows.room((await self._rows(_ADD_ROOM, venue_id=venue_id, name=name, capacity=capacity))[0])

    async def edit_room(self, venue_id: UUID, room: Room) -> Room:
        """Change a room's own facts. Raises NotFound for one that is not this person's to change."""
        found = await self._rows(
            _EDIT_ROOM,
            venue_id=venue_id,
            room_id=room.id,
            name=room.name,
            capacity=room.capacity,
            is_active=room.is_active,
        )
        if not found:
            raise NotFound("There is no such room here.", hint="Refresh the list.", code="no_room")
        return rows.room(found[0])

    async def add_reason(self, venue_id: UUID, name: str, kind: ClosureKind) -> ClosureReason:
        """A reason of the venue's own. Raises Conflict for a name that is in use."""
        return rows.reason((await self._rows(_ADD_REASON, venue_id=venue_id, name=name, kind=kind.value))[0])

    async def _rows(self, statement: Executable | str, **parameters: object) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]
