"""The JSON of the City of Philadelphia's activity finder: activities with their place and several schedules each.

Ages are years; a place comes with its address and coordinates, and in the detailed file with a phone number. The
fee is in dollars for a whole course or month, which is no price of one place in credits: it is kept as a tag.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.domain.importing import Reading, Rejection, SourceRow, VenueEntry, VenueFacts
from console.domain.recurrence import dates_between, minutes_from
from console.errors import Invalid
from console.services.imports import cells, json_rows
from console.services.imports.cells import RowError
from console.services.imports.text import Text

NAME = "Philadelphia activities (JSON)"
PUBLISHER = "philadelphia"
TIMEZONE = "America/New_York"
COUNTRY = "USA"
_KEYS = frozenset({"id", "name", "location_id", "schedules"})


def read(text: Text) -> Reading:
    """All schedules of all activities. Raises Invalid where the file is not such JSON."""
    rows: list[SourceRow] = []
    rejected: list[Rejection] = []
    for item in json_rows.rows(text.text):
        if isinstance(item, Rejection):
            rejected.append(item)
            continue
        line, raw = item
        try:
            rows.extend(_activity(line, _lowered(raw)))
        except RowError as error:
            rejected.append(Rejection(line, str(error)))
    return Reading(NAME, PUBLISHER, PUBLISHER, TIMEZONE, COUNTRY, tuple(rows), tuple(rejected), text.notes)


def looks_like(first: Mapping[str, Any]) -> bool:
    """Whether an object has the keys of an activity."""
    return set(_lowered(first)) >= _KEYS


def read_locations(text: Text) -> dict[str, VenueEntry]:
    """The publisher's list of places, for `--venues`. Raises Invalid where an entry is wrong, with its line."""
    found: dict[str, VenueEntry] = {}
    for item in json_rows.rows(text.text):
        if isinstance(item, Rejection):
            raise _bad_venue(item.line, item.reason)
        line, raw = item
        row = _lowered(raw)
        try:
            facts = _place(row.get("address"), row.get("geometry"), row.get("name"), row.get("phone"))
            found[cells.key(_string(row, "id"), "id")] = VenueEntry(facts)
        except RowError as error:
            raise _bad_venue(line, str(error)) from error
    return found


def _bad_venue(line: int, reason: str) -> Invalid:
    return Invalid(f"Line {line} of the venues file: {reason}", code="import_venues")


def _activity(line: int, row: Mapping[str, Any]) -> list[SourceRow]:
    missing = sorted(_KEYS - set(row))
    if missing:
        raise RowError(f"The activity has no “{missing[0]}”.")
    title = cells.text(_string(row, "name"), "name", 255)
    youngest, oldest = cells.ages_in_years(
        _string(row, "age_low", "None"), _string(row, "age_high", "None"), "age_low", "age_high"
    )
    venue = _place(
        row.get("location_address"),
        row.get("location_geometry"),
        row.get("location_name"),
        row.get("location_phone"),
    )
    tags = [
        (tag, found)
        for tag, name in (("fee", "fee"), ("fee_frequency", "fee_frequency"), ("gender", "gender"))
        if (found := cells.optional_text(_string(row, name, ""), name, 100)) is not None
    ]
    schedules = row["schedules"]
    if not isinstance(schedules, list) or not schedules:
        raise RowError("The activity has no schedule.")
    made = []
    for schedule in schedules:
        if not isinstance(schedule, dict):
            raise RowError("A schedule is not a JSON object.")
        made.append(
            SourceRow(
                line=line,
                location=cells.key(_string(row, "location_id"), "location_id"),
                course=cells.key(_string(row, "id"), "id"),
                title=title,
                weekly=True,
                min_age=youngest,
                max_age=oldest,
                description=cells.optional_text(
                    _string(row, "description", ""), "description", 20_000, lines=True
                ),
                tags=tuple(tags),
                venue=venue,
                **_when(_lowered(schedule)),
            )
        )
    return made


def _when(schedule: Mapping[str, Any]) -> dict[str, Any]:
    days = schedule.get("days")
    if not isinstance(days, list) or not all(isinstance(day, str) for day in days):
        raise RowError("days is not a list of weekdays.")
    first = cells.day(_string(schedule, "date_from"), "date_from")
    last = cells.day(_string(schedule, "date_to"), "date_to")
    cells.in_order(first, last, "The schedule")
    start = cells.clock(_string(schedule, "time_from"), "time_from")
    end = cells.clock(_string(schedule, "time_to"), "time_to")
    if start == end:
        raise RowError("The session starts and ends at the same time.")
    on = cells.weekdays(days, "days")
    if next(dates_between(on, first, last), None) is None:
        raise RowError("No date of the range falls on the weekdays that the schedule names.")
    return {"first": first, "last": last, "days": on, "start": start, "minutes": minutes_from(start, end)}


def _place(address: object, geometry: object, name: object, phone: object) -> VenueFacts:
    """A place's facts. An address that is there must be an object; coordinates fall back on the drawn shape's."""
    if address is not None and not isinstance(address, dict):
        raise RowError("The address is not a JSON object.")
    parts = _lowered(address or {})
    latitude, longitude = parts.get("latitude"), parts.get("longitude")
    if (latitude is None or longitude is None) and isinstance(geometry, list) and len(geometry) == 2:
        latitude, longitude = geometry
    return VenueFacts(
        name=cells.optional_text(_scalar(name, "name"), "name", 255),
        address_line1=cells.optional_text(_string(parts, "street", ""), "street", 255),
        address_line2=cells.optional_text(_string(parts, "street2", ""), "street2", 255),
        city=cells.optional_text(_string(parts, "city", ""), "city", 100),
        state=cells.optional_text(_string(parts, "state", ""), "state", 100),
        postal_code=cells.optional_text(_string(parts, "zip", ""), "zip", 20),
        country=cells.optional_text(_string(parts, "country", ""), "country", 100),
        latitude=cells.optional_degrees(_scalar(latitude, "latitude"), "latitude", 90),
        longitude=cells.optional_degrees(_scalar(longitude, "longitude"), "longitude", 180),
        contact_phone=cells.optional_text(_scalar(phone, "phone"), "phone", 50),
    )


def _lowered(row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).strip().casefold(): value for name, value in row.items()}


def _string(row: Mapping[str, Any], name: str, otherwise: str | None = None) -> str:
    value = row.get(name)
    if value is None:
        if otherwise is None:
            raise RowError(f"{name} is missing.")
        return otherwise
    return _scalar(value, name)


def _scalar(value: object, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(f"{name} is neither text nor a number.")
    return str(value)
