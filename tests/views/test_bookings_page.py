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

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton

from console.clock import FixedClock
from console.domain.attendance import AttendanceState
from console.domain.booking_page import (
    BookingChange,
    BookingEvent,
    BookingPage,
    CreditEntry,
    FieldChange,
    Names,
)
from console.domain.credits import BookingCancelled, CancellationReason
from console.domain.desk import BookingStatus
from console.domain.listing import ActivityChoice, BookingRow
from console.domain.paging import Page, PageRequest
from console.errors import Conflict, ConsoleError, Unavailable
from console.views.bookings.area import BookingsArea
from console.views.bookings.detail import BookingDetail
from console.views.bookings.page import BookingsPage
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard
from tests.support.qt import NOW, present

ZONE = ZoneInfo("America/Los_Angeles")
JUDO = ActivityChoice(UUID(int=77), "Junior Judo")
LONG = "Konstantinos-Alexandros Maximilian Bartholomew of the Upper V"


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


# -- one booking -----------------------------------------------------------------------------------------------

BOOKING = BookingPage(
    id=UUID(int=31), session_id=UUID(int=2), activity_name="Junior Judo", room_name="Main Hall", starts_at=NOW,
    ends_at=NOW + timedelta(hours=1), session_date=NOW.date(), session_cancelled=False, session_closed=False,
    names=Names.SHOWN, child="Nia", parent="Ana", code="K7Q4-2MXR-6", status=BookingStatus.CONFIRMED,
    attendance=AttendanceState.EXPECTED, source="desk", booked_at=NOW - timedelta(days=9), cancelled_at=None,
    cancellation_reason=None, charged=14, refunded=0, owed=3, notes=2, gives_back=14, in_time=False, version=1,
    events=(
        BookingEvent(NOW, NOW, "check_out", "applied", None, "Desk 2", "Maya", collected_by="Omar, Uncle"),
        BookingEvent(NOW, NOW, "check_in", "rejected", "too_early", "Desk 1", "Jonas"),
        BookingEvent(NOW, NOW, "check_in", "applied", None, "Desk 1", "Jonas", queued=True, undone=True),
    ),
    credits=(CreditEntry(NOW, "forfeit", 0, 14), CreditEntry(NOW, "booking_debit", -14)),
    changes=(
        BookingChange(NOW, "update", "Maya", "Desk 2", (
            FieldChange("parent_notes", None, "[hidden]"), FieldChange("status", "confirmed", "completed"))),
        BookingChange(NOW, "insert", None, None, ()),
    ),
)  # fmt: skip


class Gateway:
    """One booking, as often as it is asked for."""

    def __init__(self, page: BookingPage = BOOKING) -> None:
        self.booking = page
        self.asked: list[UUID] = []
        self.cancelled: list[tuple[bool, CancellationReason]] = []
        self.errors: list[ConsoleError] = []

    async def page(self, booking_id: UUID) -> BookingPage:
        self.asked.append(booking_id)
        if self.errors:
            raise self.errors.pop()
        return self.booking

    async def cancel(
        self, booking_id: UUID, *, by_venue: bool, reason: CancellationReason
    ) -> BookingCancelled:
        if self.errors:
            raise self.errors.pop()
        self.cancelled.append((by_venue, reason))
        self.booking = replace(self.booking, status=BookingStatus.CANCELLED_VENUE, cancelled_at=NOW)
        return BookingCancelled(booking_id, BookingStatus.CANCELLED_VENUE, 14, 0, 20)


async def opened(hub: ThemeHub, gateway: Gateway, **rights: bool) -> BookingDetail:
    may = {"may_manage": True, "may_cancel_for_venue": True, "at_desk": True} | rights
    page = BookingDetail(hub, gateway, ZONE, **may)
    present(page, 1240, 872)
    page.open(BOOKING.id)
    await page.runner.settled()
    await page.model.settled()
    return page


def lines(page: BookingDetail) -> list[list[str]]:
    keys = [column.key for column in page.model.columns]
    return [[str(getattr(page.model.row(at), key)) for key in keys] for at in range(page.model.rowCount())]


