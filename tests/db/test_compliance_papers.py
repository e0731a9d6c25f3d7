"""The files of filings, told by their bytes and read by whoever may; who reaches a venue's papers at all.

docs/design.md, "Rules of the domain" (compliance) and "The database" (authorisation).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.compliance import (
    CERTIFICATE,
    FACTS,
    FILE,
    PDF,
    PNG,
    day,
    file,
    paper,
    refused,
    somebody,
)
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.identities import refusal

NOT_PERMITTED = ("NX403", "not_permitted")


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
