"""What headquarters watches of venues, and what a venue sees of it: approvals, papers, scores, reviews, announcements.

See docs/design.md, "Screens" (platform, reviews and score) and "Rules of the domain" (compliance, scores).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from console.app.vetting_services import VettingServices
from console.models.runner import TaskRunner
from console.permissions import Permission
from console.views.shell.own_zone import own_zone

if TYPE_CHECKING:
    from console.app.workplace import Workplace
    from console.domain.listing import ActivityChoice
    from console.views.announcements.keeper import AnnouncementKeeper
    from console.views.venue_file.page import VenueFilePage
    from console.views.widgets.sheet import Sheet


class Vetting:
    """The screens about venues of one person, at a venue or at headquarters."""

    def __init__(self, place: Workplace) -> None:
        """Nothing is asked of the server before a screen is, but what is announced."""
        self.place, self.tools, self.venue = place, place.tools, place.venue
        self.zone = ZoneInfo(self.venue.timezone if self.venue is not None else own_zone())
        self.services = VettingServices(self.tools.database)
        self._keeper: AnnouncementKeeper | None = None
        self._sheet: Sheet | None = None
        self._runner = TaskRunner(self.tools.reached)

    def start(self) -> None:
        """Show what headquarters tells this venue, from now on."""
        from console.views.announcements.keeper import AnnouncementKeeper

        tools = self.tools
        if tools.offline or self.venue is None:
            return
        keeper = self._keeper = AnnouncementKeeper(
            tools.window,
            self.services.announcing,
            venue_id=self.venue.id,
            parent=tools.window,
            poll_ms=tools.poll_seconds * 1000,
        )
        tools.window.announcement_put_away.connect(keeper.put_away)
        keeper.start()

    def stop(self) -> None:
        """The person leaves, or goes to another venue."""
        self._runner.cancel_all()
        if self._sheet is not None:
            self._sheet.close()
            self._sheet = None
        if self._keeper is not None:
            self.tools.window.announcement_put_away.disconnect(self._keeper.put_away)
            self._keeper.stop()
            self._keeper.deleteLater()
            self._keeper = None

    def may(self, permission: Permission) -> bool:
        """Whether the person may do that at this venue."""
        return self.venue is not None and self.place.person.can(permission, self.venue.id)

    # -- headquarters ----------------------------------------------------------------------------------------------

    def approvals(self) -> QWidget:
        """What is to be decided about venues."""
        from console.views.approvals.page import ApprovalsPage

        tools = self.tools
        page = ApprovalsPage(
            tools.hub,
            self.services.cases,
            self.services.scores,
            clock=tools.clock,
            zone=self.zone,
            memory=tools.preferences,
        )
        page.counted.connect(lambda counts: tools.window.rail.set_badge("approvals", counts.open, "neutral"))
        page.venue_wanted.connect(self.open_venue)
        return self._joined(page)

    def compliance(self) -> QWidget:
        """What ends when, over all venues."""
        from console.views.compliance.page import CompliancePage

        tools = self.tools
        page = CompliancePage(
            tools.hub,
            self.services.papers,
            clock=tools.clock,
            zone=self.zone,
            memory=tools.preferences,
            may_change=self.place.person.can_everywhere(Permission.SETTINGS_MANAGE),
            cases=self.services.cases,
        )
        page.venue_wanted.connect(self.open_venue)
        return self._joined(page)

    def venues(self) -> QWidget:
        """Every venue, and over the list the file of one."""
        from console.storage.venues import VenueQueries
        from console.views.lists import venues_page
        from console.views.opened_over import OpenedOver

        tools = self.tools
        listing = venues_page(tools.hub, VenueQueries(tools.database).page)
        listing.model.loaded.connect(lambda: tools.reached(None))
        listing.model.failed.connect(tools.reached)
        area = OpenedOver(listing, self._venue_file)
        if self.place.person.can_everywhere(Permission.VENUES_APPROVE):
            listing.table.row_activated.connect(lambda row: area.open_one(row.id))
        return self._joined(area)

    def open_venue(self, venue_id: object) -> None:
        """Show one venue's file."""
        self._open("venues", venue_id)

    def all_scores(self) -> QWidget:
        """Scores over all venues, and over the list those of one."""
        from console.views.opened_over import OpenedOver
        from console.views.scores.page import ScoresPage

        tools = self.tools
        listing = ScoresPage(
            tools.hub,
            self.services.scores,
            clock=tools.clock,
            memory=tools.preferences,
            may_change=self.place.person.can_everywhere(Permission.SETTINGS_MANAGE),
            zone=self.zone,
        )
        area = OpenedOver(listing, partial(self._score, has_way_back=True))
        listing.venue_wanted.connect(area.open_one)
        listing.actions_changed.connect(area.actions_changed)
        self._joined(listing)
        return self._joined(area)

    def moderation(self) -> QWidget:
        """Reviews of all venues, those first that wait."""
        return self._feedback(None, "moderation")

    def announcements(self) -> QWidget:
        """What venues are told."""
        from console.views.announcements.page import AnnouncementsPage

        tools = self.tools
        page = AnnouncementsPage(
            tools.hub,
            self.services.announcing,
            venues=self.place.finance.venues_by_name,
            clock=tools.clock,
            zone=self.zone,
        )
        return self._joined(page)

    # -- a venue ---------------------------------------------------------------------------------------------------

    def own_papers(self) -> QWidget:
        """What this venue has to show."""
        from console.views.compliance.papers import PapersPage

        tools = self.tools
        page = PapersPage(
            tools.hub,
            self.services.papers,
            venue_id=self._here,
            clock=tools.clock,
            zone=self.zone,
            may_file=self.may(Permission.VENUE_EDIT),
            history=self.services.papers.history,
            reopening=self.services.cases,
        )
        return self._joined(page)

    def own_score(self) -> QWidget:
        """Scores of this venue."""
        return self._score(self._here)

    def own_reviews(self) -> QWidget:
        """What parents wrote about this venue."""
        return self._feedback(self._here, "feedback")

    def apply(self) -> QWidget:
        """Asking to become a venue."""
        from console.views.applications.page import ApplicationPage

        tools = self.tools
        page = ApplicationPage(
            tools.hub,
            self.services.applications,
            clock=tools.clock,
            zone=self.zone,
            history=self.services.applications.history,
            may_import=self.place.person.can_everywhere(Permission.VENUES_APPROVE),
            afterwards=tools.afterwards,
        )
        page.venue_wanted.connect(self._show_approved)
        return self._joined(page)

    def _show_approved(self, venue_id: object) -> None:
        if self.place.person.can_everywhere(Permission.VENUES_APPROVE):
            self.open_venue(venue_id)
        else:
            # Where somebody works is known from when they signed in.
            self.tools.window.toast("Your venue is open", "Sign in again to work there.")

    # -- parts -----------------------------------------------------------------------------------------------------

    @property
    def _here(self) -> UUID:
        if self.venue is None:
            raise LookupError("headquarters is no venue")
        return self.venue.id

    def _venue_file(self, venue_id: UUID) -> QWidget:
        from console.views.venue_file.page import VenueFilePage

        tools = self.tools
        page = VenueFilePage(
            tools.hub, self.services.files, venue_id=venue_id, clock=tools.clock, zone=self.zone
        )
        page.back_wanted.connect(lambda: self._back("venues"))
        page.suspend_wanted.connect(lambda _venue: self._suspend(page))
        page.reinstatement_wanted.connect(lambda _venue: self._runner.start(self._reinstate(page)))
        return self._joined(page)

    def _suspend(self, page: VenueFilePage) -> None:
        from console.views.approvals.suspend_sheet import SuspendSheet

        tools = self.tools
        sheet = SuspendSheet(
            tools.hub,
            tools.window,
            self.services.cases,
            venue_id=page.venue_id,
            venue=page.file.facts.name if page.file is not None else "this venue",
            today=tools.clock.now().astimezone(self.zone).date(),
            zone=self.zone,
        )
        sheet.done.connect(partial(self._said, page))
        self._show(sheet)

    async def _reinstate(self, page: VenueFilePage) -> None:
        from console.views.venue_file.sheets import reinstatement_sheet

        tools = self.tools
        suspended = await self.services.cases.suspended(page.venue_id)
        if suspended is None:
            page.refresh()
            return
        done = partial(self._said, page, "It waits among the approvals")
        sheet = reinstatement_sheet(tools.hub, tools.window, self.services.cases, suspended, done)
        sheet.refused.connect(lambda error: tools.window.toast(error.sentence))
        self._show(sheet)

    def _said(self, page: VenueFilePage, said: str) -> None:
        self.tools.window.toast(said)
        page.refresh()

    def _show(self, sheet: Sheet) -> None:
        self._sheet = sheet
        sheet.open()

    def _score(self, venue_id: UUID, *, has_way_back: bool = False) -> QWidget:
        from console.views.scores.venue import VenueScorePage

        tools, person = self.tools, self.place.person
        page = VenueScorePage(
            tools.hub,
            self.services.scores,
            venue_id=venue_id,
            clock=tools.clock,
            may_dispute=person.can(Permission.REVIEWS_REPLY, venue_id),
            may_export=person.can(Permission.EXPORTS_CREATE, venue_id),
            zone=self.zone,
            has_way_back=has_way_back,
        )
        if has_way_back:
            page.back_wanted.connect(lambda: self._back("scores"))
            page.venue_wanted.connect(self.open_venue)
        return self._joined(page)

    def _feedback(self, venue_id: UUID | None, key: str) -> QWidget:
        from console.views.feedback.page import FeedbackPage

        tools, person = self.tools, self.place.person
        page = FeedbackPage(
            tools.hub,
            self.services.reviews,
            venue_id=venue_id,
            clock=tools.clock,
            zone=self.zone,
            memory=tools.preferences,
            may_moderate=person.can_everywhere(Permission.REVIEWS_MODERATE),
            may_reply=self.may(Permission.REVIEWS_REPLY),
            may_export=person.can_everywhere(Permission.EXPORTS_CREATE)
            or self.may(Permission.EXPORTS_CREATE),
            activities=None if venue_id is None else partial(self._activities, venue_id),
            afterwards=tools.afterwards,
        )
        page.counted.connect(lambda count: tools.window.rail.set_badge(key, count, "neutral"))
        return self._joined(page)

    async def _activities(self, venue_id: UUID) -> list[ActivityChoice]:
        from console.storage.booking_list import BookingListQueries

        return list(await BookingListQueries(self.tools.database).activities(venue_id))

    def _joined(self, page: QWidget) -> QWidget:
        """The page, with what it tells the window."""
        tools = self.tools
        for name, told in (
            ("toast_wanted", tools.window.toast),
            ("reached", tools.reached),
            ("actions_changed", tools.window.page_actions_changed),
        ):
            signal = getattr(page, name, None)
            if signal is not None:
                signal.connect(told)
        return page

    def _open(self, area: str, of: object) -> None:
        from console.views.opened_over import OpenedOver

        self.tools.window.open_area(area)
        page = self.place.page(area)
        if isinstance(page, OpenedOver):
            page.open_one(of)

    def _back(self, area: str) -> None:
        from console.views.opened_over import OpenedOver

        page = self.place.page(area)
        if isinstance(page, OpenedOver):
            page.show_list()
