"""The day's sessions at the left: painted rows, the day's arrows and the legend of the meters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from console.models.sessions import SessionListModel, SessionRow
from console.models.words import LOAD_WORDS, day_line, day_title
from console.views.front_desk.day_picker import DayPicker
from console.views.front_desk.overlay import OverlayBar
from console.views.front_desk.session_foot import SessionFoot
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height, line, surface
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.steady_list import SteadyList
from console.views.widgets.text import label
from console.views.widgets.waiting import EmptyState, Skeleton

AnyIndex = QModelIndex | QPersistentModelIndex

_LEFT, _NAME, _RIGHT = 16, 68, 17
_METER_COLORS = ("green.solid", "amber.solid", "neutral.border")


def name_left(theme: Theme) -> int:
    """Where the names begin: after the times, however large they are."""
    return max(_NAME, _LEFT + int(paint.text_width(theme.font("bodyStrong"), "00:00")) + 14)


def figure_width(theme: Theme, number: str, word: str) -> float:
    """How wide a number and its word are."""
    return (
        paint.text_width(theme.font("body", 600), number) + 3 + paint.text_width(theme.font("caption"), word)
    )


def figure_places(widths: Sequence[float], room: float, columns: Sequence[int]) -> list[float]:
    """Where the figures begin: in fixed columns, closer together where these are too wide, fewer where even that is.

    A number is never cut: at the largest text the places give way, which the session's title says too.
    """
    if all(at + width <= room for at, width in zip(columns, widths, strict=True)):
        return [float(at) for at in columns]
    places, at = [], 0.0
    for width in widths:
        if at + width > room:
            break
        places.append(at)
        at += width + 10
    return places


class SessionDelegate(QStyledItemDelegate):
    """Paints a session: 80 high while it matters, 48 and muted once it is over."""

    def __init__(self, hub: ThemeHub) -> None:
        """Paint with the hub's present theme."""
        super().__init__()
        self.hub = hub

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """The height the session deserves."""
        row = index.data(SessionListModel.RowRole)
        compact = isinstance(row, SessionRow) and row.compact
        return QSize(200, self.hub.theme.size("row.sessionClosed" if compact else "row.session"))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Paint one session."""
        row = index.data(SessionListModel.RowRole)
        if not isinstance(row, SessionRow):
            return
        theme, rect = self.hub.theme, QRectF(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(rect, theme.color("surface.selected"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme.color("surface.hover"))
        if row.compact:
            self._paint_over(painter, theme, rect, row)
        else:
            self._paint_open(painter, theme, rect, row)
        painter.fillRect(
            QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.color("border.subtle")
        )
        if selected:
            paint.draw_selection_bar(painter, theme, rect)

    def _paint_over(self, painter: QPainter, theme: Theme, rect: QRectF, row: SessionRow) -> None:
        scaled, left = theme.scaled, name_left(theme)
        top, width = rect.top(), rect.width() - left - _RIGHT
        times = left - _LEFT
        upper = QRectF(_LEFT, top + scaled(6), times, scaled(18))
        lower = QRectF(_LEFT, top + scaled(24), times, scaled(16))
        paint.draw_text(painter, theme, upper, row.starts, color="text.muted")
        paint.draw_text(painter, theme, lower, row.ends, step="caption", color="text.muted")
        gone = row.session.is_cancelled
        upper = QRectF(left, top + scaled(6), width, scaled(18))
        paint.draw_text(painter, theme, upper, row.name, color="text.secondary", strike=gone)
        room = QRectF(left, top + scaled(24), width, scaled(16))
        start = f"{row.room}  ·" if row.room else ""
        font = theme.font("caption")
        summary = paint.text_width(font, row.summary)
        taken = paint.draw_text(
            painter, theme, room.adjusted(0, 0, -summary - 26, 0), start, step="caption", color="text.muted"
        )
        sign = "ph.prohibit-bold" if gone else "ph.check-bold"
        x = left + taken + (8 if start else 0)
        theme.paint_icon(painter, sign, "text.muted", QRectF(x, room.top(), 12, room.height()), 12)
        after = QRectF(x + 18, room.top(), summary + 2, room.height())
        paint.draw_text(painter, theme, after, row.summary, step="caption", color="text.muted", elide=False)

    def _paint_open(self, painter: QPainter, theme: Theme, rect: QRectF, row: SessionRow) -> None:
        scaled, left = theme.scaled, name_left(theme)
        top, right, times = rect.top(), rect.right() - _RIGHT, left - _LEFT
        starts = QRectF(_LEFT, top + scaled(9), times, scaled(18))
        paint.draw_text(painter, theme, starts, row.starts, step="bodyStrong")
        below = QRectF(_LEFT, top + scaled(27), times, scaled(16))
        paint.draw_text(painter, theme, below, row.ends, step="caption", color="text.muted")
        taken = self._paint_mark(painter, theme, right, top + scaled(18), row.mark)
        name = QRectF(left, top + scaled(9), right - left - taken, scaled(18))
        paint.draw_text(painter, theme, name, row.name, step="bodyStrong")
        full = self._paint_load(painter, theme, right, top + scaled(27), LOAD_WORDS.get(row.load, ""))
        room = QRectF(left, top + scaled(27), right - left - full, scaled(16))
        paint.draw_text(painter, theme, room, row.room, step="caption", color="text.muted")
        session = row.session
        inside = "green.text" if session.in_count else "text.secondary"
        figures = (
            (session.in_count, "in", inside, inside if session.in_count else "text.muted", 600),
            (session.expected, "expected", "text.secondary", "text.secondary", 600),
            (session.capacity, "places", "text.muted", "text.muted", 400),
        )
        widths = [figure_width(theme, str(number), word) for number, word, *_ in figures]
        places = figure_places(widths, right - left, (0, scaled(52), scaled(147)))
        for x, (number, word, ink, quiet, weight) in zip(places, figures, strict=False):
            self._paint_figure(
                painter, theme, left + x, top + scaled(43), str(number), word, ink, quiet, weight
            )
        meter = QRectF(left, top + scaled(64), right - left, theme.size("meter"))
        paint.draw_meter(painter, theme, meter, tuple(zip(row.shares, _METER_COLORS, strict=True)))

    @staticmethod
    def _paint_figure(
        painter: QPainter,
        theme: Theme,
        x: float,
        y: float,
        number: str,
        word: str,
        ink: str,
        quiet: str,
        weight: int,
    ) -> None:
        high = theme.scaled(18)
        place = QRectF(x, y, 90, high)
        width = paint.draw_text(painter, theme, place, number, weight=weight, color=ink, elide=False)
        beside = QRectF(x + width + 3, y + 1, paint.text_width(theme.font("caption"), word) + 1, high)
        paint.draw_text(painter, theme, beside, word, step="caption", color=quiet, elide=False)

    @staticmethod
    def _paint_load(painter: QPainter, theme: Theme, right: float, top: float, word: str) -> float:
        """Paint "Full" at the right, in amber with its sign; answers the width the room's name must leave."""
        if not word:
            return 0.0
        width = paint.text_width(theme.font("caption", 600), word)
        high = theme.scaled(16)
        place = QRectF(right - width, top, width + 1, high)
        paint.draw_text(
            painter, theme, place, word, step="caption", weight=600, color="amber.text", elide=False
        )
        sign = QRectF(right - width - 17, top, 13, high)
        theme.paint_icon(painter, "ph.users-three-bold", "amber.text", sign, 13)
        return width + 25

    @staticmethod
    def _paint_mark(painter: QPainter, theme: Theme, right: float, middle: float, mark: str) -> float:
        """Paint the marker at the right; answers the width the name must leave."""
        if not mark:
            return 0.0
        if mark in ("Now", "Ended"):
            spec = paint.ChipSpec(mark, "accent" if mark == "Now" else "neutral")
            width = paint.chip_width(theme, spec)
            paint.draw_chip(painter, theme, right - width, middle, spec)
            return width + 8.0
        room = paint.text_width(theme.font("caption"), mark)
        place = QRectF(right - room, middle - 9, room + 1, 18)
        paint.draw_text(painter, theme, place, mark, step="caption", color="text.secondary", elide=False)
        return room + 8


