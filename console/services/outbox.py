"""The one way attendance is recorded: kept on this desk first, then sent, then answered.

Online and offline are the same path. An event is durable before anybody is told that it happened, it stays until the
server's answer is stored beside it, and it is always sent under its own id, so that no repetition can record it twice.
See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from console.clock import Clock
from console.domain.attendance import (
    MAX_BATCH,
    AttendanceEvent,
    EventAnswer,
    EventKind,
    Origin,
    OutcomeKind,
    RefusalReason,
)
from console.domain.sync import ANSWER_WITHIN, OutboxCount, QueuedEvent
from console.errors import BugError, Conflict, ConsoleError, Denied, Invalid, NotFound, Unavailable
from console.services.desk_store import EventStore
from console.services.link import Link
from console.services.retry import DELAYS, Sleep

SEND_SECONDS = 10.0
"""After so long without an answer a batch is given up and sent again later."""

SEQ_TRIES = 3
# The second is the database's own key, met when two consoles of one desk send in the same moment.
SEQ_CONFLICTS = frozenset({"seq_taken", "attendance_events_device_seq_key"})
_LONE_BUGS = 3

Answer = TypeVar("Answer")


class Server(Protocol):
    """The server's side: `console.storage.attendance.AttendanceStore`."""

    async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
        """Record events and answer each."""
        ...

    async def next_seq(self) -> int:
        """The desk's next sequence number as the server knows it."""
        ...


