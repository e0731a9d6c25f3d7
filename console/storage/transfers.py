"""The worker's queue of transfers, over one connection for a round.

Every statement is committed on its own: that a transfer is being asked for is written down before anybody is asked, so
a worker may end at any moment. What a desk sees of paying is in paying.py. See docs/operations.md, "Paying venues".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString

import psycopg

from console.domain.transfers import Said, Transfer
from console.storage.sqlstate import translate

_TAKE: LiteralString = """
    SELECT id, payout_id, attempt, idempotency_key, amount, currency, destination, provider_id, nth, was_asked, may_post
      FROM app.take_transfer()"""
_LOOK_AT: LiteralString = """
    SELECT id, payout_id, attempt, idempotency_key, amount, currency, destination, provider_id, nth, was_asked, may_post
      FROM app.transfers_to_look_at(%s)"""


class TransferQueue:
    """The worker's side of paying, over one connection of its own. Every method raises ConsoleErrors only."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Use an autocommitting connection; `transfer_queue` opens one."""
        self._connection = connection

    async def due(self) -> tuple[int, int]:
        """How many payouts wait for a transfer, and how many have no account for one."""
        row = (await self._rows("SELECT due, without_account FROM app.transfers_due()"))[0]
        return int(row[0]), int(row[1])

    async def take(self) -> Transfer | None:
        """The next transfer to ask for, written down as being asked; None where there is none."""
        rows = await self._rows(_TAKE)
        return Transfer(*rows[0]) if rows else None

    async def to_look_at(self, at_most: int) -> list[Transfer]:
        """Transfers whose state is to be asked for."""
        rows = await self._rows(_LOOK_AT, at_most)
        return [Transfer(*row) for row in rows]

    async def said(self, transfer: Transfer, said: Said) -> str:
        """Take in what the other side says: the attempt's state, "unchanged", or "doubtful" where it contradicts."""
        rows = await self._rows(
            "SELECT app.transfer_said(%s, %s, %s, %s, %s, %s, %s, %s)",
            transfer.id,
            said.id,
            said.amount,
            said.currency,
            said.destination,
            said.status.value,
            said.taken_back,
            said.why,
        )
        return str(rows[0][0])

    async def not_asked(self, transfer: Transfer, why: str, wait_seconds: int) -> None:
        """Nothing was done about it for sure: as it was before, and again after so many seconds."""
        await self._rows(
            "SELECT app.transfer_not_asked(%s, %s, %s, %s, %s)",
            transfer.id,
            transfer.nth,
            transfer.was_asked,
            why,
            wait_seconds,
        )

    async def unknown(self, transfer: Transfer, why: str) -> None:
        """It was asked for and nobody knows the answer."""
        await self._rows("SELECT app.transfer_unknown(%s, %s, %s)", transfer.id, transfer.nth, why)

    async def doubtful(self, transfer: Transfer, why: str) -> None:
        """The answer contradicts what was asked: a person has to look."""
        await self._rows("SELECT app.transfer_doubtful(%s, %s, %s)", transfer.id, transfer.nth, why)

    async def refused(self, transfer: Transfer, why: str) -> None:
        """It was refused for good: no money left."""
        await self._rows("SELECT app.transfer_refused(%s, %s, %s)", transfer.id, transfer.nth, why)

    async def not_seen(self, transfer: Transfer, why: str) -> None:
        """Asking how it stands brought no answer."""
        await self._rows("SELECT app.transfer_not_seen(%s, %s)", transfer.id, why)

    async def _rows(self, statement: LiteralString, *parameters: object) -> Sequence[tuple[Any, ...]]:
        try:
            return await (await self._connection.execute(statement, parameters)).fetchall()
        except (psycopg.Error, OSError) as error:
            raise translate(error) from error


@asynccontextmanager
async def transfer_queue(dsn: str) -> AsyncIterator[TransferQueue]:
    """The queue over a connection with the worker's own login, closed afterwards. Raises ConsoleErrors only."""
    try:
        connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
    except (psycopg.Error, OSError) as error:
        raise translate(error) from error
    try:
        yield TransferQueue(connection)
    finally:
        await connection.close()
