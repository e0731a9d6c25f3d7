"""The payouts themselves: the list at the left, one payout beside it.

A venue's finance has this as its whole page, the platform's as the first of several parts. The list is fetched by key,
a page at a time, and a refresh moves nothing. See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.paging import Page, PageRequest
from console.domain.payouts import BookPeriod, Payout
from console.errors import ConsoleError
from console.models.gateway_payouts import PayoutReads, PayoutWork
from console.models.money import money
from console.models.runner import TaskRunner
from console.models.words import local_day, month_title
from console.views.bookings.export import ExportBar
from console.views.payouts import words
from console.views.payouts.detail import DocumentPrinter, PayoutDetail
from console.views.payouts.export import PAYOUT_COLUMNS
from console.views.payouts.listing import PayoutFilters, PayoutList
from console.views.saved_filters import FilterMemory
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line
from console.views.widgets.frames import banner_strip, flush, ground, master_side
from console.views.widgets.header import PageHeader
from console.views.widgets.text import ElidedLabel
from console.views.widgets.waiting import EmptyState, Skeleton

_DELAY_MS = 180
_REQUEST = PageRequest("period", descending=True)


class PayoutsView(QWidget):
    """List and payout. `changed` says that something was done that other parts show too."""

    toast_wanted = Signal(str, str)
    changed = Signal()
    reached = Signal(object)
    currency_told = Signal(str)
    """In what the amounts of the list are."""

    def __init__(
        self,
        hub: ThemeHub,
        reads: PayoutReads,
        work: PayoutWork | None,
        *,
        clock: Clock,
        venue_id: UUID | None,
        printer: DocumentPrinter | None,
        memory: FilterMemory | None,
        may_export: bool,
    ) -> None:
        """Payouts of one venue, or of all where `venue_id` is None."""
        super().__init__()
        self.hub, self._reads, self._work, self._clock, self._venue_id = hub, reads, work, clock, venue_id
        self._rows: list[Payout] = []
        self._next: tuple[object, ...] | None = None
        self._known = self._shown = False
        self._books: Sequence[BookPeriod] = ()
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "Payouts", margin=16)
        self.header.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.filters = PayoutFilters(hub, memory, all_venues=venue_id is None)
        self.list = PayoutList(hub)
        self.foot = ElidedLabel("", "caption")
        self.banner = Banner(hub, above=12)
        self.skeleton = Skeleton(hub, rows=6, row_height=hub.theme.size("row.listTwoLine"))
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No payouts match", "Clear the filter to see all."
        )
        self.empty = EmptyState(
            hub, "ph.bank", "No payouts yet",
            "The first one appears when a month with bookings is over."
            if venue_id is not None
            else "Start a new run when a month is over.",
        )  # fmt: skip
        self.detail = PayoutDetail(
            hub,
            reads,
            work,
            clock=clock,
            of_venue=venue_id is not None,
            printer=printer,
            may_export=may_export,
        )
        self.exports = ExportBar(
            hub, self._export_page, PAYOUT_COLUMNS, runner=self.runner, owner=self, failed=self.banner,
            rows="payouts",
        )  # fmt: skip
        self._may_export = may_export
        self._lay_out()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self._restart)
        self.filters.text.textEdited.connect(lambda _text: self._later.start())
        self.filters.text.returnPressed.connect(self.list.setFocus)
        self.filters.changed.connect(self._restart)
        self.list.moved.connect(self._moved)
        self.list.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.exports.done.connect(self.toast_wanted)
        self.detail.toast_wanted.connect(self.toast_wanted)
        self.detail.reached.connect(self.reached)
        self.detail.changed.connect(self._changed)
        self.detail.list_wanted.connect(self.export_list)

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        detail = self.detail
        return (
            self.filters.text, self.filters.state, self.filters.month, self.filters.saved, self.filters.save,
            self.filters.naming, self.list, *detail.buttons, self.banner, detail.banner, detail.thumb,
            detail.lines.tabs, detail.lines.kinds, detail.lines.filter, detail.lines.table,
        )  # fmt: skip

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        self.runner.start(self._load(), "load")

    def open_payout(self, payout_id: UUID) -> None:
        """Show one payout: from the palette or from a booking."""
        self.runner.start(self._open(payout_id), "open")

    @property
    def request(self) -> PageRequest:
        """The question whose rows are on show, from its beginning: what an export asks."""
        return self._request(None)

    def show_month(self, period: date) -> None:
        """Narrow the list to a month: from the books or a run."""
        self.filters.choose_month(period)

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._later.stop()
        self.runner.cancel_all()
        self.detail.stop()

    def deeds(self, action: Callable[..., Action]) -> list[Action]:
        """What can be done here; `action` makes one that the page hears."""
        made = [
            action("payouts:filter", "Filter payouts", self._to_filter, "Ctrl+F", "ph.funnel"),
            action("payouts:clear", "Clear the filter", self.clear, "Esc", "ph.x", offered=False),
            *self.detail.deeds(action),
        ]
        if self._may_export:
            made.append(
                action(
                    "payouts:list", "Export the list of payouts", self.export_list, "Ctrl+Alt+E", "ph.export"
                )
            )
        return made

    def clear(self) -> None:
        """Show every payout again."""
        self.filters.text.clear()
        self.filters.reset()
        self._restart()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def export_list(self) -> None:
        """Save the payouts that are shown, all pages of them."""
        today = self._clock.now().date()
        self.exports.ask(self.request, f"payouts-{today}", ".xlsx")

    # -- loading -----------------------------------------------------------------------------------------------------

    def _request(self, after: tuple[object, ...] | None) -> PageRequest:
        typed = self.filters.text.text().strip() if self._venue_id is None else ""
        return replace(_REQUEST, text=typed, filters=self.filters.values, after=after)

    async def _load(self) -> None:
        request = self.request
        page = await self._reads.payouts(self._venue_id, replace(request, limit=max(len(self._rows), 200)))
        self._answered()
        self._next = page.next_after
        before, first = self.detail.payout, not self._shown
        self._show(list(page.rows))
        if first and self._rows and self.isVisible() and not self.filters.text.text():
            self._shown = True
            self.list.setFocus(
                Qt.FocusReason.OtherFocusReason
            )  # it was not there to take the keyboard before
        if self.detail.payout is before and before is not None and self._rows:
            self.detail.open(
                before
            )  # what stands beside the payout, such as a hold, may be other than it was
        if self._work is not None:
            self._books = await self._work.books()
            self.filters.offer_months([one.period_start for one in self._books])
            self._tell_sums()

    async def _more(self) -> None:
        after = self._next
        if after is None:
            return
        self._next = None
        try:
            page = await self._reads.payouts(self._venue_id, self._request(after))
        except ConsoleError:
            self._next = after
            raise
        self._next = page.next_after
        self._show([*self._rows, *page.rows])

    async def _open(self, payout_id: UUID) -> None:
        found = await self._reads.payout(payout_id)
        if all(one.id != payout_id for one in self._rows):
            self._show([found, *self._rows])
        self._mark(payout_id)

    async def _export_page(self, request: PageRequest) -> Page[Payout]:
        return await self._reads.payouts(self._venue_id, request)

    def _answered(self) -> None:
        self.reached.emit(None)
        self.banner.clear()
        self._known = True
        self.skeleton.stop()
        self.skeleton.hide()

    def _failed(self, error: ConsoleError) -> None:
        self.reached.emit(error)
        self.skeleton.stop()
        self.skeleton.hide()
        self.banner.show_error(error, action=("Try again", self.refresh))

    def _restart(self) -> None:
        self._later.stop()
        self._rows = []
        self.refresh()

    def _changed(self) -> None:
        self.refresh()
        self.changed.emit()

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show(self, rows: list[Payout]) -> None:
        self._rows = rows
        of_venue = self._venue_id is not None
        now = self._clock.now()
        choices = [words.choice(one, local_day(now, words.zone_of(one)), of_venue=of_venue) for one in rows]
        if of_venue:  # its months are few and all here: what is typed is looked for in their rows
            typed = self.filters.text.text().strip().casefold()
            choices = [one for one in choices if typed in one.spoken.casefold()]
        # What is said of its rows is said once, afterwards: a payout opens once for an answer.
        self.list.blockSignals(True)
        self.list.refresh_choices(choices, _identity)
        self.list.blockSignals(False)
        narrowed = bool(self.filters.text.text().strip() or self.filters.values)
        self.list.setVisible(bool(choices))
        self.no_match.setVisible(not choices and narrowed)
        self.empty.setVisible(not choices and not narrowed)
        self.detail.setVisible(bool(choices))
        currency = ", ".join(sorted({one.currency for one in rows}))
        self.header.caption.setText(currency)
        self.currency_told.emit(currency)
        self._moved(self.list.current)
        self._tell_sums()

    def _moved(self, value: object) -> None:
        if isinstance(value, Payout) and value is not self.detail.payout:
            self.detail.open(value)
        if self._rows and value is self._rows[-1] and self._next is not None:
            self.runner.start(self._more(), "more")

    def _scrolled(self, at: int) -> None:
        bar = self.list.verticalScrollBar()
        if self._next is not None and at >= bar.maximum() - bar.pageStep() and not self.list.signalsBlocked():
            self.runner.start(self._more(), "more")

    def _mark(self, payout_id: UUID) -> None:
        model = self.list.choices
        for row, one in enumerate(model.choices):
            if isinstance(one.value, Payout) and one.value.id == payout_id:
                self.list.setCurrentIndex(model.index(row))

    def _tell_sums(self) -> None:
        """What the chosen month came to, as it is stored in the books."""
        wanted = self.filters.period
        book = next((one for one in self._books if one.period_start == wanted), None)
        self._foot.setVisible(book is not None)
        if book is not None:
            unpaid = f", {book.unpaid:,} not paid yet" if book.unpaid else ""
            self.foot.setText(
                f"{month_title(book.period_start)}: {count(book.payouts, 'payout')}{unpaid}, "
                f"{money(book.net)}"
            )

    def _to_filter(self) -> None:
        self.filters.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.text.selectAll()

    def showEvent(self, event: QShowEvent) -> None:
        """The first visit loads, a later one refreshes."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if not self._known:
            self.skeleton.show()
            self.skeleton.start()
        self.refresh()

    def _lay_out(self) -> None:
        inner = ground(self)
        across = flush(QHBoxLayout())
        inner.addLayout(across, 1)
        side = master_side(self.hub, across)
        side.addWidget(self.header)
        self.header.setVisible(self._venue_id is not None)
        held = flush(QVBoxLayout())
        held.setContentsMargins(16, 8, 16, 8)
        held.addWidget(self.filters)
        side.addLayout(held)
        side.addWidget(line())
        side.addWidget(self.skeleton)
        side.addWidget(self.list, 1)
        side.addWidget(self.no_match, 1)
        self._foot = QWidget()
        foot = flush(QVBoxLayout(self._foot))
        foot.addWidget(line())
        told = flush(QVBoxLayout())
        told.setContentsMargins(16, 8, 16, 8)
        told.addWidget(self.foot)
        foot.addLayout(told)
        side.addWidget(self._foot)
        side.addStretch(0)
        right = flush(QVBoxLayout())
        right.addLayout(banner_strip(self.banner))
        right.addWidget(self.exports)
        right.addWidget(self.empty, 1)
        right.addWidget(self.detail, 1)
        right.addStretch(0)
        across.addLayout(right, 1)
        for part in (self.no_match, self.empty, self._foot, self.detail, self.list):
            part.hide()


def _identity(value: object) -> object:
    return (value.venue_id, value.period_start) if isinstance(value, Payout) else value
