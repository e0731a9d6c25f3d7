"""How the calendar puts weeks, sessions, closures and patterns into words.

Blocks, tool tips, the printed page and screen readers must say the same thing the same way. Days and times are the
venue's. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from uuid import UUID

from console.domain.counting import count
from console.domain.programme import CalendarSession, ClosureSpan, Series, SeriesFacts
from console.models.words import month_title, short_date

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = tuple(month_title(date(2026, month, 1)).split(" ")[0] for month in range(1, 13))
NO_ROOM, NO_INSTRUCTOR = "No room", "No instructor"
NOTHING_THIS_WEEK = "No sessions this week"
NEW_SERIES_HINT = "Press N for a new series."
_SUNDAY_FIRST = ("Sunday", *DAYS[:-1])
_WORKING_DAYS, _ALL_DAYS, _WEEKEND = (1, 2, 3, 4, 5), tuple(range(7)), (0, 6)


def week_title(first: date, *, short: bool = False) -> str:
    """The days of a week: "9–15 March 2026", "30 March – 5 April 2026"; `short` has three letters of the month."""
    last = first + timedelta(days=6)

    def month(day: date) -> str:
        return _MONTHS[day.month - 1][:3] if short else _MONTHS[day.month - 1]

    if first.year != last.year:
        return f"{first.day} {month(first)} {first.year} – {last.day} {month(last)} {last.year}"
    if first.month != last.month:
        return f"{first.day} {month(first)} – {last.day} {month(last)} {last.year}"
    return f"{first.day}–{last.day} {month(last)} {last.year}"


def day_words(day: date) -> str:
    """A day as it is spoken: "Thursday 12 March"."""
    return f"{DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def hour(minute: int) -> str:
    """A minute after a day's midnight as the clock shows it, also beyond the next midnight: 1500 is "01:00"."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def times(start: int, end: int) -> str:
    """From when to when, in minutes after midnight: "15:45–16:45"."""
    return f"{hour(start)}–{hour(end)}"


def clock(instant: datetime, zone: tzinfo) -> str:
    """An instant on the venue's clock."""
    return f"{instant.astimezone(zone):%H:%M}"


def totals(sessions: Iterable[CalendarSession]) -> str:
    """What is on show in one line: "42 sessions · 454 booked of 528 places"; cancelled ones do not count."""
    held = [session for session in sessions if not session.is_cancelled]
    if not held:
        return "No sessions"
    booked, places = sum(one.booked for one in held), sum(one.capacity for one in held)
    return f"{count(len(held), 'session')} · {booked:,} booked of {count(places, 'place')}"


def places(session: CalendarSession, *, over: bool = False) -> str:
    """How full a session is: "16/18", "16/16 full"; of one that is `over` nobody asks whether it was full."""
    full = session.is_full and session.capacity and not over
    return f"{session.booked}/{session.capacity}{' full' if full else ''}"


def spoken(session: CalendarSession, room: str, zone: tzinfo) -> str:
    """A block as a screen reader says it."""
    parts = [
        session.activity,
        f"{day_words(session.day)} {clock(session.starts_at, zone)} to {clock(session.ends_at, zone)}",
        room,
    ]
    if session.is_cancelled:
        return ", ".join([*parts, "cancelled"])
    if session.inside:
        parts.append(f"{session.inside} in")
    parts.append(f"{session.booked} of {session.capacity} booked")
    if session.waiting:
        parts.append(f"{session.waiting} waiting")
    if session.changed_by_hand:
        parts.append("changed by hand")
    return ", ".join(parts)


def tip(session: CalendarSession, room: str, zone: tzinfo) -> str:
    """The tool tip of a block, line by line."""
    lines = [
        session.activity,
        f"{day_words(session.day)}, {clock(session.starts_at, zone)}–{clock(session.ends_at, zone)}",
        " · ".join(part for part in (room, session.instructor) if part),
    ]
    if session.is_cancelled:
        reason = session.cancellation_reason
        lines.append(f"Cancelled: {reason}" if reason else "Cancelled")
    else:
        full = " · full" if session.is_full and session.capacity else ""
        lines.append(f"{session.booked} of {count(session.capacity, 'place')} booked{full}")
    if session.inside:
        lines.append(f"{session.inside} in now")
    elif session.came:
        lines.append(f"{session.came} came")
    if session.waiting:
        lines.append(f"{session.waiting} waiting for a place")
    if session.changed_by_hand:
        lines.append("Changed by hand")
    if session.is_closed:
        lines.append("Completed")
    return "\n".join(line for line in lines if line)


def closure(span: ClosureSpan, start: int, end: int, *, whole_day: bool) -> str:
    """What stands on a closure: "Closed: kiln repair, 16:00–19:00"."""
    about = span.reason if span.explanation is None else f"{span.reason}, {span.explanation}"
    return f"Closed: {about}" if whole_day else f"Closed: {about}, {times(start, end)}"


def folded_day(day: date, closures: Sequence[ClosureSpan], *, hidden: bool = False) -> str:
    """What the strip of a day without blocks says after the weekday: "15, closed: Easter", "15, no sessions".

    `hidden`: there are sessions, which the filters leave out.
    """
    if closures:
        return f"{day.day}, closed: {closures[0].reason}"
    return f"{day.day}, nothing matches" if hidden else f"{day.day}, no sessions"


def long_day(hours: int) -> str:
    """Why a day is marked "23 h"."""
    return f"The clock goes {'forward' if hours < 24 else 'back'}: this day has {hours} hours."


def closed_in(span: ClosureSpan, rooms: Mapping[UUID, str]) -> str:
    """A closure in one line: "Closed: Easter", "Room B closed: kiln repair", "2 rooms closed: painting"."""
    if not span.room_ids:
        return f"Closed: {span.reason}"
    where = rooms.get(span.room_ids[0], "Room") if len(span.room_ids) == 1 else f"{len(span.room_ids)} rooms"
    return f"{where} closed: {span.reason}"


def weekdays(days: Sequence[int]) -> str:
    """The weekdays of a pattern, counted from Sunday as 0: "Thursdays", "Monday to Friday", "Mon, Wed, Sat"."""
    chosen = tuple(sorted(set(days)))
    if chosen == _ALL_DAYS:
        return "Every day"
    if chosen == _WORKING_DAYS:
        return "Monday to Friday"
    if chosen == _WEEKEND:
        return "Saturdays, Sundays"
    if len(chosen) == 1:
        return f"{_SUNDAY_FIRST[chosen[0]]}s"
    ordered = sorted(chosen, key=lambda day: (day - 1) % 7)  # a week begins on Monday
    return ", ".join(_SUNDAY_FIRST[day][:3] for day in ordered)


def pattern(facts: SeriesFacts) -> str:
    """When a series takes place: "Thursdays", "Thursdays, every 2 weeks"."""
    said = weekdays(facts.weekdays)
    return said if facts.every_weeks == 1 else f"{said}, every {facts.every_weeks} weeks"


def series_times(facts: SeriesFacts) -> str:
    """From when to when a series takes place: "15:45–16:45"."""
    start = facts.start.hour * 60 + facts.start.minute
    return times(start, start + facts.minutes)


def series_span(series: Series) -> str:
    """From when until when a series runs: "8 Jan 2026 – 2 Apr 2026", "since 8 Jan 2026"."""
    facts = series.facts
    first = f"{short_date(facts.first)} {facts.first.year}"
    if facts.last is None:
        return f"from {first}"
    return f"{first} – {short_date(facts.last)} {facts.last.year}"


def moment(start: int) -> time:
    """A minute after midnight as a time of day."""
    return time(start // 60 % 24, start % 60)
