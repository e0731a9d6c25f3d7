"""A programme that goes out, files that come in, and the columns that were chosen, over one database.

What goes out is read under row-level security and names no child; what comes in goes through one door in the database,
which plans every entry as a person's change is planned. See docs/design.md, "The database" (authorisation).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from console.domain.exchange import (
    DateOut,
    Entry,
    Outcome,
    Overlap,
    ProgrammeOut,
    Report,
    ReportRow,
    SeriesOut,
    SessionOut,
    Taken,
    request,
)
from console.storage import programme_rows as rows
from console.storage.database import Database
from console.storage.programme import ProgrammeQueries

# Its length is that of schedules.wall_minutes, which takes whole rows: a desk may not read every column of one.
_SESSIONS = """
SELECT s.id, s.activity_id, a.name AS activity, s.recurring_schedule_id AS series_id, s.occurs_on,
       s.session_date AS day, s.start_time AS start,
       CASE WHEN w.minutes < 1 THEN greatest(1, extract(epoch FROM s.ends_at - s.starts_at)::integer / 60)
            ELSE least(w.minutes, 1440) END AS minutes,
       s.total_capacity AS capacity, s.platform_allocated_spots AS platform_places, s.room_id,
       s.instructor_name AS instructor, s.is_cancelled, s.booked_count AS booked, s.created_at AS made_at
  FROM activity_sessions AS s
  JOIN activities AS a ON a.id = s.activity_id
  CROSS JOIN LATERAL (SELECT extract(epoch FROM (s.ends_at AT TIME ZONE s.timezone)
                                              - (s.starts_at AT TIME ZONE s.timezone))::integer / 60) AS w (minutes)
 WHERE s.venue_id = :venue_id AND (s.session_date BETWEEN :first AND :last OR s.occurs_on BETWEEN :first AND :last)
 ORDER BY s.starts_at, a.name, s.id"""

_FRAME = """
SELECT v.name AS venue, v.timezone AS zone, (app.now() AT TIME ZONE v.timezone)::date AS today,
       (SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY lower(r.name)), '[]')
          FROM (SELECT id, name, capacity, is_active FROM rooms WHERE venue_id = :venue_id) AS r) AS rooms,
       (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.starts_at), '[]')
          FROM schedules.closures_between(:venue_id, :first, :last) AS c) AS closures,
       (SELECT coalesce(jsonb_object_agg(r.id, jsonb_build_array(r.is_active, r.created_at)), '{}')
          FROM activity_recurring_schedules AS r WHERE r.venue_id = :venue_id) AS series,
       (SELECT coalesce(jsonb_agg(to_jsonb(e) ORDER BY e.on), '[]')
          FROM (SELECT schedule_id AS series_id, exception_date AS on, kind = 'skipped' AS is_skipped, new_day AS day,
                       new_start AS start, new_minutes AS minutes, new_room_id AS room_id, new_instructor AS instructor,
                       new_capacity AS capacity
                  FROM schedule_exceptions
                 WHERE venue_id = :venue_id AND exception_date BETWEEN :first AND :last) AS e) AS dates
  FROM venues AS v WHERE v.id = :venue_id"""

_ENTRIES = bindparam("entries", type_=JSONB)
_EXCHANGE = text(
    "SELECT schedules.exchange(:venue_id, :source, :entries, :dry, :fingerprint, :new_id) AS answer"
).bindparams(_ENTRIES)

_MAPPING = "SELECT mapping FROM import_mappings WHERE venue_id = :venue_id AND shape = :shape"
_REMEMBER = text(
    """INSERT INTO import_mappings (venue_id, shape, mapping) VALUES (:venue_id, :shape, :mapping)
       ON CONFLICT (venue_id, shape) DO UPDATE SET mapping = excluded.mapping"""
).bindparams(bindparam("mapping", type_=JSONB))


class ExchangeQueries:
    """What goes out of and comes into the programmes of the venues a person may see. Raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def programme(self, venue_id: UUID, first: date, last: date) -> ProgrammeOut:
        """Everything of some local days, both included, at most 800 of them."""
        days = {"venue_id": venue_id, "first": first, "last": last}
        series = await ProgrammeQueries(self._database).all_series(venue_id)
        sessions = await self._rows(_SESSIONS, **days)
        (frame,) = await self._rows(_FRAME, **days)
        kept = frame["series"]
        return ProgrammeOut(
            venue=frame["venue"],
            zone=frame["zone"],
            today=frame["today"],
            first=first,
            last=last,
            rooms=tuple(rows.room(one) for one in frame["rooms"]),
            # One that was made between two of these statements is in the next file.
            series=tuple(SeriesOut(one, *_runs(kept[str(one.id)])) for one in series if str(one.id) in kept),
            sessions=tuple(SessionOut(**one) for one in sessions),
            dates=tuple(_date(one) for one in frame["dates"]),
            closures=tuple(rows.closure(one) for one in frame["closures"]),
        )

    async def look(self, venue_id: UUID, source: str, entries: Sequence[Entry], capacity: int) -> Report:
        """What a file's entries would make; nothing is written."""
        found = await self._exchange(venue_id, source, entries, capacity, True, None, None)
        return Report(found["fingerprint"], tuple(_row(one) for one in found["rows"]))

    async def take(
        self,
        venue_id: UUID,
        source: str,
        entries: Sequence[Entry],
        capacity: int,
        fingerprint: str,
        new_id: UUID,
    ) -> Taken:
        """Do what was looked at, once under the same `new_id`. Raises Conflict "plan_changed"."""
        return Taken(**await self._exchange(venue_id, source, entries, capacity, False, fingerprint, new_id))

    async def columns(self, venue_id: UUID, shape: str) -> Mapping[str, Any] | None:
        """How a table of this shape was read the last time."""
        found = await self._rows(_MAPPING, venue_id=venue_id, shape=shape)
        return dict(found[0]["mapping"]) if found else None

    async def remember_columns(self, venue_id: UUID, shape: str, mapping: Mapping[str, Any]) -> None:
        """Read tables of this shape so from now on."""
        await self._database.execute(
            _REMEMBER, {"venue_id": venue_id, "shape": shape, "mapping": rows.sent(mapping)}
        )

    async def _exchange(
        self,
        venue_id: UUID,
        source: str,
        entries: Sequence[Entry],
        capacity: int,
        dry: bool,
        fingerprint: str | None,
        new_id: UUID | None,
    ) -> dict[str, Any]:
        found = await self._rows(
            _EXCHANGE,
            venue_id=venue_id,
            source=rows.sent(source),
            entries=rows.sent(request(entries, capacity)),
            dry=dry,
            fingerprint=fingerprint,
            new_id=new_id,
        )
        return dict(found[0]["answer"])

    async def _rows(self, statement: Executable | str, **parameters: object) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]


