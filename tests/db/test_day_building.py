"""desk.building and desk.day_summary: who is in now, and what a day came to, in numbers that agree with the rosters.

docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Iterator
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

BUILDING = "SELECT * FROM desk.building(%s)"
SUMMARY = "SELECT * FROM desk.day_summary(%s, %s)"
PARTS = ("came", "no_shows", "absent", "expected", "unmarked")


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


def building(who: Person, world: World) -> Row:
    (row,) = who.call(BUILDING, world.venue)
    return row


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def another(world: World, role: str = "front_desk", **facts: Any) -> Person:
    return world.person(role, desk=world.desk(f"Desk {uuid4().hex[:6]}"), **facts)


def in_room(world: World, name: str, capacity: int | None, **columns: Any) -> UUID:
    room = factories.room(world.admin, world.venue, name=name, capacity=capacity)
    return world.other_session(f"{name} club", room_id=room, **columns)


def test_an_empty_building_has_its_rooms(world: World, jonas: Person) -> None:
    in_room(world, "Dojo", 12)
    row = building(jonas, world)
    assert (row["at"], row["present"]) == (NOON, [])
    assert row["rooms"] == [{"room_name": "Dojo", "inside": 0, "places": 12}]


def test_everybody_who_is_in_is_there_by_room_and_name_and_nobody_else(world: World, jonas: Person) -> None:
    dojo, attic = in_room(world, "dojo", 12), in_room(world, "Attic", None)
    zoe, ama, bo, left = (
        world.booking("Zoë", dojo),
        world.booking("Ama", dojo),
        world.booking("Bo", attic),
        world.booking("Gone", attic),
    )
    loose = world.booking("Nia")
    world.booking("Expected", dojo)
    hidden = world.booking("Hidden", dojo)
    for booking in (zoe, ama, bo, left, loose, hidden):
        jonas.do("check_in", booking)
    jonas.do("check_out", left)
    world.admin.execute(
        "UPDATE children SET parental_consent_given = false WHERE id = (SELECT child_id FROM bookings WHERE id = %s)",
        [hidden],
    )
    foreign = factories.venue(world.admin)
    elsewhere = world.booking("Far", world.other_session(venue=foreign))
    another(world, venues=(foreign,)).do("check_in", elsewhere)
    row = building(jonas, world)
    assert [child["first_name"] for child in row["present"]] == ["Bo", "Ama", "Zoë", "Nia"]
    assert row["rooms"] == [
        {"room_name": "Attic", "inside": 1, "places": None},
        {"room_name": "dojo", "inside": 2, "places": 12},
        {"room_name": None, "inside": 1, "places": None},
    ]


def test_a_child_in_the_building_carries_what_a_roll_call_needs(world: World, jonas: Person) -> None:
    dana = factories.parent(world.admin, first_name="Dana", phone="(503) 555-0142")
    child = world.child("Nia", parent_id=dana)
    factories.health_note(world.admin, child)
    factories.pickup_person(world.admin, child, name="Rose")
    factories.pickup_person(world.admin, child, name="Past", removed_at=NOON)
    booking = world.booking(child)
    jonas.do("check_in", booking)
    (label,) = jonas.call("SELECT * FROM desk.labels(%s)", [booking])
    (child_row,) = building(jonas, world)["present"]
    assert (child_row["parent_first_name"], child_row["parent_phone"]) == ("Dana", "(503) 555-0142")
    assert [note["label"] for note in child_row["health"]] == ["Peanut"]
    assert [person["name"] for person in child_row["pickup"]] == ["Rose"]
    assert child_row["tag"] == label["tag"]
    (roster,) = jonas.call("SELECT * FROM desk.roster(%s)", world.session)
    assert (child_row["health"], child_row["pickup"]) == (roster["health"], roster["pickup"])


def test_past_midnight_and_from_yesterday_a_child_is_still_in(world: World, jonas: Person) -> None:
    late = world.other_session(starts_at=NOON + timedelta(hours=11), ends_at=NOON + timedelta(hours=14))
    booking = world.booking("Owl", late)
    world.at(NOON + timedelta(hours=11))
    jonas.do("check_in", booking, at=NOON + timedelta(hours=11))
    for hours in (13, 20):
        world.at(NOON + timedelta(hours=hours))
        assert [child["first_name"] for child in building(jonas, world)["present"]] == ["Owl"]
    world.at(NOON + timedelta(days=2))
    assert building(jonas, world)["present"] == []


def test_a_look_at_the_building_is_written_down_once_in_a_while(world: World, jonas: Person) -> None:
    for minutes in (0, 10, 16):
        world.at(NOON + timedelta(minutes=minutes))
        building(jonas, world)
    found = world.all(
        "SELECT user_id u, device_id d FROM audit_logs WHERE action_type = 'read' AND entity_id = %s",
        world.venue,
    )
    assert found == [{"u": jonas.id, "d": jonas.device_id}] * 2


def test_who_may_look(world: World, jonas: Person) -> None:
    stranger = another(world, venues=(factories.venue(world.admin),))
    for who in (another(world, "venue_finance"), another(world, "platform_admin"), stranger):
        assert refused(who, BUILDING, world.venue)[0] == "NX403"
        assert refused(who, SUMMARY, world.venue, NOON.date())[0] == "NX403"
    manager = another(world, "manager")
    assert building(manager, world)["present"] == []
    for days, allowed in ((-31, True), (-32, False), (7, True), (8, False)):
        day = (NOON + timedelta(days=days)).date()
        assert manager.call(SUMMARY, world.venue, day) == []
        if allowed:
            assert jonas.call(SUMMARY, world.venue, day) == []
        else:
            assert refused(jonas, SUMMARY, world.venue, day) == ("NX403", "day_closed")


def test_a_day_adds_up(world: World, jonas: Person) -> None:
    on_time, late, still_in, ill, no_show, nobody = (
        world.booking(name) for name in ("Nia", "Kofi", "Ama", "Bo", "Leo", "Zoë")
    )
    walk_in = world.booking("Mika", booking_source="desk", created_at=NOON)
    world.booking("Early", booking_source="desk", created_at=NOON - timedelta(days=1))
    world.booking("Off", status="cancelled_parent")
    world.booking(world.child("Hid", parental_consent_given=False))
    for booking in (on_time, late, still_in, walk_in):
        jonas.do("check_in", booking)
    jonas.do("absent", ill)
    end = SOON + timedelta(hours=1)
    world.at(end + timedelta(minutes=4))
    jonas.do("check_out", on_time, at=end + timedelta(minutes=4))
    world.at(end + timedelta(minutes=6))
    jonas.do("check_out", late, at=end + timedelta(minutes=6))
    jonas.call("SELECT * FROM desk.add_note(%s, %s, %s, true)", uuid4(), late, "Fell.")
    jonas.call("SELECT * FROM desk.add_note(%s, %s, %s)", uuid4(), late, "All well.")
    (before,) = jonas.call(SUMMARY, world.venue, NOON.date())
    assert [before[part] for part in PARTS] == [4, 0, 1, 3, 0]
    assert (before["booked"], before["cancelled"], before["still_in"]) == (8, 1, 2)
    assert (before["walk_ins"], before["late_pickups"], before["incidents"]) == (1, 1, 1)
    jonas.call(
        "SELECT * FROM attendance.close_session(%s, %s)",
        world.session,
        Jsonb([jonas.event("absent", no_show)]),
    )
    (after,) = jonas.call(SUMMARY, world.venue, NOON.date())
    assert [after[part] for part in PARTS] == [4, 2, 0, 0, 2]
    assert after["closed_at"] == world.now
    for row in (before, after):
        assert sum(row[part] for part in PARTS) == row["booked"]
    roster = jonas.call("SELECT * FROM desk.roster(%s)", world.session)
    assert len(roster) == after["booked"]
    assert nobody in {row["booking_id"] for row in roster if row["state"] == "unmarked"}
