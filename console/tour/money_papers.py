"""Believable facts for pictures of the documents about money: a venue's month, an invoice and its credit note.

The demo has no month that was paid yet, and a picture of a page needs none: the facts are made up here, the pages are
drawn by what draws every document.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from console.domain.invoices import CreditNote, Invoice, InvoiceLine, InvoiceRow, InvoiceState, Party, totals
from console.domain.payouts import LineReason, Payout, PayoutLine, PayoutState, Sums
from console.domain.statements import Statement, statement_number

ISSUER = Party(
    "Nexus Family Pass, Inc.",
    ("1 Market Square", "Philadelphia, PA 19106", "United States"),
    "84-1234567",
    "billing@nexusfamilypass.example",
    ("First Harbor Bank, account 000123456789, routing 031000053",),
)
EMPLOYER = Party(
    "Cascadia Instruments", ("Accounts payable", "1200 Foundry Road", "Portland, OR 97201", "United States")
)
VENUE = Party("Riverside Studio LLC", ("12 Mill Street", "Portland, OR 97204", "United States"))

_PAYOUT = UUID("5f1c0d3a-0000-4000-8000-000000000001")
_FEE = Decimal("17.50")
_CENT = Decimal("0.01")
_ACTIVITIES = (
    ("Junior Judo", 14), ("Kids Cook Club", 18), ("Coding Lab", 16), ("Pottery Wheel", 20), ("Chess Club", 12),
    ("Home-school Art Lab", 15), ("Tiny Tunes", 10),
)  # fmt: skip
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"
_ISSUED = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
_LINES = (
    InvoiceLine("Enterprise plan, March 2026: 240 employees", Decimal(240), Decimal("72.00"), Decimal("8.25")),
    InvoiceLine("6 employees joined on 12 February, 17 of 28 days", Decimal(6), Decimal("43.714286"),
                Decimal("8.25"), kind="proration"),
    InvoiceLine("Welcome kits", Decimal(6), Decimal("14.50"), Decimal(0), Decimal(10)),
    InvoiceLine("Loyalty discount", Decimal(1), Decimal("-365.125"), Decimal("8.25"), kind="discount"),
)  # fmt: skip


def statement(bookings: int = 412) -> Statement:
    """Riverside Studio's February: two corrections of January, a debt carried in, many bookings."""
    lines = [
        _correction(1, "V3HM-9K2R-6", "Street Dance", LineReason.LATE_CHECK_IN, date(2026, 1, 8), "14.55"),
        _correction(2, "P8TC-4WQX-1", "Junior Judo", LineReason.REFUNDED, date(2026, 1, 29), "-43.64"),
    ]
    gross, fee = Decimal("0.00"), Decimal("0.00")
    for number in range(bookings):
        activity, credits_ = _ACTIVITIES[number * 5 % len(_ACTIVITIES)]
        gross += credits_
        rounded = (gross * _FEE / 100).quantize(_CENT, ROUND_HALF_UP)
        day = date(2026, 2, 1) + timedelta(days=number * 28 // bookings)
        lines.append(_booking(number, activity, credits_, day, rounded - fee))
        fee = rounded
    corrected = sum((line.net for line in lines[:2]), Decimal("0.00"))
    carried = Decimal("-42.30")
    sums = Sums(
        gross,
        fee,
        corrected,
        carried,
        Decimal("0.00"),
        gross - fee + corrected + carried,
        int(gross),
        bookings,
    )
    payout = Payout(
        _PAYOUT, 1, UUID(int=1), "Riverside Studio", "America/Los_Angeles", date(2026, 2, 1), date(2026, 2, 28),
        PayoutState.PROCESSING, sums, _FEE, Decimal("1.0000"), "USD", 2, None, None,
        datetime(2026, 3, 3, 18, 6, tzinfo=UTC), None, "stripe_connect", "tr_1Q8XbR2eZvKYlo2C", "4821",
        None, None, None,
    )  # fmt: skip
    return Statement(
        statement_number(_PAYOUT, payout.period_start), payout, tuple(lines), ISSUER, VENUE,
        datetime(2026, 3, 3, 18, 7, tzinfo=UTC), date(2026, 1, 1), is_preview=False,
    )  # fmt: skip


def invoice(*, draft: bool = False) -> Invoice:
    """An employer's March."""
    came = totals(_LINES)
    row = InvoiceRow(
        UUID(int=3), 1, None if draft else "NFP-2026-00214", UUID(int=4), EMPLOYER.name, date(2026, 3, 1),
        date(2026, 3, 31), InvoiceState.DRAFT if draft else InvoiceState.ISSUED, came.total, Decimal("0.00"), "USD",
        None if draft else _ISSUED, None if draft else date(2026, 3, 31), None, None, None,
    )  # fmt: skip
    return Invoice(row, _LINES, came, "PO-77120", None, ISSUER, EMPLOYER, (), None, None, 30)


def credit_note() -> CreditNote:
    """What takes that invoice back."""
    made = invoice()
    return CreditNote(
        UUID(int=5), "NCN-2026-00009", _ISSUED + timedelta(days=9), made.row.id, made.row.number or "", _ISSUED,
        "Six employees had been counted twice.", made.lines, made.totals, "USD", made.purchase_order, ISSUER, EMPLOYER,
        None,
    )  # fmt: skip


def _booking(number: int, activity: str, credits_: int, day: date, fee: Decimal) -> PayoutLine:
    reason = LineReason.ATTENDED
    if number % 20 == 7:
        reason = LineReason.NO_SHOW
    elif number % 24 == 5:
        reason = LineReason.CANCELLED_LATE
    came = None
    if reason is LineReason.ATTENDED:
        came = datetime(day.year, day.month, day.day, 23, number * 7 % 60, tzinfo=UTC)
    gross = Decimal(credits_).quantize(_CENT)
    return PayoutLine(
        UUID(int=100 + number), number + 3, "booking", reason, UUID(int=100 + number), _code(number), day, activity,
        came, came and came + timedelta(minutes=64 + number % 9),
        20 + number % 27 if reason is LineReason.CANCELLED_LATE else None, credits_, gross, fee, gross - fee,
        None, None, None,
    )  # fmt: skip


def _correction(
    position: int, code: str, activity: str, reason: LineReason, day: date, amount: str
) -> PayoutLine:
    gross = Decimal(amount)
    fee = (gross * _FEE / 100).quantize(_CENT, ROUND_HALF_UP)
    return PayoutLine(
        UUID(int=position), position, "adjustment", reason, UUID(int=position), code, day, activity, None, None, None,
        int(gross), gross, fee, gross - fee, UUID(int=9), date(2026, 1, 1), None,
    )  # fmt: skip


def _code(number: int) -> str:
    letters = [_LETTERS[number * factor % len(_LETTERS)] for factor in (3, 7, 11, 13, 17, 19)]
    first, second = "".join(letters[:3]), "".join(letters[3:])
    return f"{first[0]}{number % 10}{first[1:]}-{number % 7}{second}-{number % 9}"
