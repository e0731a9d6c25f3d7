"""Bookings moved, owed and settled at the desk; many desks at once; and the ledger whatever they do."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.places import (
    MOVE,
    SETTLE,
    TAKE,
    at_once,
    denied,
    desks,
    family,
    fill,
    ledger_is_whole,
    move,
    parent_of,
    priced,
    sentence,
    take,
)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


# Moving


def test_a_move_keeps_the_ticket_and_settles_the_difference(world: World, jonas: Person) -> None:
    made = take(jonas, world.session, family(world))
    dear, cheap = priced(world, 5), priced(world, 1, "Chess")
    up = move(jonas, made["booking_id"], dear)
    assert (up["booking_id"], up["confirmation_code"]) == (made["booking_id"], made["confirmation_code"])
    assert (up["charged"], up["credits_left"]) == (5, 5)
    assert move(jonas, made["booking_id"], dear) == up
    down = move(jonas, made["booking_id"], cheap)
    assert (down["charged"], down["credits_left"], down["warnings"]) == (1, 9, [])
    counts = world.all("SELECT id, booked_count FROM activity_sessions")
    assert {row["id"]: row["booked_count"] for row in counts} == {world.session: 0, dear: 0, cheap: 1}
    assert jonas.do("check_in", code=made["confirmation_code"], session_id=cheap)["state"] == "in"
    trail = world.all(
        """SELECT old_values, new_values FROM audit_logs WHERE entity_type = 'bookings' AND entity_id = %s
              AND old_values ? 'session_id'""",
        made["booking_id"],
    )
    assert [row["old_values"]["session_id"] for row in trail] == [str(world.session), str(dear)]
    ledger_is_whole(world)


def test_a_moved_booking_is_cancelled_for_all_it_cost(world: World, jonas: Person) -> None:
    boss = world.person("manager", desk=world.desk("Desk 2"))
    made = take(jonas, world.session, family(world))
    move(jonas, made["booking_id"], priced(world, 5))
    move(jonas, made["booking_id"], priced(world, 3, "Chess"))
    gone = boss.call("SELECT * FROM bookings.cancel(%s, true, 'other')", made["booking_id"])[0]
    assert (gone["credits_refunded"], gone["credits_left"]) == (3, 10)
    ledger_is_whole(world)


def test_a_move_checks_the_child_in_with_it(world: World, jonas: Person) -> None:
    made, other = take(jonas, world.session, family(world)), world.other_session()
    event = jonas.event("check_in", made["booking_id"], session_id=other)
    moved = move(jonas, made["booking_id"], other, event=event)
    assert (moved["answer"]["outcome"], world.state(made["booking_id"])) == ("applied", "in")
    assert move(jonas, made["booking_id"], other, event=event)["answer"] == moved["answer"]


def test_owed_credits_move_with_the_booking(world: World, jonas: Person) -> None:
    child = family(world, credits=0)
    made = take(jonas, world.session, child, payment="owed")
    moved = move(jonas, made["booking_id"], priced(world, 5))
    assert (moved["charged"], moved["owed"]) == (0, 5)
    debts = world.all("SELECT amount, settlement FROM owed_credits ORDER BY amount")
    assert debts == [{"amount": 2, "settlement": "moved"}, {"amount": 5, "settlement": None}]


def test_a_move_that_cannot_be_paid_moves_nothing(world: World, jonas: Person) -> None:
    made, dear = take(jonas, world.session, family(world, credits=3)), priced(world, 9)
    assert sentence(jonas, MOVE, made["booking_id"], dear) == (
        "6 credits are missing.",
        "Choose a session that costs no more.",
    )
    kept = world.one("SELECT session_id, credits_charged FROM bookings WHERE id = %s", made["booking_id"])
    assert kept == {"session_id": world.session, "credits_charged": 2}


def test_a_booking_paid_elsewhere_moves_no_credits(world: World, jonas: Person) -> None:
    booking = world.booking("Leo")
    moved = move(jonas, booking, priced(world, 9))
    assert (moved["charged"], moved["owed"]) == (0, 0)
    assert world.one("SELECT credits_charged FROM bookings WHERE id = %s", booking) == {"credits_charged": 2}


def test_what_stands_in_the_way_of_a_move(world: World, jonas: Person) -> None:
    booking, other = world.booking(family(world)), world.other_session()
    tomorrow = world.other_session("Chess", starts_at=SOON + timedelta(days=1))
    assert denied(jonas, MOVE, booking, tomorrow) == ("NX409", "other_day")
    fill(world, other)
    assert denied(jonas, MOVE, booking, other) == ("NX409", "session_full")
    old = world.other_session("Seniors")
    world.admin.execute(
        "UPDATE activities SET min_age_months = 720, max_age_months = NULL WHERE name = 'Seniors'"
    )
    assert denied(jonas, MOVE, booking, old) == ("NX409", "too_young")
    assert move(jonas, booking, old, overrule=["too_young"])["warnings"] == ["too_young"]
    gone = world.booking("Leo", status="cancelled_parent")
    assert denied(jonas, MOVE, gone, old) == ("NX409", "not_standing")


def test_a_child_who_is_in_is_not_moved(world: World, jonas: Person) -> None:
    booking = world.booking(family(world))
    jonas.do("check_in", booking)
    assert denied(jonas, MOVE, booking, world.other_session()) == ("NX409", "checked_in")


def test_a_hidden_child_is_neither_booked_nor_moved(world: World, jonas: Person) -> None:
    hidden = family(world, parental_consent_given=False)
    booking = world.booking(hidden)
    assert denied(jonas, TAKE, uuid4(), world.other_session(), hidden) == ("NX404", "no_child")
    assert denied(jonas, MOVE, booking, world.other_session()) == ("NX404", "no_booking")


# Owing and cancelling


def test_owed_credits_are_taken_once_the_family_has_them(world: World, jonas: Person) -> None:
    child = family(world, credits=1)
    made = take(jonas, world.session, child, payment="owed")
    assert denied(jonas, SETTLE, made["booking_id"]) == ("NX409", "not_enough_credits")
    factories.balance(
        world.admin,
        parent_of(world, child),
        10,
        billing_period_start="2026-02-01",
        billing_period_end="2026-03-15",
    )
    settled = jonas.call(SETTLE, made["booking_id"])
    assert settled[0]["settled"] == 2
    assert jonas.call(SETTLE, made["booking_id"]) == settled
    debt = world.one("SELECT settlement, settled_by FROM owed_credits")
    assert debt == {"settlement": "credits", "settled_by": jonas.id}
    assert denied(jonas, SETTLE, world.booking("Leo")) == ("NX409", "nothing_owed")
    ledger_is_whole(world)


@pytest.mark.parametrize(("hours", "settlement"), [(72, "cancelled"), (2, None)])
def test_cancelled_in_time_nothing_is_owed_any_more(
    world: World, jonas: Person, hours: int, settlement: str | None
) -> None:
    later = priced(world, 2, starts_at=NOON + timedelta(hours=hours))
    made = take(jonas, later, family(world), payment="owed")
    jonas.call("SELECT * FROM bookings.cancel(%s, false, 'child_sick')", made["booking_id"])
    assert world.one("SELECT settlement FROM owed_credits") == {"settlement": settlement}


# At once


def test_two_desks_and_one_place(world: World) -> None:
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 1 WHERE id = %s", [world.session])
    calls = [
        (who, TAKE, [uuid4(), world.session, family(world, f"Kid{number}")])
        for number, who in enumerate(desks(world, 4))
    ]
    assert at_once(*calls) == ["done", *["session_full"] * 3]
    assert len(world.all("SELECT 1 FROM bookings")) == 1
    ledger_is_whole(world)


def test_a_move_and_a_walk_in_for_one_place(world: World) -> None:
    first, second = desks(world, 2)
    other = world.other_session(total_capacity=1)
    booking = world.booking(family(world))
    calls = [(first, MOVE, [booking, other]), (second, TAKE, [uuid4(), other, family(world, "Leo")])]
    assert at_once(*calls) == ["done", "session_full"]
    assert world.one("SELECT booked_count FROM activity_sessions WHERE id = %s", other) == {"booked_count": 1}


def test_two_moves_that_cross_do_not_wait_for_each_other_for_ever(world: World) -> None:
    first, second = desks(world, 2)
    other = world.other_session()
    here, there = world.booking(family(world)), world.booking(family(world, "Leo"), other)
    assert at_once((first, MOVE, [here, other]), (second, MOVE, [there, world.session])) == ["done", "done"]


def test_one_booking_moved_to_two_sessions_at_once_is_in_one(world: World) -> None:
    booking, targets = world.booking(family(world)), [world.other_session("A"), world.other_session("B")]
    calls = [(who, MOVE, [booking, to]) for who, to in zip(desks(world, 2), targets, strict=True)]
    assert at_once(*calls) in (["changed", "done"], ["done", "done"])
    counts = world.all("SELECT booked_count FROM activity_sessions ORDER BY booked_count")
    assert [row["booked_count"] for row in counts] == [0, 0, 1]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_desk_does_the_ledger_adds_up(world: World, seed: int) -> None:
    """Places taken, moved, settled and cancelled in any order: balances are their entries, charges are right."""
    dice = random.Random(seed)
    boss = world.person("manager")
    sessions = [priced(world, price, f"Class {price}") for price in (1, 2, 3, 5)]
    children = [family(world, f"Kid{number}", credits=12) for number in range(4)]
    done = 0
    for _ in range(60):
        bookings = [row["id"] for row in world.all("SELECT id FROM bookings ORDER BY id")]
        kind = dice.choice(["take", "take", "move", "settle", "cancel"]) if bookings else "take"
        try:
            if kind == "take":
                payment = dice.choice(["credits", "owed"])
                child, session = dice.choice(children), dice.choice(sessions)
                take(boss, session, child, payment=payment, overrule=["elsewhere"])
            elif kind == "move":
                move(boss, dice.choice(bookings), dice.choice(sessions), overrule=["elsewhere"])
            elif kind == "settle":
                boss.call(SETTLE, dice.choice(bookings))
            else:
                by_venue = dice.choice([True, False])
                boss.call("SELECT * FROM bookings.cancel(%s, %s, 'other')", dice.choice(bookings), by_venue)
            done += 1
        except psycopg.Error as error:
            if error.sqlstate != "NX409":
                raise
        ledger_is_whole(world)
        wrong = world.all(
            """SELECT b.id FROM bookings b, LATERAL (
                   SELECT coalesce(-sum(l.amount), 0) AS paid FROM credit_ledger l WHERE l.booking_id = b.id) p,
               LATERAL (SELECT coalesce(sum(o.amount), 0) AS owed FROM owed_credits o
                         WHERE o.booking_id = b.id AND o.settled_at IS NULL) o
               WHERE b.status = 'confirmed' AND p.paid + o.owed <> b.credits_charged
                  OR b.status = 'cancelled_venue' AND p.paid + o.owed <> 0"""
        )
        assert wrong == []
    assert done > 10
