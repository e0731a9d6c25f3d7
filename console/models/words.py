"""How the front desk puts children, sessions and times into words.

Rows, cards and screen readers must say the same thing the same way, so every phrase is made here and tested without
a window. Times are the venue's, whatever the workstation's zone. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta, tzinfo

from console.domain.attendance import AttendanceState
from console.domain.counting import count
from console.domain.day import Load, load_of
from console.domain.desk import BookingStatus, RosterEntry, SessionSummary
from console.domain.refusals import clock_time

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_SOON = timedelta(minutes=60)
_BABY_MONTHS = 24

_BOOKING_WORDS = {
    BookingStatus.PENDING: "Not confirmed yet",
    BookingStatus.CANCELLED_PARENT: "Booking cancelled",
    BookingStatus.CANCELLED_VENUE: "Booking cancelled",
}

STATE_WORDS = {
    AttendanceState.EXPECTED: "Expected",
    AttendanceState.IN: "In",
    AttendanceState.OUT: "Out",
    AttendanceState.ABSENT: "Absent",
    AttendanceState.UNMARKED: "Unmarked",
}


ATTENTION = "Needs attention"
"""What is said of an event of this desk that the server refused afterwards."""

LOAD_WORDS = {Load.FULL: "Full", Load.NEARLY_FULL: "Nearly full"}
"""What is said of a session that has no place left, or hardly any."""


def age_short(months: int) -> str:
    """The age beside a name: years, or months below two years ("7", "18 mo")."""
    return f"{months} mo" if months < _BABY_MONTHS else str(months // 12)


def age_long(months: int) -> str:
    """The age on the card: "7 years 4 months", "11 months"."""
    years, rest = divmod(months, 12)
    parts = [count(years, "year")] if years else []
    if rest or not years:
        parts.append(count(rest, "month"))
    return " ".join(parts)


def age_range(session: SessionSummary) -> str:
    """For whom a session is: "ages 6–9", "ages 6 and over", "18 months to 3 years"; empty for everybody."""
    low, high = session.min_age_months, session.max_age_months
    if low % 12 or (high is not None and high < _BABY_MONTHS):
        if high is None:
            return f"{count(low, 'month')} and over"
        top = count(high, "month") if high < _BABY_MONTHS else count(high // 12, "year")
        return f"{count(low, 'month')} to {top}"
    if high is None:
        return f"ages {low // 12} and over" if low else ""
    return f"ages {low // 12}–{high // 12}"


def long_date(day: date) -> str:
    """A date with its year, as on documents: "3 March 2026"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def short_date(day: date) -> str:
    """A date without its year: "5 Mar"."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def day_line(day: date, *, weekday: bool = True) -> str:
    """The day beside the list's title: "Thu 12 March", or "12 March" where the title is the weekday."""
    line = f"{day.day} {_MONTHS[day.month - 1]}"
    return f"{_WEEKDAYS[day.weekday()][:3]} {line}" if weekday else line


def children(number: int) -> str:
    """How many children: "1 child", "3 children"."""
    return count(number, "child", "children")


def month_title(day: date) -> str:
    """A month with its year: "March 2026"."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def unmarked_words(days: Sequence[date], today: date) -> str:
    """How many nobody said anything about: "2 unmarked yesterday"; empty for none. One day for each child."""
    if not days:
        return ""
    near = {0: "today", 1: "yesterday"}
    one_day = days[0] if len(set(days)) == 1 else None
    when = near.get((today - one_day).days, f"on {short_date(one_day)}") if one_day else "in the last days"
    return f"{len(days)} unmarked {when}"


def day_title(day: date, today: date) -> str:
    """The list's title: "Today", "Tomorrow", "Yesterday", else the weekday."""
    near = {0: "Today", 1: "Tomorrow", -1: "Yesterday"}
    return near.get((day - today).days, _WEEKDAYS[day.weekday()])


