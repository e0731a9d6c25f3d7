"""Money over months over real logins: sums of what each may see, and never another venue's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from console.domain.revenue import Revenue, RevenueBy, sums
from console.storage.database import Database as DeskDatabase
from console.storage.revenue import RevenueQueries
from tests.support import factories, invoicing
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.paying_out import FEBRUARY, JANUARY, Books


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield Books(world)


async def asked(books: Books, person: Person, venue: object = None) -> Revenue:
    database = DeskDatabase(person.dsn)
    try:
        await database.set_token(person.token)
        return await RevenueQueries(database, venue).revenue(JANUARY, FEBRUARY)  # type: ignore[arg-type]
    finally:
        await database.close()


async def test_the_platform_sees_all_a_venues_finance_its_own_and_no_invoice(books: Books) -> None:
    world = books.world
    ours, theirs = books.venue(name="Ours"), books.venue(name="Theirs")
    for venue, credits in ((ours, 40), (theirs, 100)):
        books.booking(venue, date(2026, 2, 3), credits)
        books.booking(venue, date(2026, 2, 4), 9, "cancelled")
    books.pay(FEBRUARY)
    invoicing.issued(world, books.maker, invoicing.line())
    everything = await asked(books, books.maker)
    assert [(one.venue, one.gross, one.fee, one.state) for one in everything.payouts] == [
        ("Ours", Decimal("40.00"), Decimal("7.00"), "paid"),
        ("Theirs", Decimal("100.00"), Decimal("17.50"), "paid"),
    ]
    assert [(one.state, one.total, one.invoices) for one in everything.invoices] == [
        ("issued", Decimal("100.00"), 1)
    ]
    assert sum(one.credits for one in everything.categories) == 140, "what was refunded earned nothing"
    finance = world.person("venue_finance", venues=(ours,), desk=world.desk("Back office"))
    own = await asked(books, finance, ours)
    assert [one.venue for one in own.payouts] == ["Ours"]
    assert own.invoices == ()
    assert sum(one.credits for one in own.categories) == 40
    assert (await asked(books, finance, theirs)).payouts == ()
    assert (await asked(books, finance)).invoices == ()


async def test_what_is_carried_makes_every_month_add_up(books: Books) -> None:
    venue = books.venue("0.00")
    booking = books.booking(venue, date(2026, 1, 5), 100)
    books.pay(JANUARY)
    books.becomes(booking, "cancelled")
    books.booking(venue, date(2026, 2, 3), 20)
    books.pay(FEBRUARY)
    revenue = await asked(books, books.maker)
    told = [(one.gross, one.adjustments, one.carried, one.net) for one in revenue.payouts]
    assert [[int(amount) for amount in month] for month in told] == [[100, 0, 0, 100], [20, -100, 80, 0]]
    for row in sums(revenue, RevenueBy.MONTH):
        parts = (row.gross, row.fee, row.adjustments, row.carried)
        gross, fee, adjustments, carried = (part for part in parts if part is not None)
        assert gross - fee + adjustments + carried == row.net


async def test_a_front_desk_sees_no_money(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 3), 40)
    books.pay(FEBRUARY, venue)
    desk = books.world.person("front_desk", venues=(venue,), desk=books.world.desk("Desk 7"))
    assert (await asked(books, desk, venue)).payouts == ()
    assert factories.one(books.world.admin, "SELECT count(*) FROM venue_payouts") == 1
