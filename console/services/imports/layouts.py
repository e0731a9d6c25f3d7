"""Which layout a file has, found out from its header or its keys, and its rows read by that layout's reader.

The order and the spelling (case, blanks, punctuation) of columns do not matter, further columns are ignored, and a
file that is nearly a known layout is refused by naming what it lacks.
"""

from __future__ import annotations

import itertools

from console.domain.importing import Reading, Rejection, SourceRow
from console.errors import Invalid
from console.services.imports import json_rows, mapping, philadelphia, toronto
from console.services.imports.cells import RowError
from console.services.imports.mapping import CsvMapping
from console.services.imports.tables import DELIMITERS, header_of, normalised, table
from console.services.imports.text import Text
from console.services.imports.toronto import CsvLayout

CSV_LAYOUTS = (toronto.DROP_IN, toronto.REGISTERED)


def read(text: Text, described: CsvMapping | None = None) -> Reading:
    """The rows of a file, by its `described` layout or the one it is recognised as.

    Raises Invalid where it has none of them. Rows that cannot be read are in the answer, with their lines.
    """
    if described is not None:
        return mapping.read(text, described)
    if text.text.lstrip()[:1] in {"{", "["}:
        return _json(text)
    layout, delimiter = _recognise(text.text)
    found = table(text.text, delimiter)
    rows: list[SourceRow] = []
    rejected = list(found.rejected)
    for line, raw in found.rows:
        try:
            rows.append(layout.read(line, raw))
        except RowError as error:
            rejected.append(Rejection(line, str(error)))
    return Reading(
        layout.name,
        layout.publisher,
        layout.source,
        layout.timezone,
        layout.country,
        tuple(rows),
        tuple(sorted(rejected)),
        text.notes,
    )


def _json(text: Text) -> Reading:
    start = [
        item for item in itertools.islice(json_rows.rows(text.text), 50) if not isinstance(item, Rejection)
    ]
    if start and not any(philadelphia.looks_like(row) for _, row in start):
        raise Invalid(
            "The JSON is not a list of activities in a layout that the console knows.",
            hint="The guide to importing lists the layouts.",
            code="import_layout",
        )
    return philadelphia.read(text)


def _recognise(text: str) -> tuple[CsvLayout, str]:
    nearest: tuple[float, CsvLayout, list[str]] | None = None
    for delimiter in DELIMITERS:
        try:
            header = {normalised(label) for label in header_of(text, delimiter)}
        except Invalid:
            # Quotes that are right with one separator are wrong with another; only the comma's word counts.
            if delimiter == DELIMITERS[0]:
                raise
            continue
        for layout in CSV_LAYOUTS:
            missing = [label for key, label in layout.columns.items() if key not in header]
            if not missing:
                return layout, delimiter
            share = 1 - len(missing) / len(layout.columns)
            if nearest is None or share > nearest[0]:
                nearest = (share, layout, missing)
    if nearest is not None and nearest[0] >= 0.5:
        _, layout, missing = nearest
        columns = ", ".join(f"“{label}”" for label in missing)
        raise Invalid(f"This looks like {layout.name}, but the header lacks {columns}.", code="import_layout")
    raise Invalid(
        "The layout of this file is not known.",
        hint="Describe its columns in a mapping file and give that with --layout.",
        code="import_layout",
    )
