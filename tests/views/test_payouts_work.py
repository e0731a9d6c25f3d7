"""What the platform's finance does with payouts: runs, approving, the bank, holds, tries, books, all statements.

docs/design.md, "Rules of the domain" (payouts) and "Screens" (finance); console/views/payouts/.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget

from console.clock import FixedClock
from console.domain.payouts import PayoutState
from console.errors import Conflict, Denied
from console.models.money import MINUS
from console.views.payouts.answer import AnswerSheet
from console.views.payouts.page import PayoutsPage
from console.views.payouts.run import RunSheet
from console.views.payouts.words import RUN_CHIPS
from console.views.shell.areas import HasActionBar
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard
from console.views.widgets.fields import TextInput
from tests.support import payout_samples as sample
from tests.support.pages_payouts import MemoryFilters, NoPrinter, settled
from tests.support.qt import present
from tests.support.today_samples import NOW


class Screen:
    """The page of the platform on show."""

    def __init__(self, hub: ThemeHub) -> None:
        self.gateway = sample.SamplePayouts(sample.neighbours())
        self.memory = MemoryFilters()

        async def venues() -> list[tuple[UUID, str]]:
            return [(one.venue_id, one.venue) for one in sample.neighbours()]

        self.page = PayoutsPage(
            hub, self.gateway, self.gateway, zone=UTC, clock=FixedClock(NOW), venue=None, venues=venues,
            printer=NoPrinter(), memory=self.memory,
        )  # fmt: skip
        assert self.page.runs is not None
        assert self.page.holds is not None
        assert self.page.books is not None
        self.runs, self.holds, self.books = self.page.runs, self.page.holds, self.page.books
        self.detail = self.page.payouts.detail
        self.toasts: list[tuple[object, ...]] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))

    async def open(self, part: str = "payouts") -> Screen:
        present(self.page, 1240, 872)
        await settled(self.page)
        if part != "payouts":
            self.page.show_part(part)
            await settled(self.page)
        return self

    async def show(self, state: PayoutState) -> None:
        wanted = next(one for one in self.gateway.known if one.state is state)
        assert wanted.id is not None
        self.page.open_payout(wanted.id)
        await settled(self.page)

    @property
    def card(self) -> QuestionCard:
        """The question that is asked."""
        return next(card for card in self.page.findChildren(QuestionCard) if card.isVisible())

    async def answer(self, reason: str = "") -> None:
        card = self.card
        if reason:
            assert not card.do.isEnabled(), "a reason is needed"
            card.findChildren(TextInput)[-1].setText(reason)
        QTest.mouseClick(card.do, Qt.MouseButton.LeftButton)
        await settled(self.page)

    async def new_run(self) -> RunSheet:
        self.page.new_run()
        sheet = self.runs.sheet
        assert isinstance(sheet, RunSheet)
        await sheet.runner.settled()
        return sheet


@pytest.fixture
def screen(hub: ThemeHub) -> Iterator[Screen]:
    made = Screen(hub)
    yield made
    made.page.stop()


def words_in(parent: QWidget, kind: type[QWidget]) -> list[str]:
    return [child.text() for child in parent.findChildren(kind) if child.isVisible()]  # type: ignore[attr-defined]


async def test_all_venues_of_a_month_with_the_stored_total(screen: Screen) -> None:
    await screen.open()
    view = screen.page.payouts
    assert view.list.choices.choices[0].title == "Alder Hall"
    assert view.list.choices.choices[0].detail == "February 2026, 80 bookings"
    assert not view.foot.isVisible()
    view.filters.choose_month(sample.FEBRUARY)
    await settled(screen.page)
    assert screen.gateway.asked[-1].filters == {"period": "2026-02-01"}
    assert view.foot.text() == "February 2026: 12 payouts, 9 not paid yet, 50,432.70"
    QTest.keyClicks(view.filters.text, "river")
    await asyncio.sleep(0.25)
    await settled(screen.page)
    assert screen.gateway.asked[-1].text == "river"
    assert [row.title for row in view.list.choices.choices] == ["Riverside Studio"]
    assert screen.memory.kept["payouts"][0]["filters"] == {"period": "2026-02-01"}


async def test_a_long_list_is_fetched_page_by_page(screen: Screen) -> None:
    screen.gateway.known = [
        replace(
            sample.neighbours()[0],
            id=UUID(int=0x777000 + at),
            venue_id=UUID(int=0x555000 + at),
            venue=f"V{at:03}",
        )
        for at in range(450)
    ]
    await screen.open()
    view = screen.page.payouts
    assert len(view.list.choices.choices) == 200
    view.list.verticalScrollBar().setValue(view.list.verticalScrollBar().maximum())
    await settled(screen.page)
    assert len(view.list.choices.choices) == 400
    view.list.setCurrentIndex(view.list.choices.index(399))
    await settled(screen.page)
    assert len(view.list.choices.choices) == 450
    assert view.list.payout is not None
    assert view.list.payout.venue == "V399", "what comes after moves nothing"


async def test_a_run_shows_totals_and_warnings_and_makes_the_chosen(screen: Screen) -> None:
    await screen.open()
    sheet = await screen.new_run()
    assert sheet.month.currentText() == "February 2026"
    minus = chr(0x2212)
    assert sheet.totals.text() == (
        f"11 venues: gross 51,914.00, fee {minus}9,084.98, adjusted {minus}164.00, carried in {minus}42.30,"
        " carried on 41.00, net 42,663.72 USD"
    )
    assert sheet.known.text().startswith(
        "4 payouts are made anew; 1 venue is approved already and left alone"
    )
    assert sheet.make_button.text() == "Make 11 payouts"
    sheet.which.choose("some")
    sheet.which.changed.emit("some")
    sheet.table.selectRow(1)
    assert sheet.about.text() == "Birchwood Arts. There is no payout account: it cannot be paid yet."
    QTest.keyClick(sheet.table, Qt.Key.Key_Space)
    assert sheet.make_button.text() == "Make 10 payouts"
    sheet.make()
    await sheet.runner.settled()
    await settled(screen.page)
    assert screen.gateway.done[-2:] == [("preview", sample.FEBRUARY, 10), ("make", sample.FEBRUARY, 10)]
    assert not sheet.is_open
    assert screen.toasts == [("187 payouts made", "February 2026")]
    assert screen.runs.model.rowCount() == 5
    assert screen.runs.table.hasFocus(), "whoever made the run goes on with it by keyboard"


async def test_a_run_whose_numbers_moved_is_looked_at_again(screen: Screen) -> None:
    await screen.open()
    sheet = await screen.new_run()
    screen.gateway.moved = True
    sheet.make()
    for _ in range(3):
        await sheet.runner.settled()
    assert sheet.is_open
    assert sheet.banner.text == "The numbers moved while you looked. They are shown as they are now."
    assert [one[0] for one in screen.gateway.done] == ["preview", "preview"]
    sheet.close()


async def test_making_can_be_stopped(screen: Screen) -> None:
    await screen.open()
    sheet = await screen.new_run()
    screen.gateway.slow = 30
    sheet.make()
    await asyncio.sleep(0.02)
    assert not sheet.make_button.isEnabled()
    assert sheet.step_back(), "Escape stops it and keeps the sheet"
    await sheet.runner.settled()
    assert sheet.banner.text == "Stopped: nothing was made."
    assert sheet.make_button.isEnabled()
    screen.gateway.slow = 0
    sheet.close()


async def test_a_closed_month_is_not_made(screen: Screen) -> None:
    await screen.open()
    sheet = await screen.new_run()
    sheet.month.setCurrentIndex(sheet.months.index(date(2025, 12, 1)))
    sheet.month.activated.emit(2)
    await sheet.runner.settled()
    assert sheet.banner.text.startswith("The books of December 2025 are closed.")
    assert not sheet.make_button.isEnabled()
    sheet.close()


async def test_approving_says_the_numbers_and_who_has_to(screen: Screen) -> None:
    await screen.open("runs")
    screen.runs.approve()
    assert screen.card.do.text() == "Approve 187 payouts"
    await screen.answer()
    assert screen.gateway.done[0][0] == "approve"
    assert screen.toasts == [("187 payouts approved", "February 2026")]
    assert not screen.runs.approve_button.isEnabled()
    screen.gateway.all_runs[0] = replace(screen.gateway.all_runs[0], state="made", mine=True)
    screen.page.refresh()
    await settled(screen.page)
    assert "somebody else has to approve it" in screen.runs.strip.body.text()
    screen.runs.approve()
    screen.gateway.wrong = Denied("Who made a run does not approve it.", hint="Ask somebody else of finance.")
    await screen.answer()
    assert screen.runs.banner.text == "Who made a run does not approve it. Ask somebody else of finance."


async def test_withdrawing_asks_for_a_reason(screen: Screen) -> None:
    await screen.open("runs")
    screen.runs.withdraw()
    await screen.answer("A venue was missing")
    assert screen.gateway.done == [("withdraw", "A venue was missing")]
    assert "Withdrawn" in screen.runs.strip.body.text()


async def test_the_bank_gets_a_file_and_its_answer_is_looked_at_first(screen: Screen, tmp_path: Path) -> None:
    await screen.open("runs")
    assert not screen.runs.file_button.isEnabled(), "nothing leaves before it is approved"
    screen.runs.table.selectRow(1)
    run = screen.runs.run
    assert run is not None
    assert screen.runs.file_button.isEnabled()
    screen.runs.write_bank_file(run, tmp_path / "bank.csv")
    await settled(screen.page)
    assert screen.toasts == [("12 payments written", "bank.csv")]
    # Written once more only when somebody says so.
    screen.runs.write_bank_file(run, tmp_path / "bank.csv")
    await settled(screen.page)
    assert screen.gateway.done.count(("bank_file", "bank.csv")) == 1
    await screen.answer()
    assert screen.gateway.done.count(("bank_file", "bank.csv")) == 2
    screen.runs.read_bank_answer(tmp_path / "answer.csv")
    sheet = screen.runs.sheet
    assert isinstance(sheet, AnswerSheet)
    await sheet.runner.settled()
    assert screen.gateway.done[-1] == ("bank_answer", "answer.csv", True)
    assert sheet.wrong == screen.gateway.unfit
    sheet.take()
    await sheet.runner.settled()
    assert screen.gateway.done[-1] == ("bank_answer", "answer.csv", False)
    assert not sheet.is_open


async def test_a_failed_payment_is_tried_again_and_its_tries_are_shown(screen: Screen) -> None:
    await screen.open()
    await screen.show(PayoutState.FAILED)
    assert screen.detail.banner.text == "The payment failed. The account is closed."
    screen.detail.show_attempts()
    sheet = screen.detail.sheet
    assert sheet is not None
    await sheet.runner.settled()
    assert [one.state for one in sheet.tries] == ["unknown", "failed"]
    sheet.close()
    screen.detail.retry()
    await screen.answer()
    assert screen.gateway.done[-1][0] == "retry"
    assert screen.detail.chip.text() == "Processing"
    assert not screen.detail.banner.isVisible()


async def test_a_try_in_doubt_is_settled_with_a_reason_by_keyboard(screen: Screen) -> None:
    screen.gateway.doubts = True
    await screen.open()
    await screen.show(PayoutState.FAILED)
    payout = screen.detail.payout
    assert payout is not None
    screen.detail.show_attempts()
    sheet = screen.detail.sheet
    assert sheet is not None
    await sheet.runner.settled()
    assert sheet.settle_buttons[0].hasFocus()
    QTest.keyClick(sheet.settle_buttons[0], Qt.Key.Key_Space)
    assert sheet.reason.hasFocus()
    assert not sheet.paid.isEnabled()
    assert not sheet.unpaid.isEnabled()
    QTest.keyClick(sheet.reason, Qt.Key.Key_Escape)
    assert sheet.is_open
    assert sheet.settle_buttons[0].hasFocus()
    sheet.settle_buttons[0].click()
    QTest.keyClicks(sheet.reason, "Approved by me")
    QTest.keyClick(sheet.reason, Qt.Key.Key_Tab)
    assert sheet.back.hasFocus() or sheet.unpaid.hasFocus()
    sheet.unpaid.click()
    await sheet.runner.settled()
    assert sheet.banner.text == "Somebody else settles what you approved."
    assert sheet.paid.isEnabled()
    sheet.reason.setText("  It is on   the statement ")
    sheet.paid.click()
    assert not sheet.paid.isEnabled()
    await sheet.runner.settled()
    await settled(screen.page)
    assert screen.gateway.done == [("settle", payout.id, 2, True, "It is on the statement")]
    assert screen.toasts[-1] == ("The try counts as paid", payout.venue)
    assert screen.detail.chip.text() == "Paid"
    sheet.close()


async def test_a_venue_is_held_and_released_from_its_payout(screen: Screen) -> None:
    await screen.open()
    await screen.show(PayoutState.PENDING)
    screen.detail.hold()
    await screen.answer("The papers ran out")
    assert screen.gateway.done == [("hold", UUID(int=100), "The papers ran out")]
    assert screen.detail.banner.text == "On hold: nothing is paid. The papers ran out."
    screen.detail.release()
    await screen.answer("They are here")
    assert screen.gateway.done[-1] == ("release", "They are here")
    assert not screen.detail.banner.isVisible()


async def test_holds_are_placed_and_released_with_reasons(screen: Screen) -> None:
    await screen.open("holds")
    assert screen.holds.strip.body.text().endswith("The insurance certificate has run out.")
    screen.holds.release()
    await screen.answer("New certificate")
    assert screen.gateway.done == [("release", "New certificate")]
    screen.holds.place()
    await settled(screen.page)
    await screen.answer("Account under question")
    assert screen.gateway.done[-1] == ("hold", UUID(int=100), "Account under question")


async def test_what_can_be_done_is_kept_free_of_toasts(screen: Screen) -> None:
    for key, part in (("runs", screen.runs), ("holds", screen.holds), ("books", screen.books)):
        await screen.open(key)
        assert isinstance(screen.page, HasActionBar)
        assert screen.page.action_bar is part.strip
        assert part.strip.isVisible()
    screen.page.show_part("payouts")
    assert screen.page.action_bar is None


async def test_books_say_why_not_yet_and_close_and_open_again(screen: Screen) -> None:
    await screen.open("books")
    said = [str(screen.books.model.index(0, column).data()) for column in range(5, 9)]
    assert said == ["61,240.00", f"{MINUS}10,717.00", f"{MINUS}90.30", "50,432.70"], "the month adds up"
    assert screen.page.header.caption.text() == "USD"
    assert screen.books.strip.body.text() == "12 payouts of February are not approved yet."
    assert not screen.books.close_button.isEnabled()
    screen.books.close_books()
    assert screen.gateway.done == []
    screen.books.table.selectRow(1)
    screen.books.close_books()
    await screen.answer()
    assert screen.gateway.done == [("close", date(2026, 1, 1))]
    screen.books.reopen()
    await screen.answer("A venue was paid twice")
    assert screen.gateway.done[-1] == ("reopen", date(2026, 1, 1), "A venue was paid twice")
    assert screen.books.strip.body.text().endswith("Opened again 1 time.")


async def test_all_statements_go_into_a_folder_and_can_be_stopped(screen: Screen, tmp_path: Path) -> None:
    await screen.open("books")
    month = screen.books.month
    assert month is not None
    screen.books.write_statements(month, tmp_path)
    await settled(screen.page)
    assert screen.gateway.done == [("statements", sample.FEBRUARY, tmp_path.name)]
    assert screen.toasts == [("12 statements written", tmp_path.name)]
    screen.gateway.slow = 30
    screen.books.write_statements(month, tmp_path)
    await asyncio.sleep(0.02)
    assert not screen.books.statements_button.isEnabled()
    screen.books.runner.cancel("statements")
    await screen.books.runner.settled()
    assert screen.books.statements_button.isEnabled()
    assert len(screen.gateway.done) == 1


async def test_a_month_of_the_books_leads_to_its_payouts(screen: Screen) -> None:
    await screen.open("books")
    screen.books.table.row_activated.emit(screen.books.month)
    await settled(screen.page)
    assert screen.page.tabs.chosen == "payouts"
    assert screen.gateway.asked[-1].filters == {"period": "2026-02-01"}


async def test_the_books_are_saved_as_a_file(screen: Screen, tmp_path: Path) -> None:
    await screen.open("books")
    screen.books.exports.write(screen.books.model.request, tmp_path / "books.csv")
    await settled(screen.page)
    assert len((tmp_path / "books.csv").read_text(encoding="utf-8-sig").splitlines()) == 1 + 8


@pytest.mark.parametrize("part", ["runs", "holds", "books"])
async def test_runs_holds_and_books_are_saved_by_keyboard(screen: Screen, part: str, tmp_path: Path) -> None:
    await screen.open(part)
    shown = {"runs": screen.runs, "holds": screen.holds, "books": screen.books}[part]
    assert shown.export_button.isVisible()
    shown.table.setFocus()
    QTest.keyClick(shown.table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = shown.findChildren(QFileDialog)
    assert dialog.selectedNameFilter() == "Workbook (*.xlsx)"
    dialog.fileSelected.emit(str(tmp_path / "list.csv"))
    dialog.reject()
    await settled(screen.page)
    rows = list(csv.reader((tmp_path / "list.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert len(rows) == 1 + shown.model.rowCount()
    assert screen.toasts[-1][1] == "list.csv"
    shown.exports.write(shown.model.request, tmp_path / "list.xlsx")
    await settled(screen.page)
    book = openpyxl.load_workbook(tmp_path / "list.xlsx")
    assert len(list(book.active.rows)) == len(rows)
    known = {
        "runs": ("State", [one.text for one in (RUN_CHIPS[run.state] for run in screen.runs.model.rows)]),
        "holds": ("Reason", [held.reason for held in screen.holds.model.rows]),
        "books": ("Net", [str(month.net) for month in screen.books.model.rows]),
    }
    heading, wanted = known[part]
    at = rows[0].index(heading)
    assert sorted(row[at] for row in rows[1:]) == sorted(wanted)


async def test_without_the_right_to_export_no_list_is_saved(hub: ThemeHub) -> None:
    gateway = sample.SamplePayouts(sample.neighbours())
    page = PayoutsPage(
        hub, gateway, gateway, zone=UTC, clock=FixedClock(NOW), venue=None, printer=NoPrinter(),
        memory=MemoryFilters(), may_export=False,
    )  # fmt: skip
    present(page, 1240, 872)
    await settled(page)
    for key, part in (("runs", page.runs), ("holds", page.holds), ("books", page.books)):
        page.show_part(key)
        await settled(page)
        assert part is not None
        assert not part.export_button.isVisible()
        part.export()
        assert not part.findChildren(QFileDialog)
        assert not [one for one in page.page_actions if one.key.startswith("payouts:export")]
    page.stop()


async def test_somebody_else_was_faster(screen: Screen) -> None:
    await screen.open("runs")
    screen.runs.approve()
    screen.gateway.wrong = Conflict("Somebody else approved this run.", code="version_changed")
    card = screen.card
    screen.runs.runner.cancel("load")
    QTest.mouseClick(card.do, Qt.MouseButton.LeftButton)
    await asyncio.sleep(0)
    screen.gateway.wrong = None
    await settled(screen.page)
    assert screen.toasts == []
    assert screen.runs.banner.text == "Somebody else approved this run."
    assert screen.runs.model.rowCount() == 4


async def test_every_part_has_keys_of_its_own(screen: Screen) -> None:
    await screen.open()
    for part in ("payouts", "runs", "holds", "books"):
        screen.page.show_part(part)
        keys = [one.keys for one in screen.page.page_actions if one.keys]
        assert len(keys) == len(set(keys)), part
        assert {"F5", "Alt+1", "Alt+4", "Ctrl+N"} <= set(keys)


async def test_the_keys_of_a_part_are_heard_where_its_tab_has_the_keyboard(screen: Screen) -> None:
    await screen.open()
    for part, row, answer in (("runs", 0, "Approve 187 payouts"), ("books", 1, "Close the books")):
        screen.page.show_part(part)
        await settled(screen.page)
        (screen.runs if part == "runs" else screen.books).table.selectRow(row)
        screen.page.new_button.setFocus()
        QTest.keyClick(screen.page.new_button, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        assert screen.card.do.text() == answer
        QTest.keyClick(screen.card, Qt.Key.Key_Escape)