def day_and_time(instant: datetime, now: datetime, zone: tzinfo) -> str:
    """When something of the past happened: "today 15:41", "5 Mar 16:33"."""
    local, today = instant.astimezone(zone), now.astimezone(zone).date()
    day = "today" if local.date() == today else short_date(local.date())
    if local.year != today.year:
        day = f"{day} {local.year}"
    return f"{day} {clock_time(instant, zone)}"


def visits(entry: RosterEntry, now: datetime, zone: tzinfo) -> str:
    """How well the child is known here: "12 visits since October", "first visit"; empty when nothing is known."""
    if entry.first_visit or (entry.visits == 0 and entry.first_visit_on is None):
        return "first visit" if entry.first_visit else ""
    since = entry.first_visit_on
    if since is None:
        return count(entry.visits, "visit")
    month = _MONTHS[since.month - 1]
    recent = now.astimezone(zone).date() - since < timedelta(days=330)
    return f"{count(entry.visits, 'visit')} since {month if recent else f'{month} {since.year}'}"


def session_hours(session: SessionSummary, zone: tzinfo) -> str:
    """From when to when: "15:30–16:30"."""
    return f"{clock_time(session.starts_at, zone)}–{clock_time(session.ends_at, zone)}"


def session_facts(session: SessionSummary, zone: tzinfo) -> str:
    """The line under a session's title: hours, room, who leads it, for whom."""
    facts = (session_hours(session, zone), session.room_name, session.instructor, age_range(session))
    return " · ".join(fact for fact in facts if fact)


def session_clock(session: SessionSummary, now: datetime, zone: tzinfo) -> str:
    """Where a session stands: "began 12 min ago", "begins at 17:45", "closed at 16:35"."""
    if session.is_cancelled:
        return "cancelled"
    if session.closed_at is not None:
        return f"closed at {clock_time(session.closed_at, zone)}"
    if now >= session.ends_at:
        return _ago("ended", session.ends_at, now, zone)
    if now >= session.starts_at:
        return _ago("began", session.starts_at, now, zone)
    wait = session.starts_at - now
    if wait <= _SOON:
        return f"begins in {_minutes_up(wait)} min"
    away = (session.starts_at.astimezone(zone).date() - now.astimezone(zone).date()).days
    if away == 1:
        return f"begins tomorrow at {clock_time(session.starts_at, zone)}"
    return f"begins at {clock_time(session.starts_at, zone)}" if away == 0 else ""


def session_mark(session: SessionSummary, now: datetime) -> str:
    """The marker of a session's row: "Now", "in 3 min", "Ended"; empty when there is nothing to say yet."""
    if session.is_cancelled or session.closed_at is not None:
        return ""
    if session.starts_at <= now < session.ends_at:
        return "Now"
    if now >= session.ends_at:
        return "Ended" if session.in_count else ""
    wait = session.starts_at - now
    return f"in {_minutes_up(wait)} min" if wait <= _SOON else ""


def session_spoken(session: SessionSummary, now: datetime, zone: tzinfo) -> str:
    """A session's row for a screen reader."""
    parts = [session.activity_name, session_hours(session, zone)]
    if session.room_name:
        parts.append(session.room_name)
    clock = session_clock(session, now, zone)
    if clock:
        parts.append(clock)
    if not session.is_cancelled:
        parts.append(f"{session.in_count} in, {session.expected} expected, {session.capacity} places")
        if session.waiting:
            parts.append(f"{session.waiting} waiting to send")
        load = LOAD_WORDS.get(load_of(session.in_count, session.capacity))
        if load and session.closed_at is None:
            parts.append(load.lower())
    return ", ".join(parts)


