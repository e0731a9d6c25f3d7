"""Reading session files: every encoding, dialect and layout, and a line and a reason for whatever is wrong."""

from __future__ import annotations

import csv
import io
import json
import os
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.importing import Reading, Rejection, SourceRow
from console.errors import ConsoleError, Invalid, NotFound
from console.services.imports import cells, layouts, mapping, venues
from console.services.imports.categories import category_of
from console.services.imports.tables import Record, records
from console.services.imports.text import Text, decode, read_text
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


# -- bytes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_every_encoding_reads_the_same(encoding: str) -> None:
    text = drop_in(
        drop_in_row(**{"Course Title": "Échecs à l’école" if encoding != "latin-1" else "Échecs à midi"})
    )
    found = decode(text.encode(encoding), "sessions.csv")
    assert found.text == text
    assert bool(found.notes) == (encoding in {"cp1252", "latin-1", "utf-16-le", "utf-16-be"})


def test_an_assumed_encoding_is_said_with_the_line() -> None:
    text = drop_in(drop_in_row(), drop_in_row(**{"Course Title": "Échecs"}), end="\r")
    assert decode(text.encode("cp1252"), "f").notes == (
        "The file is not UTF-8 (line 3); read as Windows-1252, so check the accents.",
    )
    assert "Latin-1" in decode(b"a,b\n\x81\n", "f").notes[0]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "f is empty."),
        (b" \r\n\n", "f is empty."),
        (b"\xef\xbb\xbf", "f is empty."),
        (b"\xff\xfe", "f is empty."),
        (b"PK\x03\x04rest", "f is an Excel workbook or a ZIP archive, not a CSV or JSON file."),
        (b"\x89PNG\r\n", "f is a picture, not a CSV or JSON file."),
        (bytes(range(256)) * 4, "f is not a text file."),
        (
            b"\xef\xbb\xbfa,b\n1,2\n\xff",
            "Line 3 of f holds bytes that are not UTF-8, which the file says it is.",
        ),
        (
            "a,b\r\n".encode("utf-16") + b"x",
            "Line 2 of f holds bytes that are not UTF-16, which the file says it is.",
        ),
        (
            b"\xff\xfe" + b"a\x00\n\x00" + b"\x00\xd8",
            "Line 2 of f holds bytes that are not UTF-16, which the file says it is.",
        ),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(Invalid) as raised:
        decode(data, "f")
    assert raised.value.sentence == sentence


def test_paths_that_are_no_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="is a folder"):
        read_text(tmp_path)
    with pytest.raises(NotFound, match="There is no file"):
        read_text(tmp_path / "missing.csv")
    (tmp_path / "zero.csv").touch()
    with pytest.raises(Invalid, match=r"zero\.csv is empty"):
        read_text(tmp_path / "zero.csv")
    with pytest.raises(ConsoleError):
        read_text(tmp_path / "nul\x00.csv")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(Invalid, match="not an ordinary file"):
            read_text(tmp_path / "pipe")
    with (tmp_path / "huge.csv").open("wb") as huge:
        huge.truncate(100 * 1024 * 1024 + 1)
    with pytest.raises(Invalid, match="larger than 100 MB"):
        read_text(tmp_path / "huge.csv")


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_a_sentence(data: bytes) -> None:
    refused: list[ConsoleError] = []
    try:
        layouts.read(decode(data, "f"))
    except ConsoleError as error:
        refused.append(error)
    assert all(error.sentence.endswith(".") and error.sentence.isprintable() for error in refused)


@given(st.text(max_size=60), st.sampled_from(range(1, 15)))
def test_any_text_in_any_cell_is_read_or_rejected_with_its_line(text: str, column: int) -> None:
    row = drop_in_row()
    row[column] = text
    reading = read(drop_in(drop_in_row(), row, end="\r\n"))
    assert len(reading.rows) + len(reading.rejected) >= 1
    assert all(
        one.line >= 2 and one.reason.endswith(".") and one.reason.isprintable() for one in reading.rejected
    )


