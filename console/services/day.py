"""The running of a venue's day, as the Today screen asks for it: closing, notes, labels, the building.

What changes something may be sent again without harm: a closed session answers what it came to, a note carries its own
id, a tag is made once. So every act is tried again while it is unknown whether it arrived. See docs/design.md,
"Screens" (front desk) and "The database" (availability).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import date
from uuid import UUID

from console.clock import Clock
from console.domain import codes
from console.domain.attendance import AttendanceEvent, EventKind, Origin
from console.domain.day import (
    Building,
    ClosedSession,
    DaySummary,
    DeskNote,
    LabelFacts,
    TaggedChild,
    UnmarkedChild,
)
from console.domain.desk import RosterEntry
from console.domain.ids import RANDOM_BYTES, uuid7
from console.errors import Unavailable
from console.services.asking import within_a_second
from console.services.attendance import AttendanceService
from console.services.local_building import LocalBuilding
from console.services.retry import Sleep, until_answered
from console.storage.day import DayQueries


class DayService:
    """A day's closing, notes and labels for one person at one desk of one venue. Raises ConsoleErrors only."""

    def __init__(
        self,
        queries: DayQueries,
        attendance: AttendanceService,
        venue_id: UUID,
        clock: Clock,
        *,
        local: LocalBuilding | None = None,
        sleep: Sleep = asyncio.sleep,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """`attendance` numbers the events of this desk; nothing is asked before the first call.

        `local` answers who is in the building while no server does.
        """
        self._queries = queries
        self._attendance = attendance
        self._venue_id = venue_id
        self._clock = clock
        self._local = local
        self._sleep = sleep
        self._random_bytes = random_bytes

    async def close_session(self, session_id: UUID, no_shows: Sequence[RosterEntry]) -> ClosedSession:
        """Close a session; who is among `no_shows` did not come. All or nothing.

        Raises Conflict: "roster_changed" when one of them was marked meanwhile, "too_early" before the start.
        """

        async def send(events: Sequence[AttendanceEvent]) -> ClosedSession:
            return await self._queries.close_session(session_id, events)

        absent = [entry.booking_id for entry in no_shows]
        return await self._attendance.send_with(send, absent, EventKind.ABSENT)

    async def reopen_session(self, session_id: UUID) -> None:
        """Take a closing back; a manager's right. Raises Conflict "paid_out" once a payout has counted it."""
        await until_answered(lambda: self._queries.reopen_session(session_id), self._sleep)

    async def unmarked(self) -> list[UnmarkedChild]:
        """Children of the last days' closed sessions about whom nobody said anything."""
        return await self._queries.unmarked(self._venue_id)

    async def settle_unmarked(self, booking_id: UUID, *, came: bool) -> None:
        """Say afterwards whether an unmarked child came. Raises Conflict "not_unmarked" when somebody else has."""

        async def send(events: Sequence[AttendanceEvent]) -> None:
            await self._queries.settle_unmarked(booking_id, came, events)

        kinds = (EventKind.CHECK_IN, EventKind.CHECK_OUT) if came else (EventKind.ABSENT,)
        await self._attendance.send_with(send, [booking_id], *kinds, origin=Origin.QUEUED)

    async def building(self) -> Building:
        """Who is in the building now; without a server within a second, as far as this desk knows."""
        if self._local is None:
            return await self._queries.building(self._venue_id)
        return await self._local.building(lambda: self._queries.building(self._venue_id))

    async def day_summary(self, day: date) -> DaySummary:
        """A local day of the venue in numbers."""
        return await self._queries.day_summary(self._venue_id, day)

    async def notes(self, booking_id: UUID) -> list[DeskNote]:
        """What staff wrote about a booking, newest first."""
        return await self._queries.notes(booking_id)

    async def add_note(self, booking_id: UUID, text: str) -> DeskNote:
        """Write a note about a booking. Raises Invalid for an empty one or more than 1,000 characters."""
        note_id = self._new_id()
        return await until_answered(lambda: self._queries.add_note(note_id, booking_id, text), self._sleep)

    async def add_incident(
        self, booking_id: UUID, text: str, *, action_taken: str, parent_told: bool
    ) -> DeskNote:
        """Write down an incident; the manager gets a review item."""
        note_id = self._new_id()
        return await until_answered(
            lambda: self._queries.add_note(
                note_id,
                booking_id,
                text,
                incident=True,
                action_taken=action_taken,
                parent_told=parent_told,
            ),
            self._sleep,
        )

    async def labels(self, booking_ids: Sequence[UUID]) -> list[LabelFacts]:
        """The labels of these children; nobody's are asked for nothing."""
        if not booking_ids:
            return []
        return await until_answered(lambda: self._queries.labels(booking_ids), self._sleep)

    async def find_tag(self, tag: str) -> list[TaggedChild]:
        """The children of today whom a pickup tag stands for; a text that is no tag is not asked about.

        Tags are known to the server alone. Raises Unavailable "offline", within a second, where it does not answer.
        """
        parsed = codes.parse_tag(tag)
        if parsed is None:
            return []
        try:
            return await within_a_second(
                lambda: self._queries.find_tag(self._venue_id, parsed),
                self._attendance.recorder.link,
                self._clock,
            )
        except Unavailable as error:
            raise Unavailable(
                "Pickup tags cannot be looked up without the server.",
                hint="Type the child's name instead, and compare the tag with the label.",
                code="offline",
            ) from error

    def _new_id(self) -> UUID:
        return uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES))
