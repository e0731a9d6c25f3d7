"""A payout's statement: what a venue's accountant books by, every cent of it down to a booking.

The sums are the stored ones, the lines stand beneath them: corrections of earlier months first, then each activity
with its subtotal. Bookings are known by their code; no child is named. The same facts give the same bytes. See
docs/design.md, "Documents" and "Rules of the domain" (payouts).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from console.domain.counting import count
from console.domain.documents import Printed
from console.domain.payouts import PayoutLine, PayoutState
from console.domain.statements import Statement, Totals, how, total
from console.reports import words
from console.reports.layout import A4, BODY, MARGIN, Paper, Text
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
    number,
    party,
    percent,
    sums,
    texts,
)
from console.reports.sheets import Cell, SheetColumn

PREVIEW = "Preview"
"""Stands on every page of what has not been handed out."""

_FIELDS = (
    Field("Date", 48),
    Field("Booking", 76),
    Field("How it came to be", 178),
    Field("Credits", 40, amount=True),
    Field("Gross", 58, amount=True),
    Field("Fee share", 56, amount=True),
    Field("Net", 60, amount=True),
)
_METHODS = {"bank_transfer": "bank transfer", "stripe_connect": "transfer", "bank_file": "bank transfer"}

SHEET = (
    SheetColumn("Statement", width=22),
    SheetColumn("Period", "date", 12),
    SheetColumn("Kind", width=14),
    SheetColumn("Date", "date", 12),
    SheetColumn("Activity", width=28),
    SheetColumn("Booking", width=16),
    SheetColumn("How it came to be", width=40),
    SheetColumn("Corrects", "date", 12),
    SheetColumn("Credits", "number", 10),
    SheetColumn("Gross", "money", 14),
    SheetColumn("Fee share", "money", 14),
    SheetColumn("Net", "money", 14),
    SheetColumn("Currency", width=10),
)
"""The columns of the statement as a table. The sum of "Net" is what is paid."""


def statement_pdf(statement: Statement, *, paper: Paper = A4) -> Printed:
    """The statement as a PDF; a preview says so on every page."""
    payout, width = statement.payout, paper.width - 2 * MARGIN
    month = words.month(payout.period_start)
    made = statement.made_at.astimezone(statement.zone)
    frame = Frame(
        title=f"Payout statement {statement.number}",
        author=statement.issuer.name,
        paper=paper,
        later=f"Payout statement · {statement.venue.name} · {month}",
        foot=f"{statement.number} · made {made:%Y-%m-%d %H:%M} · {payout.venue} · {month}",
        mark=PREVIEW if statement.is_preview else "",
    )
    said = [
        statement.issuer.name, *statement.issuer.address, statement.venue.name, *statement.venue.address, payout.venue,
        *(line.activity or "" for line in statement.lines), *(line.description or "" for line in statement.lines),
    ]  # fmt: skip
    return flow(frame, [*_top(statement, width), *_sums(statement, width), *_lines(statement, width)], said)


def rows(statement: Statement) -> Iterator[tuple[Cell, ...]]:
    """The statement as rows of `SHEET`: its lines, and what was carried, so that "Net" adds up to what is paid."""
    payout = statement.payout

    def row(kind: str, *cells: Cell) -> tuple[Cell, ...]:
        return (statement.number, payout.period_start, kind, *cells, payout.currency)

    for line in (*statement.adjustments, *statement.bookings):
        yield row(
            line.kind, line.day, line.activity, line.code, _how(line, statement), line.adjusts_period, line.credits,
            line.gross, line.fee_share, line.net,
        )  # fmt: skip
    nothing: tuple[Cell, ...] = (None, None, None)
    if payout.sums.carried_in:
        yield row("carried in", *nothing, _carried_in(statement), statement.carried_from, None, None, None,
                  payout.sums.carried_in)  # fmt: skip
    if payout.sums.carried_out:
        yield row("carried out", *nothing, "Carried to the next month", None, None, None, None,
                  -payout.sums.carried_out)  # fmt: skip


# -- what stands on it ---------------------------------------------------------------------------------------------


def _top(statement: Statement, width: float) -> Iterator[Block]:
    payout, half = statement.payout, width * 0.48
    first, last = payout.period_start, payout.period_end
    period = f"{first.day} to {words.dated(last)}, {payout.timezone.replace('_', ' ')} time"
    made = statement.made_at.astimezone(statement.zone)
    reference = payout.reference or ("given when it is paid" if payout.sums.net else "")
    pairs = (
        ("Statement", statement.number),
        ("Period", period),
        ("Made", f"{words.dated(made.date())}, {made:%H:%M}"),
        ("State", _state(statement)),
        ("Account", f"ending {payout.account_end}" if payout.account_end else "none known"),
        ("Bank reference", reference),
    )
    yield heading("Payout statement", words.month(first), statement.issuer, width)
    yield gap(20)
    yield columns(
        (
            (MARGIN, party("Paid to", statement.venue, half - 16)),
            (MARGIN + half, facts(pairs, width - half, left=MARGIN + half)),
        )
    )
    yield gap(18)


def _state(statement: Statement) -> str:
    payout, zone = statement.payout, statement.zone
    if payout.sums.net == 0:
        return "nothing to pay"
    if payout.paid_at is not None:
        by = f" by {_METHODS.get(payout.method, payout.method)}" if payout.method else ""
        return f"paid {words.dated(words.local_day(payout.paid_at, zone))}{by}"
    if payout.sent_at is not None and payout.state is not PayoutState.FAILED:
        return f"sent {words.dated(words.local_day(payout.sent_at, zone))}"
    said = {
        PayoutState.ON_HOLD: "on hold",
        PayoutState.FAILED: "the payment failed",
        PayoutState.OPEN: "open",
    }
    return said.get(payout.state, "not sent yet")


def _sums(statement: Statement, width: float) -> Iterator[Block]:
    payout, sums_ = statement.payout, statement.payout.sums
    credits_, bookings = count(sums_.credits, "credit"), count(sums_.bookings, "booking")
    earned = f"{credits_} over {bookings}, at {_value(payout.credit_value)} each"
    exact = (sums_.gross * payout.fee_percentage / 100).normalize()
    fee = f"{percent(payout.fee_percentage)} of gross"
    if exact != sums_.fee:
        fee += f" is {number(exact)}, rounded once"
    corrections = len(statement.adjustments)
    parts = [
        Sum("Gross", earned, money(sums_.gross)),
        Sum("Platform fee", fee, money(-sums_.fee)),
        Sum("Adjustments", _corrections(corrections), money(sums_.adjustments)),
    ]
    if sums_.carried_in:
        parts.append(Sum("Carried in", _carried_in(statement), money(sums_.carried_in)))
    if sums_.carried_out:
        parts.append(Sum("Carried out", "below zero, taken from the next month", money(-sums_.carried_out)))
    account = f"to the account ending {payout.account_end}" if payout.account_end and sums_.net else ""
    parts.append(Sum("Net payout", account, f"{payout.currency} {money(sums_.net)}", strong=True))
    yield from sums(parts, width)
    yield gap(16)


def _lines(statement: Statement, width: float) -> Iterator[Block]:
    payout, table = statement.payout, Amounts(_FIELDS, width)
    head = table.heads()
    if not statement.adjustments and not statement.bookings:
        yield texts([Text("No booking of this month earned anything.", BODY, tone="muted")], width)
        return
    yield head
    if statement.adjustments:
        name = "Adjustments"
        detail = f"corrections of earlier months, in {payout.currency}"
        yield from _group(table, head, name, detail, statement.adjustments, statement)
    for activity, lines in statement.by_activity():
        detail = f"{count(len(lines), 'booking')}, in {payout.currency}"
        yield from _group(table, head, activity, detail, lines, statement)
    yield gap(8)
    yield table.row(_total("All lines", total((*statement.adjustments, *statement.bookings))), total=True)


def _group(
    table: Amounts, head: Block, name: str, detail: str, lines: tuple[PayoutLine, ...], statement: Statement
) -> Iterator[Block]:
    yield table.group(name, detail)
    goes_on = (head, table.group(f"{name} (continued)", ""))
    corrections = lines[0].kind == "adjustment"
    for at, line in enumerate(lines):
        said = _how(line, statement)
        if corrections and line.activity:
            said = f"{said}: {line.activity}"
        if corrections and line.adjusts_period:
            said += f" (corrects {words.month(line.adjusts_period)})"
        cells = (
            _day(line.day, statement), line.code or "", said, number(line.credits), money(line.gross),
            money(-line.fee_share), money(line.net),
        )  # fmt: skip
        # A subtotal never stands alone on a page.
        yield table.row(cells, goes_on, keep=at == len(lines) - 1)
    yield table.row(_total("Subtotal", total(lines)), goes_on, total=True)


def _total(name: str, sums_: Totals) -> tuple[str, ...]:
    lines = count(sums_.lines, "line")
    return (
        "", name, lines, number(sums_.credits), money(sums_.gross), money(-sums_.fee_share), money(sums_.net),
    )  # fmt: skip


# -- words ---------------------------------------------------------------------------------------------------------


def _how(line: PayoutLine, statement: Statement) -> str:
    return how(line, statement.zone)


def _day(day: date | None, statement: Statement) -> str:
    """A line's day: "8 Jan", with the year where it is another one."""
    if day is None:
        return ""
    year = "" if day.year == statement.payout.period_start.year else f" {day.year}"
    return f"{day.day} {words.month(day)[:3]}{year}"


def _corrections(lines: int) -> str:
    return f"{count(lines, 'correction')} of earlier months, listed first below" if lines else "none"


def _carried_in(statement: Statement) -> str:
    first = statement.payout.period_start
    ended = statement.carried_from or (first - timedelta(days=1))
    return f"{words.month(ended)} ended below zero"


def _value(value: Decimal) -> str:
    """What a credit is worth, with as many places as it needs, at least two."""
    return money(value) if value == value.quantize(Decimal("0.01")) else number(value)
