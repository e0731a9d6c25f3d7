"""What came to light after a month was paid, so that the next payout corrects it: check-ins sent weeks later.

A desk had lost its network and sent what it kept when nobody expected it any more: children who had come, though they
were marked as absent or not at all. The venue's manager decided about each, as managers do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from console.demo.agenda import Agenda, answer
from console.demo.chance import Chance
from console.demo.world import Booking, Venue
from console.domain.attendance import AttendanceEvent, EventKind, Origin
from console.domain.reviewing import Decision
from console.storage.attendance import AttendanceStore
from console.storage.demo_past import Past
from console.storage.reviews import ReviewQueries


@dataclass(frozen=True, slots=True)
class LateReport:
    """A child of a month that was paid had come after all; what the manager decides about that, and why."""

    booking: Booking
    decision: Decision
    why: str | None = None


def were_absent(venue: Venue, month: date, at_most: int, why: str) -> list[LateReport]:
    """Bookings of the month that were closed as absent and whose credits are given back, the dearest first."""
    missed = [
        booking
        for session in venue.sessions
        if session.day.replace(day=1) == month
        for booking in session.bookings
        if booking.status == "no_show" and not booking.certain
    ]
    missed.sort(key=lambda booking: (-booking.session.activity.credits, booking.session.starts, booking.id))
    return [LateReport(booking, Decision.CAME_FREE, why) for booking in missed[:at_most]]


class LateReports:
    """Puts down when late reports came, and when they were decided about."""

    def __init__(self, past: Past, seed: int) -> None:
        """Nothing is done before the agenda is carried out."""
        self._past = past
        self._attendance, self._reviews = AttendanceStore(past), ReviewQueries(past)
        self._chance = Chance(seed, "late reports")

    def put(self, agenda: Agenda, reports: Sequence[LateReport], came: datetime) -> None:
        """Let the reports come at an instant, and be decided about the day after."""
        # In the order in which the children came: the clock of a desk does not run backwards.
        in_order = sorted(reports, key=lambda report: (report.booking.session.starts, report.booking.id))
        for number, report in enumerate(in_order):
            venue = report.booking.session.venue
            sent = came + timedelta(minutes=number)
            decided = came + timedelta(days=1, minutes=3 * number)
            check_in, check_out = UUID(self._chance.uuid7(sent)), UUID(self._chance.uuid7(sent))
            front_desk, manager = venue.who("front_desk").id, venue.who("manager").id
            agenda.put(sent, front_desk, partial(self._report, report, check_in, check_out))
            agenda.put(decided, manager, partial(self._decide, report, [check_in, check_out], decided))

    def _report(self, report: LateReport, check_in: UUID, check_out: UUID) -> None:
        booking = report.booking
        session = booking.session
        collector = next(person for person in booking.child.pickup if person.may_collect)
        seq = answer(self._attendance.next_seq())
        came, left = session.starts + timedelta(minutes=2), session.ends + timedelta(minutes=1)
        arrival = AttendanceEvent(
            check_in,
            seq,
            EventKind.CHECK_IN,
            came,
            Origin.QUEUED,
            booking_id=UUID(booking.id),
            session_id=UUID(session.id),
        )
        departure = replace(
            arrival,
            id=check_out,
            seq=seq + 1,
            kind=EventKind.CHECK_OUT,
            occurred_at=left,
            pickup_person_id=UUID(collector.id),
        )
        answer(self._attendance.record([arrival, departure]))

    def _decide(self, report: LateReport, events: Sequence[UUID], at: datetime) -> None:
        # About the arrival first; where the hour of leaving is asked about, too, it is accepted.
        for item in self._past.items_about(events):
            choices = {choice.decision: choice for choice in answer(self._reviews.facts(item)).choices}
            chosen = choices.get(report.decision) or choices[Decision.ACCEPT]
            seq = answer(self._attendance.next_seq())
            steps = [
                AttendanceEvent(
                    UUID(self._chance.uuid7(at)),
                    seq + number,
                    step.kind,
                    at,
                    Origin.QUEUED,
                    annuls=step.annuls,
                    booking_id=None if step.annuls else UUID(report.booking.id),
                )
                for number, step in enumerate(chosen.steps)
            ]
            answer(self._reviews.decide(item, chosen.decision, report.why, steps))
