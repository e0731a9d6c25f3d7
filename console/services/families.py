"""Walk-ins and changes at the desk: families found and registered, places taken and moved, corrections.

A place's id is made here before anything is sent, and the same action tried again within a minute carries the same
one: a lost answer never books or charges twice. A check-in that goes with a place takes its number from the attendance
service, because a desk counts its events in one sequence. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from console.clock import Clock
from console.domain.attendance import AttendanceEvent
from console.domain.families import (
    CONSENT_TEXT,
    CONSENT_VERSION,
    Booked,
    ChildFacts,
    Family,
    NewChild,
    NewFamily,
    NewHealthNote,
    NewPickupPerson,
    NoPlace,
    Payment,
    Registered,
    SessionChoice,
    Waiting,
)
from console.domain.ids import RANDOM_BYTES, uuid7
from console.errors import Unavailable
from console.services.attendance import DOUBT_LASTS, AttendanceService
from console.services.retry import Sleep, until_answered

Place = tuple[UUID, UUID | None, UUID | None]
Send = Callable[[AttendanceEvent | None], Awaitable[Booked]]


class FamilyQueries(Protocol):
    """Where families and places are kept; see console.storage.families.FamilyStore for what each method raises."""

    async def find(self, venue_id: UUID, query: str) -> list[Family]:
        """Families by name, number or address."""
        ...

    async def register(self, venue_id: UUID, facts: NewFamily) -> Registered:
        """A new family."""
        ...

    async def add_child(
        self,
        request_id: UUID,
        venue_id: UUID,
        parent_id: UUID,
        child: NewChild,
        consent: tuple[str, str, str],
    ) -> Registered:
        """Another child."""
        ...

    async def open_sessions(
        self, venue_id: UUID, day: date, child_id: UUID | None, booking_id: UUID | None
    ) -> list[SessionChoice]:
        """A day's sessions."""
        ...

    async def take_place(
        self,
        new_id: UUID,
        session_id: UUID,
        child_id: UUID | None,
        booking_id: UUID | None,
        payment: Payment,
        overrule: frozenset[NoPlace],
        event: AttendanceEvent | None,
    ) -> Booked:
        """Take a place."""
        ...

    async def move(
        self, booking_id: UUID, session_id: UUID, overrule: frozenset[NoPlace], event: AttendanceEvent | None
    ) -> Booked:
        """Move a booking."""
        ...

    async def settle_owed(self, booking_id: UUID) -> int:
        """Take what is owed."""
        ...

    async def join_waitlist(
        self, session_id: UUID, child_id: UUID | None, booking_id: UUID | None
    ) -> Waiting:
        """Queue."""
        ...

    async def facts(self, booking_id: UUID) -> ChildFacts:
        """What may be corrected."""
        ...

    async def correct_health(
        self, read: ChildFacts, notes: Sequence[NewHealthNote], confirmed_by: str
    ) -> ChildFacts:
        """Replace health notes."""
        ...

    async def correct_pickup(
        self, read: ChildFacts, people: Sequence[NewPickupPerson], confirmed_by: str
    ) -> ChildFacts:
        """Replace pickup people."""
        ...


