"""From rows to a plan: one venue per place, one activity per course there, series where it repeats weekly.

Rows that contradict an earlier row of the same course are rejected here, and rows for which a fact is missing that no
option gave. Keys are made of the publisher's own names and the file's own dates, never of shifted ones, so that the
same row is the same session in every import. See docs/guides/importing.md.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from console.domain.importing import (
    Facts,
    ImportOptions,
    Plan,
    PlannedActivity,
    PlannedRoom,
    PlannedSeries,
    PlannedSession,
    PlannedVenue,
    Reading,
    Rejection,
    SourceRow,
    Span,
    VenueFacts,
    key_of,
)
from console.domain.recurrence import (
    Occurrence,
    busiest_week,
    dates_between,
    expand,
    group,
    instants,
    weeks_between,
)
from console.errors import Invalid

MOST_SESSIONS = 200_000
"""More than this is a mistake in the dates of a file: it would be a year of a thousand rooms."""

MOST_WEEKS = 5_200
"""A shift of more than a hundred years is a slip of the finger."""


def plan(reading: Reading, options: ImportOptions, today: date) -> Plan:
    """What the rows of `reading` become with `options`; `today` is the day in the publisher's zone.

    Raises Invalid where the file as a whole lacks a fact that an option gives, or has no row that can be used.
    """
    rejected = list(reading.rejected)
    _refuse_what_lacks_a_fact(reading, options)
    kept = _consistent(reading.rows, rejected, reading, options)
    if not kept:
        return Plan(
            reading.publisher,
            reading.source,
            (),
            (),
            (),
            (),
            (),
            Span(today, today),
            0,
            0,
            tuple(sorted(rejected)),
        )
    weeks = _shift(kept, options, today)
    venues = _venues(kept, reading, options)
    zones = {one.key: ZoneInfo(str(one.facts["timezone"])) for one in venues}
    courses: dict[tuple[str, str], list[SourceRow]] = defaultdict(list)
    for row in kept:
        courses[row.location, row.course].append(row)
    made = _Made()
    for (location, _), rows in courses.items():
        _course(made, location, rows, options, zones[location], weeks)
    return Plan(
        publisher=reading.publisher,
        source=reading.source,
        venues=venues,
        rooms=tuple(made.rooms.values()),
        activities=tuple(made.activities),
        series=tuple(made.series),
        sessions=tuple(made.sessions),
        span=Span(min(row.first for row in kept), max(row.last for row in kept)),
        shift_weeks=weeks,
        repeated=made.repeated,
        rejected=tuple(sorted(rejected)),
    )


@dataclass(slots=True)
class _Made:
    rooms: dict[str, PlannedRoom] = field(default_factory=dict)
    activities: list[PlannedActivity] = field(default_factory=list)
    series: list[PlannedSeries] = field(default_factory=list)
    sessions: list[PlannedSession] = field(default_factory=list)
    repeated: int = 0
    series_keys: set[str] = field(default_factory=set)

    def fresh_key(self, parts: Sequence[str]) -> str:
        """A series' key: neither its last day nor its places are in it, so that both may change."""
        for ordinal in itertools.count(1):
            key = key_of(parts if ordinal == 1 else [*parts, str(ordinal)])
            if key not in self.series_keys:
                break
        self.series_keys.add(key)
        return key


@dataclass(frozen=True, slots=True)
class _Meeting:
    """A meeting of one course with what may differ from row to row."""

    one: Occurrence
    room: str | None
    capacity: int


def _refuse_what_lacks_a_fact(reading: Reading, options: ImportOptions) -> None:
    if not reading.rows:
        return
    if not any(_capacity(row, options) for row in reading.rows):
        raise Invalid(
            "The file does not say how many places a session has.",
            hint="Give --capacity, or a capacity column in the venues file.",
            code="import_capacity",
        )
    if not any(_zone(row.location, row.venue, reading, options) for row in reading.rows):
        raise Invalid(
            "The file does not say in which time zone its times are.",
            hint="Give --timezone, such as America/Toronto.",
            code="import_timezone",
        )


