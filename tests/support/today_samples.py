"""A believable afternoon for the Today screen, and a gateway that answers from memory.

The children, times and rooms are those of the design's own picture, so that a painted screen can be laid beside it.
The gateway uses the real domain values; only the server behind them is missing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain import codes
from console.domain.attendance import (
    AnswerDetail,
    AttendanceState,
    EventAnswer,
    EventKind,
    OtherSession,
    OutcomeKind,
    RefusalReason,
)
from console.domain.desk import (
    BookingStatus,
    FoundChild,
    HealthKind,
    HealthNote,
    HistoryEntry,
    PickupPerson,
    RosterEntry,
    SessionSummary,
    Sibling,
    Undo,
)
from console.errors import ConsoleError, Unavailable

ZONE = ZoneInfo("America/Los_Angeles")
DAY = date(2026, 3, 12)
VENUE = UUID(int=1)
_IDS: Iterator[int] = count(1000)


def at(hours: int, minutes: int = 0, day: date = DAY) -> datetime:
    """An instant of the venue's day."""
    return datetime(day.year, day.month, day.day, hours, minutes, tzinfo=ZONE).astimezone(UTC)


NOW = at(15, 42)


def session_id(number: int) -> UUID:
    """The id of a sample session."""
    return UUID(int=0x5E55_0000 + number)


def booking_id(number: int) -> UUID:
    """The id of a sample booking."""
    return UUID(int=0xB00C_0000 + number)


def sessions() -> list[SessionSummary]:
    """The nine sessions of the picture's day."""
    # number, name, room, start, end, places, in, expected, out, absent, closed
    rows = [
        (1, "Tiny Tunes", "Room A", (9, 30), (10, 15), 12, (0, 0, 11, 1), True),
        (2, "Mini Gym", "Main Hall", (10, 30), (11, 15), 14, (0, 0, 14, 0), True),
        (3, "Home-school Art Lab", "Room B", (13, 0), (14, 30), 10, (0, 0, 8, 1), True),
        (4, "Junior Judo", "Main Hall", (15, 30), (16, 30), 18, (9, 5, 1, 1), False),
        (5, "LEGO Robotics", "Room A", (15, 45), (16, 45), 12, (4, 8, 0, 0), False),
        (6, "Ballet 8–10", "Main Hall", (16, 45), (17, 30), 14, (0, 10, 0, 0), False),
        (7, "Kids Cook Club", "Room A", (17, 15), (18, 15), 10, (0, 9, 0, 0), False),
        (8, "Watercolour Explorers", "Room B", (17, 15), (18, 15), 10, (0, 6, 0, 0), False),
        (9, "Street Dance", "Main Hall", (17, 45), (18, 45), 16, (0, 16, 0, 0), False),
    ]
    made = []
    for number, name, room, start, end, places, (inside, expected, out, absent), closed in rows:
        made.append(
            SessionSummary(
                id=session_id(number),
                venue_id=VENUE,
                activity_name=name,
                room_name=room,
                instructor="Tomás" if number == 4 else None,
                starts_at=at(*start),
                ends_at=at(*end),
                min_age_months=72,
                max_age_months=119,
                capacity=places,
                booked=inside + expected + out + absent,
                in_count=inside,
                expected=expected,
                out_count=out,
                absent=absent,
                closed_at=at(*end) + timedelta(minutes=5) if closed else None,
            )
        )
    return made


def note(
    label: str, title: str, text: str | None = None, kind: HealthKind = HealthKind.ALLERGY, severity: int = 1
) -> HealthNote:
    """A health note confirmed by the mother."""
    return HealthNote(kind, severity, label, title, text, "Dana", date(2026, 3, 3))


def person(
    name: str, relationship: str, phone: str | None = None, *, may: bool = True, note: str | None = None
) -> PickupPerson:
    """Somebody on a pickup list."""
    return PickupPerson(UUID(int=next(_IDS)), name, relationship, phone, may, note)


