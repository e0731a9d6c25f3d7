"""Random histories of bookings, late facts, fees, holds, closings, runs: no cent is lost, and another reading agrees.

The reading below is written from the rules in Python and knows nothing of the SQL: it keeps, for every booking, what
has been said about it, and works out each payout by itself. docs/design.md, "Rules of the domain" (payouts).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.identities import refusal
from tests.support.paying_out import STATES, Books, next_month

CENT = Decimal("0.01")
MONTHS = tuple(date(2025, month, 1) for month in (8, 9, 10, 11, 12))
FEES = ("0.00", "7.25", "17.50", "33.33", "100.00")


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass
class Fact:
    """A booking as the reading knows it. `said` is what all payouts' lines say it earns."""

    day: date
    credits: int
    state: str
    refunded: int = 0
    said: int = 0
    spoken_of: bool = False
    counted_in: date | None = None

    @property
    def earns(self) -> int:
        if self.state in ("came", "no_show", "cancelled_late"):
            return self.credits - self.refunded
        return 0


@dataclass
class Settled:
    """A payout as the reading says it is."""

    month: date
    fee_rate: Decimal
    value: Decimal
    gross: Decimal
    fee: Decimal
    adjustments: Decimal
    carried_in: Decimal
    total: Decimal
    said: list[tuple[UUID, int]] = field(default_factory=list)


class Reading:
    """The rules of payouts for one venue, read once more."""

    def __init__(self, fee: str) -> None:
        self.fee = Decimal(fee)
        self.value = Decimal(1)
        self.bookings: dict[UUID, Fact] = {}
        self.payouts: dict[date, Settled] = {}
        self.closed: set[date] = set()
        self.debt = Decimal(0)

    def run(self, month: date) -> Settled | None:
        """A month made and approved; None for a month without anything. Fixed months stay."""
        if month in self.payouts:
            return self.payouts[month]
        new, corrections = [], Decimal(0)
        said: list[tuple[UUID, int]] = []
        for key, fact in self.bookings.items():
            of_month = fact.day.replace(day=1)
            if not fact.spoken_of and of_month == month:
                if fact.earns:
                    new.append(key)
            elif fact.spoken_of or of_month in self.payouts or (of_month in self.closed and of_month < month):
                change = fact.earns - fact.said
                if change:
                    home = self.payouts.get(fact.counted_in or of_month)
                    value = home.value if home else self.value
                    rate = home.fee_rate if home else self.fee
                    gross = rounded(change * value)
                    corrections += gross - rounded(gross * rate / 100)
                    said.append((key, change))
        credits = sum(self.bookings[key].earns for key in new)
        if not new and not said and not self.debt:
            return None
        gross = rounded(credits * self.value)
        fee = rounded(gross * self.fee / 100)
        made = Settled(month, self.fee, self.value, gross, fee, corrections, self.debt, Decimal(0))
        made.total = gross - fee + corrections + self.debt
        for key in new:
            fact = self.bookings[key]
            fact.said, fact.spoken_of, fact.counted_in = fact.earns, True, month
        for key, change in said:
            self.bookings[key].said += change
            self.bookings[key].spoken_of = True
        self.debt = min(made.total, Decimal(0))
        self.payouts[month] = made
        return made


STEP = st.one_of(
    st.tuples(st.just("book"), st.integers(0, 3), st.integers(1, 40), st.sampled_from(sorted(STATES))),
    st.tuples(st.just("becomes"), st.integers(0, 30), st.sampled_from(sorted(STATES)), st.integers(0, 40)),
    st.tuples(st.just("fee"), st.sampled_from(FEES)),
    st.tuples(st.just("value"), st.sampled_from(("1.00", "0.3333", "2.5050"))),
    st.tuples(st.just("run"), st.integers(0, 3), st.booleans()),
    st.tuples(st.just("withdraw"), st.integers(0, 3)),
    st.tuples(st.just("hold")),
    st.tuples(st.just("release")),
    st.tuples(st.just("close"), st.integers(0, 3)),
    st.tuples(st.just("reopen"), st.integers(0, 3)),
)


@pytest.fixture(scope="module")
def books(house: Database) -> Iterator[Books]:
    with World(house) as world:
        yield Books(world)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fee=st.sampled_from(FEES), steps=st.lists(STEP, min_size=4, max_size=30))
