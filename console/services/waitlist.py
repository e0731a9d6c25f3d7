"""The queues of one venue's full sessions, for one person at one desk.

Looking is asked once; what changes a queue is asked again while the server does not answer, because each action is the
same when it arrives twice. See docs/design.md, "Rules of the domain" (waitlist).
"""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import UUID

from console.domain.waiting import WaitingChild, WaitingSession
from console.services.retry import Sleep, until_answered
from console.storage.waitlist import WaitlistStore


class WaitlistService:
    """What models.gateway_programme.WaitlistGateway asks for. Raises ConsoleErrors only."""

    def __init__(self, store: WaitlistStore, venue_id: UUID, *, sleep: Sleep = asyncio.sleep) -> None:
        """Nothing is asked before the first call."""
        self._store = store
        self._venue_id = venue_id
        self._sleep = sleep

    async def queues(self) -> list[WaitingSession]:
        """Sessions to come for which somebody waits, the next first."""
        return await self._store.queues(self._venue_id)

    async def queue(self, session_id: UUID) -> list[WaitingChild]:
        """Who waits for one session, in order."""
        return await self._store.queue(session_id)

    async def offer(self, session_id: UUID) -> list[WaitingChild]:
        """Offer every free place to the next in order; the queue afterwards."""
        return await until_answered(partial(self._store.offer, session_id), self._sleep)

    async def accept(self, waitlist_id: UUID, booking_id: UUID) -> list[WaitingChild]:
        """Book the offered place on the parent's behalf. Raises Conflict when the offer has run out."""
        return await until_answered(partial(self._store.accept, waitlist_id, booking_id), self._sleep)

    async def skip(self, waitlist_id: UUID, reason: str) -> list[WaitingChild]:
        """Pass over somebody, with a reason: the place goes to the next."""
        return await until_answered(partial(self._store.skip, waitlist_id, reason), self._sleep)

    async def remove(self, waitlist_id: UUID, reason: str) -> list[WaitingChild]:
        """Take somebody off the queue, with a reason."""
        return await until_answered(partial(self._store.remove, waitlist_id, reason), self._sleep)
