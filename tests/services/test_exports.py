"""Exporting a list: every page of it, into a file that is whole or not there."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import openpyxl
import pytest

from console.domain.paging import Page, PageRequest
from console.errors import FileTrouble, Invalid, Unavailable
from console.reports.sheets import SheetColumn
from console.services import exports
from console.services.exports import ExportColumn, export

COLUMNS: tuple[ExportColumn[int], ...] = (
    ExportColumn(SheetColumn("Number", "number"), lambda row: row),
    ExportColumn(SheetColumn("Name"), lambda row: f"={row}"),
)
REQUEST = PageRequest("booked", True, "judo", filters={"status": "no_show"})


class Rows:
    """So many numbers, a page at a time."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.asked: list[PageRequest] = []

    async def __call__(self, request: PageRequest) -> Page[int]:
        self.asked.append(request)
        first = int(str(request.after[0])) if request.after else 0
        last = min(first + request.limit, self.count)
        return Page(range(first, last), (last,) if last < self.count else None)


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]


async def test_every_page_is_in_the_file(tmp_path: Path) -> None:
    rows, told = Rows(4_500), list[int]()
    done = await export(tmp_path / "all.csv", COLUMNS, rows, REQUEST, name="Numbers", progress=told.append)
    assert (done.rows, done.cut, told) == (4_500, False, [2_000, 4_000, 4_500])
    with done.path.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.reader(file))
    assert read[0] == ["Number", "Name"]
    assert read[1:] == [[str(number), f"'={number}"] for number in range(4_500)]
    assert {(one.sort, one.descending, one.text, dict(one.filters)["status"]) for one in rows.asked} == {
        ("booked", True, "judo", "no_show")
    }


async def test_a_workbook_holds_the_same(tmp_path: Path) -> None:
    done = await export(tmp_path / "all.XLSX", COLUMNS, Rows(2_001), REQUEST, name="Numbers")
    sheet = openpyxl.load_workbook(done.path)["Numbers"]
    assert sheet.max_row == 2_002
    assert [cell.value for cell in sheet[2_002]] == [2_000, "=2000"]
    assert sheet["B2"].data_type == "s"


async def test_nothing_more_than_a_file_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 3_000)
    done = await export(tmp_path / "all.csv", COLUMNS, Rows(3_001), REQUEST, name="Numbers")
    assert (done.rows, done.cut) == (3_000, True)
    whole = await export(tmp_path / "all.csv", COLUMNS, Rows(3_000), REQUEST, name="Numbers")
    assert (whole.rows, whole.cut) == (3_000, False)


@pytest.mark.parametrize("name", ["all.csv", "all.xlsx"])
async def test_a_cancelled_export_leaves_the_old_file(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("the old one")
    begun = asyncio.Event()

    async def endless(request: PageRequest) -> Page[int]:
        begun.set()
        await asyncio.sleep(0)
        return Page(range(request.limit), (1,))

    task = asyncio.ensure_future(export(path, COLUMNS, endless, REQUEST, name="Numbers"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert path.read_text() == "the old one"
    assert _names(tmp_path) == [name]


async def test_a_list_that_fails_leaves_nothing(tmp_path: Path) -> None:
    async def failing(_request: PageRequest) -> Page[int]:
        raise Unavailable("The database cannot be reached.")

    with pytest.raises(Unavailable):
        await export(tmp_path / "all.xlsx", COLUMNS, failing, REQUEST, name="Numbers")
    assert _names(tmp_path) == []


async def test_another_ending_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        await export(tmp_path / "all.pdf", COLUMNS, Rows(1), REQUEST, name="Numbers")
    with pytest.raises(FileTrouble) as caught:
        await export(tmp_path / "gone" / "all.csv", COLUMNS, Rows(1), REQUEST, name="Numbers")
    assert caught.value.code == "file_not_written"
