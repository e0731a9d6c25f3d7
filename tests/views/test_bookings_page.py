"""The bookings area by keyboard: filters by choice and by name, export, and one booking's page."""

from __future__ import annotations

import asyncio
import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton

from console.clock import FixedClock
from console.domain.listing import ActivityChoice, BookingRow
from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError, Unavailable
from console.views.bookings.area import BookingsArea
from console.views.bookings.detail import BookingDetail
from console.views.bookings.page import BookingsPage
from console.views.theme import ThemeHub
from tests.support.booking_samples import Gateway
from tests.support.qt import NOW, present

ZONE = ZoneInfo("America/Los_Angeles")
JUDO = ActivityChoice(UUID(int=77), "Junior Judo")


def row(number: int, **facts: Any) -> BookingRow:
    made: dict[str, Any] = {
        "id": UUID(int=number),
        "booked_at": NOW - timedelta(hours=number),
        "starts_at": NOW + timedelta(hours=number),
        "activity_name": "Junior Judo",
        "first_name": "Nia",
        "code": f"K7Q4-2MX{number % 10}-6",
        "status": "confirmed",
        "attendance": "expected",
        "charged": 14,
        "refunded": 0,
        "source": "desk",
    }
    return BookingRow(**(made | facts))


class Listing:
    """Bookings that remember what they were asked for."""

    def __init__(self, *rows: BookingRow, more: bool = False) -> None:
        self.rows = list(rows) or [row(number) for number in range(1, 41)]
        self.more = more
        self.asked: list[PageRequest] = []
        self.errors: list[ConsoleError] = []

    async def __call__(self, request: PageRequest) -> Page[BookingRow]:
        self.asked.append(request)
        if self.errors:
            raise self.errors.pop()
        return Page(self.rows, ("next",) if self.more and request.after is None else None)

    @property
    def filters(self) -> dict[str, str]:
        return dict(self.asked[-1].filters)


class Memory:
    """Filters kept as a workstation keeps them."""

    def __init__(self) -> None:
        self.kept: dict[str, list[dict[str, Any]]] = {}

    def filters(self, page_key: str) -> list[dict[str, Any]]:
        return list(self.kept.get(page_key, []))

    def save_filters(self, page_key: str, filters: list[dict[str, Any]]) -> None:
        self.kept[page_key] = filters


async def _activities() -> list[ActivityChoice]:
    return [JUDO]


async def shown(hub: ThemeHub, listing: Listing, clock: FixedClock, **facts: Any) -> BookingsPage:
    page = BookingsPage(
        hub, listing, zone=ZONE, venue="Riverside Studio", clock=clock, activities=_activities, **facts
    )
    present(page, 1240, 872)
    await page.model.settled()
    await page.runner.settled()
    return page


def choose(page: BookingsPage, box: str, key: str) -> None:
    found = getattr(page.choices, box)
    found.set_key(key)
    found.activated.emit(found.currentIndex())


async def test_rows_read_in_words_and_the_venues_time(hub: ThemeHub, clock: FixedClock) -> None:
    page = await shown(hub, Listing(row(1, status="no_show", refunded=3), row(2, first_name=None)), clock)
    cells = [str(page.model.index(0, at).data()) for at in range(page.model.columnCount())]
    assert cells == [
        "12 Mar 2026  16:42", "Junior Judo", "Nia", "K7Q4-2MX1-6", "", "Expected", "14", "3", "12 Mar 2026  14:42",
    ]  # fmt: skip
    assert page.model.index(1, 2).data() == "–"
    assert "First names are shown" in page.model.index(1, 2).data(Qt.ItemDataRole.ToolTipRole)
    page.grab()  # every chip and icon has its picture


async def test_finance_has_no_column_for_a_child(hub: ThemeHub, clock: FixedClock) -> None:
    page = await shown(hub, Listing(), clock, names=False)
    assert "Child" not in [column.title for column in page.model.columns]


async def test_choices_are_asked_of_the_database_with_days_for_words(
    hub: ThemeHub, clock: FixedClock
) -> None:
    listing = Listing()
    page = await shown(hub, listing, clock)
    choose(page, "when", "week")
    choose(page, "status", "no_show")
    choose(page, "activity", str(JUDO.id))
    await page.model.settled()
    assert listing.filters == {
        "from": "2026-03-09", "until": "2026-03-15", "status": "no_show", "activity": str(JUDO.id),
    }  # fmt: skip
    assert page.filter_words() == "This week, No-show, Junior Judo"
    QTest.keyClicks(page.filter, "k7q4")
    QTest.keyClick(page.filter, Qt.Key.Key_Escape)
    await page.model.settled()
    assert (listing.filters, listing.asked[-1].text, page.filter_words()) == ({}, "", "")


