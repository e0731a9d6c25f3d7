"""The approval queue through the console's own service, over real logins: pages, one case, many at once, likenesses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from console.domain.paging import PageRequest
from console.domain.vetting import (
    CaseKind,
    CaseState,
    Decision,
    Requirement,
    Standing,
    Verdict,
    Waiver,
)
from console.errors import Conflict, Denied, Invalid, NotFound
from console.models.gateway_vetting import CaseGateway
from console.services.likeness import name_score
from console.services.vetting import CaseService
from console.storage.compliance import ComplianceQueries
from console.storage.database import Database as DeskDatabase
from console.storage.evidence import EvidenceQueries
from console.storage.vetting import CaseQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.vetting import case, row, someone


@dataclass
class Office:
    """A reviewer's service, with what it stands on."""

    world: World
    person: Person
    service: CaseService


def service_of(person: Person) -> tuple[DeskDatabase, CaseService]:
    database = DeskDatabase(person.dsn)
    service = CaseService(CaseQueries(database), EvidenceQueries(database), ComplianceQueries(database))
    gateway: CaseGateway = service
    assert gateway is service
    return database, service


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
async def office(world: World) -> AsyncIterator[Office]:
    person = someone(world, name="Ana")
    database, service = service_of(person)
    await database.set_token(person.token)
    yield Office(world, person, service)
    await database.close()


def due(days: int) -> dict[str, Any]:
    at = NOON + timedelta(days=days)
    return {"opened_at": at - timedelta(days=5), "due_at": at}


async def test_pages_follow_each_other_whatever_the_order(office: Office) -> None:
    world, service = office.world, office.service
    made = [case(world, **due(n - 3)) for n in range(7)]
    for n, one in enumerate(made):
        world.admin.execute(
            "UPDATE venues SET name = %s WHERE id = %s", [f"{'ab'[n % 2]}{n}", row(world, one)["venue_id"]]
        )
    for sort, descending, order in (
        ("due", False, [0, 1, 2, 3, 4, 5, 6]),
        ("age", True, [6, 5, 4, 3, 2, 1, 0]),
        ("venue", False, [0, 2, 4, 6, 1, 3, 5]),
    ):
        request = PageRequest(sort, descending, limit=3)
        seen = []
        while True:
            page = await service.cases(request)
            assert len(page.rows) <= 3
            seen += [one.id for one in page.rows]
            if page.next_after is None:
                break
            request = replace(request, after=page.next_after)
        assert seen == [made[n] for n in order], sort
    late = await service.cases(PageRequest("due", filters={"overdue": "yes"}))
    assert [one.id for one in late.rows] == made[:3]
    named = await service.cases(PageRequest("due", text=" A2"))
    assert [one.venue for one in named.rows] == ["a2"]
    for wrong in (PageRequest("colour"), PageRequest("due", filters={"tab": "all"}), PageRequest("decided")):
        with pytest.raises(Invalid):
            await service.cases(wrong)


async def test_tabs_and_their_numbers(office: Office) -> None:
    world, service = office.world, office.service
    first, second = case(world, **due(-1)), case(world, "renewal", **due(2))
    case(world, state="asked", asked_at=NOON)
    done = case(world, state="decided", outcome="rejected", decided_at=NOON, decided_by=office.person.id)
    await service.claim(second, row(world, second)["version"])
    counts = await service.counts()
    assert (counts.open, counts.mine, counts.asked, counts.overdue) == (2, 1, 1, 1)
    mine = (await service.cases(PageRequest("due", filters={"tab": "mine"}))).rows
    assert [(one.id, one.claimed_by, one.claimed_by_me) for one in mine] == [(second, "Ana", True)]
    decided = (await service.cases(PageRequest("decided", True, filters={"tab": "decided"}))).rows
    assert [(one.id, one.outcome, one.decided_by) for one in decided] == [(done, "rejected", "Ana")]
    renewals = (await service.cases(PageRequest("due", filters={"kind": "renewal"}))).rows
    assert [one.id for one in renewals] == [second]
    assert renewals[0].met == 5
    world.at(NOON + timedelta(minutes=21))
    assert (await service.counts()).mine == 0
    assert (await service.next_case(None) or renewals[0]).id == first


async def test_one_case_has_everything_that_is_decided_from(office: Office) -> None:
    world, service = office.world, office.service
    one = case(world)
    venue = row(world, one)["venue_id"]
    facts = {"name": "Bright Hands LLC", "contact_phone": "503 555 0147", "tax_number": "93-1234567"}
    world.admin.execute(
        """UPDATE venues SET name = %(name)s, contact_phone = %(contact_phone)s, tax_number = %(tax_number)s
            WHERE id = %(id)s""",
        facts | {"id": venue},
    )
    twin = factories.venue(world.admin, **facts | {"name": "Bright Hands Studio", "tax_number": "931234567"})
    near = factories.venue(world.admin, name="Brihgt Hands Inc.")
    factories.venue(world.admin, name="Bright Side Gym")
    mine = await service.claim(one, row(world, one)["version"])
    page = await service.case(one)
    assert page.row == mine
    assert (page.facts.name, page.facts.status, page.facts.missing) == (
        "Bright Hands LLC",
        "pending_approval",
        (),
    )
    assert [one.requirement for one in page.requirements] == list(Requirement)
    assert {one.standing for one in page.requirements} == {Standing.SATISFIED}
    assert [(event.kind, event.says, event.by) for event in page.history] == [("claimed", "Claimed", "Ana")]
    assert page.evidence_read == (0, 0)
    found = {like.venue_id: like for like in page.likenesses}
    assert page.likenesses[0].venue_id == twin
    assert (found[twin].score, set(found[twin].alike)) == (100.0, {"phone", "tax number"})
    assert near in found
    assert found[near].score > 80
    assert await service.likenesses(venue) == page.likenesses
    with pytest.raises(NotFound):
        await service.case(uuid4())
    with pytest.raises(NotFound):
        await service.likenesses(uuid4())


