"""What the tests of the Today screen share: a page over a gateway in memory, and keys with real times."""

from __future__ import annotations

import asyncio
from itertools import count

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from console.clock import FixedClock
from console.models.tones import Tone
from console.views.front_desk.page import TodayPage
from console.views.theme import ThemeHub
from tests.support import today_samples as sample
from tests.support.qt import settle
from tests.support.running_samples import FakeDay, FakePrinter

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
_clock = count(1_000_000, 1000)


def press(widget: QWidget, keys: str | Qt.Key, *, gap: int = 120, text: str = "") -> None:
    """Press keys one after the other, `gap` milliseconds apart by their own time stamps."""
    start = next(_clock) * 100
    pairs = [(Qt.Key.Key_unknown, mark) for mark in keys] if isinstance(keys, str) else [(keys, text)]
    for at, (key, mark) in enumerate(pairs):
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, mark)
            event.setTimestamp(start + at * gap)
            QApplication.sendEvent(widget, event)


def scan(widget: QWidget, text: str, *, end: Qt.Key = Qt.Key.Key_Return, gap: int = 8) -> None:
    """Send a ticket as a keyboard-wedge scanner does."""
    start = next(_clock) * 100
    keys = [(Qt.Key.Key_unknown, mark) for mark in text] + [(end, "\t" if end == Qt.Key.Key_Tab else "\r")]
    for at, (key, mark) in enumerate(keys):
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, mark)
        event.setTimestamp(start + at * gap)
        QApplication.sendEvent(widget, event)


class Screen:
    """A page on show, its gateway, and what it told the window."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: sample.FakeGateway,
        *,
        width: int = 1240,
        may_undo_any: bool = False,
        running: FakeDay | None = None,
        printer: FakePrinter | None = None,
        labels_on_check_in: bool = False,
        may_reopen: bool = False,
    ) -> None:
        self.gateway, self.running, self.printer = gateway, running, printer
        self.clock = FixedClock(sample.NOW)
        self.page = TodayPage(
            hub, self.clock, gateway, zone=sample.ZONE, desk="Desk 1", person="Jonas",
            may_undo_any=may_undo_any, poll_seconds=0, running=running, printer=printer, may_close=True,
            may_reopen=may_reopen, labels_on_check_in=labels_on_check_in,
        )  # fmt: skip
        self.testers = [
            QAbstractItemModelTester(model, _FATAL)
            for model in (self.page.day.roster, self.page.day.rows, self.page.day.sessions)
        ]
        self.toasts: list[tuple[str, str, object]] = []
        self.page.toast_wanted.connect(lambda *facts: self.toasts.append(facts[:3]))
        self.icons: list[str] = []
        self.page.toast_wanted.connect(lambda *facts: self.icons.append(facts[3]))
        self.tones: list[Tone] = []
        self.page.tone_wanted.connect(self.tones.append)
        self.reached: list[object] = []
        self.page.reached.connect(self.reached.append)
        settle(self.page, width, 840)

    async def open(self) -> Screen:
        """Load the day."""
        self.page.start()
        await self.rest()
        return self

    async def rest(self, seconds: float = 0.0) -> None:
        """Wait until nothing is under way, and at least `seconds`."""
        await asyncio.sleep(seconds)
        for _ in range(6):
            await asyncio.sleep(0.005)
        for _ in range(60):
            if not self.page.day.runner.busy or self.gateway.gate is not None:
                break
            await asyncio.sleep(0.005)

    @property
    def line(self) -> QWidget:
        """Where keys go."""
        return self.page.middle.scan.line

    async def type(self, text: str) -> None:
        """Type a name and let the search begin."""
        press(self.line, text)
        await self.rest(0.08)

    async def enter(self) -> None:
        """Press Enter."""
        press(self.line, Qt.Key.Key_Return, text="\r")
        await self.rest()

    async def key(self, key: Qt.Key) -> None:
        """Press a key."""
        press(self.line, key)
        await self.rest()

    def window_scan(self, text: str, *, end: Qt.Key = Qt.Key.Key_Return, gap: int = 8) -> None:
        """Send a ticket to the window, as a scanner does that does not know where the keyboard is."""
        window = self.page.window().windowHandle()
        start = next(_clock) * 100
        keys = [(Qt.Key.Key_unknown, mark) for mark in text] + [(end, "\r")]
        for at, (key, mark) in enumerate(keys):
            event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, mark)
            event.setTimestamp(start + at * gap)
            QApplication.sendEvent(window, event)

    def window_key(self, key: Qt.Key, mark: str, gap: int) -> None:
        """Send one key to the window, `gap` milliseconds after the one before."""
        self._hand = getattr(self, "_hand", next(_clock) * 100) + gap
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, mark)
        event.setTimestamp(self._hand)
        QApplication.sendEvent(self.page.window().windowHandle(), event)

    @property
    def band(self) -> tuple[str, str]:
        """Kind and title of the band."""
        return self.page.middle.band.outcome, self.page.middle.band.title

    @property
    def names(self) -> list[str]:
        """The rows on show."""
        return [row.name for row in self.page.middle.roster.shown()]

    @property
    def current(self) -> str:
        """The name of the current row."""
        row = self.page.middle.roster.current
        return row.name if row else ""

    def word(self, number: int) -> tuple[str, str]:
        """Look and word of a booking's row."""
        row = self.page.day.roster.row(sample.booking_id(number))
        assert row is not None
        return row.look, row.word

    def select(self, number: int) -> None:
        """Make a booking's row the current one, as a click does."""
        assert self.page.middle.roster.select(sample.booking_id(number))

    def button(self, words: str) -> QPushButton:
        """The button of the page with these words."""
        found = [
            one for one in self.page.findChildren(QPushButton) if one.text() == words and one.isVisible()
        ]
        assert found, f"no button {words!r}"
        return found[0]

    def click(self, words: str) -> None:
        """Click that button."""
        QTest.mouseClick(self.button(words), Qt.MouseButton.LeftButton)

    def row_point(self, number: int, x_from_right: int) -> QPoint:
        """A point in a booking's row, counted from its right edge."""
        roster = self.page.middle.roster
        index = self.page.day.rows.mapFromSource(
            self.page.day.roster.index(self.page.day.roster.position(sample.booking_id(number)))
        )
        rect = roster.list.visualRect(index)
        return QPoint(rect.right() - x_from_right, rect.center().y())

    def calls(self, kind: str) -> list[object]:
        """What the gateway was asked."""
        return [fact for name, fact in self.gateway.calls if name == kind]
