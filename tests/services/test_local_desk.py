"""The desk's reads: the server's while it answers, the desk's own within a second when it does not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, date, timedelta
from uuid import UUID, uuid4

import pytest

from console.clock import FixedClock, SystemClock
from console.domain.attendance import (
    AttendanceState,
    EventAnswer,
    EventKind,
    Origin,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import (
    BookingStatus,
    FoundChild,
    HistoryEntry,
    PickupPerson,
    RosterEntry,
    SessionSummary,
)
from console.domain.judging import Standpoint
from console.domain.sync import ANSWER_WITHIN, CachedSession, Mode, Snapshot
from console.errors import Denied, NotFound, Unavailable
from console.services.attendance import AttendanceService
from console.services.link import Link
from console.services.local_desk import LocalDesk, plain_name
from console.services.memory_events import MemoryEvents
from console.services.outbox import OutboxRecorder
from console.services.rosters import DeskService
from console.storage.attendance import AttendanceStore
from console.storage.contact import ServerTime
from console.storage.database import Database as DeskDatabase
from console.storage.desk import DeskQueries
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.memory_store import (
    HERE,
    JONAS,
    LOST,
    MAYA,
    VENUE,
    MemoryRosters,
    Wire,
    child,
    event,
    summary,
)
from tests.support.proxy import Proxy

_AT_MOST = ANSWER_WITHIN.total_seconds() + 1.5
"""With what a busy test machine adds; a server that never answers would be waited for longer."""

TODAY = NOON.date()
JUDO = summary()
BALLET = summary(
    activity_name="Ballet", starts_at=SOON + timedelta(hours=1), ends_at=SOON + timedelta(hours=2)
)
NIA = child(JUDO, "Nia", confirmation_code="AAAA-AAAA-A")
ZOE = child(JUDO, "Zoë-Marie", confirmation_code="BBBB-BBBB-B", parent_first_name="Éloïse")
LEO = child(BALLET, "Leo", confirmation_code="CCCC-CCCC-C", parent_first_name="Zofia")


class Rows:
    """The server's reads: what the cache holds too, or a failure, or nothing for ever."""

    def __init__(self, cache: MemoryRosters) -> None:
        self.cache = cache
        self.error: Exception | None = None
        self.silent = False
        self.asked = 0

    async def _meet(self) -> None:
        self.asked += 1
        if self.silent:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error

    async def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        await self._meet()
        return self.cache.sessions(venue_id, day)

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        await self._meet()
        return self.cache.roster(session_id) or []

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        await self._meet()
        return []

    async def search(self, venue_id: UUID, text: str) -> list[FoundChild]:
        await self._meet()
        return []


class Desk:
    """A desk with a cache, a memory outbox and a server that can go away."""

    def __init__(self, *, cached: bool = True) -> None:
        self.clock = FixedClock(NOON)
        self.cache = MemoryRosters().keep(
            CachedSession(JUDO, (NIA, ZOE)), CachedSession(BALLET, (LEO,)), at=NOON
        )
        self.rows = Rows(self.cache)
        self.events = MemoryEvents()
        self.wire = Wire()
        self.recorder = self._recorder()
        self.reads = LocalDesk(
            self.rows, self.recorder, self.cache if cached else None, VENUE, HERE, self.clock, within=0.1
        )
        self.attendance = AttendanceService(
            self.recorder, self.clock, venue_id=VENUE, person_id=JONAS, known=self.reads
        )
        self.service = DeskService(self.reads, self.attendance, VENUE)

    def _recorder(self) -> OutboxRecorder:
        link = Link(self.clock)
        link.watched = True
        return OutboxRecorder(self.wire, self.events, self.clock, link=link, within=0.1)

    async def entry(self, booking: RosterEntry = NIA) -> RosterEntry:
        """A child as the roster shows it."""
        found = await self.reads.roster(booking.session_id)
        return next(one for one in found if one.booking_id == booking.booking_id)

    def go_offline(self) -> None:
        """The network is gone, and everybody knows."""
        self.recorder.link.lost()


async def test_the_server_answers_while_it_does() -> None:
    desk = Desk()
    assert [one.activity_name for one in await desk.reads.sessions(VENUE, TODAY)] == ["Junior Judo", "Ballet"]
    assert desk.rows.asked == 1
    assert desk.recorder.link.mode is Mode.ONLINE


@pytest.mark.parametrize("way", ["error", "silent"])
async def test_the_desks_own_data_answers_when_the_server_does_not(way: str) -> None:
    desk = Desk()
    desk.rows.error, desk.rows.silent = (LOST, False) if way == "error" else (None, True)
    assert [one.first_name for one in await desk.reads.roster(JUDO.id)] == ["Nia", "Zoë-Marie"]
    assert desk.recorder.link.mode is Mode.OFFLINE
    # From now on nobody waits.
    asked = desk.rows.asked
    assert len(await desk.reads.sessions(VENUE, TODAY)) == 2
    assert desk.rows.asked == asked


