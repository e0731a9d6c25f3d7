"""Statements of payouts over one database: what one is made from, and the bytes that were handed out.

Everything comes out of `payouts.*` functions, which ask who may; rows become frozen values here and go no further. See
docs/design.md, "Documents" and "The database" (authorisation, round trips).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from console.domain.documents import KeptDocument
from console.domain.invoices import Party
from console.domain.payouts import LineReason, Payout, PayoutLine, PayoutState, Sums
from console.domain.statements import Statement, StatementFacts, StatementRow
from console.storage.database import Database

_FACTS = "SELECT payouts.statement_facts(:payout_id) AS facts"
_KEPT = "SELECT * FROM payouts.statement(:payout_id)"
_KEEP = "SELECT * FROM payouts.store_statement(:payout_id, :paper)"
_MONTH = "SELECT * FROM payouts.statements(:month)"

Facts = Mapping[str, Any]


class DocumentQueries:
    """Statements of the payouts a person may see. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def facts(self, payout_id: UUID) -> StatementFacts:
        """What the statement of a payout is made from, now. Raises NotFound."""
        rows = await self._database.fetch(_FACTS, {"payout_id": payout_id})
        # A busy month has thousands of lines: too many to be read in the window's own thread.
        return await asyncio.to_thread(statement_facts, rows[0].facts)

    async def kept(self, payout_id: UUID) -> KeptDocument | None:
        """The statement that was handed out; None while there is none. Raises NotFound."""
        rows = await self._database.fetch(_KEPT, {"payout_id": payout_id})
        return _kept(dict(rows[0]._mapping)) if rows else None

    async def keep(self, payout_id: UUID, paper: bytes) -> KeptDocument:
        """Hand a statement out; where somebody did before, the answer is theirs.

        Raises Denied, and Conflict "not_settled" for a payout that can still change.
        """
        rows = await self._database.fetch(_KEEP, {"payout_id": payout_id, "paper": paper})
        return _kept(dict(rows[0]._mapping))

    async def month(self, period_start: date) -> list[StatementRow]:
        """The payouts of a month, by venue."""
        rows = await self._database.fetch(_MONTH, {"month": period_start})
        return [StatementRow(**row._mapping) for row in rows]


def statement_facts(found: Facts) -> StatementFacts:
    """What `payouts.statement_facts` answers as values; amounts come as text."""
    is_settled, may_keep = bool(found["is_settled"]), bool(found.get("may_keep"))
    statement = Statement(
        number=found["number"],
        payout=_payout(found["payout"]),
        lines=tuple(_line(line) for line in found["lines"]),
        issuer=_party(found["issuer"]),
        venue=_party(found["venue"]),
        made_at=datetime.fromisoformat(found["made_at"]),
        carried_from=_day(found["carried_from"]),
        is_preview=not (is_settled and may_keep),
    )
    return StatementFacts(statement, is_settled, may_keep)


def _kept(row: Facts) -> KeptDocument:
    return KeptDocument(row["document_id"], row["file_name"], bytes(row["content"]), bytes(row["sha256"]))


def _party(found: Facts) -> Party:
    return Party(
        name=found.get("name") or "",
        address=tuple(str(line) for line in found.get("address") or ()),
        tax_id=found.get("tax_id") or None,
        email=found.get("email") or None,
    )


def _payout(found: Facts) -> Payout:
    sums = Sums(
        **{
            name: Decimal(found[name])
            for name in ("gross", "fee", "adjustments", "carried_in", "carried_out", "net")
        },
        credits=found["credits"],
        bookings=found["bookings"],
    )
    plain = (
        "version", "venue", "timezone", "currency", "adjustment_lines", "hold_reason", "failure", "method", "reference",
        "account_end",
    )  # fmt: skip
    return Payout(
        **{name: found[name] for name in plain},
        id=UUID(found["id"]),
        venue_id=UUID(found["venue_id"]),
        period_start=date.fromisoformat(found["period_start"]),
        period_end=date.fromisoformat(found["period_end"]),
        state=PayoutState(found["state"]),
        sums=sums,
        fee_percentage=Decimal(found["fee_percentage"]),
        credit_value=Decimal(found["credit_value"]),
        sent_at=_instant(found["sent_at"]),
        paid_at=_instant(found["paid_at"]),
        run_id=_id(found["run_id"]),
        statement_id=_id(found["statement_id"]),
        made_at=_instant(found["made_at"]),
    )


def _line(found: Facts) -> PayoutLine:
    plain = ("position", "kind", "code", "activity", "hours_before", "credits", "description")
    return PayoutLine(
        **{name: found[name] for name in plain},
        id=UUID(found["id"]),
        reason=LineReason(found["reason"]) if found["reason"] else None,
        booking_id=_id(found["booking_id"]),
        day=_day(found["day"]),
        words_in=_instant(found["words_in"]),
        words_out=_instant(found["words_out"]),
        gross=Decimal(found["gross"]),
        fee_share=Decimal(found["fee_share"]),
        net=Decimal(found["net"]),
        adjusts_payout_id=_id(found["adjusts_payout_id"]),
        adjusts_period=_day(found["adjusts_period"]),
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)
