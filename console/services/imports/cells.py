"""One cell at a time: text, numbers, dates, times, weekdays and ages, each refused in a sentence of its own.

Every function takes the cell and the column's name as the file spells it, and raises RowError with a reason that a
person who never saw this program can act on.
"""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache

from console.domain.importing import CATEGORIES, MAX_AGE_MONTHS, OPEN_ENDED_YEARS, last_month_of_year

FIRST_YEAR, LAST_YEAR = 1970, 2199
LONGEST_KEY = 200
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
WEEKDAY_NAMES = tuple(name.capitalize() for name in _WEEKDAYS)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NOTHING = frozenset({"", "none", "null", "n/a"})
_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.0*)?")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9:.]*Z?)?")
_NAMED_DAY = re.compile(r"([A-Za-z]{3})[a-z]*[-. ]+([0-9]{1,2})[-, ]+([0-9]{4})")
_CLOCK = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?")


class RowError(Exception):
    """A row that cannot be imported; the argument is the reason, one sentence."""


def shown(cell: str, limit: int = 40) -> str:
    """A cell for a sentence: in quotation marks, cut, and without anything that would disturb a terminal."""
    plain = "".join(mark if mark.isprintable() else "\N{REPLACEMENT CHARACTER}" for mark in cell)
    return f"“{plain if len(plain) <= limit else plain[: limit - 1] + '…'}”"


def text(cell: str, label: str, limit: int, *, lines: bool = False) -> str:
    """Text that must be there, at most `limit` characters; line ends only where `lines` allows them."""
    found = optional_text(cell, label, limit, lines=lines)
    if found is None:
        raise RowError(f"{label} is empty.")
    return found


def optional_text(cell: str, label: str, limit: int, *, lines: bool = False) -> str | None:
    """Text, or None where the cell is blank. Characters that are no text are refused, never dropped."""
    found = cell.strip()
    if not found:
        return None
    if len(found) > limit:
        raise RowError(f"{label} has {len(found):,} characters; at most {limit} are allowed.")
    # Printable text, which is nearly all there is, holds neither of the two kinds looked for.
    for mark in "" if found.isprintable() else found:
        kind = unicodedata.category(mark)
        if kind == "Cs" or (kind == "Cc" and not (lines and mark in "\n\r\t")):
            raise RowError(f"{label} holds a character that is no text (U+{ord(mark):04X}).")
    return found


def key(cell: str, label: str) -> str:
    """The publisher's own name of something, such as a location's number."""
    return text(cell, label, LONGEST_KEY)


