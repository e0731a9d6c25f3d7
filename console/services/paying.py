"""Paying venues as the payout screens ask for it: tries, trying again, a file for the bank, and its answer.

The file is written beside its place and moved there when it is whole. That its payouts are under way is known to the
database first: where the file then cannot be written, it is written again with the same lines. See docs/operations.md,
"Paying venues".
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from console.domain import bank_file
from console.domain.bank_file import BankLine, NotAnAnswer
from console.domain.payouts import Attempt, Run
from console.errors import FileTrouble, Invalid
from console.storage.paying import PayingQueries


class PayingService:
    """Paying venues for one person at one desk. Raises ConsoleErrors only."""

    def __init__(self, queries: PayingQueries) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries

    async def attempts(self, payout_id: UUID) -> Sequence[Attempt]:
        """Every try to pay a payout, newest first."""
        return await self._queries.attempts(payout_id)

    async def retry(self, payout_id: UUID) -> None:
        """Try a failed or reversed payout again, under a new key."""
        await self._queries.retry(payout_id)

    async def settle(self, payout_id: UUID, number: int, *, was_paid: bool, reason: str) -> None:
        """Say what became of a try in doubt; what was not paid can be tried again. The reason stays on record."""
        await self._queries.settle(payout_id, number, was_paid=was_paid, reason=reason)

    async def bank_file(self, run: Run, path: Path, *, again: bool = False) -> int:
        """Write the run's unpaid payouts as a CSV for the bank; how many. They become processing.

        Raises Conflict "file_written" where that was done: with `again` the same lines are written once more, for a
        bank that never got them.
        """
        draft = path.with_name(f".{path.name}.part")
        # Once begun it is finished, also when the caller goes: payouts under way without a file would wait for ever.
        task = asyncio.ensure_future(self._hand_out(run.id, draft, path, again=again))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            if not task.cancelled():
                task.exception()
            raise

    async def _hand_out(self, run_id: UUID, draft: Path, path: Path, *, again: bool) -> int:
        try:
            # Before anything is under way: a folder that cannot be written to is found now.
            await asyncio.to_thread(draft.touch)
            lines = await self._queries.bank_file(run_id, again=again)
            await asyncio.to_thread(_write, draft, path, lines)
        except OSError as error:
            raise FileTrouble(
                "The file for the bank cannot be written.",
                hint="Choose another folder. If its payouts are under way already, write the file again.",
                code="file_not_written",
            ) from error
        finally:
            await asyncio.to_thread(_discard, draft)
        return len(lines)

    async def bank_answer(self, path: Path, *, dry: bool) -> Sequence[str]:
        """Read what the bank did and mark payouts paid or failed; one sentence for each line that did not fit.

        What fits is recorded together, or with `dry` not at all. Raises Invalid for a file that is no answer of a bank.
        """
        try:
            content = await asyncio.to_thread(_read, path)
            found = bank_file.read(content)
        except OSError as error:
            raise FileTrouble(
                "The file cannot be read.", hint="Choose another file.", code="file_not_read"
            ) from error
        except NotAnAnswer as error:
            raise Invalid(str(error), hint="Nothing was recorded.", code="not_an_answer") from error
        said = await self._queries.bank_answer(found.answers, dry=dry)
        left_out = [*found.problems, *((line, words) for line, fate, words in said if fate == "left_out")]
        return [f"Line {line}: {words}" for line, words in sorted(left_out)]


def _write(draft: Path, path: Path, lines: Sequence[BankLine]) -> None:
    draft.write_bytes(bank_file.write(lines))
    draft.replace(path)


def _discard(draft: Path) -> None:
    with suppress(OSError):
        draft.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(bank_file.MOST_BYTES + 1)