async def test_a_question_under_way_is_answered_as_soon_as_another_finds_the_network_gone() -> None:
    desk = Desk()
    desk.reads = LocalDesk(desk.rows, desk.recorder, desk.cache, VENUE, HERE, desk.clock, within=60)
    desk.rows.silent = True
    asking = asyncio.ensure_future(desk.reads.roster(JUDO.id))
    await asyncio.sleep(0.01)
    desk.go_offline()
    async with asyncio.timeout(1):
        assert len(await asking) == 2


async def test_what_the_server_refuses_is_no_matter_of_the_network() -> None:
    desk = Desk()
    desk.rows.error = Denied("No.", code="not_permitted")
    with pytest.raises(Denied):
        await desk.reads.roster(JUDO.id)
    assert desk.recorder.link.mode is Mode.ONLINE


async def test_without_a_cache_only_the_server_answers() -> None:
    desk = Desk(cached=False)
    assert len(await desk.reads.roster(JUDO.id)) == 2
    desk.rows.error = LOST
    with pytest.raises(Unavailable):
        await desk.reads.roster(JUDO.id)


async def test_what_is_not_on_this_desk_is_said_so() -> None:
    desk = Desk()
    desk.go_offline()
    with pytest.raises(NotFound):
        await desk.reads.roster(uuid4())
    desk.cache.wipe()
    with pytest.raises(Unavailable) as missing:
        await desk.reads.sessions(VENUE, TODAY)
    assert missing.value.code == "not_cached"


async def test_marks_lie_on_top_and_are_counted() -> None:
    desk = Desk()
    desk.go_offline()
    assert (await desk.service.check_in(NIA)).kept
    assert (await desk.service.mark_absent(ZOE)).kept
    entry = await desk.entry()
    assert (entry.state, entry.waiting, entry.state_by) == (AttendanceState.IN, True, "Jonas")
    judo, ballet = await desk.service.sessions(TODAY)
    assert (judo.in_count, judo.absent, judo.expected, judo.waiting, judo.booked) == (1, 1, 0, 2, 2)
    assert ballet.waiting == 0


async def test_after_a_restart_offline_the_marks_are_still_there() -> None:
    desk = Desk()
    desk.go_offline()
    await desk.service.check_in(NIA)
    desk.recorder = desk._recorder()
    desk.reads = LocalDesk(desk.rows, desk.recorder, desk.cache, VENUE, HERE, desk.clock)
    desk.go_offline()
    assert (await desk.entry()).waiting
    answer = await desk.reads.judge(event(NIA), None)
    assert answer.reason is RefusalReason.UNKNOWN_CODE
    again = await desk.reads.judge(event(NIA), NIA)
    assert (again.outcome, again.detail.person) == (OutcomeKind.ALREADY, "Jonas")


async def test_what_the_server_recorded_since_the_last_download_is_not_forgotten_offline() -> None:
    desk = Desk()
    desk.clock.advance(60)
    answer = await desk.service.check_in(NIA)
    assert answer.is_recorded
    assert not answer.kept
    desk.go_offline()  # before anything was fetched again
    entry = await desk.entry()
    assert (entry.state, entry.waiting) == (AttendanceState.IN, False)
    desk.cache.put(Snapshot(VENUE, desk.clock.now(), "2", (CachedSession(JUDO, (NIA, ZOE)),), whole=False))
    assert (await desk.entry()).state is AttendanceState.EXPECTED  # a newer download knows better


async def test_a_download_never_overwrites_a_mark_that_waits() -> None:
    desk = Desk()
    desk.go_offline()
    await desk.service.check_in(NIA)
    desk.cache.put(Snapshot(VENUE, NOON, "2", (CachedSession(JUDO, (NIA, ZOE)),), whole=False))
    assert (await desk.entry()).state is AttendanceState.IN
    desk.recorder.link.returned()
    # Nor does what the server still says while the event is on its way.
    assert (await desk.entry()).state is AttendanceState.IN


async def test_a_whole_stay_offline_and_its_undo() -> None:
    desk = Desk()
    desk.go_offline()
    await desk.service.check_in(await desk.entry())
    desk.clock.advance(60)
    out = await desk.service.check_out(await desk.entry(), None, name="Sam")
    assert (out.kept, out.state) == (True, AttendanceState.OUT)
    left = await desk.entry()
    assert (left.state, left.collected_by) == (AttendanceState.OUT, "Sam")
    undone = await desk.service.undo(left)
    assert (undone.kept, undone.state) == (True, AttendanceState.IN)
    assert (await desk.entry()).state is AttendanceState.IN
    assert (await desk.service.undo(await desk.entry())).state is AttendanceState.EXPECTED
    entry = await desk.entry()
    assert (entry.state, entry.undo, entry.waiting) == (AttendanceState.EXPECTED, None, True)
    assert [one.event.kind for one in desk.events.waiting()] == [
        EventKind.CHECK_IN,
        EventKind.CHECK_OUT,
        EventKind.ANNUL,
        EventKind.ANNUL,
    ]
    kinds = [line.kind for line in await desk.service.history(NIA.booking_id)]
    assert kinds == [EventKind.CHECK_OUT, EventKind.CHECK_IN]


