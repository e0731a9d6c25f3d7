"""A platform with venues to pay, at real logins: bookings that came, did not, or were refunded, and the runs over them.

Bookings are written as the administrator, in the state that the desk's and the bookings' functions leave them in; what
is under test, the payouts, goes over the connections of real desks.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from tests.support import factories
from tests.support.desk_world import Person, Row, World

MARCH = datetime(2026, 3, 10, 17, 0, tzinfo=ZoneInfo("UTC"))
JANUARY, FEBRUARY, MARCH_1 = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
ZONE = ZoneInfo(factories.ZONE)
STATES: dict[str, dict[str, Any]] = {
    "came": {"status": "completed"},
    "no_show": {"status": "no_show"},
    "confirmed": {"status": "confirmed"},
    "cancelled_late": {"status": "cancelled_parent", "refund_eligible": False, "credits_refunded": 0},
    "cancelled": {"status": "cancelled_parent", "refund_eligible": True},
}


def next_month(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=32)).replace(day=1)


@dataclass
class Books:
    """A world with two people of platform finance, who make and approve runs. Venues are made as asked for."""

    world: World
    maker: Person = field(init=False)
    checker: Person = field(init=False)
    _children: dict[UUID, itertools.count[int]] = field(default_factory=dict)
    _sessions: dict[tuple[UUID, date], UUID] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.at(MARCH)
        self.maker = self.world.person("platform_finance", name="Kenji", desk=self.world.desk("Office 1"))
        self.checker = self.world.person("platform_finance", name="Amara", desk=self.world.desk("Office 2"))

    def venue(self, fee: str = "17.50", **columns: Any) -> UUID:
        """A venue with a payout account."""
        return factories.venue(
            self.world.admin,
            **({"platform_fee_percentage": fee, "payout_account_last_four": "4821"} | columns),
        )

    def session(self, venue: UUID, day: date) -> UUID:
        """A closed session of that local day."""
        key = (venue, day)
        if key not in self._sessions:
            activity = factories.activity(self.world.admin, venue, name=f"Judo {day:%d %b}")
            at = datetime(day.year, day.month, day.day, 15, 0, tzinfo=ZONE)
            self._sessions[key] = factories.session(
                self.world.admin,
                activity,
                starts_at=at,
                closed_at=at + timedelta(hours=2),
                total_capacity=1000,
            )
        return self._sessions[key]

    def booking(self, venue: UUID, day: date, credits: int, state: str = "came") -> UUID:
        """A booking of that local day in one of STATES."""
        session = self.session(venue, day)
        child = factories.child(self.world.admin, first_name="Oleander")
        made = factories.booking(
            self.world.admin, session, child, credits_charged=credits, status="confirmed"
        )
        self.becomes(made, state)
        return made

    def becomes(self, booking: UUID, state: str, refunded: int | None = None) -> None:
        """The booking in another state from now on; cancelled in time everything comes back."""
        columns = {"refund_eligible": None, "credits_refunded": refunded or 0} | STATES[state]
        if state == "cancelled":
            columns["credits_refunded"] = self.world.one(
                "SELECT credits_charged AS c FROM bookings WHERE id = %s", booking
            )["c"]
        self.world.admin.execute(
            """UPDATE bookings SET status = %s, refund_eligible = %s, credits_refunded = %s,
                      cancelled_at = CASE WHEN %s::text LIKE 'cancelled%%' THEN app.now() - interval '90 days' END
                WHERE id = %s""",
            [
                columns["status"],
                columns["refund_eligible"],
                columns["credits_refunded"],
                columns["status"],
                booking,
            ],
        )

    def preview(self, month: date, *venues: UUID) -> list[Row]:
        """What a run would make, one row a venue."""
        return self.maker.call("SELECT * FROM payouts.preview(%s, %s)", month, list(venues) or None)

    def make(self, month: date, *venues: UUID, by: Person | None = None, run: UUID | None = None) -> Row:
        """Look, and make what was seen."""
        by = by or self.maker
        seen = self.preview(month, *venues)[0]["fingerprint"]
        return by.call(
            "SELECT * FROM payouts.make(%s, %s, %s, %s)", run or uuid4(), month, list(venues) or None, seen
        )[0]

    def approve(self, run: Row) -> Row:
        """The other one approves."""
        return self.checker.call("SELECT * FROM payouts.approve(%s, %s)", run["id"], run["version"])[0]

    def pay(self, month: date, *venues: UUID) -> None:
        """A month made, approved and paid out."""
        self.approve(self.make(month, *venues))
        self.arrive()

    def arrive(self) -> None:
        """Whatever may be paid is paid: what the worker does, shortened."""
        self.world.admin.execute(
            """UPDATE venue_payouts SET status = 'paid', paid_at = app.now() FROM payout_runs r
                WHERE r.id = run_id AND r.state = 'approved' AND status IN ('pending', 'processing', 'failed')"""
        )

    def payout(self, venue: UUID, month: date) -> Row:
        """The stored row."""
        return self.world.one(
            "SELECT * FROM venue_payouts WHERE venue_id = %s AND payout_period_start = %s", venue, month
        )

    def lines(self, venue: UUID, month: date) -> list[Row]:
        """Its stored lines in order."""
        return self.world.all(
            """SELECT l.* FROM payout_lines l JOIN venue_payouts p ON p.id = l.payout_id
                WHERE p.venue_id = %s AND p.payout_period_start = %s ORDER BY l.position""",
            venue,
            month,
        )

    def adds_up(self) -> None:
        """Every payout is the sum of its lines, and what was earned is paid, a fee, held or carried: to the cent."""
        wrong = self.world.all(
            """SELECT p.id FROM venue_payouts p LEFT JOIN payout_lines l ON l.payout_id = p.id GROUP BY p.id
               HAVING coalesce(sum(l.gross) FILTER (WHERE l.kind = 'booking'), 0) <> p.gross_revenue
                   OR coalesce(sum(l.fee_share) FILTER (WHERE l.kind = 'booking'), 0) <> p.platform_fee_amount
                   OR round(p.gross_revenue * p.platform_fee_percentage / 100, 2) <> p.platform_fee_amount
                   OR coalesce(sum(l.net) FILTER (WHERE l.kind = 'adjustment'), 0) <> p.adjustments_amount
                   OR array_agg(l.position ORDER BY l.position) FILTER (WHERE l.id IS NOT NULL)
                      <> ARRAY(SELECT g::integer FROM generate_series(1, count(l.id)) g)"""
        )
        assert wrong == []
        sums = self.world.one(
            """SELECT (SELECT coalesce(sum(gross), 0) FROM payout_lines) AS money_in,
                      (SELECT coalesce(sum(fee_share), 0) FROM payout_lines) AS fees,
                      (SELECT coalesce(sum(net_payout), 0) FROM venue_payouts WHERE status <> 'on_hold') AS paid,
                      (SELECT coalesce(sum(net_payout), 0) FROM venue_payouts WHERE status = 'on_hold') AS held,
                      (SELECT coalesce(sum(p.carried_out), 0) FROM venue_payouts p WHERE NOT EXISTS (
                          SELECT 1 FROM venue_payouts n WHERE n.carried_from_id = p.id)) AS carried"""
        )
        assert sums["money_in"] == sums["paid"] + sums["fees"] + sums["held"] + sums["carried"], sums


def cents(amount: object) -> Decimal:
    """An amount with its two places."""
    return Decimal(str(amount)).quantize(Decimal("0.01"))