def number(cell: str, label: str, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    found = cell.strip()
    if not _NUMBER.fullmatch(found) or not low <= int(found.split(".")[0]) <= high:
        raise RowError(f"{label} is {shown(found)}; it must be a whole number from {low} to {high}.")
    return int(found.split(".")[0])


def optional_number(cell: str, label: str, low: int, high: int) -> int | None:
    """A whole number, or None where the cell says nothing."""
    return None if cell.strip().casefold() in _NOTHING else number(cell, label, low, high)


@lru_cache(maxsize=4_096)
def day(cell: str, label: str, pattern: str | None = None) -> date:
    """A date: 2026-05-21, May-21-2026, or in the `pattern` of a mapping (strptime's letters)."""
    found = cell.strip()
    try:
        if pattern is not None:
            made = datetime.strptime(found, pattern).replace(tzinfo=UTC).date()
        elif iso := _ISO_DAY.fullmatch(found):
            made = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif (named := _NAMED_DAY.fullmatch(found)) and named[1].casefold() in _MONTHS:
            made = date(int(named[3]), _MONTHS.index(named[1].casefold()) + 1, int(named[2]))
        else:
            raise ValueError
    except ValueError:
        raise RowError(f"{label} is {shown(found)}, which is not a date.") from None
    if not FIRST_YEAR <= made.year <= LAST_YEAR:
        raise RowError(
            f"{label} lies in the year {made.year}; years from {FIRST_YEAR} to {LAST_YEAR} are believed."
        )
    return made


def day_range(cell: str, label: str) -> tuple[date, date]:
    """Two dates with "to" between them, such as Jul-06-2026 to Jul-10-2026."""
    parts = re.split(r"\s+to\s+", cell.strip(), flags=re.IGNORECASE)
    if len(parts) != 2:
        raise RowError(f"{label} is {shown(cell)}; it must be a date, “to”, and a date.")
    first, last = day(parts[0], label), day(parts[1], label)
    in_order(first, last, label)
    return first, last


def in_order(first: date, last: date, label: str) -> None:
    """Refuse a span that ends before it starts, or is longer than any programme (five years)."""
    if last < first:
        raise RowError(f"{label} ends on {last.isoformat()}, before it starts on {first.isoformat()}.")
    if (last - first).days > 5 * 366:
        raise RowError(f"{label} spans more than five years.")


def clock(cell: str, label: str, pattern: str | None = None) -> time:
    """A time of day: 16:30 or 16:30:00, or in the `pattern` of a mapping."""
    found = cell.strip()
    try:
        if pattern is not None:
            read = datetime.strptime(found, pattern).replace(tzinfo=UTC)
            return time(read.hour, read.minute)
        if match := _CLOCK.fullmatch(found):
            return time(int(match[1]), int(match[2]))
    except ValueError:
        pass
    raise RowError(f"{label} is {shown(found)}, which is not a time of day.") from None


def weekday_number(cell: str, label: str) -> int:
    """A weekday's name, whole or cut to three letters or more; 0 is Sunday."""
    found = cell.strip().casefold().rstrip(".")
    for at, name in enumerate(_WEEKDAYS):
        if len(found) >= 3 and name.startswith(found):
            return at
    raise RowError(f"{label} is {shown(cell.strip())}, which is not a weekday.")


def weekdays(cells: str | Iterable[str], label: str) -> frozenset[int]:
    """Several weekdays, listed with commas, semicolons, slashes or blanks between them; at least one."""
    parts = re.split(r"[,;/&\s]+", cells) if isinstance(cells, str) else list(cells)
    found = frozenset(weekday_number(part, label) for part in parts if part.strip())
    if not found:
        raise RowError(f"{label} names no weekday.")
    return found


def ages_in_years(low: str, high: str, low_label: str, high_label: str) -> tuple[int, int | None]:
    """Ages in whole years as completed months: 6 to 12 is 72 to 155, because a child stays twelve for a year.

    "None" is open. A highest age of 99 or more is how publishers write that there is none.
    """
    youngest = optional_number(low, low_label, 0, 119)
    oldest = optional_number(high, high_label, 0, 999)
    if oldest is not None and oldest >= OPEN_ENDED_YEARS:
        oldest = None
    return _ages(
        0 if youngest is None else youngest * 12,
        None if oldest is None else last_month_of_year(oldest),
        low,
        high,
    )


def ages_in_months(low: str, high: str, low_label: str, high_label: str) -> tuple[int, int | None]:
    """Ages in completed months, both included, as the file says them; "None" is open."""
    youngest = optional_number(low, low_label, 0, MAX_AGE_MONTHS)
    oldest = optional_number(high, high_label, 0, 999 * 12)
    if oldest is not None and oldest >= OPEN_ENDED_YEARS * 12:
        oldest = None
    return _ages(youngest or 0, oldest, low, high)


def _ages(youngest: int, oldest: int | None, low: str, high: str) -> tuple[int, int | None]:
    if oldest is not None and oldest < youngest:
        raise RowError(f"The lowest age, {low.strip()}, is above the highest, {high.strip()}.")
    return youngest, oldest


def category(cell: str, label: str) -> str | None:
    """One of the ten categories by its name, or None where the cell is blank."""
    found = re.sub(r"[\W_]+", "_", cell.strip().casefold()).strip("_")
    if not found:
        return None
    if found not in CATEGORIES:
        raise RowError(f"{label} is {shown(cell.strip())}; it must be one of {', '.join(CATEGORIES)}.")
    return found


def optional_degrees(cell: str, label: str, limit: int) -> str | None:
    """A latitude (limit 90) or longitude (limit 180) in decimal degrees, at most eight decimals; None where blank."""
    found = cell.strip()
    if not found:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,3}(\.[0-9]{1,30})?", found) or abs(Decimal(found)) > limit:
        raise RowError(f"{label} is {shown(found)}; it must be decimal degrees from -{limit} to {limit}.")
    return str(Decimal(found).quantize(Decimal("1e-8")))


def zone(cell: str, label: str) -> str:
    """A time zone by its IANA name, such as America/Toronto."""
    found = cell.strip()
    if (
        not re.fullmatch(r"UTC|[A-Za-z]+(/[A-Za-z0-9_+-]+)+", found)
        or len(found) > 50
        or found not in _zones()
    ):
        raise RowError(f"{label} is {shown(found)}, which is not a time zone such as America/Toronto.")
    return found


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
