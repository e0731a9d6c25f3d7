"""The list of invoices: what it is narrowed to, one or several chosen, what they come to, and what is done with them.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.invoices import Corporate, InvoiceRow, InvoiceState
from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError
from console.models.gateway_invoices import InvoiceGateway
from console.models.money import money
from console.models.runner import TaskRunner
from console.models.table import Column, KeysetTableModel
from console.models.words import local_day
from console.views.bookings.export import ExportBar
from console.views.invoices import words
from console.views.invoices.deeds import InvoiceDeeds
from console.views.invoices.export import INVOICE_COLUMNS
from console.views.saved_filters import ChoiceBox, FilterMemory, SavedFilters
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.fields import TextInput
from console.views.widgets.frames import flush, ground
from console.views.widgets.table import CellLook, DataTable
from console.views.widgets.text import ElidedLabel
from console.views.widgets.waiting import EmptyState, Skeleton

MARGIN = 32
_DELAY_MS = 180
_BESIDE_FROM = 820
_PAGE_KEY = "invoices"


class InvoiceFilters(SavedFilters):
    """State, employer, month, and whether anything is still to be paid; with filters kept by name."""

    def __init__(self, hub: ThemeHub, memory: FilterMemory | None, months: Iterable[tuple[str, str]]) -> None:
        """Start with the choices of the last visit."""
        self._wanted = ""  # the employer as chosen, also while the employers are not known yet
        self.state = ChoiceBox(hub, "State", "Any state", words.STATE_WORDS)
        self.corporate = ChoiceBox(hub, "Employer", "Any employer", {})
        self.month = ChoiceBox(hub, "Month", "Any month", dict(months))
        self.open = ChoiceBox(hub, "Paid or not", "Paid or not", {"yes": "Still open"})
        boxes = {"state": self.state, "corporate": self.corporate, "period": self.month, "open": self.open}
        super().__init__(hub, boxes, memory, _PAGE_KEY)

    @property
    def values(self) -> dict[str, str]:
        """The choices by filter, without those that are "any"."""
        found = {**super().values, "corporate": self._wanted}
        return {name: value for name, value in found.items() if value}

    def offer_corporates(self, corporates: Iterable[Corporate]) -> None:
        """Fill the filter by employer."""
        self.corporate.fill("Any employer", [(str(one.id), one.name) for one in corporates])
        self.corporate.set_key(self._wanted)

    def choose_corporate(self, corporate_id: UUID) -> None:
        """Narrow the list to one employer: from its account."""
        self._take({"filters": {"corporate": str(corporate_id)}})
        self._chosen()

    def _box_chosen(self, name: str) -> None:
        if name == "corporate":
            self._wanted = self.corporate.key
        super()._box_chosen(name)

    def _take(self, kept: Mapping[str, Any]) -> None:
        super()._take(kept)
        found = kept.get("filters")
        wanted = str(found.get("corporate", "")) if isinstance(found, dict) else ""
        try:
            self._wanted = str(UUID(wanted)) if wanted else ""
        except ValueError:
            self._wanted = ""
        self.corporate.set_key(self._wanted)


class InvoiceList(QWidget):
    """The list. `opened` carries the invoice to look at."""

    toast_wanted = Signal(str, str)
    reached = Signal(object)
    opened = Signal(object)
    changed = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        gateway: InvoiceGateway,
        *,
        clock: Clock,
        zone: ZoneInfo,
        memory: FilterMemory | None,
        may_issue: bool,
    ) -> None:
        """Asks when it is started."""
        super().__init__()
        self.hub, self._gateway, self._clock, self._zone = hub, gateway, clock, zone
        self._may_issue, self._started, self._answered = may_issue, False, False
        self._keeps_banner = False
        self.runner = TaskRunner(self._deed_failed)
        self.destroyed.connect(self.runner.cancel_all)
        today = local_day(clock.now(), zone)
        self.text = TextInput(hub, placeholder="Filter invoices")
        self.text.setAccessibleName("Filter invoices")
        self.text.setMaxLength(80)
        self.filters = InvoiceFilters(hub, memory, words.months(today))
        self.banner = Banner(hub, above=12)
        self.model = KeysetTableModel[InvoiceRow](
            self._columns(), self._page, lambda one: one.id, sort="number", descending=True
        )
        looks: dict[str, Callable[[InvoiceRow], CellLook]] = {
            "state": words.state_look, "sent": words.sent_look, "period": _quiet, "paid": _quiet, "due": _due_look,
        }  # fmt: skip
        self.table = DataTable(hub, self.model, name="Invoices", looks=looks)
        self.model.setParent(self.table)
        self.table.edge_padding = MARGIN
        self.table.row_activated.connect(self.opened)
        self.skeleton = Skeleton(hub, rows=10)
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No invoices match", "Type less, or clear the filter."
        )
        self.empty = EmptyState(
            hub,
            "ph.receipt",
            "No invoices yet",
            "Drafts are made when the billing day of a subscription has come.",
        )
        self.deeds = InvoiceDeeds(hub, self, gateway, self.runner, may_issue=may_issue)
        self.deeds.toast_wanted.connect(self.toast_wanted)
        self.deeds.changed.connect(self._reload)
        self.deeds.changed.connect(self.changed)
        self.exports = ExportBar(
            hub, gateway.invoices, INVOICE_COLUMNS, runner=self.runner, owner=self, failed=self.banner,
            rows="invoices",
        )  # fmt: skip
        self.exports.done.connect(self.toast_wanted)
        self._buttons()
        self._lay_out()
        hub.changed.connect(self._fit)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self.narrow)
        self.text.textChanged.connect(self._typing)
        self.text.returnPressed.connect(self.table.setFocus)
        self.filters.text_wanted.connect(self.text.setText)
        self.filters.changed.connect(self.narrow)
        self.model.loaded.connect(self._loaded)
        self.model.failed.connect(self._failed)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._offer())

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        return (self.text, self.filters, self.banner, self.table, *self.buttons)

    @property
    def chosen(self) -> list[InvoiceRow]:
        """The invoices that are selected, in the order of the list."""
        at = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.row(one) for one in at if one < self.model.rowCount()]

    def start(self) -> None:
        """It is looked at: ask."""
        if self._started:
            self.refresh()
            return
        self._started = True
        self.skeleton.show()
        self.skeleton.start()
        self.model.preset(self.text.text(), self.filters.values)
        self.model.restart()
        self.runner.start(self._offer_corporates(), "corporates")

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        self._keeps_banner = False
        self._reload()

    def _reload(self) -> None:
        if not self._started:
            return
        self.model.refresh() if self._answered else self.model.restart()

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._later.stop()
        self.model.cancel()
        self.runner.cancel_all()
        if self.deeds.sheet is not None:
            self.deeds.sheet.runner.cancel_all()

    def narrow(self) -> None:
        """Ask for what the filters say now."""
        self._later.stop()
        if self._started:
            self.model.narrow(self.text.text(), self.filters.values)

    def clear(self) -> None:
        """Show every invoice again."""
        self.text.clear()
        self.filters.reset()
        self.narrow()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def to_filter(self) -> None:
        """Give the keyboard to the filter."""
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def choose_all(self) -> None:
        """Select every invoice that is shown."""
        self.table.selectAll()

    def make_drafts(self) -> None:
        """Make the drafts whose billing day has come, now instead of tonight."""
        if self._may_issue:
            self.runner.start(self._make_drafts(), "drafts")

    def export_list(self) -> None:
        """Save the invoices that are shown, all pages of them."""
        today = local_day(self._clock.now(), self._zone)
        self.exports.ask(self.model.request, f"invoices-{today}", ".xlsx")

    def own_actions(self, action: Callable[..., Action]) -> list[Action]:
        """What can be done only here; `action` makes one that the page hears."""
        return [
            action("invoices:all", "Select all invoices shown", self.choose_all, "Ctrl+A", "ph.list-dashes"),
        ]

    # -- loading -----------------------------------------------------------------------------------------------------

    async def _page(self, request: PageRequest) -> Page[InvoiceRow]:
        return await self._gateway.invoices(request)

    async def _offer_corporates(self) -> None:
        page = await self._gateway.corporates(PageRequest("name", limit=1000))
        self.filters.offer_corporates(page.rows)

    async def _make_drafts(self) -> None:
        made = await self._gateway.make_drafts(local_day(self._clock.now(), self._zone))
        if made:
            self.toast_wanted.emit(f"{count(made, 'new draft')}", "Look at them, then issue them.")
        else:
            self.toast_wanted.emit(
                "No new drafts", "Every subscription whose billing day has come has its invoice."
            )
        self.refresh()
        self.changed.emit()

    def _loaded(self) -> None:
        self._answered = True
        self.reached.emit(None)
        if not self._keeps_banner:
            self.banner.clear()
        self._keeps_banner = False
        self._wait_no_more()
        some = bool(self.model.rowCount())
        narrowed = bool(self.text.text().strip() or self.filters.values)
        self.table.setVisible(some)
        self.no_match.setVisible(not some and narrowed)
        self.empty.setVisible(not some and not narrowed)
        self.foot.setVisible(some)
        currencies = {self.model.row(at).currency for at in range(self.model.rowCount())}
        at = next(at for at, one in enumerate(self.model.columns) if one.key == "currency")
        self.table.setColumnHidden(at, len(currencies) < 2)  # one currency is said once, in the foot
        self.table.share_width()
        if some and not self.table.currentIndex().isValid():
            self.table.selectRow(0)
        self._offer()

    def _deed_failed(self, error: ConsoleError) -> None:
        self._failed(error)
        self._keeps_banner = True  # while the list is looked at again

    def _failed(self, error: ConsoleError) -> None:
        self._wait_no_more()
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self._again))

    def _again(self) -> None:
        self.banner.clear()
        self.refresh()

    def _wait_no_more(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def _typing(self, text: str) -> None:
        self.filters.typed = text.strip()
        self._later.start()

    # -- showing -----------------------------------------------------------------------------------------------------

    def _offer(self) -> None:
        """What all and the chosen ones come to, and what can be done with these."""
        rows = [self.model.row(at) for at in range(self.model.rowCount())]
        chosen = self.chosen
        many = count(len(rows), "invoice") if self.model.is_complete else f"{len(rows):,}+ invoices shown"
        self.all_sums.setText(f"{many}: {words.sums_words(rows)}" if rows else "")
        self.chosen_sums.setText(
            f"{len(chosen):,} selected: {words.sums_words(chosen)}"
            if len(chosen) != 1
            else f"{words.called(chosen[0])[:1].upper()}{words.called(chosen[0])[1:]} selected"
        )
        self.chosen_sums.setVisible(bool(chosen))
        self.issue_button.setEnabled(any(row.state is InvoiceState.DRAFT for row in chosen))
        self.send_button.setEnabled(any(words.may_send(row) for row in chosen))
        self.save_button.setEnabled(bool(chosen))

    def _buttons(self) -> None:
        self.issue_button = Button(self.hub, "Issue…", icon="ph.file-text")
        self.send_button = Button(self.hub, "Send…", icon="ph.paper-plane-tilt")
        self.save_button = Button(self.hub, "Save PDFs…", icon="ph.file-pdf")
        self.issue_button.clicked.connect(lambda _checked=False: self.deeds.issue(self.chosen))
        self.send_button.clicked.connect(lambda _checked=False: self.deeds.send(self.chosen))
        self.save_button.clicked.connect(lambda _checked=False: self.deeds.save(self.chosen))
        self.buttons = (self.issue_button, self.send_button, self.save_button)

    def _lay_out(self) -> None:
        inner = ground(self)
        bar = self._bar = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        bar.setContentsMargins(MARGIN, 12, MARGIN, 12)
        bar.setSpacing(8)
        self.text.setMinimumWidth(120)
        bar.addWidget(self.text, 1)
        bar.addWidget(self.filters, 4)
        inner.addLayout(bar)
        told = flush(QVBoxLayout())
        told.setContentsMargins(MARGIN, 0, MARGIN, 0)
        told.addWidget(self.banner)
        told.addWidget(self.exports)
        inner.addLayout(told)
        inner.addWidget(line())
        inner.addWidget(self.skeleton)
        inner.addWidget(self.table, 1)
        inner.addWidget(self.no_match, 1)
        inner.addWidget(self.empty, 1)
        self.foot = self._make_foot()
        inner.addWidget(self.foot)
        inner.addStretch(0)
        for part in (self.table, self.no_match, self.empty, self.foot, self.skeleton):
            part.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Filters beside what is typed and buttons beside the sums where there is room, else below."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        roomy = self.width() >= self.hub.theme.scaled(_BESIDE_FROM)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        for one in (self._bar, self._foot_row):
            one.setDirection(across if roomy else down)

    def _make_foot(self) -> QWidget:
        made = QWidget()
        outer = flush(QVBoxLayout(made))
        outer.addWidget(line(strong=True))
        held = surface("panel")
        outer.addWidget(held)
        row = self._foot_row = QBoxLayout(QBoxLayout.Direction.LeftToRight, held)
        row.setContentsMargins(MARGIN, 10, MARGIN, 10)
        row.setSpacing(8)
        said = flush(QVBoxLayout())
        said.setSpacing(2)
        self.all_sums = ElidedLabel("", "strong")
        self.chosen_sums = ElidedLabel("", "caption")
        said.addStretch(1)
        said.addWidget(self.all_sums)
        said.addWidget(self.chosen_sums)
        said.addStretch(1)
        row.addLayout(said, 1)
        deeds = QHBoxLayout()
        deeds.setSpacing(8)
        for button in self.buttons:
            deeds.addWidget(button)
        deeds.addStretch(1)
        row.addLayout(deeds)
        for button in (self.issue_button, self.send_button):
            button.setVisible(self._may_issue)
        return made

    def _columns(self) -> list[Column[InvoiceRow]]:
        def sent(row: InvoiceRow) -> str:
            return words.sent_words(row, self._zone)

        def left(row: InvoiceRow) -> str:
            return money(row.open_amount) if words.is_owing(row) else ""

        def issued(row: InvoiceRow) -> str:
            return row.issued_at.astimezone(self._zone).strftime("%Y-%m-%d") if row.issued_at else ""

        return [
            Column("number", "Number", words.title, width=176),
            Column("corporate", "Employer", lambda one: one.corporate, width=160, stretch=True,
                   tooltip=lambda one: one.corporate),
            Column("period", "Period", words.period, width=136, gives_way=2),
            Column("state", "State", lambda _one: "", width=124),
            Column("total", "Total", lambda one: money(one.total), numeric=True, width=108),
            Column("paid", "Paid", lambda one: money(one.paid) if one.paid else "", numeric=True, width=108,
                   gives_way=5),
            Column("open", "Open", left, numeric=True, width=108, gives_way=1),
            Column("currency", "In", lambda one: one.currency, width=56, sortable=False),
            Column("due", "Due", words.due_words, width=112, gives_way=4),
            Column("issued", "Issued", issued, width=112, gives_way=6),
            Column("sent", "Sent", sent, width=128, gives_way=3),
        ]  # fmt: skip


def _quiet(_row: InvoiceRow) -> CellLook:
    return CellLook("secondary")


def _due_look(row: InvoiceRow) -> CellLook:
    return CellLook("primary" if row.state is InvoiceState.OVERDUE else "secondary")
