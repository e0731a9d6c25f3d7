"""A month of what ends: each day a cell with its first entries, the rest as a number.

It is the schedule's month with other things in its cells: same grid, same keys. See docs/design.md, "Screens"
(platform).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, tzinfo

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

from console.clock import Clock
from console.domain.compliance import ComplianceDue
from console.views.compliance import words
from console.views.schedule.month import MonthView, other_month
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint

_MOST = 3
_ICON = 12


class DueMonth(MonthView):
    """The month. `chosen_day` carries a date whenever another day is the current one."""

    chosen_day = Signal(object)
    list_wanted = Signal()
    """Enter: the keyboard goes on to the day's entries."""

    def __init__(self, hub: ThemeHub, clock: Clock, zone: tzinfo) -> None:
        """An empty month until `show_dues`."""
        self._dues: dict[date, list[ComplianceDue]] = {}
        super().__init__(hub, clock, zone)
        self.setAccessibleName("What ends this month")

    def show_dues(self, dues: Sequence[ComplianceDue]) -> None:
        """Show what happens in these weeks; the current day stays."""
        found: dict[date, list[ComplianceDue]] = defaultdict(list)
        for one in dues:
            found[one.on].append(one)
        order = ("suspends", "expires", "reminder")
        rank = {what: at for at, what in enumerate(order)}
        self._dues = {
            day: sorted(
                those, key=lambda one: (rank.get(one.what, len(order)), one.venue.casefold(), one.requirement)
            )
            for day, those in found.items()
        }
        self.setAccessibleDescription(self._spoken(self.day))
        self.update()

    def of_day(self, day: date) -> list[ComplianceDue]:
        """What happens on a day, the gravest first."""
        return self._dues.get(day, [])

    def go(self, day: date) -> None:
        """Make a day the current one."""
        before = self.day
        super().go(day)
        if day != before:
            self.chosen_day.emit(day)

    def turn(self, months: int) -> None:
        """Show another month, on its first day."""
        before = self.day
        self.go(other_month(self.day, months))
        if self.day != before:
            self.day_changed.emit(self.day)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page up and down turn months, Enter goes on to the entries; arrows as in every month."""
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turn(-1 if key is Qt.Key.Key_PageUp else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.list_wanted.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click makes a day current; one of the next month turns to it."""
        before = self.day
        super().mousePressEvent(event)
        if self.day.replace(day=1) != before.replace(day=1):
            self.day_changed.emit(self.day)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click goes on to the entries."""
        self.list_wanted.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the day under the pointer and say all of it."""
        super().mouseMoveEvent(event)
        day = self._day_at(event.position().toPoint())
        those = self.of_day(day) if day is not None else []
        lines = [f"{one.venue}: {words.due_line(one)}" for one in those[:20]]
        self.setToolTip("\n".join([*lines, "…"] if len(those) > 20 else lines))

    def _spoken(self, day: date) -> str:
        return words.day_said(day, self.of_day(day))

    def _paint_day(self, painter: QPainter, theme: Theme, rect: QRect, day: date) -> None:
        inside = day.month == self.day.month
        today = day == self._clock.now().astimezone(self._zone).date()
        if day == self.day:
            painter.fillRect(rect, theme.color("surface.selected"))
        elif not inside:
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
        paint.draw_text(painter, theme, first, str(day.day), step="name", color=ink)
        those = self.of_day(day)
        places = min(int((room.bottom() - first.bottom() - 2) // caption), _MOST + 1)
        fits = len(those) <= min(places, _MOST)
        shown = those if fits else those[: max(min(places - 1, _MOST), 0)]
        y = first.bottom() + 2
        for one in shown:
            self._paint_due(painter, theme, QRectF(room.left(), y, room.width(), caption), one, inside=inside)
            y += caption
        rest = len(those) - len(shown)
        if rest and places > len(shown):
            more = QRectF(room.left(), y, room.width(), caption)
            paint.draw_text(painter, theme, more, f"+{rest}", step="caption", weight=500, color="text.muted")
        elif rest:
            beside = QRectF(first.left() + 28, first.top(), first.width() - 28, line)
            paint.draw_text(
                painter, theme, beside, f"+{rest}", step="caption", color="text.muted", align=paint.RIGHT
            )
        if day == self.day and self.hasFocus():
            paint.draw_focus(painter, theme, QRectF(rect).adjusted(1, 1, -1, -1), theme.radius("chip"))

    def _paint_due(
        self, painter: QPainter, theme: Theme, row: QRectF, due: ComplianceDue, *, inside: bool
    ) -> None:
        icon, color = words.DUE_ICONS.get(due.what, words.DUE_ICONS["reminder"])
        edge = theme.scaled(_ICON)
        theme.paint_icon(painter, icon, color, QRectF(row.left(), row.top(), edge, row.height()), edge)
        quiet = due.what == "reminder" or not inside
        paint.draw_text(
            painter, theme, row.adjusted(edge + 5, 0, 0, 0), due.venue, step="caption",
            weight=None if quiet else 500, color="text.muted" if quiet else "text.primary",
        )  # fmt: skip