def code(number: int) -> str:
    """The ticket of a sample booking."""
    body = f"K7Q4{number:04d}"
    return codes.format_code(body + codes.check_symbol(body))


def child(
    number: int,
    name: str,
    years: int,
    parent: str,
    state: AttendanceState = AttendanceState.EXPECTED,
    **facts: object,
) -> RosterEntry:
    """A booked child; a state other than expected gets a time."""
    base = RosterEntry(
        booking_id=booking_id(number),
        session_id=session_id(4),
        first_name=name,
        age_months=years * 12 + 4,
        parent_first_name=parent,
        parent_phone="(503) 555-0142",
        booking_status=BookingStatus.CONFIRMED,
        state=state,
        confirmation_code=code(number),
        version=1,
        visits=3,
        first_visit_on=date(2025, 10, 2),
    )
    return replace(base, **facts)  # type: ignore[arg-type]  # facts are named by the caller


def roster() -> list[RosterEntry]:
    """The sixteen children of Junior Judo at 15:42."""
    inside, out = AttendanceState.IN, AttendanceState.OUT

    def seen(
        hours: int, minutes: int, desk: str, by: str = "Jonas", *, mine: bool = False
    ) -> dict[str, object]:
        moment = at(hours, minutes)
        undo = Undo(UUID(int=next(_IDS)), moment + timedelta(minutes=15), mine)
        return {"state_at": moment, "state_desk": desk, "state_by": by, "undo": undo}

    kofi = Sibling(
        booking_id(40),
        session_id(9),
        "Kofi",
        124,
        "Street Dance",
        at(17, 45),
        AttendanceState.EXPECTED,
        False,
    )
    nia = child(
        9, "Nia", 7, "Dana", inside, **seen(15, 41, "Desk 1", mine=True), visits=12, siblings=(kofi,),
        health=(
            note("Peanut", "Peanut allergy", "EpiPen in the front pocket of her blue backpack. "
                 "Use it, call 911, then call Dana."),
            note("Asthma", "Asthma", "Blue inhaler just before she runs.", HealthKind.MEDICAL, 2),
        ),
        pickup=(
            person("Dana", "mother", "(503) 555-0142"),
            person("Marcus", "father", "(503) 555-0178"),
            person("Rose", "grandmother", note="Thursdays"),
            person("Victor", "uncle", may=False),
        ),
        notes="Shy at the start, likes to sit by Tomás. Glasses off for sparring.",
    )  # fmt: skip
    return [
        child(1, "Amara", 8, "Ngozi", inside, **seen(15, 24, "Desk 2", "Maya")),
        child(2, "Ava", 7, "Lindiwe", inside, **seen(15, 31, "Desk 2", "Maya"), health=(note("Milk", "Milk allergy"),)),
        child(3, "Ethan", 7, "Marie"),
        child(4, "Femi", 6, "Adaeze", health=(note("Egg", "Egg allergy"),)),
        child(5, "Hana", 8, "Yuki", inside, **seen(15, 33, "Desk 2", "Maya")),
        child(6, "Iris", 9, "Sofia", first_visit=True, visits=0, first_visit_on=None),
        child(7, "Kenji", 8, "Naomi", AttendanceState.ABSENT, **seen(15, 35, "Desk 1")),
        child(8, "Leo", 7, "Rachel", inside, **seen(15, 27, "Desk 1"),
              health=(note("Bee stings", "Bee sting allergy"),)),
        child(10, "Leo", 9, "Tomasz"),
        child(11, "Marlon", 8, "Carol", out, **seen(15, 40, "Desk 1"), collected_by="Rose",
              pickup=(person("Rose", "grandmother"),)),
        nia,
        child(12, "Oliver", 6, "Grace", inside, **seen(15, 30, "Desk 2", "Maya")),
        child(13, "Priya", 8, "Anil"),
        child(14, "Theo", 6, "Claire", inside, **seen(15, 42, "Desk 1", mine=True)),
        child(15, "Yusuf", 8, "Leila", inside, **seen(15, 29, "Desk 1")),
        child(16, "Zoe", 9, "Elena", inside, **seen(15, 36, "Desk 2", "Maya")),
    ]  # fmt: skip


