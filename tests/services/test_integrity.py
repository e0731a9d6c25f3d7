"""The checks of the books over a real login: reading them, settling what they found, and the pages of a long list."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from console.domain.paging import PageRequest
from console.errors import Conflict, Invalid
from console.services.integrity import IntegrityService
from console.storage.database import Database as DeskDatabase
from console.storage.integrity import IntegrityQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import Person, World


@dataclass
class Office:
    world: World
    person: Person
    service: IntegrityService

    def issue(self, number: int, **columns: object) -> UUID:
        facts = {
            "check_key": "booked_count", "subject_type": "session", "subject_key": f"{number:04}",
            "venue_id": self.world.venue, "detail": f"The session says {number}.",
            "first_seen_at": self.world.now, "last_seen_at": self.world.now - timedelta(minutes=number),
        }  # fmt: skip
        return factories.insert(self.world.admin, "integrity_issues", facts | columns)


@pytest.fixture
async def office(fresh_database: Database) -> AsyncIterator[Office]:
    with World(fresh_database) as world:
        person = world.person("platform_finance", name="Kenji")
        database = DeskDatabase(person.dsn)
        await database.set_token(person.token)
        yield Office(world, person, IntegrityService(IntegrityQueries(database, person.id, "Kenji")))
        await database.close()


async def test_issues_are_settled_and_say_by_whom_they_are_looked_after(office: Office) -> None:
    office.issue(1)
    page = await office.service.issues(PageRequest("state"))
    issue = page.rows[0]
    assert (issue.check, issue.subject, issue.venue is not None, issue.state) == (
        "booked_count", "session 0001", True, "open",
    )  # fmt: skip
    mine = await office.service.assign(issue, office.person.id)
    assert mine.assigned_to == "Kenji"
    colleague = office.world.person("platform_finance", name="Noor", desk=office.world.desk("Office 2"))
    theirs = await office.service.assign(mine, colleague.id)
    assert theirs.assigned_to == "Noor"
    mine = await office.service.assign(theirs, office.person.id)
    with pytest.raises(Conflict):
        await office.service.ignore(issue, "an old version of it")
    ignored = await office.service.ignore(mine, " Counted by hand ")
    assert (ignored.state, ignored.reason) == ("ignored", "Counted by hand")
    with pytest.raises(Invalid):
        await office.service.ignore(ignored, "  ")
    assert (await office.service.reopen(ignored)).state == "open"
    checks = await office.service.checks()
    assert (checks[0].key, checks[0].open_issues, checks[0].last_run_at) == ("booked_count", 1, None)
    assert await office.service.check_now() == 0
    assert (await office.service.checks())[0].last_run_at == office.world.now


async def test_a_long_list_comes_page_by_page_open_ones_first_and_is_narrowed(office: Office) -> None:
    for number in range(9):
        office.issue(number)
    office.issue(50, state="fixed", settled_at=office.world.now, detail="100 % gone_by")
    found: list[str] = []
    after: tuple[object, ...] | None = None
    while True:
        page = await office.service.issues(PageRequest("state", after=after, limit=4))
        found += [row.subject for row in page.rows]
        after = page.next_after
        if after is None:
            break
    assert found == [f"session {number:04}" for number in (*range(9), 50)]
    only = await office.service.issues(PageRequest("state", filters={"state": "fixed"}))
    assert [row.subject for row in only.rows] == ["session 0050"]
    typed = await office.service.issues(PageRequest("state", text="% gone_"))
    assert [row.subject for row in typed.rows] == ["session 0050"]
