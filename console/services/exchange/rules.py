"""How often something is, as others write it, in the terms of a weekly series: or the sentence that says why not.

The console keeps weekly patterns in the venue's wall time. What is weekly in other words (daily, or a number of times)
is put into those; what is not is refused, and what follows another place's clock becomes its single dates. See
docs/design.md, "Rules of the domain" (schedules).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from console.domain.recurrence import weekday
from console.domain.recurrence_rules import MOST_MEETINGS, MOST_WEEKS_APART, rule_dates
from console.services.exchange.calendar_lines import EventError
from console.services.exchange.calendar_out import WEEKDAYS

_WORDS = {
    "YEARLY": "yearly",
    "MONTHLY": "monthly",
    "HOURLY": "hourly",
    "MINUTELY": "every minute",
    "SECONDLY": "every second",
}
_KNOWN = frozenset({"FREQ", "INTERVAL", "BYDAY", "UNTIL", "COUNT", "WKST"})
_FAR = date(9999, 12, 1)


@dataclass(frozen=True, slots=True)
class Weekly:
    """A weekly pattern by some wall clock; `last` None: until further notice."""

    weekdays: tuple[int, ...]
    every_weeks: int
    first: date
    last: date | None

    def dates(self, most: int, until: date = _FAR) -> list[date]:
        """Its dates, at most so many, up to a day."""
        last = until if self.last is None else min(until, self.last)
        return list(islice(rule_dates(self.weekdays, self.every_weeks, self.first, self.first, last), most))


def parts_of(rule: str) -> dict[str, str]:
    """The parts of an RRULE by name. Raises EventError."""
    parts: dict[str, str] = {}
    for piece in rule.strip().rstrip(";").split(";"):
        name, sign, value = piece.partition("=")
        if not sign or name.strip().upper() in parts:
            raise EventError("Its rule of repetition cannot be read.")
        parts[name.strip().upper()] = value.strip().upper()
    return parts


def weekly(rule: str, start: datetime, until: datetime | date | None) -> Weekly:
    """A rule as a weekly pattern; `until` is its UNTIL by the clock of `start`. Raises EventError with the reason."""
    parts = parts_of(rule)
    often = parts.get("FREQ", "")
    if often not in ("WEEKLY", "DAILY"):
        how = _WORDS.get(often)
        raise EventError(
            f"It repeats {how}; the console keeps weekly series only."
            if how
            else "Its rule of repetition cannot be read."
        )
    strange = sorted(set(parts) - _KNOWN)
    if strange:
        raise EventError(f"Its rule says {strange[0]}, which the console cannot keep.")
    interval = _whole(parts.get("INTERVAL", "1"))
    days = _days(parts.get("BYDAY"))
    if often == "DAILY":
        if interval not in (1, 7):
            raise EventError(f"It repeats every {interval} days; the console keeps weekly series only.")
        every = 1
        days = days or (tuple(range(7)) if interval == 1 else (weekday(start.date()),))
        if interval == 7 and days != (weekday(start.date()),):
            raise EventError("Its rule of repetition cannot be read.")
    else:
        every = interval
        days = days or (weekday(start.date()),)
    if not 1 <= every <= MOST_WEEKS_APART:
        raise EventError(f"A series repeats every 1 to {MOST_WEEKS_APART} weeks.")
    made = Weekly(days, every, start.date(), None)
    _same_weeks(made, parts.get("WKST", "MO"))
    last = _last(made, parts, start, until)
    return Weekly(days, every, start.date(), last)


def _whole(written: str) -> int:
    if not written.isascii() or not written.isdigit() or len(written) > 9 or int(written) < 1:
        raise EventError("Its rule of repetition cannot be read.")
    return int(written)


def _days(written: str | None) -> tuple[int, ...]:
    if written is None:
        return ()
    found = set()
    for part in written.split(","):
        name = part.strip()
        if name[-2:] not in WEEKDAYS:
            raise EventError(f"“{name[:20]}” is not a weekday.")
        if name not in WEEKDAYS:
            raise EventError(f"Its rule says “{name[:20]}” of a month, which the console cannot keep.")
        found.add(WEEKDAYS.index(name))
    return tuple(sorted(found))


def _same_weeks(made: Weekly, first_of_week: str) -> None:
    """Weeks count from Monday here: another first day is the same unless it moves dates into other weeks."""
    if first_of_week not in WEEKDAYS:
        raise EventError(f"“{first_of_week[:20]}” is not a weekday.")
    if made.every_weeks == 1 or first_of_week == "MO":
        return
    begin = WEEKDAYS.index(first_of_week)
    shift = [(day - begin) % 7 for day in (*made.weekdays, weekday(made.first))]
    ours = [(day + 6) % 7 for day in (*made.weekdays, weekday(made.first))]
    # The same order of its days within the week is the same weeks.
    if sorted(range(len(shift)), key=shift.__getitem__) != sorted(range(len(ours)), key=ours.__getitem__):
        raise EventError("Its weeks do not begin on Monday, which the console cannot keep.")


def _last(made: Weekly, parts: dict[str, str], start: datetime, until: datetime | date | None) -> date | None:
    if "COUNT" in parts:
        count = _whole(parts["COUNT"])
        if count > MOST_MEETINGS:
            raise EventError(
                f"It repeats {count:,} times; one series may have at most {MOST_MEETINGS:,} sessions."
            )
        dates = made.dates(count)
        # The start counts, whether or not it is on one of the days.
        if dates and dates[0] != made.first:
            dates = dates[: count - 1]
        return dates[-1] if dates else made.first
    if until is None:
        return None
    if isinstance(until, datetime):
        last = until.date() if until.time() >= start.time() else until.date() - timedelta(days=1)
    else:
        last = until
    if last < made.first:
        raise EventError("It ends before it starts.")
    return last


def as_list(days: Iterable[int]) -> list[int]:
    """Weekdays as JSON takes them."""
    return sorted(set(days))
