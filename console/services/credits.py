"""Correcting a family's credits: headquarters' last resort, always with a reason.

See docs/design.md, "Rules of the domain" (credits).
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from console.domain.credits import CreditsMoved
from console.errors import Invalid
from console.services.retry import until_answered


class Credits(Protocol):
    """Where credits are kept."""

    async def balance(self, parent_id: UUID) -> int:
        """What a family can spend."""
        ...

    async def adjust(self, parent_id: UUID, amount: int, reason: str, key: str) -> CreditsMoved:
        """Correct a balance."""
        ...


class CreditService:
    """Credits for one signed-in administrator. Raises ConsoleErrors only."""

    def __init__(self, credits: Credits) -> None:
        """Nothing is asked before the first call."""
        self._credits = credits

    async def balance(self, parent_id: UUID) -> int:
        """What the family can spend now."""
        return await self._credits.balance(parent_id)

    async def adjust(self, parent_id: UUID, amount: int, reason: str, *, request_id: UUID) -> CreditsMoved:
        """Add credits, or take them with a negative amount. One `request_id` per press of the button.

        Raises Invalid before anything is sent when the amount is zero or the reason is empty.
        """
        if amount == 0:
            raise Invalid("Say how many credits to add or to take.", code="amount")
        if not reason.strip():
            raise Invalid("Say why the credits are changed.", code="reason")
        key = f"adjust:{request_id}"
        return await until_answered(lambda: self._credits.adjust(parent_id, amount, reason, key))