def test_no_cent_is_lost_and_two_readings_agree(
    books: Books, fee: str, steps: list[tuple[object, ...]]
) -> None:
    books.world.admin.execute("DELETE FROM book_closings")
    factories.setting(books.world.admin, "credit_value", 1)
    venue = books.venue(fee)
    reading = Reading(fee)
    keys: list[UUID] = []
    for step in [*steps, *[("run", n, False) for n in range(5)]]:
        match step:
            case "book", int(month), int(credits), str(state):
                day = MONTHS[month].replace(day=1 + credits % 28)
                key = books.booking(venue, day, credits, state)
                keys.append(key)
                reading.bookings[key] = Fact(day, credits, state)
            case "becomes", int(which), str(state), int(refunded) if keys:
                key = keys[which % len(keys)]
                fact = reading.bookings[key]
                part = min(refunded, fact.credits) if state == "came" else 0
                books.becomes(key, state, part)
                fact.state, fact.refunded = state, part
            case "fee", str(percent):
                books.world.admin.execute(
                    "UPDATE venues SET platform_fee_percentage = %s WHERE id = %s", [percent, venue]
                )
                reading.fee = Decimal(percent)
            case "value", str(worth):
                factories.setting(books.world.admin, "credit_value", float(worth))
                reading.value = Decimal(worth)
            case "run", int(month), bool(twice) if MONTHS[month] not in reading.closed:
                run = books.make(MONTHS[month], venue)
                if twice and run["state"] == "made":
                    again = books.make(MONTHS[month], venue, by=books.checker)
                    assert again["id"] == run["id"] or not run["venues_made"]
                if run["state"] == "made" and run["venues_made"]:
                    books.approve(run)
                reading.run(MONTHS[month])
            case "withdraw", int(month) if MONTHS[month] not in reading.closed:
                run = books.make(MONTHS[month], venue)
                if run["state"] == "made":
                    books.maker.call(
                        "SELECT * FROM payouts.withdraw(%s, %s, 'Too early')", run["id"], run["version"]
                    )
            case ("hold",):
                _maybe(books, "SELECT * FROM payouts.hold(%s, 'Account in doubt')", venue)
            case ("release",):
                for row in books.world.all(
                    "SELECT id FROM payout_holds WHERE venue_id = %s AND released_at IS NULL", venue
                ):
                    books.maker.call("SELECT * FROM payouts.release(%s, 'Account confirmed')", row["id"])
            case "close", int(month):
                if _maybe(books, "SELECT * FROM books.close(%s)", MONTHS[month]):
                    reading.closed.add(MONTHS[month])
            case "reopen", int(month):
                if _maybe(books, "SELECT * FROM books.reopen(%s, 'A bill came late')", MONTHS[month]):
                    reading.closed.discard(MONTHS[month])
        books.adds_up()
    stored = books.world.all("SELECT * FROM venue_payouts WHERE venue_id = %s", venue)
    assert {row["payout_period_start"] for row in stored} == set(reading.payouts)
    for row in stored:
        said = reading.payouts[row["payout_period_start"]]
        assert (
            row["gross_revenue"],
            row["platform_fee_amount"],
            row["adjustments_amount"],
            row["carried_in"],
        ) == (
            said.gross,
            said.fee,
            said.adjustments,
            said.carried_in,
        )
        assert row["net_payout"] + row["carried_out"] == said.total
    # The last run has said everything there was to say about every month that is made or closed.
    said_in_all = {
        row["booking_id"]: row["credits"]
        for row in books.world.all(
            "SELECT booking_id, sum(credits) AS credits FROM payout_lines WHERE venue_id = %s GROUP BY 1",
            venue,
        )
    }
    for key, fact in reading.bookings.items():
        assert said_in_all.get(key, 0) == fact.said == fact.earns, (key, fact)


def _maybe(books: Books, statement: str, *arguments: object) -> bool:
    """Whether it could be done; a conflict is an answer too."""
    try:
        books.maker.call(statement, *arguments)
    except psycopg.Error as error:
        if refusal(error)[0] != "NX409":
            raise
        return False
    return True


def test_the_month_after_follows() -> None:
    assert next_month(date(2025, 12, 1)) == date(2026, 1, 1)
