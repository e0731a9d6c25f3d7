"""Places at the desk: taken, owed, moved, waited for; judged alike everywhere, and never two for one."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.identities import refusal

TAKE = "SELECT * FROM bookings.take_place(%s, %s, for_child => %s)"
MOVE = "SELECT * FROM bookings.move(%s, %s)"
SETTLE = "SELECT * FROM bookings.settle_owed(%s)"
WAIT = "SELECT * FROM bookings.join_waitlist(%s, %s)"
OPEN = "SELECT * FROM desk.open_sessions(%s, %s, %s)"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


def family(world: World, name: str = "Nia", credits: int = 10, **columns: object) -> UUID:
    """A child whose parent has credits."""
    child = world.child(name, **columns)
    factories.balance(world.admin, parent_of(world, child), credits)
    return child


def parent_of(world: World, child: UUID) -> UUID:
    found: UUID = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
    return found


def take(who: Person, session: UUID, child: UUID, booking: UUID | None = None, **more: Any) -> Row:
    values = [Jsonb(v) if name == "event" else v for name, v in more.items()]
    extra = "".join(f", {name} => %s" for name in more)
    return who.call(
        f"SELECT * FROM bookings.take_place(%s, %s, for_child => %s{extra})",
        booking or uuid4(),
        session,
        child,
        *values,
    )[0]


def move(who: Person, booking: UUID, session: UUID, **more: Any) -> Row:
    values = [Jsonb(v) if name == "event" else v for name, v in more.items()]
    extra = "".join(f", {name} => %s" for name in more)
    return who.call(f"SELECT * FROM bookings.move(%s, %s{extra})", booking, session, *values)[0]


def denied(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def sentence(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    """What somebody who is refused reads: the sentence and the hint."""
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return caught.value.diag.message_primary, caught.value.diag.message_hint


def priced(world: World, price: int, name: str = "Ballet", **columns: Any) -> UUID:
    """Another session of the day with its own price."""
    activity = factories.activity(world.admin, world.venue, name=name, credits_required=price)
    return factories.session(world.admin, activity, **({"starts_at": SOON} | columns))


def fill(world: World, session: UUID) -> UUID:
    """Give the session's only place to somebody."""
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 1 WHERE id = %s", [session])
    world.booking("Max", session)
    return session


def ledger_is_whole(world: World) -> None:
    """Every balance is the sum of its entries."""
    assert (
        world.all(
            """SELECT b.id FROM user_credit_balances b LEFT JOIN credit_ledger l ON l.balance_id = b.id
               GROUP BY b.id HAVING b.credits_available <> coalesce(sum(l.amount), 0)"""
        )
        == []
    )


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


# At once


def at_once(*calls: tuple[Person, str, Sequence[object]]) -> list[str]:
    """What became of calls over their own connections in the same moment."""
    outcomes: list[str] = []
    start = threading.Barrier(len(calls))

    def work(who: Person, statement: str, arguments: Sequence[object]) -> None:
        start.wait()
        try:
            who.call(statement, *arguments)
            outcomes.append("done")
        except psycopg.Error as error:
            outcomes.append(str(refusal(error)[1]))

    threads = [threading.Thread(target=work, args=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(outcomes)


def desks(world: World, count: int) -> list[Person]:
    return [world.person(desk=world.desk(f"Desk {number}")) for number in range(count)]


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
