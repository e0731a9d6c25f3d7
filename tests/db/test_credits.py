"""The credit ledger's functions: keys, order, refusals, who may call what, and the sum that always holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import NOON, World, rows
from tests.support.identities import refusal

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
BROKEN = """
SELECT b.id FROM user_credit_balances b
LEFT JOIN LATERAL (SELECT coalesce(sum(l.amount), 0) AS total, count(*) AS entries,
                          coalesce(sum(l.forfeited_amount), 0) AS forfeited,
                          (array_agg(l.balance_after ORDER BY l.entry_no DESC))[1] AS last
                     FROM credit_ledger l WHERE l.balance_id = b.id) s ON true
 WHERE (b.credits_available, b.entries, b.credits_forfeited) IS DISTINCT FROM (s.total, s.entries, s.forfeited)
    OR b.credits_available <> coalesce(s.last, 0) OR b.credits_available < 0"""
UNEVEN = """
SELECT 1 FROM (SELECT amount, balance_after,
                      coalesce(lag(balance_after) OVER (PARTITION BY balance_id ORDER BY entry_no), 0) AS before
                 FROM credit_ledger) x WHERE before + amount <> balance_after"""


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def one(connection: Connection, statement: str, *arguments: Any) -> dict[str, Any]:
    (row,) = rows(connection, statement, list(arguments))
    return row


def allocate(
    world: World, parent: UUID, amount: int, key: str, period: tuple[date, date] = MARCH
) -> dict[str, Any]:
    return world.one("SELECT * FROM credits.allocate(%s, %s, %s, %s, %s)", parent, *period, amount, key)


def spend(world: World, parent: UUID, price: int, key: str, booking: UUID) -> dict[str, Any]:
    return world.one("SELECT (credits.debit(%s, %s, %s, %s)).*", parent, price, booking, key)


def denied(connection: Connection, statement: str, *arguments: Any) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        rows(connection, statement, list(arguments))
    return refusal(caught.value)


def test_credits_are_given_for_a_period(world: World) -> None:
    parent = factories.parent(world.admin)
    made = allocate(world, parent, 20, "a")
    assert (made["amount_moved"], made["balance_after"]) == (20, 20)
    kept = world.one("SELECT * FROM user_credit_balances")
    assert (kept["billing_period_start"], kept["credits_allocated"], kept["credits_available"]) == (
        MARCH[0],
        20,
        20,
    )


def test_the_same_key_with_the_same_facts_is_answered_again(world: World) -> None:
    parent = factories.parent(world.admin)
    assert allocate(world, parent, 20, "a") == allocate(world, parent, 20, "a")
    booking = world.booking(world.child(parent_id=parent))
    assert spend(world, parent, 3, "d", booking) == spend(world, parent, 3, "d", booking)
    refund = "SELECT (credits.refund(%s, 'r')).*"
    assert world.one(refund, booking) == world.one(refund, booking)
    assert world.one("SELECT credits.spendable(%s) AS n", parent) == {"n": 20}
    assert world.one("SELECT count(*) AS n FROM credit_ledger") == {"n": 3}


def test_the_same_key_with_other_facts_is_refused(world: World) -> None:
    parent, other = factories.parent(world.admin), factories.parent(world.admin)
    allocate(world, parent, 20, "a")
    first, second = (world.booking(world.child(parent_id=parent)) for _ in range(2))
    spend(world, parent, 3, "d", first)
    for statement, arguments in (
        ("SELECT credits.allocate(%s, %s, %s, 21, 'a')", (parent, *MARCH)),
        ("SELECT credits.allocate(%s, %s, %s, 20, 'a')", (other, *MARCH)),
        ("SELECT credits.debit(%s, 4, %s, 'd')", (parent, first)),
        ("SELECT credits.debit(%s, 3, %s, 'd')", (parent, second)),
        ("SELECT credits.refund(%s, 'd')", (first,)),
        ("SELECT credits.partial_refund(%s, 1, 'd')", (first,)),
        ("SELECT credits.forfeit(%s, 'd')", (first,)),
    ):
        assert denied(world.admin, statement, *arguments) == ("NX409", "idempotency_key_reused"), statement


@pytest.mark.parametrize("key", [None, "", "  ", "k" * 256])
def test_a_movement_has_a_key(world: World, key: str | None) -> None:
    parent = factories.parent(world.admin)
    statement = "SELECT credits.allocate(%s, %s, %s, 1, %s)"
    assert denied(world.admin, statement, parent, *MARCH, key) == ("NX422", "idempotency_key_missing")


def test_a_balance_is_never_overdrawn(world: World) -> None:
    parent = factories.parent(world.admin)
    booking = world.booking(world.child(parent_id=parent))
    allocate(world, parent, 2, "a")
    assert denied(world.admin, "SELECT credits.debit(%s, 3, %s, 'd')", parent, booking) == (
        "NX409",
        "not_enough_credits",
    )
    boss = world.person("platform_admin")
    adjust = "SELECT * FROM credits.adjust(%s, -3, 'Mistake', 'x')"
    assert denied(boss.connection, adjust, parent) == ("NX409", "not_enough_credits")


def test_what_comes_back_is_never_more_than_was_paid(world: World) -> None:
    parent = factories.parent(world.admin)
    booking = world.booking(world.child(parent_id=parent))
    allocate(world, parent, 10, "a")
    spend(world, parent, 5, "d", booking)
    world.one("SELECT credits.partial_refund(%s, 2, 'p')", booking)
    assert denied(world.admin, "SELECT credits.partial_refund(%s, 4, 'q')", booking) == (
        "NX409",
        "nothing_left_to_refund",
    )
    assert world.one("SELECT (credits.refund(%s, 'r')).amount AS n", booking) == {"n": 3}
    for rest in ("refund(%s, 's')", "partial_refund(%s, 1, 's')", "forfeit(%s, 's')"):
        assert denied(world.admin, f"SELECT credits.{rest}", booking) == ("NX409", "nothing_left_to_refund")
    assert world.one("SELECT credits.spendable(%s) AS n", parent) == {"n": 10}


def test_a_forfeit_moves_nothing_and_says_how_much(world: World) -> None:
    parent = factories.parent(world.admin)
    booking = world.booking(world.child(parent_id=parent))
    allocate(world, parent, 10, "a")
    spend(world, parent, 4, "d", booking)
    made = world.one("SELECT (credits.forfeit(%s, 'f')).*", booking)
    assert (made["amount"], made["forfeited_amount"], made["balance_after"]) == (0, 4, 6)
    assert world.one("SELECT credits_forfeited AS n FROM user_credit_balances") == {"n": 4}


def test_a_refund_after_the_period_goes_where_it_can_be_spent(world: World) -> None:
    parent = factories.parent(world.admin)
    booking = world.booking(world.child(parent_id=parent))
    allocate(world, parent, 10, "a")
    spend(world, parent, 4, "d", booking)
    world.at(NOON + timedelta(days=40))
    allocate(world, parent, 10, "b", (date(2026, 4, 1), date(2026, 4, 30)))
    world.one("SELECT credits.refund(%s, 'r')", booking)
    assert world.one("SELECT credits.spendable(%s) AS n", parent) == {"n": 14}


def test_nothing_is_refunded_that_was_never_debited(world: World) -> None:
    booking = world.booking()
    for call in ("refund(%s, 'x')", "partial_refund(%s, 1, 'x')", "forfeit(%s, 'x')"):
        assert denied(world.admin, f"SELECT credits.{call}", booking) == ("NX409", "not_debited")


def test_a_balance_that_somebody_holds_expires_with_the_next_run(world: World) -> None:
    held, free = factories.parent(world.admin), factories.parent(world.admin)
    allocate(world, held, 10, "a")
    allocate(world, free, 10, "b")
    april = MARCH[1] + timedelta(days=1)
    with world.database.connect() as desk, desk.transaction():
        desk.execute("SELECT 1 FROM user_credit_balances WHERE user_id = %s FOR NO KEY UPDATE", [held])
        world.admin.execute("SET lock_timeout = '2s'")
        assert world.one("SELECT credits.expire(%s) AS n", april) == {"n": 1}
    assert world.one("SELECT credits.expire(%s) AS n", april) == {"n": 1}


def test_what_is_left_of_a_period_expires_once(world: World) -> None:
    parent = factories.parent(world.admin)
    allocate(world, parent, 10, "a")
    assert world.one("SELECT credits.expire(%s) AS n", MARCH[1]) == {"n": 0}
    april = MARCH[1] + timedelta(days=1)
    assert [world.one("SELECT credits.expire(%s) AS n", april)["n"] for _ in range(2)] == [1, 0]
    kept = world.one("SELECT amount, balance_after FROM credit_ledger WHERE transaction_type = 'expiry'")
    assert kept == {"amount": -10, "balance_after": 0}


def test_credits_of_a_period_that_is_over_are_not_spent(world: World) -> None:
    parent = factories.parent(world.admin)
    booking = world.booking(world.child(parent_id=parent))
    allocate(world, parent, 10, "a")
    world.at(NOON + timedelta(days=40))
    assert world.one("SELECT credits.spendable(%s) AS n", parent) == {"n": 0}
    assert denied(world.admin, "SELECT credits.debit(%s, 1, %s, 'd')", parent, booking) == (
        "NX409",
        "not_enough_credits",
    )


def test_an_adjustment_names_its_reason_and_who(world: World) -> None:
    boss = world.person("platform_admin")
    parent = factories.parent(world.admin)
    adjust = "SELECT * FROM credits.adjust(%s, %s, %s, %s)"
    (made,) = boss.call(adjust, parent, 5, " Goodwill ", "k")
    assert (made["amount_moved"], made["balance_after"]) == (5, 5)
    kept = world.one("SELECT description, adjusted_by FROM credit_ledger")
    assert kept == {"description": "Goodwill", "adjusted_by": boss.id}
    world.at(NOON + timedelta(days=40))
    assert boss.call(adjust, parent, 5, "Goodwill", "k") == [made]
    for amount, reason, key in ((0, "Why", "amount"), (None, "Why", "amount"), (1, " ", "reason")):
        assert denied(boss.connection, adjust, parent, amount, reason, "z") == ("NX422", key)
    for nobody in (uuid4(), boss.id):
        assert denied(boss.connection, adjust, nobody, 1, "Why", "z") == ("NX404", "no_parent")


@pytest.mark.parametrize("role", ["front_desk", "manager", "venue_finance", "platform_finance"])
def test_only_administrators_adjust(world: World, role: str) -> None:
    who = world.person(role)
    parent = factories.parent(world.admin)
    adjust = "SELECT credits.adjust(%s, 1, 'Why', 'k')"
    assert denied(who.connection, adjust, parent) == ("NX403", "not_permitted")


def test_who_sees_a_balance(world: World) -> None:
    parent = factories.parent(world.admin)
    allocate(world, parent, 7, "a")
    balance = "SELECT credits.balance(%s) AS n"
    boss = world.person("manager")
    assert boss.call(balance, parent) == [{"n": 0}]
    world.booking(world.child(parent_id=parent))
    assert boss.call(balance, parent) == [{"n": 7}]
    admin = world.person("platform_admin", desk=world.desk("Desk 2"))
    assert admin.call(balance, parent) == [{"n": 7}]
    jonas = world.person(desk=world.desk("Desk 3"))
    assert jonas.call(balance, parent) == [{"n": 7}]
    finance = world.person("venue_finance", desk=world.desk("Desk 4"))
    assert denied(finance.connection, balance, parent) == ("NX403", "not_permitted")


def test_a_desk_moves_no_credits_by_itself(world: World) -> None:
    boss = world.person("platform_admin")
    nobody = uuid4()
    for call in (
        "credits.allocate(%s, '2026-03-01', '2026-03-31', 5, 'k')",
        "credits.expire('2026-04-01') WHERE %s IS NOT NULL",
        "credits.debit(%s, 1, NULL, 'k')",
        "credits.refund(%s, 'k')",
        "credits.partial_refund(%s, 1, 'k')",
        "credits.forfeit(%s, 'k')",
        "credits.enter(%s, 'adjustment', 5, 0, NULL, NULL, NULL, 'k')",
        "credits.open_period(%s, '2026-03-01', '2026-03-31')",
        "credits.spendable(%s)",
        "credits.of_booking(%s)",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            boss.call(f"SELECT {call}", nobody)


def test_the_workers_jobs_give_and_expire_but_its_login_does_not(world: World) -> None:
    parent = factories.parent(world.admin)
    world.admin.execute("SET ROLE console_worker")
    for call in (
        "credits.expire('2026-04-01')",
        f"credits.allocate('{parent}', '2026-03-01', '2026-03-31', 5, 'k')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            world.admin.execute(f"SELECT {call}".encode())
    world.admin.execute("SET ROLE console_jobs")
    allocate(world, parent, 10, "a")
    assert world.one("SELECT credits.expire('2026-04-01') AS n") == {"n": 1}
    world.admin.execute("RESET ROLE")


# The sum that always holds, under whatever several connections do at the same time.

moves = st.lists(
    st.tuples(
        st.sampled_from(["allocate", "debit", "refund", "partial", "forfeit", "expire"]),
        st.integers(0, 2),  # which of three families, or bookings
        st.integers(1, 9),
        st.integers(0, 11),  # a small stock of keys, so that some are used twice
    ),
    min_size=4,
    max_size=16,
)


@given(st.lists(moves, min_size=3, max_size=3))
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_balance_equals_its_entries_at_every_moment(world: World, plans: list[Any]) -> None:
    parents = [factories.parent(world.admin) for _ in range(3)]
    bookings = [world.booking(world.child(parent_id=parent), world.other_session()) for parent in parents]
    run = uuid4()
    unexpected: list[str] = []
    done = threading.Event()

    def work(plan: list[tuple[str, int, int, int]]) -> None:
        with world.database.connect() as connection:
            for kind, which, amount, key in plan:
                name = f"{run}:{key}"
                statement, arguments = {
                    "allocate": (
                        "credits.allocate(%s, %s, %s, %s, %s)",
                        (parents[which], *MARCH, amount, name),
                    ),
                    "debit": (
                        "credits.debit(%s, %s, %s, %s)",
                        (parents[which], amount, bookings[which], name),
                    ),
                    "refund": ("credits.refund(%s, %s)", (bookings[which], name)),
                    "partial": ("credits.partial_refund(%s, %s, %s)", (bookings[which], amount, name)),
                    "forfeit": ("credits.forfeit(%s, %s)", (bookings[which], name)),
                    "expire": ("credits.expire(%s)", (MARCH[1] + timedelta(days=1),)),
                }[kind]
                try:
                    connection.execute(f"SELECT {statement}".encode(), arguments)
                except psycopg.Error as error:
                    if error.sqlstate != "NX409":
                        unexpected.append(f"{kind}: {error}")

    def watch() -> None:
        with world.database.connect() as connection:
            while not done.wait(0.002):
                if connection.execute(BROKEN).fetchall():
                    unexpected.append("a balance differed from its entries")

    workers = [threading.Thread(target=work, args=(plan,)) for plan in plans]
    watcher = threading.Thread(target=watch)
    watcher.start()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    done.set()
    watcher.join(timeout=10)
    assert unexpected == []
    assert world.all(BROKEN) == []
    assert world.all(UNEVEN) == []
