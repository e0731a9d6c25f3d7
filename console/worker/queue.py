"""The worker: it takes jobs from the queue, one of a kind at a time, until it is told to stop.

procrastinate keeps the queue: who has which job, that no job runs twice at once, and a heartbeat by which a dead worker
is known. When a job is due is the database's own schedule (`app.background_jobs`), because a computer that is off at
night has to catch up in the morning. A lost server is waited for. See docs/design.md, "Layout" (worker).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import procrastinate
from procrastinate import exceptions, schema, worker

from console import logs
from console.errors import ConsoleError, Unavailable
from console.storage.worker import WorkerDatabase
from console.worker.registry import JOBS, Job
from console.worker.running import run_job

log = logs.logger(__name__)

QUEUE = "console"
_QUEUED = f"procrastinate_queue_v1#{QUEUE}"
"""The channel on which the queue's own trigger says that a job came in."""
AT_ONCE = 2
"""How many jobs run beside each other: a long one must not hold up the mail."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the worker looks, in seconds; tests are quicker.

    `tick`: what is due. `heartbeat`: saying that it lives. `silent`: after how long without one it is given up for
    dead, and what it was doing is done by another. `patience`: how long a running job may go on when told to stop.
    `again`: how long to wait for a lost server.
    """

    tick: float = 5.0
    heartbeat: float = 10.0
    silent: float = 30.0
    patience: float = 10.0
    again: float = 5.0


class Worker:
    """Runs the jobs of one database."""

    def __init__(self, dsn: str, *, jobs: Sequence[Job] = JOBS, pace: Pace | None = None) -> None:
        """Use a string of `worker_dsn`; nothing is connected before `run`."""
        self._database = WorkerDatabase(dsn)
        self._jobs = tuple(jobs)
        self._pace = pace or Pace()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, through any number of lost connections.

        Raises ConsoleErrors for what waiting does not mend: a login that is refused, a database of another release.
        """
        told = False
        while not stop.is_set():
            try:
                await self._check()
                await self._session(stop)
                told = False
            except (Unavailable, exceptions.ProcrastinateException, OSError) as error:
                if isinstance(error, Unavailable) and error.code != "database_unreachable":
                    raise
                if not told:
                    log.warning("the database is out of reach; waiting for it")
                    told = True
            if not stop.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), self._pace.again)

    async def run_once(self) -> None:
        """Do everything that is due now, and end."""
        await self._check()
        await self._database.tick(self._pace.silent)
        app = self._app(lambda: None)
        async with app.open_async():
            await app.run_worker_async(
                queues=[QUEUE],
                wait=False,
                install_signal_handlers=False,
                delete_jobs="successful",
                listen_notify=False,
            )

    async def _check(self) -> None:
        """Raise Unavailable where the queue of the database is not of this worker's release."""
        theirs, ours = await self._database.queue_schema(), queue_schema()
        if theirs < ours:
            raise Unavailable(
                "The database is older than this worker.",
                hint="Run: nexus-console db upgrade",
                code="database_older",
            )
        if theirs > ours:
            raise Unavailable(
                "The database was upgraded by a newer console.",
                hint="Install the newest console on this machine.",
                code="database_newer",
            )
        await self._database.register([job.declared() for job in self._jobs])

    async def _session(self, stop: asyncio.Event) -> None:
        """Work over one set of connections until told to stop or until they are lost."""
        lost = asyncio.Event()
        app = self._app(lost.set)
        pace = self._pace
        async with app.open_async():
            # Any: procrastinate leaves its own methods without types.
            loop: Any = _Loop(
                lambda: self._scheduler(lost.set, loop.look_now),
                app=app,
                queues=[QUEUE],
                concurrency=AT_ONCE,
                install_signal_handlers=False,
                delete_jobs="successful",
                # Its own listener believes what it hears, and everybody who is connected can speak there: a desk
                # could end this worker, or a job in the middle. Ours hears that something was said, and looks.
                listen_notify=False,
                # Only for what it was not told of because it was not listening yet.
                fetch_job_polling_interval=min(pace.tick, 5.0),
                update_heartbeat_interval=pace.heartbeat,
                stalled_worker_timeout=pace.silent,
                shutdown_graceful_timeout=pace.patience,
            )
            working = asyncio.create_task(loop.run())
            ends = [asyncio.create_task(one.wait()) for one in (stop, lost)]
            try:
                await asyncio.wait([working, *ends], return_when=asyncio.FIRST_COMPLETED)
            finally:
                loop.stop()
                for one in ends:
                    one.cancel()
                await asyncio.gather(working, *ends, return_exceptions=True)
            if not working.cancelled() and (error := working.exception()) is not None:
                raise error

    def _app(self, lost: Callable[[], None]) -> procrastinate.App:
        connector = procrastinate.PsycopgConnector(
            conninfo=self._database.dsn, min_size=1, max_size=3, timeout=10, reconnect_timeout=10
        )
        app = procrastinate.App(connector=connector)
        for job in self._jobs:
            app.task(name=job.name, queue=QUEUE, lock=job.name, queueing_lock=job.name)(self._task(job, lost))
        return app

    def _task(self, job: Job, lost: Callable[[], None]) -> Callable[[], Awaitable[None]]:
        async def do() -> None:
            try:
                await run_job(self._database, job)
            except ConsoleError:
                # What cannot be written down is done again by whoever reaches the server next.
                lost()
                raise

        return do

    async def _scheduler(self, lost: Callable[[], None], look_now: Callable[[], None]) -> None:
        """Look every few seconds what is due, and listen for work that cannot wait that long."""
        both = [asyncio.create_task(self._look()), asyncio.create_task(self._listen(look_now))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            ended = await asyncio.gather(*both, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception) and not isinstance(error, ConsoleError):
                raise error
        lost()

    async def _look(self) -> None:
        while True:
            await self._database.tick(self._pace.silent)
            await asyncio.sleep(self._pace.tick)

    async def _listen(self, look_now: Callable[[], None]) -> None:
        woken = {job.woken_by: job.name for job in self._jobs if job.woken_by}
        # Anybody who is connected can say something there; at worst a job runs that finds nothing to do.
        async for channel in self._database.wakes([_QUEUED, *woken]):
            if channel == _QUEUED:
                look_now()
            else:
                await self._database.queue(woken[channel])
        raise Unavailable("The database cannot be reached.", code="database_unreachable")


class _Loop(worker.Worker):
    """procrastinate's worker with our schedule in the place of its own: the loop ends when either fails."""

    def __init__(self, scheduler: Callable[[], Awaitable[None]], **options: object) -> None:
        """`scheduler` runs for as long as the worker does."""
        super().__init__(**options)  # type: ignore[arg-type]  # exactly procrastinate's own keywords
        self._scheduler = scheduler

    async def _periodic_deferrer(self) -> None:
        await self._scheduler()

    def look_now(self) -> None:
        """Look into the queue at once, as after its own notification."""
        self._new_job_event.set()


def queue_schema() -> str:
    """Which release of the queue's schema the installed package works with, such as "03.04.00_50"."""
    return max(file.stem for file in schema.migrations_path.glob("[0-9]*.sql"))[:11]
