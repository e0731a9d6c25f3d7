"""The known layouts: what a row means, and a reason for every wrong cell."""

from __future__ import annotations

import csv
import io
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.importing import Reading, SourceRow
from console.errors import Invalid
from console.services.imports import layouts
from console.services.imports.categories import category_of
from console.services.imports.text import Text, read_text
from tests.support import session_files
from tests.support.session_files import drop_in, drop_in_row


def read(text: str) -> Reading:
    return layouts.read(Text("sessions.csv", text))


def only(reading: Reading) -> SourceRow:
    assert reading.rejected == ()
    assert len(reading.rows) == 1
    return reading.rows[0]


def reason(text: str) -> str:
    reading = read(text)
    assert len(reading.rejected) == 1, reading
    return reading.rejected[0].reason


@given(st.text(max_size=60), st.sampled_from(range(1, 15)))
def test_any_text_in_any_cell_is_read_or_rejected_with_its_line(text: str, column: int) -> None:
    row = drop_in_row()
    row[column] = text
    reading = read(drop_in(drop_in_row(), row, end="\r\n"))
    assert len(reading.rows) + len(reading.rejected) >= 1
    assert all(
        one.line >= 2 and one.reason.endswith(".") and one.reason.isprintable() for one in reading.rejected
    )


def test_a_drop_in_row() -> None:
    assert only(
        read(drop_in(drop_in_row(**{"Section": "Arts - Drop-In", "Course Title": "Painting"})))
    ) == SourceRow(
        line=2,
        location="7",
        course="100",
        title="Painting",
        first=date(2026, 1, 6),
        last=date(2026, 1, 6),
        days=frozenset({2}),
        start=time(16),
        minutes=90,
        min_age=72,
        max_age=155,
        category="arts_crafts",
        tags=(("section", "Arts - Drop-In"),),
    )


def test_a_drop_in_row_over_several_weeks_is_weekly() -> None:
    row = only(read(drop_in(drop_in_row(**{"Last Date": "2026-01-27"}))))
    assert (row.weekly, row.first, row.last, row.days) == (
        True,
        date(2026, 1, 6),
        date(2026, 1, 27),
        frozenset({2}),
    )


def test_a_registered_row_has_ages_in_months_and_days_in_a_list() -> None:
    row = only(read(session_files.registered()))
    assert (row.min_age, row.max_age) == (72, 144)
    assert (row.first, row.last, row.days) == (
        date(2026, 7, 6),
        date(2026, 7, 10),
        frozenset({1, 2, 3, 4, 5}),
    )
    assert (row.title, row.category, row.weekly, row.minutes) == ("Tennis: Camp - Child", "sports", True, 180)
    assert row.venue.name == "Harbour Hall"
    assert dict(row.tags)["page"] == "https://example.org/500"


def test_an_activity_of_the_json_has_its_place_and_each_schedule() -> None:
    later = session_files.schedule(days=["Monday", "Friday"], time_from="22:00:00", time_to="01:00:00")
    first, second = read(
        session_files.philadelphia(session_files.activity(schedules=[session_files.schedule(), later]))
    ).rows
    assert (first.location, first.course, first.days, first.minutes) == ("p1", "a1", frozenset({4}), 90)
    assert (second.days, second.minutes) == (frozenset({1, 5}), 180)
    assert (first.min_age, first.max_age, first.description) == (120, 179, "Bring shoes.")
    assert dict(first.tags) == {"fee": "5.00", "fee_frequency": "Total/Season", "gender": "M/F"}
    assert first.venue.given() == {
        "name": "Gathers",
        "address_line1": "2501 Diamond St.",
        "city": "Philadelphia",
        "state": "PA",
        "postal_code": "19121",
        "latitude": "39.98727080",
        "longitude": "-75.17464410",
        "contact_phone": "2155550100",
    }


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [("6", "12", (72, 155)), ("0", "None", (0, None)), ("None", "5", (0, 71)), ("60", "None", (720, None)),
     ("18", "98", (216, 1187)), ("18", "99", (216, None)), ("18", "199", (216, None)), ("", "", (0, None)),
     ("12", "12", (144, 155))],
)  # fmt: skip
def test_ages_in_years_last_until_the_next_birthday(
    low: str, high: str, expected: tuple[int, int | None]
) -> None:
    row = only(read(drop_in(drop_in_row(**{"Age Min": low, "Age Max": high}))))
    assert (row.min_age, row.max_age) == expected


