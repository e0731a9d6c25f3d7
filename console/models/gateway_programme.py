"""What the schedule's screens ask of the layers below them.

One plan and one apply for every change, so that every screen previews and confirms in the same way. See docs/design.md,
"Screens" (schedule) and "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from console.domain.changing import Applied, Change, Plan
from console.domain.programme import Calendar, Choices, ClosureKind, ClosureReason, ClosureSpan, Room, Series
from console.domain.waiting import WaitingChild, WaitingSession


class ProgrammeGateway(Protocol):
    """One venue's programme. Raises ConsoleErrors only."""

    async def calendar(self, first: date, last: date) -> Calendar:
        """Rooms, sessions and closures of some days, both ends included."""
        ...

    async def choices(self) -> Choices:
        """What the editors offer."""
        ...

    async def all_series(self) -> tuple[Series, ...]:
        """Every weekly pattern, those that still run first, by activity and start."""
        ...

    async def series(self, series_id: UUID) -> Series:
        """One weekly pattern as it is now. Raises NotFound."""
        ...

    async def closures(self) -> tuple[ClosureSpan, ...]:
        """Closures that are not over, the next first; a yearly one with its next span."""
        ...

    async def plan(self, change: Change) -> Plan:
        """What a change would do. Raises Invalid for facts that cannot be, Conflict for a version that is old."""
        ...

    async def apply(self, change: Change, plan: Plan) -> Applied:
        """Do what was planned. Raises Conflict (code `plan_changed`) when that is no longer what would happen."""
        ...

    async def complete(self, session_id: UUID) -> None:
        """Mark a session whose children have all gone as completed, as closing it at the desk does."""
        ...

    async def reopen(self, session_id: UUID) -> None:
        """Open a completed session again, by a manager."""
        ...

    async def add_room(self, name: str, capacity: int | None) -> Room:
        """A new room. Raises Conflict when there is one of the name."""
        ...

    async def edit_room(self, room: Room) -> Room:
        """Rename a room, change how many fit in, put it away."""
        ...

    async def add_reason(self, name: str, kind: ClosureKind) -> ClosureReason:
        """A reason of the venue's own for closures."""
        ...


class WaitlistGateway(Protocol):
    """The queues of one venue's full sessions. Raises ConsoleErrors only."""

    async def queues(self) -> Sequence[WaitingSession]:
        """Sessions to come for which somebody waits, the next first."""
        ...

    async def queue(self, session_id: UUID) -> Sequence[WaitingChild]:
        """Who waits for one session, in order."""
        ...

    async def offer(self, session_id: UUID) -> Sequence[WaitingChild]:
        """Offer every free place to the next in order; the queue afterwards. Nothing happens where none is free."""
        ...

    async def accept(self, waitlist_id: UUID, booking_id: UUID) -> Sequence[WaitingChild]:
        """Book the offered place on the parent's behalf. Raises Conflict when the offer has run out."""
        ...

    async def skip(self, waitlist_id: UUID, reason: str) -> Sequence[WaitingChild]:
        """Pass over somebody, with a reason: the place goes to the next."""
        ...

    async def remove(self, waitlist_id: UUID, reason: str) -> Sequence[WaitingChild]:
        """Take somebody off the queue."""
        ...
