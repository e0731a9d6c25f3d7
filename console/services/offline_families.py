"""Walk-ins with and without a server: the server's answer within a second, else this desk keeps what was done.

A FamilyGateway on top of the one that asks the server. What needs nothing but this desk's rosters goes on when the
network does not: finding a child of the week, giving it a place, checking it in, taking down a new family. The rest
says that it has to wait. See docs/guides/offline.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import TypeVar
from uuid import UUID

from console.clock import Clock
from console.domain.attendance import (
    AnswerDetail,
    AttendanceState,
    EventAnswer,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import RosterEntry
from console.domain.families import (
    Booked,
    ChildFacts,
    Family,
    FamilyChild,
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
from console.domain.judging import OPENS_BEFORE
from console.domain.sealed_notes import FamilyNote, WalkInNote
from console.domain.sync import ANSWER_WITHIN
from console.errors import Conflict, NotFound, Unavailable
from console.services.asking import within_a_second
from console.services.families import FamilyService
from console.services.known_children import KnownChildren
from console.services.link import Link
from console.services.local_desk import plain_name
from console.services.noted_rosters import newcomer
from console.services.offline_walk_ins import OfflineWalkIns

Result = TypeVar("Result")

_REFUSALS = {
    NoPlace.CANCELLED: ("This session was cancelled.", "session_cancelled"),
    NoPlace.CLOSED: ("This session is over.", "session_over"),
    NoPlace.OVER: ("This session is over.", "session_over"),
    NoPlace.ALREADY_BOOKED: ("This child is already booked on this session.", "already_booked"),
    NoPlace.FULL: ("This session is full.", "session_full"),
    NoPlace.TOO_YOUNG: ("This session is for older children.", "too_young"),
    NoPlace.TOO_OLD: ("This session is for younger children.", "too_old"),
    NoPlace.ELSEWHERE: ("This child is booked elsewhere at that time.", "elsewhere"),
}


@dataclass(frozen=True, slots=True)
class _Whom:
    """The child that is meant: as the server knows it, as this desk's rosters do, or as it was taken down here."""

    child_id: UUID | None = None
    booking_id: UUID | None = None
    note: FamilyNote | None = None


