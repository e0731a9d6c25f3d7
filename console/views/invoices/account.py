"""Employers' accounts: terms, what is open and overdue, this year, subscriptions, and their invoices.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.invoices import Corporate, InvoiceRow
from console.domain.paging import Page, PageRequest
from console.errors import Conflict, ConsoleError
from console.models.gateway_invoices import InvoiceGateway
from console.models.money import money, plain_number
from console.models.runner import TaskRunner
from console.models.table import KeysetTableModel
from console.models.words import local_day
from console.views.bookings.export import ExportBar
from console.views.invoices import words
from console.views.invoices.account_facts import AccountSheet
from console.views.invoices.account_tables import (
    CLOSED,
    invoice_columns,
    subscription_columns,
    subscription_look,
)
from console.views.invoices.export import CORPORATE_COLUMNS
from console.views.invoices.tables import KnownTable
from console.views.saved_filters import ChoiceBox
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.choices import ChoiceList
from console.views.widgets.dialog import figures_box
from console.views.widgets.fields import TextInput
from console.views.widgets.frames import banner_strip, flush, ground, master_side, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import DataTable
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

MARGIN = 32
_DELAY_MS = 180
_LEAST_ROWS = 4
_TABS = (("invoices", "Invoices"), ("subscriptions", "Subscriptions"))
_OVERDUE = ChipSpec("Overdue", "red", "ph.warning-bold")
_NOTHING: Page[InvoiceRow] = Page((), None)


class AccountsPart(QWidget):
    """The employers at the left, the account of one beside them. `opened` carries one of its invoices."""

    toast_wanted = Signal(str, str)
    reached = Signal(object)
    opened = Signal(object)
    invoices_wanted = Signal(object)

    def __init__(
        self, hub: ThemeHub, gateway: InvoiceGateway, *, clock: Clock, zone: ZoneInfo, may_issue: bool
    ) -> None:
        """Asks when it is started."""
        super().__init__()
        self.hub, self._gateway, self._clock, self._zone = hub, gateway, clock, zone
        self._may_issue = may_issue
        self._rows: list[Corporate] = []
        self._next: tuple[object, ...] | None = None
        self._started = self._answered = False
        self.corporate: Corporate | None = None
        self.sheet: AccountSheet | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.text = TextInput(hub, placeholder="Filter employers")
        self.text.setAccessibleName("Filter employers")
        self.text.setMaxLength(80)
        self.which = ChoiceBox(hub, "Which employers", "All", {"open": "Owing", "closed": "Closed"})
        self.which.activated.connect(lambda _index: self._restart())
        self.list = ChoiceList(hub, "Employers")
        self.list.moved.connect(self._moved)
        self.list.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.list.steer(self.text)
        self.skeleton = Skeleton(hub, rows=8, row_height=hub.theme.size("row.roster"))
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No employers match", "Type less, or show all of them."
        )
        self.empty = EmptyState(
            hub, "ph.buildings", "No employers yet", "They come with their first subscription."
        )
        self.banner = Banner(hub, above=12)
        self.exports = ExportBar(
            hub, gateway.corporates, CORPORATE_COLUMNS, runner=self.runner, owner=self, failed=self.banner,
            rows="employers",
        )  # fmt: skip
        self.exports.done.connect(self.toast_wanted)
        self.header = PageHeader(hub, "", "", detail=True, margin=MARGIN)
        self.chip = Chip(hub, "")
        self.header.lead(None, self.chip)
        self.edit_button = Button(hub, "Edit billing…", icon="ph.pencil-simple")
        self.edit_button.clicked.connect(lambda _checked=False: self.edit())
        self.all_button = Button(hub, "All its invoices", icon="ph.receipt")
        self.all_button.clicked.connect(lambda _checked=False: self.show_invoices())
        self.header.add(self.all_button)
        self.header.add(self.edit_button)
        self.edit_button.setVisible(may_issue)
        self.tabs = ChoiceRow(hub, _TABS, style="tabs", name="What is shown of the employer")
        self.tabs.changed.connect(lambda _key: self._choose())
        self.model = KeysetTableModel[InvoiceRow](
            invoice_columns(), self._invoices, lambda one: one.id, sort="number", descending=True
        )
        self.invoices = DataTable(
            hub, self.model, name="Invoices of the employer", looks={"state": words.state_look}
        )
        self.model.setParent(self.invoices)
        self.invoices.edge_padding = MARGIN
        self.invoices.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.invoices.row_activated.connect(self.opened)
        self.model.loaded.connect(self._choose)
        self.model.failed.connect(self._failed)
        self.subscriptions = KnownTable(
            hub,
            subscription_columns(),
            name="Subscriptions",
            margin=MARGIN,
            looks={"state": subscription_look},
        )
        self.no_invoices = EmptyState(
            hub, "ph.receipt", "No invoices yet", "Drafts are made on the billing day."
        )
        self.no_subscriptions = EmptyState(
            hub, "ph.users-three", "No subscription", "Nothing is invoiced without one."
        )
        self._lay_out()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self._restart)
        self.text.textChanged.connect(lambda _text: self._later.start())
        hub.changed.connect(self._fit)

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        return (
            self.text, self.which, self.list, self.exports, self.all_button, self.edit_button, self.banner, self.tabs,
            self.invoices, self.subscriptions,
        )  # fmt: skip

    def start(self) -> None:
        """It is looked at: ask."""
        if not self._started:
            self._started = True
            self.skeleton.show()
            self.skeleton.start()
        self.refresh()

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        if self._started:
            self.runner.start(self._load(), "load")

    def open_account(self, corporate_id: UUID) -> None:
        """Show the account of one employer: from an invoice."""
        self.runner.start(self._open(corporate_id), "open")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._later.stop()
        self.runner.cancel_all()
        self.model.cancel()
        self.subscriptions.table.cancel()
        if self.sheet is not None:
            self.sheet.runner.cancel_all()

    def clear(self) -> None:
        """Show every employer again."""
        self.text.clear()
        self.which.set_key("")
        self._restart()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def to_filter(self) -> None:
        """Give the keyboard to the filter."""
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def edit(self) -> None:
        """Change the billing facts of the employer on show."""
        if self.corporate is not None and self._may_issue:
            sheet = AccountSheet(self.hub, self.window(), self._gateway, self.corporate)
            sheet.saved.connect(self._saved)
            self.sheet = sheet
            sheet.open()

    def show_invoices(self) -> None:
        """Show the list of invoices, narrowed to this employer."""
        if self.corporate is not None:
            self.invoices_wanted.emit(self.corporate.id)

    def export_list(self) -> None:
        """Save the employers that are shown, all pages of them."""
        today = local_day(self._clock.now(), self._zone)
        self.exports.ask(self._request(None), f"employers-{today}", ".xlsx")

    def own_actions(self, action: Callable[..., Action]) -> list[Action]:
        """What can be done only here; `action` makes one that the page hears."""
        return [action("invoices:account-invoices", "All invoices of the employer", self.show_invoices, "Ctrl+I",
                       "ph.receipt")]  # fmt: skip

    # -- loading -----------------------------------------------------------------------------------------------------

    def _request(self, after: tuple[object, ...] | None) -> PageRequest:
        filters = {"open": {"open": "yes"}, "closed": {"active": "no"}}.get(self.which.key, {})
        return PageRequest("name", text=self.text.text().strip(), filters=filters, after=after)

    async def _load(self) -> None:
        request = replace(self._request(None), limit=max(len(self._rows), 200))
        page = await self._gateway.corporates(request)
        self.reached.emit(None)
        self.banner.clear()
        self._answered = True
        self._next = page.next_after
        self._show(list(page.rows))

    async def _more(self) -> None:
        after, self._next = self._next, None
        if after is None:
            return
        try:
            page = await self._gateway.corporates(self._request(after))
        except ConsoleError:
            self._next = after
            raise
        self._next = page.next_after
        self._show([*self._rows, *page.rows])

    async def _open(self, corporate_id: UUID) -> None:
        found = await self._gateway.corporate(corporate_id)
        if not self._answered:
            await self._load()
        if all(one.id != corporate_id for one in self._rows):
            self._show([found, *self._rows])
        for at, choice in enumerate(self.list.choices.choices):
            if isinstance(choice.value, Corporate) and choice.value.id == corporate_id:
                self.list.setCurrentIndex(self.list.choices.index(at))

    async def _invoices(self, request: PageRequest) -> Page[InvoiceRow]:
        if self.corporate is None:
            return _NOTHING
        return await self._gateway.invoices(replace(request, filters={"corporate": str(self.corporate.id)}))

    def _restart(self) -> None:
        self._later.stop()
        self._rows = []
        self.refresh()

    def _failed(self, error: ConsoleError) -> None:
        self.skeleton.stop()
        self.skeleton.hide()
        if isinstance(error, Conflict):
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.refresh()
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show(self, rows: list[Corporate]) -> None:
        self._rows = rows
        self.skeleton.stop()
        self.skeleton.hide()
        self.list.blockSignals(True)
        self.list.refresh_choices([words.corporate_choice(one) for one in rows], _identity)
        self.list.blockSignals(False)
        narrowed = bool(self.text.text().strip() or self.which.key)
        self.list.setVisible(bool(rows))
        self.no_match.setVisible(not rows and narrowed)
        self.empty.setVisible(not rows and not narrowed)
        self._detail.setVisible(bool(rows))
        self._moved(self.list.current)

    def _moved(self, value: object) -> None:
        if not isinstance(value, Corporate):
            return
        before, self.corporate = self.corporate, value
        self._tell(value)
        if before is not None and before.id == value.id:
            self.model.refresh()
        else:
            self.model.restart()

    def _scrolled(self, at: int) -> None:
        bar = self.list.verticalScrollBar()
        if self._next is not None and at >= bar.maximum() - bar.pageStep() and not self.list.signalsBlocked():
            self.runner.start(self._more(), "more")

    def _saved(self, corporate: object) -> None:
        if isinstance(corporate, Corporate):
            self.toast_wanted.emit("The billing facts are saved", corporate.name)
            self.refresh()

    def _tell(self, one: Corporate) -> None:
        self.header.title.setText(one.name)
        self.header.caption.setText(" · ".join(part for part in (one.contact, one.contact_email) if part))
        spec = _OVERDUE if one.overdue_amount else None if one.is_active else CLOSED
        self.chip.setVisible(spec is not None)
        if spec is not None:
            self.chip.show_chip(spec)
        old = self._figures.takeAt(0)
        gone = old.widget() if old is not None else None
        if gone is not None:
            gone.hide()
            gone.deleteLater()
        self._figures.addWidget(
            figures_box(
                (
                    (money(one.open_amount), f"open, {one.currency}"),
                    (money(one.overdue_amount), "of that overdue"),
                    (money(one.invoiced_this_year), "invoiced this year"),
                )
            )
        )
        told = (
            words.terms(one), f"{plain_number(one.tax_rate)} %" if one.tax_rate else "Not taxed",
            one.purchase_order or "None", one.billing_email or f"{one.contact_email} (contact)",
            ", ".join(one.address) or "Not entered", one.tax_id or "Not entered",
        )  # fmt: skip
        for made, text in zip(self._facts, told, strict=True):
            made.setText(text)
        self.subscriptions.show_rows(one.subscriptions)
        self.tabs.set_counts({"subscriptions": len(one.subscriptions)})
        self._choose()

    def _choose(self) -> None:
        invoices = self.tabs.chosen == "invoices"
        some = bool(self.model.rowCount())
        subscribed = self.corporate is not None and bool(self.corporate.subscriptions)
        self.invoices.setVisible(invoices and some)
        self.no_invoices.setVisible(invoices and not some)
        self.subscriptions.setVisible(not invoices and subscribed)
        self.no_subscriptions.setVisible(not invoices and not subscribed)

    def _fit(self) -> None:
        for table in (self.invoices, self.subscriptions):
            table.setMinimumHeight((_LEAST_ROWS + 1) * self.hub.theme.size("row.table"))

    def _lay_out(self) -> None:
        across = flush(QHBoxLayout())
        ground(self).addLayout(across, 1)
        side = master_side(self.hub, across)
        held = QHBoxLayout()
        held.setContentsMargins(16, 12, 16, 12)
        held.setSpacing(8)
        held.addWidget(self.text, 3)
        held.addWidget(self.which, 2)
        side.addLayout(held)
        side.addWidget(line())
        side.addWidget(self.skeleton)
        side.addWidget(self.list, 1)
        side.addWidget(self.no_match, 1)
        side.addWidget(self.empty, 1)
        side.addStretch(0)
        right = flush(QVBoxLayout())
        right.addLayout(banner_strip(self.banner))
        right.addWidget(self.exports)
        self._detail = QWidget()
        self._lay_out_detail(flush(QVBoxLayout(self._detail)))
        right.addWidget(self._detail, 1)
        right.addStretch(0)
        across.addLayout(right, 1)
        for part in (self.list, self.no_match, self.empty, self._detail, self.skeleton):
            part.hide()
        self._fit()

    def _lay_out_detail(self, column: QVBoxLayout) -> None:
        column.addWidget(self.header)
        inside = QWidget()
        inside.setProperty("clear", "true")
        body = flush(QVBoxLayout(inside))
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, 16, MARGIN, 16)
        top.setSpacing(16)
        self._figures = flush(QVBoxLayout())
        top.addLayout(self._figures)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        self._facts = []
        names = ("Terms", "Tax", "Purchase order", "Invoices go to", "Address", "Tax number")
        for at, name in enumerate(names):
            made = ElidedLabel("")
            self._facts.append(made)
            grid.addWidget(label(name, "muted"), at % 3, at // 3 * 2)
            grid.addWidget(made, at % 3, at // 3 * 2 + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        top.addLayout(grid)
        body.addLayout(top)
        body.addWidget(line())
        strip = QHBoxLayout()
        strip.setContentsMargins(MARGIN, 4, MARGIN, 4)
        strip.addWidget(self.tabs)
        strip.addStretch(1)
        body.addLayout(strip)
        body.addWidget(line())
        for part in (self.invoices, self.no_invoices, self.subscriptions, self.no_subscriptions):
            body.addWidget(part, 1)
        area = quiet_scroll(inside)
        area.viewport().setAutoFillBackground(False)
        column.addWidget(area, 1)


def _identity(value: object) -> object:
    return value.id if isinstance(value, Corporate) else value
