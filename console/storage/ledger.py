"""Parents' credits as headquarters sees them, over one database. See docs/design.md, "Credits"."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from console.domain.ledger import LedgerEntry, LedgerPage, LedgerPeriod, ParentAccount
from console.storage.database import Database

_FIND = "SELECT * FROM credits.find_parents(:typed)"
_PAGE = "SELECT credits.ledger_page(:parent_id, :before, :at_most) AS page"
_ADJUST = "SELECT * FROM credits.adjust(:parent_id, :amount, :reason, :key)"
PAGE_ENTRIES = 100


class LedgerQueries:
    """Parents found and their ledgers. Every method raises ConsoleErrors only; reading leaves a trace."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def find(self, typed: str) -> list[ParentAccount]:
        """Parents by whole e-mail address, part of a name or booking code; 50 at most. Raises Invalid "too_short"."""
        found = await self._database.fetch(_FIND, {"typed": typed.replace("\x00", "")})
        return [
            ParentAccount(row.parent_id, row.full_name, row.masked_email, row.corporate, row.spendable)
            for row in found
        ]

    async def page(self, parent_id: UUID, before: int | None, at_most: int = PAGE_ENTRIES) -> LedgerPage:
        """The newest entries before number `before`, and every period. Raises NotFound."""
        parameters = {"parent_id": parent_id, "before": before, "at_most": at_most}
        page = (await self._database.fetch(_PAGE, parameters))[0].page
        account = page["account"]
        return LedgerPage(
            account=ParentAccount(**{**account, "id": UUID(account["id"])}),
            entries=tuple(_entry(one) for one in page["entries"]),
            periods=tuple(_period(one) for one in page["periods"]),
            more_before=page["more_before"],
        )

    async def adjust(self, parent_id: UUID, amount: int, reason: str, key: str) -> None:
        """Add (or take) credits for a reason, once per `key`. Raises Denied, Conflict, Invalid, NotFound."""
        parameters = {
            "parent_id": parent_id,
            "amount": amount,
            "reason": reason.replace("\x00", ""),
            "key": key,
        }
        await self._database.fetch(_ADJUST, parameters)


def _entry(found: dict[str, Any]) -> LedgerEntry:
    return LedgerEntry(
        **{
            **found,
            "id": UUID(found["id"]),
            "at": datetime.fromisoformat(found["at"]),
            "period_start": date.fromisoformat(found["period_start"]),
            "booking_id": found["booking_id"] and UUID(found["booking_id"]),
        }
    )


def _period(found: dict[str, Any]) -> LedgerPeriod:
    return LedgerPeriod(
        **{
            **found,
            "start": date.fromisoformat(found["start"]),
            "end": date.fromisoformat(found["end"]),
        }
    )
