"""How payouts read: their state, their lines, and how each sum came to be, in words.

Nobody is named: a booking is its code. Amounts are the stored ones. See docs/design.md, "Rules of the domain" (payouts)
and "Screens" (finance).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from console.domain.counting import count
from console.domain.payouts import LineReason, Payout, PayoutLine, PayoutState, Sums, TrailStep
from console.domain.statements import how
from console.models.money import MINUS, money, plain_number, signed
from console.models.words import day_line, month_title, short_date
from console.views.widgets.choices import Choice
from console.views.widgets.paint import ChipSpec
from console.views.widgets.sums import SumLine
from console.views.widgets.table import CellLook

RUN_CHIPS = {
    "made": ChipSpec("To approve", "amber", "ph.clock-bold"),
    "approved": ChipSpec("Approved", "green", "ph.check-bold"),
    "withdrawn": ChipSpec("Withdrawn", "neutral", "ph.prohibit-bold"),
}
STATE_CHIPS = {
    PayoutState.OPEN: ChipSpec("Open", "neutral", "ph.hourglass-medium-bold"),
    PayoutState.PENDING: ChipSpec("To approve", "neutral", "ph.clock-bold"),
    PayoutState.PROCESSING: ChipSpec("Processing", "blue", "ph.arrows-clockwise-bold"),
    PayoutState.PAID: ChipSpec("Paid", "green", "ph.check-bold"),
    PayoutState.ON_HOLD: ChipSpec("On hold", "amber", "ph.pause-bold"),
    PayoutState.FAILED: ChipSpec("Failed", "red", "ph.warning-bold"),
    PayoutState.CARRIED: ChipSpec("Carried forward", "neutral", "ph.arrow-bend-down-right-bold"),
}
STATE_WORDS = {state.value: chip.text for state, chip in STATE_CHIPS.items()}
TABS = (
    ("all", "All lines"),
    ("attended", "Attended"),
    ("no_show", "No-show"),
    ("cancelled_late", "Cancelled late"),
    ("adjustment", "Adjustments"),
)
_REASON_ICONS = {
    LineReason.ATTENDED: ("ph.check-circle", "green.text"),
    LineReason.NO_SHOW: ("ph.user-minus", "text.secondary"),
    LineReason.CANCELLED_LATE: ("ph.clock-counter-clockwise", "text.secondary"),
}
_ADJUSTED = ("ph.arrow-bend-down-right", "accent.text")
_TRAIL_ICONS = {
    "booked": ("ph.ticket", "text.secondary"),
    "in": ("ph.check-circle", "green.text"),
    "out": ("ph.sign-out", "blue.text"),
    "absent": ("ph.user-minus", "text.secondary"),
    "cancelled": ("ph.clock-counter-clockwise", "text.secondary"),
    "counted": ("ph.scales", "text.secondary"),
    "fixed": ("ph.lock-simple", "text.secondary"),
    "adjusted": _ADJUSTED,
    "paid": ("ph.bank", "green.text"),
    "carried": ("ph.arrow-bend-down-right", "text.secondary"),
}
_CENT = Decimal("0.01")
_YEAR = 330  # days within which a month's name alone says which one it is
_HYPHEN = re.compile(r"(?<=\s)-(?=\d)")


@dataclass(frozen=True, slots=True)
class TrailMark:
    """One step of a trail as it is painted."""

    icon: str
    color: str
    title: str
    detail: str


# -- one payout ------------------------------------------------------------------------------------------------------


def zone_of(payout: Payout) -> tzinfo:
    """The venue's zone, in which its days are."""
    return ZoneInfo(payout.timezone)


def shown_amount(sums: Sums) -> Decimal:
    """What stands beside a month: what is paid, or what it is short of where it ended below zero."""
    return sums.carried_out or sums.net


def bookings(number: int) -> str:
    """How many bookings."""
    return count(number, "booking")


def choice(payout: Payout, today: date, *, of_venue: bool) -> Choice:
    """A payout's row: of one venue by its month, of all by their names."""
    month = named = month_title(payout.period_start)
    tip = ""
    if payout.state is PayoutState.OPEN:
        detail = open_words(payout, today)
    elif payout.failure and payout.state is PayoutState.FAILED:
        # Why it failed is what somebody looks for: the rest gives way to it, and is told in the tool tip.
        cause = payout.failure.rstrip(".")
        detail = cause if of_venue else f"{cause[:1].lower()}{cause[1:]}"
        recent = (today - payout.period_start).days < _YEAR
        named = month[:3] if recent else f"{month[:3]} {payout.period_start.year}"
        tip = f"{cause}. {month}, {bookings(payout.sums.bookings)}."
    else:
        detail = bookings(payout.sums.bookings)
        if of_venue and payout.state is PayoutState.PAID and payout.method == "bank_transfer":
            detail += ", by bank transfer"
    return Choice(
        payout,
        month if of_venue else payout.venue,
        detail if of_venue else f"{named}, {detail}",
        right=money(shown_amount(payout.sums)),
        chips=(STATE_CHIPS[payout.state],),
        tip=tip,
    )


def open_words(payout: Payout, today: date) -> str:
    """How far a month is: "12 days so far, closes 1 April"."""
    closes = day_line(payout.period_end + timedelta(days=1), weekday=False)
    if today > payout.period_end:
        return "The month is over, the payout is not made yet"
    days = max((today - payout.period_start).days + 1, 1)
    return f"{count(days, 'day')} so far, closes {closes}"


