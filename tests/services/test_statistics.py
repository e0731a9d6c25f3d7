"""A venue's figures over real logins: who may read them, and that they are what the tables say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from console.domain.statistics import live, total
from console.storage.database import Database as DeskDatabase
from console.storage.statistics import StatisticsQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


async def figures(world: World, person: Person) -> list[tuple[object, ...]]:
    database = DeskDatabase(person.dsn)
    try:
        await database.set_token(person.token)
        day = NOON.date()
        found = await StatisticsQueries(database, world.venue).figures(
            day - timedelta(days=1), day + timedelta(days=1)
        )
        whole, now = total(found), live(found, world.now)
        return [(len(found), whole.booked, whole.came, whole.no_shows, whole.waiting, now.inside)]
    finally:
        await database.close()


async def test_the_figures_are_what_the_tables_say_and_everybody_of_the_venue_reads_them(
    world: World,
) -> None:
    desk = world.person()
    inside, gone, away = (world.booking(name) for name in ("Nia", "Theo", "Ada"))
    world.booking("Bea", status="cancelled_venue", cancelled_at=NOON)
    desk.do("check_in", inside)
    desk.do("check_in", gone)
    desk.do("check_out", gone)
    world.admin.execute("UPDATE bookings SET status = 'no_show' WHERE id = %s", [away])
    parent = factories.parent(world.admin, first_name="Wanda")
    child = factories.child(world.admin, parent, first_name="Will")
    world.admin.execute(
        "INSERT INTO waitlist (session_id, venue_id, child_id, user_id) VALUES (%s, %s, %s, %s)",
        [world.session, world.venue, child, parent],
    )
    said = [(1, 3, 2, 1, 1, 1)]
    assert await figures(world, desk) == said
    for role in ("manager", "venue_finance", "platform_admin"):
        assert await figures(world, world.person(role, desk=world.desk(role))) == said, role


async def test_another_venues_people_see_nothing(world: World) -> None:
    world.booking("Nia")
    other = factories.venue(world.admin, name="Elsewhere")
    assert await figures(world, world.person("manager", venues=(other,))) == [(0, 0, 0, 0, 0, 0)]
