"""Opening a connection: which of several servers it is, and whether that one may be believed.

An address may list a primary and its standbys. A former primary that came back takes writes like the new one, and only
its older timeline gives it away. So all of them are asked at once and the one with the newest history is used, also by
a desk that was away while the other took over. See docs/design.md, "The database" (availability).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from console.errors import Unavailable
from console.storage.dsn import CONNECT_SECONDS, each_host
from console.storage.servers import KnownServers
from console.storage.sqlstate import login_was_refused

Connection = psycopg.AsyncConnection[Any]

CHOICE_LASTS_SECONDS = 5.0
"""So long the other connections of a desk go where the first one went, without asking every host again."""
OTHERS_SECONDS = 0.5
"""How long a good server waits for a newer one to show itself."""

# One statement: the token as a bound parameter (it must reach no log), and which history of which server this is.
_GREETING = """SELECT set_config('nexus.token', %s, false),
                      (SELECT system_identifier::text FROM pg_catalog.pg_control_system()),
                      CASE WHEN NOT pg_is_in_recovery() THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END"""


@dataclass(frozen=True, slots=True)
class _Found:
    place: int
    timeline: int
    connection: Connection


class Opener:
    """Opens connections to the one server of an address that takes changes and has the newest history."""

    def __init__(self, dsn: str, known: KnownServers | None = None) -> None:
        """Use a desk's connection string (see `desk_dsn`); `known` is what this computer saw before."""
        self._hosts = each_host(dsn)
        self._known = known or KnownServers()
        self._chosen = 0
        self._chosen_at: float | None = None
        self._choosing = asyncio.Lock()
        self._late: set[asyncio.Task[_Found]] = set()

    async def open(self, token: str) -> Connection:
        """A connection that carries `token`; in a few seconds, however many hosts do not answer.

        Raises what psycopg raises, or Unavailable for a server that is outdated or takes no changes.
        """
        if len(self._hosts) == 1:
            return (await self._open_at(0, token)).connection
        async with self._choosing:
            if self._chosen_at is not None and time.monotonic() - self._chosen_at < CHOICE_LASTS_SECONDS:
                with contextlib.suppress(psycopg.OperationalError, Unavailable):
                    return (await self._open_at(self._chosen, token)).connection
            self._chosen_at = None
            found = await self._newest(token)
            self._chosen, self._chosen_at = found.place, time.monotonic()
            return found.connection

    async def _newest(self, token: str) -> _Found:
        """Ask every host; once one is good, the others have a moment to show that they are newer."""
        asked = [asyncio.ensure_future(self._open_at(place, token)) for place in range(len(self._hosts))]
        pending = set(asked)
        try:
            while pending and not any(_is_good(one) for one in asked):
                _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            if pending:
                _, pending = await asyncio.wait(pending, timeout=OTHERS_SECONDS)
        except asyncio.CancelledError:
            self._close_when_open(set(asked))
            raise
        self._close_when_open(pending)
        good = [one.result() for one in asked if _is_good(one)]
        if not good:
            raise _why([error for one in asked if (error := one.exception()) is not None])
        best = max(good, key=lambda found: (found.timeline, found.place == self._chosen, -found.place))
        for found in good:
            if found is not best:
                await found.connection.close()
        return best

    async def _open_at(self, place: int, token: str) -> _Found:
        connection = await psycopg.AsyncConnection.connect(self._hosts[place], autocommit=True)
        try:
            with hang_up_after(CONNECT_SECONDS, connection):
                cursor = await connection.execute(_GREETING, [token])
                row = await cursor.fetchone()
            assert row is not None
            timeline = int(row[2], 16) if row[2] else 0
            await self._believe(str(row[1]), timeline)
        except BaseException:
            await connection.close()
            raise
        return _Found(place, timeline, connection)

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

    def _close_when_open(self, asked: set[asyncio.Task[_Found]]) -> None:
        # Not cancelled: half-open, it would count as a connection of this desk for a minute.
        for late in asked:
            self._late.add(late)
            late.add_done_callback(self._close_late)

    def _close_late(self, late: asyncio.Task[_Found]) -> None:
        self._late.discard(late)
        if _is_good(late):
            late.result().connection.pgconn.finish()


def _is_good(asked: asyncio.Task[_Found]) -> bool:
    return asked.done() and not asked.cancelled() and asked.exception() is None


def _why(errors: list[BaseException]) -> BaseException:
    """What to say when no host will do: first what nobody expects, then that one is outdated, then the network.

    An outdated copy may not know this desk yet, so a refused login counts only once every server says so.
    """

    def weight(error: BaseException) -> int:
        if isinstance(error, Unavailable):
            return 1 if error.code == "old_timeline" else 2
        if isinstance(error, psycopg.OperationalError):
            return 4 if login_was_refused(error) else 3
        return 0

    return min(errors, key=weight)


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