class _DayButton(QAbstractButton):
    """The date beside the title; pressing it opens the month."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__()
        self.hub = hub
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("focusRing", True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setToolTip("Choose a day (Ctrl+D)")
        fix_height(self, hub, 28)
        hub.changed.connect(self.update)

    def show_words(self, words: str) -> None:
        """Write the date."""
        self.setText(words)
        self.setAccessibleName(f"{words}: choose a day")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the date on the title's line."""
        painter, lit = QPainter(self), self.underMouse()
        room = QRectF(0, 4, self.width(), self.height() - 4)
        color = "accent.text" if lit else "text.muted"
        paint.draw_text(painter, self.hub.theme, room, self.text(), color=color)


class SessionList(QFrame):
    """The left column of the Today screen."""

    chosen = Signal(object)
    """The UUID of the session somebody clicked."""
    day_wanted = Signal(int)
    """Days to move by; 0 is today."""
    date_wanted = Signal(object)
    """The date that somebody picked."""
    handed_back = Signal()
    """The mouse is done here: the scan field takes the keyboard."""

    def __init__(self, hub: ThemeHub, model: SessionListModel) -> None:
        """Show the sessions of `model`."""
        super().__init__()
        self.hub = hub
        self._model = model
        self._heights: list[bool] = []
        self.setProperty("surface", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(hub.theme.size("sessionList"))
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        column = QVBoxLayout()
        column.setSpacing(0)
        outer.addLayout(column, 1)
        outer.addWidget(line(vertical=True))
        column.addWidget(self._head())
        column.addWidget(line())
        self.view = SteadyList()
        self.view.setModel(model)
        self._delegate = SessionDelegate(hub)
        self.view.setItemDelegate(self._delegate)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.view.setMouseTracking(True)
        self.view.setAccessibleName("Sessions of the day")
        self.view.setProperty("list", "panel")
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self._bar = OverlayBar(self.view)
        self.view.clicked.connect(self._clicked)
        model.dataChanged.connect(self._rows_changed)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._skeleton = Skeleton(
            hub, ((0.06, 0.14), (0.24, 0.6)), rows=6, row_height=hub.theme.size("row.session")
        )
        self._stack.addWidget(self._skeleton)
        self._empty = EmptyState(
            hub,
            "ph.calendar-blank",
            "No sessions on this day",
            "The arrows above show other days.",
        )
        self._stack.addWidget(self._empty)
        column.addWidget(self._stack, 1)
        self.foot = SessionFoot(hub)
        self.foot.handed_back.connect(self.handed_back)
        column.addWidget(self.foot)
        self.picker = DayPicker(hub, self)
        self.picker.chosen.connect(self.date_wanted)
        self.picker.closed.connect(self.handed_back)
        self._shown = self._now = date.min
        hub.changed.connect(self.view.viewport().update)

    def _head(self) -> QFrame:
        head = surface("panel")
        fix_height(head, self.hub, lambda theme: theme.size("header") - 1)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(0)
        self._title = label("Today", "title")
        self._day = _DayButton(self.hub)
        self._day.clicked.connect(lambda _checked=False: self.pick_day())
        self._back = IconButton(
            self.hub, "ph.caret-left", "Previous day (Alt+Left)", "quiet", scale="compact"
        )
        self._today = Button(self.hub, "Today", "link", scale="compact")
        self._on = IconButton(self.hub, "ph.caret-right", "Next day (Alt+Right)", "quiet", scale="compact")
        self._today.hide()
        row.addWidget(self._title)
        row.addSpacing(10)
        row.addWidget(self._day, 1)
        for button, step in ((self._today, 0), (self._back, -1), (self._on, 1)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _checked=False, days=step: self._move(days))
            row.addWidget(button)
        return head

    def show_day(self, day: date, today: date) -> None:
        """Write the day above the list."""
        self._title.setText(day_title(day, today))
        self._shown, self._now = day, today
        self._day.show_words(day_line(day, weekday=abs((day - today).days) <= 1))
        self._today.setVisible(day != today)

    def pick_day(self) -> None:
        """Open the month under the date."""
        self.picker.open_at(QPoint(8, self.hub.theme.size("header") - 4), self._shown, self._now)

    def select(self, session_id: UUID | None) -> None:
        """Mark the open session."""
        at = self._model.position(session_id)
        index = self._model.index(at) if at >= 0 else QModelIndex()
        if self.view.currentIndex() != index or not index.isValid():
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)

    def show_loading(self) -> None:
        """A first load is under way."""
        self._stack.setCurrentWidget(self._skeleton)
        self._skeleton.start()

    def show_loaded(self) -> None:
        """The day's sessions are known."""
        self._skeleton.stop()
        self._stack.setCurrentWidget(self.view if self._model.rowCount() else self._empty)

    def _rows_changed(self) -> None:
        """Lay out again only when a row has another height now: counts change with every scan."""
        heights = [
            row.compact for row in map(self._model.row, (one.id for one in self._model.sessions)) if row
        ]
        if heights != self._heights:
            self._heights = heights
            self.view.scheduleDelayedItemsLayout()

    def _move(self, days: int) -> None:
        self.day_wanted.emit(days)
        self.handed_back.emit()

    def _clicked(self, index: QModelIndex) -> None:
        row = index.data(SessionListModel.RowRole)
        if isinstance(row, SessionRow):
            self.chosen.emit(row.session.id)
        self.handed_back.emit()
