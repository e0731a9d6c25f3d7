"""What finance finds in the demo: a year of payouts, invoices and closed books, made by the real functions.

It happens after everything else is written, in a transaction of its own, because what a payout looks at has to stand
before it: payouts.py, billing.py and lateness.py say what was done, agenda.py in which order. The month that ended last
is left open for whoever tries the demo.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from console.demo.agenda import Agenda, day_of, month_after, office_hour
from console.demo.attention import OpenItem, forget_in_month
from console.demo.billing import BillingYear
from console.demo.chance import Chance
from console.demo.history import shut_for_a_month
from console.demo.lateness import LateReport, LateReports, were_absent
from console.demo.money import Corporate
from console.demo.payouts import CLOSED_FOR_A_MONTH, PayoutYear
from console.demo.rows_people import LONG_AGO
from console.demo.world import Staff, Venue
from console.domain.reviewing import Decision
from console.storage.demo_past import Acting, past

_LATE = "The desk was offline; the session ended early, so the credits were given back."


@dataclass(frozen=True, slots=True)
class Calendar:
    """The months that matter, by their first days: this one, the one left open, and the two before."""

    this: date

    @property
    def open(self) -> date:
        """The month that ended last."""
        return month_after(self.this, -1)

    @property
    def made(self) -> date:
        """The last month whose payouts are made."""
        return month_after(self.this, -2)

    @property
    def before(self) -> date:
        """The month before that."""
        return month_after(self.this, -3)


def forget(venue: Venue, seed: int) -> list[OpenItem]:
    """Children who were forgotten at the main venue in the two months that were made last, the older first."""
    months = Calendar(venue.today.replace(day=1))
    return [forget_in_month(venue, seed, month) for month in (months.before, months.made)]


def shut(venue: Venue, today: date) -> None:
    """One venue had to close for the last month that was made, as the main venue's calendar has it."""
    if venue.plan.slug == CLOSED_FOR_A_MONTH:
        shut_for_a_month(venue, Calendar(today.replace(day=1)).made, "The climbing wall is being repaired.")


def keep_finances(
    admin_dsn: str,
    venues: Sequence[Venue],
    platform: Sequence[Staff],
    employers: Sequence[Corporate],
    forgotten: Sequence[OpenItem],
    *,
    seed: int,
    at: datetime,
    tables: Sequence[str],
) -> dict[str, int]:
    """Let the year of money happen in a demo that is loaded, up to the instant `at`; how many rows `tables` have then.

    `forgotten` are the children of `forget`, oldest first. Raises ConsoleErrors; then nothing of it happened.
    """
    months = Calendar(venues[0].today.replace(day=1))
    lucas, noor = (person for person in platform if person.role == "platform_finance")
    main, closed = venues[0], next(one for one in venues if one.plan.slug == CLOSED_FOR_A_MONTH)
    desks = Chance(seed, "headquarters")
    office = desks.uuid()
    acting = [
        Acting(one.id, office, "Headquarters")
        for one in (lucas, noor, main.who("manager"), closed.who("manager"))
    ]
    # What was kept so long was kept by a desk of its own: one that had sent something since would know what time it is.
    acting += [Acting(one.who("front_desk").id, desks.uuid(), "Tablet", one.id) for one in (main, closed)]
    contracts = (at - LONG_AGO).date().replace(day=1)
    with past(
        admin_dsn,
        acting,
        seed=seed,
        since=at - LONG_AGO,
        until=at,
    ) as then:
        then.say_who_issues()
        agenda = Agenda(then, at)
        late = LateReports(then, seed)
        for absent, (month, item) in enumerate(
            zip((months.before, months.made), forgotten, strict=True), start=1
        ):
            came = office_hour(day_of(month_after(month), 7), "09:40")
            reports = [LateReport(item.booking, Decision.CAME), *were_absent(main, month, absent, _LATE)]
            late.put(agenda, reports, came)
        came = office_hour(day_of(months.made, 8), "10:15")
        late.put(agenda, were_absent(closed, months.before, 12, _LATE), came)
        PayoutYear(then, venues, lucas, noor, open_month=months.open, seed=seed).put(agenda)
        BillingYear(then, employers, lucas, since=contracts, this_month=months.this, seed=seed).put(agenda)
        agenda.carry_out()
        then.at(at)
        then.mark_overdue()
        return then.count(tables)