# -- CSV -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_and_line_numbers(end: str) -> None:
    text = end.join(["a,b", '"x', 'y",1', "", "z", '2,"']) + end
    assert list(records(text)) == [
        Record(1, ["a", "b"]),
        Record(2, [f"x{end}y", "1"]),
        Record(5, ["z"]),
        Rejection(6, "A quotation mark opened on this line is never closed."),
    ]


def test_rows_that_cannot_be_read_have_their_line_and_the_rest_goes_on() -> None:
    good = drop_in_row()
    text = drop_in(good, good[:-1], [*good, "more"], good, [""], good)
    text = text.replace("Chess", "Che\x00ss", 1)
    reading = read(text + '9,"7"x,1\n' + '"' + "y" * 140_000 + '",1\n')
    assert reading.rejected == (
        Rejection(2, "The row holds a NUL character, which is no text."),
        Rejection(3, "The row has 14 cells where the header has 15."),
        Rejection(4, "The row has 16 cells where the header has 15."),
        Rejection(8, "Something stands between a closing quotation mark and the next separator."),
        Rejection(9, "A cell is longer than 131,072 characters."),
    )
    assert [row.line for row in reading.rows] == [5, 7]


def test_the_public_dialect_cases(shared_data: Path) -> None:
    folder = shared_data / "csv_spectrum"
    names = sorted(path.stem for path in (folder / "csvs").glob("*.csv"))
    assert len(names) == 11
    for name in names:
        text = decode((folder / "csvs" / f"{name}.csv").read_bytes(), name).text
        if name.endswith("_crlf"):
            # The published copies lost the line ends that they are named for.
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        header, *rest = [one.cells for one in records(text) if isinstance(one, Record)]
        expected = json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8"))
        assert [dict(zip(header, row, strict=True)) for row in rest] == expected, name


# -- layouts -------------------------------------------------------------------------------------------------------


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


# -- JSON ----------------------------------------------------------------------------------------------------------


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


# -- mapping files -------------------------------------------------------------------------------------------------

MAPPING = """
    [layout]
    name = "Made-up export"
    source = "made-up"
    timezone = "Europe/London"
    delimiter = ";"
    ages = "months"
    date_format = "%d/%m/%Y"
    time_format = "%I:%M %p"
    [columns]
    location = "Site"
    location_name = "Site name"
    title = "Class"
    section = "Area"
    room = "Hall"
    min_age = "From month"
    max_age = "To month"
    date = "On"
    start = "Begins"
    duration_minutes = "Length"
    capacity = "Places"
    [constants]
    credits = 4
    [categories]
    "Ballet" = "dance"
"""
MADE_UP = (
    "Site;Site name;Class;Area;Hall;From month;To month;On;Begins;Length;Places\n"
    "N1;North;Swans;Ballet;Big;36;71;02/03/2026;04:30 PM;45;9\n"
)


def described(text: str, mapped: str = MAPPING) -> Reading:
    return layouts.read(Text("f", text), mapping.parse(Text("m", mapped)))