def _capacity(row: SourceRow, options: ImportOptions) -> int | None:
    entry = options.venues.get(row.location)
    return row.capacity or (entry.capacity if entry else None) or options.capacity


def _zone(location: str, facts: VenueFacts, reading: Reading, options: ImportOptions) -> str | None:
    entry = options.venues.get(location)
    return (entry.facts.timezone if entry else None) or facts.timezone or options.timezone or reading.timezone


def _consistent(
    rows: Sequence[SourceRow], rejected: list[Rejection], reading: Reading, options: ImportOptions
) -> list[SourceRow]:
    """The rows that agree with the first row of their course and lack nothing."""
    courses: dict[tuple[str, str], SourceRow] = {}
    places: dict[str, SourceRow] = {}
    kept = []
    for row in rows:
        reason = _missing(row, reading, options)
        if reason is None:
            place = places.setdefault(row.location, row)
            reason = _contradiction(place, row, ("venue",), f"location {row.location}")
        if reason is None:
            first = courses.setdefault((row.location, row.course), row)
            same = ("title", "min_age", "max_age", "category", "credits", "description", "tags")
            reason = _contradiction(first, row, same, f"course {row.course}")
        if reason is None:
            kept.append(row)
        else:
            rejected.append(Rejection(row.line, reason))
    return kept


def _missing(row: SourceRow, reading: Reading, options: ImportOptions) -> str | None:
    if _capacity(row, options) is None:
        return "The row does not say how many places there are; give --capacity."
    if _zone(row.location, row.venue, reading, options) is None:
        return "The row does not say in which time zone its times are; give --timezone."
    return None


_WORDS = {
    "venue": "the place",
    "min_age": "the lowest age",
    "max_age": "the highest age",
    "tags": "the section",
}


def _contradiction(first: SourceRow, row: SourceRow, names: Iterable[str], what: str) -> str | None:
    for name in names:
        if getattr(first, name) != getattr(row, name):
            shown = "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in what)
            return (
                f"The row contradicts line {first.line} about {_WORDS.get(name, 'the ' + name)} of {shown}."
            )
    return None


def _shift(rows: Sequence[SourceRow], options: ImportOptions, today: date) -> int:
    weeks = options.shift_weeks
    if weeks is None:
        busiest = busiest_week(day for row in rows for day in dates_between(row.days, row.first, row.last))
        weeks = weeks_between(busiest, today) if busiest is not None else 0
    if abs(weeks) > MOST_WEEKS:
        raise Invalid(f"Dates can be shifted by at most {MOST_WEEKS} weeks.", code="import_shift")
    return weeks


def _venues(rows: Sequence[SourceRow], reading: Reading, options: ImportOptions) -> tuple[PlannedVenue, ...]:
    made: dict[str, PlannedVenue] = {}
    for row in rows:
        if row.location in made:
            continue
        entry = options.venues.get(row.location)
        facts = entry.facts.over(row.venue) if entry else row.venue
        known = VenueFacts(country=reading.country, timezone=_zone(row.location, row.venue, reading, options))
        made[row.location] = PlannedVenue(row.location, facts.over(known).given())
    return tuple(made.values())


def _course(
    made: _Made, location: str, rows: list[SourceRow], options: ImportOptions, zone: ZoneInfo, weeks: int
) -> None:
    """Everything of one course at one place."""
    lead = rows[0]
    activity = key_of((location, lead.course))
    dated, declared = _meetings(rows, options)
    made.repeated += sum(dated.values()) + sum(declared.values()) - len(dated.keys() | declared.keys())
    everything = sorted(dated.keys() | declared.keys(), key=_order)
    if len(made.sessions) + len(everything) > MOST_SESSIONS:
        raise Invalid(f"The file makes more than {MOST_SESSIONS:,} sessions.", code="import_too_many")
    series_of: dict[_Meeting, str] = {}
    for least_weeks, meetings in ((1, declared.keys()), (2, dated.keys() - declared.keys())):
        _series(made, series_of, (location, lead.course), meetings, least_weeks=least_weeks, weeks=weeks)
    for meeting, ordinal in _numbered(everything):
        one = meeting.one
        try:
            starts_at, ends_at = instants(one.shifted(weeks), zone)
        except OverflowError:
            raise Invalid("Shifted that far, the dates leave the calendar.", code="import_shift") from None
        made.sessions.append(
            PlannedSession(
                key=key_of((location, lead.course, one.day.isoformat(), f"{one.start:%H:%M}", *ordinal)),
                activity=activity,
                venue=location,
                series=series_of.get(meeting),
                room=_room(made, location, meeting.room),
                capacity=meeting.capacity,
                starts_at=starts_at,
                ends_at=ends_at,
            )
        )
    made.activities.append(PlannedActivity(activity, location, _activity_facts(lead, everything, options)))


