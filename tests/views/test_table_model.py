"""The table model: pages by key, sorting and filtering asked of the fetch, refreshes that move nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from console.domain.paging import PAGE_ROWS, Page, PageRequest
from console.errors import ConsoleError, Unavailable
from console.models.table import Column, KeysetTableModel

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
Row = tuple[int, str]


@dataclass
class Source:
    """A server with rows in order of number; it counts what it is asked."""

    rows: list[Row]
    asked: list[PageRequest] = field(default_factory=list)
    error: ConsoleError | None = None
    gate: asyncio.Event | None = None

    async def fetch(self, request: PageRequest) -> Page[Row]:
        """A page, after the gate has opened where there is one."""
        self.asked.append(request)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        found = [row for row in self.rows if request.text in row[1]]
        found.sort(reverse=request.descending)
        if request.after is not None:
            last = request.after[0]
            assert isinstance(last, int)
            found = [row for row in found if (row[0] < last if request.descending else row[0] > last)]
        shown = found[: request.limit]
        return Page(shown, (shown[-1][0],) if len(found) > len(shown) else None)


def _columns() -> Sequence[Column[Row]]:
    return (
        Column("number", "Number", lambda row: str(row[0]), numeric=True),
        Column("name", "Name", lambda row: row[1], sortable=False, tooltip=lambda row: f"{row[1]}!"),
    )


@pytest.fixture
def source() -> Source:
    """Five hundred rows."""
    return Source([(number, f"row {number}") for number in range(500)])


@pytest.fixture
def model(qapp: QApplication, source: Source) -> Iterator[KeysetTableModel[Row]]:
    """A model of them."""
    made = KeysetTableModel(_columns(), source.fetch, lambda row: row[0], sort="number")
    yield made
    made.cancel()


@pytest.fixture
def watched(model: KeysetTableModel[Row]) -> Iterator[KeysetTableModel[Row]]:
    """The same under a fatal tester, which fetches pages of its own accord."""
    tester = QAbstractItemModelTester(model, FATAL)
    yield model
    del tester


async def _loaded(model: KeysetTableModel[Row]) -> None:
    model.restart()
    await model.settled()


async def test_pages_are_fetched_by_the_key_of_the_last_row(
    model: KeysetTableModel[Row], source: Source
) -> None:
    await _loaded(model)
    assert (model.rowCount(), model.is_complete) == (PAGE_ROWS, False)
    while model.canFetchMore():
        model.fetchMore()
        await model.settled()
    assert (model.rowCount(), model.is_complete) == (500, True)
    assert [request.after for request in source.asked] == [None, (PAGE_ROWS - 1,), (2 * PAGE_ROWS - 1,)]
    assert model.index(499, 1).data() == "row 499"


async def test_a_second_fetch_is_not_started_while_one_is_on_its_way(
    model: KeysetTableModel[Row], source: Source
) -> None:
    await _loaded(model)
    model.fetchMore()
    model.fetchMore()
    assert not model.canFetchMore()
    await model.settled()
    assert len(source.asked) == 2


async def test_sorting_starts_again_at_the_first_page(model: KeysetTableModel[Row], source: Source) -> None:
    await _loaded(model)
    model.sort(0, Qt.SortOrder.DescendingOrder)
    await model.settled()
    assert model.index(0, 0).data() == "499"
    assert model.sorted_by == (0, Qt.SortOrder.DescendingOrder)
    model.sort(1, Qt.SortOrder.AscendingOrder)
    assert len(source.asked) == 2, "a column that the database does not sort by changes nothing"


async def test_filtering_asks_the_database_once_per_text(
    model: KeysetTableModel[Row], source: Source
) -> None:
    await _loaded(model)
    model.set_text(" 49 ")
    model.set_text("49")
    await model.settled()
    assert [request.text for request in source.asked] == ["", "49"]
    assert model.rowCount() == sum("49" in name for _, name in source.rows)


async def test_an_older_answer_never_replaces_a_newer_question(
    model: KeysetTableModel[Row], source: Source
) -> None:
    source.gate = asyncio.Event()
    model.set_text("never shown")
    await asyncio.sleep(0)
    model.set_text("row 7")
    source.gate.set()
    await model.settled()
    assert model.index(0, 1).data() == "row 7"


async def test_a_refresh_keeps_what_is_selected(watched: KeysetTableModel[Row], source: Source) -> None:
    model = watched
    await _loaded(model)
    resets: list[bool] = []
    model.modelAboutToBeReset.connect(lambda: resets.append(True))
    kept = QPersistentModelIndex(model.index(10, 1))
    del source.rows[3]
    source.rows[0] = (0, "renamed")
    source.rows.append((-1, "before all"))
    model.refresh()
    await model.settled()
    assert resets == []
    assert kept.data() == "row 10"
    assert [model.index(at, 1).data() for at in range(5)] == [
        "before all",
        "renamed",
        "row 1",
        "row 2",
        "row 4",
    ]


async def test_a_refresh_fetches_as_many_rows_as_are_shown(
    model: KeysetTableModel[Row], source: Source
) -> None:
    await _loaded(model)
    model.fetchMore()
    await model.settled()
    model.refresh()
    await model.settled()
    assert source.asked[-1].limit == 2 * PAGE_ROWS
    assert model.rowCount() == 2 * PAGE_ROWS


async def test_a_failed_fetch_keeps_the_rows_and_says_why(
    model: KeysetTableModel[Row], source: Source
) -> None:
    await _loaded(model)
    errors: list[ConsoleError] = []
    model.failed.connect(errors.append)
    source.error = Unavailable("The database cannot be reached.")
    model.refresh()
    await model.settled()
    assert [error.sentence for error in errors] == ["The database cannot be reached."]
    assert model.rowCount() == PAGE_ROWS


async def test_cells_carry_alignment_tooltip_and_the_row_itself(model: KeysetTableModel[Row]) -> None:
    await _loaded(model)
    first = model.index(0, 0)
    assert first.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert model.index(0, 1).data(Qt.ItemDataRole.ToolTipRole) == "row 0!"
    assert first.data(model.RowRole) == (0, "row 0")
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Number"
    assert model.headerData(0, Qt.Orientation.Vertical) is None
