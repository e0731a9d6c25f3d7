"""Invoices, credit notes and statements that are printed in tests and measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
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
from console.domain.payouts import LineReason, Payout, PayoutLine, PayoutState, Sums
from console.domain.statements import Statement, statement_number

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


PAYOUT = UUID("5f1c0d3a-0000-4000-8000-000000000001")
FEE = Decimal("17.50")
ACTIVITIES = ("Junior Judo", "Street Dance", "Pottery Wheel", "Home-school Art Lab")
_CREDITS = (14, 15, 20, 15)
_REASONS = (LineReason.ATTENDED, LineReason.ATTENDED, LineReason.NO_SHOW, LineReason.CANCELLED_LATE)


def line(at: int, reason: LineReason, activity: str, credits: int, fee: Decimal) -> PayoutLine:
    """One booking of February 2026."""
    day = date(2026, 2, 1 + at % 28)
    came = datetime(2026, 2, day.day, 23, 52, tzinfo=UTC) if reason is LineReason.ATTENDED else None
    gross = Decimal(credits).quantize(Decimal("0.01"))
    return PayoutLine(
        UUID(int=at + 1), at, "booking", reason, UUID(int=at + 1), f"K{at % 10}Q4-{at:04d}-{at % 7}", day, activity,
        came, came and came + timedelta(minutes=72), 31 if reason is LineReason.CANCELLED_LATE else None, credits,
        gross, fee, gross - fee, None, None, None,
    )  # fmt: skip


def adjustment(at: int, net: str, reason: LineReason, activity: str = "Street Dance") -> PayoutLine:
    """A correction of January."""
    fee = Decimal(net) * FEE / (100 - FEE)
    gross = (Decimal(net) + fee).quantize(Decimal("0.01"))
    return PayoutLine(
        UUID(int=9000 + at), at, "adjustment", reason, UUID(int=9000 + at), f"V3HM-9K2{at}-6", date(2026, 1, 8),
        activity, None, None, None, int(gross), gross, gross - Decimal(net), Decimal(net), UUID(int=1),
        date(2026, 1, 1), None,
    )  # fmt: skip


def lines(count: int = 40, *, activities: tuple[str, ...] = ACTIVITIES) -> tuple[PayoutLine, ...]:
    """Bookings whose fee shares are differences of the rounded cumulative fee."""
    made: list[PayoutLine] = []
    gross, fee = Decimal(0), Decimal("0.00")
    for at in range(count):
        kind = at % len(activities)
        worth = _CREDITS[kind % len(_CREDITS)]
        gross += worth
        now = (gross * FEE / 100).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        made.append(line(at, _REASONS[at % 4], activities[kind], worth, now - fee))
        fee = now
    return tuple(made)


def statement(
    found: tuple[PayoutLine, ...] | None = None,
    *,
    preview: bool = False,
    carried: str = "0.00",
    **changes: object,
) -> Statement:
    """February 2026 of a venue, with two corrections of January; `changes` are of the statement itself."""
    if found is None:
        corrections = (
            adjustment(0, "12.00", LineReason.LATE_CHECK_IN),
            adjustment(1, "-36.00", LineReason.REFUNDED, "Junior Judo"),
        )
        found = (*corrections, *lines())
    bookings = [one for one in found if one.kind == "booking"]
    gross = sum((one.gross for one in bookings), Decimal("0.00"))
    fee = sum((one.fee_share for one in bookings), Decimal("0.00"))
    corrected = sum((one.net for one in found if one.kind == "adjustment"), Decimal("0.00"))
    net = gross - fee + corrected + Decimal(carried)
    sums = Sums(gross, fee, corrected, Decimal(carried), min(net, Decimal("0.00")), max(net, Decimal("0.00")),
                sum(one.credits for one in bookings), len(bookings))  # fmt: skip
    sent = None if preview else datetime(2026, 3, 3, 18, 6, tzinfo=UTC)
    state = PayoutState.PENDING if preview else PayoutState.PROCESSING
    payout = Payout(
        PAYOUT, 3, UUID(int=77), "Riverside Studio", "America/Los_Angeles", date(2026, 2, 1), date(2026, 2, 28), state,
        sums, FEE, Decimal("1.0000"), "USD", len(found) - len(bookings), None, None, sent, None, None, None, "4821",
        None, None, datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
    )  # fmt: skip
    made = Statement(
        statement_number(PAYOUT, payout.period_start), payout, found, ISSUER, VENUE,
        datetime(2026, 3, 3, 18, 7, tzinfo=UTC), date(2026, 1, 1) if Decimal(carried) else None, preview,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]  # the fields are named by the caller
