"""The roster row: disc, name, age, health chips, caption, state and the one action.

Painted, not built of widgets: sixty rows repaint in a few milliseconds. The action is hit-tested here. Health chips are
never elided: the name and the caption give way. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.models.roster import RosterModel, RosterRow
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint
from console.views.widgets.attendance import state_word_color

AnyIndex = QModelIndex | QPersistentModelIndex

_EDGE, _GAP = 24, 12
_STATE, _STATE_NARROW, _ACTION = 128, 104, 96
_ROOMY = 560
_LONGEST_ACTION = "Check out"


def row_of(index: AnyIndex) -> RosterRow | None:
    """What the row at an index says."""
    row = index.data(RosterModel.RowRole)
    return row if isinstance(row, RosterRow) else None


def fitting_chips(theme: Theme, row: RosterRow, room: float) -> list[paint.ChipSpec]:
    """The chips that fit whole, worst first; the rest become a count, which the card spells out."""
    all_chips = [paint.ChipSpec(word, tone, icon) for word, tone, icon in row.chips]
    for shown in range(len(all_chips), -1, -1):
        hidden = row.more + len(all_chips) - shown
        chips = all_chips[:shown]
        if hidden:
            tone = all_chips[shown].tone if shown < len(all_chips) else "neutral"
            chips.append(paint.ChipSpec(f"+{hidden}", tone))
        if shown <= 1 or _chips_width(theme, chips) <= room:
            return chips
    return []


def column_widths(theme: Theme, width: float) -> tuple[int, int]:
    """The widths kept for the state and for the action in rows of `width`; the name takes the rest."""
    roomy = width >= theme.scaled(_ROOMY)
    action = int(paint.text_width(theme.font("body", 500), _LONGEST_ACTION)) + 22
    return theme.scaled(_STATE if roomy else _STATE_NARROW), max(_ACTION, action)


def _chips_width(theme: Theme, chips: list[paint.ChipSpec]) -> float:
    return float(sum(paint.chip_width(theme, chip) + 8 for chip in chips))


class RosterDelegate(QStyledItemDelegate):
    """Paints roster rows and notices a press on their button."""

    acted = Signal(object)
    """The booking id whose button was pressed."""

    def __init__(self, hub: ThemeHub) -> None:
        """Paint with the hub's present theme."""
        super().__init__()
        self.hub = hub
        self._pressed: UUID | None = None
        self._over: UUID | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """All rows are equally high."""
        return QSize(320, self.hub.theme.size("row.roster"))

    def action_rect(self, rect: QRectF, row: RosterRow) -> QRectF:
        """Where the button of a row lies; empty for a row without one."""
        if not row.action:
            return QRectF()
        theme = self.hub.theme
        width = paint.text_width(theme.font("body", 500), row.action) + 22
        height = theme.size("control.compact")
        return QRectF(rect.right() - _EDGE - width, rect.center().y() - height / 2, width, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one child."""
        row = row_of(index)
        if row is None:
            return
        theme, rect = self.hub.theme, QRectF(option.rect)
        current = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if current or hovered:
            painter.fillRect(rect, theme.color("surface.selected" if current else "surface.hover"))
        painter.fillRect(
            QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.color("border.subtle")
        )
        if current:
            paint.draw_selection_bar(painter, theme, rect)
        disc = theme.size("disc")
        centre = QPointF(rect.left() + _EDGE + disc / 2, rect.top() + theme.scaled(28))
        paint.draw_disc(painter, theme, centre, row.look)
        left = rect.left() + _EDGE + disc + _GAP
        state, action = column_widths(theme, rect.width())
        state_left = rect.right() - _EDGE - action - state
        used = self._paint_name(
            painter, theme, QRectF(left, rect.top(), state_left - _GAP - left, rect.height()), row
        )
        self._paint_state(painter, theme, QRectF(state_left, rect.top(), state - 4, rect.height()), row, used)
        if current or hovered:
            self._paint_action(painter, theme, self.action_rect(rect, row), row)

    @staticmethod
    def _paint_name(painter: QPainter, theme: Theme, room: QRectF, row: RosterRow) -> float:
        """Answers where the chips of the second line end: whatever the text size, they are never cut."""
        scaled = theme.scaled
        age = paint.text_width(theme.font("body"), row.age)
        chips = fitting_chips(theme, row, room.width())
        needed = paint.text_width(theme.font("name"), row.name) + 17 + age + _chips_width(theme, chips)
        below = needed > room.width()  # a long name pushes the chips down: neither is ever cut
        fixed = 8 + age
        quiet = row.look in ("out", "absent")
        ink = "text.secondary" if quiet else "text.primary"
        line = QRectF(room.left(), room.top() + scaled(10), room.width() - fixed, scaled(20))
        x = line.left() + paint.draw_text(painter, theme, line, row.name, step="name", color=ink) + 8
        place = QRectF(x, room.top() + scaled(10), age + 1, scaled(20))
        paint.draw_text(painter, theme, place, row.age, color="text.muted", elide=False)
        down = room.top() + scaled(40 if below else 20)
        x = room.left() if below else x + age + 9
        for chip in chips:
            x += paint.draw_chip(painter, theme, round(x), down, chip) + 8
        left = x if below and chips else room.left()
        high = scaled(32 if below and chips else 30)
        caption = QRectF(left, room.top() + high, room.right() - left, scaled(16))
        if caption.width() > 0:
            paint.draw_text(painter, theme, caption, row.caption, step="caption", color="text.muted")
        return x if below and chips else room.left()

    @staticmethod
    def _paint_state(painter: QPainter, theme: Theme, room: QRectF, row: RosterRow, used: float) -> None:
        tone = theme.tokens.state(row.look)["color"]
        ink = state_word_color(row.look, tone)
        scaled = theme.scaled
        if not row.detail:
            ink = "text.muted" if row.look == "expected" else ink
            middle = QRectF(room.left(), room.top() + scaled(19), room.width(), scaled(18))
            weight = 400 if row.look == "expected" else 600
            fits = paint.text_width(theme.font("body", weight), row.word) <= room.width()
            paint.draw_text(
                painter, theme, middle, row.word if fits else row.short_word, weight=weight, color=ink
            )
            return
        place = QRectF(room.left(), room.top() + scaled(11), room.width(), scaled(18))
        fits = paint.text_width(theme.font("bodyStrong"), row.word) <= room.width()
        word = row.word if fits else row.short_word
        paint.draw_text(painter, theme, place, word, step="bodyStrong", color=ink)
        start = max(room.left(), used)
        below = QRectF(start, room.top() + scaled(30), room.right() - start, scaled(16))
        paint.draw_text(painter, theme, below, row.detail, step="caption", color="text.muted")

    def _paint_action(self, painter: QPainter, theme: Theme, rect: QRectF, row: RosterRow) -> None:
        if rect.isEmpty():
            return
        booking = row.entry.booking_id
        surface = "surface.raised"
        if self._pressed == booking:
            surface = "surface.sunken"
        elif self._over == booking:
            surface = "surface.hover"
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QPen(theme.color("border.button"), 1)
        paint.rounded(painter, rect, theme.radius("control"), theme.color(surface), edge)
        painter.restore()
        paint.draw_text(painter, theme, rect, row.action, weight=500, align=paint.CENTER, elide=False)

    def editorEvent(
        self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: AnyIndex
    ) -> bool:
        """Press and release on the button act once; a double click on it is no second action."""
        row = row_of(index)
        if row is None or not isinstance(event, QMouseEvent):
            return False
        booking = row.entry.booking_id
        inside = self.action_rect(QRectF(option.rect), row).adjusted(0, -2, 0, 2).contains(event.position())
        kind = event.type()
        if kind is QEvent.Type.MouseMove:
            over = booking if inside else None
            if over != self._over:
                self._over = over
                return True
            return False
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if kind is QEvent.Type.MouseButtonPress and inside:
            self._pressed = booking
            return True
        if kind is QEvent.Type.MouseButtonDblClick and inside:
            return True
        if kind is QEvent.Type.MouseButtonRelease:
            pressed, self._pressed = self._pressed, None
            if inside and pressed == booking:
                self.acted.emit(booking)
                return True
        return False

    def left(self) -> None:
        """The pointer left the list."""
        self._over = self._pressed = None
