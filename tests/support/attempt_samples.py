"""Tries to pay a payout: one that failed and one nobody has answered for, or one that only a person can settle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from console.domain.payouts import Attempt

_AT = datetime(2026, 3, 3, 18, 6, tzinfo=UTC)
_AMOUNT = Decimal("2712.50")


def tries(*, in_doubt: bool) -> list[Attempt]:
    """Newest first."""
    if in_doubt:
        why = "2,712.50 was asked for, and the other side answered with 2,700.00."
        return [Attempt(2, "transfer", "doubtful", _AMOUNT, _AT, _AT, why)]
    closed = "The account is closed."
    return [
        Attempt(2, "transfer", "unknown", _AMOUNT, _AT + timedelta(days=1), None, None),
        Attempt(1, "transfer", "failed", _AMOUNT, _AT, _AT + timedelta(minutes=2), closed),
    ]
