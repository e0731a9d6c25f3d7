"""The sums and charts of the revenue screen. docs/design.md, "Screens" (finance)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from console.domain.revenue import (
    Revenue,
    RevenueBy,
    add_months,
    credits_chart,
    invoices_chart,
    month_name,
    months,
    payouts_chart,
    sums,
)
from tests.support.revenue_samples import LAST, LONG, revenue

YEAR = revenue(add_months(LAST, -11), LAST)
NOTHING = Revenue(LAST, LAST, "USD", (), (), ())


def test_months_go_over_the_turn_of_the_year() -> None:
    assert add_months(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert add_months(date(2025, 12, 1), 14) == date(2027, 2, 1)
    assert len(months(add_months(LAST, -11), LAST)) == 12
    assert month_name(LAST) == "Mar 26"


@pytest.mark.parametrize("by", [RevenueBy.MONTH, RevenueBy.VENUE])
def test_however_payouts_are_put_together_every_cent_is_there_once(by: RevenueBy) -> None:
    rows = sums(YEAR, by)
    for name in ("gross", "fee", "adjustments", "net"):
        whole = sum((getattr(one, name) for one in YEAR.payouts), Decimal(0))
        assert sum((getattr(row, name) for row in rows), Decimal(0)) == whole
    for row in rows:
        assert (row.paid or 0) + (row.waiting or 0) + (row.held or 0) == row.net


def test_the_chart_of_payouts_adds_up_to_gross_and_adjustments() -> None:
    chart = payouts_chart(YEAR)
    for at, month in enumerate(months(YEAR.first, YEAR.last)):
        group = [one for one in YEAR.payouts if one.month == month]
        stacked = sum((Decimal(str(measure.values[at])) for measure in chart.measures), Decimal(0))
        assert stacked == sum((one.gross + one.adjustments for one in group), Decimal(0))


def test_venues_stand_with_the_most_first_and_categories_too() -> None:
    assert [row.name for row in sums(YEAR, RevenueBy.VENUE)] == [LONG, "Riverside Studio"]
    credits = [row.credits or 0 for row in sums(YEAR, RevenueBy.CATEGORY)]
    assert credits == sorted(credits, reverse=True)
    assert credits_chart(YEAR).measures[0].name == "Stem"
    assert len(credits_chart(YEAR).measures) == 5


def test_an_invoice_is_paid_open_or_overdue_never_two_of_them() -> None:
    chart = invoices_chart(YEAR)
    paid, open_, overdue = (measure.values for measure in chart.measures)
    for at, row in enumerate(sums(YEAR, RevenueBy.INVOICES)):
        assert Decimal(str(paid[at])) + Decimal(str(open_[at])) + Decimal(str(overdue[at])) == row.gross
    assert overdue[8] == Decimal("8903.50")


def test_without_anything_every_chart_is_empty_and_says_so() -> None:
    assert all(chart(NOTHING).is_empty for chart in (payouts_chart, credits_chart, invoices_chart))
    assert sums(NOTHING, RevenueBy.VENUE) == []
    assert NOTHING.is_empty
