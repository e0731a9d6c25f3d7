"""A parent's credits as platform staff see them: entries in order, and the balance of each period.

Frozen values made by storage. A balance equals the sum of its entries. See docs/design.md, "Rules of the domain"
(credits).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ParentAccount:
    """A parent found. The address is masked: enough to tell two people apart."""

    id: UUID
    name: str
    masked_email: str
    corporate: str | None
    credits: int


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One movement. `amount` is signed; a forfeit moves nothing and says how much will not come back."""

    id: UUID
    number: int
    at: datetime
    kind: str
    amount: int
    forfeited: int
    balance_after: int
    period_start: date
    booking_code: str | None
    booking_id: UUID | None
    description: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class LedgerPeriod:
    """One billing period's sums."""

    start: date
    end: date
    allocated: int
    used: int
    refunded: int
    forfeited: int
    available: int


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Some entries, newest first, and every period; `more_before` asks for older ones."""

    account: ParentAccount
    entries: tuple[LedgerEntry, ...]
    periods: tuple[LedgerPeriod, ...]
    more_before: int | None = None
