"""The venues file (`--venues`): the facts about places that a session file lacks.

A CSV with one row per place, `location` being the session file's own key of it, or the City of Philadelphia's list of
places as JSON. An entry that is wrong refuses the whole file: half a list of venues would open half of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from console.domain.importing import VenueEntry, VenueFacts
from console.errors import Invalid
from console.services.imports import cells, philadelphia
from console.services.imports.cells import RowError
from console.services.imports.tables import DELIMITERS, header_of, normalised, table
from console.services.imports.text import Text

_TEXTS = {
    "name": 255,
    "address_line1": 255,
    "address_line2": 255,
    "city": 100,
    "state": 100,
    "postal_code": 20,
    "country": 100,
    "contact_phone": 50,
}
COLUMNS = (
    "location", *_TEXTS, "latitude", "longitude", "contact_email", "website_url", "timezone", "capacity", "credits",
)  # fmt: skip
"""Every column a venues file may have; `location` is the one it must have."""


def read(text: Text) -> dict[str, VenueEntry]:
    """The places by their key. Raises Invalid, with the line, where anything is wrong."""
    if text.text.lstrip()[:1] == "{":
        return philadelphia.read_locations(text)
    known = {normalised(column): column for column in COLUMNS}
    delimiter = next((one for one in DELIMITERS if "location" in _header(text.text, one)), None)
    if delimiter is None:
        raise Invalid("The venues file has no column “location”.", code="import_venues")
    found = table(text.text, delimiter)
    for key, label in found.labels.items():
        if key not in known:
            raise Invalid(
                f"The venues file has a column “{label}” that is not known.",
                hint=f"It may have: {', '.join(COLUMNS)}.",
                code="import_venues",
            )
    for bad in found.rejected:
        raise _bad(bad.line, bad.reason)
    made: dict[str, VenueEntry] = {}
    for line, raw in found.rows:
        row = {known[key]: cell for key, cell in raw.items()}
        try:
            location = cells.key(row["location"], "location")
            if location in made:
                raise RowError(f"The location {cells.shown(location)} stands there twice.")
            made[location] = _entry(row)
        except RowError as error:
            raise _bad(line, str(error)) from error
    return made


def _entry(row: Mapping[str, str]) -> VenueEntry:
    texts = {name: cells.optional_text(row.get(name, ""), name, limit) for name, limit in _TEXTS.items()}
    zone = row.get("timezone", "")
    return VenueEntry(
        VenueFacts(
            **texts,
            latitude=cells.optional_degrees(row.get("latitude", ""), "latitude", 90),
            longitude=cells.optional_degrees(row.get("longitude", ""), "longitude", 180),
            contact_email=_matching(
                row, "contact_email", r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address", 255
            ),
            website_url=_matching(row, "website_url", r"https?://\S+", "a web address", 500),
            timezone=cells.zone(zone, "timezone") if zone.strip() else None,
        ),
        capacity=cells.optional_number(row.get("capacity", ""), "capacity", 1, 100_000),
        credits=cells.optional_number(row.get("credits", ""), "credits", 1, 10_000),
    )


def _matching(row: Mapping[str, str], name: str, pattern: str, what: str, limit: int) -> str | None:
    found = cells.optional_text(row.get(name, ""), name, limit)
    if found is not None and not re.fullmatch(pattern, found):
        raise RowError(f"{name} is {cells.shown(found)}, which is not {what}.")
    return found


def _header(text: str, delimiter: str) -> list[str]:
    try:
        return [normalised(label) for label in header_of(text, delimiter)]
    except Invalid:
        if delimiter == DELIMITERS[0]:
            raise
        return []


def _bad(line: int, reason: str) -> Invalid:
    return Invalid(f"Line {line} of the venues file: {reason}", code="import_venues")
