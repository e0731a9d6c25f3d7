"""A venue's programme as its calendar shows it: rooms, series, dated sessions, closures, and what can be chosen.

Frozen values made by storage; instants are aware, days and times without a zone are the venue's. Weekdays count from
Sunday as 0. See docs/design.md, "Rules of the domain" (schedules) and "Screens" (schedule).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID


class ClosureKind(StrEnum):
    """What the rules ask of a closure, as `public.closure_reason`."""

    HOLIDAY = "holiday"
    WEATHER = "weather"
    MAINTENANCE = "maintenance"
    STAFFING = "staffing"
    PRIVATE_EVENT = "private_event"
    EMERGENCY = "emergency"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Room:
    """A lane of the calendar. `capacity` None: nobody said how many fit in."""

    id: UUID
    name: str
    capacity: int | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class ActivityChoice:
    """An activity that a series or a session can be of, with what a new one starts from."""

    id: UUID
    name: str
    minutes: int
    capacity: int
    credits: int | None
    is_published: bool


@dataclass(frozen=True, slots=True)
class ClosureReason:
    """A reason a closure may be given. `is_own` is False for the platform's, which a venue cannot change."""

    id: UUID
    name: str
    kind: ClosureKind
    is_own: bool
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Choices:
    """What the editors of a venue's programme offer, each in the order of its name."""

    activities: tuple[ActivityChoice, ...]
    rooms: tuple[Room, ...]
    instructors: tuple[str, ...]
    reasons: tuple[ClosureReason, ...]


@dataclass(frozen=True, slots=True)
class SeriesFacts:
    """What a weekly pattern says. `last` None: until further notice. `every_weeks` counts from the week of `first`."""

    activity_id: UUID
    weekdays: tuple[int, ...]
    start: time
    minutes: int
    capacity: int
    first: date
    last: date | None = None
    every_weeks: int = 1
    room_id: UUID | None = None
    instructor: str | None = None
    platform_places: int = 0
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A weekly pattern as it is kept. `version` is sent back with a change of it."""

    id: UUID
    version: int
    facts: SeriesFacts
    activity: str
    is_active: bool
    generated_until: date | None
    split_from_id: UUID | None
    upcoming: int
    """How many of its sessions are still to come."""
    next_on: date | None
    changed_by_hand: int
    """How many of those to come were changed by hand."""
    booked: int
    """Bookings on those to come."""


@dataclass(frozen=True, slots=True)
class CalendarSession:
    """One dated session as a block of the calendar. `inside` counts children in now, `came` in or out again.

    `booked` of a cancelled one counts those who lost their place with it.
    """

    id: UUID
    version: int
    activity_id: UUID
    activity: str
    series_id: UUID | None
    occurs_on: date | None
    room_id: UUID | None
    instructor: str | None
    starts_at: datetime
    ends_at: datetime
    day: date
    capacity: int
    booked: int
    inside: int
    came: int
    waiting: int
    platform_places: int
    is_cancelled: bool
    cancellation_reason: str | None
    is_closed: bool
    changed_by_hand: bool
    session_notes: str | None = None
    instructor_notes: str | None = None
    closure_id: UUID | None = None

    @property
    def is_full(self) -> bool:
        """Whether every place is taken."""
        return self.booked >= self.capacity


@dataclass(frozen=True, slots=True)
class ClosureSpan:
    """One stretch of a closure within the days asked for. `room_ids` empty: the whole venue."""

    closure_id: UUID
    version: int
    starts_at: datetime
    ends_at: datetime
    reason: str
    kind: ClosureKind
    explanation: str | None
    room_ids: tuple[UUID, ...]
    is_yearly: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """The programme from `first` to `last`, both included, by the venue's days; sessions in order of start."""

    first: date
    last: date
    rooms: tuple[Room, ...]
    sessions: tuple[CalendarSession, ...]
    closures: tuple[ClosureSpan, ...]
