"""A slider from 0 to 100, drawn from the theme."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QSlider

from console.views.theme import ThemeHub
from console.views.widgets import paint

_RADIUS = 8.0
_GROOVE = 4.0


class Slider(QSlider):
    """Arrow keys move by 5, the page keys by 20; a press anywhere on it goes there."""

    def __init__(self, hub: ThemeHub, value: int) -> None:
        """A slider at `value`."""
        super().__init__(Qt.Orientation.Horizontal)
        self.hub = hub
        self.setRange(0, 100)
        self.setSingleStep(5)
        self.setPageStep(20)
        self.setValue(value)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        hub.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As high as anything that is pressed."""
        return QSize(160, self.hub.theme.size("hitMinimum"))

    def minimumSizeHint(self) -> QSize:
        """Short, but still a slider."""
        return QSize(80, self.hub.theme.size("hitMinimum"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to where it was pressed."""
        self._go(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint groove, share and handle."""
        theme, painter = self.hub.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isEnabled()
        middle = self.height() / 2
        left, right = _RADIUS + 2, self.width() - _RADIUS - 2
        x = left + (right - left) * self.value() / 100
        groove = QRectF(left, middle - _GROOVE / 2, right - left, _GROOVE)
        paint.rounded(painter, groove, _GROOVE / 2, theme.color("border.default"))
        share = QRectF(left, groove.top(), x - left, _GROOVE)
        paint.rounded(painter, share, _GROOVE / 2, theme.color("accent.fill" if on else "text.disabled"))
        edge = "focus.ring" if self.hasFocus() else "border.control" if on else "border.default"
        painter.setPen(QPen(theme.color(edge), 2 if self.hasFocus() else 1))
        painter.setBrush(theme.color("surface.raised"))
        painter.drawEllipse(QPointF(x, middle), _RADIUS, _RADIUS)

    def _go(self, event: QMouseEvent) -> None:
        left, right = _RADIUS + 2, self.width() - _RADIUS - 2
        share = (event.position().x() - left) / max(right - left, 1)
        self.setValue(max(0, min(100, 5 * round(share * 20))))
