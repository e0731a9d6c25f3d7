"""What happened at the desks of the demo: check-ins, check-outs, absences, and how each booking stands for it.

Events agree with the bookings they are about in every column the server keeps, as if `attendance.record` had judged
them one by one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from console.demo.chance import Chance
from console.demo.history import cancel_by_parent
from console.demo.today import Seat
from console.demo.world import Booking, Desk, Event, Pickup, Session, Staff, Venue

_WHY = ("schedule_conflict", "child_sick", "transportation", "other")


class FrontDesk:
    """The desks of one venue and the people who stand at them."""

    def __init__(self, venue: Venue, seed: int, at: datetime) -> None:
        """Nothing is recorded later than `at`."""
        self._chance = Chance(seed, f"attendance {venue.plan.slug}")
        self._venue = venue
        self._at = at
        people = [person for person in venue.staff if person.role == "front_desk"]
        self._posts: list[tuple[Desk, Staff]] = [
            (desk, people[number % len(people)]) for number, desk in enumerate(venue.desks)
        ]

    def live_through(self, session: Session) -> None:
        """Let an ordinary session happen as far as it has by now."""
        if session.cancelled is not None:
            return
        for booking in session.bookings:
            self._what_became_of(booking)
        if session.ends + timedelta(minutes=20) <= self._at:
            self.close(session)

    def arrive(self, booking: Booking, minute: int | None = None, desk: int | None = None) -> None:
        """Check the child in, `minute` minutes after the start (or about then), at the desk with that number."""
        minutes = self._chance.between(-9, 5) if minute is None else minute
        at = booking.session.starts + timedelta(minutes=minutes, seconds=self._chance.between(1, 40))
        self._add(booking, "check_in", min(at, self._latest(30)), desk)
        booking.state = "in"

    def leave(
        self, booking: Booking, minute: int | None = None, by: str | None = None, desk: int | None = None
    ) -> None:
        """Check the child out to somebody of the pickup list, by name where one is given."""
        session = booking.session
        at = session.ends + timedelta(
            minutes=self._chance.between(-2, 8), seconds=self._chance.between(1, 40)
        )
        if minute is not None:
            at = session.starts + timedelta(minutes=minute, seconds=self._chance.between(1, 40))
        allowed = [person for person in booking.child.pickup if person.may_collect]
        chosen = next((person for person in allowed if person.name == by), None)
        if chosen is None:
            chosen = allowed[0] if self._chance.chance(0.7) else self._chance.pick(allowed)
        self._add(booking, "check_out", min(at, self._latest(5)), desk, chosen)
        booking.state = "out"

    def miss(self, booking: Booking, minute: int | None = None) -> None:
        """Mark the child absent; once the session is closed that makes a no-show."""
        session = booking.session
        at = (
            session.ends + timedelta(minutes=6)
            if minute is None
            else session.starts + timedelta(minutes=minute)
        )
        self._add(booking, "absent", min(at, self._latest(10)), 1)
        booking.state = "absent"

    def seat(self, booking: Booking, seat: Seat) -> None:
        """Do what the script says of this seat."""
        booking.parent_note, booking.venue_note = seat.parent_note, seat.venue_note
        if seat.absent:
            self.miss(booking, seat.at)
        elif seat.at is not None:
            self.arrive(booking, seat.at, seat.desk)
            if seat.out is not None:
                self.leave(booking, seat.out, seat.by, seat.desk)

    def close(self, session: Session) -> None:
        """Close a session that is over: those who came have completed it, those marked absent forfeit."""
        session.closed = min(session.ends + timedelta(minutes=self._chance.between(6, 15)), self._latest(3))
        for booking in session.bookings:
            if booking.status != "confirmed":
                continue
            if booking.state == "out":
                booking.status = "completed"
            elif booking.state == "absent":
                booking.status, booking.forfeited = "no_show", True

    def _what_became_of(self, booking: Booking) -> None:
        session, chance = booking.session, self._chance
        lot = 1.0 if booking.certain else chance.between(0, 999) / 1000
        if lot < 0.035:
            if session.starts - timedelta(hours=50) < self._at:
                cancel_by_parent(booking, chance.between(50, 120), chance.pick(_WHY))
        elif lot < 0.055:
            if session.starts - timedelta(hours=5) < self._at:
                cancel_by_parent(booking, chance.between(5, 30), "child_sick")
        elif session.ends <= self._at:
            if lot < 0.09:
                self.miss(booking)
            else:
                self.arrive(booking)
                self.leave(booking)
                changed = session.ends + timedelta(hours=3)
                if (
                    lot > 0.995
                    and session.activity.credits > 1
                    and not booking.certain
                    and changed < self._at
                ):
                    booking.partly_back = changed
        elif session.starts <= self._at:
            if lot < 0.85:
                self.arrive(booking)
        elif session.starts - timedelta(minutes=15) <= self._at and lot < 0.4:
            self.arrive(booking, -12)

    def _latest(self, seconds_before: int) -> datetime:
        return self._at - timedelta(seconds=seconds_before)

    def _add(
        self, booking: Booking, kind: str, at: datetime, desk: int | None, pickup: Pickup | None = None
    ) -> None:
        if booking.events and at <= booking.events[-1].at:
            at = booking.events[-1].at + timedelta(seconds=1)
        place, person = self._chance.pick(self._posts) if desk is None else self._posts[desk - 1]
        booking.events.append(Event(self._chance.uuid7(at), place, person, kind, at, pickup))


def number_events(venues: list[Venue]) -> list[tuple[Booking, Event]]:
    """Every event with its booking in the order in which they happened, each numbered within its desk."""
    everything = [
        (booking, event)
        for venue in venues
        for session in venue.sessions
        for booking in session.bookings
        for event in booking.events
    ]
    everything.sort(key=lambda pair: (pair[1].at, pair[1].id))
    last: dict[str, int] = {}
    for _, event in everything:
        event.seq = last[event.desk.id] = last.get(event.desk.id, 0) + 1
    return everything
