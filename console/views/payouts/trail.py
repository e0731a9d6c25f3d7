"""The trail of one line at the foot of a payout: every step from the booking to the bank, in its order.

See docs/design.md, "Screens" (finance): every cent can be followed.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from console.views.payouts.words import TrailMark
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, line, surface
from console.views.widgets.text import ElidedLabel

_ICON, _GAP, _BELOW = 16, 8, 8
_ARROWS = (64, 48, 36, 28)
"""How far steps stand apart: as far as they can in one row."""


class _Steps(ThemedWidget):
    """The steps one after the other with arrows between them, in as many rows as they need."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub)
        self._marks: tuple[TrailMark, ...] = ()
        self._arrow = _ARROWS[0]
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._fit()

    def show_marks(self, marks: Sequence[TrailMark]) -> None:
        """Show other steps."""
        self._marks = tuple(marks)
        self._fit()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(320, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the steps out over rows anew."""
        super().resizeEvent(event)
        self._fit()

    def theme_changed(self) -> None:
        """Measure anew."""
        self._fit()
        super().theme_changed()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint every step at its place."""
        theme, painter = self.theme, QPainter(self)
        for left, top, wide, mark, leads_on in self._places():
            painter_icon = QRectF(left, top, _ICON, self._row_height())
            theme.paint_icon(painter, mark.icon, mark.color, painter_icon, _ICON)
            x, room = left + _ICON + _GAP, wide - _ICON - _GAP
            upper = QRectF(x, top, room, theme.line("body") + 2)
            lower = QRectF(x, upper.bottom(), room, theme.line("caption"))
            paint.draw_text(painter, theme, upper, mark.title, weight=500)
            paint.draw_text(painter, theme, lower, mark.detail, step="caption", color="text.muted")
            if leads_on:
                arrow = QRectF(left + wide, top, self._arrow, self._row_height())
                theme.paint_icon(painter, "ph.arrow-right", "text.muted", arrow, _ICON)

    def _row_height(self) -> int:
        return self.theme.line("body") + 2 + self.theme.line("caption")

    def _places(self) -> list[tuple[float, float, float, TrailMark, bool]]:
        wides = [self._wide(mark) for mark in self._marks]
        self._arrow = next(
            (arrow for arrow in _ARROWS if sum(wides) + arrow * (len(wides) - 1) <= self.width()), _ARROWS[-1]
        )
        placed: list[tuple[float, float, float, TrailMark, bool]] = []
        left, top = 0.0, 0.0
        for at, (mark, wide) in enumerate(zip(self._marks, wides, strict=True)):
            last = at == len(wides) - 1
            if left and left + wide + (0 if last else self._arrow) > self.width():
                left, top = 0.0, top + self._row_height() + _BELOW
            placed.append((left, top, wide, mark, not last))
            left += wide + self._arrow
        return placed

    def _wide(self, mark: TrailMark) -> float:
        words = max(
            paint.text_width(self.theme.font("body", 500), mark.title),
            paint.text_width(self.theme.font("caption"), mark.detail),
        )
        return min(_ICON + _GAP + words + 1, max(self.width() - _ARROWS[-1], 80))

    def _fit(self) -> None:
        places = self._places()
        self.setFixedHeight(int(places[-1][1]) + self._row_height() if places else self._row_height())


class TrailStrip(QWidget):
    """The strip: which line it is about, and its steps."""

    def __init__(self, hub: ThemeHub, margin: int) -> None:
        """Empty until `show_trail`."""
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(line(strong=True))
        held = surface("panel")
        outer.addWidget(held)
        column = QVBoxLayout(held)
        column.setContentsMargins(margin, 10, margin, 14)
        column.setSpacing(8)
        self.heading = ElidedLabel("", "label")
        self.steps = _Steps(hub)
        column.addWidget(self.heading)
        column.addWidget(self.steps)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_trail(self, heading: str, marks: Sequence[TrailMark]) -> None:
        """Show how a line came to be; a screen reader finds it as one."""
        self.heading.setText(heading)
        self.steps.show_marks(marks)
        said = "; ".join(f"{mark.title}, {mark.detail}" for mark in marks)
        self.setAccessibleName(heading)
        self.setAccessibleDescription(said)
        self.steps.setAccessibleName(said)
