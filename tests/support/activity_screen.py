"""The area of activities on show, with hands for tests: a catalogue in memory, keys, buttons, rows to choose."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from console.clock import FixedClock
from console.domain.catalogue import ActivityFacts
from console.views.activities.page import ActivitiesPage
from console.views.theme import ThemeHub
from tests.support.activity_samples import FakeCatalogue
from tests.support.qt import NOW, present

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
JUDO_ID = UUID(int=1)


class Memory:
    """Filters kept as a workstation keeps them."""

    def __init__(self) -> None:
        self.kept: dict[str, list[dict[str, Any]]] = {}

    def filters(self, page_key: str) -> list[dict[str, Any]]:
        return list(self.kept.get(page_key, []))

    def save_filters(self, page_key: str, filters: list[dict[str, Any]]) -> None:
        self.kept[page_key] = filters


class ActivityScreen:
    """The area on show."""

    def __init__(self, hub: ThemeHub, catalogue: FakeCatalogue | None = None, **facts: Any) -> None:
        self.catalogue = catalogue or FakeCatalogue()
        self.page = ActivitiesPage(
            hub, self.catalogue, FixedClock(NOW), venue="Riverside Studio",
            **({"may_edit": True, "may_export": True} | facts),
        )  # fmt: skip
        self.listing, self.panel, self.form = self.page.listing, self.page.panel, self.page.panel.form
        self.tester = QAbstractItemModelTester(self.listing.model, _FATAL)
        self.toasts: list[tuple[str, str]] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))

    async def show(self, *size: int) -> None:
        present(self.page, *(size or (1240, 872)))
        await self.rest()

    async def rest(self) -> None:
        for _ in range(3):
            await self.listing.model.settled()
            await self.panel.runner.settled()
            if self.page.sheet is not None:
                await self.page.sheet.runner.settled()

    async def open(self, activity_id: UUID) -> None:
        self.page.open_activity(activity_id)
        await self.rest()

    async def key(self, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, held)
        await self.rest()

    async def press(self, said: str, inside: QWidget | None = None) -> None:
        buttons = (inside or self.page).findChildren(QPushButton)
        next(one for one in buttons if one.text() == said and one.isVisible()).click()
        await self.rest()

    @property
    def names(self) -> list[str]:
        return [self.listing.model.row(at).name for at in range(self.listing.model.rowCount())]

    def kept(self, activity_id: UUID = JUDO_ID) -> ActivityFacts:
        return self.catalogue.activities[activity_id].facts

    def choose(self, *names: str) -> None:
        self.listing.table.clearSelection()
        for at, name in enumerate(self.names):
            if name in names:
                model = self.listing.table.selectionModel()
                model.select(
                    self.listing.model.index(at, 0), model.SelectionFlag.Select | model.SelectionFlag.Rows
                )
