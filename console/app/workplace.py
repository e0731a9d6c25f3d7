"""One person at work at one venue, or at headquarters: their areas, the pages behind them, and what runs meanwhile.

What a person is offered follows their permissions; the database decides again, whatever is shown. See docs/design.md,
"Layout" and "Screens".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from console import __version__
from console.app.finance import Finance
from console.app.programme import Programme
from console.app.vetting import Vetting
from console.clock import CorrectedClock
from console.domain.families import PlacedChild
from console.errors import Denied
from console.permissions import Permission
from console.views.preferences import Preferences
from console.views.shell.areas import Area
from console.views.shell.own_zone import own_zone
from console.views.shell.window import ShellWindow
from console.views.sound import SoundPlayer
from console.views.theme import ThemeHub

if TYPE_CHECKING:
    from console.app.desk import Desk
    from console.app.keeping import Keeping
    from console.domain.booking_page import BookingPage
    from console.domain.credits import BookingCancelled, CancellationReason
    from console.domain.person import Person, VenueRef
    from console.services.bookings import BookingService
    from console.services.families import FamilyService
    from console.services.sign_in import SignInService
    from console.storage.booking_page import BookingPageQueries
    from console.storage.database import Database

_Offer = tuple[str, str, str, Permission, Callable[[], QWidget]]
"""An area that is offered to whoever has the permission: key, title, icon, permission, how its page is made."""


@dataclass(frozen=True)
class Tools:
    """What every page is made of.

    `reached` is told what each exchange with the server came to; `afterwards` finishes what a page that has gone away
    leaves behind, before the connections are closed. `keeping` is None on a desk that cannot keep anything; `offline`
    says that the person unlocked it without the server, and `before_upload` makes up for that when it is back.
    """

    hub: ThemeHub
    clock: CorrectedClock
    window: ShellWindow
    preferences: Preferences
    sounds: SoundPlayer
    database: Database
    service: SignInService
    server: str
    poll_seconds: int
    reached: Callable[[object], None]
    leave_everywhere: Callable[[], Awaitable[None]]
    lock_after: Callable[[int], None]
    afterwards: Callable[[Coroutine[Any, Any, None]], None]
    keeping: Keeping | None = None
    offline: bool = False
    before_upload: Callable[[], Awaitable[None]] | None = None


class Workplace:
    """The areas of one person at one venue (None: headquarters). Make a new one for another person or venue."""

    def __init__(self, tools: Tools, person: Person, venue: VenueRef | None) -> None:
        """Nothing is asked of the server before an area is opened."""
        self.tools, self.person, self.venue = tools, person, venue
        self.zone = ZoneInfo(venue.timezone if venue is not None else own_zone())
        self._pages: dict[str, QWidget] = {}
        self._desk: Desk | None = None
        self.programme = Programme(self, venue) if venue is not None else None
        self.finance = Finance(self)
        self.vetting = Vetting(self)

    def areas(self) -> list[Area]:
        """What this person may use here, in the order of the rail."""
        platform = self._platform_areas()
        return [*self._venue_areas(), *platform, *self._own_areas(platform[-1].group if platform else "")]

    def _venue_areas(self) -> list[Area]:
        person, venue, programme = self.person, self.venue, self.programme
        if venue is None or programme is None:
            return []
        may = Permission
        children = person.can(may.ROSTER_READ, venue.id)
        bookings = may.ROSTER_READ if children else may.PAYOUTS_READ
        offered: list[_Offer] = [
            ("today", "Today", "ph.clipboard-text", may.ROSTER_READ, self._today),
            ("building", "Building", "ph.house-line", may.ROSTER_READ, self._building),
            ("schedule", "Schedule", "ph.calendar-blank", may.ROSTER_READ, programme.schedule),
            ("activities", "Activities", "ph.palette", may.ACTIVITY_EDIT, programme.activities),
            ("waitlist", "Waitlist", "ph.hourglass", may.WAITLIST_MANAGE, programme.waitlist),
            ("payouts", "Payouts", "ph.bank", may.PAYOUTS_READ, self.finance.payouts),
            ("bookings", "Bookings", "ph.ticket", bookings, self._bookings),
            ("revenue", "Revenue", "ph.chart-bar", may.PAYOUTS_READ, self.finance.revenue),
            ("occupancy", "Occupancy", "ph.chart-line", may.EXPORTS_CREATE, programme.statistics),
            ("score", "Score", "ph.star", may.SCORE_READ, self.vetting.own_score),
            ("feedback", "Reviews", "ph.chat-circle", may.REVIEWS_READ, self.vetting.own_reviews),
            ("papers", "Papers", "ph.shield-check", may.VENUE_EDIT, self.vetting.own_papers),
        ]
        if children:
            offered += [
                ("reviews", "To decide", "ph.scales", may.REVIEW_ITEMS_RESOLVE, self._reviews),
                ("attention", "Needs attention", "ph.tray", may.ROSTER_READ, self._attention),
            ]
        return [self._area(*offer) for offer in offered if person.can(offer[3], venue.id)]

    def _platform_areas(self) -> list[Area]:
        may, finance, vetting = Permission, self.finance, self.vetting
        platform: list[_Offer] = [
            ("approvals", "Approvals", "ph.check-square", may.VENUES_APPROVE, vetting.approvals),
            ("compliance", "Compliance", "ph.shield-check", may.COMPLIANCE_MANAGE, vetting.compliance),
            ("venues", "Venues", "ph.buildings", may.VENUE_READ, vetting.venues),
            ("scores", "Scores", "ph.chart-line", may.VENUES_APPROVE, vetting.all_scores),
            ("moderation", "Reviews", "ph.chat-circle", may.REVIEWS_MODERATE, vetting.moderation),
            ("announcements", "Announcements", "ph.megaphone", may.VENUES_APPROVE, vetting.announcements),
        ]
        money: list[_Offer] = [
            ("payouts", "Payouts", "ph.bank", may.PAYOUTS_READ, finance.payouts),
            ("invoices", "Invoices", "ph.receipt", may.INVOICES_READ, finance.invoices),
            ("revenue", "Revenue", "ph.chart-bar", may.PAYOUTS_READ, finance.revenue),
            ("ledger", "Ledgers", "ph.wallet", may.CREDITS_ADJUST, finance.ledger),
        ]
        if self.venue is not None:
            del money[2], money[0]  # those of the venue stand among its areas
        system: list[_Offer] = [
            ("integrity", "Daily check", "ph.checks", may.PAYOUTS_READ, finance.integrity),
            ("jobs", "Background jobs", "ph.gear", may.JOBS_MANAGE, self._jobs),
        ]
        # Everybody begins with their own work.
        groups = [("Platform", platform), ("Money", money)]
        if self.person.can_everywhere(may.PAYOUTS_RUN):
            groups.reverse()
        return [
            self._area(*offer, group=group)
            for group, offered in (*groups, ("System", system))
            for offer in offered
            if self.person.can_everywhere(offer[3])
        ]

    def _own_areas(self, group: str) -> list[Area]:
        may, person = Permission, self.person
        manages = any(person.can(may.VENUE_EDIT, venue.id) for venue in person.venues)
        own: list[tuple[str, str, str, Callable[[], QWidget]]] = [
            ("desk", "This desk", "ph.desktop", self._desk_settings),
            ("account", "Account", "ph.user-circle", self._account),
        ]
        if manages or person.can_everywhere(may.VENUES_APPROVE):
            own.insert(0, ("applications", "New venues", "ph.file-plus", self.vetting.apply))
        return [self._area(key, title, icon, None, make, group=group) for key, title, icon, make in own]

    def start(self) -> None:
        """Begin to listen for what other desks do; call once, inside the running loop."""
        self.vetting.start()
        if self.programme is not None:
            self.programme.start()
        if self.venue is not None and self.person.can(Permission.ROSTER_READ, self.venue.id):
            self.desk.start()

    def stop(self) -> None:
        """End everything: the person leaves, or goes to another venue."""
        for page in self._pages.values():
            stop: Callable[[], None] | None = getattr(page, "stop", None)
            if stop is not None:
                stop()
        self._pages.clear()
        self.vetting.stop()
        if self.programme is not None:
            self.programme.stop()
        if self._desk is not None:
            self._desk.stop()
            self._desk = None

    def page(self, key: str) -> QWidget | None:
        """The page of an area, where it has been made."""
        return self._pages.get(key)

    def whereabouts(self) -> object:
        """Where the desk is now, in ids and days; None where there is no desk at work."""
        return self._desk.whereabouts() if self._desk is not None else None

    def go_back(self, place: object) -> None:
        """Show that again, if it is still there."""
        if self._desk is not None:
            self._desk.go_back(place)

    @property
    def has_desk(self) -> bool:
        """Whether a front desk is at work here."""
        return self._desk is not None

    @property
    def desk(self) -> Desk:
        """The front desk of this venue."""
        from console.app.desk import Desk

        if self._desk is None:
            if self.venue is None:
                raise LookupError("headquarters has no front desk")
            self._desk = Desk(self, self.venue)
        return self._desk

    # -- pages -----------------------------------------------------------------------------------------------------

    def _area(
        self,
        key: str,
        title: str,
        icon: str,
        permission: Permission | None,
        make: Callable[[], QWidget],
        *,
        group: str = "",
    ) -> Area:
        return Area(key, title, icon, permission, partial(self._make, key, make), group)

    def _make(self, key: str, make: Callable[[], QWidget]) -> QWidget:
        page = self._pages[key] = make()
        return page

    def _today(self) -> QWidget:
        return self.desk.today()

    def _building(self) -> QWidget:
        return self.desk.building()

    def _reviews(self) -> QWidget:
        return self.desk.reviews()

    def _attention(self) -> QWidget:
        return self.desk.attention()

    def open_booking(self, booking_id: UUID) -> None:
        """Show one booking's page."""
        from console.views.bookings.area import BookingsArea

        self.tools.window.open_area("bookings")
        page = self._pages["bookings"]
        if isinstance(page, BookingsArea):
            page.open_booking(booking_id)

    def _bookings(self) -> QWidget:
        from console.services.bookings import BookingService
        from console.storage.booking_list import BookingListQueries
        from console.storage.booking_page import BookingPageQueries
        from console.storage.bookings import BookingStore
        from console.views.bookings.area import BookingsArea
        from console.views.bookings.detail import BookingDetail
        from console.views.bookings.page import BookingsPage

        tools, person, venue = self.tools, self.person, self.venue
        if venue is None:
            raise LookupError("headquarters has no bookings of its own")
        lists = BookingListQueries(tools.database)
        names = person.can(Permission.ROSTER_READ, venue.id)
        listing = BookingsPage(
            tools.hub,
            partial(lists.page, venue.id),
            zone=self.zone,
            venue=venue.name,
            clock=tools.clock,
            names=names,
            activities=partial(lists.activities, venue.id),
            memory=tools.preferences,
            may_export=person.can(Permission.EXPORTS_CREATE, venue.id),
        )
        listing.model.loaded.connect(lambda: tools.reached(None))
        listing.model.failed.connect(tools.reached)
        gateway = _Bookings(
            BookingPageQueries(tools.database),
            BookingService(BookingStore(tools.database), tools.clock),
            self.desk.services.server_families if names else None,
        )
        detail = BookingDetail(
            tools.hub,
            gateway,
            self.zone,
            may_manage=names and person.can(Permission.BOOKING_MANAGE, venue.id),
            may_cancel_for_venue=person.can(Permission.SESSION_CANCEL, venue.id),
            at_desk=names,
        )
        area = BookingsArea(listing, detail)
        area.toast_wanted.connect(tools.window.toast)
        area.actions_changed.connect(tools.window.page_actions_changed)
        if names:
            desk = self.desk
            detail.today_wanted.connect(
                lambda page: desk.open_child(page.id, page.session_id, page.session_date)
            )
            detail.labels_wanted.connect(lambda page: desk.print_labels(page.id))
            detail.move_wanted.connect(
                lambda page: desk.place_child(
                    PlacedChild(page.id, page.session_id, page.child or "this child", None, page.parent),
                    "move",
                )
            )
        return area

    def _jobs(self) -> QWidget:
        from console.services.jobs import JobService
        from console.storage.jobs import JobQueries
        from console.views.jobs.page import JobsPage

        tools = self.tools
        page = JobsPage(tools.hub, tools.clock, self.zone, JobService(JobQueries(tools.database)))
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        return page

    def _desk_settings(self) -> QWidget:
        from console.views.desk_settings.page import DeskDetails, DeskSettingsPage
        from console.views.desk_settings.printers import installed_printers

        tools, venue = self.tools, self.venue
        details = DeskDetails(
            self.person.device.name, venue.name if venue else "Headquarters", tools.server, __version__
        )
        page = DeskSettingsPage(tools.hub, tools.preferences, tools.sounds, details, installed_printers)
        page.lock_minutes_changed.connect(tools.lock_after)
        return page

    def _account(self) -> QWidget:
        from console.views.account import AccountPage

        tools = self.tools
        page = AccountPage(
            tools.hub,
            self.person,
            self.zone,
            tools.service.change_password,
            tools.leave_everywhere,
            tools.service,
        )
        page.done.connect(tools.window.toast)
        return page


class _Bookings:
    """What a booking's page asks for, from the two that answer it."""

    def __init__(
        self, pages: BookingPageQueries, bookings: BookingService, families: FamilyService | None
    ) -> None:
        self._pages, self._bookings, self._families = pages, bookings, families

    async def page(self, booking_id: UUID) -> BookingPage:
        """Everything about one booking."""
        return await self._pages.page(booking_id)

    async def cancel(
        self, booking_id: UUID, *, by_venue: bool, reason: CancellationReason
    ) -> BookingCancelled:
        """Cancel it and give back its credits where they come back."""
        return await self._bookings.cancel(booking_id, by_venue=by_venue, reason=reason)

    async def settle_owed(self, booking_id: UUID) -> int:
        """Take what is owed for it from the family's credits; the answer is how much."""
        if self._families is None:
            raise Denied("You are not allowed to do this here.")
        return await self._families.settle_owed(booking_id)
