"""Opening a connection: which of several servers it is, and whether that one may be believed.

An address may list a primary and its standbys. Each is asked for itself, the one that served last first, because a
former primary that came back takes writes like the new one: only its older timeline gives it away, and then the next
in the list may still be the right one. See docs/design.md, "The database" (availability).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import psycopg

from console.errors import Unavailable
from console.storage.dsn import CONNECT_SECONDS, each_host
from console.storage.servers import KnownServers
from console.storage.sqlstate import login_was_refused

Connection = psycopg.AsyncConnection[Any]

# One statement: the token as a bound parameter (it must reach no log), and which history of which server this is.
_GREETING = """SELECT set_config('nexus.token', %s, false),
                      (SELECT system_identifier::text FROM pg_catalog.pg_control_system()),
                      CASE WHEN NOT pg_is_in_recovery() THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END"""


class Opener:
    """Opens connections to the one server of an address that takes changes and has the newest history."""

    def __init__(self, dsn: str, known: KnownServers | None = None) -> None:
        """Use a desk's connection string (see `desk_dsn`); `known` is what this computer saw before."""
        self._hosts = each_host(dsn)
        self._known = known or KnownServers()
        self._last_good = 0

    async def open(self, token: str) -> Connection:
        """A connection that carries `token`; at most a few seconds for each host.

        Raises what psycopg raises, or Unavailable for a server that is outdated or takes no changes.
        """
        failures: list[psycopg.OperationalError] = []
        unusable: Unavailable | None = None
        places = range(len(self._hosts))
        for place in (*places[self._last_good :], *places[: self._last_good]):
            try:
                connection = await self._open_at(self._hosts[place], token)
            except psycopg.OperationalError as error:
                failures.append(error)
            except Unavailable as error:
                unusable = error if unusable is None or error.code == "old_timeline" else unusable
            else:
                self._last_good = place
                return connection
        if unusable is not None:
            raise unusable
        # An outdated copy may not know this desk yet. That a login is refused counts once every server says so.
        raise next((error for error in failures if not login_was_refused(error)), failures[-1])

    async def _open_at(self, dsn: str, token: str) -> Connection:
        connection = await psycopg.AsyncConnection.connect(dsn, autocommit=True)
        try:
            with hang_up_after(CONNECT_SECONDS, connection):
                cursor = await connection.execute(_GREETING, [token])
                row = await cursor.fetchone()
            assert row is not None
            await self._believe(str(row[1]), int(row[2], 16) if row[2] else 0)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _believe(self, server: str, timeline: int) -> None:
        if timeline == 0:
            raise Unavailable(
                "This server is a standby and takes no changes.",
                hint="Try again in a moment.",
                code="standby",
            )
        newest = self._known.timeline(server)
        if timeline < newest:
            # A former primary that came back: what it says has been overtaken.
            raise Unavailable(
                "This server is an outdated copy.",
                hint="Tell whoever runs the database.",
                code="old_timeline",
            )
        if timeline > newest:
            await asyncio.to_thread(self._known.remember, server, timeline)


def hang_up(connection: Connection) -> None:
    """End a connection at once, without a word to the server: whoever waits for an answer hears that it is gone.

    Asking psycopg to cancel would wait up to ten seconds for a server that may never answer.
    """
    with contextlib.suppress(OSError, psycopg.OperationalError):
        line = socket.fromfd(connection.pgconn.socket, socket.AF_INET, socket.SOCK_STREAM)
        with contextlib.closing(line):
            line.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def hang_up_after(seconds: float, connection: Connection) -> Iterator[None]:
    """Hang up on a server that has not answered by then, though the line is open."""
    watch = asyncio.get_running_loop().call_later(seconds, hang_up, connection)
    try:
        yield
    finally:
        watch.cancel()
