"""How invoices and employers' accounts read: states, sums, what changed between two versions of a draft.

Nobody's name but the employer's stands here. Amounts are the stored ones. See docs/design.md, "Rules of the domain"
(invoices) and "Screens" (finance).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal

from console.domain.counting import count
from console.domain.invoices import Corporate, Invoice, InvoiceLine, InvoiceRow, InvoiceState, Payment, Totals
from console.models.money import money, plain_number
from console.models.words import long_date, month_title, short_date
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec
from console.views.widgets.sums import SumLine
from console.views.widgets.table import CellLook

STATE_CHIPS = {
    InvoiceState.DRAFT: ChipSpec("Draft", "neutral", "ph.pencil-simple-bold"),
    InvoiceState.ISSUED: ChipSpec("Issued", "blue", "ph.file-text-bold"),
    InvoiceState.SENT: ChipSpec("Sent", "blue", "ph.paper-plane-tilt-bold"),
    InvoiceState.PAID: ChipSpec("Paid", "green", "ph.check-bold"),
    InvoiceState.OVERDUE: ChipSpec("Overdue", "red", "ph.warning-bold"),
    InvoiceState.CANCELLED: ChipSpec("Cancelled", "neutral", "ph.prohibit-bold"),
}
STATE_WORDS = {state.value: chip.text for state, chip in STATE_CHIPS.items()}
SEND_CHIPS: Mapping[str, ChipSpec] = {
    "waiting": ChipSpec("Waiting", "neutral", "ph.clock-bold"),
    "sending": ChipSpec("Being sent", "blue", "ph.arrows-clockwise-bold"),
    "failed": ChipSpec("Not sent", "red", "ph.warning-bold"),
    "uncertain": ChipSpec("Uncertain", "amber", "ph.question-bold"),
}
METHODS = {"bank_transfer": "Bank transfer", "card": "Card", "cheque": "Cheque", "other": "Other"}
_KINDS = {
    "subscription": "Subscription",
    "proration": "Part of a month",
    "extra": "Extra",
    "discount": "Discount",
}
_ZERO = Decimal(0)
_OWING = frozenset((InvoiceState.ISSUED, InvoiceState.SENT, InvoiceState.OVERDUE))


def moment(at: datetime, zone: tzinfo) -> str:
    """A day and a time as evidence: "26 Jan 09:14"."""
    local = at.astimezone(zone)
    return f"{short_date(local.date())} {local:%H:%M}"


def is_owing(row: InvoiceRow) -> bool:
    """Whether money may still come in for it."""
    return row.state in _OWING


def may_send(row: InvoiceRow) -> bool:
    """Whether it can go out by e-mail: it has a number, stands, and is not on its way."""
    return row.number is not None and row.state is not InvoiceState.CANCELLED and row.send_state not in (
        "waiting", "sending",
    )  # fmt: skip


# -- the list --------------------------------------------------------------------------------------------------------


def title(row: InvoiceRow) -> str:
    """What it is called."""
    return row.number or "Draft"


def called(row: InvoiceRow) -> str:
    """It in a sentence: its number, or whose draft it is."""
    return row.number or f"draft for {row.corporate}, {period(row)}"


def period(row: InvoiceRow) -> str:
    """The time it is for: a month by its name, else its days."""
    first, last = row.period_start, row.period_end
    if (
        first.day == 1
        and (last + timedelta(days=1)).day == 1
        and (first.year, first.month) == (last.year, last.month)
    ):
        return month_title(first)
    begins = short_date(first) if first.year == last.year else f"{short_date(first)} {first.year}"
    return f"{begins} – {short_date(last)} {last.year}"


def state_look(row: InvoiceRow) -> CellLook:
    """The chip of its state."""
    return CellLook(chip=STATE_CHIPS[row.state])


def sent_words(row: InvoiceRow, zone: tzinfo) -> str:
    """When it was sent; empty where its chip says more, or nothing was sent."""
    if row.send_state in SEND_CHIPS or row.sent_at is None:
        return ""
    return short_date(row.sent_at.astimezone(zone).date())


def sent_look(row: InvoiceRow) -> CellLook:
    """A chip while it is on its way or where it did not arrive."""
    return CellLook("secondary", chip=SEND_CHIPS.get(row.send_state or ""))


def due_words(row: InvoiceRow) -> str:
    """The day it is due."""
    return f"{short_date(row.due_on)} {row.due_on.year}" if row.due_on else ""


def sums_words(rows: Iterable[InvoiceRow]) -> str:
    """What some invoices come to, by currency: "total 4,200.00, paid 1,200.00, open 3,000.00 USD".

    What is paid and what is open come to the total, so drafts, which nobody owes yet, stand apart. Cancelled ones come
    to nothing.
    """
    found: dict[str, tuple[list[InvoiceRow], list[InvoiceRow]]] = {}
    for row in rows:
        billed, drafts = found.setdefault(row.currency, ([], []))
        if row.state is InvoiceState.DRAFT:
            drafts.append(row)
        elif row.state is not InvoiceState.CANCELLED:
            billed.append(row)
    return "; ".join(_sums_of(currency, *both) for currency, both in sorted(found.items()))


def _sums_of(currency: str, billed: Sequence[InvoiceRow], drafts: Sequence[InvoiceRow]) -> str:
    drafted = money(sum((row.total for row in drafts), _ZERO))
    if drafts and not billed:
        return f"total {drafted} {currency}"
    whole, paid, left = (
        money(sum(amounts, _ZERO))
        for amounts in (
            [row.total for row in billed],
            [row.paid for row in billed],
            [row.open_amount for row in billed if is_owing(row)],
        )
    )
    apart = f", {count(len(drafts), 'draft')} {drafted}" if drafts else ""
    return f"total {whole}, paid {paid}, open {left}{apart} {currency}"


def months(today: date, number: int = 24) -> list[tuple[str, str]]:
    """The last months, the newest first, as the list is narrowed by them."""
    made, day = [], today.replace(day=1)
    for _ in range(number):
        made.append((f"{day:%Y-%m}", month_title(day)))
        day = (day - timedelta(days=1)).replace(day=1)
    return made


# -- one invoice -----------------------------------------------------------------------------------------------------


def caption(invoice: Invoice, zone: tzinfo) -> str:
    """The line under the title: whose, for when, when issued and due."""
    row = invoice.row
    parts = [row.corporate, period(row)]
    if row.issued_at is not None:
        parts.append(f"issued {short_date(row.issued_at.astimezone(zone).date())}")
    else:
        parts.append(f"due {count(invoice.terms_days, 'day')} after it is issued")
    if row.due_on is not None and is_owing(row):
        parts.append(f"due {long_date(row.due_on)}")
    if row.credit_note is not None:
        parts.append(f"cancelled by {row.credit_note}")
    return " · ".join(parts)


def tax_lines(came: Totals) -> list[SumLine]:
    """Subtotal and the tax of each rate, with how it came to be."""
    lines = [
        SumLine(f"Tax {plain_number(tax.rate)} %", f"on {money(tax.base)}, rounded once", money(tax.tax))
        for tax in came.taxes
    ]
    return lines or [SumLine("Tax", "no line is taxed", money(came.tax))]


def sums(invoice: Invoice) -> list[SumLine]:
    """The sums of an invoice, down to its total."""
    came, row = invoice.totals, invoice.row
    made = [SumLine("Subtotal", count(len(invoice.lines), "line"), money(came.subtotal)), *tax_lines(came)]
    if row.paid or invoice.payments:
        made.append(SumLine("Total", "", money(row.total)))
        made.append(SumLine("Paid", count(len(invoice.payments), "entry", "entries"), money(-row.paid)))
    return made


def final(invoice: Invoice) -> SumLine:
    """What stands below the line: what is still to be paid, or the total."""
    row = invoice.row
    if row.state is InvoiceState.CANCELLED:
        words = (
            f"taken back whole by {row.credit_note}"
            if row.credit_note
            else "thrown away before it was issued"
        )
        return SumLine("Nothing to pay", words, money(Decimal(0)))
    if row.paid or invoice.payments:
        words = f"due {long_date(row.due_on)}" if row.due_on and row.open_amount else ""
        return SumLine("Still to pay", words or "paid in full", money(row.open_amount))
    words = f"due {long_date(row.due_on)}" if row.due_on else "as it is now; it is fixed when it is issued"
    return SumLine("Total", words, money(row.total))


def kind_words(line: InvoiceLine) -> str:
    """What kind of line it is."""
    return _KINDS.get(line.kind, line.kind)


def percent(value: Decimal) -> str:
    """A rate in per cent; nothing for none."""
    return f"{plain_number(value)} %" if value else ""


def price(value: Decimal) -> str:
    """A unit price: to the cent, or as exact as it is."""
    return money(value) if value == value.quantize(Decimal("0.01")) else plain_number(value)


def payment_words(payment: Payment) -> str:
    """How money came in, or went back."""
    how = METHODS.get(payment.method, payment.method)
    return f"Taken back, {how.lower()}" if payment.amount < 0 else how


def send_trouble(invoice: Invoice) -> tuple[str, str, str] | None:
    """What is wrong with sending it: title, why, and the tone; None where nothing is."""
    why = _ended(invoice.send_error or "")
    if invoice.row.send_state == "failed":
        return "It could not be sent by e-mail.", why, "red"
    if invoice.row.send_state == "uncertain":
        return (
            "It may have arrived, nobody knows.",
            why or "Ask the employer before it is sent again.",
            "amber",
        )
    return None


# -- two people at one draft -----------------------------------------------------------------------------------------


def changes(before: Invoice, after: Invoice) -> list[str]:
    """What somebody else did to a draft since it was read, a sentence for each thing."""
    said: list[str] = []
    if after.row.state is not InvoiceState.DRAFT:
        said.append(f"It is {STATE_CHIPS[after.row.state].text.lower()} now.")
    old, new = list(before.lines), list(after.lines)
    gone = [one for one in old if one not in new]
    come = [one for one in new if one not in old]
    for line in list(gone):
        same = next((one for one in come if one.text == line.text), None)
        if same is not None:
            gone.remove(line)
            come.remove(same)
            said.append(f"“{line.text}”: {', '.join(_differs(line, same))}.")
    said += [f"Removed: “{line.text}”, {money(line.amount)}." for line in gone]
    said += [f"Added: “{line.text}”, {money(line.amount)}." for line in come]
    if not gone and not come and not said and old != new:
        said.append("The lines are in another order.")
    for name, was, now in (
        ("Purchase order", before.purchase_order, after.purchase_order),
        ("Notes", before.notes, after.notes),
    ):
        if (was or "") != (now or ""):
            said.append(f"{name}: “{now}”." if now else f"{name} taken out.")
    return said


def _differs(was: InvoiceLine, now: InvoiceLine) -> list[str]:
    parts = [
        f"{name} {show(old)} → {show(new)}"
        for name, show, old, new in (
            ("quantity", plain_number, was.quantity, now.quantity),
            ("price", price, was.unit_price, now.unit_price),
            ("discount", _rate, was.discount, now.discount),
            ("tax", _rate, was.tax_rate, now.tax_rate),
        )
        if old != new
    ]
    return parts or ["kept as it was, more often or less often"]


def _rate(value: Decimal) -> str:
    return f"{plain_number(value)} %"


# -- employers -------------------------------------------------------------------------------------------------------


def corporate_choice(corporate: Corporate) -> Choice:
    """An employer's row: name, what is open, and whether any of it is overdue."""
    active = sum(one.is_active for one in corporate.subscriptions)
    parts = [f"{money(corporate.overdue_amount)} overdue"] if corporate.overdue_amount else []
    parts += [] if corporate.is_active else ["closed"]
    parts.append(count(active, "subscription") if active else "no subscription")
    detail = ", ".join(parts)
    return Choice(
        corporate,
        corporate.name,
        detail[:1].upper() + detail[1:],
        right=f"{money(corporate.open_amount)} {corporate.currency}" if corporate.open_amount else "",
    )


def terms(corporate: Corporate) -> str:
    """The terms of payment."""
    return f"{count(corporate.terms_days, 'day')} after the invoice" if corporate.terms_days else "At once"


def ended(parts: Sequence[str]) -> str:
    """Sentences in a row."""
    return " ".join(_ended(one) for one in parts if one)


def _ended(sentence: str) -> str:
    said = sentence.strip()
    return said if not said or said[-1] in ".!?" else f"{said}."
