"""Sums with how each came to be, and below a line what they come to: of a payout, of an invoice.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from console.views.widgets.base import line
from console.views.widgets.text import ElidedLabel, label

_RULE, _LAST = 9, 42


@dataclass(frozen=True, slots=True)
class SumLine:
    """One line of the sums: its name, how it came to be, and the stored amount."""

    name: str
    words: str
    amount: str


class SumsGrid(QWidget):
    """Name, words and amount of each sum, and below a line the last of them, larger."""

    def __init__(self, row: int = 30, *, with_currency: bool = True) -> None:
        """Empty until `show_sums`; `row` is the height of a line. `with_currency` says it beside what all come to."""
        super().__init__()
        self._row, self._with_currency = row, with_currency
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self.lines: tuple[SumLine, ...] = ()

    def show_sums(
        self, lines: Sequence[SumLine], last: SumLine, currency: str, below: SumLine | None = None
    ) -> None:
        """Show these sums and what they come to; `below` is said under that, such as a reference to look for."""
        shown = (*lines, last, *(() if below is None else (below,)))
        if shown == self.lines:
            return
        self.lines = shown
        while (item := self._grid.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        for at in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(at, 0)
        for at, one in enumerate(lines):
            self._grid.setRowMinimumHeight(at, self._row)
            self._put(at, one)
        under = len(lines)
        self._grid.addWidget(line(strong=True), under, 0, 1, 3)
        self._grid.setRowMinimumHeight(under, _RULE)
        self._grid.setRowMinimumHeight(under + 1, _LAST)
        whole = f"{last.amount} {currency}" if self._with_currency else last.amount
        self._put(under + 1, replace(last, amount=whole), figure=True)
        if below is not None:
            self._grid.addWidget(label(below.name, "medium"), under + 2, 0)
            self._grid.addWidget(label(below.words, "muted", selectable=True), under + 2, 1, 1, 2)
        self.setAccessibleName(f"Sums in {currency}")
        self.setAccessibleDescription("; ".join(_spoken(one) for one in shown))

    def _put(self, row: int, one: SumLine, *, figure: bool = False) -> None:
        middle = Qt.AlignmentFlag.AlignVCenter
        self._grid.addWidget(label(one.name, "medium"), row, 0, middle)
        self._grid.addWidget(ElidedLabel(one.words, "muted"), row, 1, middle)
        amount = label(one.amount, "title" if figure else "body", selectable=True)
        self._grid.addWidget(amount, row, 2, middle | Qt.AlignmentFlag.AlignRight)


def _spoken(one: SumLine) -> str:
    return ", ".join(part for part in (f"{one.name} {one.amount}".strip(), one.words) if part)
