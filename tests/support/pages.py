"""Every page and sheet of the window by name, with believable data: what the tests over all of them walk through.

A new page joins with one decorated function. It gets the window of a front desk and answers the widget to look at: the
window itself for an area, the card for what lies over it. See docs/design.md, "Screens".
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

from console.clock import FixedClock
from console.domain.families import PlacedChild
from console.domain.finding import FoundBooking, FoundRecords, FoundSession, FoundToday
from console.domain.listing import VenueRow
from console.domain.paging import Page, PageRequest
from console.domain.person import DeviceRef, Grant, Person, VenueRef
from console.models.gateway import DayGateway
from console.permissions import StaffRole
from console.views.account import AccountPage
from console.views.building.page import BuildingPage
from console.views.desk_settings.page import DeskDetails, DeskSettingsPage
from console.views.entry.connect import ConnectPage
from console.views.entry.lock import LockPage
from console.views.entry.people import KnownPerson
from console.views.entry.sign_in import SignInPage
from console.views.entry.start import StartPage
from console.views.families.corrections import CorrectionsSheet
from console.views.families.place import PlaceSheet, Purpose
from console.views.families.walk_in import WalkInSheet
from console.views.front_desk.page import TodayPage
from console.views.lists import venues_page
from console.views.preferences import Preferences
from console.views.shell.areas import Action, Area
from console.views.shell.palette_list import PaletteEntry
from console.views.shell.records import record_source
from console.views.shell.window import ShellWindow
from console.views.sound import SoundPlayer
from console.views.theme import ThemeHub
from console.views.widgets.dialog import QuestionCard, QuestionDialog
from tests.support import day_samples, family_samples
from tests.support import today_samples as sample
from tests.support.qt import present

LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"
VENUE = VenueRef(UUID(int=1), "Riverside Studio", "riverside", "America/Los_Angeles", "active")
JONAS = KnownPerson("Jonas", "Front desk, today 15:40", "jonas@riverside.example", needs_code=False)
ELENA = KnownPerson("Elena", "Manager, today 09:10", "elena@riverside.example", needs_code=True)

Show = Callable[[ShellWindow], Awaitable[QWidget]]


@dataclass(frozen=True)
class PageSample:
    """A page by name, and how it comes on the screen."""

    name: str
    show: Show


PAGES: dict[str, PageSample] = {}


def page(name: str) -> Callable[[Show], Show]:
    """Register a page."""

    def register(show: Show) -> Show:
        PAGES[name] = PageSample(name, show)
        return show

    return register


def new_window(hub: ThemeHub, width: int, height: int) -> ShellWindow:
    """The window of a front desk with all its areas, not yet on the screen."""
    folder = Path(tempfile.mkdtemp(dir=tempfile.gettempdir(), prefix="nexus-pages-"))
    window = ShellWindow(hub, FixedClock(sample.NOW), Preferences(folder / "window.ini"))
    window.set_venue(VENUE.name, VENUE.timezone)
    window.set_person("Jonas", "Front desk, Desk 1", desk="Desk 1")
    names = (("today", "Today", "ph.clipboard-text"), ("building", "Building", "ph.buildings"),
             ("bookings", "Bookings", "ph.ticket"), ("desk", "This desk", "ph.desktop"),
             ("account", "Account", "ph.user-circle"))  # fmt: skip
    window.set_areas([Area(key, title, icon, None, QWidget) for key, title, icon in names])
    window.actions_registry.add(Action("venue:2", "Work at Alder Hall", list, icon="ph.buildings"))
    window.rail.set_badge("today", 4, "red")
    window.status.set_connection("online")
    window.status.set_synced(sample.NOW)
    window.resize(width, height)
    return window


_TURN = 0.002


async def rest(seconds: float = 0.05) -> None:
    """Let what was asked come back: until nothing works any more, at most `seconds` and as many turns of the loop.

    Time alone would be used up by whatever else this computer does.
    """
    end, turns = time.monotonic() + seconds, int(seconds / _TURN)
    still = 0
    while still < 3 and ((left := end - time.monotonic()) > 0 or turns > 0):
        await asyncio.sleep(_TURN)
        turns -= 1
        still = 0 if _astir(max(left, turns * _TURN)) else still + 1


def _astir(seconds: float) -> bool:
    """Whether a task runs, or a timer of the screen rings once within `seconds`."""
    if len(asyncio.all_tasks()) > 1:  # one of them asks
        return True
    return any(
        timer.isActive() and timer.isSingleShot() and timer.remainingTime() <= seconds * 1000
        for window in QApplication.topLevelWidgets()
        for timer in window.findChildren(QTimer)
    )


async def on_screen(hub: ThemeHub, name: str, size: tuple[int, int]) -> tuple[ShellWindow, QWidget]:
    """A page shown in an active window of a size: the window, and what to look at."""
    window = new_window(hub, *size)
    present(window, *size)
    for _ in range(100):
        window.activateWindow()
        await asyncio.sleep(0.005)
        if window.isActiveWindow():
            break
    root = await PAGES[name].show(window)
    await rest()
    return window, root


def _area(window: ShellWindow, made: QWidget, key: str) -> QWidget:
    window.rail.choose(key)
    window.show_page(made)
    return window


def _clock(window: ShellWindow) -> FixedClock:
    return FixedClock(sample.NOW)


def _today(window: ShellWindow) -> TodayPage:
    return TodayPage(
        window.hub, _clock(window), sample.FakeGateway(), zone=sample.ZONE, desk="Desk 1", person="Jonas",
        may_undo_any=True, poll_seconds=0,
    )  # fmt: skip


async def _open_today(window: ShellWindow) -> TodayPage:
    made = _today(window)
    _area(window, made, "today")
    made.start()
    for _ in range(100):
        await asyncio.sleep(0.005)
        if not made.day.runner.busy:
            break
    return made


@page("today")
async def show_today(window: ShellWindow) -> QWidget:
    """The day with a session open."""
    await _open_today(window)
    return window


@page("today with a child")
async def show_child(window: ShellWindow) -> QWidget:
    """A child's card beside the roster, or over it in a narrow window."""
    made = await _open_today(window)
    made.middle.roster.select(sample.booking_id(1))
    await rest(0.2)
    return window


