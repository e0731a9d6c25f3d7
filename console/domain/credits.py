"""Places and the credits they cost: the answers of booking, cancelling and correcting.

Credits are whole numbers; money is another module's. See docs/design.md, "Rules of the domain" (credits).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from console.domain.desk import BookingStatus


class BookingWarning(StrEnum):
    """What a manager should know about a booking but may overrule."""

    AGE = "age"
    OVERLAP = "overlap"


class CancellationReason(StrEnum):
    """Why a booking is cancelled, as `public.cancellation_reason_type`."""

    SCHEDULE_CONFLICT = "schedule_conflict"
    CHILD_SICK = "child_sick"
    FOUND_BETTER_OPTION = "found_better_option"
    VENUE_CANCELLED = "venue_cancelled"
    WEATHER = "weather"
    TRANSPORTATION = "transportation"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BookingMade:
    """A place that was taken. `credits_left` is what the family can still spend."""

    booking_id: UUID
    confirmation_code: str
    credits_charged: int
    credits_left: int
    warnings: tuple[BookingWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class BookingCancelled:
    """A place that was given back, and what became of its credits."""

    booking_id: UUID
    status: BookingStatus
    credits_refunded: int
    credits_forfeited: int
    credits_left: int


@dataclass(frozen=True, slots=True)
class CreditsMoved:
    """One entry of the ledger: by how much, and the period's balance after it."""

    entry_id: UUID
    amount: int
    balance_after: int
