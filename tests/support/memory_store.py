"""A cache of rosters in memory, and a server in memory that can be cut off, for tests of a desk without its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from uuid import UUID, uuid4

from console.domain.attendance import (
    AttendanceEvent,
    AttendanceState,
    EventAnswer,
    EventKind,
    OutcomeKind,
)
from console.domain.desk import BookingStatus, RosterEntry, SessionSummary
from console.domain.judging import Standpoint
from console.domain.sync import CachedSession, Snapshot
from console.errors import Unavailable
from tests.support.desk_world import NOON, SOON

VENUE = UUID(int=7)
JONAS = UUID(int=1)
MAYA = UUID(int=2)
HERE = Standpoint("Desk 1", JONAS, "Jonas", UTC)
LOST = Unavailable("The database cannot be reached.", code="database_unreachable")


def summary(**facts: object) -> SessionSummary:
    """Judo, ten minutes from now, an hour long."""
    made = SessionSummary(
        id=uuid4(),
        venue_id=VENUE,
        activity_name="Junior Judo",
        room_name=None,
        instructor=None,
        starts_at=SOON,
        ends_at=SOON + timedelta(hours=1),
        min_age_months=72,
        max_age_months=119,
        capacity=20,
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def child(session: SessionSummary, name: str = "Nia", **facts: object) -> RosterEntry:
    """A child expected in a session."""
    made = RosterEntry(
        booking_id=uuid4(),
        session_id=session.id,
        first_name=name,
        age_months=88,
        parent_first_name="Dana",
        parent_phone=None,
        booking_status=BookingStatus.CONFIRMED,
        state=AttendanceState.EXPECTED,
        confirmation_code="K7Q4-2MXR-6",
        version=1,
    )
    return replace(made, **facts)  # type: ignore[arg-type]


class MemoryRosters:
    """A RosterStore in memory."""

    def __init__(self, zone: tzinfo = UTC) -> None:
        self._zone = zone
        self._venues: dict[UUID, tuple[datetime, str]] = {}
        self._sessions: dict[UUID, CachedSession] = {}
        self.wiped = False

    def put(self, snapshot: Snapshot) -> None:
        """Replace a venue's data, or the part that changed."""
        if snapshot.whole:
            self._sessions = {
                key: one for key, one in self._sessions.items() if one.summary.venue_id != snapshot.venue_id
            }
        for one in snapshot.sessions:
            self._sessions[one.summary.id] = one
        for gone in snapshot.gone:
            self._sessions.pop(gone, None)
        self._venues[snapshot.venue_id] = (snapshot.taken_at, snapshot.xmin)

    def keep(self, *sessions: CachedSession, at: datetime = NOON) -> MemoryRosters:
        """Put a whole day away."""
        self.put(Snapshot(VENUE, at, "1", sessions))
        return self

    def state(self, venue_id: UUID) -> tuple[datetime, str] | None:
        """How old the data is."""
        return self._venues.get(venue_id)

    def sessions(self, venue_id: UUID, day: date) -> list[SessionSummary]:
        """The sessions of one local day, with their counts."""
        found = [
            _counted(one)
            for one in self._sessions.values()
            if one.summary.venue_id == venue_id and one.summary.starts_at.astimezone(self._zone).date() == day
        ]
        return sorted(found, key=lambda one: one.starts_at)

    def roster(self, session_id: UUID) -> list[RosterEntry] | None:
        """A session's children."""
        found = self._sessions.get(session_id)
        return None if found is None else list(found.entries)

    def entry_by_code(self, venue_id: UUID, code: str) -> RosterEntry | None:
        """The booking of a ticket."""
        return next(
            (
                entry
                for one in self._sessions.values()
                if one.summary.venue_id == venue_id
                for entry in one.entries
                if entry.confirmation_code == code
            ),
            None,
        )

    def wipe(self) -> None:
        """Destroy the data."""
        self.wiped = True
        self._sessions.clear()
        self._venues.clear()

    def close(self) -> None:
        """Nothing is open."""


class Wire:
    """A server that applies everything, fails as it is told, and can be cut off before or after it has recorded.

    `held` makes it silent: calls wait until it is cleared. `spoiled` events are refused with the whole batch.
    """

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls: list[list[AttendanceEvent]] = []
        self.stored: dict[UUID, AttendanceEvent] = {}
        self.answers: dict[UUID, EventAnswer] = {}
        self.spoiled: dict[UUID, Exception] = {}
        self.refuse: dict[UUID, EventAnswer] = {}
        self.cut = False
        self.cut_after = False
        self.used_below = 1

    @property
    def sent(self) -> list[AttendanceEvent]:
        """Every event of every call, in order."""
        return [event for call in self.calls for event in call]

    async def record(self, events: Sequence[AttendanceEvent]) -> list[EventAnswer]:
        """Record and answer."""
        self.calls.append(list(events))
        if self.cut:
            raise LOST
        if self.failures:
            raise self.failures.pop(0)
        for event in events:
            if event.id in self.spoiled:
                raise self.spoiled[event.id]
        for event in events:
            self.stored.setdefault(event.id, event)
            self.answers.setdefault(
                event.id, self.refuse.get(event.id) or EventAnswer(event.id, OutcomeKind.APPLIED, None)
            )
        if self.cut_after:
            raise LOST
        return [self.answers[event.id] for event in events]

    async def next_seq(self) -> int:
        """One more than what it has."""
        if self.cut:
            raise LOST
        return max((event.seq + 1 for event in self.stored.values()), default=self.used_below)


def event(
    entry: RosterEntry | None = None, kind: EventKind = EventKind.CHECK_IN, **facts: object
) -> AttendanceEvent:
    """An event of this desk about a child, now."""
    made = AttendanceEvent(
        id=uuid4(),
        seq=0,
        kind=kind,
        occurred_at=NOON,
        booking_id=entry.booking_id if entry is not None else uuid4(),
        session_id=entry.session_id if entry is not None else None,
        person_id=JONAS,
    )
    return replace(made, **facts)  # type: ignore[arg-type]


def _counted(one: CachedSession) -> SessionSummary:
    states = [entry.state for entry in one.entries]
    return replace(
        one.summary,
        booked=len(states),
        in_count=states.count(AttendanceState.IN),
        expected=states.count(AttendanceState.EXPECTED),
        out_count=states.count(AttendanceState.OUT),
        absent=states.count(AttendanceState.ABSENT),
        unmarked=states.count(AttendanceState.UNMARKED),
    )
