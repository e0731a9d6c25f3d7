"""What a front desk sees: a scan until its row is painted, and another desk's change until it is painted here.

Both run the real Today page off screen over a real desk's login, on the console's own event loop, and end when the
row's paint event has been handled.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import time
from collections.abc import Coroutine, Iterator
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from console.clock import SystemClock
from console.loop import QtEventLoop
from console.services.attendance import AttendanceService
from console.services.live import LiveUpdates
from console.services.rosters import DeskService
from console.storage.attendance import AttendanceStore
from console.storage.changes import ChangeQueries
from console.storage.database import Database as DeskDatabase
from console.storage.desk import DeskQueries
from console.storage.listener import Listener
from console.views.front_desk.page import TodayPage
from console.views.theme import ThemeHub
from tests.bench.bench_attendance import Day
from tests.bench.framework import Bench, Pair, row
from tests.support.desk_world import Person, World

_SESSIONS = 8
_SHOWN = 5  # the others are for the reference
_PATIENCE = 10.0
_REFRESH_SOON = 0.3


class _Screen(QObject):
    """Today at one desk, and when a row of it was painted."""

    def __init__(self, day: Day, who: Person) -> None:
        super().__init__()
        app = QApplication.instance() or QApplication(["nexus-console"])
        assert isinstance(app, QApplication)
        self._loop = QtEventLoop(app)
        asyncio.set_event_loop(self._loop)
        self._hub = ThemeHub("light", reduced_motion=True)
        self._hub.apply()
        self._database = DeskDatabase(who.dsn)
        clock = SystemClock()
        zone = day.world.one("SELECT timezone AS z FROM venues WHERE id = %s", day.world.venue)["z"]
        self.service = DeskService(
            DeskQueries(self._database),
            AttendanceService(AttendanceStore(self._database), clock),
            day.world.venue,
        )
        self.page = TodayPage(
            self._hub, clock, self.service, zone=ZoneInfo(zone), desk="Desk 1", person="Jonas", poll_seconds=0
        )
        self.live = LiveUpdates(
            Listener(self._database, day.world.venue), ChangeQueries(self._database), day.world.venue,
            refresh=self.page.day.follow, healthy=self.page.set_live,
        )  # fmt: skip
        self._token = who.token
        self._wanted: UUID | None = None
        self._painted: asyncio.Event = asyncio.Event()
        self.page.middle.roster.list.viewport().installEventFilter(self)
        self._sessions = itertools.cycle(day.sessions[:_SHOWN])
        self._waiting: list[UUID] = []
        self._codes: dict[UUID, str] = {}
        self.run(self._open())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on the console's loop."""
        return self._loop.run_until_complete(asyncio.wait_for(self._calmly(work), _PATIENCE))

    async def _calmly(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do it and wait for the refresh that follows an answer: what is under way when a loop stops is torn."""
        answer = await work
        await asyncio.sleep(_REFRESH_SOON)
        await self.page.day.runner.settled()
        return answer

    async def _open(self) -> None:
        await self._database.set_token(self._token)
        self.page.resize(1240, 840)
        self.page.show()
        self.page.start()
        await self._until_roster()
        self.live.start()
        while not self.live.is_healthy:
            await asyncio.sleep(0.01)

    async def _until_roster(self) -> None:
        while not (self.page.day.roster_known and self.page.day.roster.rowCount()):
            await asyncio.sleep(0.01)

    async def next_child(self) -> UUID:
        """A child nobody marked yet; another session is opened when this one has no more."""
        if not self._waiting:
            self.page.day.open_session(next(self._sessions))
            await asyncio.sleep(0.05)
            await self._until_roster()
            rows = self.page.day.roster.rows
            self._waiting = [one.entry.booking_id for one in rows if one.look == "expected"]
            self._codes = {one.entry.booking_id: one.entry.confirmation_code for one in rows}
        booking = self._waiting.pop()
        await self._quiet()
        return booking

    async def _quiet(self) -> None:
        """Until the echo of the round before has been dealt with: each round is a change of its own."""
        await asyncio.sleep(0.15)

    async def scanned(self) -> float:
        """Milliseconds from a scanner's first key until the row is painted as in."""
        booking = await self.next_child()
        line = self.page.middle.scan.line
        line.setFocus()
        started = self._watch(booking)
        at = int(started * 1000)
        keys = [(Qt.Key.Key_unknown, mark) for mark in self._codes[booking]] + [(Qt.Key.Key_Return, "\r")]
        for number, (key, mark) in enumerate(keys):
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, mark)
                event.setTimestamp(at + number)
                QApplication.sendEvent(line, event)
        await self._painted.wait()
        return (time.perf_counter() - started) * 1000

    async def told(self, there: DeskService) -> float:
        """Milliseconds from another desk's check-in being sent until the row is painted as in here."""
        booking = await self.next_child()
        entry = next(one.entry for one in self.page.day.roster.rows if one.entry.booking_id == booking)
        self.page.middle.roster.select(booking)  # within sight
        await asyncio.sleep(0.02)
        started = self._watch(booking)
        acting = asyncio.ensure_future(there.check_in(entry))
        await self._painted.wait()
        took = (time.perf_counter() - started) * 1000
        await acting
        return took

    def _watch(self, booking: UUID) -> float:
        self._wanted = booking
        self._painted.clear()
        return time.perf_counter()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice the paint of the wanted row as in; what is waiting runs after it."""
        if event.type() == QEvent.Type.Paint and self._wanted is not None:
            found = self.page.day.roster.row(self._wanted)
            if found is not None and found.look == "in":
                self._wanted = None
                self._painted.set()
        return super().eventFilter(watched, event)

    def close(self) -> None:
        """End everything; the loop too."""

        async def end() -> None:
            await self.live.stop()
            for _ in range(3):  # what a last answer still starts has to end too
                self.page.stop()
                await self.page.day.runner.settled()
                await asyncio.sleep(0.02)
            await self._database.close()

        self.page.hide()
        self.run(end())
        self.page.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        self._loop.close()
        asyncio.set_event_loop(None)


@contextlib.contextmanager
def _screen(bench: Bench) -> Iterator[tuple[Day, _Screen]]:
    with World(bench.database()) as world:
        day = Day(world, sessions=_SESSIONS)
        screen = _Screen(day, world.person())
        try:
            yield day, screen
        finally:
            screen.close()


@row(
    "scan_to_paint",
    "from a scanner's first key until the row is painted green",
    budget=30,
    judged="p95",
    reference="the same check-in without a screen",
    rounds=100,
    warm_up=10,
)
def scan_to_paint(bench: Bench) -> Iterator[Pair]:
    """Keys, search, service, server, model and paint, with live updates on."""
    with _screen(bench) as (day, screen):
        maya = day.world.person(name="Maya", desk=day.world.desk("Desk 2"))
        others = iter(
            one["id"]
            for one in day.world.all(
                "SELECT id FROM bookings WHERE session_id = ANY (%s)", day.sessions[_SHOWN:]
            )
        )

        def reference() -> float:
            started = time.perf_counter()
            maya.do("check_in", next(others), at=SystemClock().now())
            return (time.perf_counter() - started) * 1000

        yield Pair(
            lambda: screen.run(screen.scanned()),
            reference,
            rows=f"{len(day.bookings)} bookings, 40 in the roster",
            own_figures=True,
        )


@row(
    "other_desk",
    "from a check-in at one desk until it is painted at another",
    budget=150,
    judged="p95",
    reference="NOTIFY itself",
    rounds=100,
    warm_up=10,
)
def other_desk(bench: Bench) -> Iterator[Pair]:
    """Check-in, notification, the question what changed, the roster and the paint."""
    with _screen(bench) as (day, screen):
        maya = day.world.person(name="Maya", desk=day.world.desk("Desk 2"))
        database = DeskDatabase(maya.dsn)
        there = DeskService(
            DeskQueries(database),
            AttendanceService(AttendanceStore(database), SystemClock()),
            day.world.venue,
        )
        screen.run(database.set_token(maya.token))
        says, hears = day.world.database.connect(), day.world.database.connect()
        hears.execute("LISTEN bench")

        def reference() -> float:
            started = time.perf_counter()
            says.execute("NOTIFY bench")
            assert list(hears.notifies(timeout=2, stop_after=1))
            return (time.perf_counter() - started) * 1000

        yield Pair(
            lambda: screen.run(screen.told(there)),
            reference,
            rows=f"{len(day.bookings)} bookings, 40 in the roster",
            clients=2,
            own_figures=True,
        )
        says.close()
        hears.close()
        screen.run(database.close())
