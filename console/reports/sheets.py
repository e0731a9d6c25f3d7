"""Tables as files: CSV for any program, XLSX for people who calculate.

What families and venues typed goes into these files, and a spreadsheet would run it as a formula, so text is made
harmless while numbers stay numbers. Rows are written as they come, so that a hundred thousand cost little memory.
See docs/design.md, "Documents".
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Literal, Protocol, TextIO

import xlsxwriter

Cell = str | int | Decimal | date | datetime | None
Kind = Literal["text", "number", "money", "date", "moment"]

_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_FORMATS: dict[Kind, str] = {
    "text": "@",
    "number": "#,##0.##;-#,##0.##;0",
    "money": "#,##0.00;-#,##0.00",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
}
_LONGEST_CELL = 32_767  # what a cell of a workbook can hold


@dataclass(frozen=True)
class SheetColumn:
    """One column: its heading, what its cells are, and its width in characters."""

    title: str
    kind: Kind = "text"
    width: int = 16


class Sheet(Protocol):
    """A file that grows row by row. Not used by two threads at once."""

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows; a moment is written as the clock of its own zone shows it."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


def harmless(text: str) -> str:
    """The text as a spreadsheet may read it: what begins like a formula gets an apostrophe, a NUL is left out."""
    text = text.replace("\x00", "")
    return f"'{text}" if text.startswith(_STARTS_FORMULA) else text


class CsvSheet:
    """RFC 4180 in UTF-8 with a byte order mark, without which Excel reads another encoding."""

    def __init__(self, path: Path, columns: Sequence[SheetColumn]) -> None:
        """Begin the file with its headings."""
        self._file: TextIO = path.open("w", encoding="utf-8-sig", newline="", errors="replace")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow([harmless(column.title) for column in columns])

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows."""
        self._writer.writerows([_written(cell) for cell in row] for row in rows)

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class XlsxSheet:
    """A workbook with one sheet: headings that stay, columns wide enough, and every text a text."""

    def __init__(self, path: Path, columns: Sequence[SheetColumn], *, name: str) -> None:
        """Begin the workbook; `name` is the sheet's, at most 31 symbols."""
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._columns = tuple(columns)
        self._book = xlsxwriter.Workbook(str(path), options)
        self._sheet = self._book.add_worksheet(name)
        # Cells that hold dates need a format of their own: a column's format does not reach written cells.
        self._formats = {kind: self._book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
        head = self._book.add_format({"bold": True, "bottom": 1})
        for at, column in enumerate(self._columns):
            self._sheet.set_column(at, at, column.width)
        self._sheet.freeze_panes(1, 0)
        self._row = 1
        for at, column in enumerate(self._columns):
            self._sheet.write_string(0, at, column.title, head)

    def add(self, rows: Iterable[Sequence[Cell]]) -> None:
        """Write rows."""
        for row in rows:
            for at, cell in enumerate(row):
                self._write(at, cell)
            self._row += 1

    def close(self) -> None:
        """Finish the file; this is where most of the work happens."""
        self._book.close()

    def _write(self, at: int, cell: Cell) -> None:
        look = self._formats[self._columns[at].kind]
        if cell is None:
            return
        if isinstance(cell, (date, datetime)):
            local = (
                cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell
            )  # a sheet knows no zones
            self._sheet.write_datetime(self._row, at, local, look)
        elif isinstance(cell, (int, Decimal)):
            self._sheet.write_number(self._row, at, cell, look)
        else:
            self._sheet.write_string(self._row, at, _storable(cell)[:_LONGEST_CELL], look)


def _written(cell: Cell) -> str | int | Decimal:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    return harmless(cell) if isinstance(cell, str) else cell


def _storable(text: str) -> str:
    """Text as XML can hold it: half of a pair and the two forbidden code points become a question mark."""
    return "".join("?" if 0xD800 <= ord(c) <= 0xDFFF or ord(c) in (0xFFFE, 0xFFFF) else c for c in text)
