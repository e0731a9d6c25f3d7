"""A series and what was decided about its dates, worked out into dated meetings: the pure engine.

The database makes the sessions themselves (`schedules.meetings` in SQL), because only there can many desks do it at
once. This says independently what must come out, and a property test holds the two together, case by case; whoever
reads rules from outside the console checks and expands them here, without a server. See docs/design.md, "Rules of the
domain" (schedules).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.programme import SeriesFacts
from console.domain.recurrence import DAY_MINUTES, Occurrence, instants, monday
from console.errors import Invalid

MOST_MEETINGS = 1_000
"""The most dates that one change of a series may make, unless the setting says otherwise."""

MOST_WEEKS_APART = 52
_LEAP_DAY = (2, 29)
_ZONE_NAME = re.compile(r"UTC|[A-Za-z]+(/[A-Za-z0-9_+-]+)+")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::00)?")


@dataclass(frozen=True, slots=True)
class DateException:
    """What the date `on` of a pattern became: nothing at all, or the same with other facts (None: as the pattern)."""

    on: date
    is_skipped: bool = False
    day: date | None = None
    start: time | None = None
    minutes: int | None = None
    room_id: UUID | None = None
    instructor: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Shut:
    """A closure of the whole venue (no `room_ids`) or of some rooms; where yearly, from its first year on."""

    starts_at: datetime
    ends_at: datetime
    room_ids: frozenset[UUID] = frozenset()
    is_yearly: bool = False


@dataclass(frozen=True, slots=True)
class Meeting:
    """One date of a pattern, exceptions and closures applied; instants are in UTC. A closed one does not take place."""

    occurs_on: date
    starts_at: datetime
    ends_at: datetime
    room_id: UUID | None
    instructor: str | None
    capacity: int
    platform_places: int
    is_changed: bool
    is_closed: bool


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises Invalid where there is none: 'EST5EDT' and '+02' are offsets, not places."""
    if _ZONE_NAME.fullmatch(name):
        # ZoneInfoNotFoundError is a KeyError; the name of a folder, such as America/Argentina, is an OSError.
        with contextlib.suppress(KeyError, OSError, ValueError):
            return ZoneInfo(name)
    raise Invalid("There is no such time zone.", hint="Write it as America/Toronto.", code="zone")


