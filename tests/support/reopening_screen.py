"""A suspended venue for the screens, in memory: since when it is, and what was asked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from console.domain.compliance import Suspended
from console.domain.vetting import CaseRow
from console.errors import Conflict
from tests.support.approval_samples import rows
from tests.support.compliance_screen import VENUE


class FakeReopening:
    """What a suspended venue asks. `refuses`: somebody else asked already."""

    def __init__(self, since: datetime, *, refuses: bool = False) -> None:
        self.found: Suspended | None = Suspended(VENUE, 4, since, "The insurance has ended.")
        self.refuses = refuses
        self.asked: list[tuple[int, str]] = []

    async def suspended(self, venue_id: UUID) -> Suspended | None:
        """Since when."""
        return self.found

    async def ask_reinstatement(self, venue_id: UUID, version: int, note: str) -> CaseRow:
        """Remember what was asked."""
        if self.refuses:
            raise Conflict("Somebody else changed this venue.", code="version_changed")
        self.asked.append((version, note))
        return rows()[0]
