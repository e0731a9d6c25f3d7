"""The weekly patterns of public files, generated again in the database from their series and exceptions.

What comes out is exactly what the file says, row for row; and what comes out, looked at as if it were a file, has
exactly the patterns it was generated from.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from console.domain.importing import ImportOptions, Plan, Reading, parts_of
from console.domain.programme import SeriesFacts
from console.domain.recurrence import Occurrence, dates_between, expand, group, minutes_from
from console.domain.recurrence_rules import DateException
from console.services.imports import layouts, planning
from console.services.imports.text import read_text
from tests.support import factories
from tests.support.databases import Connection
from tests.support.recurring import EVER, generate, sessions_of, write_series
from tests.support.shared_data import require

FILES = {
    "toronto/drop_in_sessions.csv": 4_599,
    "toronto/registered_programs.csv": 40,
    "philadelphia/activities.json": 4_909,
}
"""Public files, and how many of their meetings belong to a weekly pattern."""

_SHORT = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")

Held = tuple[str, str, date, time, int, str | None, int]
"""Place, course, day, start, minutes, room and places of one meeting, as the wall clock has it."""


def _read(path: Path) -> tuple[Reading, Plan]:
    reading = layouts.read(read_text(require(path)))
    return reading, planning.plan(reading, ImportOptions(capacity=12, shift_weeks=0), date(2026, 1, 1))


def _write(tx: Connection, plan: Plan) -> dict[str, UUID]:
    """The plan's places, activities and series as rows; the ids of the series by their keys."""
    venues = {
        one.key: factories.venue(tx, timezone=one.facts["timezone"], status="pending_approval")
        for one in plan.venues
    }
    rooms = {one.key: factories.room(tx, venues[one.venue], name=one.name) for one in plan.rooms}
    activities = {one.key: factories.activity(tx, venues[one.venue]) for one in plan.activities}
    made = {}
    for one in plan.series:
        pattern = one.pattern
        facts = SeriesFacts(
            activity_id=activities[one.activity],
            weekdays=pattern.days,
            start=pattern.start,
            minutes=pattern.minutes,
            capacity=one.capacity,
            first=pattern.first,
            last=pattern.last,
            room_id=None if one.room is None else rooms[one.room],
        )
        made[one.key] = write_series(
            tx, facts, [DateException(day, is_skipped=True) for day in pattern.skipped]
        )
    return made


def _generated(tx: Connection, plan: Plan, series: Mapping[str, UUID]) -> dict[str, list[Held]]:
    """What the database makes of the series, by the series' keys, as the venue's wall clock shows it."""
    last = max(one.pattern.last for one in plan.series)
    tx.execute("UPDATE platform_settings SET value = '5000' WHERE key = 'generation_most_sessions'")
    tx.execute("SELECT schedules.generate(%s, %s, %s)", [list(series.values()), last, EVER])
    keys = {made: key for key, made in series.items()}
    places = {one.key: parts_of(one.activity) for one in plan.series}
    held: dict[str, list[Held]] = defaultdict(list)
    for made, day, start, end, room, capacity in tx.execute(
        """SELECT s.recurring_schedule_id, s.session_date, s.start_time, s.end_time, r.name, s.total_capacity
           FROM activity_sessions AS s LEFT JOIN rooms AS r ON r.id = s.room_id
           WHERE s.recurring_schedule_id = ANY (%s) ORDER BY s.starts_at""",
        [list(keys)],
    ):
        location, course = places[keys[made]]
        held[keys[made]].append((location, course, day, start, minutes_from(start, end), room, capacity))
    return held


@pytest.mark.parametrize("name", FILES)
def test_the_file_s_weekly_patterns_come_out_row_for_row(
    tx: Connection, shared_data: Path, name: str
) -> None:
    path = shared_data / name
    reading, plan = _read(path)
    held = _generated(tx, plan, _write(tx, plan))

    # One direction: everything that the file says is generated or repeats nothing, and nothing else is generated.
    said: set[Held] = set()
    for row in reading.rows:
        for day in dates_between(row.days, row.first, row.last):
            places = row.capacity or 12
            said.add((row.location, row.course, day, row.start, row.minutes, row.room, places))
    generated = [one for meetings in held.values() for one in meetings]
    assert len(generated) == len(set(generated)) == FILES[name]
    assert set(generated) <= said
    zones = {one.key: ZoneInfo(str(one.facts["timezone"])) for one in plan.venues}
    single = {
        (*parts_of(one.activity), *_wall(one.starts_at, zones[one.venue]), one.capacity)
        for one in plan.sessions
        if one.series is None
    }
    rest = {(one[0], one[1], one[2], one[3], one[6]) for one in said - set(generated)}
    assert rest == single

    if path.suffix == ".csv" and "First Date" in path.read_text("utf-8-sig").split("\n", 1)[0]:
        # The same once more without the reader's help.
        assert {
            (one[0], one[1], one[2].isoformat(), f"{one[3]:%H:%M}", _end(one)) for one in generated
        } <= _lines(path)

    # The other: what was generated, looked at as a file, has exactly the patterns it came from.
    for one in plan.series:
        assert [Occurrence(*meeting[2:5]) for meeting in held[one.key]] == [*expand(one.pattern)]
    by_course: dict[tuple[str, str, str | None, int], set[Occurrence]] = defaultdict(set)
    for meeting in said:
        by_course[meeting[0], meeting[1], meeting[5], meeting[6]].add(Occurrence(*meeting[2:5]))
    least_weeks = 1 if any(row.weekly for row in reading.rows) else 2
    found = [
        pattern
        for occurrences in by_course.values()
        for pattern in group(occurrences, least_weeks=least_weeks).patterns
    ]
    assert sorted(map(repr, found)) == sorted(repr(one.pattern) for one in plan.series)


