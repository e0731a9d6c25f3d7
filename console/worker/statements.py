"""Keeping statements: when a payout is under way, its statement is made and kept without anybody having to open it.

A venue's accountant then finds the final document, and nobody but the platform ever makes one. A worker that ends in
the middle leaves whole statements or none; the next round goes on. See docs/design.md, "Documents".
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from console.reports.statement import statement_pdf
from console.storage.documents import statement_facts
from console.storage.worker import WorkerDatabase

_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Kept:
    """What a round kept, and how many payouts' lines do not come to their sums: those stay without."""

    kept: int
    unsound: int

    @property
    def said(self) -> str:
        """The round in words."""
        words = f"{self.kept:,} {'statement' if self.kept == 1 else 'statements'} kept."
        if self.unsound:
            payouts = "payout" if self.unsound == 1 else "payouts"
            words += f" The lines of {self.unsound:,} {payouts} do not come to the sums: run the check of the books."
        return words if self.kept or self.unsound else "There was nothing to do."


async def keep(database: WorkerDatabase) -> Kept:
    """Make and keep every statement that is missing. Raises ConsoleErrors only."""
    kept = unsound = 0
    after: UUID | None = None
    while True:
        found = await database.fetch(
            "SELECT payout_id, facts FROM app.statements_to_keep(%s, %s)", [after, _AT_ONCE]
        )
        for row in found:
            after = row["payout_id"]
            statement = statement_facts(row["facts"]).statement
            if not statement.adds_up:
                unsound += 1
                continue
            made = await asyncio.to_thread(statement_pdf, statement)
            await database.fetch("SELECT app.keep_statement(%s, %s)", [after, made.pdf])
            kept += 1
        if len(found) < _AT_ONCE:
            return Kept(kept, unsound)
