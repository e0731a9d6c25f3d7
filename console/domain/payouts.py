"""Paying venues: what a month came to, line by line, how it is paid, and what keeps it from being paid.

Frozen values made by storage from the `payouts.*` functions. Amounts are Decimal in the platform's currency, credits
are whole; days are the venue's, instants aware. No child is named anywhere. See docs/design.md, "Rules of the domain"
(payouts) and "Screens" (finance).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class PayoutState(StrEnum):
    """Where a payout stands, as `venue_payouts.status`; CARRIED and OPEN are how some of them are shown."""

    OPEN = "open"
    """The month is not over, or not made yet: the numbers so far."""
    PENDING = "pending"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    ON_HOLD = "on_hold"
    CARRIED = "carried"
    """Nothing to pay: it ended below zero and is carried to the next month."""


class LineReason(StrEnum):
    """How a line came to be, as `payout_lines.reason`."""

    ATTENDED = "attended"
    NO_SHOW = "no_show"
    CANCELLED_LATE = "cancelled_late"
    LATE_CHECK_IN = "late_check_in"
    REFUNDED = "refunded"
    DECIDED = "decided"
    OWED_SETTLED = "owed_settled"
    OTHER = "other"


class Caution(StrEnum):
    """What finance should know before a venue is paid."""

    NOT_OVER = "not_over"
    """The month still runs by the venue's own clock: the server makes no payout of it."""
    ON_HOLD = "on_hold"
    NO_ACCOUNT = "no_account"
    OPEN_REVIEWS = "open_reviews"
    NOT_CLOSED = "not_closed"
    """Sessions of the month that nobody has closed yet."""
    NEGATIVE = "negative"
    EARLIER_NOT_CLOSED = "earlier_not_closed"


@dataclass(frozen=True, slots=True)
class Sums:
    """The five numbers of a payout, which add up: net + carried_out = gross - fee + adjustments + carried_in."""

    gross: Decimal
    fee: Decimal
    adjustments: Decimal
    carried_in: Decimal
    carried_out: Decimal
    net: Decimal
    credits: int
    bookings: int


@dataclass(frozen=True, slots=True)
class VenuePreview:
    """What a run would make for one venue. `existing_id` is its payout of the month where there is one."""

    venue_id: UUID
    venue: str
    sums: Sums
    fee_percentage: Decimal
    adjustment_lines: int
    warnings: tuple[Caution, ...]
    open_reviews: int
    existing_id: UUID | None
    state: PayoutState
    """OPEN: would be made; PENDING: made anew; anything later: left alone."""
    waits: bool = False
    """Left out of the run: another month of this venue is made and not approved yet."""


@dataclass(frozen=True, slots=True)
class RunPreview:
    """What a run over a month would make. `fingerprint` is sent back with the confirmation."""

    period_start: date
    period_end: date
    credit_value: Decimal
    currency: str
    venues: tuple[VenuePreview, ...]
    fingerprint: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A run that was made; approving it lets its payouts be paid."""

    id: UUID
    version: int
    period_start: date
    venues: int
    net: Decimal
    currency: str
    state: str
    """"made", "approved" or "withdrawn"."""
    made_by: str
    made_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    mine: bool
    """Whether the asking person made it; where two people are needed, somebody else approves."""


@dataclass(frozen=True, slots=True)
class Payout:
    """One venue's month. `id` is None while it is OPEN."""

    id: UUID | None
    version: int
    venue_id: UUID
    venue: str
    timezone: str
    period_start: date
    period_end: date
    state: PayoutState
    sums: Sums
    fee_percentage: Decimal
    credit_value: Decimal
    currency: str
    adjustment_lines: int
    hold_reason: str | None
    failure: str | None
    sent_at: datetime | None
    paid_at: datetime | None
    method: str | None
    reference: str | None
    account_end: str | None
    """The last four digits of the venue's account."""
    run_id: UUID | None
    statement_id: UUID | None
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """One line: a booking of the month, or an adjustment that points at the booking and payout it corrects."""

    id: UUID
    position: int
    kind: str
    """"booking", "adjustment" or "carried_forward"."""
    reason: LineReason | None
    booking_id: UUID | None
    code: str | None
    """The confirmation code; finance has no name for a booking."""
    day: date | None
    activity: str | None
    words_in: datetime | None
    """When the child came, for "in 15:52, out 17:04"; None where it did not."""
    words_out: datetime | None
    hours_before: int | None
    """For what was cancelled late: how many whole hours before the start."""
    credits: int
    gross: Decimal
    fee_share: Decimal
    net: Decimal
    adjusts_payout_id: UUID | None
    adjusts_period: date | None
    description: str | None


@dataclass(frozen=True, slots=True)
class TrailStep:
    """One step of how a line came to be, oldest first: booked, in, out, counted, fixed, adjusted, paid, or carried."""

    kind: str
    words: str
    """What happened, without a name, such as "In at Desk 2"."""
    at: datetime
    amount: Decimal | None = None


def trail_words(
    kind: str,
    *,
    amount: Decimal | None = None,
    fee: Decimal | None = None,
    credits: int | None = None,
    desk: str | None = None,
    hours: int | None = None,
    reason: str | None = None,
    period: date | None = None,
) -> str:
    """One step of a trail in a few words, without anybody's name: "In at Desk 2", "14.00, fee share 2.45"."""
    month = "" if period is None else f"{_MONTHS[period.month - 1]} {period.year}"
    match kind:
        case "booked":
            return f"Booked, {credits} {'credit' if credits == 1 else 'credits'}"
        case "in" | "out":
            return f"{kind.capitalize()} at {desk}" if desk else kind.capitalize()
        case "absent":
            return f"Marked absent at {desk}" if desk else "Marked absent"
        case "cancelled":
            who = "Cancelled by the venue" if reason == "cancelled_venue" else "Cancelled"
            return who if hours is None else f"{who} {hours} h before"
        case "counted":
            return f"{amount:,.2f}, fee share {fee:,.2f}"
        case "adjusted":
            return f"Corrected in {month} by {(amount or 0) - (fee or 0):+,.2f}"
        case "fixed":
            return f"Line of {month} fixed"
        case "paid":
            return f"{month} paid"
        case "carried" if period is not None:
            return f"{month} below zero, carried to {_MONTHS[period.month % 12]}"
    return kind.capitalize()


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True)
class Hold:
    """A venue that is not paid for now."""

    id: UUID
    venue_id: UUID
    venue: str
    reason: str
    placed_by: str
    placed_at: datetime
    released_at: datetime | None
    release_reason: str | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to pay a payout, as `payout_attempts`; "doubtful" where only a person can say what became of it."""

    number: int
    method: str
    state: str
    amount: Decimal
    asked_at: datetime | None
    answered_at: datetime | None
    failure: str | None


@dataclass(frozen=True, slots=True)
class BookPeriod:
    """One month of the books: what it came to, and whether it is closed."""

    period_start: date
    payouts: int
    unpaid: int
    gross: Decimal
    fee: Decimal
    net: Decimal
    closed_at: datetime | None
    closed_by: str | None
    reopened: int
    """How often it was opened again."""
    may_close: bool
    why_not: str | None

    @property
    def moved(self) -> Decimal:
        """What adjustments and what is carried in and on add, so that gross less the fee and this are the net."""
        return self.net - self.gross + self.fee
