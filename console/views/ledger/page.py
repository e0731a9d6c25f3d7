"""Parents' credits for platform administrators: find a parent, read the ledger, adjust with a reason.

Whoever is looked up leaves a trace in the audit; addresses are masked. See docs/design.md, "Rules of the domain"
(credits).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.ledger import LedgerEntry, LedgerPage, LedgerPeriod, ParentAccount
from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError, Invalid
from console.models.gateway_invoices import LedgerGateway
from console.models.runner import TaskRunner
from console.models.table import Column, KeysetTableModel
from console.models.words import month_title, short_date
from console.services.exports import ExportColumn
from console.views.bookings.export import ExportBar
from console.views.invoices.tables import KnownTable
from console.views.ledger import words
from console.views.ledger.adjust import AdjustSheet
from console.views.shell.areas import Action, listen
from console.views.shell.own_zone import own_zone
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line
from console.views.widgets.buttons import Button
from console.views.widgets.choices import ChoiceList
from console.views.widgets.fields import TextInput
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.frames import banner_strip, flush, ground, master_side
from console.views.widgets.header import PageHeader
from console.views.widgets.table import CellLook, DataTable
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

MARGIN = 32
LEAST_TYPED = 3
Fetch = Callable[[PageRequest], Awaitable[Page[Any]]]
_TABS = (("entries", "Entries"), ("periods", "Periods"))


class LedgerScreen(QWidget):
    """The page. `toast_wanted` carries a sentence and a detail."""

    toast_wanted = Signal(str, str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: LedgerGateway,
        *,
        may_adjust: bool,
        may_export: bool = True,
        zone: ZoneInfo | None = None,
    ) -> None:
        """Nothing is asked before something is looked for; times are those of `zone`."""
        super().__init__()
        self.hub, self._gateway, self._may_adjust = hub, gateway, may_adjust
        self._zone = zone or ZoneInfo(own_zone())
        self.page: LedgerPage | None = None
        self._account: ParentAccount | None = None
        self.sheet: AdjustSheet | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.title = PageHeader(hub, "Ledgers")
        self.text = TextInput(hub, placeholder="E-mail, name or booking code")
        self.text.setAccessibleName("Find a parent by e-mail address, name or booking code")
        self.text.setMaxLength(255)
        self.text.returnPressed.connect(self.look_for)
        self.list = ChoiceList(hub, "Parents found")
        self.list.moved.connect(self._moved)
        self.ask = EmptyState(
            hub,
            "ph.magnifying-glass",
            "Find a parent",
            "Type a whole e-mail address, a name or a booking code, then Enter.",
        )
        self.nobody = EmptyState(
            hub, "ph.magnifying-glass", "Nobody found", "An e-mail address has to be whole."
        )
        self.skeleton = Skeleton(hub, rows=6, row_height=hub.theme.size("row.roster"))
        self.banner = Banner(hub, above=12)
        self.header = PageHeader(hub, "", "", detail=True, margin=MARGIN)
        self.adjust_button = Button(hub, "Adjust…", icon="ph.plus-minus")
        self.adjust_button.clicked.connect(lambda _checked=False: self.adjust())
        self.header.add(self.adjust_button)
        self.adjust_button.setVisible(may_adjust)
        self.export_button = Button(hub, "Export", icon="ph.export")
        self.export_button.setToolTip(
            "Save the entries, or the periods, of this parent as a file (Ctrl+Alt+E)"
        )
        self.export_button.clicked.connect(lambda _checked=False: self.export())
        self.header.add(self.export_button)
        self.export_button.setVisible(may_export)
        self._may_export = may_export
        self.entry_exports = self._exports(self._file_page, words.entry_columns(self._zone), "entries")
        self.period_exports = self._exports(self._period_page, words.PERIOD_COLUMNS, "periods")
        self.tabs = ChoiceRow(hub, _TABS, style="tabs", name="What is shown of the ledger")
        self.tabs.changed.connect(lambda _key: self._choose())
        self.model = KeysetTableModel[LedgerEntry](
            self._columns(), self._entries, lambda one: one.id, sort="at", descending=True
        )
        self.table = DataTable(
            hub, self.model, name="Entries of the ledger",
            looks={"kind": words.entry_look, "at": _quiet, "period": _quiet, "code": _quiet},
        )  # fmt: skip
        self.model.setParent(self.table)
        self.table.edge_padding = MARGIN
        self.table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.model.loaded.connect(self._choose)
        self.model.failed.connect(self._failed)
        self.periods = KnownTable(hub, _period_columns(), name="Periods", margin=MARGIN)
        self.nothing = EmptyState(
            hub, "ph.scales", "No credits yet", "They come with an employer's subscription."
        )
        self._lay_out()
        self.page_actions = self._actions()
        listen(self, self.page_actions)
        lead_focus(self, self.text)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the ledger on show again; nothing moves."""
        if self._account is not None:
            self.model.refresh()

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()
        self.model.cancel()
        self.periods.table.cancel()
        if self.sheet is not None:
            self.sheet.runner.cancel_all()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    # -- doing -------------------------------------------------------------------------------------------------------

    def look_for(self) -> None:
        """Look for what was typed; not while typing, because each look leaves a trace."""
        typed = self.text.text().strip()
        if len(typed) < LEAST_TYPED:
            self.text.set_invalid(True)
            self.banner.show_message("Type at least three letters.", "", "amber")
            return
        self.text.set_invalid(False)
        self.skeleton.show()
        self.skeleton.start()
        self.runner.start(self._find(typed), "find")

    def adjust(self) -> None:
        """Add or take credits of the parent on show."""
        if self.page is None or not self._may_adjust:
            return
        sheet = AdjustSheet(self.hub, self.window(), self._gateway, self.page)
        sheet.adjusted.connect(self._adjusted)
        self.sheet = sheet
        sheet.open()

    def export(self) -> None:
        """Save the entries or the periods on show, all of them, as a file without the parent's name."""
        if self.page is None or not self._may_export:
            return
        # Whose they are is in the question: somebody else may be looked at while the file is written.
        request = PageRequest("at", text=str(self.page.account.id), descending=True)
        if self.tabs.chosen == "entries":
            self.entry_exports.ask(request, "ledger-entries", ".xlsx")
        else:
            self.period_exports.ask(request, "ledger-periods", ".xlsx")

    def clear(self) -> None:
        """Forget who was found."""
        self.text.clear()
        self.text.set_invalid(False)
        self.banner.clear()
        self._show_found(())
        self.nobody.hide()
        self.ask.show()
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _find(self, typed: str) -> None:
        found = await self._gateway.find_parents(typed)
        self.reached.emit(None)
        self.banner.clear()
        self._show_found(found)
        if found:
            self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _entries(self, request: PageRequest) -> Page[LedgerEntry]:
        account = self._account
        if account is None:
            return Page((), None)
        before = int(str(request.after[0])) if request.after else None
        found: list[LedgerEntry] = []
        while True:
            page = await self._gateway.ledger(account.id, before)
            found += page.entries
            before = page.more_before
            # A refresh wants as many as are shown, which are several pages of the ledger.
            if before is None or request.after is not None or len(found) >= request.limit:
                break
        if self._account is account and request.after is None:
            self._tell(page)
        self.reached.emit(None)
        return Page(found, None if before is None else (before,))

    def _exports(self, fetch: Fetch, columns: Sequence[ExportColumn[Any]], rows: str) -> ExportBar:
        made = ExportBar(
            self.hub, fetch, columns, runner=self.runner, owner=self, failed=self.banner, rows=rows
        )
        made.done.connect(self.toast_wanted)
        return made

    async def _file_page(self, request: PageRequest) -> Page[LedgerEntry]:
        before = int(str(request.after[0])) if request.after else None
        page = await self._gateway.ledger(UUID(request.text), before)
        return Page(page.entries, None if page.more_before is None else (page.more_before,))

    async def _period_page(self, request: PageRequest) -> Page[LedgerPeriod]:
        return Page((await self._gateway.ledger(UUID(request.text), None)).periods, None)

    def _adjusted(self, page: object, said: str) -> None:
        if isinstance(page, LedgerPage):
            self._account = page.account
            self._tell(page)
            self.toast_wanted.emit(said, page.account.name)
            self.model.refresh()
            before = self.list.choices.choices
            fresh = [
                words.parent_choice(page.account if _identity(one.value) == page.account.id else one.value)
                for one in before
                if isinstance(one.value, ParentAccount)
            ]
            self.list.choices.retell(fresh)

    def _failed(self, error: ConsoleError) -> None:
        self._wait_no_more()
        if isinstance(error, Invalid):
            self.text.set_invalid(True)
            self.banner.show_error(error)
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self._again))

    def _again(self) -> None:
        self.banner.clear()
        if self._account is not None:
            self.model.restart()
        else:
            self.look_for()

    def _wait_no_more(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show_found(self, found: Sequence[ParentAccount]) -> None:
        self._wait_no_more()
        self._account = self.page = None
        self.list.show_choices([words.parent_choice(one) for one in found])
        self.list.setVisible(bool(found))
        self.ask.hide()
        self.nobody.setVisible(not found)
        self._detail.setVisible(bool(found))

    def _moved(self, value: object) -> None:
        if not isinstance(value, ParentAccount):
            return
        other = self._account is None or self._account.id != value.id
        self._account = value
        if other:
            self.page = None
            self.header.title.setText(value.name)
            self.header.caption.setText(_caption(value))
            self.adjust_button.setEnabled(False)
            self.export_button.setEnabled(False)
            self.tabs.choose("entries")
            self.model.restart()

    def _tell(self, page: LedgerPage) -> None:
        self.page = page
        self.header.title.setText(page.account.name)
        self.header.caption.setText(_caption(page.account))
        self.adjust_button.setEnabled(True)
        self.export_button.setEnabled(True)
        self.periods.show_rows(page.periods)
        self.tabs.set_counts({"periods": len(page.periods)})

    def _choose(self) -> None:
        entries = self.tabs.chosen == "entries"
        some, periods = bool(self.model.rowCount()), bool(self.page and self.page.periods)
        self.table.setVisible(entries and some)
        self.periods.setVisible(not entries and periods)
        self.nothing.setVisible(not some if entries else not periods)
        if entries and some and not self.table.currentIndex().isValid():
            self.table.selectRow(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if not event.spontaneous():
            tab_in_order(
                self.text,
                self.list,
                self.adjust_button,
                self.export_button,
                self.banner,
                self.entry_exports,
                self.period_exports,
                self.tabs,
                self.table,
                self.periods,
            )
            self.refresh()

    def _actions(self) -> tuple[Action, ...]:
        action = partial(Action, heard=False, group="Ledgers")
        made = [
            action("ledger:refresh", "Refresh", self.refresh, "F5", "ph.arrow-clockwise"),
            action("ledger:find", "Find a parent", self._to_find, "Ctrl+F", "ph.magnifying-glass"),
            action("ledger:clear", "Forget who was found", self.clear, "Esc", offered=False),
            action(
                "ledger:entries", "Entries", partial(self._show_tab, "entries"), "Alt+1", "ph.list-dashes"
            ),
            action(
                "ledger:periods", "Periods", partial(self._show_tab, "periods"), "Alt+2", "ph.calendar-blank"
            ),
        ]
        if self._may_export:
            made.append(
                action("ledger:export", "Export the ledger on show", self.export, "Ctrl+Alt+E", "ph.export")
            )
        if self._may_adjust:
            made.append(action("ledger:adjust", "Adjust credits", self.adjust, "Ctrl+E", "ph.plus-minus"))
        return tuple(made)

    def _to_find(self) -> None:
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def _show_tab(self, key: str) -> None:
        self.tabs.choose(key)
        self._choose()
        (self.table if key == "entries" else self.periods).setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        across = flush(QHBoxLayout())
        ground(self).addLayout(across, 1)
        side = master_side(self.hub, across)
        side.addWidget(self.title)
        held = flush(QVBoxLayout())
        held.setContentsMargins(16, 8, 16, 8)
        held.addWidget(self.text)
        side.addLayout(held)
        side.addWidget(line())
        side.addWidget(self.skeleton)
        side.addWidget(self.list, 1)
        side.addWidget(self.ask, 1)
        side.addWidget(self.nobody, 1)
        side.addStretch(0)
        right = flush(QVBoxLayout())
        right.addLayout(banner_strip(self.banner))
        self._detail = QWidget()
        column = flush(QVBoxLayout(self._detail))
        column.addWidget(self.header)
        told = flush(QVBoxLayout())
        told.setContentsMargins(MARGIN, 0, MARGIN, 0)
        told.addWidget(self.entry_exports)
        told.addWidget(self.period_exports)
        column.addLayout(told)
        strip = QHBoxLayout()
        strip.setContentsMargins(MARGIN, 4, MARGIN, 4)
        strip.addWidget(self.tabs)
        strip.addStretch(1)
        column.addLayout(strip)
        column.addWidget(line())
        for below in (self.table, self.periods, self.nothing):
            column.addWidget(below, 1)
            below.hide()
        right.addWidget(self._detail, 1)
        right.addStretch(0)
        across.addLayout(right, 1)
        for part in (self.list, self.nobody, self.skeleton, self._detail):
            part.hide()

    def _columns(self) -> list[Column[LedgerEntry]]:
        def at(one: LedgerEntry) -> str:
            local = one.at.astimezone(self._zone)
            return f"{short_date(local.date())} {local:%Y %H:%M}"

        return [
            Column("at", "When", at, sortable=False, width=180),
            Column("kind", "What happened", words.entry_words, sortable=False, width=220, stretch=True,
                   tooltip=words.entry_words),
            Column("code", "Booking", lambda one: one.booking_code or "", sortable=False, width=124, gives_way=1),
            Column("period", "Period", lambda one: month_title(one.period_start), sortable=False, width=136,
                   gives_way=2),
            Column("amount", "Credits", lambda one: words.signed(one.amount), numeric=True, sortable=False, width=88),
            Column("balance", "Balance", lambda one: f"{one.balance_after:,}", numeric=True, sortable=False, width=112),
        ]  # fmt: skip


def _period_columns() -> list[Column[LedgerPeriod]]:
    return [
        Column("start", "Period", words.period, width=180, stretch=True),
        Column("allocated", "Received", lambda one: f"{one.allocated:,}", numeric=True, width=96),
        Column("used", "Used", lambda one: f"{one.used:,}", numeric=True, width=88),
        Column("refunded", "Refunded", lambda one: f"{one.refunded:,}", numeric=True, width=96),
        Column("forfeited", "Forfeited", lambda one: f"{one.forfeited:,}", numeric=True, width=96),
        Column("available", "Left", lambda one: f"{one.available:,}", numeric=True, width=112),
    ]


def _caption(account: ParentAccount) -> str:
    parts = (account.masked_email, account.corporate, f"{words.credits(account.credits)} to spend")
    return " · ".join(part for part in parts if part)


def _quiet(_entry: LedgerEntry) -> CellLook:
    return CellLook("secondary")


def _identity(value: object) -> object:
    return value.id if isinstance(value, ParentAccount) else value
