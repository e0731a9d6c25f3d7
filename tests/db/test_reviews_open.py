"""What opens a review item: what queued events contradict, once each, and nothing for what simply applies.

docs/design.md, "The desk protocol" (a queued event is a report).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.reviewing import item_of, listed

EARLIER = NOON - timedelta(minutes=10)


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


def queued(who: Person, kind: str, booking: UUID, **facts: object) -> Row:
    return who.do(kind, booking, **({"origin": "queued", "at": EARLIER} | facts))


def opened(world: World) -> list[str]:
    rows = world.all("SELECT coalesce(topic, kind::text) AS what FROM review_items ORDER BY opened_at, id")
    return sorted(row["what"] for row in rows)


def test_a_queued_visit_with_a_collector_opens_nothing(world: World, jonas: Person) -> None:
    booking = world.booking()
    queued(jonas, "check_in", booking)
    queued(jonas, "check_out", booking, pickup_name="Ana")
    assert opened(world) == []


def test_a_queued_check_out_to_nobody_is_looked_at_and_a_live_one_was_asked_about(
    world: World, jonas: Person
) -> None:
    first, second = world.booking("Nia"), world.booking("Theo")
    for booking in (first, second):
        jonas.do("check_in", booking, at=EARLIER)
    queued(jonas, "check_out", first)
    jonas.do("check_out", second)
    assert opened(world) == ["collector_missing"]
    item_of(world, first, "collector_missing")


def test_a_child_in_two_sessions_at_once(world: World, jonas: Person) -> None:
    child = world.child()
    here = world.booking(child)
    there = world.booking(child, world.other_session())
    queued(jonas, "check_in", here, at=NOON - timedelta(minutes=20))
    queued(jonas, "check_in", there)
    assert opened(world) == ["two_sessions"]
    item_of(world, there, "two_sessions")


def test_one_session_after_the_other_is_no_contradiction(world: World, jonas: Person) -> None:
    child = world.child()
    before = world.booking(child, world.other_session(starts_at=NOON - timedelta(hours=1, minutes=5)))
    queued(jonas, "check_in", before, at=NOON - timedelta(hours=1))
    # Nobody checked it out: its stay is over when the session is, at five to twelve.
    queued(jonas, "check_in", world.booking(child), at=NOON - timedelta(minutes=2))
    assert opened(world) == []


def test_another_venues_session_is_not_told(world: World, jonas: Person) -> None:
    child = world.child()
    elsewhere = factories.venue(world.admin, name="Elsewhere")
    foreign = world.booking(child, world.other_session(venue=elsewhere))
    far = world.person(name="Far", desk=world.desk("Far desk"), venues=(elsewhere,))
    queued(far, "check_in", foreign, at=NOON - timedelta(minutes=20))
    queued(jonas, "check_in", world.booking(child))
    assert opened(world) == []


def test_two_desks_that_let_the_child_go_with_different_people(world: World, jonas: Person) -> None:
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    booking = world.booking()
    queued(jonas, "check_in", booking, at=NOON - timedelta(minutes=30))
    queued(jonas, "check_out", booking, pickup_name="Ana")
    assert queued(maya, "check_out", booking, pickup_name="Boris")["outcome"] == "already"
    assert opened(world) == ["two_collectors"]
    item_of(world, booking, "two_collectors")


def test_two_desks_that_name_the_same_person_agree(world: World, jonas: Person) -> None:
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    booking = world.booking()
    queued(jonas, "check_in", booking, at=NOON - timedelta(minutes=30))
    queued(jonas, "check_out", booking, pickup_name="Ana")
    queued(maya, "check_out", booking, pickup_name=" ana ")
    assert opened(world) == []


def test_checked_in_at_one_desk_and_marked_absent_later_at_another(world: World, jonas: Person) -> None:
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    booking = world.booking()
    maya.do("absent", booking)
    queued(jonas, "check_in", booking)
    assert world.state(booking) == "absent"
    assert opened(world) == ["absent_but_came"]


def test_more_children_than_places_opens_one_item_however_many_come(world: World, jonas: Person) -> None:
    small = world.other_session(total_capacity=2)
    bookings = [world.booking(name, small) for name in ("Nia", "Theo")]
    # Their places were cancelled and taken by others; at the offline desk they came all the same.
    world.admin.execute(
        "UPDATE bookings SET status = 'cancelled_parent', cancelled_at = app.now() WHERE session_id = %s",
        [small],
    )
    bookings += [world.booking(name, small) for name in ("Ava", "Bo")]
    jonas.record(*(jonas.event("check_in", b, origin="queued", at=EARLIER) for b in bookings))
    assert opened(world) == ["over_capacity", "refused_but_came", "refused_but_came"]
    summary = world.one("SELECT summary FROM review_items WHERE kind = 'over_capacity'")["summary"]
    assert summary == "4 children were in, for 2 places."


def test_sent_again_a_batch_opens_nothing_again(world: World, jonas: Person) -> None:
    booking = world.booking(status="cancelled_parent")
    event = jonas.event("check_in", booking, origin="queued", at=EARLIER)
    jonas.record(event)
    jonas.record(event)
    assert opened(world) == ["refused_but_came"]


def test_the_list_reads_a_page_at_a_time_and_the_badge_counts(
    world: World, jonas: Person, elena: Person
) -> None:
    for name in ("Nia", "Theo", "Ava"):
        queued(jonas, "check_in", world.booking(name, status="cancelled_parent"))
    first = elena.call("SELECT * FROM attendance.review_list(%s, false, NULL, 2)", world.venue)
    key = first[-1]["page_key"]
    rest = elena.call("SELECT * FROM attendance.review_list(%s, false, %s, 2)", world.venue, Jsonb(key))
    assert sorted(row["first_name"] for row in first + rest) == ["Ava", "Nia", "Theo"]
    assert {row["reason"] for row in first + rest} == {"cancelled"}
    assert elena.call("SELECT attendance.review_count(%s) AS n", world.venue) == [{"n": 3}]


def test_a_name_is_told_through_an_open_item_only(world: World, jonas: Person, elena: Person) -> None:
    booking = world.booking("Nia", status="cancelled_parent")
    queued(jonas, "check_in", booking)
    world.at(NOON + timedelta(days=40))
    assert [row["first_name"] for row in listed(elena, world)] == ["Nia"]
    elena.call("SELECT * FROM attendance.decide(%s, 'no_charge')", item_of(world))
    assert [row["first_name"] for row in listed(elena, world, done=True)] == [None]
    item = listed(elena, world, done=True)[0]["item_id"]
    seen = elena.call("SELECT attendance.review_facts(%s) AS f", item)[0]["f"]
    assert (seen["first_name"], seen["choices"]) == (None, [])


def test_a_child_that_may_not_be_shown_has_no_name(world: World, jonas: Person, elena: Person) -> None:
    booking = world.booking("Nia", status="cancelled_parent")
    queued(jonas, "check_in", booking)
    world.admin.execute(
        """UPDATE children SET deletion_requested = true, deletion_requested_at = app.now(),
                               deletion_scheduled_for = app.now()::date + 30"""
    )
    assert [row["first_name"] for row in listed(elena, world)] == [None]
