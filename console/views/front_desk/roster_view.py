"""The roster in the middle: the painted list, what stands in its place, and names found in other sessions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from uuid import UUID

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.desk import FoundChild
from console.domain.refusals import clock_time
from console.models.find import RosterFilter
from console.models.roster import RosterModel, RosterRow
from console.models.words import age_short
from console.views.front_desk.overlay import OverlayBar
from console.views.front_desk.roster_delegate import AnyIndex, RosterDelegate, row_of
from console.views.theme import ThemeHub
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.steady_list import SteadyList
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.waiting import EmptyState, Skeleton

_ELSEWHERE_SHOWN = 3


class _List(SteadyList):
    """A list whose current row never jumps to a neighbour: Enter must not act on a child nobody chose."""

    def rowsAboutToBeRemoved(self, parent: AnyIndex, start: int, end: int) -> None:
        """When the current row goes, nobody is current."""
        if start <= self.currentIndex().row() <= end:
            self.setCurrentIndex(QModelIndex())
        super().rowsAboutToBeRemoved(parent, start, end)


class RosterView(QWidget):
    """Rows of the open session, filtered; the current row is what Enter acts on."""

    current_changed = Signal(object)
    """The booking id of the current row, or None."""
    acted = Signal(object)
    """The booking id whose row button was pressed."""
    clicked = Signal(object)
    """The booking id of a row that was clicked beside its button."""
    open_wanted = Signal(object)
    """A FoundChild in another session that somebody wants to see."""
    handed_back = Signal()

    def __init__(self, hub: ThemeHub, model: RosterModel, rows: RosterFilter, zone: tzinfo) -> None:
        """Show the rows of `rows`, which filters `model`."""
        super().__init__()
        self.hub = hub
        self._model, self._rows, self._zone = model, rows, zone
        self._found: list[FoundChild] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.list = _List()
        self.list.setModel(rows)
        self.delegate = RosterDelegate(hub)
        self.delegate.acted.connect(self.acted)
        self.list.setItemDelegate(self.delegate)
        self.list.setUniformItemSizes(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Roster")
        self._bar = OverlayBar(self.list)
        self.list.viewport().installEventFilter(self)
        self.list.selectionModel().currentChanged.connect(self._current_changed)
        self.list.clicked.connect(self._clicked)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.list)
        height = hub.theme.size("row.roster")
        self._skeleton = Skeleton(hub, ((0.04, 0.05), (0.11, 0.4), (0.57, 0.15)), rows=9, row_height=height)
        self._stack.addWidget(self._skeleton)
        self._empty: QWidget | None = None
        column.addWidget(self._stack, 1)
        self._elsewhere = surface("panel")
        self._elsewhere_column = QVBoxLayout(self._elsewhere)
        self._elsewhere_column.setContentsMargins(24, 8, 24, 8)
        self._elsewhere_column.setSpacing(4)
        self._elsewhere.hide()
        self._edge = line(strong=True)
        self._edge.hide()
        column.addWidget(self._edge)
        column.addWidget(self._elsewhere)
        hub.changed.connect(self.list.viewport().update)

    # -- the current row -----------------------------------------------------------------------------------------

    @property
    def current(self) -> RosterRow | None:
        """The current row, None when there is none."""
        index = self.list.currentIndex()
        return row_of(index) if index.isValid() else None

    def select(self, booking_id: UUID | None) -> bool:
        """Make a booking's row the current one, where it is shown; answers whether it is."""
        at = self._model.position(booking_id)
        index = self._rows.mapFromSource(self._model.index(at)) if at >= 0 else QModelIndex()
        if index.isValid():
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)
        return index.isValid()

    def select_first(self, key: Callable[[RosterRow], int] | None = None) -> None:
        """Make the first row the current one, or the first of the lowest `key`."""
        count = self._rows.rowCount()
        if not count:
            self.list.setCurrentIndex(QModelIndex())
            self.current_changed.emit(None)
            return
        at = 0
        if key is not None:
            rows = [(row_of(self._rows.index(position, 0)), position) for position in range(count)]
            at = min((key(row), position) for row, position in rows if row is not None)[1]
        index = self._rows.index(at, 0)
        self.list.setCurrentIndex(index)
        self.list.scrollTo(index)

    def clear_current(self) -> None:
        """Make nobody current: the last scan was about somebody else, and Enter must not act on the one before."""
        self.list.setCurrentIndex(QModelIndex())

    def step(self, rows: int) -> None:
        """Move the current row up or down."""
        count = self._rows.rowCount()
        if not count:
            return
        index = self.list.currentIndex()
        at = index.row() + rows if index.isValid() else (0 if rows > 0 else count - 1)
        following = self._rows.index(min(max(at, 0), count - 1), 0)
        self.list.setCurrentIndex(following)
        self.list.scrollTo(following)

    def shown(self) -> list[RosterRow]:
        """The rows that the filter leaves, in order."""
        rows = (row_of(self._rows.index(at, 0)) for at in range(self._rows.rowCount()))
        return [row for row in rows if row is not None]

    # -- what stands in place of rows ------------------------------------------------------------------------------

    def show_loading(self) -> None:
        """A first load is under way."""
        self._stack.setCurrentWidget(self._skeleton)
        self._skeleton.start()

    def show_rows(self) -> None:
        """The roster is known."""
        self._skeleton.stop()
        self._stack.setCurrentWidget(self.list)

    def show_empty(
        self, icon: str, title: str, text: str, *, action: tuple[str, str, Callable[[], object]] | None = None
    ) -> None:
        """Say in place of the rows that there is nothing, and what to do."""
        self._skeleton.stop()
        if self._empty is not None:
            self._stack.removeWidget(self._empty)
            self._empty.deleteLater()
        self._empty = EmptyState(self.hub, icon, title, text, action=action)
        self._stack.addWidget(self._empty)
        self._stack.setCurrentWidget(self._empty)

    @property
    def empty_text(self) -> str:
        """What the empty state says, for a test; empty while rows are shown."""
        showing = self._empty is not None and self._stack.currentWidget() is self._empty
        return self._empty.accessibleName() if showing and self._empty is not None else ""

    # -- other sessions --------------------------------------------------------------------------------------------

    @property
    def found(self) -> Sequence[FoundChild]:
        """Children with that name in other sessions of the day."""
        return self._found

    def show_found(self, found: Sequence[FoundChild]) -> None:
        """Offer children of other sessions under the roster; none hides the offer."""
        if list(found) == self._found:
            return
        self._found = list(found)
        while (item := self._elsewhere_column.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for child in self._found[:_ELSEWHERE_SHOWN]:
            self._elsewhere_column.addWidget(self._found_row(child))
        more = len(self._found) - _ELSEWHERE_SHOWN
        if more > 0:
            self._elsewhere_column.addWidget(label(f"and {more} more: type more letters", "caption"))
        self._elsewhere.setVisible(bool(self._found))
        self._edge.setVisible(bool(self._found))

    def _found_row(self, child: FoundChild) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label(child.first_name, "strong"))
        row.addWidget(label(age_short(child.age_months), "muted"))
        where = f"Not this session: {child.activity_name}, {clock_time(child.starts_at, self._zone)}"
        row.addWidget(ElidedLabel(where, "secondary"), 1)
        button = Button(self.hub, "Open it", scale="compact")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(f"Open {child.activity_name} for {child.first_name}")
        button.clicked.connect(lambda _checked=False: self.open_wanted.emit(child))
        row.addWidget(button)
        return box

    # -- events ----------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Forget the hovered button when the pointer leaves."""
        if event.type() is QEvent.Type.Leave:
            self.delegate.left()
            self.list.viewport().update()
        return False

    def _clicked(self, index: QModelIndex) -> None:
        row = row_of(index)
        if row is not None:
            self.clicked.emit(row.entry.booking_id)
        self.handed_back.emit()

    def _current_changed(self, index: QModelIndex, _before: QModelIndex) -> None:
        row = row_of(index) if index.isValid() else None
        self.current_changed.emit(row.entry.booking_id if row else None)
        if row is not None:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.list, row.spoken))
