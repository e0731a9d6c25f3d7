"""Booking a family and cancelling: the place, the code and the credits move together or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from console.domain import codes
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.identities import refusal


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def family(world: World, name: str = "Nia", credits: int = 10, **columns: object) -> UUID:
    """A child whose parent has credits."""
    child = world.child(name, **columns)
    parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
    if not world.all("SELECT 1 FROM user_credit_balances WHERE user_id = %s", parent):
        factories.balance(world.admin, parent, credits)
    return child


def book(who: Person, session: UUID, child: UUID, booking: UUID | None = None, **more: object) -> Row:
    extra = "".join(f", {name} => %s" for name in more)
    statement = f"SELECT * FROM bookings.book(%s, %s, %s{extra})"
    return who.call(statement, booking or uuid4(), session, child, *more.values())[0]


def cancel(who: Person, booking: UUID, by_venue: bool = False, reason: str = "child_sick") -> Row:
    return who.call("SELECT * FROM bookings.cancel(%s, %s, %s)", booking, by_venue, reason)[0]


def denied(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


BOOK = "SELECT * FROM bookings.book(%s, %s, %s)"
CANCEL = "SELECT * FROM bookings.cancel(%s, %s, %s)"


def test_a_booking_takes_a_place_a_code_and_credits(world: World) -> None:
    boss = world.person("manager")
    child = family(world)
    made = book(boss, world.session, child, notes=" Shy. ")
    assert codes.parse(made["confirmation_code"]) == made["confirmation_code"]
    assert (made["credits_charged"], made["credits_left"], made["warnings"]) == (2, 8, [])
    kept = world.one("SELECT * FROM bookings WHERE id = %s", made["booking_id"])
    assert (kept["status"], kept["confirmed_at"], kept["booking_source"]) == ("confirmed", NOON, "desk")
    assert kept["parent_notes"] == "Shy."
    assert world.one("SELECT booked_count FROM activity_sessions WHERE id = %s", world.session) == {
        "booked_count": 1
    }
    entry = world.one("SELECT amount, booking_id FROM credit_ledger WHERE transaction_type = 'booking_debit'")
    assert entry == {"amount": -2, "booking_id": made["booking_id"]}
    jonas = world.person(desk=world.desk("Desk 2"))
    assert jonas.do("check_in", code=made["confirmation_code"])["state"] == "in"


def test_sent_again_it_is_answered_with_the_booking_it_made(world: World) -> None:
    boss = world.person("manager")
    child, booking = family(world), uuid4()
    assert book(boss, world.session, child, booking) == book(boss, world.session, child, booking)
    assert denied(boss, BOOK, booking, world.session, family(world, "Leo")) == ("NX409", "booking_id_taken")


def test_a_child_is_booked_on_a_session_once(world: World) -> None:
    boss = world.person("manager")
    child = family(world)
    booking = book(boss, world.session, child)["booking_id"]
    assert denied(boss, BOOK, uuid4(), world.session, child) == ("NX409", "already_booked")
    cancel(boss, booking)
    assert book(boss, world.session, child)["booking_id"] != booking


def test_a_full_session_takes_nobody_also_when_two_ask_at_once(world: World) -> None:
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 3 WHERE id = %s", [world.session])
    people = [world.person("manager", desk=world.desk(f"Desk {number}")) for number in range(3)]
    children = [family(world, f"Kid{number}") for number in range(9)]
    outcomes: list[str] = []

    def work(who: Person, mine: list[UUID]) -> None:
        for child in mine:
            try:
                book(who, world.session, child)
                outcomes.append("booked")
            except psycopg.Error as error:
                outcomes.append(str(error.diag.message_detail))

    threads = [
        threading.Thread(target=work, args=(who, children[number::3])) for number, who in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["booked"] * 3 + ["session_full"] * 6
    assert world.one("SELECT count(*) AS n FROM credit_ledger WHERE amount < 0") == {"n": 3}


def test_without_enough_credits_nothing_is_left_behind(world: World) -> None:
    boss = world.person("manager")
    child = family(world, credits=1)
    assert denied(boss, BOOK, uuid4(), world.session, child) == ("NX409", "not_enough_credits")
    assert world.all("SELECT 1 FROM bookings") == []
    assert world.one("SELECT booked_count FROM activity_sessions WHERE id = %s", world.session) == {
        "booked_count": 0
    }


def test_a_price_is_taken_from_the_period_that_ends_first(world: World) -> None:
    boss = world.person("manager")
    child = family(world)
    parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
    later = NOON.date() + timedelta(days=60)
    factories.balance(
        world.admin, parent, 10, billing_period_start=later, billing_period_end=later + timedelta(days=29)
    )
    assert book(boss, world.session, child)["credits_left"] == 18
    used = "SELECT billing_period_start AS at FROM user_credit_balances WHERE credits_used > 0"
    assert world.one(used)["at"].isoformat() == "2026-03-01"


def test_warnings_are_for_the_manager_to_overrule(world: World) -> None:
    boss = world.person("manager")
    toddler = family(world, date_of_birth=NOON.date() - timedelta(days=800))
    world.booking(toddler, world.other_session(starts_at=SOON + timedelta(minutes=30)))
    assert book(boss, world.session, toddler)["warnings"] == ["age", "overlap"]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("UPDATE activity_sessions SET is_cancelled = true, cancelled_at = app.now()", "session_cancelled"),
        ("UPDATE activity_sessions SET closed_at = app.now()", "session_over"),
        ("UPDATE activities SET is_published = false, credits_required = NULL", "no_price"),
    ],
)
def test_a_session_that_cannot_be_booked_says_why(world: World, change: str, key: str) -> None:
    boss = world.person("manager")
    child = family(world)
    world.admin.execute(change.encode())
    assert denied(boss, BOOK, uuid4(), world.session, child) == ("NX409", key)


def test_a_session_that_is_over_is_not_booked(world: World) -> None:
    boss = world.person("manager")
    over = world.other_session(starts_at=NOON - timedelta(hours=1))
    assert denied(boss, BOOK, uuid4(), over, family(world)) == ("NX409", "session_over")


def test_a_hidden_or_absent_child_is_not_booked(world: World) -> None:
    boss = world.person("manager")
    hidden = family(world, parental_consent_given=False)
    for child in (hidden, uuid4()):
        assert denied(boss, BOOK, uuid4(), world.session, child) == ("NX404", "no_child")


@pytest.mark.parametrize("role", ["venue_finance", "platform_finance"])
def test_only_who_manages_bookings_books_and_cancels(world: World, role: str) -> None:
    who = world.person(role)
    assert denied(who, BOOK, uuid4(), world.session, family(world)) == ("NX403", "not_permitted")
    assert denied(who, CANCEL, world.booking("Leo"), True, "other") == ("NX403", "not_permitted")


def test_a_front_desk_cancels_in_the_parents_name_only(world: World) -> None:
    jonas = world.person()
    booking = book(jonas, world.session, family(world))["booking_id"]
    assert denied(jonas, CANCEL, booking, True, "venue_cancelled") == ("NX403", "not_permitted")
    assert cancel(jonas, booking)["status"] == "cancelled_parent"


def test_absent_and_foreign_are_refused_alike(world: World) -> None:
    boss = world.person("manager")
    foreign = world.other_session(venue=factories.venue(world.admin))
    child = family(world)
    for session in (foreign, uuid4()):
        assert denied(boss, BOOK, uuid4(), session, child) == ("NX404", "no_session")
    for booking in (world.booking("Leo", foreign), uuid4()):
        assert denied(boss, CANCEL, booking, True, "other") == ("NX404", "no_booking")


def test_nobody_signed_in_neither_books_nor_cancels(world: World) -> None:
    boss = world.person("manager")
    boss.connection.execute("SELECT set_config('nexus.token', '', false)")
    assert denied(boss, BOOK, uuid4(), world.session, family(world)) == ("NX403", "signed_out")
    assert denied(boss, CANCEL, uuid4(), True, "other") == ("NX403", "signed_out")


def far(world: World, hours: int) -> UUID:
    return world.other_session(starts_at=NOON + timedelta(hours=hours))


def test_cancelled_by_the_parent_in_time_the_credits_come_back(world: World) -> None:
    boss = world.person("manager")
    booking = book(boss, far(world, 48), family(world))["booking_id"]
    answer = cancel(boss, booking)
    assert (
        answer["status"],
        answer["credits_refunded"],
        answer["credits_forfeited"],
        answer["credits_left"],
    ) == (
        "cancelled_parent",
        2,
        0,
        10,
    )
    kept = world.one("SELECT * FROM bookings WHERE id = %s", booking)
    assert (kept["refund_eligible"], kept["refund_processed"], kept["cancelled_at"]) == (True, True, NOON)


def test_cancelled_later_they_are_forfeited(world: World) -> None:
    boss = world.person("manager")
    booking = book(boss, far(world, 47), family(world))["booking_id"]
    answer = cancel(boss, booking)
    assert (answer["credits_refunded"], answer["credits_forfeited"], answer["credits_left"]) == (0, 2, 8)
    assert world.one("SELECT refund_eligible FROM bookings WHERE id = %s", booking) == {
        "refund_eligible": False
    }


def test_cancelled_by_the_venue_they_always_come_back(world: World) -> None:
    boss = world.person("manager")
    booking = book(boss, world.session, family(world))["booking_id"]
    answer = cancel(boss, booking, by_venue=True, reason="venue_cancelled")
    assert (answer["status"], answer["credits_refunded"], answer["credits_left"]) == (
        "cancelled_venue",
        2,
        10,
    )


def test_the_window_is_a_setting(world: World) -> None:
    boss = world.person("manager")
    factories.setting(world.admin, "cancellation_window_hours", 12)
    booking = book(boss, far(world, 13), family(world))["booking_id"]
    assert cancel(boss, booking)["credits_refunded"] == 2


def test_cancelling_again_changes_nothing(world: World) -> None:
    boss = world.person("manager")
    booking = book(boss, far(world, 72), family(world))["booking_id"]
    assert cancel(boss, booking) == cancel(boss, booking, by_venue=True)
    assert len(world.all("SELECT 1 FROM credit_ledger WHERE transaction_type = 'refund_credit'")) == 1


def test_the_place_is_free_again(world: World) -> None:
    boss = world.person("manager")
    booking = book(boss, world.session, family(world))["booking_id"]
    cancel(boss, booking, by_venue=True)
    assert world.one("SELECT booked_count FROM activity_sessions WHERE id = %s", world.session) == {
        "booked_count": 0
    }


def test_a_child_who_came_is_not_cancelled(world: World) -> None:
    boss = world.person("manager")
    booking = book(boss, world.session, family(world))["booking_id"]
    boss.do("check_in", booking)
    assert denied(boss, CANCEL, booking, False, "other") == ("NX409", "checked_in")


def test_what_is_over_is_not_cancelled(world: World) -> None:
    boss = world.person("manager")
    assert denied(boss, CANCEL, world.booking(status="completed"), False, "other") == (
        "NX409",
        "session_over",
    )


def test_a_booking_without_a_debit_is_cancelled_without_a_refund(world: World) -> None:
    boss = world.person("manager")
    answer = cancel(boss, world.booking(), by_venue=True)
    assert (answer["status"], answer["credits_refunded"]) == ("cancelled_venue", 0)


def test_a_reason_is_asked_for(world: World) -> None:
    boss = world.person("manager")
    assert denied(boss, CANCEL, world.booking(), True, None) == ("NX422", "reason")