async def test_a_range_of_days_is_typed_and_a_wrong_day_is_marked(hub: ThemeHub, clock: FixedClock) -> None:
    listing = Listing()
    page = await shown(hub, listing, clock)
    choose(page, "when", "range")
    assert page.choices.first.hasFocus()
    QTest.keyClicks(page.choices.first, "2026-02-30")
    QTest.keyClick(page.choices.first, Qt.Key.Key_Return)
    assert page.choices.first.invalid
    asked = len(listing.asked)
    page.choices.first.setText("2026-02-01")
    QTest.keyClick(page.choices.first, Qt.Key.Key_Return)
    await page.model.settled()
    assert len(listing.asked) > asked
    assert listing.filters == {"from": "2026-02-01"}


async def test_filters_are_kept_by_name_and_the_last_one_comes_back(hub: ThemeHub, clock: FixedClock) -> None:
    memory = Memory()
    page = await shown(hub, Listing(), clock, memory=memory)
    choose(page, "status", "no_show")
    QTest.keyClicks(page.filter, "judo")
    page.choices.save.click()
    QTest.keyClicks(page.choices.name, "Who did not come")
    QTest.keyClick(page.choices.name, Qt.Key.Key_Return)
    choose(page, "status", "pending")
    listing = Listing()
    again = await shown(hub, listing, clock, memory=memory)
    assert listing.filters == {"status": "pending"}, "the choices of the last visit"
    choose(again, "saved", "Who did not come")
    await again.model.settled()
    assert (listing.filters, listing.asked[-1].text) == ({"status": "no_show"}, "judo")
    again.choices.save.click()  # removes the one that is chosen
    assert [one["name"] for one in memory.kept["bookings"]] == [""]


async def test_kept_filters_that_make_no_sense_are_nothing(hub: ThemeHub, clock: FixedClock) -> None:
    memory = Memory()
    memory.kept["bookings"] = [
        {"name": "", "filters": "x"},
        {"name": 3},
        {"name": "Odd", "filters": {"status": "?"}},
    ]
    listing = Listing()
    page = await shown(hub, listing, clock, memory=memory)
    choose(page, "saved", "Odd")
    await page.model.settled()
    assert listing.filters == {}


async def test_the_foot_says_how_many_are_shown_and_selected(hub: ThemeHub, clock: FixedClock) -> None:
    page = await shown(hub, Listing(more=True), clock)
    page.table.selectRow(3)
    assert page.card._left.text() == "40+ bookings shown · 1 selected"


async def test_the_keyboard_opens_a_booking_and_esc_comes_back_to_the_row(
    hub: ThemeHub, clock: FixedClock
) -> None:
    listing, gateway = Listing(), Gateway()
    page = await shown(hub, listing, clock)
    detail = BookingDetail(hub, gateway, ZONE, may_manage=True, may_cancel_for_venue=True, at_desk=True)
    area = BookingsArea(page, detail)
    present(area, 1240, 872)
    await page.model.settled()
    page.filter.setFocus()
    QTest.keyClick(page.filter, Qt.Key.Key_Return)
    assert page.table.hasFocus()
    page.table.setCurrentIndex(page.model.index(0, 0))
    for _ in range(30):
        QTest.keyClick(page.table, Qt.Key.Key_Down)
    scrolled = page.table.verticalScrollBar().value()
    assert scrolled > 0
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    await detail.runner.settled()
    await detail.model.settled()
    assert gateway.asked == [UUID(int=31)]
    assert area.is_booking_open
    assert detail.table.hasFocus()
    listing.rows = [row(99), *listing.rows]
    QTest.keyClick(detail.table, Qt.Key.Key_Escape)
    await page.model.settled()
    assert not area.is_booking_open
    assert page.table.hasFocus()
    assert page.model.row(page.table.currentIndex().row()).id == UUID(int=31)
    assert page.table.selectionModel().selectedRows()[0].row() == page.table.currentIndex().row()
    assert page.table.verticalScrollBar().value() >= scrolled