async def test_a_booking_says_what_when_and_who(hub: ThemeHub) -> None:
    page = await opened(hub, Gateway())
    assert page.header.title.text() == "Junior Judo, Thu 12 Mar 2026 15:42"
    assert page.header.caption.text() == "K7Q4-2MXR-6 · Nia"
    at = "12 Mar 2026  15:42"
    assert lines(page) == [
        [at, "Checked out", "collected by Omar, Uncle", "Desk 2", "Maya", ""],
        [at, "Check-in refused", "It is too early to check in.", "Desk 1", "Jonas", ""],
        [at, "Checked in", f"sent {at} · undone", "Desk 1", "Jonas", ""],
    ]
    page.tabs.option("credits").click()
    await page.model.settled()
    assert [(line[1], line[2], line[5]) for line in lines(page)] == [
        ("Forfeited", "14 will not come back", "0"),
        ("Booked", "", "−14"),
    ]
    page.tabs.option("changes").click()
    await page.model.settled()
    assert [(line[1], line[2], line[4]) for line in lines(page)] == [
        ("Family's note", "nothing → [hidden]", "Maya"),
        ("Booking", "Confirmed → Completed", "Maya"),
        ("Booking made", "", "System"),
    ]
    page.grab()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (Names.OUTSIDE_WINDOW, "Hidden outside the week around the session"),
        (Names.NOT_ALLOWED, "Not shown to finance"),
        (Names.WITHDRAWN, "Not shown: consent was withdrawn"),
    ],
)
async def test_a_hidden_name_says_why(hub: ThemeHub, names: Names, said: str) -> None:
    page = await opened(hub, Gateway(replace(BOOKING, names=names, child=None, parent=None)))
    assert page.header.caption.text() == f"K7Q4-2MXR-6 · {said}"
    assert not page.labels.isEnabled()


async def test_who_may_not_has_no_buttons(hub: ThemeHub) -> None:
    page = await opened(hub, Gateway(), may_manage=False, at_desk=False)
    assert not any(button.isVisible() for button in (page.today, page.labels, page.move_button, page.cancel))
    assert {action.keys for action in page.page_actions} == {"Esc", "Alt+Left", "F5"}


async def test_the_actions_carry_the_booking(hub: ThemeHub) -> None:
    page = await opened(hub, Gateway())
    got: list[tuple[str, object]] = []
    page.today_wanted.connect(lambda one: got.append(("today", one)))
    page.move_wanted.connect(lambda one: got.append(("move", one)))
    page.labels_wanted.connect(lambda one: got.append(("labels", one)))
    for key in (Qt.Key.Key_T, Qt.Key.Key_M, Qt.Key.Key_P):
        QTest.keyClick(page.table, key, Qt.KeyboardModifier.ControlModifier)
    assert got == [("today", BOOKING), ("move", BOOKING), ("labels", BOOKING)]


@pytest.mark.parametrize(
    ("for_venue", "in_time", "words", "figures"),
    [
        (True, False, "Gives back 14 credits.", ["1", "14", "0"]),
        (False, True, "Gives back 14 credits.", ["1", "14", "0"]),
        (False, False, "Gives nothing back: 14 are forfeited.", ["1", "0", "14"]),
    ],
)
async def test_cancelling_asks_with_what_it_costs(
    hub: ThemeHub, for_venue: bool, in_time: bool, words: str, figures: list[str]
) -> None:
    gateway = Gateway(replace(BOOKING, in_time=in_time))
    page = await opened(hub, gateway, may_cancel_for_venue=for_venue)
    page.cancel.click()
    card = page.findChild(QuestionCard)
    assert isinstance(card, QuestionCard)
    texts = [part.text() for part in card.findChildren(QLabel)]
    assert any(words in text for text in texts)
    assert [text for text in texts if text.isdigit()] == figures
    assert card.keep.hasFocus()
    card.keep.click()
    await page.runner.settled()
    assert gateway.cancelled == []


async def test_a_cancelled_booking_is_shown_as_such(hub: ThemeHub) -> None:
    gateway = Gateway()
    page = await opened(hub, gateway)
    told: list[tuple[str, str]] = []
    page.toast_wanted.connect(lambda *words: told.append(words))
    page.ask_to_cancel()
    _card(page).do.click()
    await page.runner.settled()
    assert gateway.cancelled == [(True, CancellationReason.VENUE_CANCELLED)]
    assert told == [("Booking cancelled", "14 credits given back")]
    assert page.chip.text() == "Cancelled by venue"
    assert not page.cancel.isEnabled()


async def test_a_refused_cancellation_is_said_and_a_failed_load_offers_retry(hub: ThemeHub) -> None:
    gateway = Gateway()
    page = await opened(hub, gateway)
    gateway.errors.append(Conflict("This child has been checked in.", hint="Undo the check-in first."))
    page.ask_to_cancel()
    _card(page).do.click()
    await page.runner.settled()
    assert page.banner.text == "This child has been checked in. Undo the check-in first."
    other = Gateway()
    other.errors.append(Unavailable("The database cannot be reached."))
    failed = await opened(hub, other)
    assert failed.banner.isVisible()
    assert not failed.cancel.isEnabled()
    next(b for b in failed.banner.findChildren(QPushButton) if b.text() == "Retry").click()
    await failed.runner.settled()
    assert failed.header.caption.text().startswith("K7Q4")


async def test_long_names_push_nothing_off_the_page(hub: ThemeHub) -> None:
    page = await opened(hub, Gateway(replace(BOOKING, child=LONG, activity_name=f"{LONG} {LONG}")))
    page.resize(1044, 640)
    page.grab()
    assert page.cancel.geometry().right() <= page.width()
    assert page.minimumSizeHint().width() <= 1044


def _card(page: BookingDetail) -> QuestionCard:
    found = page.findChild(QuestionCard)
    assert isinstance(found, QuestionCard)
    return found
