"""Checking children in and out, as the Today screen asks for it.

Every action becomes an event in this desk's outbox before anybody is told of it, online and offline alike; a refusal is
an answer, never an exception. What the desk knows by itself is judged here first, so that there is an answer within a
second whatever the network does. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar
from uuid import UUID

from console.clock import Clock
from console.domain import codes
from console.domain.attendance import (
    AttendanceEvent,
    EventAnswer,
    EventKind,
    Origin,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import PickupPerson, RosterEntry
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.judging import Standpoint, judge
from console.errors import Invalid, Unavailable
from console.services.memory_events import MemoryEvents
from console.services.outbox import OutboxRecorder, Server
from console.services.retry import Sleep, until_answered

DOUBT_LASTS = timedelta(minutes=1)
"""How long an action tried again counts as the same action, after its outcome stayed unknown."""

Answer = TypeVar("Answer")
Key = tuple[UUID | None, UUID | None]

_NO_VENUE = UUID(int=0)


class Judge(Protocol):
    """What this desk knows by itself: `console.services.local_desk.LocalDesk`."""

    async def judge(self, event: AttendanceEvent, entry: RosterEntry | None) -> EventAnswer:
        """The answer to an event as far as the desk knows; `entry` is what the screen shows, None for a scan."""
        ...


class _Unaided:
    """Judges by what the screen shows alone, where there is no cache."""

    async def judge(self, event: AttendanceEvent, entry: RosterEntry | None) -> EventAnswer:
        return judge(event, entry, None, Standpoint("", event.person_id, "", UTC))


@dataclass(frozen=True, slots=True)
class _Doubt:
    event: AttendanceEvent
    since: datetime


class AttendanceService:
    """Attendance for one signed-in person at one desk; make a new one when the person changes."""

    def __init__(
        self,
        recorder: OutboxRecorder | Server,
        clock: Clock,
        *,
        venue_id: UUID = _NO_VENUE,
        person_id: UUID | None = None,
        known: Judge | None = None,
        sleep: Sleep = asyncio.sleep,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`recorder` is the desk's outbox at work; a bare server gets one that lasts as long as this service.

        `person_id` is who is signed in: an event sent later still says who did it. `sleep` and `random_bytes` are for
        tests; nothing is asked of the recorder yet.
        """
        if not isinstance(recorder, OutboxRecorder):
            recorder = OutboxRecorder(recorder, MemoryEvents(), clock, sleep=sleep)
        self._recorder = recorder
        self._clock = clock
        self._venue_id = venue_id
        self._person_id = person_id
        self._known: Judge = known or _Unaided()
        self._sleep = sleep
        self._random_bytes = random_bytes
        self._doubts: dict[Key, _Doubt] = {}

    @property
    def recorder(self) -> OutboxRecorder:
        """Where the events go."""
        return self._recorder

    async def check_in(self, entry: RosterEntry, *, again: bool = False) -> EventAnswer:
        """Check a child in; `again` brings back one who had left."""
        return await self._send(replace(self._about(EventKind.CHECK_IN, entry), again=again), entry)

    async def check_out(
        self, entry: RosterEntry, pickup: PickupPerson | None, *, name: str | None = None
    ) -> EventAnswer:
        """Check a child out to somebody of the pickup list, or to the person called `name`."""
        draft = self._about(EventKind.CHECK_OUT, entry)
        if pickup is not None:
            draft = replace(draft, pickup_person_id=pickup.id, pickup_name=pickup.name)
        else:
            draft = replace(draft, pickup_name=name)
        return await self._send(draft, entry)

    async def mark_absent(self, entry: RosterEntry) -> EventAnswer:
        """Say that a child does not come."""
        return await self._send(self._about(EventKind.ABSENT, entry), entry)

    async def undo(self, entry: RosterEntry) -> EventAnswer:
        """Take back the event that `entry.undo` names, sent or not. Raises Invalid where there is none."""
        if entry.undo is None:
            raise Invalid("There is nothing to undo.", code="nothing_to_undo")
        # The server needs only the event; the booking is for this desk's own reckoning.
        draft = replace(self._about(EventKind.ANNUL, entry), annuls=entry.undo.event_id)
        return await self._send(draft, entry)

    async def undo_event(self, event_id: UUID) -> EventAnswer:
        """Take back one event, for the Undo of a toast that outlived its row."""
        return await self._send(replace(self._draft(EventKind.ANNUL), annuls=event_id), None)

    async def scan(self, code: str, session_id: UUID | None) -> EventAnswer:
        """Check in whoever holds the ticket `code`, while `session_id` is open on the screen.

        A text that is no valid code is answered here: nobody's ticket was scanned, so there is nothing to record.
        """
        parsed = codes.parse(code)
        if parsed is None:
            return EventAnswer(self._new_id(), OutcomeKind.REJECTED, RefusalReason.UNKNOWN_CODE)
        return await self._send(
            replace(self._draft(EventKind.CHECK_IN), code=parsed, session_id=session_id), None
        )

    async def check_in_along(
        self, booking_id: UUID, session_id: UUID, send: Callable[[AttendanceEvent], Awaitable[Answer]]
    ) -> Answer:
        """Give `send` a numbered check-in to record together with something else; called again for a taken number.

        It goes to the server at once or not at all, because what it belongs to does; while the outcome is unknown, the
        same call again carries the same event.
        """
        key = (booking_id, session_id)
        draft = replace(self._draft(EventKind.CHECK_IN), booking_id=booking_id, session_id=session_id)
        doubt = self._doubts.get(key)
        if doubt is not None and self._clock.now() - doubt.since <= DOUBT_LASTS:
            draft = doubt.event

        async def numbered(seqs: Sequence[int]) -> Answer:
            return await send(replace(draft, seq=seqs[0]))

        try:
            answer = await self._recorder.numbered(1, numbered)
        except Unavailable:
            self._doubts[key] = _Doubt(draft, self._clock.now())
            raise
        self._doubts.pop(key, None)
        return answer

    async def send_with(
        self,
        send: Callable[[Sequence[AttendanceEvent]], Awaitable[Answer]],
        booking_ids: Sequence[UUID],
        *kinds: EventKind,
        origin: Origin = Origin.LIVE,
    ) -> Answer:
        """The answer of a call that records events itself: one of each kind for each booking, in this order, now.

        They carry this desk's next numbers, after everything that waits has been sent. `send` must be harmless when it
        is repeated: it is, while the server is Unavailable, and again with new numbers where one of them was taken.
        """
        drafts = [
            replace(self._draft(kind), booking_id=booking_id, origin=origin)
            for booking_id in booking_ids
            for kind in kinds
        ]

        async def numbered(seqs: Sequence[int]) -> Answer:
            events = [replace(draft, seq=seq) for draft, seq in zip(drafts, seqs, strict=True)]
            return await until_answered(lambda: send(events), self._sleep)

        return await self._recorder.numbered(len(drafts), numbered)

    async def _send(self, draft: AttendanceEvent, entry: RosterEntry | None) -> EventAnswer:
        local = await self._known.judge(draft, entry)
        return await self._recorder.record(draft, self._venue_id, local)

    def _about(self, kind: EventKind, entry: RosterEntry) -> AttendanceEvent:
        return replace(self._draft(kind), booking_id=entry.booking_id, session_id=entry.session_id)

    def _draft(self, kind: EventKind) -> AttendanceEvent:
        # The number is given by the outbox: 0 is never one.
        return AttendanceEvent(
            id=self._new_id(),
            seq=0,
            kind=kind,
            occurred_at=self._clock.now(),
            person_id=self._person_id,
        )

    def _new_id(self) -> UUID:
        return uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES))
