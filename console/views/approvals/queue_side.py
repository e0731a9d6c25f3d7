"""The left side of the approval queue: tabs, filters, the list, and what is done with several rows.

The list is fetched by key a page at a time, and a refresh moves nothing. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import tzinfo
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.paging import PAGE_ROWS, PageRequest
from console.domain.vetting import CaseCounts, CaseKind, CaseRow
from console.errors import ConsoleError
from console.models.gateway_vetting import CaseGateway
from console.models.runner import TaskRunner
from console.views.approvals.queue import QueueList
from console.views.saved_filters import ChoiceBox, FilterMemory, SavedFilters
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.fields import TextInput
from console.views.widgets.frames import flush
from console.views.widgets.header import PageHeader
from console.views.widgets.requirement_marks import MarkLegend
from console.views.widgets.text import ElidedLabel
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

TABS = (("open", "Open"), ("mine", "Mine"), ("asked", "Asked"), ("decided", "Decided"))
_DELAY_MS = 180
_EMPTY = {
    "open": ("ph.check-square", "Nothing waits", "New venues, renewals and yearly checks appear here."),
    "mine": ("ph.hand-palm", "You hold nothing", "Press N to take the most urgent case."),
    "asked": ("ph.chat-text", "No venue owes an answer", "Cases wait here while a venue answers."),
    "decided": ("ph.clipboard-text", "Nothing was decided yet", "Decided cases stay here with who and when."),
}


class QueueFilters(SavedFilters):
    """What is typed of a venue's name, the kind of case and whether it is late, with filters kept by name."""

    def __init__(self, hub: ThemeHub, memory: FilterMemory | None) -> None:
        """Start with the choices of the last visit."""
        self.text = TextInput(hub, placeholder="Venue")
        self.text.setAccessibleName("Filter by venue")
        self.text.setMaxLength(80)
        kinds = {kind.value: kind.words for kind in CaseKind}
        boxes = {
            "kind": ChoiceBox(hub, "Kind of case", "Any kind", kinds),
            "overdue": ChoiceBox(hub, "Service level", "Any age", {"yes": "Late only"}),
        }
        super().__init__(hub, boxes, memory, "approvals")
        self.text.textChanged.connect(self._typing)
        self.text_wanted.connect(self.text.setText)

    @property
    def is_narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.values or self.typed)

    def _typing(self, text: str) -> None:
        self.typed = text.strip()

    def _lay_out(self) -> None:
        super()._lay_out()
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        item = column.itemAt(0)
        below = item.layout() if item is not None else None
        assert below is not None
        below.removeWidget(self.saved)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.text, 3)
        first.addWidget(self.saved, 2)
        column.insertLayout(0, first)
        self.text.setMinimumWidth(96)
        self.name.setMinimumWidth(72)


