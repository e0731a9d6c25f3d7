"""The month under the date of the session list: choose a day with the arrow keys and Enter, or with a click.

A plain painted grid inside the page, so that it runs no loop of its own and gives the keyboard back when it goes.
See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from console.models.words import long_date, month_title
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_CELL, _MARGIN, _HEAD = 36, 10, 36
_STEPS = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -7,
    Qt.Key.Key_Down: 7,
}


class DayPicker(ThemedWidget):
    """One month. Arrow keys move, PageUp and PageDown change the month, T is today, Escape closes."""

    chosen = Signal(object)
    """The date that was chosen."""
    closed = Signal()

    def __init__(self, hub: ThemeHub, parent: QWidget) -> None:
        """A hidden picker over `parent`."""
        super().__init__(hub, parent)
        self._day = self._today = date.min
        self._hover: date | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Choose a day")
        self.hide()

    @property
    def day(self) -> date:
        """The day that Enter would choose."""
        return self._day

    def open_at(self, place: QPoint, day: date, today: date) -> None:
        """Show the month of `day` with its corner at `place`, and take the keyboard."""
        self._today = today
        self.move(place)
        self.resize(self.sizeHint())
        self._go(day)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Close, and give the keyboard back."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()

    def sizeHint(self) -> QSize:
        """Seven columns, and rows for any month."""
        cell = self.theme.scaled(_CELL)
        return QSize(7 * cell + 2 * _MARGIN, self._top + 6 * cell + _MARGIN)

    @property
    def _top(self) -> int:
        return int(self.theme.scaled(_HEAD) + self.theme.scaled(24))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move, choose or close; no key leaves the picker while it is open."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            self._go(self._day + timedelta(days=_STEPS[key]))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self._go(_other_month(self._day, -1 if key == Qt.Key.Key_PageUp else 1))
        elif key in (Qt.Key.Key_T, Qt.Key.Key_Home):
            self._go(self._today)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose(self._day)
        elif key == Qt.Key.Key_Escape:
            self.dismiss()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a day, or turn the month by its arrows."""
        head = self.theme.scaled(_HEAD)
        if event.position().y() < head + _MARGIN / 2:
            if event.position().x() > self.width() - head - _MARGIN:
                self._go(_other_month(self._day, 1))
            elif event.position().x() > self.width() - 2 * head - _MARGIN:
                self._go(_other_month(self._day, -1))
            return
        day = self._day_at(event.position().toPoint())
        if day is not None:
            self._choose(day)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the day under the pointer."""
        self._hover = self._day_at(event.position().toPoint())
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A press elsewhere closes it."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the month."""
        theme, painter = self.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = QPen(theme.color("border.default"), 1)
        whole = QRectF(self.rect())
        paint.rounded(painter, whole, theme.radius("card"), theme.color("surface.raised"), edge)
        head, cell = theme.scaled(_HEAD), theme.scaled(_CELL)
        title = QRectF(_MARGIN + 8, _MARGIN / 2, self.width() - 2 * head - 20, head)
        paint.draw_text(painter, theme, title, month_title(self._day), step="bodyStrong")
        for at, icon in ((2, "ph.caret-left"), (1, "ph.caret-right")):
            place = QRectF(self.width() - at * head - _MARGIN, _MARGIN / 2, head, head)
            theme.paint_icon(painter, icon, "text.secondary", place.adjusted((head - 16) / 2, 0, 0, 0), 16)
        for column, word in enumerate(_WEEKDAYS):
            place = QRectF(_MARGIN + column * cell, _MARGIN / 2 + head, cell, theme.scaled(20))
            paint.draw_text(
                painter,
                theme,
                place,
                word,
                step="caption",
                color="text.muted",
                align=paint.CENTER,
                elide=False,
            )
        for day, rect in self._cells():
            self._paint_day(painter, day, rect)

    def _paint_day(self, painter: QPainter, day: date, rect: QRectF) -> None:
        theme, inner = self.theme, rect.adjusted(2, 2, -2, -2)
        ink, step = "text.primary" if day.month == self._day.month else "text.muted", "body"
        if day == self._day:
            paint.rounded(painter, inner, theme.radius("control"), theme.color("accent.fill"))
            ink, step = "accent.onFill", "bodyStrong"
        elif day == self._hover:
            paint.rounded(painter, inner, theme.radius("control"), theme.color("surface.hover"))
        if day == self._today and day != self._day:
            paint.rounded(painter, inner, theme.radius("control"), None, QPen(theme.color("focus.ring"), 1))
            step = "bodyStrong"
        paint.draw_text(
            painter, theme, rect, str(day.day), step=step, color=ink, align=paint.CENTER, elide=False
        )

    def _cells(self) -> list[tuple[date, QRectF]]:
        first = self._day.replace(day=1)
        start = first - timedelta(days=first.weekday())
        cell = self.theme.scaled(_CELL)
        return [
            (
                start + timedelta(days=at),
                QRectF(_MARGIN + at % 7 * cell, self._top + at // 7 * cell, cell, cell),
            )
            for at in range(42)
        ]

    def _day_at(self, place: QPoint) -> date | None:
        return next((day for day, rect in self._cells() if rect.contains(place.toPointF())), None)

    def _go(self, day: date) -> None:
        self._day = day
        self.setAccessibleDescription(long_date(day))
        self.update()

    def _choose(self, day: date) -> None:
        self.hide()
        self.chosen.emit(day)
        self.closed.emit()


def _other_month(day: date, months: int) -> date:
    """The same day of another month, or its last."""
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return min(first + timedelta(days=day.day - 1), following - timedelta(days=1))
