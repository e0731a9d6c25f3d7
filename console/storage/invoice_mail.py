"""The worker's queue of invoices to be mailed, over one connection for a round of sending.

It is asked exactly as the queue of messages is (messages.py), so that both are sent by the same rules. See
docs/operations.md, "Mail".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString
from uuid import UUID

import psycopg

from console.domain.messages import Attachment, OutgoingMessage
from console.storage.sqlstate import translate


class InvoiceQueue:
    """Invoices on their way out, over a connection of the queue's own. Every method raises ConsoleErrors only."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Use an autocommitting connection; `invoice_queue` opens one."""
        self._connection = connection

    async def waiting(self) -> int:
        """How many invoices are due."""
        return int((await self._rows("SELECT app.invoice_mail_waiting()"))[0][0])

    async def claim(self, at_most: int) -> list[OutgoingMessage]:
        """Take invoices that are due, with their paper; nobody else gets the same ones."""
        rows = await self._rows(
            """SELECT id, lease, address, subject, body, language, file_name, content
                 FROM app.invoice_mail_claim(%s)""",
            at_most,
        )
        return [_message(*row) for row in rows]

    async def handing(self, message: OutgoingMessage) -> bool:
        """Write down that its words go out now; False where they must not."""
        rows = await self._rows("SELECT app.invoice_mail_handing(%s, %s)", message.id, message.lease)
        return bool(rows[0][0])

    async def delivered(self, message: OutgoingMessage, provider_id: str) -> None:
        """A server has taken it; what it calls it is not kept."""
        await self._rows("SELECT app.invoice_mail_delivered(%s)", message.id)

    async def failed(self, message: OutgoingMessage, why: str, *, permanent: bool) -> None:
        """It was not sent; tried again later unless `permanent`."""
        await self._rows(
            "SELECT app.invoice_mail_failed(%s, %s, %s, %s)", message.id, message.lease, why, permanent
        )

    async def uncertain(self, message: OutgoingMessage, why: str) -> None:
        """Nobody knows whether it was sent."""
        await self._rows("SELECT app.invoice_mail_uncertain(%s, %s, %s)", message.id, message.lease, why)

    async def give_back(self, lease: UUID) -> None:
        """Return what of a lease nobody has begun to send."""
        await self._rows("SELECT app.invoice_mail_give_back(%s)", lease)

    async def _rows(self, statement: LiteralString, *parameters: object) -> Sequence[tuple[Any, ...]]:
        try:
            return await (await self._connection.execute(statement, parameters)).fetchall()
        except (psycopg.Error, OSError) as error:
            raise translate(error) from error


def _message(
    id: UUID,
    lease: UUID,
    address: str,
    subject: str,
    body: str,
    language: str,
    file_name: str,
    content: bytes,
) -> OutgoingMessage:
    papers = (Attachment(file_name, bytes(content)),)
    return OutgoingMessage(id, lease, address, subject, body, language, papers)


@asynccontextmanager
async def invoice_queue(dsn: str) -> AsyncIterator[InvoiceQueue]:
    """The queue over a connection with the worker's own login, closed afterwards. Raises ConsoleErrors only."""
    try:
        connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
    except (psycopg.Error, OSError) as error:
        raise translate(error) from error
    try:
        yield InvoiceQueue(connection)
    finally:
        await connection.close()
