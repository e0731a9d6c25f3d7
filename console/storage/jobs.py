"""The screen of background jobs over one database: the jobs, their runs, and the mail that did not arrive.

Everything comes out of `admin.*` functions, which ask who may. See docs/design.md, "The database" (authorisation,
round trips).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from console.domain.jobs import JobLine, JobRun, MailCounts, RunOutcome, UndeliveredMessage
from console.storage.database import Database

_JOBS = "SELECT * FROM admin.jobs()"
_RUNS = "SELECT * FROM admin.job_runs(:job, :at_most)"
_RUN = "SELECT admin.run_job(:job) AS queued"
_COUNTS = "SELECT * FROM admin.mail_counts()"
_UNDELIVERED = "SELECT * FROM admin.undelivered(:before_at, :before_id, :at_most)"
_AGAIN = "SELECT admin.send_again(:message)"


class JobQueries:
    """The background jobs, for somebody who may manage them. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def jobs(self) -> list[JobLine]:
        """Every job, in the worker's own order; none before a worker ran for the first time."""
        rows = await self._rows(_JOBS)
        return [
            JobLine(**{**row, "last_outcome": row["last_outcome"] and RunOutcome(row["last_outcome"])})
            for row in rows
        ]

    async def runs(self, job: str, at_most: int = 100) -> list[JobRun]:
        """The last runs of a job, newest first."""
        rows = await self._rows(_RUNS, job=job, at_most=at_most)
        return [JobRun(**{**row, "outcome": RunOutcome(row["outcome"])}) for row in rows]

    async def run_now(self, job: str) -> bool:
        """Queue a job; False where it waits already. Raises NotFound for one no worker knows."""
        return bool((await self._rows(_RUN, job=job))[0]["queued"])

    async def mail_counts(self) -> MailCounts:
        """How much mail waits, was sent, or did not arrive."""
        return MailCounts(**(await self._rows(_COUNTS))[0])

    async def undelivered(
        self, after: UndeliveredMessage | None = None, at_most: int = 200
    ) -> list[UndeliveredMessage]:
        """Messages that did not arrive or may not have, newest first; `after` is the last one of the page before."""
        rows = await self._rows(
            _UNDELIVERED,
            before_at=after and after.written_at,
            before_id=after and after.id,
            at_most=at_most,
        )
        return [UndeliveredMessage(**row) for row in rows]

    async def send_again(self, message: UUID) -> None:
        """Let the worker try a message again. Raises Conflict for one that was sent meanwhile, NotFound for none."""
        await self._rows(_AGAIN, message=message)

    async def _rows(self, statement: str, **parameters: object) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]
