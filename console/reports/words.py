"""How documents put days, times, ages and health into words, the venue's time throughout.

See docs/design.md, "Documents".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from console.domain.counting import count
from console.domain.desk import HealthNote, PickupPerson
from console.domain.refusals import clock_time

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_BABY_MONTHS = 24
WORST = 1
"""The severity that is printed white on dark, with a sign."""
SIGN = "\u26a0"


def long_day(day: date) -> str:
    """A day as a document's title has it: "Thursday 12 March 2026"."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """A day where room is short: "Thu 12 March"."""
    return f"{_WEEKDAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1]}"


def dated(day: date) -> str:
    """A day that is read the same everywhere: "3 March 2026"."""
    return f"{day.day} {month(day)}"


def month(day: date) -> str:
    """A month: "March 2026"."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def local_day(instant: datetime, zone: tzinfo) -> date:
    """The venue's date at an instant."""
    return instant.astimezone(zone).date()


def hours(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> str:
    """From when to when: "15:30–16:30"."""
    return f"{clock_time(starts_at, zone)}–{clock_time(ends_at, zone)}"


def age(months: int) -> str:
    """An age that is read without its column's head: "age 7", "18 months"."""
    return f"{months} months" if months < _BABY_MONTHS else f"age {months // 12}"


def children(number: int) -> str:
    """How many children: "1 child", "12 children"."""
    return count(number, "child", "children")


def names(first_names: Sequence[str]) -> str:
    """Names in a sentence: "Nia, Theo and Sam"."""
    if len(first_names) < 2:
        return "".join(first_names)
    return f"{', '.join(first_names[:-1])} and {first_names[-1]}"


def worst_first(health: Sequence[HealthNote]) -> list[HealthNote]:
    """The notes with the gravest in front, else as they come."""
    return sorted(health, key=lambda note: note.severity)


def health_word(note: HealthNote) -> str:
    """The chip's word, with the sign where it is grave."""
    return f"{SIGN} {note.label}" if note.severity <= WORST else note.label


def collectors(pickup: Sequence[PickupPerson], day: date) -> list[str]:
    """The names of those who may collect on a day; who may not is not on paper."""
    return [
        person.name
        for person in pickup
        if person.may_collect
        and (person.valid_from is None or person.valid_from <= day)
        and (person.valid_until is None or day <= person.valid_until)
    ]
