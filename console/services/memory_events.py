"""An outbox that lasts as long as the console: for a desk whose disk takes nothing, and for tests.

It keeps the same promises as the sealed file but the one that matters most, to survive a crash; whoever uses it says so
on screen. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from console.domain.attendance import AttendanceEvent, EventAnswer, Origin, OutcomeKind
from console.domain.sync import OutboxCount, QueuedEvent, QueueState
from console.errors import Conflict


class MemoryEvents:
    """An EventStore in memory."""

    def __init__(self) -> None:
        """Begin empty, with number 1."""
        self._lock = threading.RLock()
        self._events: dict[UUID, QueuedEvent] = {}
        self._next = 1
        self._latest: datetime | None = None

    def append(self, event: AttendanceEvent, venue_id: UUID) -> AttendanceEvent:
        """Keep an event under the next number; one that is here already is answered as it is kept."""
        with self._lock:
            if event.id in self._events:
                return self._events[event.id].event
            at = event.occurred_at if self._latest is None else max(event.occurred_at, self._latest)
            self._latest = at
            kept = replace(event, seq=self._take(), occurred_at=at)
            self._events[event.id] = QueuedEvent(kept, venue_id, QueueState.WAITING)
            return kept

    def waiting(self, limit: int = 500) -> list[QueuedEvent]:
        """Events without an answer, in the order of `seq`."""
        return self._in_state(QueueState.WAITING)[:limit]

    def became_queued(self, event_ids: Sequence[UUID]) -> None:
        """Say of waiting events that they were not asked live after all."""
        with self._lock:
            for event_id in event_ids:
                one = self._events.get(event_id)
                if one is not None and one.state is QueueState.WAITING:
                    self._events[event_id] = replace(one, event=replace(one.event, origin=Origin.QUEUED))

    def answered(self, answers: Sequence[EventAnswer], at: datetime) -> None:
        """Store answers; a refusal of a queued event needs attention."""
        if any(answer.kept for answer in answers):
            raise ValueError("only the server answers for good")
        with self._lock:
            for answer in answers:
                one = self._events.get(answer.event_id)
                if one is None or one.state is not QueueState.WAITING:
                    continue
                refused = answer.outcome is OutcomeKind.REJECTED and one.event.origin is Origin.QUEUED
                state = QueueState.ATTENTION if refused else QueueState.ANSWERED
                self._events[answer.event_id] = replace(one, state=state, answer=answer, answered_at=at)

    def attention(self) -> list[QueuedEvent]:
        """Events that need somebody's attention, oldest first."""
        return self._in_state(QueueState.ATTENTION)

    def history(self, limit: int = 500) -> list[QueuedEvent]:
        """Every event that is still here, newest first."""
        with self._lock:
            return sorted(self._events.values(), key=lambda one: -one.event.seq)[:limit]

    def retry(self, event_id: UUID, new_id: UUID, at: datetime) -> AttendanceEvent:
        """Make a new waiting event of one that needs attention."""
        with self._lock:
            old = self._in_attention(event_id)
            new = replace(old.event, id=new_id, seq=self._take(), origin=Origin.QUEUED)
            self._events[new_id] = QueuedEvent(new, old.venue_id, QueueState.WAITING)
            self._events[event_id] = replace(old, state=QueueState.RETRIED, answered_at=at, retried_as=new_id)
            return new

    def discard(self, event_id: UUID, reason: str, by: UUID, at: datetime) -> None:
        """Put an event that needs attention away."""
        with self._lock:
            old = self._in_attention(event_id)
            self._events[event_id] = replace(
                old, state=QueueState.DISCARDED, answered_at=at, note=reason, by=by
            )

    def count(self) -> OutboxCount:
        """How many wait and how many need attention."""
        return OutboxCount(len(self._in_state(QueueState.WAITING)), len(self.attention()))

    def seq_at_least(self, seq: int) -> None:
        """The next number is at least this; waiting events from the first below it on get new ones, in their order."""
        with self._lock:
            self._next = max(self._next, seq)
            waiting = self._in_state(QueueState.WAITING)
            if waiting and waiting[0].event.seq < seq:
                for one in waiting:
                    self._events[one.event.id] = replace(one, event=replace(one.event, seq=self._take()))

    def next_seq(self) -> int:
        """The number that the next event gets."""
        return self._next

    def close(self) -> None:
        """Nothing is open."""

    def _take(self) -> int:
        self._next += 1
        return self._next - 1

    def _in_state(self, state: QueueState) -> list[QueuedEvent]:
        with self._lock:
            found = [one for one in self._events.values() if one.state is state]
        return sorted(found, key=lambda one: one.event.seq)

    def _in_attention(self, event_id: UUID) -> QueuedEvent:
        one = self._events.get(event_id)
        if one is None or one.state is not QueueState.ATTENTION:
            raise Conflict("Somebody has already dealt with this one.", code="no_attention")
        return one
