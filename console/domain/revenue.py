"""Money over time: what venues earned and were paid, fees, what employers were invoiced, what credits went for.

Pure sums over frozen values that storage makes; amounts are Decimal. See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from console.domain.charts import Chart, Measure, Tone

_ZERO = Decimal("0.00")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class PayoutMoney:
    """One venue's payout of a month; `state` as `venue_payouts.status`.

    Gross less the fee, with `adjustments` and `carried`, is `net`. `carried` is what came from the month before, less
    what goes on to the next.
    """

    month: date
    venue: str
    bookings: int
    gross: Decimal
    fee: Decimal
    adjustments: Decimal
    carried: Decimal
    net: Decimal
    state: str


@dataclass(frozen=True, slots=True)
class InvoiceMoney:
    """What invoices of a month and state come to. An issued one counts in the month of its billing period."""

    month: date
    state: str
    total: Decimal
    paid: Decimal
    invoices: int


@dataclass(frozen=True, slots=True)
class CategoryCredits:
    """Credits that were earned in a month by activities of a category."""

    month: date
    category: str
    credits: int
    bookings: int


@dataclass(frozen=True, slots=True)
class Revenue:
    """Everything of some months, both ends included. Without the right to invoices there are none."""

    first: date
    last: date
    currency: str
    payouts: tuple[PayoutMoney, ...]
    invoices: tuple[InvoiceMoney, ...]
    categories: tuple[CategoryCredits, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.payouts or self.invoices or self.categories)


class RevenueBy(StrEnum):
    """What sums are put together by."""

    MONTH = "month"
    VENUE = "venue"
    CATEGORY = "category"
    INVOICES = "invoices"


@dataclass(frozen=True, slots=True)
class MoneySum:
    """A line of the table, `order` its place by name or by time. What a kind of line does not have is None."""

    name: str
    order: int
    bookings: int
    gross: Decimal | None = None
    fee: Decimal | None = None
    adjustments: Decimal | None = None
    carried: Decimal | None = None
    net: Decimal | None = None
    paid: Decimal | None = None
    waiting: Decimal | None = None
    held: Decimal | None = None
    credits: int | None = None


def months(first: date, last: date) -> list[date]:
    """The first days of the months from one to another, both included."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [add_months(first, at) for at in range(count)]


def add_months(month: date, by: int) -> date:
    """The first day of the month `by` months later."""
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def month_name(month: date) -> str:
    """A month as a chart says it: "Mar 26"."""
    return f"{_MONTHS[month.month - 1]} {month.year % 100:02}"


def sums(revenue: Revenue, by: RevenueBy) -> list[MoneySum]:
    """The table's lines; months in their order, everything else the most first."""
    if by is RevenueBy.CATEGORY:
        return _categories(revenue.categories)
    if by is RevenueBy.INVOICES:
        return [_invoiced(month, revenue.invoices) for month in months(revenue.first, revenue.last)]
    if by is RevenueBy.MONTH:
        groups = {
            month: [p for p in revenue.payouts if p.month == month]
            for month in months(revenue.first, revenue.last)
        }
        return [_paid_out(month_name(month), at, group) for at, (month, group) in enumerate(groups.items())]
    of_venue: dict[str, list[PayoutMoney]] = defaultdict(list)
    for one in revenue.payouts:
        of_venue[one.venue].append(one)
    rows = [_paid_out(name, at, of_venue[name]) for at, name in enumerate(sorted(of_venue, key=str.casefold))]
    return sorted(rows, key=lambda row: (-(row.gross or _ZERO), row.name.casefold()))


