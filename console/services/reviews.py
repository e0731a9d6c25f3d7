"""Review items as a manager's page asks for them: the list, the facts of one, and a decision with its events.

A decision says again what happened: whether a child came, or that a report was wrong. So it carries events of this
desk, exactly those its facts ask for, under the desk's own numbers. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar
from uuid import UUID

from console.clock import Clock
from console.domain.attendance import AttendanceEvent, EventKind, Origin
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.reviewing import Decided, ReviewChoice, ReviewFacts, ReviewItem, Step
from console.services.retry import Sleep, until_answered
from console.storage.reviews import ReviewQueries

Answer = TypeVar("Answer")


class Numbers(Protocol):
    """Who numbers this desk's events: its outbox."""

    async def numbered(self, count: int, send: Callable[[Sequence[int]], Awaitable[Answer]]) -> Answer:
        """The answer of a call that records `count` events itself, under this desk's next numbers."""
        ...


class ReviewService:
    """The review items of one venue for one person at one desk. Raises ConsoleErrors only."""

    def __init__(
        self,
        queries: ReviewQueries,
        numbers: Numbers,
        venue_id: UUID,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`numbers` is the desk's outbox; nothing is asked before the first call."""
        self._queries = queries
        self._numbers = numbers
        self._venue_id = venue_id
        self._clock = clock
        self._sleep = sleep
        self._random_bytes = random_bytes

    async def items(self, *, done: bool = False, after: Sequence[object] | None = None) -> list[ReviewItem]:
        """Open items, oldest first; with `done` also decided ones, newest first."""
        return await self._queries.items(self._venue_id, done=done, after=after)

    async def open_count(self) -> int:
        """How many items are open, for the badge."""
        return await self._queries.count(self._venue_id)

    async def facts(self, item_id: UUID) -> ReviewFacts:
        """Everything to decide an item by."""
        return await self._queries.facts(item_id)

    async def decide(self, facts: ReviewFacts, choice: ReviewChoice, reason: str = "") -> Decided:
        """Decide as `choice` of these facts says.

        Raises Conflict "decided_already" when somebody else has, "facts_changed" when they no longer hold.
        """
        drafts = [self._draft(facts, step) for step in choice.steps]

        async def send(seqs: Sequence[int]) -> Decided:
            events = [replace(draft, seq=seq) for draft, seq in zip(drafts, seqs, strict=True)]
            call = partial(
                self._queries.decide, facts.item_id, choice.decision, reason.strip() or None, events
            )
            return await until_answered(call, self._sleep)

        if not drafts:
            return await send(())
        return await self._numbers.numbered(len(drafts), send)

    def _draft(self, facts: ReviewFacts, step: Step) -> AttendanceEvent:
        # The number is given when it is sent: 0 is never one. A mark is said afterwards, hence queued.
        event = AttendanceEvent(
            id=uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES)),
            seq=0,
            kind=step.kind,
            occurred_at=self._clock.now(),
        )
        if step.kind is EventKind.ANNUL:
            return replace(event, annuls=step.annuls)
        return replace(event, booking_id=facts.booking_id, origin=Origin.QUEUED)