def _meetings(rows: list[SourceRow], options: ImportOptions) -> tuple[Counter[_Meeting], Counter[_Meeting]]:
    dated: Counter[_Meeting] = Counter()
    declared: Counter[_Meeting] = Counter()
    for row in rows:
        capacity = _capacity(row, options)
        assert capacity is not None
        into = declared if row.weekly else dated
        for day in dates_between(row.days, row.first, row.last):
            into[_Meeting(Occurrence(day, row.start, row.minutes), row.room, capacity)] += 1
    return dated, declared


def _order(meeting: _Meeting) -> tuple[Occurrence, str, int]:
    return meeting.one, meeting.room or "", meeting.capacity


def _numbered(meetings: Iterable[_Meeting]) -> Iterable[tuple[_Meeting, tuple[str, ...]]]:
    """Each meeting with what tells it from others of the same course at the same minute: mostly nothing."""
    seen: Counter[tuple[date, object]] = Counter()
    for meeting in meetings:
        slot = (meeting.one.day, meeting.one.start)
        seen[slot] += 1
        yield meeting, () if seen[slot] == 1 else (str(seen[slot]),)


def _series(
    made: _Made,
    series_of: dict[_Meeting, str],
    place_and_course: tuple[str, str],
    meetings: Iterable[_Meeting],
    *,
    least_weeks: int,
    weeks: int,
) -> None:
    location, course = place_and_course
    activity = key_of(place_and_course)
    alike: dict[tuple[str | None, int], list[Occurrence]] = defaultdict(list)
    for meeting in meetings:
        alike[meeting.room, meeting.capacity].append(meeting.one)
    for (room, capacity), occurrences in sorted(
        alike.items(), key=lambda pair: (pair[0][0] or "", pair[0][1])
    ):
        for pattern in group(occurrences, least_weeks=least_weeks).patterns:
            parts = [
                location,
                course,
                f"{pattern.start:%H:%M}",
                str(pattern.minutes),
                pattern.first.isoformat(),
            ]
            key = made.fresh_key([*parts, room or ""])
            made.series.append(
                PlannedSeries(
                    key, activity, location, _room(made, location, room), capacity, pattern.shifted(weeks)
                )
            )
            for one in expand(pattern):
                series_of[_Meeting(one, room, capacity)] = key


def _room(made: _Made, location: str, name: str | None) -> str | None:
    if name is None:
        return None
    # A venue's rooms are told apart without regard to case, as the table does.
    key = key_of((location, name.casefold()))
    made.rooms.setdefault(key, PlannedRoom(key, location, name))
    return key


def _activity_facts(lead: SourceRow, meetings: Sequence[_Meeting], options: ImportOptions) -> Facts:
    lengths = Counter(meeting.one.minutes for meeting in meetings)
    places = Counter(meeting.capacity for meeting in meetings)
    entry = options.venues.get(lead.location)
    found: dict[str, object] = {
        "name": lead.title,
        "min_age_months": lead.min_age,
        "max_age_months": lead.max_age,
        # What most meetings have; each session keeps its own.
        "duration_minutes": max(lengths, key=lambda minutes: (lengths[minutes], minutes)),
        "capacity_per_session": max(places, key=lambda capacity: (places[capacity], capacity)),
        "activity_tags": dict(lead.tags),
    }
    optional = {
        "category": lead.category or options.category,
        "credits_required": lead.credits or (entry.credits if entry else None) or options.credits,
        "full_description": lead.description,
    }
    return found | {name: value for name, value in optional.items() if value is not None}
