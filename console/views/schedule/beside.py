"""Between the calendar and its side panel: what the panel is asked for, and what it makes the calendar show.

See docs/design.md, "Screens" (schedule), and `panel_protocol`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from uuid import UUID

from PySide6.QtCore import QObject, Qt, Signal

from console.domain.changing import Plan
from console.domain.programme import CalendarSession
from console.views.schedule.calendar import WeekView
from console.views.schedule.dragging import SessionMoved
from console.views.schedule.lanes import About
from console.views.schedule.panel_protocol import ProgrammePanel


class Beside(QObject):
    """Speaks with one panel for one page."""

    about_changed = Signal()
    """The calendar shows the panel's subject and plan now."""

    def __init__(
        self,
        page: QObject,
        panel: ProgrammePanel,
        week: WeekView,
        current: Callable[[], CalendarSession | None],
        *,
        may_edit: bool,
        may_cancel: bool,
    ) -> None:
        """`current` answers the session that keys are about, None outside the week."""
        super().__init__(page)
        self.panel, self._week, self._current = panel, week, current
        self._may_edit, self._may_cancel = may_edit, may_cancel
        self.about = About()
        self._moving: UUID | None = None
        week.opened.connect(panel.open_session)
        week.change_wanted.connect(self._propose)
        week.place_wanted.connect(self.new_session)
        week.confirm_wanted.connect(lambda: panel.widget.setFocus(Qt.FocusReason.OtherFocusReason))
        panel.plan_changed.connect(self._planned)
        panel.shows.connect(self._shows)

    # -- what the panel is asked for ---------------------------------------------------------------------------------

    def new_series(self) -> None:
        """Begin a weekly pattern, on the day of the current block where that is still to come."""
        if self._may_edit:
            session = self._current()
            self.panel.new_series(session.day if session is not None else None)

    def new_series_of(self, activity_id: UUID) -> None:
        """Begin a weekly pattern of an activity: from the catalogue."""
        if self._may_edit:
            self.panel.new_series(activity_id=activity_id)

    def new_session(
        self, day: date | None = None, start: time | None = None, room: UUID | None = None
    ) -> None:
        """Begin a single session."""
        if self._may_edit:
            self.panel.new_session(day, start, room)

    def open_closures(self) -> None:
        """Show the closures."""
        if self._may_edit:
            self.panel.open_closures()

    def cancel(self) -> None:
        """Ask what cancelling the current session would do."""
        session = self._current()
        if self._may_cancel and session is not None and not session.is_cancelled:
            self.panel.cancel(session)

    def combine(self) -> None:
        """Ask what the current session could be combined with."""
        session = self._current()
        if self._may_cancel and session is not None and not session.is_cancelled:
            self.panel.combine(session)

    def close(self) -> None:
        """Let go of a block in the pointer's hands, else close the panel, which asks about what is unsaved."""
        dragging = self._week.dragging
        self._week.let_go()
        if self.panel.is_open and not dragging:
            self.panel.close()

    def _propose(self, moved: SessionMoved) -> None:
        self._moving = moved.session.id if self._week.hasFocus() else None
        self.panel.propose_session(moved.session, moved.facts)

    # -- what it makes the calendar show -----------------------------------------------------------------------------

    def forget(self) -> None:
        """Nothing is on show in the panel."""
        self._week.let_go()
        self._show(About())

    def _planned(self, plan: Plan | None) -> None:
        self._show(replace(self.about, plan=plan))

    def _shows(self, series_id: UUID | None, session_id: UUID | None) -> None:
        sessions = self._week.calendar.sessions if self._week.calendar is not None else ()
        mine = (
            one
            for one in sessions
            if one.id == session_id or (series_id is not None and one.series_id == series_id)
        )
        title = next((one.activity for one in mine), "")
        same = (series_id, session_id) == (self.about.series_id, self.about.session_id)
        self._show(About(series_id, session_id, self.about.plan if same else None, title))
        moving, self._moving = self._moving, None
        if moving is not None and moving == session_id:
            # Whoever moves a block by its keys goes on moving it: the panel opens without taking the keyboard along.
            self._week.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, about: About) -> None:
        self.about = about
        self._week.show_about(about)
        self.about_changed.emit()
