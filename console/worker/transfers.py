"""Paying venues by transfer: a round asks for what is due, and looks at what was asked before.

The database fixes the amount, the account and the key of every try and writes down that it is being asked before
anybody is asked; here the other side is looked at first, the request goes out, and what is known afterwards is written
down. Without an answer nobody knows, and the same key is asked again before anything else. Money never leaves twice.
See docs/operations.md, "Paying venues".
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Protocol

from console.clock import Clock, SystemClock
from console.domain.transfers import Said, Transfer
from console.errors import ConsoleError
from console.storage.transfers import transfer_queue
from console.worker.transfer_server import Fate, Outcome, TransferServer
from console.worker.transfer_settings import URL_VARIABLE, TransferSettings

ROUND_SECONDS = 200.0
"""How long a round goes on taking transfers; the next one takes the rest."""
STALE = timedelta(minutes=5)
"""How old the decision to ask may be when the request goes out; the database gives a transfer up after ten minutes."""
_LOOK_AT = 500
_TELL_AGAIN = (0.2, 1.0, 3.0)


class Queue(Protocol):
    """Where transfers wait: console/storage/transfers.TransferQueue."""

    async def due(self) -> tuple[int, int]:
        """How many payouts wait for a transfer, and how many have no account for one."""
        ...

    async def take(self) -> Transfer | None:
        """The next transfer to ask for, written down as being asked."""
        ...

    async def to_look_at(self, at_most: int) -> list[Transfer]:
        """Transfers whose state is to be asked for."""
        ...

    async def said(self, transfer: Transfer, said: Said) -> str:
        """Take in what the other side says."""
        ...

    async def not_asked(self, transfer: Transfer, why: str, wait_seconds: int) -> None:
        """Nothing was done about it."""
        ...

    async def unknown(self, transfer: Transfer, why: str) -> None:
        """Nobody knows."""
        ...

    async def doubtful(self, transfer: Transfer, why: str) -> None:
        """A person has to look."""
        ...

    async def refused(self, transfer: Transfer, why: str) -> None:
        """No money left."""
        ...

    async def not_seen(self, transfer: Transfer, why: str) -> None:
        """Asking how it stands brought no answer."""
        ...


Opened = Callable[[str], AbstractAsyncContextManager[Queue]]


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did: how many transfers of each fate, and a sentence for the screen of the jobs."""

    fates: Counter[str]
    said: str

    @property
    def amount(self) -> int:
        """How many transfers something became of."""
        return sum(number for fate, number in self.fates.items() if fate != "unchanged")


async def send(
    dsn: str, settings: TransferSettings | None, *, clock: Clock | None = None, queue: Opened = transfer_queue
) -> Round:
    """Ask for the transfers that are due, over the worker's own login. Raises ConsoleErrors only.

    Without `settings` nothing is touched: payouts wait, and the answer says so.
    """
    clock = clock or SystemClock()
    async with queue(dsn) as waiting:
        if settings is None:
            return Round(Counter(), await _not_set_up(waiting))
        server = TransferServer(settings, clock)
        try:
            return await _send(waiting, server, clock)
        finally:
            await server.close()


async def poll(
    dsn: str, settings: TransferSettings | None, *, clock: Clock | None = None, queue: Opened = transfer_queue
) -> Round:
    """Ask how the transfers stand that were accepted, or that may have been taken back. Raises ConsoleErrors only."""
    clock = clock or SystemClock()
    async with queue(dsn) as waiting:
        if settings is None:
            return Round(Counter(), f"Transfers are not set up. Set {URL_VARIABLE} for the worker.")
        server = TransferServer(settings, clock)
        try:
            return await _poll(waiting, server, clock)
        finally:
            await server.close()


async def _send(queue: Queue, server: TransferServer, clock: Clock) -> Round:
    fates: Counter[str] = Counter()
    trouble = ""
    ends_at = clock.monotonic() + ROUND_SECONDS
    while clock.monotonic() < ends_at:
        transfer = await queue.take()
        if transfer is None:
            break
        outcome = await _ask(server, transfer, clock)
        fates[await _told(partial(_write, queue, transfer, outcome))] += 1
        if outcome.stop:
            trouble = outcome.why
            break
    return Round(fates, _words(fates, trouble, "No transfer was due."))


