"""The daily check's screen: checks beside what they found, who looks after it, ignoring, checking now, files."""

from __future__ import annotations

import asyncio
import csv
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication

from console.clock import FixedClock
from console.errors import Conflict, Unavailable
from console.views.integrity.page import IntegrityPage
from console.views.shell.areas import HasActionBar
from console.views.theme import ThemeHub
from console.views.widgets.fields import TextInput
from tests.support.integrity_samples import CHECKS, ME, FakeIntegrity
from tests.support.qt import present
from tests.support.today_samples import NOW, ZONE

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


class Screen:
    """The page on show."""

    def __init__(
        self, hub: ThemeHub, gateway: FakeIntegrity | None = None, *, may_settle: bool = True
    ) -> None:
        self.gateway = gateway or FakeIntegrity()
        self.page = IntegrityPage(
            hub, self.gateway, clock=FixedClock(NOW), zone=ZONE, me=ME, may_settle=may_settle
        )
        self.testers = [
            QAbstractItemModelTester(one, _FATAL) for one in (self.page.model, self.page.list.choices)
        ]
        self.toasts: list[tuple[str, str]] = []
        self.reached: list[object] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))
        self.page.reached.connect(self.reached.append)

    async def open(self, width: int = 1640) -> Screen:
        present(self.page, width, 840)
        await self.rest()
        return self

    async def rest(self) -> None:
        for _ in range(3):
            await asyncio.sleep(0.01)
            await self.page.runner.settled()
            await self.page.model.settled()

    async def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, held)
        await self.rest()

    def did(self) -> tuple[object, ...]:
        return self.gateway.done[-1]

    def mark(self, row: int) -> None:
        self.page.table.setCurrentIndex(self.page.model.index(row, 0))

    def cells(self, column: str) -> list[str]:
        model = self.page.model
        at = next(at for at, one in enumerate(model.columns) if one.key == column)
        return [str(model.index(row, at).data()) for row in range(model.rowCount())]

    @property
    def checks(self) -> list[tuple[str, str, str]]:
        return [
            (one.title, "/".join(chip.text for chip in one.chips), one.detail)
            for one in self.page.list.choices.choices
        ]


