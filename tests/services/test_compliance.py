"""Compliance and evidence as the screens get them, over a real desk's login: values, pages, sentences, files.

docs/design.md, "Rules of the domain" (compliance) and "Screens" (platform).
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pypdfium2
import pytest
from openpyxl import load_workbook

from console.domain.compliance import NewDocument
from console.domain.paging import PageRequest
from console.domain.vetting import CaseKind, Requirement, Standing
from console.errors import Conflict, Denied, Invalid, NotFound
from console.services.compliance import ComplianceService
from console.services.suspensions import SuspensionService
from console.storage.compliance import ComplianceQueries
from console.storage.database import Database as DeskDatabase
from console.storage.evidence import EvidenceQueries
from tests.support import factories
from tests.support.compliance import day, put_filing, somebody
from tests.support.databases import Database
from tests.support.desk_world import Person, World
from tests.support.factories import NOON

SOONEST = PageRequest("next", limit=2)
FACTS: dict[str, object] = {
    "provider": "Hartwell Mutual\x00",
    "policy_number": "HM 1",
    "coverage_amount": Decimal("2000000.00"),
}


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


class Screens(ComplianceService, SuspensionService):
    """Both services over one login."""

    def __init__(self, queries: ComplianceQueries, evidence: EvidenceQueries) -> None:
        ComplianceService.__init__(self, queries, evidence)


@asynccontextmanager
async def screens(who: Person) -> AsyncIterator[Screens]:
    database = DeskDatabase(who.dsn)
    await database.set_token(who.token)
    try:
        yield Screens(ComplianceQueries(database), EvidenceQueries(database))
    finally:
        await database.close()


def certificate(tmp_path: Path) -> Path:
    made = pypdfium2.PdfDocument.new()
    made.new_page(300, 400)
    out = BytesIO()
    made.save(out)
    made.close()
    path = tmp_path / "Certificate \u202e2026.pdf"
    path.write_bytes(out.getvalue())
    return path


async def test_from_a_file_on_the_desk_to_an_accepted_certificate(world: World, tmp_path: Path) -> None:
    path = certificate(tmp_path)
    noor = somebody(world, "platform_admin", "Noor")
    async with screens(somebody(world, "manager", "Maya")) as maya, screens(noor) as office:
        paper = await maya.look_at_file(path, "Certificate")
        page = await maya.file(
            world.venue, Requirement.INSURANCE, FACTS, day(-5), day(300), "Renewed\x00.", [paper]
        )
        assert (page.standing, page.lacks, page.current) == (Standing.PENDING, (), None)
        assert page.says == "Hartwell Mutual, cover 2,000,000 USD, needs 1,000,000. Ends 27 Dec 2026."
        assert page.waiting is not None
        assert page.waiting.facts["coverage_amount"] == Decimal(2000000)
        assert (page.waiting.filed_by, page.waiting.note) == ("Maya", "Renewed.")
        (kept,) = page.waiting.documents
        assert (kept.file_name, kept.pages, kept.read_at) == ("Certificate 2026.pdf", 1, None)

        file = await office.document(kept.id)
        assert (file.content, file.sha256) == (path.read_bytes(), sha256(path.read_bytes()).digest())
        assert (await office.picture(file, 0, 100)).startswith(b"\x89PNG")
        waiting = page.waiting
        page = await office.judge(world.venue, waiting.id, waiting.version, True, "")
        assert (page.standing, page.waiting) == (Standing.SATISFIED, None)
        assert page.decided_by == "Noor"
        read = [one for one in await office.requirements(world.venue) if one.requirement == "insurance"]
        assert read[0].current is not None
        assert read[0].current.documents[0].read_at == NOON
        with pytest.raises(Conflict):
            await office.judge(world.venue, waiting.id, waiting.version, True, "")
        with pytest.raises(NotFound):
            await maya.document(uuid4())
        with pytest.raises(Denied):
            await maya.judge(world.venue, waiting.id, waiting.version, True, "")


async def test_a_field_that_is_wrong_is_named(world: World) -> None:
    async with screens(somebody(world, "manager", "Maya")) as maya:
        for facts, code in (
            (FACTS | {"provider": ""}, "provider"),
            (FACTS | {"coverage_amount": "x"}, "coverage_amount"),
        ):
            with pytest.raises(Invalid) as caught:
                await maya.file(world.venue, Requirement.INSURANCE, facts, None, day(9), "", [])
            assert caught.value.code == code
        paper = NewDocument("A", "a.pdf", "application/pdf", b"<html>", 1)
        with pytest.raises(Invalid) as caught:
            await maya.file(world.venue, Requirement.INSURANCE, FACTS, None, day(9), "", [paper])
        assert caught.value.code == "documents"


async def test_people_are_checked_and_counted_in_a_sentence(world: World) -> None:
    noor = somebody(world, "platform_admin", "Noor")
    async with screens(somebody(world, "manager", "Maya")) as maya, screens(noor) as office:

        async def says() -> tuple[Standing, str]:
            page = (await maya.requirements(world.venue))[1]
            return page.standing, page.says

        assert await says() == (Standing.MISSING, "Nobody is named yet.")
        tomas = await maya.put_person(world.venue, None, 0, "Tomas", "Coach", day(-9))
        lena = await maya.put_person(world.venue, None, 0, "Lena", "Coach", day(-9))
        assert await says() == (Standing.PENDING, "0 of 2 people clear, 2 not back yet.")
        tomas = await office.check_came_back(world.venue, tomas.id, tomas.version, True, day(-1), day(700))
        await office.check_came_back(world.venue, lena.id, lena.version, False, day(-1), None)
        assert await says() == (Standing.MISSING, "1 of 2 people clear, 1 not clear.")
        people = (await maya.requirements(world.venue))[1].people
        lena = next(one for one in people if one.first_name == "Lena")
        await maya.person_left(world.venue, lena.id, lena.version, day(0))
        assert await says() == (Standing.SATISFIED, "1 of 1 person clear. Ends 31 Jan 2028.")
        assert (tomas.result, tomas.expires_on) == ("clear", day(700))


async def test_the_overview_in_pages_and_as_a_file(world: World, tmp_path: Path) -> None:
    names = {"=cmd()": 20, "Birch": -4, "Cedar": 90}
    for name, ends in names.items():
        put_filing(world, factories.venue(world.admin, name=name), "insurance", expires_on=day(ends))
    async with screens(somebody(world, "platform_admin", "Noor")) as office:
        page = await office.overview(SOONEST)
        assert [row.venue for row in page.rows] == ["Birch", "=cmd()"]
        rest = await office.overview(replace(SOONEST, after=page.next_after))
        assert [row.venue for row in rest.rows] == ["Cedar", "Riverside Studio"]
        assert rest.next_after is None
        birch = page.rows[0]
        assert list(birch.cells) == list(Requirement)
        assert birch.cells[Requirement.INSURANCE].standing is Standing.EXPIRED
        assert (birch.next_on, birch.suspends_on) == (day(-4), None)
        counts = await office.compliance_counts()
        assert (counts.expired, counts.missing) == (1, 3)
        due = await office.calendar(day(-9), day(30))
        assert [(one.venue, one.what) for one in due] == [
            ("Birch", "expires"),
            ("=cmd()", "reminder"),
            ("=cmd()", "reminder"),
            ("=cmd()", "expires"),
        ]

        table = tmp_path / "compliance.csv"
        assert await office.export(SOONEST, table) == 4
        with table.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        assert rows[0][:6] == ["Venue", "City", "Status", "Next end", "Suspended from", "Insurance"]
        assert [row[0] for row in rows[1:]] == ["Birch", "'=cmd()", "Cedar", "Riverside Studio"]
        assert rows[1][3:6] == ["2026-02-26", "", "Expired"]
        book = tmp_path / "compliance.xlsx"
        assert await office.export(replace(SOONEST, filters={"standing": "expired"}), book) == 1
        assert load_workbook(book).active["A2"].value == "Birch"


async def test_rules_are_tried_out_and_saved(world: World) -> None:
    put_filing(world, world.venue, "insurance", expires_on=day(-10))
    world.booking(session=world.session)
    async with screens(somebody(world, "platform_admin", "Noor")) as office:
        read = await office.settings()
        assert (read.suspends, read.grace_days) == (False, 14)
        assert await office.suspensions(read) == []
        (hit,) = await office.suspensions(replace(read, suspends=True, grace_days=5))
        assert (hit.venue, [one.bookings for one in hit.stays], hit.bookings) == ("Riverside Studio", [1], 0)
        saved = await office.save_settings(replace(read, suspends=True))
        assert saved.suspends
        with pytest.raises(Conflict):
            await office.save_settings(replace(read, grace_days=1))
        with pytest.raises(Invalid) as caught:
            await office.save_settings(replace(saved, reverification_months=0))
        assert caught.value.code == "reverification_months"


async def test_suspending_and_asking_to_open_again(world: World) -> None:
    session = world.other_session("Ballet", starts_at=NOON + timedelta(days=3))
    world.booking(session=session)
    noor = somebody(world, "platform_admin", "Noor")
    async with screens(noor) as office, screens(somebody(world, "manager", "Maya")) as maya:
        old = await office.suspension(world.venue, None)
        preview = await office.suspension(world.venue, day(1))
        assert (preview.bookings, preview.credits, preview.cancel_from) == (1, 0, day(1))
        assert preview.timezone == "America/New_York"
        with pytest.raises(Conflict) as caught:
            await office.suspend(replace(preview, fingerprint=old.fingerprint), "Why.")
        assert caught.value.code == "plan_changed"
        with pytest.raises(Denied):
            await maya.suspend(preview, "Why.")
        await office.suspend(preview, " The exit is broken. ")
        version = world.one("SELECT version FROM venues WHERE id = %s", world.venue)["version"]
        case = await maya.ask_reinstatement(world.venue, version, "It is mended.")
        assert (case.kind, case.venue, case.claimed_by) == (CaseKind.REINSTATEMENT, "Riverside Studio", None)