def caption(entry: RosterEntry, state: AttendanceState, namesakes: list[RosterEntry], zone: tzinfo) -> str:
    """The line under a name. Among children of one name it starts with what differs."""
    parts: list[str] = (
        [_BOOKING_WORDS[entry.booking_status]] if entry.booking_status in _BOOKING_WORDS else []
    )
    parent = f"Parent {entry.parent_first_name}" if entry.parent_first_name else ""
    if namesakes and any(other.parent_first_name == entry.parent_first_name for other in namesakes):
        parts.append(_telling_age(entry, namesakes))
    left = state is AttendanceState.OUT and entry.collected_by is not None
    if left and not namesakes:
        parts.append(f"Collected by {collector(entry)}")
        return " · ".join(part for part in parts if part)
    parts.append(parent)
    if left:
        parts.append(f"collected by {collector(entry)}")
        return " · ".join(part for part in parts if part)
    if entry.first_visit:
        parts.append("first visit")
    for sibling in entry.siblings:
        if sibling.session_id == entry.session_id:
            parts.append(f"with {sibling.first_name}")
        elif sibling.state is AttendanceState.EXPECTED:
            parts.append(f"{sibling.first_name} comes at {clock_time(sibling.starts_at, zone)}")
    return " · ".join(part for part in parts if part)


def collector(entry: RosterEntry) -> str:
    """Who took the child home, with the relationship where the pickup list knows it."""
    name = entry.collected_by or ""
    known = next((person for person in entry.pickup if person.name == name), None)
    return f"{name}, {known.relationship}" if known is not None and known.relationship else name


def state_detail(entry: RosterEntry, state: AttendanceState, at: datetime | None, zone: tzinfo) -> str:
    """The line under the state's word: "15:41 · Desk 1", "marked 15:35"; empty for a child not seen yet."""
    if at is None or state is AttendanceState.EXPECTED:
        return ""
    if state is AttendanceState.UNMARKED:
        return "at closing"
    if state is AttendanceState.ABSENT:
        return f"marked {clock_time(at, zone)}"
    return f"{clock_time(at, zone)} · {entry.state_desk}" if entry.state_desk else clock_time(at, zone)


def state_chip(state: AttendanceState, at: datetime | None, zone: tzinfo) -> str:
    """The chip beside the name on the card: "In since 15:41", "Out at 16:30", "Expected"."""
    word = STATE_WORDS[state]
    if at is None or state in (AttendanceState.EXPECTED, AttendanceState.UNMARKED):
        return word
    joint = {AttendanceState.IN: "since", AttendanceState.OUT: "at", AttendanceState.ABSENT: "since"}[state]
    return f"{word} {joint} {clock_time(at, zone)}"


def spoken(
    entry: RosterEntry, state: AttendanceState, at: datetime | None, zone: tzinfo, *, also: str = ""
) -> str:
    """A child's row for a screen reader: "Nia, 7, in since 15:41, peanut allergy, asthma".

    `also` is what stands between state and server, such as "waiting to send".
    """
    age = age_long(entry.age_months) if entry.age_months < _BABY_MONTHS else str(entry.age_months // 12)
    word = state_chip(state, at, zone)
    parts = [entry.first_name, age, word[:1].lower() + word[1:]]
    if also:
        parts.append(also)
    parts.extend(note.title[:1].lower() + note.title[1:] for note in entry.health)
    return ", ".join(parts)


def local_day(instant: datetime, zone: tzinfo) -> date:
    """The venue's date at an instant."""
    return instant.astimezone(zone).date()


def _telling_age(entry: RosterEntry, namesakes: list[RosterEntry]) -> str:
    same_years = any(other.age_months // 12 == entry.age_months // 12 for other in namesakes)
    return age_long(entry.age_months) if same_years else count(entry.age_months // 12, "year")


def _ago(word: str, instant: datetime, now: datetime, zone: tzinfo) -> str:
    past = now - instant
    if past >= timedelta(minutes=90):
        return f"{word} at {clock_time(instant, zone)}"
    minutes = int(past.total_seconds() // 60)
    return f"{word} {minutes} min ago" if minutes else f"{word} just now"


def _minutes_up(span: timedelta) -> int:
    return max(1, -(-int(span.total_seconds()) // 60))
