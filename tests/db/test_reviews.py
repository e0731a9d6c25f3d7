"""Deciding review items: each decision by its numbers, once, over a manager's login, and its mark for the payouts.

docs/design.md, "The desk protocol" and "Rules of the domain" (credits, payouts).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.identities import refusal
from tests.support.reviewing import choices, decide, facts, item_of

EARLIER = NOON - timedelta(minutes=10)
AFTER = SOON + timedelta(minutes=70)
DECIDE = "SELECT * FROM attendance.decide(%s, %s, %s)"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


@pytest.fixture
def elena(world: World) -> Person:
    return world.person("manager", name="Elena", desk=world.desk("Office"))


def paid(world: World, name: str = "Nia", credits: int = 10, **columns: Any) -> UUID:
    """A booking for which the family paid its two credits."""
    parent = factories.parent(world.admin)
    balance = factories.balance(world.admin, parent, credits)
    booking = world.booking(world.child(name, parent_id=parent), **columns)
    factories.ledger(world.admin, balance, "booking_debit", -2, booking_id=booking)
    return booking


def came(who: Person, booking: UUID, **facts: object) -> Row:
    return who.do("check_in", booking, **({"origin": "queued", "at": EARLIER} | facts))


def cancel(manager: Person, booking: UUID, *, by_venue: bool = False) -> None:
    manager.call("SELECT * FROM bookings.cancel(%s, %s, 'child_sick')", booking, by_venue)


def close(manager: Person, world: World, *named: UUID) -> None:
    world.at(AFTER)
    events = [manager.event("absent", booking) for booking in named]
    manager.call("SELECT * FROM attendance.close_session(%s, %s)", world.session, Jsonb(events))


def left(world: World, booking: UUID) -> int:
    """What the family can spend; the ledger and the balance agree about it."""
    row = world.one(
        """SELECT u.credits_available AS held, u.credits_forfeited AS lost,
                  (SELECT sum(l.amount) FROM credit_ledger l WHERE l.balance_id = u.id) AS summed,
                  (SELECT sum(l.forfeited_amount) FROM credit_ledger l WHERE l.balance_id = u.id) AS lost_in_all
             FROM user_credit_balances u JOIN bookings b ON b.booked_by = u.user_id WHERE b.id = %s""",
        booking,
    )
    assert (row["held"], row["lost"]) == (row["summed"], row["lost_in_all"])
    return int(row["held"])


def state(world: World, booking: UUID) -> tuple[str, str, int]:
    row = world.one("SELECT status, attendance_state, credits_refunded FROM bookings WHERE id = %s", booking)
    return row["status"], row["attendance_state"], row["credits_refunded"]


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


# Came although cancelled


def test_a_cancelled_child_that_came_is_charged_again(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    cancel(elena, booking, by_venue=True)
    assert left(world, booking) == 10
    came(jonas, booking)
    item = item_of(world, booking)
    seen = facts(elena, item)
    assert list(choices(elena, item)) == ["charge", "no_charge", "wrong"]
    charge = seen["choices"][0]
    assert (seen["booking"]["family_credits"], charge["moved"], charge["family_credits_after"]) == (10, -2, 8)
    answer = decide(elena, world, item, "charge")
    assert (answer["moved"], answer["family_credits"], answer["resolution"]) == (-2, 8, "Charged 2 credits.")
    assert (left(world, booking), state(world, booking)) == (8, ("confirmed", "in", 0))
    close(elena, world)
    assert state(world, booking) == ("completed", "in", 0)


def test_a_cancelled_child_that_came_may_come_free(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    cancel(elena, booking, by_venue=True)
    came(jonas, booking)
    answer = decide(elena, world, item_of(world, booking), "no_charge")
    assert (answer["moved"], answer["resolution"]) == (0, "Left as it is; nothing charged.")
    assert (left(world, booking), state(world, booking)) == (10, ("cancelled_venue", "in", 2))


def test_cancelled_too_late_the_visit_uses_what_was_forfeited(
    world: World, jonas: Person, elena: Person
) -> None:
    booking = paid(world)
    cancel(elena, booking)
    came(jonas, booking)
    item = item_of(world, booking)
    charge = choices(elena, item)["charge"]
    assert (charge["moved"], charge["forfeited"], charge["family_credits_after"]) == (0, -2, 8)
    assert (charge["earned_before"], charge["earned_after"]) == (2, 2)
    assert decide(elena, world, item, "charge")["resolution"] == "Counted as a visit."
    assert (left(world, booking), state(world, booking)) == (8, ("confirmed", "in", 0))


def test_without_enough_credits_the_family_owes(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world, credits=2)
    cancel(elena, booking, by_venue=True)
    parent = world.one("SELECT booked_by AS p FROM bookings WHERE id = %s", booking)["p"]
    balance = world.one("SELECT id FROM user_credit_balances WHERE user_id = %s", parent)["id"]
    factories.ledger(world.admin, balance, "expiry", -1)
    came(jonas, booking)
    item = item_of(world, booking)
    charge = choices(elena, item)["charge"]
    assert (charge["moved"], charge["owed"], charge["family_credits_after"]) == (0, 2, 1)
    assert decide(elena, world, item, "charge")["resolution"] == "Charged; 2 credits are owed."
    assert left(world, booking) == 1
    debt = world.one("SELECT amount, settled_at FROM owed_credits WHERE booking_id = %s", booking)
    assert debt == {"amount": 2, "settled_at": None}


def test_in_a_full_session_the_booking_stays_cancelled_and_is_charged_as_too_late(
    world: World, jonas: Person, elena: Person
) -> None:
    booking = paid(world)
    cancel(elena, booking, by_venue=True)
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 1 WHERE id = %s", [world.session])
    world.booking("Theo")
    came(jonas, booking)
    item = item_of(world, booking, "refused_but_came")
    assert choices(elena, item)["charge"]["earned_after"] == 2
    decide(elena, world, item, "charge")
    assert (left(world, booking), state(world, booking)) == (8, ("cancelled_venue", "in", 0))
    kept = world.one("SELECT refund_eligible, refund_processed FROM bookings WHERE id = %s", booking)
    assert kept == {"refund_eligible": False, "refund_processed": False}


def test_booked_again_meanwhile_the_cancelled_booking_is_not_charged(
    world: World, jonas: Person, elena: Person
) -> None:
    booking = paid(world)
    cancel(elena, booking, by_venue=True)
    child = world.one("SELECT child_id AS c FROM bookings WHERE id = %s", booking)["c"]
    world.booking(child)
    came(jonas, booking)
    item = item_of(world, booking)
    assert list(choices(elena, item)) == ["no_charge", "wrong"]
    assert refused(elena, DECIDE, item, "charge", None)[0] == "NX409"


def test_a_report_that_was_wrong_is_taken_back_with_a_reason(
    world: World, jonas: Person, elena: Person
) -> None:
    booking = paid(world)
    cancel(elena, booking, by_venue=True)
    came(jonas, booking)
    item = item_of(world, booking)
    with pytest.raises(psycopg.Error) as caught:
        decide(elena, world, item, "wrong")
    assert refusal(caught.value) == ("NX422", "reason")
    decide(elena, world, item, "wrong", "It was her brother.")
    assert (left(world, booking), state(world, booking)) == (10, ("cancelled_venue", "expected", 2))
    kept = world.one("SELECT decision, note, resolved_by FROM review_items WHERE id = %s", item)
    assert kept == {"decision": "wrong", "note": "It was her brother.", "resolved_by": elena.id}


# No-shows and children nobody marked


def test_a_no_show_that_came_used_its_credits(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    close(elena, world, booking)
    assert state(world, booking) == ("no_show", "absent", 0)
    came(jonas, booking, at=SOON)
    item = item_of(world, booking)
    offered = choices(elena, item)
    assert list(offered) == ["came", "no_show", "came_free"]
    assert (offered["came"]["moved"], offered["came"]["forfeited"]) == (0, -2)
    decide(elena, world, item, "came")
    assert (left(world, booking), state(world, booking)) == (8, ("completed", "in", 0))


def test_a_no_show_that_came_gets_its_credits_back(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    close(elena, world, booking)
    came(jonas, booking, at=SOON)
    item = item_of(world, booking)
    assert choices(elena, item)["came_free"]["family_credits_after"] == 10
    decide(elena, world, item, "came_free", "Our scanner was broken.")
    assert (left(world, booking), state(world, booking)) == (10, ("completed", "in", 2))


def test_a_no_show_stays_one(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    close(elena, world, booking)
    came(jonas, booking, at=SOON)
    decide(elena, world, item_of(world, booking), "no_show")
    assert (left(world, booking), state(world, booking)) == (8, ("no_show", "absent", 0))


@pytest.mark.parametrize(
    ("choice", "credits", "after"),
    [
        ("came", 8, ("completed", "out", 0)),
        ("came_free", 10, ("completed", "out", 2)),
        ("no_show", 8, ("no_show", "absent", 0)),
    ],
)
def test_an_unmarked_child_is_settled(
    world: World, elena: Person, choice: str, credits: int, after: tuple[str, str, int]
) -> None:
    booking = paid(world)
    close(elena, world)
    assert state(world, booking) == ("confirmed", "unmarked", 0)
    decide(elena, world, item_of(world, booking), choice, "Asked the instructor.")
    assert (left(world, booking), state(world, booking)) == (credits, after)
    assert world.all("SELECT 1 FROM review_items WHERE resolved_at IS NULL") == []


def test_a_late_report_settles_the_unmarked_item_too(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    close(elena, world)
    came(jonas, booking, at=SOON)
    decide(elena, world, item_of(world, booking, "late_event"), "came")
    assert state(world, booking) == ("completed", "in", 0)
    assert world.all("SELECT 1 FROM review_items WHERE resolved_at IS NULL") == []


def test_taken_back_after_the_close_the_child_is_unmarked_again_and_a_new_item_says_so(
    world: World, jonas: Person, elena: Person
) -> None:
    booking = paid(world)
    came(jonas, booking, at=NOON - timedelta(minutes=51))
    item = item_of(world, booking)
    close(elena, world)
    assert state(world, booking) == ("completed", "in", 0)
    decide(elena, world, item, "wrong", "Another child.")
    assert state(world, booking) == ("confirmed", "unmarked", 0)
    assert item_of(world, booking, "unmarked_after_close") != item


# The others


def test_a_pickup_alert_is_seen_with_a_note(world: World, jonas: Person, elena: Person) -> None:
    child = world.child()
    sam = factories.pickup_person(world.admin, child, name="Sam", may_collect=False)
    booking = world.booking(child)
    jonas.do("check_in", booking, at=EARLIER)
    jonas.do("check_out", booking, pickup_person_id=sam)
    item = item_of(world, booking, "pickup_alert")
    assert [one["pickup_name"] for one in facts(elena, item)["reported"]] == [None, "Sam"]
    assert refused(elena, DECIDE, item, "seen", "  ") == ("NX422", "reason")
    assert refused(elena, DECIDE, item, "seen", "x" * 301) == ("NX422", "reason")
    assert decide(elena, world, item, "seen", "Called the mother.")["resolution"] == "Seen."


def test_a_wrong_clock_is_accepted_or_taken_back(world: World, jonas: Person, elena: Person) -> None:
    first, second = paid(world, "Nia"), paid(world, "Theo")
    for booking in (first, second):
        came(jonas, booking, at=NOON + timedelta(minutes=5))
    seen = facts(elena, item_of(world, first))
    assert seen["kind"] == "clock_suspect"
    assert seen["reported"][0]["claimed_at"] is not None
    decide(elena, world, item_of(world, first), "accept")
    decide(elena, world, item_of(world, second), "wrong", "She was at home.")
    assert (world.state(first), world.state(second)) == ("in", "expected")


def test_two_collectors_and_nobody_are_seen_with_a_note(world: World, jonas: Person, elena: Person) -> None:
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    booking = world.booking()
    came(jonas, booking, at=NOON - timedelta(minutes=30))
    jonas.do("check_out", booking, origin="queued", at=EARLIER, pickup_name="Ana")
    maya.do("check_out", booking, origin="queued", at=EARLIER, pickup_name="Boris")
    item = item_of(world, booking, "two_collectors")
    assert {one["pickup_name"]: one["desk"] for one in facts(elena, item)["reported"]} == {
        None: "Desk 1",
        "Ana": "Desk 1",
        "Boris": "Desk 2",
    }
    assert choices(elena, item)["seen"]["needs_note"] is True
    decide(elena, world, item, "seen", "Both parents came.")


def test_the_other_session_stands_beside(world: World, jonas: Person, elena: Person) -> None:
    child = world.child()
    came(jonas, world.booking(child), at=NOON - timedelta(minutes=20))
    there = world.booking(child, world.other_session())
    came(jonas, there)
    item = item_of(world, there, "two_sessions")
    assert [one["name"] for one in facts(elena, item)["elsewhere"]] == ["Junior Judo"]
    decide(elena, world, item, "wrong", "She was at judo.")
    assert world.state(there) == "expected"


def test_an_absence_is_taken_back_where_the_child_came(world: World, jonas: Person, elena: Person) -> None:
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    booking = world.booking()
    maya.do("absent", booking)
    came(jonas, booking)
    decide(elena, world, item_of(world, booking), "came")
    assert state(world, booking) == ("confirmed", "in", 0)


# Once, by one person, and marked for the payouts


def test_asked_again_the_answer_is_the_same_and_nothing_moves_twice(
    world: World, jonas: Person, elena: Person
) -> None:
    booking = paid(world)
    cancel(elena, booking, by_venue=True)
    came(jonas, booking)
    item = item_of(world, booking)
    first = decide(elena, world, item, "charge")
    again = elena.call(DECIDE, item, "charge", None)[0]
    assert (again, left(world, booking)) == (first, 8)
    assert len(world.all("SELECT 1 FROM credit_ledger WHERE booking_id = %s", booking)) == 3


def test_of_two_managers_the_second_is_told_who_and_when(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    cancel(elena, booking, by_venue=True)
    came(jonas, booking)
    item = item_of(world, booking)
    vera = world.person("manager", name="Vera", desk=world.desk("Vera's"))
    decide(elena, world, item, "charge")
    for choice in ("charge", "no_charge"):
        with pytest.raises(psycopg.Error) as caught:
            vera.call(DECIDE, item, choice, None)
        assert refusal(caught.value) == ("NX409", "decided_already")
        assert caught.value.diag.message_primary == "Elena decided this at 12:00."
    world.at(NOON + timedelta(days=2))
    with pytest.raises(psycopg.Error, match="Elena decided this on 2 March at 12:00"):
        vera.call(DECIDE, item, "no_charge", None)
    assert left(world, booking) == 8


def test_two_managers_at_once_charge_once(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    cancel(elena, booking, by_venue=True)
    came(jonas, booking)
    item = item_of(world, booking)
    vera = world.person("manager", name="Vera", desk=world.desk("Vera's"))
    outcomes: list[str | None] = []
    both = threading.Barrier(2)

    def go(who: Person) -> None:
        both.wait()
        try:
            who.call(DECIDE, item, "charge", None)
            outcomes.append("done")
        except psycopg.Error as error:
            outcomes.append(refusal(error)[1])

    threads = [threading.Thread(target=go, args=(who,)) for who in (elena, vera)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == ["decided_already", "done"]
    assert left(world, booking) == 8


def test_events_that_the_facts_do_not_ask_for_are_refused(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    other = paid(world, "Theo")
    close(elena, world)
    item = item_of(world, booking)
    statement = "SELECT * FROM attendance.decide(%s, 'no_show', NULL, %s)"
    for events in (
        [],
        [elena.event("absent", other, origin="queued")],
        [elena.event("absent", booking)],
        [elena.event("check_in", booking, origin="queued")],
    ):
        assert refused(elena, statement, item, Jsonb(events)) == ("NX409", "facts_changed")
    assert state(world, booking) == ("confirmed", "unmarked", 0)


def test_after_a_payout_counted_it_the_decision_leaves_its_mark(
    world: World, jonas: Person, elena: Person
) -> None:
    booking = paid(world)
    close(elena, world, booking)
    came(jonas, booking, at=SOON)
    payout = factories.insert(
        world.admin,
        "venue_payouts",
        {
            "venue_id": world.venue,
            "payout_period_start": date(2026, 3, 1),
            "payout_period_end": date(2026, 3, 31),
            "platform_fee_percentage": 0,
        },
    )
    factories.insert(
        world.admin,
        "payout_entries",
        {"payout_id": payout, "venue_id": world.venue, "kind": "booking", "booking_id": booking},
    )
    item = item_of(world, booking)
    assert facts(elena, item)["booking"]["paid_out"] is True
    decide(elena, world, item, "came_free", "Our mistake.")
    mark = world.one("SELECT credits_before, credits_after, was_counted, review_item_id FROM earning_changes")
    assert mark == {"credits_before": 2, "credits_after": 0, "was_counted": True, "review_item_id": item}


def test_a_decision_that_earns_the_same_leaves_no_mark(world: World, jonas: Person, elena: Person) -> None:
    booking = paid(world)
    close(elena, world, booking)
    came(jonas, booking, at=SOON)
    decide(elena, world, item_of(world, booking), "came")
    assert world.all("SELECT 1 FROM earning_changes") == []


def test_a_decision_is_in_the_trail_without_its_words(world: World, jonas: Person, elena: Person) -> None:
    booking = world.booking(status="cancelled_parent")
    came(jonas, booking)
    decide(elena, world, item_of(world, booking), "wrong", "It was Theo.")
    row = world.one(
        """SELECT user_id, new_values ->> 'decision' AS decision, new_values ->> 'note' AS note FROM audit_logs
            WHERE entity_type = 'review_items' AND action_type = 'update'"""
    )
    assert row == {"user_id": elena.id, "decision": "wrong", "note": "[hidden]"}


def test_a_full_session_is_about_no_child_and_is_seen(world: World, jonas: Person, elena: Person) -> None:
    small = world.other_session(total_capacity=1)
    first = world.booking("Nia", small, status="cancelled_parent")
    for booking in (first, world.booking("Theo", small)):
        came(jonas, booking)
    item = item_of(world, kind="over_capacity")
    seen = facts(elena, item)
    assert (seen["booking"], seen["first_name"], seen["session"]["inside"]) == (None, None, 2)
    answer = decide(elena, world, item, "seen")
    assert (answer["decision"], answer["family_credits"], answer["moved"]) == ("seen", None, 0)
    assert elena.call(DECIDE, item, "seen", None)[0] == answer
