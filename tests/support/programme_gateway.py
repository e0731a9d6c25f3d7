"""The schedule's gateway over sample weeks, with plans computed plainly enough to be believed.

What a pattern asks for, what it overlaps with, whom it hits. The real rules are the database's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from console.domain.changing import (
    Applied,
    Change,
    ClosureLift,
    ClosureNew,
    Conflict,
    Fate,
    Hit,
    Plan,
    PlannedItem,
    Scope,
    SeriesEdit,
    SeriesEnd,
    SeriesNew,
    SessionCancel,
    SessionCombine,
    SessionEdit,
    SessionNew,
    SessionRestore,
)
from console.domain.programme import (
    Calendar,
    CalendarSession,
    Choices,
    ClosureKind,
    ClosureReason,
    ClosureSpan,
    Room,
    Series,
    SeriesFacts,
)
from console.errors import ConsoleError, NotFound
from tests.support.programme_samples import (
    MONDAY,
    NOW,
    ROOMS,
    TODAY,
    ZONE,
    at,
    choices,
    kiln,
    series,
    series_id,
    week,
)


@dataclass
class SampleProgramme:
    """A gateway over the sample week; every week has the same programme. `fails` is raised by the next question."""

    make: Callable[[date], Calendar] = week
    fails: ConsoleError | None = None
    asked: list[tuple[date, date]] = field(default_factory=list)
    planned: list[Change] = field(default_factory=list)
    applied: list[Change] = field(default_factory=list)
    closed: list[UUID] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=lambda: list(ROOMS))
    reasons: list[ClosureReason] = field(default_factory=lambda: list(choices().reasons))

    async def calendar(self, first: date, last: date) -> Calendar:
        """Weeks one after the other."""
        self.asked.append((first, last))
        self._maybe_fail()
        begin = first - timedelta(days=first.weekday())
        weeks = [self.make(begin + timedelta(days=7 * at)) for at in range((last - begin).days // 7 + 1)]
        return Calendar(
            first, last, weeks[0].rooms,
            tuple(one for part in weeks for one in part.sessions if first <= one.day <= last),
            tuple(one for part in weeks for one in part.closures),
        )  # fmt: skip

    async def choices(self) -> Choices:
        """What there is."""
        self._maybe_fail()
        return replace(choices(), rooms=tuple(self.rooms), reasons=tuple(self.reasons))

    async def all_series(self) -> tuple[Series, ...]:
        """All of them."""
        self._maybe_fail()
        return series()

    async def series(self, wanted: UUID) -> Series:
        """One of them."""
        self._maybe_fail()
        found = next((one for one in series() if one.id == wanted), None)
        if found is None:
            # The sample's sessions name one series for each activity.
            found = next((one for one in series() if series_id(one.activity) == wanted), None)
        if found is None:
            raise NotFound("There is no such series.")
        return replace(found, id=wanted)

    async def closures(self) -> tuple[ClosureSpan, ...]:
        """The kiln, and a holiday every year."""
        self._maybe_fail()
        holiday = ClosureSpan(
            UUID(int=78), 1, at(date(2026, 7, 4), "00:00"), at(date(2026, 7, 5), "00:00"), "Independence Day",
            ClosureKind.HOLIDAY, None, (), True,
        )  # fmt: skip
        return (kiln(MONDAY), holiday)

    async def plan(self, change: Change) -> Plan:
        """What the change would do to the sample weeks."""
        self.planned.append(change)
        self._maybe_fail()
        return planned(change, self.make)

    async def apply(self, change: Change, plan: Plan) -> Applied:
        """Remember it."""
        self._maybe_fail()
        self.applied.append(change)
        made = plan.count(Fate.CREATED)
        gone = plan.count(Fate.CANCELLED, Fate.REMOVED)
        return Applied(made, plan.count(Fate.CHANGED, Fate.MOVED), gone, len(plan.hits))

    async def complete(self, session_id: UUID) -> None:
        """Remember it."""
        self._maybe_fail()
        self.closed.append(session_id)

    async def reopen(self, session_id: UUID) -> None:
        """Forget it."""
        self._maybe_fail()
        self.closed = [one for one in self.closed if one != session_id]

    async def add_room(self, name: str, capacity: int | None) -> Room:
        """One more."""
        self._maybe_fail()
        made = Room(UUID(int=0xB0 + len(self.rooms)), name, capacity)
        self.rooms.append(made)
        return made

    async def edit_room(self, room: Room) -> Room:
        """In its place."""
        self._maybe_fail()
        self.rooms = [room if one.id == room.id else one for one in self.rooms]
        return room

    async def add_reason(self, name: str, kind: ClosureKind) -> ClosureReason:
        """One more."""
        self._maybe_fail()
        made = ClosureReason(UUID(int=100 + len(self.reasons)), name, kind, True)
        self.reasons.append(made)
        return made

    def _maybe_fail(self) -> None:
        failing, self.fails = self.fails, None
        if failing is not None:
            raise failing


def planned(change: Change, make: Callable[[date], Calendar] = week) -> Plan:
    """What a change would do, over five weeks from the sample's."""
    weeks = [make(MONDAY + timedelta(days=7 * number)) for number in range(5)]
    sessions = [one for part in weeks for one in part.sessions]
    rooms = {room.id: room for room in weeks[0].rooms}
    items: list[PlannedItem] = []
    if isinstance(change, SessionEdit | SessionCancel | SessionRestore):
        mine = next(one for one in sessions if one.id == change.session_id)
        items = [_item_of(change, mine, rooms)]
    elif isinstance(change, SessionCombine):
        mine = next(one for one in sessions if one.id == change.from_id)
        items = [replace(_as_it_was(mine, rooms), fate=Fate.CANCELLED, bookings=mine.booked)]
    elif isinstance(change, SessionNew):
        items = [
            _new(change.facts.day, change.facts.start, change.facts.minutes, change.facts.room_id, rooms)
        ]
    elif isinstance(change, SeriesNew):
        items = _pattern(change.facts, rooms, change.facts.first)
    elif isinstance(change, SeriesEdit):
        items = _edited(change, sessions, rooms)
    elif isinstance(change, SeriesEnd):
        items = [
            replace(_as_it_was(one, rooms), fate=Fate.CANCELLED, bookings=one.booked)
            for one in sessions
            if one.series_id == change.series_id and one.day >= change.pivot
        ]
    elif isinstance(change, ClosureNew):
        begins, ends = change.starts.replace(tzinfo=ZONE), change.ends.replace(tzinfo=ZONE)
        items = [
            replace(_as_it_was(one, rooms), fate=Fate.CANCELLED, bookings=one.booked, why="Closed")
            for one in sessions
            if one.starts_at < ends
            and begins < one.ends_at
            and (not change.room_ids or one.room_id in change.room_ids)
            if one.starts_at > NOW
        ]
    elif isinstance(change, ClosureLift):
        items = []
    settled = getattr(change, "settled", {})
    kept = [one for one in items if not (one.occurs_on in settled and settled[one.occurs_on].skip)]
    allow = bool(getattr(change, "allow", False))
    conflicts = [] if allow else _conflicts(kept, sessions, weeks[0].rooms)
    conflicts = [one for one in conflicts if not (one.on in settled and settled[one.on].allow)]
    hits = [_hit(item, number) for item in kept for number in range(item.bookings)]
    return Plan("f" * 16, tuple(kept), tuple(conflicts), tuple(hits))