class QueueSide(QWidget):
    """The side. `moved` carries the case that is chosen, or None; `wanted` what is to be done with the marked ones."""

    moved = Signal(object)
    opened = Signal()
    wanted = Signal(str)
    reached = Signal(object)
    counted = Signal(object)
    """The CaseCounts of the tabs."""
    loaded = Signal()

    def __init__(
        self, hub: ThemeHub, gateway: CaseGateway, *, clock: Clock, zone: tzinfo, memory: FilterMemory | None
    ) -> None:
        """An empty side; `load` asks."""
        super().__init__()
        self.hub, self._gateway, self._clock = hub, gateway, clock
        self._next: tuple[object, ...] | None = None
        self.known = False
        self.setProperty("clear", "true")
        self.runner = TaskRunner(self._failed)
        self.header = PageHeader(hub, "Approvals", margin=16)
        self.filter_button = IconButton(hub, "ph.funnel-simple", "Filter (F)", "quiet", scale="compact")
        self.tabs = ChoiceRow(hub, TABS, style="tabs", name="Which cases")
        self.filters = QueueFilters(hub, memory)
        self.list = QueueList(hub, zone)
        self.banner = Banner(hub, above=8)
        self.skeleton = Skeleton(hub, rows=6, row_height=hub.theme.size("row.queue"))
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No case matches", "Clear the filter to see all.",
            link=("Clear the filter", self.clear_filter),
        )  # fmt: skip
        self.empties = {key: EmptyState(hub, *said) for key, said in _EMPTY.items()}
        self.legend = MarkLegend(hub)
        self.marked = ElidedLabel("", "strong")
        self.claim_button = Button(hub, "Claim", scale="compact")
        self.ask_button = Button(hub, "Ask…", scale="compact")
        self.clear_button = IconButton(hub, "ph.x", "Clear the marks (Esc)", "quiet", scale="compact")
        self._lay_out()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self.restart)
        self._wire()

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        filters = self.filters
        return (
            self.filter_button, self.tabs, filters.text, filters.saved, *filters.boxes.values(), filters.save,
            filters.naming, self.banner, self.list, self.no_match, self.clear_button, self.claim_button,
            self.ask_button,
        )  # fmt: skip

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        self.runner.start(self.load(), "load")

    def restart(self) -> None:
        """Ask anew, from the first row on."""
        self._later.stop()
        self.list.clear_marks()
        self.refresh()

    def show_tab(self, key: str) -> None:
        """Show another tab from its beginning."""
        self.tabs.choose(key)
        self._tab_chosen(key)

    def wait(self) -> None:
        """Show that the first rows are on their way."""
        if not self.known:
            self.skeleton.show()
            self.skeleton.start()

    def toggle_filter(self) -> None:
        """Show or hide what the list is narrowed by; shown it has the keyboard."""
        shown = self._filter_part.isHidden()
        self._filter_part.setVisible(shown)
        (self.filters.text if shown else self.list).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def clear_filter(self) -> None:
        """Show every case of the tab."""
        self.filters.text.clear()
        self.filters.reset()
        self.restart()
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def stop(self) -> None:
        """Drop everything under way."""
        self._later.stop()
        self.runner.cancel_all()

    async def load(self, *, choose: UUID | None = None) -> None:
        """Ask for as many rows as are shown, and for the numbers of the tabs; `choose` becomes the chosen one."""
        tab = self.tabs.chosen
        page = await self._gateway.cases(replace(self._request(), limit=max(len(self.list.rows), PAGE_ROWS)))
        counts = await self._gateway.counts()
        if tab != self.tabs.chosen:
            return
        self._next = page.next_after
        self.known = True
        self.banner.clear()
        self.skeleton.stop()
        self.skeleton.hide()
        self.show_counts(counts)
        self._show(list(page.rows))
        if choose is not None:
            told = self.list.blockSignals(True)
            self.list.choose(choose)
            self.list.blockSignals(told)
        self.reached.emit(None)
        self.loaded.emit()

    def show_counts(self, counts: CaseCounts) -> None:
        """The numbers of the tabs."""
        self.tabs.set_counts({"open": counts.open, "mine": counts.mine})
        late = f"{counts.overdue:,} late" if counts.overdue else ""
        self.header.caption.setText(late)
        self.counted.emit(counts)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _request(self, after: tuple[object, ...] | None = None) -> PageRequest:
        tab = self.tabs.chosen
        filters = {"tab": tab, **self.filters.values}
        sort, down = ("decided", True) if tab == "decided" else ("due", False)
        return PageRequest(sort, down, self.filters.typed, after, filters=filters)

    def _show(self, rows: list[CaseRow]) -> None:
        self.list.show_rows(rows, self._clock.now())
        narrow = self.filters.is_narrow
        self.list.setVisible(bool(rows))
        self._fit_list()
        self.legend_part.setVisible(bool(rows))
        self.no_match.setVisible(not rows and narrow)
        for key, empty in self.empties.items():
            empty.setVisible(not rows and not narrow and key == self.tabs.chosen)
        self.filter_button.setProperty("chosen", narrow)

    def _fit_list(self) -> None:
        # As high as its rows: what the marks mean stands right below them.
        self.list.setMaximumHeight(max(len(self.list.rows), 1) * self.hub.theme.size("row.queue"))

    async def _more(self) -> None:
        after = self._next
        if after is None:
            return
        self._next = None
        try:
            page = await self._gateway.cases(self._request(after))
        except ConsoleError:
            self._next = after
            raise
        self._next = page.next_after
        self._show([*self.list.rows, *page.rows])

    def _scrolled(self, at: int) -> None:
        bar = self.list.verticalScrollBar()
        if self._next is not None and at >= bar.maximum() - bar.pageStep():
            self.runner.start(self._more(), "more")

    def _row_moved(self, value: object) -> None:
        if self._next is not None and self.list.rows and value == self.list.rows[-1]:
            self.runner.start(self._more(), "more")
        self.moved.emit(value)

    def _failed(self, error: ConsoleError) -> None:
        self.reached.emit(error)
        self.skeleton.stop()
        self.skeleton.hide()
        self.banner.show_error(error, action=("Try again", self.refresh))

    def _tab_chosen(self, _key: str) -> None:
        self.known = False
        self._next = None
        self.list.clear_marks()
        self.list.show_rows([], self._clock.now())
        for empty in (*self.empties.values(), self.no_match):
            empty.hide()
        self.moved.emit(None)
        self.wait()
        self.refresh()

    def _marks_changed(self) -> None:
        number = len(self.list.marked)
        self.bulk.setVisible(bool(number))
        self.marked.setText(f"{number:,} marked")
        self.claim_button.setText(f"Claim {number:,}")
        self.ask_button.setText(f"Ask {count(number, 'venue')}…")

    def _wire(self) -> None:
        self.hub.changed.connect(self._fit_list)
        self.filter_button.clicked.connect(lambda _checked=False: self.toggle_filter())
        self.tabs.changed.connect(self._tab_chosen)
        self.filters.changed.connect(self.restart)
        self.filters.text.textEdited.connect(lambda _text: self._later.start())
        self.filters.text.returnPressed.connect(self.list.setFocus)
        self.list.moved.connect(self._row_moved)
        self.list.opened.connect(self.opened)
        self.list.marks_changed.connect(self._marks_changed)
        self.list.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.claim_button.clicked.connect(lambda _checked=False: self.wanted.emit("claim"))
        self.ask_button.clicked.connect(lambda _checked=False: self.wanted.emit("ask"))
        self.clear_button.clicked.connect(lambda _checked=False: self.list.clear_marks())

    def _lay_out(self) -> None:
        column = flush(QVBoxLayout(self))
        column.addWidget(self.header)
        self.header.caption.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.header.add(self.filter_button)
        strip = QHBoxLayout()
        strip.setContentsMargins(12, 8, 12, 7)
        strip.addWidget(self.tabs)
        strip.addStretch(1)
        column.addLayout(strip)
        self._filter_part = QWidget()
        held = flush(QVBoxLayout(self._filter_part))
        held.setContentsMargins(12, 2, 12, 10)
        held.addWidget(self.filters)
        column.addWidget(self._filter_part)
        column.addWidget(line())
        said = flush(QVBoxLayout())
        said.setContentsMargins(12, 0, 12, 0)
        said.addWidget(self.banner)
        column.addLayout(said)
        column.addWidget(self.skeleton)
        column.addWidget(self.list, 1)
        for part in (self.no_match, *self.empties.values()):
            column.addWidget(part, 1)
            part.hide()
        self.legend_part = QWidget()
        legend = flush(QVBoxLayout(self.legend_part))
        legend.setContentsMargins(16, 12, 16, 12)
        legend.addWidget(self.legend)
        column.addWidget(self.legend_part)
        column.addStretch(0)
        self.bulk = surface("panel")
        bulk = flush(QVBoxLayout(self.bulk))
        bulk.addWidget(line(strong=True))
        above = QHBoxLayout()
        above.setContentsMargins(16, 8, 12, 0)
        above.addWidget(self.marked, 1)
        above.addWidget(self.clear_button)
        bulk.addLayout(above)
        row = QHBoxLayout()
        row.setContentsMargins(16, 4, 12, 12)
        row.setSpacing(8)
        row.addWidget(self.claim_button)
        row.addWidget(self.ask_button)
        row.addStretch(1)
        bulk.addLayout(row)
        column.addWidget(self.bulk)
        self._filter_part.setVisible(self.filters.is_narrow)
        for hidden in (self.bulk, self.list, self.skeleton, self.legend_part):
            hidden.hide()