class OutboxRecorder:
    """The outbox of one desk at work. Make one per console; it outlives whoever is signed in."""

    def __init__(
        self,
        server: Server,
        store: EventStore,
        clock: Clock,
        *,
        link: Link | None = None,
        settled: Callable[[AttendanceEvent, EventAnswer], None] = lambda _event, _answer: None,
        changed: Callable[[], None] = lambda: None,
        failed: Callable[[ConsoleError], None] = lambda _error: None,
        sleep: Sleep = asyncio.sleep,
        within: float = ANSWER_WITHIN.total_seconds(),
    ) -> None:
        """`settled` is told the server's answer to an event whose person was told "waiting to send".

        `changed` is told when there are more or fewer events waiting, `failed` what stopped a sending that the network
        is not to blame for (signed out, desk revoked). `within` is how long a person waits for the server.
        """
        self.settled, self.changed, self.failed = settled, changed, failed
        self.link = link or Link(clock)
        self._server, self._store, self._clock, self._sleep = server, store, clock, sleep
        self._within = within
        self._awaited: dict[UUID, asyncio.Future[EventAnswer | None]] = {}
        self._sending = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._again = False
        self._knows_numbers = False
        self._given_up: asyncio.Future[None] | None = None
        self._left: set[asyncio.Future[Any]] = set()
        self._numbering = asyncio.Lock()

    # -- one action ------------------------------------------------------------------------------------------------

    async def record(self, event: AttendanceEvent, venue_id: UUID, local: EventAnswer) -> EventAnswer:
        """The answer to an event: the server's, or within a second this desk's own, `local`.

        An answer of the desk's own has `kept` set where the event is kept and will be sent; what the desk refuses by
        itself is kept only while the server can still be asked. Raises Unavailable where this computer's disk is full,
        Invalid where the server cannot take the event.
        """
        if self.link.is_away:
            if not local.is_recorded:
                return local
            kept = await self._keep(replace(event, origin=Origin.QUEUED), venue_id)
            return _kept(local, kept)
        waiter: asyncio.Future[EventAnswer | None] = asyncio.get_running_loop().create_future()
        # Before it is in the outbox: a sending under way must know that somebody waits for it.
        self._awaited[event.id] = waiter
        try:
            event = await self._keep(event, venue_id)
            self._kick()
            answer = await self._wait(waiter)
            if answer is not None:
                return answer
        finally:
            self._awaited.pop(event.id, None)
        return await self._answer_here(event, local, waiter)

    async def _keep(self, event: AttendanceEvent, venue_id: UUID) -> AttendanceEvent:
        kept = await asyncio.to_thread(self._store.append, event, venue_id)
        self.changed()
        # The outbox keeps no names it need not keep; whoever waits may still read them.
        return replace(event, seq=kept.seq, occurred_at=kept.occurred_at)

    async def _wait(self, waiter: asyncio.Future[EventAnswer | None]) -> EventAnswer | None:
        lost = asyncio.ensure_future(self.link.until_lost())
        try:
            either: set[asyncio.Future[Any]] = {waiter, lost}
            await asyncio.wait(either, timeout=self._within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost.cancel()
        return waiter.result() if waiter.done() else None

    async def _answer_here(
        self, event: AttendanceEvent, local: EventAnswer, waiter: asyncio.Future[EventAnswer | None]
    ) -> EventAnswer:
        if not waiter.done():
            self.link.lost()
            self.give_up()
        if local.is_recorded:
            await asyncio.to_thread(self._store.became_queued, [event.id])
        else:
            # The person is told no. Whatever the server makes of the request, it is not to be sent as a report.
            own = replace(local, event_id=event.id)
            await asyncio.to_thread(self._store.answered, [own], self._clock.now())
            self.changed()
        if waiter.done() and (late := waiter.result()) is not None:
            return late
        return _kept(local, event) if local.is_recorded else replace(local, event_id=event.id)

    # -- sending -----------------------------------------------------------------------------------------------------

    async def flush(self) -> None:
        """Send everything that waits, in the order of its numbers. One sending at a time.

        Raises the ConsoleError that stopped it: Unavailable, or Denied where nobody is signed in. What was not answered
        stays.
        """
        async with self._sending:
            delays = iter(DELAYS)
            disturbed = 0
            held: set[UUID] = set()
            while batch := await self._next_batch(held):
                try:
                    if not self._knows_numbers:
                        await self._renumber()
                        continue
                    await self._send(batch, held)
                    delays, disturbed = iter(DELAYS), 0
                except Unavailable as error:
                    delay = next(delays, None)
                    if delay is None or error.code == _GIVEN_UP:
                        raise
                    await self._sleep(delay)
                except Conflict as conflict:
                    disturbed += 1
                    if disturbed >= SEQ_TRIES:
                        raise _disturbed() from conflict
                    await self._renumber()

    def give_up(self) -> None:
        """Wait no longer for the batch that is under way: the network is gone. It is sent again when it is back."""
        if self._given_up is not None and not self._given_up.done():
            self._given_up.set_result(None)

    async def numbered(self, count: int, send: Callable[[Sequence[int]], Awaitable[Answer]]) -> Answer:
        """The answer of a call that records `count` events itself, under this desk's next numbers.

        Everything that waits is sent before it: what happened first is known first. `send` is called again with other
        numbers where one was taken. Raises Unavailable while the desk is offline.
        """
        for _ in range(SEQ_TRIES):
            await self._flush_first()
            if not self._knows_numbers:
                await self._renumber()
            async with self._numbering:
                first = await asyncio.to_thread(self._reserve, count)
            try:
                return await send(range(first, first + count))
            except Conflict as conflict:
                if conflict.code not in SEQ_CONFLICTS:
                    raise
                await self._renumber()
        raise _disturbed()

    async def close(self) -> None:
        """End what is under way; what waits stays in the outbox."""
        tasks = [one for one in (self._task, *self._left) if one is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._let_go()

    # -- what needs attention ------------------------------------------------------------------------------------------

    async def count(self) -> OutboxCount:
        """How many events wait, and how many need attention."""
        return await asyncio.to_thread(self._store.count)

    async def waiting(self) -> list[QueuedEvent]:
        """Every event that has no answer, in the order of its number."""
        return await asyncio.to_thread(self._store.waiting, _ALL)

    def recorded_after(self, at: datetime) -> list[AttendanceEvent]:
        """What the server recorded of this desk since then, in the order it was done. Blocks: call it in a thread."""
        known = [one for one in self._store.history() if one.answered_at is not None and one.answered_at > at]
        return [one.event for one in reversed(known) if one.answer is not None and one.answer.is_recorded]

    async def attention(self) -> list[QueuedEvent]:
        """Events that the server refused after people had been told they were kept, oldest first."""
        return await asyncio.to_thread(self._store.attention)

    async def retry(self, event_id: UUID, new_id: UUID) -> AttendanceEvent:
        """Send an event that needs attention again, as a new one. Raises Conflict where it no longer needs any."""
        event = await asyncio.to_thread(self._store.retry, event_id, new_id, self._clock.now())
        self.changed()
        self.nudge()
        return event

    async def discard(self, event_id: UUID, reason: str, by: UUID) -> None:
        """Put an event that needs attention away, with a manager's reason."""
        await asyncio.to_thread(self._store.discard, event_id, reason, by, self._clock.now())
        self.changed()

    def nudge(self) -> None:
        """Send what waits, soon; nothing happens while the server is away."""
        if not self.link.is_away:
            self._kick()

    # -- within ------------------------------------------------------------------------------------------------------

    def _kick(self) -> None:
        self._again = True
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while self._again:
            self._again = False
            try:
                await self.flush()
            except Unavailable:
                self.link.lost()
                self._let_go()
                return
            except ConsoleError as error:
                self._let_go()
                self.failed(error)
                return

    async def _flush_first(self) -> None:
        if self.link.is_away:
            raise Unavailable(
                "This needs the server.", hint="Try again when the desk is online.", code="offline"
            )
        await self.flush()

    async def _next_batch(self, held: set[UUID]) -> list[QueuedEvent]:
        found = await asyncio.to_thread(self._store.waiting, MAX_BATCH + len(held))
        batch = [one for one in found if one.event.id not in held][:MAX_BATCH]
        # Nobody stands at the desk for these any more: they are reports of what happened.
        late = [
            one.event.id
            for one in batch
            if one.event.origin is Origin.LIVE and one.event.id not in self._awaited
        ]
        if late:
            await asyncio.to_thread(self._store.became_queued, late)
            batch = [
                replace(one, event=replace(one.event, origin=Origin.QUEUED)) if one.event.id in late else one
                for one in batch
            ]
        return batch

    async def _send(self, batch: list[QueuedEvent], held: set[UUID]) -> None:
        """Send a batch and store its answers; one that is refused as a whole is halved until it is known why."""
        try:
            answers = await self._exchange([one.event for one in batch])
        except (Invalid, Conflict, NotFound, BugError) as error:
            if isinstance(error, Conflict) and error.code in SEQ_CONFLICTS:
                raise
            if isinstance(error, Conflict) and error.code == "busy_row":
                raise Unavailable(error.sentence, hint=error.hint, code=error.code) from error
            if len(batch) > 1:
                middle = len(batch) // 2
                await self._send(batch[:middle], held)
                await self._send(batch[middle:], held)
            elif isinstance(error, BugError):
                # Not the event's fault, as far as anybody knows: it stays, and the others pass it.
                self._hold(batch[0].event.id, held)
                if len(held) >= _LONE_BUGS:
                    raise
                self.failed(error)
            else:
                await self._set_apart(batch[0], error)
            return
        await self._settle(batch, answers)
        for missing in {one.event.id for one in batch} - {answer.event_id for answer in answers}:
            self._hold(missing, held)

    async def _exchange(self, events: list[AttendanceEvent]) -> list[EventAnswer]:
        started = self._clock.monotonic()
        call = asyncio.ensure_future(self._server.record(events))
        self._given_up = asyncio.get_running_loop().create_future()
        either: set[asyncio.Future[Any]] = {call, self._given_up}
        try:
            await asyncio.wait(either, timeout=SEND_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            call.cancel()
            raise
        if not call.done():
            # It may still arrive. Sent again it gets the same answer, so this one is not needed.
            call.cancel()
            self._left.add(call)
            call.add_done_callback(self._forget)
            raise Unavailable("The server does not answer.", code=_GIVEN_UP)
        answers = call.result()
        self.link.answered(self._clock.monotonic() - started)
        return answers

    async def _settle(self, batch: list[QueuedEvent], answers: list[EventAnswer]) -> None:
        # Stored first: nobody is told what a crash could still make forgotten.
        await asyncio.to_thread(self._store.answered, answers, self._clock.now())
        events = {one.event.id: one.event for one in batch}
        for answer in answers:
            waiter = self._awaited.get(answer.event_id)
            if waiter is not None and not waiter.done():
                waiter.set_result(answer)
            else:
                self.settled(events[answer.event_id], answer)
        self.changed()
        if any(answer.reason is RefusalReason.DEVICE_REVOKED for answer in answers):
            self.failed(
                Denied(
                    "This desk is no longer enrolled.",
                    hint="Ask your administrator to enrol it again.",
                    code="device_revoked",
                )
            )

    async def _set_apart(self, one: QueuedEvent, error: ConsoleError) -> None:
        """An event that the server cannot take at all needs somebody's attention; the others go on."""
        event = one.event
        answer = EventAnswer(event.id, OutcomeKind.REJECTED, None, booking_id=event.booking_id)
        await asyncio.to_thread(self._store.became_queued, [event.id])
        await asyncio.to_thread(self._store.answered, [answer], self._clock.now())
        waiter = self._awaited.get(event.id)
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)
        else:
            self.settled(event, answer)
        self.changed()

    async def _renumber(self) -> None:
        # A new outbox begins where the desk left off; another console of this desk, or one restored from a copy, may
        # have used a number meanwhile. Ids stay what they are.
        following = await self._server.next_seq()
        await asyncio.to_thread(self._store.seq_at_least, following)
        self._knows_numbers = True

    def _reserve(self, count: int) -> int:
        first = self._store.next_seq()
        self._store.seq_at_least(first + count)
        return first

    def _let_go(self) -> None:
        for waiter in self._awaited.values():
            if not waiter.done():
                waiter.set_result(None)

    def _hold(self, event_id: UUID, held: set[UUID]) -> None:
        held.add(event_id)
        waiter = self._awaited.get(event_id)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _forget(self, call: asyncio.Future[Any]) -> None:
        self._left.discard(call)
        if not call.cancelled():
            call.exception()


_GIVEN_UP = "given_up"
_ALL = 1_000_000


def _kept(local: EventAnswer, event: AttendanceEvent) -> EventAnswer:
    at = local.state_at if event.kind is EventKind.ANNUL else event.occurred_at
    return replace(local, event_id=event.id, state_at=at, kept=True)


def _disturbed() -> Unavailable:
    return Unavailable(
        "This desk's numbering is disturbed.", hint="Close other consoles on this desk.", code="seq_taken"
    )
