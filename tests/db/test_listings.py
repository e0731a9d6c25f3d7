"""The list of venues over real desks: who sees which rows, in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from console.domain.paging import PageRequest
from console.errors import Invalid
from console.storage.database import Database as Pool
from console.storage.venues import VenueQueries
from tests.support import factories, identities
from tests.support.databases import Database


@asynccontextmanager
async def pool_of(house: Database, role: str, venue: UUID | None = None) -> AsyncIterator[Pool]:
    """The console's own pool, carrying the token of somebody with this role."""
    with identities.at_desk(house, role, venue) as person:
        pool = Pool(person.desk.dsn)
        await pool.set_token(person.token)
        try:
            yield pool
        finally:
            await pool.close()


@pytest.fixture(scope="module")
def places(house: Database) -> tuple[UUID, UUID]:
    """Two venues, one of which lacks what it needs to open."""
    with house.connect() as admin:
        here = factories.venue(admin, name="Alder Hall", city="Portland")
        there = factories.venue(
            admin, name="Birch % Barn", city="Salem", status="pending_approval", contact_email=None
        )
    return here, there


async def test_headquarters_reads_every_venue_and_what_it_lacks(
    house: Database, places: tuple[UUID, UUID]
) -> None:
    async with pool_of(house, "platform_admin") as pool:
        queries = VenueQueries(pool)
        rows = {row.name: row for row in (await queries.page(PageRequest("name"))).rows}
        falling = [row.name for row in (await queries.page(PageRequest("name", True))).rows]
        literal = [row.name for row in (await queries.page(PageRequest("name", text="% b"))).rows]
        by_city = [row.name for row in (await queries.page(PageRequest("city", text="salem"))).rows]
    assert rows["Alder Hall"].missing == ()
    assert rows["Birch % Barn"].missing == ("e-mail",)
    assert rows["Alder Hall"].fee_percent == "17.5 %"
    assert falling == sorted(rows, key=str.lower, reverse=True)
    assert literal == ["Birch % Barn"]
    assert by_city == ["Birch % Barn"]


async def test_a_venues_own_people_read_only_their_venue(house: Database, places: tuple[UUID, UUID]) -> None:
    async with pool_of(house, "manager", places[1]) as pool:
        rows = (await VenueQueries(pool).page(PageRequest("name"))).rows
    assert [row.name for row in rows] == ["Birch % Barn"]


async def test_an_order_that_the_list_does_not_have_is_refused(
    house: Database, places: tuple[UUID, UUID]
) -> None:
    async with pool_of(house, "platform_admin") as pool:
        with pytest.raises(Invalid) as caught:
            await VenueQueries(pool).page(PageRequest("password_hash"))
    assert caught.value.code == "unknown_sort"