class OfflineFamilies:
    """Families of one venue for one signed-in person at one desk. Raises ConsoleErrors only."""

    def __init__(
        self,
        server: FamilyService,
        notes: OfflineWalkIns,
        known: KnownChildren,
        link: Link,
        venue_id: UUID,
        person_id: UUID,
        zone: tzinfo,
        clock: Clock,
        *,
        nudge: Callable[[], None] = lambda: None,
        within: float = ANSWER_WITHIN.total_seconds(),
    ) -> None:
        """`nudge` is told of every note, so that somebody sends it soon; `within` is seconds, for tests."""
        self._server, self._notes, self._known, self._link = server, notes, known, link
        self._venue_id, self._person_id, self._zone, self._clock = venue_id, person_id, zone, clock
        self._nudge, self._within = nudge, within
        self._handed: set[UUID] = set()
        self._seen: dict[UUID, tuple[Family, FamilyChild]] = {}

    # -- with this desk's own data -----------------------------------------------------------------------------------

    async def find_families(self, text: str) -> list[Family]:
        """Families by a name's beginning or a phone number: the server's, else those of this week's rosters."""
        try:
            found = await self._ask(lambda: self._server.find_families(text))
        except Unavailable:
            found = await asyncio.to_thread(self._known.families, text, self._clock.now())
            self._handed |= {child.id for family in found for child in family.children}
            return [*await self._newcomers(text), *found]
        self._seen |= {child.id: (family, child) for family in found for child in family.children}
        return found

    async def register(self, family: NewFamily) -> Registered:
        """Register a family, or take it down until that is possible; then it has the request's number for both ids."""
        try:
            return await self._ask(lambda: self._server.register(family))
        except Unavailable:
            note = await self._notes.take_down_family(family)
            self._nudge()
            return Registered(note.id, note.id)

    async def session_choices(
        self, day: date, *, child_id: UUID | None = None, booking_id: UUID | None = None
    ) -> list[SessionChoice]:
        """A day's sessions as this child could take them: the server's list, else this desk's, without prices."""
        whom = await self._whom(child_id, booking_id)
        try:
            if whom.note is None:
                return await self._ask(
                    lambda: self._server.session_choices(
                        day, child_id=whom.child_id, booking_id=whom.booking_id
                    )
                )
        except Unavailable:
            pass
        entry = await self._entry(whom, day)
        return await asyncio.to_thread(self._known.choices, day, entry, self._clock.now())

    async def take_place(
        self,
        session_id: UUID,
        payment: Payment,
        *,
        child_id: UUID | None = None,
        booking_id: UUID | None = None,
        check_in: bool = False,
        overrule: frozenset[NoPlace] = frozenset(),
    ) -> Booked:
        """Give a child a place: at the server, or here for now. The booking's number is the same either way."""
        new_id = self._notes.new_id()
        whom = await self._whom(child_id, booking_id)
        try:
            if whom.note is None:
                return await self._ask(
                    lambda: self._server.take_place(
                        session_id,
                        payment,
                        child_id=whom.child_id,
                        booking_id=whom.booking_id,
                        check_in=check_in,
                        overrule=overrule,
                        new_id=new_id,
                    )
                )
        except Unavailable:
            pass
        return await self._take_here(new_id, session_id, payment, whom, check_in, overrule)

    async def _take_here(
        self,
        new_id: UUID,
        session_id: UUID,
        payment: Payment,
        whom: _Whom,
        check_in: bool,
        overrule: frozenset[NoPlace],
    ) -> Booked:
        now = self._clock.now()
        session = await asyncio.to_thread(self._known.session, session_id, now)
        if session is None:
            raise NotFound("This session is not in this desk's own rosters.", code="no_session")
        day = session.starts_at.astimezone(self._zone).date()
        entry = await self._entry(whom, day)
        if entry is None:
            raise Unavailable(
                "The server does not answer, and this child is not in this week's rosters.",
                hint="Try again when the desk is online.",
                code="child_not_cached",
            )
        choices = await asyncio.to_thread(self._known.choices, day, entry, now)
        choice = next(one for one in choices if one.session_id == session_id)
        _refuse(choice, overrule)
        opens_at = session.starts_at - OPENS_BEFORE
        early = now < opens_at
        note = WalkInNote(
            id=new_id,
            venue_id=self._venue_id,
            session_id=session_id,
            happened_at=now,
            person_id=self._person_id,
            payment=payment,
            known_booking=None if whom.note is not None else entry.booking_id,
            known_session=None if whom.note is not None else entry.session_id,
            child_id=whom.child_id,
            family_note=whom.note.id if whom.note is not None else None,
        )
        _kept, event = await self._notes.take_down(note, check_in=check_in and not early)
        self._nudge()
        answer = None
        if event is not None:
            detail = AnswerDetail(first_name=entry.first_name)
            answer = EventAnswer(
                event.id,
                OutcomeKind.APPLIED,
                None,
                detail,
                new_id,
                AttendanceState.IN,
                event.occurred_at,
                kept=True,
            )
        elif check_in:
            detail = AnswerDetail(first_name=entry.first_name, opens_at=opens_at)
            answer = EventAnswer(
                self._notes.new_id(),
                OutcomeKind.REJECTED,
                RefusalReason.TOO_EARLY,
                detail,
                new_id,
                AttendanceState.EXPECTED,
            )
        return Booked(new_id, "", 0, 0, 0, choice.warnings, answer, kept=True)

    async def _whom(self, child_id: UUID | None, booking_id: UUID | None) -> _Whom:
        if child_id is None:
            return _Whom(booking_id=booking_id)
        if child_id in self._handed:
            return _Whom(booking_id=child_id)
        for kept in await self._notes.family_notes():
            if kept.note.id == child_id:
                return _Whom(note=kept.note)
        return _Whom(child_id=self._notes.registered.get(child_id, child_id))

    async def _entry(self, whom: _Whom, day: date) -> RosterEntry | None:
        """The child as a row of this desk's rosters."""
        now = self._clock.now()
        if whom.note is not None:
            note = WalkInNote(
                whom.note.id,
                self._venue_id,
                whom.note.id,
                now,
                self._person_id,
                Payment.OWED,
                family_note=whom.note.id,
            )
            return newcomer(whom.note, note, day)
        if whom.booking_id is not None:
            visit = await asyncio.to_thread(self._known.visit, whom.booking_id, now)
            return None if visit is None else visit.entry
        if whom.child_id not in self._seen:
            return None
        family, child = self._seen[whom.child_id]
        return await asyncio.to_thread(self._known.seen, family, child, now)

    async def _newcomers(self, text: str) -> list[Family]:
        """Families taken down here that nobody registered yet."""
        plain = plain_name(text)
        today = self._clock.now().astimezone(self._zone).date()
        found = []
        for kept in await self._notes.family_notes():
            given = kept.note.family
            names = (given.guardian_first_name, given.child.first_name)
            if len(plain) > 1 and any(plain_name(name).startswith(plain) for name in names):
                entry = await self._entry(_Whom(note=kept.note), today)
                assert entry is not None
                child = FamilyChild(kept.note.id, entry.first_name, entry.age_months, entry.health)
                digits = "".join(mark for mark in given.phone if mark.isdigit())
                found.append(
                    Family(kept.note.id, given.guardian_first_name, digits[-4:] or None, None, 0, (child,))
                )
        return found

    async def _ask(self, call: Callable[[], Awaitable[Result]]) -> Result:
        """The server's answer within a second. What it was asked may have been done: it carries its own number."""
        return await within_a_second(call, self._link, self._clock, within=self._within)

    # -- with the server only ----------------------------------------------------------------------------------------

    async def add_child(
        self, parent_id: UUID, child: NewChild, *, request_id: UUID, signed_by: str
    ) -> Registered:
        """Register another child of a known family; the server's to do."""
        self._need_server("Another child of a family")
        return await self._server.add_child(parent_id, child, request_id=request_id, signed_by=signed_by)

    async def move(
        self,
        booking_id: UUID,
        to_session: UUID,
        *,
        check_in: bool = False,
        overrule: frozenset[NoPlace] = frozenset(),
    ) -> Booked:
        """Move a booking; the server's to do."""
        self._need_server("A move")
        return await self._server.move(booking_id, to_session, check_in=check_in, overrule=overrule)

    async def join_waitlist(
        self, session_id: UUID, *, child_id: UUID | None = None, booking_id: UUID | None = None
    ) -> Waiting:
        """Put a child into a queue; the server's to do."""
        self._need_server("The waitlist")
        whom = await self._whom(child_id, booking_id)
        return await self._server.join_waitlist(
            session_id, child_id=whom.child_id, booking_id=whom.booking_id
        )

    async def facts(self, booking_id: UUID) -> ChildFacts:
        """What may be corrected; the server's to say."""
        self._need_server("A correction")
        return await self._server.facts(booking_id)

    async def correct_health(
        self, facts: ChildFacts, notes: Sequence[NewHealthNote], *, confirmed_by: str
    ) -> ChildFacts:
        """Replace health notes; the server's to do."""
        self._need_server("A correction")
        return await self._server.correct_health(facts, notes, confirmed_by=confirmed_by)

    async def correct_pickup(
        self, facts: ChildFacts, people: Sequence[NewPickupPerson], *, confirmed_by: str
    ) -> ChildFacts:
        """Replace pickup people; the server's to do."""
        self._need_server("A correction")
        return await self._server.correct_pickup(facts, people, confirmed_by=confirmed_by)

    def _need_server(self, what: str) -> None:
        if self._link.is_away:
            raise Unavailable(f"{what} has to wait until this desk is online again.", code="offline")


def _refuse(choice: SessionChoice, overrule: frozenset[NoPlace]) -> None:
    if choice.blocked is not None:
        sentence, code = _REFUSALS[choice.blocked]
        raise Conflict(sentence, hint="Choose another session.", code=code)
    for warning in choice.warnings:
        if warning not in overrule:
            sentence, code = _REFUSALS[warning]
            raise Conflict(sentence, hint="Book it anyway, or choose another session.", code=code)
