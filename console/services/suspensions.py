"""Suspending a venue as it was looked at, and asking for it to open again.

See docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from console.domain.compliance import Suspended
from console.domain.vetting import CaseRow, SuspensionPreview
from console.storage.compliance import ComplianceQueries


class SuspensionService:
    """What stops a venue's bookings and lets them go on. Every method raises ConsoleErrors only."""

    def __init__(self, compliance_queries: ComplianceQueries) -> None:
        """Nothing is asked before the first call."""
        self._compliance = compliance_queries

    async def suspension(self, venue_id: UUID, cancel_from: date | None) -> SuspensionPreview:
        """What suspending it would do; writes nothing."""
        return await self._compliance.suspension(venue_id, cancel_from)

    async def suspend(self, preview: SuspensionPreview, reason: str) -> None:
        """Suspend it as looked at. Raises Conflict "plan_changed"."""
        await self._compliance.suspend(preview, reason.strip())

    async def suspended(self, venue_id: UUID) -> Suspended | None:
        """Since when it is suspended; None where it is not."""
        return await self._compliance.suspended(venue_id)

    async def ask_reinstatement(self, venue_id: UUID, version: int, note: str) -> CaseRow:
        """Open the case of a suspended venue; its manager or headquarters may."""
        return await self._compliance.ask_reinstatement(venue_id, version, note.strip())
