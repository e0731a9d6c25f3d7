"""Announcements as the screen and the banner get them, over real logins. docs/design.md, "Screens" (platform)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest

from console.domain.venue_file import Announcement, NewAnnouncement
from console.errors import Conflict, Denied, Invalid, NotFound
from console.services.announcements import AnnouncementService
from console.storage.announcements import AnnouncementQueries
from console.storage.database import Database as DeskDatabase
from tests.support.databases import Database
from tests.support.desk_services import LosesOne, no_time, reaching
from tests.support.desk_world import NOON, Person, World

LATER = NOON + timedelta(days=1)


class Deaf(AnnouncementQueries):
    """A server whose first answer to an announcement is lost."""

    def __init__(self, database: DeskDatabase) -> None:
        super().__init__(database)
        self.heard = LosesOne()

    async def announce(self, announcement_id: UUID, new: NewAnnouncement) -> Announcement:
        return self.heard(await super().announce(announcement_id, new))


@dataclass
class Office:
    world: World
    hq: AnnouncementService
    jonas: AnnouncementService


@pytest.fixture
async def office(fresh_database: Database) -> AsyncIterator[Office]:
    with World(fresh_database) as world:
        async with reaching() as reach:

            async def service(person: Person) -> AnnouncementService:
                return AnnouncementService(Deaf(await reach(person)), sleep=no_time)

            hq = await service(world.person("platform_admin", name="Noor", desk=world.desk("HQ")))
            yield Office(world, hq, await service(world.person()))


async def test_told_shown_put_away_and_withdrawn(office: Office) -> None:
    here = office.world.venue
    told = await office.hq.announce(
        NewAnnouncement("Holiday\x00", " Closed on Monday. ", "warning", (here, here), NOON, LATER)
    )
    assert (told.title, told.body, told.venues, told.created_by) == (
        "Holiday", "Closed on Monday.", ((here, "Riverside Studio"),), "Noor",
    )  # fmt: skip
    assert [one.id for one in await office.hq.announcements()] == [
        told.id
    ]  # once, though the first answer was lost
    shown = await office.jonas.running(here)
    assert [(one.title, one.tone, one.created_by) for one in shown] == [("Holiday", "warning", None)]
    await office.jonas.put_away(told.id)
    await office.jonas.put_away(told.id)
    assert await office.jonas.running(here) == []
    assert (await office.hq.announcements())[0].read_by == 1
    gone = await office.hq.withdraw_announcement(told)
    assert gone.withdrawn_at == NOON
    with pytest.raises(Conflict, match="Noor has withdrawn"):
        await office.hq.withdraw_announcement(gone)


async def test_what_cannot_be_told_names_its_field(office: Office) -> None:
    with pytest.raises(Invalid) as caught:
        await office.hq.announce(NewAnnouncement("", "Body", "info", None, NOON, LATER))
    assert caught.value.code == "title"
    with pytest.raises(Denied):
        await office.jonas.announce(NewAnnouncement("Cake", "Now", "info", None, NOON, LATER))
    with pytest.raises(Denied):
        await office.jonas.announcements()
    with pytest.raises(NotFound):
        await office.jonas.put_away(office.world.venue)
