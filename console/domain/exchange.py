"""A programme as files say it: entries that come in, the report of what they would make, and what goes out.

Whatever the file is, iCalendar, OpenActive or a table, a reader makes the same entries of it; the database compares
them with what there is and answers one row for each. Days and times without a zone are the venue's. See
docs/design.md, "Rules of the domain" (schedules) and "Screens" (schedule).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from console.domain.programme import ClosureSpan, Room, Series

Kind = Literal["series", "session"]
Format = Literal["ics", "csv", "xlsx"]

MOST_ENTRIES = 5_000
"""More than this in one file is refused: it would be years of a dozen rooms."""
MOST_DAYS_OUT = 800
"""So many days a file that goes out may span."""
OWN_UID = re.compile(
    r"(series|session)-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@nexus-console"
)
"""How this console names its own entries in a calendar: the same from export to export."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One series or session of a file. `facts` holds only what the file says, by the names that a change has, and
    `room` by name; days and times as ISO text.
    """

    line: int
    key: str
    """What names it in its file, from one import to the next."""
    kind: Kind
    title: str | None
    facts: Mapping[str, Any]
    own_id: UUID | None = None
    """Its row here, when it comes from one of this console's own exports."""
    activity_id: str | None = None
    skipped: tuple[date, ...] = ()
    """Dates of the pattern that do not take place."""
    changed: Mapping[date, Mapping[str, Any]] = field(default_factory=dict)
    """Dates of the pattern that take place otherwise."""
    is_cancelled: bool = False
    note: str | None = None
    """What a person should know about how it was read, one sentence."""


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """Something in a file that cannot be taken in, and why, in one sentence."""

    line: int
    reason: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """A file after reading. `notes` are about the whole of it."""

    format: str
    entries: tuple[Entry, ...]
    refused: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()


def request(entries: Sequence[Entry], capacity: int) -> list[dict[str, Any]]:
    """The JSON that `schedules.exchange` reads; `capacity` is for new entries where nothing else says it."""
    return [
        {
            "line": one.line,
            "key": one.key,
            "kind": one.kind,
            "title": one.title,
            "facts": dict(one.facts),
            "own_id": None if one.own_id is None else str(one.own_id),
            "activity_id": one.activity_id,
            "skipped": [day.isoformat() for day in one.skipped],
            "changed": {day.isoformat(): dict(facts) for day, facts in one.changed.items()},
            "is_cancelled": one.is_cancelled,
            "capacity": capacity,
        }
        for one in entries
    ]


class Outcome(StrEnum):
    """What becomes of one entry."""

    CREATED = "created"
    CHANGED = "changed"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Overlap:
    """An entry takes a room or an instructor that another session has at that time."""

    kind: str
    """"room" or "instructor"."""
    what: str
    on: date
    other: str


