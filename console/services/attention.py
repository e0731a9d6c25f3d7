"""The desk's refused events with the names that make sense of them, and what people decide about each.

The outbox holds ids and times only; names come from the rosters kept for whoever is signed in, so that a person sees
no more here than at Today. See docs/design.md, "The desk protocol" (needs attention).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from console.clock import Clock
from console.domain.attendance import AttendanceEvent, RefusalReason
from console.domain.desk import RosterEntry, SessionSummary
from console.domain.families import NewFamily, Payment
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.sealed_notes import (
    KeptWalkIn,
    NoteState,
    RefusedFamily,
    RefusedWalkIn,
)
from console.domain.sync import AttentionItem, QueuedEvent
from console.errors import Denied, Invalid
from console.services.desk_store import RosterStore
from console.services.offline_walk_ins import OfflineWalkIns
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
        notes: OfflineWalkIns | None = None,
        send: Callable[[], None] = lambda: None,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`cache` is the person's own rosters, None where there are none; `random_bytes` is for tests.

        `notes` are what was taken down here without a server; `send` tells the server those that wait, then the outbox.
        """
        self._recorder, self._cache, self._clock = recorder, cache, clock
        self._person_id, self._first_name, self._may_discard = person_id, first_name, may_discard
        self._notes, self._send = notes, send
        self._random_bytes = random_bytes

    async def attention(self) -> list[AttentionItem]:
        """Every event of this desk that the server refused, oldest first; without those that follow their walk-in."""
        return await asyncio.to_thread(self._named, await self._alone())

    async def events(self) -> list[AttentionItem]:
        """Every event of this desk that the server refused: whose row is red."""
        return await asyncio.to_thread(self._named, await self._recorder.attention())

    async def count(self) -> int:
        """How many things need somebody: events, walk-ins and new families."""
        return len(await self._alone()) + len(await self.notes())

    async def notes(self) -> list[RefusedWalkIn | RefusedFamily]:
        """The walk-ins and new families of this venue that were taken down here and refused, oldest first."""
        if self._notes is None:
            return []
        walk_ins = [one for one in await self._notes.walk_ins() if one.state is NoteState.ATTENTION]
        families = [one for one in await self._notes.family_notes() if one.state is NoteState.ATTENTION]
        named = await asyncio.to_thread(lambda: [self._walk_in(one) for one in walk_ins])
        return [*named, *(RefusedFamily(one) for one in families)]

    async def retry_walk_in(self, note_id: UUID, payment: Payment | None = None) -> None:
        """Send a walk-in once more, paid otherwise where that is given. Raises Conflict when it is settled already."""
        if self._notes is not None:
            await self._notes.retry(note_id, payment)
            self._send()

    async def discard_walk_in(self, note_id: UUID, reason: str) -> None:
        """Put a walk-in away with what was recorded about it. Raises Denied, and Invalid without a reason."""
        self._check(reason)
        if self._notes is not None:
            await self._notes.discard(note_id, reason.strip())
            self._recorder.changed()

    async def mend_family(self, note_id: UUID, family: NewFamily) -> None:
        """Register a family again as it is now. Raises Conflict when it is settled already."""
        if self._notes is not None:
            await self._notes.mend_family(note_id, family)
            self._send()

    async def retry(self, event_id: UUID) -> None:
        """Send it once more, as a new event with the same facts. Raises Conflict when it is settled already."""
        await self._recorder.retry(event_id, uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES)))

    async def discard(self, event_id: UUID, reason: str) -> None:
        """Put it away with a manager's reason; it stays readable. Raises Denied, and Invalid without a reason."""
        self._check(reason)
        await self._recorder.discard(event_id, reason.strip(), self._person_id)

    def _check(self, reason: str) -> None:
        if not self._may_discard:
            raise Denied("Only a manager can discard this.", code="discard_denied")
        if not reason.strip():
            raise Invalid("Say why it does not count.", code="reason_needed")

    async def _alone(self) -> list[QueuedEvent]:
        """Refused events without those that only came before their place: they follow what becomes of the walk-in."""
        found = await self._recorder.attention()
        if self._notes is None or not found:
            return found
        places = {one.note.id for one in await self._notes.walk_ins()}
        return [one for one in found if one.event.booking_id not in places or not _is_unknown(one)]

    def _walk_in(self, kept: KeptWalkIn) -> RefusedWalkIn:
        note = kept.note
        if self._cache is None:
            return RefusedWalkIn(kept)
        entries = self._cache.roster(note.session_id) or []
        entry = next((one for one in entries if one.booking_id == note.id), None)
        session = self._session(self._cache, note.venue_id, note.happened_at, note.session_id)
        return RefusedWalkIn(
            kept,
            child=entry.first_name if entry else "",
            age_months=entry.age_months if entry else None,
            session=session.activity_name if session else "",
            session_starts_at=session.starts_at if session else None,
            person=self._first_name if note.person_id == self._person_id else "",
        )

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
        return entry, self._session(self._cache, queued.venue_id, queued.event.occurred_at, session_id)

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
    def _session(cache: RosterStore, venue_id: UUID, at: datetime, session_id: UUID) -> SessionSummary | None:
        # A session's local day may be the one before or after by UTC.
        day = at.date()
        for near in (day, day - timedelta(days=1), day + timedelta(days=1)):
            for session in cache.sessions(venue_id, near):
                if session.id == session_id:
                    return session
        return None


def _is_unknown(queued: QueuedEvent) -> bool:
    return queued.answer is not None and queued.answer.reason is RefusalReason.UNKNOWN_CODE