@page("today without sessions")
async def show_empty_day(window: ShellWindow) -> QWidget:
    """A day on which nothing happens."""
    made = TodayPage(
        window.hub, _clock(window), sample.FakeGateway(days={}), zone=sample.ZONE, poll_seconds=0,
    )  # fmt: skip
    _area(window, made, "today")
    made.start()
    await rest(0.1)
    return window


@page("venues")
async def show_venues(window: ShellWindow) -> QWidget:
    """Headquarters' list of venues."""
    rows = [
        VenueRow(UUID(int=number), name, "Portland", status, "America/Los_Angeles", "17.5 %", missing)
        for number, (name, status, missing) in enumerate(
            [
                ("Alder Hall", "active", ()),
                (LONG, "pending_approval", ("e-mail", "phone")),
                ("Fir", "rejected", ()),
            ]
        )
    ]

    async def fetch(request: PageRequest) -> Page[VenueRow]:
        return Page([row for row in rows if request.text.lower() in row.name.lower()], None)

    made = venues_page(window.hub, fetch)
    _area(window, made, "bookings")
    await made.model.settled()
    return window


@page("building")
async def show_building(window: ShellWindow) -> QWidget:
    """Who is in."""
    made = BuildingPage(
        window.hub, _clock(window), cast(DayGateway, day_samples.FakeDay()), zone=sample.ZONE, venue=VENUE.name,
        printer=day_samples.FakePrinter(), poll_seconds=0,
    )  # fmt: skip
    _area(window, made, "building")
    await rest(0.1)
    await made.runner.settled()
    return window


@page("this desk")
async def show_desk(window: ShellWindow) -> QWidget:
    """The settings of the desk."""
    kept = Preferences(Path(tempfile.mkdtemp(prefix="nexus-pages-")) / "desk.ini")
    details = DeskDetails("Desk 1", VENUE.name, "postgresql://db.riverside.example/nexus", "1.0")
    made = DeskSettingsPage(
        window.hub,
        kept,
        SoundPlayer(kept, open_speaker=_Silent),
        details,
        lambda: ("Office", "Label printer"),
    )
    _area(window, made, "desk")
    await made.settled()
    return window


class _Silent:
    """A loudspeaker that says nothing."""

    def sound(self, samples: bytes) -> None:
        """Take a tone."""

    def close(self) -> None:
        """Be let go."""


def a_person(*, authenticator: bool = True) -> Person:
    """Somebody with two roles and an authenticator."""
    grants = (
        Grant(StaffRole.MANAGER, VENUE.id, frozenset()),
        Grant(StaffRole.PLATFORM_ADMIN, None, frozenset()),
    )
    return Person(
        UUID(int=2), "Elena", "Marsh", "elena@riverside.example", "en", authenticator, grants, (VENUE,),
        DeviceRef(UUID(int=3), "Desk 1", None), UUID(int=4), sample.NOW + timedelta(hours=2), False, sample.NOW,
    )  # fmt: skip


async def _nothing(*_facts: object) -> None:
    return None


@page("account")
async def show_account(window: ShellWindow) -> QWidget:
    """A person's own page."""
    _area(window, AccountPage(window.hub, a_person(), sample.ZONE, _nothing, _nothing), "account")
    return window


@page("sign in")
async def show_sign_in(window: ShellWindow) -> QWidget:
    """The sign-in page with those who were here lately."""
    made = SignInPage(window.hub, _clock(window), _nothing, people=(JONAS, ELENA), version="1.4.2")
    made.panel.set_venue(VENUE.name, VENUE.timezone)
    window.show_full(made)
    return window


@page("lock")
async def show_lock(window: ShellWindow) -> QWidget:
    """A locked desk."""
    window.show_full(LockPage(window.hub, _clock(window), _nothing, JONAS, others=(ELENA,), version="1.4.2"))
    return window


