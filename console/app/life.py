"""One console from its start page to its end: starting, signing in and out, and what the window shows meanwhile."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("QT_API", "pyside6")

from PySide6.QtWidgets import QApplication

from console import __version__, logs
from console.app.access import Access
from console.app.first_page import (
    desk_facts,
    keep_desk,
    kept_desk,
    load_screens,
    load_storage,
    load_workstation,
)
from console.app.venues import first_venue, offer_venues
from console.clock import Clock, CorrectedClock, SystemClock
from console.errors import BugError, ConsoleError, Denied, FileTrouble, Unavailable
from console.settings import Settings
from console.views.entry.idle import IdleWatch
from console.views.entry.lock import LockPage, Whereabouts
from console.views.entry.panel import DeskFact
from console.views.entry.people import KnownPerson
from console.views.entry.sign_in import SignInPage
from console.views.preferences import Preferences
from console.views.shell.own_zone import own_zone
from console.views.shell.painted import painted
from console.views.shell.window import ShellWindow
from console.views.theme import ThemeHub, system_mode
from console.views.tokens import MODES, Mode

if TYPE_CHECKING:
    from console.app.keeping import Keeping
    from console.app.workplace import Tools, Workplace
    from console.domain.person import DeskInfo, Person, VenueRef
    from console.services.sign_in import SignInService
    from console.services.workstation import Workstation
    from console.storage.database import Database
    from console.views.entry.start import StartPage
    from console.views.sound import SoundPlayer

log = logs.logger(__name__)

_SIGNED_OUT = "signed_out"
_REVOKED = "device_revoked"
_CLOCK_TOLERANCE = timedelta(seconds=5)


class App:
    """One console in one window, from the start page to its end."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock | None = None,
        hub: ThemeHub | None = None,
        preferences: Preferences | None = None,
        demo: bool = True,
        poll_seconds: int = 20,
    ) -> None:
        """A console that has not started. `demo` fills a database that this run has to make.

        `clock`, `hub` and `preferences` are given by tests and the tour; `poll_seconds` 0 stops refreshing by itself.
        """
        self.settings = settings
        self.clock = CorrectedClock(clock or SystemClock())
        self.preferences = preferences or Preferences()
        self.hub = hub or ThemeHub(
            _mode(settings, self.preferences), text_percent=self.preferences.text_percent
        )
        if hub is None:
            self.hub.apply()  # before the first widget: one made earlier keeps the platform's own font
        self.window = ShellWindow(self.hub, self.clock, self.preferences)
        self.access = Access(self.clock, self._warn, self._must_sign_in)
        self.closed = asyncio.Event()
        self._demo = demo
        self._poll_seconds = poll_seconds
        self._workstation: Workstation | None = None
        self._desk: DeskInfo | None = kept_desk(self.preferences, settings, self.clock.now())
        self._early: SignInPage | None = None
        self.ready = asyncio.Event()
        self._place: Workplace | None = None
        self._was: Whereabouts | None = None
        self._locked: KnownPerson | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._offline_since: datetime | None = None
        self._show_first()
        self.window.closing.connect(self.closed.set)
        self.window.sign_out_requested.connect(self.ask_sign_out)
        self.window.lock_requested.connect(self.lock)
        self.window.help_requested.connect(self.window.show_shortcuts)
        self.window.find_failed.connect(self._reached)
        self.hub.follow_system(lambda: self.preferences.mode is None)
        self._watch = IdleWatch(_qt(), self.preferences.lock_minutes, self.lock, self.clock)

    @property
    def database(self) -> Database | None:
        """The server's database, once there is one."""
        return self.access.database

    @property
    def service(self) -> SignInService | None:
        """Signing in at that server."""
        return self.access.service

    @cached_property
    def start_page(self) -> StartPage:
        """The page that says what is being made ready."""
        from console.views.entry.start import StartPage

        return StartPage(self.hub, self.clock, version=__version__)

    @cached_property
    def sounds(self) -> SoundPlayer:
        """The tones of this desk."""
        from console.views.sound import SoundPlayer

        return SoundPlayer(self.preferences)

    # -- the life of the console -------------------------------------------------------------------------------

    async def start(self) -> None:
        """Make the desk ready and show the sign-in page, or the page that says what is missing."""
        loop = asyncio.get_running_loop()

        def say(step: str) -> None:
            loop.call_soon_threadsafe(self._say, step)

        page = self.window.page()
        if page is not None:
            await painted(page)  # what follows keeps the processor busy
        if self._workstation is None:
            demo = _load_demo if self._demo else None
            self._workstation = await asyncio.to_thread(load_workstation, self.settings, demo)
        try:
            dsn = await asyncio.to_thread(self._workstation.open, say)
            await self._use(dsn)
            self._run(load_screens(self.window))
        except ConsoleError as error:
            from console.services.workstation import is_not_enrolled

            self._early = None
            if is_not_enrolled(error):
                self._show_connect()
                return
            self._reached(error)
            self.window.show_full(self.start_page)
            self.start_page.fail(error, self._retry)

    async def stop(self) -> None:
        """End what runs, sign out, close the connections and, where it is the console's own, stop the server."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._watch.stop()
        self._drop_pages()
        await asyncio.gather(*self._leaving, return_exceptions=True)
        if "sounds" in vars(self):
            self.sounds.close()
        await self.access.close()
        if self._workstation is not None:
            await asyncio.to_thread(self._workstation.close)

    def report(self, error: BaseException, where: str) -> None:
        """Where every unexpected error ends: in the log, and as one sentence for the person."""
        log.error("unexpected error in %s", where, exc_info=error)
        shown = (
            error if isinstance(error, ConsoleError) else BugError("Something went wrong inside the console.")
        )
        self.window.toast(shown.sentence, shown.hint or "It is written down in the log.", icon="ph.warning")

    # -- signing in and out ------------------------------------------------------------------------------------

    async def sign_in(self, email: str, password: str, code: str | None = None) -> Person:
        """Sign somebody in; the window still shows the sign-in page. Raises ConsoleErrors."""
        if self._early is not None:
            await self.ready.wait()
        return await self.access.sign_in(email, password, code)

    def _must_sign_in(self) -> None:
        self._run(
            self.sign_out(
                Denied("The server is back.", hint="Sign in again; nothing is lost.", code=_SIGNED_OUT)
            )
        )

    def _warn(self, title: str, detail: str) -> None:
        self.window.toast(title, detail, icon="ph.warning")

    def ask_sign_out(self) -> None:
        """Sign out, after a question where this desk still has something to send."""
        self._run(self._ask_sign_out())

    async def _ask_sign_out(self) -> None:
        waiting, notes = await self.access.waiting(), await self.access.notes_left()
        if not waiting and not notes.total:
            await self.sign_out(wipe=True)
            return
        from console.views.entry.leaving import leaving_question

        question = leaving_question(self.hub, self.window, waiting, notes)
        question.answered.connect(lambda agreed: self._run(self.sign_out(wipe=True)) if agreed else None)
        question.open()

    async def sign_out(self, because: ConsoleError | None = None, *, wipe: bool = False) -> None:
        """End the session and show the sign-in page, saying why where it was not asked for.

        With `wipe` the person's rosters leave this desk, unless something of theirs is still to be sent.
        """
        # Nothing of a child stays on the screen while the server is asked, whether or not it answers.
        self._watch.stop()
        self._drop_pages()
        self.start_page.say("Signing out")
        self.window.show_full(self.start_page)
        self.window.set_areas(())
        await asyncio.gather(*self._leaving, return_exceptions=True)
        await self.access.leave(wipe=wipe)
        await self.show_sign_in(because)

    def lock(self) -> None:
        """Take everything off the screen and end the session; the same person comes back to where they were."""
        person, place = self.access.person, self._place
        if person is None or place is None:
            return
        self._was = Whereabouts(
            person.email, place.venue.id if place.venue else None, self.window.area, place.whereabouts()
        )
        self._locked = KnownPerson(
            person.first_name, person.role_words, person.email, needs_code=person.has_authenticator
        )
        self._run(self.sign_out())

    async def sign_out_everywhere(self) -> None:
        """End the person's sessions on every desk, then here. Without a server it raises Unavailable and ends none."""
        if self.service is not None:
            await self.service.sign_out(everywhere=True)
        # As a task of its own: whoever asked is a page that is taken away by it.
        self._run(self.sign_out())

    async def show_sign_in(self, because: ConsoleError | None = None) -> None:
        """Show the sign-in page with those who were here lately, or with the accounts of a demo.

        A server that does not answer, or no longer knows this desk, is said on the page; only a desk that has never
        been known raises.
        """
        try:
            desk, people = await self._ask_desk()
        except ConsoleError as error:
            if self._desk is None:
                raise
            desk, people, because = self._desk, self.preferences.known_people(self.clock.now()), error
        self._desk = desk
        early, self._early = self._early, None
        page = early if early is not None and not desk.demo else self._sign_in_page(desk, people)
        if page is not early:
            page.signed_in.connect(self.enter)
        away = because if isinstance(because, Unavailable) else None
        page.set_offline(away is not None and not desk.demo)
        page.panel.set_facts(desk_facts(desk, own=self.settings.embedded, reached=away is None))
        self._say_where(page, desk)
        self.window.set_areas(())
        self._reached(away)
        self.window.show_full(page)
        self.ready.set()
        if because is not None and page is early and not page.busy:
            page.banner.show_error(because)  # what is typed meanwhile stays
        elif because is not None and page is not early and (away is None or desk.demo):
            page.refuse(because)

    def _say_where(self, page: SignInPage, desk: DeskInfo) -> None:
        if desk.venue_name and desk.timezone:
            page.panel.set_venue(desk.venue_name, desk.timezone)
            self.window.status.set_venue(desk.venue_name, desk.timezone)
        self.window.set_person("", desk=desk.device.name)

    def _show_first(self) -> None:
        """Show the sign-in page at once where this desk is known, else what is being made ready."""
        desk = self._desk
        if desk is None:
            self.window.show_full(self.start_page)
            return
        page = self._early = self._sign_in_page(desk, self.preferences.known_people(self.clock.now()))
        page.signed_in.connect(self.enter)
        self._say("Loading")
        self._say_where(page, desk)
        self.window.show_full(page)

    def _say(self, step: str) -> None:
        if self._early is None or self._desk is None:
            self.start_page.say(step)
            return
        facts = desk_facts(self._desk, own=self.settings.embedded, reached=True)
        facts[0] = DeskFact("ph.arrows-clockwise", "Getting ready", step)
        self._early.panel.set_facts(facts)

    def _sign_in_page(self, desk: DeskInfo, people: list[KnownPerson]) -> SignInPage:
        locked, self._locked = self._locked, None
        if locked is None:
            return SignInPage(
                self.hub, self.clock, self.sign_in, people=people, demo=desk.demo, version=__version__
            )
        return LockPage(
            self.hub, self.clock, self.sign_in, locked, others=people, demo=desk.demo, version=__version__
        )

    def enter(self, person: Person) -> None:
        """Show a signed-in person their areas; whoever unlocks is where they were."""
        if self._desk is not None and not self._desk.demo:
            self.preferences.remember_person(
                person.email, person.first_name, person.role_words, self.clock.now(), person.has_authenticator
            )
        was, self._was = self._was, None
        self._watch.start()
        if was is None or not was.belongs_to(person.email):
            self._show_venue(person, first_venue(person))
            return
        venue = person.venue(was.venue_id) if was.venue_id is not None else None
        self._show_venue(person, venue or first_venue(person), was.area)
        if venue is not None and self._place is not None:
            self._place.go_back(was.place)

    # -- areas -------------------------------------------------------------------------------------------------

    def _show_venue(self, person: Person, venue: VenueRef | None, area: str = "") -> None:
        """Show a person's areas at a venue (None: headquarters), beginning at `area` where it is one of them."""
        self._drop_pages()
        desk = person.device.name
        window = self.window
        if venue is not None:
            window.set_venue(venue.name, venue.timezone)
        else:
            window.set_venue("Headquarters", own_zone(), "Nexus")
        detail = f"{person.role_words}, {desk}"
        window.set_person(person.first_name, detail, desk=desk, initials=person.first_name[:1])
        from console.app.workplace import Workplace

        place = self._place = Workplace(self._tools(), person, venue)
        areas = place.areas()
        window.set_areas(areas)
        offer_venues(window.actions_registry, person, venue, partial(self._show_venue, person))
        place.start()
        window.open_area(next((one.key for one in areas if one.key == area), areas[0].key))

    def _tools(self) -> Tools:
        access = self.access
        if access.database is None or access.service is None:
            raise BugError("A page came before the database.")
        from console.app.workplace import Tools
        from console.storage.place import spoken_place

        own = self.settings.embedded
        return Tools(
            self.hub,
            self.clock,
            self.window,
            self.preferences,
            self.sounds,
            access.database,
            access.service,
            "This computer's own database" if own else spoken_place(access.database.dsn),
            self._poll_seconds,
            self._reached,
            self.sign_out_everywhere,
            self._watch.set_minutes,
            self._finish,
            access.keeping,
            access.is_unlocked,
            access.sign_in_again,
        )

    # -- parts -------------------------------------------------------------------------------------------------

    async def _use(self, dsn: str) -> None:
        await asyncio.to_thread(load_storage)
        await self.access.use(dsn, self._workstation.secrets if self._workstation is not None else None)
        await self.show_sign_in()

    def _show_connect(self) -> None:
        from console.views.entry.connect import ConnectPage

        workstation = self._workstation
        if workstation is None:
            raise BugError("The connect page came before the workstation.")

        async def connect(address: str, file: Path) -> str:
            return await asyncio.to_thread(workstation.connect, address, file)

        page = ConnectPage(self.hub, self.clock, connect, address=workstation.address, version=__version__)
        page.connected.connect(lambda dsn: self._run(self._use(dsn)))
        self.window.show_full(page)

    def _retry(self) -> None:
        self.start_page.again()
        self._run(self.start())

    async def _ask_desk(self) -> tuple[DeskInfo, list[KnownPerson]]:
        """What the server knows of this desk, by whose clock it goes, and whom the sign-in page offers."""
        service = self.service
        if service is None:
            raise BugError("The sign-in page came before the database.")
        desk = await service.this_device()
        keep_desk(self.preferences, self.settings, desk)
        offset = self.clock.correct(desk.server_time)
        if abs(offset) > _CLOCK_TOLERANCE:
            log.warning("this machine's clock is off by %.0f s", offset.total_seconds())
        if not desk.demo:
            return desk, self.preferences.known_people(self.clock.now())
        return desk, [
            KnownPerson(
                account.first_name,
                account.role.words,
                account.email,
                needs_code=account.asks_code,
                password=account.password,
            )
            for account in await service.demo_accounts()
        ]

    def _reached(self, error: object) -> None:
        """What the last question to the server came to: the status bar says it, a lost session ends here."""
        status = self.window.status
        if isinstance(error, Denied) and error.code == _REVOKED and self.access.keeping is not None:
            self._run(self._shut_out(self.access.keeping, error))
        elif isinstance(error, Denied) and error.code == _SIGNED_OUT and self.access.is_unlocked:
            return  # let in without the server: it is told who this is before anything is sent
        elif isinstance(error, Denied) and error.code == _SIGNED_OUT:
            again = Denied("You were signed out.", hint="Sign in again.", code=_SIGNED_OUT)
            self._run(self.sign_out(again))
        elif self.access.keeping is not None and self._place is not None and self._place.has_desk:
            return  # the sync engine watches the connection and says so itself
        elif error is None:
            self._offline_since = None
            status.set_connection("online")
            status.set_synced(self.clock.now())
        elif isinstance(error, Unavailable) and not isinstance(error, FileTrouble):
            # Any other trouble says nothing of the line: who refuses is there, and a file is of this computer.
            self._offline_since = self._offline_since or self.clock.now()
            status.set_connection("offline", since=self._offline_since)

    async def _shut_out(self, keeping: Keeping, error: ConsoleError) -> None:
        await self.sign_out(error)
        await keeping.revoked()

    def _drop_pages(self) -> None:
        if self._place is not None:
            self._place.stop()
            self._place = None
        self.window.status.set_scanner("")
        self.window.status.set_sending(0)

    def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.report(error, "an action of the window")


def _mode(settings: Settings, preferences: Preferences) -> Mode:
    asked = next((mode for mode in MODES if mode == settings.theme), None)
    return asked or preferences.mode or system_mode()


def _load_demo(admin_dsn: str, say: Callable[[str], None]) -> object:
    from console import demo

    return demo.load(admin_dsn, progress=say)


def _qt() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise BugError("A console came before its application.")
    return app
