"""Background jobs and mail in memory, for tests and pictures of their screen."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from console.domain.jobs import JobLine, JobRun, MailCounts, RunOutcome, UndeliveredMessage
from console.errors import ConsoleError
from tests.support.today_samples import NOW

MAIL_SAID = "The mail server refused the login (535). Look at NEXUS_SMTP_USER and the secret smtp."


def job(name: str, title: str, minutes: int | None = 15, **facts: Any) -> JobLine:
    """A job that ran well a moment ago and is due again."""
    made = JobLine(
        name=name, title=title, every_minutes=minutes, daily_at=None if minutes else time(2, 10),
        next_at=NOW + timedelta(minutes=minutes or 400), queued=False, running_since=None,
        last_at=NOW - timedelta(minutes=minutes or 800), last_outcome=RunOutcome.DONE,
        last_did="There was nothing to do.", last_why=None, last_seconds=0.4, failures=0,
        worker_seen_at=NOW - timedelta(seconds=8),
    )  # fmt: skip
    return replace(made, **facts)


def everything() -> list[JobLine]:
    """Jobs with one of each."""
    return [
        job(
            "generate_sessions", "Make the sessions of every series", 60, last_did="3 sessions made.",
            last_seconds=2.3,
        ),
        job("release_inventory", "Give unsold platform places back", queued=True),
        job("nightly_close", "Close sessions that nobody closed", running_since=NOW - timedelta(minutes=2)),
        job(
            "deliver_mail", "Send messages by mail", 1, last_outcome=RunOutcome.FAILED, last_did=None,
            last_why=MAIL_SAID, failures=3, next_at=NOW + timedelta(minutes=4),
        ),
        job(
            "refresh_dashboard", "Work out every parent's first screen", last_outcome=RunOutcome.STOPPED,
            last_did=None, last_why="The worker stopped.",
        ),
        job("expire_credits", "Expire credits of billing periods that are over", None),
        job(
            "purge_search_logs", "Remove old searches", None, last_at=None, last_outcome=None, last_did=None,
            last_seconds=None,
        ),
    ]  # fmt: skip


def run(number: int, outcome: RunOutcome = RunOutcome.DONE, **facts: Any) -> JobRun:
    """The run that was `number` hours ago."""
    at = NOW - timedelta(hours=number)
    did, why = ("3 sessions made.", None) if outcome is RunOutcome.DONE else (None, MAIL_SAID)
    made = JobRun(
        UUID(int=7000 + number), "Back office", at, at + timedelta(seconds=2.3), outcome, 3, did, why
    )
    return replace(made, **facts)


def message(number: int, state: str = "failed", **facts: Any) -> UndeliveredMessage:
    """A message that was written `number` hours ago."""
    made = UndeliveredMessage(
        UUID(int=8000 + number), NOW - timedelta(hours=number), "session_cancelled", "Session cancelled",
        "Riverside Studio", state, "The mailbox does not exist (550).", 1, "d…@home.example",
    )  # fmt: skip
    return replace(made, **facts)


def undelivered() -> list[UndeliveredMessage]:
    """Messages with one of each."""
    return [
        message(1),
        message(
            2, "uncertain", template="Waitlist offer", address="m…@post.example",
            why="The connection broke after the message was handed over.",
        ),
        message(30, venue=None, template="Booking moved", attempts=6, why=None),
    ]  # fmt: skip


class FakeJobs:
    """A JobsGateway. `failure` is raised once, by whatever is asked next."""

    def __init__(
        self, jobs: list[JobLine] | None = None, mail: list[UndeliveredMessage] | None = None
    ) -> None:
        self.lines = everything() if jobs is None else jobs
        self.mail = undelivered() if mail is None else mail
        self.of: dict[str, list[JobRun]] = {
            "deliver_mail": [run(number, RunOutcome.FAILED) for number in range(3)] + [run(4)],
            "purge_search_logs": [],
        }
        self.counts = MailCounts(5, 2, 1, 41, 0, 0, None)
        self.failure: ConsoleError | None = None
        self.asked: list[str] = []
        self.done: list[object] = []

    async def jobs(self) -> list[JobLine]:
        self._ask("jobs")
        return list(self.lines)

    async def runs(self, job: str) -> list[JobRun]:
        self._ask(f"runs {job}")
        return list(self.of.get(job, [run(number) for number in range(1, 6)]))

    async def run_now(self, job: str) -> bool:
        self._ask("run")
        at = next(at for at, one in enumerate(self.lines) if one.name == job)
        fresh = not self.lines[at].queued
        self.lines[at] = replace(self.lines[at], queued=True)
        self.done.append(("run", job))
        return fresh

    async def mail_counts(self) -> MailCounts:
        self._ask("counts")
        uncertain = sum(one.state == "uncertain" for one in self.mail)
        return replace(self.counts, failed=len(self.mail) - uncertain, uncertain=uncertain)

    async def undelivered(self, after: UndeliveredMessage | None = None) -> list[UndeliveredMessage]:
        self._ask("undelivered")
        start = 0 if after is None else self.mail.index(after) + 1
        return self.mail[start : start + 200]

    async def send_again(self, message: UUID) -> None:
        self._ask("again")
        self.done.append(("again", message))
        self.mail = [one for one in self.mail if one.id != message]

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.failure is not None:
            error, self.failure = self.failure, None
            raise error
