"""Real workers for tests: a login of their own, jobs of the test's own, and processes that can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from psycopg import sql

from console.domain import scram
from console.storage.worker import worker_dsn
from console.worker.queue import Pace, Worker
from console.worker.registry import Every, Job
from tests.support.databases import Connection, Database

QUICK = Pace(tick=0.1, heartbeat=0.2, silent=1.0, patience=1.0, again=0.2)
ROOT = Path(__file__).resolve().parents[2]
_WAIT = 20.0


@contextmanager
def worker_login(database: Database, name: str | None = None) -> Iterator[str]:
    """A worker's connection string, over a LOGIN role that is dropped afterwards."""
    role = f"nexus_worker_t_{secrets.token_hex(6)}"
    verifier = scram.make_verifier(role, iterations=4096)
    with database.connect() as admin:
        admin.execute("SELECT admin.worker_enrol(%s::text::name, %s, %s)", [role, name or role, verifier])
    try:
        yield worker_dsn(database.dsn(role, role))
    finally:
        with database.connect() as admin:
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [role])
            admin.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


def job(name: str, function: str, minutes: int = 60, timeout_seconds: float = 30, woken_by: str = "") -> Job:
    """A job that calls one function of the test's own."""
    return Job(
        name,
        name.capitalize(),
        Every(minutes),
        function,
        ("row", "rows"),
        "Nothing.",
        timeout_seconds,
        woken_by,
    )


@contextmanager
def process(dsn: str, *jobs: Job) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process of its own that knows these jobs; killed at the end where it still runs."""
    facts = [[one.name, one.does, one.when.minutes if isinstance(one.when, Every) else 60] for one in jobs]
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.support.workers", json.dumps(facts)],
        env=os.environ | {"TEST_WORKER_DSN": dsn},
        cwd=ROOT,
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@contextlib.asynccontextmanager
async def running(dsn: str, jobs: Sequence[Job], pace: Pace = QUICK) -> AsyncIterator[asyncio.Task[None]]:
    """A worker inside this process, until the block ends."""
    stop = asyncio.Event()
    task = asyncio.create_task(Worker(dsn, jobs=jobs, pace=pace).run(stop))
    try:
        yield task
    finally:
        stop.set()
        await task


def until(question: Callable[[], object], what: str) -> None:
    """Wait until the answer is true."""
    give_up = time.monotonic() + _WAIT
    while not question():
        assert time.monotonic() < give_up, what
        time.sleep(0.03)


def scalar(connection: Connection, statement: str, *arguments: object) -> object:
    """The only value of a statement."""
    row = connection.execute(statement.encode(), arguments or None).fetchone()
    return row[0] if row else None


def main() -> None:
    """Work in a process of its own, until it is killed."""
    jobs = [job(name, function, minutes) for name, function, minutes in json.loads(sys.argv[1])]
    asyncio.run(Worker(os.environ["TEST_WORKER_DSN"], jobs=jobs, pace=QUICK).run(asyncio.Event()))


if __name__ == "__main__":
    main()
