"""The ledgers screen by keyboard: find, read, more entries, adjust with a reason."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QVBoxLayout, QWidget

from console.domain.paging import PageRequest
from console.errors import Conflict, Unavailable
from console.models.money import MINUS
from console.views.ledger.page import LedgerScreen
from console.views.theme import ThemeHub
from tests.support import today_samples as sample
from tests.support.invoice_samples import ANA, FakeLedger
from tests.support.qt import present

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
CTRL = Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


class Screen:
    """The page on show."""

    def __init__(self, hub: ThemeHub, gateway: FakeLedger | None = None, *, may_adjust: bool = True) -> None:
        self.gateway = gateway or FakeLedger()
        self.page = LedgerScreen(hub, self.gateway, may_adjust=may_adjust, zone=sample.ZONE)
        self.tester = QAbstractItemModelTester(self.page.model, _FATAL)
        self.toasts: list[tuple[str, str]] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))
        # As in the console: what lies over the window is not part of the page, so its keys are not the page's.
        self.host = QWidget()
        QVBoxLayout(self.host).addWidget(self.page)
        present(self.host, 1260, 860)

    async def rest(self) -> None:
        for _ in range(100):
            if self.host.isActiveWindow():
                break
            await asyncio.sleep(0.005)
        for _ in range(3):
            await self.page.runner.settled()
            await self.page.model.settled()
            await self.page.periods.table.settled()
            if self.page.sheet is not None:
                await self.page.sheet.runner.settled()

    async def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, held)
        await self.rest()

    async def find(self, text: str) -> None:
        await self.rest()
        self.page.text.setText(text)
        self.page.text.setFocus()
        await self.key(Qt.Key.Key_Return)

    def cells(self, column: int) -> list[str]:
        return [str(self.page.model.index(row, column).data()) for row in range(self.page.model.rowCount())]


@pytest.fixture
async def screen(hub: ThemeHub) -> Screen:
    made = Screen(hub)
    await made.rest()
    return made


async def test_nobody_is_looked_up_before_enter_and_three_letters(screen: Screen) -> None:
    assert screen.gateway.asked == []
    screen.page.text.setText("whit")
    await screen.rest()
    assert screen.gateway.asked == [], "each look leaves a trace"
    await screen.find("wh")
    assert screen.gateway.asked == []
    assert screen.page.banner.text == "Type at least three letters."
    await screen.find("nobody at all")
    assert screen.page.nobody.isVisible()


async def test_a_parent_is_found_and_the_ledger_read(screen: Screen) -> None:
    await screen.find("whitfield")
    page = screen.page
    assert page.header.caption.text() == "a…d@mail.example · Cascade Timber & Paper · 34 credits to spend"
    assert screen.cells(1)[:2] == ["Forfeited: 8 credits will not come back", "Booked"]
    assert screen.cells(4)[:3] == ["0", f"{MINUS}8", f"{MINUS}18"]
    assert screen.cells(5)[0] == "34"
    await screen.key(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert page.periods.isVisible()
    assert str(page.periods.table.index(0, 1).data()) == "60"
    await screen.key(Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    page.list.setFocus()
    await screen.key(Qt.Key.Key_Down)
    assert page.nothing.isVisible()
    await screen.key(Qt.Key.Key_Escape)
    assert page.ask.isVisible()
    assert not page.table.isVisible()


async def test_older_entries_are_fetched_by_their_number(hub: ThemeHub) -> None:
    screen = Screen(hub, FakeLedger(page=4))
    await screen.find("ana")
    # Whoever watches the model goes down by itself.
    assert len(screen.cells(0)) == 11
    assert ("ledger", ANA.id, 8) in screen.gateway.asked
    await screen.key(Qt.Key.Key_F5)
    assert len(set(screen.cells(0))) == 11


async def test_credits_are_adjusted_with_a_reason_after_the_numbers(screen: Screen) -> None:
    await screen.find("ana")
    await screen.key(Qt.Key.Key_E, CTRL)
    sheet = screen.page.sheet
    assert sheet is not None
    sheet.go_on()
    assert sheet.number_field.below.text() == "Enter a whole number from 1 to 100,000."
    for wrong in ("1.5", "0", "99999999", "-3"):
        sheet.number.setText(wrong)
        assert sheet.number_field.below.text() == "Enter a whole number from 1 to 100,000.", wrong
    sheet.way.option("take").click()
    sheet.number.setText("40")
    assert sheet.number_field.below.text() == "Only 34 credits can be taken."
    sheet.way.option("add").click()
    sheet.number.setText("1,000")
    assert sheet.after.text() == "Then 1,034 credits."
    sheet.go_on()
    assert sheet.reason_field.below.text() == "Say why; it stays on record."
    sheet.reason.setText("Goodwill")
    sheet.go_on()
    said = {one.text() for one in sheet.card.findChildren(QLabel) if one.isVisible()}
    assert {"34", "+1,000", "1,034", "Reason: Goodwill"} <= said
    assert QApplication.focusWidget() is not sheet.do_button
    await screen.key(Qt.Key.Key_Escape)
    assert sheet.is_open
    assert sheet.number.text() == "1,000"
    sheet.go_on()
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    sheet.do_button.click()
    await screen.rest()
    assert sheet.banner.text == "The server cannot be reached."
    sheet.do_button.click()
    await screen.rest()
    assert not sheet.is_open
    assert screen.toasts == [("1,000 credits added", "Ana Whitfield")]
    assert screen.cells(1)[0] == "Adjusted: Goodwill (Priya Nair)"
    assert screen.cells(5)[0] == "1,034"
    assert screen.page.list.choices.choices[0].right == "1,034"


async def test_what_is_refused_stays_on_the_question(screen: Screen) -> None:
    await screen.find("ana")
    screen.page.adjust()
    sheet = screen.page.sheet
    assert sheet is not None
    sheet.number.setText("5")
    sheet.reason.setText("Goodwill")
    sheet.go_on()
    screen.gateway.failure = Conflict("Somebody else changed these credits.")
    sheet.do_button.click()
    await screen.rest()
    assert sheet.is_open
    assert sheet.banner.text == "Somebody else changed these credits."


async def test_who_may_not_adjust_has_no_button(hub: ThemeHub) -> None:
    screen = Screen(hub, may_adjust=False)
    await screen.find("ana")
    assert not screen.page.adjust_button.isVisible()
    assert "ledger:adjust" not in {one.key for one in screen.page.page_actions}


async def test_without_a_server_it_says_so_and_tries_again(screen: Screen) -> None:
    screen.gateway.failure = Unavailable("The server cannot be reached.")
    await screen.find("ana")
    assert screen.page.banner.text == "The server cannot be reached."
    screen.page.look_for()
    await screen.rest()
    assert not screen.page.banner.isVisible()
    assert len(screen.cells(0)) == 11


async def test_entries_and_periods_are_saved_as_they_are_stored(hub: ThemeHub, tmp_path: Path) -> None:
    screen = Screen(hub, FakeLedger(page=4))
    screen.page.export()
    assert not screen.page.findChildren(QFileDialog), "nobody is looked at yet"
    await screen.find("ana")
    await screen.key(Qt.Key.Key_E, CTRL | Qt.KeyboardModifier.AltModifier)
    (dialog,) = screen.page.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "entries.csv"))
    dialog.reject()
    await screen.rest()
    rows = list(csv.reader((tmp_path / "entries.csv").read_text(encoding="utf-8-sig").splitlines()))
    page = screen.page.page
    assert page is not None
    assert len(rows) == 1 + len(screen.cells(0)) == 12
    credits, balance = rows[0].index("Credits"), rows[0].index("Balance")
    entries = [screen.page.model.row(at) for at in range(11)]
    assert [(row[credits], row[balance]) for row in rows[1:]] == [
        (str(one.amount), str(one.balance_after)) for one in entries
    ]
    assert any(row[credits].startswith("-") for row in rows[1:]), "a negative number stays a number"
    assert ANA.name not in (tmp_path / "entries.csv").read_text(encoding="utf-8-sig")
    assert screen.toasts[-1] == ("11 entries saved", "entries.csv")
    await screen.key(Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    request = PageRequest("at", text=str(ANA.id))
    screen.page.period_exports.write(request, tmp_path / "periods.xlsx")
    await screen.rest()
    sheet = openpyxl.load_workbook(tmp_path / "periods.xlsx").active
    assert [[cell.value for cell in row][2:] for row in sheet.iter_rows(min_row=2)] == [
        [one.allocated, one.used, one.refunded, one.forfeited, one.available] for one in page.periods
    ]


async def test_who_may_not_export_has_no_button(hub: ThemeHub) -> None:
    page = LedgerScreen(hub, FakeLedger(), may_adjust=True, may_export=False, zone=sample.ZONE)
    assert page.export_button.isHidden()
    assert "ledger:export" not in [one.key for one in page.page_actions]
