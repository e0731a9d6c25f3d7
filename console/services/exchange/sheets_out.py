"""A programme as a table: series or sessions, a row each, with the ids by which the same table comes back.

The headings are those that the import knows, so that what went out is read again without a question. Notes are left
out: people write names of children into them. See docs/design.md, "Documents".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from console.domain.exchange import FACT_COLUMNS, ProgrammeOut, SessionOut, Wish
from console.domain.programme import Room
from console.reports.sheets import Cell, CsvSheet, Kind, Sheet, SheetColumn, XlsxSheet
from console.services.exchange.scope import series_dates, singles, wanted

DAY_WORDS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
_WORDS = {one.key: one.words for one in FACT_COLUMNS}
_NUMBERS = frozenset({"minutes", "capacity", "every_weeks", "platform_places", "booked"})
_DAYS = frozenset({"day", "first", "last"})
_SERIES = ("id", "title", "weekdays", "first", "last", "start", "minutes", "capacity", "room", "instructor",
           "every_weeks", "platform_places", "name", "skipped", "activity_id", "room_id")  # fmt: skip
_SESSIONS = ("id", "title", "day", "start", "end", "minutes", "capacity", "booked", "room", "instructor",
             "platform_places", "state", "activity_id", "room_id")  # fmt: skip
_WIDTHS = {
    "title": 28,
    "id": 38,
    "activity_id": 38,
    "room_id": 38,
    "skipped": 30,
    "room": 20,
    "instructor": 20,
}


def write(path: Path, programme: ProgrammeOut, wish: Wish) -> int:
    """Write the table to `path` and answer how many rows it has. Raises OSError."""
    keys = _SERIES if wish.what == "series" else _SESSIONS
    columns = [SheetColumn(_WORDS.get(key, "Booked"), _kind(key), _WIDTHS.get(key, 14)) for key in keys]
    sheet: Sheet
    if wish.format == "csv":
        sheet = CsvSheet(path, columns)
    else:
        sheet = XlsxSheet(path, columns, name="Series" if wish.what == "series" else "Sessions")
    try:
        rows = list(
            _series_rows(programme, wish) if wish.what == "series" else _session_rows(programme, wish)
        )
        sheet.add(rows)
    finally:
        sheet.close()
    return len(rows)


def _kind(key: str) -> Kind:
    if key in _DAYS:
        return "date"
    return "number" if key in _NUMBERS else "text"


def _series_rows(programme: ProgrammeOut, wish: Wish) -> Iterator[Sequence[Cell]]:
    rooms = {one.id: one for one in programme.rooms}
    skipped: dict[object, list[str]] = {}
    for one in programme.dates:
        if one.is_skipped and one.on >= programme.today:
            skipped.setdefault(one.series_id, []).append(one.on.isoformat())
    for made in series_dates(programme, wish):
        series, facts = made.out.series, made.out.series.facts
        if not made.takes_place or not made.out.runs:
            continue
        yield (
            str(series.id), series.activity, ", ".join(DAY_WORDS[day] for day in facts.weekdays), facts.first,
            facts.last, _clock(facts.start), facts.minutes, facts.capacity, _name(rooms, facts.room_id),
            facts.instructor, facts.every_weeks, facts.platform_places, facts.name,
            " ".join(skipped.get(series.id, ())), str(facts.activity_id), _id(facts.room_id),
        )  # fmt: skip


def _session_rows(programme: ProgrammeOut, wish: Wish) -> Iterator[Sequence[Cell]]:
    rooms = {one.id: one for one in programme.rooms}
    alone = {one.id for one in singles(programme, wish)}
    for one in programme.sessions:
        if not programme.first <= one.day <= programme.last:
            continue
        if one.id not in alone and not wanted(wish, one.room_id, one.instructor):
            continue
        end = datetime.combine(one.day, one.start) + timedelta(minutes=one.minutes)
        yield (
            str(one.id), one.activity, one.day, _clock(one.start), _clock(end.time()), one.minutes, one.capacity,
            one.booked, _name(rooms, one.room_id), one.instructor, one.platform_places, _state(one),
            str(one.activity_id), _id(one.room_id),
        )  # fmt: skip


def _state(one: SessionOut) -> str:
    return "Cancelled" if one.is_cancelled else "Planned"


def _clock(at: time) -> str:
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _name(rooms: Mapping[UUID, Room], room_id: UUID | None) -> str | None:
    return None if room_id is None or room_id not in rooms else rooms[room_id].name


def _id(value: object) -> str | None:
    return None if value is None else str(value)
