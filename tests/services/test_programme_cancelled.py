"""What the calendar knows of a session that was cancelled: who lost their place with it, so that it stays in sight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from console.clock import FixedClock
from console.domain.changing import SessionCancel
from console.services.programme import ProgrammeService
from console.storage.database import Database as DeskDatabase
from console.storage.programme import ProgrammeQueries
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.planning import TUESDAY, Programme


@pytest.fixture
def programme(fresh_database: Database) -> Iterator[Programme]:
    with World(fresh_database) as world:
        yield Programme(world)


async def test_a_cancelled_session_counts_those_who_lost_their_place(programme: Programme) -> None:
    world = programme.world
    programme.series(last=TUESDAY)
    tuesday = programme.on(TUESDAY)
    world.booking("Nia", tuesday)
    world.booking("Max", tuesday)
    database = DeskDatabase(programme.who.dsn)
    await database.set_token(programme.who.token)
    service = ProgrammeService(ProgrammeQueries(database), world.venue, FixedClock(world.now))
    try:
        week = await service.calendar(date(2026, 3, 2), date(2026, 3, 8))
        before = next(one for one in week.sessions if one.id == tuesday)
        assert (before.booked, before.is_cancelled) == (2, False)
        change = SessionCancel(tuesday, before.version, "Burst pipe")
        await service.apply(change, await service.plan(change))
        week = await service.calendar(date(2026, 3, 2), date(2026, 3, 8))
        after = next(one for one in week.sessions if one.id == tuesday)
        assert (after.booked, after.is_cancelled, after.cancellation_reason) == (2, True, "Burst pipe")
    finally:
        await database.close()
