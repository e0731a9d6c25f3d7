"""After any sequence of decisions the ledger is the balance, and each did exactly what its facts had said it would.

Many families get into every situation that opens an item; then a random manager decides at random, before and after the
session is closed. docs/design.md, "Rules of the domain" (credits).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.reviewing import decide, facts

EARLIER = NOON - timedelta(minutes=10)
AFTER = SOON + timedelta(minutes=70)
SITUATIONS = ("venue", "late", "poor", "pending", "early", "future", "absent", "no_show", "unmarked", "twice")


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def family(world: World, situation: str, people: dict[str, Person]) -> UUID:
    """A family's paid booking in one of the situations, with what its desk reported so far."""
    parent = factories.parent(world.admin)
    balance = factories.balance(world.admin, parent, 2 if situation == "poor" else 7)
    status = "pending" if situation == "pending" else "confirmed"
    booking = world.booking(world.child(situation, parent_id=parent), status=status)
    factories.ledger(world.admin, balance, "booking_debit", -2, booking_id=booking)
    jonas, maya, elena = people["jonas"], people["maya"], people["elena"]
    if situation in ("venue", "late", "poor"):
        elena.call("SELECT * FROM bookings.cancel(%s, %s, 'weather')", booking, situation != "late")
    if situation == "poor":
        factories.ledger(world.admin, balance, "expiry", -1)
    if situation == "absent":
        maya.do("absent", booking)
    if situation not in ("no_show", "unmarked"):
        at = {"early": NOON - timedelta(minutes=55), "future": NOON + timedelta(minutes=5)}.get(
            situation, EARLIER
        )
        jonas.do("check_in", booking, origin="queued", at=at)
    if situation == "twice":
        jonas.do("check_out", booking, origin="queued", at=EARLIER + timedelta(minutes=1))
    return booking


def agree(world: World) -> None:
    """Every balance is the sum of its entries, available and forfeited alike."""
    wrong = world.all(
        """SELECT u.id FROM user_credit_balances u LEFT JOIN credit_ledger l ON l.balance_id = u.id GROUP BY u.id
           HAVING (u.credits_available, u.credits_forfeited)
                  IS DISTINCT FROM (coalesce(sum(l.amount), 0)::int, coalesce(sum(l.forfeited_amount), 0)::int)
               OR u.credits_available < 0 OR u.credits_forfeited < 0"""
    )
    assert wrong == []


def decide_one(world: World, dice: random.Random, elena: Person, item: UUID) -> str:
    seen = facts(elena, item)
    choice = dice.choice(seen["choices"])
    before = _money(world, seen["booking_id"])
    answer = decide(elena, world, item, choice["decision"], "Because.")
    after = _money(world, seen["booking_id"])
    said = (choice["moved"], choice["owed"], choice["forfeited"])
    told = f"{seen['kind']} {seen['topic']} {choice}"
    assert tuple(a - b for a, b in zip(after[:3], before[:3], strict=True)) == said, told
    assert after[0] == choice["family_credits_after"] == answer["family_credits"], told
    assert after[3] == choice["status_after"], told
    marks = world.all(
        "SELECT credits_before, credits_after FROM earning_changes WHERE review_item_id = %s", item
    )
    earned = {"credits_before": choice["earned_before"], "credits_after": choice["earned_after"]}
    assert marks == ([earned] if choice["earned_before"] != choice["earned_after"] else []), told
    agree(world)
    return str(choice["decision"])


def _money(world: World, booking: str) -> tuple[int, int, int, str]:
    row = world.one(
        """SELECT credits.spendable(b.booked_by) AS credits, b.status::text AS status,
                  coalesce((SELECT sum(o.amount) FROM owed_credits o
                             WHERE o.booking_id = b.id AND o.settled_at IS NULL), 0)::int AS owed,
                  coalesce((SELECT sum(l.forfeited_amount) FROM credit_ledger l
                             WHERE l.booking_id = b.id), 0)::int AS lost
             FROM bookings b WHERE b.id = %s""",
        booking,
    )
    return row["credits"], row["owed"], row["lost"], row["status"]


@pytest.mark.parametrize("seed", range(3))
def test_any_sequence_of_decisions_moves_what_the_facts_said(world: World, seed: int) -> None:
    dice = random.Random(seed)
    people = {
        "jonas": world.person(),
        "maya": world.person(name="Maya", desk=world.desk("Desk 2")),
        "elena": world.person("manager", name="Elena", desk=world.desk("Office")),
    }
    elena = people["elena"]
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 100")
    made = {(s, n): family(world, s, people) for s in SITUATIONS for n in range(2)}
    open_items = "SELECT id FROM review_items WHERE resolved_at IS NULL ORDER BY opened_at, id"
    items = [row["id"] for row in world.all(open_items)]
    done = {decide_one(world, dice, elena, item) for item in dice.sample(items, len(items) // 2)}
    world.at(AFTER)
    named = [elena.event("absent", made["no_show", n]) for n in range(2)]
    elena.call("SELECT * FROM attendance.close_session(%s, %s)", world.session, Jsonb(named))
    for n in range(2):
        people["jonas"].do("check_in", made["no_show", n], origin="queued", at=SOON)
    while items := [row["id"] for row in world.all(open_items)]:
        done.add(decide_one(world, dice, elena, dice.choice(items)))
    assert len(done) >= 5
    agree(world)
