"""One round of transfers in a process of its own, which ends itself in the middle when a test says so."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg

from console.storage.transfers import TransferQueue
from console.worker import transfer_settings, transfers


class Mortal(TransferQueue):
    """A queue that kills its process before or after a statement: at odd steps before, at even ones after."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], kill_at: int) -> None:
        super().__init__(connection)
        self._left = kill_at

    async def _rows(self, statement: Any, *parameters: object) -> Any:
        self._step()
        found = await super()._rows(statement, *parameters)
        self._step()
        return found

    def _step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Do the round."""

    @asynccontextmanager
    async def opened(dsn: str) -> AsyncIterator[Mortal]:
        async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
            yield Mortal(connection, int(os.environ["TEST_KILL_AT"]))

    asyncio.run(
        transfers.send(os.environ["TEST_WORKER_DSN"], transfer_settings.from_environment(), queue=opened)
    )


if __name__ == "__main__":
    main()
