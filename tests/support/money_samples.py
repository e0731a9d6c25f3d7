"""Invoices, credit notes and statements that are printed in tests and measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from console.domain.invoices import (
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceRow,
    InvoiceState,
    Party,
    Payment,
    totals,
)

ISSUER = Party(
    "Nexus Family Pass, Inc.",
    ("400 Market Street", "Suite 1200", "Philadelphia, PA 19106", "United States"),
    "84-1234567",
    "billing@nexus.example",
    ("First Harbor Bank", "Account 000123456789, routing 031000053"),
)
EMPLOYER = Party(
    "Cascade Timber & Paper Company",
    ("Accounts Payable", "1200 Lumber Road", "Portland, OR 97201", "United States"),
    "93-7654321",
)
VENUE = Party("Riverside Studio LLC", ("12 Mill Street", "Portland, OR 97204", "United States"))
ISSUED = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
LINES = (
    InvoiceLine("Family plan, March 2026: 240 employees", Decimal(240), Decimal("12.50"), Decimal("8.25")),
    InvoiceLine("14 employees joined on 12 February, 17 of 28 days", Decimal(14), Decimal("7.589286"),
                Decimal("8.25"), kind="proration"),
    InvoiceLine("Welcome kits", Decimal("2.5"), Decimal("146.05"), Decimal(0)),
    InvoiceLine("Volume discount", Decimal(1), Decimal("-156.44"), Decimal("8.25"), kind="discount"),
    InvoiceLine("Printed guides", Decimal(40), Decimal("3.10"), Decimal("4"), Decimal(15)),
)  # fmt: skip


def invoice(
    number: int = 123, lines: tuple[InvoiceLine, ...] = LINES, *, draft: bool = False, **changes: object
) -> Invoice:
    """An issued invoice, or a draft; `changes` are of the invoice itself."""
    came = totals(lines)
    row = InvoiceRow(
        UUID(int=number), 1, None if draft else f"NFP-2026-{number:06d}", UUID(int=7), EMPLOYER.name,
        date(2026, 3, 1), date(2026, 3, 31), InvoiceState.DRAFT if draft else InvoiceState.ISSUED, came.total,
        Decimal("0.00"), "USD", None if draft else ISSUED, None if draft else date(2026, 3, 31), None, None, None,
    )  # fmt: skip
    made = Invoice(row, lines, came, "PO-77120", None, ISSUER, EMPLOYER, (), None, None, 30)
    return replace(made, **changes)  # type: ignore[arg-type]  # the fields are named by the caller


def part_paid() -> Invoice:
    """An invoice of which a part was paid, and a mistake taken back."""
    base = invoice(124)
    paid = [Decimal("1000.00"), Decimal("-1000.00"), Decimal("1200.00")]
    payments = tuple(
        Payment(UUID(int=at), amount, date(2026, 3, 10 + at), "bank_transfer", f"CT-{at}", "Priya", ISSUED)
        for at, amount in enumerate(paid)
    )
    return replace(base, payments=payments, row=replace(base.row, paid=Decimal("1200.00")))


def credit_note(number: int = 9) -> CreditNote:
    """A credit note for `invoice()`."""
    made = invoice()
    return CreditNote(
        UUID(int=number), f"NCN-2026-{number:06d}", ISSUED + timedelta(days=9), made.row.id, "NFP-2026-000123", ISSUED,
        "The number of employees was wrong.", made.lines, made.totals, "USD", "PO-77120", ISSUER, EMPLOYER, None,
    )  # fmt: skip
