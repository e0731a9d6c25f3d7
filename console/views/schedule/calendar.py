"""The week as it is used: walked by the keyboard, taken hold of by the pointer, moved and stretched by both.

It changes nothing itself: a drag ends in `change_wanted`, and what comes of it arrives as the plan of the panel. See
docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from datetime import tzinfo
from uuid import UUID

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QToolTip

from console.clock import Clock
from console.domain.programme import CalendarSession
from console.views.schedule import dragging, walking, words
from console.views.schedule.dragging import Drag, Grip
from console.views.schedule.frame import lane_name
from console.views.schedule.lanes import Block, By
from console.views.schedule.week_surface import WeekSurface
from console.views.theme import ThemeHub

_EDGE = 6
"""Pixels at either end of a block that stretch it."""
_SLACK = 4
"""Pixels a press may wander before it is a drag."""
_CREEP_MS, _CREEP_BY, _CREEP_ZONE = 30, 14, 28


class WeekView(WeekSurface):
    """One week to work with."""

    opened = Signal(object)
    """(CalendarSession): Enter or a click on a block."""
    change_wanted = Signal(object)
    """(SessionMoved): a block was moved or stretched, by the pointer or the keyboard."""
    place_wanted = Signal(object, object, object)
    """(date, time, room id | None): a double click where nothing is."""
    confirm_wanted = Signal()
    """Enter after a block was moved by the keyboard: the panel shall have the keyboard."""

    def __init__(self, hub: ThemeHub, clock: Clock, zone: tzinfo, *, may_edit: bool = True) -> None:
        """An empty week; `show_calendar` fills it. Without `may_edit` nothing can be dragged."""
        super().__init__(hub, clock, zone)
        self._may_edit = may_edit
        self._drag: Drag | None = None
        self._pressed: tuple[Block, QPoint] | None = None
        self._creep = QTimer(self)
        self._creep.setInterval(_CREEP_MS)
        self._creep.timeout.connect(self._creep_on)

    @property
    def dragging(self) -> bool:
        """Whether a block is in the pointer's hands: what is shown does not change under it."""
        return self._drag is not None

    def let_go(self) -> None:
        """Leave the block where it was."""
        self._end_drag()
        super().let_go()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What leaves the keyboard lets go of a block."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._end_drag()

    # -- the keyboard ------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk; with Shift they move, with Alt they stretch; Enter opens."""
        key, held = Qt.Key(event.key()), event.modifiers()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif key in walking.STEPS and held & (
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.AltModifier
        ):
            self._nudge(key, stretch=bool(held & Qt.KeyboardModifier.AltModifier))
        elif key in walking.STEPS or key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._go(walking.step(self.week, self.scene.current, key, self._clock.now()))
        else:
            super().keyPressEvent(event)

    def _enter(self) -> None:
        if self._nudged is not None:
            self.confirm_wanted.emit()
        elif self.current is not None:
            self.opened.emit(self.current)

    def _nudge(self, key: Qt.Key, *, stretch: bool) -> None:
        session, block = self.current, self.scene.current
        if block is None or session is None or not self._can_hold(session):
            return
        moved = self._nudged or dragging.as_it_is(session, self._zone)
        if stretch:
            moved = walking.stretched(moved, key)
        else:
            moved = walking.moved(moved, key, self.week, self.wanted.by)
        if moved != self._nudged:
            self._nudged = moved
            self._show_ghost(moved)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, moved.times))
            self.change_wanted.emit(moved)

    def _can_hold(self, session: CalendarSession | None) -> bool:
        return self._may_edit and dragging.can_be_held(session, self._clock.now())

    # -- the pointer -------------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Make the block under the pointer current; it may become a drag."""
        if event.button() is not Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        block = self._block_at(event.position().toPoint())
        if block is not None and block.session is not None:
            self._pressed = (block, event.position().toPoint())
            self._go(block, follow=False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hover, or drag."""
        point = event.position().toPoint()
        if self._pressed is not None and self._drag is None:
            self._begin_drag(point)
        if self._drag is not None:
            self._follow(point)
            return
        block = self._block_at(point)
        if block is not self.scene.hovered:
            self.scene.hovered = block
            self.viewport().update()
        self._set_cursor(block, point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A drag proposes, a click opens."""
        pressed, drag = self._pressed, self._drag
        self._pressed = None
        if drag is not None:
            moved = drag.now if drag.has_moved else None
            self._end_drag()
            if moved is not None:
                self._nudged = moved
                self._show_ghost(moved)
                self.change_wanted.emit(moved)
        elif pressed is not None and pressed[0].session is not None:
            self.opened.emit(pressed[0].session)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Where nothing is, something can begin."""
        point = event.position().toPoint()
        inside = point.x() >= self.frame_.gutter and point.y() >= self.frame_.axis
        if not inside or not self._may_edit or self._block_at(point) is not None or not self.week.strips:
            return
        spot = self.frame_.spot(point - self._origin())
        strip = self.week.strips[spot.strip]
        key = strip.lanes[spot.lane].key if strip.lanes and self.wanted.by is By.ROOM else None
        start = max(0, min(spot.minute // 15 * 15, 23 * 60 + 45))
        self.place_wanted.emit(strip.day, words.moment(start), key if isinstance(key, UUID) else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is hovered outside."""
        super().leaveEvent(event)
        self.scene.hovered = None
        self.viewport().update()

    def viewportEvent(self, event: QEvent) -> bool:
        """Tool tips: all of a block, or the name of a lane that is cut off."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tip(event.pos(), event.globalPos())
            return True
        return super().viewportEvent(event)

    def _tip(self, point: QPoint, place: QPoint) -> None:
        block = self._block_at(point)
        if block is not None and block.session is not None:
            text = words.tip(block.session, self.room_name(block.session), self._zone)
        elif point.x() < self.frame_.gutter and self.week.strips:
            spot = self.frame_.spot(point - self._origin())
            strip = self.week.strips[spot.strip]
            text = lane_name(strip, spot.lane)
            if point.x() < self.frame_.day_column:
                text = words.long_day(strip.hours) if strip.hours != 24 else ""
        else:
            where = point - self._origin()
            shut = (one for one in self.week.shut if self.frame_.shut_rect(one).contains(where))
            text = next((one.title for one in shut), "")
        QToolTip.showText(place, text, self.viewport())

    def _block_at(self, point: QPoint) -> Block | None:
        if point.x() < self.frame_.gutter or point.y() < self.frame_.axis:
            return None
        return self.frame_.block_at(point - self._origin())

    def _grip(self, block: Block, point: QPoint) -> Grip:
        rect = self.frame_.rect(block).translated(self._origin())
        if rect.width() < 4 * _EDGE:
            return Grip.MOVE
        if point.x() < rect.left() + _EDGE:
            return Grip.START
        return Grip.END if point.x() > rect.right() - _EDGE else Grip.MOVE

    def _set_cursor(self, block: Block | None, point: QPoint) -> None:
        if block is None or block.session is None:
            shape = Qt.CursorShape.ArrowCursor
        elif self._can_hold(block.session) and self._grip(block, point) is not Grip.MOVE:
            shape = Qt.CursorShape.SizeHorCursor
        else:
            shape = Qt.CursorShape.PointingHandCursor
        self.viewport().setCursor(shape)

    def _begin_drag(self, point: QPoint) -> None:
        assert self._pressed is not None
        block, begun = self._pressed
        session = block.session
        if session is None or not self._can_hold(session) or (point - begun).manhattanLength() < _SLACK:
            return
        spot = self.frame_.spot(begun - self._origin())
        self._drag = Drag.begin(block, session, self._grip(block, begun), spot, self.wanted.by, self._zone)
        self.scene.faint = block
        self.scene.hovered = None
        self._creep.start()

    def _follow(self, point: QPoint) -> None:
        assert self._drag is not None
        spot = self.frame_.spot(point - self._origin())
        self._drag.follow(spot, self.week.strips[spot.strip])
        strip, lane = walking.place_of(self._drag.now, self.week, self.wanted.by)
        self.scene.ghosts = [dragging.ghost(self._drag.now, strip, lane)]
        self.viewport().update()

    def _creep_on(self) -> None:
        """At an edge of the view the picture goes on under the pointer."""
        point = self.viewport().mapFromGlobal(self.cursor().pos())
        for bar, at, least, most in (
            (self.horizontalScrollBar(), point.x(), self.frame_.gutter, self.viewport().width()),
            (self.verticalScrollBar(), point.y(), self.frame_.axis, self.viewport().height()),
        ):
            if at < least + _CREEP_ZONE:
                bar.setValue(bar.value() - _CREEP_BY)
            elif at > most - _CREEP_ZONE:
                bar.setValue(bar.value() + _CREEP_BY)

    def _end_drag(self) -> None:
        self._creep.stop()
        self._drag = self._pressed = None
        if self.scene.faint is not None:
            self.scene.faint = None
            self.scene.ghosts = []
            self.viewport().update()
        if self._later is not None:
            later, self._later = self._later, None
            self.show_calendar(later)
