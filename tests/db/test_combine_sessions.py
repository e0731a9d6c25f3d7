"""Combining sessions: bookings move with their tickets, money and consent; the emptied session and its queue go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.places import at_once, denied, ledger_is_whole, priced, sentence, take
from tests.support.replanning import (
    APPLY,
    LATER,
    PLAN,
    change,
    confirm,
    look,
    paid,
    told,
    version,
    waiting,
)


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture(scope="module")
def boss(world: World) -> Person:
    return world.person("manager", name="Elena", desk=world.desk("Office"))


@pytest.fixture
def source(world: World) -> UUID:
    return world.other_session("Pottery", starts_at=LATER)


@pytest.fixture
def target(world: World) -> UUID:
    return world.other_session("Clay", starts_at=LATER + timedelta(days=1), total_capacity=4)


def combining(world: World, source: UUID, target: UUID, **facts: object) -> Row:
    return change(
        "session_combine",
        from_id=source,
        from_version=version(world, source),
        to_id=target,
        to_version=version(world, target),
        **{"booking_ids": None, "consented": [], "reason": ""} | facts,
    )


def booking_of(world: World, booking: UUID) -> Row:
    return world.one(
        """SELECT session_id, status::text AS status, credits_charged AS charged, move_consent,
                  confirmation_code AS code
             FROM bookings WHERE id = %s""",
        booking,
    )


def test_bookings_move_and_the_empty_session_is_cancelled(
    world: World, boss: Person, source: UUID, target: UUID
) -> None:
    ben, ada = paid(world, source, "Ben"), paid(world, source, "Ada")
    code = world.code(ben)
    asked = combining(world, source, target, consented=[ada])
    plan = look(boss, world.venue, asked)
    assert [(item["fate"], item["session_id"], item["bookings"]) for item in plan["items"]] == [
        ("cancelled", str(source), 2),
        ("changed", str(target), 2),
    ]
    assert [(hit["child"], hit["fate"], hit["refund"]) for hit in plan["hits"]] == [
        ("Ada", "moved", 0),
        ("Ben", "moved", 0),
    ]
    assert "You agreed to this." in plan["hits"][0]["message"]
    assert "you can cancel free of charge until it starts" in plan["hits"][1]["message"]
    assert "The place of Ben has moved to Clay, Friday 6 March, 12:00." in plan["hits"][1]["message"]
    answer = confirm(boss, world.venue, asked, plan)
    assert (answer["changed"], answer["cancelled"], answer["told"]) == (2, 1, 2)
    assert booking_of(world, ben) == {
        "session_id": target,
        "status": "confirmed",
        "charged": 2,
        "move_consent": "asked",
        "code": code,
    }
    assert booking_of(world, ada)["move_consent"] == "given"
    counts = world.all(
        "SELECT id, booked_count, is_cancelled FROM activity_sessions WHERE id IN (%s, %s)", source, target
    )
    assert {row["id"]: (row["booked_count"], row["is_cancelled"]) for row in counts} == {
        source: (0, True),
        target: (2, False),
    }
    assert (
        world.all("SELECT id FROM credit_ledger WHERE booking_id IN (%s, %s) AND amount > 0", ben, ada) == []
    )
    assert told(world, "session_cancelled", source) == []
    assert len(told(world, "booking_moved", target)) == 2


def test_a_cheaper_session_gives_back_and_a_dearer_one_costs_nothing(
    world: World, boss: Person, source: UUID
) -> None:
    ben, ada = paid(world, source, "Ben", price=3), paid(world, source, "Ada", price=3)
    cheap, dear = priced(world, 1, starts_at=LATER), priced(world, 9, starts_at=LATER)
    asked = combining(world, source, cheap, booking_ids=[ben])
    plan = look(boss, world.venue, asked)
    assert [hit["refund"] for hit in plan["hits"]] == [2]
    assert [item["fate"] for item in plan["items"]] == ["kept", "changed"]
    assert confirm(boss, world.venue, asked, plan)["cancelled"] == 0
    confirm(boss, world.venue, combining(world, source, dear))
    assert (booking_of(world, ben)["charged"], booking_of(world, ada)["charged"]) == (1, 3)
    moved = world.all(
        "SELECT booking_id AS b, sum(amount) AS s FROM credit_ledger WHERE booking_id IN (%s, %s) GROUP BY 1",
        ben,
        ada,
    )
    assert {row["b"]: row["s"] for row in moved} == {ben: -1, ada: -3}
    ledger_is_whole(world)


def test_who_did_not_agree_cancels_for_free_until_the_start(
    world: World, boss: Person, source: UUID, target: UUID
) -> None:
    asked_only, agreed = paid(world, source, "Ben"), paid(world, source, "Ada")
    confirm(boss, world.venue, combining(world, source, target, consented=[agreed]))
    world.at(LATER + timedelta(days=1) - timedelta(minutes=5))
    try:
        cancel = "SELECT * FROM bookings.cancel(%s, false, 'schedule_conflict')"
        free, late = boss.call(cancel, asked_only)[0], boss.call(cancel, agreed)[0]
    finally:
        world.at(NOON)
    assert (free["credits_refunded"], free["credits_forfeited"]) == (2, 0)
    assert (late["credits_refunded"], late["credits_forfeited"]) == (0, 2)


def test_a_move_that_the_family_asked_for_needs_no_further_consent(world: World, boss: Person) -> None:
    source, other = world.other_session("Soon"), world.other_session("Soon too")
    booking = paid(world, source, "Ben")
    confirm(boss, world.venue, combining(world, source, other))
    assert booking_of(world, booking)["move_consent"] == "asked"
    boss.call("SELECT * FROM bookings.move(%s, %s)", booking, world.other_session("Chosen"))
    assert booking_of(world, booking)["move_consent"] is None


def test_the_queue_goes_to_the_end_of_the_others_in_order(
    world: World, boss: Person, source: UUID, target: UUID
) -> None:
    paid(world, source, "Ben")
    for number in range(3):
        world.booking(f"There {number}", target)
    waits_there = waiting(world, target, "Zoe")
    twice = world.one("SELECT child_id AS c FROM waitlist WHERE id = %s", waits_there)["c"]
    for name in ("Max", "Lea"):
        waiting(world, source, name)
    waiting(world, source, "Zoe too", child=twice)
    plan = look(boss, world.venue, combining(world, source, target))
    assert (plan["facts"]["waiting_moves"], plan["waiting"]) == (3, 0)
    confirm(boss, world.venue, combining(world, source, target))
    queue = world.all(
        """SELECT c.first_name AS name FROM waitlist w JOIN children c ON c.id = w.child_id
            WHERE w.session_id = %s AND w.is_active ORDER BY w.position""",
        target,
    )
    assert [row["name"] for row in queue] == ["Zoe", "Max", "Lea"]
    ended = world.all(
        "SELECT removed_reason AS why FROM waitlist WHERE session_id = %s ORDER BY position", source
    )
    assert [row["why"] for row in ended] == ["combined", "combined", "session_cancelled"]
    assert told(world, "waitlist_offered", source) == []
    assert told(world, "waitlist_offered", target) == []


def test_who_stays_keeps_the_session_and_its_queue_gets_the_place(
    world: World, boss: Person, source: UUID, target: UUID
) -> None:
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 2 WHERE id = %s", [source])
    goes, _ = paid(world, source, "Ben"), paid(world, source, "Ada")
    entry = waiting(world, source, "Max")
    confirm(boss, world.venue, combining(world, source, target, booking_ids=[goes]))
    row = world.one("SELECT is_active, spot_offered_at FROM waitlist WHERE id = %s", entry)
    assert row == {"is_active": True, "spot_offered_at": NOON}


def test_what_stands_in_the_way_of_combining(world: World, boss: Person, source: UUID, target: UUID) -> None:
    asked = combining(world, source, target)
    assert denied(boss, PLAN, world.venue, Jsonb(asked)) == ("NX422", "booking_ids")
    bookings = [paid(world, source, f"Child {number}") for number in range(3)]
    for number in range(2):
        world.booking(f"There {number}", target)
    assert sentence(boss, PLAN, world.venue, Jsonb(combining(world, source, target))) == (
        "3 children are to move, but only 2 places are free.",
        "Move fewer, or give the session more places.",
    )
    assert denied(boss, PLAN, world.venue, Jsonb(combining(world, source, source))) == ("NX422", "to_id")
    stale = combining(world, source, target, booking_ids=[uuid4()])
    assert denied(boss, PLAN, world.venue, Jsonb(stale)) == ("NX409", "changed")
    garbled = combining(world, source, target, booking_ids=["x"])
    assert denied(boss, PLAN, world.venue, Jsonb(garbled)) == ("NX422", "booking_ids")
    child = world.one("SELECT child_id AS c FROM bookings WHERE id = %s", bookings[0])["c"]
    world.booking(child, other := world.other_session("Chess", starts_at=LATER))
    assert denied(boss, PLAN, world.venue, Jsonb(combining(world, source, other))) == (
        "NX409",
        "already_booked",
    )
    old = world.other_session("Old", starts_at=NOON - timedelta(hours=5))
    assert denied(boss, PLAN, world.venue, Jsonb(combining(world, source, old))) == ("NX409", "target_over")
    foreign = world.other_session("There", factories.venue(world.admin), starts_at=LATER)
    assert denied(boss, PLAN, world.venue, Jsonb(combining(world, source, foreign))) == (
        "NX404",
        "no_session",
    )


def test_who_is_in_does_not_move(world: World, boss: Person, target: UUID) -> None:
    soon = world.other_session("Now", starts_at=NOON + timedelta(minutes=10))
    booking = paid(world, soon)
    boss.do("check_in", booking, session_id=soon)
    assert denied(boss, PLAN, world.venue, Jsonb(combining(world, soon, target))) == ("NX409", "checked_in")


def test_who_may_combine(world: World, source: UUID, target: UUID) -> None:
    paid(world, source)
    asked = Jsonb(combining(world, source, target))
    assert denied(world.person(), PLAN, world.venue, asked) == ("NX403", "not_permitted")
    amara = world.person("platform_admin", desk=world.desk("Platform"))
    assert look(amara, world.venue, asked.obj)["hits"][0]["child"] is None


def test_a_booking_and_a_combination_at_once_never_overbook(world: World, boss: Person, source: UUID) -> None:
    target = world.other_session("Tight", starts_at=LATER, total_capacity=2)
    for name in ("Ben", "Ada"):
        paid(world, source, name)
    asked = Jsonb(combining(world, source, target))
    seen = look(boss, world.venue, asked.obj)["fingerprint"]
    jonas = world.person(desk=world.desk("Front"))
    child = world.child("Walk in")
    factories.balance(
        world.admin, world.one("SELECT parent_id p FROM children WHERE id = %s", child)["p"], 10
    )
    outcomes = at_once(
        (boss, APPLY, [world.venue, asked, seen, uuid4()]),
        (jonas, "SELECT * FROM bookings.take_place(%s, %s, for_child => %s)", [uuid4(), target, child]),
    )
    assert outcomes in (["done", "session_full"], ["done", "version_changed"])
    row = world.one("SELECT booked_count, total_capacity FROM activity_sessions WHERE id = %s", target)
    assert row["booked_count"] in (1, 2)
    ledger_is_whole(world)


def test_combining_twice_moves_once(world: World, boss: Person, source: UUID, target: UUID) -> None:
    paid(world, source, "Ben")
    asked, new_id = combining(world, source, target), uuid4()
    plan = look(boss, world.venue, asked)
    first = confirm(boss, world.venue, asked, plan, new_id)
    assert confirm(boss, world.venue, asked, plan, new_id) == first
    assert len(told(world, "booking_moved", target)) == 1
    assert take(boss, target, world.child("Another"), payment="owed")["owed"] == 2
