"""desk.add_note and desk.notes_of: what staff write about a booking, and where it may be read.

docs/design.md, "The database" (authorisation, rule 2) and "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.identities import refusal

ADD = "SELECT * FROM desk.add_note(%s, %s, %s)"
INCIDENT = "SELECT * FROM desk.add_note(%s, %s, %s, true, %s, %s)"
NOTES = "SELECT * FROM desk.notes_of(%s)"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


def add(who: Person, booking: UUID, text: str) -> Row:
    (row,) = who.call(ADD, uuid4(), booking, text)
    return row


def another(world: World, role: str = "front_desk", **facts: Any) -> Person:
    return world.person(role, desk=world.desk(f"Desk {uuid4().hex[:6]}"), **facts)


def refused(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def test_a_note_says_who_wrote_it_where_and_when_and_newest_come_first(world: World, jonas: Person) -> None:
    booking = world.booking()
    made = add(jonas, booking, "Left her glasses here.")
    assert made["booking_id"] == booking
    assert (made["at"], made["person"], made["desk"]) == (NOON, "Jonas", "Desk 1")
    assert (made["text"], made["is_incident"], made["action"]) == ("Left her glasses here.", False, None)
    world.at(NOON + timedelta(minutes=5))
    add(jonas, booking, "Glasses found.")
    assert [row["text"] for row in jonas.call(NOTES, booking)] == ["Glasses found.", "Left her glasses here."]


def test_the_same_note_sent_twice_is_one_note(world: World, jonas: Person) -> None:
    booking, other, note = world.booking(), world.booking("Leo"), uuid4()
    first = jonas.call(ADD, note, booking, "Tired today.")
    assert jonas.call(ADD, note, booking, "Tired today.") == first
    assert len(jonas.call(NOTES, booking)) == 1
    assert refused(jonas, ADD, note, other, "Tired today.") == ("NX409", "note_id_taken")
    assert refused(jonas, ADD, note, booking, "Another text.") == ("NX409", "note_id_taken")


def test_an_incident_reaches_the_manager_without_a_name(world: World, jonas: Person) -> None:
    booking, note = world.booking("Nia"), uuid4()
    arguments = (note, booking, "Nia fell from the beam.", "Cooled it.", True)
    (made,) = jonas.call(INCIDENT, *arguments)
    assert (made["is_incident"], made["action"], made["told"]) == (True, "Cooled it.", True)
    jonas.call(INCIDENT, *arguments)
    item = world.one(
        "SELECT kind::text k, summary s, session_id FROM review_items WHERE booking_id = %s", booking
    )
    assert (item["k"], item["session_id"]) == ("other", world.session)
    assert "Nia" not in item["s"]
    assert "has been told" in item["s"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  plain \n", "plain"),
        ("two\nlines", "two\nlines"),
        ("a\x07b\x1b[31mc\x7fd", "ab[31mcd"),
        ("a\tb", "a b"),
        ("ok \u202egnp.exe", "ok gnp.exe"),
        ("مرحبا 你好 🎈", "مرحبا 你好 🎈"),
        ("'; DROP TABLE bookings; --", "'; DROP TABLE bookings; --"),
        ("x" * 1000, "x" * 1000),
    ],
)
def test_control_characters_are_left_out(world: World, jonas: Person, typed: str, kept: str) -> None:
    assert add(jonas, world.booking(), typed)["text"] == kept


@pytest.mark.parametrize(
    ("typed", "key"), [("", "note_empty"), (" \n\x07 ", "note_empty"), ("x" * 1001, "note_too_long")]
)
def test_an_empty_or_endless_note_is_not_written(world: World, jonas: Person, typed: str, key: str) -> None:
    assert refused(jonas, ADD, uuid4(), world.booking(), typed) == ("NX422", key)


def test_todays_newest_notes_stand_on_the_roster_after_the_parents(world: World, jonas: Person) -> None:
    booking = world.booking(parent_notes="Shy at the start.")
    add(jonas, booking, "Yesterday's.")
    world.at(NOON + timedelta(hours=22))
    add(jonas, booking, "Two\nlines.")
    world.at(NOON + timedelta(hours=23))
    version = world.one("SELECT version v FROM bookings WHERE id = %s", booking)["v"]
    jonas.call(INCIDENT, uuid4(), booking, "Bumped a knee.", "Cooled it.", False)
    (row,) = jonas.call("SELECT * FROM desk.roster(%s)", world.session)
    assert row["notes"].split("\n") == [
        "Shy at the start.",
        "11:00 Jonas: Incident: Bumped a knee.",
        "10:00 Jonas: Two lines.",
    ]
    # Every desk that looks at the booking hears of it.
    assert row["version"] == version + 1


def test_who_may_write_and_read(world: World, jonas: Person) -> None:
    booking = world.booking()
    add(jonas, booking, "Tired today.")
    stranger = another(world, venues=(factories.venue(world.admin),))
    for who, answer in (
        (another(world, "venue_finance"), "NX403"),
        (another(world, "platform_admin"), "NX403"),
        (stranger, "NX404"),
    ):
        assert refused(who, ADD, uuid4(), booking, "Hello.")[0] == answer
        assert refused(who, NOTES, booking)[0] == answer
    assert refused(jonas, NOTES, uuid4()) == ("NX404", "no_session")
    assert len(another(world, "manager").call(NOTES, booking)) == 1
    world.at(NOON + timedelta(days=3))
    assert refused(jonas, NOTES, booking) == ("NX403", "roster_closed")
    assert refused(jonas, ADD, uuid4(), booking, "Late.") == ("NX403", "roster_closed")


def test_a_hidden_childs_notes_are_hidden_too(world: World, jonas: Person) -> None:
    booking = world.booking()
    add(jonas, booking, "Tired today.")
    world.admin.execute(
        "UPDATE children SET parental_consent_given = false WHERE id = (SELECT child_id FROM bookings WHERE id = %s)",
        [booking],
    )
    assert refused(jonas, NOTES, booking) == ("NX404", "no_booking")
    assert refused(jonas, ADD, uuid4(), booking, "Hello.") == ("NX404", "no_booking")


def test_a_note_stays_and_its_words_are_in_no_trail(world: World, jonas: Person) -> None:
    booking = world.booking()
    jonas.call(INCIDENT, uuid4(), booking, "Fell from the beam.", "Cooled the knee.", True)
    for statement in (
        "UPDATE booking_notes SET body = 'x'",
        "DELETE FROM booking_notes",
        "TRUNCATE booking_notes",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            world.admin.execute(statement.encode())
    (entry,) = world.all("SELECT new_values v, user_id u FROM audit_logs WHERE entity_type = 'booking_notes'")
    assert entry["u"] == jonas.id
    assert (entry["v"]["body"], entry["v"]["action_taken"]) == ("[hidden]", "[hidden]")
    trail = str(world.all("SELECT old_values, new_values FROM audit_logs"))
    assert "beam" not in trail
    assert "knee" not in trail


def test_a_childs_anonymisation_takes_the_words_along(world: World, jonas: Person) -> None:
    booking = world.booking("Nia")
    jonas.call(INCIDENT, uuid4(), booking, "Nia fell.", "Called Dana.", True)
    world.admin.execute(
        """UPDATE children SET deletion_requested = true, deletion_requested_at = app.now(),
               deletion_scheduled_for = (app.now() AT TIME ZONE 'UTC')::date
            WHERE id = (SELECT child_id FROM bookings WHERE id = %s)""",
        [booking],
    )
    world.admin.execute("SELECT public.purge_deleted_children()")
    note = world.one(
        "SELECT body b, action_taken a, is_incident i FROM booking_notes WHERE booking_id = %s", booking
    )
    assert note == {"b": "Removed on request.", "a": None, "i": True}
