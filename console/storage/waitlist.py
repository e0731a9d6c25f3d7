"""The queues of full sessions over one database: who waits, and what a desk does about it. One statement each.

Everything comes out of `bookings.waitlist_*` functions, which ask who may and lock the session; each action answers
with the queue afterwards. See docs/design.md, "Rules of the domain" (waitlist).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from console.domain.waiting import WaitingChild, WaitingSession
from console.storage.database import Database

_QUEUES = "SELECT * FROM bookings.waitlist_queues(:venue_id)"
_QUEUE = "SELECT bookings.waitlist_queue(:session_id) AS queue"
_OFFER = "SELECT bookings.waitlist_offer(:session_id) AS queue"
_ACCEPT = "SELECT bookings.waitlist_accept(:entry, :booking_id) AS queue"
_SKIP = "SELECT bookings.waitlist_skip(:entry, :reason) AS queue"
_REMOVE = "SELECT bookings.waitlist_remove(:entry, :reason) AS queue"

Facts = Mapping[str, Any]


class WaitlistStore:
    """The queues of the venues a person works at. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def queues(self, venue_id: UUID) -> list[WaitingSession]:
        """Sessions to come for which somebody waits, the next first."""
        rows = await self._database.fetch(_QUEUES, {"venue_id": venue_id})
        return [WaitingSession(**row._mapping) for row in rows]

    async def queue(self, session_id: UUID) -> list[WaitingChild]:
        """Who waits for a session, in order. Raises NotFound for a session of another venue."""
        return await self._queue(_QUEUE, session_id=session_id)

    async def offer(self, session_id: UUID) -> list[WaitingChild]:
        """Offer free places to the next in order; nothing happens where none is free."""
        return await self._queue(_OFFER, session_id=session_id)

    async def accept(self, waitlist_id: UUID, booking_id: UUID) -> list[WaitingChild]:
        """Book the offered place under the caller's number; sent again, the answer is the same.

        Raises Conflict: "no_offer", "offer_expired", "accepted_already", "not_waiting", "not_enough_credits".
        """
        return await self._queue(_ACCEPT, entry=waitlist_id, booking_id=booking_id)

    async def skip(self, waitlist_id: UUID, reason: str) -> list[WaitingChild]:
        """Pass over somebody. Raises Invalid without a reason, Conflict for somebody who left the queue."""
        return await self._queue(_SKIP, entry=waitlist_id, reason=_words(reason))

    async def remove(self, waitlist_id: UUID, reason: str) -> list[WaitingChild]:
        """Take somebody off the queue; off already, the answer is the same. Raises Invalid without a reason."""
        return await self._queue(_REMOVE, entry=waitlist_id, reason=_words(reason))

    async def _queue(self, statement: str, **parameters: object) -> list[WaitingChild]:
        rows = await self._database.fetch(statement, parameters)
        return [_child(one) for one in rows[0].queue]


def _words(reason: str) -> str:
    # PostgreSQL's text cannot hold it.
    return reason.replace("\x00", "")


def _child(found: Facts) -> WaitingChild:
    instants = ("joined_at", "offered_at", "expires_at", "skipped_at")
    return WaitingChild(
        **{
            **found,
            "id": UUID(found["id"]),
            "session_id": UUID(found["session_id"]),
            "warnings": tuple(found["warnings"]),
        }
        | {name: found[name] and datetime.fromisoformat(found[name]) for name in instants}
    )
