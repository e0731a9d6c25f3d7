"""What the platform's page of background jobs asks of the layers below it.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from console.domain.jobs import JobLine, JobRun, MailCounts, UndeliveredMessage


class JobsGateway(Protocol):
    """The background jobs and the mail. Raises ConsoleErrors only."""

    async def jobs(self) -> list[JobLine]:
        """Every job, in the worker's own order; none before a worker ran for the first time."""
        ...

    async def runs(self, job: str) -> list[JobRun]:
        """The last hundred runs of a job, newest first."""
        ...

    async def run_now(self, job: str) -> bool:
        """Run a job as soon as a worker is free; False where it waits for one already."""
        ...

    async def mail_counts(self) -> MailCounts:
        """How much mail waits, was sent, or did not arrive."""
        ...

    async def undelivered(self, after: UndeliveredMessage | None = None) -> list[UndeliveredMessage]:
        """Messages that did not arrive or may not have, newest first; `after` is the last one already shown."""
        ...

    async def send_again(self, message: UUID) -> None:
        """Let the worker try a message again. Raises Conflict for one that was sent meanwhile."""
        ...
