"""Rows of a CSV text, each with the line it starts on, each broken one with the reason.

The csv module reads the dialect (quotes, doubled quotes, line ends inside quotes); this module adds what an import
needs: line numbers for any line end, and a broken row that is reported without hiding the rows after it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from console.domain.importing import Rejection
from console.errors import Invalid

DELIMITERS = (",", ";", "\t", "|")
_LONGEST_CELL = 131_072  # characters; the csv module's own limit, said here because the sentence names it


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one row and the line it starts on."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A header and its rows, as dictionaries keyed by the normalised header (see `normalised`)."""

    labels: dict[str, str]
    rows: list[tuple[int, dict[str, str]]]
    rejected: list[Rejection]


def normalised(label: str) -> str:
    """A column's name without case, blanks and punctuation: "Age Min", "age_min" and "AGE-MIN" are one."""
    return re.sub(r"[\W_]+", "", label.casefold())


def records(text: str, delimiter: str = ",") -> Iterator[Record | Rejection]:
    """Every row of a CSV text in order; blank lines are left out. A row that cannot be read is a Rejection."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejection(line, _reason(str(error)))
            continue
        if len(cells) > 1 or (cells and cells[0].strip()):
            yield Record(line, cells)


def header_of(text: str, delimiter: str) -> list[str]:
    """The first row's cells. Raises Invalid when the first row cannot be read or there is none."""
    for one in records(text, delimiter):
        if isinstance(one, Rejection):
            raise Invalid(f"The header on line {one.line} cannot be read: {one.reason}", code="import_header")
        return one.cells
    raise Invalid("The file has no rows.", code="import_empty")


def table(text: str, delimiter: str = ",") -> Table:
    """The rows below the header by column. Raises Invalid when a column's name stands there twice."""
    found = iter(records(text, delimiter))
    header = header_of(text, delimiter)
    next(found)
    labels: dict[str, str] = {}
    for label in header:
        key = normalised(label)
        if key and key in labels:
            raise Invalid(f"The header names the column “{label.strip()}” twice.", code="import_header")
        if key:
            labels[key] = label.strip()
    keys = [normalised(label) for label in header]
    rows: list[tuple[int, dict[str, str]]] = []
    rejected: list[Rejection] = []
    for one in found:
        if isinstance(one, Rejection):
            rejected.append(one)
        elif len(one.cells) != len(keys):
            rejected.append(Rejection(one.line, _ragged(len(one.cells), len(keys))))
        elif any("\x00" in cell for cell in one.cells):
            rejected.append(Rejection(one.line, "The row holds a NUL character, which is no text."))
        else:
            rows.append((one.line, {key: cell for key, cell in zip(keys, one.cells, strict=True) if key}))
    return Table(labels, rows, rejected)


def _ragged(cells: int, columns: int) -> str:
    return f"The row has {cells} {'cell' if cells == 1 else 'cells'} where the header has {columns}."


def _reason(message: str) -> str:
    if "field larger" in message:
        return f"A cell is longer than {_LONGEST_CELL:,} characters."
    if "unexpected end" in message:
        return "A quotation mark opened on this line is never closed."
    if "expected after" in message:
        return "Something stands between a closing quotation mark and the next separator."
    return "The row cannot be read as CSV."
