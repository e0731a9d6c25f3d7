"""What a venue offers and when: the schedule, the activities, the waitlist and the occupancy of one venue.

One service of the programme stands behind its screens; what another desk changes reaches those that are on show. See
docs/design.md, "Screens" (schedule, activities) and "Layout".
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from console.app.exchange import ProgrammeFiles
from console.permissions import Permission

if TYPE_CHECKING:
    from console.app.workplace import Workplace
    from console.domain.changes import Changes
    from console.domain.person import VenueRef
    from console.services.programme import ProgrammeService
    from console.views.activities.page import ActivitiesPage
    from console.views.printing.desk_printer import QtDeskPrinter
    from console.views.schedule.page import SchedulePage
    from console.views.statistics.page import StatisticsPage
    from console.views.waitlist.page import WaitlistPage


class Programme:
    """The programme's screens of one person at one venue."""

    def __init__(self, place: Workplace, venue: VenueRef) -> None:
        """Nothing is asked of the server before a screen is."""
        self.place, self.venue = place, venue
        self.tools = place.tools
        self.zone = ZoneInfo(venue.timezone)
        self._schedule: SchedulePage | None = None
        self._activities: ActivitiesPage | None = None
        self._waitlist: WaitlistPage | None = None
        self._statistics: StatisticsPage | None = None
        self.files = ProgrammeFiles(self)

    @cached_property
    def service(self) -> ProgrammeService:
        """What every screen of the programme asks."""
        from console.services.programme import ProgrammeService
        from console.storage.programme import ProgrammeQueries

        return ProgrammeService(ProgrammeQueries(self.tools.database), self.venue.id, self.tools.clock)

    def may(self, permission: Permission) -> bool:
        """Whether the person may do that at this venue."""
        return self.place.person.can(permission, self.venue.id)

    def start(self) -> None:
        """Bring the calendar file up to date that this desk keeps, if it keeps one."""
        if not self.tools.offline:
            self.files.follow()

    def follow(self, changes: Changes) -> None:
        """Something changed at this venue: ask again for what is on show."""
        if changes.nothing:
            return
        self.start()
        for page in (self._schedule, self._activities, self._waitlist, self._statistics):
            if page is not None and page.isVisible():
                page.refresh()

    def stop(self) -> None:
        """The person leaves: the pages are gone."""
        self.files.stop()
        self._schedule = self._activities = self._waitlist = self._statistics = None
        self.tools.window.status.set_note("")

    # -- screens -----------------------------------------------------------------------------------------------------

    def schedule(self) -> QWidget:
        """The calendar, the series, and the panel that changes them."""
        from console.views.schedule.editor.panel import EditorPanel
        from console.views.schedule.page import SchedulePage

        tools = self.tools
        may_edit, may_cancel = self.may(Permission.SCHEDULE_EDIT), self.may(Permission.SESSION_CANCEL)

        def panel() -> EditorPanel:
            return EditorPanel(
                tools.hub,
                self.service,
                zone=self.zone,
                clock=tools.clock,
                may_edit=may_edit,
                may_cancel=may_cancel,
            )

        page = SchedulePage(
            tools.hub,
            self.service,
            zone=self.zone,
            venue=self.venue.name,
            clock=tools.clock,
            panel_factory=panel,
            may_edit=may_edit,
            may_cancel=may_cancel,
            memory=tools.preferences,
            printer=self._printer(),
            may_exchange=True,
        )
        page.reached.connect(tools.reached)
        page.toast_wanted.connect(tools.window.toast)
        page.unsaved.connect(self._say_unsaved)
        page.exchange_wanted.connect(lambda: self.files.open(page))
        self._schedule = page
        return page

    def activities(self) -> QWidget:
        """The catalogue."""
        from console.services.catalogue import CatalogueService
        from console.storage.catalogue import CatalogueStore
        from console.views.activities.page import ActivitiesPage

        tools = self.tools
        page = ActivitiesPage(
            tools.hub,
            CatalogueService(CatalogueStore(tools.database), self.venue.id),
            tools.clock,
            venue=self.venue.name,
            memory=tools.preferences,
            may_edit=self.may(Permission.ACTIVITY_EDIT),
            may_export=self.may(Permission.EXPORTS_CREATE),
        )
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        page.unsaved.connect(self._say_unsaved)
        page.series_wanted.connect(self._show_series_of)
        page.schedule_wanted.connect(self._plan_activity)
        self._activities = page
        return page

    def waitlist(self) -> QWidget:
        """Who waits for a place."""
        from console.services.waitlist import WaitlistService
        from console.storage.waitlist import WaitlistStore
        from console.views.waitlist.page import WaitlistPage

        tools = self.tools
        page = WaitlistPage(
            tools.hub,
            WaitlistService(WaitlistStore(tools.database), self.venue.id),
            zone=self.zone,
            clock=tools.clock,
            may_manage=self.may(Permission.WAITLIST_MANAGE),
        )
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        page.counted.connect(lambda count: tools.window.rail.set_badge("waitlist", count, "neutral"))
        self._waitlist = page
        return page

    def statistics(self) -> QWidget:
        """How full the venue is and was."""
        from console.storage.statistics import StatisticsQueries
        from console.views.statistics.page import StatisticsPage

        tools = self.tools
        page = StatisticsPage(
            tools.hub,
            StatisticsQueries(tools.database, self.venue.id),
            zone=self.zone,
            clock=tools.clock,
            venue=self.venue.name,
            may_export=self.may(Permission.EXPORTS_CREATE),
        )
        page.reached.connect(tools.reached)
        page.toast_wanted.connect(tools.window.toast)
        self._statistics = page
        return page

    # -- from one to the other ---------------------------------------------------------------------------------------

    def _say_unsaved(self, words: object) -> None:
        said = words if isinstance(words, str) else ""
        self.tools.window.status.set_note(said, "ph.warning-circle" if said else "")

    def _at_schedule(self) -> SchedulePage:
        if self._schedule is None or not self._schedule.isVisible():
            self.tools.window.open_area("schedule")
        if self._schedule is None:
            raise LookupError("the schedule is not among this person's areas")
        return self._schedule

    def _show_series_of(self, activity_id: UUID) -> None:
        self._at_schedule().show_series_of(activity_id)

    def _plan_activity(self, activity_id: UUID) -> None:
        page = self._at_schedule()
        page.show_view("week")
        page.beside.new_series_of(activity_id)

    def _printer(self) -> QtDeskPrinter:
        from console.views.printing.desk_printer import PrintContext, QtDeskPrinter

        tools = self.tools
        context = PrintContext(self.venue.name, self.zone, self.place.person.first_name)
        return QtDeskPrinter(tools.hub, tools.window, tools.preferences, lambda: context, tools.clock)
