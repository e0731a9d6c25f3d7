"""Background jobs as people see them, and the login of the program that runs them.

The worker writes down what each job did in words; these are the values that leave the database with it. See
docs/design.md, "Layout" (worker) and "The database" (roles).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

LOGIN_KIND = "nexus-console worker"
_ROLE = re.compile(r"nexus_worker_[a-z0-9_]{1,40}")

SILENT = timedelta(minutes=2)
"""A worker that has not been heard of for so long is not running."""


class RunOutcome(StrEnum):
    """What became of a run. `STOPPED`: the worker ended in the middle, nothing of it stayed; it is done again."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"

    @property
    def words(self) -> str:
        """The outcome as a person reads it."""
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job of the screen. `did` says what its last run did, `why` why that failed; exactly one where it has run.

    `queued` and `running_since` may both stand: asked for again while it runs. `failures` counts those in a row.
    `worker_seen_at` is when any worker was last heard of; None where none ever was.
    """

    name: str
    title: str
    every_minutes: int | None
    daily_at: time | None
    next_at: datetime
    queued: bool
    running_since: datetime | None
    last_at: datetime | None
    last_outcome: RunOutcome | None
    last_did: str | None
    last_why: str | None
    last_seconds: float | None
    failures: int
    worker_seen_at: datetime | None

    @property
    def when_words(self) -> str:
        """How often it runs: "Every 15 minutes", "Every day at 03:10 UTC"."""
        return when_words(self.every_minutes, self.daily_at)


@dataclass(frozen=True, slots=True)
class JobRun:
    """One run of a job; `touched` is how many rows it was about."""

    id: UUID
    worker_name: str
    started_at: datetime
    finished_at: datetime | None
    outcome: RunOutcome
    touched: int | None
    did: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class MailCounts:
    """How much mail is where. `held` waits for the end of quiet hours and is part of `waiting`.

    `oldest_due` is since when the oldest message could have been sent.
    """

    waiting: int
    held: int
    sending: int
    sent_today: int
    failed: int
    uncertain: int
    oldest_due: datetime | None


@dataclass(frozen=True, slots=True)
class UndeliveredMessage:
    """A message that was given up ("failed") or may not have arrived ("uncertain"). `address` is masked."""

    id: UUID
    written_at: datetime
    template_key: str | None
    template: str
    venue: str | None
    state: str
    why: str | None
    attempts: int
    address: str


def when_words(every_minutes: int | None, daily_at: time | None) -> str:
    """How often a job runs, in words."""
    if every_minutes is None:
        return f"Every day at {daily_at:%H:%M} UTC" if daily_at is not None else "Never"
    if every_minutes == 1:
        return "Every minute"
    if every_minutes % 60 == 0:
        hours = every_minutes // 60
        return "Every hour" if hours == 1 else f"Every {hours} hours"
    return f"Every {every_minutes} minutes"


def is_worker_silent(seen_at: datetime | None, now: datetime) -> bool:
    """Whether no worker runs, as far as anybody can tell."""
    return seen_at is None or now - seen_at > SILENT


@dataclass(frozen=True, slots=True)
class WorkerLogin:
    """A worker's own role and secret at one server. `name` is what people call the worker."""

    name: str
    role: str
    secret: str

    def __repr__(self) -> str:
        """Without the secret: a log may show it."""
        return f"WorkerLogin(name={self.name!r}, role={self.role!r})"

    def to_text(self) -> str:
        """What the secret store keeps."""
        return json.dumps({"kind": LOGIN_KIND, "name": self.name, "role": self.role, "secret": self.secret})

    @classmethod
    def from_text(cls, text: str) -> WorkerLogin:
        """Read what the store kept. Raises ValueError for anything else."""
        found = json.loads(text)
        if not isinstance(found, dict) or found.get("kind") != LOGIN_KIND:
            raise ValueError("not a worker's login")
        values = [found.get(name) for name in ("name", "role", "secret")]
        if not all(isinstance(one, str) and one for one in values) or not _ROLE.fullmatch(str(values[1])):
            raise ValueError("not a worker's login")
        return cls(*map(str, values))


def new_worker_login(name: str) -> WorkerLogin:
    """A role and a secret of 256 bits, both random, for a worker of that name."""
    word = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:20] or "worker"
    return WorkerLogin(name.strip(), f"nexus_worker_{word}_{secrets.token_hex(5)}", secrets.token_urlsafe(32))


def worker_store_name(address: str) -> str:
    """Under which name this computer keeps its worker's login for the server at `address`."""
    return f"worker.{hashlib.sha256(address.strip().encode()).hexdigest()[:20]}"
