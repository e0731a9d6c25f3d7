"""What no honest desk sends: each is a clear refusal, or recorded with a look, and nothing is lost or half-written."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World, rows
from tests.support.identities import refusal

MEGABYTE = "x" * (1 << 20)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


def written(world: World) -> list[Row]:
    return world.all("SELECT id FROM attendance_events UNION ALL SELECT id FROM review_items")


def refused(who: Person, events: object) -> psycopg.Error:
    with pytest.raises(psycopg.Error) as caught:
        who.call("SELECT * FROM attendance.record(%s)", Jsonb(events))
    return caught.value


def sentence(error: psycopg.Error) -> str:
    return str(error.diag.message_primary)


# Clocks.


@pytest.mark.parametrize("ahead", [timedelta(minutes=3), timedelta(days=1), timedelta(days=365 * 900)])
def test_a_report_from_the_future_is_brought_back_to_now_and_looked_at(
    world: World, jonas: Person, ahead: timedelta
) -> None:
    booking = world.booking()
    answer = jonas.do("check_in", booking, origin="queued", at=NOON + ahead)
    assert (answer["outcome"], answer["state"], answer["state_at"]) == ("applied_with_review", "in", NOON)
    assert world.one("SELECT kind FROM review_items") == {"kind": "clock_suspect"}
    kept = world.one("SELECT detail ->> 'claimed_at' AS claimed FROM attendance_events")
    assert kept["claimed"] is not None


def test_a_clock_that_is_a_minute_fast_is_nobodys_business(world: World, jonas: Person) -> None:
    answer = jonas.do("check_in", world.booking(), origin="queued", at=NOON + timedelta(minutes=1))
    assert (answer["outcome"], answer["state_at"]) == ("applied", NOON)
    assert world.all("SELECT 1 FROM review_items") == []


def test_a_clock_set_back_a_day_does_not_reorder_what_the_desk_did(world: World, jonas: Person) -> None:
    booking, other = world.booking(), world.booking("Leo")
    jonas.do("check_in", booking, origin="queued", at=NOON - timedelta(minutes=10))
    yesterday = NOON - timedelta(days=1)
    batch = [
        jonas.event("check_out", booking, origin="queued", at=yesterday),
        jonas.event("check_in", other, origin="queued", at=yesterday + timedelta(seconds=5)),
    ]
    answers = jonas.record(*batch)
    assert [(one["outcome"], one["state"]) for one in answers] == [("applied", "out"), ("applied", "in")]
    assert {one["state_at"] for one in answers} == {NOON - timedelta(minutes=10)}
    claimed = world.all("SELECT detail ->> 'claimed_at' AS at FROM attendance_events ORDER BY seq")
    assert [one["at"] is not None for one in claimed] == [False, True, True]


@pytest.mark.parametrize(
    "year", ["0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z"]
)
def test_a_time_that_no_computers_clock_shows_is_not_read(world: World, jonas: Person, year: str) -> None:
    # The first of these would be a time before Christ, which no desk could read back.
    event = jonas.event("check_in", world.booking(), origin="queued") | {"occurred_at": year}
    assert refusal(refused(jonas, [event])) == ("NX422", "malformed_event")
    assert written(world) == []


def test_a_clock_that_starts_at_nought_is_recorded_with_a_look(world: World, jonas: Person) -> None:
    booking = world.booking()
    event = jonas.event("check_in", booking, origin="queued") | {"occurred_at": "1970-01-01T00:00:07Z"}
    answer = jonas.record(event)[0]
    assert (answer["outcome"], answer["state"]) == ("applied_with_review", "in")
    assert len(world.all("SELECT 1 FROM review_items")) == 1
    # What the desk does next, with its clock right again, still counts.
    assert jonas.do("check_out", booking)["state"] == "out"


# Sizes.


def test_a_batch_of_ten_thousand_is_refused_whole_with_one_sentence(world: World, jonas: Person) -> None:
    booking = world.booking()
    batch = [jonas.event("check_in", booking) for _ in range(10_000)]
    began = time.monotonic()
    error = refused(jonas, batch)
    assert (refusal(error), sentence(error)) == (
        ("NX422", "batch_too_long"),
        "A batch takes at most 500 attendance events.",
    )
    assert time.monotonic() - began < 15
    assert written(world) == []
    assert jonas.do("check_in", booking)["outcome"] == "applied"


LONG: dict[str, dict[str, Any]] = {
    "a code": {"booking_id": None, "code": MEGABYTE},
    "a name": {"kind": "check_out", "pickup_name": MEGABYTE},
    "an id": {"id": MEGABYTE},
    "a kind": {"kind": MEGABYTE},
    "a time": {"occurred_at": MEGABYTE},
    "an origin": {"origin": MEGABYTE},
    "a number": {"seq": "9" * (1 << 20)},
}


@pytest.mark.parametrize("which", LONG)
def test_a_megabyte_where_a_word_belongs_is_refused_in_one_short_sentence(
    world: World, jonas: Person, which: str
) -> None:
    good = jonas.event("check_in", world.booking())
    error = refused(jonas, [good, jonas.event("check_in", world.booking("Leo")) | LONG[which]])
    assert (refusal(error), sentence(error)) == (("NX422", "malformed_event"), "Event 2 of 2 cannot be read.")
    assert len(str(error)) < 1_000
    assert written(world) == []


def test_what_nobody_asked_for_is_not_kept(world: World, jonas: Person) -> None:
    event = jonas.event("check_in", world.booking()) | {
        "photo": MEGABYTE,
        "outcome": "applied",
        "venue_id": 7,
    }
    assert jonas.record(event)[0]["outcome"] == "applied"
    kept = world.one("SELECT pg_column_size(e.*) AS bytes FROM attendance_events AS e")
    assert kept["bytes"] < 1_000


# Types.

WRONG: dict[str, dict[str, Any]] = {
    "an id that is a number": {"id": 7},
    "an id that is a list": {"id": ["7"]},
    "an id that is empty": {"id": ""},
    "a number that is a word": {"seq": "seven"},
    "a number that is a truth": {"seq": True},
    "a number below one": {"seq": -1},
    "a number beyond counting": {"seq": 10**30},
    "a time that is a number": {"occurred_at": 1772470800},
    "a time that is an object": {"occurred_at": {"at": "now"}},
    "the word now": {"occurred_at": "now"},
    "the thirtieth of February": {"occurred_at": "2026-02-30T12:00:00Z"},
    "a booking that is an object": {"booking_id": {}},
    "a booking that is a statement": {"booking_id": "'; DROP TABLE bookings; --"},
    "a person that is a name": {"person_id": "Jonas"},
    "a truth that is a word": {"again": "perhaps"},
    "a session that is a number": {"session_id": 1},
    "an undo of a word": {"kind": "annul", "booking_id": None, "annuls": "it"},
    "a kind in capitals": {"kind": "CHECK_IN"},
}


@pytest.mark.parametrize("which", WRONG)
def test_a_wrong_type_is_refused_by_place_and_nothing_of_the_batch_is_written(
    world: World, jonas: Person, which: str
) -> None:
    events = [jonas.event("check_in", world.booking(name)) for name in ("Nia", "Leo", "Ava")]
    events[1] |= WRONG[which]
    error = refused(jonas, events)
    assert (refusal(error), sentence(error)) == (("NX422", "malformed_event"), "Event 2 of 3 cannot be read.")
    assert written(world) == []
    # The others lose nothing: sent without it they are recorded.
    assert [one["outcome"] for one in jonas.record(events[0], events[2])] == ["applied", "applied"]


@pytest.mark.parametrize("missing", ["id", "seq", "kind", "occurred_at", "booking_id"])
def test_a_missing_fact_is_refused(world: World, jonas: Person, missing: str) -> None:
    event = jonas.event("check_in", world.booking())
    del event[missing]
    assert refusal(refused(jonas, [event])) == ("NX422", "malformed_event")
    assert written(world) == []


@pytest.mark.parametrize("text", ["[", '[{"id": "\\u0000"}]', '"\\ud800"', "NaN"])
def test_what_is_no_json_reaches_nothing(world: World, jonas: Person, text: str) -> None:
    with pytest.raises(psycopg.Error) as caught:
        jonas.call("SELECT * FROM attendance.record(%s::jsonb)", text)
    assert str(caught.value.sqlstate).startswith("22")
    assert written(world) == []


@pytest.mark.parametrize("batch", [None, {}, "check_in", 7, True])
def test_a_batch_that_is_no_list_is_refused(world: World, jonas: Person, batch: object) -> None:
    assert refusal(refused(jonas, batch)) == ("NX422", "malformed_batch")


@pytest.mark.parametrize("inside", [[None], [[]], [[{}]], ["check_in"], [7]])
def test_a_list_of_anything_but_events_is_refused(world: World, jonas: Person, inside: object) -> None:
    assert refusal(refused(jonas, inside)) == ("NX422", "malformed_event")


# Ids and numbers.


@pytest.mark.parametrize("shared", ["id", "seq"])
def test_one_id_or_number_twice_in_a_batch_is_refused_at_the_second(
    world: World, jonas: Person, shared: str
) -> None:
    events = [jonas.event("check_in", world.booking(name)) for name in ("Nia", "Leo", "Ava")]
    events[2][shared] = events[0][shared]
    assert sentence(refused(jonas, events)) == "Event 3 of 3 cannot be read."
    assert written(world) == []


def test_an_id_written_in_two_ways_is_still_one(world: World, jonas: Person) -> None:
    event = jonas.event("check_in", world.booking())
    again = event | {"id": event["id"].upper(), "seq": 90}
    assert sentence(refused(jonas, [event, again])) == "Event 2 of 2 cannot be read."
    jonas.record(event)
    assert jonas.record(again)[0]["outcome"] == "applied"
    assert len(written(world)) == 1


def test_another_desks_id_is_refused_and_its_number_is_free(world: World, jonas: Person) -> None:
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    event = jonas.event("check_in", world.booking())
    jonas.record(event)
    mine = maya.event("check_in", world.booking("Leo"))
    error = refused(maya, [mine, event | {"seq": 50}])
    assert (refusal(error), sentence(error)) == (
        ("NX409", "event_id_taken"),
        "Another desk has already used one of these event numbers.",
    )
    assert len(written(world)) == 1
    assert mine["seq"] == event["seq"]
    assert maya.record(mine)[0]["outcome"] == "applied"


def test_an_event_cannot_claim_another_desk_or_a_stranger(world: World, jonas: Person) -> None:
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    event = jonas.event("check_in", world.booking(), origin="queued", person_id=maya.id)
    answer = jonas.record(event | {"device_id": str(maya.device_id)})[0]
    assert (answer["outcome"], answer["reason"]) == ("applied_with_review", "not_permitted")
    kept = world.one(
        "SELECT device_id, person_id, detail ->> 'claimed_person' AS claimed FROM attendance_events"
    )
    assert kept == {"device_id": jonas.device_id, "person_id": jonas.id, "claimed": str(maya.id)}


# A desk that is no longer trusted.


def test_a_revoked_desk_is_answered_for_each_event_and_records_none(world: World, jonas: Person) -> None:
    events = [jonas.event("check_in", world.booking(name), origin="queued") for name in ("Nia", "Leo")]
    jonas.record(events[0])
    world.admin.execute(
        "UPDATE auth.devices SET status = 'revoked', revoked_at = %s WHERE id = %s", [NOON, jonas.device_id]
    )
    answers = jonas.record(*events)
    assert [(one["outcome"], one["reason"], one["state"]) for one in answers] == [
        ("rejected", "device_revoked", None)
    ] * 2
    assert len(written(world)) == 1


def test_a_refused_batch_leaves_the_desk_able_to_go_on(world: World, jonas: Person) -> None:
    booking = world.booking()
    refused(jonas, [jonas.event("check_in", booking) | {"id": None}])
    assert rows(jonas.connection, "SELECT attendance.next_seq() AS n", []) == [{"n": 1}]
    assert jonas.record(jonas.event("check_in", booking) | {"seq": 1})[0]["outcome"] == "applied"


def test_an_undo_of_something_that_never_was_is_refused(world: World, jonas: Person) -> None:
    answer = jonas.do("annul", annuls=uuid4(), origin="queued")
    assert (answer["outcome"], answer["reason"]) == ("rejected", "unknown_code")
    assert json.dumps(answer["detail"]) == "{}"