def long_names(number: int = 60) -> list[RosterEntry]:
    """A big session full of names that strain a row."""
    names = (
        "Maximiliana-Konstanze", "Bartholomew Alexander", "Oluwaseun", "Wilhelmina", "Anastasia-Evangeline",
        "Muhammad Abdurrahman", "Seraphina", "Jo", "Christopher-James", "Guadalupe", "Éloïse", "Nguyễn An",
    )  # fmt: skip
    made = []
    for at_row in range(number):
        notes = (
            note("Tree nuts and sesame", "Tree nut and sesame allergy", "Pen in the office." * 6),
            note("Type 1 diabetes", "Type 1 diabetes", None, HealthKind.MEDICAL, 2),
            note("Vegetarian", "Vegetarian", None, HealthKind.DIETARY, 4),
        )[: at_row % 4]
        made.append(
            child(
                100 + at_row, names[at_row % len(names)], 5 + at_row % 5, "Persephone-Antoinette",
                list(AttendanceState)[at_row % 5], state_at=at(15, 20), state_desk="Desk by the side door",
                state_by="Jonas", health=notes,
            )
        )  # fmt: skip
    return made


HISTORY = [
    HistoryEntry(at(15, 41), EventKind.CHECK_IN, "Desk 1", "Jonas", "Junior Judo"),
    HistoryEntry(
        at(16, 33, date(2026, 3, 5)), EventKind.CHECK_OUT, "Desk 1", "Jonas", "Junior Judo", None, "Dana"
    ),
    HistoryEntry(at(15, 28, date(2026, 3, 5)), EventKind.CHECK_IN, "Desk 2", "Maya", "Junior Judo"),
]


