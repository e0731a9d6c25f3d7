"""Delivering the mail that waits in the database: a round takes what is due and hands it to a mail server.

Each message is leased, marked as handed over and answered for in statements of their own, so that a worker may end at
any moment: what was not handed over is tried again, and what was, without an answer, is uncertain and left to a person.
Two workers never send the same message. See docs/design.md, "Rules of the domain" (schedules, waitlist).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from uuid import UUID

from console.clock import Clock, SystemClock
from console.domain.messages import OutgoingMessage
from console.errors import ConsoleError
from console.storage.messages import mail_queue
from console.worker.smtp import Fate, MailServer, NoServer, Outcome
from console.worker.smtp_settings import VARIABLE, MailSettings

AT_ONCE = 20
ROUND_SECONDS = 45.0
"""How long a round goes on taking messages; the next one, a minute later, takes the rest."""
_TELL_AGAIN = (0.2, 1.0, 3.0)


class Queue(Protocol):
    """Where the mail waits: console/storage/messages.MailQueue."""

    async def waiting(self) -> int:
        """How many messages are due."""
        ...

    async def claim(self, at_most: int) -> list[OutgoingMessage]:
        """Take messages that are due."""
        ...

    async def handing(self, message: OutgoingMessage) -> bool:
        """Its words go out now; False where they must not."""
        ...

    async def delivered(self, message: OutgoingMessage, provider_id: str) -> None:
        """A server has taken it."""
        ...

    async def failed(self, message: OutgoingMessage, why: str, *, permanent: bool) -> None:
        """It was not sent."""
        ...

    async def uncertain(self, message: OutgoingMessage, why: str) -> None:
        """Nobody knows whether it was sent."""
        ...

    async def give_back(self, lease: UUID) -> None:
        """Return what of a lease nobody has begun to send."""
        ...


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did: messages sent, put off, refused for good, uncertain; `said` is the sentence for the screen."""

    sent: int = 0
    later: int = 0
    refused: int = 0
    uncertain: int = 0
    said: str = "No mail was due."


async def deliver(
    dsn: str,
    settings: MailSettings | None,
    *,
    clock: Clock | None = None,
    queue: Callable[[str], AbstractAsyncContextManager[Queue]] = mail_queue,
) -> Round:
    """Send what is due, over the worker's own login; what it did. Raises ConsoleErrors only, for the database's part.

    Without `settings` nothing is touched: the messages wait and the answer says so.
    """
    clock = clock or SystemClock()
    async with queue(dsn) as waiting:
        if settings is None:
            due = await waiting.waiting()
            return Round(
                said=f"Mail is not set up, so {_count(due, 'message')} waited. Set {VARIABLE} for the worker."
            )
        server = MailServer(settings, clock)
        try:
            return await _round(waiting, server, clock)
        finally:
            await server.close()


async def _round(queue: Queue, server: MailServer, clock: Clock) -> Round:
    fates: Counter[Fate] = Counter()
    trouble: str | None = None
    ends_at = clock.monotonic() + ROUND_SECONDS
    while trouble is None and clock.monotonic() < ends_at:
        batch = await queue.claim(AT_ONCE)
        if not batch:
            break
        try:
            for message in batch:
                if clock.monotonic() >= ends_at:
                    await queue.give_back(message.lease)
                    break
                if trouble is None:
                    try:
                        outcome = await server.send(message, partial(queue.handing, message))
                    except NoServer as error:
                        trouble = error.why
                if trouble is not None:
                    outcome = Outcome(Fate.LATER, trouble)
                fates[outcome.fate] += 1
                await _answer_for(queue, message, outcome)
        except BaseException:
            # What was not begun need not wait for its lease to run out; the worker may be ending, its database gone.
            with suppress(ConsoleError, TimeoutError):
                await asyncio.wait_for(queue.give_back(batch[0].lease), 2)
            raise
    return _summed_up(fates, trouble)


async def _answer_for(queue: Queue, message: OutgoingMessage, outcome: Outcome) -> None:
    for pause in (*_TELL_AGAIN, None):
        try:
            match outcome.fate:
                case Fate.SENT:
                    await queue.delivered(message, outcome.said)
                case Fate.LATER:
                    await queue.failed(message, outcome.said, permanent=False)
                case Fate.REFUSED:
                    await queue.failed(message, outcome.said, permanent=True)
                case Fate.UNCERTAIN:
                    await queue.uncertain(message, outcome.said)
                case Fate.NOT_MINE:
                    pass
            return
        except ConsoleError:
            # What is never written down ends as uncertain when its lease runs out, so it is worth some patience.
            if pause is None:
                raise
            await asyncio.sleep(pause)


def _summed_up(fates: Counter[Fate], trouble: str | None) -> Round:
    parts = [
        (fates[Fate.SENT], "sent"),
        (fates[Fate.LATER], "put off"),
        (fates[Fate.REFUSED], "refused for good"),
        (fates[Fate.UNCERTAIN], "uncertain"),
    ]
    named = ", ".join(f"{number} {word}" for number, word in parts if number)
    said = f"Mail: {named}." if named else "No mail was due."
    return Round(
        fates[Fate.SENT],
        fates[Fate.LATER],
        fates[Fate.REFUSED],
        fates[Fate.UNCERTAIN],
        f"{said} {trouble}" if trouble else said,
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
