"""Live updates: over real connections of two desks, and through what a network does to them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID, uuid4

import pytest

from console.domain.changes import Changes
from console.errors import ConsoleError, Denied, Unavailable
from console.services.live import LONGEST_WAIT_SECONDS, LiveUpdates
from console.storage.changes import ChangeQueries
from console.storage.database import Database as DeskDatabase
from console.storage.listener import Listener
from tests.support.databases import Database
from tests.support.desk_world import Person, World

PATIENCE = 5.0


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is true; a test that waits too long fails."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


class Heard:
    """Live updates of one person, and everything they said."""

    def __init__(self) -> None:
        self.changes: list[Changes] = []
        self.health: list[bool] = []
        self.errors: list[ConsoleError] = []
        self.live: LiveUpdates

    async def refresh(self, changes: Changes) -> None:
        self.changes.append(changes)


@asynccontextmanager
async def living(world: World, person: Person, *, heartbeat: float = 15.0) -> AsyncIterator[Heard]:
    """Live updates for a person at a desk, caught up."""
    database = DeskDatabase(person.dsn)
    await database.set_token(person.token)
    heard = Heard()
    heard.live = LiveUpdates(
        Listener(database, world.venue, heartbeat_seconds=heartbeat), ChangeQueries(database), world.venue,
        refresh=heard.refresh, healthy=heard.health.append, failed=heard.errors.append,
        jitter=lambda: 0.0,
    )  # fmt: skip
    heard.live.start()
    try:
        await until(lambda: bool(heard.changes))
        yield heard
    finally:
        await heard.live.stop()
        await database.close()


async def test_a_check_in_at_another_desk_is_heard_and_named(world: World) -> None:
    booking = world.booking("Nia")
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    async with living(world, world.person()) as heard:
        assert heard.changes[0].everything
        assert heard.live.is_healthy
        await asyncio.to_thread(maya.do, "check_in", booking)
        await until(lambda: len(heard.changes) > 1)
        assert heard.changes[1].only_roster_of(world.session)
        assert heard.changes[1].bookings == {booking}
    assert heard.health == [True, False]
    assert heard.errors == []


async def test_what_happens_elsewhere_leads_to_no_refresh(world: World) -> None:
    async with living(world, world.person()) as heard:
        world.admin.execute("INSERT INTO rooms (venue_id, name) VALUES (%s, 'Empty')", [world.venue])
        await asyncio.sleep(0.2)
        assert len(heard.changes) == 1


async def test_a_lost_connection_is_made_again_and_what_was_missed_is_caught_up(world: World) -> None:
    booking = world.booking("Nia")
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    async with living(world, jonas) as heard:
        world.admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND query LIKE 'LISTEN %%'",
            [jonas.dsn_role],
        )
        await until(lambda: heard.health == [True, False])
        maya.do("check_in", booking)
        await until(lambda: len(heard.changes) > 1)
        assert heard.changes[1].bookings == {booking}
        assert heard.live.is_healthy
        assert [type(error) for error in heard.errors] == [Unavailable]


async def test_a_rotated_channel_is_followed_within_a_heartbeat(world: World) -> None:
    booking = world.booking("Nia")
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    async with living(world, world.person(), heartbeat=0.1) as heard:
        world.admin.execute("SELECT auth.rotate_channel(%s)", [world.venue])
        maya.do("check_in", booking)
        await until(lambda: len(heard.changes) > 1)
        assert heard.changes[1].bookings == {booking}
        maya.do("check_out", booking, pickup_name="Rose")
        await until(lambda: len(heard.changes) > 2)
    assert heard.errors == []


async def test_who_is_signed_out_hears_nothing_more_and_is_told(world: World) -> None:
    jonas = world.person()
    async with living(world, jonas, heartbeat=0.1) as heard:
        world.admin.execute(
            """UPDATE auth.person_sessions SET revoked_at = app.now(), revoked_why = 'signed_out'
                WHERE user_id = %s""",
            [jonas.id],
        )
        await until(lambda: bool(heard.errors))
        assert isinstance(heard.errors[0], Denied)
        assert heard.errors[0].code == "signed_out"
        assert not heard.live.is_healthy


async def test_another_persons_token_ends_the_listening_of_the_first(world: World) -> None:
    jonas = world.person()
    database = DeskDatabase(jonas.dsn)
    await database.set_token(jonas.token)
    listener = Listener(database, world.venue, heartbeat_seconds=0.05)

    async def listen() -> None:
        async for _ in listener.heard():
            await database.set_token(None)

    with pytest.raises(Denied):
        await asyncio.wait_for(listen(), PATIENCE)
    await database.close()


async def test_stopping_leaves_no_connection(world: World) -> None:
    jonas = world.person()
    async with living(world, jonas):
        assert await asyncio.to_thread(listeners, world, jonas) == 1
    await until(lambda: listeners(world, jonas) == 0)


def listeners(world: World, person: Person) -> int:
    """How many connections of a person's desk listen."""
    return len(
        world.all(
            "SELECT pid FROM pg_stat_activity WHERE usename = %s AND query LIKE 'LISTEN%%'", person.dsn_role
        )
    )