def caption(payout: Payout, today: date, *, of_venue: bool) -> str:
    """The line under the title: the days, whose time, and what happened to the money."""
    zone, first, last = zone_of(payout), payout.period_start, payout.period_end
    days = f"{first.day}–{day_line(last, weekday=False)}"
    parts = [f"{days if of_venue else f'{days} {last.year}'}, {payout.timezone.rpartition('/')[2]} time"]
    if payout.state is PayoutState.OPEN:
        parts.append(open_words(payout, today))
    elif payout.state is PayoutState.CARRIED:
        parts.append(f"carried to {month_title(_next_month(first))}")
    if payout.sent_at is not None:
        parts.append(f"sent {_day(payout.sent_at.astimezone(zone).date(), short=not of_venue)}")
    if payout.paid_at is not None and payout.state is not PayoutState.CARRIED:
        parts.append(f"paid {_day(payout.paid_at.astimezone(zone).date(), short=not of_venue)}")
    return " · ".join(parts).replace("_", " ")


def sums(payout: Payout, corrected: Sequence[date] = ()) -> list[SumLine]:
    """The sums with how each came to be; `corrected` are the months that its corrections are to."""
    had, rate = payout.sums, payout.fee_percentage
    lines = [
        SumLine(
            "Gross",
            f"{_credits(had.credits)} over {bookings(had.bookings)}, at {money(payout.credit_value)} each",
            money(had.gross),
        ),
        SumLine("Platform fee", fee_words(had.gross, rate), signed(had.fee)),
    ]
    if payout.adjustment_lines or had.adjustments:
        words = _corrections(payout.adjustment_lines, corrected)
        lines.append(SumLine("Adjustments", words, money(had.adjustments)))
    if had.carried_in:
        before = _month(payout.period_start - timedelta(days=1))
        lines.append(SumLine("Carried forward", f"{before} ended below zero", money(had.carried_in)))
    if had.carried_out:
        after = _month(_next_month(payout.period_start))
        words = f"Below zero: {after} begins with it, nothing is paid now"
        lines.append(SumLine("Carried on", words, money(-had.carried_out)))
    return lines


def fee_words(gross: Decimal, rate: Decimal) -> str:
    """How the fee came to be: "17.5 % of gross is 1,082.725, rounded once"; nothing of rounding where it is exact."""
    exact = gross * rate / 100
    words = f"{plain_number(rate)} % of gross"
    return words if exact == exact.quantize(_CENT) else f"{words} is {plain_number(exact)}, rounded once"


def net_words(payout: Payout) -> str:
    """Where the money goes."""
    if payout.sums.carried_out:
        return "nothing to pay this month"
    if payout.state is PayoutState.OPEN:
        return "so far"
    if payout.account_end:
        return f"to the bank account ending {payout.account_end}"
    return "" if payout.reference else "there is no payout account yet"


def reference(payout: Payout) -> SumLine | None:
    """What the bank's line says, to be found there; None before it was paid."""
    paid = payout.state is PayoutState.PAID and payout.reference
    return SumLine("Reference", payout.reference or "", "") if paid else None


# -- lines -----------------------------------------------------------------------------------------------------------


def is_correction(line: PayoutLine) -> bool:
    """Whether a line corrects an earlier month."""
    return line.kind != "booking"


def line_words(line: PayoutLine, zone: tzinfo) -> str:
    """How a line came to be, in the words of the statement."""
    if not is_correction(line):
        words = how(line, zone)
        return f"{words}, credits forfeited" if line.reason is LineReason.NO_SHOW else words
    # What was decided is the point; when the child came and went stands in its trail.
    words = how(replace(line, words_in=None, words_out=None), zone)
    return f"Adjustment: {words[:1].lower()}{words[1:]}"


def line_look(line: PayoutLine) -> CellLook:
    """The sign before how it came to be."""
    found = (
        _ADJUSTED if is_correction(line) or line.reason is None else _REASON_ICONS.get(line.reason, _ADJUSTED)
    )
    return CellLook(icon=found[0], icon_color=found[1])


def line_day(line: PayoutLine) -> str:
    """The day of a line."""
    return short_date(line.day) if line.day else ""


def column_amount(line: PayoutLine, amount: Decimal) -> str:
    """A part of a line's amount. A correction has its net only: the columns then come to the sums above."""
    return "" if is_correction(line) else money(amount)


def trail(steps: Sequence[TrailStep], zone: tzinfo) -> list[TrailMark]:
    """The steps of a trail: what happened, and when at the venue."""
    marks = []
    for step in steps:
        icon, color = _TRAIL_ICONS.get(step.kind, ("ph.circle", "text.secondary"))
        title = _HYPHEN.sub(MINUS, step.words)
        # A correction says its net in words; its gross beside that would read like another correction. What was carried
        # is no amount that went anywhere.
        if (
            step.kind not in ("adjusted", "carried")
            and step.amount is not None
            and money(step.amount) not in title
        ):
            title = f"{title}, {money(step.amount)}"
        marks.append(TrailMark(icon, color, title, moment(step.at, zone)))
    return marks


def moment(at: datetime, zone: tzinfo) -> str:
    """A day and a time as evidence: "26 Jan 09:14"."""
    local = at.astimezone(zone)
    return f"{short_date(local.date())} {local:%H:%M}"


def _day(day: date, *, short: bool) -> str:
    return short_date(day) if short else day_line(day, weekday=False)


def _credits(number: int) -> str:
    return count(number, "credit")


def _corrections(number: int, months: Sequence[date]) -> str:
    words = count(number, "correction")
    names = [_month(one) for one in sorted(set(months))]
    if not names or len(names) > 2:
        return f"{words} to earlier months, listed first below"
    return f"{words} to {' and '.join(names)}, listed first below"


def _month(day: date) -> str:
    return month_title(day).split()[0]


def _next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)
