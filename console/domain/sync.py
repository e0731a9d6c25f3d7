"""What a desk keeps until the server has answered: queued events, the mode of the connection, and how old the data is.

The outbox and the cache store these values; services and screens share them. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from console.domain.attendance import AttendanceEvent, EventAnswer
    from console.domain.desk import RosterEntry, SessionSummary

ANSWER_WITHIN = timedelta(seconds=1)
"""After this long without an answer the desk's own data answers."""

PROBES_TO_RETURN = 2
"""So many good probes in a row mean online again."""

UNLOCK_FOR = timedelta(days=7)
"""How long after a sign-in on this desk the same person can unlock it without a server."""

CLOCK_WARNING = timedelta(minutes=1)
"""From this offset on the screen says that the computer's clock is wrong."""


class Mode(StrEnum):
    """How the server is reached just now; nobody chooses it."""

    ONLINE = "online"
    SLOW = "slow"
    OFFLINE = "offline"


class QueueState(StrEnum):
    """Where an event of this desk stands. Only an answered event may ever be cleared away."""

    WAITING = "waiting"
    ANSWERED = "answered"
    ATTENTION = "attention"
    RETRIED = "retried"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class QueuedEvent:
    """One event of this desk as the outbox holds it.

    `answer` is the server's, None while it waits. `note` says why it was discarded and `by` by whom; `retried_as` is
    the event that was made of it anew.
    """

    event: AttendanceEvent
    venue_id: UUID
    state: QueueState
    answer: EventAnswer | None = None
    answered_at: datetime | None = None
    note: str = ""
    by: UUID | None = None
    retried_as: UUID | None = None


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """An event that needs somebody, with what this desk knows about it. Names are "" where no roster here tells them.

    `child` and `person` (who recorded it) are first names.
    """

    queued: QueuedEvent
    child: str = ""
    age_months: int | None = None
    session: str = ""
    session_starts_at: datetime | None = None
    person: str = ""


@dataclass(frozen=True, slots=True)
class OutboxCount:
    """How many events of this desk wait for the server, and how many need somebody's attention."""

    waiting: int = 0
    attention: int = 0


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """What the status bar says. `since` is when the present mode began, `as_of` how old the desk's own data is.

    `offset` is what the server's clock is ahead of this computer's.
    """

    mode: Mode
    since: datetime | None = None
    count: OutboxCount = OutboxCount()
    as_of: datetime | None = None
    offset: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class CachedSession:
    """A session with its roster as the cache holds it."""

    summary: SessionSummary
    entries: tuple[RosterEntry, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A venue's sessions from yesterday to a week ahead, as one answer of the server.

    `xmin` is what the next "changed since" asks from. With `whole` False, only what changed: `sessions` replace those
    of the same id and `gone` are removed.
    """

    venue_id: UUID
    taken_at: datetime
    xmin: str
    sessions: tuple[CachedSession, ...]
    gone: tuple[UUID, ...] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of a file that could not be read as it was: where it lies now, and what was saved from it."""

    set_aside: str
    events: int = 0
    lost_pages: bool = False
