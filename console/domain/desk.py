"""What the front desk looks at: the day's sessions, a session's roster and one child's card.

Frozen values made by storage from `desk.roster` and its siblings; views and services share them, nobody changes
them. First names only, ages in months, instants aware and in UTC. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from console.domain.attendance import AttendanceState, EventKind


class BookingStatus(StrEnum):
    """The life of a booking, as `public.booking_status`."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    CANCELLED_PARENT = "cancelled_parent"
    CANCELLED_VENUE = "cancelled_venue"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


class HealthKind(StrEnum):
    """What a health note is about."""

    ALLERGY = "allergy"
    MEDICAL = "medical"
    DIETARY = "dietary"
    SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One session in the day's list. Counts are of live bookings; `waiting` is what only this desk knows so far.

    `max_age_months` None is open ended. `capacity` is the number of places. `expected`, `in_count`, `out_count`,
    `absent` and `unmarked` add up to `booked`.
    """

    id: UUID
    venue_id: UUID
    activity_name: str
    room_name: str | None
    instructor: str | None
    starts_at: datetime
    ends_at: datetime
    min_age_months: int
    max_age_months: int | None
    capacity: int
    booked: int = 0
    in_count: int = 0
    expected: int = 0
    out_count: int = 0
    absent: int = 0
    unmarked: int = 0
    waiting: int = 0
    is_cancelled: bool = False
    closed_at: datetime | None = None

    @property
    def came(self) -> int:
        """How many were here, whether or not they have left."""
        return self.in_count + self.out_count


@dataclass(frozen=True, slots=True)
class HealthNote:
    """One health fact. `severity` 1 is the worst; `label` is the chip's word, `title` the card's line."""

    kind: HealthKind
    severity: int
    label: str
    title: str
    instructions: str | None = None
    confirmed_by: str | None = None
    confirmed_on: date | None = None


@dataclass(frozen=True, slots=True)
class PickupPerson:
    """Somebody on the child's pickup list. `may_collect` False is kept behind "Show"; `note` is like "Thursdays"."""

    id: UUID
    name: str
    relationship: str | None
    phone: str | None
    may_collect: bool
    note: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Sibling:
    """A brother or sister with a booking at this venue on the same local day.

    `same_group` children were booked together and are offered to be checked in together.
    """

    booking_id: UUID
    session_id: UUID
    first_name: str
    age_months: int
    activity_name: str
    starts_at: datetime
    state: AttendanceState
    same_group: bool


@dataclass(frozen=True, slots=True)
class Undo:
    """The event that Undo takes back, and until when the same person at the same desk may do so.

    `mine` says that this person recorded it at this desk.
    """

    event_id: UUID
    until: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One booked child in a session, with all the child's card needs beside the history.

    `state_at`, `state_desk` and `state_by` (a first name) describe the event behind `state`. `collected_by` is set once
    the child is out. `visits` counts earlier visits to this venue and `first_visit_on` is the first of them.
    Health notes come worst first. `waiting` says that an event of this desk is behind `state` and that the server has
    not judged it yet: only the desk itself ever sets it.
    """

    booking_id: UUID
    session_id: UUID
    first_name: str
    age_months: int
    parent_first_name: str | None
    parent_phone: str | None
    booking_status: BookingStatus
    state: AttendanceState
    confirmation_code: str
    version: int
    state_at: datetime | None = None
    state_desk: str | None = None
    state_by: str | None = None
    collected_by: str | None = None
    group_booking_id: UUID | None = None
    first_visit: bool = False
    visits: int = 0
    first_visit_on: date | None = None
    health: tuple[HealthNote, ...] = ()
    pickup: tuple[PickupPerson, ...] = ()
    siblings: tuple[Sibling, ...] = ()
    notes: str | None = None
    undo: Undo | None = None
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a child's history at this venue, newest first.

    `collected_by` is set for a check-out. `undone` marks an event that was taken back later.
    """

    at: datetime
    kind: EventKind
    desk: str | None
    person: str | None
    activity_name: str | None = None
    session_id: UUID | None = None
    collected_by: str | None = None
    undone: bool = False
    queued: bool = False


@dataclass(frozen=True, slots=True)
class FoundChild:
    """A name found in one of today's sessions."""

    booking_id: UUID
    session_id: UUID
    first_name: str
    age_months: int
    parent_first_name: str | None
    activity_name: str
    starts_at: datetime
    state: AttendanceState
