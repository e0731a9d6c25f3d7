"""The list of reviews: stars and date, what it is about, its words in two lines, and why it waits as chips.

See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from console.domain.feedback import ReviewRow
from console.views.feedback import words
from console.views.feedback.stars import draw_stars
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint
from console.views.widgets.choices import CHOICE_ROLE, AnyIndex, Choice, ChoiceList
from console.views.widgets.paint import ChipSpec

_SIDE = 24
_STAR = 14
_HIGH = 108
_LINES = 2
_NEAR_END = 4


def two_lines(theme: Theme, text: str, width: float) -> list[str]:
    """A text broken into the lines that are shown; the last one holds the rest, to be elided."""
    layout = QTextLayout(text, theme.font("body"))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    made: list[str] = []
    layout.beginLayout()
    while len(made) < _LINES:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(width, 1))
        start = line.textStart()
        end = start + line.textLength() if len(made) < _LINES - 1 else len(text)
        made.append(text[start:end].strip())
    layout.endLayout()
    return made


class ReviewDelegate(QStyledItemDelegate):
    """Paints the rows."""

    def __init__(self, hub: ThemeHub, view: ReviewList) -> None:
        """Paint the rows of `view`."""
        super().__init__(view)
        self.hub, self._view = hub, view

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """Every row has the one height."""
        return QSize(0, self.hub.theme.scaled(_HIGH))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one row."""
        choice = index.data(CHOICE_ROLE)
        if not isinstance(choice, Choice) or not isinstance(choice.value, ReviewRow):
            return
        theme = self.hub.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.fillRect(area, theme.color("surface.selected"))
            paint.draw_selection_bar(painter, theme, area)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, theme.color("surface.hover"))
        bottom = QRectF(area.left(), area.bottom() - 1, area.width(), 1)
        painter.fillRect(bottom, theme.color("border.subtle"))
        self._words(painter, area, choice, choice.value)
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            paint.draw_focus(painter, theme, area.adjusted(0, 0, 0, -1))
        painter.restore()

    def _words(self, painter: QPainter, area: QRectF, choice: Choice, review: ReviewRow) -> None:
        theme, scaled = self.hub.theme, self.hub.theme.scaled
        left, right = area.left() + _SIDE, area.right() + 1 - _SIDE
        wide = right - left
        upper = QRectF(left, area.top() + scaled(10), wide, scaled(18))
        x = left + draw_stars(painter, theme, left, upper.center().y(), review.rating, _STAR) + 8
        date = paint.text_width(theme.font("caption"), choice.right)
        paint.draw_text(
            painter,
            theme,
            upper,
            choice.right,
            step="caption",
            color="text.muted",
            align=paint.RIGHT,
            elide=False,
        )
        room = QRectF(x, upper.top(), right - date - 12 - x, upper.height())
        took = paint.draw_text(painter, theme, room, choice.title, step="bodyStrong")
        rest = QRectF(x + took + 8, upper.top(), room.right() - x - took - 8, upper.height())
        if choice.detail and rest.width() > scaled(40):
            paint.draw_text(painter, theme, rest, choice.detail, step="caption", color="text.muted")
        said = words.on_one_line(review.words)
        ink = "text.primary" if said and review.is_visible else "text.muted"
        for place, one in enumerate(two_lines(theme, said or words.NO_WORDS, wide)):
            line = QRectF(left, area.top() + scaled(32 + 19 * place), wide, scaled(20))
            paint.draw_text(painter, theme, line, one, color=ink)
        self._chips(painter, left, right, area.top() + scaled(89), choice.chips)

    def _chips(
        self, painter: QPainter, left: float, right: float, center: float, chips: Sequence[ChipSpec]
    ) -> None:
        theme, x = self.hub.theme, left
        for place, chip in enumerate(chips):
            more = ChipSpec(f"+{len(chips) - place}")
            need = paint.chip_width(theme, chip)
            beside = 6 + paint.chip_width(theme, more) if place < len(chips) - 1 else 0
            if x + need + beside > right:
                if x + paint.chip_width(theme, more) <= right:
                    paint.draw_chip(painter, theme, x, center, more)
                return
            x += paint.draw_chip(painter, theme, x, center, chip) + 6


class ReviewList(ChoiceList):
    """The list; the value of a row is its ReviewRow. `near_end` asks for more rows."""

    near_end = Signal()

    def __init__(self, hub: ThemeHub, zone: tzinfo, *, venues: bool) -> None:
        """`venues`: whether the rows say which venue they are about."""
        super().__init__(hub, "Reviews")
        self._zone, self._venues = zone, venues
        self.setItemDelegate(ReviewDelegate(hub, self))
        self.setVerticalScrollMode(ChoiceList.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().valueChanged.connect(lambda _at: self._look_ahead())
        self.moved.connect(lambda _value: self._look_ahead())
        hub.changed.connect(self.scheduleDelayedItemsLayout)

    def show_reviews(
        self, rows: Sequence[ReviewRow], now: datetime, *, current: ReviewRow | None = None
    ) -> None:
        """Show these; the current one and the scroll position stay where `current` names no other."""
        made = [self._choice(row, now) for row in rows]
        known = [one.value.id for one in self.choices.choices if isinstance(one.value, ReviewRow)]
        if current is not None:
            self.show_choices(made, current=current)
        elif known == [row.id for row in rows]:
            self.choices.retell(made)
        else:
            self.refresh_choices(made, lambda value: value.id if isinstance(value, ReviewRow) else value)

    def _choice(self, row: ReviewRow, now: datetime) -> Choice:
        causes = row.causes.items() if self._venues else ()
        chips = [words.cause_chip(cause, says, row.rating) for cause, says in causes]
        if not row.is_visible:
            chips.insert(0, ChipSpec("Hidden", "neutral", "ph.eye-slash"))
        if row.reply:
            chips.append(ChipSpec("Answered", "green", "ph.chat-text"))
        elif row.draft and not self._venues:
            chips.append(ChipSpec("Draft", "neutral", "ph.pencil-simple", dashed=True))
        return Choice(
            row,
            row.activity,
            row.venue if self._venues else "",
            beside=f"{words.stars(row.rating)}: {words.on_one_line(row.words) or words.NO_WORDS}",
            right=words.moment(row.submitted_at, now, self._zone),
            chips=tuple(chips),
        )

    def _look_ahead(self) -> None:
        count = self.choices.rowCount()
        last = self.indexAt(self.viewport().rect().bottomLeft())
        shown = last.row() if last.isValid() else self.currentIndex().row()
        if count and max(shown, self.currentIndex().row()) >= count - _NEAR_END:
            self.near_end.emit()

    def keyboardSearch(self, search: str) -> None:
        """Letters are the page's keys, not a search."""