async def _poll(queue: Queue, server: TransferServer, clock: Clock) -> Round:
    fates: Counter[str] = Counter()
    trouble = ""
    ends_at = clock.monotonic() + ROUND_SECONDS
    for transfer in await queue.to_look_at(_LOOK_AT):
        if clock.monotonic() >= ends_at:
            break
        outcome = await server.look(transfer)
        fates[await _told(partial(_write_look, queue, transfer, outcome))] += 1
        if outcome.stop:
            trouble = outcome.why
            break
    return Round(fates, _words(fates, trouble, "No transfer was to be looked at."))


async def _ask(server: TransferServer, transfer: Transfer, clock: Clock) -> Outcome:
    """Ask under the key, once it is sure that the other side has no transfer of the payout yet.

    A database that was restored from a backup, or an answer that comes too late, must not pay a second time: what
    counts is what the other side has.
    """
    taken_at = clock.now()
    found = await server.find(transfer)
    if found.fate is not Fate.NOT_THERE:
        if found.fate in {Fate.SAID, Fate.CONTRADICTS}:
            return found
        # Nothing was asked for by looking.
        return replace(found, fate=Fate.NOT_ASKED)
    if not transfer.may_post:
        # So long after the last asking it does not come any more.
        return Outcome(Fate.REFUSED, found.why)
    if clock.now() - taken_at > STALE:
        # This worker stood still; after ten minutes another one may have taken the transfer over.
        return Outcome(Fate.NOT_ASKED, "The worker stood still, so it asks later.")
    outcome = await server.ask(transfer)
    if outcome.fate is Fate.REFUSED and transfer.was_asked:
        # An earlier asking may have been taken meanwhile.
        found = await server.find(transfer)
        if found.fate is not Fate.NOT_THERE:
            is_known = found.fate in {Fate.SAID, Fate.CONTRADICTS}
            return found if is_known else Outcome(Fate.UNKNOWN, outcome.why, stop=found.stop)
    return outcome


async def _write(queue: Queue, transfer: Transfer, outcome: Outcome) -> str:
    match outcome.fate:
        case Fate.SAID:
            assert outcome.said is not None
            return await queue.said(transfer, outcome.said)
        case Fate.REFUSED:
            await queue.refused(transfer, outcome.why)
            return "failed"
        case Fate.NOT_ASKED:
            await queue.not_asked(transfer, outcome.why, outcome.wait_seconds)
            return "put off"
        case Fate.CONTRADICTS:
            await queue.doubtful(transfer, outcome.why)
            return "doubtful"
        case _:
            await queue.unknown(transfer, outcome.why)
            return "unknown"


async def _write_look(queue: Queue, transfer: Transfer, outcome: Outcome) -> str:
    if outcome.fate is Fate.SAID and outcome.said is not None:
        return await queue.said(transfer, outcome.said)
    await queue.not_seen(transfer, outcome.why)
    return "put off"


async def _told(write: Callable[[], Awaitable[str]]) -> str:
    """Write down what is known, with patience: what is never written down has to be asked for again."""
    for pause in _TELL_AGAIN:
        try:
            return await write()
        except ConsoleError:
            await asyncio.sleep(pause)
    return await write()


async def _not_set_up(queue: Queue) -> str:
    due, without = await queue.due()
    number = due + without
    waited = (
        "no payout waited"
        if number == 0
        else "1 payout waited"
        if number == 1
        else f"{number} payouts waited"
    )
    return f"Transfers are not set up, so {waited}. Set {URL_VARIABLE} for the worker, or pay by a file for the bank."


def _words(fates: Counter[str], trouble: str, nothing: str) -> str:
    order = ("paid", "accepted", "failed", "reversed", "doubtful", "unknown", "put off")
    named = ", ".join(f"{fates[fate]} {fate}" for fate in order if fates[fate])
    said = f"Transfers: {named}." if named else nothing
    return f"{said} {trouble}" if trouble else said
