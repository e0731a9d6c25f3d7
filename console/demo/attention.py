"""What waits for a manager in the demo: sessions that nobody closed, a pickup that was refused, a room that is shut."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from console.demo.calendar import instant
from console.demo.chance import Chance
from console.demo.world import Booking, Session, Venue


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Something a manager has to decide."""

    id: str
    session: Session
    booking: Booking
    opened: datetime


@dataclass(frozen=True, slots=True)
class Closure:
    """Hours in which some rooms of a venue are shut."""

    id: str
    venue: Venue
    room: str
    starts: datetime
    ends: datetime
    why: str


def leave_unmarked(venue: Venue, seed: int, at: datetime) -> list[OpenItem]:
    """Two of last week's sessions were closed by the night, each with a child whom nobody had marked."""
    chance = Chance(seed, f"attention {venue.plan.slug}")
    candidates = [
        session
        for session in venue.sessions
        if at - timedelta(days=6) < session.ends < at - timedelta(days=1)
        and not session.scripted
        and any(_can_be_forgotten(booking) for booking in session.bookings)
    ]
    return [_forget(chance, session) for session in chance.sample(candidates, 2)]


def forget_in_month(venue: Venue, seed: int, month: date) -> OpenItem:
    """One child of that month was forgotten, too; somebody asks about it after the month was paid."""
    chance = Chance(seed, f"forgotten {venue.plan.slug} {month:%Y-%m}")
    candidates = [
        session
        for session in venue.sessions
        if session.day.replace(day=1) == month
        and any(_can_be_forgotten(booking) for booking in session.bookings)
    ]
    return _forget(chance, chance.pick(candidates))


def _forget(chance: Chance, session: Session) -> OpenItem:
    booking = chance.pick([each for each in session.bookings if _can_be_forgotten(each)])
    booking.events.clear()
    booking.state, booking.status = "unmarked", "confirmed"
    booking.certain = True  # what somebody has to decide about is not dropped for want of credits
    session.closed, session.by_night = instant(session.venue.zone, session.day, 23 * 60 + 55), True
    return OpenItem(chance.uuid(), session, booking, session.closed)


def shut_a_room(venue: Venue, seed: int) -> Closure:
    """One room is shut tomorrow evening, when nothing is planned in it."""
    chance = Chance(seed, f"closure {venue.plan.slug}")
    tomorrow = venue.today + timedelta(days=1)
    starts, ends = (instant(venue.zone, tomorrow, hour * 60) for hour in (21, 23))
    return Closure(chance.uuid(), venue, venue.plan.rooms[-1][0], starts, ends, "The kiln is being repaired.")


def _can_be_forgotten(booking: Booking) -> bool:
    return booking.status == "completed" and not booking.certain and booking.partly_back is None
