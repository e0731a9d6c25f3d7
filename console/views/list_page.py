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
from console.views.widgets.header import PageHeader
from console.views.widgets.table import CellLook, DataTable, TableCard
from console.views.widgets.waiting import EmptyState

_FILTER_DELAY_MS = 180


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
        self._started = False
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
        self._body = QStackedWidget()
        for part in (self.card, self._empty, self._no_match):
            self._body.addWidget(part)
        self._lay_out(title, caption)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_FILTER_DELAY_MS)
        self._later.timeout.connect(lambda: model.set_text(self.filter.text()))
        self.filter.textEdited.connect(lambda _text: self._later.start())
        self.filter.returnPressed.connect(self.table.setFocus)
        model.loaded.connect(self._loaded)
        model.failed.connect(self._failed)
        action = partial(Action, heard=False, group=title)
        self.page_actions = (
            action("list:refresh", "Refresh", model.refresh, "F5", "ph.arrow-clockwise"),
            action("list:filter", "Filter", self.filter.setFocus, "Ctrl+F", "ph.funnel"),
            action("list:clear", "Clear the filter", self._clear, "Esc", offered=False),
        )
        listen(self, self.page_actions)
        self.setFocusProxy(self.filter)

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
        else:
            self._started = True
            self.model.restart()
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self, title: str, caption: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        ground = surface("canvas")
        column.addWidget(ground)
        inner = QVBoxLayout(ground)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(PageHeader(self.hub, title, caption))
        body = QVBoxLayout()
        body.setContentsMargins(24, 16, 24, 24)
        body.setSpacing(12)
        bar = QHBoxLayout()
        bar.addWidget(self.filter)
        bar.addStretch(1)
        body.addLayout(bar)
        body.addWidget(self.banner)
        body.addWidget(self._body, 1)
        inner.addLayout(body, 1)

    def _loaded(self) -> None:
        self.banner.clear()
        count = self.model.rowCount()
        if count:
            self._body.setCurrentWidget(self.card)
        else:
            self._body.setCurrentWidget(self._no_match if self.filter.text().strip() else self._empty)
        shown = (
            f"{count:,} {self._rows}"
            if self.model.is_complete
            else f"First {count:,} {self._rows}, more below"
        )
        wanted = self.filter.text().strip()
        self.card.set_foot(shown, f"Filter: {wanted}" if wanted else "")

    def _failed(self, error: ConsoleError) -> None:
        self.banner.show_error(error)

    def _clear(self) -> None:
        if self.filter.text():
            self.filter.clear()
            self.model.set_text("")
        self.filter.setFocus(Qt.FocusReason.OtherFocusReason)
