"""Hearing that something changed: one connection of the desk that does nothing but LISTEN.

A notification is a hint and is never believed: it carries a table's name, and what changed is asked for. The channel
of a venue has a random name which changes when somebody loses access, so the name is looked at again at every
heartbeat, which also shows that the server is still there. See docs/design.md, "The database" (live updates).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql

from console.errors import Denied, Unavailable
from console.storage.connecting import hang_up_after
from console.storage.database import Database
from console.storage.sqlstate import translate

HEARTBEAT_SECONDS = 15.0
ANSWER_SECONDS = 5.0
"""How long the heartbeat waits: a server that is silent by then is lost, though the line is open."""
CAUGHT_UP = ""
"""Heard first, and after every change of channel: what happened before is not known and must be asked for."""

_CHANNEL = "SELECT auth.channel_of(%s)"
_NAME = re.compile(r"nx_[0-9a-f]{32}")


class Listener:
    """The announcements of one venue, for whoever is signed in on `database`."""

    def __init__(
        self, database: Database, venue_id: UUID, *, heartbeat_seconds: float = HEARTBEAT_SECONDS
    ) -> None:
        """Nothing is connected before `heard` is walked through."""
        self._database = database
        self._venue_id = venue_id
        self._heartbeat = heartbeat_seconds

    async def heard(self) -> AsyncIterator[str]:
        """CAUGHT_UP once the channel is listened to, then the name of a table per announcement, without an end.

        Raises Unavailable when the connection is lost, Denied when the person is signed out or may not see the venue.
        """
        try:
            connection = await self._database.own_connection()
            try:
                async for table in self._listen(connection):
                    yield table
            finally:
                await connection.close()
        except (psycopg.Error, OSError) as error:
            raise translate(error) from error

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> AsyncIterator[str]:
        carried = self._database.generation
        listening = ""
        while True:
            if carried != self._database.generation:
                raise Denied("You are signed out.", hint="Sign in again.", code="signed_out")
            with hang_up_after(ANSWER_SECONDS, connection):
                channel = await self._channel(connection)
                if changed := channel != listening:
                    await connection.execute("UNLISTEN *")
                    await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
            if changed:
                listening = channel
                yield CAUGHT_UP
            async for note in connection.notifies(timeout=self._heartbeat):
                yield note.payload

    async def _channel(self, connection: psycopg.AsyncConnection[Any]) -> str:
        row = await (await connection.execute(_CHANNEL, [self._venue_id])).fetchone()
        channel = row[0] if row else None
        if channel is None:
            raise Denied("You are signed out.", hint="Sign in again.", code="signed_out")
        if not _NAME.fullmatch(channel):
            raise Unavailable(
                "The database does not fit this console.",
                hint="Run: nexus-console db upgrade",
                code="database_older",
            )
        return str(channel)
