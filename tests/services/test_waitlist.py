"""The waitlist through the console's own service, over a real desk's login."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from console.domain.waiting import WaitingSession
from console.errors import Conflict, Denied, Invalid, NotFound
from console.models.gateway_programme import WaitlistGateway
from console.services.waitlist import WaitlistService
from console.storage.database import Database as DeskDatabase
from console.storage.waitlist import WaitlistStore
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.replanning import LATER, waiting


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


async def service_of(world: World, person: Person) -> tuple[DeskDatabase, WaitlistService]:
    database = DeskDatabase(person.dsn)
    await database.set_token(person.token)
    service = WaitlistService(WaitlistStore(database), world.venue)
    gateway: WaitlistGateway = service
    assert isinstance(gateway, WaitlistService)
    return database, service


@pytest.fixture
async def desk(world: World) -> AsyncIterator[WaitlistService]:
    database, service = await service_of(world, world.person())
    yield service
    await database.close()


def full(world: World, *names: str) -> tuple[UUID, list[UUID]]:
    """A session of one place that is taken, and who waits for it."""
    session = world.other_session("Pottery", starts_at=LATER, total_capacity=1)
    world.booking("Ben", session)
    return session, [waiting(world, session, name) for name in names]


async def test_a_morning_with_the_queue(world: World, desk: WaitlistService) -> None:
    session, (max_, lea, zoe) = full(world, "Max", "Lea", "Zoe")
    assert [one.child for one in await desk.queue(session)] == ["Max", "Lea", "Zoe"]
    assert not any(one.holds_offer for one in await desk.offer(session))
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 2 WHERE id = %s", [session])
    first = (await desk.queue(session))[0]
    assert (first.id, first.holds_offer, first.offered_at, first.expires_at) == (
        max_,
        True,
        NOON,
        NOON + timedelta(hours=4),
    )
    assert (first.price, first.credits, first.warnings, first.place) == (2, 10, (), 1)
    assert await desk.queues() == [
        WaitingSession(
            session, "Pottery", LATER, LATER + timedelta(hours=1), LATER.date(), None, 2, 1, 3, 1,
            NOON + timedelta(hours=4),
        )
    ]  # fmt: skip
    skipped = await desk.skip(max_, "No answer.\x00")
    assert [(one.child, one.holds_offer, one.skip_reason) for one in skipped] == [
        ("Lea", True, None),
        ("Zoe", False, None),
        ("Max", False, "No answer."),
    ]
    booking = uuid4()
    assert [one.child for one in await desk.accept(lea, booking)] == ["Zoe", "Max"]
    assert [one.child for one in await desk.accept(lea, booking)] == ["Zoe", "Max"]
    assert [one.child for one in await desk.remove(zoe, "Moved away.")] == ["Max"]


async def test_refusals_reach_the_screen_as_sentences(world: World, desk: WaitlistService) -> None:
    session, (max_,) = full(world, "Max")
    with pytest.raises(Conflict, match="No place is offered"):
        await desk.accept(max_, uuid4())
    with pytest.raises(Invalid, match="Say why"):
        await desk.skip(max_, " ")
    with pytest.raises(NotFound):
        await desk.queue(uuid4())
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 2 WHERE id = %s", [session])
    world.at(NOON + timedelta(hours=4))
    with pytest.raises(Conflict, match="This offer ran out at 16:00") as caught:
        await desk.accept(max_, uuid4())
    assert caught.value.code == "offer_expired"


async def test_who_may_not_manage_it_sees_nothing(world: World) -> None:
    session, _ = full(world, "Max")
    database, service = await service_of(world, world.person("venue_finance", desk=world.desk("Finance")))
    try:
        with pytest.raises(Denied):
            await service.queues()
        with pytest.raises(Denied):
            await service.queue(session)
    finally:
        await database.close()
