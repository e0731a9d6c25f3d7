"""How full a venue is and was: what a session came to, and the sums, shares and charts that are made of it.

Pure arithmetic over frozen values that storage makes; days and hours are the venue's. A cancelled session has no
places. See docs/design.md, "Screens" (daily statistics) and "Borrowed from neighbouring systems" (occupancy).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from console.domain.charts import Chart, Limit, Measure
from console.domain.day import NEARLY_FULL

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WARNING = Limit(100 * NEARLY_FULL, f"{NEARLY_FULL:.0%} full".replace("%", " %"))


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """One session in numbers. `inside` counts children in now, `came` who ever came, `waiting` its queue."""

    session_id: UUID
    day: date
    start: time
    starts_at: datetime
    ends_at: datetime
    activity: str
    instructor: str | None
    room: str | None
    capacity: int
    booked: int
    came: int
    no_shows: int
    inside: int
    waiting: int
    is_cancelled: bool


class By(StrEnum):
    """What sessions are put together by."""

    ACTIVITY = "activity"
    INSTRUCTOR = "instructor"
    ROOM = "room"
    HOUR = "hour"
    WEEKDAY = "weekday"


@dataclass(frozen=True, slots=True)
class Utilisation:
    """Sessions with something in common, added up."""

    name: str
    sessions: int
    cancelled: int
    places: int
    booked: int
    came: int
    no_shows: int
    waiting: int

    @property
    def share(self) -> float | None:
        """Booked places of all places in per cent; None without any place."""
        return 100 * self.booked / self.places if self.places else None

    @property
    def shown_up(self) -> float | None:
        """Who came of those whose session said so, in per cent; None where nobody said."""
        told = self.came + self.no_shows
        return 100 * self.came / told if told else None


@dataclass(frozen=True, slots=True)
class LiveOccupancy:
    """How full the sessions under way are."""

    inside: int
    places: int
    sessions: int
    nearly_full: tuple[SessionFigures, ...]
    """Those under way with at least 80 % of their places taken by children who are in."""

    @property
    def share(self) -> float | None:
        """Children in of all places in per cent; None when nothing is on."""
        return 100 * self.inside / self.places if self.places else None

    @property
    def is_warning(self) -> bool:
        """Whether the whole is at 80 % or more."""
        return self.share is not None and self.share >= 100 * NEARLY_FULL


def live(figures: Iterable[SessionFigures], now: datetime) -> LiveOccupancy:
    """What is on at `now`; children still in after the end of theirs count where they are."""
    on = [
        one for one in figures if not one.is_cancelled and (one.starts_at <= now < one.ends_at or one.inside)
    ]
    return LiveOccupancy(
        inside=sum(one.inside for one in on),
        places=sum(one.capacity for one in on),
        sessions=len(on),
        nearly_full=tuple(one for one in on if one.inside >= NEARLY_FULL * one.capacity),
    )


def utilisation(figures: Iterable[SessionFigures], by: By) -> tuple[Utilisation, ...]:
    """The sessions put together; hours and weekdays in their order, everything else the fullest first."""
    groups: dict[tuple[int, str], list[SessionFigures]] = defaultdict(list)
    for one in figures:
        groups[_KEYS[by](one)].append(one)
    rows = [(order, _sum(name, group)) for (order, name), group in groups.items()]
    rows.sort(key=lambda pair: (pair[0], -(pair[1].share or 0.0), pair[1].name.casefold()))
    return tuple(row for _, row in rows)


def total(figures: Iterable[SessionFigures]) -> Utilisation:
    """All of them together."""
    return _sum("All", list(figures))


def by_day(figures: Sequence[SessionFigures], first: date, last: date) -> Chart:
    """Who came, who did not, who is booked and nobody said, and what stayed free, for each day."""
    days = [first + timedelta(days=at) for at in range((last - first).days + 1)]
    sums = {day: _sum("", [one for one in figures if one.day == day]) for day in days}
    labels = tuple(
        f"{WEEKDAYS[day.weekday()]} {day.day}" if len(days) <= 7 else f"{day.day} {day:%b}" for day in days
    )
    return _split("Places by day", labels, [sums[day] for day in days])


def by_hour(figures: Sequence[SessionFigures]) -> Chart:
    """The same for each hour in which a session begins."""
    rows = utilisation(figures, By.HOUR)
    return _split("Places by hour", tuple(row.name for row in rows), rows)


def week_heat(figures: Sequence[SessionFigures]) -> Chart:
    """Booked places of all places in per cent, by weekday and hour of the start."""
    hours = sorted({one.start.hour for one in figures if not one.is_cancelled})
    measures = []
    for at, name in enumerate(WEEKDAYS):
        cells = []
        for hour in hours:
            there = [one for one in figures if one.day.weekday() == at and one.start.hour == hour]
            share = _sum("", there).share
            cells.append(None if share is None else round(share, 1))
        measures.append(Measure(name, tuple(cells)))
    labels = tuple(f"{hour:02}:00" for hour in hours)
    return Chart(
        "heat", "Booked places by weekday and hour, per cent", labels, tuple(measures), unit=" %", highest=100
    )


def shares(rows: Sequence[Utilisation], title: str, *, most: int = 12) -> Chart:
    """How full each row is, the first `most` of them."""
    shown = [row for row in rows if row.share is not None][:most]
    values = tuple(round(row.share or 0.0, 1) for row in shown)
    labels = tuple(_short(row.name) for row in shown)
    return Chart("bars", title, labels, (Measure("Booked", values),), unit=" %", limit=WARNING, highest=105)


def _split(title: str, labels: tuple[str, ...], rows: Sequence[Utilisation]) -> Chart:
    came = tuple(row.came for row in rows)
    missed = tuple(row.no_shows for row in rows)
    open_ = tuple(max(0, row.booked - row.came - row.no_shows) for row in rows)
    free = tuple(max(0, row.places - row.booked) for row in rows)
    if not any(row.places for row in rows):
        return Chart("bars", title, (), ())
    measures = (
        Measure("Came", came, "green"),
        Measure("No-show", missed, "amber"),
        Measure("Booked", open_, "accent"),
        Measure("Free", free, "neutral"),
    )
    return Chart("bars", title, labels, measures, stacked=True)


def _sum(name: str, group: Sequence[SessionFigures]) -> Utilisation:
    held = [one for one in group if not one.is_cancelled]
    return Utilisation(
        name=name,
        sessions=len(held),
        cancelled=len(group) - len(held),
        places=sum(one.capacity for one in held),
        booked=sum(one.booked for one in held),
        came=sum(one.came for one in held),
        no_shows=sum(one.no_shows for one in held),
        waiting=sum(one.waiting for one in held),
    )


_KEYS: dict[By, Callable[[SessionFigures], tuple[int, str]]] = {
    By.ACTIVITY: lambda one: (0, one.activity),
    By.INSTRUCTOR: lambda one: (0, one.instructor or "Nobody named"),
    By.ROOM: lambda one: (0, one.room or "No room"),
    By.HOUR: lambda one: (one.start.hour, f"{one.start.hour:02}:00"),
    By.WEEKDAY: lambda one: (one.day.weekday(), WEEKDAYS[one.day.weekday()]),
}


def _short(name: str, most: int = 18) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
