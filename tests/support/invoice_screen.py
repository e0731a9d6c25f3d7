"""The invoices page on show, with hands: for the tests of its parts."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from console.clock import FixedClock
from console.views.invoices.editor import DraftSheet
from console.views.invoices.page import InvoicesPage
from console.views.invoices.pay import PaySheet
from console.views.payouts.detail import DocumentPrinter
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard
from tests.support import today_samples as sample
from tests.support.invoice_samples import FakeInvoices
from tests.support.qt import present

_FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal
CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
NONE = Qt.KeyboardModifier.NoModifier
DRAFT, PARTLY = UUID(int=203), UUID(int=109)


class Memory:
    """Filters kept for as long as the test."""

    def __init__(self) -> None:
        self.kept: dict[str, list[dict[str, Any]]] = {}

    def filters(self, page_key: str) -> list[dict[str, Any]]:
        return self.kept.get(page_key, [])

    def save_filters(self, page_key: str, filters: list[dict[str, Any]]) -> None:
        self.kept[page_key] = filters


class Screen:
    """The page on show."""

    def __init__(
        self,
        hub: ThemeHub,
        *,
        may_issue: bool = True,
        memory: Memory | None = None,
        printer: DocumentPrinter | None = None,
    ) -> None:
        self.gateway = FakeInvoices()
        self.page = InvoicesPage(
            hub, self.gateway, clock=FixedClock(sample.NOW), zone=sample.ZONE, may_issue=may_issue,
            memory=memory, printer=printer,
        )  # fmt: skip
        self.testers = [QAbstractItemModelTester(one, _FATAL) for one in (self.page.listing.model,)]
        # As in the console: what lies over the window is not part of the page, so its keys are not the page's.
        self.host = QWidget()
        QVBoxLayout(self.host).addWidget(self.page)
        self.toasts: list[tuple[str, str]] = []
        self.page.toast_wanted.connect(lambda *said: self.toasts.append(said))

    async def show(self) -> None:
        present(self.host, 1260, 860)
        for _ in range(100):
            await asyncio.sleep(0.005)
            if self.host.isActiveWindow():
                break
        await self.rest()

    async def rest(self) -> None:
        page = self.page
        for _ in range(4):
            runners = [page.runner, page.listing.runner, page.detail.runner, page.accounts.runner]
            runners += [one.runner for one in (page.detail.sheet, page.accounts.sheet) if one is not None]
            runners += [
                one.sheet.runner for one in (page.listing.deeds, page.detail.deeds) if one.sheet is not None
            ]
            for runner in runners:
                await runner.settled()
            for model in (page.listing.model, page.accounts.model):
                await model.settled()
            for table in page.detail.tables.tables.values():
                await table.table.settled()

    async def key(self, key: Qt.Key, held: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(QApplication.focusWidget() or self.page, key, held)
        await self.rest()

    async def open(self, invoice_id: UUID) -> None:
        self.page.open_invoice(invoice_id)
        await self.rest()

    def cells(self, column: str) -> list[str]:
        model = self.page.listing.model
        at = next(at for at, one in enumerate(model.columns) if one.key == column)
        return [str(model.index(row, at).data()) for row in range(model.rowCount())]

    def select(self, *ids: UUID) -> None:
        model, table = self.page.listing.model, self.page.listing.table
        table.clearSelection()
        for row in range(model.rowCount()):
            if model.row(row).id in ids:
                flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
                table.selectionModel().select(model.index(row, 0), flags)

    @property
    def question(self) -> QuestionCard:
        found = [one for one in self.host.findChildren(QuestionCard) if one.isVisible()]
        assert len(found) == 1
        return found[0]

    @property
    def at_list(self) -> bool:
        return self.page.part is self.page.listing

    @property
    def at_accounts(self) -> bool:
        return self.page.part is self.page.accounts

    def type(self, text: str) -> None:
        focused = QApplication.focusWidget()
        assert focused is not None
        QTest.keyClicks(focused, text)

    @property
    def pay_sheet(self) -> PaySheet:
        sheet = self.page.detail.sheet
        assert isinstance(sheet, PaySheet)
        return sheet

    @property
    def editor(self) -> DraftSheet:
        sheet = self.page.detail.sheet
        assert isinstance(sheet, DraftSheet)
        return sheet
