"""Health notes and pickup people corrected at the desk: as whole lists, by version, confirmed by somebody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.identities import refusal

FACTS = "SELECT * FROM desk.child_facts(%s)"
HEALTH = "SELECT * FROM desk.correct_health(%s, %s, %s, %s)"
PICKUP = "SELECT * FROM desk.correct_pickup(%s, %s, %s, %s)"
NUT: Row = {"kind": "allergy", "severity": 1, "label": "Nuts", "title": "All nuts", "instructions": ""}


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


def denied(who: Person, statement: str, *arguments: object) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(statement, *arguments)
    return refusal(caught.value)


def correct(who: Person, statement: str, booking: UUID, given: list[Row], by: str = "Dana (mother)") -> Row:
    read = who.call(FACTS, booking)[0]
    return who.call(statement, booking, read["version"], Jsonb(given), by)[0]


def people(facts: Row) -> list[tuple[Any, ...]]:
    return [(person["name"], person["may_collect"]) for person in facts["pickup"]]


def test_what_is_read_is_what_the_roster_shows(world: World, jonas: Person) -> None:
    child = world.child("Nia", allergies_medical_notes="Asthma.")
    booking = world.booking(child)
    factories.pickup_person(world.admin, child, name="Rose")
    factories.pickup_person(world.admin, child, name="Sam", may_collect=False, valid_until=NOON.date())
    factories.pickup_person(world.admin, child, name="Old", valid_until=NOON.date() - timedelta(days=1))
    facts = jonas.call(FACTS, booking)[0]
    (seen,) = jonas.call("SELECT * FROM desk.roster(%s)", world.session)
    assert (facts["first_name"], facts["child_id"]) == ("Nia", child)
    assert facts["health"][0]["instructions"] == "Asthma."
    assert (facts["health"], facts["pickup"]) == (seen["health"], seen["pickup"])
    assert people(facts) == [("Rose", True), ("Sam", False)]


def test_health_notes_are_replaced_with_who_confirmed_them(world: World, jonas: Person) -> None:
    child = world.child("Nia", allergies_medical_notes="Asthma.")
    booking = world.booking(child)
    before = jonas.call(FACTS, booking)[0]["version"]
    made = correct(jonas, HEALTH, booking, [NUT, NUT | {"severity": 3, "label": "Shy"}])
    assert [(note["label"], note["confirmed_by"], note["confirmed_on"]) for note in made["health"]] == [
        ("Nuts", "Dana (mother)", "2026-03-02"),
        ("Shy", "Dana (mother)", "2026-03-02"),
    ]
    assert made["version"] > before
    emptied = correct(jonas, HEALTH, booking, [])
    assert (emptied["health"], jonas.call(FACTS, booking)) == ([], [emptied])


def test_what_cannot_be_taken_changes_nothing(world: World, jonas: Person) -> None:
    booking = world.booking("Nia")
    correct(jonas, HEALTH, booking, [NUT])
    read = jonas.call(FACTS, booking)[0]
    for wrong, key in ([NUT | {"label": ""}], "label"), ([NUT] * 11, "health"), ([NUT | {"kind": 1}], "kind"):
        assert denied(jonas, HEALTH, booking, read["version"], Jsonb(wrong), "Dana") == ("NX422", key)
    assert denied(jonas, HEALTH, booking, read["version"], Jsonb([]), " ") == ("NX422", "confirmed_by")
    assert denied(jonas, PICKUP, booking, read["version"], Jsonb([]), "") == ("NX422", "confirmed_by")
    assert jonas.call(FACTS, booking) == [read]


def test_a_record_that_changed_meanwhile_is_not_overwritten(world: World, jonas: Person) -> None:
    booking = world.booking("Nia")
    read = jonas.call(FACTS, booking)[0]["version"]
    correct(jonas, HEALTH, booking, [NUT])
    for statement in (HEALTH, PICKUP):
        assert denied(jonas, statement, booking, read, Jsonb([]), "Dana") == ("NX409", "changed")
        assert denied(jonas, statement, booking, None, Jsonb([]), "Dana") == ("NX409", "changed")


def test_pickup_people_who_stay_keep_their_row(world: World, jonas: Person) -> None:
    child = world.child("Nia")
    booking = world.booking(child)
    rose = factories.pickup_person(world.admin, child, name="Rose", phone="+1 555 0100")
    factories.pickup_person(world.admin, child, name="Tom")
    made = correct(
        jonas,
        PICKUP,
        booking,
        [{"name": "ROSE", "relationship": "aunt", "phone": "+1 555 0199"}, {"name": "Ben"}],
    )
    assert people(made) == [("ROSE", True), ("Ben", True)]
    assert made["pickup"][0]["id"] == str(rose)
    kept = world.all("SELECT name, confirmed_by_name, confirmed_on, removed_at FROM pickup_people ORDER BY 1")
    assert [row["name"] for row in kept] == ["Ben", "ROSE"]
    assert {(row["confirmed_by_name"], row["confirmed_on"]) for row in kept} == {
        ("Dana (mother)", NOON.date())
    }
    assert jonas.do("check_in", booking)["state"] == "in"
    assert jonas.do("check_out", booking, pickup_person_id=rose)["state"] == "out"


def test_who_an_event_names_is_taken_off_the_list_but_stays_known(world: World, jonas: Person) -> None:
    child = world.child("Nia")
    booking = world.booking(child)
    rose = factories.pickup_person(world.admin, child, name="Rose", relationship="grandmother")
    sam = factories.pickup_person(world.admin, child, name="Sam", may_collect=False)
    jonas.do("check_in", booking)
    assert jonas.do("check_out", booking, pickup_person_id=sam)["reason"] == "pickup_not_authorised"
    jonas.do("check_out", booking, pickup_person_id=rose)
    jonas.do("check_in", booking, again=True)
    made = correct(jonas, PICKUP, booking, [])
    (seen,) = jonas.call("SELECT * FROM desk.roster(%s)", world.session)
    assert people(made) == people(seen) == []
    removed = world.all("SELECT id FROM pickup_people WHERE removed_at IS NOT NULL ORDER BY may_collect")
    assert [row["id"] for row in removed] == [sam, rose]
    told = [
        entry["detail"].get("collected_by")
        for entry in jonas.call("SELECT * FROM desk.child_history(%s)", booking)
    ]
    assert "Rose, grandmother" in told
    # Nobody who was taken off collects by an old screen; a stranger of a barred name is a stranger again.
    assert jonas.do("check_out", booking, pickup_person_id=rose)["reason"] == "pickup_not_authorised"
    assert jonas.do("check_out", booking, pickup_name="Sam")["outcome"] == "applied"


def test_the_trail_says_that_it_was_corrected_and_hides_the_text(world: World, jonas: Person) -> None:
    booking = world.booking("Nia")
    correct(jonas, HEALTH, booking, [NUT])
    correct(jonas, PICKUP, booking, [{"name": "Rose", "note": "blue car"}])
    correct(jonas, PICKUP, booking, [{"name": "Rose", "note": "red car"}], by="Dana Fox")
    trail = world.all(
        """SELECT entity_type, action_type, user_id, old_values, new_values FROM audit_logs
            WHERE entity_type IN ('child_health_notes', 'pickup_people') AND user_id IS NOT NULL ORDER BY created_at"""
    )
    assert {(row["entity_type"], row["action_type"]) for row in trail} >= {
        ("child_health_notes", "insert"),
        ("pickup_people", "insert"),
        ("pickup_people", "update"),
    }
    assert {row["user_id"] for row in trail} == {jonas.id}
    for secret in ("Nuts", "All nuts", "Rose", "car", "Dana"):
        assert secret not in str([(row["old_values"], row["new_values"]) for row in trail]), secret


def test_only_inside_the_days_of_the_roster(world: World, jonas: Person) -> None:
    late = world.booking("Nia", world.other_session(starts_at=SOON + timedelta(days=8)))
    for statement in (HEALTH, PICKUP):
        assert denied(jonas, statement, late, 1, Jsonb([]), "Dana") == ("NX403", "roster_closed")
    assert denied(jonas, FACTS, late) == ("NX403", "roster_closed")


def test_hidden_foreign_and_absent_children_are_not_there(world: World, jonas: Person) -> None:
    hidden = world.booking(world.child("Nia", parental_consent_given=False))
    foreign = world.booking("Leo", world.other_session(venue=factories.venue(world.admin)))
    assert denied(jonas, FACTS, hidden) == ("NX404", "no_child")
    for booking in (foreign, UUID(int=1)):
        assert denied(jonas, FACTS, booking) == ("NX404", "no_session")
        assert denied(jonas, HEALTH, booking, 1, Jsonb([]), "Dana") == ("NX404", "no_session")


@pytest.mark.parametrize("role", ["venue_finance", "platform_admin", "platform_finance"])
def test_a_childs_facts_are_denied_to_everybody_else(world: World, role: str) -> None:
    """desk.child_facts, desk.correct_health, desk.correct_pickup: headquarters sees no child."""
    who, booking = world.person(role), world.booking("Nia")
    assert denied(who, FACTS, booking) == ("NX403", "not_permitted")
    for statement in (HEALTH, PICKUP):
        assert denied(who, statement, booking, 1, Jsonb([]), "Dana") == ("NX403", "not_permitted")


def test_of_two_corrections_at_once_one_is_made(world: World) -> None:
    booking = world.booking("Nia")
    desks = [world.person(desk=world.desk(f"Desk {number}")) for number in range(2)]
    read = desks[0].call(FACTS, booking)[0]["version"]
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def work(who: Person, label: str) -> None:
        start.wait()
        try:
            who.call(HEALTH, booking, read, Jsonb([NUT | {"label": label}]), "Dana")
            outcomes.append("done")
        except psycopg.Error as error:
            outcomes.append(str(refusal(error)[1]))

    threads = [threading.Thread(target=work, args=(who, who.desk_name)) for who in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["changed", "done"]
    assert len(world.all("SELECT 1 FROM child_health_notes")) == 1
