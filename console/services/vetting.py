"""The approval queue as its screen asks for it: pages, claims, decisions one by one or many, likenesses ranked.

Many at once is one statement each: a row that is refused keeps none of the others, and each has its sentence. See
docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from uuid import UUID

from console.domain.paging import Page, PageRequest
from console.domain.vetting import (
    BulkResult,
    CaseCounts,
    CasePage,
    CaseRow,
    DecisionTemplate,
    Likeness,
    Verdict,
)
from console.errors import Conflict, Invalid, NotFound
from console.services.evidence import EvidenceService
from console.services.likeness import ranked
from console.services.suspensions import SuspensionService
from console.storage.compliance import ComplianceQueries
from console.storage.evidence import EvidenceQueries
from console.storage.vetting import Alike, CaseQueries


class CaseService(EvidenceService, SuspensionService):
    """The approval queue of one reviewer. Raises ConsoleErrors only."""

    def __init__(
        self, queries: CaseQueries, evidence_queries: EvidenceQueries, compliance_queries: ComplianceQueries
    ) -> None:
        """Nothing is asked before the first call."""
        EvidenceService.__init__(self, evidence_queries)
        SuspensionService.__init__(self, compliance_queries)
        self._queries = queries

    async def counts(self) -> CaseCounts:
        """The numbers of the tabs."""
        return await self._queries.counts()

    async def cases(self, request: PageRequest) -> Page[CaseRow]:
        """A page. Filters: tab, kind, overdue ("yes"). Sorts: due, age (oldest first), venue, decided."""
        return await self._queries.cases(request)

    async def case(self, case_id: UUID) -> CasePage:
        """One case. Raises NotFound."""
        page, alike = await self._queries.case(case_id)
        return replace(page, likenesses=await _ranked(alike))

    async def claim(self, case_id: UUID, version: int) -> CaseRow:
        """Take it; a second time it lasts longer. Raises Conflict "claimed" naming who holds it until when."""
        return await self._queries.claim(case_id, version)

    async def release(self, case_id: UUID, version: int) -> CaseRow:
        """Give it back."""
        return await self._queries.release(case_id, version)

    async def next_case(self, after: UUID | None) -> CaseRow | None:
        """Claim the most urgent open one nobody holds, other than `after`; None where there is none."""
        return await self._queries.next_case(after)

    async def decide(self, case: CaseRow, verdict: Verdict) -> CaseRow:
        """Decide; the venue is told. Raises Conflict ("claimed", "version_changed", "requirement_changed"), Invalid."""
        return await self._queries.decide(case, verdict)

    async def claim_all(self, cases: Sequence[CaseRow]) -> Sequence[BulkResult]:
        """Claim several, a result each."""
        return await _each(cases, lambda case: self.claim(case.id, case.version))

    async def decide_all(self, cases: Sequence[CaseRow], verdict: Verdict) -> Sequence[BulkResult]:
        """Decide several the same way, a result each. A database that is gone ends it."""
        return await _each(cases, lambda case: self.decide(case, verdict))

    async def templates(self, decision: str) -> Sequence[DecisionTemplate]:
        """Words to begin from."""
        return await self._queries.templates(decision)

    async def likenesses(self, venue_id: UUID) -> Sequence[Likeness]:
        """Venues that may be the same one, the likeliest first."""
        return await _ranked(await self._queries.alike(venue_id))


async def _ranked(alike: Alike) -> Sequence[Likeness]:
    # Forty names at most; yet importing what compares them takes longer than the window may stand still.
    return await asyncio.to_thread(ranked, alike.name, alike.candidates)


async def _each(
    cases: Sequence[CaseRow], action: Callable[[CaseRow], Awaitable[CaseRow]]
) -> Sequence[BulkResult]:
    made = []
    for case in cases:
        why: str | None = None
        try:
            await action(case)
        except (Conflict, Invalid, NotFound) as error:
            why = error.sentence
        made.append(BulkResult(case.id, case.venue, why is None, why))
    return made
