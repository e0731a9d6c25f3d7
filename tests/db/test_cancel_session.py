"""Cancelling a session and taking it back: refunds, messages and the queue in one step, once, by whoever may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.places import at_once, denied, ledger_is_whole, sentence
from tests.support.replanning import (
    APPLY,
    LATER,
    PLAN,
    cancelling,
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
def session(world: World) -> UUID:
    return world.other_session("Pottery", starts_at=LATER)


def restoring(world: World, session: UUID, **facts: object) -> dict[str, object]:
    return change("session_restore", session_id=session, version=version(world, session), **facts)


def test_a_preview_names_every_booking_and_writes_nothing(world: World, boss: Person, session: UUID) -> None:
    paid(world, session, "Ben")
    paid(world, session, "Ada", price=3)
    waiting(world, session, "Max")
    plan = look(boss, world.venue, cancelling(world, session))
    assert [(item["fate"], item["bookings"], item["why"]) for item in plan["items"]] == [
        ("cancelled", 2, "The boiler broke.")
    ]
    assert [(hit["child"], hit["refund"], hit["fate"]) for hit in plan["hits"]] == [
        ("Ada", 3, "cancelled"),
        ("Ben", 2, "cancelled"),
    ]
    assert "Pottery for Ada on Thursday 5 March, 12:00 is cancelled." in plan["hits"][0]["message"]
    assert (plan["waiting"], plan["conflicts"]) == (1, [])
    assert world.one("SELECT is_cancelled AS c FROM activity_sessions WHERE id = %s", session) == {"c": False}
    assert told(world, "session_cancelled", session) == []


def test_everybody_is_refunded_and_told_and_the_queue_ends(world: World, boss: Person, session: UUID) -> None:
    ben, ada = paid(world, session, "Ben"), paid(world, session, "Ada", price=3)
    free = world.booking("Imported", session)
    waiting(world, session, "Max")
    answer = confirm(boss, world.venue, cancelling(world, session))
    assert answer == {"created": 0, "changed": 0, "cancelled": 1, "told": 4, "session_id": str(session)}
    rows = world.all(
        """SELECT id, status::text, credits_refunded AS back, refund_processed AS done, cancellation_reason::text AS why
             FROM bookings WHERE session_id = %s""",
        session,
    )
    assert {row["id"]: (row["status"], row["back"], row["done"], row["why"]) for row in rows} == {
        ben: ("cancelled_venue", 2, True, "venue_cancelled"),
        ada: ("cancelled_venue", 3, True, "venue_cancelled"),
        free: ("cancelled_venue", 0, False, "venue_cancelled"),
    }
    kept = world.one(
        """SELECT is_cancelled, cancellation_reason, cancelled_by, booked_count FROM activity_sessions WHERE id = %s""",
        session,
    )
    assert kept == {
        "is_cancelled": True,
        "cancellation_reason": "The boiler broke.",
        "cancelled_by": boss.id,
        "booked_count": 0,
    }
    queue = world.all("SELECT is_active, removed_reason FROM waitlist WHERE session_id = %s", session)
    assert queue == [{"is_active": False, "removed_reason": "session_cancelled"}]
    assert len(told(world, "session_cancelled", session)) == 3
    assert len(told(world, "waitlist_closed", session)) == 1
    assert told(world, "waitlist_offered", session) == []
    ledger_is_whole(world)


def test_bad_weather_is_not_the_venues_doing(world: World, boss: Person, session: UUID) -> None:
    booking = paid(world, session)
    confirm(boss, world.venue, cancelling(world, session, is_weather=True))
    row = world.one("SELECT cancellation_reason::text AS why FROM bookings WHERE id = %s", booking)
    assert row == {"why": "weather"}


def test_what_was_owed_is_not_owed_any_more(world: World, boss: Person, session: UUID) -> None:
    booking = world.booking("Owing", session)
    parent = world.one("SELECT booked_by AS p FROM bookings WHERE id = %s", booking)["p"]
    world.admin.execute(
        "INSERT INTO owed_credits (booking_id, user_id, venue_id, amount, recorded_by) VALUES (%s, %s, %s, 2, %s)",
        [booking, parent, world.venue, boss.id],
    )
    confirm(boss, world.venue, cancelling(world, session))
    row = world.one("SELECT settlement, settled_by FROM owed_credits WHERE booking_id = %s", booking)
    assert row == {"settlement": "cancelled", "settled_by": boss.id}


def test_brothers_and_sisters_are_one_message(world: World, boss: Person, session: UUID) -> None:
    parent = factories.parent(world.admin)
    factories.balance(world.admin, parent, 10)
    for name in ("Mia", "Leo"):
        paid(world, session, child=world.child(name, parent_id=parent))
    assert confirm(boss, world.venue, cancelling(world, session))["told"] == 1
    (words,) = told(world, "session_cancelled", session)
    assert "for Leo, Mia" in words
    assert "Credits returned: 4" in words


def test_a_confirmation_sent_again_happens_once(world: World, boss: Person, session: UUID) -> None:
    booking, new_id = paid(world, session), uuid4()
    asked = cancelling(world, session)
    plan = look(boss, world.venue, asked)
    first = confirm(boss, world.venue, asked, plan, new_id)
    assert [confirm(boss, world.venue, asked, plan, new_id) for _ in range(3)] == [first] * 3
    entries = world.all("SELECT amount FROM credit_ledger WHERE booking_id = %s AND amount > 0", booking)
    assert entries == [{"amount": 2}]
    assert len(told(world, "session_cancelled", session)) == 1


def test_two_managers_at_once_refund_and_tell_once(world: World, boss: Person, session: UUID) -> None:
    bookings = [paid(world, session, name) for name in ("Ben", "Ada", "Zoe")]
    other = world.person("manager", name="Omar", desk=world.desk("Office 2"))
    asked = Jsonb(cancelling(world, session))
    seen = [look(who, world.venue, asked.obj)["fingerprint"] for who in (boss, other)]
    outcomes = at_once(
        *((who, APPLY, [world.venue, asked, seen[at], uuid4()]) for at, who in enumerate((boss, other)))
    )
    assert outcomes == ["done", "version_changed"]
    entries = world.all(
        "SELECT count(*) AS n FROM credit_ledger WHERE booking_id = ANY (%s) AND amount > 0", bookings
    )
    assert entries == [{"n": 3}]
    assert len(told(world, "session_cancelled", session)) == 3
    ledger_is_whole(world)


def test_a_session_with_a_child_in_it_is_not_cancelled(world: World, boss: Person) -> None:
    session = world.other_session("Judo now", starts_at=SOON)
    booking = paid(world, session)
    asked = cancelling(world, session)
    plan = look(boss, world.venue, asked)
    assert boss.do("check_in", booking, session_id=session)["state"] == "in"
    assert sentence(boss, PLAN, world.venue, Jsonb(asked)) == ("1 child is in.", "Check everybody out first.")
    assert denied(boss, APPLY, world.venue, Jsonb(asked), plan["fingerprint"], uuid4()) == (
        "NX409",
        "children_in",
    )
    row = world.one("SELECT status::text AS s FROM bookings WHERE id = %s", booking)
    assert row == {"s": "confirmed"}


def test_a_session_that_changed_is_looked_at_again(world: World, boss: Person, session: UUID) -> None:
    asked = cancelling(world, session)
    plan = look(boss, world.venue, asked)
    paid(world, session)
    # A booking is no new version of the session, but one more family to refund.
    assert denied(boss, APPLY, world.venue, Jsonb(asked), plan["fingerprint"], uuid4()) == (
        "NX409",
        "plan_changed",
    )
    world.admin.execute(
        "UPDATE activity_sessions SET session_notes = 'Bring a coat' WHERE id = %s", [session]
    )
    assert sentence(boss, PLAN, world.venue, Jsonb(asked))[0] == "Somebody else changed this session."


def test_what_cannot_be_cancelled_is_refused_in_a_sentence(world: World, boss: Person, session: UUID) -> None:
    asked = cancelling(world, session, reason="  ")
    plan = look(boss, world.venue, asked)
    assert denied(boss, APPLY, world.venue, Jsonb(asked), plan["fingerprint"], uuid4()) == ("NX422", "reason")
    confirm(boss, world.venue, cancelling(world, session))
    assert denied(boss, PLAN, world.venue, Jsonb(cancelling(world, session))) == (
        "NX409",
        "session_cancelled",
    )
    over = world.other_session(starts_at=NOON - timedelta(hours=2), closed_at=NOON, is_completed=True)
    assert denied(boss, PLAN, world.venue, Jsonb(cancelling(world, over))) == ("NX409", "session_over")
    absent = cancelling(world, session) | {"session_id": str(uuid4())}
    assert denied(boss, PLAN, world.venue, Jsonb(absent)) == ("NX404", "no_session")
    garbled = cancelling(world, session) | {"session_id": "17"}
    assert denied(boss, PLAN, world.venue, Jsonb(garbled)) == ("NX422", "session_id")


def test_who_may_cancel(world: World, session: UUID) -> None:
    """schedules.plan and schedules.apply: a front desk may not, nor a manager of another venue; the platform may, and
    reads no name.
    """
    paid(world, session, "Nia")
    asked = Jsonb(cancelling(world, session))
    jonas = world.person()
    assert denied(jonas, PLAN, world.venue, asked) == ("NX403", "not_permitted")
    assert denied(jonas, APPLY, world.venue, asked, "x", uuid4()) == ("NX403", "not_permitted")
    stranger = world.person("manager", desk=world.desk("Elsewhere"), venues=(factories.venue(world.admin),))
    assert denied(stranger, PLAN, world.venue, asked) == ("NX403", "not_permitted")
    amara = world.person("platform_admin", desk=world.desk("Platform"))
    (hit,) = look(amara, world.venue, asked.obj)["hits"]
    assert (hit["child"], hit["parent"], hit["message"], hit["refund"]) == (None, None, None, 2)


def test_a_cancelled_session_comes_back_without_its_bookings(
    world: World, boss: Person, session: UUID
) -> None:
    booking = paid(world, session, "Nia")
    earlier = paid(world, session, "Gone before")
    boss.call("SELECT * FROM bookings.cancel(%s, true, 'other')", earlier)
    world.at(NOON + timedelta(minutes=1))
    confirm(boss, world.venue, cancelling(world, session))
    asked = restoring(world, session)
    plan = look(boss, world.venue, asked)
    assert [(item["fate"], item["bookings"]) for item in plan["items"]] == [("restored", 1)]
    assert [(hit["child"], hit["fate"], hit["refund"]) for hit in plan["hits"]] == [("Nia", "restored", 0)]
    assert confirm(boss, world.venue, asked, plan)["told"] == 1
    row = world.one("SELECT is_cancelled, cancellation_reason FROM activity_sessions WHERE id = %s", session)
    assert row == {"is_cancelled": False, "cancellation_reason": None}
    state = world.one("SELECT status::text AS s FROM bookings WHERE id = %s", booking)
    assert state == {"s": "cancelled_venue"}
    assert len(told(world, "session_restored", session)) == 1
    child = world.one("SELECT child_id AS c FROM bookings WHERE id = %s", booking)["c"]
    again = boss.call("SELECT * FROM bookings.take_place(%s, %s, for_child => %s)", uuid4(), session, child)
    assert again[0]["charged"] == 2
    assert denied(boss, PLAN, world.venue, Jsonb(restoring(world, session))) == ("NX409", "not_cancelled")
    # Cancelled a second time, the family is told and refunded a second time.
    world.at(NOON + timedelta(minutes=2))
    confirm(boss, world.venue, cancelling(world, session))
    assert len(told(world, "session_cancelled", session)) == 2
    world.at(NOON)
    ledger_is_whole(world)


def test_a_session_that_comes_back_into_a_taken_room_is_a_conflict(world: World, boss: Person) -> None:
    room = factories.room(world.admin, world.venue, name="Blue room")
    lost = world.other_session("Pottery", starts_at=LATER, room_id=room, instructor_name="Ana")
    confirm(boss, world.venue, cancelling(world, lost))
    taken = world.other_session("Chess", starts_at=LATER, room_id=room, instructor_name="ana")
    plan = look(boss, world.venue, restoring(world, lost))
    assert [(one["kind"], one["what"], one["other"], one["other_id"]) for one in plan["conflicts"]] == [
        ("room", "Blue room", "Chess", str(taken)),
        ("instructor", "Ana", "Chess", str(taken)),
    ]
    assert plan["conflicts"][0]["free_rooms"] == []
    asked = restoring(world, lost)
    assert denied(boss, APPLY, world.venue, Jsonb(asked), plan["fingerprint"], uuid4()) == (
        "NX409",
        "conflict",
    )
    assert confirm(boss, world.venue, restoring(world, lost, allow=True))["changed"] == 1


def test_a_session_of_the_past_does_not_come_back(world: World, boss: Person) -> None:
    past = world.other_session(
        starts_at=NOON - timedelta(hours=1), is_cancelled=True, cancelled_at=NOON - timedelta(days=1)
    )
    assert denied(boss, PLAN, world.venue, Jsonb(restoring(world, past))) == ("NX409", "session_over")


def test_a_reopened_session_says_by_whom(world: World, boss: Person) -> None:
    done = world.other_session("Done", starts_at=NOON - timedelta(hours=2))
    boss.call("SELECT * FROM attendance.close_session(%s)", done)
    boss.call("SELECT attendance.reopen_session(%s)", done)
    row = world.one("SELECT closed_at, reopened_at, reopened_by FROM activity_sessions WHERE id = %s", done)
    assert row == {"closed_at": None, "reopened_at": world.now, "reopened_by": boss.id}
