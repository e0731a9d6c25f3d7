"""A place that was given while the server could not be reached: booked as it was then, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.places import denied, family, priced, take

REPORT = "SELECT * FROM bookings.report_walk_in(%s, %s, %s, %s, %s, %s)"
THEN = NOON + timedelta(minutes=5)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        factories.fix_clock(made.admin, NOON)
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


def told(
    who: Person,
    session: UUID,
    child: UUID | None,
    number: UUID,
    *,
    booking: UUID | None = None,
    payment: str | None = "credits",
    at: datetime | None = THEN,
) -> tuple[str, UUID, UUID, UUID | None, UUID | None, str | None, datetime | None]:
    return REPORT, number, session, child, booking, payment, at


def call(who: Person, facts: tuple[object, ...]) -> Row:
    statement, *arguments = facts
    return who.call(str(statement), *arguments)[0]


def test_a_walk_in_is_booked_and_paid_afterwards_and_once(world: World, jonas: Person) -> None:
    session, child, number = priced(world, 2, starts_at=SOON), family(world), uuid4()
    made = call(jonas, told(jonas, session, child, number))
    assert (made["booking_id"], made["charged"], made["owed"], made["credits_left"]) == (number, 2, 0, 8)
    assert call(jonas, told(jonas, session, child, number)) == made
    kept = world.one("SELECT status, booking_source, child_id FROM bookings WHERE id = %s", number)
    assert kept == {"status": "confirmed", "booking_source": "desk", "child_id": child}


def test_the_child_of_an_earlier_booking_is_enough(world: World, jonas: Person) -> None:
    child = family(world)
    known = world.booking(child, session=world.other_session("Ballet", starts_at=SOON + timedelta(days=2)))
    session = priced(world, 2, starts_at=SOON)
    call(jonas, told(jonas, session, None, number := uuid4(), booking=known))
    assert world.one("SELECT child_id FROM bookings WHERE id = %s", number) == {"child_id": child}


def test_what_was_over_by_the_time_of_telling_is_booked_as_it_was(world: World, jonas: Person) -> None:
    session, child, number = priced(world, 2, starts_at=SOON), family(world), uuid4()
    world.admin.execute(
        "UPDATE activity_sessions SET closed_at = ends_at + interval '1 hour' WHERE id = %s", [session]
    )
    world.at(NOON + timedelta(hours=8))
    assert denied(jonas, *told(jonas, session, child, number, at=world.now)) == ("NX409", "session_over")
    call(jonas, told(jonas, session, child, number))
    answer = jonas.do("check_in", number, origin="queued", at=THEN)
    assert (answer["state"], answer["state_at"]) == ("in", THEN)
    # The desk's word about when does not reach further than a session.
    assert denied(
        jonas, *told(jonas, session, family(world, "Leo"), uuid4(), at=SOON + timedelta(hours=3))
    ) == (
        "NX409",
        "session_over",
    )


def test_age_and_another_booking_are_no_obstacle_any_more(world: World, jonas: Person) -> None:
    session, child = priced(world, 2, starts_at=SOON), family(world, date_of_birth="2024-03-02")
    world.booking(child, session=world.other_session("Ballet"))
    assert call(jonas, told(jonas, session, child, uuid4()))["charged"] == 2


def test_a_place_that_is_gone_is_refused(world: World, jonas: Person) -> None:
    session = priced(world, 2, starts_at=SOON, total_capacity=1)
    take(jonas, session, family(world, "Leo"))
    assert denied(jonas, *told(jonas, session, family(world), uuid4())) == ("NX409", "session_full")
    called_off = priced(world, 2, starts_at=SOON, is_cancelled=True, cancelled_at=NOON)
    assert denied(jonas, *told(jonas, called_off, family(world, "Mia"), uuid4())) == (
        "NX409",
        "session_cancelled",
    )


def test_missing_credits_are_counted_and_may_be_owed(world: World, jonas: Person) -> None:
    session, child, number = priced(world, 50, starts_at=SOON), family(world), uuid4()
    assert denied(jonas, *told(jonas, session, child, number)) == ("NX409", "not_enough_credits")
    assert world.all("SELECT 1 FROM bookings WHERE id = %s", number) == []
    assert call(jonas, told(jonas, session, child, number, payment="owed"))["owed"] == 50


def test_a_number_stands_for_one_child_and_one_session(world: World, jonas: Person) -> None:
    session, number = priced(world, 2, starts_at=SOON), uuid4()
    call(jonas, told(jonas, session, family(world), number))
    assert denied(jonas, *told(jonas, session, family(world, "Leo"), number)) == ("NX409", "booking_id_taken")


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        ({"payment": None}, ("NX422", "payment")),
        ({"payment": "cash"}, ("NX422", "payment")),
        ({"at": None}, ("NX422", "happened_at")),
        ({"at": NOON - timedelta(days=8)}, ("NX409", "too_long_ago")),
    ],
)
def test_what_is_missing_or_too_long_ago_is_said(
    world: World, jonas: Person, facts: dict[str, Any], key: tuple[str, str]
) -> None:
    session, child = priced(world, 2, starts_at=SOON), family(world)
    assert denied(jonas, *told(jonas, session, child, uuid4(), **facts)) == key


@pytest.mark.parametrize("role", ["venue_finance", "platform_admin", "platform_finance"])
def test_it_is_denied_without_the_right_to_rosters(world: World, role: str) -> None:
    """bookings.report_walk_in names a child."""
    who, session, child = world.person(role), priced(world, 2, starts_at=SOON), family(world)
    assert denied(who, *told(who, session, child, uuid4())) == ("NX403", "not_permitted")


def test_nobody_signed_in_foreign_and_absent_are_refused(world: World, jonas: Person) -> None:
    child = family(world)
    foreign = world.other_session(venue=factories.venue(world.admin))
    for session in (foreign, uuid4()):
        assert denied(jonas, *told(jonas, session, child, uuid4())) == ("NX404", "no_session")
    theirs = world.booking("Leo", foreign)
    session = priced(world, 2, starts_at=SOON)
    assert denied(jonas, *told(jonas, session, None, uuid4(), booking=theirs)) == ("NX404", "no_child")
    jonas.connection.execute("SELECT set_config('nexus.token', '', false)")
    assert denied(jonas, *told(jonas, session, child, uuid4())) == ("NX403", "signed_out")