class FamilyService:
    """Families of one venue for one signed-in person at one desk. Raises ConsoleErrors only."""

    def __init__(
        self,
        queries: FamilyQueries,
        attendance: AttendanceService,
        venue_id: UUID,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`sleep` is for tests; nothing is asked before the first call."""
        self._queries = queries
        self._attendance = attendance
        self._venue_id = venue_id
        self._clock = clock
        self._sleep = sleep
        self._doubts: dict[Place, tuple[UUID, datetime]] = {}

    async def find_families(self, text: str) -> list[Family]:
        """Families by a name's beginning, a whole phone number or an e-mail; nothing is asked for a single letter."""
        return await self._queries.find(self._venue_id, text) if len(text.strip()) > 1 else []

    async def register(self, family: NewFamily) -> Registered:
        """Register a guardian and a child with their consent. Raises Conflict "email_known" for a known address."""
        return await until_answered(lambda: self._queries.register(self._venue_id, family), self._sleep)

    async def add_child(
        self, parent_id: UUID, child: NewChild, *, request_id: UUID, signed_by: str
    ) -> Registered:
        """Register another child of a known family under today's words of consent."""
        consent = (signed_by, CONSENT_VERSION, CONSENT_TEXT)
        return await until_answered(
            lambda: self._queries.add_child(request_id, self._venue_id, parent_id, child, consent),
            self._sleep,
        )

    async def session_choices(
        self, day: date, *, child_id: UUID | None = None, booking_id: UUID | None = None
    ) -> list[SessionChoice]:
        """The venue's sessions of a day as this child (or the child of this booking) could take them."""
        return await self._queries.open_sessions(self._venue_id, day, child_id, booking_id)

    async def take_place(
        self,
        session_id: UUID,
        payment: Payment,
        *,
        child_id: UUID | None = None,
        booking_id: UUID | None = None,
        check_in: bool = False,
        overrule: frozenset[NoPlace] = frozenset(),
        new_id: UUID | None = None,
    ) -> Booked:
        """Book a child (or the child of an earlier booking) on a session and, where asked, check it in with it.

        A refused check-in leaves the place taken; `answer` says so. `new_id` is the booking's, made by the caller.
        """
        place = (session_id, child_id, booking_id)
        number = new_id or self._doubted(place) or uuid7(self._clock.now(), secrets.token_bytes(RANDOM_BYTES))

        async def send(event: AttendanceEvent | None) -> Booked:
            return await self._queries.take_place(
                number, session_id, child_id, booking_id, payment, overrule, event
            )

        try:
            made = await self._send(send, number, session_id, check_in)
        except Unavailable:
            self._doubts[place] = (number, self._clock.now())
            raise
        self._doubts.pop(place, None)
        return made

    async def move(
        self,
        booking_id: UUID,
        to_session: UUID,
        *,
        check_in: bool = False,
        overrule: frozenset[NoPlace] = frozenset(),
    ) -> Booked:
        """Move a booking to another session of the same local day; the difference of price is settled with it."""

        async def send(event: AttendanceEvent | None) -> Booked:
            return await self._queries.move(booking_id, to_session, overrule, event)

        return await self._send(send, booking_id, to_session, check_in)

    async def settle_owed(self, booking_id: UUID) -> int:
        """Take what is owed for a booking from the family's balance; the answer is how much."""
        return await until_answered(lambda: self._queries.settle_owed(booking_id), self._sleep)

    async def join_waitlist(
        self, session_id: UUID, *, child_id: UUID | None = None, booking_id: UUID | None = None
    ) -> Waiting:
        """Put a child at the end of a full session's queue; asked again, the answer is the same place."""
        return await until_answered(
            lambda: self._queries.join_waitlist(session_id, child_id, booking_id), self._sleep
        )

    async def facts(self, booking_id: UUID) -> ChildFacts:
        """What may be corrected about a booking's child."""
        return await self._queries.facts(booking_id)

    async def correct_health(
        self, facts: ChildFacts, notes: Sequence[NewHealthNote], *, confirmed_by: str
    ) -> ChildFacts:
        """Replace the health notes by these. Raises Conflict "changed" when somebody changed them meanwhile."""
        return await self._queries.correct_health(facts, notes, confirmed_by)

    async def correct_pickup(
        self, facts: ChildFacts, people: Sequence[NewPickupPerson], *, confirmed_by: str
    ) -> ChildFacts:
        """Replace the pickup people by these. Raises Conflict "changed" when somebody changed them meanwhile."""
        return await self._queries.correct_pickup(facts, people, confirmed_by)

    async def _send(self, send: Send, booking_id: UUID, session_id: UUID, check_in: bool) -> Booked:
        async def answered(event: AttendanceEvent | None) -> Booked:
            return await until_answered(lambda: send(event), self._sleep)

        if not check_in:
            return await answered(None)
        return await self._attendance.check_in_along(booking_id, session_id, answered)

    def _doubted(self, place: Place) -> UUID | None:
        new_id, since = self._doubts.get(place, (None, None))
        return new_id if since is not None and self._clock.now() - since <= DOUBT_LASTS else None
