"""The queue of a full session: who is offered a place and when it runs out, what a desk does about it, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.places import denied, family, ledger_is_whole, sentence, take
from tests.support.replanning import LATER, told, waiting

QUEUE = "SELECT bookings.waitlist_queue(%s) AS queue"
OFFER = "SELECT bookings.waitlist_offer(%s) AS queue"
ACCEPT = "SELECT bookings.waitlist_accept(%s, %s) AS queue"
SKIP = "SELECT bookings.waitlist_skip(%s, %s) AS queue"
REMOVE = "SELECT bookings.waitlist_remove(%s, %s) AS queue"
QUEUES = "SELECT * FROM bookings.waitlist_queues(%s)"


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture(scope="module")
def jonas(world: World) -> Person:
    return world.person("front_desk", desk=world.desk("Front"))


@pytest.fixture(scope="module")
def boss(world: World) -> Person:
    return world.person("manager", name="Elena", desk=world.desk("Office"))


@pytest.fixture
def full(world: World) -> Iterator[UUID]:
    """A session of two places, both taken."""
    session = world.other_session("Pottery", starts_at=LATER, total_capacity=2)
    for name in ("Ben", "Ada"):
        world.booking(name, session)
    yield session
    world.at(NOON)


def queue(who: Person, session: UUID) -> list[Row]:
    found: list[Row] = who.call(QUEUE, session)[0]["queue"]
    return found


def names(entries: list[Row]) -> list[tuple[str | None, bool]]:
    """Who waits, and whether a place is offered to them."""
    return [(one["child"], one["offered_at"] is not None) for one in entries]


def free_one(world: World, boss: Person, session: UUID) -> None:
    booking = world.all(
        "SELECT id FROM bookings WHERE session_id = %s AND status = 'confirmed' ORDER BY created_at, id",
        session,
    )[0]["id"]
    boss.call("SELECT * FROM bookings.cancel(%s, false, 'child_sick')", booking)


def test_a_freed_place_is_offered_to_the_first(world: World, boss: Person, full: UUID) -> None:
    for name in ("Max", "Lea"):
        waiting(world, full, name)
    assert names(queue(boss, full)) == [("Max", False), ("Lea", False)]
    free_one(world, boss, full)
    first, second = queue(boss, full)
    assert names([first, second]) == [("Max", True), ("Lea", False)]
    assert (first["place"], second["place"]) == (1, 2)
    row = world.one("SELECT spot_expires_at AS until FROM waitlist WHERE id = %s", UUID(first["id"]))
    assert row["until"] == NOON + timedelta(hours=4)
    (words,) = told(world, "waitlist_offered", full)
    assert words == "A place for Max on Thursday 5 March, 12:00 is kept for you until Monday 2 March, 16:00."
    # The place is held: a desk cannot give it to somebody else.
    assert denied(
        boss, "SELECT * FROM bookings.take_place(%s, %s, for_child => %s)", uuid4(), full, family(world)
    ) == ("NX409", "session_full")


def test_more_places_are_offered_in_order(world: World, boss: Person, full: UUID) -> None:
    for name in ("Max", "Lea", "Zoe"):
        waiting(world, full, name)
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 4 WHERE id = %s", [full])
    assert names(queue(boss, full)) == [("Max", True), ("Lea", True), ("Zoe", False)]
    free_one(world, boss, full)
    assert names(queue(boss, full))[2] == ("Zoe", True)


def test_an_offer_never_outlasts_the_start(world: World, boss: Person, full: UUID) -> None:
    waiting(world, full, "Max")
    world.at(LATER - timedelta(hours=1))
    free_one(world, boss, full)
    row = world.one("SELECT spot_expires_at AS until FROM waitlist WHERE session_id = %s", full)
    assert row["until"] == LATER


def test_a_place_freed_after_the_start_is_offered_to_nobody(world: World, boss: Person, full: UUID) -> None:
    waiting(world, full, "Max")
    world.at(LATER + timedelta(minutes=1))
    free_one(world, boss, full)
    assert told(world, "waitlist_offered", full) == []


def test_an_offer_that_ran_out_goes_to_the_next(world: World, boss: Person, full: UUID) -> None:
    max_, lea = waiting(world, full, "Max"), waiting(world, full, "Lea")
    free_one(world, boss, full)
    world.at(NOON + timedelta(hours=4))
    assert sentence(boss, ACCEPT, max_, uuid4()) == (
        "This offer ran out at 16:00.",
        "The place goes to the next in the queue.",
    )
    assert world.one("SELECT bookings.expire_offers() AS n")["n"] >= 1  # other tests' offers too
    assert world.one("SELECT bookings.expire_offers() AS n") == {"n": 0}
    ended = world.one("SELECT is_active, response, removed_reason FROM waitlist WHERE id = %s", max_)
    assert ended == {"is_active": False, "response": "expired", "removed_reason": "spot_expired"}
    assert names(queue(boss, full)) == [("Lea", True)]
    assert len(told(world, "waitlist_expired", full)) == 1
    assert denied(boss, ACCEPT, max_, uuid4()) == ("NX409", "offer_expired")
    boss.call(ACCEPT, lea, uuid4())
    assert queue(boss, full) == []


def test_who_asks_before_the_worker_comes_by_does_not_jump_the_queue(
    world: World, boss: Person, full: UUID
) -> None:
    for name in ("Max", "Lea"):
        waiting(world, full, name)
    free_one(world, boss, full)
    world.at(NOON + timedelta(hours=5))
    assert denied(
        boss, "SELECT * FROM bookings.take_place(%s, %s, for_child => %s)", uuid4(), full, family(world)
    ) == ("NX409", "session_full")
    assert names(boss.call(OFFER, full)[0]["queue"]) == [("Lea", True)]


def test_a_place_is_accepted_on_the_parents_behalf_once(
    world: World, jonas: Person, boss: Person, full: UUID
) -> None:
    child = family(world, "Max")
    entry, booking = waiting(world, full, "Max", child=child), uuid4()
    assert denied(jonas, ACCEPT, entry, booking) == ("NX409", "no_offer")
    free_one(world, boss, full)
    assert jonas.call(ACCEPT, entry, booking) == jonas.call(ACCEPT, entry, booking) == [{"queue": []}]
    made = world.one(
        """SELECT b.booking_source AS source, b.status::text AS status, p.charged FROM bookings b,
                  bookings.paid(b.id) p WHERE b.id = %s""",
        booking,
    )
    assert made == {"source": "waitlist", "status": "confirmed", "charged": 2}
    kept = world.one(
        "SELECT response, converted_booking_id AS b, removed_reason FROM waitlist WHERE id = %s", entry
    )
    assert kept == {"response": "accepted", "b": booking, "removed_reason": "spot_accepted"}
    assert denied(jonas, ACCEPT, entry, uuid4()) == ("NX409", "accepted_already")
    ledger_is_whole(world)


def test_a_family_without_credits_keeps_its_offer(
    world: World, jonas: Person, boss: Person, full: UUID
) -> None:
    entry = waiting(world, full, "Max", child=family(world, "Max", credits=1))
    free_one(world, boss, full)
    assert sentence(jonas, ACCEPT, entry, uuid4())[0] == "1 credit is missing."
    assert names(queue(jonas, full)) == [("Max", True)]


def test_who_is_passed_over_stays_behind_everybody_not_yet_asked(
    world: World, jonas: Person, boss: Person, full: UUID
) -> None:
    max_, _, zoe = (waiting(world, full, name) for name in ("Max", "Lea", "Zoe"))
    free_one(world, boss, full)
    after = jonas.call(SKIP, max_, "Nobody answers the telephone.")[0]["queue"]
    assert names(after) == [("Lea", True), ("Zoe", False), ("Max", False)]
    assert after[2]["skip_reason"] == "Nobody answers the telephone."
    # Sent again, it changes nothing.
    assert jonas.call(SKIP, max_, "Nobody answers the telephone.")[0]["queue"] == after
    assert denied(jonas, SKIP, zoe, " ") == ("NX422", "reason")
    assert denied(jonas, SKIP, zoe, "x" * 201) == ("NX422", "reason")
    free_one(world, boss, full)
    assert names(queue(jonas, full)) == [("Lea", True), ("Zoe", True), ("Max", False)]
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 3 WHERE id = %s", [full])
    assert names(queue(jonas, full))[2] == ("Max", True)
    assert len(told(world, "waitlist_offered", full)) == 4


def test_the_only_one_who_waits_is_not_offered_the_place_right_back(
    world: World, jonas: Person, boss: Person, full: UUID
) -> None:
    entry = waiting(world, full, "Max")
    free_one(world, boss, full)
    assert names(jonas.call(SKIP, entry, "On holiday.")[0]["queue"]) == [("Max", False)]
    world.one("SELECT bookings.expire_offers() AS n")
    assert names(queue(jonas, full)) == [("Max", False)]
    # The place is free for anybody; a desk may also offer it again.
    assert names(jonas.call(OFFER, full)[0]["queue"]) == [("Max", True)]


def test_who_leaves_the_queue_gives_the_offer_on(
    world: World, jonas: Person, boss: Person, full: UUID
) -> None:
    max_, lea = waiting(world, full, "Max"), waiting(world, full, "Lea")
    free_one(world, boss, full)
    assert names(jonas.call(REMOVE, max_, "They moved away.")[0]["queue"]) == [("Lea", True)]
    assert names(jonas.call(REMOVE, max_, "They moved away.")[0]["queue"]) == [("Lea", True)]
    assert denied(jonas, SKIP, max_, "Late.") == ("NX409", "not_waiting")
    assert denied(jonas, ACCEPT, max_, uuid4()) == ("NX409", "not_waiting")
    gone = world.one(
        "SELECT removed_reason, removal_note, removed_by, response FROM waitlist WHERE id = %s", max_
    )
    assert gone == {
        "removed_reason": "spot_declined",
        "removal_note": "They moved away.",
        "removed_by": jonas.id,
        "response": "declined",
    }
    row = world.one("SELECT is_active FROM waitlist WHERE id = %s", lea)
    assert row == {"is_active": True}


def test_who_may_not_be_shown_is_not_offered_anything(world: World, boss: Person, full: UUID) -> None:
    hidden = world.child(
        "Hidden", deletion_requested=True, deletion_requested_at=NOON, deletion_scheduled_for=NOON
    )
    entry = waiting(world, full, "", child=hidden)
    waiting(world, full, "Lea")
    free_one(world, boss, full)
    assert names(queue(boss, full)) == [("Lea", True), (None, False)]
    assert denied(boss, ACCEPT, entry, uuid4()) == ("NX404", "no_child")


def test_queues_of_a_venue(world: World, jonas: Person, boss: Person, full: UUID) -> None:
    for name in ("Max", "Lea"):
        waiting(world, full, name)
    free_one(world, boss, full)
    mine = [row for row in jonas.call(QUEUES, world.venue) if row["session_id"] == full]
    assert mine == [
        {
            "session_id": full,
            "activity": "Pottery",
            "starts_at": LATER,
            "ends_at": LATER + timedelta(hours=1),
            "day": LATER.date(),
            "room": None,
            "capacity": 2,
            "booked": 1,
            "waiting": 2,
            "offered": 1,
            "next_expires_at": NOON + timedelta(hours=4),
        }
    ]


def test_what_a_queue_says_of_a_child(world: World, jonas: Person, full: UUID) -> None:
    parent = factories.parent(world.admin, first_name="Dana", last_name="Reyes", phone="+1 555 0177")
    factories.balance(world.admin, parent, 7)
    child = world.child("Max", parent_id=parent, date_of_birth="2023-01-15")
    waiting(world, full, "Max", child=child)
    (one,) = queue(jonas, full)
    assert (one["child"], one["parent"], one["parent_phone"], one["age_months"]) == (
        "Max",
        "Dana Reyes",
        "+1 555 0177",
        37,
    )
    assert (one["price"], one["credits"], one["warnings"]) == (2, 7, ["too_young"])


def test_who_may_work_with_the_queue(world: World, full: UUID) -> None:
    entry = waiting(world, full, "Max")
    finance = world.person("venue_finance", desk=world.desk("Finance"))
    for statement, arguments in (
        (QUEUES, [world.venue]),
        (QUEUE, [full]),
        (OFFER, [full]),
        (ACCEPT, [entry, uuid4()]),
        (SKIP, [entry, "Late."]),
        (REMOVE, [entry, "Gone."]),
    ):
        assert denied(finance, statement, *arguments) == ("NX403", "not_permitted"), statement
    other = world.person("manager", desk=world.desk("There"), venues=(factories.venue(world.admin),))
    assert denied(other, QUEUES, world.venue) == ("NX403", "not_permitted")
    for statement, arguments in (
        (QUEUE, [full]),
        (OFFER, [full]),
        (ACCEPT, [entry, uuid4()]),
        (SKIP, [entry, "Late."]),
        (REMOVE, [entry, "Gone."]),
    ):
        assert denied(other, statement, *arguments)[0] == "NX404", statement
    row = world.one("SELECT is_active, skipped_at FROM waitlist WHERE id = %s", entry)
    assert row == {"is_active": True, "skipped_at": None}


def test_the_workers_and_triggers_own_functions_are_not_a_desks(
    world: World, boss: Person, full: UUID
) -> None:
    for statement in ("SELECT bookings.expire_offers()", f"SELECT bookings.settle_queue('{full}')"):
        assert denied(boss, statement)[0] == "42501"


def test_joining_behind_those_who_wait(world: World, jonas: Person, full: UUID) -> None:
    waiting(world, full, "Max")
    joined = jonas.call("SELECT * FROM bookings.join_waitlist(%s, %s)", full, family(world, "Lea"))[0]
    assert joined["place"] == 2
    assert names(queue(jonas, full)) == [("Max", False), ("Lea", False)]
    assert take(jonas, world.other_session("Chess", starts_at=LATER), family(world))["charged"] == 2


def test_a_child_that_is_removed_leaves_queue_words_and_messages(
    world: World, jonas: Person, boss: Person, full: UUID
) -> None:
    parent = factories.parent(world.admin)
    gone, stays = (world.child(name, parent_id=parent) for name in ("Maximilian", "Lea"))
    entry, _ = waiting(world, full, "", child=gone), waiting(world, full, "", child=stays)
    free_one(world, boss, full)
    jonas.call(SKIP, entry, "Maximilian has the measles.")
    jonas.call(OFFER, full)
    free_one(world, boss, full)
    assert len(told(world, "waitlist_offered", full)) == 3
    world.admin.execute(
        """UPDATE children SET deletion_requested = true, deletion_requested_at = %s, deletion_scheduled_for = %s
            WHERE id = %s""",
        [NOON, NOON.date(), gone],
    )
    world.admin.execute("SELECT public.purge_deleted_children()")
    row = world.one("SELECT is_active, skip_reason, removed_reason FROM waitlist WHERE id = %s", entry)
    assert row == {
        "is_active": False,
        "skip_reason": "Removed on request.",
        "removed_reason": "user_removed",
    }
    (kept,) = told(world, "waitlist_offered", full)
    assert "Lea" in kept
    assert world.all("SELECT id FROM notifications WHERE body LIKE '%%Maximilian%%'") == []
    trail = world.all("SELECT id FROM audit_logs WHERE new_values::text LIKE '%%measles%%'")
    assert trail == []
