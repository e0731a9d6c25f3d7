"""The batch as a whole: what is refused before anything is written, pickups, and several desks at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.identities import refusal


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def refused(who: Person, events: object) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught:
        who.call("SELECT * FROM attendance.record(%s)", Jsonb(events))
    return caught.value


MALFORMED: dict[str, Callable[[Row], Any]] = {
    "not an object": lambda event: 7,
    "no id": lambda event: event | {"id": None},
    "a bad id": lambda event: event | {"id": "x"},
    "no number": lambda event: event | {"seq": None},
    "number zero": lambda event: event | {"seq": 0},
    "half a number": lambda event: event | {"seq": 1.5},
    "no kind": lambda event: event | {"kind": None},
    "another kind": lambda event: event | {"kind": "nap"},
    "another origin": lambda event: event | {"origin": "yesterday"},
    "no time": lambda event: event | {"occurred_at": None},
    "a time without a zone": lambda event: event | {"occurred_at": "2026-03-02T12:00:00"},
    "no time at all": lambda event: event | {"occurred_at": "infinity"},
    "a thirteenth month": lambda event: event | {"occurred_at": "2026-13-02T12:00:00Z"},
    "no booking": lambda event: event | {"booking_id": None},
    "an endless code": lambda event: event | {"booking_id": None, "code": "X" * 41},
    "an endless name": lambda event: event | {"kind": "check_out", "pickup_name": "x" * 101},
    "a pickup at check-in": lambda event: event | {"pickup_name": "Sam"},
    "an undo of nothing": lambda event: event | {"kind": "annul"},
    "an undo that is a check-in": lambda event: event | {"annuls": str(uuid4())},
    "an undo of itself": lambda event: event | {"kind": "annul", "annuls": event["id"]},
}


@pytest.mark.parametrize("spoil", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_event_is_named_and_nothing_is_written(world: World, spoil: Callable[[Row], Any]) -> None:
    jonas = world.person()
    good = jonas.event("check_in", world.booking())
    bad = spoil(jonas.event("check_in", world.booking("Leo")))
    error = refused(jonas, [good, bad])
    assert refusal(error) == ("NX422", "malformed_event")
    assert error.diag.message_primary == "Event 2 of 2 cannot be read."
    assert world.all("SELECT 1 FROM attendance_events") == []


@pytest.mark.parametrize("field", ["id", "seq"])
def test_two_events_of_one_batch_share_neither_id_nor_number(world: World, field: str) -> None:
    jonas = world.person()
    first, second = (jonas.event("check_in", world.booking(name)) for name in ("Nia", "Leo"))
    error = refused(jonas, [first, second | {field: first[field]}])
    assert error.diag.message_primary == "Event 2 of 2 cannot be read."


@pytest.mark.parametrize(
    ("batch", "key"), [({}, "malformed_batch"), (None, "malformed_batch"), ([1] * 501, "batch_too_long")]
)
def test_a_batch_is_a_list_of_at_most_500(world: World, batch: object, key: str) -> None:
    assert refusal(refused(world.person(), batch)) == ("NX422", key)


def test_an_empty_batch_has_no_answers(world: World) -> None:
    assert world.person().record() == []


def test_500_events_are_answered_in_their_order(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    events = [jonas.event("check_in", code="K7Q4-2MXR-6") for _ in range(499)] + [
        jonas.event("check_in", booking)
    ]
    answers = jonas.record(*events)
    assert [str(answer["event_id"]) for answer in answers] == [event["id"] for event in events]
    assert answers[-1]["outcome"] == "applied"


def test_a_number_used_before_is_refused_whole(world: World) -> None:
    jonas = world.person()
    jonas.do("check_in", world.booking())
    error = refused(
        jonas,
        [
            jonas.event("check_in", world.booking("Leo")),
            jonas.event("check_in", world.booking("Ava")) | {"seq": 1},
        ],
    )
    assert refusal(error) == ("NX409", "seq_taken")
    assert len(world.all("SELECT 1 FROM attendance_events")) == 1


def test_another_desks_event_id_is_not_answered(world: World) -> None:
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    sent = jonas.event("check_in", world.booking())
    jonas.record(sent)
    assert refusal(refused(maya, [sent])) == ("NX409", "event_id_taken")


def test_nobody_signed_in_records_nothing(world: World) -> None:
    jonas = world.person()
    event = jonas.event("check_in", world.booking())
    jonas.connection.execute("SELECT set_config('nexus.token', '', false)")
    assert refusal(refused(jonas, [event])) == ("NX403", "signed_out")
    with pytest.raises(psycopg.Error):
        jonas.call("SELECT attendance.next_seq()")


def test_the_next_number_follows_the_highest(world: World) -> None:
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    assert jonas.call("SELECT attendance.next_seq() AS n") == [{"n": 1}]
    jonas.do("check_in", world.booking())
    jonas.record(jonas.event("check_in", world.booking("Leo")) | {"seq": 30})
    assert jonas.call("SELECT attendance.next_seq() AS n") == [{"n": 31}]
    assert maya.call("SELECT attendance.next_seq() AS n") == [{"n": 1}]


# Who collects.


def arrived(world: World, jonas: Person) -> tuple[UUID, UUID]:
    child = world.child()
    booking = world.booking(child)
    jonas.do("check_in", booking)
    return child, booking


def test_a_person_of_the_list_collects(world: World) -> None:
    jonas = world.person()
    child, booking = arrived(world, jonas)
    rose = factories.pickup_person(world.admin, child, name="Rose")
    assert jonas.do("check_out", booking, pickup_person_id=rose)["state"] == "out"
    event = world.one("SELECT pickup_person_id, pickup_name FROM attendance_events WHERE kind = 'check_out'")
    assert event == {"pickup_person_id": rose, "pickup_name": "Rose"}


def test_a_refused_person_alerts_a_manager_and_anybody_else_may_collect_at_once(world: World) -> None:
    jonas = world.person()
    child, booking = arrived(world, jonas)
    sam = factories.pickup_person(world.admin, child, name="Sam", may_collect=False)
    answer = jonas.do("check_out", booking, pickup_person_id=sam)
    assert (answer["outcome"], answer["reason"], answer["state"]) == (
        "rejected",
        "pickup_not_authorised",
        "in",
    )
    assert answer["detail"]["pickup_name"] == "Sam"
    item = world.one("SELECT kind, booking_id, event_id, summary FROM review_items")
    assert (item["kind"], item["booking_id"], item["event_id"]) == (
        "pickup_alert",
        booking,
        answer["event_id"],
    )
    assert "Sam" not in item["summary"]
    assert jonas.do("check_out", booking, pickup_name="Rose")["state"] == "out"


def test_a_refused_person_is_known_by_name_too(world: World) -> None:
    jonas = world.person()
    child, booking = arrived(world, jonas)
    factories.pickup_person(world.admin, child, name="Sam", may_collect=False)
    assert jonas.do("check_out", booking, pickup_name="  sam ")["reason"] == "pickup_not_authorised"


def test_somebody_of_another_childs_list_does_not_collect(world: World) -> None:
    jonas = world.person()
    _, booking = arrived(world, jonas)
    other = factories.pickup_person(world.admin, world.child(), name="Other")
    assert jonas.do("check_out", booking, pickup_person_id=other)["reason"] == "pickup_not_authorised"


@pytest.mark.parametrize("dates", [{"valid_until": -1}, {"valid_from": 1}])
def test_outside_the_agreed_dates_the_child_goes_and_a_manager_is_told(
    world: World, dates: dict[str, int]
) -> None:
    jonas = world.person()
    child, booking = arrived(world, jonas)
    days = {name: NOON.date() + timedelta(days=off) for name, off in dates.items()}
    rose = factories.pickup_person(world.admin, child, name="Rose", **days)
    answer = jonas.do("check_out", booking, pickup_person_id=rose)
    assert (answer["outcome"], answer["state"]) == ("applied_with_review", "out")
    assert world.one("SELECT kind FROM review_items") == {"kind": "pickup_alert"}


def test_a_check_out_is_never_blocked_by_the_clock_or_a_cancellation(world: World) -> None:
    jonas = world.person()
    _, booking = arrived(world, jonas)
    world.admin.execute(
        "UPDATE bookings SET status = 'cancelled_venue', cancelled_at = %s WHERE id = %s", [NOON, booking]
    )
    world.admin.execute(
        "UPDATE activity_sessions SET is_cancelled = true, cancelled_at = %s, closed_at = %s", [NOON, NOON]
    )
    world.at(NOON + timedelta(hours=9))
    assert jonas.do("check_out", booking, at=world.now)["outcome"] == "applied"


# Several desks at once.


def test_of_two_desks_at_the_same_moment_one_applies_and_one_is_told(world: World) -> None:
    people = [world.person(desk=world.desk(f"Desk {number}")) for number in range(4)]
    bookings = [world.booking(f"Kid{number}") for number in range(10)]
    answers: list[Row] = []

    def work(who: Person, order: list[UUID]) -> None:
        answers.extend(who.record(*(who.event("check_in", booking) for booking in order)))

    threads = [
        threading.Thread(target=work, args=(who, bookings if number % 2 else bookings[::-1]))
        for number, who in enumerate(people)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(answers) == 40
    for booking in bookings:
        outcomes = sorted(answer["outcome"] for answer in answers if answer["booking_id"] == booking)
        assert outcomes == ["already", "already", "already", "applied"]
        assert world.state(booking) == "in"


def test_a_retry_that_overtakes_the_first_sending_waits_for_it(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    event = jonas.event("check_in", booking)
    slow = world.database.connect(jonas.dsn_role, jonas.dsn_role, autocommit=False)
    slow.execute("SELECT set_config('nexus.token', %s, false)", [jonas.token])
    slow.execute("SELECT * FROM attendance.record(%s)", [Jsonb([event])])
    answers: list[Row] = []
    retry = threading.Thread(target=lambda: answers.extend(jonas.record(event)))
    retry.start()
    retry.join(timeout=0.3)
    assert retry.is_alive()
    slow.commit()
    slow.close()
    retry.join(timeout=10)
    assert [answer["outcome"] for answer in answers] == ["applied"]
    assert len(world.all("SELECT 1 FROM attendance_events")) == 1


def test_two_sendings_of_one_refused_event_store_it_once(world: World) -> None:
    jonas = world.person()
    event = jonas.event("check_in", code="K7Q4-2MXR-6")
    slow = world.database.connect(jonas.dsn_role, jonas.dsn_role, autocommit=False)
    slow.execute("SELECT set_config('nexus.token', %s, false)", [jonas.token])
    slow.execute("SELECT * FROM attendance.record(%s)", [Jsonb([event])])
    answers: list[Row] = []
    retry = threading.Thread(target=lambda: answers.extend(jonas.record(event)))
    retry.start()
    retry.join(timeout=0.3)
    slow.commit()
    slow.close()
    retry.join(timeout=10)
    assert [(answer["outcome"], answer["reason"]) for answer in answers] == [("rejected", "unknown_code")]
    assert len(world.all("SELECT 1 FROM attendance_events")) == 1


def test_nobody_writes_events_or_states_past_the_function(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    for statement in (
        "INSERT INTO attendance_events (id, device_id, seq, kind, occurred_at, person_id, origin, outcome, reason) "
        "SELECT id, id, 1, 'check_in', now(), id, 'live', 'rejected', 'not_in' FROM bookings",
        "UPDATE bookings SET attendance_state = 'in'",
        "DELETE FROM attendance_events",
        "SELECT attendance.answers('{}')",
        "SELECT attendance.open_reviews('{}', '{}')",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            jonas.call(statement)
    assert world.state(booking) == "expected"
