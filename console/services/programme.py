"""A venue's programme as the schedule's screens ask for it: what is on, what a change would do, and doing it.

A confirmation carries an id that is made here before anything is sent, and kept until it is answered: sent again, by
the network's fault or by a second press of the button, it happens once. See docs/design.md, "Rules of the domain"
(schedules) and "The database" (availability).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import date
from uuid import UUID

from console.clock import Clock
from console.domain.changing import Applied, Change, Plan, kind_of
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.programme import Calendar, Choices, ClosureKind, ClosureReason, ClosureSpan, Room, Series
from console.errors import ConsoleError, Invalid, Unavailable
from console.services.retry import Sleep, until_answered
from console.storage.programme import ProgrammeQueries

_NAME_LENGTH = {"room": 100, "reason": 60}
_MOST_IN_A_ROOM = 10_000


class ProgrammeService:
    """The programme of one venue for one person. Raises ConsoleErrors only."""

    def __init__(
        self,
        queries: ProgrammeQueries,
        venue_id: UUID,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries
        self._venue_id = venue_id
        self._clock = clock
        self._sleep = sleep
        self._random_bytes = random_bytes
        self._unanswered: dict[tuple[str, str], UUID] = {}

    async def calendar(self, first: date, last: date) -> Calendar:
        """Rooms, sessions and closures of some days, both ends included."""
        return await self._queries.calendar(self._venue_id, first, last)

    async def choices(self) -> Choices:
        """What the editors offer."""
        return await self._queries.choices(self._venue_id)

    async def all_series(self) -> tuple[Series, ...]:
        """Every weekly pattern, those that still run first, by activity and start."""
        return await self._queries.all_series(self._venue_id)

    async def series(self, series_id: UUID) -> Series:
        """One weekly pattern as it is now. Raises NotFound."""
        return await self._queries.series(self._venue_id, series_id)

    async def closures(self) -> tuple[ClosureSpan, ...]:
        """Closures that are not over, the next first; a yearly one with its next span."""
        return await self._queries.closures(self._venue_id)

    async def plan(self, change: Change) -> Plan:
        """What a change would do; nothing is written."""
        return await self._queries.plan(self._venue_id, change)

    async def apply(self, change: Change, plan: Plan) -> Applied:
        """Do what was planned, once. Raises Conflict "plan_changed" when that is no longer what would happen."""
        confirmation = (kind_of(change), plan.fingerprint)
        new_id = self._unanswered.setdefault(confirmation, self._new_id())
        try:
            answer = await until_answered(
                lambda: self._queries.apply(self._venue_id, change, plan.fingerprint, new_id), self._sleep
            )
        except ConsoleError as error:
            # Perhaps it arrived: confirmed again, it goes out under the same id.
            if not isinstance(error, Unavailable):
                self._unanswered.pop(confirmation, None)
            raise
        self._unanswered.pop(confirmation, None)
        return answer

    async def complete(self, session_id: UUID) -> None:
        """Mark a session whose children have all gone as completed. Raises Conflict "children_in", "too_early"."""
        await until_answered(lambda: self._queries.complete(session_id), self._sleep)

    async def reopen(self, session_id: UUID) -> None:
        """Open a completed session again; a manager's right. Raises Conflict "paid_out" once a payout counted it."""
        await until_answered(lambda: self._queries.reopen(session_id), self._sleep)

    async def add_room(self, name: str, capacity: int | None) -> Room:
        """A new room. Raises Conflict when there is one of the name."""
        return await self._queries.add_room(self._venue_id, _named(name, "room"), _fitting(capacity))

    async def edit_room(self, room: Room) -> Room:
        """Rename a room, change how many fit in, put it away. Raises Conflict, NotFound."""
        edited = Room(room.id, _named(room.name, "room"), _fitting(room.capacity), room.is_active)
        return await self._queries.edit_room(self._venue_id, edited)

    async def add_reason(self, name: str, kind: ClosureKind) -> ClosureReason:
        """A reason of the venue's own for closures. Raises Conflict when there is one of the name."""
        return await self._queries.add_reason(self._venue_id, _named(name, "reason"), kind)

    def _new_id(self) -> UUID:
        return uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES))


def _named(name: str, what: str) -> str:
    """A name as it may be kept. Raises Invalid for none and for one that is too long."""
    kept = name.replace("\x00", "").strip()
    if not kept:
        raise Invalid(f"A {what} needs a name.", hint="Enter one.", code="name")
    if len(kept) > _NAME_LENGTH[what]:
        raise Invalid(
            f"The name of a {what} has at most {_NAME_LENGTH[what]} characters.",
            hint="Shorten it.",
            code="name",
        )
    return kept


def _fitting(capacity: int | None) -> int | None:
    """How many fit in. Raises Invalid for fewer than one."""
    if capacity is not None and not 1 <= capacity <= _MOST_IN_A_ROOM:
        raise Invalid("A room holds 1 to 10,000 people.", hint="Or leave it empty.", code="capacity")
    return capacity
