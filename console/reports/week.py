"""A venue's week on paper: for the wall of the office and the instructor who wants to know where to be.

Days go down and hours across as on the screen, rooms or instructors are lanes, and a week that is too long for one
sheet goes on at a lane's edge with its day and hours named again. See docs/design.md, "Documents" and "Screens"
(schedule).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from console.domain.counting import count
from console.domain.programme import Calendar, CalendarSession, ClosureSpan
from console.reports import words
from console.reports.layout import (
    A4,
    BODY,
    HEADING,
    LEADING,
    MARGIN,
    SMALL,
    TITLE,
    Imprint,
    Pages,
    Paper,
    shorten,
)

_DAY_MINUTES = 1440
_LATEST = _DAY_MINUTES + 360
_DAY_COLUMN, _LANE_COLUMN = 46.0, 78.0
_ROW, _FOLDED, _AXIS, _INSET = 22.0, 16.0, 15.0, 1.5
_SET = 7.0
"""The type size of what stands in a lane: a usual week fits one sheet."""
_PAD = 3.0
_OFFICE = (9, 18)
_FOOT = 22.0

Lane = tuple[UUID | str, str]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A session in its place: minutes after its day's midnight, and the row it takes where several overlap."""

    session: CalendarSession
    start: int
    end: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class _LaneRow:
    """One lane of a day."""

    name: str
    entries: tuple[_Entry, ...]
    closed: tuple[tuple[int, int, str], ...]
    """From when to when it is shut, and why."""
    rows: int

    @property
    def height(self) -> float:
        """How high it stands."""
        return max(1, self.rows) * _ROW


def week(calendar: Calendar, imprint: Imprint, *, by_instructor: bool = False, paper: Paper = A4) -> bytes:
    """The week as a PDF on paper that lies on its side. What is left out of `calendar` is left out here."""
    return _Week(calendar, imprint, by_instructor, paper.turned).drawn()


