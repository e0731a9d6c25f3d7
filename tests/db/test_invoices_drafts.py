"""Drafts of what employers owe: every period once, whole or by its days, for whoever has come to the billing day."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import Person, World
from tests.support.identities import refusal
from tests.support.invoicing import employer, issue

MAKE = "SELECT invoices.make_drafts(%s) AS n"
MARCH_1 = date(2026, 3, 1)


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture(scope="module")
def amara(world: World) -> Person:
    return world.person("platform_finance", name="Amara", desk=world.desk("Finance"))


@pytest.fixture(autouse=True)
def alone(world: World) -> Iterator[None]:
    """Nobody else's subscription is due."""
    yield
    world.admin.execute(
        "UPDATE corporate_subscriptions SET is_active = false, end_date = start_date - 0, cancelled_at = NULL"
    )
    world.admin.execute("UPDATE corporate_subscriptions SET end_date = NULL")


def subscribe(world: World, **columns: Any) -> UUID:
    corporate = columns.pop("corporate", None) or employer(world.admin)
    return factories.subscription(world.admin, corporate, **({"monthly_cost": "2000.00"} | columns))


def drafted(world: World, subscription: UUID) -> list[dict[str, Any]]:
    return world.all(
        """SELECT billing_period_start AS start, billing_period_end AS until, subtotal, tax_amount AS tax,
                  total_amount AS total, currency, purchase_order_number AS po, status,
                  line_items -> 0 ->> 'text' AS text, line_items -> 0 ->> 'kind' AS kind, tax_lines AS taxes
             FROM invoices WHERE subscription_id = %s ORDER BY billing_period_start, created_at""",
        subscription,
    )


def make(world: World, day: date) -> int:
    return int(world.one(MAKE, day)["n"])


def test_a_whole_month_is_drafted_on_the_billing_day_after_it_and_once(world: World) -> None:
    made = subscribe(world, start_date=date(2026, 2, 1), tier="premium", covered_employees=1)
    assert make(world, date(2026, 2, 28)) == 0
    assert make(world, MARCH_1) == 1
    assert make(world, MARCH_1) == make(world, date(2026, 3, 31)) == 0
    (draft,) = drafted(world, made)
    assert (draft["start"], draft["until"], draft["status"]) == (date(2026, 2, 1), date(2026, 2, 28), "draft")
    assert (draft["subtotal"], draft["tax"], draft["total"]) == (Decimal(2000), Decimal(165), Decimal(2165))
    assert draft["taxes"] == [{"rate": "8.25", "base": "2000.00", "tax": "165.00"}]
    assert (draft["kind"], draft["text"]) == ("subscription", "Premium plan, 1 employee, 1–28 February 2026")
    assert (draft["currency"], draft["po"]) == ("USD", "PO-77")


def test_the_employer_says_currency_tax_and_order_number(world: World) -> None:
    corporate = employer(world.admin, invoice_currency="EUR", tax_rate=0, purchase_order_number=None)
    made = subscribe(world, corporate=corporate, start_date=date(2026, 2, 1), monthly_cost="365.13")
    assert make(world, MARCH_1) == 1
    (draft,) = drafted(world, made)
    assert (draft["currency"], draft["tax"], draft["total"], draft["po"], draft["taxes"]) == (
        "EUR", 0, Decimal("365.13"), None, [],
    )  # fmt: skip


