"""The week as one painted widget: it scrolls, is walked by the keyboard, and hands on what is dragged.

Only what is exposed is painted, from kept layouts (`week_art`, `blocks`); what is shown is worked out by `arranging`
and measured by `frame`. It changes nothing: a drag ends in `change_wanted`, and what comes of it arrives as the plan
of the panel. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from uuid import UUID

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip

from console.clock import Clock
from console.domain.programme import Calendar, CalendarSession
from console.views.schedule import dragging, walking, words
from console.views.schedule.arranging import arrange
from console.views.schedule.dragging import Drag, Grip, SessionMoved
from console.views.schedule.frame import Frame, lane_name
from console.views.schedule.lanes import About, Block, By, Wanted, Week
from console.views.schedule.week_art import Scene, WeekArt
from console.views.theme import ThemeHub

_EDGE = 6
"""Pixels at either end of a block that stretch it."""
_SLACK = 4
"""Pixels a press may wander before it is a drag."""
_CREEP_MS, _CREEP_BY, _CREEP_ZONE = 30, 14, 28
_MINUTE_MS = 20_000
_CONTEXT = 48


class WeekView(QAbstractScrollArea):
    """One week. `None` as the current session means that no block is current."""

    current_changed = Signal(object)
    """(CalendarSession | None)"""
    opened = Signal(object)
    """(CalendarSession): Enter or a click on a block."""
    change_wanted = Signal(object)
    """(SessionMoved): a block was moved or stretched, by the pointer or the keyboard."""
    place_wanted = Signal(object, object, object)
    """(date, time, room id | None): a double click where nothing is."""
    confirm_wanted = Signal()
    """Enter after a block was moved by the keyboard: the panel shall have the keyboard."""
    turned = Signal(int)
    """PageUp and PageDown: so many weeks on."""

    def __init__(self, hub: ThemeHub, clock: Clock, zone: tzinfo, *, may_edit: bool = True) -> None:
        """An empty week; `show_calendar` fills it. Without `may_edit` nothing can be dragged."""
        super().__init__()
        self.hub, self._clock, self._zone, self._may_edit = hub, clock, zone, may_edit
        self._art = WeekArt(hub)
        self._calendar: Calendar | None = None
        self._wanted, self._about = Wanted(), About()
        self._current: UUID | None = None
        self._nudged: SessionMoved | None = None
        self._drag: Drag | None = None
        self._pressed: tuple[Block, QPoint] | None = None
        self._rooms: dict[UUID, str] = {}
        self.scene = Scene()
        self.week: Week = Week((), (), (), (), 540, 1080, ())
        self.frame_ = Frame(self.week, hub.theme, 600)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Week")
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._creep = QTimer(self)
        self._creep.setInterval(_CREEP_MS)
        self._creep.timeout.connect(self._creep_on)
        self._minute = QTimer(self)
        self._minute.setInterval(_MINUTE_MS)
        self._minute.timeout.connect(self.tick)
        self._minute.start()
        self._told: datetime | None = None
        hub.changed.connect(self._theme_changed)

    # -- what is shown -----------------------------------------------------------------------------------------------

    @property
    def calendar(self) -> Calendar | None:
        """What is on show; None before anything is."""
        return self._calendar

    @property
    def current(self) -> CalendarSession | None:
        """The session with the ring."""
        block = self.scene.current
        return block.session if block is not None else None

    @property
    def proposed(self) -> SessionMoved | None:
        """What the keyboard has made of the current block so far."""
        return self._nudged

    def show_calendar(self, calendar: Calendar) -> None:
        """Show a week, the same one anew or another; selection and scroll position stay where they can."""
        other = self._calendar is None or calendar.first != self._calendar.first
        self._calendar = calendar
        self._rooms = {room.id: room.name for room in calendar.rooms}
        self._arrange()
        if other:
            self._show_today()

    def show_wanted(self, wanted: Wanted) -> None:
        """Show what the filters let through."""
        if wanted != self._wanted:
            self._wanted = wanted
            self._arrange()

    def show_about(self, about: About) -> None:
        """Light what the panel is about and paint what it proposes."""
        if about != self._about:
            if about.plan is None and self._about.plan is not None:
                self._nudged = None
            self._about = about
            self._arrange()

    def select(self, session_id: UUID | None) -> None:
        """Make a session the current one, and bring it into sight."""
        block = next((one for one in self.week.blocks if one.session and one.session.id == session_id), None)
        self._go(block)

    def room_name(self, session: CalendarSession) -> str:
        """The room of a session in words."""
        return self._rooms.get(session.room_id, words.NO_ROOM) if session.room_id else words.NO_ROOM

    def rect_of(self, session_id: UUID) -> QRect:
        """Where a session is painted, in the viewport; empty where it is not."""
        block = next((one for one in self.week.blocks if one.session and one.session.id == session_id), None)
        return self.frame_.rect(block).translated(self._origin()) if block is not None else QRect()

    def tick(self) -> None:
        """The clock went on: past, now and the line follow it."""
        now = self._clock.now().replace(second=0, microsecond=0)
        if now != self._told and self._calendar is not None and self._drag is None:
            self._arrange()

    def sizeHint(self) -> QSize:
        """The room under the filters."""
        return QSize(1000, 680)

    # -- arranging ---------------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        if self._calendar is None:
            return
        now = self._clock.now()
        self._told = now.replace(second=0, microsecond=0)
        self.week = arrange(self._calendar, self._zone, now, self._wanted, self._about)
        local = now.astimezone(self._zone)
        today = next((at for at, strip in enumerate(self.week.strips) if strip.day == local.date()), -1)
        self.scene.today, self.scene.now = today, local.hour * 60 + local.minute
        self.scene.hovered = None
        self.scene.current = next(
            (
                one
                for one in (*self.week.blocks, *self.week.behind)
                if one.session and one.session.id == self._current
            ),
            None,
        )
        self._measure()

    def _measure(self) -> None:
        """Measure what is arranged for the present width and theme."""
        self.frame_ = Frame(self.week, self.hub.theme, self.viewport().width())
        room = self.viewport().size() - QSize(self.frame_.gutter, self.frame_.axis)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setRange(0, max(self.frame_.width - room.width(), 0))
        across.setPageStep(max(room.width(), 1))
        across.setSingleStep(self.hub.theme.scaled(40))
        down.setRange(0, max(self.frame_.height - room.height(), 0))
        down.setPageStep(max(room.height(), 1))
        down.setSingleStep(self.hub.theme.size("calendar.lane"))
        self.viewport().update()

    def _show_today(self) -> None:
        """Another week begins at its top, the present one at today."""
        frame, today = self.frame_, self.scene.today
        self.horizontalScrollBar().setValue(0)
        self.verticalScrollBar().setValue(frame.tops[today] if today > 0 else 0)
        if today >= 0:
            middle = frame.x(self.scene.now) - self.viewport().width() // 2
            self.horizontalScrollBar().setValue(middle)

    def _origin(self) -> QPoint:
        """Where the picture's own origin lies in the viewport."""
        return QPoint(
            self.frame_.gutter - self.horizontalScrollBar().value(),
            self.frame_.axis - self.verticalScrollBar().value(),
        )

    def _into_sight(self, rect: QRect) -> None:
        room = self.viewport().size() - QSize(self.frame_.gutter, self.frame_.axis)
        for bar, start, end, extent in (
            (self.horizontalScrollBar(), rect.left(), rect.right(), room.width()),
            (self.verticalScrollBar(), rect.top(), rect.bottom(), room.height()),
        ):
            context = min(_CONTEXT, max((extent - (end - start)) // 2, 0))
            if start - context < bar.value():
                bar.setValue(start - context)
            elif end + context > bar.value() + extent:
                bar.setValue(min(end + context - extent, start))

    # -- painting ----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what is exposed."""
        painter = QPainter(self.viewport())
        scroll = QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())
        self.scene.focused = self.hasFocus()
        self._art.paint(painter, self.frame_, self.viewport().size(), scroll, self.scene, event.rect())

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """What stays at the edges makes a scroll a paint."""
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Measure anew."""
        super().resizeEvent(event)
        self._measure()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring appears; where nothing is current yet, the next session is."""
        super().focusInEvent(event)
        if self.scene.current is None and event.reason() is not Qt.FocusReason.MouseFocusReason:
            self._go(walking.first_to_come(self.week, self._clock.now()), follow=False)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes."""
        super().focusOutEvent(event)
        self._end_drag()
        self.viewport().update()

    def _theme_changed(self) -> None:
        self._art.forget()
        self._measure()

    # -- the keyboard ------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk; with Shift they move, with Alt they stretch; Enter opens, PageUp and PageDown turn weeks."""
        key, held = Qt.Key(event.key()), event.modifiers()
        if key == Qt.Key.Key_Escape and (self._drag is not None or self._nudged is not None):
            self._end_drag()
            self._nudged = None
            self.scene.ghosts = []
            self.viewport().update()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.turned.emit(-1 if key == Qt.Key.Key_PageUp else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
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

    def _go(self, block: Block | None, *, follow: bool = True) -> None:
        session = block.session if block is not None else None
        if block is None or session is None:
            return
        if session.id != self._current:
            self._nudged = None
            self.scene.ghosts = []
        self._current = session.id
        self.scene.current = block
        said = words.spoken(session, self.room_name(session), self._zone)
        self.setAccessibleDescription(said)
        if follow:
            self._into_sight(self.frame_.rect(block))
            if self.hasFocus():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, said))
        self.viewport().update()
        self.current_changed.emit(session)

    def _nudge(self, key: Qt.Key, *, stretch: bool) -> None:
        session, block = self.current, self.scene.current
        if block is None or session is None or not self._can_hold(session):
            return
        moved = self._nudged or dragging.as_it_is(session, self._zone)
        if stretch:
            moved = walking.stretched(moved, key)
        else:
            moved = walking.moved(moved, key, self.week, self._wanted.by)
        if moved != self._nudged:
            self._nudged = moved
            self._show_ghost(moved)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, moved.times))
            self.change_wanted.emit(moved)

    def _can_hold(self, session: CalendarSession | None) -> bool:
        return self._may_edit and dragging.can_be_held(session, self._clock.now())

    def _show_ghost(self, moved: SessionMoved) -> None:
        strip, lane = walking.place_of(moved, self.week, self._wanted.by)
        block = dragging.ghost(moved, strip, lane)
        self.scene.ghosts = [block]
        self._into_sight(self.frame_.rect(block))
        self.viewport().update()

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
        key = strip.lanes[spot.lane].key if strip.lanes and self._wanted.by is By.ROOM else None
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
            text = lane_name(self.week.strips[spot.strip], spot.lane)
        else:
            text = ""
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
        self._drag = Drag.begin(block, session, self._grip(block, begun), spot, self._wanted.by, self._zone)
        self.scene.faint = block
        self.scene.hovered = None
        self._creep.start()

    def _follow(self, point: QPoint) -> None:
        assert self._drag is not None
        spot = self.frame_.spot(point - self._origin())
        self._drag.follow(spot, self.week.strips[spot.strip])
        strip, lane = walking.place_of(self._drag.now, self.week, self._wanted.by)
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
        self.scene.faint = None
        self.scene.ghosts = []
        self.viewport().update()


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return date.fromordinal(day.toordinal() - day.weekday())
