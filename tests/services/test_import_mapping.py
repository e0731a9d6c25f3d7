"""Mapping files and venues files: what they may say, and a sentence for what they may not."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest

from console.domain.importing import Reading, SourceRow
from console.errors import Invalid
from console.services.imports import layouts, mapping, venues
from console.services.imports.text import Text, read_text
from tests.support import session_files


def only(reading: Reading) -> SourceRow:
    assert reading.rejected == ()
    assert len(reading.rows) == 1
    return reading.rows[0]


MAPPING = """
    [layout]
    name = "Made-up export"
    source = "made-up"
    country = "UK"
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
        ('country = "UK"', "", "[layout] needs “country”"),
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