async def test_the_undo_of_a_toast_finds_its_event() -> None:
    desk = Desk()
    desk.go_offline()
    done = await desk.service.check_in(NIA)
    answer = await desk.attendance.undo_event(done.event_id)
    assert (answer.kept, answer.booking_id, answer.state) == (
        True,
        NIA.booking_id,
        AttendanceState.EXPECTED,
    )


async def test_codes_are_looked_up_on_the_desk_and_an_unknown_one_is_never_accepted() -> None:
    desk = Desk()
    desk.cache.keep(CachedSession(JUDO, (replace(NIA, confirmation_code="K7Q4-2MXR-6"), ZOE)))
    desk.go_offline()
    found = await desk.service.scan("k7q4 2mxr 6", JUDO.id)
    assert (found.kept, found.booking_id, found.detail.first_name) == (True, NIA.booking_id, "Nia")
    assert (await desk.entry()).state is AttendanceState.IN
    assert (await desk.service.scan("K7Q4-2MXR-6", JUDO.id)).outcome is OutcomeKind.ALREADY
    other = await desk.service.scan("K7Q4-2MXR-6", BALLET.id)
    assert other.detail.other is not None
    assert other.detail.other.session_id == JUDO.id
    desk.cache.keep(CachedSession(JUDO, (ZOE,)))
    unknown = await desk.service.scan("K7Q4-2MXR-6", JUDO.id)
    assert (unknown.reason, unknown.kept) == (RefusalReason.UNKNOWN_CODE, False)
    assert desk.recorder.link.is_away
    assert len(desk.events.waiting()) == 1


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ni", ["Nia"]),
        ("ZOE", ["Zoë-Marie"]),
        ("mar", ["Zoë-Marie"]),
        ("zo", ["Zoë-Marie", "Leo"]),
        ("eloise", ["Zoë-Marie"]),
        ("n", []),
        ("ia", []),
        ("  nia ", ["Nia"]),
    ],
)
async def test_names_are_found_by_their_beginning_without_accents_and_case(
    typed: str, found: list[str]
) -> None:
    desk = Desk()
    desk.go_offline()
    assert [one.first_name for one in await desk.service.search(typed)] == found


async def test_only_todays_children_with_a_place_are_found_and_their_marks_show() -> None:
    desk = Desk()
    tomorrow = summary(starts_at=SOON + timedelta(days=1), ends_at=SOON + timedelta(days=1, hours=1))
    night = summary(starts_at=NOON - timedelta(hours=13), ends_at=NOON + timedelta(hours=1))
    off = summary(is_cancelled=True)
    gone = child(JUDO, "Nico", booking_status=BookingStatus.CANCELLED_PARENT)
    desk.cache.keep(
        CachedSession(JUDO, (NIA, gone)),
        CachedSession(tomorrow, (child(tomorrow, "Nils"),)),
        CachedSession(night, (child(night, "Nina"),)),
        CachedSession(off, (child(off, "Niko"),)),
    )
    desk.go_offline()
    await desk.service.check_in(NIA)
    found = await desk.service.search("ni")
    assert [(one.first_name, one.state) for one in found] == [
        ("Nina", AttendanceState.EXPECTED),
        ("Nia", AttendanceState.IN),
    ]


async def test_somebody_elses_waiting_event_shows_without_a_name_and_is_not_mine_to_undo() -> None:
    desk = Desk()
    desk.events.append(event(NIA, person_id=MAYA, origin=Origin.QUEUED), VENUE)
    desk.go_offline()
    entry = await desk.entry()
    assert (entry.waiting, entry.state_by) == (True, None)
    assert entry.undo is not None
    assert not entry.undo.mine


async def test_a_collector_who_may_not_is_refused_offline_and_nothing_is_kept() -> None:
    desk = Desk()
    vic = PickupPerson(uuid4(), "Vic", None, None, may_collect=False)
    came = replace(NIA, state=AttendanceState.IN, state_at=NOON, pickup=(vic,))
    desk.cache.keep(CachedSession(JUDO, (came,)))
    desk.go_offline()
    answer = await desk.service.check_out(came, vic)
    assert (answer.outcome, answer.reason, answer.detail.pickup_name) == (
        OutcomeKind.REJECTED,
        RefusalReason.PICKUP_NOT_AUTHORISED,
        "Vic",
    )
    assert desk.events.waiting() == []
    assert (await desk.entry()).state is AttendanceState.IN


