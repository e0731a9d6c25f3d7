"""A venue's file as its screen gets it, over a real login. docs/design.md, "Screens" (platform)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from console.domain.compliance import DocumentFile
from console.domain.paging import PageRequest
from console.domain.venue_file import Note, PayoutLineOfFile
from console.domain.vetting import Requirement, Standing
from console.errors import Conflict, Denied, Invalid, NotFound
from console.services.venue_file import VenueFileService
from console.storage.database import Database as DeskDatabase
from console.storage.venue_file import VenueFileQueries
from console.storage.venue_file_rows import pattern_words
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_services import LosesOne, no_time, reaching
from tests.support.desk_world import NOON, World

TODAY = date(2026, 3, 2)


class Deaf(VenueFileQueries):
    """A server whose first answer to a note is lost."""

    def __init__(self, database: DeskDatabase) -> None:
        super().__init__(database)
        self.heard = LosesOne()

    async def add_note(self, note_id: UUID, venue_id: UUID, body: str) -> Note:
        return self.heard(await super().add_note(note_id, venue_id, body))


class Painter:
    """Who makes pictures has tests of its own; here it is seen that it is asked."""

    async def picture(self, file: DocumentFile, page: int, width: int) -> bytes:
        return f"{file.file_name} {page} {width}".encode()


@dataclass
class Office:
    world: World
    hq: VenueFileService
    maya: VenueFileService


@pytest.fixture
async def office(fresh_database: Database) -> AsyncIterator[Office]:
    with World(fresh_database) as world:
        async with reaching() as reach:
            made = []
            for role, name in (("platform_admin", "Noor"), ("manager", "Maya")):
                person = world.person(role, name=name, desk=world.desk(name))
                made.append(VenueFileService(Deaf(await reach(person)), Painter(), sleep=no_time))
            yield Office(world, *made)


async def test_the_file_is_whole(office: Office) -> None:
    world = office.world
    judo = world.one("SELECT id FROM activities")["id"]
    series = factories.schedule(world.admin, judo, days_of_week=[0, 3, 1], every_weeks=2)
    factories.session(world.admin, judo, starts_at=NOON + timedelta(days=2), recurring_schedule_id=series)
    factories.insert(
        world.admin, "venue_performance_scores",
        {"venue_id": world.venue, "score_week_start": date(2026, 2, 16), "composite_score": 70.5,
         "no_show_score": 70.5},
    )  # fmt: skip
    factories.insert(
        world.admin, "venue_payouts",
        {"venue_id": world.venue, "payout_period_start": date(2026, 2, 1), "payout_period_end": date(2026, 2, 28),
         "platform_fee_percentage": 17.5},
    )  # fmt: skip
    factories.insert(
        world.admin,
        "venue_cases",
        {"venue_id": world.venue, "kind": "yearly_check", "due_at": NOON + timedelta(days=5)},
    )
    found = await office.hq.file(world.venue)
    assert (found.facts.name, found.facts.activities) == ("Riverside Studio", 1)
    assert [kind for kind, _cell in found.requirements] == list(Requirement)
    assert {cell.standing for _kind, cell in found.requirements} == {Standing.MISSING}
    assert [(one.first_name, one.role, one.last_seen_at) for one in found.staff] == [
        ("Maya", "manager", NOON - timedelta(hours=1))
    ]
    assert [(one.activity, one.pattern, one.next_on) for one in found.series] == [
        ("Junior Judo", "Mon, Wed, Sun 09:00, 60 min, every 2 weeks", date(2026, 3, 4))
    ]
    assert found.scores == ((date(2026, 2, 16), Decimal("70.50")),)
    assert found.payouts == (PayoutLineOfFile(date(2026, 2, 1), Decimal("0.00"), "USD", "pending"),)
    assert [case.kind.value for case in found.cases] == ["yearly_check"]
    assert found.audit[0].at <= NOON
    with pytest.raises(NotFound):
        await office.hq.file(judo)
    with pytest.raises(Denied):
        await office.maya.file(world.venue)


async def test_notes_and_incidents_are_written_once(office: Office) -> None:
    world = office.world
    noted = await office.hq.add_note(world.venue, "Rang\x00 the owner")
    assert (noted.body, noted.by, noted.at) == ("Rang the owner", "Noor", NOON)
    made = await office.hq.report_incident(world.venue, TODAY, "minor", "Slip", "Wet floor.")
    assert (made.happened_on, made.reported_by, made.resolution) == (TODAY, "Noor", None)
    found = await office.hq.file(world.venue)
    assert (found.notes, found.incidents) == ((noted,), (made,))
    done = await office.hq.resolve_incident(made, "Mopped")
    assert (done.resolved_by, done.resolution) == ("Noor", "Mopped")
    with pytest.raises(Conflict, match="Noor has resolved"):
        await office.hq.resolve_incident(made, "Dried")
    for refused, field in (
        (office.hq.add_note(world.venue, " "), "body"),
        (office.hq.report_incident(world.venue, TODAY, "minor", " ", ""), "title"),
        (office.hq.report_incident(world.venue, TODAY, "odd", "x", ""), "severity"),
        (office.hq.resolve_incident(done, ""), "resolution"),
    ):
        with pytest.raises(Invalid) as caught:
            await refused
        assert caught.value.code == field


async def test_papers_and_history_are_read(office: Office) -> None:
    world = office.world
    paper = factories.insert(
        world.admin, "documents",
        {"kind": "statement", "venue_id": world.venue, "file_name": "February.pdf", "media_type": "application/pdf",
         "content": b"%PDF"},
    )  # fmt: skip
    listed = (await office.hq.file(world.venue)).documents
    assert [(one.id, one.kind) for one in listed] == [(paper, "statement")]
    read = await office.hq.document(paper)
    assert (read.file_name, read.content) == ("February.pdf", b"%PDF")
    assert await office.hq.picture(read, 1, 400) == b"February.pdf 1 400"
    for number in range(3):
        world.admin.execute(
            "INSERT INTO venue_events (venue_id, kind, at) VALUES (%s, 'suspended', %s)",
            [world.venue, datetime(2026, 3, 1, number, tzinfo=UTC)],
        )
    request = PageRequest("at", descending=True, limit=2)
    first = await office.hq.events(world.venue, request)
    rest = await office.hq.events(world.venue, replace(request, after=first.next_after))
    assert [one.at.hour for one in [*first.rows, *rest.rows]] == [2, 1, 0]
    assert (first.rows[0].says, rest.next_after) == ("Suspended", None)
    with pytest.raises(Invalid):
        await office.hq.events(world.venue, PageRequest("kind"))


def test_a_pattern_in_short() -> None:
    assert pattern_words([3, 1], "15:30", 60, 1) == "Mon, Wed 15:30, 60 min"
    assert pattern_words([0, 6], "09:00", 45, 3) == "Sat, Sun 09:00, 45 min, every 3 weeks"
