"""The lines of a draft as inputs: typed, added, moved, taken out; what each comes to stands beside it at once.

Moving swaps what stands in two rows, so that Tab always goes as the eye does. See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.invoices import InvoiceLine
from console.models.money import money
from console.views.invoices.amounts import read_number, written
from console.views.theme import ThemeHub
from console.views.widgets.base import torn_down
from console.views.widgets.fields import TextInput
from console.views.widgets.frames import flush
from console.views.widgets.text import label

MOST_LINES = 500
MOST_LETTERS = 300
_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Spec:
    """A number of a line: its name in a sentence, its heading, figures after and before the point, and its limits."""

    name: str
    heading: str
    width: int
    places: int
    whole: int
    least: Decimal | None = None
    most: Decimal | None = None


_SPECS = {
    "quantity": _Spec("The quantity", "Quantity", 88, 4, 6),
    "unit_price": _Spec("The price", "Price", 112, 4, 10),
    "discount": _Spec("The discount", "Discount %", 88, 2, 3, Decimal(-100), Decimal(100)),
    "tax_rate": _Spec("The tax rate", "Tax %", 80, 2, 3, _ZERO, Decimal(100)),
}
_AMOUNT_WIDTH = 116
_TEXT_WIDTH = 220


class LineRow(QWidget):
    """One line. `edited` follows each change."""

    edited = Signal()

    def __init__(self, hub: ThemeHub, number: int) -> None:
        """An empty line called by its number."""
        super().__init__()
        self.hub, self._kind = hub, "extra"
        self.text = TextInput(hub, placeholder="What it is for")
        self.text.setMaxLength(MOST_LETTERS)
        self.numbers = {key: TextInput(hub) for key in _SPECS}
        self.amount = label("", "medium")
        self.amount.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 3, 0, 3)
        self._box.setSpacing(8)
        self._box.addWidget(self.text, 1)
        row = flush(QHBoxLayout())
        row.setSpacing(8)
        row.addStretch(1)
        for field in self.numbers.values():
            field.setAlignment(Qt.AlignmentFlag.AlignRight)
            field.setMaxLength(40)
            row.addWidget(field)
        row.addWidget(self.amount)
        self._box.addLayout(row)
        for field in self.fields:
            field.textChanged.connect(lambda _text: self.edited.emit())
        self.name_all(number)
        self.fit()

    @property
    def fields(self) -> tuple[TextInput, ...]:
        """Its inputs from left to right."""
        return (self.text, *self.numbers.values())

    def name_all(self, number: int) -> None:
        """Say which line it is, for screen readers."""
        self.text.setAccessibleName(f"Line {number}: what it is for")
        for key, field in self.numbers.items():
            field.setAccessibleName(f"Line {number}: {_SPECS[key].heading}")

    def fit(self) -> None:
        """As wide as the size of text asks."""
        for key, field in self.numbers.items():
            field.setFixedWidth(self.hub.theme.scaled(_SPECS[key].width))
        self.amount.setFixedWidth(self.hub.theme.scaled(_AMOUNT_WIDTH))

    def stack(self, stacked: bool) -> None:
        """The numbers below the text, where there is no room beside it."""
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._box.setDirection(down if stacked else across)
        self._box.setSpacing(4 if stacked else 8)

    @property
    def state(self) -> tuple[str, ...]:
        """What stands in it, for moving."""
        return (self._kind, *(field.text() for field in self.fields))

    def put(self, state: tuple[str, ...]) -> None:
        """Stand for another line."""
        self._kind = state[0]
        for field, text in zip(self.fields, state[1:], strict=True):
            field.setText(text)
            field.setCursorPosition(0)

    def read(self) -> InvoiceLine:
        """The line. Raises ValueError with a sentence; the input at fault is marked, and the first of `wrong`."""
        self.wrong: list[TextInput] = []
        sentences: list[str] = []
        values: dict[str, Decimal] = {}
        text = " ".join(self.text.text().split())
        self._mark(self.text, not text)
        if not text:
            sentences.append("Say what it is for.")
        for key, spec in _SPECS.items():
            try:
                values[key] = _number(self.numbers[key].text(), spec)
            except ValueError as error:
                sentences.append(str(error))
                self._mark(self.numbers[key], True)
            else:
                self._mark(self.numbers[key], False)
        if sentences:
            raise ValueError(sentences[0])
        return InvoiceLine(text, **values, kind=self._kind)

    def show_amount(self, amount: Decimal | None) -> None:
        """What it comes to; a dash while that is not known."""
        self.amount.setText("–" if amount is None else money(amount))

    def _mark(self, field: TextInput, wrong: bool) -> None:
        if wrong:
            self.wrong.append(field)
        field.set_invalid(wrong and field.isModified())


class LineRows(QWidget):
    """All lines under their headings. `edited` follows each change."""

    edited = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """No lines."""
        super().__init__()
        self.hub = hub
        self.rows: list[LineRow] = []
        self._current: LineRow | None = None
        self._stacked = False
        self._column = flush(QVBoxLayout(self))
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 4)
        head.setSpacing(8)
        self._first = label("What it is for", "label")
        head.addWidget(self._first)
        head.addStretch(1)
        self._headings = []
        for spec in (*_SPECS.values(), None):
            made = label(spec.heading if spec else "Amount", "label")
            made.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._headings.append((made, spec.width if spec else _AMOUNT_WIDTH))
            head.addWidget(made)
        self._column.addLayout(head)
        hub.changed.connect(self._fit)
        self._fit()

    @property
    def current(self) -> int:
        """The place of the line that has, or last had, the keyboard; -1 for none."""
        return self.rows.index(self._current) if self._current in self.rows else -1

    def show_lines(self, lines: Sequence[InvoiceLine]) -> None:
        """Show these lines in place of all."""
        while len(self.rows) > len(lines):
            self._drop(len(self.rows) - 1)
        while len(self.rows) < len(lines):
            self._append()
        for row, line in zip(self.rows, lines, strict=True):
            row.put(_state(line))
        self.edited.emit()

    def add(self, tax_rate: Decimal) -> None:
        """Another line at the end, with the keyboard in it; `tax_rate` is what most lines have."""
        if len(self.rows) >= MOST_LINES:
            return
        row = self._append()
        row.put(("extra", "", "1", "", "0", written(tax_rate)))
        row.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()

    def remove(self) -> None:
        """Take the current line out; the keyboard goes to the next."""
        at = self.current
        if at < 0:
            return
        states = [row.state for row in self.rows]
        del states[at]
        self._drop(len(self.rows) - 1)
        for row, state in zip(self.rows, states, strict=True):
            row.put(state)
        if self.rows:
            self._go(min(at, len(self.rows) - 1))
        self.edited.emit()

    def shift(self, by: int) -> None:
        """Move the current line up (-1) or down (1); the keyboard goes with it."""
        at = self.current
        to = at + by
        if at < 0 or not 0 <= to < len(self.rows):
            return
        one, other = self.rows[at], self.rows[to]
        here, there = one.state, other.state
        focused = QApplication.focusWidget()
        column = next((place for place, field in enumerate(one.fields) if field is focused), 0)
        one.put(there)
        other.put(here)
        self._go(to, column)
        self.edited.emit()

    def read(self) -> tuple[list[InvoiceLine], list[tuple[int, str]]]:
        """The lines that can be read, and of the others their number and what is wrong; amounts are shown."""
        good: list[InvoiceLine] = []
        bad: list[tuple[int, str]] = []
        for number, row in enumerate(self.rows, start=1):
            try:
                line = row.read()
            except ValueError as error:
                row.show_amount(None)
                bad.append((number, str(error)))
            else:
                row.show_amount(line.amount)
                good.append(line)
        return good, bad

    def to_fault(self, number: int) -> None:
        """Give the keyboard to what is wrong in a line, and mark it."""
        row = self.rows[number - 1]
        fault = row.wrong[0] if row.wrong else row.text
        fault.set_invalid(True)
        fault.setFocus(Qt.FocusReason.OtherFocusReason)
        fault.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Know which line has the keyboard."""
        if torn_down(self):
            return False
        if event.type() is QEvent.Type.FocusIn:
            self._current = next((row for row in self.rows if watched in row.fields), self._current)
        return False

    def _append(self) -> LineRow:
        row = LineRow(self.hub, len(self.rows) + 1)
        row.stack(self._stacked)
        self.rows.append(row)
        self._column.addWidget(row)
        row.edited.connect(self.edited)
        for field in row.fields:
            field.installEventFilter(self)
        return row

    def _drop(self, at: int) -> None:
        row = self.rows.pop(at)
        if self._current is row:
            self._current = None
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _go(self, at: int, column: int = 0) -> None:
        self._current = self.rows[at]
        self.rows[at].fields[column].setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Beside each other where there is room, else the numbers below."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        scaled = self.hub.theme.scaled
        numbers = sum(scaled(width) + 8 for _made, width in self._headings)
        self._stacked = self.width() - numbers < scaled(_TEXT_WIDTH)
        self._first.setVisible(not self._stacked)
        for row in self.rows:
            row.stack(self._stacked)

    def _fit(self) -> None:
        for made, width in self._headings:
            made.setFixedWidth(self.hub.theme.scaled(width))
        for row in self.rows:
            row.fit()
        self._arrange()


def _state(line: InvoiceLine) -> tuple[str, ...]:
    return (
        line.kind, line.text, written(line.quantity), written(line.unit_price, cents=True), written(line.discount),
        written(line.tax_rate),
    )  # fmt: skip


def _number(typed: str, spec: _Spec) -> Decimal:
    if not typed.strip() and spec.least is not None:
        return _ZERO  # no discount, no tax
    value = read_number(typed, name=spec.name, places=spec.places, whole_digits=spec.whole)
    if spec.least is not None and spec.most is not None and not spec.least <= value <= spec.most:
        raise ValueError(f"{spec.name} is between {written(spec.least)} and {spec.most} %.")
    return value
