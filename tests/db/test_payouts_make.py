"""Making a month's payouts: lines, rounding, corrections, carrying, runs made twice or by two people at once.

docs/design.md, "Rules of the domain" (payouts).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.identities import refusal
from tests.support.paying_out import FEBRUARY, Books

D = Decimal


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield Books(world)


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def test_a_month_is_one_line_a_booking_and_one_fee(books: Books) -> None:
    venue = books.venue()
    books.booking(venue, date(2026, 2, 2), 14)
    books.booking(venue, date(2026, 2, 2), 14, "no_show")
    books.booking(venue, date(2026, 2, 4), 15)
    books.booking(venue, date(2026, 2, 4), 15)
    books.booking(venue, date(2026, 2, 5), 16, "cancelled_late")
    for state in ("cancelled", "confirmed"):
        books.booking(venue, date(2026, 2, 6), 10, state)
    books.booking(venue, date(2026, 3, 1), 10)
    run = books.make(FEBRUARY)
    assert (run["venues_made"], run["state"], run["mine"]) == (1, "made", True)
    payout = books.payout(venue, FEBRUARY)
    assert (payout["gross_revenue"], payout["platform_fee_amount"], payout["net_payout"]) == (
        D("74.00"),
        D("12.95"),
        D("61.05"),
    )
    assert (payout["total_bookings"], payout["total_attendees"], payout["status"]) == (5, 3, "pending")
    lines = books.lines(venue, FEBRUARY)
    assert [line["position"] for line in lines] == [1, 2, 3, 4, 5]
    assert sorted(line["reason"] for line in lines) == [
        "attended", "attended", "attended", "cancelled_late", "no_show",
    ]  # fmt: skip
    assert [line["fee_share"] for line in lines[2:]] == [D("2.63"), D("2.62"), D("2.80")]
    books.adds_up()
