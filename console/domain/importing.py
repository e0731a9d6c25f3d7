"""What an import speaks about: rows of a public file, the plan made of them, and the report afterwards.

A reader turns any layout into SourceRow values, the planner turns those into a Plan, storage applies the plan and
answers with counts. A fact that neither the file nor the options give stays None all the way: nothing is invented.
See docs/guides/importing.md and docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, time

from console.domain.recurrence import WeeklyPattern

CATEGORIES = (
    "stem", "arts_crafts", "music", "sports", "nature", "cooking", "reading", "building", "dance", "drama",
)  # fmt: skip
"""The categories an activity can have, as `public.activity_category`."""

MAX_AGE_MONTHS = 1439
"""The highest age an activity can name: the last month before the 120th birthday."""

OPEN_ENDED_YEARS = 99
"""Publishers write 99, 100 or 199 where they mean that nobody is too old."""

Facts = Mapping[str, object]
"""Column names and the values a file gives for them, ready for JSON. A missing column is a missing fact."""

Progress = Callable[[str, int, int], None]
"""Called with a stage in plain words, how much of it is done, and how much there is."""

Cancelled = Callable[[], bool]
"""Asked between steps; True ends the import with nothing changed."""


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """What a file says about a place. Coordinates are decimal degrees, written as in the file's digits."""

    name: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    contact_email: str | None = None
    contact_phone: str | None = None
    website_url: str | None = None
    timezone: str | None = None

    def given(self) -> dict[str, object]:
        """The facts that are there, by column."""
        return {
            one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name) is not None
        }

    def over(self, other: VenueFacts) -> VenueFacts:
        """These facts, and those of `other` where there are none here."""
        return replace(other, **{one: getattr(self, one) for one in self.given()})


REQUIRED_OF_VENUE = {
    "name": "name",
    "address_line1": "street address",
    "city": "city",
    "state": "state",
    "postal_code": "postal code",
    "latitude": "latitude",
    "longitude": "longitude",
    "contact_email": "e-mail address",
    "contact_phone": "phone number",
}
"""What a venue needs before it is active, by column, in the words of the report; its time zone it always has."""


@dataclass(frozen=True, slots=True)
class VenueEntry:
    """One place of a venues file: its facts, and what holds for all its sessions."""

    facts: VenueFacts
    capacity: int | None = None
    credits: int | None = None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a session file, in any layout, after its own fields were checked.

    `location` and `course` are the publisher's keys. Meetings are held on `days` (0 = Sunday) from `first` to
    `last`; `weekly` says that the publisher declared the weekdays, instead of listing dates one by one. Ages are
    completed months, both included; `max_age` None is open ended. `minutes` run by the clock on the wall.
    """

    line: int
    location: str
    course: str
    title: str
    first: date
    last: date
    days: frozenset[int]
    start: time
    minutes: int
    weekly: bool = False
    min_age: int = 0
    max_age: int | None = None
    category: str | None = None
    capacity: int | None = None
    credits: int | None = None
    room: str | None = None
    description: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    venue: VenueFacts = field(default_factory=VenueFacts)


@dataclass(frozen=True, slots=True, order=True)
class Rejection:
    """A row that cannot be imported: the line it starts on (the first is 1) and why, in one sentence."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A file after reading: its layout in words, whose keys it uses, its good rows and its bad ones.

    `publisher` names the places' keys (several layouts of one publisher share them), `source` everything else.
    `notes` are sentences for the report, such as the encoding that had to be assumed.
    """

    layout: str
    publisher: str
    source: str
    timezone: str | None
    country: str | None
    rows: tuple[SourceRow, ...]
    rejected: tuple[Rejection, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """What the file does not say. `shift_weeks` None means: so that its busiest week is the present one."""

    capacity: int | None = None
    credits: int | None = None
    category: str | None = None
    timezone: str | None = None
    shift_weeks: int | None = 0
    venues: Mapping[str, VenueEntry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlannedVenue:
    """A place to be. `facts` always holds the time zone."""

    key: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class PlannedRoom:
    """A room of a planned venue."""

    key: str
    venue: str
    name: str


@dataclass(frozen=True, slots=True)
class PlannedActivity:
    """An activity of a planned venue."""

    key: str
    venue: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class PlannedSeries:
    """A weekly pattern of a planned activity, dates already shifted."""

    key: str
    activity: str
    venue: str
    room: str | None
    capacity: int
    pattern: WeeklyPattern


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """A meeting of a planned activity, in instants; `series` is the pattern it belongs to, if any."""

    key: str
    activity: str
    venue: str
    series: str | None
    room: str | None
    capacity: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """From which day to which day a file speaks, as written in it."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a file becomes. Keys are stable: the same row of the same publisher has the same key for ever."""

    publisher: str
    source: str
    venues: tuple[PlannedVenue, ...]
    rooms: tuple[PlannedRoom, ...]
    activities: tuple[PlannedActivity, ...]
    series: tuple[PlannedSeries, ...]
    sessions: tuple[PlannedSession, ...]
    span: Span
    shift_weeks: int
    repeated: int
    rejected: tuple[Rejection, ...]

    @property
    def exceptions(self) -> int:
        """How many dates the series skip."""
        return sum(len(one.pattern.skipped) for one in self.series)


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of one kind of record."""

    created: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        """How many the file speaks of."""
        return self.created + self.changed + self.unchanged


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session that the file changed or dropped, and that was left as it is, with the reason in a few words."""

    venue: str
    activity: str
    starts_at: datetime
    timezone: str
    reason: str


@dataclass(frozen=True, slots=True)
class PendingVenue:
    """A venue that waits, and what it lacks, in words."""

    name: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """What storage did with a plan.

    `withheld` sessions would have been removed, had no row been rejected. `uncategorised` and `unpriced` activities
    cannot be published yet.
    """

    venues: Tally
    rooms: Tally
    activities: Tally
    series: Tally
    exceptions: Tally
    sessions: Tally
    kept: tuple[KeptSession, ...]
    withheld: int
    pending: tuple[PendingVenue, ...]
    activated: tuple[str, ...]
    uncategorised: int
    unpriced: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The whole story of one import, for a window or a terminal. `applied` is None when nothing was tried."""

    file: str
    layout: str
    rows: int
    shift_weeks: int
    repeated: int
    rejected: tuple[Rejection, ...]
    notes: tuple[str, ...]
    applied: Applied | None
    dry_run: bool
    seconds: float


def key_of(parts: Iterable[str]) -> str:
    """One text for several parts, such that no two lists of parts give the same text."""
    return json.dumps(list(parts), ensure_ascii=False, separators=(",", ":"))


def parts_of(key: str) -> list[str]:
    """The parts that `key_of` joined."""
    return [str(part) for part in json.loads(key)]


def last_month_of_year(years: int) -> int:
    """The age in completed months that a child still has on the day before birthday `years` + 1.

    "6 to 12" years includes a child of twelve and a half: 155 months, not 144.
    """
    return years * 12 + 11
