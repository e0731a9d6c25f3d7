"""Small session files in every layout, made by the tests themselves."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

DROP_IN_HEADER = (
    "_id", "Location ID", "Course_ID", "Course Title", "Section", "Age Min", "Age Max", "Date Range", "Start Hour",
    "Start Minute", "End Hour", "End Min", "First Date", "Last Date", "DayOftheWeek",
)  # fmt: skip
REGISTERED_HEADER = (
    "_id", "Course_ID", "Location ID", "Location Name", "Section", "Activity Title", "Course Title",
    "Days of The Week", "From To", "Start Hour", "Start Min", "End Hour", "End Min", "Activity URL", "Min Age",
    "Max Age", "Program Category", "Registration Date", "Status / Information",
)  # fmt: skip
VENUE = {
    "location": "7",
    "name": "Harbour Hall",
    "address_line1": "1 Pier Road",
    "city": "Toronto",
    "state": "Ontario",
    "postal_code": "M5V 1A1",
    "latitude": "43.64",
    "longitude": "-79.38",
    "contact_email": "desk@harbour.example",
    "contact_phone": "+1 416 555 0100",
}
"""A venues file's row with everything a venue needs."""


def csv_text(
    header: Iterable[str], rows: Iterable[Iterable[object]], *, delimiter: str = ",", end: str = "\n"
) -> str:
    """A CSV text."""
    made: list[list[object]] = [list(header), *(list(row) for row in rows)]
    # The writer quotes only the line end that it uses itself.
    everything = any("\r" in str(cell) for row in made for cell in row)
    out = io.StringIO(newline="")
    csv.writer(
        out,
        delimiter=delimiter,
        lineterminator=end,
        quoting=csv.QUOTE_ALL if everything else csv.QUOTE_MINIMAL,
    ).writerows(made)
    return out.getvalue()


def drop_in_row(day: object = "2026-01-06", **changes: object) -> list[object]:
    """A drop-in row: Chess at location 7, Tuesdays 16:00 to 17:30, ages 6 to 12; columns by their file names."""
    held = date.fromisoformat(str(day))
    row: dict[str, object] = {
        "_id": 1,
        "Location ID": 7,
        "Course_ID": 100,
        "Course Title": "Chess",
        "Section": "Hobbies and Interests - Drop-In",
        "Age Min": 6,
        "Age Max": 12,
        "Date Range": f"{held} to {held}",
        "Start Hour": 16,
        "Start Minute": 0,
        "End Hour": 17,
        "End Min": 30,
        "First Date": held.isoformat(),
        "Last Date": held.isoformat(),
        "DayOftheWeek": f"{held:%A}",
    }
    unknown = set(changes) - set(row)
    assert not unknown, unknown
    return list((row | changes).values())


def drop_in(*rows: Iterable[object], end: str = "\n") -> str:
    """A file in the drop-in layout; one row where none is given."""
    return csv_text(DROP_IN_HEADER, rows or [drop_in_row()], end=end)


def weekly(first: str, weeks: Iterable[int], **changes: object) -> list[list[object]]:
    """Drop-in rows on the weekday of `first`, in these weeks."""
    start = date.fromisoformat(first)
    return [drop_in_row(date.fromordinal(start.toordinal() + 7 * week), **changes) for week in weeks]


def registered(**changes: object) -> str:
    """A file in the registered layout with one row: a camp from Monday to Friday."""
    row: dict[str, object] = {
        "_id": 1,
        "Course_ID": 500,
        "Location ID": 7,
        "Location Name": "Harbour Hall",
        "Section": "Sports - Tennis and Table Tennis",
        "Activity Title": "Tennis: Camp - Child",
        "Course Title": "Tennis: Camp",
        "Days of The Week": "Mon,Tue,Wed,Thu,Fri",
        "From To": "Jul-06-2026 to Jul-10-2026",
        "Start Hour": 9,
        "Start Min": 0,
        "End Hour": 12,
        "End Min": 0,
        "Activity URL": "https://example.org/500",
        "Min Age": 72,
        "Max Age": 144,
        "Program Category": "Sports",
        "Registration Date": "2026-06-02",
        "Status / Information": "Open",
    }
    return csv_text(REGISTERED_HEADER, [(row | changes).values()])


def activity(**changes: Any) -> dict[str, Any]:
    """An activity of the JSON layout: Thursdays, with a place that has an address and a phone number."""
    return {
        "id": "a1",
        "name": "Basketball",
        "description": "Bring shoes.",
        "age_low": 10,
        "age_high": 14,
        "fee": "5.00",
        "fee_frequency": "Total/Season",
        "gender": "M/F",
        "location_id": "p1",
        "location_name": "Gathers",
        "location_address": {
            "zip": "19121",
            "city": "Philadelphia",
            "state": "PA",
            "street": "2501 Diamond St.",
            "country": "",
            "street2": "",
            "latitude": 39.9872708,
            "longitude": -75.1746441,
        },
        "location_phone": "2155550100",
        "schedules": [schedule()],
        "location_geometry": [39.98, -75.17],
    } | changes


def schedule(**changes: Any) -> dict[str, Any]:
    """A schedule of the JSON layout."""
    return {
        "id": "s1",
        "days": ["Thursday"],
        "date_from": "2026-02-05",
        "date_to": "2026-02-26",
        "time_from": "18:00:00",
        "time_to": "19:30:00",
    } | changes


def philadelphia(*activities: Mapping[str, Any]) -> str:
    """A file in the JSON layout; one activity where none is given."""
    rows = list(activities) or [activity()]
    return json.dumps({"rows": rows, "time": 0.01, "fields": {"id": {"type": "string"}}}, indent=2)


def venues(*rows: Mapping[str, object]) -> str:
    """A venues file; one complete place where none is given."""
    given = list(rows) or [VENUE]
    return csv_text(given[0], [row.values() for row in given])