def test_columns_may_stand_in_any_order_and_spelling_and_more_may_be_there() -> None:
    order = sorted(range(15), key=lambda at: session_files.DROP_IN_HEADER[at], reverse=True)
    row = drop_in_row()
    header = [session_files.DROP_IN_HEADER[at].upper().replace(" ", "_") for at in order]
    for delimiter in ",;\t|":
        text = session_files.csv_text(
            [*header, "Extra"], [[*(row[at] for at in order), "x"]], delimiter=delimiter
        )
        assert only(read(text)) == only(read(drop_in()))


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("Start Hour", "25", "Start Hour is “25”; it must be a whole number from 0 to 23."),
        ("Start Minute", "4:00", "Start Minute is “4:00”; it must be a whole number from 0 to 59."),
        ("End Min", "", "End Min is “”; it must be a whole number from 0 to 59."),
        ("End Min", "1_0", "End Min is “1_0”; it must be a whole number from 0 to 59."),
        ("Age Min", "-1", "Age Min is “-1”; it must be a whole number from 0 to 119."),
        ("Age Max", "3", "The lowest age, 6, is above the highest, 3."),
        ("First Date", "2026-02-30", "First Date is “2026-02-30”, which is not a date."),
        ("First Date", "06/01/2026", "First Date is “06/01/2026”, which is not a date."),
        (
            "First Date",
            "1026-01-06",
            "First Date lies in the year 1026; years from 1970 to 2199 are believed.",
        ),
        ("Last Date", "2026-01-05", "The row ends on 2026-01-05, before it starts on 2026-01-06."),
        ("Last Date", "2036-01-05", "The row spans more than five years."),
        ("DayOftheWeek", "Monday", "The row says Monday, but 2026-01-06 is a Tuesday."),
        ("DayOftheWeek", "Yesterday", "DayOftheWeek is “Yesterday”, which is not a weekday."),
        ("Course Title", "  ", "Course Title is empty."),
        ("Course Title", "x" * 256, "Course Title has 256 characters; at most 255 are allowed."),
        ("Course Title", "a\x1bb", "Course Title holds a character that is no text (U+001B)."),
        ("Location ID", "", "Location ID is empty."),
        ("Course_ID", "9" * 201, "Course_ID has 201 characters; at most 200 are allowed."),
    ],
)
def test_a_wrong_cell_is_said_in_a_sentence(column: str, value: str, expected: str) -> None:
    assert reason(drop_in(drop_in_row(**{column: value}))) == expected


def test_a_session_that_ends_when_it_starts_is_refused() -> None:
    assert reason(drop_in(drop_in_row("2026-01-06", **{"End Hour": 16, "End Min": 0}))).startswith(
        "The session starts and ends"
    )


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"Days of The Week": ""}, "Days of The Week names no weekday."),
        ({"Days of The Week": "Mon,Someday"}, "Days of The Week is “Someday”, which is not a weekday."),
        ({"From To": "Jul-06-2026"}, "From To is “Jul-06-2026”; it must be a date, “to”, and a date."),
        (
            {"From To": "Jul-06-2026 to Jul-05-2026"},
            "From To ends on 2026-07-05, before it starts on 2026-07-06.",
        ),
        ({"Days of The Week": "Sun"}, "No date of the range falls on the weekdays that the row names."),
        ({"Min Age": "1440"}, "Min Age is “1440”; it must be a whole number from 0 to 1439."),
    ],
)
def test_a_wrong_programme_is_said_in_a_sentence(change: dict[str, str], expected: str) -> None:
    assert reason(session_files.registered(**change)) == expected


def test_a_layout_that_is_nearly_known_is_told_what_it_lacks() -> None:
    header = [label for label in session_files.DROP_IN_HEADER if label not in {"Age Max", "DayOftheWeek"}]
    with pytest.raises(Invalid) as raised:
        read(session_files.csv_text(header, []))
    assert raised.value.sentence == (
        "This looks like Toronto drop-in sessions (CSV), but the header lacks “Age Max”, “DayOftheWeek”."
    )
    with pytest.raises(Invalid, match="layout of this file is not known"):
        read("first,second\n1,2\n")
    with pytest.raises(Invalid, match="names the column “Section” twice"):
        read(
            session_files.csv_text([*session_files.DROP_IN_HEADER, "section"], []).replace(
                "section", "Section"
            )
        )


