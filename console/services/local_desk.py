"""The desk's reads with and without a server: the server's answer within a second, else what this desk keeps itself.

Whatever this desk did and the server has not judged lies on top of both, so that no refresh and no restart makes a mark
disappear. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from console.clock import Clock
from console.domain.attendance import AttendanceEvent, AttendanceState, EventAnswer, EventKind
from console.domain.desk import BookingStatus, FoundChild, HistoryEntry, RosterEntry, SessionSummary
from console.domain.judging import Standpoint, judge, overlay
from console.domain.sync import ANSWER_WITHIN
from console.errors import NotFound, Unavailable
from console.services.asking import within_a_second
from console.services.desk_store import RosterStore
from console.services.outbox import OutboxRecorder
from console.storage.desk import DeskReads

FOUND_AT_MOST = 20
LETTERS_TO_SEARCH = 2

Result = TypeVar("Result")
Marks = dict[UUID, list[AttendanceEvent]]

_HOLDS_PLACE = frozenset(
    {BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW}
)
_COUNTS = {
    AttendanceState.IN: "in_count",
    AttendanceState.EXPECTED: "expected",
    AttendanceState.OUT: "out_count",
    AttendanceState.ABSENT: "absent",
    AttendanceState.UNMARKED: "unmarked",
}
_DONE_BY = {
    AttendanceState.IN: EventKind.CHECK_IN,
    AttendanceState.OUT: EventKind.CHECK_OUT,
    AttendanceState.ABSENT: EventKind.ABSENT,
}


class LocalDesk:
    """One person's reads at one desk of one venue, a DeskReads. Raises ConsoleErrors only."""

    def __init__(
        self,
        server: DeskReads,
        recorder: OutboxRecorder,
        cache: RosterStore | None,
        venue_id: UUID,
        where: Standpoint,
        clock: Clock,
        *,
        within: float = ANSWER_WITHIN.total_seconds(),
    ) -> None:
        """`cache` is None where this person has none: then only the server answers. `within` is seconds, for tests."""
        self._server, self._recorder, self._cache = server, recorder, cache
        self._venue_id, self._where, self._clock = venue_id, where, clock
        self._within = within

    # -- reads -------------------------------------------------------------------------------------------------------

    async def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        """The venue's sessions of one local day, with what this desk did counted in them."""
        found = await self._ask(
            lambda: self._server.sessions(venue_id, day),
            lambda cache: self._cached_sessions(cache, venue_id, day),
        )
        marks = await self._marks()
        touched = {event.session_id for events in marks.values() for event in events}
        return [
            await self._counted(one, marks) if one.id in touched or None in touched else one for one in found
        ]

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        """A session's children, with what this desk did on top."""
        found = await self._ask(
            lambda: self._server.roster(session_id), lambda cache: self._cached_roster(cache, session_id)
        )
        marks = await self._marks()
        if not marks:
            return found
        session = await self._cached_session(session_id)
        return [self._shown(entry, marks, session) for entry in found]

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        """A child's comings and goings: the server's, or as much of today as this desk knows; newest first."""
        found = await self._ask(
            lambda: self._server.history(booking_id), lambda _cache: self._known_history(booking_id)
        )
        waiting = [
            HistoryEntry(
                at=event.occurred_at,
                kind=event.kind,
                desk=self._where.desk,
                person=self._where.person if event.person_id == self._where.person_id else None,
                collected_by=event.pickup_name,
                queued=True,
            )
            for event in (await self._marks()).get(booking_id, ())
            if event.kind is not EventKind.ANNUL
        ]
        return [*reversed(waiting), *found]

    async def search(self, venue_id: UUID, text: str) -> list[FoundChild]:
        """Children of today's sessions whose name, or whose parent's, begins with `text`; none for a single letter."""
        found = await self._ask(
            lambda: self._server.search(venue_id, text), lambda cache: self._search(cache, venue_id, text)
        )
        marks = await self._marks()
        if self._cache is None or not any(one.booking_id in marks for one in found):
            return found
        return await asyncio.to_thread(self._found_marked, found, marks)

    def _found_marked(self, found: list[FoundChild], marks: Marks) -> list[FoundChild]:
        shown = {
            entry.booking_id: self._shown(entry, marks, session).state
            for session, entry in self._todays_entries()
            if entry.booking_id in marks
        }
        return [replace(one, state=shown.get(one.booking_id, one.state)) for one in found]

    # -- judging -----------------------------------------------------------------------------------------------------

    async def judge(self, event: AttendanceEvent, entry: RosterEntry | None) -> EventAnswer:
        """The answer to an event as far as this desk knows; see `console.domain.judging`."""
        marks = await self._marks()
        if entry is None:
            entry = await self._entry_for(event, marks)
        if entry is None:
            return judge(event, None, None, self._where)
        session = await self._cached_session(entry.session_id)
        return judge(event, self._shown(entry, marks, session), session, self._where)

    async def _entry_for(self, event: AttendanceEvent, marks: Marks) -> RosterEntry | None:
        cache = self._cache
        if cache is None:
            return None
        if event.code is not None:
            return await asyncio.to_thread(cache.entry_by_code, self._venue_id, event.code)
        if event.annuls is not None:
            for booking, events in marks.items():
                if any(one.id == event.annuls for one in events):
                    return await asyncio.to_thread(self._find_entry, booking)
        return None

    # -- asking ------------------------------------------------------------------------------------------------------

    async def _ask(
        self, ask: Callable[[], Awaitable[Result]], here: Callable[[RosterStore], Result]
    ) -> Result:
        """The server's answer, or this desk's where there is none within a second."""
        cache, link = self._cache, self._recorder.link
        if cache is None:
            # Nobody else has an answer: it is waited for as long as it takes.
            return await ask()
        try:
            return await within_a_second(ask, link, self._clock, within=self._within)
        except Unavailable:
            return await asyncio.to_thread(here, cache)

    # -- this desk's own data ----------------------------------------------------------------------------------------

    async def _marks(self) -> Marks:
        """What waits for the server, by booking, in the order in which it occurred."""
        waiting = await self._recorder.waiting()
        if not waiting:
            return {}
        return await asyncio.to_thread(self._by_booking, [one.event for one in waiting])

    def _by_booking(self, events: Sequence[AttendanceEvent]) -> Marks:
        bookings: dict[UUID, UUID] = {}
        marks: Marks = {}
        for event in events:
            booking = event.booking_id
            if booking is None and event.code is not None and self._cache is not None:
                entry = self._cache.entry_by_code(self._venue_id, event.code)
                booking = entry.booking_id if entry is not None else None
            if booking is None and event.annuls is not None:
                booking = bookings.get(event.annuls)
            if booking is not None:
                bookings[event.id] = booking
                marks.setdefault(booking, []).append(event)
        return marks

    def _shown(self, entry: RosterEntry, marks: Marks, session: SessionSummary | None) -> RosterEntry:
        events = marks.get(entry.booking_id)
        return overlay(entry, events, session, self._where) if events else entry

    async def _counted(self, session: SessionSummary, marks: Marks) -> SessionSummary:
        if self._cache is None:
            return session
        cached = await asyncio.to_thread(self._cache.roster, session.id)
        moves = [
            (entry.state, shown.state)
            for entry in cached or ()
            if (shown := self._shown(entry, marks, session)).waiting
        ]
        if not moves:
            return session
        counts = {name: int(getattr(session, name)) for name in _COUNTS.values()}
        for before, after in moves:
            counts[_COUNTS[before]] -= 1
            counts[_COUNTS[after]] += 1
        return replace(
            session,
            waiting=len(moves),
            in_count=max(counts["in_count"], 0),
            expected=max(counts["expected"], 0),
            out_count=max(counts["out_count"], 0),
            absent=max(counts["absent"], 0),
            unmarked=max(counts["unmarked"], 0),
        )

    def _cached_roster(self, cache: RosterStore, session_id: UUID) -> list[RosterEntry]:
        """The kept roster, with what the server has recorded of this desk since it was fetched."""
        found = _cached_roster(cache, session_id)
        marks = self._recorded(cache)
        if not marks:
            return found
        session = self._session_here(session_id)
        return [replace(self._shown(entry, marks, session), waiting=entry.waiting) for entry in found]

    def _recorded(self, cache: RosterStore) -> Marks:
        state = cache.state(self._venue_id)
        return {} if state is None else self._by_booking(self._recorder.recorded_after(state[0]))

    def _cached_sessions(self, cache: RosterStore, venue_id: UUID, day: date) -> list[SessionSummary]:
        if cache.state(venue_id) is None:
            raise Unavailable(
                "This desk has no rosters of its own yet.",
                hint="They come when the server is back.",
                code="not_cached",
            )
        return cache.sessions(venue_id, day)

    async def _cached_session(self, session_id: UUID) -> SessionSummary | None:
        return await asyncio.to_thread(self._session_here, session_id)

    def _session_here(self, session_id: UUID) -> SessionSummary | None:
        if self._cache is None:
            return None
        today = self._today()
        # Today's first; the others are looked at only for a session that is not.
        for offset in (0, -1, 1, 2, 3, 4, 5, 6, 7):
            for one in self._cache.sessions(self._venue_id, today + timedelta(days=offset)):
                if one.id == session_id:
                    return one
        return None

    def _todays_entries(self) -> Iterable[tuple[SessionSummary, RosterEntry]]:
        """Everybody of today's sessions, and of yesterday's that still go on."""
        if self._cache is None:
            return
        today, now = self._today(), self._clock.now()
        for day in (today - timedelta(days=1), today):
            for session in self._cache.sessions(self._venue_id, day):
                if day == today or session.ends_at > now:
                    for entry in self._cache.roster(session.id) or ():
                        yield session, entry

    def _find_entry(self, booking_id: UUID) -> RosterEntry | None:
        return next((entry for _s, entry in self._todays_entries() if entry.booking_id == booking_id), None)

    def _known_history(self, booking_id: UUID) -> list[HistoryEntry]:
        entry = self._find_entry(booking_id)
        kind = _DONE_BY.get(entry.state) if entry is not None else None
        if entry is None or kind is None or entry.state_at is None:
            return []
        return [
            HistoryEntry(
                at=entry.state_at,
                kind=kind,
                desk=entry.state_desk,
                person=entry.state_by,
                session_id=entry.session_id,
                collected_by=entry.collected_by,
            )
        ]

    def _search(self, cache: RosterStore, venue_id: UUID, text: str) -> list[FoundChild]:
        plain = plain_name(text)
        if len(plain) < LETTERS_TO_SEARCH or venue_id != self._venue_id or cache.state(venue_id) is None:
            return []
        found = [
            (by_name, session, entry)
            for session, entry in self._todays_entries()
            if not session.is_cancelled
            and entry.booking_status in _HOLDS_PLACE
            and ((by_name := _begins(entry.first_name, plain)) or _begins(entry.parent_first_name, plain))
        ]
        found.sort(
            key=lambda one: (not one[0], one[1].starts_at, one[2].first_name.lower(), one[2].booking_id)
        )
        return [
            FoundChild(
                entry.booking_id,
                entry.session_id,
                entry.first_name,
                entry.age_months,
                entry.parent_first_name,
                session.activity_name,
                session.starts_at,
                entry.state,
            )
            for _by_name, session, entry in found[:FOUND_AT_MOST]
        ]

    def _today(self) -> date:
        return self._clock.now().astimezone(self._where.zone).date()


def plain_name(name: str) -> str:
    """A name without case and accents, as `desk.plain_name` makes it."""
    apart = unicodedata.normalize("NFD", name.strip().lower())
    return "".join(mark for mark in apart if not "\u0300" <= mark <= "\u036f")


def _begins(name: str | None, plain: str) -> bool:
    """Whether a word of the name begins so."""
    return name is not None and f" {plain}" in f" {plain_name(name.replace('-', ' '))}"


def _cached_roster(cache: RosterStore, session_id: UUID) -> list[RosterEntry]:
    found = cache.roster(session_id)
    if found is None:
        raise NotFound("There is no such session here.", code="no_session")
    return found
