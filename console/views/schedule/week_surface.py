"""The surface of the week: what it shows, how it scrolls, and which block is the current one.

Only what is exposed is painted, from kept layouts (`week_art`, `blocks`); what is shown is worked out by `arranging`
and measured by `frame`. Keys and pointer are heard by `calendar`. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from datetime import datetime, tzinfo
from uuid import UUID

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame

from console.clock import Clock
from console.domain.programme import Calendar, CalendarSession
from console.views.schedule import dragging, walking, words
from console.views.schedule.arranging import arrange
from console.views.schedule.dragging import SessionMoved
from console.views.schedule.frame import Frame
from console.views.schedule.lanes import About, Block, Wanted, Week
from console.views.schedule.week_art import Scene, WeekArt
from console.views.theme import ThemeHub
from console.views.widgets.base import surface

_MINUTE_MS = 20_000
_CONTEXT = 48


class WeekSurface(QAbstractScrollArea):
    """One week as it is shown; `None` as the current session means that no block is current."""

    current_changed = Signal(object)
    """(CalendarSession | None)"""

    def __init__(self, hub: ThemeHub, clock: Clock, zone: tzinfo) -> None:
        """An empty week; `show_calendar` fills it."""
        super().__init__()
        self.hub, self._clock, self._zone = hub, clock, zone
        self._art = WeekArt(hub)
        self._calendar: Calendar | None = None
        self.wanted, self._about = Wanted(), About()
        self._current: UUID | None = None
        self._nudged: SessionMoved | None = None
        self._later: Calendar | None = None
        self._rooms: dict[UUID, str] = {}
        self.scene = Scene()
        self.week: Week = Week((), (), (), (), 540, 1080, ())
        self.frame_ = Frame(self.week, hub.theme, 600)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setCornerWidget(surface("canvas"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Week")
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
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

    @property
    def dragging(self) -> bool:
        """Whether a block is in the pointer's hands: what is shown does not change under it."""
        return False

    def show_calendar(self, calendar: Calendar) -> None:
        """Show a week, the same one anew or another; selection and scroll position stay where they can."""
        if self.dragging:
            self._later = calendar
            return
        other = self._calendar is None or calendar.first != self._calendar.first
        self._calendar = calendar
        self._rooms = {room.id: room.name for room in calendar.rooms}
        self._arrange()
        if other:
            self._show_today()
        self._find_current()

    def show_wanted(self, wanted: Wanted) -> None:
        """Show what the filters let through."""
        if wanted != self.wanted:
            self.wanted = wanted
            self._arrange()

    def show_about(self, about: About) -> None:
        """Light what the panel is about and paint what it proposes."""
        if about != self._about:
            if about.plan is None and self._about.plan is not None:
                self._nudged = None
            if not self.dragging:
                self.scene.ghosts = []  # the plan shows the place, or there is nothing proposed any more
            self._about = about
            self._arrange()

    def select(self, session_id: UUID | None) -> None:
        """Make a session the current one, and bring it into sight."""
        block = next((one for one in self.week.blocks if one.session and one.session.id == session_id), None)
        self._go(block)

    def let_go(self) -> None:
        """Forget what the keyboard made of the current block."""
        self._nudged = None
        self.scene.ghosts = []
        self.viewport().update()

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
        if now != self._told and self._calendar is not None and not self.dragging:
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
        self.week = arrange(self._calendar, self._zone, now, self.wanted, self._about)
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
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.setValue(0)
        down.setValue(0)
        if today < 0:
            return
        box, room = frame.strip_rect(today), self.viewport().height() - frame.axis
        if box.bottom() > room:
            down.setValue(box.top() if box.height() > room // 2 else box.bottom() - room // 2)
        if across.maximum():
            across.setValue(frame.x(self.scene.now) - self.viewport().width() // 2)

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
        """Measure anew; the current block stays in sight, as when the panel takes part of the width."""
        super().resizeEvent(event)
        self._measure()
        if self.scene.current is not None and event.oldSize().width() != event.size().width():
            self._into_sight(self.frame_.rect(self.scene.current))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring appears; where nothing is current yet, the next session is."""
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason:
            self._find_current()
        self.viewport().update()

    def _find_current(self) -> None:
        """Where the keyboard is, a block is current: without one, the next that is not over."""
        if self.scene.current is None and self.hasFocus():
            self._go(walking.first_to_come(self.week, self._clock.now()), follow=False)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes."""
        super().focusOutEvent(event)
        self.viewport().update()

    def _theme_changed(self) -> None:
        self._art.forget()
        self._measure()

    # -- the current block -------------------------------------------------------------------------------------------

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

    def _show_ghost(self, moved: SessionMoved) -> None:
        strip, lane = walking.place_of(moved, self.week, self.wanted.by)
        block = dragging.ghost(moved, strip, lane)
        self.scene.ghosts = [block]
        self._into_sight(self.frame_.rect(block))
        self.viewport().update()
