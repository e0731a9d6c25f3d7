"""Invoicing employers: drafts with lines and taxes, what was issued, paid and corrected, and an employer's account.

Frozen values made by storage from the `invoices.*` functions, and the arithmetic that screen, database and document
share: tax is rounded half up once for each rate on the rate's total. Amounts are Decimal. See docs/design.md, "Rules of
the domain" (invoices).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from uuid import UUID

CENT = Decimal("0.01")
# Room for the exact product of the largest quantity, price and rate: nothing is rounded before it is rounded.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


class InvoiceState(StrEnum):
    """Where an invoice stands, as `invoices.status`."""

    DRAFT = "draft"
    ISSUED = "issued"
    SENT = "sent"
    PAID = "paid"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line: quantity x unit price less a discount in per cent; `amount` is that to the cent, half up."""

    text: str
    quantity: Decimal
    unit_price: Decimal
    tax_rate: Decimal
    discount: Decimal = Decimal(0)
    kind: str = "extra"
    """"subscription", "proration", "extra" or "discount"."""

    @property
    def amount(self) -> Decimal:
        """What the line comes to, without tax; negative for what is taken off."""
        whole = _EXACT.multiply(self.quantity, self.unit_price)
        return cents(_EXACT.multiply(whole, _percent(_EXACT.subtract(Decimal(100), self.discount))))


@dataclass(frozen=True, slots=True)
class TaxLine:
    """The tax at one rate: on the rate's total, rounded once."""

    rate: Decimal
    base: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """What an invoice comes to."""

    subtotal: Decimal
    taxes: tuple[TaxLine, ...]
    tax: Decimal
    total: Decimal


def cents(amount: Decimal) -> Decimal:
    """To the cent, half up: away from zero on a half, also below it."""
    return amount.quantize(CENT, context=_EXACT)


def _percent(rate: Decimal) -> Decimal:
    return rate.scaleb(-2, _EXACT)


def totals(lines: Sequence[InvoiceLine]) -> Totals:
    """Add lines up; rates in ascending order, a rate of 0 without a tax line of its own."""
    bases: dict[Decimal, Decimal] = defaultdict(Decimal)
    for line in lines:
        bases[line.tax_rate] += line.amount
    taxes = tuple(
        TaxLine(rate, base, cents(_EXACT.multiply(base, _percent(rate))))
        for rate, base in sorted(bases.items())
        if rate != 0
    )
    subtotal = sum((line.amount for line in lines), Decimal("0.00"))
    tax = sum((one.tax for one in taxes), Decimal("0.00"))
    return Totals(subtotal, taxes, tax, subtotal + tax)


@dataclass(frozen=True, slots=True)
class Party:
    """Who issues or receives an invoice, as copied into it."""

    name: str
    address: tuple[str, ...]
    tax_id: str | None = None
    email: str | None = None
    payment: tuple[str, ...] = ()
    """How to pay the party, line by line as printed: bank, account, code."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in for an invoice; a mistake is taken back by the opposite amount."""

    id: UUID
    amount: Decimal
    paid_on: date
    method: str
    reference: str | None
    recorded_by: str | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice in a list."""

    id: UUID
    version: int
    number: str | None
    corporate_id: UUID
    corporate: str
    period_start: date
    period_end: date
    state: InvoiceState
    total: Decimal
    paid: Decimal
    currency: str
    issued_at: datetime | None
    due_on: date | None
    sent_at: datetime | None
    send_state: str | None
    credit_note: str | None

    @property
    def open_amount(self) -> Decimal:
        """What is still to be paid."""
        return Decimal(0) if self.state is InvoiceState.CANCELLED else self.total - self.paid


@dataclass(frozen=True, slots=True)
class CreditNote:
    """What takes an issued invoice back, whole: its own number and document, the same lines and amounts."""

    id: UUID
    number: str
    issued_at: datetime
    invoice_id: UUID
    invoice_number: str
    invoice_issued_at: datetime
    reason: str
    lines: tuple[InvoiceLine, ...]
    totals: Totals
    currency: str
    purchase_order: str | None
    issuer: Party
    recipient: Party
    document_id: UUID | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """One invoice whole. `issuer` and `recipient` of a draft are as they would be copied now."""

    row: InvoiceRow
    lines: tuple[InvoiceLine, ...]
    totals: Totals
    purchase_order: str | None
    notes: str | None
    issuer: Party | None
    recipient: Party | None
    payments: tuple[Payment, ...]
    document_id: UUID | None
    credit_note_id: UUID | None
    terms_days: int
    history: tuple[tuple[datetime, str], ...] = ()
    """What happened to it, oldest first, in words."""
    credit_note: CreditNote | None = None
    send_error: str | None = None
    """Why it could not be sent, where `row.send_state` is "failed" or "uncertain"."""


@dataclass(frozen=True, slots=True)
class InvoiceDraft:
    """What a person may change of a draft."""

    lines: tuple[InvoiceLine, ...]
    purchase_order: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """The terms under which an employer's staff receive credits."""

    id: UUID
    tier: str
    covered_employees: int
    credits_per_employee: int
    monthly_cost: Decimal
    billing_day: int
    start_on: date
    end_on: date | None
    is_active: bool


