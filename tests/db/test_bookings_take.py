"""Places at the desk: taken, owed, waited for and listed, judged alike everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.places import (
    MOVE,
    OPEN,
    SETTLE,
    TAKE,
    WAIT,
    denied,
    family,
    fill,
    ledger_is_whole,
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


# Taking a place


def test_a_walk_in_is_booked_charged_and_checked_in_at_once(world: World, jonas: Person) -> None:
    child, booking = family(world), uuid4()
    event = jonas.event("check_in", booking, session_id=world.session)
    made = take(jonas, world.session, child, booking, event=event)
    assert (made["charged"], made["owed"], made["credits_left"], made["warnings"]) == (2, 0, 8, [])
    assert (made["answer"]["outcome"], made["answer"]["state"]) == ("applied", "in")
    kept = world.one("SELECT status, booking_source FROM bookings WHERE id = %s", booking)
    assert (kept["status"], kept["booking_source"], world.state(booking)) == ("confirmed", "desk", "in")
    assert take(jonas, world.session, child, booking, event=event) == made
    assert len(world.all("SELECT 1 FROM credit_ledger WHERE transaction_type = 'booking_debit'")) == 1


def test_a_check_in_that_is_too_early_leaves_the_place_taken(world: World, jonas: Person) -> None:
    later, booking = priced(world, 2, starts_at=NOON + timedelta(hours=6)), uuid4()
    made = take(jonas, later, family(world), booking, event=jonas.event("check_in", booking))
    assert (made["answer"]["outcome"], made["answer"]["reason"]) == ("rejected", "too_early")
    assert world.state(booking) == "expected"


def test_only_this_bookings_check_in_goes_with_it(world: World, jonas: Person) -> None:
    child, other = family(world), world.booking("Leo")
    statement = TAKE.replace("%s)", "%s, event => %s)")
    for event in (jonas.event("check_in", other), jonas.event("absent", other), {"kind": "check_in"}):
        assert denied(jonas, statement, uuid4(), world.session, child, Jsonb(event)) == (
            "NX422",
            "malformed_event",
        )
    assert world.all("SELECT 1 FROM bookings WHERE child_id = %s", child) == []


def test_a_used_number_books_nothing(world: World, jonas: Person) -> None:
    jonas.do("check_in", world.booking("Leo"))
    booking = uuid4()
    event = jonas.event("check_in", booking) | {"seq": 1}
    statement = TAKE.replace("%s)", "%s, event => %s)")
    assert denied(jonas, statement, booking, world.session, family(world), Jsonb(event)) == (
        "NX409",
        "seq_taken",
    )
    assert world.all("SELECT 1 FROM bookings WHERE id = %s", booking) == []


def test_the_child_of_an_earlier_booking_here_can_be_booked(world: World, jonas: Person) -> None:
    earlier = world.booking(family(world))
    next_week = priced(world, 3, starts_at=SOON + timedelta(days=7))
    statement = "SELECT * FROM bookings.take_place(%s, %s, for_booking => %s)"
    assert jonas.call(statement, uuid4(), next_week, earlier)[0]["charged"] == 3
    foreign = world.booking(family(world, "Leo"), world.other_session(venue=factories.venue(world.admin)))
    for unknown in (foreign, uuid4()):
        assert denied(jonas, statement, uuid4(), next_week, unknown) == ("NX404", "no_child")
    assert denied(jonas, statement, uuid4(), next_week, None) == ("NX422", "child")


def test_too_few_credits_are_counted_and_may_be_owed(world: World, jonas: Person) -> None:
    child, dear = family(world, credits=1), priced(world, 4)
    assert sentence(jonas, TAKE, uuid4(), dear, child) == (
        "3 credits are missing.",
        "Mark them as owed or choose another way.",
    )
    assert sentence(jonas, TAKE, uuid4(), world.session, child)[0] == "1 credit is missing."
    assert denied(jonas, TAKE, uuid4(), dear, child) == ("NX409", "not_enough_credits")
    made = take(jonas, dear, child, payment="owed")
    assert (made["charged"], made["owed"], made["credits_left"]) == (0, 4, 1)
    debt = world.one("SELECT * FROM owed_credits")
    assert (debt["amount"], debt["recorded_by"], debt["settled_at"]) == (4, jonas.id, None)
    ledger_is_whole(world)


def test_how_it_is_paid_is_one_of_two_words(world: World, jonas: Person) -> None:
    statement = TAKE.replace("%s)", "%s, payment => %s)")
    for word in ("cash", None):
        assert denied(jonas, statement, uuid4(), world.session, family(world), word) == ("NX422", "payment")


@pytest.mark.parametrize(
    ("born", "key", "words"),
    [
        ("2022-03-02", "too_young", "Junior Judo is for 6 to 9, Nia is 4."),
        ("2025-02-02", "too_young", "Junior Judo is for 6 to 9, Nia is 13 months."),
        ("2015-03-02", "too_old", "Junior Judo is for 6 to 9, Nia is 11."),
    ],
)
def test_age_refuses_with_its_numbers_unless_overruled(
    world: World, jonas: Person, born: str, key: str, words: str
) -> None:
    child = family(world, date_of_birth=born)
    assert denied(jonas, TAKE, uuid4(), world.session, child) == ("NX409", key)
    assert sentence(jonas, TAKE, uuid4(), world.session, child)[0] == words
    statement = TAKE.replace("%s)", "%s, overrule => %s)")
    assert denied(jonas, statement, uuid4(), world.session, child, ["elsewhere"]) == ("NX409", key)
    assert take(jonas, world.session, child, overrule=[key])["warnings"] == [key]


def test_an_open_age_range_says_and_up(world: World, jonas: Person) -> None:
    world.admin.execute("UPDATE activities SET max_age_months = NULL")
    child = family(world, date_of_birth="2022-03-02")
    assert sentence(jonas, TAKE, uuid4(), world.session, child)[0] == (
        "Junior Judo is for 6 and up, Nia is 4."
    )


def test_another_booking_at_that_time_refuses_unless_overruled(world: World, jonas: Person) -> None:
    child = family(world)
    world.booking(child, world.other_session("Ballet"))
    assert sentence(jonas, TAKE, uuid4(), world.session, child)[0] == "Nia is booked on Ballet at that time."
    assert denied(jonas, TAKE, uuid4(), world.session, child) == ("NX409", "elsewhere")
    assert take(jonas, world.session, child, overrule=["elsewhere"])["warnings"] == ["elsewhere"]


def test_what_another_venue_does_with_the_child_is_not_told(world: World, jonas: Person) -> None:
    child = family(world)
    world.booking(child, world.other_session("Secret Club", venue=factories.venue(world.admin)))
    assert sentence(jonas, TAKE, uuid4(), world.session, child)[0] == "Nia is booked elsewhere at that time."


def test_a_full_session_and_a_nonsense_word_cannot_be_overruled(world: World, jonas: Person) -> None:
    fill(world, world.session)
    child = family(world)
    statement = TAKE.replace("%s)", "%s, overrule => %s)")
    assert denied(jonas, statement, uuid4(), world.session, child, ["full"]) == ("NX422", "overrule")
    assert denied(jonas, TAKE, uuid4(), world.session, child) == ("NX409", "session_full")


def test_a_place_offered_to_the_waitlist_is_not_given_away(world: World, jonas: Person) -> None:
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 1 WHERE id = %s", [world.session])
    leo, nia = family(world, "Leo"), family(world)
    waiting = factories.insert(
        world.admin,
        "waitlist",
        {
            "session_id": world.session,
            "venue_id": world.venue,
            "child_id": leo,
            "user_id": parent_of(world, leo),
            "spot_offered_at": NOON,
            "spot_expires_at": NOON + timedelta(minutes=5),
        },
    )
    assert denied(jonas, TAKE, uuid4(), world.session, nia) == ("NX409", "session_full")
    made = take(jonas, world.session, leo)
    entry = world.one("SELECT * FROM waitlist WHERE id = %s", waiting)
    assert (entry["is_active"], entry["response"], entry["converted_booking_id"]) == (
        False,
        "accepted",
        made["booking_id"],
    )


def test_an_offer_that_ran_out_is_a_free_place(world: World, jonas: Person) -> None:
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 1 WHERE id = %s", [world.session])
    leo = family(world, "Leo")
    facts = {
        "session_id": world.session,
        "venue_id": world.venue,
        "child_id": leo,
        "user_id": parent_of(world, leo),
    }
    factories.insert(world.admin, "waitlist", facts | {"spot_offered_at": NOON, "spot_expires_at": NOON})
    assert take(jonas, world.session, family(world))["charged"] == 2


@pytest.mark.parametrize("role", ["venue_finance", "platform_admin", "platform_finance"])
def test_places_are_denied_without_the_right_to_rosters(world: World, role: str) -> None:
    """Headquarters manages bookings, but bookings.take_place, bookings.move and bookings.join_waitlist name a child."""
    who, child, booking = world.person(role), family(world), world.booking("Leo")
    refused = ("NX403", "not_permitted")
    assert denied(who, TAKE, uuid4(), world.session, child) == refused
    assert denied(who, MOVE, booking, world.other_session()) == refused
    assert denied(who, WAIT, world.session, child) == refused
    assert denied(who, OPEN, world.venue, NOON.date(), child) == refused
    if role != "platform_admin":
        assert denied(who, SETTLE, booking) == refused


def test_nobody_signed_in_is_refused_by_each(world: World, jonas: Person) -> None:
    """bookings.take_place, bookings.move, bookings.settle_owed, bookings.join_waitlist."""
    child, booking = family(world), world.booking("Leo")
    jonas.connection.execute("SELECT set_config('nexus.token', '', false)")
    for call in ((TAKE, uuid4(), world.session, child), (MOVE, booking, world.session), (SETTLE, booking)):
        assert denied(jonas, *call) == ("NX403", "signed_out")
    assert denied(jonas, WAIT, world.session, child) == ("NX403", "signed_out")


def test_foreign_and_absent_are_refused_alike(world: World, jonas: Person) -> None:
    foreign = world.other_session(venue=factories.venue(world.admin))
    child, theirs, ours = family(world), world.booking("Leo", foreign), world.booking("Mia")
    for session in (foreign, uuid4()):
        assert denied(jonas, TAKE, uuid4(), session, child) == ("NX404", "no_session")
        assert denied(jonas, WAIT, session, child) == ("NX404", "no_session")
        assert denied(jonas, MOVE, ours, session) == ("NX404", "no_session")
    for booking in (theirs, uuid4()):
        assert denied(jonas, MOVE, booking, world.session) == ("NX404", "no_session")
        assert denied(jonas, SETTLE, booking) == ("NX404", "no_booking")


# The waitlist


def test_a_full_sessions_queue_is_first_come_first_served(world: World, jonas: Person) -> None:
    mia, leo = family(world, "Mia"), family(world, "Leo")
    assert denied(jonas, WAIT, world.session, mia) == ("NX409", "not_full")
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 1 WHERE id = %s", [world.session])
    booked = take(jonas, world.session, family(world))
    first = jonas.call(WAIT, world.session, mia)[0]
    assert (first["place"], jonas.call(WAIT, world.session, leo)[0]["place"]) == (1, 2)
    assert jonas.call(WAIT, world.session, mia) == [first]
    child = world.one("SELECT child_id FROM bookings WHERE id = %s", booked["booking_id"])["child_id"]
    assert denied(jonas, WAIT, world.session, child) == ("NX409", "already_booked")
    world.admin.execute("UPDATE activity_sessions SET closed_at = app.now() WHERE id = %s", [world.session])
    assert denied(jonas, WAIT, world.session, family(world, "Zoe")) == ("NX409", "session_over")


# The list of sessions


def test_the_list_says_what_taking_would_say(world: World, jonas: Person) -> None:
    child = family(world, date_of_birth="2022-03-02")
    full = fill(world, priced(world, 3, "Full", starts_at=SOON + timedelta(hours=2)))
    gone = priced(world, 3, "Gone", starts_at=SOON + timedelta(hours=4))
    world.admin.execute(
        "UPDATE activity_sessions SET is_cancelled = true, cancelled_at = app.now() WHERE id = %s", [gone]
    )
    shut = priced(world, 3, "Shut", starts_at=SOON + timedelta(hours=6), closed_at=NOON)
    over = priced(world, 3, "Over", starts_at=NOON - timedelta(hours=2))
    listed = {row["session_id"]: row for row in jonas.call(OPEN, world.venue, NOON.date(), child)}
    assert {row["session_id"]: row["blocked"] for row in listed.values()} == {
        world.session: None,
        full: "full",
        gone: "cancelled",
        shut: "closed",
        over: "over",
    }
    judo = listed[world.session]
    assert (judo["activity_name"], judo["price"], judo["places_left"], judo["places"], judo["waiting"]) == (
        "Junior Judo",
        2,
        12,
        12,
        0,
    )
    assert judo["warnings"] == ["too_young"]
    take(jonas, world.session, child, overrule=["too_young"])
    again = {row["session_id"]: row for row in jonas.call(OPEN, world.venue, NOON.date(), child)}
    assert again[world.session]["blocked"] == "already_booked"


def test_a_booking_is_not_in_the_way_of_its_own_move(world: World, jonas: Person) -> None:
    booking, other = world.booking(family(world)), world.other_session()
    statement = "SELECT * FROM desk.open_sessions(%s, %s, for_booking => %s)"
    listed = {row["session_id"]: row for row in jonas.call(statement, world.venue, NOON.date(), booking)}
    assert (listed[other]["blocked"], listed[other]["warnings"]) == (None, [])


@pytest.mark.parametrize("days", [-1, 91])
def test_sessions_are_listed_from_today_to_ninety_days(world: World, jonas: Person, days: int) -> None:
    assert denied(jonas, OPEN, world.venue, NOON.date() + timedelta(days=days), None) == ("NX422", "day")
    assert jonas.call(OPEN, world.venue, NOON.date() + timedelta(days=90), None) == []
