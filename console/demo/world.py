"""The things a demo is made of while it is being made, before they become rows.

Plain mutable records: the parts of the generator add to them in turn (a booking gets its price, then its attendance,
then its place in the ledger), and console.demo.rows writes them down at the end. They refer to one another in
circles, so they are compared by identity and have no spelled-out repr.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from console.demo.catalogue import ActivityPlan, VenuePlan

TAKEN = ("pending", "confirmed", "completed", "no_show")
"""The booking states that hold a place."""


@dataclass(slots=True)
class HealthNote:
    """Something staff must know about a child; severity 1 is the gravest."""

    kind: str
    severity: int
    label: str
    title: str
    instructions: str


@dataclass(slots=True, eq=False, repr=False)
class Pickup:
    """Somebody who may collect a child, or expressly may not."""

    id: str
    name: str
    relationship: str
    phone: str | None
    may_collect: bool = True
    note: str | None = None


@dataclass(slots=True, eq=False, repr=False)
class Parent:
    """A parent with an account and credits from an employer."""

    id: str
    first: str
    last: str
    email: str
    phone: str | None
    venue: Venue
    corporate: int
    joined: datetime
    children: list[Child] = field(default_factory=list)


@dataclass(slots=True, eq=False, repr=False)
class Child:
    """A child, by first name only."""

    id: str
    parent: Parent
    name: str
    born: date
    health: list[HealthNote] = field(default_factory=list)
    pickup: list[Pickup] = field(default_factory=list)
    consent: bool = True

    def months_on(self, day: date) -> int:
        """Whole months of age on `day`."""
        months = (day.year - self.born.year) * 12 + day.month - self.born.month
        return months - (day.day < self.born.day)


@dataclass(slots=True, eq=False, repr=False)
class Staff:
    """Somebody who works at a venue, or for the platform where `venue` is None."""

    id: str
    first: str
    last: str
    email: str
    role: str
    venue: Venue | None


@dataclass(slots=True, eq=False, repr=False)
class Desk:
    """An enrolled workstation."""

    id: str
    venue: Venue
    name: str


@dataclass(slots=True, eq=False, repr=False)
class Series:
    """A weekly pattern: weekdays with 0 = Sunday, in the venue's wall time."""

    id: str
    activity: ActivityPlan
    days: tuple[int, ...]
    start_minute: int
    minutes: int
    since: date
    skipped: dict[date, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False, repr=False)
class Venue:
    """A venue with everything that belongs to it."""

    id: str
    plan: VenuePlan
    zone: ZoneInfo
    today: date
    rooms: dict[str, str] = field(default_factory=dict)
    activities: dict[str, str] = field(default_factory=dict)
    series: list[Series] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    staff: list[Staff] = field(default_factory=list)
    desks: list[Desk] = field(default_factory=list)
    parents: list[Parent] = field(default_factory=list)

    def children(self) -> list[Child]:
        """Every child of every family here."""
        return [child for parent in self.parents for child in parent.children]

    def who(self, role: str) -> Staff:
        """The first person with that role here."""
        return next(person for person in self.staff if person.role == role)


@dataclass(slots=True, eq=False, repr=False)
class Session:
    """One dated meeting of an activity. `scripted` ones have their roster written out by hand."""

    id: str
    venue: Venue
    activity: ActivityPlan
    series: Series | None
    day: date
    starts: datetime
    ends: datetime
    bookings: list[Booking] = field(default_factory=list)
    cancelled: datetime | None = None
    cancelled_why: str | None = None
    closed: datetime | None = None
    by_night: bool = False
    scripted: bool = False

    def taken(self) -> int:
        """How many places are held."""
        return sum(booking.status in TAKEN for booking in self.bookings)


@dataclass(slots=True, eq=False, repr=False)
class Event:
    """Something that happened at a desk."""

    id: str
    desk: Desk
    person: Staff
    kind: str
    at: datetime
    pickup: Pickup | None = None
    seq: int = 0
    review: bool = False


@dataclass(slots=True, eq=False, repr=False)
class Booking:
    """A child's place in a session and what came of it."""

    id: str
    session: Session
    child: Child
    code: str
    created: datetime
    status: str = "confirmed"
    group: str | None = None
    cancelled: datetime | None = None
    reason: str | None = None
    refunded: int = 0
    refunded_at: datetime | None = None
    forfeited: bool = False
    partly_back: datetime | None = None
    state: str = "expected"
    events: list[Event] = field(default_factory=list)
    parent_note: str | None = None
    venue_note: str | None = None
    source: str = "browse"
    certain: bool = False
