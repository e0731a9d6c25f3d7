"""desk.labels and desk.find_tag: one tag for a family and a day, however often and from how many desks it is printed.

docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from console.domain import codes
from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import NOON, SOON, Person, World
from tests.support.identities import refusal

LABELS = "SELECT * FROM desk.labels(%s)"
FIND = "SELECT * FROM desk.find_tag(%s, %s)"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def family(world: World, *names: str) -> list[UUID]:
    parent = factories.parent(world.admin)
    return [world.booking(world.child(name, parent_id=parent)) for name in names]


def test_a_family_has_one_tag_all_day_and_a_reprint_says_so(world: World, jonas: Person) -> None:
    nia, kofi = family(world, "Nia", "Kofi")
    (other,) = family(world, "Bo")
    first = jonas.call(LABELS, [kofi, nia, other])
    assert [row["booking_id"] for row in first] == [kofi, nia, other]
    assert [row["reprint"] for row in first] == [False, False, False]
    assert first[0]["tag"] == first[1]["tag"] != first[2]["tag"]
    assert re.fullmatch("[0-9][A-Z][0-9][A-Z]", first[0]["tag"])
    world.at(NOON + timedelta(minutes=30))
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    (again,) = maya.call(LABELS, [nia])
    assert (again["tag"], again["reprint"], again["issued_at"]) == (first[1]["tag"], True, NOON)


def test_a_label_shows_the_child_its_session_and_its_health(world: World, jonas: Person) -> None:
    room = factories.room(world.admin, world.venue, name="Dojo")
    judo = factories.activity(world.admin, world.venue, name="Judo")
    session = factories.session(world.admin, judo, starts_at=SOON, room_id=room)
    child = world.child("Nia")
    factories.health_note(world.admin, child)
    (row,) = jonas.call(LABELS, [world.booking(child, session)])
    assert (row["first_name"], row["age_months"], row["activity_name"], row["room_name"]) == (
        "Nia",
        85,
        "Judo",
        "Dojo",
    )
    assert (row["starts_at"], row["ends_at"]) == (SOON, SOON + timedelta(hours=1))
    assert [note["label"] for note in row["health"]] == ["Peanut"]
    plain = world.child("Leo", allergies_medical_notes="Faints.")
    (row,) = jonas.call(LABELS, [world.booking(plain)])
    assert [note["instructions"] for note in row["health"]] == ["Faints."]


def test_two_desks_at_once_print_the_same_tag(world: World, jonas: Person) -> None:
    nia, kofi = family(world, "Nia", "Kofi")
    maya = world.person(name="Maya", desk=world.desk("Desk 2"))
    jonas.connection.autocommit = False
    (first,) = jonas.call(LABELS, [nia])
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(maya.call(LABELS, [kofi])[0]["tag"]))
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    jonas.connection.commit()
    thread.join(10)
    assert answers == [first["tag"]]


def test_a_tag_that_is_taken_is_drawn_again(world: World, jonas: Person) -> None:
    """The dice fall the same way twice in a row: the second family gets the next throw."""
    world.admin.execute("CREATE SEQUENCE desk.throws")
    world.admin.execute("GRANT USAGE ON SEQUENCE desk.throws TO console_api")
    world.admin.execute(
        """CREATE OR REPLACE FUNCTION desk.new_tag() RETURNS text LANGUAGE sql
           AS $$ SELECT (nextval('desk.throws') / 3)::text || 'A1A' $$"""
    )
    bookings = [family(world, name)[0] for name in ("Nia", "Bo", "Leo")]
    tags = [row["tag"] for row in jonas.call(LABELS, bookings)]
    assert sorted(tags) == ["0A1A", "1A1A", "2A1A"]


def test_labels_are_for_today_and_for_ones_own_venue(world: World, jonas: Person) -> None:
    (today,) = family(world, "Nia")
    tomorrow = world.booking("Leo", world.other_session(starts_at=NOON + timedelta(days=1)))
    foreign = world.booking("Far", world.other_session(venue=factories.venue(world.admin)))
    hidden = world.booking(world.child("Hid", parental_consent_given=False))
    for wrong in (tomorrow, foreign, hidden, uuid4()):
        assert refused(jonas, LABELS, [today, wrong]) == ("NX404", "no_booking")
    assert world.one("SELECT count(*) n FROM pickup_tags")["n"] == 0
    assert refused(jonas, LABELS, []) == ("NX422", "labels")
    for role in ("venue_finance", "platform_admin"):
        who = world.person(role, desk=world.desk(f"Desk of {role}"))
        assert refused(who, LABELS, [today])[0] == "NX403"
        assert refused(who, FIND, world.venue, "7K4Q")[0] == "NX403"


def test_a_session_past_midnight_keeps_its_tag(world: World, jonas: Person) -> None:
    late = world.other_session(starts_at=NOON + timedelta(hours=11), ends_at=NOON + timedelta(hours=14))
    parent = factories.parent(world.admin)
    booking = world.booking(world.child("Owl", parent_id=parent), late)
    world.at(NOON + timedelta(hours=11, minutes=30))
    (first,) = jonas.call(LABELS, [booking])
    world.at(NOON + timedelta(hours=13))
    (again,) = jonas.call(LABELS, [booking])
    assert (again["tag"], again["reprint"]) == (first["tag"], True)
    assert [row["first_name"] for row in jonas.call(FIND, world.venue, first["tag"])] == ["Owl"]
    world.at(NOON + timedelta(hours=20))
    assert jonas.call(FIND, world.venue, first["tag"]) == []


def test_a_tag_finds_the_family_of_today(world: World, jonas: Person) -> None:
    nia, kofi = family(world, "Nia", "Kofi")
    family(world, "Bo")
    jonas.do("check_in", nia)
    tag = jonas.call(LABELS, [nia])[0]["tag"]
    for typed in (tag, tag.lower(), f" {tag[:2]}-{tag[2:]} "):
        found = jonas.call(FIND, world.venue, typed)
        assert [(row["booking_id"], row["state"]) for row in found] == [(kofi, "expected"), (nia, "in")]
    for nothing in ("", "7K4", "OLIVER", "%", "7K4Q7", None):
        assert jonas.call(FIND, world.venue, nothing) == []
    other = world.person(venues=(factories.venue(world.admin),), desk=world.desk("Far desk"))
    assert refused(other, FIND, world.venue, tag)[0] == "NX403"


@pytest.mark.parametrize(
    "typed",
    [
        "7K4Q",
        "7k4q",
        " 7K-4Q ",
        "7K–4Q",
        "K747",
        "7O4Q",
        "7I4Q",
        "7K4L",
        "7K4U",
        "0A0A",
        "9Z9Z",
        "7K4Q1",
        "",
        "OLIVER",
        "77K4",
        "７K4Q",
    ],
)
def test_desk_and_database_read_the_same_tag(tx: Connection, typed: str) -> None:
    assert factories.one(tx, "SELECT desk.read_tag(%s)", typed) == codes.parse_tag(typed)