def test_a_first_and_a_last_part_month_are_by_their_days(world: World) -> None:
    first = subscribe(world, start_date=date(2026, 1, 15), monthly_cost="1000.00")
    last = subscribe(
        world,
        start_date=date(2025, 1, 1),
        end_date=date(2026, 2, 10),
        monthly_cost="1000.00",
        is_active=False,
    )
    inside = subscribe(world, start_date=date(2026, 2, 3), end_date=date(2026, 2, 3), monthly_cost="100.00")
    make(world, MARCH_1)
    january, february = drafted(world, first)
    assert (january["start"], january["until"], january["subtotal"], january["kind"]) == (
        date(2026, 1, 15), date(2026, 1, 31), Decimal("548.39"), "proration",
    )  # fmt: skip
    assert january["text"] == "Standard plan, 10 employees, 15–31 January 2026 (17 of 31 days)"
    assert (february["start"], february["subtotal"]) == (date(2026, 2, 1), Decimal(1000))
    *_, february = drafted(world, last)
    assert (february["start"], february["until"], february["subtotal"]) == (
        date(2026, 2, 1), date(2026, 2, 10), Decimal("357.14"),
    )  # fmt: skip
    (only,) = drafted(world, inside)
    assert (only["start"], only["until"], only["subtotal"]) == (
        date(2026, 2, 3),
        date(2026, 2, 3),
        Decimal("3.57"),
    )
    assert only["text"].endswith("3 February 2026 (1 of 28 days)")


def test_a_change_of_seats_inside_the_month_bills_both_by_days(world: World) -> None:
    corporate = employer(world.admin, tax_rate=0)
    few = subscribe(
        world, corporate=corporate, start_date=date(2025, 6, 1), end_date=date(2026, 2, 14), covered_employees=10,
        monthly_cost="1000.00",
    )  # fmt: skip
    many = subscribe(
        world, corporate=corporate, start_date=date(2026, 2, 15), covered_employees=20, monthly_cost="2000.00"
    )
    make(world, MARCH_1)
    assert drafted(world, few)[-1]["subtotal"] == Decimal("500.00")
    assert [one["subtotal"] for one in drafted(world, many)] == [Decimal("1000.00")]


def test_another_billing_day_makes_other_periods(world: World) -> None:
    made = subscribe(world, start_date=date(2026, 1, 20), billing_cycle_day=15, monthly_cost="310.00")
    assert make(world, date(2026, 2, 14)) == 0
    assert make(world, date(2026, 2, 15)) == 1
    assert make(world, date(2026, 3, 15)) == 1
    part, whole = drafted(world, made)
    assert (part["start"], part["until"], part["subtotal"]) == (
        date(2026, 1, 20),
        date(2026, 2, 14),
        Decimal(260),
    )
    assert (whole["start"], whole["until"], whole["subtotal"]) == (
        date(2026, 2, 15),
        date(2026, 3, 14),
        Decimal(310),
    )
    assert whole["text"] == "Standard plan, 10 employees, 15 February – 14 March 2026"


def test_a_worker_that_stood_still_catches_up_and_does_not_go_back_for_ever(world: World) -> None:
    made = subscribe(world, start_date=date(2020, 1, 1))
    assert make(world, MARCH_1) == 3
    assert [one["start"] for one in drafted(world, made)] == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]
    # By an earlier day a person gets earlier ones.
    assert make(world, date(2025, 12, 1)) == 3


def test_who_has_ended_or_pays_nothing_gets_none(world: World) -> None:
    subscribe(world, start_date=date(2026, 2, 1), monthly_cost=0)
    subscribe(world, start_date=date(2026, 3, 1))
    subscribe(world, start_date=date(2025, 1, 1), end_date=date(2025, 10, 31))
    subscribe(world, start_date=date(2025, 1, 1), is_active=False)
    subscribe(world, corporate=employer(world.admin, is_active=False), start_date=date(2026, 2, 1))
    assert make(world, MARCH_1) == 0


def test_one_that_was_cancelled_is_owed_up_to_that_day(world: World) -> None:
    made = subscribe(
        world, start_date=date(2026, 2, 1), is_active=False, cancelled_at=datetime(2026, 2, 7, 15, tzinfo=UTC),
        monthly_cost="28.00",
    )  # fmt: skip
    assert make(world, MARCH_1) == 1
    (draft,) = drafted(world, made)
    assert (draft["until"], draft["subtotal"]) == (date(2026, 2, 7), Decimal("7.00"))


