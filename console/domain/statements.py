"""What a payout's statement is made from, and its words: one reading for the PDF, the CSV and the XLSX.

A statement is about bookings by their code; nothing here knows a child. Amounts are Decimal as they are stored, days
are the venue's. See docs/design.md, "Rules of the domain" (payouts) and "Documents".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from console.domain.invoices import Party
from console.domain.payouts import LineReason, Payout, PayoutLine

ZERO = Decimal("0.00")

_HOW = {
    LineReason.ATTENDED: "Attended",
    LineReason.NO_SHOW: "No-show",
    LineReason.CANCELLED_LATE: "Cancelled late",
    LineReason.LATE_CHECK_IN: "Check-in arrived late",
    LineReason.REFUNDED: "Refunded afterwards",
    LineReason.DECIDED: "Decided afterwards",
    LineReason.OWED_SETTLED: "Owed credits settled",
    LineReason.OTHER: "Changed afterwards",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """What some lines come to. The stored sums of the payout are its own, never these."""

    lines: int
    credits: int
    gross: Decimal
    fee_share: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """One payout with everything that stands on its statement.

    `carried_from` is the month that left something owing. A preview is not kept and says so on every page.
    """

    number: str
    payout: Payout
    lines: tuple[PayoutLine, ...]
    issuer: Party
    venue: Party
    made_at: datetime
    carried_from: date | None
    is_preview: bool

    @property
    def zone(self) -> tzinfo:
        """The venue's zone, in which its days are."""
        return ZoneInfo(self.payout.timezone)

    @property
    def adjustments(self) -> tuple[PayoutLine, ...]:
        """Corrections of earlier months, in their order."""
        return tuple(line for line in self.lines if line.kind == "adjustment")

    @property
    def bookings(self) -> tuple[PayoutLine, ...]:
        """The month's bookings, in their order."""
        return tuple(line for line in self.lines if line.kind == "booking")

    def by_activity(self) -> Iterator[tuple[str, tuple[PayoutLine, ...]]]:
        """The month's bookings under the names of their activities."""

        def name(line: PayoutLine) -> str:
            return line.activity or ""

        ordered = sorted(self.bookings, key=lambda line: (name(line).casefold(), name(line), line.position))
        for activity, lines in groupby(ordered, key=name):
            yield activity or "Other bookings", tuple(lines)

    @property
    def adds_up(self) -> bool:
        """Whether the lines come to the stored sums; a statement for which they do not is not handed out."""
        month, corrections, sums = total(self.bookings), total(self.adjustments), self.payout.sums
        return (month.gross, month.fee_share, corrections.net) == (sums.gross, sums.fee, sums.adjustments)


@dataclass(frozen=True, slots=True)
class StatementFacts:
    """A statement as it would be made now. Only a settled payout's is kept, and only by whom `may_keep` says."""

    statement: Statement
    is_settled: bool
    may_keep: bool


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One payout of a month, and whether its statement is kept."""

    payout_id: UUID
    venue: str
    number: str
    document_id: UUID | None
    is_settled: bool


def total(lines: tuple[PayoutLine, ...]) -> Totals:
    """Some lines added up."""
    return Totals(
        len(lines),
        sum(line.credits for line in lines),
        sum((line.gross for line in lines), ZERO),
        sum((line.fee_share for line in lines), ZERO),
        sum((line.net for line in lines), ZERO),
    )


def statement_number(payout_id: UUID, period_start: date) -> str:
    """What a statement is called: the month and the beginning of the payout's id."""
    return f"PS-{period_start:%Y-%m}-{payout_id.hex[:8].upper()}"


def how(line: PayoutLine, zone: tzinfo) -> str:
    """How a line came to be: "Attended, in 15:52, out 17:04", "Cancelled 31 h before the start"."""
    if line.reason is LineReason.CANCELLED_LATE and line.hours_before is not None:
        return f"Cancelled {line.hours_before} h before the start"
    said = _HOW[line.reason] if line.reason else line.description or "Changed afterwards"
    stay = [
        f"{word} {instant.astimezone(zone):%H:%M}"
        for word, instant in (("in", line.words_in), ("out", line.words_out))
        if instant is not None
    ]
    return ", ".join([said, *stay])