def _wall(instant: datetime, zone: ZoneInfo) -> tuple[date, time]:
    local = instant.astimezone(zone)
    return local.date(), local.time()


def _lines(path: Path) -> set[tuple[str, ...]]:
    """Place, course, day, start and end of every line of the drop-in file, straight from its cells."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {
            (
                one["Location ID"],
                one["Course_ID"],
                one["First Date"],
                f"{int(one['Start Hour']):02}:{int(one['Start Minute']):02}",
                f"{int(one['End Hour']):02}:{int(one['End Min']):02}",
            )
            for one in csv.DictReader(file)
        }


def _end(one: Held) -> str:
    minute = one[3].hour * 60 + one[3].minute + one[4]
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _activity(tx: Connection, zone: str) -> UUID:
    return factories.activity(tx, factories.venue(tx, timezone=zone))


@pytest.mark.parametrize(
    "name",
    [
        "event_with_recurrence_exdates_on_different_lines.ics",
        "issue_112_missing_tzinfo_on_exdate.ics",
        "issue_466_respect_unique_timezone.ics",
    ],
)
def test_the_weekly_rules_of_the_calendars_come_out_as_dateutil_says(
    tx: Connection, shared_data: Path, name: str
) -> None:
    event = _event(require(shared_data / "ics" / name))
    rule, zone, first = event["rule"], event["zone"], event["first"]
    end = (
        datetime.fromisoformat("20240101T000000")
        if rule.get("UNTIL") is None
        else _until(rule["UNTIL"], zone)
    )
    text = ";".join(f"{key}={value}" for key, value in rule.items() if key != "UNTIL")
    expected = [
        one
        for one in rrulestr(text, dtstart=first).between(first, end, inc=True)
        if one not in event["skipped"]
    ]
    facts = SeriesFacts(
        activity_id=_activity(tx, zone),
        weekdays=tuple(_SHORT.index(day) for day in rule["BYDAY"].split(",")),
        start=first.time(),
        minutes=60,
        capacity=12,
        first=first.date(),
        last=end.date(),
    )
    made = write_series(tx, facts, [DateException(one.date(), is_skipped=True) for one in event["skipped"]])
    generate(tx, made, end.date())
    found = [one.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in sessions_of(tx, made)]
    assert found == expected
    assert len(found) > 9


def _event(path: Path) -> dict[str, Any]:
    """The one event of a calendar file, read as plainly as can be: nothing here is the console's own reading."""
    lines = path.read_text(encoding="utf-8-sig").replace("\r\n", "\n").split("BEGIN:VEVENT")[1].split("\n")
    cells = [(name, value) for name, _, value in (line.partition(":") for line in lines)]
    start = next(cell for cell in cells if cell[0].startswith("DTSTART"))
    zone = start[0].split("TZID=")[1]
    rule = dict(cells)["RRULE"]
    return {
        # The one zone that is made up has the rules of central Europe.
        "zone": "Europe/Vienna" if zone == "/Europe/CUSTOM" else zone,
        "first": datetime.fromisoformat(start[1].strip()),
        "rule": {key: value for key, _, value in (part.partition("=") for part in rule.strip().split(";"))},
        "skipped": [
            datetime.fromisoformat(cell[1].strip()) for cell in cells if cell[0].startswith("EXDATE")
        ],
    }


def _until(text: str, zone: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@pytest.mark.parametrize("name", ["sessionseries_example_1.json", "scheduledsession_example_1.json"])
def test_the_weekly_rules_of_the_open_data_come_out_as_dateutil_says(
    tx: Connection, shared_data: Path, name: str
) -> None:
    rule = _schedule(json.loads(require(shared_data / "openactive" / name).read_text("utf-8")))
    assert rule is not None
    assert rule["repeatFrequency"] == "P1W"
    start, end = time.fromisoformat(rule["startTime"]), time.fromisoformat(rule["endTime"])
    first, last = date.fromisoformat(rule["startDate"]), date.fromisoformat(rule["endDate"])
    names = [day.rsplit("/", 1)[1] for day in rule["byDay"]]
    zone = rule["scheduleTimezone"]
    short = ",".join(day[:2].upper() for day in names)
    begin = datetime.combine(first, start)
    expected = [*rrulestr(f"FREQ=WEEKLY;WKST=MO;BYDAY={short}", dtstart=begin).between(
        begin, datetime.combine(last, start), inc=True)]  # fmt: skip
    week = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
    facts = SeriesFacts(
        activity_id=_activity(tx, zone),
        weekdays=tuple(week.index(day) for day in names),
        start=start,
        minutes=minutes_from(start, end),
        capacity=12,
        first=first,
        last=last,
    )
    made = write_series(tx, facts)
    generate(tx, made, last)
    held = sessions_of(tx, made)
    assert [one.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in held] == expected
    assert {one.ends_at.astimezone(ZoneInfo(zone)).time() for one in held} == {end}
    assert len(held) == 5


def _schedule(value: Any) -> dict[str, Any] | None:
    """The first schedule with weekdays anywhere in a document."""
    if isinstance(value, dict):
        if "byDay" in value:
            return value
        value = list(value.values())
    if isinstance(value, list):
        return next((found for one in value if (found := _schedule(one)) is not None), None)
    return None