@dataclass
class FakeGateway:
    """Answers from memory. `hold` keeps attendance answers back until `release`; `fail` raises instead."""

    days: dict[date, list[SessionSummary]] = field(default_factory=lambda: {DAY: sessions()})
    rosters: dict[UUID, list[RosterEntry]] = field(default_factory=lambda: {session_id(4): roster()})
    answers: dict[str, EventAnswer] = field(default_factory=dict)
    now: datetime = NOW
    desk: str = "Desk 1"
    me: str = "Jonas"
    calls: list[tuple[str, object]] = field(default_factory=list)
    fail: ConsoleError | None = None
    fail_loading: ConsoleError | None = None
    gate: asyncio.Event | None = None

    def hold(self) -> None:
        """Keep the next answers back."""
        self.gate = asyncio.Event()

    def release(self) -> None:
        """Let the answers go."""
        if self.gate is not None:
            self.gate.set()
            self.gate = None

    async def sessions(self, day: date) -> list[SessionSummary]:
        """The day's sessions."""
        self.calls.append(("sessions", day))
        await asyncio.sleep(0)
        if self.fail_loading:
            raise self.fail_loading
        return list(self.days.get(day, []))

    async def roster(self, session_id: UUID) -> list[RosterEntry]:
        """A session's roster."""
        self.calls.append(("roster", session_id))
        await asyncio.sleep(0)
        if self.fail_loading:
            raise self.fail_loading
        return list(self.rosters.get(session_id, []))

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        """The same history for everybody."""
        await asyncio.sleep(0)
        return HISTORY

    async def search(self, text: str) -> list[FoundChild]:
        """Children of every roster of the day."""
        self.calls.append(("search", text))
        await asyncio.sleep(0)
        found = []
        for key, entries in self.rosters.items():
            session = next(one for one in self.days[DAY] if one.id == key)
            found += [
                FoundChild(e.booking_id, key, e.first_name, e.age_months, e.parent_first_name, session.activity_name,
                           session.starts_at, e.state)
                for e in entries if e.first_name.casefold().startswith(text.casefold())
            ]  # fmt: skip
        return found

    async def check_in(self, entry: RosterEntry, *, again: bool = False) -> EventAnswer:
        """Check in, or say who already did."""
        self.calls.append(("check_in", entry.first_name))
        await self._wait()
        now = self._entry(entry.booking_id)
        if now.state is AttendanceState.IN:
            return self._already(now)
        return self._done(now, AttendanceState.IN)

    async def check_out(
        self, entry: RosterEntry, pickup: PickupPerson | None, *, name: str | None = None
    ) -> EventAnswer:
        """Check out, unless the person may not collect."""
        self.calls.append(("check_out", (entry.first_name, pickup.name if pickup else name)))
        await self._wait()
        if pickup is not None and not pickup.may_collect:
            detail = AnswerDetail(pickup_name=pickup.name, first_name=entry.first_name)
            return EventAnswer(
                UUID(int=next(_IDS)),
                OutcomeKind.REJECTED,
                RefusalReason.PICKUP_NOT_AUTHORISED,
                detail,
                entry.booking_id,
                entry.state,
                entry.state_at,
            )
        return self._done(self._entry(entry.booking_id), AttendanceState.OUT, pickup.name if pickup else name)

    async def mark_absent(self, entry: RosterEntry) -> EventAnswer:
        """Mark absent."""
        self.calls.append(("absent", entry.first_name))
        await self._wait()
        return self._done(self._entry(entry.booking_id), AttendanceState.ABSENT)

    async def undo(self, entry: RosterEntry) -> EventAnswer:
        """Take the last event back."""
        self.calls.append(("undo", entry.undo.event_id if entry.undo else None))
        await self._wait()
        now = self._entry(entry.booking_id)
        back = AttendanceState.IN if now.state is AttendanceState.OUT else AttendanceState.EXPECTED
        return self._done(now, back)

    async def scan(self, code: str, session_id: UUID | None) -> EventAnswer:
        """Whatever the test prepared for the code, else a check-in of the child that has it."""
        self.calls.append(("scan", code))
        await self._wait()
        if code in self.answers:
            return self.answers[code]
        for key, entries in self.rosters.items():
            for entry in entries:
                if entry.confirmation_code == code:
                    if key != session_id:
                        return wrong_session(entry, next(one for one in self.days[DAY] if one.id == key))
                    return (
                        self._already(entry)
                        if entry.state is AttendanceState.IN
                        else self._done(entry, AttendanceState.IN)
                    )
        return EventAnswer(UUID(int=next(_IDS)), OutcomeKind.REJECTED, RefusalReason.UNKNOWN_CODE)

    async def _wait(self) -> None:
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        if self.fail:
            raise self.fail

    def _entry(self, booking: UUID) -> RosterEntry:
        return next(e for entries in self.rosters.values() for e in entries if e.booking_id == booking)

    def _already(self, entry: RosterEntry) -> EventAnswer:
        detail = AnswerDetail(
            at=entry.state_at, desk=entry.state_desk, person=entry.state_by, first_name=entry.first_name
        )
        return EventAnswer(
            UUID(int=next(_IDS)),
            OutcomeKind.ALREADY,
            RefusalReason.ALREADY_IN,
            detail,
            entry.booking_id,
            entry.state,
            entry.state_at,
        )

    def _done(
        self, entry: RosterEntry, state: AttendanceState, collected_by: str | None = None
    ) -> EventAnswer:
        event = UUID(int=next(_IDS))
        seen = state is not AttendanceState.EXPECTED
        fresh = replace(
            entry, state=state, state_at=self.now if seen else None, state_desk=self.desk if seen else None,
            state_by=self.me if seen else None, version=entry.version + 1, collected_by=collected_by,
            undo=Undo(event, self.now + timedelta(minutes=15), True) if seen else None,
        )  # fmt: skip
        entries = self.rosters[entry.session_id]
        entries[entries.index(entry)] = fresh
        detail = AnswerDetail(first_name=entry.first_name)
        return EventAnswer(event, OutcomeKind.APPLIED, None, detail, entry.booking_id, state, fresh.state_at)


