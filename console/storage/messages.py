"""The worker's queue of mail, over one connection for a round of sending.

Every message takes three statements and each of them must be committed on its own: what was about to be sent is known
even if the worker ends the next moment. What an administrator sees of it is in jobs.py. See docs/design.md,
"The database" (roles, round trips).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from console.domain.messages import OutgoingMessage
from console.storage.sqlstate import translate


class MailQueue:
    """The worker's side of the mail, over one connection of its own. Every method raises ConsoleErrors only."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Use an autocommitting connection; `mail_queue` opens one."""
        self._connection = connection

    async def waiting(self) -> int:
        """How many messages are due."""
        return int((await self._rows("SELECT notify.waiting()"))[0][0])

    async def claim(self, at_most: int) -> list[OutgoingMessage]:
        """Take messages that are due, most urgent first; nobody else gets the same ones."""
        rows = await self._rows(
            "SELECT id, lease, address, subject, body, language FROM notify.claim(%s)", at_most
        )
        return [OutgoingMessage(*row) for row in rows]

    async def handing(self, message: OutgoingMessage) -> bool:
        """Write down that its words go out now; False where they must not, because it is no longer ours."""
        return bool((await self._rows("SELECT notify.handing(%s, %s)", message.id, message.lease))[0][0])

    async def delivered(self, message: OutgoingMessage, provider_id: str) -> None:
        """A server has taken it."""
        await self._rows("SELECT notify.delivered(%s, %s)", message.id, provider_id)

    async def failed(self, message: OutgoingMessage, why: str, *, permanent: bool) -> None:
        """It was not sent; tried again later unless `permanent`."""
        await self._rows("SELECT notify.failed(%s, %s, %s, %s)", message.id, message.lease, why, permanent)

    async def uncertain(self, message: OutgoingMessage, why: str) -> None:
        """Nobody knows whether it was sent."""
        await self._rows("SELECT notify.uncertain(%s, %s, %s)", message.id, message.lease, why)

    async def give_back(self, lease: UUID) -> None:
        """Return what of a lease nobody has begun to send."""
        await self._rows("SELECT notify.give_back(%s)", lease)

    async def _rows(self, statement: LiteralString, *parameters: object) -> Sequence[tuple[Any, ...]]:
        try:
            return await (await self._connection.execute(statement, parameters)).fetchall()
        except (psycopg.Error, OSError) as error:
            raise translate(error) from error


@asynccontextmanager
async def mail_queue(dsn: str) -> AsyncIterator[MailQueue]:
    """The queue over a connection with the worker's own login, closed afterwards. Raises ConsoleErrors only."""
    try:
        connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
    except (psycopg.Error, OSError) as error:
        raise translate(error) from error
    try:
        yield MailQueue(connection)
    finally:
        await connection.close()
