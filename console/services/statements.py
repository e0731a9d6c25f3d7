"""Statements as the payout screens ask for them: the document that was handed out, a preview, files, a month's batch.

Whoever pays makes a statement final: the first time the platform's finance opens, saves or prints the statement of a
payout that can no longer change, its bytes are kept, and everybody sees those ever after. Until then it is a preview
and says so. See docs/design.md, "Documents" and "Screens" (finance).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from functools import partial
from itertools import count
from pathlib import Path
from uuid import UUID

from console.domain.documents import Printed
from console.domain.paging import Page, PageRequest
from console.domain.statements import Statement, StatementFacts, StatementRow
from console.errors import BugError
from console.reports.sheets import Cell, SheetColumn
from console.services.documents import Press, at_once, file_name, write
from console.services.exports import ExportColumn, export
from console.services.papers import statement_paper
from console.storage.documents import DocumentQueries

Progress = Callable[[int, int], None]
_AT_ONCE = 3
"""How many statements of a batch are under way: their facts come from the database while others are drawn."""


class StatementService:
    """Statements of the payouts a person may see. Raises ConsoleErrors only."""

    def __init__(self, queries: DocumentQueries) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries

    async def statement(self, payout_id: UUID) -> bytes:
        """The statement as a PDF: the bytes handed out, where it was, else a preview made now. Raises NotFound."""
        return (await self.printed(payout_id)).pdf

    async def printed(self, payout_id: UUID) -> Printed:
        """The same, with the letters that no font here could draw; those of a kept one are not known any more."""
        async with Press(statement_paper, expected=1) as press:
            return await self._printed(payout_id, press)

    async def export(self, payout_id: UUID, path: Path) -> None:
        """The statement's lines as .csv or .xlsx; their "Net" adds up to what is paid.

        Raises Invalid for another ending, Unavailable where the file cannot be written.
        """
        facts = await self._queries.facts(payout_id)
        _require_sound(facts)
        statement = facts.statement
        heads, lines = await asyncio.to_thread(_table, statement)
        columns = [ExportColumn(column, partial(_cell, at)) for at, column in enumerate(heads)]

        async def fetch(_request: PageRequest) -> Page[tuple[Cell, ...]]:
            return Page(lines, None)

        await export(path, columns, fetch, PageRequest(sort="position"), name=statement.number)

    async def statements(
        self, period_start: date, folder: Path, progress: Progress = lambda _done, _all: None
    ) -> int:
        """Write the statement of every payout of a month into a folder; how many.

        `progress` is told how many are written, and of how many. A batch that is cancelled leaves whole files only.
        """
        found = await self._queries.month(period_start)
        written = count(1)
        async with Press(statement_paper, expected=sum(row.document_id is None for row in found)) as press:

            async def one(row: StatementRow) -> None:
                made = await self._printed(row.payout_id, press)
                name = file_name(row.venue, row.number if made.is_final else f"{row.number} preview")
                await write(folder, name, made.pdf)
                progress(next(written), len(found))

            await at_once([partial(one, row) for row in found], _AT_ONCE)
        return len(found)

    async def _printed(self, payout_id: UUID, press: Press[Statement, Printed]) -> Printed:
        kept = await self._queries.kept(payout_id)
        if kept is not None:
            return Printed(kept.content, is_final=True)
        facts = await self._queries.facts(payout_id)
        _require_sound(facts)
        made = await press.one(facts.statement)
        if facts.statement.is_preview:
            return made
        stored = await self._queries.keep(payout_id, made.pdf)
        return Printed(stored.content, made.pages, made.missing, is_final=True)


def _table(statement: Statement) -> tuple[tuple[SheetColumn, ...], list[tuple[Cell, ...]]]:
    from console.reports.statement import SHEET, rows

    return SHEET, list(rows(statement))


def _require_sound(facts: StatementFacts) -> None:
    # What does not add up is not put on paper; the daily check names it.
    if facts.is_settled and not facts.statement.adds_up:
        raise BugError(
            "The lines of this payout do not come to its sums, so it has no statement.",
            hint="Run the check of the books.",
        )


def _cell(at: int, row: tuple[Cell, ...]) -> Cell:
    return row[at]
