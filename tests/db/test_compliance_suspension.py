"""Suspending a venue: looked at first, what goes on all the same, what is cancelled, and how it opens again.

docs/design.md, "Rules of the domain" (compliance, schedules).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support import factories
from tests.support.compliance import refused, somebody, waits_for_a_lock
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.factories import NOON

LOOK = "SELECT vetting.suspension(%s, %s) AS preview"
SUSPEND = "SELECT vetting.suspend(%s, %s, %s, %s) AS done"
BOOK = "SELECT * FROM bookings.book(%s, %s, %s)"
TODAY = NOON.date()


@pytest.fixture
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture
def noor(world: World) -> Person:
    """Somebody of headquarters."""
    return somebody(world, "platform_admin", "Noor")


def look(who: Person, world: World, cancel_from: date | None = None) -> dict[str, Any]:
    preview = who.call(LOOK, world.venue, cancel_from)[0]["preview"]
    assert isinstance(preview, dict)
    return preview


def suspend(who: Person, world: World, cancel_from: date | None = None) -> dict[str, Any]:
    preview = look(who, world, cancel_from)
    done = who.call(
        SUSPEND, world.venue, cancel_from, preview["fingerprint"], "The audit found a broken exit."
    )
    assert isinstance(done[0]["done"], dict)
    return done[0]["done"]


def paid_place(world: World, session: UUID, name: str = "Nia") -> UUID:
    """A place that five credits were paid for."""
    child = world.child(name)
    parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
    balance = factories.balance(world.admin, parent, 20)
    booking = world.booking(child, session, credits_charged=5)
    factories.ledger(world.admin, balance, "booking_debit", -5, booking_id=booking)
    return booking


def test_the_preview_tells_what_stays_and_what_goes(world: World, noor: Person) -> None:
    world.booking(session=world.session)
    later = world.other_session("Ballet", starts_at=NOON + timedelta(days=3))
    empty = world.other_session("Chess", starts_at=NOON + timedelta(days=4))
    paid_place(world, later)
    before = world.one("SELECT * FROM venues WHERE id = %s", world.venue)

    none = look(noor, world)
    assert [one["activity"] for one in none["stays"]] == ["Junior Judo", "Ballet"]
    assert none["cancelled"] == []
    some = look(noor, world, TODAY + timedelta(days=1))
    assert [one["activity"] for one in some["stays"]] == ["Junior Judo"]
    assert [(one["session_id"], one["bookings"], one["credits"]) for one in some["cancelled"]] == [
        (str(later), 1, 5),
        (str(empty), 0, 0),
    ]
    assert none["fingerprint"] != some["fingerprint"]
    assert world.one("SELECT * FROM venues WHERE id = %s", world.venue) == before
    assert refused(noor, LOOK, world.venue, TODAY - timedelta(days=1)) == ("NX422", "cancel_from")


def test_a_suspended_venues_desk_still_checks_in_todays_children(world: World, noor: Person) -> None:
    booked = world.booking()
    desk = somebody(world, "front_desk")
    suspend(noor, world)
    row = world.one(
        "SELECT status::text, suspended_at, suspension_reason FROM venues WHERE id = %s", world.venue
    )
    assert (row["status"], row["suspended_at"]) == ("suspended", NOON)
    assert row["suspension_reason"] == "The audit found a broken exit."

    assert [one["booking_id"] for one in desk.call("SELECT * FROM desk.roster(%s)", world.session)] == [
        booked
    ]
    assert desk.do("check_in", booked)["outcome"] == "applied"
    assert world.state(booked) == "in"
    assert desk.do("check_out", booked)["outcome"] == "applied"
    # A moved place is no new booking; one that was given before the suspension is told of afterwards.
    other = world.other_session("Ballet", starts_at=NOON + timedelta(hours=3))
    assert world.one("SELECT (bookings.judge(%s, %s, %s)).blocked AS b", other, world.child(), booked) == {
        "b": None
    }


def test_a_suspended_venue_takes_no_new_bookings(world: World, noor: Person) -> None:
    desk = somebody(world, "front_desk")
    later = world.other_session("Ballet", starts_at=NOON + timedelta(days=1))
    nia, leo = world.child("Nia"), world.child("Leo")
    # What the desk may see of a family comes from a booking here.
    for child in (nia, leo):
        world.booking(child)
    suspend(noor, world)
    assert refused(desk, BOOK, uuid4(), later, nia) == ("NX409", "venue_suspended")
    walk_in = "SELECT * FROM bookings.report_walk_in(%s, %s, %s, NULL, 'owed', %s)"
    assert refused(desk, walk_in, uuid4(), later, nia, NOON) == ("NX409", "venue_suspended")
    take = "SELECT * FROM bookings.take_place(%s, %s, %s, NULL, 'owed', '{}')"
    assert refused(desk, take, uuid4(), later, nia) == ("NX409", "venue_suspended")
    # What a desk gave away before, while it could not reach the server, happened; on a day still to come nobody came.
    before = NOON - timedelta(minutes=5)
    assert refused(desk, walk_in, uuid4(), later, leo, before) == ("NX409", "venue_suspended")
    today = world.other_session("Chess")
    assert len(desk.call(walk_in, uuid4(), today, leo, before)) == 1


def test_no_sessions_are_made_of_its_series(world: World, noor: Person) -> None:
    judo = world.one("SELECT activity_id FROM activity_sessions WHERE id = %s", world.session)["activity_id"]
    factories.schedule(
        world.admin,
        judo,
        effective_from=TODAY + timedelta(days=1),
        effective_until=TODAY + timedelta(days=20),
    )
    count = "SELECT count(*) AS n FROM activity_sessions WHERE venue_id = %s"
    suspend(noor, world)
    world.all("SELECT schedules.generate_all()")
    assert world.one(count, world.venue)["n"] == 1


def test_nobody_is_offered_a_place_there(world: World, noor: Person) -> None:
    child = world.child("Waiting")
    parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
    session = world.other_session("Ballet", starts_at=NOON + timedelta(days=3), total_capacity=1)
    holder = world.booking(session=session)
    waits = factories.insert(
        world.admin,
        "waitlist",
        {"session_id": session, "venue_id": world.venue, "child_id": child, "user_id": parent},
    )
    suspend(noor, world)
    world.admin.execute(
        "UPDATE bookings SET status = 'cancelled_parent', cancelled_at = app.now() WHERE id = %s", [holder]
    )
    offered = "SELECT spot_offered_at IS NOT NULL AS offered FROM waitlist WHERE id = %s"
    assert world.one(offered, waits)["offered"] is False
    world.admin.execute(
        "UPDATE venues SET status = 'active', suspended_at = NULL WHERE id = %s", [world.venue]
    )
    world.all("SELECT bookings.expire_offers()")
    assert world.one(offered, waits)["offered"] is True


def test_from_a_day_on_sessions_are_cancelled_and_each_family_is_told_once(
    world: World, noor: Person
) -> None:
    first = world.other_session("Ballet", starts_at=NOON + timedelta(days=2))
    second = world.other_session("Chess", starts_at=NOON + timedelta(days=5))
    stays, gone = paid_place(world, first), paid_place(world, second)
    done = suspend(noor, world, TODAY + timedelta(days=4))
    assert done == {"cancelled": 1, "told": 1}
    row = world.one("SELECT status::text, credits_refunded, booked_by FROM bookings WHERE id = %s", gone)
    assert (row["status"], row["credits_refunded"]) == ("cancelled_venue", 5)
    assert world.one("SELECT status::text FROM bookings WHERE id = %s", stays)["status"] == "confirmed"
    told = world.all("SELECT channel::text FROM notifications WHERE user_id = %s", row["booked_by"])
    assert sorted(one["channel"] for one in told) == ["email", "in_app"]
    kinds = world.all("SELECT kind, facts FROM venue_events WHERE venue_id = %s", world.venue)
    assert [(one["kind"], one["facts"]["sessions"]) for one in kinds] == [("suspended", 1)]


def test_what_was_looked_at_is_what_is_done(world: World, noor: Person) -> None:
    maya = somebody(world, "manager", "Maya")
    preview = look(noor, world)
    assert refused(noor, SUSPEND, world.venue, None, preview["fingerprint"], "  ") == ("NX422", "reason")
    assert refused(noor, SUSPEND, world.venue, TODAY, preview["fingerprint"], "Why.") == (
        "NX409",
        "plan_changed",
    )
    world.booking()
    mine = (world.venue, None, preview["fingerprint"], "Why.")
    assert refused(noor, SUSPEND, *mine) == ("NX409", "plan_changed")
    suspend(noor, world)
    assert refused(noor, SUSPEND, *mine) == ("NX409", "suspended_already")
    assert refused(noor, LOOK, world.venue, None) == ("NX409", "suspended_already")
    told = world.all(
        "SELECT channel::text FROM notifications WHERE user_id = %s AND template_key = 'venue_suspended'",
        maya.id,
    )
    assert sorted(one["channel"] for one in told) == ["email", "in_app"]
    assert refused(noor, LOOK, uuid4(), None) == ("NX404", "no_venue")


def test_only_an_open_venue_is_suspended(world: World, noor: Person) -> None:
    for status in ("pending_approval", "rejected"):
        venue = factories.venue(world.admin, name="No", status=status)
        assert refused(noor, LOOK, venue, None) == ("NX409", "not_active")


def test_its_manager_or_headquarters_asks_for_it_to_open_again(world: World, noor: Person) -> None:
    maya = somebody(world, "manager", "Maya")
    ask = "SELECT vetting.ask_reinstatement(%s, %s, %s) ->> 'id' AS id"
    version = "SELECT version FROM venues WHERE id = %s"
    assert refused(maya, ask, world.venue, world.one(version, world.venue)["version"], "Please.") == (
        "NX409",
        "not_suspended",
    )
    suspend(noor, world)
    now = world.one(version, world.venue)["version"]
    assert refused(maya, ask, world.venue, now - 1, "Please.") == ("NX409", "version_changed")
    first = maya.call(ask, world.venue, now, "The exit is mended.")[0]["id"]
    # Asked twice, it is one case.
    assert noor.call(ask, world.venue, now, "")[0]["id"] == first
    row = world.one("SELECT kind::text, state::text FROM venue_cases WHERE id = %s", first)
    assert row == {"kind": "reinstatement", "state": "open"}


def test_a_booking_made_meanwhile_is_in_the_plan_or_refused(world: World, noor: Person) -> None:
    session = world.other_session("Ballet", starts_at=NOON + timedelta(days=3))
    desk = somebody(world, "front_desk")
    children = [world.child("Nia"), world.child("Leo")]
    for child in children:
        world.booking(child)
        parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
        factories.balance(world.admin, parent, 20)
    tomorrow = TODAY + timedelta(days=1)
    preview = look(noor, world, tomorrow)
    answers: list[tuple[str | None, str | None]] = []

    def late() -> None:
        answers.append(refused(noor, SUSPEND, world.venue, tomorrow, preview["fingerprint"], "Why."))

    thread = threading.Thread(target=late)
    with desk.connection.transaction():
        desk.call(BOOK, uuid4(), session, children[0])
        thread.start()
        waits_for_a_lock(world, noor)
    thread.join(10)
    assert answers == [("NX409", "plan_changed")]

    again = look(noor, world, tomorrow)
    thread = threading.Thread(
        target=lambda: answers.append(refused(desk, BOOK, uuid4(), session, children[1]))
    )
    with noor.connection.transaction():
        noor.call(SUSPEND, world.venue, tomorrow, again["fingerprint"], "Why.")
        thread.start()
        waits_for_a_lock(world, desk)
    thread.join(10)
    assert answers[1] == ("NX409", "session_cancelled")