def _item_of(
    change: SessionEdit | SessionCancel | SessionRestore, mine: CalendarSession, rooms: dict[UUID, Room]
) -> PlannedItem:
    was = _as_it_was(mine, rooms)
    if isinstance(change, SessionCancel):
        return replace(was, fate=Fate.CANCELLED, bookings=mine.booked, why=change.reason)
    if isinstance(change, SessionRestore):
        return replace(was, fate=Fate.RESTORED, starts_at=mine.starts_at, ends_at=mine.ends_at)
    facts = change.facts
    made = _new(facts.day, facts.start, facts.minutes, facts.room_id, rooms)
    said = [
        word
        for word, differs in (
            ("day", facts.day != mine.day),
            ("time", made.starts_at != mine.starts_at),
            ("length", (mine.ends_at - mine.starts_at) != timedelta(minutes=facts.minutes)),
            ("room", facts.room_id != mine.room_id),
            ("instructor", facts.instructor != mine.instructor),
            ("capacity", facts.capacity != mine.capacity),
        )
        if differs
    ]
    fate = Fate.MOVED if "day" in said else Fate.CHANGED
    told = mine.booked if {"day", "time", "length", "room"} & set(said) else 0
    return replace(
        was, fate=fate, starts_at=made.starts_at, ends_at=made.ends_at, room_id=made.room_id, room=made.room,
        changes=tuple(said), bookings=told,
    )  # fmt: skip


