"""The shapes that widgets and item delegates both draw: text, chips, badges, key caps, discs, meters.

A roster row and a form must show the same chip, so it is drawn in one place. Every function takes the
painter, the theme and a rectangle in logical pixels, leaves the painter as it was, and answers how wide it
drew where that is of use. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from console.views.theme import Theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter

_CHIP_PADDING = 6
_CHIP_GAP = 4


@dataclass(frozen=True)
class ChipSpec:
    """A chip: a word, its tone (a colour group of the tokens, or `accent`), perhaps an icon and dashes."""

    text: str
    tone: str = "neutral"
    icon: str | None = None
    dashed: bool = False


def text_width(font: QFont, text: str) -> float:
    """How wide a text is drawn, rounded up to whole pixels so that nothing is cut."""
    return float(-(-QFontMetricsF(font).horizontalAdvance(text) // 1))


def draw_text(
    painter: QPainter,
    theme: Theme,
    rect: QRectF,
    text: str,
    *,
    step: str = "body",
    weight: int | None = None,
    color: str = "text.primary",
    align: Qt.AlignmentFlag = LEFT,
    elide: bool = True,
    strike: bool = False,
) -> float:
    """Draw one line, elided at the right where it does not fit; answers the width it took."""
    font = theme.font(step, weight)
    if strike:
        font = QFont(font)
        font.setStrikeOut(True)
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, rect.width()) if elide else text
    painter.save()
    painter.setFont(font)
    painter.setPen(theme.color(color))
    painter.drawText(rect, int(align | Qt.TextFlag.TextSingleLine), shown)
    painter.restore()
    return min(metrics.horizontalAdvance(shown), rect.width()) if elide else metrics.horizontalAdvance(shown)


def chip_width(theme: Theme, chip: ChipSpec) -> int:
    """The width of a chip: it is never elided, so a layout asks first."""
    icon = theme.tokens.icon("chip") + _CHIP_GAP if chip.icon else 0
    return int(text_width(theme.font("caption", 600), chip.text)) + icon + 2 * _CHIP_PADDING


def draw_chip(painter: QPainter, theme: Theme, left: float, center_y: float, chip: ChipSpec) -> float:
    """Draw a chip that starts at `left`; answers its width."""
    height = theme.size("chip")
    rect = QRectF(left, round(center_y - height / 2), chip_width(theme, chip), height)
    if chip.tone == "accent":
        fill, ink, edge = "accent.fill", "accent.onFill", "accent.fill"
    else:
        fill, ink, edge = f"{chip.tone}.bg", f"{chip.tone}.text", f"{chip.tone}.border"
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rounded(
        painter,
        rect,
        theme.radius("chip"),
        theme.color(fill),
        dashed_pen(theme, edge, 1) if chip.dashed else None,
    )
    painter.restore()
    x = rect.left() + _CHIP_PADDING
    if chip.icon:
        edge_px = theme.tokens.icon("chip")
        theme.paint_icon(painter, chip.icon, ink, QRectF(x, rect.top(), edge_px, height), edge_px)
        x += edge_px + _CHIP_GAP
    room = QRectF(x, rect.top(), rect.right() - x, height)
    draw_text(painter, theme, room, chip.text, step="caption", weight=600, color=ink, elide=False)
    return rect.width()


def badge_width(theme: Theme, text: str) -> int:
    """The width of a counting badge: a circle for one figure, a pill for more."""
    return max(theme.size("badge"), int(text_width(theme.font("caption", 600), text)) + 10)


def draw_badge(painter: QPainter, theme: Theme, rect: QRectF, text: str, tone: str = "neutral") -> None:
    """Draw a badge that fills `rect`. Red is solid because it asks for something to be done."""
    fill, ink = ("red.solid", "red.onSolid") if tone == "red" else (f"{tone}.bg", f"{tone}.text")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rounded(painter, rect, rect.height() / 2, theme.color(fill))
    painter.restore()
    draw_text(painter, theme, rect, text, step="caption", weight=600, color=ink, align=CENTER, elide=False)


def keycap_width(theme: Theme, text: str) -> int:
    """The width of a key cap."""
    return int(text_width(theme.font("caption"), text)) + 12


def draw_keycap(painter: QPainter, theme: Theme, left: float, center_y: float, text: str) -> float:
    """Draw the name of a key as a cap; answers its width."""
    height = theme.size("badge")
    rect = QRectF(left, round(center_y - height / 2), keycap_width(theme, text), height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = QPen(theme.color("border.button"), 1)
    rounded(painter, rect, theme.radius("chip"), theme.color("surface.raised"), edge)
    painter.restore()
    draw_text(painter, theme, rect, text, step="caption", color="text.muted", align=CENTER, elide=False)
    return rect.width()


def draw_disc(
    painter: QPainter, theme: Theme, center: QPointF, state: str, diameter: int | None = None
) -> None:
    """Draw the attendance disc of a state of tokens.json: `expected`, `in`, `out`, `queued`, `attention`, ...

    Below 24 pixels the icon is left out, where the word stands beside it.
    """
    size = diameter or theme.size("disc")
    facts = theme.tokens.state(state)
    tone = facts["color"]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fill: QColor | None = None
    ink: str | None = f"{tone}.text"
    if state == "in":
        fill, pen, ink = theme.color(f"{tone}.solid"), QPen(Qt.PenStyle.NoPen), f"{tone}.onSolid"
    elif state == "expected":
        pen, ink = QPen(theme.color("border.control"), 2 if size >= 24 else 1), None
    elif state == "unmarked":
        pen = dashed_pen(theme, "border.control", 1)
    elif state in ("queued", "sending"):
        fill, pen = theme.color(f"{tone}.bg"), dashed_pen(theme, f"{tone}.border", 1.5)
    elif state == "cancelled":
        pen = QPen(Qt.PenStyle.NoPen)
    else:
        fill, pen = theme.color(f"{tone}.bg"), QPen(theme.color(f"{tone}.border"), 1)
    inset = 0.0 if pen.style() is Qt.PenStyle.NoPen else pen.widthF() / 2
    radius = size / 2 - inset
    painter.setPen(pen)
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(fill)
    painter.drawEllipse(center, radius, radius)
    painter.restore()
    if ink is not None and size >= 24:
        box = QRectF(center.x() - size / 2, center.y() - size / 2, size, size)
        theme.paint_icon(painter, facts["icon"], ink, box, theme.tokens.icon("disc"))


def draw_meter(painter: QPainter, theme: Theme, rect: QRectF, parts: Sequence[tuple[float, str]]) -> None:
    """Draw shares of a whole side by side, one pixel apart, over the track.

    `parts` are (share from 0 to 1, colour token). The numbers always stand beside it, as the first sign.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    radius = rect.height() / 2
    whole = QPainterPath()
    whole.addRoundedRect(rect, radius, radius)
    painter.setClipPath(whole)
    painter.fillRect(rect, theme.color("border.default"))
    x = rect.left()
    for share, color in parts:
        width = min(share * rect.width(), rect.right() - x)
        if width > 0:
            painter.fillRect(QRectF(x, rect.top(), width, rect.height()), theme.color(color))
            x += width
            if x < rect.right() - 1:
                painter.fillRect(QRectF(x - 1, rect.top(), 1, rect.height()), theme.color("surface.canvas"))
    painter.restore()


