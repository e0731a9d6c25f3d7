"""Judging what was filed and whose background was checked: what is refused, and two people at once.

docs/design.md, "Rules of the domain" (compliance) and "The database" (authorisation).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.support.compliance import (
    CERTIFICATE,
    FACTS,
    accept,
    day,
    file,
    messages,
    put_filing,
    refused,
    settle,
    somebody,
    waits_for_a_lock,
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


def test_declining_says_why_and_the_venue_reads_it(world: World, manager: Person, noor: Person) -> None:
    waiting = file(manager, world.venue, "safety_audit", papers=CERTIFICATE)["waiting"]
    judge = "SELECT vetting.judge(%s, %s, %s, false, %s) AS page"
    mine = (world.venue, waiting["id"], waiting["version"])
    assert refused(noor, judge, *mine, "  ") == ("NX422", "reason")
    page = noor.call(judge, *mine, "The page with the score is missing.")[0]["page"]
    assert (page["standing"], page["waiting"]["state"]) == ("missing", "declined")
    assert page["waiting"]["reason"] == "The page with the score is missing."
    assert messages(world, manager, "filing_declined") == 1
    assert refused(noor, judge, *mine, "Again.") == ("NX409", "filing_decided")


@pytest.mark.parametrize(
    ("kind", "change", "sentence"),
    [
        ("insurance", {"facts": FACTS["insurance"] | {"coverage_amount": "999999.99"}}, "The cover is"),
        ("insurance", {"papers": ()}, "No document is attached."),
        ("safety_audit", {"facts": {"score": 69, "auditor": "X"}}, "The score is 69; at least 70"),
        ("background_checks", {}, "Nobody is named yet."),
    ],
)
def test_what_lacks_something_is_not_accepted(
    world: World, manager: Person, noor: Person, kind: str, change: dict[str, Any], sentence: str
) -> None:
    page = file(manager, world.venue, kind, **({"papers": CERTIFICATE} | change))
    assert page["lacks"][0].startswith(sentence)
    with pytest.raises(psycopg.Error) as caught:
        accept(noor, world.venue, page)
    assert refusal(caught.value) == ("NX422", "lacks")


def test_a_certificate_that_ends_while_it_waits_is_not_accepted(
    world: World, manager: Person, noor: Person
) -> None:
    page = file(manager, world.venue, expires_on=day(2), papers=CERTIFICATE)
    world.at(NOON + timedelta(days=3))
    with pytest.raises(psycopg.Error) as caught:
        accept(noor, world.venue, page)
    assert refusal(caught.value) == ("NX422", "lacks")


def test_a_persons_check_is_ordered_answered_and_ordered_anew(
    world: World, manager: Person, noor: Person
) -> None:
    put = "SELECT vetting.put_person(%s, %s, %s, %s, %s, %s) AS person"
    tomas = manager.call(put, world.venue, None, 0, " Tomas ", "Coach", day(-9))[0]["person"]
    assert (tomas["first_name"], tomas["result"]) == ("Tomas", "pending")
    back = "SELECT vetting.check_came_back(%s, %s, %s, %s, %s, %s) AS person"
    mine = (world.venue, tomas["id"], tomas["version"])
    assert refused(noor, back, *mine, True, day(-10), None) == ("NX422", "decided_on")
    assert refused(noor, back, *mine, True, day(-1), day(-1)) == ("NX422", "expires_on")
    tomas = noor.call(back, *mine, True, day(-1), day(20))[0]["person"]
    assert refused(noor, back, *mine, True, day(-1), None) == ("NX409", "version_changed")
    assert refused(noor, back, world.venue, tomas["id"], tomas["version"], False, day(0), None) == (
        "NX409",
        "came_back",
    )
    row = world.one("SELECT * FROM venues WHERE id = %s", world.venue)
    assert (row["background_check_completed"], row["background_check_date"]) == (True, day(-1))

    # Ordered anew the old answer counts on, for the same person.
    mine = (world.venue, tomas["id"], tomas["version"])
    assert refused(manager, put, *mine, "Tomas", "Coach", day(-2)) == ("NX422", "ordered_on")
    tomas = manager.call(put, *mine, "Tomas", "Head coach", day(0))[0]["person"]
    assert (tomas["result"], tomas["expires_on"]) == ("pending", day(20).isoformat())
    pages = manager.call("SELECT vetting.requirements(%s) AS pages", world.venue)[0]["pages"]
    assert pages[1]["standing"] == "expiring"
    other = manager.call(put, world.venue, tomas["id"], tomas["version"], "Boris", "Head coach", day(0))
    assert other[0]["person"]["expires_on"] is None
    manager.call(
        "SELECT vetting.person_left(%s, %s, %s, %s)",
        world.venue,
        other[0]["person"]["id"],
        other[0]["person"]["version"],
        day(-1),
    )
    pages = manager.call("SELECT vetting.requirements(%s) AS pages", world.venue)[0]["pages"]
    assert (pages[1]["standing"], pages[1]["people"]) == ("missing", [])


def test_nobody_judges_while_somebody_else_has_the_case_in_hand(
    world: World, manager: Person, noor: Person
) -> None:
    page = file(manager, world.venue, papers=CERTIFICATE)
    ada = somebody(world, "platform_admin", "Ada")
    world.all(
        """UPDATE venue_cases SET claimed_by = %s, claimed_at = app.now(), claimed_until = app.now() + interval '20 min'
            WHERE venue_id = %s RETURNING id""",
        ada.id,
        world.venue,
    )
    with pytest.raises(psycopg.Error) as caught:
        accept(noor, world.venue, page)
    assert refusal(caught.value) == ("NX409", "claimed")
    world.at(NOON + timedelta(minutes=21))
    assert accept(noor, world.venue, page)["standing"] == "satisfied"


def test_accepting_replaces_what_counted(world: World, manager: Person, noor: Person) -> None:
    old = put_filing(world, world.venue, "insurance", expires_on=day(10))
    settle(world, world.venue)
    page = file(manager, world.venue, papers=CERTIFICATE)
    assert (page["standing"], page["current"]["id"]) == ("expiring", str(old))
    page = accept(noor, world.venue, page)
    assert page["standing"] == "satisfied"
    assert world.one("SELECT state::text FROM requirement_filings WHERE id = %s", old)["state"] == "replaced"


def test_two_who_judge_the_same_filing_at_once_are_one_judgement(
    world: World, manager: Person, noor: Person
) -> None:
    page = file(manager, world.venue, papers=CERTIFICATE)
    ada = somebody(world, "platform_admin", "Ada")
    answers: list[tuple[str | None, str | None] | str] = []

    def second() -> None:
        try:
            answers.append(accept(ada, world.venue, page)["standing"])
        except psycopg.Error as error:
            answers.append(refusal(error))

    thread = threading.Thread(target=second)
    with noor.connection.transaction():
        assert accept(noor, world.venue, page)["standing"] == "satisfied"
        thread.start()
        waits_for_a_lock(world, ada)
    thread.join(10)
    assert answers == [("NX409", "filing_decided")]
    assert messages(world, manager, "filing_accepted") == 1
