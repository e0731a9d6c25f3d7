"""The queue of a full session: who waits, who holds an offer and until when.

Frozen values made by storage. First come, first served; a free place is offered to the first for some hours, then to
the next. See docs/design.md, "Rules of the domain" (waitlist).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class WaitingSession:
    """A session for which somebody waits. `offered` counts places that are held for somebody who may still answer."""

    session_id: UUID
    activity: str
    starts_at: datetime
    ends_at: datetime
    day: date
    room: str | None
    capacity: int
    booked: int
    waiting: int
    offered: int
    next_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingChild:
    """Somebody in the queue. Names are None for who may not see them; `place` 1 is next."""

    id: UUID
    session_id: UUID
    place: int
    child: str | None
    age_months: int | None
    parent: str | None
    parent_phone: str | None
    joined_at: datetime
    offered_at: datetime | None
    expires_at: datetime | None
    skipped_at: datetime | None
    skip_reason: str | None
    price: int | None
    credits: int | None
    """What the family can spend."""
    warnings: tuple[str, ...] = ()
    """Of "too_young", "too_old", "elsewhere"."""

    @property
    def holds_offer(self) -> bool:
        """Whether a place was offered and not yet answered; the clock says whether it still holds."""
        return self.offered_at is not None
