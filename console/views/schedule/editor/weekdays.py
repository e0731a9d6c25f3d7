"""Seven weekdays side by side, of which any may be chosen: what a weekly pattern is made of.

See docs/design.md, "Screens" (schedule) and the look of picture 03.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy

from console.views.schedule.editor import words
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget


class _Day(QAbstractButton):
    """One weekday."""

    def __init__(self, hub: ThemeHub, number: int) -> None:
        super().__init__()
        self.hub = hub
        self.setText(words.WEEKDAYS[number][:2])
        self.setAccessibleName(words.WEEKDAYS[number])
        self.setToolTip(words.WEEKDAYS[number])
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("focusRing", True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        hub.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Two letters."""
        theme = self.hub.theme
        wide = int(paint.text_width(theme.font("bodyStrong"), "We")) + 8
        return QSize(wide, theme.size("control.default"))

    def minimumSizeHint(self) -> QSize:
        """Two letters are never cut."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave the arrows to the row: a button would hand them to whatever comes next."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint edge and letters; a chosen day is filled, edged and bold."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        fill = "surface.selected" if on else ("surface.hover" if self.underMouse() else "surface.canvas")
        pen = QPen(theme.color("accent.border" if on else "border.button"), 1)
        paint.rounded(painter, QRectF(self.rect()), theme.radius("control"), theme.color(fill), pen)
        ink = "text.disabled" if not self.isEnabled() else ("accent.text" if on else "text.secondary")
        step = "bodyStrong" if on else "body"
        paint.draw_text(
            painter,
            theme,
            QRectF(self.rect()),
            self.text(),
            step=step,
            color=ink,
            align=paint.CENTER,
            elide=False,
        )


class WeekdayRow(ThemedWidget):
    """Seven weekdays, Sunday first, of which any may be chosen. Arrow keys move between them."""

    edited = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """None chosen."""
        super().__init__(hub)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.days = [_Day(hub, number) for number in range(7)]
        for day in self.days:
            row.addWidget(day)
            day.toggled.connect(lambda _on: self.edited.emit())

    def chosen(self) -> tuple[int, ...]:
        """The chosen weekdays, 0 is Sunday. Raises ValueError with a sentence where there is none."""
        found = tuple(number for number, day in enumerate(self.days) if day.isChecked())
        if not found:
            raise ValueError("Choose at least one weekday.")
        return found

    def choose(self, days: Sequence[int]) -> None:
        """Choose these weekdays."""
        for number, day in enumerate(self.days):
            day.setChecked(number in days)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        at = next((number for number, day in enumerate(self.days) if day.hasFocus()), None)
        if step is None or at is None:
            super().keyPressEvent(event)
            return
        self.days[(at + step) % 7].setFocus(Qt.FocusReason.TabFocusReason)