def written_time(text: str) -> time:
    """A time of the day as written, such as 16:30. Raises Invalid for anything else, 25:00 among it."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise Invalid("A session starts between 00:00 and 23:59.", code="start")
    return time(int(found[1]), int(found[2]))


def check(facts: SeriesFacts) -> None:
    """Raise Invalid, with one sentence, for the first thing wrong with a pattern; the database refuses the same."""
    if not facts.weekdays:
        raise Invalid("Choose at least one weekday.", code="weekdays")
    if not set(facts.weekdays) <= set(range(7)):
        raise Invalid("A weekday is a number from 0 (Sunday) to 6 (Saturday).", code="weekdays")
    if not 1 <= facts.every_weeks <= MOST_WEEKS_APART:
        raise Invalid(f"A series repeats every 1 to {MOST_WEEKS_APART} weeks.", code="every_weeks")
    if not 1 <= facts.minutes <= DAY_MINUTES:
        raise Invalid(f"A session lasts 1 to {DAY_MINUTES:,} minutes.", code="minutes")
    if facts.last is not None and facts.last < facts.first:
        raise Invalid("The last day of a series is not before its first.", code="last")


def rule_dates(
    days: Iterable[int], every_weeks: int, anchor: date, first: date, last: date
) -> Iterator[date]:
    """The dates of a pattern from `first` to `last`, both included, in order; none lies before `anchor`.

    Weeks run from Monday to Sunday and are counted from the week of `anchor`: FREQ=WEEKLY with INTERVAL, BYDAY (here
    0 = Sunday) and WKST=MO of RFC 5545.
    """
    begin, step = max(anchor, first), 7 * every_weeks
    offsets = sorted({(day + 6) % 7 for day in days})
    since = (begin - monday(anchor)).days // step * step
    # Counted in ordinals: the last week of the calendar may reach beyond it.
    for week in range(monday(anchor).toordinal() + since, last.toordinal() + 1, step):
        for offset in offsets:
            if begin.toordinal() <= week + offset <= last.toordinal():
                yield date.fromordinal(week + offset)


def count_dates(days: Iterable[int], every_weeks: int, anchor: date, first: date, last: date) -> int:
    """How many dates `rule_dates` has, without going through them."""
    begin, step = max(anchor, first).toordinal(), 7 * every_weeks
    count = 0
    for offset in {(day + 6) % 7 for day in days}:
        slot = monday(anchor).toordinal() + offset
        slot += -(-max(0, begin - slot) // step) * step
        count += max(0, (last.toordinal() - slot) // step + 1)
    return count


def meetings(
    facts: SeriesFacts,
    zone: ZoneInfo,
    first: date,
    last: date,
    *,
    exceptions: Iterable[DateException] = (),
    closures: Iterable[Shut] = (),
    most: int = MOST_MEETINGS,
) -> tuple[Meeting, ...]:
    """Every date of the pattern from `first` to `last`, both included, without the skipped ones.

    An exception of a date that the pattern does not have says nothing. A closure counts where the meeting would
    really be: on its changed day, at its changed time, in its changed room. Raises Invalid where the facts are wrong,
    or where there would be more than `most` dates.
    """
    check(facts)
    end = last if facts.last is None else min(last, facts.last)
    rule = (facts.weekdays, facts.every_weeks, facts.first, first, end)
    asked = count_dates(*rule)
    if asked > most:
        raise Invalid(
            f"That would be {asked:,} sessions; one change may make at most {most:,}.",
            hint="Choose an earlier last day or fewer weekdays.",
            code="too_many_sessions",
        )
    by_date = {one.on: one for one in exceptions}
    shut = tuple(closures)
    return tuple(
        _meeting(facts, zone, day, by_date.get(day), shut)
        for day in rule_dates(*rule)
        if day not in by_date or not by_date[day].is_skipped
    )


def spans(
    closure: Shut, zone: ZoneInfo, from_at: datetime, until_at: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """When a closure is in force between two instants, in UTC.

    A yearly one comes back on the same days and at the same hours by the venue's clock. Its last day is what is
    carried over, not the instant of its end, so that "until midnight" on 28 February is the whole day in every year;
    29 February falls on the 28th in other years.
    """
    found = [(closure.starts_at.astimezone(UTC), closure.ends_at.astimezone(UTC))]
    if closure.is_yearly:
        wall_start = closure.starts_at.astimezone(zone).replace(tzinfo=None)
        wall_end = closure.ends_at.astimezone(zone).replace(tzinfo=None)
        last_day = (wall_end - timedelta(microseconds=1)).date()
        after = wall_end - datetime.combine(last_day, time())
        years = range(
            max(1, from_at.astimezone(zone).year - last_day.year),
            until_at.astimezone(zone).year - wall_start.year + 1,
        )
        for more in years:
            starts_at = _instant(
                datetime.combine(_years_later(wall_start.date(), more), wall_start.time()), zone
            )
            ends_at = _instant(datetime.combine(_years_later(last_day, more), time()) + after, zone)
            if ends_at <= starts_at:
                ends_at = starts_at + (wall_end - wall_start)
            found.append((starts_at, ends_at))
    for starts_at, ends_at in found:
        if starts_at < until_at and ends_at > from_at:
            yield starts_at, ends_at


def _meeting(
    facts: SeriesFacts, zone: ZoneInfo, day: date, decided: DateException | None, closures: tuple[Shut, ...]
) -> Meeting:
    one = decided or DateException(day)
    starts_at, ends_at = instants(
        Occurrence(one.day or day, one.start or facts.start, one.minutes or facts.minutes), zone
    )
    room = one.room_id or facts.room_id
    capacity = one.capacity or facts.capacity
    return Meeting(
        occurs_on=day,
        starts_at=starts_at,
        ends_at=ends_at,
        room_id=room,
        instructor=one.instructor or facts.instructor,
        capacity=capacity,
        platform_places=min(facts.platform_places, capacity),
        is_changed=decided is not None,
        is_closed=any(
            True
            for closure in closures
            if not closure.room_ids or room in closure.room_ids
            for _ in spans(closure, zone, starts_at, ends_at)
        ),
    )


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _years_later(day: date, years: int) -> date:
    if (day.month, day.day) == _LEAP_DAY:
        # What the 29th stands for is the end of February.
        return date(day.year + years, 3, 1) - timedelta(days=1)
    return day.replace(year=day.year + years)
