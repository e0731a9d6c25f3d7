"""What the score screens ask of the layers below them. See docs/design.md, "Rules of the domain" (scores)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from uuid import UUID

from console.domain.paging import Page, PageRequest
from console.domain.scores import Dispute, Formula, ScorePage, ScoreRow, Weights, WhatIf


class VenueScores(Protocol):
    """One venue's scores, for its own manager and finance, and for headquarters. Raises ConsoleErrors only."""

    async def page(self, venue_id: UUID) -> ScorePage:
        """Everything about one venue's scores."""
        ...

    async def dispute(self, venue_id: UUID, score_id: UUID, component: str, reason: str) -> Dispute:
        """Say something against a score. Raises Conflict where one is open already, Invalid, Denied."""
        ...

    async def withdraw(self, dispute: Dispute) -> Dispute:
        """Take it back."""
        ...

    async def export(self, venue_id: UUID, path: Path) -> int:
        """The weeks with their parts as .csv or .xlsx; how many."""
        ...


class ScoreGateway(VenueScores, Protocol):
    """Scores over all venues."""

    async def scores(self, request: PageRequest) -> Page[ScoreRow]:
        """A page. Sorts: score, change, venue, city, curated, dispute, and the components. Filters: curated,
        category, insufficient.
        """
        ...

    async def formula(self) -> Formula:
        """The formula that the next scores are worked out by."""
        ...

    async def formulas(self) -> Sequence[Formula]:
        """Every version, the newest first."""
        ...

    async def what_if(self, weights: Weights) -> WhatIf:
        """What other weights would make of the newest scores; writes nothing."""
        ...

    async def save_formula(self, formula: Formula, weights: Weights, reason: str) -> Formula:
        """A new version, from the next week on. Raises Conflict, Invalid, Denied."""
        ...

    async def disputes(self) -> Sequence[Dispute]:
        """The open ones, oldest first, then the newest answered."""
        ...

    async def answer(self, dispute: Dispute, uphold: bool, answer: str) -> Dispute:
        """Answer one; an upheld one works the week out again. Raises Conflict, Invalid, Denied."""
        ...

    async def export_all(self, request: PageRequest, path: Path) -> int:
        """The list as .csv or .xlsx; how many rows."""
        ...
