"""The roll call without a server: the desk's own rosters, what was done here on top, and how old that is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from console.domain.attendance import AttendanceEvent, EventKind, Origin
from console.domain.day import Building
from console.domain.families import NoPlace, Payment
from console.domain.judging import Standpoint
from console.errors import Denied, Unavailable
from console.services.attendance import AttendanceService
from console.services.day import DayService
from console.services.local_building import LocalBuilding
from console.services.local_desk import LocalDesk
from console.storage.attendance import AttendanceStore
from console.storage.day import DayQueries
from console.storage.desk import DeskQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.offline_samples import ZONE, CuttableDatabase, DeskAtWork


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


@pytest.fixture
async def desk(world: World, jonas: Person, tmp_path: Path) -> AsyncIterator[DeskAtWork]:
    database = CuttableDatabase(jonas.dsn)
    await database.set_token(jonas.token)
    made = DeskAtWork(tmp_path, database, world.venue, jonas)
    yield made
    made.close()
    await database.close()


def local(desk: DeskAtWork, jonas: Person, within: float = 5) -> LocalBuilding:
    where = Standpoint("Desk 1", jonas.id, "Jonas", ZONE)
    reads = LocalDesk(
        DeskQueries(desk.database), desk.recorder, desk.rosters, desk.venue, where, desk.clock, within=within
    )
    return LocalBuilding(reads, desk.rosters, desk.link, desk.venue, ZONE, desk.clock, within=within)


def service(desk: DeskAtWork, jonas: Person) -> DayService:
    attendance = AttendanceService(AttendanceStore(desk.database), desk.clock)
    return DayService(DayQueries(desk.database), attendance, desk.venue, desk.clock, local=local(desk, jonas))


async def test_without_a_server_it_is_this_desks_data_with_its_marks(
    world: World, jonas: Person, desk: DeskAtWork
) -> None:
    child = world.child("Nia")
    factories.health_note(world.admin, child, label="Nuts")
    inside, leaves, comes = world.booking(child), world.booking("Leo"), world.booking("Ava")
    for booking in (inside, leaves):
        jonas.do("check_in", booking)
    await desk.fetch()
    day = service(desk, jonas)
    online = await day.building()
    assert (online.kept, {one.first_name for one in online.present}) == (False, {"Nia", "Leo"})

    desk.cut()
    desk.later(minutes=30)
    for booking, kind in ((leaves, EventKind.CHECK_OUT), (comes, EventKind.CHECK_IN)):
        number = desk.notes.new_id()
        draft = AttendanceEvent(
            number, 0, kind, desk.clock.now(), Origin.QUEUED, booking, session_id=world.session
        )
        desk.outbox.append(draft, world.venue)
    walked_in = world.other_session("Pottery")
    desk.database.arrives = True
    await desk.fetch()
    desk.database.arrives = False
    ((known,),) = [one.children for one in await desk.desk.find_families("ni")]
    await desk.desk.take_place(
        walked_in, Payment.OWED, child_id=known.id, overrule=frozenset({NoPlace.ELSEWHERE})
    )

    found = await day.building()
    state = desk.cache.state(desk.venue)
    assert state is not None
    assert (found.kept, found.at) == (True, state[0])
    assert [(one.first_name, one.activity_name) for one in found.present] == [
        ("Ava", "Junior Judo"),
        ("Nia", "Junior Judo"),
    ]
    assert found.present[0].in_since == NOON + timedelta(minutes=30)
    assert [note.label for note in found.present[1].health] == ["Nuts"]
    assert [(one.room_name, one.inside, one.places) for one in found.rooms] == [(None, 2, None)]


async def test_a_walk_in_is_on_the_roll_call(world: World, jonas: Person, desk: DeskAtWork) -> None:
    world.booking("Nia", session=world.other_session("Ballet", starts_at=NOON + timedelta(days=1)))
    await desk.fetch()
    desk.cut()
    ((nia,),) = [one.children for one in await desk.desk.find_families("ni")]
    await desk.desk.take_place(world.session, Payment.OWED, child_id=nia.id, check_in=True)
    found = await service(desk, jonas).building()
    assert [(one.first_name, one.in_since) for one in found.present] == [("Nia", NOON)]


async def test_a_server_that_says_nothing_is_not_waited_for(
    world: World, jonas: Person, desk: DeskAtWork
) -> None:
    await desk.fetch()
    silent = asyncio.Event()

    async def never() -> Building:
        await silent.wait()
        raise AssertionError("nobody answers")

    found = await asyncio.wait_for(local(desk, jonas, within=0.05).building(never), 5)
    assert (found.kept, found.present) == (True, ())
    assert desk.link.is_away


async def test_a_desk_without_rosters_says_that_the_server_is_missing(
    jonas: Person, desk: DeskAtWork
) -> None:
    desk.cut()
    with pytest.raises(Unavailable):
        await service(desk, jonas).building()


async def test_a_refusal_is_no_reason_to_look_elsewhere(desk: DeskAtWork, jonas: Person) -> None:
    await desk.fetch()

    async def refused() -> Building:
        raise Denied("You are not allowed to do this here.")

    with pytest.raises(Denied):
        await local(desk, jonas).building(refused)