def test_a_mapping_describes_another_layout() -> None:
    reading = described(MADE_UP)
    assert (reading.layout, reading.source, reading.timezone) == (
        "Made-up export",
        "made-up",
        "Europe/London",
    )
    row = only(reading)
    assert (row.location, row.course, row.title, row.category, row.room) == (
        "N1",
        "Swans",
        "Swans",
        "dance",
        "Big",
    )
    assert (row.first, row.start, row.minutes, row.days) == (
        date(2026, 3, 2),
        time(16, 30),
        45,
        frozenset({1}),
    )
    assert (row.min_age, row.max_age, row.capacity, row.credits) == (36, 71, 9, 4)
    assert row.venue.name == "North"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("02/03/2026", "2026-03-02", "On is “2026-03-02”, which is not a date."),
        ("04:30 PM", "16:30", "Begins is “16:30”, which is not a time of day."),
        (";45;", ";1440;", "Length is “1440”; it must be a whole number from 1 to 1439."),
        (";9\n", ";none at all\n", "Places is “none at all”; it must be a whole number from 1 to 100000."),
    ],
)
def test_a_mapped_row_is_checked_as_any_other(old: str, new: str, expected: str) -> None:
    assert [one.reason for one in described(MADE_UP.replace(old, new)).rejected] == [expected]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[layout]", "[layout", "it is not valid TOML"),
        ('delimiter = ";"', 'separator = ";"', "[layout] has “separator”"),
        ('room = "Hall"', 'hall = "Hall"', "[columns] has “hall”"),
        ('source = "made-up"', "", "[layout] needs “source”"),
        ('title = "Class"', "", "it gives no column for “title”"),
        ('duration_minutes = "Length"', "", "it gives no column for “end” or “duration_minutes”"),
        ('date = "On"', "", "it needs “date”, or “first_date”, “last_date” and “weekdays”"),
        ('ages = "months"', 'ages = "days"', "“ages” must be “years” or “months”"),
        ('timezone = "Europe/London"', 'timezone = "BST"', "timezone is “BST”, which is not a time zone"),
        ('"Ballet" = "dance"', '"Ballet" = "ballet"', "it must be one of stem"),
        ("credits = 4", "credits = true", "“credits” in [constants] must be text"),
        ('delimiter = ";"', 'delimiter = "x"', "the delimiter must be"),
    ],
)
def test_a_wrong_mapping_is_refused(old: str, new: str, expected: str) -> None:
    with pytest.raises(Invalid, match="mapping file cannot be used") as raised:
        described(MADE_UP, MAPPING.replace(old, new))
    assert expected in raised.value.sentence


def test_a_mapping_names_the_column_that_is_missing() -> None:
    with pytest.raises(Invalid, match="no column “Hall”, which the mapping names for room"):
        described(MADE_UP.replace("Hall", "Room"))


# -- venues files --------------------------------------------------------------------------------------------------


def test_a_venues_file() -> None:
    found = venues.read(
        Text("v", session_files.venues({**session_files.VENUE, "capacity": 14, "credits": 2}))
    )
    assert found["7"].capacity == 14
    assert found["7"].credits == 2
    assert found["7"].facts.latitude == "43.64000000"
    assert found["7"].facts.contact_email == "desk@harbour.example"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"contact_email": "nobody"},
         "Line 2 of the venues file: contact_email is “nobody”, which is not an e-mail address."),
        ({"latitude": "north"},
         "Line 2 of the venues file: latitude is “north”; it must be decimal degrees from -90 to 90."),
        ({"location": ""}, "Line 2 of the venues file: location is empty."),
        ({"timezone": "Toronto"},
         "Line 2 of the venues file: timezone is “Toronto”, which is not a time zone such as America/Toronto."),
        ({"phone": "1"}, "The venues file has a column “phone” that is not known."),
    ],
)  # fmt: skip
def test_a_wrong_venues_file_is_refused_whole(change: dict[str, str], expected: str) -> None:
    with pytest.raises(Invalid) as raised:
        venues.read(Text("v", session_files.venues({**session_files.VENUE, **change})))
    assert raised.value.sentence == expected


def test_a_place_stands_once_in_a_venues_file() -> None:
    with pytest.raises(Invalid, match="Line 3 of the venues file: The location “7” stands there twice"):
        venues.read(Text("v", session_files.venues(session_files.VENUE, session_files.VENUE)))
    with pytest.raises(Invalid, match="has no column “location”"):
        venues.read(Text("v", "name\nHall\n"))


def test_the_publishers_own_list_of_places(shared_data: Path) -> None:
    found = venues.read(read_text(shared_data / "philadelphia" / "locations.json"))
    assert len(found) == 14
    assert found["56a8f8757a8cee5e3a25b101"].facts.contact_phone == "2156853583"


# -- the public files ----------------------------------------------------------------------------------------------


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


def test_cells_are_shown_without_disturbing_a_terminal() -> None:
    assert cells.shown("a\x1b[2Jb\u202ec") == "“a\N{REPLACEMENT CHARACTER}[2Jb\N{REPLACEMENT CHARACTER}c”"
    assert cells.shown("x" * 50) == "“" + "x" * 39 + "…”"
