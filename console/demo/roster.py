"""Today's rosters at Riverside Studio, seat by seat as console.demo.today has them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from console.demo.attendance import FrontDesk
from console.demo.chance import Chance
from console.demo.history import Ticketing, cancel_by_parent, cancel_with_session
from console.demo.today import Item, Placed, Seat
from console.demo.world import Booking, Child, Series, Session, Venue


@dataclass(frozen=True, slots=True)
class Waiting:
    """A child in the queue for a full session."""

    session: Session
    child: Child
    position: int
    joined: datetime


class TodaysRosters:
    """Seats the cast and fills the rest of today's sessions with ordinary children of the right age."""

    def __init__(
        self,
        venue: Venue,
        cast: dict[str, Child],
        plan: list[tuple[Series, Placed]],
        tickets: Ticketing,
        desk: FrontDesk,
        seed: int,
        at: datetime,
    ) -> None:
        """`plan` pairs each of today's series with its place in the day."""
        self._venue, self._cast, self._tickets, self._desk, self._at = venue, cast, tickets, desk, at
        self._chance = Chance(seed, "today's rosters")
        self._ordinary = [child for child in venue.children() if child not in cast.values()]
        self._groups: dict[str, str] = {}
        self._seated: set[str] = set()
        by_series = {
            session.series.id: session
            for session in venue.sessions
            if session.scripted and session.series is not None
        }
        self._items = [(by_series[series.id], placed) for series, placed in plan]
        self.waiting: list[Waiting] = []

    def seats(self) -> dict[str, Session]:
        """Where each of the cast sits first today, by "parent/child"."""
        found: dict[str, Session] = {}
        for session, placed in self._items:
            for seat in placed.item.seats:
                found.setdefault(seat.who, session)
        return found

    def fill(self, members: dict[str, list[Child]]) -> None:
        """Book and play every session of today; `members` are the regulars of each series, seated first."""
        for session, placed in self._items:
            session.activity = self._venue.plan.by_name[session.activity.name]
            for seat in placed.item.seats:
                self._seat(session, seat)
            ordinary = self._fill_up(session, placed.item, members)
            self._play(session, placed, ordinary)
            self._queue(session, placed.item)

    def _seat(self, session: Session, seat: Seat) -> None:
        booking = self._tickets.book(session, self._cast[seat.who])
        booking.certain = True
        if seat.group is not None:
            booking.group = self._groups.setdefault(seat.group, self._tickets.group())
        if seat.status == "cancelled_parent":
            cancel_by_parent(booking, 26, "child_sick")
        elif seat.status == "cancelled_venue":
            pass  # with the whole session, below
        elif seat.status == "pending":
            booking.status, booking.created = "pending", self._at - timedelta(hours=2)
        self._desk.seat(booking, seat)

    def _fill_up(self, session: Session, item: Item, members: dict[str, list[Child]]) -> list[Booking]:
        regular = [] if session.series is None else members[session.series.id]
        names = {booking.child.name for booking in session.bookings}
        found: list[Booking] = []
        for child in [*regular, *self._chance.sample(self._ordinary, len(self._ordinary))]:
            if len(found) == item.others:
                break
            months = child.months_on(session.day)
            suited = session.activity.min_months <= months <= session.activity.max_months
            # Two of one name would be a case of its own: only the script makes those.
            if suited and child.id not in self._seated and child.name not in names and child.consent:
                self._seated.add(child.id)
                names.add(child.name)
                booking = self._tickets.book(session, child)
                booking.certain = True
                found.append(booking)
        return found

    def _play(self, session: Session, placed: Placed, ordinary: list[Booking]) -> None:
        item = placed.item
        if item.cancelled is not None:
            session.cancelled, session.cancelled_why = self._at - timedelta(hours=3), item.cancelled
            for booking in session.bookings:
                cancel_with_session(booking, session.cancelled)
        elif placed.over:
            for booking in ordinary[: item.missing]:
                self._desk.miss(booking)
            for booking in session.bookings:
                if booking.state == "expected" and booking.status == "confirmed":
                    self._desk.arrive(booking)
                    self._desk.leave(booking)
            self._desk.close(session)
        else:
            for number, booking in enumerate(ordinary[: item.arrived]):
                self._desk.arrive(booking, number - 10 if session.starts > self._at else number - 4)

    def _queue(self, session: Session, item: Item) -> None:
        seated = {booking.child.id for booking in session.bookings}
        candidates = [
            child
            for child in self._ordinary
            if child.id not in seated
            and child.consent
            and session.activity.min_months <= child.months_on(session.day) <= session.activity.max_months
        ]
        for position, child in enumerate(self._chance.sample(candidates, item.waiting), start=1):
            joined = self._at - timedelta(hours=30 - 7 * position)
            self.waiting.append(Waiting(session, child, position, joined))
