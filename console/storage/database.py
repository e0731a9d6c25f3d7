"""The desk's way to its database: a small pool, one statement per round trip, and whose token it carries.

Statements run in autocommit, because one action of a person is one statement and one round trip. Every
connection carries the signed-in person's token from the moment it opens; when the person changes, all of them
are closed, so that nobody inherits one. Errors leave here as ConsoleErrors. See docs/design.md, "The
database" (authorisation, round trips).
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Executable, Row, Select, exc, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from console.errors import Denied
from console.storage.connecting import Opener, hang_up, hang_up_after
from console.storage.dsn import desk_dsn
from console.storage.servers import KnownServers
from console.storage.sqlstate import translate

POOL_SIZE = 3
POOL_WAIT_SECONDS = 5.0
CLOSE_WAIT_SECONDS = 1.0
_FUNCTION = re.compile(r"[a-z_]+\.[a-z_0-9]+")
_FAILURES = (exc.SQLAlchemyError, psycopg.Error, OSError)

SPARE_SECONDS = 20.0
"""How long a connection that was opened too late is kept for whoever asks next."""
STATEMENT_SECONDS = 35.0
"""The longest a statement is waited for: the server itself ends it after 30, unless it no longer does anything."""

_STILL_SIGNED_IN = "SELECT auth.user_id() IS NOT NULL"


_Opening = asyncio.Task[psycopg.AsyncConnection[Any]]


@dataclass(frozen=True, slots=True)
class _Answer:
    rows: Sequence[Row[Any]]
    changed: int


class Database:
    """A desk's connections to one database. Make one per console and close it at the end."""

    def __init__(self, dsn: str, *, pool_size: int = POOL_SIZE, known: KnownServers | None = None) -> None:
        """Nothing is connected before the first statement. `known` is which servers this computer has seen.

        Raises Invalid for an address that may not be used.
        """
        self._dsn = desk_dsn(dsn)
        self._token = ""
        self._generation = 0
        self._pools = 0
        self._opener = Opener(self._dsn, known)
        self._running: set[asyncio.Task[_Answer]] = set()
        self._opening: set[_Opening] = set()
        self._opened: set[psycopg.AsyncConnection[Any]] = set()
        self._spare: tuple[_Opening, asyncio.TimerHandle] | None = None
        self._engine: AsyncEngine = create_async_engine(
            "postgresql+psycopg://",
            async_creator=self._connect,
            isolation_level="AUTOCOMMIT",
            # Looking for a type that no table of ours has would cost the first connection a round trip.
            use_native_hstore=False,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS,
            # The last used connection first: the others may rest and be dropped by a firewall unnoticed.
            pool_use_lifo=True,
        )

    @property
    def dsn(self) -> str:
        """The connection string in use, with the desk's secret: for the listener, never for a log."""
        return self._dsn

    @property
    def signed_in(self) -> bool:
        """Whether statements carry somebody's token."""
        return bool(self._token)

    @property
    def generation(self) -> int:
        """Changes whenever another person's token is carried: what outlives that must stop."""
        return self._generation

    async def own_connection(self) -> psycopg.AsyncConnection[Any]:
        """A connection outside the pool that carries the person's token, for the listener; the caller closes it.

        Raises what psycopg raises.
        """
        return await self._connect()

    async def set_token(self, token: str | None) -> None:
        """Carry this token from now on (None: nobody's) and close every connection that carried another.

        A statement still under way finishes; its connection is closed instead of being used again.
        """
        self._token = token or ""
        self._generation += 1
        await self.renew()

    async def renew(self) -> None:
        """Close every connection that rests: the network was gone, and they may be dead without knowing it.

        A statement still under way finishes; its connection is closed instead of being used again.
        """
        self._pools += 1
        self._drop_spare()
        await self._engine.dispose()

    async def fetch(
        self, statement: Executable | str, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        """Every row of one statement (text takes `:name` parameters), in one round trip.

        Raises ConsoleErrors only. A plain SELECT that met a connection which had died unnoticed is sent once more.
        Under row-level security a session that has ended sees no rows, so an empty answer is looked at once more:
        Denied with the code "signed_out" tells an ended session from an empty list.
        """
        rows = await self._fetch(statement, parameters)
        if not rows and self._token and not (await self._fetch(_STILL_SIGNED_IN, None))[0][0]:
            raise Denied("You are signed out.", hint="Sign in again.", code="signed_out")
        return rows

    async def _fetch(
        self, statement: Executable | str, parameters: Mapping[str, Any] | None
    ) -> Sequence[Row[Any]]:
        executable = text(statement) if isinstance(statement, str) else statement
        try:
            return (await self._run(executable, parameters)).rows
        except _FAILURES as error:
            if not (isinstance(executable, Select) and isinstance(error, exc.DBAPIError)):
                raise translate(error) from error
            if not error.connection_invalidated:
                raise translate(error) from error
        try:
            return (await self._run(executable, parameters)).rows
        except _FAILURES as error:
            raise translate(error) from error

    async def call(self, function: str, **arguments: object) -> Sequence[Row[*tuple[Any, ...]]]:
        """The rows of a function of the database, e.g. `call("desk.roster", session_id=...)`."""
        if not _FUNCTION.fullmatch(function):
            raise ValueError(f"not a function's name: {function!r}")
        names = ", ".join(f"{name} => :{name}" for name in arguments)
        return await self.fetch(f"SELECT * FROM {function}({names})", arguments)  # noqa: S608 - checked above

    async def execute(self, statement: Executable | str, parameters: Mapping[str, Any] | None = None) -> int:
        """Run a statement that changes rows; how many it changed."""
        executable = text(statement) if isinstance(statement, str) else statement
        try:
            return (await self._run(executable, parameters)).changed
        except _FAILURES as error:
            raise translate(error) from error

    async def close(self) -> None:
        """Close every connection. The database may not be used afterwards."""
        self._pools += 1
        self._drop_spare()
        await self._engine.dispose()
        left: set[asyncio.Future[Any]] = {*self._opening, *self._running}
        if left:
            _done, late = await asyncio.wait(left, timeout=CLOSE_WAIT_SECONDS)
            for one in late:
                one.cancel()
            if late:
                await asyncio.wait(late, timeout=CLOSE_WAIT_SECONDS)
        await asyncio.sleep(0)  # what was opened for nobody is closed by a callback
        # A pool that was interrupted while it made itself acquainted with the server has forgotten its connection.
        for connection in self._opened:
            if not connection.closed:
                await _free(connection)
                connection.pgconn.finish()
        self._opened.clear()

    async def _run(self, statement: Executable, parameters: Mapping[str, Any] | None) -> _Answer:
        # Whoever asks may lose patience; then the connection is dropped at once. The task is its own because psycopg
        # would first try to agree with the server, which may be the one thing that does not answer.
        use = _Use()
        running = asyncio.ensure_future(self._run_on(use, statement, parameters))
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            running.add_done_callback(_hear_out)
            if use.driver is not None:
                driver, use.is_left = use.driver, True
                hang_up(driver)
                # Nobody else will: the pool has given it up with the error that hanging up makes.
                running.add_done_callback(lambda _over: driver.pgconn.finish())
            else:
                running.cancel()  # it waits for a connection, or it is over
            raise

    async def _run_on(
        self,
        use: _Use,
        statement: Executable,
        parameters: Mapping[str, Any] | None,
    ) -> _Answer:
        async with self._engine.connect() as connection:
            pools = self._pools
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            use.driver = driver
            try:
                with hang_up_after(STATEMENT_SECONDS, driver):
                    result = await connection.execute(statement, parameters)
            finally:
                use.driver = None  # from here on it may be somebody else's
            answer = _Answer(result.fetchall() if result.returns_rows else [], result.rowcount)
            # Its pool is gone since the statement began, so nobody else would close the connection. Or it was hung up
            # when the answer was here already: whoever took it next would see it finished in the middle of their work.
            if pools != self._pools or use.is_left:
                await connection.invalidate()
            return answer

    async def _connect(self, *_: object, **__: object) -> psycopg.AsyncConnection[Any]:
        # Whoever waits may be cancelled, the opening is not: half-open, it would keep one of the desk's few connections
        # until the server gives up on it a minute later.
        pools = self._pools
        opening = self._take_spare() or self._start_opening()
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            self._leave(opening, usable=pools == self._pools)
            raise

    def _start_opening(self) -> _Opening:
        opening = asyncio.ensure_future(self._open())
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        return opening

    def _leave(self, opening: _Opening, *, usable: bool) -> None:
        # Over a slow line it takes longer than people are kept waiting. Whoever asks next goes on from here: if each
        # began anew, nobody would ever get there.
        self._drop_spare()
        if usable:
            timer = asyncio.get_running_loop().call_later(SPARE_SECONDS, self._drop_spare)
            self._spare = opening, timer
        else:
            opening.add_done_callback(_close_unused)

    def _take_spare(self) -> _Opening | None:
        if self._spare is None:
            return None
        (opening, timer), self._spare = self._spare, None
        timer.cancel()
        failed = opening.done() and (opening.cancelled() or opening.exception() is not None)
        return None if failed else opening

    def _drop_spare(self) -> None:
        if (spare := self._take_spare()) is not None:
            spare.add_done_callback(_close_unused)

    async def _open(self) -> psycopg.AsyncConnection[Any]:
        generation = self._generation
        connection = await self._opener.open(self._token)
        if generation != self._generation:
            await connection.close()
            raise psycopg.OperationalError("the person changed while connecting")
        self._opened = {one for one in self._opened if not one.closed} | {connection}
        return connection


@dataclass(slots=True)
class _Use:
    """The connection that a statement has just now, and whether it was hung up on it."""

    driver: psycopg.AsyncConnection[Any] | None = None
    is_left: bool = False


def _hear_out(running: asyncio.Task[_Answer]) -> None:
    # Nobody waits for it any more, so nobody else would look at how it ended.
    if not running.cancelled():
        running.exception()


async def _free(connection: psycopg.AsyncConnection[Any]) -> None:
    """Let whoever still waits on a connection hear that it is gone: the loop would watch its closed socket for ever."""
    if connection.lock.locked():
        hang_up(connection)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CLOSE_WAIT_SECONDS), connection.lock:
                pass


def _close_unused(opening: _Opening) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().pgconn.finish()
