"""What headquarters tells venues, over one database. One statement each.

See docs/design.md, "Borrowed from neighbouring systems" (announcements) and "The database" (round trips).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from console.domain.venue_file import Announcement, NewAnnouncement
from console.storage.database import Database
from console.storage.venue_file_rows import announcement

_ALL = "SELECT * FROM vetting.announcements()"
_ANNOUNCE = """SELECT * FROM vetting.announce(
    :announcement_id, :title, :body, :tone, CAST(:venues AS uuid[]), :starts_at, :ends_at)"""
_WITHDRAW = "SELECT * FROM vetting.withdraw_announcement(:announcement_id, :version)"
_RUNNING = "SELECT * FROM vetting.running(CAST(:venue_id AS uuid))"
_PUT_AWAY = "SELECT vetting.put_away(:announcement_id)"


class AnnouncementQueries:
    """Announcements for one signed-in person. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def announcements(self) -> list[Announcement]:
        """Those that run or will, then the last hundred. Raises Denied."""
        return [announcement(row) for row in await self._rows(_ALL)]

    async def announce(self, announcement_id: UUID, new: NewAnnouncement) -> Announcement:
        """Tell it; sent again it is told once. Raises Invalid with the field as its code, Denied."""
        rows = await self._rows(
            _ANNOUNCE,
            announcement_id=announcement_id,
            title=_plain(new.title),
            body=_plain(new.body),
            tone=new.tone,
            venues=None if new.venue_ids is None else sorted(set(new.venue_ids)),
            starts_at=new.starts_at,
            ends_at=new.ends_at,
        )
        return announcement(rows[0])

    async def withdraw(self, one: Announcement) -> Announcement:
        """Tell it no longer. Raises Conflict "withdrawn" naming who was faster, "over", "version_changed"."""
        return announcement((await self._rows(_WITHDRAW, announcement_id=one.id, version=one.version))[0])

    async def running(self, venue_id: UUID | None) -> list[Announcement]:
        """What the person has not put away, warnings first. Raises Denied."""
        return [announcement(row) for row in await self._rows(_RUNNING, venue_id=venue_id)]

    async def put_away(self, announcement_id: UUID) -> None:
        """They have read it. Raises NotFound for one that is not for them."""
        await self._rows(_PUT_AWAY, announcement_id=announcement_id)

    async def _rows(self, statement: str, **parameters: object) -> list[Mapping[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]


def _plain(words: str) -> str:
    # PostgreSQL's text cannot hold it.
    return words.replace("\x00", "")
