"""Rows of the `invoices.*` functions as frozen values: amounts arrive as text and become Decimals, never floats.

See docs/design.md, "Invoices".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from console.domain.invoices import (
    Corporate,
    CreditNote,
    Invoice,
    InvoiceLine,
    InvoiceRow,
    InvoiceState,
    Party,
    Payment,
    Subscription,
    TaxLine,
    Totals,
    address_lines,
    line_of,
)

Facts = Mapping[str, Any]

_METHODS = {"bank_transfer": "bank transfer", "card": "card", "cheque": "cheque", "other": "another way"}


def row_of(row: Row[Any]) -> InvoiceRow:
    """A row of the list."""
    return InvoiceRow(
        id=row.id,
        version=row.version,
        number=row.number,
        corporate_id=row.corporate_id,
        corporate=row.corporate,
        period_start=row.period_start,
        period_end=row.period_end,
        state=InvoiceState(row.state),
        total=row.total,
        paid=row.paid,
        currency=row.currency,
        issued_at=row.issued_at,
        due_on=row.due_on,
        sent_at=row.sent_at,
        send_state=row.send_state,
        credit_note=row.credit_note,
    )


def invoice_of(found: Facts) -> Invoice:
    """One invoice whole, from `invoices.facts`."""
    note = found["credit_note"]
    payments = tuple(_payment(one) for one in found["payments"])
    row = InvoiceRow(
        id=UUID(found["id"]),
        version=found["version"],
        number=found["number"],
        corporate_id=UUID(found["corporate_id"]),
        corporate=found["corporate"],
        period_start=date.fromisoformat(found["period_start"]),
        period_end=date.fromisoformat(found["period_end"]),
        state=InvoiceState(found["state"]),
        total=Decimal(found["total"]),
        paid=Decimal(found["paid"]),
        currency=found["currency"],
        issued_at=_instant(found["issued_at"]),
        due_on=None if found["due_on"] is None else date.fromisoformat(found["due_on"]),
        sent_at=_instant(found["sent_at"]),
        send_state=found["send_state"],
        credit_note=None if note is None else note["number"],
    )
    return Invoice(
        row=row,
        lines=_lines(found["lines"]),
        totals=_totals(found),
        purchase_order=found["purchase_order"],
        notes=found["notes"],
        issuer=_party(found["issuer"]),
        recipient=_party(found["recipient"]),
        payments=payments,
        document_id=_id(found["document_id"]),
        credit_note_id=None if note is None else UUID(note["id"]),
        terms_days=found["terms_days"],
        history=_history(found, payments),
        credit_note=None if note is None else credit_note_of(note),
        send_error=found["send_error"],
    )


def credit_note_of(found: Facts) -> CreditNote:
    """A credit note whole, from `invoices.credit_note_facts`."""
    issuer, recipient = _party(found["issuer"]), _party(found["recipient"])
    assert issuer is not None
    assert recipient is not None
    return CreditNote(
        id=UUID(found["id"]),
        number=found["number"],
        issued_at=datetime.fromisoformat(found["issued_at"]),
        invoice_id=UUID(found["invoice_id"]),
        invoice_number=found["invoice_number"],
        invoice_issued_at=datetime.fromisoformat(found["invoice_issued_at"]),
        reason=found["reason"],
        lines=_lines(found["lines"]),
        totals=_totals(found),
        currency=found["currency"],
        purchase_order=found["purchase_order"],
        issuer=issuer,
        recipient=recipient,
        document_id=_id(found["document_id"]),
    )


def corporate_of(row: Row[Any]) -> Corporate:
    """An employer's account."""
    return Corporate(
        id=row.id,
        version=row.version,
        name=row.name,
        tax_id=row.tax_id,
        address=address_lines(
            row.billing_address_line1,
            row.billing_address_line2,
            row.billing_city,
            row.billing_state,
            row.billing_postal_code,
            row.billing_country,
        ),
        contact=row.primary_contact_name,
        contact_email=row.primary_contact_email,
        contact_phone=row.primary_contact_phone,
        billing_email=row.billing_email,
        currency=row.currency,
        tax_rate=row.tax_rate,
        purchase_order=row.purchase_order,
        terms_days=row.payment_terms_days,
        is_active=row.is_active,
        subscriptions=tuple(_subscription(one) for one in row.subscriptions),
        open_amount=row.open_amount,
        overdue_amount=row.overdue_amount,
        invoiced_this_year=row.invoiced,
    )


def _lines(found: Sequence[Facts]) -> tuple[InvoiceLine, ...]:
    return tuple(line_of(one) for one in found)


def _totals(found: Facts) -> Totals:
    taxes = tuple(
        TaxLine(Decimal(one["rate"]), Decimal(one["base"]), Decimal(one["tax"])) for one in found["taxes"]
    )
    return Totals(Decimal(found["subtotal"]), taxes, Decimal(found["tax"]), Decimal(found["total"]))


def _party(found: Facts | None) -> Party | None:
    if found is None:
        return None
    address = tuple(str(line) for line in found.get("address") or ())
    payment = tuple(str(line) for line in found.get("payment") or ())
    return Party(str(found.get("name") or ""), address, found.get("tax_id"), found.get("email"), payment)


def _payment(found: Facts) -> Payment:
    return Payment(
        id=UUID(found["id"]),
        amount=Decimal(found["amount"]),
        paid_on=date.fromisoformat(found["paid_on"]),
        method=found["method"],
        reference=found["reference"],
        recorded_by=found["recorded_by"],
        recorded_at=datetime.fromisoformat(found["recorded_at"]),
    )


def _subscription(found: Facts) -> Subscription:
    return Subscription(
        id=UUID(found["id"]),
        tier=found["tier"],
        covered_employees=found["covered_employees"],
        credits_per_employee=found["credits_per_employee"],
        monthly_cost=Decimal(found["monthly_cost"]),
        billing_day=found["billing_day"],
        start_on=date.fromisoformat(found["start_on"]),
        end_on=None if found["end_on"] is None else date.fromisoformat(found["end_on"]),
        is_active=found["is_active"],
    )


def _history(found: Facts, payments: Sequence[Payment]) -> tuple[tuple[datetime, str], ...]:
    currency, note = found["currency"], found["credit_note"]
    happened: list[tuple[datetime, str]] = [(datetime.fromisoformat(found["created_at"]), "Drafted.")]
    if (issued := _instant(found["issued_at"])) is not None:
        happened.append((issued, f"Issued as {found['number']}."))
    elif found["state"] == InvoiceState.CANCELLED:
        happened.append((datetime.fromisoformat(found["updated_at"]), "Thrown away."))
    if (sent := _instant(found["sent_at"])) is not None:
        happened.append((sent, "Sent by e-mail."))
    for one in payments:
        by = f" Recorded by {one.recorded_by}." if one.recorded_by else ""
        if one.amount > 0:
            said = f"{one.amount:,.2f} {currency} paid by {_METHODS[one.method]}.{by}"
        else:
            said = f"{-one.amount:,.2f} {currency} of what was paid taken back.{by}"
        happened.append((one.recorded_at, said))
    if note is not None:
        words = f"Cancelled by credit note {note['number']}: {note['reason']}"
        happened.append((datetime.fromisoformat(note["issued_at"]), words))
    return tuple(sorted(happened, key=lambda one: one[0]))


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
