"""Lists that are written line by line, and lists of which the usual entries are ticked.

By the keyboard alone: Enter begins the next line, Backspace in an empty one takes it away. See docs/design.md,
"Screens" (activities).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import torn_down
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.fields import TextInput
from console.views.widgets.toggles import CheckBox

_BOX_ROOM = 24
_GAP = 8


class LinesEditor(QWidget):
    """A list of short lines in their order."""

    changed = Signal()

    def __init__(
        self, hub: ThemeHub, name: str, *, add: str, longest: int, most: int, placeholder: str = ""
    ) -> None:
        """`name` is what a line is ("Item"), for screen readers; `add` the button's words."""
        super().__init__()
        self.hub, self._name, self._longest, self._most = hub, name, longest, most
        self._placeholder = placeholder
        self.rows: list[TextInput] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.add = Button(hub, add, "quiet", icon="ph.plus", scale="compact")
        self.add.clicked.connect(lambda _checked=False: self.begin(len(self.rows)))
        foot = QHBoxLayout()
        foot.setContentsMargins(0, 0, 0, 0)
        foot.addWidget(self.add)
        foot.addStretch(1)
        self._column.addLayout(foot)

    @property
    def values(self) -> tuple[str, ...]:
        """The lines with something in them."""
        return tuple(row.text() for row in self.rows if row.text().strip())

    def show_values(self, values: Sequence[str]) -> None:
        """Show these lines in place of what is there."""
        while self.rows:
            self._drop(self.rows[-1])
        for at, value in enumerate(values):
            self._make(at, value)
        self._tell()

    def begin(self, at: int) -> None:
        """Begin a line at a place; with an empty line already there, go on in that."""
        empty = next((row for row in self.rows if not row.text()), None)
        if empty is None and len(self.rows) < self._most:
            empty = self._make(at, "")
        if empty is not None:
            empty.setFocus(Qt.FocusReason.TabFocusReason)
        self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter begins the next line, Backspace in an empty one takes it away."""
        if torn_down(self) or not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        row = next((one for one in self.rows if one is watched), None)
        if row is None:
            return False
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if row.text().strip():
                self.begin(self.rows.index(row) + 1)
            return True
        if event.key() == Qt.Key.Key_Backspace and not row.text():
            self.remove(row)
            return True
        return False

    def remove(self, row: TextInput) -> None:
        """Take a line away; the keyboard goes to the one before."""
        at = self.rows.index(row)
        self._drop(row)
        (self.rows[max(at - 1, 0)] if self.rows else self.add).setFocus(Qt.FocusReason.TabFocusReason)
        self._tell()
        self.changed.emit()

    def _make(self, at: int, value: str) -> TextInput:
        holder = QWidget(self)
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        row = TextInput(self.hub, placeholder=self._placeholder)
        row.setMaxLength(self._longest)
        row.setText(value)
        row.textChanged.connect(lambda _text: self.changed.emit())
        row.installEventFilter(self)
        away = IconButton(self.hub, "ph.x", f"Remove this {self._name.lower()}", "quiet")
        away.clicked.connect(lambda _checked=False: self.remove(row))
        line.addWidget(row, 1)
        line.addWidget(away)
        before = _before(self.rows[at] if at < len(self.rows) else self.add)
        self._column.insertWidget(at, holder)
        holder.show()  # at once: what is not shown yet cannot take the keyboard
        self.rows.insert(at, row)
        QWidget.setTabOrder(before, row)
        QWidget.setTabOrder(row, away)
        return row

    def _drop(self, row: TextInput) -> None:
        holder = row.parentWidget()
        assert holder is not None
        self.rows.remove(row)
        row.removeEventFilter(self)
        self._column.removeWidget(holder)
        holder.hide()
        holder.deleteLater()

    def _tell(self) -> None:
        for number, row in enumerate(self.rows, 1):
            row.setAccessibleName(f"{self._name} {number}")
        self.add.setEnabled(len(self.rows) < self._most)


class TickList(QWidget):
    """The usual entries as boxes to tick, and lines for what is not among them."""

    changed = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        known: Sequence[str],
        lines: LinesEditor,
        *,
        width: int,
        words: Callable[[str], str] = str,
        key: Callable[[str], str] = str.strip,
    ) -> None:
        """`known` are kept as they stand and read as `words` says; `key` makes a typed line into what is kept.

        `width` is the room in pixels at the usual size of text, by which boxes stand in one column or two.
        """
        super().__init__()
        self.hub, self._known, self._key, self._words = hub, tuple(known), key, words
        self.lines = lines
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.boxes = {one: CheckBox(hub, words(one)) for one in self._known}
        widest = max(paint.text_width(hub.theme.font("body"), words(one)) for one in self._known)
        columns = 2 if 2 * (widest + _BOX_ROOM) + _GAP <= hub.theme.scaled(width) else 1
        grid = QGridLayout()
        grid.setHorizontalSpacing(_GAP)
        grid.setVerticalSpacing(0)
        for at, box in enumerate(self.boxes.values()):
            grid.addWidget(box, at // columns, at % columns, Qt.AlignmentFlag.AlignLeft)
            box.toggled.connect(lambda _on: self.changed.emit())
        grid.setColumnStretch(0, 1)
        if columns > 1:
            grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addWidget(lines)
        lines.changed.connect(self.changed)

    @property
    def values(self) -> tuple[str, ...]:
        """What is ticked, then what is written, nothing twice."""
        ticked = [one for one, box in self.boxes.items() if box.isChecked()]
        written = [key for line in self.lines.values if (key := self._key(line))]
        return tuple(dict.fromkeys((*ticked, *written)))

    def show_values(self, values: Sequence[str]) -> None:
        """Tick and write these in place of what is there."""
        for one, box in self.boxes.items():
            box.blockSignals(True)
            box.setChecked(one in values)
            box.blockSignals(False)
        self.lines.show_values([self._words(one) for one in values if one not in self.boxes])


def _before(stop: QWidget) -> QWidget:
    """The stop before one in the order of Tab."""
    step = stop.previousInFocusChain()
    while step is not None and step is not stop and step.focusPolicy() is Qt.FocusPolicy.NoFocus:
        step = step.previousInFocusChain()
    return step or stop
