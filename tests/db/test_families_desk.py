"""Families found and registered at the desk: who is found by what, what is refused, and what is left in the trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.identities import refusal

FIND = "SELECT * FROM desk.find_families(%s, %s)"
REGISTER = "SELECT * FROM desk.register_family(%s, %s, %s)"
ADD = "SELECT * FROM desk.add_child(%s, %s, %s, %s)"


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


def known(world: World, child: str = "Nia", **parent: Any) -> UUID:
    """A family that has booked here; the answer is the parent."""
    found = factories.parent(world.admin, **({"first_name": "Dana"} | parent))
    world.booking(world.child(child, parent_id=found))
    return found


def names(who: Person, world: World, query: str) -> list[str]:
    return [row["parent_first_name"] for row in who.call(FIND, world.venue, query)]


def facts(**changes: Any) -> Row:
    """A registration; `child__first_name` and the like change the child."""
    child: Row = {
        "first_name": "Zoë",
        "date_of_birth": "2019-05-01",
        "health": [
            {
                "kind": "allergy",
                "severity": 1,
                "label": "Peanut",
                "title": "Peanut allergy",
                "instructions": "Pen in bag.\nCall 911.",
            }
        ],
        "pickup": [
            {"name": "Rose", "relationship": "grandmother", "phone": "", "may_collect": True, "note": ""},
            {"name": "Sam", "may_collect": False, "note": "Court order"},
        ],
    }
    whole: Row = {
        "guardian_first_name": " Ada ",
        "guardian_last_name": "Lovell",
        "phone": "+1 (555) 010-7788",
        "email": "Ada.Lovell@Example.org ",
        "signed_by": "Ada Lovell",
        "consent_version": "desk-1",
        "consent_text": "I agree.\nAll of it.",
        "child": child,
    }
    for name, value in changes.items():
        part, _, inner = name.partition("__")
        if inner:
            whole[part][inner] = value
        else:
            whole[part] = value
    return whole


def register(who: Person, world: World, request: UUID | None = None, **changes: Any) -> Row:
    return who.call(REGISTER, request or uuid4(), world.venue, Jsonb(facts(**changes)))[0]


# Finding


@pytest.mark.parametrize(
    "query", ["da", "DANA", "zo", "Zoë", "zoe", "  zoe ", "lu", "renée", "zoe lu", "zoe-lu"]
)
def test_a_family_is_found_by_the_beginning_of_any_first_name(
    world: World, jonas: Person, query: str
) -> None:
    parent = known(world, "Zoë-Luna", first_name="Dana Renee")
    known(world, "Max", first_name="Kim")
    (found,) = jonas.call(FIND, world.venue, query)
    assert found["parent_id"] == parent


@pytest.mark.parametrize("query", ["d", "", " ", "ana", "xy", "555", "555010", "%", "__", "ex@", "@"])
def test_less_than_that_finds_nobody(world: World, jonas: Person, query: str) -> None:
    known(world, phone="+1 555 0100", email="dana@example.org")
    assert names(jonas, world, query) == []


def test_a_name_finds_only_families_of_this_venue(world: World, jonas: Person) -> None:
    stranger = factories.parent(
        world.admin, first_name="Dana", phone="+1 555 010 9922", email="dd@example.org"
    )
    elsewhere = world.other_session(venue=factories.venue(world.admin))
    world.booking(world.child("Nia", parent_id=stranger), elsewhere)
    assert names(jonas, world, "dana") == names(jonas, world, "nia") == []
    for whole in ("+1 555 010 9922", "5550109922", "(555) 010-9922", "010 9922", "DD@example.org "):
        assert names(jonas, world, whole) == ["Dana"], whole
    for part in ("010992", "555 010 9923", "d@example.org", "2 555 010 9922"):
        assert names(jonas, world, part) == [], part


def test_what_is_told_of_a_family(world: World, jonas: Person) -> None:
    parent = known(world, "Nia", phone="+1 555 010 4567")
    factories.balance(world.admin, parent, 7)
    child = world.one("SELECT id FROM children WHERE parent_id = %s", parent)["id"]
    factories.health_note(world.admin, child)
    booking = jonas.call(
        "SELECT * FROM bookings.take_place(%s, %s, for_child => %s, payment => 'owed')",
        uuid4(),
        world.other_session(starts_at=SOON + timedelta(hours=3)),
        child,
    )[0]
    assert booking["owed"] == 2
    (found,) = jonas.call(FIND, world.venue, "nia")
    assert (found["phone_end"], found["credits"], found["owed"]) == ("4567", 7, 2)
    (told,) = found["children"]
    assert (told["first_name"], told["age_months"]) == ("Nia", 85)
    assert told["booked_today"] == ["Junior Judo", "Ballet"]
    assert told["health"][0]["label"] == "Peanut"


def test_hidden_children_are_neither_told_nor_searched(world: World, jonas: Person) -> None:
    parent = known(world, "Nia")
    world.child("Theo", parent_id=parent, parental_consent_given=False)
    (found,) = jonas.call(FIND, world.venue, "dana")
    assert [child["first_name"] for child in found["children"]] == ["Nia"]
    assert names(jonas, world, "theo") == []
    world.admin.execute("UPDATE users SET anonymised_at = app.now() WHERE id = %s", [parent])
    assert names(jonas, world, "dana") == []


def test_staff_without_children_are_no_family(world: World, jonas: Person) -> None:
    factories.user(world.admin, role="venue_admin", email="boss@example.org", phone="+1 555 010 8877")
    assert names(jonas, world, "boss@example.org") == names(jonas, world, "+1 555 010 8877") == []


def test_twenty_are_told_at_most(world: World, jonas: Person) -> None:
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 22")
    for number in range(22):
        known(world, f"Kid{number}")
    assert len(names(jonas, world, "dana")) == 20


def test_that_somebody_searched_is_in_the_trail_once_a_quarter_hour(world: World, jonas: Person) -> None:
    known(world)
    count = "SELECT user_id, device_id, venue_id, new_values FROM audit_logs WHERE entity_type = 'families'"
    for query in ("d", "dana", "nia"):
        jonas.call(FIND, world.venue, query)
    assert world.all(count) == [
        {"user_id": jonas.id, "device_id": jonas.device_id, "venue_id": world.venue, "new_values": None}
    ]
    world.at(NOON + timedelta(minutes=16))
    jonas.call(FIND, world.venue, "dana")
    assert len(world.all(count)) == 2


# Registering


def test_a_registered_family_is_whole_and_found_at_once(world: World, jonas: Person) -> None:
    made = register(jonas, world)
    parent = world.one("SELECT * FROM users WHERE id = %s", made["parent_id"])
    assert (parent["first_name"], parent["last_name"], parent["email"], parent["role"]) == (
        "Ada",
        "Lovell",
        "ada.lovell@example.org",
        "parent",
    )
    assert (parent["password_hash"], parent["timezone"]) == (None, "America/New_York")
    child = world.one("SELECT * FROM children WHERE id = %s", made["child_id"])
    assert (child["parent_id"], child["first_name"], child["date_of_birth"]) == (
        made["parent_id"],
        "Zoë",
        date(2019, 5, 1),
    )
    assert (child["parental_consent_given"], child["parental_consent_date"]) == (True, NOON)
    consent = world.all("SELECT * FROM parental_consent_records ORDER BY consent_type")
    assert [row["consent_type"] for row in consent] == [
        "activity_booking",
        "data_collection",
        "data_processing",
    ]
    for row in consent:
        assert (row["consent_method"], row["consent_version"], row["consent_text"], row["signed_by"]) == (
            "signature",
            "desk-1",
            "I agree.\nAll of it.",
            "Ada Lovell",
        )
        assert (row["consented_at"], row["consent_given"]) == (NOON, True)
    (note,) = world.all("SELECT * FROM child_health_notes")
    assert (note["label"], note["confirmed_by_name"], note["confirmed_on"]) == (
        "Peanut",
        "Ada Lovell",
        NOON.date(),
    )
    people = world.all("SELECT name, relationship, phone, may_collect FROM pickup_people ORDER BY created_at")
    assert [(row["name"], row["relationship"], row["may_collect"]) for row in people] == [
        ("Ada Lovell", "guardian", True),
        ("Rose", "grandmother", True),
        ("Sam", None, False),
    ]
    assert people[0]["phone"] == "+1 (555) 010-7788"
    for query in ("ada", "zoe", "5550107788", "ada.lovell@example.org"):
        assert [row["parent_id"] for row in jonas.call(FIND, world.venue, query)] == [made["parent_id"]]
    other = world.person(venues=(factories.venue(world.admin),), desk=world.desk("Desk 2"))
    assert denied(other, FIND, world.venue, "ada") == ("NX403", "not_permitted")


def test_sent_again_it_registers_nothing_more(world: World, jonas: Person) -> None:
    request = uuid4()
    assert register(jonas, world, request) == register(jonas, world, request)
    assert len(world.all("SELECT 1 FROM children")) == 1
    mia = world.person(name="Mia", desk=world.desk("Desk 2"))
    with pytest.raises(psycopg.Error) as caught:
        register(mia, world, request)
    assert refusal(caught.value) == ("NX409", "request_id_taken")


def test_a_refused_registration_may_be_mended_under_its_number(world: World, jonas: Person) -> None:
    request = uuid4()
    with pytest.raises(psycopg.Error):
        register(jonas, world, request, phone="12")
    assert register(jonas, world, request)["parent_id"]


def test_a_known_address_is_not_registered_again(world: World, jonas: Person) -> None:
    factories.parent(world.admin, email="Ada.Lovell@example.ORG")
    with pytest.raises(psycopg.Error) as caught:
        register(jonas, world)
    assert refusal(caught.value) == ("NX409", "email_known")
    assert caught.value.diag.message_primary == "A family with this e-mail address is known."
    assert world.all("SELECT 1 FROM desk_requests") == []


TOO_MANY = [{"kind": "medical", "severity": 2, "label": str(n), "title": "x"} for n in range(11)]
CROWD = [{"name": f"Aunt {n}"} for n in range(11)]


@pytest.mark.parametrize(
    ("field", "value", "key", "sentence"),
    [
        ("guardian_first_name", "  ", "guardian_first_name", "Enter the guardian's first name."),
        ("guardian_first_name", None, "guardian_first_name", "Enter the guardian's first name."),
        ("guardian_first_name", "x" * 101, "guardian_first_name", "Shorten the guardian's first name to 100"),
        ("guardian_first_name", "A\u200b\u200b\tB", "guardian_first_name", "Take the special characters out"),
        ("guardian_last_name", "\u200b\u2060", "guardian_last_name", "Enter the guardian's last name."),
        ("guardian_last_name", "Ro\u0007se", "guardian_last_name", "Take the special characters out"),
        ("phone", "123-456", "phone", "A phone number has at least 7 digits."),
        ("phone", "", "phone", "Enter a phone number."),
        ("email", "ada", "email", "This e-mail address is not complete."),
        ("email", "a@b", "email", "This e-mail address is not complete."),
        ("email", "a b@c.org", "email", "This e-mail address is not complete."),
        ("email", "", "email", "Enter an e-mail address."),
        ("signed_by", " ", "signed_by", "Enter the name of who signs the consent."),
        ("consent_text", "", "consent_text", "Enter the consent's text."),
        ("consent_version", "v" * 21, "consent_version", "Shorten the consent's version to 20 letters."),
        ("child", "Zoe", "date_of_birth", "Enter the child's birthday."),
        ("child__first_name", "", "first_name", "Enter the child's first name."),
        ("child__first_name", "a\nb", "first_name", "Take the special characters out"),
        ("child__date_of_birth", "2026-03-03", "date_of_birth", "A birthday lies in the past."),
        ("child__date_of_birth", "2008-03-02", "date_of_birth", "A child is under 18."),
        ("child__date_of_birth", "2019-02-30", "date_of_birth", "Enter the child's birthday."),
        ("child__date_of_birth", "infinity", "date_of_birth", "Enter the child's birthday."),
        ("child__health", TOO_MANY, "health", "Enter at most 10 health notes."),
        ("child__health", ["Peanut"], "health", "The list of health notes cannot be read."),
        ("child__health", [TOO_MANY[0] | {"label": "x" * 25}], "label", "Shorten the word on the chip to 24"),
        ("child__health", [TOO_MANY[0] | {"label": ""}], "label", "Enter the word on the chip."),
        ("child__health", [TOO_MANY[0] | {"title": " "}], "title", "Enter what it is."),
        ("child__health", [TOO_MANY[0] | {"kind": "odd"}], "kind", "Say what kind of health note it is."),
        ("child__health", [TOO_MANY[0] | {"severity": 4}], "severity", "Say how grave the health note is"),
        ("child__pickup", CROWD, "pickup", "Enter at most 10 people."),
        ("child__pickup", {"name": "Rose"}, "pickup", "The list of people cannot be read."),
        ("child__pickup", [{"name": ""}], "pickup_name", "Enter the name of who collects."),
        ("child__pickup", [{"name": "Al"}, {"name": "AL "}], "pickup_name", "AL is on the list twice."),
        ("child__pickup", [{"name": "Al", "phone": "12"}], "phone", "A phone number has at least 7 digits."),
        (
            "child__pickup",
            [{"name": "Al", "may_collect": "no"}],
            "may_collect",
            "Say whether Al may collect.",
        ),
    ],
)
def test_what_cannot_be_taken_says_so_in_a_sentence(
    world: World, jonas: Person, field: str, value: Any, key: str, sentence: str
) -> None:
    with pytest.raises(psycopg.Error) as caught:
        register(jonas, world, **{field: value})
    assert refusal(caught.value) == ("NX422", key)
    assert (caught.value.diag.message_primary or "").startswith(sentence)
    assert world.all("SELECT 1 FROM users WHERE role = 'parent'") == []


def test_names_of_all_scripts_and_a_list_with_the_guardian_in_it(world: World, jonas: Person) -> None:
    people = [{"name": "ada lovell", "relationship": "mother"}]
    register(jonas, world, child__first_name="محمد", child__pickup=people)
    assert world.all("SELECT name, relationship FROM pickup_people") == [
        {"name": "ada lovell", "relationship": "mother"}
    ]
    assert names(jonas, world, "مح") == ["Ada"]


def test_another_child_of_a_known_family(world: World, jonas: Person) -> None:
    parent, request = known(world), uuid4()
    given = Jsonb({name: value for name, value in facts().items() if not name.startswith("guardian")})
    made = jonas.call(ADD, request, world.venue, parent, given)
    assert jonas.call(ADD, request, world.venue, parent, given) == made
    assert made[0]["parent_id"] == parent
    (found,) = jonas.call(FIND, world.venue, "zoe")
    assert [child["first_name"] for child in found["children"]] == ["Nia", "Zoë"]
    staff = factories.user(world.admin, role="venue_admin")
    for unknown in (uuid4(), staff, None):
        assert denied(jonas, ADD, uuid4(), world.venue, unknown, given) == ("NX404", "no_family")


def test_the_trail_of_a_registration_hides_who_it_is(world: World, jonas: Person) -> None:
    register(jonas, world)
    trail = str(world.all("SELECT new_values, old_values FROM audit_logs"))
    for secret in ("Lovell", "Zoë", "Peanut", "Rose", "Court", "010-7788", "Call 911", "lovell@"):
        assert secret not in trail, secret
    kinds = {row["entity_type"] for row in world.all("SELECT entity_type FROM audit_logs")}
    assert kinds >= {"users", "children", "pickup_people", "child_health_notes", "parental_consent_records"}


@pytest.mark.parametrize("role", ["venue_finance", "platform_admin", "platform_finance"])
def test_families_are_denied_to_everybody_else(world: World, role: str) -> None:
    who, parent = world.person(role), known(world)
    refused = ("NX403", "not_permitted")
    assert denied(who, FIND, world.venue, "dana") == refused
    assert denied(who, REGISTER, uuid4(), world.venue, Jsonb(facts())) == refused
    assert denied(who, ADD, uuid4(), world.venue, parent, Jsonb(facts())) == refused


def test_foreign_and_absent_venues_are_refused_alike(world: World, jonas: Person) -> None:
    for venue in (factories.venue(world.admin), uuid4(), None):
        assert denied(jonas, FIND, venue, "dana") == ("NX403", "not_permitted")
        assert denied(jonas, REGISTER, uuid4(), venue, Jsonb(facts())) == ("NX403", "not_permitted")
