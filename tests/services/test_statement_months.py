"""Statements of months that were really run and paid: corrections, a debt carried over three months, a hold."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from console.reports.money import money
from console.services.statements import StatementService
from console.storage.database import Database as DeskDatabase
from console.storage.documents import DocumentQueries
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.paper_samples import texts
from tests.support.paying_out import FEBRUARY, JANUARY, MARCH_1, Books

DECEMBER, NOVEMBER = date(2025, 12, 1), date(2025, 11, 1)


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield Books(world)


@pytest.fixture
async def service(books: Books) -> AsyncIterator[StatementService]:
    database = DeskDatabase(books.maker.dsn)
    await database.set_token(books.maker.token)
    yield StatementService(DocumentQueries(database))
    await database.close()


async def agrees(service: StatementService, books: Books, venue: UUID, month: date, folder: Path) -> str:
    """Hold the statement and its table to the stored payout; its text."""
    row = books.payout(venue, month)
    facts = await service._queries.facts(row["id"])
    assert facts.statement.adds_up
    said = " ".join(texts(await service.statement(row["id"])))
    for name in ("gross_revenue", "adjustments_amount", "carried_in"):
        assert money(row[name]) in said
    assert money(-row["platform_fee_amount"]) in said
    assert f"USD {money(row['net_payout'])}" in said
    await service.export(row["id"], folder / "lines.csv")
    with (folder / "lines.csv").open(encoding="utf-8-sig", newline="") as file:
        assert sum(Decimal(one["Net"]) for one in csv.DictReader(file)) == row["net_payout"]
    assert "Oleander" not in said
    return said


async def test_a_debt_is_carried_over_three_months(
    books: Books, service: StatementService, tmp_path: Path
) -> None:
    venue = books.venue()
    paid = [books.booking(venue, date(2025, 11, 3 + at), 15) for at in range(4)]
    books.booking(venue, date(2025, 11, 20), 15, "no_show")
    books.pay(NOVEMBER, venue)
    said = await agrees(service, books, venue, NOVEMBER, tmp_path)
    assert "75 credits over 5 bookings" in said
    assert "17.5 % of gross is 13.125, rounded once" in said
    for booking in paid:
        books.becomes(booking, "cancelled")
    books.booking(venue, date(2025, 12, 5), 3, "cancelled_late")
    books.pay(DECEMBER, venue)
    said = await agrees(service, books, venue, DECEMBER, tmp_path)
    assert "4 corrections of earlier months" in said
    assert "Refunded afterwards: Judo" in said
    assert "(corrects November 2025)" in said
    assert "Carried out" in said
    for month in (JANUARY, FEBRUARY):
        books.booking(venue, month.replace(day=7), 7)
        books.pay(month, venue)
        said = await agrees(service, books, venue, month, tmp_path)
        assert "ended below zero" in said
        assert "Carried out" in said
    books.world.at(datetime(2026, 4, 9, 12, tzinfo=UTC))
    for at in range(9):
        books.booking(venue, date(2026, 3, 2 + at), 40)
    books.pay(MARCH_1, venue)
    said = await agrees(service, books, venue, MARCH_1, tmp_path)
    assert "February 2026 ended below zero" in said
    assert "Carried out" not in said
    books.adds_up()


async def test_on_hold_it_is_a_preview_and_paid_it_is_final(
    books: Books, service: StatementService, tmp_path: Path
) -> None:
    venue, other = books.venue(), books.venue("100.00")
    for at in (venue, other):
        books.booking(at, date(2026, 2, 9), 15)
        books.booking(at, date(2026, 2, 9), 15)
    books.maker.call("SELECT * FROM payouts.hold(%s, %s)", venue, "Insurance ran out")
    books.approve(books.make(FEBRUARY, venue, other))
    said = await agrees(service, books, venue, FEBRUARY, tmp_path)
    assert "on hold" in said
    assert "Preview" in said
    said = await agrees(service, books, other, FEBRUARY, tmp_path)
    assert "nothing to pay" in said, "the fee is all of it"
    assert "Preview" not in said
    assert len(books.world.all("SELECT 1 FROM documents")) == 1
