"""Bookings of the demo: who goes where every week, what became of it, and what is booked ahead.

A child joins a weekly class at some point of the last year and then comes nearly every time, so that visits, repeat
bookings and no-shows have the shape that a real venue's have, and the year grows towards the present.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta

from console.demo import calendar
from console.demo.accounts import is_main
from console.demo.calendar import weekday
from console.demo.cast import FAMILIES
from console.demo.chance import Chance
from console.demo.world import Booking, Child, Session, Venue
from console.domain import codes

_AHEAD = (0.92, 0.85, 0.6, 0.35, 0.2, 0.12, 0.1, 0.08, 0.06)
"""How likely a regular has already booked the class so many weeks ahead."""


class Ticketing:
    """Makes bookings with codes that no two of them share."""

    def __init__(self, seed: int, at: datetime) -> None:
        """Start the stream of codes and ids; nothing is booked later than `at`."""
        self._chance = Chance(seed, "bookings")
        self._at = at
        self._given: set[int] = set()

    def book(self, session: Session, child: Child, *, days_before: int | None = None) -> Booking:
        """A confirmed booking of the child, made some days before the session and never in the future."""
        chance = self._chance
        lead = timedelta(days=days_before or chance.between(2, 13), minutes=chance.between(0, 600))
        created = min(session.starts - lead, self._at - timedelta(minutes=chance.between(95, 5_000)))
        booking = Booking(chance.uuid(), session, child, self._code(), created)
        booking.source = chance.weighted(("browse", "rebook", "search", "suggestion"), (40, 35, 15, 10))
        session.bookings.append(booking)
        return booking

    def group(self) -> str:
        """An id for bookings made together."""
        return self._chance.uuid()

    def _code(self) -> str:
        number = self._chance.bits(40)
        while number in self._given:
            number = self._chance.bits(40)
        self._given.add(number)
        body = "".join(codes.ALPHABET[number >> shift & 31] for shift in range(35, -1, -5))
        return codes.format_code(body + codes.check_symbol(body))


def cast_visits(
    venue: Venue, cast: dict[str, Child], seats: dict[str, Session], tickets: Ticketing, seed: int
) -> None:
    """Give each child of the cast the number of past visits that is written beside it, the newest a week ago."""
    chance = Chance(seed, "cast visits")
    past = [
        session
        for session in reversed(venue.sessions)
        # Just after midnight today's plan begins yesterday; who comes to it is written out.
        if session.day < venue.today and not session.cancelled and not session.scripted
    ]
    by_class: dict[str, list[Session]] = defaultdict(list)
    for session in past:
        by_class[session.activity.name].append(session)
    for family in FAMILIES:
        for kid in family.kids:
            child = cast[f"{family.parent}/{kid.name}"]
            seat = seats.get(f"{family.parent}/{kid.name}")
            own = (
                []
                if seat is None
                else [
                    session
                    for session in by_class[seat.activity.name]
                    if weekday(session.day) == weekday(seat.day) and _is_old_enough(child, session)
                ]
            )
            reach = own[: max(kid.visits, round(kid.visits * 1.8))]
            chosen = reach[:1] + chance.sample(reach[1:], kid.visits - 1) if kid.visits else []
            days = {session.day for session in chosen}
            for session in past:
                if len(chosen) >= kid.visits:
                    break
                if session.day not in days and _is_old_enough(child, session):
                    days.add(session.day)
                    chosen.append(session)
            for session in chosen:
                if session.taken() < session.activity.places:
                    tickets.book(session, child).certain = True


def regulars(venue: Venue, tickets: Ticketing, seed: int, at: datetime) -> dict[str, list[Child]]:
    """Enrol the venue's ordinary children in weekly classes and book them; returns who belongs to which series."""
    chance = Chance(seed, f"regulars {venue.plan.slug}")
    children = [child for child in venue.children() if not _is_cast(child)]
    busy: set[tuple[str, date]] = set()
    enrolled_days: dict[str, set[int]] = defaultdict(set)
    members: dict[str, list[Child]] = {}
    by_series: dict[str, list[Session]] = defaultdict(list)
    for session in venue.sessions:
        if session.series is not None:
            by_series[session.series.id].append(session)
    for series in venue.series:
        members[series.id] = []
        for day in series.days:
            fill = chance.between(70, 95) if is_main(venue.plan) else chance.between(30, 75)
            wanted = max(2, series.activity.places * fill // 100)
            suited = [
                child
                for child in children
                if series.activity.min_months <= child.months_on(venue.today) <= series.activity.max_months
                and day not in enrolled_days[child.id]
                and len(enrolled_days[child.id]) < 3
            ]
            joined = chance.sample(suited, wanted)
            members[series.id].extend(joined)
            dates = [session for session in by_series[series.id] if weekday(session.day) == day]
            for child in joined:
                enrolled_days[child.id].add(day)
                _attend(chance, tickets, child, dates, busy, at)
    return members


def _attend(
    chance: Chance,
    tickets: Ticketing,
    child: Child,
    dates: list[Session],
    busy: set[tuple[str, date]],
    at: datetime,
) -> None:
    past = sum(session.starts < at for session in dates)
    first = chance.between(0, past * 2 // 3)
    for position, session in enumerate(dates):
        if position < first or session.scripted or (child.id, session.day) in busy:
            continue
        if position < past:
            wanted = 0.9
        else:
            weeks = (session.starts - at).days // 7
            wanted = _AHEAD[min(weeks, len(_AHEAD) - 1)]
        if not chance.chance(wanted) or not _is_old_enough(child, session):
            continue
        if session.taken() < session.activity.places:
            tickets.book(session, child)
            busy.add((child.id, session.day))


def cancel_some_sessions(venue: Venue, seed: int, at: datetime) -> None:
    """A few past sessions were cancelled by the venue, the reasons being the usual ones."""
    chance = Chance(seed, f"cancelled sessions {venue.plan.slug}")
    for session in venue.sessions:
        if any(booking.certain for booking in session.bookings):
            continue  # the visits of the cast are counted
        if session.ends < at - timedelta(days=3) and not session.scripted and chance.chance(0.012):
            session.cancelled = session.starts - timedelta(hours=chance.between(3, 40))
            session.cancelled_why = chance.pick(
                ("The teacher is ill.", "The heating failed.", "Snow closed the road.")
            )
            for booking in session.bookings:
                cancel_with_session(booking, session.cancelled)


def shut_for_a_month(venue: Venue, month: date, why: str) -> None:
    """Every session of the month was cancelled a week before it began, so that nothing was earned in it."""
    when = calendar.instant(venue.zone, month - timedelta(days=7), 10 * 60)
    for session in venue.sessions:
        if session.day.replace(day=1) == month:
            session.cancelled, session.cancelled_why = when, why
            for booking in session.bookings:
                cancel_with_session(booking, when)


def cancel_with_session(booking: Booking, when: datetime) -> None:
    """Cancel the booking because its session was, with everything paid back."""
    booking.status, booking.cancelled, booking.reason = "cancelled_venue", when, "venue_cancelled"
    booking.created = min(booking.created, when - timedelta(hours=1))
    booking.refunded_at = when


def cancel_by_parent(booking: Booking, hours_before: int, why: str) -> None:
    """Cancel the booking so many hours before its session: paid back from 48 hours on, otherwise forfeited."""
    when = booking.session.starts - timedelta(hours=hours_before)
    booking.created = min(booking.created, when - timedelta(hours=2))
    booking.status, booking.cancelled, booking.reason = "cancelled_parent", when, why
    if hours_before >= 48:
        booking.refunded_at = when
    else:
        booking.forfeited = True


def _is_old_enough(child: Child, session: Session) -> bool:
    return child.months_on(session.day) >= session.activity.min_months - 3


def _is_cast(child: Child) -> bool:
    return any(
        child.parent.first == family.parent and child.parent.last == family.last for family in FAMILIES
    )
