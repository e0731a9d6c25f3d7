"""Paying as finance people see it, over one database: tries, trying again, the bank's file and its answer.

One statement each, out of `payouts.*` functions, which ask who may. What the worker does is in transfers.py. See
docs/operations.md, "Paying venues".
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from console.domain.bank_file import BankAnswer, BankLine
from console.domain.payouts import Attempt
from console.storage.database import Database

_ATTEMPTS = """SELECT number, method, state, amount, asked_at, answered_at, failure FROM payouts.attempts(:payout_id)"""
_RETRY = "SELECT payouts.retry(:payout_id)"
_SETTLE = "SELECT payouts.settle(:payout_id, :number, :was_paid, :reason)"
_BANK_FILE = """SELECT reference, payee, bank, account_end, amount, currency, period_start
                  FROM payouts.bank_file(:run_id, :again)"""
_BANK_ANSWER = text("SELECT line, fate, said FROM payouts.bank_answer(:answers, :dry)").bindparams(
    bindparam("answers", type_=JSONB)
)


class PayingQueries:
    """Paying venues, for one person at one desk. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def attempts(self, payout_id: UUID) -> list[Attempt]:
        """Every try to pay a payout, newest first. Raises NotFound."""
        rows = await self._database.fetch(_ATTEMPTS, {"payout_id": payout_id})
        return [Attempt(**row._mapping) for row in rows]

    async def retry(self, payout_id: UUID) -> None:
        """Try a failed payout again. Raises Conflict: "not_failed", "attempt_in_doubt", "on_hold", "no_account"."""
        await self._database.fetch(_RETRY, {"payout_id": payout_id})

    async def settle(self, payout_id: UUID, number: int, *, was_paid: bool, reason: str) -> None:
        """Say what became of a try in doubt.

        Raises Denied "second_person", Conflict: "not_in_doubt", "being_asked", "paid_twice".
        """
        await self._database.fetch(
            _SETTLE, {"payout_id": payout_id, "number": number, "was_paid": was_paid, "reason": reason}
        )

    async def bank_file(self, run_id: UUID, *, again: bool) -> list[BankLine]:
        """The payouts of a run for the bank, under way from now on.

        Raises Conflict: "not_approved", "file_written", "nothing_to_pay".
        """
        rows = await self._database.fetch(_BANK_FILE, {"run_id": run_id, "again": again})
        return [BankLine(**row._mapping) for row in rows]

    async def bank_answer(self, answers: Sequence[BankAnswer], *, dry: bool) -> list[tuple[int, str, str]]:
        """Line, fate ("paid", "failed", "returned", "left_out") and a sentence for each, in order."""
        rows = await self._database.fetch(
            _BANK_ANSWER, {"answers": [one.to_json() for one in answers], "dry": dry}
        )
        return [(row.line, row.fate, row.said) for row in rows]
