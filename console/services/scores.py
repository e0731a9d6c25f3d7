"""Scores as their screens ask for them: one venue, all venues, other weights tried and saved, disputes, files.

See docs/design.md, "Rules of the domain" (scores) and "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from console.domain.paging import Page, PageRequest
from console.domain.scores import (
    Component,
    Dispute,
    Formula,
    Part,
    ScorePage,
    ScoreRow,
    WeekScore,
    Weights,
    WhatIf,
)
from console.domain.scoring import REVISION_WORDS
from console.errors import Invalid
from console.reports.sheets import Cell, SheetColumn
from console.services.exports import ExportColumn, export
from console.storage.scores import ScoreQueries


class ScoreService:
    """What models.gateway_scores asks for. Raises ConsoleErrors only."""

    def __init__(self, queries: ScoreQueries) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries

    async def page(self, venue_id: UUID) -> ScorePage:
        """Everything about one venue's scores."""
        return await self._queries.page(venue_id)

    async def dispute(self, venue_id: UUID, score_id: UUID, component: str, reason: str) -> Dispute:
        """Say something against a score. Raises Conflict where one is open already, Invalid, Denied."""
        if not reason.strip():
            raise Invalid("Say what is wrong with the score.", code="reason")
        return await self._queries.dispute(venue_id, score_id, component, reason.strip())

    async def withdraw(self, dispute: Dispute) -> Dispute:
        """Take it back."""
        return await self._queries.withdraw(dispute.id, dispute.version)

    async def export(self, venue_id: UUID, path: Path) -> int:
        """The weeks with their parts as .csv or .xlsx, the newest first, earlier revisions below their week."""
        page = await self._queries.page(venue_id)
        weeks = sorted([*page.weeks, *page.revisions], key=lambda one: (one.week, one.revision), reverse=True)

        async def fetch(_: PageRequest) -> Page[WeekScore]:
            return Page(weeks, None)

        done = await export(path, _WEEK_COLUMNS, fetch, PageRequest("week"), name="Scores")
        return done.rows

    async def scores(self, request: PageRequest) -> Page[ScoreRow]:
        """A page of all venues."""
        return await self._queries.scores(request)

    async def formula(self) -> Formula:
        """The formula that the next scores are worked out by."""
        return await self._queries.formula()

    async def formulas(self) -> Sequence[Formula]:
        """Every version of it, the newest first."""
        return await self._queries.formulas()

    async def what_if(self, weights: Weights) -> WhatIf:
        """What other weights would make of the newest scores; writes nothing."""
        rows = await self._queries.what_if(weights)
        return WhatIf(
            rows=tuple(rows),
            gains=sum(row.curated_then and not row.curated_now for row in rows),
            losses=sum(row.curated_now and not row.curated_then for row in rows),
            unchanged=sum(row.curated_now == row.curated_then for row in rows),
        )

    async def save_formula(self, formula: Formula, weights: Weights, reason: str) -> Formula:
        """A new version, from the next week on. Raises Conflict, Invalid, Denied."""
        if not reason.strip():
            raise Invalid("Say why the formula changes.", code="reason")
        return await self._queries.save_formula(formula.version, weights, reason.strip())

    async def disputes(self) -> Sequence[Dispute]:
        """The open ones, oldest first, then the newest answered."""
        return await self._queries.disputes()

    async def answer(self, dispute: Dispute, uphold: bool, answer: str) -> Dispute:
        """Answer one; an upheld one works the week out again. Raises Conflict, Invalid, Denied."""
        if not answer.strip():
            raise Invalid("Say what the venue is answered.", code="answer")
        return await self._queries.answer(dispute.id, dispute.version, uphold, answer.strip())

    async def export_all(self, request: PageRequest, path: Path) -> int:
        """The list as .csv or .xlsx; how many rows."""
        return (await export(path, _VENUE_COLUMNS, self._queries.scores, request, name="Scores")).rows


@dataclass(frozen=True)
class _OfPart:
    """A cell of one component of whatever has parts."""

    component: Component
    read: Callable[[Part], Cell]

    def __call__(self, row: WeekScore | ScoreRow) -> Cell:
        """The cell; empty where the row has no such part."""
        part = next((one for one in row.parts if one.component is self.component), None)
        return None if part is None else self.read(part)


def _value(part: Part) -> Decimal | None:
    return part.value


def _good(part: Part) -> int:
    return part.good


def _all(part: Part) -> int:
    return part.all


_PARTS = tuple(
    (SheetColumn(f"{component.words}{title}", "number", width), _OfPart(component, read))
    for component in Component
    for title, width, read in ((", score", 20, _value), (", good", 20, _good), (", of", 18, _all))
)
_WEEK_COLUMNS: tuple[ExportColumn[WeekScore], ...] = (
    ExportColumn(SheetColumn("Week from", "date", 12), lambda row: row.week),
    ExportColumn(SheetColumn("Revision", "number", 10), lambda row: row.revision),
    ExportColumn(
        SheetColumn("Revised because", width=40),
        lambda row: row.revision_reason and REVISION_WORDS.get(row.revision_reason, row.revision_reason),
    ),
    ExportColumn(SheetColumn("Score", "number", 10), lambda row: row.composite),
    ExportColumn(SheetColumn("Change", "number", 10), lambda row: row.change),
    *(ExportColumn[WeekScore](column, cell) for column, cell in _PARTS),
    ExportColumn(SheetColumn("Formula", "number", 10), lambda row: row.formula_version),
)
_VENUE_COLUMNS: tuple[ExportColumn[ScoreRow], ...] = (
    ExportColumn(SheetColumn("Venue", width=30), lambda row: row.venue),
    ExportColumn(SheetColumn("City", width=18), lambda row: row.city),
    ExportColumn(SheetColumn("Category", width=18), lambda row: row.category),
    ExportColumn(SheetColumn("Score", "number", 10), lambda row: row.composite),
    ExportColumn(SheetColumn("Change", "number", 10), lambda row: row.change),
    ExportColumn(SheetColumn("Curated", width=10), lambda row: "yes" if row.is_curated else "no"),
    *(ExportColumn[ScoreRow](column, cell) for column, cell in _PARTS),
    ExportColumn(SheetColumn("Weeks with a score", "number", 12), lambda row: row.weeks),
    ExportColumn(SheetColumn("Open question", width=12), lambda row: "yes" if row.open_dispute else "no"),
)
