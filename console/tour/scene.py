"""The console on the tour's stage: what a person at the desk can do, done by a program.

It types, presses and waits like a person and reaches into no page, so that a page may change inside without the tour
noticing. Only the composition root can make the application; it hands over how.
"""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar
from weakref import WeakSet

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from console import demo
from console.clock import Clock, FixedClock
from console.domain.person import Person
from console.errors import BugError, ConsoleError
from console.settings import Settings
from console.tour.stage import Copy
from console.views.front_desk.card_actions import MORE, CardActions
from console.views.preferences import Preferences
from console.views.shell.window import ShellWindow
from console.views.theme import ThemeHub
from console.views.tokens import Mode
from console.views.widgets.chart import ChartView
from console.views.widgets.waiting import Skeleton

SIZE = (1440, 900)
_PATIENCE = 15.0
_PATIENCE_FOR_ONE_THING = 60.0
_PUT_AWAY = "Put away"
_ROUNDS = 4
_ROUNDS_WAITING = 33
_Shown = TypeVar("_Shown", bound=QWidget)
_WATCHERS = ("LiveUpdates.", "SyncEngine.", "sleep", "Event.wait")


class TourApp(Protocol):
    """As much of the application as the tour uses."""

    window: ShellWindow

    async def start(self) -> None:
        """Make the desk ready and show the sign-in page."""
        ...

    async def stop(self) -> None:
        """End what runs."""
        ...

    async def sign_in(self, email: str, password: str, code: str | None = None) -> Person:
        """Sign somebody in."""
        ...

    async def sign_out(self, because: ConsoleError | None = None) -> None:
        """End the session and show the sign-in page."""
        ...

    def enter(self, person: Person) -> None:
        """Show a signed-in person their areas."""
        ...


class MakeApp(Protocol):
    """How the composition root makes an application."""

    def __call__(
        self, settings: Settings, *, clock: Clock, hub: ThemeHub, preferences: Preferences, poll_seconds: int
    ) -> TourApp:
        """An application that has not started."""
        ...


class TourClock(FixedClock):
    """A clock whose date stands still while its counter runs as the tour wants, so that typing has a rhythm."""

    def tick(self, seconds: float) -> None:
        """Let the counter run on without the date."""
        self._monotonic += seconds


