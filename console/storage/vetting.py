"""The approval queue over one database: pages, counts, one case, claims and decisions. One statement each.

Everything comes out of `vetting.*` functions, which ask who may; rows become frozen values here and go no further.
See docs/design.md, "Screens" (platform) and "The database" (authorisation, round trips).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from console.domain.paging import Page, PageRequest
from console.domain.vetting import (
    CaseCounts,
    CasePage,
    CaseRow,
    DecisionTemplate,
    Verdict,
)
from console.errors import NotFound
from console.storage.database import Database
from console.storage.evidence_rows import requirement_page
from console.storage.vetting_rows import Candidate, candidates, case_row, event, venue_facts

_CASES = """SELECT * FROM vetting.cases(
    CAST(:filters AS jsonb), :sort, :descending, CAST(:after AS jsonb), :at_most)"""
_COUNTS = "SELECT * FROM vetting.case_counts()"
_PAGE = "SELECT vetting.case_page(:case_id) AS page"
_ROW = "SELECT * FROM vetting.case_row(:case_id)"
_CLAIM = "SELECT * FROM vetting.claim(:case_id, :version)"
_RELEASE = "SELECT * FROM vetting.release(:case_id, :version)"
_NEXT = "SELECT * FROM vetting.next_case(CAST(:after AS uuid))"
_DECIDE = "SELECT * FROM vetting.decide(:case_id, :version, CAST(:verdict AS jsonb))"
_TEMPLATES = "SELECT * FROM vetting.templates(:decision)"
_LIKENESSES = "SELECT vetting.likenesses(:venue_id) AS found"
_FILTERS = ("tab", "kind", "overdue")


@dataclass(frozen=True, slots=True)
class Alike:
    """A venue and those that may be the same, to be ranked."""

    name: str
    address: str
    candidates: Sequence[Candidate]


class CaseQueries:
    """The approval queue. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def cases(self, request: PageRequest) -> Page[CaseRow]:
        """A page. Filters: tab, kind, overdue ("yes"); sorts: due, age (since when it is open), venue, decided."""
        filters = {name: request.filters[name] for name in _FILTERS if request.filters.get(name)}
        rows = await self._rows(
            _CASES,
            filters=json.dumps(filters | {"text": request.text.replace("\x00", "")}),
            sort=request.sort,
            descending=request.descending,
            after=None if request.after is None else json.dumps(list(request.after)),
            # One row more than asked for tells whether there is a next page without counting.
            at_most=request.limit + 1,
        )
        shown = rows[: request.limit]
        after = tuple(shown[-1]["page_key"]) if len(rows) > request.limit else None
        return Page([case_row(row) for row in shown], after)

    async def counts(self) -> CaseCounts:
        """The numbers of the tabs."""
        return CaseCounts(**(await self._rows(_COUNTS))[0])

    async def case(self, case_id: UUID) -> tuple[CasePage, Alike]:
        """One case without its likenesses, and what those are ranked from. Raises NotFound."""
        found = (await self._rows(_PAGE, case_id=case_id))[0]["page"]
        facts = found["facts"]
        page = CasePage(
            row=case_row(found["row"]),
            facts=venue_facts(facts),
            requirements=tuple(requirement_page(one) for one in found["requirements"]),
            history=tuple(event(one) for one in found["history"]),
            likenesses=(),
            evidence_read=(found["evidence_read"][0], found["evidence_read"][1]),
        )
        address = ", ".join(part for part in (facts["address_line1"], facts["city"]) if part)
        return page, Alike(facts["name"], address, candidates(found["candidates"]))

    async def row(self, case_id: UUID) -> CaseRow:
        """One case as its row; the people of the venue may ask too. Raises NotFound."""
        return case_row((await self._rows(_ROW, case_id=case_id))[0])

    async def claim(self, case_id: UUID, version: int) -> CaseRow:
        """Take it. Raises Conflict: "claimed", "decided_already", "version_changed"."""
        return case_row((await self._rows(_CLAIM, case_id=case_id, version=version))[0])

    async def release(self, case_id: UUID, version: int) -> CaseRow:
        """Give it back. Raises the same."""
        return case_row((await self._rows(_RELEASE, case_id=case_id, version=version))[0])

    async def next_case(self, after: UUID | None) -> CaseRow | None:
        """Claim the most urgent open one nobody holds, other than `after`."""
        rows = await self._rows(_NEXT, after=after)
        return case_row(rows[0]) if rows else None

    async def decide(self, case: CaseRow, verdict: Verdict) -> CaseRow:
        """Decide it as it was looked at.

        Raises Conflict ("claimed", "not_claimed", "decided_already", "version_changed", "requirement_changed") and
        Invalid ("not_met", "all_met", "until", "feedback", "incomplete").
        """
        said = {
            "decision": verdict.decision.value,
            # PostgreSQL's text cannot hold it.
            "feedback": verdict.feedback.replace("\x00", ""),
            "waivers": [
                {"requirement": one.requirement.value, "until": one.until.isoformat()}
                for one in verdict.waivers
            ],
            "seen": {kind.value: standing.value for kind, standing in case.standings.items()},
        }
        rows = await self._rows(_DECIDE, case_id=case.id, version=case.version, verdict=json.dumps(said))
        return case_row(rows[0])

    async def templates(self, decision: str) -> list[DecisionTemplate]:
        """Words to begin from."""
        return [DecisionTemplate(**row) for row in await self._rows(_TEMPLATES, decision=decision)]

    async def alike(self, venue_id: UUID) -> Alike:
        """Venues that may be the same one. Raises NotFound."""
        found = (await self._rows(_LIKENESSES, venue_id=venue_id))[0]["found"]
        if found is None:
            raise NotFound("There is no such venue.", code="no_venue")
        return Alike(found["name"], found["address"], candidates(found["candidates"]))

    async def _rows(self, statement: str, **parameters: object) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]
