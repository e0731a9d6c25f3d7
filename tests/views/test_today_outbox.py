"""Today over a real server whose line is cut and joined again: the desk's own services behind the real screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, timedelta
from uuid import UUID

import pytest
from PySide6.QtCore import Qt

from console.clock import FixedClock
from console.domain.attendance import AttendanceEvent, EventAnswer, OutcomeKind
from console.domain.desk import FoundChild, HistoryEntry, RosterEntry, SessionSummary
from console.domain.judging import Standpoint
from console.domain.sync import CachedSession, OutboxCount, Snapshot
from console.errors import Unavailable
from console.services.attendance import AttendanceService
from console.services.attention import AttentionService
from console.services.link import Link
from console.services.local_desk import LocalDesk
from console.services.memory_events import MemoryEvents
from console.services.outbox import OutboxRecorder
from console.services.rosters import DeskService
from console.storage.attendance import AttendanceStore
from console.storage.database import Database as DeskDatabase
from console.storage.desk import DeskQueries
from console.views.front_desk.page import TodayPage
from console.views.theme import ThemeHub
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.memory_store import MemoryRosters
from tests.support.qt import present
from tests.views.today import press

NAMES = ("Amara", "Bruno", "Chiara", "Dilan", "Esther", "Farid")


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        for name in NAMES:
            made.booking(name)
        yield made


class Line:
    """A desk's way to its server, which can be cut."""

    def __init__(self, database: DeskDatabase) -> None:
        self._events, self._rows = AttendanceStore(database), DeskQueries(database)
        self.cut = False
        self.open = asyncio.Event()
        """Not set: what is sent is under way."""
        self.open.set()

    def _meet(self) -> None:
        if self.cut:
            raise Unavailable("The database cannot be reached.", code="database_unreachable")

    async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
        self._meet()
        await self.open.wait()
        return await self._events.record(events)

    async def next_seq(self) -> int:
        self._meet()
        return await self._events.next_seq()

    async def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        self._meet()
        return await self._rows.sessions(venue_id, day)

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        self._meet()
        return await self._rows.roster(session_id)

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        self._meet()
        return await self._rows.history(booking_id)

    async def search(self, venue_id: UUID, text: str) -> list[FoundChild]:
        self._meet()
        return await self._rows.search(venue_id, text)


class Desk:
    """Today at a desk with a cache, an outbox and a line to its server."""

    def __init__(self, hub: ThemeHub, world: World, person: Person) -> None:
        self.hub, self.world, self.person = hub, world, person
        self.database = DeskDatabase(person.dsn)
        self.line = Line(self.database)
        self.clock = FixedClock(NOON)
        self.link = Link(self.clock)
        self.link.watched = True
        self.store, self.cache = MemoryEvents(), MemoryRosters(UTC)
        self.recorder = OutboxRecorder(
            self.line, self.store, self.clock, link=self.link, settled=self._settled, within=0.5
        )
        where = Standpoint("Desk 1", person.id, "Jonas", UTC)
        reads = LocalDesk(self.line, self.recorder, self.cache, world.venue, where, self.clock, within=0.5)
        attendance = AttendanceService(
            self.recorder, self.clock, venue_id=world.venue, person_id=person.id, known=reads
        )
        self.service = DeskService(reads, attendance, world.venue)
        self.attention = AttentionService(
            self.recorder, self.cache, self.clock, person_id=person.id, first_name="Jonas", may_discard=True
        )
        self.page = self._page()

    def _page(self) -> TodayPage:
        return TodayPage(
            self.hub, self.clock, self.service, zone=UTC, desk="Desk 1", person="Jonas", poll_seconds=0
        )

    def _settled(self, _event: AttendanceEvent, answer: EventAnswer) -> None:
        self.page.settle_kept(answer)

    async def open(self) -> None:
        """Sign in, fill the cache and show the day."""
        await self.database.set_token(self.person.token)
        sessions = await self.line.sessions(self.world.venue, NOON.date())
        kept = [CachedSession(one, tuple(await self.line.roster(one.id))) for one in sessions]
        self.cache.put(Snapshot(self.world.venue, NOON, "1", tuple(kept)))
        await self.show()

    async def show(self) -> None:
        """Show the day and wait for it."""
        present(self.page, 1240, 840)
        self.page.start()
        await self.until_rows(len(NAMES))

    async def until_rows(self, count: int) -> None:
        """Wait for a roster of so many."""
        async with asyncio.timeout(5):
            while self.page.day.roster.rowCount() != count:
                await asyncio.sleep(0.01)

    async def rest(self) -> None:
        """Wait until nothing is under way."""
        for _ in range(3):
            await asyncio.sleep(0.05)
            await self.page.day.runner.settled()

    async def enter(self, name: str) -> None:
        """Type a name and press Enter."""
        line = self.page.middle.scan.line
        press(line, name)
        await self.rest()
        press(line, Qt.Key.Key_Return, text="\r")
        await self.rest()

    async def join(self) -> None:
        """The server is back: first everything is sent, then everything is asked for."""
        self.line.cut = False
        await self.recorder.flush()
        self.link.returned()
        self.page.refresh()
        await asyncio.sleep(0.3)
        await self.rest()

    def looks(self) -> dict[str, str]:
        """How each row looks."""
        return {row.name: row.look for row in self.page.day.roster.rows}

    async def close(self) -> None:
        """Leave nothing running."""
        self.page.stop()
        await self.page.day.runner.settled()
        await self.recorder.close()
        await self.database.close()


