"""The day's sessions at the left: painted rows, the day's arrows and the legend of the meters."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QSizePolicy,
    QStackedWidget,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from console.models.sessions import SessionListModel, SessionRow
from console.models.words import day_line, day_title
from console.views.front_desk.overlay import OverlayBar
from console.views.theme import Theme, ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import ThemedWidget, fix_height, line, surface
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.waiting import EmptyState, Skeleton

AnyIndex = QModelIndex | QPersistentModelIndex

_LEFT, _NAME, _RIGHT = 16, 68, 17
_METER_COLORS = ("green.solid", "amber.solid", "neutral.border")
_LEGEND = (
    ("in", "green.solid"),
    ("waiting", "amber.solid"),
    ("expected", "neutral.border"),
    ("free", "border.default"),
)


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
        top, width = rect.top(), rect.width() - _NAME - _RIGHT
        upper, lower = QRectF(_LEFT, top + 6, 48, 18), QRectF(_LEFT, top + 24, 48, 16)
        paint.draw_text(painter, theme, upper, row.starts, color="text.muted")
        paint.draw_text(painter, theme, lower, row.ends, step="caption", color="text.muted")
        gone = row.session.is_cancelled
        upper = QRectF(_NAME, top + 6, width, 18)
        paint.draw_text(painter, theme, upper, row.name, color="text.secondary", strike=gone)
        room = QRectF(_NAME, top + 24, width, 16)
        start = f"{row.room}  ·" if row.room else ""
        font = theme.font("caption")
        summary = paint.text_width(font, row.summary)
        taken = paint.draw_text(
            painter, theme, room.adjusted(0, 0, -summary - 26, 0), start, step="caption", color="text.muted"
        )
        sign = "ph.prohibit-bold" if gone else "ph.check-bold"
        x = _NAME + taken + (8 if start else 0)
        theme.paint_icon(painter, sign, "text.muted", QRectF(x, room.top(), 12, 16), 12)
        after = QRectF(x + 18, room.top(), summary + 2, 16)
        paint.draw_text(painter, theme, after, row.summary, step="caption", color="text.muted", elide=False)

    def _paint_open(self, painter: QPainter, theme: Theme, rect: QRectF, row: SessionRow) -> None:
        top, right = rect.top(), rect.right() - _RIGHT
        paint.draw_text(painter, theme, QRectF(_LEFT, top + 9, 50, 18), row.starts, step="bodyStrong")
        below = QRectF(_LEFT, top + 27, 50, 16)
        paint.draw_text(painter, theme, below, row.ends, step="caption", color="text.muted")
        taken = self._paint_mark(painter, theme, right, top + 18, row.mark)
        name = QRectF(_NAME, top + 9, right - _NAME - taken, 18)
        paint.draw_text(painter, theme, name, row.name, step="bodyStrong")
        room = QRectF(_NAME, top + 27, right - _NAME, 16)
        paint.draw_text(painter, theme, room, row.room, step="caption", color="text.muted")
        session = row.session
        inside = "green.text" if session.in_count else "text.secondary"
        figures = (
            (_NAME, session.in_count, "in", inside, inside if session.in_count else "text.muted", 600),
            (_NAME + 52, session.expected, "expected", "text.secondary", "text.secondary", 600),
            (_NAME + 147, session.capacity, "places", "text.muted", "text.muted", 400),
        )
        for x, number, word, ink, quiet, weight in figures:
            self._paint_figure(painter, theme, x, top + 43, str(number), word, ink, quiet, weight)
        meter = QRectF(_NAME, top + 64, right - _NAME, theme.size("meter"))
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
        place = QRectF(x, y, 90, 18)
        width = paint.draw_text(painter, theme, place, number, weight=weight, color=ink, elide=False)
        beside = QRectF(x + width + 3, y + 1, 80, 18)
        paint.draw_text(painter, theme, beside, word, step="caption", color=quiet, elide=False)

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


class _Legend(ThemedWidget):
    """What the four parts of a meter mean."""

    def __init__(self, hub: ThemeHub) -> None:
        super().__init__(hub)
        fix_height(self, hub, 36)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Meters show in, waiting, expected and free places")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the four words with their colours."""
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.color("border.subtle"))
        x = float(_LEFT)
        for word, color in _LEGEND:
            paint.rounded(painter, QRectF(x, 17, 10, 4), 2, theme.color(color))
            width = paint.text_width(theme.font("caption"), word)
            place = QRectF(x + 14, 11, width + 1, 16)
            paint.draw_text(painter, theme, place, word, step="caption", color="text.muted", elide=False)
            x += 14 + width + 8


class SessionList(QFrame):
    """The left column of the Today screen."""

    chosen = Signal(object)
    """The UUID of the session somebody clicked."""
    day_wanted = Signal(int)
    """Days to move by; 0 is today."""
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
        self.view = QListView()
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
        column.addWidget(_Legend(hub))
        hub.changed.connect(self.view.viewport().update)

    def _head(self) -> QFrame:
        head = surface("panel")
        fix_height(head, self.hub, lambda theme: theme.size("header") - 1)
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 8, 0)
        row.setSpacing(0)
        self._title = label("Today", "title")
        self._day = ElidedLabel("", "muted")
        self._day.setContentsMargins(0, 5, 0, 0)
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
        self._day.setText(day_line(day, weekday=abs((day - today).days) <= 1))
        self._today.setVisible(day != today)

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
