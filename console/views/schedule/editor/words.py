"""Every text of the schedule's side panel: dates, what a plan would do, what a button does, what was done.

The preview is what a manager trusts, so its sentences are made in one place and tested without a window. Days and
times are the venue's. See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, tzinfo
from itertools import groupby

from console.domain.changing import Applied, Fate, Hit, Plan
from console.domain.counting import count
from console.domain.programme import CalendarSession, ClosureSpan, SeriesFacts
from console.domain.refusals import clock_time
from console.models.words import day_line, long_date

WEEKDAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
NO_ROOM = "No room"
LOADING = "Loading the programme"
BROKEN_FIELD = "Correct the field in red to see what would happen."
CHANGED_MEANWHILE = "The programme changed while you looked."
CHECK_AGAIN = "Look at the new preview and save again."
OWN_KEPT = "What you changed is still here. Look at the preview and save again."
NOTHING_YET = "Change something to see what would happen."
CANNOT_UNDO = "Their families are told at once. This cannot be undone."
NO_ACTIVITY = "Add an activity to the catalogue first."
NO_REASON = "Give the families a reason."
REASONS = ("Instructor ill", "Room cannot be used", "Too few bookings", "Storm warning")
_MOST_DATES = 6
_CREDITS = "credit"


def input_date(day: date) -> str:
    """A day as its input shows it: "Fri 13 Mar 2026"."""
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def clock(at: time) -> str:
    """A time of day as its input shows it: "15:45"."""
    return f"{at:%H:%M}"


def minutes(length: int) -> str:
    """A length as its input shows it: "60 min"."""
    return f"{length} min"


def weeks(every: int) -> str:
    """How often a pattern comes back: "1 week", "2 weeks"."""
    return count(every, "week")


def hours(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> str:
    """From when to when: "15:45–16:45"."""
    return f"{clock_time(starts_at, zone)}–{clock_time(ends_at, zone)}"


def was_days(days: Sequence[int]) -> str:
    """The weekdays as a pattern had them: "Mo Th"."""
    return " ".join(WEEKDAYS[day][:2] for day in monday_first(days))


def monday_first(days: Iterable[int]) -> list[int]:
    """Weekdays (0 = Sunday) in the order of a week that begins on Monday."""
    return sorted(set(days), key=lambda day: (day + 6) % 7)


def days_in_words(days: Iterable[int]) -> str:
    """Weekdays: "Thursdays", "Mon, Wed", "Mon to Fri", "every day"."""
    order = monday_first(days)
    if len(order) == 7:
        return "every day"
    if len(order) == 1:
        return f"{WEEKDAYS[order[0]]}s"
    places = [(day + 6) % 7 for day in order]
    if len(order) > 2 and places[-1] - places[0] == len(places) - 1:
        return f"{WEEKDAYS[order[0]][:3]} to {WEEKDAYS[order[-1]][:3]}"
    return ", ".join(WEEKDAYS[day][:3] for day in order)


def series_caption(facts: SeriesFacts, today: date) -> str:
    """The line under a series' name: "Series, Thursdays since 8 January"."""
    often = "" if facts.every_weeks == 1 else f", every {weeks(facts.every_weeks)}"
    verb = "since" if facts.first <= today else "from"
    first = day_line(facts.first, weekday=False) if facts.first.year == today.year else long_date(facts.first)
    return f"Series, {days_in_words(facts.weekdays)}{often} {verb} {first}"


def session_caption(session: CalendarSession, room: str | None, zone: tzinfo) -> str:
    """The line under a session's name: "Thu 12 March, 15:45–16:45, Room A"."""
    parts = [day_line(session.day), hours(session.starts_at, session.ends_at, zone)]
    return ", ".join([*parts, room] if room else parts)


