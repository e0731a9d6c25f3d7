"""The checks of the books as their screen asks for them. See docs/design.md, "Screens" (platform)."""

from __future__ import annotations

from uuid import UUID

from console.domain.integrity import IntegrityCheck, IntegrityIssue
from console.domain.paging import Page, PageRequest
from console.errors import Invalid
from console.storage.integrity import IntegrityQueries


class IntegrityService:
    """What models.gateway_integrity.IntegrityGateway asks for. Raises ConsoleErrors only."""

    def __init__(self, queries: IntegrityQueries) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries

    async def checks(self) -> list[IntegrityCheck]:
        """Every check, those with open issues first."""
        return await self._queries.checks()

    async def issues(self, request: PageRequest) -> Page[IntegrityIssue]:
        """Findings, open ones first, newest first. Filters: state, check."""
        return await self._queries.issues(request)

    async def check_now(self) -> int:
        """Run every check now; how many issues are open afterwards."""
        return await self._queries.check_now()

    async def assign(self, issue: IntegrityIssue, person_id: UUID | None) -> IntegrityIssue:
        """Say who looks after it; None: nobody."""
        return await self._queries.settle(issue, issue.state, issue.reason, person_id)

    async def ignore(self, issue: IntegrityIssue, reason: str) -> IntegrityIssue:
        """It is meant to be so, with a reason; it is not reported again."""
        if not reason.strip():
            raise Invalid("Say why this is meant to be so.", code="reason")
        return await self._queries.settle(issue, "ignored", reason.strip(), None)

    async def reopen(self, issue: IntegrityIssue) -> IntegrityIssue:
        """Report it again."""
        return await self._queries.settle(issue, "open", None, None)
