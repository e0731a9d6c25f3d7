"""What the payout screens ask of the layers below them. See docs/design.md, "Screens" (finance)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol
from uuid import UUID

from console.domain.paging import Page, PageRequest
from console.domain.payouts import Attempt, BookPeriod, Hold, Payout, PayoutLine, Run, RunPreview, TrailStep


class PayoutReads(Protocol):
    """What everybody who may see payouts asks: a venue's finance for its own, the platform for all."""

    async def payouts(self, venue_id: UUID | None, request: PageRequest) -> Page[Payout]:
        """Payouts, the newest month first; of one venue with the open month at the head. Filters: state, period."""
        ...

    async def payout(self, payout_id: UUID) -> Payout:
        """One payout. Raises NotFound."""
        ...

    async def lines(self, payout_id: UUID, request: PageRequest) -> Page[PayoutLine]:
        """Its lines, adjustments first. Filter: reason ("attended", "no_show", "cancelled_late", "adjustment")."""
        ...

    async def counts(self, payout_id: UUID) -> dict[str, int]:
        """How many lines there are of each: "all", "attended", "no_show", "cancelled_late", "adjustment"."""
        ...

    async def trail(self, line_id: UUID) -> Sequence[TrailStep]:
        """How one line came to be, oldest first."""
        ...

    async def statement(self, payout_id: UUID) -> bytes:
        """The statement as a PDF: the bytes handed out, where it was, else a preview made now."""
        ...

    async def export(self, payout_id: UUID, path: Path) -> None:
        """The payout and its lines as .csv or .xlsx, with the same numbers as the statement."""
        ...


class PayoutWork(Protocol):
    """What the platform's finance does."""

    async def preview(self, period_start: date, venue_ids: Sequence[UUID] | None) -> RunPreview:
        """What a run would make; writes nothing."""
        ...

    async def make(self, preview: RunPreview, venue_ids: Sequence[UUID] | None) -> Run:
        """Make or remake the pending payouts of a month. Raises Conflict "plan_changed" when facts have moved."""
        ...

    async def runs(self) -> Sequence[Run]:
        """The newest runs first."""
        ...

    async def approve(self, run: Run) -> Run:
        """Let the run's payouts be paid. Raises Denied where somebody else has to."""
        ...

    async def withdraw(self, run: Run, reason: str) -> Run:
        """Take back a run that is not approved: its pending payouts go."""
        ...

    async def hold(self, venue_id: UUID, reason: str) -> Hold:
        """Pay this venue nothing until the hold is released."""
        ...

    async def release(self, hold: Hold, reason: str) -> Hold:
        """Pay it again."""
        ...

    async def holds(self) -> Sequence[Hold]:
        """Holds, those that stand first."""
        ...

    async def attempts(self, payout_id: UUID) -> Sequence[Attempt]:
        """Every try to pay a payout, newest first."""
        ...

    async def retry(self, payout_id: UUID) -> None:
        """Try a failed or reversed payout again, under a new key."""
        ...

    async def settle(self, payout_id: UUID, number: int, *, was_paid: bool, reason: str) -> None:
        """Say what became of a try in doubt. Raises Denied where somebody else has to, Conflict where it is certain."""
        ...

    async def bank_file(self, run: Run, path: Path, *, again: bool = False) -> int:
        """Write the run's unpaid payouts as a CSV for the bank; how many. They become processing.

        Raises Conflict "file_written" where that was done; `again` writes the same lines, for a bank without them.
        """
        ...

    async def bank_answer(self, path: Path, *, dry: bool) -> Sequence[str]:
        """Read what the bank did and mark payouts paid or failed; one sentence for each line that did not fit."""
        ...

    async def statements(self, period_start: date, folder: Path, progress: Callable[[int, int], None]) -> int:
        """Write every venue's statement of a month into a folder; how many. `progress` hears how many of how many."""
        ...

    async def books(self) -> Sequence[BookPeriod]:
        """The months of the books, newest first."""
        ...

    async def close_books(self, period_start: date) -> BookPeriod:
        """Lock a month: later facts become adjustments of the next. Raises Conflict with what is missing."""
        ...

    async def reopen_books(self, period_start: date, reason: str) -> BookPeriod:
        """Unlock it, with a reason that stays."""
        ...