async def test_a_connection_whose_opener_was_cancelled_does_not_stay_half_open(world: World) -> None:
    jonas = world.person()
    database = DeskDatabase(jonas.dsn)
    await database.set_token(jonas.token)
    for steps in range(12):
        opener = asyncio.ensure_future(database.own_connection())
        for _ in range(steps):
            await asyncio.sleep(0.002)
        opener.cancel()
        with suppress(asyncio.CancelledError):
            await (await opener).close()
    await database.close()

    def left() -> int:
        found = world.all("SELECT pid FROM pg_stat_activity WHERE usename = %s", jonas.dsn_role)
        return len(found)

    await until(lambda: left() == 1)  # Jonas's own connection of the test


# -- without a server ------------------------------------------------------------------------------------------------


class Wire:
    """Announcements and answers that the test decides."""

    def __init__(self) -> None:
        self.notes: asyncio.Queue[str | ConsoleError] = asyncio.Queue()
        self.asked: list[str | None] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.refuse: list[ConsoleError] = []

    async def heard(self) -> AsyncIterator[str]:
        while True:
            note = await self.notes.get()
            if isinstance(note, ConsoleError):
                raise note
            yield note

    async def since(self, venue_id: UUID, since: str | None) -> Changes:
        self.asked.append(since)
        await self.gate.wait()
        if self.refuse:
            raise self.refuse.pop()
        return Changes(str(len(self.asked)), everything=True)


@pytest.fixture
async def wire() -> Wire:
    return Wire()


async def quick(_seconds: float) -> None:
    await asyncio.sleep(0)


def made(wire: Wire, refresh: Callable[[Changes], Awaitable[None]], **others: object) -> LiveUpdates:
    return LiveUpdates(
        wire,
        wire,
        uuid4(),
        refresh=refresh,
        **{"sleep": quick, "jitter": lambda: 0.0} | others,  # type: ignore[arg-type]  # a mix of callables
    )


async def test_one_refresh_is_under_way_and_one_waits_however_many_hints_come(wire: Wire) -> None:
    refreshed: list[Changes] = []

    async def refresh(changes: Changes) -> None:
        refreshed.append(changes)

    live = made(wire, refresh)
    live.start()
    wire.gate.clear()
    wire.notes.put_nowait("bookings")
    await until(lambda: len(wire.asked) == 1)
    for _ in range(200):
        wire.notes.put_nowait("bookings")
    await until(wire.notes.empty)
    await asyncio.sleep(0.01)
    assert len(wire.asked) == 1
    wire.gate.set()
    await until(lambda: len(refreshed) == 2)
    await asyncio.sleep(0.02)
    assert wire.asked == [None, "1"]
    await live.stop()


async def test_a_failed_question_or_refresh_is_asked_again_from_the_same_point(wire: Wire) -> None:
    failures: list[ConsoleError] = []
    refreshed: list[str] = []
    trouble: list[ConsoleError] = [Unavailable("Away.")]

    async def refresh(changes: Changes) -> None:
        if trouble:
            raise trouble.pop()
        refreshed.append(changes.until)

    wire.refuse = [Unavailable("Away.")]
    live = made(wire, refresh, failed=failures.append)
    live.start()
    wire.notes.put_nowait("")
    await until(lambda: bool(refreshed))
    assert wire.asked[:3] == [None, None, None]
    assert len(failures) == 2
    await live.stop()


async def test_waiting_grows_to_a_limit_with_a_spread_and_begins_anew_after_success(wire: Wire) -> None:
    waits: list[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    async def refresh(_changes: Changes) -> None:
        return None

    live = made(wire, refresh, sleep=note, jitter=lambda: 1.0)
    for _ in range(8):
        wire.notes.put_nowait(Unavailable("Away."))
    live.start()
    await until(lambda: len(waits) == 8)
    assert waits == [0.5, 1, 2, 4, 8, 16, LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS]
    wire.notes.put_nowait("")
    wire.notes.put_nowait(Unavailable("Away."))
    await until(lambda: waits[8:].count(0.5) == 1)
    await live.stop()


async def test_a_refusal_ends_it_for_good(wire: Wire) -> None:
    failures: list[ConsoleError] = []

    async def refresh(_changes: Changes) -> None:
        raise AssertionError

    live = made(wire, refresh, failed=failures.append)
    live.start()
    wire.notes.put_nowait(Denied("You are signed out.", code="signed_out"))
    await until(lambda: bool(failures))
    wire.notes.put_nowait("bookings")
    await asyncio.sleep(0.02)
    assert wire.asked == []
    await live.stop()


def test_what_a_screen_asks_of_an_answer() -> None:
    here, there, booking = uuid4(), uuid4(), uuid4()
    assert Changes("1").nothing
    one = Changes("1", rosters=frozenset({here}), bookings=frozenset({booking}))
    assert one.only_roster_of(here)
    assert not one.only_roster_of(there)
    assert one.concerns_roster(here)
    assert not one.concerns_roster(there)
    assert Changes("1", everything=True).concerns_roster(there)
    assert not Changes("1", sessions=frozenset({here})).only_roster_of(here)