async def test_a_refresh_moves_neither_selection_nor_scroll_nor_focus(
    hub: ThemeHub, clock: FixedClock
) -> None:
    listing = Listing()
    page = await shown(hub, listing, clock)
    page.table.setFocus()
    page.table.setCurrentIndex(page.model.index(35, 0))
    scrolled = page.table.verticalScrollBar().value()
    listing.rows[3] = replace(listing.rows[3], attendance="in")
    page.model.refresh()
    await page.model.settled()
    assert page.model.index(3, 5).data() == "In"
    assert page.table.currentIndex().row() == 35
    assert page.table.verticalScrollBar().value() == scrolled
    assert page.table.hasFocus()


async def test_a_first_load_that_fails_offers_retry(hub: ThemeHub, clock: FixedClock) -> None:
    listing = Listing()
    listing.errors.append(Unavailable("The database cannot be reached.", hint="Try again."))
    page = await shown(hub, listing, clock)
    assert page.banner.text == "The database cannot be reached. Try again."
    retry = next(b for b in page.banner.findChildren(QPushButton) if b.text() == "Retry")
    retry.click()
    await page.model.settled()
    assert not page.banner.isVisible()
    assert page.model.rowCount() == 40


async def test_waiting_shows_bars_under_the_headings_until_the_rows_are_there(
    hub: ThemeHub, clock: FixedClock
) -> None:
    page = BookingsPage(hub, Listing(), zone=ZONE, venue="Riverside", clock=clock)
    present(page, 1240, 872)
    page.skeleton.reveal()
    assert page.skeleton.isVisible()
    page.grab()
    await page.model.settled()
    assert not page.skeleton.isVisible()


# -- export ----------------------------------------------------------------------------------------------------


async def test_export_is_there_only_for_who_may(hub: ThemeHub, clock: FixedClock) -> None:
    without = await shown(hub, Listing(), clock)
    assert "Ctrl+E" not in [action.keys for action in without.page_actions]
    assert not [b for b in without.findChildren(QPushButton) if b.text() == "XLSX"]
    page = await shown(hub, Listing(), clock, may_export=True)
    assert "Ctrl+E" in [action.keys for action in page.page_actions]


async def test_ctrl_e_asks_for_a_file_and_writes_what_is_filtered(
    hub: ThemeHub, clock: FixedClock, tmp_path: Path
) -> None:
    listing = Listing(row(1, first_name="=Nia"), row(2, charged=3))
    page = await shown(hub, listing, clock, may_export=True)
    told: list[tuple[str, str]] = []
    page.toast_wanted.connect(lambda *words: told.append(words))
    choose(page, "status", "no_show")
    await page.model.settled()
    QTest.keyClick(page.filter, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = page.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert dialog.selectedFiles()[0].endswith("bookings-2026-03-12.xlsx")
    dialog.fileSelected.emit(str(tmp_path / "out.csv"))
    dialog.reject()
    assert page.exports.isVisible()
    await page.runner.settled()
    assert not page.exports.isVisible()
    assert told == [("2 bookings saved", "out.csv")]
    assert listing.filters == {"status": "no_show"}
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.reader(file))
    assert read[0][:4] == ["Session starts", "Session", "Child", "Code"]
    assert read[1][:4] == ["2026-03-12 16:42", "Junior Judo", "'=Nia", "K7Q4-2MX1-6"]


async def test_an_export_can_be_stopped(hub: ThemeHub, clock: FixedClock, tmp_path: Path) -> None:
    listing = Listing()
    page = await shown(hub, listing, clock, may_export=True)
    gate = asyncio.Event()

    async def slow(request: PageRequest) -> Page[BookingRow]:
        gate.set()
        await asyncio.sleep(60)
        raise AssertionError

    page.exports._fetch = slow
    page.exports.write(page.model.request, tmp_path / "out.csv")
    await gate.wait()
    next(b for b in page.exports.findChildren(QPushButton) if b.text() == "Cancel").click()
    await page.runner.settled()
    assert not page.exports.isVisible()
    assert _names(tmp_path) == []


async def test_a_folder_that_cannot_be_written_is_said(
    hub: ThemeHub, clock: FixedClock, tmp_path: Path
) -> None:
    page = await shown(hub, Listing(), clock, may_export=True)
    page.exports.write(page.model.request, tmp_path / "gone" / "out.csv")
    await page.runner.settled()
    assert page.banner.text == "The file cannot be written. Choose another folder."


def _names(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir()]
