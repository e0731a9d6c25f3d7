"""A venue's payouts: the months, how each sum came to be, every line and its trail, saving, trouble.

docs/design.md, "Rules of the domain" (payouts) and "Screens" (finance); console/views/payouts/.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest

from console.clock import FixedClock
from console.domain.payouts import Caution, LineReason, Payout, PayoutState, VenuePreview
from console.errors import FileTrouble, Unavailable
from console.models.money import MINUS, money, plain_number, signed
from console.views.payouts import words
from console.views.payouts.listing import PayoutList
from console.views.payouts.page import PayoutsPage
from console.views.payouts.run import cautions
from console.views.theme import ThemeHub
from console.views.widgets import paint
from tests.support import payout_samples as sample
from tests.support.pages import VENUE
from tests.support.pages_payouts import MemoryFilters, NoPrinter, settled
from tests.support.qt import present
from tests.support.today_samples import NOW

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


class Screen:
    """The page of one venue on show."""

    def __init__(self, hub: ThemeHub, known: list[Payout] | None = None) -> None:
        self.gateway = sample.SamplePayouts(known)
        self.printer = NoPrinter()
        self.memory = MemoryFilters()
        self.page = PayoutsPage(
            hub, self.gateway, zone=ZoneInfo(sample.ZONE), clock=FixedClock(NOW), venue=VENUE, printer=self.printer,
            memory=self.memory,
        )  # fmt: skip
        self.view = self.page.payouts
        self.detail = self.view.detail
        self.lines = self.detail.lines
        self.tester = QAbstractItemModelTester(self.lines.model, _FATAL)
        self.toasts: list[tuple[object, ...]] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))

    async def open(self) -> Screen:
        present(self.page, 1240, 872)
        await settled(self.page)
        return self

    async def show(self, number: int) -> Screen:
        self.page.open_payout(sample.payout_id(number))
        await settled(self.page)
        return self

    @property
    def sums(self) -> list[tuple[str, str, str]]:
        return [(one.name, one.words, one.amount) for one in self.detail.sums.lines]

    def cells(self, row: int) -> list[str]:
        model = self.lines.model
        return [str(model.index(row, column).data()) for column in range(model.columnCount())]


@pytest.fixture
def screen(hub: ThemeHub) -> Iterator[Screen]:
    made = Screen(hub)
    yield made
    made.page.stop()


async def test_months_are_listed_with_amount_and_state(screen: Screen) -> None:
    rows = (await screen.open()).view.list.choices.choices
    assert [(row.title, row.detail, row.right, row.chips[0].text) for row in rows[:4]] == [
        ("March 2026", "12 days so far, closes 1 April", "2,214.00", "Open"),
        ("February 2026", "412 bookings", "5,037.97", "Processing"),
        ("January 2026", "61 bookings", f"{MINUS}42.30", "Carried forward"),
        ("December 2025", "318 bookings", "3,912.44", "Paid"),
    ]
    assert all(chip.icon for row in rows for chip in row.chips), "a state is never a colour alone"
    assert rows[7].detail == "240 bookings, by bank transfer"
    assert screen.view.header.caption.text() == "USD"


async def test_the_sums_say_how_they_came_to_be_and_are_the_stored_ones(screen: Screen) -> None:
    await (await screen.open()).show(1)
    assert screen.detail.header.title.text() == "February 2026"
    assert screen.detail.header.caption.text() == "1–28 February, Los Angeles time · sent 3 March"
    assert screen.sums == [
        ("Gross", "6,187 credits over 412 bookings, at 1.00 each", "6,187.00"),
        ("Platform fee", "17.5 % of gross is 1,082.725, rounded once", f"{MINUS}1,082.73"),
        ("Adjustments", "2 corrections to January, listed first below", f"{MINUS}24.00"),
        ("Carried forward", "January ended below zero", f"{MINUS}42.30"),
        ("Net payout", "to the bank account ending 4821", "5,037.97"),
    ]
    assert screen.detail.sums.accessibleName() == "Sums in USD"


async def test_a_month_below_zero_says_what_the_next_one_begins_with(screen: Screen) -> None:
    await (await screen.open()).show(2)
    assert screen.sums[-2:] == [
        ("Carried on", "Below zero: February begins with it, nothing is paid now", "42.30"),
        ("Net payout", "nothing to pay this month", "0.00"),
    ]
    assert "carried to February 2026" in screen.detail.header.caption.text()


async def test_lines_have_their_parts_and_corrections_come_first(screen: Screen) -> None:
    await (await screen.open()).show(1)
    first, correction, booking, no_show = (screen.cells(row) for row in range(4))
    assert first[0] == "8 Jan"
    assert first[3] == "Adjustment: check-in arrived late"
    assert first[4:] == ["", "", "", "12.00"], (
        "a correction has its net only, so that columns come to the sums"
    )
    assert correction[7] == f"{MINUS}36.00"
    assert booking[3] == "Attended, in 15:52, out 17:04"
    assert booking[4:] == ["14", "14.00", f"{MINUS}2.45", "11.55"]
    assert no_show[3] == "No-show, credits forfeited"
    assert screen.lines.tabs.option("all").accessibleName() == "All lines, 414"
    assert screen.lines.tabs.option("adjustment").accessibleName() == "Adjustments, 2"


async def test_tabs_and_typing_narrow_the_lines(screen: Screen) -> None:
    await (await screen.open()).show(1)
    screen.lines.choose_kind("no_show")
    await settled(screen.page)
    assert screen.gateway.lines_asked[-1].filters == {"reason": "no_show"}
    assert {screen.lines.model.row(at).reason for at in range(screen.lines.model.rowCount())} == {
        LineReason.NO_SHOW
    }
    screen.lines.choose_kind("all")
    QTest.keyClicks(screen.lines.filter, "pottery")
    await asyncio.sleep(0.25)
    await settled(screen.page)
    assert screen.gateway.lines_asked[-1].text == "pottery"
    assert screen.cells(0)[1] == "Pottery Wheel"
    screen.lines.filter.setText("nothing like it")
    await asyncio.sleep(0.25)
    await settled(screen.page)
    assert screen.lines.no_match.isVisible()
    assert not screen.detail.trail.isVisible()


async def test_lines_are_sorted_over_all_pages(screen: Screen) -> None:
    await (await screen.open()).show(1)
    net = [column.key for column in screen.lines.model.columns].index("net")
    screen.lines.model.sort(net, Qt.SortOrder.AscendingOrder)
    await settled(screen.page)
    assert screen.cells(0)[7] == f"{MINUS}36.00"
    while screen.lines.model.canFetchMore():
        screen.lines.model.fetchMore()
        await screen.lines.model.settled()
    shown = [screen.lines.model.row(at).net for at in range(screen.lines.model.rowCount())]
    assert len(shown) == 414
    assert shown == sorted(shown)


async def test_the_marked_line_has_its_trail(screen: Screen) -> None:
    await (await screen.open()).show(1)
    screen.lines.table.selectRow(2)
    await settled(screen.page)
    trail = screen.detail.trail
    assert trail.isVisible()
    assert trail.heading.text() == f"How {screen.cells(2)[2]} came to be"
    assert trail.accessibleDescription().split("; ") == [
        "Booked, 14 credits, 26 Jan 09:14", "In at Desk 2, 2 Feb 15:52", "Out at Desk 1, 2 Feb 17:04",
        "14.00, fee share 2.45, 1 Mar 00:00", "Line fixed, 3 Mar 10:06",
    ]  # fmt: skip


async def test_an_open_month_has_no_lines_and_no_statement(screen: Screen) -> None:
    await screen.open()
    assert screen.detail.payout is not None
    assert screen.detail.payout.id is None
    assert screen.lines.nothing.isVisible()
    assert not screen.detail.pdf_button.isVisible()
    assert not screen.detail.thumb.isVisible()
    assert screen.sums[-1][1:] == ("so far", "2,214.00")


async def test_the_statement_is_drawn_and_previewed(screen: Screen) -> None:
    await (await screen.open()).show(1)
    assert screen.detail.thumb.page.has_page
    assert screen.detail.thumb.button.text() == "Preview, 12 pages"
    QTest.mouseClick(screen.detail.thumb.button, Qt.MouseButton.LeftButton)
    await settled(screen.page)
    [(title, facts, file, size)] = screen.printer.printed
    assert (title, file) == ("Payout statement", "Payout statement Riverside Studio February 2026")
    assert facts == "Riverside Studio, February 2026. 5,037.97 USD."
    assert size == len(sample.statement_of(sample.payout_id(1)))
    assert screen.toasts == [("Payout statement sent to Office", "")]


async def test_saving_writes_the_statement_and_the_export(screen: Screen, tmp_path: Path) -> None:
    await (await screen.open()).show(1)
    payout = screen.detail.payout
    assert payout is not None
    screen.detail.save(payout, tmp_path / "one.pdf")
    screen.detail.save(payout, tmp_path / "one.csv")
    await settled(screen.page)
    assert (tmp_path / "one.pdf").read_bytes() == sample.statement_of(sample.payout_id(1))
    assert screen.gateway.done == [("export", "one.csv")]
    assert sorted(str(name) for _, name in screen.toasts) == ["one.csv", "one.pdf"]
    reached: list[object] = []
    screen.page.reached.connect(reached.append)
    screen.detail.save(payout, tmp_path / "no such folder" / "one.pdf")
    await settled(screen.page)
    assert screen.detail.banner.text.startswith("The file could not be written.")
    assert [type(one) for one in reached] == [FileTrouble], "nothing is said of the server"


async def test_the_list_of_payouts_is_saved_with_every_amount(screen: Screen, tmp_path: Path) -> None:
    await screen.open()
    screen.view.exports.write(screen.view.request, tmp_path / "payouts.csv")
    await settled(screen.page)
    rows = (tmp_path / "payouts.csv").read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 1 + 9
    assert "6187.00" in rows[2]
    assert "-42.30" in rows[3]


async def test_typing_finds_a_month_and_the_state_is_remembered(screen: Screen) -> None:
    await screen.open()
    QTest.keyClicks(screen.view.filters.text, "febr")
    await asyncio.sleep(0.25)
    await settled(screen.page)
    assert [row.title for row in screen.view.list.choices.choices] == ["February 2026"]
    screen.view.clear()
    await settled(screen.page)
    assert len(screen.view.list.choices.choices) == 9
    screen.view.filters.state.set_key("carried")
    screen.view.filters.state.activated.emit(0)
    await settled(screen.page)
    assert [row.title for row in screen.view.list.choices.choices] == ["January 2026"]
    assert screen.memory.kept["payouts:venue"][0]["filters"] == {"state": "carried"}
    screen.view.filters.state.set_key("failed")
    screen.view.filters.state.activated.emit(0)
    await settled(screen.page)
    assert screen.view.no_match.isVisible()
    assert not screen.detail.isVisible()


async def test_a_refresh_keeps_what_is_open(screen: Screen) -> None:
    await (await screen.open()).show(1)
    screen.lines.table.selectRow(3)
    known = screen.gateway.known
    known[1] = replace(known[1], state=PayoutState.PAID, version=2)
    screen.page.refresh()
    await settled(screen.page)
    assert screen.detail.header.title.text() == "February 2026"
    assert screen.detail.chip.text() == "Paid"
    assert screen.lines.table.currentIndex().row() == 3


async def test_what_cannot_be_fetched_is_said_above_what_stays(screen: Screen) -> None:
    await (await screen.open()).show(1)
    screen.gateway.wrong = Unavailable("The server cannot be reached.", hint="Try again.")
    reached: list[object] = []
    screen.page.reached.connect(reached.append)
    screen.page.refresh()
    await settled(screen.page)
    assert screen.view.banner.text == "The server cannot be reached. Try again."
    assert len(screen.view.list.choices.choices) == 9
    assert reached == [screen.gateway.wrong]
    screen.gateway.wrong = None
    screen.page.refresh()
    await settled(screen.page)
    assert not screen.view.banner.isVisible()


async def test_a_venue_that_was_never_paid(hub: ThemeHub) -> None:
    made = Screen(hub, [])
    await made.open()
    assert made.view.empty.isVisible()
    assert not made.detail.isVisible()
    made.page.stop()


def test_why_a_payment_failed_comes_first_and_is_whole_in_the_tool_tip(hub: ThemeHub) -> None:
    failed = sample.payout(
        1,
        sample.FEBRUARY,
        PayoutState.FAILED,
        sample.sums("100.00", 9),
        failure="The venue's account is closed.",
    )
    of_all = words.choice(failed, sample.FEBRUARY, of_venue=False)
    assert of_all.detail == "Feb, the venue's account is closed"
    later = words.choice(failed, date(2027, 1, 9), of_venue=False)
    assert later.detail.startswith("Feb 2026, the venue's")
    assert of_all.tip == "The venue's account is closed. February 2026, 9 bookings."
    own = words.choice(failed, sample.FEBRUARY, of_venue=True)
    assert own.detail == "The venue's account is closed"
    rows = PayoutList(hub)
    rows.show_choices([of_all])
    assert rows.choices.index(0).data(Qt.ItemDataRole.ToolTipRole) == of_all.tip
    wide = paint.text_width(hub.theme.font("caption"), of_all.detail)
    chip = paint.chip_width(hub.theme, of_all.chips[0])
    assert wide + chip + 12 + 2 * 16 <= 312, "the list is as wide as it is drawn"


async def test_trouble_stands_above_the_sums_without_deeds_for_a_venue(hub: ThemeHub) -> None:
    failed = sample.payout(
        1, sample.FEBRUARY, PayoutState.FAILED, sample.sums("100.00", 9), failure="Account closed"
    )
    held = sample.payout(
        2, date(2026, 1, 1), PayoutState.ON_HOLD, sample.sums("50.00", 4), hold_reason="Papers"
    )
    made = Screen(hub, [failed, held])
    await made.open()
    assert made.detail.banner.text == "The payment failed. Account closed."
    made.detail.retry()
    made.detail.hold()
    made.detail.release()
    made.detail.show_attempts()
    assert made.gateway.done == []
    await made.show(2)
    assert made.detail.banner.text == "On hold: nothing is paid. Papers."
    made.page.stop()


async def test_every_key_belongs_to_one_deed(screen: Screen) -> None:
    keys = [one.keys for one in screen.page.page_actions if one.keys]
    assert len(keys) == len(set(keys))
    assert {"F5", "Ctrl+P", "Ctrl+S", "Ctrl+E", "Ctrl+F"} <= set(keys)


async def test_without_the_right_to_export_nothing_is_saved(hub: ThemeHub) -> None:
    gateway = sample.SamplePayouts()
    page = PayoutsPage(
        hub, gateway, zone=ZoneInfo(sample.ZONE), clock=FixedClock(NOW), venue=VENUE, may_export=False
    )
    present(page, 1240, 872)
    await settled(page)
    page.open_payout(sample.payout_id(1))
    await settled(page)
    detail = page.payouts.detail
    assert not any(
        button.isVisible() for button in (detail.pdf_button, detail.xlsx_button, detail.csv_button)
    )
    assert not {one.key for one in page.page_actions} & {"payouts:pdf", "payouts:csv", "payouts:list"}
    page.stop()


def test_a_fee_is_said_with_its_rounding_only_where_there_is_one() -> None:
    assert (
        words.fee_words(Decimal("2086.43"), Decimal("17.50")) == "17.5 % of gross is 365.12525, rounded once"
    )
    assert words.fee_words(Decimal("100.00"), Decimal("12.00")) == "12 % of gross"
    assert words.fee_words(Decimal("365.13"), Decimal("100")) == "100 % of gross"


def test_amounts_have_a_true_minus_and_nothing_below_nothing() -> None:
    assert money(Decimal("-156435.89")) == f"{MINUS}156,435.89"
    assert signed(Decimal("0.00")) == "0.00"
    assert signed(Decimal("1082.73")) == f"{MINUS}1,082.73"
    assert plain_number(Decimal("17.50")) == "17.5"
    assert plain_number(Decimal("-1082.725")) == f"{MINUS}1,082.725"


def test_corrections_name_their_months() -> None:
    known = sample.riverside()[1]
    two = words.sums(known, [date(2025, 12, 1), date(2026, 1, 1), date(2026, 1, 1)])[2]
    assert two.words == "2 corrections to December and January, listed first below"
    many = words.sums(known, [date(2025, at, 1) for at in (9, 10, 11)])[2]
    assert many.words == "2 corrections to earlier months, listed first below"
    assert words.sums(known)[2].words == "2 corrections to earlier months, listed first below"


def test_where_the_money_goes() -> None:
    paid, processing = sample.riverside()[3], sample.riverside()[1]
    assert words.net_words(paid) == "to the bank account ending 4821"
    below = words.reference(paid)
    assert below is not None
    assert below.words.startswith("PS-2025-12-")
    assert words.net_words(replace(paid, account_end=None)) == ""
    assert words.reference(processing) is None
    assert words.net_words(replace(processing, account_end=None)) == "there is no payout account yet"


def test_every_caution_has_its_sentence() -> None:
    had = sample.neighbours()[0]
    venue = VenuePreview(
        had.venue_id, had.venue, had.sums, had.fee_percentage, 0, tuple(Caution), 1, None, PayoutState.OPEN
    )
    said = cautions(venue)
    assert len(said) == len(set(said)) == len(Caution)
    assert any(sentence.startswith("1 report nobody has decided") for sentence in said)