def test_a_broken_activity_has_the_line_it_starts_on() -> None:
    text = session_files.philadelphia(
        session_files.activity(),
        session_files.activity(id="a2", schedules=[]),
        session_files.activity(id="a3", age_low=True),
    )
    lines = text.split("\n")
    reading = read(text)
    assert [one.reason for one in reading.rejected] == [
        "The activity has no schedule.",
        "age_low is neither text nor a number.",
    ]
    for one, name in zip(reading.rejected, ("a2", "a3"), strict=True):
        assert lines[one.line - 1].strip() == "{"
        assert name in lines[one.line]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": 7.5}, None),
        ({"name": None}, "name is missing."),
        ({"name": ["x"]}, "name is neither text nor a number."),
        ({"name": "\ud800"}, "name holds a character that is no text (U+D800)."),
        ({"schedules": None}, "The activity has no schedule."),
        ({"schedules": ["x"]}, "A schedule is not a JSON object."),
        ({"schedules": [session_files.schedule(days="Monday")]}, "days is not a list of weekdays."),
        ({"schedules": [session_files.schedule(days=[])]}, "days names no weekday."),
        ({"schedules": [session_files.schedule(date_to=None)]}, "date_to is missing."),
        ({"schedules": [session_files.schedule(time_from="25:00:00")]},
         "time_from is “25:00:00”, which is not a time of day."),
        ({"location_address": []}, "The address is not a JSON object."),
        ({"location_address": {"latitude": 91, "longitude": 0}},
         "latitude is “91”; it must be decimal degrees from -90 to 90."),
        ({"location_address": {}}, None),
    ],
)  # fmt: skip
def test_wrong_types_are_said_in_a_sentence(change: dict[str, Any], expected: str | None) -> None:
    reading = read(session_files.philadelphia(session_files.activity(**change)))
    assert [one.reason for one in reading.rejected] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"rows": [{"id": 1, "id": 2}]}', None),
        ('{"rows": [{"id": NaN}]}', None),
        ('{"rows": [7]}', None),
        ('{"rows": [], "rows": []}', "The file names “rows” twice (line 1)."),
        ('{\n"rows": 7}', "“rows” must be a list (line 2)."),
        ('{"rows": [}', "The JSON is broken (expecting value) (line 1)."),
        ('{"rows": [{}\n{}]}', "A comma or the end of the list is missing (line 2)."),
        ('{"rows": []} x', "Something follows the end of the JSON (line 1)."),
        ("{}", "The JSON has no list “rows”."),
        ("[]", "The file must hold one JSON object (line 1)."),
        ('{"a": ' + "[" * 100_000, "The values are nested too deeply (line 1)."),
        ('{"rows": [' + '{"a":' * 100_000, "The values are nested too deeply (line 1)."),
        ('{"a": ' + "9" * 5_000 + "}", "A number is too long (line 1)."),
        ('{"rows', "The JSON is broken (unterminated string starting at) (line 1)."),
        (
            '{"rows": [{"speed": 3}]}',
            "The JSON is not a list of activities in a layout that the console knows.",
        ),
    ],
)
def test_json_that_is_none_is_refused(text: str, sentence: str | None) -> None:
    if sentence is None:
        assert len(read(text).rejected) == 1
        return
    with pytest.raises(Invalid) as raised:
        read(text)
    assert raised.value.sentence == sentence


def test_the_public_files_are_read_whole(shared_data: Path) -> None:
    path = shared_data / "toronto" / "drop_in_sessions.csv"
    reading = layouts.read(read_text(path))
    assert (len(reading.rows), reading.rejected) == (5345, ())
    with path.open(encoding="utf-8-sig", newline="") as file:
        raw = list(csv.DictReader(file))
    for row, there in zip(reading.rows, raw, strict=True):
        assert (row.location, row.course, row.title) == (
            there["Location ID"],
            there["Course_ID"],
            there["Course Title"],
        )
        assert row.first.isoformat() == there["First Date"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r")
    writer.writerows([list(raw[0]), *(list(one.values()) for one in raw)])
    assert read(out.getvalue()).rows == reading.rows


def test_sections_have_categories_or_none() -> None:
    assert category_of("Skate - Drop-In", "Leisure Skate") == "sports"
    assert category_of("FitnessTO - Drop-In", "Dance fit") == "sports"
    assert category_of("Arts - Drop-In", "Dance: Hip Hop") == "dance"
    assert category_of("Arts - Music", "Piano") == "music"
    assert category_of("EYS - Arts, Hobbies and Interest Drop-In", "Cooking: Baking") == "cooking"
    assert category_of("Early Years - Drop-In", "Recreation Fun and Play with Caregiver") is None
    assert category_of("Hobbies and Interests - Drop-In", "Games") is None
