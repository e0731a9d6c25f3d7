"""Payouts as the finance screens ask for them: reading, making, approving, holding, closing the books.

The documents and the paying have services of their own; here the three are one door. A run carries an id made on the
desk, so that one whose answer was lost is asked for again and made once. See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol
from uuid import UUID

from console.clock import Clock
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.paging import Page, PageRequest
from console.domain.payouts import (
    Attempt,
    BookPeriod,
    Hold,
    Payout,
    PayoutLine,
    Run,
    RunPreview,
    TrailStep,
)
from console.services.retry import Sleep, until_answered
from console.storage.payouts import PayoutQueries


class Statements(Protocol):
    """Who makes the documents."""

    async def statement(self, payout_id: UUID) -> bytes:
        """The statement as a PDF."""
        ...

    async def export(self, payout_id: UUID, path: Path) -> None:
        """The payout and its lines as a file."""
        ...

    async def statements(self, period_start: date, folder: Path, progress: Callable[[int, int], None]) -> int:
        """Every venue's statement of a month."""
        ...


class Paying(Protocol):
    """Who sends the money."""

    async def attempts(self, payout_id: UUID) -> Sequence[Attempt]:
        """Every try to pay a payout."""
        ...

    async def retry(self, payout_id: UUID) -> None:
        """Try once more."""
        ...

    async def settle(self, payout_id: UUID, number: int, *, was_paid: bool, reason: str) -> None:
        """Say what became of a try in doubt."""
        ...

    async def bank_file(self, run: Run, path: Path, *, again: bool = False) -> int:
        """Write a file for the bank."""
        ...

    async def bank_answer(self, path: Path, *, dry: bool) -> Sequence[str]:
        """Read what the bank did."""
        ...


class PayoutService:
    """The payouts a person may see and, on the platform, make. Raises ConsoleErrors only."""

    def __init__(
        self,
        queries: PayoutQueries,
        statements: Statements,
        paying: Paying,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries
        self._statements = statements
        self._paying = paying
        self._clock = clock
        self._sleep = sleep
        self._random_bytes = random_bytes

    async def payouts(self, venue_id: UUID | None, request: PageRequest) -> Page[Payout]:
        """Payouts, the newest month first; of one venue with its open months at the head."""
        return await self._queries.payouts(venue_id, request)

    async def payout(self, payout_id: UUID) -> Payout:
        """One payout. Raises NotFound."""
        return await self._queries.payout(payout_id)

    async def lines(self, payout_id: UUID, request: PageRequest) -> Page[PayoutLine]:
        """Its lines in order; corrections first."""
        return await self._queries.lines(payout_id, request)

    async def counts(self, payout_id: UUID) -> dict[str, int]:
        """How many lines there are of each sort."""
        return await self._queries.counts(payout_id)

    async def trail(self, line_id: UUID) -> Sequence[TrailStep]:
        """How one line came to be, oldest first."""
        return await self._queries.trail(line_id)

    async def statement(self, payout_id: UUID) -> bytes:
        """The statement as a PDF."""
        return await self._statements.statement(payout_id)

    async def export(self, payout_id: UUID, path: Path) -> None:
        """The payout and its lines as .csv or .xlsx."""
        await self._statements.export(payout_id, path)

    async def statements(self, period_start: date, folder: Path, progress: Callable[[int, int], None]) -> int:
        """Write every venue's statement of a month into a folder; how many."""
        return await self._statements.statements(period_start, folder, progress)

    async def preview(self, period_start: date, venue_ids: Sequence[UUID] | None) -> RunPreview:
        """What a run would make; writes nothing."""
        return await self._queries.preview(period_start, venue_ids)

    async def make(self, preview: RunPreview, venue_ids: Sequence[UUID] | None) -> Run:
        """Make what the preview shows; cancelled, nothing is made or all of it is.

        Raises Conflict: "plan_changed" when facts have moved, "books_closed", "month_not_over".
        """
        run_id = uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES))
        call = partial(self._queries.make, run_id, preview.period_start, venue_ids, preview.fingerprint)
        return await until_answered(call, self._sleep)

    async def runs(self) -> Sequence[Run]:
        """The newest runs first."""
        return await self._queries.runs()

    async def approve(self, run: Run) -> Run:
        """Let the run's payouts be paid. Raises Denied "second_person" where somebody else has to."""
        return await self._queries.approve(run.id, run.version)

    async def withdraw(self, run: Run, reason: str) -> Run:
        """Take back a run that is not approved."""
        return await self._queries.withdraw(run.id, run.version, reason)

    async def hold(self, venue_id: UUID, reason: str) -> Hold:
        """Pay this venue nothing until the hold is released."""
        return await self._queries.hold(venue_id, reason)

    async def release(self, hold: Hold, reason: str) -> Hold:
        """Pay it again."""
        return await self._queries.release(hold.id, reason)

    async def holds(self) -> Sequence[Hold]:
        """Holds, those that stand first."""
        return await self._queries.holds()

    async def attempts(self, payout_id: UUID) -> Sequence[Attempt]:
        """Every try to pay a payout, newest first."""
        return await self._paying.attempts(payout_id)

    async def retry(self, payout_id: UUID) -> None:
        """Try a failed or reversed payout again, under a new key."""
        await self._paying.retry(payout_id)

    async def settle(self, payout_id: UUID, number: int, *, was_paid: bool, reason: str) -> None:
        """Say what became of a try in doubt, with a reason that stays on record."""
        await self._paying.settle(payout_id, number, was_paid=was_paid, reason=reason)

    async def bank_file(self, run: Run, path: Path, *, again: bool = False) -> int:
        """Write the run's unpaid payouts as a CSV for the bank; how many. `again`: the lines handed out before."""
        return await self._paying.bank_file(run, path, again=again)

    async def bank_answer(self, path: Path, *, dry: bool) -> Sequence[str]:
        """Read what the bank did; one sentence for each line that did not fit."""
        return await self._paying.bank_answer(path, dry=dry)

    async def books(self) -> Sequence[BookPeriod]:
        """The months of the books, newest first."""
        return await self._queries.months()

    async def close_books(self, period_start: date) -> BookPeriod:
        """Lock a month. Raises Conflict with what is missing."""
        return await self._queries.close_month(period_start)

    async def reopen_books(self, period_start: date, reason: str) -> BookPeriod:
        """Unlock it, with a reason that stays."""
        return await self._queries.reopen_month(period_start, reason)
