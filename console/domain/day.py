"""The running of a day at one venue: who is in the building, what closing a session means, and what the day came to.

Frozen values made by storage from the `desk.*` and `attendance.*` functions. First names only, ages in months, instants
aware. See docs/design.md, "Screens" (front desk) and "Rules of the domain" (attendance).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from console.domain.attendance import AttendanceState
from console.domain.desk import HealthNote, PickupPerson

NEARLY_FULL = 0.8
"""From this share of its places on, a room or a session is shown as nearly full."""


class Load(StrEnum):
    """How full a room or a session is."""

    ROOMY = "roomy"
    NEARLY_FULL = "nearly_full"
    FULL = "full"


def load_of(inside: int, places: int | None) -> Load:
    """How full a place with `inside` children of `places` is; without a known number of places it is roomy."""
    if not places:
        return Load.ROOMY
    if inside >= places:
        return Load.FULL
    return Load.NEARLY_FULL if inside >= NEARLY_FULL * places else Load.ROOMY


@dataclass(frozen=True, slots=True)
class Presence:
    """One child who is in the building now.

    `ends_at` is when its session ends; who is still here after that is late to be collected. `tag` is the code of the
    pickup tag printed for the family today, where one was.
    """

    booking_id: UUID
    session_id: UUID
    first_name: str
    age_months: int
    activity_name: str
    room_name: str | None
    starts_at: datetime
    ends_at: datetime
    in_since: datetime
    parent_first_name: str | None
    parent_phone: str | None
    health: tuple[HealthNote, ...] = ()
    pickup: tuple[PickupPerson, ...] = ()
    tag: str | None = None

    def minutes_over(self, now: datetime) -> int:
        """Whole minutes since its session ended; 0 while it runs."""
        return max(0, int((now - self.ends_at) / timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class RoomLoad:
    """How many children are in one room; `places` is the room's own limit where it is known. Room None: no room."""

    room_name: str | None
    inside: int
    places: int | None

    @property
    def load(self) -> Load:
        """How full it is."""
        return load_of(self.inside, self.places)


@dataclass(frozen=True, slots=True)
class Building:
    """Everybody in the building at one moment, for the roll call: `present` by room, then name.

    `kept` says that this desk made it from its own data, which is as old as `at`, and from what was done here since.
    """

    at: datetime
    present: tuple[Presence, ...]
    rooms: tuple[RoomLoad, ...]
    kept: bool = False


@dataclass(frozen=True, slots=True)
class ClosedSession:
    """What closing a session came to. `still_in` are children who have not been checked out."""

    session_id: UUID
    closed_at: datetime
    came: int
    no_shows: int
    unmarked: int
    still_in: int
    forfeited_credits: int


@dataclass(frozen=True, slots=True)
class UnmarkedChild:
    """A booking nobody said anything about before its session was closed: came, or did not?"""

    booking_id: UUID
    session_id: UUID
    first_name: str
    age_months: int
    parent_first_name: str | None
    parent_phone: str | None
    activity_name: str
    starts_at: datetime
    credits: int


@dataclass(frozen=True, slots=True)
class SessionResult:
    """One session of a finished or running day, in numbers that add up: came + no_shows + absent + expected +
    unmarked = booked.

    `cancelled` bookings are beside `booked`. `walk_ins` are part of `booked`. `late_pickups` were collected more than
    five minutes after the end.
    """

    session_id: UUID
    activity_name: str
    room_name: str | None
    starts_at: datetime
    ends_at: datetime
    places: int
    booked: int
    came: int
    no_shows: int
    absent: int
    expected: int
    unmarked: int
    still_in: int
    cancelled: int
    walk_ins: int
    late_pickups: int
    incidents: int
    closed_at: datetime | None
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class DaySummary:
    """A venue's day in numbers, session by session in order of start."""

    day: date
    sessions: tuple[SessionResult, ...]

    def total(self, name: str) -> int:
        """The sum of one of the numbers over the day, e.g. `total("came")`."""
        return sum(int(getattr(one, name)) for one in self.sessions)


@dataclass(frozen=True, slots=True)
class DeskNote:
    """A note staff wrote about one booking; `incident` notes also reach the manager. Newest first in lists."""

    id: UUID
    booking_id: UUID
    at: datetime
    person: str
    desk: str | None
    text: str
    incident: bool = False
    action_taken: str | None = None
    parent_told: bool = False


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """What one child's label and the family's pickup tag show. The same day and family carry the same `tag`.

    `issued_at` is when the tag was made first: a reprint does not change it. `reprint` says it was made before now.
    """

    booking_id: UUID
    first_name: str
    age_months: int
    activity_name: str
    room_name: str | None
    starts_at: datetime
    ends_at: datetime
    tag: str
    health: tuple[HealthNote, ...]
    issued_at: datetime
    reprint: bool = False


@dataclass(frozen=True, slots=True)
class TaggedChild:
    """A child of today whom a scanned pickup tag stands for."""

    booking_id: UUID
    session_id: UUID
    first_name: str
    activity_name: str
    starts_at: datetime
    state: AttendanceState
