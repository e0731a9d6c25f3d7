"""Asking the server the time: the smallest question that shows whether it can be reached, and how wrong this clock is.

It goes over a connection of its own, because those of the pool may be dead without knowing it when it matters. See
docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from datetime import datetime

import psycopg

from console.errors import BugError, ConsoleError
from console.storage.database import Database
from console.storage.sqlstate import translate

_TIME = "SELECT app.now()"


class ServerTime:
    """The server's time over one desk's database; a probe for the sync engine."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def __call__(self) -> datetime:
        """What time it is at the server. Raises ConsoleErrors only: Unavailable, or Denied for a revoked desk."""
        try:
            connection = await self._database.own_connection()
        except ConsoleError:
            raise
        except (psycopg.Error, OSError) as error:
            raise translate(error) from error
        try:
            row = await (await connection.execute(_TIME)).fetchone()
        except (psycopg.Error, OSError) as error:
            raise translate(error) from error
        finally:
            # Nothing is agreed with a server that may not answer.
            connection.pgconn.finish()
        if row is None or not isinstance(row[0], datetime):
            raise BugError("Something went wrong inside the console.", code="no_time")
        return row[0]
