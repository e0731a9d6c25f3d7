"""A number that is typed or stepped: a line with a button at each side, Up and Down by one, Page Up and Down by five.

What is typed stays as it was typed: where it is no number it is marked, never changed under the fingers.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.models.money import plain_number
from console.views.theme import ThemeHub
from console.views.widgets.buttons import IconButton
from console.views.widgets.fields import TextInput

_STEPS = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 5, Qt.Key.Key_PageDown: -5}
_CENT = Decimal("0.01")


class _Line(TextInput):
    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step by the keys that go up and down."""
        by = _STEPS.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(by)


class NumberField(QWidget):
    """A number from 0 to 100 with at most two decimals."""

    changed = Signal()
    edited = Signal()
    """A person changed it, not the program."""

    def __init__(self, hub: ThemeHub, name: str, unit: str = "") -> None:
        """`name` is for screen readers; `unit` is said with it."""
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        spoken = f"{name}, {unit}" if unit else name
        self.line = _Line(hub)
        self.line.setAccessibleName(spoken)
        self.line.setMaxLength(12)
        self.line.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.less = IconButton(hub, "ph.minus", f"{name}: one less", scale="default")
        self.more = IconButton(hub, "ph.plus", f"{name}: one more", scale="default")
        # Up and Down do the same where the keyboard is: two more stops would only be in the way.
        for button, by in ((self.less, -1), (self.more, 1)):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, by=by: self.step(by))
        row.addWidget(self.less)
        row.addWidget(self.line, 1)
        row.addWidget(self.more)
        self.line.stepped.connect(self.step)
        self.line.textChanged.connect(self._typed)
        self.line.textEdited.connect(lambda _text: self.edited.emit())

    @property
    def value(self) -> Decimal | None:
        """The number; None where what stands there is none, or out of its bounds."""
        typed = self.line.text().strip().replace(",", ".")
        if not typed or not set(typed) <= set("0123456789."):
            return None
        try:
            found = Decimal(typed)
        except InvalidOperation:
            return None
        return found if 0 <= found <= 100 and found == found.quantize(_CENT) else None

    def set_value(self, value: Decimal) -> None:
        """Show a number."""
        self.line.setText(plain_number(value))

    def step(self, by: int) -> None:
        """One or more up or down, within the bounds."""
        before = self.value
        if before is not None and self.line.isEnabled() and not self.line.isReadOnly():
            self.set_value(min(max(before + by, Decimal(0)), Decimal(100)))
            self.edited.emit()

    def set_read_only(self, only: bool) -> None:
        """Only to be read."""
        self.line.setReadOnly(only)
        self.less.setVisible(not only)
        self.more.setVisible(not only)

    def _typed(self, _text: str) -> None:
        self.line.set_invalid(self.value is None)
        self.changed.emit()
