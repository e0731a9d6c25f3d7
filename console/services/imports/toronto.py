"""The two CSV layouts of the City of Toronto: dated drop-in sessions, and registered programmes.

Both name places by the same location numbers. The drop-in file gives ages in years and one row per date; the
registered file gives ages in months, weekday lists and date ranges, and the places' names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time

from console.domain.importing import SourceRow, VenueFacts
from console.domain.recurrence import dates_between, minutes_from, weekday
from console.services.imports import cells
from console.services.imports.categories import category_of
from console.services.imports.cells import RowError

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """A CSV layout that the console knows: its columns (normalised name to the publisher's) and its reader."""

    name: str
    publisher: str
    source: str
    timezone: str
    country: str
    columns: Mapping[str, str]
    read: Callable[[int, Row], SourceRow]


def read_drop_in(line: int, row: Row) -> SourceRow:
    """One dated session. Raises RowError where a cell is wrong or the weekday is not that of the date."""
    title = cells.text(row["coursetitle"], "Course Title", 255)
    section = cells.text(row["section"], "Section", 255)
    first = cells.day(row["firstdate"], "First Date")
    last = cells.day(row["lastdate"], "Last Date")
    cells.in_order(first, last, "The row")
    on = cells.weekday_number(row["dayoftheweek"], "DayOftheWeek")
    if first == last and weekday(first) != on:
        raise RowError(
            f"The row says {cells.WEEKDAY_NAMES[on]}, but {first.isoformat()} is a "
            f"{cells.WEEKDAY_NAMES[weekday(first)]}."
        )
    start, minutes = _times(row, "startminute", "Start Minute")
    youngest, oldest = cells.ages_in_years(row["agemin"], row["agemax"], "Age Min", "Age Max")
    found = SourceRow(
        line=line,
        location=cells.key(row["locationid"], "Location ID"),
        course=cells.key(row["courseid"], "Course_ID"),
        title=title,
        first=first,
        last=last,
        days=frozenset({on}),
        start=start,
        minutes=minutes,
        weekly=first != last,
        min_age=youngest,
        max_age=oldest,
        category=category_of(section, title),
        tags=(("section", section),),
    )
    return _held(found)


def read_registered(line: int, row: Row) -> SourceRow:
    """One programme: a weekday list over a range of dates, ages in months. Raises RowError where a cell is wrong."""
    title = cells.text(row["activitytitle"], "Activity Title", 255)
    section = cells.text(row["section"], "Section", 255)
    first, last = cells.day_range(row["fromto"], "From To")
    start, minutes = _times(row, "startmin", "Start Min")
    youngest, oldest = cells.ages_in_months(row["minage"], row["maxage"], "Min Age", "Max Age")
    tags = [("section", section)]
    page = cells.optional_text(row.get("activityurl", ""), "Activity URL", 500)
    if page is not None:
        tags.append(("page", page))
    found = SourceRow(
        line=line,
        location=cells.key(row["locationid"], "Location ID"),
        course=cells.key(row["courseid"], "Course_ID"),
        title=title,
        first=first,
        last=last,
        days=cells.weekdays(row["daysoftheweek"], "Days of The Week"),
        start=start,
        minutes=minutes,
        weekly=True,
        min_age=youngest,
        max_age=oldest,
        category=category_of(section, title),
        tags=tuple(tags),
        venue=VenueFacts(name=cells.text(row["locationname"], "Location Name", 255)),
    )
    return _held(found)


def _times(row: Row, minute: str, minute_label: str) -> tuple[time, int]:
    start = time(
        cells.number(row["starthour"], "Start Hour", 0, 23), cells.number(row[minute], minute_label, 0, 59)
    )
    end = time(cells.number(row["endhour"], "End Hour", 0, 23), cells.number(row["endmin"], "End Min", 0, 59))
    if end == start:
        raise RowError("The session starts and ends at the same time.")
    return start, minutes_from(start, end)


def _held(row: SourceRow) -> SourceRow:
    if next(dates_between(row.days, row.first, row.last), None) is None:
        raise RowError("No date of the range falls on the weekdays that the row names.")
    return row


DROP_IN = CsvLayout(
    name="Toronto drop-in sessions (CSV)",
    publisher="toronto",
    source="toronto-drop-in",
    timezone="America/Toronto",
    country="Canada",
    columns={
        "locationid": "Location ID",
        "courseid": "Course_ID",
        "coursetitle": "Course Title",
        "section": "Section",
        "agemin": "Age Min",
        "agemax": "Age Max",
        "starthour": "Start Hour",
        "startminute": "Start Minute",
        "endhour": "End Hour",
        "endmin": "End Min",
        "firstdate": "First Date",
        "lastdate": "Last Date",
        "dayoftheweek": "DayOftheWeek",
    },
    read=read_drop_in,
)

REGISTERED = CsvLayout(
    name="Toronto registered programmes (CSV)",
    publisher="toronto",
    source="toronto-registered",
    timezone="America/Toronto",
    country="Canada",
    columns={
        "locationid": "Location ID",
        "courseid": "Course_ID",
        "locationname": "Location Name",
        "section": "Section",
        "activitytitle": "Activity Title",
        "daysoftheweek": "Days of The Week",
        "fromto": "From To",
        "starthour": "Start Hour",
        "startmin": "Start Min",
        "endhour": "End Hour",
        "endmin": "End Min",
        "minage": "Min Age",
        "maxage": "Max Age",
    },
    read=read_registered,
)
