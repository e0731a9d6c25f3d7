"""Mapping files: how a CSV layout that the console does not know is described in a few lines of TOML.

A mapping names the publisher, the time zone and the column for each fact; the table in docs/guides/importing.md is the
same as the ones here. A mapping that says anything unknown is refused, because a misspelt key would be ignored.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from console.domain.importing import Reading, Rejection, SourceRow, VenueFacts
from console.domain.recurrence import dates_between, minutes_from, weekday
from console.errors import Invalid
from console.services.imports import cells
from console.services.imports.cells import RowError
from console.services.imports.tables import DELIMITERS, normalised, table
from console.services.imports.text import Text

FACTS = (
    "location", "location_name", "course", "title", "section", "category", "room", "description",
    "min_age", "max_age", "date", "first_date", "last_date", "weekdays", "start", "end", "duration_minutes",
    "capacity", "credits", "timezone",
)  # fmt: skip
"""What a column, or a constant, can give."""
_LAYOUT = ("name", "source", "timezone", "country", "delimiter", "ages", "date_format", "time_format")
_SECTIONS = ("layout", "columns", "constants", "categories")
_LONGEST_SESSION = 24 * 60 - 1


@dataclass(frozen=True, slots=True)
class CsvMapping:
    """A mapping file after its own check. `columns` holds normalised column names by fact."""

    name: str
    source: str
    columns: Mapping[str, str]
    labels: Mapping[str, str]
    country: str
    constants: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    delimiter: str = ","
    ages_in_months: bool = False
    date_format: str | None = None
    time_format: str | None = None


def parse(text: Text) -> CsvMapping:
    """The mapping in a TOML text. Raises Invalid with what is wrong."""
    try:
        raw = tomllib.loads(text.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _bad(f"it is not valid TOML ({error})") from error
    _only(raw, _SECTIONS, "the file")
    layout, columns = _table(raw, "layout"), _table(raw, "columns")
    constants, categories = _table(raw, "constants"), _table(raw, "categories")
    _only(layout, _LAYOUT, "[layout]")
    _only(columns, FACTS, "[columns]")
    _only(constants, FACTS, "[constants]")
    # The country too: a venue must have one, and guessing it would be inventing a fact.
    for name in ("name", "source", "country"):
        if not layout.get(name, "").strip():
            raise _bad(f"[layout] needs “{name}”")
    _complete(set(columns) | set(constants))
    delimiter = layout.get("delimiter", ",")
    if delimiter not in DELIMITERS:
        raise _bad("the delimiter must be a comma, a semicolon, a tab or a bar")
    if layout.get("ages", "years") not in {"years", "months"}:
        raise _bad("“ages” must be “years” or “months”")
    try:
        zone = cells.zone(layout["timezone"], "timezone") if "timezone" in layout else None
        mapped = {
            cells.text(section, "A section", 255).casefold(): cells.category(
                category, f"The category of {section}"
            )
            for section, category in categories.items()
        }
        cells.text(layout["source"], "source", 100)
        cells.text(layout["country"], "country", 100)
    except RowError as error:
        raise _bad(str(error).rstrip(".")) from error
    return CsvMapping(
        name=layout["name"],
        source=layout["source"],
        columns={fact: normalised(column) for fact, column in columns.items()},
        labels=dict(columns),
        constants=constants,
        categories={section: category for section, category in mapped.items() if category is not None},
        timezone=zone,
        country=layout["country"],
        delimiter=delimiter,
        ages_in_months=layout.get("ages") == "months",
        date_format=layout.get("date_format"),
        time_format=layout.get("time_format"),
    )


def read(text: Text, mapping: CsvMapping) -> Reading:
    """All rows of a CSV text by a mapping. Raises Invalid where a column that the mapping names is missing."""
    found = table(text.text, mapping.delimiter)
    for fact, column in mapping.columns.items():
        if column not in found.labels:
            raise Invalid(
                f"The file has no column “{mapping.labels[fact]}”, which the mapping names for {fact}.",
                code="import_layout",
            )
    rows: list[SourceRow] = []
    rejected = list(found.rejected)
    for line, raw in found.rows:
        try:
            rows.append(_Reader(mapping, raw).row(line))
        except RowError as error:
            rejected.append(Rejection(line, str(error)))
    return Reading(
        mapping.name,
        mapping.source,
        mapping.source,
        mapping.timezone,
        mapping.country,
        tuple(rows),
        tuple(sorted(rejected)),
        text.notes,
    )


class _Reader:
    """One row, asked for facts."""

    def __init__(self, mapping: CsvMapping, raw: Mapping[str, str]) -> None:
        self.mapping = mapping
        self.raw = raw

    def row(self, line: int) -> SourceRow:
        title = cells.text(self._cell("title"), self._label("title"), 255)
        section = cells.optional_text(self._cell("section"), self._label("section"), 255)
        category = cells.category(self._cell("category"), self._label("category"))
        if category is None and section is not None:
            category = self.mapping.categories.get(section.casefold())
        ages = cells.ages_in_months if self.mapping.ages_in_months else cells.ages_in_years
        youngest, oldest = ages(
            self._cell("min_age"), self._cell("max_age"), self._label("min_age"), self._label("max_age")
        )
        start, minutes = self._times()
        first, last, days, weekly = self._days()
        zone = self._cell("timezone")
        return SourceRow(
            line=line,
            location=cells.key(self._cell("location"), self._label("location")),
            course=cells.optional_text(self._cell("course"), self._label("course"), cells.LONGEST_KEY)
            or cells.key(title, self._label("title")),
            title=title,
            first=first,
            last=last,
            days=days,
            start=start,
            minutes=minutes,
            weekly=weekly,
            min_age=youngest,
            max_age=oldest,
            category=category,
            capacity=cells.optional_number(self._cell("capacity"), self._label("capacity"), 1, 100_000),
            credits=cells.optional_number(self._cell("credits"), self._label("credits"), 1, 10_000),
            room=cells.optional_text(self._cell("room"), self._label("room"), 100),
            description=cells.optional_text(
                self._cell("description"), self._label("description"), 20_000, lines=True
            ),
            tags=(("section", section),) if section is not None else (),
            venue=VenueFacts(
                name=cells.optional_text(self._cell("location_name"), self._label("location_name"), 255),
                timezone=cells.zone(zone, self._label("timezone")) if zone.strip() else None,
            ),
        )

    def _times(self) -> tuple[time, int]:
        start = cells.clock(self._cell("start"), self._label("start"), self.mapping.time_format)
        if self._has("duration_minutes"):
            label = self._label("duration_minutes")
            return start, cells.number(self._cell("duration_minutes"), label, 1, _LONGEST_SESSION)
        end = cells.clock(self._cell("end"), self._label("end"), self.mapping.time_format)
        if end == start:
            raise RowError("The session starts and ends at the same time.")
        return start, minutes_from(start, end)

    def _days(self) -> tuple[date, date, frozenset[int], bool]:
        if self._has("date"):
            day = self._day("date")
            if self._cell("weekdays").strip():
                on = cells.weekdays(self._cell("weekdays"), self._label("weekdays"))
                if weekday(day) not in on:
                    raise RowError(
                        f"{day.isoformat()} is a {cells.WEEKDAY_NAMES[weekday(day)]}, not what the row says."
                    )
            return day, day, frozenset({weekday(day)}), False
        first, last = self._day("first_date"), self._day("last_date")
        cells.in_order(first, last, "The row")
        on = cells.weekdays(self._cell("weekdays"), self._label("weekdays"))
        if next(dates_between(on, first, last), None) is None:
            raise RowError("No date of the range falls on the weekdays that the row names.")
        return first, last, on, True

    def _day(self, fact: str) -> date:
        return cells.day(self._cell(fact), self._label(fact), self.mapping.date_format)

    def _has(self, fact: str) -> bool:
        return fact in self.mapping.columns or fact in self.mapping.constants

    def _cell(self, fact: str) -> str:
        column = self.mapping.columns.get(fact)
        found = self.raw[column] if column is not None else ""
        return found if found.strip() else self.mapping.constants.get(fact, "")

    def _label(self, fact: str) -> str:
        return self.mapping.labels.get(fact, fact)


def _complete(given: set[str]) -> None:
    for fact in ("location", "title", "start"):
        if fact not in given:
            raise _bad(f"it gives no column for “{fact}”")
    if not given & {"end", "duration_minutes"}:
        raise _bad("it gives no column for “end” or “duration_minutes”")
    if "date" not in given and not {"first_date", "last_date", "weekdays"} <= given:
        raise _bad("it needs “date”, or “first_date”, “last_date” and “weekdays”")


def _table(raw: Mapping[str, object], name: str) -> dict[str, str]:
    found = raw.get(name, {})
    if not isinstance(found, dict):
        raise _bad(f"“{name}” must be a table")
    for key, value in found.items():
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise _bad(f"“{key}” in [{name}] must be text")
    return {key: str(value) for key, value in found.items()}


def _only(found: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    for key in found:
        if key not in known:
            raise _bad(f"{where} has “{key}”, which is not one of {', '.join(known)}")


def _bad(reason: str) -> Invalid:
    return Invalid(f"The mapping file cannot be used: {reason}.", code="import_mapping")
