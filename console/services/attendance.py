"""Checking children in and out, as the Today screen asks for it.

A refusal is an answer, never an exception; only a server that cannot be reached raises, and even then nothing can be
recorded twice: the same action tried again carries the same event id for a minute. See docs/design.md, "The desk
protocol".
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
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
from console.errors import Conflict, Invalid, Unavailable
from console.services.retry import Sleep, until_answered

DOUBT_LASTS = timedelta(minutes=1)
"""How long an action tried again counts as the same action, after its outcome stayed unknown."""

SEQ_TRIES = 3
# The second is the database's own key, met when two consoles of one desk send in the same moment.
SEQ_CONFLICTS = frozenset({"seq_taken", "attendance_events_device_seq_key"})

Answer = TypeVar("Answer")
Key = tuple[EventKind, UUID | str | None]


class Recorder(Protocol):
    """Where events go: the server, or later the desk's own outbox."""

    async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
        """Record events and answer each."""
        ...

    async def next_seq(self) -> int:
        """The desk's next sequence number."""
        ...


@dataclass(frozen=True, slots=True)
class _Doubt:
    event: AttendanceEvent
    since: datetime


class AttendanceService:
    """Attendance for one signed-in person at one desk; make a new one when the person changes."""

    def __init__(
        self,
        recorder: Recorder,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`sleep` and `random_bytes` are for tests; nothing is asked of the recorder yet."""
        self._recorder = recorder
        self._clock = clock
        self._sleep = sleep
        self._random_bytes = random_bytes
        self._next_seq: int | None = None
        self._seq_lock = asyncio.Lock()
        self._doubts: dict[Key, _Doubt] = {}

    async def check_in(self, entry: RosterEntry, *, again: bool = False) -> EventAnswer:
        """Check a child in; `again` brings back one who had left."""
        return await self._send(replace(self._about(EventKind.CHECK_IN, entry), again=again))

    async def check_out(
        self, entry: RosterEntry, pickup: PickupPerson | None, *, name: str | None = None
    ) -> EventAnswer:
        """Check a child out to somebody of the pickup list, or to the person called `name`."""
        draft = self._about(EventKind.CHECK_OUT, entry)
        if pickup is not None:
            return await self._send(replace(draft, pickup_person_id=pickup.id, pickup_name=pickup.name))
        return await self._send(replace(draft, pickup_name=name))

    async def mark_absent(self, entry: RosterEntry) -> EventAnswer:
        """Say that a child does not come."""
        return await self._send(self._about(EventKind.ABSENT, entry))

    async def undo(self, entry: RosterEntry) -> EventAnswer:
        """Take back the event that `entry.undo` names. Raises Invalid where there is none."""
        if entry.undo is None:
            raise Invalid("There is nothing to undo.", code="nothing_to_undo")
        return await self.undo_event(entry.undo.event_id)

    async def undo_event(self, event_id: UUID) -> EventAnswer:
        """Take back one event, for the Undo of a toast that outlived its row."""
        return await self._send(replace(self._draft(EventKind.ANNUL), annuls=event_id))

    async def scan(self, code: str, session_id: UUID | None) -> EventAnswer:
        """Check in whoever holds the ticket `code`, while `session_id` is open on the screen.

        A text that is no valid code is answered here: nobody's ticket was scanned, so there is nothing to record.
        """
        parsed = codes.parse(code)
        if parsed is None:
            return EventAnswer(self._new_id(), OutcomeKind.REJECTED, RefusalReason.UNKNOWN_CODE)
        return await self._send(replace(self._draft(EventKind.CHECK_IN), code=parsed, session_id=session_id))

    async def check_in_along(
        self, booking_id: UUID, session_id: UUID, send: Callable[[AttendanceEvent], Awaitable[Answer]]
    ) -> Answer:
        """Give `send` a numbered check-in to record together with something else; called again for a taken number."""
        draft = replace(self._draft(EventKind.CHECK_IN), booking_id=booking_id, session_id=session_id)
        return await self._number(draft, send)

    async def send_with(
        self,
        send: Callable[[Sequence[AttendanceEvent]], Awaitable[Answer]],
        booking_ids: Sequence[UUID],
        *kinds: EventKind,
        origin: Origin = Origin.LIVE,
    ) -> Answer:
        """The answer of a call that records events itself: one of each kind for each booking, in this order, now.

        They carry this desk's next numbers. `send` must be harmless when it is repeated: it is, while the server is
        Unavailable, and again with new numbers where one of them was taken.
        """
        drafts = [
            replace(self._draft(kind), booking_id=booking_id, origin=origin)
            for booking_id in booking_ids
            for kind in kinds
        ]
        for _ in range(SEQ_TRIES):
            events = [replace(draft, seq=await self._take_seq()) for draft in drafts]
            try:
                return await until_answered(partial(send, events), self._sleep)
            except Conflict as conflict:
                if conflict.code not in SEQ_CONFLICTS:
                    raise
                self._next_seq = None
        raise _disturbed()

    async def _send(self, draft: AttendanceEvent) -> EventAnswer:
        return await self._number(draft, self._record)

    async def _number(
        self, draft: AttendanceEvent, send: Callable[[AttendanceEvent], Awaitable[Answer]]
    ) -> Answer:
        key = (draft.kind, draft.booking_id or draft.code or draft.annuls)
        event = self._doubted(key, draft) or replace(draft, seq=await self._take_seq())
        for _ in range(SEQ_TRIES):
            try:
                answer = await send(event)
            except Conflict as conflict:
                if conflict.code not in SEQ_CONFLICTS:
                    raise
                # Another console of this desk, or one restored from a copy, has used the number: take a new one.
                self._next_seq = None
                event = replace(event, seq=await self._take_seq())
                continue
            except Unavailable:
                self._doubts[key] = _Doubt(event, self._clock.now())
                raise
            self._doubts.pop(key, None)
            return answer
        raise _disturbed()

    async def _record(self, event: AttendanceEvent) -> EventAnswer:
        # The event id makes a second sending harmless, whether or not the first arrived.
        answers = await until_answered(lambda: self._recorder.record([event]), self._sleep)
        return answers[0]

    def _doubted(self, key: Key, draft: AttendanceEvent) -> AttendanceEvent | None:
        doubt = self._doubts.get(key)
        if doubt is None or self._clock.now() - doubt.since > DOUBT_LASTS:
            return None
        event = doubt.event
        same = replace(event, id=draft.id, seq=draft.seq, occurred_at=draft.occurred_at) == draft
        return event if same else None

    def _about(self, kind: EventKind, entry: RosterEntry) -> AttendanceEvent:
        return replace(self._draft(kind), booking_id=entry.booking_id, session_id=entry.session_id)

    def _draft(self, kind: EventKind) -> AttendanceEvent:
        # The number is given when it is sent: 0 is never one.
        return AttendanceEvent(id=self._new_id(), seq=0, kind=kind, occurred_at=self._clock.now())

    async def _take_seq(self) -> int:
        async with self._seq_lock:
            if self._next_seq is None:
                self._next_seq = await self._recorder.next_seq()
            seq = self._next_seq
            self._next_seq = seq + 1
            return seq

    def _new_id(self) -> UUID:
        return uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES))


def _disturbed() -> Unavailable:
    return Unavailable(
        "This desk's numbering is disturbed.", hint="Close other consoles on this desk.", code="seq_taken"
    )