def dates(days: Iterable[date]) -> str:
    """Some dates in few words: "Thu 19, 26 March, 2 April"; many as their number, first and last."""
    order = sorted(set(days))
    if not order:
        return ""
    if len(order) > _MOST_DATES:
        return f"{len(order)} dates from {day_line(order[0], weekday=False)} to {day_line(order[-1], weekday=False)}"
    one_weekday = len({day.weekday() for day in order}) == 1
    parts = []
    for (_year, _month), found in groupby(order, key=lambda day: (day.year, day.month)):
        group = list(found)
        named = [f"{day.day}" if one_weekday else f"{day:%a} {day.day}" for day in group]
        parts.append(f"{', '.join(named)} {group[0]:%B}")
    lead = f"{order[0]:%a} " if one_weekday else ""
    return lead + ", ".join(parts)


def new_dates(days: Iterable[date]) -> str:
    """Dates that come: few by name, many as "Mon to Fri, from 13 March to 2 April"."""
    order = sorted(set(days))
    if len(order) <= 3:
        return dates(order)
    first, last = day_line(order[0], weekday=False), day_line(order[-1], weekday=False)
    return f"{days_in_words(day.isoweekday() % 7 for day in order)}, from {first} to {last}"


# -- what a button does, what was done -------------------------------------------------------------------------------


def cancels(plan: Plan | None) -> int:
    """Bookings that a plan cancels."""
    return 0 if plan is None else sum(1 for hit in plan.hits if hit.fate == "cancelled")


def save_words(plain: str, plan: Plan | None) -> str:
    """The main button: what it does plainly, or its consequence in numbers where sessions with bookings go."""
    if plan is None or not cancels(plan):
        return plain
    what = (
        count(plan.count(Fate.CANCELLED), "session")
        if plan.count(Fate.CANCELLED)
        else count(cancels(plan), "booking")
    )
    back = f", refund {count(plan.refunds, _CREDITS)}" if plan.refunds else ""
    return f"Cancel {what}{back}"


def families_told(plan: Plan) -> int:
    """How many families are written to."""
    # A family reads one message, whatever the number of its children and their sessions.
    return len({(hit.parent, hit.message) for hit in plan.hits if hit.message}) or len(plan.hits)


def question_figures(plan: Plan) -> list[tuple[str, str]]:
    """The consequence of a cancellation in numbers."""
    gone = cancels(plan)
    figures = [(str(gone), "booking" if gone == 1 else "bookings"), (str(plan.refunds), "credits back")]
    told = families_told(plan)
    figures.append((str(told), "family told" if told == 1 else "families told"))
    if plan.waiting:
        figures.append(
            (str(plan.waiting), "leaves the waitlist" if plan.waiting == 1 else "leave the waitlist")
        )
    return figures


def applied_words(subject: str, done: Applied) -> tuple[str, str]:
    """What was done, for a toast: the subject, and the numbers that are not nothing."""
    counts = ((done.created, "created"), (done.changed, "changed"), (done.cancelled, "cancelled"))
    parts = [f"{count(number, 'session')} {verb}" for number, verb in counts if number]
    if done.told:
        parts.append(f"{count(done.told, 'family', 'families')} told")
    return f"{subject[:1].upper()}{subject[1:]} saved", ", ".join(parts)


def change_line(caption: str, was: str, now: str) -> str:
    """What somebody else changed: "Start 15:45 → 16:15"."""
    return f"{caption} {was or 'none'} → {now or 'none'}"


def hit_title(hit: Hit, number: int) -> str:
    """A booking in the list of those hit, by the child's name or, where that may not be seen, by its number."""
    return hit.child or f"Booking {number}"


def closure_span(span: ClosureSpan, zone: tzinfo) -> str:
    """When a closure is: "Wed 11 March, 16:00–19:00", "Mon 16 to Fri 20 March", with "every year"."""
    first, last = span.starts_at.astimezone(zone), span.ends_at.astimezone(zone)
    whole = first.time() == time(0) and last.time() == time(0)
    end = (last.date().toordinal() - 1) if whole else last.date().toordinal()
    last_day = date.fromordinal(max(end, first.date().toordinal()))
    if first.date() == last_day:
        words = day_line(first.date()) + ("" if whole else f", {first:%H:%M}–{last:%H:%M}")
    elif whole:
        words = f"{day_line(first.date())} to {day_line(last_day)}"
    else:
        words = f"{day_line(first.date())} {first:%H:%M} to {day_line(last_day)} {last:%H:%M}"
    return f"{words}, every year" if span.is_yearly else words
