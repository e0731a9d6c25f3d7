"""Invoices and credit notes on paper: everything an employer's accountant asks for, on the face of it.

An invoice is printed as it was issued: what is paid later does not change it, so that whoever prints it gets the same
bytes. Days are those of UTC, as the year of the number is. See docs/design.md,
"Rules of the domain" (invoices) and "Documents".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from console.domain.documents import Printed
from console.domain.invoices import CreditNote, Invoice, InvoiceLine, Party, Payment, Totals
from console.reports import words
from console.reports.layout import A4, BODY, MARGIN, SMALL, Paper, Text
from console.reports.money import (
    Amounts,
    Block,
    Field,
    Frame,
    Sum,
    columns,
    facts,
    flow,
    gap,
    heading,
    money,
    note,
    number,
    party,
    percent,
    sums,
    texts,
)

_FIELDS = (
    Field("Description", 214),
    Field("Quantity", 50, amount=True),
    Field("Unit price", 66, amount=True),
    Field("Discount", 48, amount=True),
    Field("Tax", 40, amount=True),
    Field("Amount", 76, amount=True),
)
_BOX = 0.56
"""The part of the width that the box of totals takes."""
_NOBODY = Party("", ())


def invoice_pdf(invoice: Invoice, *, paid: bool = False, paper: Paper = A4) -> Printed:
    """The invoice; one without a number is marked as a draft on every page.

    With `paid` it shows the payments so far and what is open, which is a copy for an account and never the document
    that is kept.
    """
    row, width = invoice.row, paper.width - 2 * MARGIN
    issuer, recipient = invoice.issuer or _NOBODY, invoice.recipient or Party(row.corporate, ())
    issued = None if row.issued_at is None else _utc_day(row.issued_at)
    draft = row.number is None
    payments = invoice.payments if paid else ()
    due = "" if row.due_on is None else words.dated(row.due_on)
    pairs = (
        ("Invoice number", row.number or "given when issued"),
        ("Issued", words.dated(issued) if issued else "not yet"),
        ("Due", due or f"{invoice.terms_days} days after issue"),
        ("Terms", f"{invoice.terms_days} days"),
        ("Period", f"{words.dated(row.period_start)} to {words.dated(row.period_end)}"),
        ("Purchase order", invoice.purchase_order or ""),
        ("Cancelled by", f"credit note {row.credit_note}" if paid and row.credit_note else ""),
    )
    blocks = [
        *_top("Invoice", row.number or "", issuer, recipient, pairs, width),
        *_lines(invoice.lines, width),
        gap(10),
        *_sums(invoice.totals, row.currency, payments, width, "Total", row.open_amount if paid else None),
        *_payments(payments, row.currency, width),
        gap(8),
        *_how_to_pay(invoice, issuer, due, width, paid=paid),
    ]
    if invoice.notes:
        blocks += [gap(4), texts([Text(invoice.notes, BODY, above=4)], width)]
    name = row.number or "Draft invoice"
    frame = Frame(
        title=f"Invoice {row.number}" if row.number else "Draft invoice",
        author=issuer.name,
        paper=paper,
        later=f"Invoice {row.number or ''} · {recipient.name}",
        foot=f"{issuer.name} · {name}" + (f" · issued {words.dated(issued)}" if issued else ""),
        mark="Draft, not an invoice" if draft else "",
    )
    said = [
        *_said(issuer), *_said(recipient), *(line.text for line in invoice.lines),
        invoice.notes or "", invoice.purchase_order or "",
    ]  # fmt: skip
    return flow(frame, blocks, said)


def credit_note_pdf(credit: CreditNote, *, paper: Paper = A4) -> Printed:
    """The credit note: what it takes back, of which invoice, and why; one without a number is marked as a draft."""
    width = paper.width - 2 * MARGIN
    draft = not credit.number
    issued = "not yet" if draft else words.dated(_utc_day(credit.issued_at))
    pairs = (
        ("Credit note", credit.number or "given when issued"),
        ("Issued", issued),
        ("For invoice", f"{credit.invoice_number} of {words.dated(_utc_day(credit.invoice_issued_at))}"),
        ("Purchase order", credit.purchase_order or ""),
    )
    total = credit.totals
    amount = f"{credit.currency} {money(total.total)}"
    said = f"This credit note takes back invoice {credit.invoice_number} in full: {amount}."
    blocks = [
        *_top("Credit note", credit.number, credit.issuer, credit.recipient, pairs, width, to="Credit to"),
        texts(
            [Text(said, BODY, bold=True), Text(f"Reason: {credit.reason or 'not given yet'}", BODY, above=3)],
            width,
        ),
        gap(12),
        *_lines(credit.lines, width),
        gap(10),
        *_sums(total, credit.currency, (), width, "Total credited", None),
    ]
    frame = Frame(
        title="Draft credit note" if draft else f"Credit note {credit.number}",
        author=credit.issuer.name,
        paper=paper,
        later=f"Credit note {credit.number} · {credit.recipient.name}",
        foot=f"{credit.issuer.name} · {credit.number or 'Draft credit note'} · issued {issued}"
        f" · for {credit.invoice_number}",
        mark="Draft, not a credit note" if draft else "",
    )
    names = [*_said(credit.issuer), *_said(credit.recipient), *(line.text for line in credit.lines)]
    return flow(frame, blocks, [*names, credit.reason, credit.purchase_order or ""])


def _top(
    kind: str,
    reference: str,
    issuer: Party,
    recipient: Party,
    pairs: Sequence[tuple[str, str]],
    width: float,
    *,
    to: str = "Bill to",
) -> Iterator[Block]:
    half = width * 0.5
    yield heading(kind, reference, issuer, width)
    yield gap(22)
    yield columns(
        (
            (MARGIN, party(to, recipient, half - 16)),
            (MARGIN + half, facts(pairs, half, left=MARGIN + half)),
        )
    )
    yield gap(20)


def _lines(lines: Sequence[InvoiceLine], width: float) -> Iterator[Block]:
    table = Amounts(_FIELDS, width)
    head = table.heads()
    yield head
    if not lines:
        yield table.row(("No lines yet", "", "", "", "", money(Decimal(0))))
    for line in lines:
        discount = percent(line.discount) if line.discount else ""
        cells = (
            line.text, number(line.quantity), _price(line.unit_price), discount, percent(line.tax_rate),
            money(line.amount),
        )  # fmt: skip
        yield table.row(cells, (head,))


def _sums(
    totals: Totals,
    currency: str,
    payments: Sequence[Payment],
    width: float,
    name: str,
    left_open: Decimal | None,
) -> list[Block]:
    lines = [Sum("Subtotal", "", money(totals.subtotal))]
    lines += [
        Sum(f"Tax {percent(tax.rate)}", f"on {money(tax.base)}", money(tax.tax)) for tax in totals.taxes
    ]
    if not totals.taxes:
        lines.append(Sum("Tax", "none", money(totals.tax)))
    lines.append(Sum(name, "", f"{currency} {money(totals.total)}", strong=True))
    if left_open is not None:
        paid = sum((one.amount for one in payments), Decimal("0.00"))
        lines.append(Sum("Paid", "", money(-paid)))
        lines.append(Sum("Open", "", f"{currency} {money(left_open)}", strong=True))
    wide = width * _BOX
    box = sums(lines, wide, left=MARGIN + width - wide)
    # The box stays whole: a total that stands alone on a page explains nothing.
    return [Block(one.height, one.draw, keep=at < len(box) - 1) for at, one in enumerate(box)]


def _payments(payments: Sequence[Payment], currency: str, width: float) -> Iterator[Block]:
    if not payments:
        return
    fields = (
        Field("Paid on", 90),
        Field("How", 110),
        Field("Reference", 180),
        Field(f"Amount in {currency}", 90, True),
    )
    table = Amounts(fields, width)
    head = table.heads()
    yield gap(10)
    yield head
    for one in payments:
        how = one.method.replace("_", " ").capitalize()
        yield table.row((words.dated(one.paid_on), how, one.reference or "", money(one.amount)), (head,))


def _how_to_pay(invoice: Invoice, issuer: Party, due: str, width: float, *, paid: bool) -> Iterator[Block]:
    row = invoice.row
    if row.number is None:
        yield note("This is a draft. It is not an invoice, and nothing is to be paid on it.", width)
        return
    to_pay = row.open_amount if paid else invoice.totals.total
    amount = f"{row.currency} {money(to_pay)}"
    if to_pay <= 0:
        yield note("Nothing is to be paid on this invoice.", width)
        return
    parts = [
        Text("Payment", SMALL, bold=True, tone="muted"),
        Text(f"Please pay {amount} by {due}, with the reference {row.number}.", BODY, above=2),
        *(Text(line, BODY - 0.5) for line in issuer.payment),
    ]
    if issuer.email:
        parts.append(Text(f"Questions: {issuer.email}", BODY - 0.5))
    yield texts(parts, width)


def _price(price: Decimal) -> str:
    """A unit price with as many places as it has, at least two."""
    exponent = price.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -2:
        written = number(price)
        places = len(written.partition(".")[2])
        return written if places > 2 else money(price)
    return money(price)


def _said(who: Party) -> tuple[str, ...]:
    return (who.name, *who.address, who.tax_id or "", *who.payment)


def _utc_day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
