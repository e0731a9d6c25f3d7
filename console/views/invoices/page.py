"""Invoices for headquarters: the list, one invoice over it, and beside that the accounts of the employers.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.invoices import InvoiceRow
from console.errors import ConsoleError
from console.models.gateway_invoices import InvoiceGateway
from console.models.runner import TaskRunner
from console.views.invoices.account import AccountsPart
from console.views.invoices.detail import InvoiceDetail
from console.views.invoices.listing import InvoiceList
from console.views.payouts.detail import DocumentPrinter
from console.views.saved_filters import FilterMemory
from console.views.shell.areas import Action, listen
from console.views.shell.own_zone import own_zone
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.frames import flush, ground
from console.views.widgets.header import PageHeader
from console.views.widgets.toggles import ChoiceRow

_TABS = (("invoices", "Invoices"), ("accounts", "Employers"))


class InvoicesPage(QWidget):
    """The page. `toast_wanted` carries a sentence and a detail."""

    toast_wanted = Signal(str, str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: InvoiceGateway,
        *,
        clock: Clock,
        printer: DocumentPrinter | None = None,
        memory: FilterMemory | None = None,
        may_issue: bool = False,
        zone: ZoneInfo | None = None,
    ) -> None:
        """Nothing is asked before it is shown. Without `may_issue` it is only read; times are those of `zone`."""
        super().__init__()
        self.hub, self._gateway, self._may_issue = hub, gateway, may_issue
        zone = zone or ZoneInfo(own_zone())
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "Invoices", margin=32)
        self.tabs = ChoiceRow(hub, _TABS, style="tabs", name="What is shown")
        self.tabs.changed.connect(self.show_tab)
        self.export_button = Button(hub, "Export", icon="ph.export")
        self.drafts_button = Button(hub, "Make drafts now", icon="ph.plus")
        self.header.add(self.tabs)
        self.header.add(self.export_button)
        self.header.add(self.drafts_button)
        self.drafts_button.setVisible(may_issue)
        self.listing = InvoiceList(hub, gateway, clock=clock, zone=zone, memory=memory, may_issue=may_issue)
        self.accounts = AccountsPart(hub, gateway, clock=clock, zone=zone, may_issue=may_issue)
        self.detail = InvoiceDetail(
            hub, gateway, clock=clock, zone=zone, printer=printer, may_issue=may_issue
        )
        self.export_button.clicked.connect(lambda _checked=False: self.export_list())
        self.drafts_button.clicked.connect(lambda _checked=False: self.make_drafts())
        self._lay_out()
        for part in (self.listing, self.accounts, self.detail):
            part.toast_wanted.connect(self.toast_wanted)
            part.reached.connect(self.reached)
        self.listing.opened.connect(self._open_row)
        self.accounts.opened.connect(self._open_row)
        self.accounts.invoices_wanted.connect(self._invoices_of)
        self.detail.left.connect(self.go_back)
        self.detail.account_wanted.connect(self.open_account)
        self.detail.changed.connect(self.listing.refresh)
        self.detail.changed.connect(self.accounts.refresh)
        self.listing.changed.connect(self.accounts.refresh)
        self.page_actions = self._actions()
        listen(self, self.page_actions)
        lead_focus(self, self.listing.text)

    # -- for the window ----------------------------------------------------------------------------------------------

    @property
    def part(self) -> InvoiceList | AccountsPart | InvoiceDetail:
        """What is on show."""
        if self.stack.currentWidget() is self.detail:
            return self.detail
        return self.listing if self.tabs.chosen == "invoices" else self.accounts

    def refresh(self) -> None:
        """Ask again; everything keeps its place."""
        self.part.refresh()

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()
        for part in (self.listing, self.accounts, self.detail):
            part.stop()

    @property
    def action_bar(self) -> QWidget | None:
        """What can be done with the chosen invoices; None where one is looked at."""
        return self.listing.foot if self.part is self.listing else None

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    def open_invoice(self, invoice_id: UUID) -> None:
        """Show one invoice: from the palette."""
        self.runner.start(self._open(invoice_id), "open")

    def open_account(self, corporate_id: UUID) -> None:
        """Show an employer's account."""
        self.show_tab("accounts")
        self.accounts.open_account(corporate_id)

    def show_tab(self, key: str) -> None:
        """Show the invoices or the employers."""
        self.tabs.choose(key)
        self.stack.setCurrentWidget(self._front)
        self.parts.setCurrentWidget(self.listing if key == "invoices" else self.accounts)
        self._put_in_order()
        part = self.part
        if not isinstance(part, InvoiceDetail):
            lead_focus(self, part.text)
            part.start()
            if self.isVisible():
                part.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_back(self) -> None:
        """From one invoice to where it was opened."""
        self.stack.setCurrentWidget(self._front)
        self._put_in_order()
        if self.tabs.chosen == "invoices":
            self.listing.start()
            lead_focus(self, self.listing.text)
            self.listing.table.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            lead_focus(self, self.accounts.text)
            self.accounts.invoices.setFocus(Qt.FocusReason.OtherFocusReason)

    def make_drafts(self) -> None:
        """Make the drafts that are due now, and show the list they come to."""
        if self._may_issue:
            if self.part is not self.listing:
                self.show_tab("invoices")
            self.listing.make_drafts()

    def export_list(self) -> None:
        """Save the list on show, invoices or employers, as a file; of one invoice the list it was opened from."""
        (self.listing if self.tabs.chosen == "invoices" else self.accounts).export_list()

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _open(self, invoice_id: UUID) -> None:
        self._open_row((await self._gateway.invoice(invoice_id)).row)

    def _open_row(self, row: object) -> None:
        if not isinstance(row, InvoiceRow):
            return
        self.detail.open(row)
        self.stack.setCurrentWidget(self.detail)
        self._put_in_order()
        lead_focus(self, self.detail.back)
        self.detail.tables.lines.setFocus(Qt.FocusReason.OtherFocusReason)
        if not self.detail.tables.lines.isVisible():
            self.detail.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _invoices_of(self, corporate_id: object) -> None:
        if isinstance(corporate_id, UUID):
            self.show_tab("invoices")
            self.listing.text.clear()
            self.listing.filters.choose_corporate(corporate_id)

    def _failed(self, error: ConsoleError) -> None:
        self.reached.emit(error)
        self.listing.banner.show_error(error)

    def _rows(self) -> list[InvoiceRow]:
        if self.part is self.detail:
            return [self.detail.row] if self.detail.row is not None else []
        return self.listing.chosen if self.part is self.listing else []

    def _deed(self, name: str) -> None:
        part = self.detail if self.part is self.detail else self.listing
        getattr(part.deeds, name)(self._rows())

    def _edit(self) -> None:
        if self.part is self.accounts:
            self.accounts.edit()
        elif self.part is self.detail:
            self.detail.edit()

    def _find(self) -> None:
        part = self.part
        if isinstance(part, InvoiceDetail):
            self.go_back()
            part = self.listing if self.tabs.chosen == "invoices" else self.accounts
        part.to_filter()

    def _escape(self) -> None:
        part = self.part
        if isinstance(part, InvoiceDetail):
            self.go_back()
        else:
            part.clear()

    def _on_detail(self, run: str) -> None:
        if self.part is self.detail:
            getattr(self.detail, run)()

    def _put_in_order(self) -> None:
        front = (self.tabs, self.export_button, self.drafts_button)
        part = self.part
        tab_in_order(*(() if part is self.detail else front), *part.stops)

    def _actions(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Invoices")
        shared = [
            action("invoices:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("invoices:filter", "Filter", self._find, "Ctrl+F", "ph.funnel"),
            action("invoices:back", "Back, or clear the filter", self._escape, "Esc", offered=False),
            action("invoices:list", "Invoices", partial(self.show_tab, "invoices"), "Alt+1", "ph.receipt"),
            action("invoices:accounts", "Employers", partial(self.show_tab, "accounts"), "Alt+2", "ph.buildings"),
            action("invoices:save", "Save the PDFs of the chosen invoices", partial(self._deed, "save"), "Ctrl+S",
                   "ph.file-pdf"),
            action("invoices:preview", "Preview the document", partial(self._on_detail, "preview"), "Ctrl+P",
                   "ph.eye"),
            action("invoices:export", "Export the list of invoices or employers", self.export_list, "Ctrl+Alt+E",
                   "ph.export"),
            *self.listing.own_actions(action),
            *self.accounts.own_actions(action),
        ]  # fmt: skip
        if self._may_issue:
            shared += [
                action("invoices:drafts", "Make drafts now", self.make_drafts, "Ctrl+N", "ph.plus"),
                action("invoices:issue", "Issue the chosen drafts", partial(self._deed, "issue"), "Ctrl+Return",
                       "ph.file-text"),
                action("invoices:send", "Send the chosen invoices", partial(self._deed, "send"), "Ctrl+M",
                       "ph.paper-plane-tilt"),
                action("invoices:edit", "Edit the draft, or the employer's billing", self._edit, "Ctrl+E",
                       "ph.pencil-simple"),
                action("invoices:pay", "Record a payment", partial(self._on_detail, "pay"), "Ctrl+T", "ph.bank"),
                action("invoices:take-back", "Take a payment back", partial(self._on_detail, "take_back"),
                       "Ctrl+Shift+T", "ph.arrow-u-up-left"),
                action("invoices:cancel", "Cancel the invoice", partial(self._on_detail, "cancel"), "Ctrl+Del",
                       "ph.prohibit"),
            ]  # fmt: skip
        return tuple(shared)

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        self._put_in_order()
        part = self.part
        if isinstance(part, InvoiceDetail):
            part.refresh()
        else:
            part.start()

    def _lay_out(self) -> None:
        inner = ground(self)
        self.stack = QStackedWidget()
        self._front = QWidget()
        column = flush(QVBoxLayout(self._front))
        column.addWidget(self.header)
        self.parts = QStackedWidget()
        self.parts.addWidget(self.listing)
        self.parts.addWidget(self.accounts)
        column.addWidget(self.parts, 1)
        self.stack.addWidget(self._front)
        self.stack.addWidget(self.detail)
        inner.addWidget(self.stack, 1)
