"""The approval page on show over the queue in memory: what its tests look at and press."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from console.domain.vetting import CaseRow
from console.views.approvals.page import ApprovalsPage
from console.views.theme import ThemeHub
from tests.support.approvals_screen import FakeCases, FakeScores
from tests.support.qt import present
from tests.support.today_samples import ZONE

SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier

_Kind = TypeVar("_Kind")


class Screen:
    """The page and what it said."""

    def __init__(
        self, hub: ThemeHub, gateway: FakeCases | None = None, scores: FakeScores | None = None
    ) -> None:
        self.gateway = gateway or FakeCases()
        self.page = ApprovalsPage(
            hub, self.gateway, scores or FakeScores(), clock=self.gateway.clock, zone=ZONE, poll_seconds=0
        )
        self.toasts: list[str] = []
        self.reached: list[object] = []
        self.venues: list[object] = []
        self.page.toast_wanted.connect(self.toasts.append)
        self.page.reached.connect(self.reached.append)
        self.page.venue_wanted.connect(self.venues.append)

    async def open(self, width: int = 1240, height: int = 840) -> Screen:
        # Sheets lie over the window beside the page: its keys are not heard in them.
        window = QWidget()
        column = QVBoxLayout(window)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        present(window, width, height)
        window.activateWindow()
        await self.rest()
        return self

    async def rest(self) -> None:
        for _ in range(4):
            await asyncio.sleep(0.003)
            await self.page.runner.settled()
            await self.page.side.runner.settled()
            sheet = self.page.deeds.sheet
            if sheet is not None and hasattr(sheet, "runner"):
                await sheet.runner.settled()

    async def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page.side.list, key, held)
        await self.rest()

    def sheet(self, kind: type[_Kind]) -> _Kind:
        found = self.page.deeds.sheet
        assert isinstance(found, kind), found
        return found

    def asked(self, what: str) -> list[tuple[object, ...]]:
        return [one for one in self.gateway.done if one[0] == what]

    @property
    def on_show(self) -> CaseRow:
        page = self.page.case
        assert page is not None
        return page.row

    @property
    def names(self) -> list[str]:
        return [row.venue for row in self.page.side.list.rows]
