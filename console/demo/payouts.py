"""The year of payouts in the demo: each month made by one person, approved by another, and paid by a file for the bank.

Nearly every month goes as it should. What finance meets otherwise has its place, counted back from the month that is
left open for whoever tries the demo:

    one month before      a payout the bank refused, still to be tried again; a venue on hold; a venue below zero
    two months before     a payout the bank refused, tried again and paid
    four months before    books that were opened again and closed; a hold that was released

and two bookings of each of the last months were settled late, so that the next payout corrects them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from console.demo.agenda import Agenda, answer, day_of, month_after, office_hour
from console.demo.chance import Chance
from console.demo.world import Staff, Venue
from console.domain.bank_file import BankAnswer, BankLine
from console.errors import BugError
from console.storage.demo_past import Past
from console.storage.paying import PayingQueries
from console.storage.payouts import PayoutQueries

CLOSED_FOR_A_MONTH = "summit-kids-climbing"
"""The venue that earned nothing in the last month that was made, and owes for the one before."""

_ON_HOLD = "copper-street-dance-loft"
_WAS_ON_HOLD = "brightbench-maker-lab"
_REFUSED = "quarter-note-music-rooms"
_REFUSED_AND_PAID = "harbor-lane-swim-school"


class PayoutYear:
    """Puts down what platform finance did about payouts. `open_month` is the one that is left to be made."""

    def __init__(
        self,
        past: Past,
        venues: Sequence[Venue],
        maker: Staff,
        checker: Staff,
        *,
        open_month: date,
        seed: int,
    ) -> None:
        """Nothing is done before the agenda is carried out."""
        self._payouts, self._paying = PayoutQueries(past), PayingQueries(past)
        self._past = past
        self._venues = {venue.plan.slug: venue for venue in venues}
        self._names = {venue.plan.name: venue.plan.slug for venue in venues}
        self._maker, self._checker = maker, checker
        self._open = open_month
        self._chance = Chance(seed, "payouts")
        self._made: set[UUID] = set()
        self._handed: list[BankLine] = []

    def put(self, agenda: Agenda) -> None:
        """Put the whole year down."""
        first = min(session.day for venue in self._venues.values() for session in venue.sessions)
        month = first.replace(day=1)
        while month < self._open:
            self._put_month(agenda, month)
            month = month_after(month)
        self._put_holds(agenda)

    def _put_month(self, agenda: Agenda, month: date) -> None:
        run, after = UUID(self._chance.uuid()), month_after(month)
        back = (self._open.year - month.year) * 12 + self._open.month - month.month
        made = office_hour(day_of(after, 3), "09:12")
        agenda.put(made, self._maker.id, partial(self._make, run, month))
        agenda.put(made + timedelta(days=1, minutes=68), self._checker.id, partial(self._approve, run))
        agenda.put(made + timedelta(days=1, minutes=95), self._maker.id, partial(self._hand, run))
        refused = {1: _REFUSED, 2: _REFUSED_AND_PAID}.get(back)
        why = {1: "The name and the account do not belong together.", 2: "The account is closed."}.get(back)
        agenda.put(
            made + timedelta(days=4, minutes=30),
            self._maker.id,
            partial(self._answered, day_of(after, 6), refused, why),
        )
        if back == 2:
            again = made + timedelta(days=6)
            agenda.put(again, self._checker.id, partial(self._retry, _REFUSED_AND_PAID, month))
            agenda.put(again + timedelta(hours=1), self._checker.id, partial(self._hand, run))
            agenda.put(
                again + timedelta(days=2),
                self._maker.id,
                partial(self._answered, day_of(after, 10), None, None),
            )
        if back == 4:
            agenda.put(made + timedelta(days=12), self._maker.id, partial(self._hand, run))
            agenda.put(
                made + timedelta(days=14),
                self._maker.id,
                partial(self._answered, day_of(after, 16), None, None),
            )
        if back > 1:
            closed = office_hour(day_of(after, 20), "16:40")
            agenda.put(closed, self._checker.id, partial(self._close, month))
            if back == 4:
                agenda.put(closed + timedelta(days=2), self._maker.id, partial(self._reopen, month))
                agenda.put(closed + timedelta(days=3), self._checker.id, partial(self._close, month))

    def _put_holds(self, agenda: Agenda) -> None:
        earlier = month_after(self._open, -3)
        held = office_hour(day_of(earlier, 1), "11:20")
        venue = self._venues[_WAS_ON_HOLD]
        agenda.put(held, self._maker.id, partial(self._hold, venue, "Its bank account is being moved."))
        agenda.put(
            held + timedelta(days=13),
            self._maker.id,
            partial(self._release, venue, "The new account is checked."),
        )
        agenda.put(
            office_hour(day_of(self._open, 2), "14:05"),
            self._checker.id,
            partial(
                self._hold, self._venues[_ON_HOLD], "The loft changes hands; we wait for the new contract."
            ),
        )

    def _make(self, run: UUID, month: date) -> None:
        seen = answer(self._payouts.preview(month, None))
        if any(
            one.sums.net > 0 for one in seen.venues
        ):  # the first of all months may have begun on its last day
            answer(self._payouts.make(run, month, None, seen.fingerprint))
            self._made.add(run)

    def _approve(self, run: UUID) -> None:
        if run in self._made:
            answer(self._payouts.approve(run, 1))

    def _hand(self, run: UUID) -> None:
        self._handed = answer(self._paying.bank_file(run, again=False)) if run in self._made else []

    def _answered(self, on: date, refused: str | None, why: str | None) -> None:
        answers = []
        for number, line in enumerate(self._handed, start=2):
            failed = self._names[line.payee] == refused
            outcome = "failed" if failed else "paid"
            answers.append(
                BankAnswer(
                    number, line.reference, line.amount, line.currency, outcome, on, why if failed else None
                )
            )
        fates = answer(self._paying.bank_answer(answers, dry=False))
        if any(fate == "left_out" for _, fate, _ in fates):
            raise BugError("The bank of the demo answered what nobody asked.", code="demo_bank")
        self._past.deliver()

    def _retry(self, slug: str, month: date) -> None:
        answer(self._paying.retry(self._past.payout_of(self._venues[slug].id, month)))

    def _hold(self, venue: Venue, why: str) -> None:
        answer(self._payouts.hold(UUID(venue.id), why))

    def _release(self, venue: Venue, why: str) -> None:
        (standing,) = [one for one in answer(self._payouts.holds()) if one.venue_id == UUID(venue.id)]
        answer(self._payouts.release(standing.id, why))

    def _close(self, month: date) -> None:
        answer(self._payouts.close_month(month))

    def _reopen(self, month: date) -> None:
        answer(self._payouts.reopen_month(month, "The auditor asked about a refund; nothing had to change."))