async def test_a_case_is_taken_given_back_and_decided(office: Office) -> None:
    world, service = office.world, office.service
    one = case(world, met=False)
    mine = await service.claim(one, row(world, one)["version"])
    assert (await service.release(one, mine.version)).claimed_by is None
    mine = await service.claim(one, row(world, one)["version"])
    with pytest.raises(Invalid) as caught:
        await service.decide(mine, Verdict(Decision.APPROVE))
    assert caught.value.code == "not_met"
    waivers = [Waiver(kind, date(2026, 5, 1)) for kind in Requirement]
    after = await service.decide(mine, Verdict(Decision.EXCEPT, "Papers come.\x00", waivers))
    assert (after.state, after.outcome, after.met) == (CaseState.DECIDED, "approved_with_exception", 5)
    with pytest.raises(Conflict) as again:
        await service.decide(mine, Verdict(Decision.APPROVE))
    assert again.value.code == "decided_already"


async def test_what_is_no_longer_met_is_looked_at_again(office: Office) -> None:
    one = case(office.world)
    mine = await office.service.claim(one, row(office.world, one)["version"])
    office.world.admin.execute(
        "UPDATE requirement_filings SET state = 'replaced' WHERE requirement = 'safety_audit' AND venue_id = %s",
        [mine.venue_id],
    )
    with pytest.raises(Conflict) as caught:
        await office.service.decide(mine, Verdict(Decision.APPROVE))
    assert (caught.value.code, caught.value.sentence) == (
        "requirement_changed",
        "Since you looked, this is no longer met: safety audit.",
    )


async def test_many_at_once_have_a_result_each(office: Office) -> None:
    world, service = office.world, office.service
    other = someone(world, name="Ben")
    good = [case(world, **due(n)) for n in range(2)]
    unmet = case(world, met=False, **due(3))
    held = case(
        world,
        claimed_by=other.id,
        claimed_at=NOON,
        claimed_until=NOON + timedelta(minutes=9),
        **due(4),
    )
    rows = (await service.cases(PageRequest("due"))).rows
    claims = await service.claim_all(rows)
    assert [(one.case_id, one.done) for one in claims] == [
        (good[0], True),
        (good[1], True),
        (unmet, True),
        (held, False),
    ]
    assert (claims[3].why or "").startswith("Ben holds this until ")
    rows = (await service.cases(PageRequest("due"))).rows
    results = await service.decide_all(rows, Verdict(Decision.APPROVE))
    assert [one.done for one in results] == [True, True, False, False]
    assert (results[2].why or "").startswith("This is not met: insurance, background checks")
    assert [row(world, one)["state"] for one in (*good, unmet)] == ["decided", "decided", "open"]


async def test_templates_are_read_by_decision(office: Office) -> None:
    found = await office.service.templates("ask")
    assert next(one.title for one in found) == "Insurance certificate"
    assert await office.service.templates("nothing") == []


async def test_a_suspended_venue_s_manager_asks_for_it_back(office: Office) -> None:
    world = office.world
    venue = factories.venue(world.admin, status="suspended")
    manager = someone(world, "manager", "Max", venue)
    database, service = service_of(manager)
    try:
        await database.set_token(manager.token)
        version = world.one("SELECT version FROM venues WHERE id = %s", venue)["version"]
        opened = await service.ask_reinstatement(venue, version, "It is put right.")
        assert (opened.kind, opened.claimed_by) == (CaseKind.REINSTATEMENT, None)
        with pytest.raises(Denied):
            await service.claim(opened.id, opened.version)
        with pytest.raises(Denied):
            await service.counts()
    finally:
        await database.close()
    assert [one.id for one in (await office.service.cases(PageRequest("due"))).rows] == [opened.id]


def test_names_are_alike_whatever_the_order_of_their_words() -> None:
    assert name_score("Bright Hands LLC", "bright hands") == 100
    assert name_score("Hands, Bright", "Bright Hands") >= 95
    assert name_score("Judo Club", "Bright Hands") < 50
    assert name_score("", "Bright Hands") == 0


def test_the_words_of_a_kind_are_known() -> None:
    assert {kind.words for kind in CaseKind} == {"New venue", "Yearly check", "Reinstatement", "Renewal"}
