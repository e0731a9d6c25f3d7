"""Announcements as their screen and the banner ask for them.

See docs/design.md, "Borrowed from neighbouring systems" (announcements as a banner).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID, uuid4

from console.domain.venue_file import Announcement, NewAnnouncement
from console.services.retry import Sleep, until_answered
from console.storage.announcements import AnnouncementQueries


class AnnouncementService:
    """What models.gateway_venue_file's AnnouncementGateway and BannerGateway ask for. Raises ConsoleErrors only."""

    def __init__(
        self,
        queries: AnnouncementQueries,
        *,
        sleep: Sleep = asyncio.sleep,
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries
        self._sleep = sleep
        self._new_id = new_id

    async def announcements(self) -> Sequence[Announcement]:
        """Those that run or will, then the last hundred."""
        return await self._queries.announcements()

    async def announce(self, new: NewAnnouncement) -> Announcement:
        """Tell it; asked again after a lost answer it is told once. Raises Invalid naming the field, Denied."""
        return await until_answered(partial(self._queries.announce, self._new_id(), new), self._sleep)

    async def withdraw_announcement(self, announcement: Announcement) -> Announcement:
        """Tell it no longer."""
        return await self._queries.withdraw(announcement)

    async def running(self, venue_id: UUID | None) -> Sequence[Announcement]:
        """Running announcements they have not put away, warnings first."""
        return await self._queries.running(venue_id)

    async def put_away(self, announcement_id: UUID) -> None:
        """They have read it; twice is once."""
        await until_answered(partial(self._queries.put_away, announcement_id), self._sleep)
