"""What the screen of the daily integrity check asks of the layers below it.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from console.domain.integrity import IntegrityCheck, IntegrityIssue
from console.domain.paging import Page, PageRequest


class IntegrityGateway(Protocol):
    """The checks and their findings. Raises ConsoleErrors only."""

    async def checks(self) -> Sequence[IntegrityCheck]:
        """Every check, those with open issues first."""
        ...

    async def issues(self, request: PageRequest) -> Page[IntegrityIssue]:
        """Findings, open ones first, newest first. Filters: state, check."""
        ...

    async def check_now(self) -> int:
        """Run every check now; how many issues are open afterwards."""
        ...

    async def assign(self, issue: IntegrityIssue, person_id: UUID | None) -> IntegrityIssue:
        """Say who looks after it; None: nobody."""
        ...

    async def ignore(self, issue: IntegrityIssue, reason: str) -> IntegrityIssue:
        """It is meant to be so, with a reason; it is not reported again."""
        ...

    async def reopen(self, issue: IntegrityIssue) -> IntegrityIssue:
        """Report it again."""
        ...
