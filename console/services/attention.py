"""The desk's refused events with the names that make sense of them, and what people decide about each.

The outbox holds ids and times only; names come from the rosters kept for whoever is signed in, so that a person sees
no more here than at Today. See docs/design.md, "The desk protocol" (needs attention).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from console.clock import Clock
from console.domain.attendance import AttendanceEvent
from console.domain.desk import RosterEntry, SessionSummary
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.sync import AttentionItem, QueuedEvent
from console.errors import Denied, Invalid
from console.services.desk_store import RosterStore
from console.services.outbox import OutboxRecorder


class AttentionService:
    """What needs attention on this desk, for one signed-in person."""

    def __init__(
        self,
        recorder: OutboxRecorder,
        cache: RosterStore | None,
        clock: Clock,
        *,
        person_id: UUID,
        first_name: str,
        may_discard: bool,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`cache` is the person's own rosters, None where there are none; `random_bytes` is for tests."""
        self._recorder, self._cache, self._clock = recorder, cache, clock
        self._person_id, self._first_name, self._may_discard = person_id, first_name, may_discard
        self._random_bytes = random_bytes

    async def attention(self) -> list[AttentionItem]:
        """Every event of this desk that the server refused after it had happened, oldest first."""
        found = await self._recorder.attention()
        return await asyncio.to_thread(self._named, found)

    async def retry(self, event_id: UUID) -> None:
        """Send it once more, as a new event with the same facts. Raises Conflict when it is settled already."""
        await self._recorder.retry(event_id, uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES)))

    async def discard(self, event_id: UUID, reason: str) -> None:
        """Put it away with a manager's reason; it stays readable. Raises Denied, and Invalid without a reason."""
        if not self._may_discard:
            raise Denied("Only a manager can discard this.", code="discard_denied")
        if not reason.strip():
            raise Invalid("Say why it does not count.", code="reason_needed")
        await self._recorder.discard(event_id, reason.strip(), self._person_id)

    def _named(self, found: list[QueuedEvent]) -> list[AttentionItem]:
        return [self._item(one) for one in found]

    def _item(self, queued: QueuedEvent) -> AttentionItem:
        event = queued.event
        entry, session = self._about(queued)
        return AttentionItem(
            queued,
            child=entry.first_name if entry else "",
            age_months=entry.age_months if entry else None,
            session=session.activity_name if session else "",
            session_starts_at=session.starts_at if session else None,
            person=self._first_name if event.person_id == self._person_id else "",
        )

    def _about(self, queued: QueuedEvent) -> tuple[RosterEntry | None, SessionSummary | None]:
        if self._cache is None:
            return None, None
        entry = self._entry(self._cache, queued)
        session_id = entry.session_id if entry else queued.event.session_id
        if session_id is None:
            return entry, None
        return entry, self._session(self._cache, queued, session_id)

    @staticmethod
    def _entry(cache: RosterStore, queued: QueuedEvent) -> RosterEntry | None:
        event: AttendanceEvent = queued.event
        booking = event.booking_id or (queued.answer.booking_id if queued.answer else None)
        if booking is not None and event.session_id is not None:
            entries = cache.roster(event.session_id) or []
            found = next((one for one in entries if one.booking_id == booking), None)
            if found is not None:
                return found
        return cache.entry_by_code(queued.venue_id, event.code) if event.code else None

    @staticmethod
    def _session(cache: RosterStore, queued: QueuedEvent, session_id: UUID) -> SessionSummary | None:
        # A session's local day may be the one before or after by UTC.
        day = queued.event.occurred_at.date()
        for near in (day, day - timedelta(days=1), day + timedelta(days=1)):
            for session in cache.sessions(queued.venue_id, near):
                if session.id == session_id:
                    return session
        return None
