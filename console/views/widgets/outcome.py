"""The outcome band: what became of the last scan, readable from two metres away.

Its 64 pixels are always there, so nothing below it moves. A new outcome fills the whole band with its solid
colour for a moment and then settles to the tint. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Keycap

_IDLE_TITLE = "Ready to scan"


class OutcomeBand(ThemedWidget):
    """Shows one outcome of the tokens: `done`, `left`, `kept`, `again`, `refused` or `idle`."""

    def __init__(self, hub: ThemeHub, parent: QWidget | None = None) -> None:
        """An idle band."""
        super().__init__(hub, parent)
        self._outcome, self._title, self._detail = "idle", _IDLE_TITLE, ""
        self._filled = False
        fix_height(self, hub, "outcomeBand")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.timeout.connect(self._settle)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 16, 0)
        self._row.setSpacing(8)
        self._row.addStretch(1)
        self._action: QWidget | None = None
        self._second: QWidget | None = None
        self._keycap: QWidget | None = None
        self.setAccessibleName(_IDLE_TITLE)

    @property
    def outcome(self) -> str:
        """The outcome on show."""
        return self._outcome

    @property
    def title(self) -> str:
        """The sentence on show."""
        return self._title

    @property
    def detail_lines(self) -> tuple[str, ...]:
        """The detail as it is painted: one line, or two beside the ways out."""
        return self._wrapped(self._text_right() - self._text_left())

    @property
    def filled(self) -> bool:
        """Whether the band still has its solid colour."""
        return self._filled

    def show_outcome(
        self,
        outcome: str,
        title: str,
        detail: str = "",
        *,
        action: tuple[str, Callable[[], object]] | None = None,
        second: tuple[str, Callable[[], object]] | None = None,
        keys: str = "",
        icon: str | None = None,
        hold: bool = True,
    ) -> None:
        """Show what happened; `action` is the way out as a button, `keys` its shortcut, `second` another.

        `hold=False` shows the settled band at once: for pictures, and when a page comes back.
        """
        self._outcome, self._title, self._detail = outcome, title, detail
        self._replace_action(action, second, keys, icon)
        self.setAccessibleName(f"{title}. {detail}" if detail else title)
        self._filled = hold and outcome != "idle"
        if self._filled:
            self._hold.start(self.theme.duration("bandHold"))
        else:
            self._hold.stop()
        self._show_action()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self.accessibleName()))
        self.update()

    def clear(self) -> None:
        """Be idle again."""
        self.show_outcome("idle", _IDLE_TITLE)

    def sizeHint(self) -> QSize:
        """As wide as its place."""
        return QSize(360, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Repaint whole: the title may step down."""
        super().resizeEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint tile, title and detail; idle is a quiet outline."""
        theme, painter = self.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        facts = theme.tokens.outcome(self._outcome)
        tone, idle = facts["color"], self._outcome == "idle"
        rect, radius, tile = QRectF(self.rect()), theme.radius("card"), float(self.height())
        if idle:
            edge = QPen(theme.color("border.default"), 1)
            paint.rounded(painter, rect, radius, theme.color("surface.panel"), edge)
        else:
            fill = theme.color(f"{tone}.solid" if self._filled else f"{tone}.bg")
            paint.rounded(painter, rect, radius, fill)
            painter.save()
            whole = QPainterPath()
            whole.addRoundedRect(rect, radius, radius)
            painter.setClipPath(whole)
            painter.fillRect(QRectF(0, 0, tile, tile), theme.color(f"{tone}.solid"))
            painter.restore()
            edge = QPen(theme.color(f"{tone}.solid" if self._filled else f"{tone}.border"), 1)
            paint.rounded(painter, rect, radius, None, edge)
        ink = "text.muted" if idle else f"{tone}.onSolid"
        theme.paint_icon(painter, facts["icon"], ink, QRectF(0, 0, tile, tile), theme.tokens.icon("band"))
        self._paint_words(painter, tone, idle)

    def _paint_words(self, painter: QPainter, tone: str, idle: bool) -> None:
        left = self._text_left()
        room = self._text_right() - left
        lines = self._wrapped(room)
        if idle:
            title_ink, detail_ink = "text.muted", "text.muted"
        elif self._filled:
            title_ink = detail_ink = f"{tone}.onSolid"
        else:
            title_ink, detail_ink = f"{tone}.text", "text.secondary"
        step = "name" if idle else "title"
        weight = 500 if idle else None
        # Two lines leave room for a lower title.
        two = len(lines) > 1
        if two or QFontMetricsF(self.theme.font(step)).horizontalAdvance(self._title) > room:
            step = "name"
        scaled = self.theme.scaled
        high = scaled(20 if two else 28)
        top = scaled(5 if two else 9) if lines else (self.height() - high) / 2
        place = QRectF(left, top, room, high)
        paint.draw_text(painter, self.theme, place, self._title, step=step, weight=weight, color=title_ink)
        for at, said in enumerate(lines):
            below = QRectF(left, scaled((26 if two else 37) + 16 * at), room, scaled(16))
            paint.draw_text(painter, self.theme, below, said, step="caption", color=detail_ink)

    def _text_left(self) -> float:
        return float(self.height() + 16)

    def _wrapped(self, room: float) -> tuple[str, ...]:
        """The detail in one line where it fits, else in two of which the last is elided."""
        metrics = QFontMetricsF(self.theme.font("caption"))
        if not self._detail or metrics.horizontalAdvance(self._detail) <= room:
            return (self._detail,) if self._detail else ()
        words = self._detail.split(" ")
        first = 0
        while first < len(words) and metrics.horizontalAdvance(" ".join(words[: first + 1])) <= room:
            first += 1
        first = max(first, 1)
        rest = metrics.elidedText(" ".join(words[first:]), Qt.TextElideMode.ElideRight, room)
        return tuple(part for part in (" ".join(words[:first]), rest) if part)

    def _text_right(self) -> float:
        first = self._second or self._action
        if first is not None and not first.isHidden():
            return float(first.geometry().left() - 12)
        return float(self.width() - 16)

    def _replace_action(
        self,
        action: tuple[str, Callable[[], object]] | None,
        second: tuple[str, Callable[[], object]] | None,
        keys: str,
        icon: str | None,
    ) -> None:
        for old in (self._action, self._second, self._keycap):
            if old is not None:
                self._row.removeWidget(old)
                old.hide()
                old.deleteLater()
        self._action = self._second = self._keycap = None
        if action is None:
            return
        if second is not None:
            self._second = self._button(second, None)
        self._action = self._button(action, icon)
        if keys:
            self._keycap = Keycap(self.hub, keys)
            self._row.addWidget(self._keycap)

    def _button(self, action: tuple[str, Callable[[], object]], icon: str | None) -> Button:
        words, run = action
        button = Button(self.hub, words, "plain" if icon is None else "quiet", icon=icon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _checked=False: run())
        self._row.addWidget(button)
        return button

    def _show_action(self) -> None:
        # A quiet button cannot be read on the solid fill, so it waits; a plain one has its own surface.
        for piece in (self._action, self._second, self._keycap):
            if piece is not None:
                plain = isinstance(piece, Button) and piece.kind == "plain"
                piece.setVisible(plain or not self._filled)
        self._row.activate()

    def _settle(self) -> None:
        self._filled = False
        self._show_action()
        self.update()
