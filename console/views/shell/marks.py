"""Small drawings of the shell: the product's mark, a person's disc, a name with a line under it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from console.views.theme import ThemeHub
from console.views.widgets import paint


def draw_mark(painter: QPainter, hub: ThemeHub, rect: QRectF) -> None:
    """The product's mark: an N on the accent."""
    theme = hub.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint.rounded(painter, rect, theme.radius("control"), theme.color("accent.fill"))
    step = "name" if rect.height() > 28 else "bodyStrong"
    paint.draw_text(
        painter, theme, rect, "N", step=step, weight=600, color="accent.onFill", align=paint.CENTER
    )


def draw_two_lines(
    painter: QPainter, hub: ThemeHub, room: QRectF, height: float, name: str, detail: str
) -> None:
    """A name with a quiet line under it, together in the middle of `height`; `room` says where across."""
    theme = hub.theme
    upper, lower = theme.line("body") - theme.scaled(2), theme.line("caption")
    top = round((height - upper - lower) / 2)
    place = QRectF(room.left(), top, room.width(), upper)
    paint.draw_text(painter, theme, place, name, step="bodyStrong")
    below = QRectF(room.left(), top + upper, room.width(), lower)
    paint.draw_text(painter, theme, below, detail, step="caption", color="text.muted")


def draw_avatar(
    painter: QPainter, hub: ThemeHub, rect: QRectF, initials: str, *, chosen: bool = False
) -> None:
    """A person's initials on a disc."""
    theme = hub.theme
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("accent.fill" if chosen else "neutral.bg"))
    painter.drawEllipse(rect)
    ink = "accent.onFill" if chosen else "text.secondary"
    paint.draw_text(
        painter, theme, rect, initials, step="caption", weight=600, color=ink, align=paint.CENTER, elide=False
    )
