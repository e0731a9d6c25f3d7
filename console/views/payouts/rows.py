"""Short lists that are known whole, such as runs and holds, for the one table model of the console.

See docs/design.md, "Screens": every table has the same manners.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.paging import Page, PageRequest
from console.models.table import Column, KeysetTableModel
from console.views.theme import ThemeHub
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.frames import flush
from console.views.widgets.table import DataTable
from console.views.widgets.text import ElidedLabel, label

_SIDE, _BETWEEN = 32, 8


class KnownRows(KeysetTableModel[Any]):
    """A table model over rows that are all known: it sorts by the attribute a column is named after."""

    def __init__(
        self,
        columns: Sequence[Column[Any]],
        key: str,
        *,
        sort: str,
        descending: bool = False,
        value: Callable[[Any, str], Any] = getattr,
    ) -> None:
        """`key` is the attribute that names a row across refreshes; `value` reads what a column sorts by."""
        self._value = value
        super().__init__(
            columns, self.page, lambda row: str(getattr(row, key)), sort=sort, descending=descending
        )
        self.rows: tuple[Any, ...] = ()

    def show_rows(self, rows: Iterable[Any]) -> None:
        """Show these; nothing moves where rows are as before."""
        before, self.rows = self.rows, tuple(rows)
        self.refresh() if before else self.restart()

    async def page(self, request: PageRequest) -> Page[Any]:
        """All rows in the order that is asked for."""

        def by(row: object) -> Any:  # noqa: ANN401  (of one column, so of one kind)
            found = self._value(row, request.sort)
            return found.casefold() if isinstance(found, str) else found

        known = [row for row in self.rows if self._value(row, request.sort) is not None]
        unknown = [row for row in self.rows if self._value(row, request.sort) is None]
        return Page([*sorted(known, key=by, reverse=request.descending), *unknown], None)


class DeedStrip(QWidget):
    """The strip under a table: what the marked row means, in full, and what can be done with it."""

    def __init__(self, buttons: Sequence[Button]) -> None:
        """`buttons` stand below the words, so that they never press them together."""
        super().__init__()
        outer = flush(QVBoxLayout(self))
        outer.addWidget(line(strong=True))
        held = surface("panel")
        outer.addWidget(held)
        column = QVBoxLayout(held)
        column.setContentsMargins(_SIDE, 12, _SIDE, 12)
        column.setSpacing(8)
        self.heading = ElidedLabel("", "strong")
        self.body = label("", "secondary", wrap=True)
        column.addWidget(self.heading)
        column.addWidget(self.body)
        self._column, self._buttons = column, tuple(buttons)
        self._rows: list[tuple[QHBoxLayout, list[Button]]] = []
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Buttons that have no room in one row stand in two."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wanted: list[list[Button]] = [[]]
        left = 0
        for button in self._buttons:
            wide = button.sizeHint().width() + _BETWEEN
            if wanted[-1] and self.isVisible() and left + wide > self.width() - 2 * _SIDE + _BETWEEN:
                wanted.append([])
                left = 0
            wanted[-1].append(button)
            left += wide
        if wanted == [row for _, row in self._rows]:
            return
        for layout, _ in self._rows:
            while layout.takeAt(0) is not None:
                pass
            self._column.removeItem(layout)
        self._rows = []
        for row in wanted:
            layout = QHBoxLayout()
            layout.setSpacing(_BETWEEN)
            for button in row:
                layout.addWidget(button)
            layout.addStretch(1)
            self._column.addLayout(layout)
            self._rows.append((layout, row))

    def say(self, heading: str, body: str) -> None:
        """Say what the marked row means."""
        self.heading.setText(heading)
        self.body.setText(body)
        self.body.setVisible(bool(body))


def table_of(hub: ThemeHub, model: KeysetTableModel[Any], name: str, looks: dict[str, Any]) -> DataTable:
    """A table over the whole page with one row marked at a time."""
    made = DataTable(hub, model, name=name, looks=looks)
    model.setParent(made)
    made.edge_padding = _SIDE
    made.setSelectionMode(DataTable.SelectionMode.SingleSelection)
    return made


def marked(table: DataTable) -> Any:  # noqa: ANN401  (whatever the table's rows are)
    """The marked row, or None."""
    index = table.currentIndex()
    return table.table.row(index.row()) if index.isValid() and index.row() < table.table.rowCount() else None
