"""Which part of a programme goes out, and what each date of a series is: as the pattern says, otherwise, or not at all.

One answer for every format, so that a calendar and a table of the same days never differ. See docs/design.md, "Rules
of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.exchange import DateOut, ProgrammeOut, SeriesOut, SessionOut, Wish
from console.domain.programme import ClosureSpan, SeriesFacts
from console.domain.recurrence import Occurrence, instants
from console.domain.recurrence_rules import rule_dates


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What a date of a series became, in the terms of a session."""

    on: date
    day: date
    start: time
    minutes: int
    capacity: int
    platform_places: int
    room_id: UUID | None
    instructor: str | None


@dataclass(frozen=True, slots=True)
class SeriesDates:
    """A series with its dates in the range: `dates` are all the pattern has, of which those in `left_out` do not take
    place, or take place `elsewhere`, outside what was wished for.
    """

    out: SeriesOut
    dates: tuple[date, ...]
    left_out: tuple[date, ...]
    elsewhere: tuple[date, ...]
    otherwise: tuple[Otherwise, ...]
    besides: tuple[SessionOut, ...]
    """Sessions of the series that stand for dates which the pattern does not have any more."""

    @property
    def takes_place(self) -> bool:
        """Whether any date is left."""
        return len(self.left_out) + len(self.elsewhere) < len(self.dates)


def wanted(wish: Wish, room_id: UUID | None, instructor: str | None) -> bool:
    """Whether something in this room, with this instructor, is part of what was wished for."""
    if wish.room_id is not None and room_id != wish.room_id:
        return False
    return wish.instructor is None or (instructor or "").strip().casefold() == wish.instructor.casefold()


def singles(programme: ProgrammeOut, wish: Wish) -> tuple[SessionOut, ...]:
    """Sessions outside every series."""
    known = {one.series.id for one in programme.series}
    return tuple(
        one
        for one in programme.sessions
        if one.series_id not in known
        and programme.first <= one.day <= programme.last
        and wanted(wish, one.room_id, one.instructor)
    )


def series_dates(programme: ProgrammeOut, wish: Wish) -> Iterable[SeriesDates]:
    """Every series that has a date, or a session, in what was wished for."""
    sessions: dict[UUID, dict[date, SessionOut]] = {}
    for one in programme.sessions:
        if one.series_id is not None and one.occurs_on is not None:
            sessions.setdefault(one.series_id, {})[one.occurs_on] = one
    decided: dict[UUID, dict[date, DateOut]] = {}
    for date_out in programme.dates:
        decided.setdefault(date_out.series_id, {})[date_out.on] = date_out
    zone = ZoneInfo(programme.zone)
    for out in programme.series:
        made = _dates(
            programme, wish, out, sessions.get(out.series.id, {}), decided.get(out.series.id, {}), zone
        )
        if made.takes_place or made.besides:
            yield made


def _dates(
    programme: ProgrammeOut,
    wish: Wish,
    out: SeriesOut,
    sessions: dict[date, SessionOut],
    decided: dict[date, DateOut],
    zone: ZoneInfo,
) -> SeriesDates:
    facts = out.series.facts
    last = programme.last if facts.last is None else min(programme.last, facts.last)
    dates = tuple(rule_dates(facts.weekdays, facts.every_weeks, facts.first, programme.first, last))
    made_until = max(programme.today, out.series.generated_until or programme.today)
    left_out, elsewhere, otherwise = [], [], []
    for day in dates:
        session = sessions.get(day)
        if session is not None and not session.is_cancelled:
            now = _of_session(day, session)
        elif session is not None or day <= made_until or not out.runs:
            left_out.append(day)
            continue
        else:
            change = decided.get(day)
            now = _of_series(day, facts, change)
            if (change is not None and change.is_skipped) or _is_shut(now, programme.closures, zone):
                left_out.append(day)
                continue
        if not wanted(wish, now.room_id, now.instructor):
            elsewhere.append(day)
        elif now != _of_series(day, facts, None):
            otherwise.append(now)
    known = frozenset(dates)
    besides = tuple(
        one
        for on, one in sessions.items()
        if on not in known
        and programme.first <= one.day <= programme.last
        and wanted(wish, one.room_id, one.instructor)
    )
    return SeriesDates(out, dates, tuple(left_out), tuple(elsewhere), tuple(otherwise), besides)


def _of_session(on: date, one: SessionOut) -> Otherwise:
    return Otherwise(
        on, one.day, one.start, one.minutes, one.capacity, one.platform_places, one.room_id, one.instructor
    )


def _of_series(on: date, facts: SeriesFacts, change: DateOut | None) -> Otherwise:
    one = change or DateOut(UUID(int=0), on, False)
    capacity = one.capacity or facts.capacity
    return Otherwise(
        on=on,
        day=one.day or on,
        start=one.start or facts.start,
        minutes=one.minutes or facts.minutes,
        capacity=capacity,
        platform_places=min(facts.platform_places, capacity),
        room_id=one.room_id or facts.room_id,
        instructor=one.instructor or facts.instructor,
    )


def _is_shut(now: Otherwise, closures: Iterable[ClosureSpan], zone: ZoneInfo) -> bool:
    starts_at, ends_at = instants(Occurrence(now.day, now.start, now.minutes), zone)
    return any(
        one.starts_at < ends_at
        and one.ends_at > starts_at
        and (not one.room_ids or now.room_id in one.room_ids)
        for one in closures
    )
