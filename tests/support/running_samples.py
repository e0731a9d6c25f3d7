"""The running of a day and a printer that answer from memory, for the Today screen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from console.domain.attendance import AttendanceState
from console.domain.day import (
    Building,
    ClosedSession,
    DaySummary,
    DeskNote,
    LabelFacts,
    TaggedChild,
    UnmarkedChild,
)
from console.domain.desk import RosterEntry, SessionSummary
from console.errors import ConsoleError
from tests.support import today_samples as sample


def unmarked(number: int, name: str, day: date = sample.DAY - timedelta(days=1)) -> UnmarkedChild:
    """A child nobody said anything about."""
    start = sample.at(15, 30, day)
    return UnmarkedChild(
        sample.booking_id(number), sample.session_id(90), name, 88, "Dana", None, "Junior Judo", start, 3
    )


def tagged(entry: RosterEntry, name: str = "Junior Judo") -> TaggedChild:
    """A booked child as its family's tag finds it."""
    return TaggedChild(
        entry.booking_id, entry.session_id, entry.first_name, name, sample.at(15, 30), entry.state
    )


@dataclass
class FakeDay:
    """Satisfies DayGateway. `fail` raises instead of answering; `conflict` is raised once by the next closing."""

    gateway: sample.FakeGateway
    tags: dict[str, list[TaggedChild]] = field(default_factory=dict)
    left: list[UnmarkedChild] = field(default_factory=list)
    calls: list[tuple[str, object]] = field(default_factory=list)
    fail: ConsoleError | None = None
    conflict: ConsoleError | None = None

    async def _answer(self, name: str, fact: object) -> None:
        self.calls.append((name, fact))
        await asyncio.sleep(0)
        if self.fail is not None:
            raise self.fail

    async def close_session(self, session_id: UUID, no_shows: Sequence[RosterEntry]) -> ClosedSession:
        """Close, and say what it came to."""
        await self._answer("close", [one.first_name for one in no_shows])
        if self.conflict is not None:
            error, self.conflict = self.conflict, None
            raise error
        entries = self.gateway.rosters[session_id]
        inside = sum(one.state is AttendanceState.IN for one in entries)
        out = sum(one.state is AttendanceState.OUT for one in entries)
        expected = sum(one.state is AttendanceState.EXPECTED for one in entries)
        self._set_closed(session_id, self.gateway.now)
        count = len(no_shows)
        return ClosedSession(
            session_id, self.gateway.now, inside + out, count, expected - count, inside, 3 * count
        )

    async def reopen_session(self, session_id: UUID) -> None:
        """Open again."""
        await self._answer("reopen", session_id)
        self._set_closed(session_id, None)

    def _set_closed(self, session_id: UUID, at: datetime | None) -> None:
        sessions: list[SessionSummary] = self.gateway.days[sample.DAY]
        place = next(n for n, one in enumerate(sessions) if one.id == session_id)
        sessions[place] = replace(sessions[place], closed_at=at)

    async def unmarked(self) -> list[UnmarkedChild]:
        """Whoever is left."""
        await self._answer("unmarked", None)
        return list(self.left)

    async def settle_unmarked(self, booking_id: UUID, *, came: bool) -> None:
        """Came or not."""
        name = next(one.first_name for one in self.left if one.booking_id == booking_id)
        await self._answer("settle", (name, came))
        self.left = [one for one in self.left if one.booking_id != booking_id]

    async def building(self) -> Building:
        """Nobody."""
        return Building(self.gateway.now, (), ())

    async def day_summary(self, day: date) -> DaySummary:
        """Nothing."""
        return DaySummary(day, ())

    async def notes(self, booking_id: UUID) -> list[DeskNote]:
        """None."""
        return []

    async def add_note(self, booking_id: UUID, text: str) -> DeskNote:
        """Written."""
        await self._answer("note", text)
        return DeskNote(uuid4(), booking_id, self.gateway.now, "Jonas", "Desk 1", text)

    async def add_incident(
        self, booking_id: UUID, text: str, *, action_taken: str, parent_told: bool
    ) -> DeskNote:
        """Written."""
        await self._answer("incident", (text, action_taken, parent_told))
        return DeskNote(
            uuid4(), booking_id, self.gateway.now, "Jonas", "Desk 1", text, True, action_taken, parent_told
        )

    async def labels(self, booking_ids: Sequence[UUID]) -> list[LabelFacts]:
        """One tag for all."""
        await self._answer("labels", len(booking_ids))
        return [
            LabelFacts(
                one, "Nia", 88, "Junior Judo", "Main Hall", sample.at(15, 30), sample.at(16, 30), "7K4Q", (),
                self.gateway.now,
            )
            for one in booking_ids
        ]  # fmt: skip

    async def find_tag(self, tag: str) -> list[TaggedChild]:
        """Whom the tag stands for."""
        await self._answer("tag", tag)
        return self.tags.get(tag, [])


@dataclass
class FakePrinter:
    """Satisfies DeskPrinter: remembers what would be on paper."""

    printed: list[tuple[str, object]] = field(default_factory=list)
    as_of: datetime | None = None

    async def print_roster(
        self, session: SessionSummary, entries: Sequence[RosterEntry], *, as_of: datetime | None = None
    ) -> str:
        """A roster."""
        self.as_of = as_of
        self.printed.append(("roster", (session.activity_name, len(entries))))
        return "Roster printed"

    async def print_labels(self, labels: Sequence[LabelFacts]) -> str:
        """Labels."""
        self.printed.append(("labels", len(labels)))
        return "Labels printed"

    async def print_roll_call(self, building: Building, *, as_of: datetime | None = None) -> str:
        """A roll call."""
        return "Roll call printed"

    async def print_day(self, summary: DaySummary) -> str:
        """The day."""
        return "Day printed"