def _edited(
    change: SeriesEdit, sessions: Sequence[CalendarSession], rooms: dict[UUID, Room]
) -> list[PlannedItem]:
    begin = change.pivot if change.scope is Scope.FOLLOWING and change.pivot else TODAY
    mine = [
        one
        for one in sessions
        if one.series_id == change.series_id and one.day >= begin and one.starts_at > NOW
    ]
    wanted = {item.occurs_on: item for item in _pattern(change.facts, rooms, begin)}
    items = []
    for one in mine:
        new = wanted.pop(one.day, None)
        was = _as_it_was(one, rooms)
        if new is None:
            items.append(replace(was, fate=Fate.CANCELLED, bookings=one.booked))
        elif (new.starts_at, new.ends_at, new.room_id) != (one.starts_at, one.ends_at, one.room_id):
            items.append(
                replace(
                    was, fate=Fate.CHANGED, starts_at=new.starts_at, ends_at=new.ends_at, room_id=new.room_id,
                    room=new.room, changes=("time", "room"), bookings=min(one.booked, 3),
                )
            )  # fmt: skip
    return items + list(wanted.values())


def _pattern(facts: SeriesFacts, rooms: dict[UUID, Room], begin: date) -> list[PlannedItem]:
    last = min(facts.last or date.max, MONDAY + timedelta(days=34))
    days = [begin + timedelta(days=number) for number in range(max((last - begin).days + 1, 0))]
    anchor = facts.first - timedelta(days=facts.first.weekday())
    return [
        _new(day, facts.start, facts.minutes, facts.room_id, rooms)
        for day in days
        if (day.weekday() + 1) % 7 in facts.weekdays and (day - anchor).days // 7 % facts.every_weeks == 0
        if datetime.combine(day, facts.start, ZONE) > NOW
    ]


def _new(day: date, start: time, minutes: int, room_id: UUID | None, rooms: dict[UUID, Room]) -> PlannedItem:
    begins = datetime.combine(day, start, ZONE)
    ends = (datetime.combine(day, start) + timedelta(minutes=minutes)).replace(tzinfo=ZONE)
    room = rooms[room_id].name if room_id in rooms and room_id is not None else None
    return PlannedItem(
        Fate.CREATED, None, day, None, None, None, begins.astimezone(UTC), ends.astimezone(UTC), room_id, room, (), 0,
        None,
    )  # fmt: skip


def _as_it_was(one: CalendarSession, rooms: dict[UUID, Room]) -> PlannedItem:
    room = rooms[one.room_id].name if one.room_id in rooms and one.room_id is not None else None
    return PlannedItem(
        Fate.KEPT,
        one.id,
        one.day,
        one.starts_at,
        one.ends_at,
        room,
        None,
        None,
        one.room_id,
        room,
        (),
        0,
        None,
    )


def _conflicts(
    items: Sequence[PlannedItem], sessions: Sequence[CalendarSession], rooms: Sequence[Room]
) -> list[Conflict]:
    found = []
    touched = {item.session_id for item in items}
    for item in items:
        if item.starts_at is None or item.ends_at is None or item.room_id is None or item.occurs_on is None:
            continue
        there = [
            one
            for one in sessions
            if one.id not in touched and one.starts_at < item.ends_at and item.starts_at < one.ends_at
        ]
        free = tuple(room.id for room in rooms if room.id not in {one.room_id for one in there})
        found += [
            Conflict(
                "room", item.occurs_on, item.session_id, item.room or "", one.id, one.activity, one.starts_at,
                one.ends_at, free,
            )
            for one in there
            if one.room_id == item.room_id
        ]  # fmt: skip
    return found


def _hit(item: PlannedItem, number: int) -> Hit:
    names = ("Nia", "Theo", "Sam", "Mia", "Ola")
    fate = "cancelled" if item.fate is Fate.CANCELLED else "changed"
    session_id = item.session_id or UUID(int=0)
    return Hit(
        UUID(int=session_id.int % (1 << 60) + number), session_id, fate, names[number % 5], f"Parent {number + 1}",
        8 if fate == "cancelled" else 0, "Junior Judo on Thursday 19 March starts at 16:00 instead of 15:45.",
    )  # fmt: skip
