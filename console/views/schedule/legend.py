"""The foot of the calendar: how a block's numbers are read, and what its looks mean.

See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from console.views.schedule.blocks import legend_swatch
from console.views.schedule.lanes import Look
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, fix_height

_SWATCH = (18, 12)
_LOOKS = (
    (Look.PAST, "past"),
    (Look.NOW, "now"),
    (Look.SERIES, "this series"),
    (Look.PROPOSED, "proposed"),
    (Look.OVERLAP, "overlaps"),
    (None, "closure"),
)
_KEY = "in · booked / places"


class Legend(ThemedWidget):
    """One painted line; the looks at the right give way from the left where there is little room."""

    def __init__(self, hub: ThemeHub) -> None:
        """The same for every week."""
        super().__init__(hub)
        fix_height(self, hub, 34)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"Numbers: {_KEY}")

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(400, self.theme.scaled(34))

    def minimumSizeHint(self) -> QSize:
        """It gives way."""
        return QSize(160, self.theme.scaled(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        theme, painter = self.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.color("border.subtle"))
        left = self._numbers(painter)
        x = self.width() - 16.0
        for look, said in reversed(_LOOKS):
            width = paint.text_width(theme.font("caption"), said)
            x -= width
            if x - _SWATCH[0] - 24 < left:
                break
            room = QRectF(x, 0, width, self.height())
            paint.draw_text(painter, theme, room, said, step="caption", color="text.secondary", elide=False)
            box = QRectF(x - _SWATCH[0] - 6, (self.height() - _SWATCH[1]) // 2, *_SWATCH)
            if look is None:
                painter.setBrush(theme.color("surface.canvas"))
                painter.setPen(paint.dashed_pen(theme, "border.control", 1))
                painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
                painter.setPen(theme.color("border.default"))
                for shift in (6, 12):
                    painter.drawLine(
                        int(box.left()) + shift - 3,
                        int(box.bottom()) - 3,
                        int(box.left()) + shift + 3,
                        int(box.top()) + 3,
                    )
            else:
                legend_swatch(painter, theme, box, look)
            x = box.left() - 18

    def _numbers(self, painter: QPainter) -> float:
        theme = self.theme
        theme.paint_icon(painter, "ph.check-bold", "green.text", QRectF(24, 0, 12, self.height()), 11)
        x = 40.0
        for said, weight, colour in (
            ("9", 600, "green.text"),
            ("16/18", 400, "text.secondary"),
            (_KEY, 400, "text.muted"),
        ):
            width = paint.text_width(theme.font("caption", weight), said)
            room = QRectF(x, 0, width, self.height())
            paint.draw_text(
                painter, theme, room, said, step="caption", weight=weight, color=colour, elide=False
            )
            x += width + 8
        return x
