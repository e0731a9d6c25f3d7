"""Money over months, over one database: sums of what everybody asking may read anyway, and no person in them.

Read straight from tables under row-level security. See docs/design.md, "The database" (authorisation).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from console.domain.revenue import CategoryCredits, InvoiceMoney, PayoutMoney, Revenue
from console.storage.database import Database

_PAYOUTS = """
SELECT p.payout_period_start AS month, v.name AS venue, p.total_bookings AS bookings, p.gross_revenue AS gross,
       p.platform_fee_amount AS fee, p.adjustments_amount AS adjustments,
       p.carried_in - p.carried_out AS carried, p.net_payout AS net, p.status AS state, p.currency
  FROM venue_payouts AS p JOIN venues AS v ON v.id = p.venue_id
 WHERE p.payout_period_start BETWEEN :first AND :last
   AND (CAST(:venue_id AS uuid) IS NULL OR p.venue_id = :venue_id)
 ORDER BY p.payout_period_start, v.name, p.id"""
# Under row-level security whoever may not see invoices is answered with none.
_INVOICES = """
SELECT date_trunc('month', i.billing_period_start)::date AS month, i.status AS state, sum(i.total_amount) AS total,
       sum(coalesce(i.paid_amount, 0)) AS paid, count(*) AS invoices
  FROM invoices AS i
 WHERE i.billing_period_start BETWEEN :first AND (CAST(:last AS date) + interval '1 month' - interval '1 day')
 GROUP BY 1, 2 ORDER BY 1, 2"""
_CREDITS = """
SELECT date_trunc('month', s.session_date)::date AS month, coalesce(a.category::text, 'other') AS category,
       sum(b.credits_charged - b.credits_refunded) AS credits, count(*) AS bookings
  FROM activity_sessions AS s
  JOIN activities AS a ON a.id = s.activity_id AND a.venue_id = s.venue_id
  JOIN bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id
 WHERE s.session_date BETWEEN :first AND (CAST(:last AS date) + interval '1 month' - interval '1 day')
   AND (CAST(:venue_id AS uuid) IS NULL OR s.venue_id = :venue_id)
   AND (b.status IN ('completed', 'no_show')
        OR (b.status IN ('cancelled_parent', 'cancelled_venue') AND b.refund_eligible IS FALSE))
 GROUP BY 1, 2 ORDER BY 1, 2"""


class RevenueQueries:
    """Sums of one venue, or of every venue the person may see. Raises ConsoleErrors only."""

    def __init__(self, database: Database, venue_id: UUID | None) -> None:
        """Nothing is asked before the first call. `venue_id` None: all."""
        self._database, self._venue_id = database, venue_id

    async def revenue(self, first: date, last: date) -> Revenue:
        """From one month to another, both included; both are first days."""
        facts = {"first": first, "last": last, "venue_id": self._venue_id}
        paid = await self._database.fetch(_PAYOUTS, facts)
        credits = await self._database.fetch(_CREDITS, facts)
        billed = [] if self._venue_id is not None else await self._database.fetch(_INVOICES, facts)
        return Revenue(
            first,
            last,
            paid[-1].currency if paid else "USD",
            tuple(
                PayoutMoney(
                    r.month, r.venue, r.bookings, r.gross, r.fee, r.adjustments, r.carried, r.net, r.state
                )
                for r in paid
            ),
            tuple(InvoiceMoney(r.month, r.state, r.total, r.paid, r.invoices) for r in billed),
            tuple(
                CategoryCredits(
                    r.month, r.category.replace("_", " ").capitalize(), int(r.credits), r.bookings
                )
                for r in credits
            ),
        )
