"""A page that is one long list: header, filter, table, and what to do when it is empty.

Every list of the console has the same keys and manners, so it is one widget: typing filters, F5 refreshes without
moving anything, an error is a banner above rows that stay. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.errors import ConsoleError
from console.models.table import KeysetTableModel
from console.views.shell.areas import Action, listen
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import surface
from console.views.widgets.fields import TextInput
from console.views.widgets.focus import lead_focus
from console.views.widgets.header import PageHeader
from console.views.widgets.table import CellLook, DataTable, TableCard
from console.views.widgets.waiting import EmptyState, Skeleton

_FILTER_DELAY_MS = 180
_SKELETON_ROWS = 12
# Of a cell in the skeleton: the paddings of the first and of the others, and how much of the rest a bar fills.
_EDGE, _PADDING, _LINE_SHARE = 16, 8, 0.7


class ListPage(QWidget):
    """One list with its filter."""

    def __init__(
        self,
        hub: ThemeHub,
        title: str,
        model: KeysetTableModel[Any],
        *,
        rows: str,
        caption: str = "",
        filter_hint: str = "Filter",
        empty: tuple[str, str] = ("Nothing here yet", ""),
        looks: Mapping[str, Callable[[Any], CellLook]] | None = None,
    ) -> None:
        """`rows` says what the rows are ("bookings"); `empty` is a title and what to do about it."""
        super().__init__()
        self.hub, self.model, self._rows = hub, model, rows
        self._started = self._answered = False
        self.filter = TextInput(hub, placeholder=filter_hint)
        self.filter.setFixedWidth(280)
        self.filter.setAccessibleName(filter_hint)
        self.table = DataTable(hub, model, name=rows, looks=looks)
        self.card = TableCard(hub, self.table)
        self.banner = Banner(hub)
        self._empty = EmptyState(hub, "ph.tray", *empty)
        self._no_match = EmptyState(
            hub, "ph.magnifying-glass", f"No {rows} match", "Type less, or clear the filter."
        )
        self.skeleton = Skeleton(hub, rows=_SKELETON_ROWS)
        self._body = QStackedWidget()
        for part in (self.card, self._empty, self._no_match):
            self._body.addWidget(part)
        over = QVBoxLayout(self.table.viewport())  # the bars lie where the rows will be, below the headings
        over.setContentsMargins(0, 0, 0, 0)
        over.addWidget(self.skeleton)
        over.addStretch(1)
        self.skeleton.hide()
        self.header = PageHeader(hub, title, caption)
        self.bar = QHBoxLayout()
        self.below_bar = QVBoxLayout()
        self._lay_out()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_FILTER_DELAY_MS)
        self._later.timeout.connect(self.narrow)
        self.filter.textEdited.connect(lambda _text: self._later.start())
        self.filter.returnPressed.connect(self.table.setFocus)
        model.loaded.connect(self._loaded)
        model.failed.connect(self._failed)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._tell_count())
        action = partial(Action, heard=False, group=title)
        self.page_actions = (
            action("list:refresh", "Refresh", model.refresh, "F5", "ph.arrow-clockwise"),
            action("list:filter", "Filter", self.filter.setFocus, "Ctrl+F", "ph.funnel"),
            action("list:clear", "Clear the filter", self.clear, "Esc", offered=False),
            *self.more_actions(action),
        )
        listen(self, self.page_actions)
        lead_focus(self, self.filter)

    def more_actions(self, action: Callable[..., Action]) -> tuple[Action, ...]:
        """What a list of its own does besides; `action` makes one that the page hears."""
        return ()

    @property
    def filters(self) -> dict[str, str]:
        """What the list is narrowed to besides the typed text; a list with filters of its own says so here."""
        return {}

    def filter_words(self) -> str:
        """What narrows the list, in words for the foot; empty where all rows are shown."""
        return self.filter.text().strip()

    def narrow(self) -> None:
        """Ask for what the filters say now."""
        self._later.stop()
        self.model.narrow(self.filter.text(), self.filters)

    def stop(self) -> None:
        """Drop a fetch under way: the page is going away."""
        self._later.stop()
        self.model.cancel()

    def showEvent(self, event: QShowEvent) -> None:
        """The first visit loads, a later one refreshes."""
        super().showEvent(event)
        if event.spontaneous():
            return
        if self._started:
            self.model.refresh()
            return
        self._started = True
        self.skeleton.shape(_bars(self.table))
        self.skeleton.show()
        self.skeleton.start()
        self.model.restart()
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        ground = surface("canvas")
        column.addWidget(ground)
        inner = QVBoxLayout(ground)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(self.header)
        body = QVBoxLayout()
        body.setContentsMargins(24, 16, 24, 24)
        body.setSpacing(12)
        self.bar.setSpacing(8)
        self.bar.addWidget(self.filter)
        body.addLayout(self.bar)
        self.below_bar.setSpacing(12)
        body.addLayout(self.below_bar)
        body.addWidget(self.banner)
        body.addWidget(self._body, 1)
        inner.addLayout(body, 1)

    def _loaded(self) -> None:
        self._answered = True
        self._stop_waiting()
        self.banner.clear()
        if self.model.rowCount():
            self._body.setCurrentWidget(self.card)
        else:
            self._body.setCurrentWidget(self._no_match if self.filter_words() else self._empty)
        self._tell_count()

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def _tell_count(self) -> None:
        count, chosen = self.model.rowCount(), len(self.table.selectionModel().selectedRows())
        shown = f"{count:,} {self._rows}" if self.model.is_complete else f"{count:,}+ {self._rows} shown"
        words = self.filter_words()
        self.card.set_foot(
            shown + (f" · {chosen:,} selected" if chosen else ""), f"Filter: {words}" if words else ""
        )

    def _failed(self, error: ConsoleError) -> None:
        self._stop_waiting()
        again = self.model.refresh if self._answered else self.model.restart
        self.banner.show_error(error, action=("Retry", again))

    def clear(self) -> None:
        """Show all rows again, and give the keyboard to the filter."""
        self.filter.clear()
        self.narrow()
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)


def _bars(table: DataTable) -> tuple[tuple[float, float], ...]:
    """Where the grey bars of the first load stand: under the headings, at the side where the text will be."""
    whole = max(sum(table.columnWidth(at) for at in range(len(table.table.columns))), 1)
    bars = []
    for at, column in enumerate(table.table.columns):
        left, width = table.columnViewportPosition(at), table.columnWidth(at)
        before = _EDGE if at == 0 else _PADDING
        bar = int((width - before - _PADDING) * _LINE_SHARE)
        start = left + width - _PADDING - bar if column.numeric else left + before
        bars.append((start / whole, bar / whole))
    return tuple(bars)
