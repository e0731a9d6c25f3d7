"""Tables of all sorts: columns are guessed and kept, rows become entries or say why not. And open data."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.exchange import Columns, Sheet
from console.errors import ConsoleError, Invalid
from console.services.exchange import mapping, openactive, sheets_in
from console.services.exchange.sheets_read import read_sheet
from console.services.imports.cells import RowError
from tests.support.shared_data import require

LONDON = ZoneInfo("Europe/London")
SERIES = "Course;Days;Start date;End date;Start time;End time;Places;Studio\n"


def csv(text: str) -> Sheet:
    return read_sheet(text.encode(), "programme.csv")


def book(*rows: list[Any]) -> bytes:
    """A workbook of one sheet."""
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(row)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def test_columns_of_a_weekly_table_are_guessed() -> None:
    sheet = csv(SERIES + "Clay;Tue, Thu;03.03.2026;31.03.2026;16:00;17:30;12;Studio A\n")
    columns = mapping.guess(sheet)
    assert columns == Columns(
        "series",
        {"title": "course", "weekdays": "days", "first": "startdate", "last": "enddate", "start": "starttime",
         "end": "endtime", "capacity": "places", "room": "studio"},
        "dmy",
    )  # fmt: skip
    (entry,) = sheets_in.entries(sheet, columns).entries
    assert (entry.title, entry.line) == ("Clay", 2)
    assert entry.facts == {
        "weekdays": [2, 4], "start": "16:00:00", "minutes": 90, "capacity": 12, "first": "2026-03-03",
        "last": "2026-03-31", "room": "Studio A",
    }  # fmt: skip
    assert mapping.from_json(json.loads(json.dumps(mapping.as_json(columns))), sheet) == columns


def test_columns_of_dated_sessions_are_guessed_in_other_words_and_languages() -> None:
    english = csv("Date,Time,Duration,Event\n05/21/2026,4:30 PM,45,Judo\n")
    columns = mapping.guess(english)
    assert (columns.kind, columns.days, dict(columns.of)) == (
        "session", "mdy", {"day": "date", "start": "time", "minutes": "duration", "title": "event"},
    )  # fmt: skip
    (entry,) = sheets_in.entries(english, columns).entries
    assert entry.facts == {"day": "2026-05-21", "start": "16:30:00", "minutes": 45}
    russian = csv("Занятие\tДни\tДата начала\tНачало\tКонец\nЛепка\tпн, ср\t02.03.2026\t16:00\t17:00\n")
    (entry,) = sheets_in.entries(russian, mapping.guess(russian)).entries
    assert (entry.title, entry.facts["weekdays"], entry.facts["minutes"]) == ("Лепка", [1, 3], 60)
    spanish = csv("Actividad,Días,Desde,Hora,Fin\nBarro,lunes y miércoles,2026-03-02,16:00,17:00\n")
    (entry,) = sheets_in.entries(spanish, mapping.guess(spanish)).entries
    assert entry.facts["weekdays"] == [1, 3]


def test_a_workbook_is_read_as_it_looks() -> None:
    data = book(
        ["Activity", "Day", "Start", "Minutes", "Places"],
        ["Clay", datetime(2026, 3, 3), time(16, 30), 45, 12.0],  # noqa: DTZ001 - a cell knows no zone
        [None, None, None, None, None],
        ["Judo", date(2026, 3, 4), 0.6875, "60", None],
        ["Dance", "2026-03-05", timedelta(hours=9), 60, True],
    )
    sheet = read_sheet(data, "programme.xlsx")
    found = sheets_in.entries(sheet, mapping.guess(sheet))
    assert found.refused == ()
    assert [(one.line, one.facts["day"], one.facts["start"], one.facts["minutes"]) for one in found.entries] == [
        (2, "2026-03-03", "16:30:00", 45), (4, "2026-03-04", "16:30:00", 60), (5, "2026-03-05", "09:00:00", 60),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Clay;Tue;31.02.2026;;16:00;17:00;12;", "The first day is “2026-02-31”, which is not a date."),
        ("Clay;Tue;03.03.2026;01.03.2026;16:00;17:00;12;", "The last day is before the first."),
        ("Clay;Tue;03.03.2026;;25:00;17:00;12;", "The start is “25:00”, which is not a time of day."),
        ("Clay;9;03.03.2026;;16:00;17:00;12;", "Weekdays is “9”, which is not a weekday."),
        ("Clay;;03.03.2026;;16:00;17:00;12;", "Weekdays names no weekday."),
        ("Clay;Tue;03.03.2026;;16:00;;12;", "The row says neither when it ends nor how long it lasts."),
        (
            "Clay;Tue;03.03.2026;;16:00;17:00;many;",
            "Places is “many”; it must be a whole number from 0 to 10000.",
        ),
        ("Clay;Tue;;;16:00;17:00;12;", "The first day is empty."),
        ("Clay;Tue;03.03.2026;;;17:00;12;", "The start is empty."),
        ("Clay;Tue", "The row has 2 cells where the header has 8."),
    ],
)
def test_a_row_that_cannot_be_says_why_and_the_others_come_in(row: str, said: str) -> None:
    sheet = csv(f"{SERIES}{row}\nJudo;Mon;02.03.2026;;09:00;10:00;8;\n")
    found = sheets_in.entries(sheet, mapping.guess(sheet))
    assert [one.title for one in found.entries] == ["Judo"]
    assert [(one.line, one.reason) for one in found.refused] == [(2, said)]


def test_files_that_are_no_tables_are_refused_in_a_sentence() -> None:
    good = book(["Activity", "Day"], ["Clay", "2026-03-03"])
    for data in (
        b"",
        b"Activity,Day\n",
        b"a,a\n1,2\n",
        b"PK\x03\x04nonsense",
        good[: len(good) // 2],
        book(),
        b"\x00\x01\x02" * 99,
    ):
        with pytest.raises(Invalid) as caught:
            read_sheet(data, "programme.xlsx")
        assert caught.value.sentence.endswith(".")
    rows = "".join(f"Clay {number};Tue;03.03.2026;;16:00;17:00;12;\n" for number in range(5_001))
    with pytest.raises(Invalid) as caught:
        csv(SERIES + rows)
    assert caught.value.code == "too_many_entries"


def test_what_was_kept_for_another_table_is_not_believed() -> None:
    sheet = csv("Activity,Day,Start,Minutes\nClay,2026-03-03,16:00,60\n")
    for kept in ({}, {"kind": "series"}, {"kind": "session", "days": "ymd", "of": {"title": "gone"}},
                 {"kind": "session", "days": "now", "of": {}}, {"kind": "session", "days": "ymd", "of": {"sql": "day"}},
                 {"kind": "session", "days": "ymd", "of": []}):  # fmt: skip
        assert mapping.from_json(kept, sheet) is None


@given(st.text(max_size=20))
def test_any_cell_is_read_or_refused(cell: str) -> None:
    for read in (
        lambda: sheets_in.read_day(cell.strip(), "The day", "dmy"),
        lambda: sheets_in.read_clock(cell.strip(), "The start"),
        lambda: sheets_in.read_weekdays(cell, "Weekdays"),
    ):
        said = "."
        try:
            read()
        except RowError as error:
            said = str(error)
        assert said.endswith(".")


# Open data


def item(**data: Any) -> str:
    """A page of a feed with one object."""
    base = {
        "@type": "SessionSeries",
        "@id": "https://x.example/1",
        "name": "Yoga",
        "maximumAttendeeCapacity": 9,
    }
    return json.dumps({"items": [{"state": "updated", "data": base | data}]})


def schedule(**more: Any) -> dict[str, Any]:
    base = {"startDate": "2026-03-03", "endDate": "2026-03-31", "startTime": "16:00", "endTime": "17:00",
            "repeatFrequency": "P1W", "byDay": ["https://schema.org/Tuesday"],
            "scheduleTimezone": "Europe/London"}  # fmt: skip
    return base | more


def test_a_schedule_becomes_a_series() -> None:
    (entry,) = openactive.read(
        item(eventSchedule=[schedule(exceptDate=["2026-03-10T16:00:00Z"])]), LONDON
    ).entries
    assert entry.facts == {
        "weekdays": [2], "start": "16:00:00", "minutes": 60, "every_weeks": 1, "first": "2026-03-03",
        "last": "2026-03-31", "capacity": 9,
    }  # fmt: skip
    assert entry.skipped == (date(2026, 3, 10),)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"eventSchedule": [schedule(repeatFrequency="P1M")]},
         "It repeats every “P1M”; the console keeps weekly series only."),
        ({"eventSchedule": [schedule(byDay=["https://schema.org/Someday"])]},
         "“https://schema.org/Someday” is not a weekday."),
        ({"eventSchedule": [schedule(startTime="25:00")]}, "“25:00” is not a time of day."),
        ({"eventSchedule": [schedule(scheduleTimezone="Mars/Base")]}, "There is no time zone “Mars/Base”."),
        ({"eventSchedule": [schedule(scheduleTimezone="Asia/Tokyo")]},
         "Its times are those of Asia/Tokyo, not of this venue."),
        ({"eventSchedule": [schedule(byMonth=[3])]}, "It repeats by the month; the console keeps weekly series only."),
        ({"eventSchedule": [schedule(startDate="2026-02-30")]}, "“2026-02-30” is not a day."),
        ({}, "It has neither a schedule nor sessions."),
        ({"@type": "Slot"}, "It is of the kind “Slot”, which holds no sessions."),
        ({"@type": None}, "It does not say what it is."),
        ({"@type": "ScheduledSession"}, "It does not say when it starts."),
        ({"@type": "ScheduledSession", "startDate": "2026-03-03T10:00:00Z", "endDate": "2026-03-03T09:00:00Z"},
         "It ends before it starts."),
        ({"@type": "ScheduledSession", "startDate": "2026-03-03"}, "It says the day, but not the time."),
    ],
)  # fmt: skip
def test_open_data_that_cannot_be_kept_is_refused_in_a_sentence(data: dict[str, Any], said: str) -> None:
    found = openactive.read(item(**data), LONDON)
    assert found.entries == ()
    assert [one.reason for one in found.refused] == [said]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "@type",
                        "items",
                        "data",
                        "eventSchedule",
                        "startDate",
                        "startTime",
                        "subEvent",
                        "leader",
                        "location",
                        "byDay",
                        "name",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:
    for data in (value, {"@type": "SessionSeries", "eventSchedule": value, "subEvent": value, "leader": value},
                 {"items": [{"data": value}]},
                 {"@type": "ScheduledSession", "startDate": value, "superEvent": value}):  # fmt: skip
        said = "."
        try:
            openactive.read(json.dumps(data), LONDON)
        except ConsoleError as error:
            said = error.sentence
        assert said.endswith(".")


def test_the_public_examples(shared_data: Path) -> None:
    folder = shared_data / "openactive"

    def of(name: str) -> Any:
        text = require(folder / f"{name}_example_1.json").read_text("utf-8")
        return openactive.read(text, LONDON)

    (series,) = of("sessionseries").entries
    said = series.facts
    assert (series.title, said["weekdays"], said["first"], said["last"], said["capacity"]) == (
        "Virtual BODYPUMP", [2], "2018-10-02", "2018-11-04", 16,
    )  # fmt: skip
    (session,) = of("scheduledsession").entries
    assert (session.title, session.facts["day"], session.facts["start"], session.facts["minutes"]) == (
        "Hot Yoga", "2018-10-03", "20:15:00", 60,
    )  # fmt: skip
    (course,) = of("courseinstance").entries
    assert (course.facts["first"], course.facts["last"], course.facts["minutes"]) == (
        "2018-08-01",
        "2018-08-03",
        480,
    )
    (place,) = of("place").refused
    assert place.title == "Belle Vue Sports Village"
    assert datetime(2018, 10, 3, 19, 15, tzinfo=UTC).astimezone(LONDON).hour == 20
