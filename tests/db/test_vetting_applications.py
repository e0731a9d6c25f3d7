"""Asking to become a venue: a draft of one's own, handed in once, answered, withdrawn; rows of a file, each once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, Row, World
from tests.support.vetting import CLAIM, DECIDE, FACTS, someone, verdict

BEGIN = "SELECT a FROM vetting.begin() AS a"
LIST = "SELECT a FROM vetting.applications() AS a"
SAVE = "SELECT a FROM vetting.save(%s, %s, %s) AS a"
SUBMIT = "SELECT a FROM vetting.submit(%s, %s) AS a"
ANSWER = "SELECT a FROM vetting.answer(%s, %s, %s, %s) AS a"
WITHDRAW = "SELECT a FROM vetting.withdraw_application(%s, %s) AS a"
IMPORT = "SELECT * FROM vetting.import_applications(%s, %s)"


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture(scope="module")
def nora(world: World) -> Person:
    return someone(world, "manager", "Nora")


@pytest.fixture(scope="module")
def ana(world: World) -> Person:
    return someone(world, "platform_admin", "Ana")


def one(person: Person, statement: str, *arguments: Any) -> Row:
    found: Row = person.call(statement, *arguments)[0]["a"]
    return found


def refused(person: Person, statement: str, *arguments: Any) -> tuple[str, str, str]:
    with pytest.raises(psycopg.Error) as caught:
        person.call(statement, *arguments)
    found = caught.value
    return found.sqlstate or "", found.diag.message_detail or "", found.diag.message_primary or ""


def submitted(person: Person, **changed: Any) -> Row:
    draft = one(person, BEGIN)
    saved = one(person, SAVE, draft["id"], draft["version"], Jsonb(FACTS | changed))
    return one(person, SUBMIT, saved["id"], saved["version"])


def test_a_draft_is_handed_in_once_and_makes_a_venue_that_waits(world: World, nora: Person) -> None:
    draft = one(nora, BEGIN)
    assert (draft["state"], draft["facts"], len(draft["missing"])) == ("draft", {"country": "USA"}, 11)
    assert one(nora, BEGIN)["id"] == draft["id"]  # nobody typed into it yet
    part = {name: FACTS[name] for name in ("name", "city", "country")}
    saved = one(nora, SAVE, draft["id"], draft["version"], Jsonb(part | {"nonsense": "x", "latitude": ""}))
    assert saved["facts"] == part
    assert refused(nora, SUBMIT, draft["id"], saved["version"]) == (
        "NX422",
        "missing",
        "Still missing: Category, Address, State, Postal code, Latitude, Longitude, Time zone, Email, Phone.",
    )
    assert refused(nora, SAVE, draft["id"], draft["version"], Jsonb(FACTS))[:2] == (
        "NX409",
        "version_changed",
    )
    saved = one(nora, SAVE, draft["id"], saved["version"], Jsonb(FACTS))
    assert saved["missing"] == []
    made = one(nora, SUBMIT, draft["id"], saved["version"])
    assert (made["state"], made["case"]["state"], made["case"]["kind"]) == ("submitted", "open", "new_venue")
    assert one(nora, SUBMIT, draft["id"], saved["version"])["venue_id"] == made["venue_id"]
    venue = world.one("SELECT * FROM venues WHERE id = %s", UUID(made["venue_id"]))
    assert (venue["status"], venue["slug"], venue["state"], venue["legal_name"]) == (
        "pending_approval",
        "bright-hands-art-studio",
        "OR",
        "Bright Hands LLC",
    )
    assert made["case"]["due_at"] == (NOON + timedelta(days=5)).isoformat()
    assert set(made["case"]["standings"].values()) == {"missing"}
    told = world.all(
        "SELECT template_key, body FROM notifications WHERE user_id = %s AND channel = 'in_app'", nora.id
    )
    assert told == [
        {
            "template_key": "application_received",
            "body": "We received the application of Bright Hands Art Studio and answer by Saturday 7 March, 09:00.",
        }
    ]
    assert one(nora, LIST)["id"] == draft["id"]
    assert refused(nora, SAVE, draft["id"], made["version"], Jsonb(FACTS))[1] == "not_a_draft"
    again = submitted(nora)
    second = world.one("SELECT slug FROM venues WHERE id = %s", UUID(again["venue_id"]))["slug"]
    assert second == "bright-hands-art-studio-2"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "x" * 256),
        ("category", "lion taming"),
        ("timezone", "Mars/Base"),
        ("timezone", "EST"),
        ("contact_email", "nobody"),
        ("website_url", "javascript:alert(1)"),
        ("latitude", "91"),
        ("longitude", "east"),
        ("ages_to", "3"),
        ("ages_from", "-1"),
        ("postal_code", "9" * 21),
        ("description", "x" * 4001),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_field(nora: Person, field: str, value: str) -> None:
    draft = one(nora, BEGIN)
    facts = Jsonb(FACTS | {field: value})
    assert refused(nora, SAVE, draft["id"], draft["version"], facts)[:2] == ("NX422", field)


def test_control_characters_are_no_text(nora: Person) -> None:
    draft = one(nora, BEGIN)
    facts = {"name": " Bright\tHands\x07 \u2028Studio ", "description": "One\r\n\x1b[31mTwo\n"}
    saved = one(nora, SAVE, draft["id"], draft["version"], Jsonb(facts))
    assert saved["facts"] == {
        "name": "Bright Hands Studio",
        "description": "One \n [31mTwo",
        "country": "USA",
    }
    one(nora, WITHDRAW, draft["id"], saved["version"])


def test_an_application_is_its_applicant_s_alone(world: World, nora: Person) -> None:
    draft = one(nora, BEGIN)
    other = someone(world, "manager", "Max")
    assert other.call(LIST) == []
    for statement, arguments in (
        (SAVE, (draft["id"], 1, Jsonb(FACTS))),
        (SUBMIT, (draft["id"], 1)),
        (ANSWER, (draft["id"], 1, Jsonb(FACTS), "")),
        (WITHDRAW, (draft["id"], 1)),
    ):
        assert refused(other, statement, *arguments)[:2] == ("NX404", "no_application")


@pytest.mark.parametrize("role", ["front_desk", "venue_finance", "platform_finance"])
def test_who_manages_nothing_applies_for_nothing(world: World, nora: Person, role: str) -> None:
    draft = one(nora, BEGIN)
    person = someone(world, role)
    for statement, arguments in (
        ("SELECT vetting.applications()", ()),
        ("SELECT vetting.begin()", ()),
        ("SELECT vetting.save(%s, 1, '{}')", (draft["id"],)),
        ("SELECT vetting.submit(%s, 1)", (draft["id"],)),
        ("SELECT vetting.answer(%s, 1, '{}', '')", (draft["id"],)),
        ("SELECT vetting.withdraw_application(%s, 1)", (draft["id"],)),
    ):
        assert refused(person, statement, *arguments)[:2] == ("NX403", "not_permitted")


def decide(world: World, ana: Person, application: Row, how: str) -> None:
    of_case = UUID(application["case"]["id"])
    version = world.one("SELECT version FROM venue_cases WHERE id = %s", of_case)["version"]
    version = ana.call(CLAIM, of_case, version)[0]["version"]
    ana.call(DECIDE, of_case, version, verdict(how, "Please check the address."))


def test_what_was_asked_for_is_answered_and_waits_again(world: World, nora: Person, ana: Person) -> None:
    made = submitted(nora, name="Clay Corner")
    assert refused(nora, ANSWER, made["id"], made["version"], Jsonb(FACTS), "")[:2] == ("NX409", "not_asked")
    decide(world, ana, made, "ask")
    found = next(one["a"] for one in nora.call(LIST) if one["a"]["id"] == made["id"])
    assert (found["case"]["state"], found["feedback"]) == ("asked", "Please check the address.")
    world.at(NOON + timedelta(days=2))
    facts = Jsonb(FACTS | {"name": "Clay Corner", "address_line1": "14 North Main Street"})
    lacking = Jsonb({"name": "Clay Corner"})
    assert refused(nora, ANSWER, made["id"], made["version"], lacking, "")[:2] == ("NX422", "missing")
    assert refused(nora, ANSWER, made["id"], 99, facts, "")[:2] == ("NX409", "version_changed")
    after = one(nora, ANSWER, made["id"], made["version"], facts, "It is 14, not 12.")
    assert (after["case"]["state"], after["feedback"]) == ("open", None)
    assert after["case"]["due_at"] == (NOON + timedelta(days=7)).isoformat()
    venue = world.one("SELECT address_line1, address_key FROM venues JOIN venue_keys ON venue_id = id WHERE id = %s",
                      UUID(made["venue_id"]))  # fmt: skip
    assert venue == {"address_line1": "14 North Main Street", "address_key": "14 n main st 97209"}
    reasons = world.all(
        "SELECT reason FROM venue_events WHERE kind = 'answered' AND venue_id = %s", UUID(made["venue_id"])
    )
    assert reasons == [{"reason": "It is 14, not 12."}]
    world.at(NOON)


def test_a_withdrawn_one_closes_its_case_and_a_decided_one_stays(
    world: World, nora: Person, ana: Person
) -> None:
    made = submitted(nora, name="Gone")
    after = one(nora, WITHDRAW, made["id"], made["version"])
    assert (after["state"], after["case"]["outcome"]) == ("withdrawn", "withdrawn")
    assert one(nora, WITHDRAW, made["id"], after["version"])["state"] == "withdrawn"
    status = world.one("SELECT status::text FROM venues WHERE id = %s", UUID(made["venue_id"]))["status"]
    assert status == "rejected"
    assert refused(nora, SUBMIT, made["id"], after["version"])[:2] == ("NX409", "withdrawn")
    kept = submitted(nora, name="Refused")
    decide(world, ana, kept, "reject")
    assert refused(nora, WITHDRAW, kept["id"], kept["version"])[:2] == ("NX409", "decided_already")


def rows_of(count: int) -> list[Row]:
    return [
        FACTS | {
            "row": n + 2,
            "name": f"{chr(65 + n % 26)}{n:04} Workshop",
            "contact_phone": f"+1 503 6{n:06}",
            "tax_number": f"77-{n:07}",
            "address_line1": f"{n} Elm Street",
        }
        for n in range(count)
    ]  # fmt: skip


def test_an_import_takes_each_row_once(world: World, ana: Person) -> None:
    made = rows_of(4)
    made[1] = made[1] | {"timezone": "Nowhere"}
    made[2] = {"row": 4, "name": "Half"}
    made.append(made[0] | {"row": 6, "name": "a0000  WORKSHOP, Inc."})
    before = world.one("SELECT count(*) AS n FROM venues")["n"]
    fates = ["new", "refused", "refused", "new", "known"]
    for take in (False, True):
        found = ana.call(IMPORT, Jsonb(made), take)
        assert [one["fate"] for one in found] == fates
        assert world.one("SELECT count(*) AS n FROM venues")["n"] == before + (2 if take else 0)
    assert [one["row"] for one in found] == [2, 3, 4, 5, 6]
    assert found[4]["why"] == "The same as row 2."
    assert (found[2]["why"] or "").startswith("Still missing: Category, Address")
    again = ana.call(IMPORT, Jsonb(made), True)
    assert [one["fate"] for one in again] == ["known", "refused", "refused", "known", "known"]
    assert world.one("SELECT count(*) AS n FROM venues")["n"] == before + 2
    assert any(one["same_tax"] and one["same_phone"] for one in again[0]["candidates"])


def test_an_import_has_a_limit_and_a_shape(ana: Person) -> None:
    assert refused(ana, IMPORT, Jsonb([{}] * 5001), False)[:2] == ("NX422", "too_many_rows")
    assert refused(ana, IMPORT, Jsonb({"a": 1}), False)[0] == "NX422"
    assert [one["fate"] for one in ana.call(IMPORT, Jsonb([1, None, "x", []]), True)] == ["refused"] * 4


def test_two_thousand_rows_are_compared_quickly(world: World, ana: Person) -> None:
    """In one statement; a second is far more than it takes, and far less than row by row over a slow line."""
    made = rows_of(2000)
    factories.venue(world.admin, name=made[1999]["name"] + " LLC")
    started = time.monotonic()
    found = ana.call(IMPORT, Jsonb(made), False)
    assert time.monotonic() - started < 10
    assert len(found) == 2000
    assert [one["same_name"] for one in found[1999]["candidates"] if one["venue"].endswith(" LLC")] == [True]
