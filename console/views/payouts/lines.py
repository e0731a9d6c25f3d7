"""The lines of a payout: tabs with counts, a filter, and the table, the marked line named for the trail below.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.paging import Page, PageRequest
from console.domain.payouts import Payout, PayoutLine
from console.models.gateway_payouts import PayoutReads
from console.models.money import money
from console.models.table import Column, KeysetTableModel
from console.views.payouts.words import TABS, column_amount, is_correction, line_day, line_look, line_words
from console.views.saved_filters import ChoiceBox
from console.views.theme import ThemeHub
from console.views.widgets.base import line
from console.views.widgets.fields import TextInput
from console.views.widgets.frames import flush
from console.views.widgets.table import CellLook, DataTable
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState, Skeleton

MARGIN = 32
_DELAY_MS = 180
_LEAST_ROWS = 5
_FILTER_WIDTH = 176
_AT_ONCE = 2000
_WITHOUT_CORRECTIONS = ("credits", "gross", "fee_share")
_NO_PAYOUT: Page[PayoutLine] = Page((), None)


class LinesBox(QWidget):
    """Tabs, filter and table. `moved` carries the marked line or None."""

    moved = Signal(object)

    def __init__(self, hub: ThemeHub, reads: PayoutReads) -> None:
        """No lines until `open`."""
        super().__init__()
        self.hub, self._reads = hub, reads
        self._payout: Payout | None = None
        self._zone = ZoneInfo("UTC")
        self._kind = "all"
        self._sorted: list[PayoutLine] = []
        self.tabs = ChoiceRow(hub, TABS, style="tabs", name="Which lines")
        self.tabs.changed.connect(self.choose_kind)
        self.kinds = ChoiceBox(hub, "Which lines", TABS[0][1], dict(TABS[1:]))
        self.kinds.activated.connect(lambda _index: self.choose_kind(self.kinds.key or "all"))
        self.filter = TextInput(hub, placeholder="Filter lines")
        self.filter.setAccessibleName("Filter lines")
        self.filter.setMaxLength(80)
        self.model = KeysetTableModel(self._columns(), self._page, lambda one: one.id, sort="position")
        self.table = DataTable(hub, self.model, name="Lines of the payout", looks=_LOOKS)
        self.model.setParent(self.table)
        self.table.edge_padding = MARGIN
        self.table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.table.selectionModel().currentRowChanged.connect(self._moved)
        self.skeleton = Skeleton(hub, rows=8)
        self.nothing = EmptyState(
            hub, "ph.receipt", "No lines yet", "They are there once the payout is made."
        )
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No lines match", "Type less, or show all lines."
        )
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self._narrow)
        self.filter.textChanged.connect(lambda _text: self._later.start())
        self.filter.returnPressed.connect(self.table.setFocus)
        self.model.loaded.connect(self._loaded)
        self._lay_out()
        hub.changed.connect(self._fit)

    # -- for the detail ----------------------------------------------------------------------------------------------

    @property
    def current(self) -> PayoutLine | None:
        """The line that is marked."""
        index = self.table.currentIndex()
        return (
            self.model.row(index.row()) if index.isValid() and index.row() < self.model.rowCount() else None
        )

    def open(self, payout: Payout) -> None:
        """Show the lines of this payout, all of them."""
        before, self._payout = self._payout, payout
        self._zone = ZoneInfo(payout.timezone)
        if before is not None and before.id == payout.id:
            self.model.refresh()
            return
        self._kind = "all"
        self.tabs.choose("all")
        self.kinds.set_key("")
        self.filter.blockSignals(True)
        self.filter.clear()
        self.filter.blockSignals(False)
        self.model.preset("", {})
        self._show(self.skeleton)
        self.skeleton.start()
        self.model.restart()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """How many lines there are of each kind."""
        self.tabs.set_counts({key: counts.get(key, 0) for key, _ in TABS})
        for at, (key, words) in enumerate(TABS):
            self.kinds.setItemText(at, f"{words}  {counts.get(key, 0):,}")
        self._fit()

    def choose_kind(self, key: str) -> None:
        """Show the lines of one kind."""
        self._kind = key
        self.tabs.choose(key)
        self.kinds.set_key("" if key == "all" else key)
        self._narrow()

    def stop(self) -> None:
        """Drop a fetch under way."""
        self._later.stop()
        self.model.cancel()

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _page(self, request: PageRequest) -> Page[PayoutLine]:
        payout = self._payout
        if payout is None or payout.id is None:
            return _NO_PAYOUT
        if request.sort == "position" and not request.descending:
            return await self._reads.lines(payout.id, request)
        start = request.after[0] if request.after else 0
        assert isinstance(start, int)
        if start == 0:
            self._sorted = self._in_order(await self._every(payout.id, request), request)
        end = start + request.limit
        return Page(self._sorted[start:end], (end,) if end < len(self._sorted) else None)

    async def _every(self, payout_id: UUID, request: PageRequest) -> list[PayoutLine]:
        """All lines that the filters let through: the database knows one order, a month fits into memory."""
        asked = replace(request, sort="position", descending=False, after=None, limit=_AT_ONCE)
        page = await self._reads.lines(payout_id, asked)
        found = list(page.rows)
        while page.next_after is not None:
            page = await self._reads.lines(payout_id, replace(asked, after=page.next_after))
            found += page.rows
        return found

    def _in_order(self, lines: list[PayoutLine], request: PageRequest) -> list[PayoutLine]:
        def value(one: PayoutLine) -> tuple[bool, Any]:
            if request.sort == "reason":
                return True, line_words(one, self._zone).casefold()
            if is_correction(one) and request.sort in _WITHOUT_CORRECTIONS:
                return False, 0
            found = getattr(one, request.sort)
            return found is not None, found.casefold() if isinstance(found, str) else found or 0

        return sorted(lines, key=value, reverse=request.descending)

    def _narrow(self) -> None:
        self._later.stop()
        self.model.narrow(self.filter.text(), {} if self._kind == "all" else {"reason": self._kind})

    def _loaded(self) -> None:
        self.skeleton.stop()
        narrowed = bool(self.filter.text().strip()) or self._kind != "all"
        if self.model.rowCount():
            self._show(self.table)
            if not self.table.currentIndex().isValid():
                self.table.selectRow(0)
        else:
            self._show(self.no_match if narrowed else self.nothing)
            self.moved.emit(None)

    def _show(self, part: QWidget) -> None:
        for one in (self.table, self.skeleton, self.nothing, self.no_match):
            one.setVisible(one is part)

    def _moved(self, now: QModelIndex, _before: QModelIndex) -> None:
        self.moved.emit(self.model.row(now.row()) if now.isValid() else None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tabs where there is room for them, else a box to choose from."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        scaled = self.hub.theme.scaled
        self.filter.setFixedWidth(scaled(_FILTER_WIDTH))
        room = self.width() - 2 * MARGIN - scaled(_FILTER_WIDTH) - 24
        roomy = self.tabs.sizeHint().width() <= room
        self.tabs.setVisible(roomy)
        self.kinds.setVisible(not roomy)
        self.table.setMinimumHeight((_LEAST_ROWS + 1) * self.hub.theme.size("row.table"))

    def _lay_out(self) -> None:
        column = flush(QVBoxLayout(self))
        column.addWidget(line())
        strip = QHBoxLayout()
        strip.setContentsMargins(MARGIN, 4, MARGIN, 4)
        strip.setSpacing(8)
        strip.addWidget(self.tabs)
        strip.addWidget(self.kinds, 1)
        strip.addStretch(1)
        strip.addWidget(self.filter)
        column.addLayout(strip)
        column.addWidget(line())
        column.addWidget(self.table, 1)
        column.addWidget(self.nothing, 1)
        column.addWidget(self.no_match, 1)
        column.addWidget(self.skeleton)
        column.addStretch(0)
        self.kinds.hide()
        self._show(self.table)

    def _columns(self) -> list[Column[PayoutLine]]:
        def how(one: PayoutLine) -> str:
            return line_words(one, self._zone)

        return [
            Column("position", "Date", line_day, width=88),
            Column("activity", "Session", lambda one: one.activity or "", width=150, gives_way=2),
            Column("code", "Booking", lambda one: one.code or "", width=120, gives_way=1),
            Column("reason", "How it came to be", how, width=224, stretch=True, tooltip=how),
            Column(
                "credits", "Credits", lambda one: str(one.credits) if one.kind == "booking" else "",
                numeric=True, width=64, gives_way=3,
            ),
            Column(
                "gross", "Gross", lambda one: column_amount(one, one.gross), numeric=True, width=68, gives_way=4
            ),
            Column(
                "fee_share", "Fee share", lambda one: column_amount(one, -one.fee_share),
                numeric=True, width=80, gives_way=5,
            ),
            Column("net", "Net", lambda one: money(one.net), numeric=True, width=96),
        ]  # fmt: skip


def _quiet(_line: PayoutLine) -> CellLook:
    return CellLook("secondary")


_LOOKS: dict[str, Callable[[PayoutLine], CellLook]] = {
    "position": _quiet,
    "code": _quiet,
    "reason": line_look,
    "credits": _quiet,
    "gross": _quiet,
    "fee_share": _quiet,
}
