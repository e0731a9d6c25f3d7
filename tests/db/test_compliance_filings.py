"""Filing, taking back, judging; people's checks; files: over real logins, allowed and refused.

docs/design.md, "Rules of the domain" (compliance) and "The database" (authorisation).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.compliance import (
    FACTS,
    FILE,
    PDF,
    PNG,
    accept,
    day,
    file,
    paper,
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

NOT_PERMITTED = ("NX403", "not_permitted")
CERTIFICATE = ((paper(), PDF),)


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


def messages(world: World, person: Person, template: str) -> int:
    return int(
        world.one(
            "SELECT count(*) AS n FROM notifications WHERE user_id = %s AND template_key = %s AND channel = 'email'",
            person.id,
            template,
        )["n"]
    )


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


BAD_FILES: list[tuple[dict[str, object], bytes]] = [
    (paper(), b""),
    (paper(), b"<html><script>alert(1)</script></html>"),
    (paper(), PNG),
    (paper("a.png", "image/png"), PDF),
    (paper("a.svg", "image/svg+xml"), b"<svg/>"),
    (paper("a.html", "text/html"), b"<p>"),
    (paper("../../etc/passwd"), PDF),
    (paper("a\u202efdp.exe"), PDF),
    (paper(""), PDF),
    (paper(pages=0), PDF),
    (paper(pages="many"), PDF),
    (paper(), PDF + b"/OpenAction <</S /JavaScript /JS (app.alert(1))>>"),
    (paper(), PDF + b"/Names <</EmbeddedFiles 3 0 R>>"),
    (paper(), PDF + b" " * (20 * 1024 * 1024)),
]


def test_the_database_looks_at_files_again(world: World, manager: Person) -> None:
    for number, bad in enumerate(BAD_FILES):
        with pytest.raises(psycopg.Error) as caught:
            file(manager, world.venue, papers=(bad,))
        assert refusal(caught.value) == ("NX422", "documents"), number
    assert world.all("SELECT id FROM documents WHERE venue_id = %s", world.venue) == []


def test_names_and_bytes_of_files_belong_together(world: World, manager: Person) -> None:
    arguments = [world.venue, "insurance", Jsonb(FACTS["insurance"]), None, day(9), None]
    assert refused(manager, FILE, *arguments, Jsonb([paper()]), []) == ("NX422", "documents")
    assert refused(manager, FILE, *arguments, Jsonb({}), [PDF]) == ("NX422", "documents")
    eleven = [paper()] * 11
    assert refused(manager, FILE, *arguments, Jsonb(eleven), [PDF] * 11) == ("NX422", "documents")


def test_reading_a_document_is_noted_for_a_reviewer(world: World, manager: Person, noor: Person) -> None:
    page = file(manager, world.venue, papers=((paper(), PDF), (paper("b.png", "image/png"), PNG)))
    first = page["waiting"]["documents"][0]
    found = manager.call("SELECT * FROM vetting.document(%s)", first["id"])[0]
    assert (found["file_name"], bytes(found["content"])) == ("certificate.pdf", PDF)
    assert world.all("SELECT * FROM document_reads WHERE document_id = %s", first["id"]) == []
    for _twice in range(2):
        noor.call("SELECT * FROM vetting.document(%s)", first["id"])
    assert len(world.all("SELECT * FROM document_reads WHERE user_id = %s", noor.id)) == 1
    pages = noor.call("SELECT vetting.requirements(%s) AS pages", world.venue)[0]["pages"]
    read = [one["read_at"] is not None for one in pages[0]["waiting"]["documents"]]
    assert sorted(read) == [False, True]


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


def refused_attempts(
    world: World, venue: UUID, filing: UUID, document: UUID, person: UUID
) -> list[tuple[str, list[Any]]]:
    arguments = [venue, "payout_account", Jsonb(FACTS["payout_account"]), None, None, None, Jsonb([]), []]
    return [
        ("SELECT vetting.file(%s, %s, %s, %s, %s, %s, %s, %s)", arguments),
        ("SELECT vetting.requirements(%s)", [venue]),
        ("SELECT vetting.withdraw_filing(%s, %s, 1)", [venue, filing]),
        ("SELECT vetting.put_person(%s, NULL, 0, 'Nia', 'Coach', %s)", [venue, day(-1)]),
        ("SELECT vetting.person_left(%s, %s, 1, %s)", [venue, person, day(0)]),
        ("SELECT * FROM vetting.document(%s)", [document]),
        ("SELECT vetting.ask_reinstatement(%s, 1, 'Please.')", [venue]),
    ]


def test_only_who_edits_the_venue_reaches_its_papers(world: World, manager: Person) -> None:
    page = file(manager, world.venue, papers=CERTIFICATE)
    filing, document = UUID(page["waiting"]["id"]), UUID(page["waiting"]["documents"][0]["id"])
    tomas = manager.call(
        "SELECT vetting.put_person(%s, NULL, 0, 'Tomas', 'Coach', %s) AS p", world.venue, day(-1)
    )
    tries = refused_attempts(world, world.venue, filing, document, UUID(tomas[0]["p"]["id"]))
    elsewhere = factories.venue(world.admin, name="Other Place")
    foreign = somebody(world, "manager", "Otto", elsewhere)
    for role in ("front_desk", "venue_finance"):
        who = somebody(world, role)
        for statement, arguments in tries:
            assert refused(who, statement, *arguments) == NOT_PERMITTED, (role, statement)
    missing = refused_attempts(world, uuid4(), filing, uuid4(), uuid4())
    for (statement, arguments), (_same, absent) in zip(tries, missing, strict=True):
        here = refused(foreign, statement, *arguments)
        assert here[0] == "NX404", statement
        # A venue of somebody else looks like none.
        assert refused(foreign, statement, *absent) == here, statement


def test_nobody_but_headquarters_judges(world: World, manager: Person) -> None:
    page = file(manager, world.venue, papers=CERTIFICATE)
    waiting = page["waiting"]
    tomas = manager.call(
        "SELECT vetting.put_person(%s, NULL, 0, 'Tomas', 'Coach', %s) AS p", world.venue, day(-1)
    )
    judging: list[tuple[str, list[Any]]] = [
        ("SELECT vetting.judge(%s, %s, 1, true, NULL)", [world.venue, waiting["id"]]),
        (
            "SELECT vetting.check_came_back(%s, %s, 1, true, %s, NULL)",
            [world.venue, tomas[0]["p"]["id"], day(0)],
        ),
        ("SELECT vetting.suspension(%s, NULL)", [world.venue]),
        ("SELECT vetting.suspend(%s, NULL, 'x', 'Because.')", [world.venue]),
        ("SELECT vetting.compliance_settings()", []),
        ("SELECT vetting.save_compliance_settings('{}')", []),
        ("""SELECT vetting.suspensions('{"grace_days": 1, "suspends": true}')""", []),
    ]
    # At a desk that belongs to a venue headquarters is not headquarters.
    bound = world.person("platform_admin", name="Bound", desk=world.desk("At the venue", world.venue))
    people = [manager, bound] + [
        somebody(world, role) for role in ("front_desk", "venue_finance", "platform_finance")
    ]
    for who in people:
        for statement, arguments in judging:
            assert refused(who, statement, *arguments) == NOT_PERMITTED, (who.name, statement)


def test_papers_are_read_through_functions_alone(world: World, manager: Person) -> None:
    file(manager, world.venue, papers=CERTIFICATE)
    for table in (
        "requirement_filings",
        "background_checks",
        "filing_documents",
        "document_reads",
        "venue_events",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            manager.call(f"SELECT * FROM {table}")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        manager.call("SELECT content FROM documents")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        manager.call("SELECT insurance_policy_number FROM venues")


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
