"""The rows of a table as entries, by the columns that a person confirmed; a row that cannot be read says why.

See docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, time
from hashlib import sha256
from typing import Any
from uuid import UUID

from console.domain.exchange import Columns, DayOrder, Entry, Reading, Sheet, Unread
from console.domain.recurrence import minutes_from
from console.services.imports import cells
from console.services.imports.cells import RowError, shown

_NUMBERS = re.compile(r"([0-9]{1,4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,4})\.?(?:[T ][0-9:.]*)?")
_CLOCK = re.compile(
    r"([0-9]{1,2})(?:[:.h]([0-9]{2})(?::([0-9]{2}))?)?\s*(?:([ap])\.?\s?m\.?)?", re.IGNORECASE
)
_CANCELLED = ("cancel", "отмен")
# Weekdays in the console's other languages, Sunday first; English is known to `cells`.
_OTHER_DAYS = (
    ("dom", "lun", "mar", "mié", "jue", "vie", "sáb"),
    ("dom", "lun", "mar", "mie", "jue", "vie", "sab"),
    ("воск", "понед", "втор", "сред", "четв", "пятн", "субб"),
    ("вс", "пн", "вт", "ср", "чт", "пт", "сб"),
)
_EMPTY_MEANS_NONE = frozenset({"room", "instructor", "name", "last"})


def entries(sheet: Sheet, columns: Columns) -> Reading:
    """The entries of a table."""
    made: list[Entry] = []
    refused = list(sheet.refused)
    for line, row in sheet.rows:
        try:
            made.append(_Row(line, row, columns).entry())
        except RowError as error:
            title = row.get(columns.of.get("title", ""), "").strip() or None
            refused.append(Unread(line, str(error), title))
    words = "series" if columns.kind == "series" else "sessions"
    return Reading(f"Table of {words}", tuple(made), tuple(sorted(refused, key=lambda one: one.line)))


class _Row:
    """One row by the facts its columns hold."""

    def __init__(self, line: int, row: Mapping[str, str], columns: Columns) -> None:
        self.line, self.columns = line, columns
        self._row = row

    def cell(self, key: str) -> str:
        return self._row.get(self.columns.of.get(key, ""), "").strip()

    def label(self, key: str) -> str:
        return self.columns.of.get(key, key).capitalize()

    def entry(self) -> Entry:
        own = _uuid(self.cell("id"))
        title = self.cell("title") or None
        start = read_clock(self.cell("start"), "The start")
        facts: dict[str, Any] = {"start": start.isoformat(), "minutes": self._minutes(start)}
        if self.columns.kind == "series":
            facts |= self._pattern(own is not None)
        else:
            facts["day"] = read_day(self.cell("day"), "The day", self.columns.days).isoformat()
        for key, most in (("capacity", 10_000), ("platform_places", 10_000), ("every_weeks", 52)):
            if self.cell(key) and (key != "every_weeks" or self.columns.kind == "series"):
                facts[key] = cells.number(self.cell(key), self.label(key), 0, most)
        for key in ("room", "instructor", "name", "room_id"):
            self._text(facts, key, own is not None)
        skipped = self._skipped() if self.columns.kind == "series" else ()
        said = (
            title,
            facts.get("day") or facts.get("first"),
            facts.get("weekdays"),
            facts["start"],
            facts.get("room"),
        )
        named = self.cell("id")
        return Entry(
            line=self.line,
            key=f"id-{named[:200]}"
            if named
            else f"row-{sha256(repr(said).encode('utf-8', 'replace')).hexdigest()[:40]}",
            kind=self.columns.kind,
            title=title,
            facts=facts,
            own_id=own,
            activity_id=self.cell("activity_id") or None,
            skipped=skipped,
            is_cancelled=self.cell("state").casefold().startswith(_CANCELLED),
        )

    def _pattern(self, is_own: bool) -> dict[str, Any]:
        facts: dict[str, Any] = {
            "weekdays": sorted(read_weekdays(self.cell("weekdays"), "Weekdays")),
            "first": read_day(self.cell("first"), "The first day", self.columns.days).isoformat(),
        }
        if self.cell("last"):
            last = read_day(self.cell("last"), "The last day", self.columns.days)
            if last.isoformat() < facts["first"]:
                raise RowError("The last day is before the first.")
            facts["last"] = last.isoformat()
        elif is_own and "last" in self.columns.of:
            facts["last"] = None
        return facts

    def _minutes(self, start: time) -> int:
        if self.cell("minutes"):
            return cells.number(self.cell("minutes"), "The length in minutes", 1, 1440)
        if not self.cell("end"):
            raise RowError("The row says neither when it ends nor how long it lasts.")
        return minutes_from(start, read_clock(self.cell("end"), "The end"))

    def _text(self, facts: dict[str, Any], key: str, is_own: bool) -> None:
        if key not in self.columns.of or (key == "name" and self.columns.kind != "series"):
            return
        # Not stripped: the database knows what a file may do to a text on the way.
        found = self._row.get(self.columns.of[key], "")
        if found.strip():
            facts[key] = found
        elif is_own and key in _EMPTY_MEANS_NONE:
            facts[key] = None

    def _skipped(self) -> tuple[date, ...]:
        parts = [part for part in re.split(r"[\s,;]+", self.cell("skipped")) if part]
        return tuple(sorted({read_day(part, "A day it is not on", self.columns.days) for part in parts}))


def read_day(cell: str, label: str, order: DayOrder) -> date:
    """A day as a table writes it. Raises RowError."""
    match = _NUMBERS.fullmatch(cell)
    if match is None:
        return cells.day(cell, label) if cell else _nothing(label)
    one, two, three = (int(part) for part in match.groups())
    if len(match[1]) == 4:
        year, month, day = one, two, three
    elif order == "mdy":
        year, month, day = three, one, two
    else:
        year, month, day = three, two, one
    if year < 100:
        year += 2000
    return cells.day(f"{year:04d}-{month:02d}-{day:02d}", label) if max(month, day) < 100 else _nothing(label)


def read_clock(cell: str, label: str) -> time:
    """A time of day as a table writes it: 16:30, 4:30 pm, 16.30, or a spreadsheet's part of a day. Raises RowError."""
    if re.fullmatch(r"0?\.[0-9]+", cell):
        minutes = round(float(cell) * 24 * 60)
        if minutes < 24 * 60:
            return time(minutes // 60, minutes % 60)
    match = _CLOCK.fullmatch(cell)
    if match is None or (match[2] is None and match[4] is None):
        raise RowError(
            f"{label} is {shown(cell)}, which is not a time of day." if cell else f"{label} is empty."
        )
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[4] is not None:
        if not 1 <= hour <= 12:
            raise RowError(f"{label} is {shown(cell)}, which is not a time of day.")
        hour = hour % 12 + (12 if match[4].lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise RowError(f"{label} is {shown(cell)}, which is not a time of day.")
    return time(hour, minute, second)


def read_weekdays(cell: str, label: str) -> frozenset[int]:
    """Weekdays by name in the console's languages. Raises RowError."""
    found: set[int] = set()
    for part in re.split(r"[,;/&+\s]+", cell.casefold()):
        name = part.strip().rstrip(".")
        if not name or name in ("and", "y", "и"):
            continue
        other = next(
            (at for days in _OTHER_DAYS for at, day in enumerate(days) if name.startswith(day)),
            None,
        )
        english = len(name) >= 3 and any(day.casefold().startswith(name) for day in cells.WEEKDAY_NAMES)
        found.add(cells.weekday_number(part, label) if english or other is None else other)
    if not found:
        raise RowError(f"{label} names no weekday.")
    return frozenset(found)


def _nothing(label: str) -> date:
    raise RowError(f"{label} is empty.")


def _uuid(written: str) -> UUID | None:
    try:
        return UUID(written) if len(written) == 36 else None
    except ValueError:
        return None
