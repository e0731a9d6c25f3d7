"""What the venues of the demo are and offer: plain facts, read by everything else in this package.

Riverside Studio is the main one: its front desk is the first account, and its day is arranged around the instant at
which the demo is loaded (console.demo.today). The others keep ordinary hours in time zones of their own, two of
them in places where daylight saving behaves unlike Portland's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from functools import cached_property


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """Something a venue offers. Ages are whole months, `max_months` included."""

    name: str
    category: str
    min_months: int
    max_months: int
    minutes: int
    credits: int
    places: int
    room: str
    instructor: str
    blurb: str


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """When an activity runs every week: weekdays (0 = Sunday) and the venue's wall time."""

    activity: str
    days: tuple[int, ...]
    start: time


@dataclass(frozen=True)
class VenuePlan:
    """A venue: where it is, what it offers and when."""

    name: str
    slug: str
    category: str
    tagline: str
    street: str
    city: str
    state: str
    postcode: str
    country: str
    latitude: str
    longitude: str
    timezone: str
    area_code: str
    fee: str
    score: str
    families: int
    rooms: tuple[tuple[str, int], ...]
    activities: tuple[ActivityPlan, ...]
    slots: tuple[SlotPlan, ...]

    @cached_property
    def by_name(self) -> dict[str, ActivityPlan]:
        """The activities by their name."""
        return {activity.name: activity for activity in self.activities}


def ages(low: int, high: int) -> tuple[int, int]:
    """A range of whole years, both included, in months."""
    return low * 12, high * 12 + 11


def activity(
    name: str,
    category: str,
    years: tuple[int, int],
    minutes: int,
    price: int,
    places: int,
    room: str,
    instructor: str,
    blurb: str,
) -> ActivityPlan:
    """An activity with its ages given in years."""
    low, high = ages(*years)
    return ActivityPlan(name, category, low, high, minutes, price, places, room, instructor, blurb)


def slot(name: str, days: str, start: str) -> SlotPlan:
    """A weekly slot; `days` are digits, 0 for Sunday, and `start` is "HH:MM"."""
    return SlotPlan(name, tuple(int(day) for day in days), time.fromisoformat(start))
