"""The two tables of an employer's account: its invoices and its subscriptions.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from console.domain.invoices import InvoiceRow, Subscription
from console.models.money import money
from console.models.table import Column
from console.models.words import short_date
from console.views.invoices import words
from console.views.widgets.paint import ChipSpec
from console.views.widgets.table import CellLook

CLOSED = ChipSpec("Closed", "neutral", "ph.prohibit-bold")


def invoice_columns() -> list[Column[InvoiceRow]]:
    """What is said of an employer's invoices."""

    def left(row: InvoiceRow) -> str:
        return money(row.open_amount) if words.is_owing(row) else ""

    return [
        Column("number", "Number", words.title, width=200),
        Column("period", "Period", words.period, width=140, stretch=True, gives_way=2),
        Column("state", "State", lambda _one: "", width=128),
        Column("due", "Due", words.due_words, width=120, gives_way=1),
        Column("total", "Total", lambda one: money(one.total), numeric=True, width=112),
        Column("open", "Open", left, numeric=True, width=132),
    ]


def subscription_columns() -> list[Column[Subscription]]:
    """What is said of its subscriptions."""

    def span(one: Subscription) -> str:
        first = f"{short_date(one.start_on)} {one.start_on.year}"
        return f"{first} – {short_date(one.end_on)} {one.end_on.year}" if one.end_on else f"since {first}"

    return [
        Column("span", "From", span, width=216),
        Column("tier", "Tier", lambda one: one.tier.capitalize(), width=108, gives_way=2),
        Column("state", "State", lambda _one: "", width=112),
        Column("seats", "Employees", lambda one: f"{one.covered_employees:,}", numeric=True, width=96),
        Column("credits", "Credits each", lambda one: f"{one.credits_per_employee:,}", numeric=True, width=112,
               gives_way=1),
        Column("day", "Billing day", lambda one: str(one.billing_day), numeric=True, width=100, gives_way=3),
        Column("cost", "Each month", lambda one: money(one.monthly_cost), numeric=True, width=140, stretch=True),
    ]  # fmt: skip


def subscription_look(one: Subscription) -> CellLook:
    """Whether a subscription still runs."""
    return CellLook(chip=ChipSpec("Active", "green", "ph.check-bold") if one.is_active else CLOSED)