@dataclass
class DeskWithOutbox(FakeGateway):
    """A desk as the sync engine makes it: while `away` is set it answers from what it knows and keeps every event.

    `come_back` lets the server judge what was kept, in order, and hands each answer to `settle`. `refusing` names
    bookings whose event the server refuses then.
    """

    away: bool = False
    settle: Callable[[EventAnswer], object] = lambda _answer: None
    refusing: dict[UUID, RefusalReason] = field(default_factory=dict)
    kept: list[tuple[EventAnswer, EventKind]] = field(default_factory=list)
    known: dict[UUID, RosterEntry] = field(default_factory=dict)
    """What the server has, of bookings that this desk has changed meanwhile."""

    async def check_in(self, entry: RosterEntry, *, again: bool = False) -> EventAnswer:
        """Check in, here or there."""
        return self._keep(entry, EventKind.CHECK_IN, await super().check_in(entry, again=again))

    async def check_out(
        self, entry: RosterEntry, pickup: PickupPerson | None, *, name: str | None = None
    ) -> EventAnswer:
        """Check out, here or there."""
        return self._keep(entry, EventKind.CHECK_OUT, await super().check_out(entry, pickup, name=name))

    async def mark_absent(self, entry: RosterEntry) -> EventAnswer:
        """Mark absent, here or there."""
        return self._keep(entry, EventKind.ABSENT, await super().mark_absent(entry))

    async def undo(self, entry: RosterEntry) -> EventAnswer:
        """Take back, here or there."""
        return self._keep(entry, EventKind.ANNUL, await super().undo(entry))

    async def scan(self, code: str, session_id: UUID | None) -> EventAnswer:
        """Check in by ticket, here or there."""
        found = [e for entries in self.rosters.values() for e in entries if e.confirmation_code == code]
        answer = await super().scan(code, session_id)
        return self._keep(found[0], EventKind.CHECK_IN, answer) if found else answer

    async def history(self, booking_id: UUID) -> list[HistoryEntry]:
        """Only the server has it."""
        self.calls.append(("history", booking_id))
        if self.away:
            raise Unavailable("The server cannot be reached.")
        return await super().history(booking_id)

    def come_back(self) -> None:
        """The server is there again: it judges what was kept, then everybody asks anew."""
        self.away = False
        kept, self.kept = self.kept, []
        for answer, _kind in kept:
            booking = answer.booking_id
            reason = self.refusing.get(booking) if booking else None
            if booking is not None and reason is not None:
                before = replace(self.known[booking], version=self._entry(booking).version + 1)
                self._replace(before)
                detail = AnswerDetail(at=at(15, 20), first_name=before.first_name)
                self.settle(
                    replace(answer, kept=False, outcome=OutcomeKind.REJECTED, reason=reason, detail=detail,
                            state=before.state, state_at=before.state_at)
                )  # fmt: skip
            else:
                if booking is not None:
                    self._replace(replace(self._entry(booking), waiting=False))
                self.settle(replace(answer, kept=False))
        self.known.clear()

    def _keep(self, entry: RosterEntry, kind: EventKind, answer: EventAnswer) -> EventAnswer:
        if not self.away or not answer.is_recorded or answer.booking_id is None:
            return answer
        self.known.setdefault(answer.booking_id, entry)
        self._replace(replace(self._entry(answer.booking_id), waiting=True))
        answer = replace(answer, kept=True)
        self.kept.append((answer, kind))
        return answer

    def _replace(self, fresh: RosterEntry) -> None:
        entries = self.rosters[fresh.session_id]
        entries[entries.index(self._entry(fresh.booking_id))] = fresh


def wrong_session(entry: RosterEntry, session: SessionSummary) -> EventAnswer:
    """The refusal of a ticket for another session."""
    other = OtherSession(entry.booking_id, session.id, session.activity_name, session.starts_at)
    detail = AnswerDetail(other=other, first_name=entry.first_name)
    return EventAnswer(
        UUID(int=next(_IDS)),
        OutcomeKind.REJECTED,
        RefusalReason.WRONG_SESSION,
        detail,
        entry.booking_id,
        entry.state,
    )
