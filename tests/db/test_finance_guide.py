"""The example in docs/guides/finance.md is taken through the real payouts: each number it shows is the one stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.paying_out import Books

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "finance.md"
BECAME = {
    "attended": "came",
    "no-show": "no_show",
    "not marked": "confirmed",
    "cancelled too late": "cancelled_late",
    "cancelled in time": "cancelled",
}
LATER = {"given back": "cancelled", "attended": "came"}


@pytest.fixture
def books(fresh_database: Database) -> Iterator[Books]:
    with World(fresh_database) as world:
        yield Books(world)


def table(heading: str) -> list[list[str]]:
    """The rows of the guide's table that begins with this heading."""
    lines = GUIDE.read_text("utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")


def test_the_example_of_the_guide_is_what_the_payouts_come_to(books: Books) -> None:
    venue = books.venue("17.50")
    bookings, months, lines = table("booking"), table("month"), table("line")
    assert (len(bookings), len(months), len(lines)) == (8, 3, 4)
    made = {
        name: books.booking(venue, date.fromisoformat(day), int(credits), BECAME[became])
        for name, day, credits, became, _ in bookings
    }
    for period, *amounts in months:
        books.pay(month(period))
        stored = books.payout(venue, month(period))
        names = (
            "gross_revenue", "platform_fee_amount", "adjustments_amount", "carried_in", "carried_out", "net_payout",
        )  # fmt: skip
        assert [stored[name] for name in names] == [Decimal(one) for one in amounts], period
        for name, day, _credits, _became, later in bookings:
            if later and day.startswith(period):
                books.becomes(
                    made[name], next(state for words, state in LATER.items() if later.startswith(words))
                )
    books.adds_up()
    found = books.lines(venue, month(months[-1][0]))
    for (position, what, *amounts), line in zip(lines, found, strict=True):
        name, _, adjusts = what.partition(", adjusts ")
        assert (line["position"], line["booking_id"]) == (int(position), made[name])
        shown = [line["credits"], line["gross"], line["fee_share"], line["net"]]
        assert shown == [Decimal(one) for one in amounts], what
        assert line["adjusts_payout_id"] == (books.payout(venue, month(adjusts))["id"] if adjusts else None)


def test_the_sum_in_the_guide_and_its_two_shares_are_those_of_its_tables() -> None:
    text, last = GUIDE.read_text("utf-8"), table("month")[-1]
    gross, fee, adjusted, carried, _, net = (Decimal(one) for one in last[1:])
    assert gross - fee + adjusted + carried == net
    assert f"{gross} − {fee} + {adjusted} − {-carried} = {net}" in text
    shares = [row[4] for row in table("line") if row[3] == "15.00"]
    assert "bear {} and {}".format(*shares) in text
