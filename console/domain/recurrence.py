"""Weekly patterns: how dated meetings become a series, and a series becomes dated meetings.

Everything here is in the wall time of a venue, because that is what people agree on ("Tuesdays at four"); instants
are derived last, in one place that knows what to do when the clocks change. The two directions are inverse: expanding
what was grouped gives back exactly the meetings that went in. See docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

WEEK = timedelta(days=7)
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One meeting in the venue's wall time: its day, its start, and its length in minutes by the clock on the wall."""

    day: date
    start: time
    minutes: int

    def shifted(self, weeks: int) -> Occurrence:
        """The same weekday and time, `weeks` weeks later (or earlier, when negative)."""
        return replace(self, day=self.day + weeks * WEEK)


@dataclass(frozen=True, slots=True)
class WeeklyPattern:
    """Meetings on `days` (0 = Sunday) from `first` to `last`, both included, except on the `skipped` dates."""

    days: tuple[int, ...]
    start: time
    minutes: int
    first: date
    last: date
    skipped: tuple[date, ...] = ()

    def shifted(self, weeks: int) -> WeeklyPattern:
        """The whole pattern, `weeks` weeks later (or earlier, when negative)."""
        step = weeks * WEEK
        return replace(
            self,
            first=self.first + step,
            last=self.last + step,
            skipped=tuple(day + step for day in self.skipped),
        )


@dataclass(frozen=True, slots=True)
class Grouping:
    """What a set of meetings turned out to be: patterns, and the meetings that repeat nothing."""

    patterns: tuple[WeeklyPattern, ...]
    singles: tuple[Occurrence, ...]


def weekday(day: date) -> int:
    """The weekday as schedules count it: 0 is Sunday, 6 is Saturday."""
    return day.isoweekday() % 7


def dates_between(days: Iterable[int], first: date, last: date) -> Iterator[date]:
    """Every date from `first` to `last`, both included, that falls on one of `days` (0 = Sunday), in order."""
    begin, length = weekday(first), (last - first).days
    offsets = sorted({(day - begin) % 7 for day in days})
    for week in range(0, length + 1, 7):
        for offset in offsets:
            if week + offset <= length:
                yield first + timedelta(days=week + offset)


def expand(pattern: WeeklyPattern) -> Iterator[Occurrence]:
    """The meetings of a pattern, in order, without the skipped dates."""
    skipped = frozenset(pattern.skipped)
    for day in dates_between(pattern.days, pattern.first, pattern.last):
        if day not in skipped:
            yield Occurrence(day, pattern.start, pattern.minutes)


def group(occurrences: Iterable[Occurrence], *, least_weeks: int = 2) -> Grouping:
    """Find the weekly patterns in a set of meetings.

    Meetings at the same time and of the same length on one weekday are a pattern when more weeks are held than
    skipped; where too many are skipped, the run is cut at its widest gap and each half judged again. Weekdays with
    the same time, length and span then share one pattern, if that adds no skipped date. `least_weeks` is 2 for dated
    meetings (one alone repeats nothing) and 1 for meetings that their publisher declared weekly, such as a camp from
    Monday to Friday. Repeated meetings count once.
    """
    by_slot: dict[tuple[time, int, int], list[date]] = defaultdict(list)
    for one in sorted(set(occurrences)):
        by_slot[one.start, one.minutes, weekday(one.day)].append(one.day)
    singles: list[Occurrence] = []
    runs: dict[tuple[time, int], list[WeeklyPattern]] = defaultdict(list)
    for (start, minutes, on), days in by_slot.items():
        for run in _runs(days):
            if len(run) < least_weeks:
                singles.extend(Occurrence(day, start, minutes) for day in run)
            else:
                skipped = _missing(run)
                runs[start, minutes].append(WeeklyPattern((on,), start, minutes, run[0], run[-1], skipped))
    patterns: list[WeeklyPattern] = []
    for found in runs.values():
        for merged in _merge(found):
            if merged.first == merged.last:
                singles.append(Occurrence(merged.first, merged.start, merged.minutes))
            else:
                patterns.append(merged)
    patterns.sort(key=lambda one: (one.first, one.start, one.minutes, one.days))
    return Grouping(tuple(patterns), tuple(sorted(singles)))


