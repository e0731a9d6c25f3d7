"""Undo: who may take an event back, for how long, and that the first one to do so wins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def undo(who: Person, world: World, event: object) -> Row:
    return who.do("annul", annuls=event, at=world.now)


def test_the_same_person_at_the_same_desk_may_undo_for_fifteen_minutes(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    entered = jonas.do("check_in", booking)
    world.at(NOON + timedelta(minutes=15))
    answer = undo(jonas, world, entered["event_id"])
    assert (answer["outcome"], answer["booking_id"], answer["state"], answer["state_at"]) == (
        "applied",
        booking,
        "expected",
        None,
    )
    kept = world.one("SELECT * FROM bookings WHERE id = %s", booking)
    assert (kept["attendance_event_id"], kept["checked_in_at"], kept["attendance_marked"]) == (
        None,
        None,
        False,
    )
    # Nothing is deleted: both facts stay.
    assert len(world.all("SELECT 1 FROM attendance_events")) == 2


def test_after_fifteen_minutes_it_takes_a_manager(world: World) -> None:
    jonas = world.person()
    boss = world.person("manager", name="Ada", desk=world.desk("Desk 2"))
    entered = jonas.do("check_in", world.booking())
    world.at(NOON + timedelta(minutes=15, seconds=1))
    refused = undo(jonas, world, entered["event_id"])
    assert (refused["outcome"], refused["reason"]) == ("rejected", "too_late")
    assert datetime.fromisoformat(refused["detail"]["closed_at"]) == NOON + timedelta(minutes=15)
    assert undo(boss, world, entered["event_id"])["outcome"] == "applied"


def test_neither_another_desk_nor_another_person_may_undo(world: World) -> None:
    first, second = world.desk(), world.desk("Desk 2")
    jonas = world.person(desk=first)
    maya_here = world.person(name="Maya", desk=first)
    jonas_there = world.sign_in(jonas.id, "Jonas", second)
    entered = jonas.do("check_in", world.booking())
    for who in (maya_here, jonas_there):
        answer = undo(who, world, entered["event_id"])
        assert (answer["outcome"], answer["reason"], answer["state"]) == ("rejected", "not_permitted", "in")
        assert (answer["detail"]["person"], answer["detail"]["desk"]) == ("Jonas", "Desk 1")


def test_the_window_is_a_setting(world: World) -> None:
    jonas = world.person()
    world.admin.execute("UPDATE platform_settings SET value = '5' WHERE key = 'attendance_undo_minutes'")
    entered = jonas.do("check_in", world.booking())
    world.at(NOON + timedelta(minutes=6))
    assert undo(jonas, world, entered["event_id"])["reason"] == "too_late"


def test_the_first_undo_wins_and_the_second_is_told_by_whom(world: World) -> None:
    jonas = world.person()
    boss = world.person("manager", name="Ada", desk=world.desk("Desk 2"))
    entered = jonas.do("check_in", world.booking())
    undo(boss, world, entered["event_id"])
    answer = undo(jonas, world, entered["event_id"])
    assert (answer["outcome"], answer["reason"], answer["state"]) == ("already", None, "expected")
    assert answer["detail"]["person"] == "Ada"


def test_an_undo_is_not_undone(world: World) -> None:
    boss = world.person("manager")
    entered = boss.do("check_in", world.booking())
    undone = undo(boss, world, entered["event_id"])
    answer = undo(boss, world, undone["event_id"])
    assert (answer["outcome"], answer["reason"], answer["state"]) == ("rejected", "not_permitted", "expected")


def test_a_refused_event_is_nothing_to_undo(world: World) -> None:
    boss = world.person("manager")
    refused = boss.do("check_out", world.booking())
    answer = undo(boss, world, refused["event_id"])
    assert (answer["outcome"], answer["reason"]) == ("rejected", "not_permitted")


def test_undoing_a_check_out_puts_the_child_back_in(world: World) -> None:
    jonas = world.person()
    booking = world.booking()
    jonas.do("check_in", booking)
    world.at(NOON + timedelta(minutes=5))
    left = jonas.do("check_out", booking, at=world.now)
    answer = undo(jonas, world, left["event_id"])
    assert (answer["state"], answer["state_at"]) == ("in", NOON)
    kept = world.one("SELECT checked_in_at, checked_out_at FROM bookings WHERE id = %s", booking)
    assert kept == {"checked_in_at": NOON, "checked_out_at": None}


def test_an_event_nobody_here_knows_is_not_undone(world: World) -> None:
    jonas = world.person()
    answer = undo(jonas, world, uuid4())
    assert (answer["outcome"], answer["reason"], answer["booking_id"]) == ("rejected", "unknown_code", None)


def test_another_venues_event_looks_like_no_event(world: World) -> None:
    jonas = world.person()
    entered = jonas.do("check_in", world.booking())["event_id"]
    with World(world.database) as elsewhere:
        boss = elsewhere.person("manager", desk=elsewhere.desk("Desk 9"))
        answer = undo(boss, elsewhere, entered)
        assert (answer["outcome"], answer["reason"], answer["detail"]) == ("rejected", "unknown_code", {})


def test_after_a_session_is_closed_what_is_left_is_unmarked(world: World) -> None:
    boss = world.person("manager")
    entered = boss.do("check_in", world.booking())
    world.admin.execute("UPDATE activity_sessions SET closed_at = %s", [NOON])
    assert undo(boss, world, entered["event_id"])["state"] == "unmarked"


def test_a_queued_undo_is_judged_by_when_it_happened(world: World) -> None:
    jonas = world.person()
    entered = jonas.do("check_in", world.booking())
    world.at(NOON + timedelta(hours=3))
    answer = jonas.do("annul", annuls=entered["event_id"], origin="queued", at=NOON + timedelta(minutes=2))
    assert (answer["outcome"], answer["state"]) == ("applied", "expected")
