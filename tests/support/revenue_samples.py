"""Fourteen months of money for the revenue screen: two venues, a held payout, an overdue invoice, a long name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from console.domain.revenue import CategoryCredits, InvoiceMoney, PayoutMoney, Revenue, add_months
from console.errors import ConsoleError

LAST = date(2026, 3, 1)
LONG = "Grandmother Willow's Academy for Patient Young Scientists and Carpenters"


def revenue(first: date, last: date) -> Revenue:
    """What lies in these months."""
    payouts, invoices, categories = [], [], []
    for at in range(14):
        month = add_months(LAST, -at)
        if not first <= month <= last:
            continue
        for number, venue in enumerate(("Riverside Studio", LONG)):
            gross = Decimal(4000 + 137 * at * (number + 1))
            fee = (gross * Decimal("0.175")).quantize(Decimal("0.01"))
            state = "pending" if at == 0 else "on_hold" if at == 1 and number else "paid"
            net = gross - fee - Decimal("24.00")
            payouts.append(
                PayoutMoney(month, venue, 300 + at, gross, fee, Decimal("-24.00"), Decimal(0), net, state)
            )
        total = Decimal("9000.50") + at
        state = "issued" if at == 0 else "overdue" if at == 3 else "paid"
        invoices.append(InvoiceMoney(month, state, total, total if state == "paid" else Decimal("100.00"), 4))
        for place, category in enumerate(("Stem", "Dance", "Arts crafts", "Sports", "Music", "Cooking")):
            categories.append(CategoryCredits(month, category, 900 - 120 * place + 7 * at, 60))
    return Revenue(first, last, "USD", tuple(payouts), tuple(invoices), tuple(categories))


class SampleRevenue:
    """The same as a gateway; `error` is raised instead where it is set, `nothing` answers nothing."""

    def __init__(self) -> None:
        self.error: ConsoleError | None = None
        self.nothing = False
        self.asked: list[tuple[date, date]] = []

    async def revenue(self, first: date, last: date) -> Revenue:
        """Those months."""
        self.asked.append((first, last))
        if self.error is not None:
            raise self.error
        return Revenue(first, last, "USD", (), (), ()) if self.nothing else revenue(first, last)