@dataclass(frozen=True, slots=True)
class ReportRow:
    """What one entry would make, in numbers of sessions, families and new things; `refusal` says why nothing."""

    line: int
    title: str | None
    kind: str
    outcome: Outcome
    refusal: str | None = None
    made: int = 0
    altered: int = 0
    ended: int = 0
    """Sessions that are cancelled or removed."""
    bookings: int = 0
    told: int = 0
    rooms: int = 0
    activities: int = 0
    overlaps: tuple[Overlap, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a file would make; `fingerprint` is sent back with the confirmation."""

    fingerprint: str
    rows: tuple[ReportRow, ...]
    notes: tuple[str, ...] = ()

    def count(self, outcome: Outcome) -> int:
        """How many entries have this outcome."""
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def does_something(self) -> bool:
        """Whether confirming it would change anything."""
        return self.count(Outcome.CREATED) + self.count(Outcome.CHANGED) > 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a confirmed import did."""

    created: int
    changed: int
    same: int
    refused: int
    told: int


# -- tables with columns of their own ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A fact that a table's column may hold."""

    key: str
    words: str
    kinds: tuple[Kind, ...] = ("series", "session")


FACT_COLUMNS: tuple[FactColumn, ...] = (
    FactColumn("title", "Activity"),
    FactColumn("weekdays", "Weekdays", ("series",)),
    FactColumn("first", "First day", ("series",)),
    FactColumn("last", "Last day", ("series",)),
    FactColumn("day", "Day", ("session",)),
    FactColumn("start", "Start"),
    FactColumn("end", "End"),
    FactColumn("minutes", "Minutes"),
    FactColumn("capacity", "Places"),
    FactColumn("room", "Room"),
    FactColumn("instructor", "Instructor"),
    FactColumn("every_weeks", "Every so many weeks", ("series",)),
    FactColumn("platform_places", "Platform places"),
    FactColumn("name", "Name of the series", ("series",)),
    FactColumn("skipped", "Not on", ("series",)),
    FactColumn("state", "State", ("session",)),
    FactColumn("id", "Id"),
    FactColumn("activity_id", "Activity id"),
    FactColumn("room_id", "Room id"),
)
"""In the order in which they are offered."""

DayOrder = Literal["ymd", "dmy", "mdy"]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column (by its normalised heading) holds which fact, and how the table writes days."""

    kind: Kind
    of: Mapping[str, str]
    days: DayOrder = "ymd"

    def missing(self) -> tuple[str, ...]:
        """The facts, in words, without which nothing can be taken in."""
        needed = (
            ("title", "weekdays", "first", "start") if self.kind == "series" else ("title", "day", "start")
        )
        words = {one.key: one.words for one in FACT_COLUMNS}
        lacking = [words[key] for key in needed if not self.of.get(key)]
        if not self.of.get("end") and not self.of.get("minutes"):
            lacking.append("End or minutes")
        return tuple(lacking)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table after reading, before anybody said what its columns are. `labels` by normalised heading."""

    labels: Mapping[str, str]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    refused: tuple[Unread, ...]
    shape: str
    """A hash of the headings: the next table of that shape is read in the same way."""

    def sample(self, heading: str) -> str:
        """The first cell of a column that is not empty."""
        return next((cell for _, row in self.rows if (cell := row.get(heading, "").strip())), "")


@dataclass(frozen=True, slots=True)
class Opened:
    """A file or a calendar at an address, as it was read. A table has a `sheet` and a guess at its columns."""

    name: str
    source: str
    """What import keys are remembered under: the file's name or the address."""
    reading: Reading | None = None
    sheet: Sheet | None = None
    columns: Columns | None = None
    was_remembered: bool = False
    tag: str | None = None
    """What the server calls this state of a remote calendar."""


# -- what goes out -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wish:
    """What shall go out: series or sessions of some days, both included; of one room or one instructor, or of all.

    A calendar always holds both series and sessions.
    """

    format: Format
    what: Kind
    first: date
    last: date
    room_id: UUID | None = None
    instructor: str | None = None


@dataclass(frozen=True, slots=True)
class SessionOut:
    """One dated session as it goes out; it names nobody but its instructor."""

    id: UUID
    activity_id: UUID
    activity: str
    series_id: UUID | None
    occurs_on: date | None
    day: date
    start: time
    minutes: int
    """By the clock on the wall."""
    capacity: int
    platform_places: int
    room_id: UUID | None
    instructor: str | None
    is_cancelled: bool
    booked: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class DateOut:
    """What was decided about a date of a series: not at all, or with other facts (None: as the series says)."""

    series_id: UUID
    on: date
    is_skipped: bool
    day: date | None = None
    start: time | None = None
    minutes: int | None = None
    room_id: UUID | None = None
    instructor: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class SeriesOut:
    """A series as it goes out. `runs` is False for one that was put away: it makes no more sessions."""

    series: Series
    runs: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ProgrammeOut:
    """The programme of a venue on some days, both included, as it goes out; `today` by the venue's clock."""

    venue: str
    zone: str
    today: date
    first: date
    last: date
    rooms: tuple[Room, ...]
    series: tuple[SeriesOut, ...]
    sessions: tuple[SessionOut, ...]
    dates: tuple[DateOut, ...]
    closures: tuple[ClosureSpan, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A file that went out."""

    path: str
    entries: int


@dataclass(frozen=True, slots=True)
class Published:
    """A file that this desk keeps up to date in a folder, of one room or one instructor, or of the whole venue."""

    folder: str
    room_id: UUID | None = None
    instructor: str | None = None
    problem: str | None = None
    """Why it is not up to date, one sentence."""
