"""Tables as files, read back by programs that did not write them."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from console.reports.sheets import Cell, CsvSheet, SheetColumn, XlsxSheet, harmless

ZONE = ZoneInfo("America/Los_Angeles")
COLUMNS = (
    SheetColumn("Session"),
    SheetColumn("Credits", "number", 10),
    SheetColumn("Day", "date", 12),
    SheetColumn("Booked", "moment", 18),
)
FORMULAS = ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", '=cmd|"/c calc"!A0')
NAUGHTY = (
    "Zoë, \"the\" brave",
    "two\r\nlines",
    "two\nlines",
    "محمد",
    "李小龍 🎈",
    "\ud83d half a pair",
    "bell \x07",
    "http://example.org",
    "00123",
    "TRUE",
    " spaces ",
    "",
    "\ufffe",
    "_x0041_",
)  # fmt: skip


def _csv(
    path: Path, rows: Sequence[Sequence[Cell]], columns: Sequence[SheetColumn] = COLUMNS
) -> list[list[str]]:
    sheet = CsvSheet(path, columns)
    sheet.add(rows)
    sheet.close()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def _xlsx(
    path: Path, rows: Sequence[Sequence[Cell]], columns: Sequence[SheetColumn] = COLUMNS
) -> openpyxl.Workbook:
    sheet = XlsxSheet(path, columns, name="Bookings")
    sheet.add(rows)
    sheet.close()
    return openpyxl.load_workbook(path)


def test_csv_has_a_mark_crlf_and_plain_numbers(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    read = _csv(
        path,
        [
            ["Junior Judo", -3, date(2026, 3, 12), datetime(2026, 3, 12, 15, 42, tzinfo=ZONE)],
            ["", None, None, None],
        ],
    )
    assert path.read_bytes().startswith(b"\xef\xbb\xbfSession,Credits,Day,Booked\r\n")
    assert read[1:] == [["Junior Judo", "-3", "2026-03-12", "2026-03-12 15:42"], ["", "", "", ""]]


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_makes_formulas_harmless(tmp_path: Path, text: str) -> None:
    read = _csv(tmp_path / "list.csv", [[text]], COLUMNS[:1])
    assert read[1] == ["'" + text]


def test_a_negative_number_is_no_formula(tmp_path: Path) -> None:
    assert _csv(tmp_path / "list.csv", [[Decimal("-12.50")]], COLUMNS[1:2])[1] == ["-12.50"]
    book = _xlsx(tmp_path / "list.xlsx", [[Decimal("-12.50")]], COLUMNS[1:2])
    assert book["Bookings"]["A2"].value == -12.5
    assert book["Bookings"]["A2"].data_type == "n"
    assert harmless("a-1") == "a-1"


@pytest.mark.parametrize("text", NAUGHTY)
def test_any_text_comes_back_from_csv(tmp_path: Path, text: str) -> None:
    wanted = text.encode("utf-8", "replace").decode()
    assert _csv(tmp_path / "list.csv", [[text, 1]], COLUMNS[:2])[1] == [wanted, "1"]


@pytest.mark.parametrize("text", [*NAUGHTY, *FORMULAS])
def test_any_text_comes_back_from_a_workbook_as_text(tmp_path: Path, text: str) -> None:
    book = _xlsx(tmp_path / "list.xlsx", [[text, 1]], COLUMNS[:2])
    cell = book["Bookings"]["A2"]
    wanted = "".join("?" if 0xD800 <= ord(c) <= 0xDFFF or c == "\ufffe" else c for c in text)
    read = openpyxl.utils.escape.unescape(cell.value) if cell.value else ""
    assert read.replace("\r\n", "\n") == wanted.replace("\r\n", "\n").replace(
        "\r", read[:1] if text == "\r=1" else ""
    )
    assert cell.data_type in ("s", "n" if not text else "s"), "never a formula"
    assert cell.hyperlink is None


def test_a_workbook_keeps_its_head_its_widths_and_its_dates(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 12, 15, 42, tzinfo=ZONE)
    book = _xlsx(tmp_path / "list.xlsx", [["Judo", 3, date(2026, 3, 12), moment]])
    sheet = book["Bookings"]
    assert sheet.freeze_panes == "A2"
    assert sheet["D2"].value == moment.replace(tzinfo=None)
    assert sheet["C2"].value.date() == date(2026, 3, 12)
    assert sheet["C2"].is_date
    assert sheet["B2"].value == 3
    assert sheet.column_dimensions["B"].width == pytest.approx(10, abs=1)
    assert [cell.value for cell in sheet[1]] == [column.title for column in COLUMNS]


def test_a_cell_that_is_too_long_is_cut_not_lost(tmp_path: Path) -> None:
    book = _xlsx(tmp_path / "list.xlsx", [["x" * 40_000]], COLUMNS[:1])
    assert len(book["Bookings"]["A2"].value) == 32_767


def test_every_naughty_string_comes_back(tmp_path: Path, shared_data: Path) -> None:
    texts = json.loads((shared_data / "naughty_strings" / "blns.json").read_text("utf-8"))
    assert len(texts) > 400
    read = _csv(tmp_path / "list.csv", [[text] for text in texts], COLUMNS[:1])[1:]
    # A line with one empty field reads as an empty line or as one empty field.
    assert ["".join(row) for row in read] == [harmless(text) for text in texts]
    sheet = _xlsx(tmp_path / "list.xlsx", [[text] for text in texts], COLUMNS[:1])["Bookings"]
    assert sheet.max_row == len(texts) + 1
    for at, text in enumerate(texts, start=2):
        cell = sheet.cell(at, 1)
        assert cell.data_type != "f"
        assert cell.hyperlink is None
        assert bool(cell.value) == bool(text)
