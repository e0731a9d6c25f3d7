"""Doing one job and writing down what became of it.

A job that fails is written down with its reason and tried again later; it never stops another one. Only a server that
cannot be reached goes further, because then nothing can be written down either.
"""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

from console import logs
from console.storage.worker import WorkerDatabase, is_lost, reason_of
from console.worker.registry import Job

log = logs.logger(__name__)


async def run_job(database: WorkerDatabase, job: Job) -> None:
    """Run a job once. Raises Unavailable where the server is lost, and nothing else.

    A run that is cancelled is undone by the database and stays in the queue for whoever works next.
    """
    run = await database.began(job.name)
    started = time.monotonic()
    try:
        await _do(database, job, run, started)
    except Exception as error:  # whatever a job does wrong must not stop the others
        if is_lost(error):
            raise
        why = reason_of(error)
        log.warning("the job %s failed: %s", job.name, why)
        await database.failed(run, time.monotonic() - started, why)


async def _do(database: WorkerDatabase, job: Job, run: UUID, started: float) -> None:
    if isinstance(job.does, str):
        await database.perform(run, job.name, job.does, job.timeout_seconds, job.words)
        return
    async with asyncio.timeout(job.timeout_seconds):
        did = await job.does(database)
    await database.done(run, time.monotonic() - started, did.amount, did.words)
