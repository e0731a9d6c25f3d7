"""A score's last weeks as a small line: dotted over weeks without one, the newest marked, a dashed line to hold it to.

Rows of tables and panels draw the same line. It never stands alone: the numbers are beside it, and it says itself in
words. See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from console.views.theme import Theme, ThemeHub
from console.views.widgets.base import ThemedWidget

Values = Sequence[Decimal | float | None]
_DOT = 3.0
_LEAST_SPAN = 12.0  # a point up or down is no mountain
_NEAR = 15


def draw_sparkline(
    painter: QPainter, theme: Theme, rect: QRectF, values: Values, *, threshold: Decimal | float | None = None
) -> None:
    """Draw `values` (0 to 100, oldest first, None where there was too little) into `rect`."""
    known = [(at, float(value)) for at, value in enumerate(values) if value is not None]
    if not known:
        return
    inner = rect.adjusted(_DOT + 1, _DOT + 1, -_DOT - 1, -_DOT - 1)
    low, high = min(value for _, value in known), max(value for _, value in known)
    if threshold is not None and low - _NEAR <= threshold <= high + _NEAR:
        low, high = min(low, float(threshold)), max(high, float(threshold))
    else:
        threshold = None  # far away it would only flatten the line
    spare = max(_LEAST_SPAN - (high - low), 0) / 2
    low, high = low - spare, high + spare
    step = inner.width() / max(len(values) - 1, 1)

    def height(value: float) -> float:
        return inner.bottom() - (value - low) / (high - low) * inner.height()

    points = [(at, QPointF(inner.left() + at * step, height(value))) for at, value in known]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if threshold is not None:
        pen = QPen(theme.color("border.control"), 1)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        y = round(height(float(threshold))) + 0.5
        painter.drawLine(QPointF(rect.left(), y), QPointF(rect.right(), y))
    solid = QPen(theme.color("accent.text"), 1.5)
    solid.setCapStyle(Qt.PenCapStyle.RoundCap)
    dotted = QPen(solid)
    dotted.setDashPattern([0.5, 2.5])
    for (before, start), (after, end) in pairwise(points):
        painter.setPen(solid if after == before + 1 else dotted)
        painter.drawLine(start, end)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent.text"))
    last_at, last = points[-1]
    if last_at == len(values) - 1:
        painter.drawEllipse(last, _DOT, _DOT)
    for at, (place, point) in enumerate(points):
        alone = all(
            abs(other - place) > 1 for other, _ in (*points[max(at - 1, 0) : at], *points[at + 1 : at + 2])
        )
        if alone and place != len(values) - 1:
            painter.drawEllipse(point, 1.5, 1.5)
    painter.restore()


def spoken(values: Values) -> str:
    """The line in words: where it began and where it is, and how many weeks have a score."""
    known = [value for value in values if value is not None]
    if not known:
        return "no scores yet"
    weeks = f"{len(known)} of {len(values)} weeks with a score"
    return (
        f"from {known[0]:.1f} to {known[-1]:.1f}, {weeks}" if len(known) > 1 else f"{known[0]:.1f}, {weeks}"
    )


class Sparkline(ThemedWidget):
    """The line as a part of a panel."""

    def __init__(self, hub: ThemeHub, *, height: int = 48) -> None:
        """Nothing to show yet; as wide as its place."""
        super().__init__(hub)
        self._values: Values = ()
        self._threshold: Decimal | float | None = None
        self._least = height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Score by week")

    def show_values(self, values: Values, threshold: Decimal | float | None = None) -> None:
        """Show these weeks, oldest first, and the line they are held to."""
        self._values, self._threshold = tuple(values), threshold
        self.setAccessibleDescription(spoken(self._values))
        self.setToolTip(spoken(self._values))
        self.update()

    def sizeHint(self) -> QSize:
        """A panel's width, and the height asked for."""
        return QSize(160, self.theme.scaled(self._least))

    def minimumSizeHint(self) -> QSize:
        """It may become narrow."""
        return QSize(60, self.theme.scaled(self._least))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        draw_sparkline(
            QPainter(self), self.theme, QRectF(self.rect()), self._values, threshold=self._threshold
        )
