"""Sums with how each came to be, and below a line what they come to; and who issues to whom.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from console.domain.invoices import Party
from console.views.invoices.words import SumLine
from console.views.widgets.base import line
from console.views.widgets.frames import flush
from console.views.widgets.text import ElidedLabel, label

_ROW, _LAST = 30, 42


class SumsGrid(QWidget):
    """Name, words and amount of each sum, and below a line the last of them, larger."""

    def __init__(self) -> None:
        """Empty until `show_sums`."""
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self.lines: tuple[SumLine, ...] = ()

    def show_sums(self, lines: Sequence[SumLine], last: SumLine, currency: str) -> None:
        """Show these sums, and what they come to in which currency."""
        if (*lines, last) == self.lines:
            return
        self.lines = (*lines, last)
        while (item := self._grid.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        for at in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(at, 0)
        for at, one in enumerate(lines):
            self._grid.setRowMinimumHeight(at, _ROW)
            self._put(at, one, one.amount)
        under = len(lines)
        self._grid.addWidget(line(strong=True), under, 0, 1, 3)
        self._grid.setRowMinimumHeight(under, 9)
        self._grid.setRowMinimumHeight(under + 1, _LAST)
        self._put(under + 1, last, f"{last.amount} {currency}", figure=True)
        self.setAccessibleName(f"Sums in {currency}")
        self.setAccessibleDescription(
            "; ".join(f"{one.name} {one.amount}, {one.words}" for one in self.lines)
        )

    def _put(self, row: int, one: SumLine, amount: str, *, figure: bool = False) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(label(one.name, "medium"), row, 0, middle)
        self._grid.addWidget(ElidedLabel(one.words, "muted"), row, 1, middle)
        shown = label(amount, "title" if figure else "body", selectable=True)
        self._grid.addWidget(shown, row, 2, middle | Qt.AlignmentFlag.AlignRight)


class PartyBox(QWidget):
    """Who issues or receives, as it stands on the paper."""

    def __init__(self, heading: str) -> None:
        """Empty until `show_party`."""
        super().__init__()
        column = flush(QVBoxLayout(self))
        column.setSpacing(2)
        column.addWidget(label(heading, "label"))
        self.name = ElidedLabel("", "medium")
        self.lines = label("", "caption", wrap=True)
        column.addWidget(self.name)
        column.addWidget(self.lines)
        column.addStretch(1)

    def show_party(self, party: Party | None) -> None:
        """Show a party, or that it is not known yet."""
        self.name.setText(party.name if party else "Not entered yet")
        told = (
            []
            if party is None
            else [*party.address, *((f"Tax number {party.tax_id}",) if party.tax_id else ())]
        )
        if party is not None and party.email:
            told.append(party.email)
        self.lines.setText(", ".join(told))
        self.lines.setVisible(bool(told))