@asynccontextmanager
async def at_desk(hub: ThemeHub, world: World) -> AsyncIterator[Desk]:
    """Jonas at a desk."""
    desk = Desk(hub, world, world.person())
    try:
        await desk.open()
        yield desk
    finally:
        await desk.close()


@pytest.fixture
async def desk(hub: ThemeHub, world: World) -> AsyncIterator[Desk]:
    """The same, for a test of one desk."""
    async with at_desk(hub, world) as made:
        yield made


async def test_a_queue_goes_on_without_the_server_and_turns_green_with_it(desk: Desk) -> None:
    await desk.enter("amara")
    await asyncio.sleep(0.4)  # until the refresh that follows an answer has come
    await desk.rest()
    assert desk.looks()["Amara"] == "in", "the server has this one"
    desk.line.cut = True
    for name in ("bruno", "chiara", "dilan"):
        await desk.enter(name)
        desk.clock.advance(15)
    assert desk.page.middle.band.title == "Dilan is in, waiting to send"
    assert desk.looks() == {
        "Amara": "in", "Bruno": "queued", "Chiara": "queued", "Dilan": "queued",
        "Esther": "expected", "Farid": "expected",
    }, "and what the server had stays, although the desk's own data is older"  # fmt: skip
    assert desk.store.count() == OutboxCount(3)
    session = desk.page.day.session
    assert session is not None
    assert (session.in_count, session.waiting) == (4, 3)
    desk.page.refresh()
    await desk.rest()
    assert desk.looks()["Bruno"] == "queued", "the desk's own data says so too"
    await desk.join()
    assert desk.store.count() == OutboxCount()
    assert {desk.looks()[name] for name in ("Amara", "Bruno", "Chiara", "Dilan")} == {"in"}
    assert desk.page.middle.band.title == "Dilan is in"
    assert (desk.page.day.session or session).waiting == 0


async def test_a_refresh_before_the_answer_never_makes_a_child_wait_whom_the_server_has(desk: Desk) -> None:
    looks: list[str] = []
    desk.page.day.roster.dataChanged.connect(lambda *_: looks.append(desk.looks()["Amara"]))
    line = desk.page.middle.scan.line
    press(line, "amara")
    await desk.rest()
    desk.line.open.clear()
    press(line, Qt.Key.Key_Return, text="\r")
    await asyncio.sleep(0.05)
    desk.page.refresh()
    await asyncio.sleep(0.15)
    assert looks[-1] == "sending"
    entry = desk.page.day.roster.rows[0].entry
    assert entry.waiting, "the refresh found it in the outbox"
    desk.line.open.set()
    await asyncio.sleep(0.4)  # until the refresh that follows an answer has come
    await desk.rest()
    assert looks[-1] == "in"
    assert "queued" not in looks


async def test_an_undo_of_what_was_never_sent_reaches_the_server_in_order(desk: Desk) -> None:
    desk.line.cut = True
    await desk.enter("bruno")
    desk.page.deeds.undo_last()
    await desk.rest()
    assert desk.looks()["Bruno"] == "queued"
    assert desk.page.middle.band.title == "Bruno is expected again, waiting to send"
    await desk.join()
    assert desk.looks()["Bruno"] == "expected"
    kinds = desk.world.admin.execute("SELECT kind::text FROM attendance_events ORDER BY seq").fetchall()
    assert [kind for (kind,) in kinds] == ["check_in", "annul"]


async def test_what_waited_is_amber_for_whoever_signs_in_next(desk: Desk) -> None:
    desk.line.cut = True
    await desk.enter("bruno")
    desk.page.stop()
    await desk.page.day.runner.settled()
    desk.page = desk._page()
    await desk.show()
    assert desk.looks()["Bruno"] == "queued"
    await desk.join()
    assert desk.looks()["Bruno"] == "in"


async def test_a_refused_one_is_red_listed_and_sent_again(desk: Desk) -> None:
    desk.line.cut = True
    await desk.enter("bruno")
    (made,) = desk.store.waiting()
    event = made.event
    refused = EventAnswer(event.id, OutcomeKind.REJECTED, None, booking_id=event.booking_id)
    desk.store.answered([refused], NOON)
    desk.page.settle_kept(refused)
    assert desk.looks()["Bruno"] == "attention"
    (item,) = await desk.attention.attention()
    assert (item.child, item.person) == ("Bruno", "Jonas")
    desk.page.show_attention([item])
    assert desk.looks()["Bruno"] == "attention"
    await desk.attention.retry(event.id)
    desk.page.show_attention(await desk.attention.attention())
    desk.page.refresh()
    await desk.rest()
    assert desk.looks()["Bruno"] == "queued", "it waits again"
    await desk.join()
    assert desk.looks()["Bruno"] == "in"


async def test_two_desks_without_a_server_check_in_the_same_child(hub: ThemeHub, world: World) -> None:
    async with at_desk(hub, world) as here:
        there = Desk(hub, world, world.person(name="Maya", desk=world.desk("Desk 2")))
        try:
            await there.open()
            here.line.cut = there.line.cut = True
            await there.enter("bruno")
            here.clock.advance(60)
            await here.enter("bruno")
            assert (here.looks()["Bruno"], there.looks()["Bruno"]) == ("queued", "queued")
            await there.join()
            here.clock.advance(timedelta(minutes=1).total_seconds())
            await here.join()
            assert (here.looks()["Bruno"], there.looks()["Bruno"]) == ("in", "in")
            row = next(one for one in here.page.day.roster.rows if one.name == "Bruno")
            assert row.entry.state_desk == "Desk 2", "it was first"
            assert here.store.count() == OutboxCount()
        finally:
            await there.close()