async def test_every_check_says_what_is_open_and_the_marked_one_explains_itself(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    assert len(screen.checks) == 1 + len(CHECKS)
    assert screen.checks[:3] == [
        ("All checks", "4 open", "Last run today 06:42 · 1 ignored"),
        ("Places taken", "2 open", "Last run today 06:42"),
        ("Payouts", "1 open", "Last run today 06:42"),
    ]
    assert ("Documents", "", "Last run today 06:42 · 1 ignored") in screen.checks
    assert page.header.caption.text() == "4 issues are open · last check today 06:42"
    assert screen.cells("check") == ["Places taken", "Places taken", "Payouts", "Numbers"]
    assert screen.cells("assigned_to") == ["Nobody", "Nobody", "Noor", "Lucas Berg"]
    assert screen.cells("venue")[2:] == ["Alder Hall", "–"]
    assert screen.cells("last_seen_at") == ["today 06:42"] * 4
    assert page.strip.body.text() == "The session says 9 places are taken; 8 bookings hold one."
    assert isinstance(page, HasActionBar), "no toast lies over what can be done"
    assert page.action_bar is page.strip
    assert "since 11 Mar 06:42, last seen today 06:42" in page.strip.heading.text()
    assert not page.overdue.isVisible()
    assert screen.reached == [None]
    page.list.setFocus()
    await screen.key(Qt.Key.Key_Down)
    assert page.title.text() == "Places taken"
    assert "number of bookings that hold a place" in page.explained.text()
    assert screen.cells("check") == ["Places taken"] * 2
    await screen.key(Qt.Key.Key_Return)
    assert QApplication.focusWidget() is page.table


async def test_issues_are_filtered_by_words_and_state(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    page.setFocus()
    QTest.keyClicks(page.filter, "alder")
    await asyncio.sleep(0.25)
    await screen.rest()
    assert screen.cells("venue") == ["Alder Hall"]
    assert page.card.isVisible()
    await screen.key(Qt.Key.Key_Escape)
    assert len(screen.cells("venue")) == 4
    await screen.key(Qt.Key.Key_2, ALT)
    assert page.states.chosen == "ignored"
    assert "Ignored: It was printed by hand on the day of the move." in page.strip.body.text()
    await screen.key(Qt.Key.Key_4, ALT)
    assert len(screen.cells("venue")) == 6
    assert screen.gateway.requests[-1].filters == {"state": "", "check": ""}
    page.filter.setText("nothing like it")
    await asyncio.sleep(0.25)
    await screen.rest()
    assert page.no_match.isVisible()
    assert not page.strip.isVisible()


async def test_an_issue_is_looked_after_ignored_and_reported_again_by_keyboard(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page, first = screen.page, screen.gateway.known[0].id
    assert not page.nobody_button.isEnabled()
    page.table.setFocus()
    await screen.key(Qt.Key.Key_M, CTRL)
    assert screen.did() == ("assign", first, ME)
    assert screen.toasts[-1][0] == "You look after it"
    assert screen.cells("assigned_to")[0] == "Lucas Berg"
    assert "Lucas Berg looks after it" in page.strip.heading.text()
    await screen.key(Qt.Key.Key_M, CTRL | SHIFT)
    assert screen.did() == ("assign", first, None)
    assert screen.cells("assigned_to")[0] == "Nobody"
    await screen.key(Qt.Key.Key_I, CTRL)
    question = page.question
    assert question is not None
    assert not question.card.do.isEnabled()
    reason = question.card.findChild(TextInput)
    assert reason is not None
    QTest.keyClicks(reason, "  A test of   the desk ")
    QTest.keyClick(reason, Qt.Key.Key_Return)
    await screen.rest()
    assert screen.did() == ("ignore", first, "A test of the desk")
    assert len(screen.cells("check")) == 3
    page.show_state("ignored")
    await screen.rest()
    screen.mark(0)
    assert not page.ignore_button.isEnabled()
    page.table.setFocus()
    await screen.key(Qt.Key.Key_R, CTRL)
    assert screen.did() == ("reopen", first)
    assert screen.toasts[-1][0] == "The issue is open again"


async def test_checking_now_says_how_many_issues_are_open(hub: ThemeHub) -> None:
    gateway = FakeIntegrity()
    gateway.ran = NOW - timedelta(days=2, minutes=1)
    screen = await Screen(hub, gateway).open()
    page = screen.page
    assert page.overdue.isVisible()
    assert page.overdue.text.startswith("The last check was 10 Mar 15:41.")
    page.setFocus()
    await screen.key(Qt.Key.Key_Return, CTRL)
    assert gateway.done == [("check",)]
    assert screen.toasts[-1][0] == "4 issues are open."
    assert not page.overdue.isVisible()
    assert page.check_button.isEnabled()
    assert page.check_button.text() == "Check now"
    gateway.known = gateway.known[:1]
    page.check_now()
    await screen.rest()
    assert screen.toasts[-1][0] == "1 issue is open."


async def test_where_everything_agrees_it_says_so_and_who_only_reads_changes_nothing(hub: ThemeHub) -> None:
    gateway = FakeIntegrity([])
    gateway.never = True
    screen = await Screen(hub, gateway, may_settle=False).open()
    page = screen.page
    assert QApplication.focusWidget() is page.filter
    assert page.unchecked.isVisible()
    assert page.overdue.text.startswith("The books were never checked.")
    assert screen.checks[0] == ("All checks", "", "Never ran")
    gateway.never = False
    page.refresh()
    await screen.rest()
    assert page.agrees.isVisible()
    assert page.header.caption.text() == "No issue is open · last check today 06:42"
    assert not page.check_button.isVisible()
    gateway.known = FakeIntegrity().known
    page.refresh()
    await screen.rest()
    assert page.card.isVisible()
    page.list.setCurrentIndex(page.list.choices.index([one[0] for one in screen.checks].index("Refunds")))
    await screen.rest()
    assert page.this_agrees.isVisible()
    page.clear()
    await screen.rest()
    for deed in (page.assign_to_me, page.assign_to_nobody, page.ignore, page.reopen, page.check_now):
        deed()
    await screen.rest()
    assert gateway.done == []
    assert page.question is None
    assert not page.mine_button.isVisible()


async def test_an_error_leaves_the_rows_and_a_faster_person_is_told(hub: ThemeHub) -> None:
    screen = await Screen(hub).open()
    page = screen.page
    screen.gateway.failure = Unavailable("The server cannot be reached.", hint="Try again in a minute.")
    page.refresh()
    await screen.rest()
    assert page.banner.text == "The server cannot be reached. Try again in a minute."
    assert len(screen.cells("check")) == 4
    assert isinstance(screen.reached[-1], Unavailable)
    screen.gateway.failure = Conflict(
        "Somebody else changed this issue.", hint="Look at it again.", code="version_changed"
    )
    page.assign_to_me()
    await screen.rest()
    assert page.banner.text == "Somebody else changed this issue. Look at it again."
    assert page.mine_button.isEnabled()


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
async def test_the_issues_on_show_are_saved(hub: ThemeHub, tmp_path: Path, ending: str) -> None:
    screen = await Screen(hub).open()
    page, path = screen.page, tmp_path / f"issues{ending}"
    page.exports.write(page.model.request, path)
    await screen.rest()
    assert screen.toasts[-1] == ("4 issues saved", path.name)
    if ending == ".csv":
        rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
    else:
        book = openpyxl.load_workbook(path)
        rows = [[str(cell or "") for cell in row] for row in book.active.iter_rows(values_only=True)]
        book.close()
    assert rows[0][:5] == ["Check", "What", "Number", "Venue", "Found"]
    assert len(rows) == 5
    assert rows[3][0] == "Payouts"
    assert rows[3][3] == "Alder Hall"


async def test_a_narrow_window_keeps_state_and_finding(hub: ThemeHub) -> None:
    screen = await Screen(hub).open(width=1044)
    table = screen.page.table
    shown = {one.key for at, one in enumerate(screen.page.model.columns) if not table.isColumnHidden(at)}
    assert {"state", "detail"} <= shown
    assert "last_seen_at" not in shown
    assert screen.page.export_button.isVisible()
