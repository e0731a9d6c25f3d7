"""The blocks of the calendar: every look there is, each drawn once and kept as a picture.

A full week is hundreds of blocks, and a scroll paints them all again. Laying out their texts took most of a frame, so
a block is drawn when it is first seen and copied from then on; what says the same in the same size is the same
picture. See docs/design.md, "Screens" (schedule) and "Speed".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPixmap

from console.views.schedule.lanes import Block, Look
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint

_PADDING, _RIGHT = 6, 2
_GAP = 3
_METER = 3
_ICON = 10
_MOST_KEPT = 2000
_LEAST_FOR_TEXT = 18


@dataclass(frozen=True, slots=True)
class _Style:
    """How a look is painted: its ground, its edge, the colours of name and counts."""

    fill: str
    edge: str
    name: str
    counts: str
    dashed: bool = False
    metered: bool = False
    struck: bool = False


_STYLES = {
    Look.PAST: _Style("surface.sunken", "", "text.secondary", "text.muted"),
    Look.NOW: _Style("surface.raised", "border.strong", "text.primary", "text.secondary", metered=True),
    Look.COMING: _Style("surface.raised", "border.button", "text.primary", "text.secondary", metered=True),
    Look.SERIES: _Style("accent.bg", "accent.border", "accent.text", "text.secondary", metered=True),
    Look.CANCELLED: _Style("", "border.default", "text.muted", "text.muted", struck=True),
    Look.LEAVING: _Style("", "border.button", "text.muted", "text.muted", dashed=True),
    Look.GOING: _Style("surface.raised", "red.border", "red.text", "text.muted", struck=True),
    Look.PROPOSED: _Style("surface.raised", "accent.border", "accent.text", "text.secondary", dashed=True),
    Look.OVERLAP: _Style("red.bg", "red.border", "red.text", "red.text", dashed=True),
    Look.HIT: _Style("surface.raised", "red.border", "text.primary", "text.secondary", metered=True),
}


class BlockArt:
    """Paints blocks for one calendar, and keeps their pictures until the theme changes."""

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing is drawn before it is painted."""
        self.hub = hub
        self._kept: dict[tuple[object, ...], QPixmap] = {}
        self._metrics: dict[int, QFontMetricsF] = {}

    def forget(self) -> None:
        """The theme changed: everything is drawn again."""
        self._kept.clear()
        self._metrics.clear()

    def width(self, words: str, weight: int) -> float:
        """How wide a text is set in the type of blocks."""
        return self._of(weight).horizontalAdvance(words)

    def elided(self, words: str, weight: int, room: float) -> str:
        """The text as it fits."""
        return self._of(weight).elidedText(words, Qt.TextElideMode.ElideRight, room)

    def _of(self, weight: int) -> QFontMetricsF:
        found = self._metrics.get(weight)
        if found is None:
            found = self._metrics[weight] = QFontMetricsF(self.hub.theme.font("caption", weight))
        return found

    def paint(
        self, painter: QPainter, placed: Iterable[tuple[QRect, Block]], hovered: Block | None = None
    ) -> None:
        """Paint blocks in their rectangles."""
        ratio = painter.device().devicePixelRatio()
        for rect, block in placed:
            painter.drawPixmap(rect.topLeft(), self._picture(block, rect.size(), block is hovered, ratio))

    def _picture(self, block: Block, size: QSize, hovered: bool, ratio: float) -> QPixmap:
        key = (
            block.look, block.title, block.inside, block.places, block.share, block.share_in, block.by_hand,
            block.rows == 1, size.width(), size.height(), hovered, ratio,
        )  # fmt: skip
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = self._draw(block, size, hovered, ratio)
        return found

    def _draw(self, block: Block, size: QSize, hovered: bool, ratio: float) -> QPixmap:
        theme, rect = self.hub.theme, QRect(QPoint(0, 0), size)
        pixmap = QPixmap(QSize(round(size.width() * ratio), round(size.height() * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        _draw_ground(painter, theme, block.look, rect, hovered)
        if _STYLES[block.look].metered and block.rows == 1:
            _draw_meter(painter, theme, rect, block)
        _Words(self, painter, rect, block).draw()
        painter.end()
        return pixmap


class _Words:
    """The texts of one block: its name, and under or beside it how many are in, are booked, and fit in."""

    def __init__(self, art: BlockArt, painter: QPainter, rect: QRect, block: Block) -> None:
        theme = art.hub.theme
        self._art, self._painter, self._theme, self._rect, self._block = art, painter, theme, rect, block
        self._style = _STYLES[block.look]
        self._high = theme.line("caption") - 2
        self._icon = theme.scaled(_ICON)
        self._low = rect.height() < 2 * self._high

    def draw(self) -> None:
        """Draw what has room; a name ends in an ellipsis, numbers are never cut."""
        rect, high = self._rect, self._high
        room = float(rect.width() - _PADDING - _RIGHT)
        if room < _LEAST_FOR_TEXT:
            return
        top = rect.top() + (
            (rect.height() - high) // 2 if self._low else max((rect.height() - 2 * high) // 2 - 1, 0)
        )
        left = float(rect.left() + _PADDING)
        marked = self._block.by_hand and room > 4 * self._icon
        took = self._text(
            self._block.title, left, top, room - (self._icon + 2 if marked else 0), 600, self._style.name,
            struck=self._style.struck,
        )  # fmt: skip
        if marked:
            box = QRectF(rect.right() - self._icon - 3, top + 1, self._icon, high)
            self._theme.paint_icon(self._painter, "ph.pencil-simple", self._style.counts, box, self._icon)
        if self._low:
            self._places(left + took + _GAP, top, room - took - _GAP - (self._icon + 2 if marked else 0))
        else:
            self._counts(left, top + high, room)

    def _counts(self, left: float, top: float, room: float) -> None:
        """Who is in goes first, and gives way before how many are booked does."""
        block = self._block
        if block.inside:
            past = block.look is Look.PAST
            weight, colour = (400, "text.muted") if past else (600, "green.text")
            wide = self._icon + 1 + self._width(block.inside, weight) + _GAP
            if self._width(block.places.split(" ")[0], 400) <= room - wide:
                box = QRectF(left - 1, top, self._icon, self._high)
                self._theme.paint_icon(self._painter, "ph.check-bold", colour, box, self._icon)
                self._text(block.inside, left + self._icon + 1, top, room, weight, colour)
                left, room = left + wide, room - wide
        self._places(left, top, room)

    def _places(self, left: float, top: float, room: float) -> None:
        """How many are booked and fit in; without room the last word goes, then all: the tool tip has it."""
        for said in (self._block.places, self._block.places.split(" ")[0]):
            if self._width(said, 400) <= room:
                self._text(said, left, top, room, 400, self._style.counts)
                return

    def _width(self, words: str, weight: int) -> float:
        return self._art.width(words, weight)

    def _text(
        self,
        words: str,
        left: float,
        top: float,
        room: float,
        weight: int,
        colour: str,
        *,
        struck: bool = False,
    ) -> float:
        """Draw one line; answers the width it took."""
        shown = words if self._width(words, weight) <= room else self._art.elided(words, weight, room)
        font = self._theme.font("caption", weight)
        if struck:
            font = QFont(font)
            font.setStrikeOut(True)
        self._painter.setFont(font)
        self._painter.setPen(self._theme.color(colour))
        flags = int(paint.LEFT | Qt.TextFlag.TextSingleLine)
        self._painter.drawText(QRectF(left, top, room, self._high), flags, shown)
        return self._width(shown, weight)


def _draw_meter(painter: QPainter, theme: Theme, rect: QRect, block: Block) -> None:
    high = theme.scaled(_METER)
    left, width = rect.left() + 2, rect.width() - 4
    top = rect.bottom() + 1 - high
    painter.fillRect(QRect(left, top, width, high), theme.color("border.default"))
    for share, colour in ((block.share, "neutral.solid"), (block.share_in, "green.solid")):
        if share > 0:
            painter.fillRect(QRect(left, top, round(width * share), high), theme.color(colour))


def _draw_ground(painter: QPainter, theme: Theme, look: Look, rect: QRect, hovered: bool) -> None:
    style = _STYLES[look]
    fill = theme.color(style.fill) if style.fill else None
    if hovered and look in (Look.NOW, Look.COMING, Look.HIT):
        fill = theme.color("surface.hover")
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint.rounded(painter, QRectF(rect), theme.radius("chip"), fill, _pen(theme, style, hovered))
    painter.restore()


def legend_swatch(painter: QPainter, theme: Theme, rect: QRectF, look: Look) -> None:
    """A small sample of a look, for the legend."""
    style = _STYLES[look]
    paint.rounded(
        painter,
        rect,
        theme.radius("chip"),
        theme.color(style.fill) if style.fill else None,
        _pen(theme, style, False),
    )


def _pen(theme: Theme, style: _Style, hovered: bool) -> QPen | None:
    if not style.edge:
        return QPen(theme.color("border.button"), 1) if hovered else None
    if style.dashed:
        return paint.dashed_pen(theme, style.edge, 1)
    return QPen(
        theme.color("border.strong" if hovered and style.edge.startswith("border") else style.edge), 1
    )
