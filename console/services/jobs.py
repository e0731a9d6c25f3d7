"""Background jobs as the platform's screen asks for them: what ran, what failed and why, run now, the mail.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from uuid import UUID

from console.domain.jobs import JobLine, JobRun, MailCounts, UndeliveredMessage
from console.storage.jobs import JobQueries


class JobService:
    """The background jobs for one person who may manage them. Raises ConsoleErrors only."""

    def __init__(self, queries: JobQueries) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries

    async def jobs(self) -> list[JobLine]:
        """Every job, in the worker's own order; none before a worker ran for the first time."""
        return await self._queries.jobs()

    async def runs(self, job: str) -> list[JobRun]:
        """The last hundred runs of a job, newest first."""
        return await self._queries.runs(job)

    async def run_now(self, job: str) -> bool:
        """Run a job as soon as a worker is free; False where it waits for one already."""
        return await self._queries.run_now(job)

    async def mail_counts(self) -> MailCounts:
        """How much mail waits, was sent, or did not arrive."""
        return await self._queries.mail_counts()

    async def undelivered(self, after: UndeliveredMessage | None = None) -> list[UndeliveredMessage]:
        """Messages that did not arrive or may not have, newest first; `after` is the last one already shown."""
        return await self._queries.undelivered(after)

    async def send_again(self, message: UUID) -> None:
        """Let the worker try a message again. Raises Conflict for one that was sent meanwhile."""
        await self._queries.send_again(message)