class _Week:
    """One document being drawn."""

    def __init__(self, calendar: Calendar, imprint: Imprint, by_instructor: bool, paper: Paper) -> None:
        self._calendar, self._imprint, self._zone, self._paper = calendar, imprint, imprint.zone, paper
        self._by_instructor = by_instructor
        self._held = [one for one in calendar.sessions if not one.is_cancelled]
        self._lanes = self._used_lanes()
        self._first, self._last = self._hours()
        title = f"Week of {words.long_day(calendar.first)}"
        self._pages = Pages(title, imprint.venue, paper)
        self._page = 0
        self._top = 0.0
        self._left = MARGIN + _DAY_COLUMN + _LANE_COLUMN
        self._width = paper.width - MARGIN - self._left
        self._bottom = paper.height - MARGIN - _FOOT

    def drawn(self) -> bytes:
        """Every day in turn."""
        self._begin_page()
        for at in range((self._calendar.last - self._calendar.first).days + 1):
            self._day(self._calendar.first + timedelta(days=at))
        self._end_page()
        return self._pages.bytes()

    # -- pages -------------------------------------------------------------------------------------------------------

    def _begin_page(self) -> None:
        pages, top = self._pages, MARGIN
        self._page += 1
        size = TITLE if self._page == 1 else HEADING
        first, last = self._calendar.first, self._calendar.last
        said = f"{words.short_day(first)} – {words.short_day(last)} {last.year}"
        pages.text(MARGIN, top, said, size, bold=True)
        right = self._paper.width - MARGIN
        booked, places = sum(one.booked for one in self._held), sum(one.capacity for one in self._held)
        totals = f"{count(len(self._held), 'session')} · {booked} booked of {places} places"
        pages.text(0, top + 2, self._imprint.venue, BODY, bold=True, right=right)
        pages.text(0, top + 2 + BODY * LEADING, totals, SMALL, tone="muted", right=right)
        self._top = top + max(size * LEADING, 2 * BODY * LEADING) + 6
        for minute in range(self._first, self._last, 60):
            hour = f"{minute // 60 % 24:02d}:00"
            pages.text(self._x(minute) + 2, self._top + 2, hour, SMALL, tone="muted")
        self._top += _AXIS
        pages.rule(MARGIN, self._top, self._paper.width - 2 * MARGIN, strong=True)

    def _end_page(self) -> None:
        foot = self._paper.height - MARGIN - SMALL * LEADING
        said = f"{self._imprint.made} · page {self._page}"
        self._pages.text(MARGIN, foot, said, SMALL, tone="muted")
        if self._imprint.age_of_facts:
            right = self._paper.width - MARGIN
            self._pages.text(0, foot, self._imprint.age_of_facts, SMALL, bold=True, right=right)
        self._pages.end_page()

    def _room_for(self, height: float) -> bool:
        """Go on to the next page where so much has no room; whether a new one was begun."""
        if self._top + height <= self._bottom:
            return False
        self._end_page()
        self._begin_page()
        return True

    # -- days --------------------------------------------------------------------------------------------------------

    def _day(self, day: date) -> None:
        pages, right = self._pages, self._paper.width - 2 * MARGIN
        whole = [span for span in self._calendar.closures if not span.room_ids and self._falls(span, day)]
        rows = self._rows(day, whole)
        if not any(row.entries or len(row.closed) > len(whole) for row in rows):
            self._room_for(_FOLDED)
            said = f"Closed: {whole[0].reason}" if whole else "No sessions"
            self._name(day, self._top + 3)
            pages.text(MARGIN + _DAY_COLUMN, self._top + 4, said, SMALL, tone="muted")
            self._top += _FOLDED
            pages.rule(MARGIN, self._top, right, strong=True)
            return
        named = False
        for number, row in enumerate(rows):
            named = not self._room_for(row.height) and named
            if not named:
                self._name(day, self._top + 4)
                named = True
            self._lane(row)
            self._top += row.height
            last = number == len(rows) - 1
            pages.rule(
                MARGIN if last else MARGIN + _DAY_COLUMN,
                self._top,
                right - (0 if last else _DAY_COLUMN),
                strong=last,
            )

    def _name(self, day: date, top: float) -> None:
        weekday, number, *_month = words.short_day(day).split(" ")
        self._pages.text(MARGIN, top, f"{weekday} {number}", BODY, bold=True)

    def _lane(self, row: _LaneRow) -> None:
        pages, top = self._pages, self._top
        name = shorten(row.name, SMALL, _LANE_COLUMN - 6)
        pages.text(MARGIN + _DAY_COLUMN, top + (_ROW - SMALL * LEADING) / 2, name, SMALL, tone="muted")
        for start, end, said in row.closed:
            left, right = self._x(max(start, self._first)), self._x(min(end, self._last))
            if right > left:
                pages.plate(left, top + 4, right - left - 1, row.height - 8, solid=False)
                at = top + (row.height - _SET * LEADING) / 2
                pages.text(left + _PAD, at, shorten(said, _SET, right - left - 2 * _PAD), _SET, tone="muted")
        for entry in row.entries:
            self._entry(entry, top + entry.row * _ROW)

    def _entry(self, entry: _Entry, top: float) -> None:
        pages, session = self._pages, entry.session
        left, right = self._x(entry.start), self._x(entry.end)
        width = max(right - left - 1, 12)
        pages.plate(left, top + _INSET, width, _ROW - 2 * _INSET, solid=False)
        room = width - 2 * _PAD
        pages.text(
            left + _PAD,
            top + _INSET + 1.5,
            shorten(session.activity, _SET, room, bold=True),
            _SET,
            bold=True,
        )
        begins = f"{session.starts_at.astimezone(self._zone):%H:%M}"
        beside = "" if self._by_instructor else session.instructor or ""
        for said in (
            " · ".join(part for part in (begins, f"{session.booked}/{session.capacity}", beside) if part),
            f"{begins} · {session.booked}/{session.capacity}",
            f"{session.booked}/{session.capacity}",
        ):
            if shorten(said, _SET, room) == said:
                pages.text(left + _PAD, top + _INSET + 1.5 + _SET * LEADING, said, _SET, tone="muted")
                return

    # -- facts -------------------------------------------------------------------------------------------------------

    def _rows(self, day: date, whole: Sequence[ClosureSpan]) -> list[_LaneRow]:
        rows = []
        for key, name in self._lanes:
            mine = sorted(
                (one for one in self._held if one.day == day and self._lane_of(one) == key),
                key=lambda one: (one.starts_at, one.ends_at),
            )
            entries: list[_Entry] = []
            ends: list[int] = []
            for one in mine:
                start = self._minutes(one.starts_at, day)
                end = min(max(self._minutes(one.ends_at, day), start + 5), _LATEST)
                row = next((at for at, until in enumerate(ends) if until <= start), len(ends))
                ends[row : row + 1] = [end]
                entries.append(_Entry(one, start, end, row))
            shut = [
                span for span in self._calendar.closures
                if not self._by_instructor and key in span.room_ids and self._falls(span, day)
            ]  # fmt: skip
            rows.append(_LaneRow(name, tuple(entries), self._said([*whole, *shut], day), len(ends)))
        return rows

    def _said(self, spans: Sequence[ClosureSpan], day: date) -> tuple[tuple[int, int, str], ...]:
        found = []
        for span in spans:
            start, end = self._minutes(span.starts_at, day), self._minutes(span.ends_at, day)
            found.append((max(start, 0), min(end, _DAY_MINUTES), f"Closed: {span.reason}"))
        return tuple(found)

    def _falls(self, span: ClosureSpan, day: date) -> bool:
        return self._minutes(span.ends_at, day) > 0 and self._minutes(span.starts_at, day) < _DAY_MINUTES

    def _used_lanes(self) -> list[Lane]:
        if self._by_instructor:
            people = sorted(
                {one.instructor or "" for one in self._held}, key=lambda name: (not name, name.casefold())
            )
            return [(name, name or "No instructor") for name in people] or [("", "No instructor")]
        used = {one.room_id or "" for one in self._held}
        shut = {room for span in self._calendar.closures for room in span.room_ids}
        lanes: list[Lane] = [
            (room.id, room.name) for room in self._calendar.rooms if room.id in used or room.id in shut
        ]
        known = {key for key, _name in lanes}
        lanes += [(key, "Other room") for key in sorted(used - known - {""}, key=str)]
        return [*lanes, ("", "No room")] if "" in used or not lanes else lanes

    def _lane_of(self, session: CalendarSession) -> UUID | str:
        return (session.instructor or "") if self._by_instructor else (session.room_id or "")

    def _hours(self) -> tuple[int, int]:
        if not self._held:
            return _OFFICE[0] * 60, _OFFICE[1] * 60
        first = min(self._minutes(one.starts_at, one.day) for one in self._held) // 60
        last = -(-max(min(self._minutes(one.ends_at, one.day), _LATEST) for one in self._held) // 60)
        return first * 60, max(last, first + 4) * 60

    def _minutes(self, instant: datetime, day: date) -> int:
        local = instant.astimezone(self._zone).replace(tzinfo=None)
        return int((local - datetime.combine(day, time())).total_seconds() // 60)

    def _x(self, minute: int) -> float:
        return self._left + (minute - self._first) / (self._last - self._first) * self._width