@page("connect")
async def show_connect(window: ShellWindow) -> QWidget:
    """A workstation that is connected to a server."""

    async def connect(_address: str, _file: Path) -> str:
        return ""

    window.show_full(
        ConnectPage(window.hub, _clock(window), connect, address="db.riverside.example", version="1")
    )
    return window


@page("start")
async def show_start(window: ShellWindow) -> QWidget:
    """A start that failed."""
    made = StartPage(window.hub, _clock(window))
    made.say("Starting the database of this computer")
    window.show_full(made)
    return window


class _Finder:
    """Finds one of each."""

    async def records(self, _text: str) -> FoundRecords:
        """Answer the same to everything."""
        one, two = sample.session_id(4), sample.booking_id(1)
        return FoundRecords(
            (FoundSession(one, sample.DAY, sample.at(15, 30), "Junior Judo", "Main Hall", 9, 16, 18),),
            (FoundToday(two, one, sample.DAY, sample.at(15, 30), "Junior Judo", "Judith"),),
            (FoundBooking(two, one, sample.DAY, sample.at(15, 30), LONG, "K7Q4-2MXR-6", "Nia"),),
        )


class _Opener:
    """Opens nothing."""

    def open_session(self, *_facts: object) -> None:
        """Show a session."""

    def open_child(self, *_facts: object) -> None:
        """Show a child."""

    def open_booking(self, *_facts: object) -> None:
        """Show a booking."""


async def _open_palette(window: ShellWindow) -> QWidget:
    await show_account(window)
    source = record_source(
        _Finder(), _Opener(), _clock(window), sample.ZONE,
        more_for_session=lambda _one: [PaletteEntry("", "Print roster", list, "ph.printer", keys="Ctrl P")],
    )  # fmt: skip
    window.palette_box.add_async_source(source)
    window.palette_box.open()
    window.palette_box.field.setText("j")
    await rest(0.3)
    return window.palette_box.card


@page("palette")
async def show_palette(window: ShellWindow) -> QWidget:
    """Ctrl+K with records."""
    return await _open_palette(window)


@page("palette, more actions")
async def show_palette_more(window: ShellWindow) -> QWidget:
    """Ctrl+K, inside a record."""
    card = await _open_palette(window)
    palette = window.palette_box
    palette.list.setCurrentIndex(palette.model.index(1))
    palette.show_more()
    return card


@page("shortcuts")
async def show_shortcuts(window: ShellWindow) -> QWidget:
    """The sheet of keys over the day."""
    await _open_today(window)
    window.show_shortcuts()
    sheet = window.shortcuts_sheet
    assert sheet is not None
    return sheet.card


@page("question")
async def show_question(window: ShellWindow) -> QWidget:
    """A question with its consequence in numbers."""
    await show_account(window)
    card = QuestionCard(
        window.hub, "Cancel Street Dance on Thu 12 March?", "17:45–18:45, Main Hall. This cannot be undone.",
        do="Cancel 16 bookings", keep="Keep session",
        figures=(("16", "bookings"), ("224", "credits back"), ("16", "families told"), ("5", "leave the waitlist")),
    )  # fmt: skip
    QuestionDialog(window.hub, window, card).open()
    return card


@page("walk-in")
async def show_walk_in(window: ShellWindow) -> QWidget:
    """A family at the desk without a booking."""
    await show_account(window)
    sheet = WalkInSheet(
        window.hub, window, family_samples.FakeFamilies(), _clock(window), sample.ZONE, today=sample.DAY,
        session_id=sample.session_id(4), text="Da",
    )  # fmt: skip
    sheet.open()
    await rest(0.3)
    return sheet.card


@page("move a child")
async def show_move(window: ShellWindow) -> QWidget:
    """Another session for a child."""
    await show_account(window)
    iris = next(one for one in sample.roster() if one.first_name == "Iris")
    entry = PlacedChild(
        iris.booking_id, iris.session_id, iris.first_name, iris.age_months, iris.parent_first_name
    )
    sheet = PlaceSheet(
        window.hub, window, family_samples.FakeFamilies(), _clock(window), sample.ZONE, entry=entry,
        purpose=Purpose.MOVE, today=sample.DAY,
    )  # fmt: skip
    sheet.open()
    await rest(0.2)
    return sheet.card


async def _correct(window: ShellWindow, what: str) -> QWidget:
    await show_account(window)
    sheet = CorrectionsSheet(
        window.hub, window, family_samples.FakeFamilies(), booking_id=sample.booking_id(1), first_name="Nia",
        what="health" if what == "health" else "pickup", confirmed_by="Dana",
    )  # fmt: skip
    sheet.open()
    await rest(0.2)
    return sheet.card


@page("correct allergies")
async def show_health(window: ShellWindow) -> QWidget:
    """A child's health notes."""
    return await _correct(window, "health")


@page("correct pickup people")
async def show_pickup(window: ShellWindow) -> QWidget:
    """Who may collect a child."""
    return await _correct(window, "pickup")