def test_what_was_thrown_away_stays_away_and_what_was_credited_is_invoiced_again(
    world: World, amara: Person
) -> None:
    gone, credited = (subscribe(world, start_date=date(2026, 2, 1)) for _ in range(2))
    assert make(world, MARCH_1) == 2
    ids = {
        one["subscription_id"]: one["id"]
        for one in world.all("SELECT id, subscription_id FROM invoices WHERE status = 'draft'")
    }
    amara.call("SELECT invoices.cancel(%s, 1, NULL)", ids[gone])
    (row,) = issue(amara, ids[credited])
    amara.call("SELECT invoices.cancel(%s, %s, 'Wrong price')", ids[credited], row["version"])
    assert make(world, MARCH_1) == 1
    assert [one["status"] for one in drafted(world, gone)] == ["cancelled"]
    assert [one["status"] for one in drafted(world, credited)] == ["cancelled", "draft"]


def test_a_person_drafts_what_is_due_and_no_future(world: World, amara: Person) -> None:
    subscribe(world, start_date=date(2026, 2, 1))
    due = "SELECT invoices.draft_due(%s) AS n"
    today = world.now.date()
    for wrong in (today + timedelta(days=2), None, date(1999, 12, 31)):
        with pytest.raises(psycopg.Error) as caught:
            amara.call(due, wrong)
        assert (refusal(caught.value), caught.value.diag.message_primary) == (
            ("NX422", "day"),
            "Choose a day that has come.",
        )
    assert amara.call(due, today) == [{"n": 1}]
    assert amara.call(due, today) == [{"n": 0}]


def test_two_who_draft_at_once_make_each_once(world: World) -> None:
    made = [subscribe(world, start_date=date(2026, 2, 1)) for _ in range(20)]
    new: list[int] = []
    start = threading.Barrier(3)

    def draft() -> None:
        with world.database.connect() as connection:
            start.wait()
            row = connection.execute("SELECT invoices.make_drafts(%s)", [MARCH_1]).fetchone()
            assert row is not None
            new.append(row[0])

    threads = [threading.Thread(target=draft) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(new) == 20
    assert [len(drafted(world, one)) for one in made] == [1] * 20


DAYS = st.dates(date(2025, 11, 1), date(2026, 5, 31))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=DAYS, length=st.none() | st.integers(0, 120), billing_day=st.integers(1, 28),
    cost=st.decimals("0.01", "99999.99", places=2), days=st.lists(DAYS, min_size=1, max_size=4),
)  # fmt: skip
def test_any_subscription_owes_each_of_its_days_once(
    tx: Connection, start: date, length: int | None, billing_day: int, cost: Decimal, days: list[date]
) -> None:
    """An independent reading: day by day, whatever the order in which drafts were made."""
    with tx.transaction(force_rollback=True):
        corporate = employer(tx, tax_rate=0)
        end = None if length is None else start + timedelta(days=length)
        made = factories.subscription(
            tx, corporate, start_date=start, end_date=end, billing_cycle_day=billing_day, monthly_cost=cost
        )
        for day in days:
            tx.execute("SELECT invoices.make_drafts(%s)", [day])
        found = tx.execute(
            "SELECT billing_period_start, billing_period_end, subtotal FROM invoices WHERE subscription_id = %s",
            [made],
        ).fetchall()
    expected: dict[tuple[date, date], Decimal] = {}
    for day in days:
        for back in range(3):
            expected |= _owed(start, end, billing_day, cost, day, back)
    assert {(row[0], row[1]): row[2] for row in found} == expected
    assert len(found) == len(expected)


def _owed(
    start: date, end: date | None, billing_day: int, cost: Decimal, day: date, back: int
) -> dict[tuple[date, date], Decimal]:
    """What the period is worth that ended on the billing day so many months before `day`."""
    month = day.year * 12 + day.month - 1 - back - (1 if day.day < billing_day else 0)
    billed = date(month // 12, month % 12 + 1, billing_day)
    opens = date((month - 1) // 12, (month - 1) % 12 + 1, billing_day)
    owed = [
        one
        for one in (opens + timedelta(days=n) for n in range((billed - opens).days))
        if start <= one and (end is None or one <= end)
    ]
    amount = (cost * len(owed) / (billed - opens).days).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {(owed[0], owed[-1]): amount} if owed and amount else {}