class Scene:
    """One run of the console, in one theme."""

    def __init__(self, make_app: MakeApp, copy: Copy, mode: Mode, at: datetime, home: Path) -> None:
        """A console over `copy` that has not started; `home` takes its preferences."""
        self.hub = ThemeHub(mode, reduced_motion=True)
        self.hub.apply()
        self.clock = TourClock(at)
        self.copy = copy
        self._make_app, self._home = make_app, home
        self._app: TourApp | None = None
        self._at_office = False
        self._entered = False
        self._waiting: WeakSet[asyncio.Task[object]] = WeakSet()

    # -- coming and going ------------------------------------------------------------------------------------------

    @property
    def app(self) -> TourApp:
        """The application on the stage."""
        if self._app is None:
            raise BugError("The tour has no window yet.")
        return self._app

    @property
    def window(self) -> ShellWindow:
        """Its window."""
        return self.app.window

    @property
    def page(self) -> QWidget:
        """The page on show."""
        page = self.window.page()
        if page is None:
            raise BugError("The tour's window shows nothing.")
        return page

    async def open(self, *, office: bool = False) -> None:
        """Open the console at the venue's desk, or at the one at headquarters."""
        if self._app is not None and self._at_office == office:
            return
        await self.close()
        dsn = self.copy.office if office else self.copy.desk
        self._at_office = office
        self._app = self._make_app(
            Settings(database_url=dsn),
            clock=self.clock,
            hub=self.hub,
            preferences=Preferences(self._home / f"{self.hub.mode}.ini"),
            poll_seconds=0,
        )
        self.window.resize(*SIZE)
        self.window.show()
        await self.app.start()
        await self.quiet()

    async def close(self) -> None:
        """Close the console."""
        if self._app is None:
            return
        app, self._app = self._app, None
        self._entered = False
        app.window.hide()
        await app.stop()
        app.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    async def enter_as(self, role: str, *, second: bool = False, banners: bool = False) -> None:
        """Sign in as the demo's first (or second) account of that role, on the desk where such a person works.

        What is announced there is put away first, unless the `banners` are to be seen.
        """
        account = [one for one in demo.ACCOUNTS if one.role == role][1 if second else 0]
        await self.open(office=not account.at_riverside)
        if self._entered:
            await (
                self.sign_out()
            )  # or a late question of the former person's pages would be told that it was signed out
        self._entered = True
        self.app.enter(await self.app.sign_in(account.email, demo.PASSWORD))
        await self.quiet()
        if not banners:
            await self.put_banners_away()

    async def put_banners_away(self) -> None:
        """Read what is announced, and never see it again."""
        while any(one.text() == _PUT_AWAY for one in self.buttons()):
            await self.press(_PUT_AWAY)

    async def sign_out(self) -> None:
        """Go back to the sign-in page."""
        await self.app.sign_out()
        self._entered = False
        await self.quiet()

    # -- hands -----------------------------------------------------------------------------------------------------

    async def type(self, text: str) -> None:
        """Type into whatever has the keyboard, at a person's pace."""
        for letter in text:
            self.clock.tick(0.2)
            QTest.keyClicks(self._focus(), letter)
            await asyncio.sleep(0)
        await self.quiet()

    async def scan(self, code: str) -> None:
        """Hold a ticket under the scanner: its keys come faster than any hand's, then Enter."""
        self.clock.tick(60.0)
        for letter in code:
            QTest.keyClicks(self._focus(), letter)
        await self.key(Qt.Key.Key_Return)

    async def key(
        self, key: Qt.Key, *, ctrl: bool = False, alt: bool = False, shift: bool = False, times: int = 1
    ) -> None:
        """Press a key, perhaps with Ctrl, Alt or Shift."""
        held = Qt.KeyboardModifier.NoModifier
        held |= Qt.KeyboardModifier.ControlModifier if ctrl else held
        held |= Qt.KeyboardModifier.AltModifier if alt else held
        held |= Qt.KeyboardModifier.ShiftModifier if shift else held
        for _ in range(times):
            QTest.keyClick(self._focus(), key, held)
            await self.quiet()

    async def begin(self) -> None:
        """Sign in at the front desk anew: whatever was open is gone."""
        await self.open()
        await self.sign_out()
        await self.enter_as("front_desk")
        await self.settle(0.3)

    async def choose(self, deed: str) -> None:
        """Choose behind "More" on the child's card. Raises BugError where there is no card with it.

        Not through the menu itself: the platform without a screen cannot raise one.
        """
        cards = [one for one in self.window.findChildren(CardActions) if one.isVisibleTo(self.window)]
        if not cards or all(known != deed for known, _words in MORE):
            raise BugError("The tour found no such choice.", code=f"tour_choice:{deed}")
        cards[0].pressed.emit(deed)
        await self.quiet()

    async def press(self, text: str) -> None:
        """Press the button that says so. Raises BugError where there is none."""
        button = next((one for one in self.buttons() if text in (one.text(), one.accessibleName())), None)
        if button is None:
            raise BugError("The tour found no such button.", code=f"tour_button:{text}")
        button.click()
        await self.quiet()

    def buttons(self) -> list[QAbstractButton]:
        """Every button that can be pressed now."""
        return [
            one
            for one in self.window.findChildren(QAbstractButton)
            if one.isVisibleTo(self.window) and one.isEnabled()
        ]

    def fields(self) -> list[QLineEdit]:
        """Every text field on show."""
        return [one for one in self.page.findChildren(QLineEdit) if one.isVisibleTo(self.page)]

    # -- patience --------------------------------------------------------------------------------------------------

    async def quiet(self) -> None:
        """Wait until nothing runs any more."""
        if self._app is not None and QApplication.activeWindow() is None:
            # Without a window manager nobody gives the keyboard back after a window was hidden.
            self.window.activateWindow()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE
        before: set[asyncio.Task[object]] = set()
        still = 0
        while loop.time() < deadline:
            await asyncio.sleep(0.03)
            busy = {task for task in asyncio.all_tasks() if not _always_waits(task)} - set(self._waiting)
            still = still + 1 if busy == before else 0
            before = busy
            # What has run for a second without another task coming or going waits for a person.
            if still >= (_ROUNDS_WAITING if busy else _ROUNDS):
                self._waiting.update(busy)  # and is waited for only once
                return

    async def settle(self, seconds: float = 1.4) -> None:
        """Let what is shown for a moment only (a band's solid colour) pass."""
        await asyncio.sleep(seconds)
        await self.quiet()

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait for something to become true. Raises BugError where it does not."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _PATIENCE_FOR_ONE_THING
        while not what():
            if loop.time() > deadline:
                raise BugError("The tour waited in vain.", code="tour_waited")
            await asyncio.sleep(0.03)

    async def shoot(self, file: Path) -> None:
        """Save the window as it looks now. Raises BugError where the picture cannot be written."""
        QTest.mouseMove(self.window, QPoint(SIZE[0] - 2, 2))
        await self.quiet()
        await self._complete()
        if not self.window.grab().save(str(file)):
            raise BugError("A picture of the tour could not be written.", code="tour_picture")

    async def _complete(self) -> None:
        """Wait for rows that still come and charts that are still drawn: a busy machine takes seconds for either."""
        await self.until(lambda: not any(one.is_waiting for one in self._on_show(Skeleton)))
        for chart in self._on_show(ChartView):
            await chart.drawn()

    def _on_show(self, kind: builtins.type[_Shown]) -> list[_Shown]:
        return [one for one in self.window.findChildren(kind) if one.isVisibleTo(self.window)]

    def _focus(self) -> QWidget:
        return QApplication.focusWidget() or self.window


def _always_waits(task: asyncio.Task[object]) -> bool:
    """Whether a task is the tour itself, or one that watches other desks or the server while somebody is there."""
    name = getattr(task.get_coro(), "__qualname__", "")
    return task is asyncio.current_task() or name.startswith(_WATCHERS)


Play = Callable[[Scene], Awaitable[None]]
