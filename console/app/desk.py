"""The front desk of one venue: its services, the Today and Building screens, and the sheets that open over them.

One set of services stands behind both screens, so that numbering, live changes and printing exist once. See
docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from console.domain.attendance import AttendanceEvent, AttendanceState, EventAnswer
from console.domain.day import Presence
from console.domain.families import Booked, PlacedChild, SessionChoice
from console.domain.sync import AttentionItem, Mode, SyncStatus
from console.errors import ConsoleError
from console.models.runner import TaskRunner
from console.models.words import local_day
from console.permissions import Permission
from console.views.shell.areas import Action

if TYPE_CHECKING:
    from console.app.workplace import Workplace
    from console.domain.changes import Changes
    from console.domain.desk import RosterEntry
    from console.domain.finding import FoundSession
    from console.domain.person import VenueRef
    from console.services.live import LiveUpdates
    from console.views.attention.page import AttentionPage
    from console.views.building.page import BuildingPage
    from console.views.front_desk.page import TodayPage
    from console.views.shell.palette_list import PaletteEntry
    from console.views.widgets.sheet import Sheet


class Desk(QObject):
    """What one person at one desk of one venue works with."""

    def __init__(self, place: Workplace, venue: VenueRef) -> None:
        """Nothing is asked of the server before a screen is."""
        from console.app.desk_services import DeskServices
        from console.views.printing.desk_printer import PrintContext, QtDeskPrinter

        super().__init__()
        self.place, self.venue = place, venue
        tools = self.tools = place.tools
        self.zone = ZoneInfo(venue.timezone)
        self.services = DeskServices(tools, place.person, venue)
        self.rosters, self.day, self.families = (
            self.services.rosters,
            self.services.day,
            self.services.families,
        )
        context = PrintContext(venue.name, self.zone, place.person.first_name)
        self.printer = QtDeskPrinter(tools.hub, tools.window, tools.preferences, lambda: context, tools.clock)
        self._today: TodayPage | None = None
        self._building: BuildingPage | None = None
        self._sheet: Sheet | None = None
        self._live: LiveUpdates | None = None
        self._attention_page: AttentionPage | None = None
        self._attention_count = 0
        self._runner = TaskRunner(self._failed)
        self._print_when_open: UUID | None = None

    # -- life --------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Listen for what other desks do, and let Ctrl+K find this venue's records."""
        from console.services.find import FindService
        from console.storage.find import FindQueries
        from console.views.shell.records import record_source

        tools = self.tools
        if not tools.offline:
            self._listen()
        self.services.recorder.settled = self._settled
        self.services.notes_changed = self._attention_moved
        self._attention_moved()  # what was refused before this console started
        self._runner.start(self.services.start(self._status, self._returned), "engine")
        finder = FindService(FindQueries(tools.database), self.venue.id)
        source = record_source(finder, self, tools.clock, self.zone, more_for_session=self._more_for_session)
        tools.window.palette_box.add_async_source(source)
        tools.window.actions_registry.add(
            Action(
                "desk:roll_call",
                "Print the roll call",
                self.print_roll_call,
                "Ctrl+Shift+R",
                "ph.printer",
                group="Front desk",
            )
        )

    def _listen(self) -> None:
        from console.services.live import LiveUpdates
        from console.storage.changes import ChangeQueries
        from console.storage.listener import Listener

        tools = self.tools
        self._live = LiveUpdates(
            Listener(tools.database, self.venue.id),
            ChangeQueries(tools.database),
            self.venue.id,
            refresh=self._changed,
            healthy=self._heard,
            failed=tools.reached,
        )
        self._live.start()

    def stop(self) -> None:
        """End what runs and close what is open."""
        self.tools.window.palette_box.remove_async_sources()
        self.tools.window.actions_registry.remove("desk:roll_call")
        self._runner.cancel_all()
        self.printer.dismiss()
        if self._sheet is not None:
            self._sheet.close()
        self.services.notes_changed = _nothing
        self._today = self._building = self._attention_page = None
        if self._live is not None:
            self.tools.afterwards(self._live.stop())
            self._live = None
            self.services.recorder.settled = _nobody
            self.tools.afterwards(self.services.stop())

    def _status(self, status: SyncStatus) -> None:
        window = self.tools.window
        window.status.show_status(status)
        if status.count.attention != self._attention_count:
            self._attention_count = status.count.attention
            self._attention_moved()

    def _attention_moved(self) -> None:
        if self._attention_page is not None and self._attention_page.isVisible():
            self._attention_page.refresh()
        self._runner.start(self._show_attention(), "attention")

    def _age(self) -> datetime | None:
        """How old a roster is that is printed now; None while the server answers."""
        status = self.services.engine.status
        return status.as_of if status.mode is Mode.OFFLINE else None

    async def _show_attention(self) -> None:
        self.tools.window.rail.set_badge("attention", await self.services.attention.count(), "red")
        items = await self.services.attention_items()
        if self._today is not None:
            self._today.show_attention(items)

    def _settled(self, _event: AttendanceEvent, answer: EventAnswer) -> None:
        if self._today is not None:
            self._today.settle_kept(answer)

    def _returned(self) -> None:
        self.tools.reached(None)
        if self._live is None:
            self._listen()  # it was opened without the server
        if self._today is not None:
            self._today.refresh()
        if self._building is not None and self._building.isVisible():
            self._building.refresh()

    def whereabouts(self) -> object:
        """The open day and session."""
        return None if self._today is None else (self._today.day.day, self._today.day.session_id)

    def go_back(self, place: object) -> None:
        """Open that day and session again."""
        if self._today is not None and isinstance(place, tuple) and isinstance(place[1], UUID):
            self._today.open_session(place[1], place[0])

    async def _changed(self, changes: Changes) -> None:
        self.services.engine.refresh_soon()
        if self._today is not None:
            await self._today.day.follow(changes)
        if self._building is not None and self._building.isVisible():
            self._building.refresh()
        if self.place.programme is not None:
            self.place.programme.follow(changes)

    def _heard(self, on: bool) -> None:
        if self._today is not None:
            self._today.set_live(on)

    # -- screens -----------------------------------------------------------------------------------------------------

    def today(self) -> QWidget:
        """The Today screen, at work."""
        from console.views.front_desk.page import TodayPage

        tools, person, venue = self.tools, self.place.person, self.venue
        page = TodayPage(
            tools.hub,
            tools.clock,
            self.rosters,
            zone=self.zone,
            desk=person.device.name,
            person=person.first_name,
            may_undo_any=person.can(Permission.ATTENDANCE_UNDO_ANY, venue.id),
            poll_seconds=tools.poll_seconds,
            running=self.day,
            printer=self.printer,
            may_close=person.can(Permission.SESSION_CLOSE, venue.id),
            may_reopen=person.can(Permission.REVIEW_ITEMS_RESOLVE, venue.id),
            labels_on_check_in=tools.preferences.labels_on_check_in,
        )
        page.running.as_of = self._age
        page.toast_wanted.connect(self._toast)
        page.reached.connect(tools.reached)
        page.waiting_changed.connect(tools.window.status.set_sending)
        page.tone_wanted.connect(tools.sounds.play)
        page.booking_wanted.connect(self.open_booking)
        page.building_wanted.connect(partial(tools.window.open_area, "building"))
        if person.can(Permission.BOOKING_MANAGE, venue.id):
            page.walk_in_wanted.connect(self.walk_in)
            for signal, purpose in (
                (page.move_wanted, "move"),
                (page.next_visit_wanted, "next_visit"),
                (page.waitlist_wanted, "waitlist"),
            ):
                signal.connect(lambda entry, purpose=purpose: self.place_child(_placed(entry), purpose))
            page.correct_wanted.connect(self._correct)
        tools.window.status.set_scanner("Scanner ready")
        page.start()
        page.set_live(self._live is not None and self._live.is_healthy)
        self._today = page
        return page

    def building(self) -> QWidget:
        """The Building screen."""
        from console.views.building.page import BuildingPage

        tools = self.tools
        page = BuildingPage(
            tools.hub,
            tools.clock,
            self.day,
            zone=self.zone,
            venue=self.venue.name,
            printer=self.printer,
            poll_seconds=tools.poll_seconds,
        )
        page.reached.connect(tools.reached)
        page.toast_wanted.connect(self._toast)
        page.child_wanted.connect(self._open_presence)
        self._building = page
        return page

    def attention(self) -> QWidget:
        """What this desk recorded and the server refused."""
        from console.views.attention.page import AttentionPage

        tools, person = self.tools, self.place.person
        may_discard = person.can(Permission.REVIEW_ITEMS_RESOLVE, self.venue.id)
        page = AttentionPage(tools.hub, tools.clock, self.zone, self.services.attention, may_discard)
        page.counted.connect(self._attention_counted)
        page.toast_wanted.connect(tools.window.toast)
        page.child_wanted.connect(self._open_item)
        self._attention_page = page
        return page

    def _attention_counted(self, count: int) -> None:
        self.tools.window.rail.set_badge("attention", count, "red")
        self._runner.start(self._show_attention(), "attention")

    def _open_item(self, item: AttentionItem) -> None:
        event, at = item.queued.event, item.session_starts_at
        if event.booking_id is not None and event.session_id is not None and at is not None:
            self.open_child(event.booking_id, event.session_id, local_day(at, self.zone))

    def reviews(self) -> QWidget:
        """What a manager has to decide."""
        from console.views.reviews.page import ReviewsPage

        tools = self.tools
        page = ReviewsPage(tools.hub, tools.clock, self.zone, self.services.reviews)
        page.counted.connect(lambda count: tools.window.rail.set_badge("reviews", count, "amber"))
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        return page

    # -- opening records ---------------------------------------------------------------------------------------------

    def open_session(self, session_id: UUID, day: date) -> None:
        """Show a session's roster."""
        self._at_today().open_session(session_id, day)

    def open_child(self, booking_id: UUID, session_id: UUID, day: date) -> None:
        """Show a child's card in its session."""
        self._at_today().open_child(booking_id, session_id, day)

    def open_booking(self, booking_id: UUID) -> None:
        """Show a booking's page."""
        self.place.open_booking(booking_id)

    def print_roll_call(self) -> None:
        """Who is in now, on paper: from anywhere."""
        self.tools.window.open_area("building")
        if self._building is not None:
            self._building.print_roll_call()

    def print_roster(self, session_id: UUID, day: date) -> None:
        """A session's roster on paper, after a preview; the session is opened for it."""
        page = self._at_today()
        page.open_session(session_id, day)
        self._print_when_open = session_id
        page.day.roster_loaded.connect(self._print_opened)

    def _print_opened(self, _select: object) -> None:
        page = self._today
        if page is not None and page.day.session_id == self._print_when_open:
            page.day.roster_loaded.disconnect(self._print_opened)
            self._print_when_open = None
            page.running.print_roster()

    def print_labels(self, booking_id: UUID) -> None:
        """The label and pickup tag of one booking."""
        self._runner.start(self._print_labels(booking_id))

    async def _print_labels(self, booking_id: UUID) -> None:
        said = await self.printer.print_labels(await self.day.labels([booking_id]))
        if said:
            self._toast(said, "", None)

    def _failed(self, error: ConsoleError) -> None:
        self.tools.reached(error)
        self.tools.window.toast(error.sentence, error.hint or "", icon="ph.warning")

    def _open_presence(self, one: Presence) -> None:
        self.open_child(one.booking_id, one.session_id, local_day(one.starts_at, self.zone))

    def _more_for_session(self, found: FoundSession) -> Sequence[PaletteEntry]:
        from console.views.shell.palette_list import PaletteEntry

        def print_it() -> None:
            self.print_roster(found.session_id, found.day)

        return [PaletteEntry("", "Print the roster", print_it, "ph.printer")]

    def _at_today(self) -> TodayPage:
        self.tools.window.open_area("today")
        if self._today is None:
            raise LookupError("the Today screen was not made")
        return self._today

    # -- sheets ------------------------------------------------------------------------------------------------------

    def walk_in(self) -> None:
        """Somebody without a booking is at the desk."""
        from console.views.families.walk_in import WalkInSheet

        page = self._today
        sheet = WalkInSheet(
            self.tools.hub,
            self.tools.window,
            self.families,
            self.tools.clock,
            self.zone,
            today=self._local_today(),
            session_id=page.day.session_id if page is not None else None,
            text=page.middle.scan.text if page is not None else "",
        )
        sheet.booked.connect(self._placed)
        self._show(sheet)

    def place_child(self, child: PlacedChild, purpose: str) -> None:
        """Move a child ("move"), book its next visit ("next_visit") or put it on a waitlist ("waitlist")."""
        from console.views.families.place import PlaceSheet, Purpose

        sheet = PlaceSheet(
            self.tools.hub,
            self.tools.window,
            self.families,
            self.tools.clock,
            self.zone,
            entry=child,
            purpose=Purpose(purpose),
            today=self._local_today(),
            session_id=self._today.day.session_id if self._today is not None else None,
        )
        sheet.done.connect(self._placed)
        self._show(sheet)

    def _correct(self, entry: RosterEntry, what: str) -> None:
        from console.views.families.corrections import CorrectionsSheet

        sheet = CorrectionsSheet(
            self.tools.hub,
            self.tools.window,
            self.families,
            booking_id=entry.booking_id,
            first_name=entry.first_name,
            what="health" if what == "health" else "pickup",
            confirmed_by=entry.parent_first_name or "",
        )
        sheet.corrected.connect(self._corrected)
        self._show(sheet)

    def _show(self, sheet: Sheet) -> None:
        if self._sheet is not None:
            return
        self._sheet = sheet
        sheet.closed.connect(self._sheet_closed)
        sheet.open()

    def _sheet_closed(self) -> None:
        self._sheet = None

    def _placed(self, title: str, detail: str, booked: Booked | None, session: SessionChoice) -> None:
        from console.models.tones import Tone

        self._toast(title, detail, None)
        page = self._today
        if page is None:
            return
        # What was typed to find the child, and the refusal that led here, are settled.
        page.middle.scan.clear()
        page.middle.clear_outcome()
        day = local_day(session.starts_at, self.zone)
        if booked is None or day != self._local_today():
            page.refresh()
            return
        page.open_child(booked.booking_id, session.session_id, day)
        if booked.answer is not None and booked.answer.state is AttendanceState.IN:
            self.tools.sounds.play(Tone.IN)

    def _corrected(self, words: str, _booking: UUID) -> None:
        self._toast(words, "", None)
        if self._today is not None:
            self._today.refresh()

    # -- small things ------------------------------------------------------------------------------------------------

    def _toast(self, title: str, detail: str, undo: object, icon: str = "") -> None:
        self.tools.window.toast(title, detail, undo=undo if callable(undo) else None, icon=icon or None)

    def _local_today(self) -> date:
        return local_day(self.tools.clock.now(), self.zone)


def _placed(entry: RosterEntry) -> PlacedChild:
    return PlacedChild(
        entry.booking_id, entry.session_id, entry.first_name, entry.age_months, entry.parent_first_name
    )


def _nobody(_event: AttendanceEvent, _answer: EventAnswer) -> None:
    """Nobody is at the desk to be told."""


def _nothing() -> None:
    """Nobody is at the desk to be told."""
