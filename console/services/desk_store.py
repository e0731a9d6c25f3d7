"""What the desk's services ask of its own two files: the outbox of events and the cache of rosters.

Both are sealed on disk. The outbox has a key of the device and holds ids and times; the cache has a key made from the
person's password and holds what that person may see. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from console.domain.attendance import AttendanceEvent, EventAnswer
from console.domain.desk import RosterEntry, SessionSummary
from console.domain.sync import OutboxCount, QueuedEvent, Snapshot


class EventStore(Protocol):
    """The outbox. Every method is durable when it returns; it may block for a disk write, so it runs in a thread."""

    def append(self, event: AttendanceEvent, venue_id: UUID) -> AttendanceEvent:
        """Keep an event, giving it the desk's next `seq` and an `occurred_at` never below the previous one's."""
        ...

    def waiting(self, limit: int = 500) -> list[QueuedEvent]:
        """Events without an answer, in the order of `seq`."""
        ...

    def became_queued(self, event_ids: Sequence[UUID]) -> None:
        """Say of waiting events that they were not asked live after all: their answer did not come in time."""
        ...

    def answered(self, answers: Sequence[EventAnswer], at: datetime) -> None:
        """Store answers. A refusal of a queued event needs attention; everything else is answered."""
        ...

    def attention(self) -> list[QueuedEvent]:
        """Events that need somebody's attention, oldest first."""
        ...

    def retry(self, event_id: UUID, new_id: UUID, at: datetime) -> AttendanceEvent:
        """Make a new waiting event of one that needs attention: same facts, new id and seq, origin queued."""
        ...

    def discard(self, event_id: UUID, reason: str, by: UUID, at: datetime) -> None:
        """Put an event that needs attention away, with a manager's reason. It stays readable."""
        ...

    def history(self, limit: int = 500) -> list[QueuedEvent]:
        """Every event that is still here, newest first."""
        ...

    def count(self) -> OutboxCount:
        """How many wait and how many need attention."""
        ...

    def seq_at_least(self, seq: int) -> None:
        """The server knows numbers below `seq` as used; the next one is at least this."""
        ...

    def next_seq(self) -> int:
        """The number that the next event gets."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class RosterStore(Protocol):
    """The cache of one person at this desk. Blocking like the outbox."""

    def put(self, snapshot: Snapshot) -> None:
        """Replace a venue's data, or the part that changed; all of it or nothing."""
        ...

    def state(self, venue_id: UUID) -> tuple[datetime, str] | None:
        """When the venue's data was taken and what the next "changed since" asks from; None without data."""
        ...

    def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        """The sessions of one local day, in order of start."""
        ...

    def roster(self, session_id: UUID) -> list[RosterEntry] | None:
        """A session's children; None for a session that is not in the cache."""
        ...

    def entry_by_code(self, venue_id: UUID, code: str) -> RosterEntry | None:
        """The booking that a ticket stands for."""
        ...

    def wipe(self) -> None:
        """Destroy the data and the file."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...