def payouts_chart(revenue: Revenue) -> Chart:
    """By month: paid, to be paid, held and the platform's fees, which add up to gross and adjustments."""
    labels = tuple(month_name(month) for month in months(revenue.first, revenue.last))
    rows = sums(revenue, RevenueBy.MONTH)
    if not revenue.payouts:
        return Chart("bars", f"Payouts by month, {revenue.currency}", (), ())
    measures = (
        Measure("Paid", tuple(row.paid for row in rows), "green"),
        Measure("To be paid", tuple(row.waiting for row in rows), "accent"),
        Measure("On hold", tuple(row.held for row in rows), "amber"),
        Measure("Fees", tuple(row.fee for row in rows), "neutral"),
    )
    return Chart("bars", f"Payouts by month, {revenue.currency}", labels, measures, stacked=True)


def credits_chart(revenue: Revenue, most: int = 5) -> Chart:
    """Credits by month for the categories that were worth most."""
    every = months(revenue.first, revenue.last)
    if not revenue.categories:
        return Chart("lines", "Credits by category", (), ())
    top = [row.name for row in _categories(revenue.categories)][:most]
    tones: tuple[Tone, ...] = ("accent", "green", "amber", "blue", "red")
    known = {(one.month, one.category): one.credits for one in revenue.categories}
    measures = tuple(
        Measure(name, tuple(known.get((month, name), 0) for month in every), tone)
        for name, tone in zip(top, tones, strict=False)
    )
    return Chart("lines", "Credits by category", tuple(month_name(month) for month in every), measures)


def invoices_chart(revenue: Revenue) -> Chart:
    """By month: what of the invoiced was paid, what is open and what is overdue."""
    every = months(revenue.first, revenue.last)
    if not revenue.invoices:
        return Chart("bars", f"Invoices by month, {revenue.currency}", (), ())
    rows = [_invoiced(month, revenue.invoices) for month in every]
    late = [
        sum(
            (
                one.total - one.paid
                for one in revenue.invoices
                if one.month == month and one.state == "overdue"
            ),
            _ZERO,
        )
        for month in every
    ]
    measures = (
        Measure("Paid", tuple(row.paid for row in rows), "green"),
        Measure(
            "Open",
            tuple((row.waiting or _ZERO) - over for row, over in zip(rows, late, strict=True)),
            "accent",
        ),
        Measure("Overdue", tuple(late), "red"),
    )
    labels = tuple(month_name(month) for month in every)
    return Chart("bars", f"Invoices by month, {revenue.currency}", labels, measures, stacked=True)


def _paid_out(name: str, order: int, group: Sequence[PayoutMoney]) -> MoneySum:
    def of(*states: str) -> Decimal:
        return sum((one.net for one in group if one.state in states), _ZERO)

    return MoneySum(
        name=name,
        order=order,
        bookings=sum(one.bookings for one in group),
        gross=sum((one.gross for one in group), _ZERO),
        fee=sum((one.fee for one in group), _ZERO),
        adjustments=sum((one.adjustments for one in group), _ZERO),
        carried=sum((one.carried for one in group), _ZERO),
        net=sum((one.net for one in group), _ZERO),
        paid=of("paid"),
        waiting=of("pending", "processing", "failed"),
        held=of("on_hold"),
    )


def _invoiced(month: date, invoices: Iterable[InvoiceMoney]) -> MoneySum:
    group = [one for one in invoices if one.month == month and one.state not in ("draft", "cancelled")]
    total = sum((one.total for one in group), _ZERO)
    paid = sum((one.paid for one in group), _ZERO)
    order = month.year * 12 + month.month
    many = sum(one.invoices for one in group)
    return MoneySum(month_name(month), order, many, gross=total, paid=paid, waiting=total - paid)


def _categories(credits: Iterable[CategoryCredits]) -> list[MoneySum]:
    found: dict[str, list[CategoryCredits]] = defaultdict(list)
    for one in credits:
        found[one.category].append(one)
    rows = [
        MoneySum(name, at, sum(one.bookings for one in group), credits=sum(one.credits for one in group))
        for at, (name, group) in enumerate(sorted(found.items()))
    ]
    return sorted(rows, key=lambda row: (-(row.credits or 0), row.name))
