"""The schedule: the week, the month or the series of a venue, and beside them the panel that changes them.

The page fetches and shows; whatever a person drags or asks for is proposed to the panel, which plans and carries it
out. A refresh keeps selection, scroll position and focus. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta, tzinfo
from uuid import UUID

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.programme import Calendar, CalendarSession
from console.errors import ConsoleError
from console.models.gateway_programme import ProgrammeGateway
from console.models.runner import TaskRunner
from console.views.front_desk.day_picker import DayPicker
from console.views.saved_filters import FilterMemory
from console.views.schedule import words
from console.views.schedule.beside import Beside
from console.views.schedule.calendar import WeekView
from console.views.schedule.filters import FilterBar
from console.views.schedule.head import ScheduleHeader
from console.views.schedule.keys import actions
from console.views.schedule.lanes import By, Wanted, monday
from console.views.schedule.legend import Legend
from console.views.schedule.month import MonthView, month_days, other_month
from console.views.schedule.panel_protocol import PanelFactory
from console.views.schedule.print import WeekPrinter
from console.views.schedule.series_list import SeriesList
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.focus import lead_focus, tab_in_order
from console.views.widgets.waiting import EmptyState, Skeleton

_SKELETON = ((0.02, 0.06), (0.12, 0.10), (0.30, 0.14), (0.58, 0.08), (0.74, 0.12))


class SchedulePage(QWidget):
    """The area."""

    toast_wanted = Signal(str, str)
    reached = Signal(object)
    """None when the server answered, the ConsoleError when it did not: for the status bar."""
    exchange_wanted = Signal()
    unsaved = Signal(object)
    """(str | None): what the panel has not saved yet, for the status bar."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: ProgrammeGateway,
        *,
        zone: tzinfo,
        venue: str,
        clock: Clock,
        panel_factory: PanelFactory,
        may_edit: bool = False,
        may_cancel: bool = False,
        memory: FilterMemory | None = None,
        printer: WeekPrinter | None = None,
        may_exchange: bool = False,
    ) -> None:
        """`zone` is the venue's. Nothing is asked before the page is shown or `refresh` is called."""
        super().__init__()
        self.hub, self._gateway, self._zone, self._clock = hub, gateway, zone, clock
        self.setAccessibleName(f"Schedule, {venue}")
        self._printer = printer
        self._kind = "week"
        self._day = self._today
        self._shown: tuple[str, date] | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        shown = {"may_edit": may_edit, "may_print": printer is not None, "may_exchange": may_exchange}
        self.header = ScheduleHeader(hub, **shown)
        self.filters = FilterBar(hub, memory)
        self.banner = Banner(hub)
        self.week = WeekView(hub, clock, zone, may_edit=may_edit)
        self.month = MonthView(hub, clock, zone)
        self.panel = panel_factory()
        self.beside = Beside(
            self, self.panel, self.week, self._current, may_edit=may_edit, may_cancel=may_cancel
        )
        begin = self.beside.new_series if may_edit else None
        self.series = SeriesList(hub, gateway.all_series, begin)
        self.empty = EmptyState(
            hub, "ph.calendar-blank", words.NOTHING_THIS_WEEK, words.NEW_SERIES_HINT if may_edit else "",
            action=("ph.plus", "New series", begin) if begin is not None else None,
        )  # fmt: skip
        self.no_match = EmptyState(
            hub, "ph.magnifying-glass", "No sessions match", "Type less, or choose less.",
            link=("Show all", self.filters.clear),
        )  # fmt: skip
        self.skeleton = Skeleton(hub, _SKELETON, rows=14, row_height=hub.theme.size("calendar.lane"))
        self.legend = Legend(hub)
        self.picker = DayPicker(hub, self)
        self._lay_out()
        self._connect()
        self.page_actions = actions(self, may_cancel=may_cancel, **shown)
        self._show_days()
        lead_focus(self, self.week)

    # -- for the window ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Ask again for what is on show; selection, scroll position and focus stay."""
        self.runner.start(self._load(), "load")
        if self.panel.is_open:
            self.panel.refresh()

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()
        self.series.stop()
        self.panel.stop()

    def sizeHint(self) -> QSize:
        """The room beside the rail."""
        return QSize(1240, 872)

    @property
    def action_bar(self) -> QWidget | None:
        """The panel's buttons, while it is open."""
        foot = getattr(self.panel.widget, "foot", None)
        return foot if isinstance(foot, QWidget) else None

    # -- days and views ----------------------------------------------------------------------------------------------

    @property
    def first(self) -> date:
        """The Monday of the week on show."""
        return monday(self._day)

    def show_view(self, kind: str) -> None:
        """Show the `week`, the `month` or the `series`."""
        if kind != self._kind:
            self._kind = kind
            self._shown = None
            self._show_days()
            self._load_soon()

    def show_day(self, day: date) -> None:
        """Show the week, or the month, of a day."""
        self._day = day
        self.month.go(day)
        self._show_days()
        self._load_soon()

    def turn(self, by: int) -> None:
        """So many weeks or months on; 0 leads to the present one."""
        if by == 0:
            self.show_day(self._today)
        elif self._kind == "month":
            self.show_day(other_month(self._day, by))
        else:
            self.show_day(self.first + timedelta(days=7 * by))

    def open_session_day(self, session_id: UUID, day: date) -> None:
        """Show the week of a session and make it the current one: from a search, from a plan."""
        self.show_view("week")
        self._day = day
        self._show_days()
        self.runner.start(self._load(select=session_id), "load")

    def show_series_of(self, activity_id: UUID) -> None:
        """Show the series of one activity: from the catalogue. The choice is not remembered."""
        self.filters.show_activity(activity_id)
        self.show_view("series")

    def pick_day(self) -> None:
        """Choose a day from a month."""
        place = self.header.pick.mapTo(self, QPoint(0, self.header.pick.height() + 4))
        right = self.width() - self.picker.sizeHint().width() - 8
        self.picker.open_at(QPoint(max(0, min(place.x(), right)), place.y()), self._day, self._today)

    @property
    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()

    # -- printing -----------------------------------------------------------------------------------------------------

    def print_week(self) -> None:
        """Print the week on show, as the filters have it."""
        calendar = self.week.calendar
        if self._printer is not None and self._kind == "week" and calendar is not None:
            seen = replace(calendar, sessions=self.week.week.seen)
            self.runner.start(self._print(self._printer, seen))

    async def _print(self, printer: WeekPrinter, calendar: Calendar) -> None:
        said = await printer.print_week(calendar, self._zone, by_instructor=self._wanted.by is By.INSTRUCTOR)
        if said:
            self.toast_wanted.emit(said, words.week_title(calendar.first))

    # -- loading -----------------------------------------------------------------------------------------------------

    def _load_soon(self) -> None:
        if self.isVisible():
            self.runner.start(self._load(), "load")

    async def _load(self, *, select: UUID | None = None) -> None:
        kind, day = self._kind, self._day
        if kind == "series":
            calendar = self.week.calendar or await self._gateway.calendar(
                self.first, self.first + timedelta(days=6)
            )
            self.filters.offer(calendar)
            self.series.show_rooms({room.id: room.name for room in calendar.rooms})
            self.series.load()
            self._arrived()
            return
        if kind == "month":
            first, last = month_days(day)
        else:
            first, last = monday(day), monday(day) + timedelta(days=6)
        calendar = await self._gateway.calendar(first, last)
        if (kind, day) != (self._kind, self._day):
            return
        self._shown = (kind, first)
        self.filters.offer(calendar)
        if kind == "month":
            self.month.show_calendar(calendar)
        else:
            self.week.show_calendar(calendar)
            if select is not None:
                self.week.select(select)
        self._arrived()

    def _arrived(self) -> None:
        self.reached.emit(None)
        self.banner.clear()
        self._stop_waiting()
        self._filtered()

    def _failed(self, error: ConsoleError) -> None:
        self._stop_waiting()
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    def _wait(self) -> None:
        self.skeleton.show()
        self.skeleton.raise_()
        self.skeleton.start()

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    # -- showing -----------------------------------------------------------------------------------------------------

    @property
    def _wanted(self) -> Wanted:
        return self.filters.wanted

    def _filtered(self) -> None:
        self.week.show_wanted(self._wanted)
        self.month.show_wanted(self._wanted)
        self.series.show_wanted(self._wanted)
        self._show_body()

    def _show_days(self) -> None:
        """What the header says, and which view is on top; its contents follow when they are loaded."""
        self.header.show_days(self.first if self._kind == "week" else self._day, self._kind)
        self.legend.setVisible(self._kind == "week")
        self._order_tabs()
        self._show_body()

    def _order_tabs(self) -> None:
        """From left to right and down; the chosen view is the one of the three that Tab reaches."""
        if self.isVisible():
            tab_in_order(self.header, self.filters.text, *self.filters.buttons, self.body, self.panel.widget)

    def _show_body(self) -> None:
        before = self.body.currentWidget()
        known = self._shown is not None
        shown: QWidget = {"week": self.week, "month": self.month, "series": self.series}[self._kind]
        if self._kind == "week" and known and not self.week.week.blocks:
            if self._wanted.narrows and self._has_sessions():
                shown = self.no_match
            elif not self.week.week.shut:
                shown = self.empty
        self.body.setCurrentWidget(shown)
        lead_focus(self, shown if shown in (self.week, self.month, self.series) else self.header.views)
        if before is not shown and self._had_keyboard:
            shown.setFocus(Qt.FocusReason.OtherFocusReason)
        seen = self.week.week.seen if self._kind == "week" else self.month.seen
        self.filters.totals.setText("" if self._kind == "series" else words.totals(seen))

    def _has_sessions(self) -> bool:
        return self.week.calendar is not None and bool(self.week.calendar.sessions)

    @property
    def _had_keyboard(self) -> bool:
        focused = QApplication.focusWidget()
        return focused is self or (focused is not None and self.body.isAncestorOf(focused))

    def _picked(self, day: date) -> None:
        if self._kind == "series":
            self.header.views.choose("week")
            self._kind = "week"
        self.show_day(day)
        self._give_keyboard()

    def _open_week(self, day: date) -> None:
        self._day = day
        self.show_view("week")
        self.week.setFocus(Qt.FocusReason.OtherFocusReason)

    def _current(self) -> CalendarSession | None:
        return self.week.current if self._kind == "week" else None

    def _load_anew(self) -> None:
        self.week.let_go()
        self.runner.start(self._load(), "load")

    def _panel_closed(self) -> None:
        self.beside.forget()
        self._give_keyboard()

    def _give_keyboard(self) -> None:
        shown = self.body.currentWidget()
        if shown is not None:
            shown.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- how it is laid out ------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.left = surface("canvas")
        row.addWidget(self.left, 1)
        column = QVBoxLayout(self.left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.filters)
        holder = QVBoxLayout()
        holder.setContentsMargins(24, 0, 16, 0)
        holder.addWidget(self.banner)
        column.addLayout(holder)
        column.addWidget(line())
        self.body = QStackedWidget()
        for part in (self.week, self.month, self.series, self.empty, self.no_match):
            self.body.addWidget(part)
        column.addWidget(self.body, 1)
        over = QVBoxLayout(self.week.viewport())
        over.setContentsMargins(24, self.hub.theme.size("calendar.axis"), 24, 0)
        over.addWidget(self.skeleton)
        over.addStretch(1)
        self.skeleton.hide()
        column.addWidget(self.legend)
        row.addWidget(self.panel.widget)

    def _connect(self) -> None:
        head, panel = self.header, self.panel
        head.turned.connect(self.turn)
        head.day_wanted.connect(self.pick_day)
        head.view_changed.connect(self.show_view)
        head.closures_wanted.connect(self.beside.open_closures)
        head.series_wanted.connect(self.beside.new_series)
        head.print_wanted.connect(self.print_week)
        head.exchange_wanted.connect(self.exchange_wanted)
        self.picker.chosen.connect(self._picked)
        self.filters.changed.connect(self._filtered)
        self.week.show_wanted(self._wanted)
        self.month.show_wanted(self._wanted)
        self.series.show_wanted(self._wanted)
        self.month.week_wanted.connect(self._open_week)
        self.month.day_changed.connect(self.show_day)
        self.series.opened.connect(lambda series_id: self.panel.open_series(series_id))
        self.series.failed.connect(self._failed)
        self.beside.about_changed.connect(self._show_body)
        panel.applied.connect(lambda _applied: self._load_anew())
        panel.closed.connect(self._panel_closed)
        panel.unsaved.connect(self.unsaved)
        panel.toast_wanted.connect(self.toast_wanted)

    def step_back(self) -> None:
        """Escape: what is typed in the filter goes first, then the panel; the keyboard returns to the calendar."""
        if self.filters.text.hasFocus():
            if self.filters.text.text():
                self.filters.text.clear()
                return
            self._give_keyboard()
        self.beside.close()

    def go_to_filter(self) -> None:
        """Give the keyboard to the filter."""
        self.filters.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filters.text.selectAll()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask whenever the page comes into view."""
        super().showEvent(event)
        if event.spontaneous():
            return
        self._order_tabs()
        if self._shown is None:
            self._wait()
        self.refresh()
        self._give_keyboard()
