"""A CSV or JSON file of applications as rows for the database, read by the import's own readers.

A broken row is reported with its line and hides none of the others; a file that is none is refused in one sentence.
See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.domain.importing import Rejection
from console.domain.vetting import ApplicationFacts
from console.errors import Invalid
from console.services.imports import json_rows
from console.services.imports.tables import DELIMITERS, header_of, normalised, table
from console.services.imports.text import Text, read_text

MOST_ROWS = 5000
COLUMNS = (*ApplicationFacts.__slots__, "source_key")
"""Every column a file of applications may have; `name` is the one it must have."""
_ALSO = {
    "address": "address_line1",
    "address1": "address_line1",
    "address2": "address_line2",
    "street": "address_line1",
    "state": "state_code",
    "zip": "postal_code",
    "zipcode": "postal_code",
    "postcode": "postal_code",
    "email": "contact_email",
    "phone": "contact_phone",
    "telephone": "contact_phone",
    "contact": "contact_name",
    "website": "website_url",
    "lat": "latitude",
    "lon": "longitude",
    "lng": "longitude",
    "taxid": "tax_number",
    "ein": "tax_number",
    "agefrom": "ages_from",
    "ageto": "ages_to",
}
_KNOWN = {normalised(column): column for column in COLUMNS} | _ALSO
_LISTS = ("applications", "venues", "rows")


@dataclass(frozen=True, slots=True)
class FileOfApplications:
    """The rows that can be read, each with its line as `row`; the others with the reason; what had to be assumed."""

    rows: list[dict[str, object]]
    rejected: list[Rejection]
    notes: tuple[str, ...]


def read(path: Path) -> FileOfApplications:
    """Read a file; call it off the loop.

    Raises NotFound, Unavailable, or Invalid with one sentence: no text, no such columns, broken JSON, too many rows.
    """
    text = read_text(path)
    made = _json(text) if text.text.lstrip()[:1] in ("{", "[") else _csv(text)
    if len(made.rows) > MOST_ROWS:
        raise Invalid(
            f"{text.name} has {len(made.rows):,} rows; at most {MOST_ROWS:,} come in at once.",
            hint="Split the file.",
            code="too_many_rows",
        )
    if not made.rows and not made.rejected:
        raise Invalid(f"{text.name} has no applications in it.", code="import_empty")
    return made


def _csv(text: Text) -> FileOfApplications:
    delimiter = next((one for one in DELIMITERS if "name" in _header(text.text, one)), None)
    if delimiter is None:
        raise Invalid(f"{text.name} has no column “name”.", hint=_columns(), code="import_columns")
    found = table(text.text, delimiter)
    names = _names(text.name, found.labels.items())
    rows = [
        _row(line, {names[key]: cell for key, cell in cells.items() if cell.strip()})
        for line, cells in found.rows
    ]
    return FileOfApplications(rows, found.rejected, text.notes)


def _header(text: str, delimiter: str) -> set[str]:
    try:
        return {normalised(label) for label in header_of(text, delimiter)}
    except Invalid:
        return set()


def _json(text: Text) -> FileOfApplications:
    rows: list[dict[str, object]] = []
    rejected: list[Rejection] = []
    for item in _items(text):
        if isinstance(item, Rejection):
            rejected.append(item)
            continue
        line, found = item
        names = _names(text.name, ((normalised(label), label) for label in found))
        nested = next((label for label, value in found.items() if isinstance(value, list | dict)), None)
        if nested is not None:
            rejected.append(Rejection(line, f"“{nested}” must be text or a number."))
            continue
        rows.append(
            _row(
                line, {names[normalised(label)]: value for label, value in found.items() if value is not None}
            )
        )
    return FileOfApplications(rows, rejected, text.notes)


def _items(text: Text) -> Iterable[json_rows.Item]:
    """The rows of a list, bare or under one of the names it may have."""
    if text.text.lstrip()[:1] == "[":
        return list(json_rows.rows(f'{{"rows":{text.text}}}'))
    for key in _LISTS:
        try:
            return list(json_rows.rows(text.text, key))
        except Invalid as error:
            if error.code != "import_layout":
                raise
    raise Invalid(
        f"{text.name} has no list of applications.",
        hint="It may be called “applications”.",
        code="import_columns",
    )


def _names(file: str, labels: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The column of each key. Raises Invalid for one that is not known or stands there twice."""
    made: dict[str, str] = {}
    for key, label in labels:
        if key not in _KNOWN:
            raise Invalid(
                f"{file} has a column “{label}” that is not known.", hint=_columns(), code="import_columns"
            )
        if _KNOWN[key] in made.values():
            raise Invalid(
                f"{file} says “{_KNOWN[key]}” in two columns.", hint=_columns(), code="import_columns"
            )
        made[key] = _KNOWN[key]
    return made


def _columns() -> str:
    return f"It may have: {', '.join(COLUMNS)}."


def _row(line: int, found: Mapping[str, Any]) -> dict[str, object]:
    row: dict[str, object] = {name: str(value).replace("\x00", "") for name, value in found.items()}
    for name in ("latitude", "longitude"):
        if name in row:
            row[name] = str(row[name]).strip().replace(",", ".")  # a decimal comma
    if "category" in row:
        row["category"] = re.sub(r"[\W_]+", "_", str(row["category"]).casefold()).strip("_")
    return row | {"row": line}


def plain(rows: Iterable[Mapping[str, object]]) -> Iterator[bool]:
    """Whether each row is ASCII throughout, which every encoding reads alike."""
    for row in rows:
        yield all(str(value).isascii() for value in row.values())
