"""A month of the programme: each day a cell with its numbers, its first sessions and what is closed.

Painted as one widget. Arrows go from day to day, Enter and a double click open the day's week. See docs/design.md,
"Screens" (schedule).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy

from console.clock import Clock
from console.domain.counting import count
from console.domain.programme import Calendar, CalendarSession, ClosureSpan
from console.views.schedule import words
from console.views.schedule.lanes import Wanted, monday
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}
_HEAD = 28
_LEAST_ROW = 64


@dataclass(frozen=True, slots=True)
class _Day:
    """What a cell says."""

    sessions: tuple[CalendarSession, ...]
    closures: tuple[ClosureSpan, ...]


class MonthView(ThemedWidget):
    """One month, in whole weeks."""

    week_wanted = Signal(object)
    """(date): the week of this day shall be shown."""
    day_changed = Signal(object)
    """(date): the keyboard is on this day."""

    def __init__(self, hub: ThemeHub, clock: Clock, zone: tzinfo) -> None:
        """An empty month until `show_calendar`."""
        super().__init__(hub)
        self._clock, self._zone = clock, zone
        self._calendar: Calendar | None = None
        self._wanted = Wanted()
        self._days: dict[date, _Day] = {}
        self._rooms: dict[UUID, str] = {}
        self._hover: date | None = None
        self.day = clock.now().astimezone(zone).date()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Month")

    # -- what is shown -----------------------------------------------------------------------------------------------

    def show_calendar(self, calendar: Calendar) -> None:
        """Show the weeks of a month; the current day stays where it can."""
        self._calendar = calendar
        self._gather()

    def show_wanted(self, wanted: Wanted) -> None:
        """Show what the filters let through."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._gather()

    def go(self, day: date) -> None:
        """Make a day the current one."""
        self.day = day
        self.setAccessibleDescription(self._spoken(day))
        if self.hasFocus():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._spoken(day)))
        self.update()

    @property
    def seen(self) -> tuple[CalendarSession, ...]:
        """The sessions of the month on show that the filters let through."""
        return tuple(
            one for day, cell in self._days.items() if day.month == self.day.month for one in cell.sessions
        )

    def sizeHint(self) -> QSize:
        """The room under the filters."""
        return QSize(1000, 680)

    def minimumSizeHint(self) -> QSize:
        """Six rows that can be read."""
        return QSize(420, self.theme.scaled(_HEAD) + 6 * self.theme.scaled(_LEAST_ROW))

    # -- events ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from day to day, Enter opens the week."""
        key = Qt.Key(event.key())
        if key in _STEPS:
            before = self.day
            self.go(self.day + timedelta(days=_STEPS[key]))
            if self.day.month != before.month:
                self.day_changed.emit(self.day)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.week_wanted.emit(self.day)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click makes a day current."""
        day = self._day_at(event.position().toPoint())
        if day is not None:
            self.go(day)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click opens its week."""
        day = self._day_at(event.position().toPoint())
        if day is not None:
            self.week_wanted.emit(day)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the day under the pointer."""
        day = self._day_at(event.position().toPoint())
        if day != self._hover:
            self._hover = day
            cell = self._days.get(day) if day is not None else None
            self.setToolTip(self._tip(cell) if cell is not None else "")
            self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring appears."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes."""
        super().focusOutEvent(event)
        self.update()

    # -- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells that are exposed."""
        theme, painter = self.theme, QPainter(self)
        painter.fillRect(event.rect(), theme.color("surface.canvas"))
        head = theme.scaled(_HEAD)
        for column, name in enumerate(words.DAYS):
            room = QRectF(self._cell(column).left() + 10, 0, self._cell(column).width() - 12, head)
            paint.draw_text(painter, theme, room, name, step="caption", color="text.muted")
        for at, day in enumerate(self._all_days()):
            rect = self._cell(at)
            if rect.intersects(event.rect()):
                self._paint_day(painter, theme, rect, day)

    def _paint_day(self, painter: QPainter, theme: Theme, rect: QRect, day: date) -> None:
        cell = self._days.get(day, _Day((), ()))
        inside = day.month == self.day.month
        today = day == self._clock.now().astimezone(self._zone).date()
        if not inside:
            painter.fillRect(rect, theme.color("surface.panel"))
        elif day == self._hover:
            painter.fillRect(rect, theme.color("surface.hover"))
        painter.fillRect(QRect(rect.left(), rect.top(), rect.width(), 1), theme.color("border.subtle"))
        painter.fillRect(QRect(rect.right(), rect.top(), 1, rect.height()), theme.color("border.subtle"))
        if today:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), theme.color("accent.fill"))
        ink = "accent.text" if today else "text.primary" if inside else "text.muted"
        line, caption = theme.line("name"), theme.line("caption")
        room = QRectF(rect).adjusted(10, 4, -8, -4)
        first = QRectF(room.left(), room.top(), room.width(), line)
        took = paint.draw_text(painter, theme, first, str(day.day), step="name", color=ink)
        held = [one for one in cell.sessions if not one.is_cancelled]
        if held:
            rest = QRectF(first.left() + took + 8, first.top(), first.width() - took - 8, line)
            said = count(len(held), "session")
            paint.draw_text(painter, theme, rest, said, step="caption", color="text.muted", align=paint.RIGHT)
        y = first.bottom() + 2
        for span in cell.closures[:1]:
            whole = QRectF(room.left(), y, room.width(), caption)
            said = words.closed_in(span, self._rooms)
            paint.draw_text(painter, theme, whole, said, step="caption", weight=500, color="text.secondary")
            y += caption
        places = int((room.bottom() - y) // caption)
        shown = cell.sessions if len(cell.sessions) <= places else cell.sessions[: max(places - 1, 0)]
        for session in shown:
            self._paint_session(
                painter, theme, QRectF(room.left(), y, room.width(), caption), session, inside=inside
            )
            y += caption
        if len(shown) < len(cell.sessions) and places > 0:
            more = QRectF(room.left(), y, room.width(), caption)
            said = f"+{len(cell.sessions) - len(shown)} more"
            paint.draw_text(painter, theme, more, said, step="caption", color="text.muted")
        if day == self.day and self.hasFocus():
            paint.draw_focus(painter, theme, QRectF(rect).adjusted(1, 1, -1, -1), theme.radius("chip"))

    def _paint_session(
        self, painter: QPainter, theme: Theme, row: QRectF, session: CalendarSession, *, inside: bool
    ) -> None:
        begins = words.clock(session.starts_at, self._zone)
        width = paint.text_width(theme.font("caption"), begins) + 6
        muted = session.ends_at <= self._clock.now() or session.is_cancelled or not inside
        paint.draw_text(painter, theme, row, begins, step="caption", color="text.muted", elide=False)
        name = row.adjusted(width, 0, 0, 0)
        booked = words.places(session, over=True)
        room = paint.text_width(theme.font("caption"), booked) + 6
        if name.width() > 3 * room and not session.is_cancelled:
            paint.draw_text(
                painter,
                theme,
                name,
                booked,
                step="caption",
                color="text.muted",
                align=paint.RIGHT,
                elide=False,
            )
            name.setRight(name.right() - room)
        paint.draw_text(
            painter, theme, name, session.activity, step="caption", weight=500,
            color="text.muted" if muted else "text.primary", strike=session.is_cancelled,
        )  # fmt: skip

    # -- inside ------------------------------------------------------------------------------------------------------

    def _gather(self) -> None:
        self._days = {}
        if self._calendar is None:
            return
        names = self._rooms = {room.id: room.name for room in self._calendar.rooms}
        sessions: dict[date, list[CalendarSession]] = defaultdict(list)
        for one in self._calendar.sessions:
            if self._wanted.lets(one, names.get(one.room_id, "") if one.room_id else ""):
                sessions[one.day].append(one)
        for day in self._all_days():
            begin = datetime.combine(day, time(), self._zone)
            end = datetime.combine(day + timedelta(days=1), time(), self._zone)
            shut = [one for one in self._calendar.closures if one.starts_at < end and begin < one.ends_at]
            shut.sort(key=lambda one: bool(one.room_ids))  # the whole venue before a room
            self._days[day] = _Day(tuple(sessions[day]), tuple(shut))
        self.setAccessibleDescription(self._spoken(self.day))
        self.update()

    def _spoken(self, day: date) -> str:
        cell = self._days.get(day, _Day((), ()))
        closed = [words.closed_in(one, self._rooms) for one in cell.closures[:1]]
        return ", ".join([words.day_words(day), *closed, words.totals(cell.sessions)])

    def _tip(self, cell: _Day) -> str:
        lines = [words.closed_in(one, self._rooms) for one in cell.closures]
        lines += [
            f"{words.clock(one.starts_at, self._zone)}  {one.activity}  {words.places(one)}"
            for one in cell.sessions[:20]
        ]
        return "\n".join([*lines, "…"] if len(cell.sessions) > 20 else lines)

    def _all_days(self) -> list[date]:
        first, _last = month_days(self.day)
        return [first + timedelta(days=at) for at in range(42)]

    def _cell(self, at: int) -> QRect:
        head = self.theme.scaled(_HEAD)
        row, column = divmod(at, 7)
        wide, high = self.width() / 7, (self.height() - head) / 6
        left, top = round(column * wide), head + round(row * high)
        return QRect(left, top, round((column + 1) * wide) - left, head + round((row + 1) * high) - top)

    def _day_at(self, point: QPoint) -> date | None:
        return next((day for at, day in enumerate(self._all_days()) if self._cell(at).contains(point)), None)


def month_days(day: date) -> tuple[date, date]:
    """The first and the last day of the six weeks that show a day's month."""
    first = monday(day.replace(day=1))
    return first, first + timedelta(days=41)


def other_month(day: date, months: int) -> date:
    """The first day of the month so many months on."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