def _runs(found: Sequence[Any]) -> tuple[bool, datetime]:
    return found[0], datetime.fromisoformat(found[1])


def _date(found: Mapping[str, Any]) -> DateOut:
    return DateOut(
        series_id=UUID(found["series_id"]),
        on=date.fromisoformat(found["on"]),
        is_skipped=found["is_skipped"],
        day=None if found["day"] is None else date.fromisoformat(found["day"]),
        start=None if found["start"] is None else time.fromisoformat(found["start"]),
        minutes=found["minutes"],
        room_id=None if found["room_id"] is None else UUID(found["room_id"]),
        instructor=found["instructor"],
        capacity=found["capacity"],
    )


def _row(found: Mapping[str, Any]) -> ReportRow:
    names = ("made", "altered", "ended", "bookings", "told", "rooms", "activities")
    counted: dict[str, int] = {name: found.get(name) or 0 for name in names}
    refusal = found.get("refusal")
    if refusal and found.get("hint"):
        refusal = f"{refusal} {found['hint']}"
    return ReportRow(
        line=found["line"],
        title=found["title"],
        kind=found["kind"],
        outcome=Outcome(found["outcome"]),
        refusal=refusal,
        overlaps=tuple(
            Overlap(one["kind"], one["what"], date.fromisoformat(one["on"]), one["other"])
            for one in found.get("overlaps", ())
        ),
        made=counted["made"],
        altered=counted["altered"],
        ended=counted["ended"],
        bookings=counted["bookings"],
        told=counted["told"],
        rooms=counted["rooms"],
        activities=counted["activities"],
    )
