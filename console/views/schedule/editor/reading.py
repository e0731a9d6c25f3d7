"""What people type for days, times, lengths and counts, understood as they write it.

What cannot be read raises ValueError with the sentence that stands under the field. See docs/design.md, "Screens"
(schedule).
"""

from __future__ import annotations

import re
from datetime import date, time

DAY_MINUTES = 24 * 60
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_BAD_DAY = "Write a day such as 13 Mar 2026."
_BAD_TIME = "Write a time such as 15:45."
_BAD_LENGTH = "Write minutes, such as 60."


def read_date(text: str, near: date) -> date:
    """A day as typed: "2026-03-13", "Fri 13 Mar 2026", "13 march", "13.3."; without a year the nearest to `near`.

    Raises ValueError with a sentence.
    """
    plain = text.strip().lower()
    iso = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", plain, re.ASCII)
    dotted = re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})?", plain, re.ASCII)
    named = re.fullmatch(r"(?:[a-z]+,?\s+)?(\d{1,2})\s*([a-z]{3,9})\.?,?\s*(\d{4})?", plain, re.ASCII)
    american = re.fullmatch(r"(?:[a-z]+,?\s+)?([a-z]{3,9})\.?\s+(\d{1,2}),?\s*(\d{4})?", plain, re.ASCII)
    year: str | None
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if dotted:
            day, month, year = int(dotted[1]), int(dotted[2]), dotted[3]
        elif named:
            day, month, year = int(named[1]), _MONTHS.index(named[2][:3]) + 1, named[3]
        elif american:
            day, month, year = int(american[2]), _MONTHS.index(american[1][:3]) + 1, american[3]
        else:
            raise ValueError(_BAD_DAY)
        if year:
            return date(int(year), month, day)
        return min(
            (
                date(near.year + step, month, day)
                for step in (-1, 0, 1)
                if _is_day(near.year + step, month, day)
            ),
            key=lambda one: abs((one - near).days),
        )
    except ValueError:
        raise ValueError(_BAD_DAY) from None


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def read_time(text: str) -> time:
    """A time of day as typed: "15:45", "15.45", "1545", "15", "3:45 pm". Raises ValueError with a sentence."""
    found = re.fullmatch(r"(\d{1,2})(?:[:.h ]?([0-5]\d))?\s*([ap])?\.?m?\.?", text.strip().lower(), re.ASCII)
    if found is None:
        raise ValueError(_BAD_TIME)
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half and not 1 <= hour <= 12:
        raise ValueError(_BAD_TIME)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23:
        raise ValueError(_BAD_TIME)
    return time(hour, minute)


def read_minutes(text: str) -> int:
    """A length as typed: "60", "60 min", "1:30", "1 h 30". Raises ValueError with a sentence."""
    plain = text.strip().lower()
    whole = re.fullmatch(r"(\d{1,4})\s*(?:m|min|minutes?)?", plain, re.ASCII)
    parts = re.fullmatch(r"(\d{1,2})\s*(?::|h|hours?)\s*(\d{1,2})?\s*(?:m|min)?", plain, re.ASCII)
    if whole:
        length = int(whole[1])
    elif parts:
        length = int(parts[1]) * 60 + int(parts[2] or 0)
    else:
        raise ValueError(_BAD_LENGTH)
    if not 1 <= length < DAY_MINUTES:
        raise ValueError("A session lasts from 1 minute to less than a day.")
    return length


def read_count(text: str, least: int, most: int, what: str) -> int:
    """A whole number from `least` to `most`; a word after it is passed over. Raises ValueError with a sentence."""
    found = re.fullmatch(r"(\d{1,9})\s*[a-z]*", text.strip().lower(), re.ASCII)
    if found is None or not least <= int(found[1]) <= most:
        raise ValueError(f"Write {what} from {least} to {most}.")
    return int(found[1])