def rounded(
    painter: QPainter, rect: QRectF, radius: float, fill: QColor | None = None, pen: QPen | None = None
) -> None:
    """Draw a rounded rectangle whose edge lies inside `rect`, sharp on whole pixels."""
    if pen is None or pen.style() is Qt.PenStyle.NoPen:
        painter.setPen(Qt.PenStyle.NoPen)
        inset = 0.0
    else:
        painter.setPen(pen)
        inset = pen.widthF() / 2
    if fill is None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setBrush(fill)
    inner = max(radius - inset, 0)
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), inner, inner)


def dashed_pen(theme: Theme, color: str, width: float) -> QPen:
    """The dashed edge of what only this desk has.

    Dash lengths are given in pixels, Qt wants units of the width.
    """
    pen = QPen(theme.color(color), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([length / width for length in theme.tokens.data["border"]["queuedDash"]])
    return pen


def draw_focus(painter: QPainter, theme: Theme, rect: QRectF, radius: float = 0) -> None:
    """The 2 px focus ring inside a row."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    rounded(painter, rect, radius, None, QPen(theme.color("focus.ring"), 2))
    painter.restore()


def draw_selection_bar(painter: QPainter, theme: Theme, rect: QRectF) -> None:
    """The 3 px accent bar at the left of a selected row."""
    painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), theme.color("accent.fill"))