@dataclass(frozen=True, slots=True)
class Corporate:
    """An employer's account: terms, what is open, and its invoices' sums, all in its currency."""

    id: UUID
    version: int
    name: str
    tax_id: str | None
    address: tuple[str, ...]
    contact: str
    contact_email: str
    contact_phone: str | None
    billing_email: str | None
    currency: str
    tax_rate: Decimal
    purchase_order: str | None
    terms_days: int
    is_active: bool
    subscriptions: tuple[Subscription, ...]
    open_amount: Decimal
    overdue_amount: Decimal
    invoiced_this_year: Decimal


def as_issued(invoice: Invoice) -> Invoice:
    """The invoice as it was when it was issued, which its document is made of: the same whenever it is made."""
    row = replace(
        invoice.row,
        version=0,
        state=InvoiceState.ISSUED,
        paid=Decimal("0.00"),
        sent_at=None,
        send_state=None,
        credit_note=None,
    )
    return replace(
        invoice,
        row=row,
        payments=(),
        document_id=None,
        credit_note_id=None,
        history=(),
        credit_note=None,
        send_error=None,
    )


def as_credited(invoice: Invoice, reason: str, at: datetime) -> CreditNote:
    """The credit note that would take an issued invoice back, without a number, to be looked at before it is made.

    Raises ValueError for a draft: there is nothing to take back.
    """
    row, issuer, recipient = invoice.row, invoice.issuer, invoice.recipient
    if row.number is None or row.issued_at is None or issuer is None or recipient is None:
        raise ValueError("only what was issued is taken back by a credit note")
    return CreditNote(
        row.id, "", at, row.id, row.number, row.issued_at, reason, invoice.lines, invoice.totals, row.currency,
        invoice.purchase_order, issuer, recipient, None,
    )  # fmt: skip


def as_drafted(invoice: Invoice, draft: InvoiceDraft) -> Invoice:
    """The invoice as it would be with what somebody changed of it."""
    sums = totals(draft.lines)
    return replace(
        invoice,
        row=replace(invoice.row, total=sums.total),
        lines=draft.lines,
        totals=sums,
        purchase_order=draft.purchase_order,
        notes=draft.notes,
    )


def address_lines(
    line1: str | None,
    line2: str | None,
    city: str | None,
    state: str | None,
    postal_code: str | None,
    country: str | None,
) -> tuple[str, ...]:
    """An employer's address as it stands on an invoice; what is not known is left out."""

    def joined(between: str, *parts: str | None) -> str:
        return between.join(part.strip() for part in parts if part and part.strip())

    lines = (line1, line2, joined(", ", city, joined(" ", state, postal_code)), country)
    return tuple(line.strip() for line in lines if line and line.strip())


def line_of(facts: Mapping[str, object]) -> InvoiceLine:
    """A line as `invoices.line_items` keeps it (numbers as text, so that no float comes in)."""
    return InvoiceLine(
        text=str(facts["text"]),
        quantity=Decimal(str(facts["quantity"])),
        unit_price=Decimal(str(facts["unit_price"])),
        tax_rate=Decimal(str(facts["tax_rate"])),
        discount=Decimal(str(facts.get("discount", "0"))),
        kind=str(facts.get("kind", "extra")),
    )


def line_facts(line: InvoiceLine) -> dict[str, str]:
    """The same line as it is kept; `amount` is for whoever reads the row."""
    return {
        "text": line.text,
        # Never with an exponent: 1E+2 is a number to Python only.
        "quantity": f"{line.quantity:f}",
        "unit_price": f"{line.unit_price:f}",
        "tax_rate": f"{line.tax_rate:f}",
        "discount": f"{line.discount:f}",
        "kind": line.kind,
        "amount": f"{line.amount:f}",
    }
