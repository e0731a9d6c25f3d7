"""How review items read: their lines in the list, their facts as pairs, their decisions with the consequence named.

Evidence has its time, never "two minutes ago"; only the age in the list is a span. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from console.domain.attendance import EventKind, Origin, OutcomeKind, RefusalReason
from console.domain.counting import count
from console.domain.refusals import clock_time
from console.domain.reviewing import (
    Decided,
    Decision,
    OtherStay,
    Report,
    ReviewBooking,
    ReviewChoice,
    ReviewFacts,
    ReviewItem,
    ReviewKind,
    ReviewSession,
    Topic,
)
from console.models.words import STATE_WORDS, day_and_time, day_line
from console.views.bookings.words import SOURCE_WORDS, STATUS_WORDS
from console.views.widgets.choices import Choice

A_CHILD = "A child"
STANDS = "A decision stands and cannot be undone. What turns out otherwise comes back as a new item."
NO_MOVE = "No credits move, whatever you decide."
_REFUND_REASONS = {
    "schedule_conflict": "no time", "child_sick": "child ill", "found_better_option": "found something else",
    "venue_cancelled": "venue cancelled", "weather": "weather", "transportation": "no way to come", "other": "other",
}  # fmt: skip
_KINDS = {
    ReviewKind.PICKUP_ALERT: "May not collect",
    ReviewKind.UNMARKED_AFTER_CLOSE: "Nobody marked",
    ReviewKind.LATE_EVENT: "Reported after the close",
    ReviewKind.CLOCK_SUSPECT: "Desk's clock was wrong",
    ReviewKind.OVER_CAPACITY: "More children than places",
    ReviewKind.OTHER: "To look at",
}
_TOPICS = {
    Topic.TWO_SESSIONS: "In two sessions at once",
    Topic.TWO_COLLECTORS: "Collected by two people",
    Topic.COLLECTOR_MISSING: "Collected by nobody named",
    Topic.ABSENT_BUT_CAME: "Absent, but came",
}
_REASONS = {
    RefusalReason.CANCELLED: "Came although cancelled",
    RefusalReason.NOT_CONFIRMED: "Came without a confirmation",
    RefusalReason.SESSION_CANCELLED: "Came to a cancelled session",
    RefusalReason.WRONG_SESSION: "At another session",
    RefusalReason.TOO_EARLY: "Long before the session",
    RefusalReason.NOT_IN: "Left without having come",
    RefusalReason.ALREADY_IN: "Absent, but was in",
    RefusalReason.ALREADY_OUT: "Came back after leaving",
    RefusalReason.NOT_PERMITTED: "In somebody else's name",
}
_BECAUSE = {
    RefusalReason.UNKNOWN_CODE: "unknown code",
    RefusalReason.WRONG_VENUE: "booked at another venue",
    RefusalReason.WRONG_SESSION: "booked for another session",
    RefusalReason.ALREADY_IN: "was in",
    RefusalReason.ALREADY_OUT: "had left before",
    RefusalReason.CANCELLED: "the booking was cancelled",
    RefusalReason.NOT_CONFIRMED: "the booking was not confirmed",
    RefusalReason.SESSION_CANCELLED: "the session was cancelled",
    RefusalReason.TOO_EARLY: "long before the session",
    RefusalReason.TOO_LATE: "after the session was closed or over",
    RefusalReason.NOT_IN: "had not been checked in",
    RefusalReason.PICKUP_NOT_AUTHORISED: "not allowed to collect, or not on that day",
    RefusalReason.DEVICE_REVOKED: "the desk was not allowed any more",
    RefusalReason.NOT_PERMITTED: "not the right of who was signed in",
}
_EVENTS = {
    EventKind.CHECK_IN: ("Checked in", "ph.check-bold", "green.text"),
    EventKind.CHECK_OUT: ("Checked out", "ph.sign-out-bold", "blue.text"),
    EventKind.ABSENT: ("Marked absent", "ph.user-minus-bold", "text.secondary"),
    EventKind.ANNUL: ("Took a report back", "ph.arrow-u-up-left", "text.secondary"),
}


@dataclass(frozen=True)
class ReportLine:
    """A report as it stands on the page: sign, words, and what belongs to them in small print."""

    icon: str
    color: str
    title: str
    detail: str
    is_this: bool
    struck: bool


@dataclass(frozen=True)
class Cost:
    """A decision as it stands in the table: what it says it does, in small print what follows, and its figures."""

    title: str
    detail: str
    family: str
    venue: str


def what(item: ReviewItem | ReviewFacts) -> str:
    """Why the item is there: "Came although cancelled"."""
    if item.topic is not None:
        return _TOPICS[item.topic]
    if item.kind is ReviewKind.REFUSED_BUT_CAME:
        reason = item.reason if isinstance(item, ReviewItem) else _opening_reason(item)
        return _REASONS.get(reason, "Unexpected report") if reason else "Unexpected report"
    return _KINDS[item.kind]


def age(since: datetime, now: datetime) -> str:
    """How long an item has waited: "6 min", "3 h", "2 d"."""
    minutes = max(0, int((now - since) / timedelta(minutes=1)))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} d"


def choices(items: Sequence[ReviewItem], now: datetime, zone: tzinfo) -> list[Choice]:
    """The lines of the list."""
    return [_line(item, now, zone) for item in items]


def _line(item: ReviewItem, now: datetime, zone: tzinfo) -> Choice:
    full = item.kind is ReviewKind.OVER_CAPACITY
    where = item.activity_name or ""
    name = where if full else item.first_name or A_CHILD
    if item.is_open:
        detail = what(item) if full or not where else f"{what(item)} · {where}"
        return Choice(item, name, detail, right=age(item.opened_at, now))
    by = f"{item.resolved_by_name or 'Somebody'}, {day_and_time(item.resolved_at or now, now, zone)}"
    return Choice(item, name, f"{item.resolution or 'Decided.'} {by}", right="Decided")


def heading(facts: ReviewFacts) -> str:
    """Who it is about."""
    if facts.kind is ReviewKind.OVER_CAPACITY and facts.session is not None:
        return facts.session.name
    return facts.first_name or A_CHILD


def caption(facts: ReviewFacts, zone: tzinfo) -> str:
    """Why it is there, and the session with its day and hours."""
    session = facts.session
    if session is None:
        return what(facts)
    where = "" if facts.kind is ReviewKind.OVER_CAPACITY else f" · {session.name}"
    return f"{what(facts)}{where} · {_hours(session, zone)}"


def booked(facts: ReviewFacts, now: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    """What the booking says, as pairs of name and value."""
    pairs: list[tuple[str, str]] = []
    booking, session = facts.booking, facts.session
    if booking is not None:
        pairs += _booking_pairs(booking, now, zone)
    if session is not None:
        pairs.append(("Session", f"{session.name}, {_hours(session, zone)}"))
        pairs.append(("Room", session.room or "No room"))
        pairs.append(("Places", f"{session.places}, {session.booked} booked, {session.inside} in now"))
        if session.cancelled:
            pairs.append(("Session state", "Cancelled"))
        elif session.closed_at is not None:
            pairs.append(("Closed", day_and_time(session.closed_at, now, zone)))
    return pairs


def _booking_pairs(booking: ReviewBooking, now: datetime, zone: tzinfo) -> list[tuple[str, str]]:
    pairs = [("Booking", STATUS_WORDS[booking.status.value])]
    if booking.cancelled_at is not None:
        why = _REFUND_REASONS.get(booking.cancellation_reason or "", "")
        when = day_and_time(booking.cancelled_at, now, zone)
        pairs.append(("Cancelled", f"{when}, {why}" if why else when))
    pairs.append(("Attendance", STATE_WORDS[booking.attendance]))
    pairs.append(("Code", booking.code))
    source = SOURCE_WORDS.get(booking.source, booking.source)
    pairs.append(("Booked", f"{day_and_time(booking.booked_at, now, zone)}, {source.lower()}"))
    pairs.append(("Price", credits(booking.credits_charged)))
    paid = booking.taken - booking.given_back
    so_far = [f"{paid} paid"]
    if booking.given_back:
        so_far.append(f"{booking.given_back} given back")
    if booking.forfeited:
        so_far.append(f"{booking.forfeited} forfeited")
    if booking.owed:
        so_far.append(f"{booking.owed} owed")
    pairs.append(("Credits so far", ", ".join(so_far)))
    if booking.paid_out:
        pairs.append(("Payout", "Counted already; a change goes into the next one"))
    return pairs


def told(facts: ReviewFacts) -> str:
    """What the item itself says, where neither its kind nor a report does."""
    return (
        facts.summary
        if facts.topic is None and facts.kind in (ReviewKind.OTHER, ReviewKind.OVER_CAPACITY)
        else ""
    )


def reports(facts: ReviewFacts, now: datetime, zone: tzinfo) -> list[ReportLine]:
    """What the desks reported, oldest first; for two sessions, where else the child was."""
    return [
        *(_report(one, now, zone) for one in facts.reported),
        *(_stay(one, now, zone) for one in facts.elsewhere),
    ]


def _report(report: Report, now: datetime, zone: tzinfo) -> ReportLine:
    words, icon, color = _EVENTS[report.kind]
    title = f"{words} {day_and_time(report.occurred_at, now, zone)}"
    if report.pickup_name:
        title += f", by {report.pickup_name}"
    by = " by ".join(filter(None, (report.desk or "A desk", report.person)))
    sent = (
        "online" if report.origin is Origin.LIVE else f"offline, sent {clock_time(report.recorded_at, zone)}"
    )
    parts = [by, sent]
    if report.claimed_at is not None:
        parts.append(f"its clock said {day_and_time(report.claimed_at, now, zone)}")
    if report.taken_back:
        parts.append("taken back")
    elif report.outcome is OutcomeKind.REJECTED:
        parts.append("refused")
    elif report.outcome is OutcomeKind.ALREADY:
        parts.append("another desk had said so")
    if report.reason is not None:
        parts.append(_BECAUSE[report.reason])
    if report.outcome is OutcomeKind.REJECTED:
        icon, color = "ph.hand-palm", "red.text"
    return ReportLine(icon, color, title, " · ".join(parts), report.is_this, report.taken_back)


def _stay(stay: OtherStay, now: datetime, zone: tzinfo) -> ReportLine:
    until = (
        "not checked out" if stay.checked_out_at is None else f"out {clock_time(stay.checked_out_at, zone)}"
    )
    title = f"Also in {stay.name}"
    came = day_and_time(stay.checked_in_at, now, zone)
    hours = f"{clock_time(stay.starts_at, zone)}–{clock_time(stay.ends_at, zone)}"
    return ReportLine(
        "ph.arrows-left-right", "amber.text", title, f"in {came} · {until} · session {hours}", False, False
    )


def cost(choice: ReviewChoice, facts: ReviewFacts) -> Cost:
    """A decision with its consequence in words and numbers."""
    before = facts.booking.family_credits if facts.booking is not None else None
    family = "–" if before is None else _change(before, choice.family_credits_after)
    if choice.owed:
        family += f", owes {choice.owed}"
    return Cost(act(choice), _follows(choice), family, _change(choice.earned_before, choice.earned_after))


def act(choice: ReviewChoice) -> str:
    """The decision as its button says it: "Charge 3 credits"."""
    match choice.decision:
        case Decision.CHARGE:
            price = -choice.moved or choice.owed
            return f"Charge {credits(price)}" if price else "Count the visit"
        case Decision.NO_CHARGE:
            return "Leave it free" if choice.earned_before == 0 else "Leave it cancelled"
        case Decision.CAME:
            return "The child came"
        case Decision.CAME_FREE:
            return f"Came, give {credits(choice.moved)} back"
        case Decision.NO_SHOW:
            return f"No-show, forfeit {credits(choice.forfeited)}" if choice.forfeited > 0 else "No-show"
        case Decision.ACCEPT:
            return "Accept the report"
        case Decision.WRONG:
            return "Take the report back"
        case Decision.SEEN:
            return "I have seen this"


def _follows(choice: ReviewChoice) -> str:
    match choice.decision:
        case Decision.CHARGE if choice.owed:
            return "The booking counts again. The family has too few credits and owes them."
        case Decision.CHARGE if choice.status_after is not None and choice.status_after.value.startswith(
            "cancelled"
        ):
            return "The session is full: charged like a late cancellation."
        case Decision.CHARGE:
            return "The booking counts again."
        case Decision.NO_CHARGE:
            return "The booking stays as it is; the visit is on record."
        case Decision.CAME if choice.forfeited < 0:
            return f"{credits(-choice.forfeited)} were forfeited and now count as used."
        case Decision.CAME:
            return "The booking is completed."
        case Decision.CAME_FREE:
            return "The booking is completed and earns nothing."
        case Decision.NO_SHOW:
            return "The booking is a no-show; a report that the child came is taken back."
        case Decision.ACCEPT:
            return "Everything stays as it was reported."
        case Decision.WRONG:
            return "As if it had not been reported."
        case Decision.SEEN:
            return "Nothing changes; the item is closed."


def moves_credits(facts: ReviewFacts) -> bool:
    """Whether any decision moves credits or what the venue earns."""
    return any(
        one.moved or one.owed or one.forfeited or one.earned_before != one.earned_after
        for one in facts.choices
    )


def decided(facts: ReviewFacts, now: datetime, zone: tzinfo) -> str:
    """Who decided it, and when."""
    if facts.resolved_at is None:
        return ""
    when = day_and_time(facts.resolved_at, now, zone)
    return f"{facts.resolved_by_name or 'Somebody'} decided this {when}. {facts.resolution or ''}".strip()


def toast(facts: ReviewFacts, answer: Decided) -> tuple[str, str]:
    """What is said after a decision."""
    left = (
        ""
        if answer.family_credits is None or not answer.moved
        else f"The family has {credits(answer.family_credits)}."
    )
    return f"{heading(facts)}: {answer.resolution.rstrip('.')}", left


def to_choose(facts: ReviewFacts | None) -> str:
    """What the button says before a decision is marked."""
    count = len(facts.choices) if facts is not None else 0
    return {1: "Choose 1", 2: "Choose 1 or 2"}.get(count, "Choose 1, 2 or 3")


def credits(number: int) -> str:
    """A number of credits with its word: "1 credit", "3 credits"."""
    return count(number, "credit")


def _change(before: int, after: int | None) -> str:
    return str(before) if after is None or after == before else f"{before} → {after}"


def _hours(session: ReviewSession, zone: tzinfo) -> str:
    day = day_line(session.starts_at.astimezone(zone).date())
    return f"{day}, {clock_time(session.starts_at, zone)}–{clock_time(session.ends_at, zone)}"


def _opening_reason(facts: ReviewFacts) -> RefusalReason | None:
    return next((report.reason for report in facts.reported if report.is_this), None)
