"""The blocks of the calendar: every look there is, painted in passes from kept backgrounds and text layouts.

A full week is hundreds of blocks, and a scroll paints them all again, so nothing is laid out or rounded twice: a
background is a pixmap of its look and size, a text is laid out once for its width. See docs/design.md, "Screens"
(schedule) and "Speed".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QPixmap, QStaticText

from console.views.schedule.lanes import Block, Look
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint

_PADDING, _RIGHT = 6, 2
_GAP = 3
_METER = 3
_ICON_AT_100 = 10
_MOST_KEPT = 4000
_WHOLE = 100_000
_LEAST_FOR_TEXT = 14


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
    """Paints blocks for one calendar, and keeps what it made until the theme changes."""

    def __init__(self, hub: ThemeHub) -> None:
        """Nothing is made before it is painted."""
        self.hub = hub
        self._grounds: dict[tuple[Look, int, int, bool, float], QPixmap] = {}
        self._texts: dict[tuple[str, int, int], tuple[QStaticText, float]] = {}
        self._fonts: dict[int, QFont] = {}
        self._metrics: dict[int, QFontMetricsF] = {}
        self._widths: dict[tuple[str, int], float] = {}
        self._icon = hub.theme.scaled(_ICON_AT_100)

    def forget(self) -> None:
        """The theme changed: everything is made again."""
        self._grounds.clear()
        self._texts.clear()
        self._fonts.clear()
        self._metrics.clear()
        self._widths.clear()
        self._icon = self.hub.theme.scaled(_ICON_AT_100)

    def paint(
        self, painter: QPainter, placed: Iterable[tuple[QRect, Block]], hovered: Block | None = None
    ) -> None:
        """Paint blocks in their rectangles."""
        theme = self.hub.theme
        rows = list(placed)
        ratio = painter.device().devicePixelRatio()
        for rect, block in rows:
            ground = self._ground(theme, block.look, rect.width(), rect.height(), block is hovered, ratio)
            painter.drawPixmap(rect.topLeft(), ground)
            if _STYLES[block.look].metered and block.rows == 1:
                self._meter(painter, theme, rect, block)
        painter.save()
        self._names(painter, theme, rows)
        self._counts(painter, theme, rows)
        painter.restore()

    # -- passes ------------------------------------------------------------------------------------------------------

    def _names(self, painter: QPainter, theme: Theme, rows: list[tuple[QRect, Block]]) -> None:
        high = theme.line("caption") - 2
        for struck in (False, True):
            number = 602 if struck else 600
            painter.setFont(self._font(theme, number))
            ink = ""
            for rect, block in rows:
                style = _STYLES[block.look]
                room = rect.width() - _PADDING - _RIGHT
                if style.struck is not struck or room < _LEAST_FOR_TEXT:
                    continue
                if style.name != ink:
                    ink = style.name
                    painter.setPen(theme.color(ink))
                marked = block.by_hand and room > 4 * self._icon
                text, _width = self._text(
                    theme, block.title, room - (self._icon + 2 if marked else 0), number
                )
                top = self._first_line(rect, high)
                painter.drawStaticText(QPointF(rect.left() + _PADDING, top), text)
                if marked:
                    box = QRectF(rect.right() - self._icon - 3, top + 1, self._icon, high)
                    theme.paint_icon(painter, "ph.pencil-simple", style.counts, box, self._icon)

    def _counts(self, painter: QPainter, theme: Theme, rows: list[tuple[QRect, Block]]) -> None:
        high = theme.line("caption") - 2
        painter.setFont(self._font(theme, 400))
        bold: list[tuple[QPointF, QStaticText, str]] = []
        ink = ""
        for rect, block in rows:
            style = _STYLES[block.look]
            left, room = float(rect.left() + _PADDING), rect.width() - _PADDING - _RIGHT
            if room < _LEAST_FOR_TEXT or not block.places:
                continue
            if style.counts != ink:
                ink = style.counts
                painter.setPen(theme.color(ink))
            if rect.height() < 2 * high:
                # Half a lane: the counts stand beside the name, where there is room left.
                _name, width = self._text(theme, block.title, room, 600)
                left, room = left + width + _GAP, int(room - width - _GAP)
                top = self._first_line(rect, high)
            else:
                top = self._first_line(rect, high) + high
                if block.inside:
                    left, room = self._inside(painter, theme, block, left, top, room, high, bold)
            # Numbers are never cut: what has no room gives up its last word, and then is left to the tool tip.
            said = next(
                (one for one in (block.places, block.places.split(" ")[0]) if self._fits(one, room)), ""
            )
            if not said:
                continue
            text, _width = self._text(theme, said, _WHOLE, 400)
            painter.drawStaticText(QPointF(left, top), text)
        painter.setFont(self._font(theme, 600))
        for place, text, colour in bold:
            painter.setPen(theme.color(colour))
            painter.drawStaticText(place, text)

    def _inside(
        self, painter: QPainter, theme: Theme, block: Block, left: float, top: float, room: int, high: int,
        bold: list[tuple[QPointF, QStaticText, str]],
    ) -> tuple[float, int]:  # fmt: skip
        past = block.look is Look.PAST
        weight = 400 if past else 600
        wide = self._width(block.inside, weight) + self._icon + 1
        if not self._fits(block.places.split(" ")[0], int(room - wide - _GAP)):
            return left, room  # how many are booked goes before who came
        colour = "text.muted" if past else "green.text"
        theme.paint_icon(
            painter, "ph.check-bold", colour, QRectF(left - 1, top, self._icon, high), self._icon
        )
        after = left + self._icon + 1
        text, _width = self._text(theme, block.inside, _WHOLE, weight)
        if past:
            painter.drawStaticText(QPointF(after, top), text)
        else:
            bold.append((QPointF(after, top), text, colour))
        return left + wide + _GAP, int(room - wide - _GAP)

    def _width(self, words: str, number: int) -> float:
        key = (words, number)
        found = self._widths.get(key)
        if found is None:
            self._font(self.hub.theme, number)
            found = self._widths[key] = self._metrics[number].horizontalAdvance(words)
        return found

    def _fits(self, words: str, room: int) -> bool:
        return self._width(words, 400) <= room

    def _meter(self, painter: QPainter, theme: Theme, rect: QRect, block: Block) -> None:
        high = theme.scaled(_METER)
        left, width = rect.left() + 2, rect.width() - 4
        top = rect.bottom() + 1 - high
        painter.fillRect(QRect(left, top, width, high), theme.color("border.default"))
        if block.share > 0:
            painter.fillRect(QRect(left, top, round(width * block.share), high), theme.color("neutral.solid"))
        if block.share_in > 0:
            painter.fillRect(
                QRect(left, top, round(width * block.share_in), high), theme.color("green.solid")
            )

    # -- what is kept ------------------------------------------------------------------------------------------------

    @staticmethod
    def _first_line(rect: QRect, high: int) -> float:
        if rect.height() < 2 * high:
            return rect.top() + (rect.height() - high) // 2
        return rect.top() + max((rect.height() - 2 * high) // 2 - 1, 0)

    def _ground(
        self, theme: Theme, look: Look, width: int, height: int, hovered: bool, ratio: float
    ) -> QPixmap:
        key = (look, width, height, hovered, ratio)
        found = self._grounds.get(key)
        if found is None:
            if len(self._grounds) > _MOST_KEPT:
                self._grounds.clear()
            found = self._grounds[key] = _draw_ground(theme, look, width, height, hovered, ratio)
        return found

    def _font(self, theme: Theme, number: int) -> QFont:
        """The caption font by a number: its weight, two more where it is struck."""
        found = self._fonts.get(number)
        if found is None:
            struck = number % 100 == 2
            found = QFont(theme.font("caption", number - 2 if struck else number))
            found.setStrikeOut(struck)
            self._fonts[number] = found
            self._metrics[number] = QFontMetricsF(found)
        return found

    def _text(self, theme: Theme, words: str, room: int, number: int) -> tuple[QStaticText, float]:
        key = (words, room, number)
        found = self._texts.get(key)
        if found is None:
            if len(self._texts) > _MOST_KEPT:
                self._texts.clear()
            font = self._font(theme, number)
            metrics = self._metrics[number]
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
            text = QStaticText(shown)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            text.prepare(font=font)
            found = self._texts[key] = (text, metrics.horizontalAdvance(shown))
        return found


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


def _draw_ground(theme: Theme, look: Look, width: int, height: int, hovered: bool, ratio: float) -> QPixmap:
    style = _STYLES[look]
    pixmap = QPixmap(QSize(round(width * ratio), round(height * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    fill = theme.color(style.fill) if style.fill else None
    if hovered and look in (Look.NOW, Look.COMING, Look.HIT):
        fill = theme.color("surface.hover")
    paint.rounded(
        painter, QRectF(0, 0, width, height), theme.radius("chip"), fill, _pen(theme, style, hovered)
    )
    painter.end()
    return pixmap
