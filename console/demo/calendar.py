"""Series and dated sessions of the demo: a year back and sixty days ahead, in each venue's own wall time.

A wall time inside a daylight saving gap moves forward by the gap, one that occurs twice takes the first
(docs/design.md, "Rules of the domain", Schedules).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from console.demo import today as plan_of_today
from console.demo.accounts import is_main
from console.demo.chance import Chance
from console.demo.world import Series, Session, Venue

WEEKS_BACK = 52
DAYS_AHEAD = 60
DAYS_OFF = {(12, 25): "Christmas Day", (1, 1): "New Year's Day", (7, 4): "Independence Day"}


def instant(zone: ZoneInfo, day: date, minutes: int) -> datetime:
    """The instant in UTC when the wall clock shows `minutes` after midnight of `day` (below 0: the day before)."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    found = wall.replace(tzinfo=zone)
    if found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        # In a gap the offset before it is the right one; fold=0 already means that offset, so UTC moves forward.
        found = found.astimezone(UTC).astimezone(zone)
    return found.astimezone(UTC)


def weekday(day: date) -> int:
    """The day of the week with 0 for Sunday, as the database counts."""
    return day.isoweekday() % 7


def plan_series(venue: Venue, at: datetime, seed: int) -> list[tuple[Series, plan_of_today.Placed]]:
    """Give the venue its weekly patterns; returns those that make up today at Riverside Studio, with their plan."""
    chance = Chance(seed, f"series {venue.plan.slug}")
    main = is_main(venue.plan)
    for slot in venue.plan.slots:
        days = tuple(day for day in slot.days if not (main and day == weekday(venue.today)))
        if not days:
            continue
        activity = venue.plan.by_name[slot.activity]
        weeks = chance.between(24, WEEKS_BACK) if main else chance.between(30, WEEKS_BACK)
        since = venue.today - timedelta(weeks=weeks)
        start = slot.start.hour * 60 + slot.start.minute
        venue.series.append(Series(chance.uuid(), activity, days, start, activity.minutes, since))
    return _series_of_today(venue, at, chance) if main else []


def plan_sessions(venue: Venue, seed: int, scripted: list[tuple[Series, plan_of_today.Placed]]) -> None:
    """Turn the weekly patterns into dated sessions; today's plan at Riverside Studio is marked as scripted."""
    chance = Chance(seed, f"sessions {venue.plan.slug}")
    plans = {series.id: placed for series, placed in scripted}
    last = venue.today + timedelta(days=DAYS_AHEAD)
    for series in venue.series:
        placed = plans.get(series.id)
        scripted_day = (
            None if placed is None else venue.today + timedelta(days=placed.start // plan_of_today.DAY)
        )
        for day in _days(series, last):
            if (day.month, day.day) in DAYS_OFF and day != scripted_day:
                series.skipped[day] = DAYS_OFF[day.month, day.day]
                continue
            starts = instant(venue.zone, day, series.start_minute)
            session = Session(
                chance.uuid(),
                venue,
                series.activity,
                series,
                day,
                starts,
                starts + timedelta(minutes=series.minutes),
            )
            session.scripted = day == scripted_day
            venue.sessions.append(session)
    venue.sessions.sort(key=lambda session: (session.starts, session.id))


def _series_of_today(venue: Venue, at: datetime, chance: Chance) -> list[tuple[Series, plan_of_today.Placed]]:
    local = at.astimezone(venue.zone)
    found = []
    for placed in plan_of_today.arrange(local.hour * 60 + local.minute):
        day_shift, minute = divmod(placed.start, plan_of_today.DAY)
        day = venue.today + timedelta(days=day_shift)
        activity = venue.plan.by_name[placed.item.activity]
        if placed.minutes != activity.minutes:
            activity = replace(activity, minutes=placed.minutes)
        since = day - timedelta(weeks=WEEKS_BACK)
        series = Series(chance.uuid(), activity, (weekday(day),), minute, placed.minutes, since)
        venue.series.append(series)
        found.append((series, placed))
    return found


def _days(series: Series, last: date) -> list[date]:
    by_weekday: dict[int, list[date]] = defaultdict(list)
    for wanted in series.days:
        day = series.since + timedelta(days=(wanted - weekday(series.since)) % 7)
        while day <= last:
            by_weekday[wanted].append(day)
            day += timedelta(weeks=1)
    return sorted(day for days in by_weekday.values() for day in days)