def busiest_week(days: Iterable[date]) -> date | None:
    """The Monday of the week with the most meetings; the earliest of several, None without any."""
    weeks = Counter(monday(day) for day in days)
    if not weeks:
        return None
    return min(weeks, key=lambda week: (-weeks[week], week))


def monday(day: date) -> date:
    """The Monday of the week in which `day` lies."""
    return day - timedelta(days=day.weekday())


def weeks_between(earlier: date, later: date) -> int:
    """How many whole weeks lie between the weeks of two dates; negative when `later` is earlier."""
    return (monday(later) - monday(earlier)).days // 7


def instants(one: Occurrence, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a meeting starts and ends, in UTC.

    A wall time that the clocks skip moves forward by the gap, one that they show twice is the first. The end is a
    wall time as well: who is told "until six" leaves at six, even on a night of 23 hours. Only where the change of
    clocks leaves no time between the two does the meeting keep its length instead.
    """
    start = datetime.combine(one.day, one.start)
    # With fold=0, a time inside a gap takes the offset from before it: that is the move forward by the gap.
    starts_at = start.replace(tzinfo=zone).astimezone(UTC)
    ends_at = (start + timedelta(minutes=one.minutes)).replace(tzinfo=zone).astimezone(UTC)
    if ends_at <= starts_at:
        ends_at = starts_at + timedelta(minutes=one.minutes)
    return starts_at, ends_at


def minutes_from(start: time, end: time) -> int:
    """Minutes by the clock on the wall from `start` to `end`; an end that is not later is on the next day."""
    passed = (end.hour * 60 + end.minute) - (start.hour * 60 + start.minute)
    return passed if passed > 0 else passed + DAY_MINUTES


def _runs(days: list[date]) -> Iterator[list[date]]:
    """Cut the ordered dates of one weekday until each piece holds more weeks than it skips."""
    waiting = [days]
    while waiting:
        run = waiting.pop()
        weeks = (run[-1] - run[0]).days // 7 + 1
        if len(run) > weeks - len(run):
            yield run
            continue
        cut = max(range(1, len(run)), key=lambda at: run[at] - run[at - 1])
        waiting.append(run[cut:])
        waiting.append(run[:cut])


def _missing(run: list[date]) -> tuple[date, ...]:
    held = frozenset(run)
    weeks = (run[-1] - run[0]).days // 7 + 1
    return tuple(day for day in (run[0] + at * WEEK for at in range(weeks)) if day not in held)


def _merge(found: list[WeeklyPattern]) -> list[WeeklyPattern]:
    """Join patterns of different weekdays whose spans agree to within a week."""
    sets: list[list[WeeklyPattern]] = []
    for pattern in sorted(found, key=lambda one: (one.first, one.last)):
        for members in sets:
            if _fits(members, pattern):
                members.append(pattern)
                break
        else:
            sets.append([pattern])
    return [
        WeeklyPattern(
            days=tuple(sorted(one.days[0] for one in members)),
            start=members[0].start,
            minutes=members[0].minutes,
            first=min(one.first for one in members),
            last=max(one.last for one in members),
            skipped=tuple(sorted(day for one in members for day in one.skipped)),
        )
        for members in sets
    ]


def _fits(members: list[WeeklyPattern], other: WeeklyPattern) -> bool:
    together = [*members, other]
    if len({one.days for one in together}) < len(together):
        return False
    first = min(one.first for one in together)
    last = max(one.last for one in together)
    return all(one.first - first < WEEK and last - one.last < WEEK for one in together)