def test_names_are_made_plain_as_the_server_does(fresh_database: Database) -> None:
    names = [
        "Zoë",
        " ÉLOÏSE ",
        "Łukasz",
        "İpek",
        "O'Brien",
        "Nguyễn",
        "Ñandú",
        "Œuvre",
        "Jürgen-José",
        "Żółć",
    ]
    with fresh_database.connect() as admin:
        for name in names:
            (server,) = admin.execute("SELECT desk.plain_name(%s)", [name]).fetchone() or ("",)
            if name != "İpek":  # which letters have a small form is the locale's there and Unicode's here
                assert plain_name(name) == server


# -- over a real network ---------------------------------------------------------------------------------------------


class Networked:
    """A desk over a proxy, with a cache that was filled while the server answered."""

    def __init__(self, world: World, person: Person, proxy: Proxy) -> None:
        self.proxy = proxy
        where = f"port='{world.database.server.port}'"
        assert where in person.dsn
        self.database = DeskDatabase(person.dsn.replace(where, f"port='{proxy.port}'"))
        self.person = person
        self.link = Link(SystemClock())
        self.link.watched = True
        self.cache = MemoryRosters()
        queries = DeskQueries(self.database)
        self.queries = queries
        clock = FixedClock(NOON)
        self.events = MemoryEvents()
        self.recorder = OutboxRecorder(AttendanceStore(self.database), self.events, clock, link=self.link)
        self.reads = LocalDesk(
            queries,
            self.recorder,
            self.cache,
            world.venue,
            Standpoint("Desk 1", person.id, "Jonas", UTC),
            SystemClock(),
        )
        self.service = DeskService(
            self.reads,
            AttendanceService(
                self.recorder, clock, venue_id=world.venue, person_id=person.id, known=self.reads
            ),
            world.venue,
        )

    async def open(self, world: World) -> None:
        """Sign in and fill the cache."""
        await self.database.set_token(self.person.token)
        (session,) = await self.queries.sessions(world.venue, TODAY)
        entries = await self.queries.roster(session.id)
        self.cache.put(Snapshot(world.venue, NOON, "1", (CachedSession(session, tuple(entries)),)))


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        made.booking("Nia")
        yield made


@pytest.fixture
async def networked(world: World) -> AsyncIterator[Networked]:
    with Proxy(world.database.server.port) as proxy:
        desk = Networked(world, world.person(), proxy)
        await desk.open(world)
        yield desk
        await desk.recorder.close()
        await desk.database.close()


@pytest.mark.parametrize("fault", ["silent", "drop", "refuse", "half_close"])
async def test_whatever_the_network_does_there_is_an_answer_within_a_second(
    world: World, networked: Networked, fault: str
) -> None:
    (entry,) = await networked.service.roster(world.session)
    asked = time.monotonic()
    getattr(networked.proxy, fault)()
    assert [one.first_name for one in await networked.service.roster(world.session)] == ["Nia"]
    assert time.monotonic() - asked < _AT_MOST
    asked = time.monotonic()
    answer = await networked.service.check_in(entry)
    assert answer.outcome is OutcomeKind.APPLIED
    assert time.monotonic() - asked < _AT_MOST
    (entry,) = await networked.service.roster(world.session)
    assert (entry.state, entry.waiting) == (AttendanceState.IN, answer.kept)
    networked.proxy.pass_on()
    networked.link.returned()
    await networked.database.renew()
    assert await ServerTime(networked.database)() == NOON
    await networked.recorder.flush()
    (entry,) = await networked.service.roster(world.session)
    assert (entry.state, entry.waiting) == (AttendanceState.IN, False)
    assert world.one("SELECT count(*) AS n FROM attendance_events") == {"n": 1}


async def test_an_answer_that_is_lost_after_the_commit_is_recorded_once(
    world: World, networked: Networked
) -> None:
    told: list[EventAnswer] = []
    networked.recorder.settled = lambda _event, answer: told.append(answer)
    (entry,) = await networked.service.roster(world.session)
    await networked.recorder.record(  # the numbers are known from here on
        event(entry, EventKind.ABSENT), world.venue, await networked.reads.judge(event(entry), entry)
    )
    networked.proxy.swallow()
    answer = await networked.service.check_in(entry)
    assert answer.kept
    networked.proxy.drop()
    networked.proxy.pass_on()
    networked.link.returned()
    await networked.database.renew()
    await networked.recorder.flush()
    kept = world.all("SELECT id, origin, outcome FROM attendance_events WHERE kind = 'check_in'")
    assert [(one["id"], one["origin"], one["outcome"]) for one in kept] == [
        (answer.event_id, "live", "applied")
    ]
    assert [one.outcome for one in told] == [OutcomeKind.APPLIED]
