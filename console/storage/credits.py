"""Looking at and correcting a family's credits, through the ledger's functions.

See docs/design.md, "Rules of the domain" (credits).
"""

from __future__ import annotations

from uuid import UUID

from console.domain.credits import CreditsMoved
from console.storage.database import Database

_BALANCE = "SELECT credits.balance(:parent)"
_ADJUST = "SELECT * FROM credits.adjust(:parent, :amount, :reason, :key)"


class CreditStore:
    """The server's credit functions over one database."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def balance(self, parent_id: UUID) -> int:
        """What the family can spend now. Raises Denied without a right to know."""
        rows = await self._database.fetch(_BALANCE, {"parent": parent_id})
        return int(rows[0][0])

    async def adjust(self, parent_id: UUID, amount: int, reason: str, key: str) -> CreditsMoved:
        """Add (or take) credits for a reason, once per `key`.

        Raises Denied without `credits.adjust`, Conflict when more is taken than there is, Invalid, NotFound.
        """
        (row,) = await self._database.fetch(
            _ADJUST, {"parent": parent_id, "amount": amount, "reason": reason, "key": key}
        )
        return CreditsMoved(row.entry_id, row.amount_moved, row.balance_after)
