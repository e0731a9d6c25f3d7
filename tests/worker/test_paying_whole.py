"""From bookings to money at the venue: a month is made, approved by another person, and paid by a real worker at once.

docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from console.worker import registry, transfer_settings
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.paying_out import FEBRUARY, Books
from tests.support.transfer_server import transfer_server
from tests.support.workers import running, until, worker_login


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield Books(world)


async def test_an_approved_month_is_paid_at_once_and_a_hold_waits(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue, held = (books.venue(stripe_connect_account_id=f"acct_{number}") for number in (1, 2))
    for one in (venue, held):
        books.booking(one, date(2026, 2, 2), 14)
        books.booking(one, date(2026, 2, 3), 15, "no_show")
    run = books.make(FEBRUARY)
    hold = books.maker.call("SELECT * FROM payouts.hold(%s, 'Account in doubt')", held)[0]
    job = next(one for one in registry.JOBS if one.name == "send_transfers")

    def status(of: object) -> object:
        return books.world.one("SELECT status FROM venue_payouts WHERE venue_id = %s", of)["status"]

    with transfer_server() as server, worker_login(books.world.database) as dsn:
        monkeypatch.setenv(transfer_settings.URL_VARIABLE, server.url)
        monkeypatch.setenv(transfer_settings.KEY_VARIABLE, server.key)
        async with running(dsn, [job]):
            ran = "SELECT did FROM app.job_runs WHERE outcome = 'done'"
            await asyncio.to_thread(until, lambda: books.world.all(ran), "the worker never looked")
            assert (server.posts, status(venue), status(held)) == ([], "pending", "on_hold")
            books.approve(run)
            await asyncio.to_thread(until, lambda: status(venue) == "paid", "an approval paid nothing")
            assert (len(server.posts), status(held)) == (1, "on_hold")
            books.maker.call("SELECT * FROM payouts.release(%s, 'It is theirs')", hold["id"])
            await asyncio.to_thread(until, lambda: status(held) == "paid", "a release paid nothing")
    # 29 credits, less 17.5 %, to the cent.
    assert [form["amount"] for form in server.posts] == ["2392", "2392"]
    payout = books.payout(venue, FEBRUARY)
    assert (payout["net_payout"], payout["payment_method"]) == (Decimal("23.92"), "stripe_connect")
    # What is paid does not change, whatever is made of the month now.
    books.booking(venue, date(2026, 2, 4), 99)
    books.make(FEBRUARY)
    again = books.payout(venue, FEBRUARY)
    assert (again["net_payout"], again["status"], again["id"]) == (payout["net_payout"], "paid", payout["id"])
