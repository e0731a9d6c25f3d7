"""The desk's way to its database: a small pool, one statement per round trip, and whose token it carries.

Statements run in autocommit, because one action of a person is one statement and one round trip. Every
connection carries the signed-in person's token from the moment it opens; when the person changes, all of them
are closed, so that nobody inherits one. Errors leave here as ConsoleErrors. See docs/design.md, "The
database" (authorisation, round trips).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Executable, Row, Select, exc, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from console.errors import Denied, Unavailable
from console.storage.dsn import desk_dsn
from console.storage.sqlstate import translate

POOL_SIZE = 3
POOL_WAIT_SECONDS = 5.0
CLOSE_WAIT_SECONDS = 1.0
_FUNCTION = re.compile(r"[a-z_]+\.[a-z_0-9]+")
_FAILURES = (exc.SQLAlchemyError, psycopg.Error, OSError)

# One statement: the token as a bound parameter (it must reach no log), and which history of the server this is.
_GREETING = """SELECT set_config('nexus.token', %s, false),
                      CASE WHEN NOT pg_is_in_recovery() THEN substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END"""

_STILL_SIGNED_IN = "SELECT auth.user_id() IS NOT NULL"


class Database:
    """A desk's connections to one database. Make one per console and close it at the end."""

    def __init__(self, dsn: str, *, pool_size: int = POOL_SIZE) -> None:
        """Nothing is connected before the first statement. Raises Invalid for an address that may not be used."""
        self._dsn = desk_dsn(dsn)
        self._token = ""
        self._generation = 0
        self._timeline = 0
        self._opening: set[asyncio.Task[psycopg.AsyncConnection[Any]]] = set()
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
            return await self._run(executable, parameters)
        except _FAILURES as error:
            if not (isinstance(executable, Select) and isinstance(error, exc.DBAPIError)):
                raise translate(error) from error
            if not error.connection_invalidated:
                raise translate(error) from error
        try:
            return await self._run(executable, parameters)
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
            async with self._engine.connect() as connection:
                generation = self._generation
                result = await connection.execute(executable, parameters)
                await self._retire(connection, generation)
                return int(result.rowcount)
        except _FAILURES as error:
            raise translate(error) from error

    async def close(self) -> None:
        """Close every connection. The database may not be used afterwards."""
        await self._engine.dispose()
        if self._opening:
            _done, late = await asyncio.wait(self._opening, timeout=CLOSE_WAIT_SECONDS)
            for opening in late:
                opening.cancel()

    async def _run(
        self, statement: Executable, parameters: Mapping[str, Any] | None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        async with self._engine.connect() as connection:
            generation = self._generation
            result = await connection.execute(statement, parameters)
            rows = result.fetchall() if result.returns_rows else []
            await self._retire(connection, generation)
            return rows

    async def _retire(self, connection: AsyncConnection, generation: int) -> None:
        # The person changed while the statement ran: its pool is gone, so nobody else would close the connection.
        if generation != self._generation:
            await connection.invalidate()

    async def _connect(self, *_: object, **__: object) -> psycopg.AsyncConnection[Any]:
        # Whoever waits may be cancelled, the opening is not: half-open, it would keep one of the desk's few connections
        # until the server gives up on it a minute later.
        opening = asyncio.ensure_future(self._open())
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
        try:
            return await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_close_unused)
            raise

    async def _open(self) -> psycopg.AsyncConnection[Any]:
        generation = self._generation
        connection = await psycopg.AsyncConnection.connect(self._dsn, autocommit=True)
        try:
            await self._greet(connection)
        except BaseException:
            await connection.close()
            raise
        if generation != self._generation:
            await connection.close()
            raise psycopg.OperationalError("the person changed while connecting")
        return connection

    async def _greet(self, connection: psycopg.AsyncConnection[Any]) -> None:
        cursor = await connection.execute(_GREETING, [self._token])
        row = await cursor.fetchone()
        timeline = int(row[1], 16) if row is not None and row[1] else 0
        if timeline < self._timeline:
            # A former primary that came back: what it says has been overtaken.
            raise Unavailable(
                "This server is an outdated copy.",
                hint="Tell whoever runs the database.",
                code="old_timeline",
            )
        self._timeline = timeline


def _close_unused(opening: asyncio.Task[psycopg.AsyncConnection[Any]]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().pgconn.finish()
