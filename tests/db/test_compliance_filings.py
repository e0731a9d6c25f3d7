"""What a venue files, takes back and answers with, and the facts it may consist of, over real logins.

docs/design.md, "Rules of the domain" (compliance) and "The database" (authorisation).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.compliance import (
    CERTIFICATE,
    FACTS,
    accept,
    day,
    file,
    messages,
    refused,
    settle,
    somebody,
)
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.factories import NOON
from tests.support.identities import refusal


@pytest.fixture
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture
def manager(world: World) -> Person:
    return somebody(world, "manager", "Maya")


@pytest.fixture
def noor(world: World) -> Person:
    """Somebody of headquarters."""
    return somebody(world, "platform_admin", "Noor")


def events(world: World) -> list[str]:
    found = world.all("SELECT kind FROM venue_events WHERE venue_id = %s ORDER BY at, id", world.venue)
    return sorted(row["kind"] for row in found)


def test_a_manager_files_and_headquarters_accepts(world: World, manager: Person, noor: Person) -> None:
    page = file(manager, world.venue, papers=CERTIFICATE, note="Renewed early.")
    assert (page["standing"], page["lacks"], page["current"]) == ("pending", [], None)
    waiting = page["waiting"]
    assert waiting["filed_by"] == "Maya"
    assert waiting["facts"] == {
        "provider": "Hartwell Mutual",
        "policy_number": "HM 1",
        "coverage_amount": "2000000",
    }
    assert [one["title"] for one in waiting["documents"]] == ["Certificate"]
    # An open venue's filing waits for headquarters as a renewal.
    case = world.one("SELECT kind::text, state::text FROM venue_cases WHERE venue_id = %s", world.venue)
    assert case == {"kind": "renewal", "state": "open"}

    page = accept(noor, world.venue, page)
    assert (page["standing"], page["waiting"]) == ("satisfied", None)
    assert page["current"]["decided_by"] == "Noor"
    row = world.one("SELECT * FROM venues WHERE id = %s", world.venue)
    assert (row["insurance_policy_number"], row["insurance_expiry_date"]) == ("HM 1", day(300))
    assert row["insurance_coverage_amount"] == 2000000
    assert messages(world, manager, "filing_accepted") == 1
    said = world.one(
        "SELECT title FROM notifications WHERE user_id = %s AND template_key = 'filing_accepted' AND channel = 'email'",
        manager.id,
    )
    assert said["title"] == "Accepted: The insurance of Riverside Studio"
    assert events(world) == ["case_opened", "filed", "filing_accepted"]


def test_what_is_filed_anew_replaces_what_waited(world: World, manager: Person) -> None:
    first = file(manager, world.venue)["waiting"]["id"]
    second = file(manager, world.venue, expires_on=day(200))["waiting"]["id"]
    found = world.all("SELECT id, state::text FROM requirement_filings WHERE venue_id = %s", world.venue)
    states = {str(row["id"]): row["state"] for row in found}
    assert (states[first], states[second]) == ("replaced", "filed")


def test_how_long_a_verification_holds_is_not_the_venues_to_say(
    world: World, manager: Person, noor: Person
) -> None:
    page = file(manager, world.venue, "reverification", valid_from=day(-1), expires_on=day(7000))
    assert (page["waiting"]["valid_from"], page["waiting"]["expires_on"]) == (None, None)
    page = accept(noor, world.venue, page)
    assert page["expires_on"] == "2027-03-02"


def test_what_waits_can_be_taken_back_once(world: World, manager: Person) -> None:
    waiting = file(manager, world.venue)["waiting"]
    statement = "SELECT vetting.withdraw_filing(%s, %s, %s) AS page"
    assert refused(manager, statement, world.venue, waiting["id"], 99) == ("NX409", "version_changed")
    page = manager.call(statement, world.venue, waiting["id"], waiting["version"])[0]["page"]
    assert (page["standing"], page["waiting"]) == ("missing", None)
    assert refused(manager, statement, world.venue, waiting["id"], waiting["version"] + 1) == (
        "NX409",
        "filing_decided",
    )
    assert refused(manager, statement, world.venue, uuid4(), 1) == ("NX404", "no_filing")


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("insurance", {"facts": FACTS["insurance"] | {"provider": " "}}, "provider"),
    ("insurance", {"facts": FACTS["insurance"] | {"provider": "x" * 151}}, "provider"),
    ("insurance", {"facts": FACTS["insurance"] | {"policy_number": None}}, "policy_number"),
    ("insurance", {"facts": FACTS["insurance"] | {"coverage_amount": "much"}}, "coverage_amount"),
    ("insurance", {"facts": FACTS["insurance"] | {"coverage_amount": "-1"}}, "coverage_amount"),
    ("insurance", {"facts": FACTS["insurance"] | {"coverage_amount": "1e400"}}, "coverage_amount"),
    ("insurance", {"expires_on": day(-1)}, "expires_on"),
    ("insurance", {"expires_on": day(9000)}, "expires_on"),
    ("insurance", {"valid_from": day(9), "expires_on": day(8)}, "expires_on"),
    ("safety_audit", {"facts": {"score": "101", "auditor": "X"}}, "score"),
    ("safety_audit", {"facts": {"score": "7.5", "auditor": "X"}}, "score"),
    ("safety_audit", {"facts": {"score": 90}}, "auditor"),
    ("safety_audit", {"valid_from": day(1)}, "valid_from"),
    ("safety_audit", {"valid_from": day(-400)}, "valid_from"),
    ("payout_account", {"facts": {"last_four": "123", "holder": "X"}}, "last_four"),
    ("payout_account", {"facts": {"last_four": "12 4", "holder": "X"}}, "last_four"),
    ("payout_account", {"facts": {"last_four": "1234"}}, "holder"),
    ("payout_account", {"note": "x" * 1001}, "note"),
]


def test_facts_have_their_shape(world: World, manager: Person) -> None:
    for kind, change, field in BAD:
        with pytest.raises(psycopg.Error) as caught:
            file(manager, world.venue, kind, **change)
        assert refusal(caught.value) == ("NX422", field), (kind, change)
    assert world.all("SELECT id FROM requirement_filings WHERE venue_id = %s", world.venue) == []


def test_facts_that_are_none_of_its_kind_are_not_kept(world: World, manager: Person) -> None:
    facts = FACTS["payout_account"] | {"coverage_amount": 5, "iban": "DE89 3704 0044 0532 0130 00"}
    page = file(manager, world.venue, "payout_account", facts, expires_on=day(9))
    assert page["waiting"]["facts"] == FACTS["payout_account"]
    assert page["waiting"]["expires_on"] is None


def test_a_venue_that_was_turned_down_files_nothing(world: World, noor: Person) -> None:
    venue = factories.venue(world.admin, name="Turned Down", status="rejected")
    settle(world, venue)
    with pytest.raises(psycopg.Error) as caught:
        file(noor, venue, "payout_account")
    assert refusal(caught.value) == ("NX409", "venue_rejected")


def test_an_applicant_files_before_there_is_anything_to_manage(world: World, manager: Person) -> None:
    venue = factories.venue(world.admin, name="New Place", status="pending_approval")
    settle(world, venue)
    assert refused(manager, "SELECT vetting.requirements(%s)", venue) == ("NX404", "no_venue")
    factories.insert(
        world.admin,
        "venue_applications",
        {
            "state": "submitted",
            "applicant_id": manager.id,
            "venue_id": venue,
            "name": "New Place",
            "submitted_at": NOON,
        },
    )
    assert file(manager, venue, "payout_account")["standing"] == "pending"
    # Nothing waits for a renewal: the venue is not open yet.
    assert world.all("SELECT * FROM venue_cases WHERE venue_id = %s", venue) == []


def test_an_answer_opens_what_was_asked_again(world: World, manager: Person, noor: Person) -> None:
    case = factories.insert(
        world.admin,
        "venue_cases",
        {
            "venue_id": world.venue,
            "kind": "yearly_check",
            "state": "asked",
            "due_at": NOON - timedelta(days=1),
        },
    )
    state = "SELECT state::text, due_at > app.now() AS anew FROM venue_cases WHERE id = %s"
    file(noor, world.venue, "payout_account")
    assert world.one(state, case) == {"state": "asked", "anew": False}
    file(manager, world.venue, "payout_account")
    assert world.one(state, case) == {"state": "open", "anew": True}


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "The insurance ends on 11 April 2026"),
        ("es", "El seguro: vence el 11 de abril de 2026"),
        ("ru", "страховка: срок до 11 апреля 2026"),
    ],
)
def test_a_manager_reads_of_papers_in_the_own_language(world: World, language: str, title: str) -> None:
    reader = factories.user(world.admin, preferred_language=language)
    facts = {"venue_id": str(world.venue), "venue": "Riverside", "requirement": "insurance"}
    days = {"ends_on": "2026-04-11", "suspends_on": "2026-04-26", "reason": "Read 2 {{venue}}."}
    for template in (
        "requirement_reminder",
        "requirement_expired",
        "filing_accepted",
        "filing_declined",
        "suspension_coming",
    ):
        told = "SELECT notify.tell(%s, %s, %s, %s)"
        world.all(told, reader, template, Jsonb(facts | days), f"{template}:{reader}")
    found = world.all(
        "SELECT template_key, channel::text, title, body FROM notifications WHERE user_id = %s", reader
    )
    assert len(found) == 10
    for row in found:
        assert "{{" not in row["title"] + row["body"].replace("Read 2 {{venue}}.", ""), row
    shown = {row["template_key"]: row["title"] for row in found if row["channel"] == "in_app"}
    assert shown["requirement_reminder"] == title
