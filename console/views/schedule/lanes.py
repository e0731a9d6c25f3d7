"""Where everything of a week stands before a pixel is known: days, lanes in them, blocks in the lanes.

Pure: it knows the venue's clock and what was chosen to be seen, not how wide a minute is. Minutes count from the
midnight of a block's day by the wall clock, so a session past midnight goes on beyond 1440 and a day of 23 hours looks
like its clock. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

from console.domain.changing import Plan
from console.domain.programme import CalendarSession

LaneKey = UUID | str
NOWHERE = ""
"""The lane of what has no room, or no instructor."""
FEW_ROOMS = 8
"""Up to so many, a room without sessions keeps its lane."""
DAY_MINUTES = 1440


class Look(StrEnum):
    """How a block is drawn."""

    PAST = "past"
    NOW = "now"
    COMING = "coming"
    SERIES = "series"
    """Of the series that the panel is about."""
    CANCELLED = "cancelled"
    LEAVING = "leaving"
    """Where a session is now that the plan puts elsewhere."""
    GOING = "going"
    """A session that the plan cancels or removes."""
    PROPOSED = "proposed"
    OVERLAP = "overlap"
    """Proposed, where something else is."""
    HIT = "hit"
    """What a proposed one overlaps with."""


class By(StrEnum):
    """What a lane is."""

    ROOM = "rooms"
    INSTRUCTOR = "instructors"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be seen. An empty set lets everything through."""

    by: By = By.ROOM
    rooms: frozenset[str] = frozenset()
    """Ids of rooms as text, "" for none."""
    instructors: frozenset[str] = frozenset()
    activities: frozenset[str] = frozenset()
    text: str = ""
    cancelled: bool = False
    """Cancelled sessions that nobody was booked on too."""

    def lets(self, session: CalendarSession, room: str) -> bool:
        """Whether a session is to be seen; `room` is its name."""
        if session.is_cancelled and not self.cancelled and not session.booked:
            return False
        if self.rooms and str(session.room_id or "") not in self.rooms:
            return False
        if self.instructors and (session.instructor or "") not in self.instructors:
            return False
        if self.activities and str(session.activity_id) not in self.activities:
            return False
        if not self.text:
            return True
        sought = f"{session.activity}\n{session.instructor or ''}\n{room}".casefold()
        return all(word in sought for word in self.text.casefold().split())

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.rooms or self.instructors or self.activities or self.text.strip())


@dataclass(frozen=True, slots=True)
class About:
    """What the side panel is about: it decides which blocks are lit and what is proposed."""

    series_id: UUID | None = None
    session_id: UUID | None = None
    plan: Plan | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane; `rows` is how many blocks lie over each other at its fullest."""

    key: LaneKey
    name: str
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Strip:
    """One day. Without lanes it is folded, and `note` says why."""

    day: date
    lanes: tuple[Lane, ...]
    note: str = ""
    hours: int = 24

    def lane_at(self, key: LaneKey) -> int:
        """The place of a lane, -1 where the day does not show it."""
        return next((at for at, lane in enumerate(self.lanes) if lane.key == key), -1)


@dataclass(frozen=True, slots=True)
class Block:
    """One block: its place in days, lanes and rows, its minutes, and its words."""

    strip: int
    lane: int
    row: int
    rows: int
    start: int
    end: int
    look: Look
    title: str
    inside: str
    """Children in now, or who came; empty where that says nothing."""
    places: str
    share: float
    """Booked of capacity, 0 to 1."""
    share_in: float
    session: CalendarSession | None
    by_hand: bool = False
    stands_for: UUID | None = None
    """For what is proposed: the session that would be here."""


@dataclass(frozen=True, slots=True)
class Shut:
    """A closure over some lanes of a day (`lane` -1: all of them)."""

    strip: int
    lane: int
    start: int
    end: int
    title: str


@dataclass(frozen=True, slots=True)
class Week:
    """A week ready to be measured and painted. `behind` are blocks that take no room: where sessions leave."""

    strips: tuple[Strip, ...]
    blocks: tuple[Block, ...]
    behind: tuple[Block, ...]
    shut: tuple[Shut, ...]
    first_minute: int
    last_minute: int
    seen: tuple[CalendarSession, ...]


def wall_minutes(instant: datetime, day: date, zone: tzinfo) -> int:
    """Minutes by the wall clock from a day's midnight to an instant."""
    local = instant.astimezone(zone).replace(tzinfo=None)
    return int((local - datetime.combine(day, time())).total_seconds() // 60)


def span_of(session: CalendarSession, zone: tzinfo) -> tuple[int, int]:
    """First and last minute of a session on its day; where the clock goes back within it, its true length counts."""
    start = wall_minutes(session.starts_at, session.day, zone)
    end = wall_minutes(session.ends_at, session.day, zone)
    if end <= start:
        end = start + max(int((session.ends_at - session.starts_at).total_seconds() // 60), 5)
    return start, end


def day_hours(day: date, zone: tzinfo) -> int:
    """How many hours a day of the venue has: 23, 24 or 25."""
    begin = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return round((end.timestamp() - begin.timestamp()) / 3600)


def monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
