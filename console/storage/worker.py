"""The worker's way to its database: the schedule, the record of runs, and one transaction per job.

What a job did is written in the transaction that did it, so that a worker which is killed leaves either all of a run
or nothing. A connection is opened for each run and closed after it: jobs are minutes apart, and a line that died
meanwhile is nobody's problem. See docs/design.md, "The database" (roles) and "Layout" (worker).
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import psycopg
from psycopg import conninfo, sql
from psycopg.rows import dict_row

from console.errors import ConsoleError, Denied, Unavailable
from console.storage.dsn import desk_dsn
from console.storage.sqlstate import login_was_refused, translate

APPLICATION = "nexus-console worker"
FROZEN = "20s"
"""How long a worker may leave a transaction alone before the server undoes it."""

_FUNCTION = re.compile(r"[a-z_]+\.[a-z_0-9]+")
# What a server's message says of the place of an error; the message itself may hold a value of a row.
_PLACE = re.compile(r"function (\S+?)\(.*?\) line (\d+)")


def worker_dsn(given: str) -> str:
    """The connection string of a worker for an address with its login.

    The queue's tables are found by the search path, which ours are never looked up by.
    """
    words = conninfo.conninfo_to_dict(desk_dsn(given))
    words["application_name"] = APPLICATION
    options = str(words.get("options") or "")
    words["options"] = options.replace("-c search_path=public", "-c search_path=jobs")
    return conninfo.make_conninfo("", **{name: value for name, value in words.items() if value is not None})


class WorkerDatabase:
    """What a worker asks of its database. Every method raises ConsoleErrors only."""

    def __init__(self, dsn: str) -> None:
        """Use a string of `worker_dsn`; nothing is connected before the first call."""
        self.dsn = dsn

    async def queue_schema(self) -> str:
        """Which release of the queue's own schema this database has, such as "03.04.00_50"; empty without one."""
        rows = await self.fetch(
            "SELECT obj_description(oid, 'pg_namespace') AS said FROM pg_catalog.pg_namespace WHERE nspname = 'jobs'"
        )
        said = str(rows[0]["said"] or "") if rows else ""
        return said.removeprefix("procrastinate ") if said.startswith("procrastinate ") else ""

    async def register(self, jobs: Sequence[Mapping[str, object]]) -> None:
        """Say which jobs there are: name, title, every_minutes or daily_at ("03:10", UTC)."""
        await self.fetch("SELECT app.jobs_register(%s::jsonb)", [json.dumps(list(jobs))])

    async def tick(self, silent_seconds: float) -> int:
        """Queue what is due and what a worker silent for so long left behind; how many jobs that were."""
        return int((await self.fetch("SELECT app.jobs_tick(%s) AS n", [silent_seconds]))[0]["n"])

    async def queue(self, job: str) -> bool:
        """Queue a job now; False where it waits already."""
        return bool((await self.fetch("SELECT app.job_queue(%s) AS done", [job]))[0]["done"])

    async def began(self, job: str) -> UUID:
        """Write down that a run begins; its number."""
        return UUID(str((await self.fetch("SELECT app.job_began(%s) AS run", [job]))[0]["run"]))

    async def done(self, run: UUID, seconds: float, amount: int, words: str) -> None:
        """Write down what a run did that keeps its own transactions."""
        await self.fetch("SELECT app.job_done(%s, %s, %s, %s)", [run, seconds, amount, words])

    async def failed(self, run: UUID, seconds: float, why: str) -> None:
        """Write down why a run failed."""
        await self.fetch("SELECT app.job_failed(%s, %s, %s)", [run, seconds, why])

    async def perform(
        self, run: UUID, job: str, function: str, timeout_seconds: float, words: Callable[[int], str]
    ) -> int:
        """Call one function and write down what it did, in one transaction; how many rows it was about."""
        if not _FUNCTION.fullmatch(function):
            raise ValueError(f"not the name of a function: {function!r}")
        call = sql.SQL("SELECT {}() AS amount").format(sql.Identifier(*function.split(".")))
        started = time.monotonic()
        async with self._connected() as connection, connection.transaction():
            # The second: a worker that is frozen in the middle must not keep the job from the others.
            await connection.execute(
                """SELECT set_config('statement_timeout', %s, true),
                          set_config('idle_in_transaction_session_timeout', %s, true)""",
                [f"{timeout_seconds * 1000:.0f}ms", FROZEN],
            )
            await connection.execute("SELECT app.job_alone(%s)", [job])
            row = await (await connection.execute(call)).fetchone()
            amount = int(row["amount"]) if row is not None and row["amount"] not in (None, "") else 0
            await connection.execute(
                "SELECT app.job_done(%s, %s, %s, %s)",
                [run, time.monotonic() - started, amount, words(amount)],
            )
        return amount

    async def fetch(self, statement: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The rows of one statement, in a transaction of its own."""
        async with self._connected() as connection:
            cursor = await connection.execute(statement.encode(), parameters or None)
            return await cursor.fetchall() if cursor.description else []

    async def wakes(self, channels: Sequence[str]) -> AsyncIterator[str]:
        """The names of the channels on which somebody has said something, without an end."""
        async with self._connected() as connection:
            for one in channels:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(one)))
            async for said in connection.notifies():
                yield said.channel

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[psycopg.AsyncConnection[dict[str, Any]]]:
        try:
            connection = await psycopg.AsyncConnection.connect(
                self.dsn, autocommit=True, row_factory=dict_row
            )
            try:
                yield connection
            finally:
                await connection.close()
        except (psycopg.Error, OSError) as error:
            if isinstance(error, psycopg.OperationalError) and login_was_refused(error):
                raise Denied(
                    "The database no longer knows this worker.",
                    hint="Enrol it again: nexus-console worker enrol",
                    code="worker_revoked",
                ) from error
            raise translate(error) from error


def reason_of(error: BaseException) -> str:
    """Why a job failed, for the screen and the log: no value of any row, because a name may be among them."""
    if isinstance(error, TimeoutError):
        return "It took too long."
    said = str(error) if isinstance(error, ConsoleError) else "Something went wrong inside the worker."
    cause = error.__cause__ if isinstance(error, ConsoleError) else error
    if isinstance(cause, psycopg.Error):
        place = _PLACE.search(cause.diag.context or "")
        known = [cause.sqlstate, f"{place[1]} line {place[2]}" if place else None]
    else:
        known = [] if isinstance(error, ConsoleError) else [type(error).__name__]
    details = ", ".join(one for one in known if one)
    return f"{said} ({details})" if details else said


def is_lost(error: BaseException) -> bool:
    """Whether the server could not be reached, which is nothing about the job."""
    return isinstance(error, Unavailable) and error.code == "database_unreachable"
