"""What ends when, over all venues or for one, the rules, and the overview as a file.

See docs/design.md, "Rules of the domain" (compliance) and "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from console.domain.compliance import (
    ComplianceCounts,
    ComplianceDue,
    ComplianceRow,
    ComplianceSettings,
)
from console.domain.paging import Page, PageRequest
from console.domain.vetting import Requirement, Standing, SuspensionPreview
from console.reports.sheets import Cell, SheetColumn
from console.services.evidence import EvidenceService
from console.services.exports import ExportColumn, export
from console.storage.compliance import ComplianceQueries
from console.storage.evidence import EvidenceQueries

_STATUS = {
    "active": "Open",
    "suspended": "Suspended",
    "pending_approval": "Waits for approval",
    "rejected": "Rejected",
}
_STANDING = {
    Standing.MISSING: "Missing",
    Standing.PENDING: "Pending",
    Standing.SATISFIED: "Satisfied",
    Standing.EXPIRING: "Expiring",
    Standing.EXPIRED: "Expired",
    Standing.EXCEPTED: "Excepted",
}


class ComplianceService(EvidenceService):
    """The compliance of the venues a person may edit. Every method raises ConsoleErrors only."""

    def __init__(self, queries: ComplianceQueries, evidence_queries: EvidenceQueries) -> None:
        """Nothing is asked before the first call."""
        super().__init__(evidence_queries)
        self._compliance = queries

    async def overview(self, request: PageRequest) -> Page[ComplianceRow]:
        """Venues, the soonest end first. Filters: standing, requirement, status. Sorts: next, venue."""
        return await self._compliance.overview(request)

    async def compliance_counts(self) -> ComplianceCounts:
        """The numbers above it."""
        return await self._compliance.counts()

    async def calendar(self, first: date, last: date) -> Sequence[ComplianceDue]:
        """What ends, is reminded of or suspends from `first` to `last`, by day."""
        return await self._compliance.calendar(first, last)

    async def settings(self) -> ComplianceSettings:
        """The rules as they are."""
        return await self._compliance.settings()

    async def save_settings(self, settings: ComplianceSettings) -> ComplianceSettings:
        """Change them. Raises Conflict where somebody else did, Invalid, Denied."""
        return await self._compliance.save_settings(settings)

    async def suspensions(self, settings: ComplianceSettings) -> Sequence[SuspensionPreview]:
        """What those rules would suspend today."""
        return await self._compliance.suspensions(settings)

    async def export(self, request: PageRequest, path: Path) -> int:
        """The overview as .csv or .xlsx; how many rows. Raises Invalid, Unavailable."""
        done = await export(path, _columns(), self.overview, request, name="Compliance")
        return done.rows


def _columns() -> list[ExportColumn[ComplianceRow]]:
    columns = [
        ExportColumn[ComplianceRow](SheetColumn("Venue", width=32), lambda row: row.venue),
        ExportColumn[ComplianceRow](SheetColumn("City", width=20), lambda row: row.city),
        ExportColumn[ComplianceRow](SheetColumn("Status"), lambda row: _STATUS.get(row.status, row.status)),
        ExportColumn[ComplianceRow](SheetColumn("Next end", "date"), lambda row: row.next_on),
        ExportColumn[ComplianceRow](SheetColumn("Suspended from", "date"), lambda row: row.suspends_on),
    ]
    for kind in Requirement:
        columns += [
            ExportColumn(SheetColumn(kind.words, width=22), _standing_of(kind)),
            ExportColumn(SheetColumn(f"{kind.words}, until", "date"), _end_of(kind)),
        ]
    return columns


def _standing_of(kind: Requirement) -> Callable[[ComplianceRow], Cell]:
    def cell(row: ComplianceRow) -> Cell:
        found = row.cells.get(kind)
        if found is None:
            return None
        return _STANDING[found.standing] + (", renewal filed" if found.renewal_filed else "")

    return cell


def _end_of(kind: Requirement) -> Callable[[ComplianceRow], Cell]:
    return lambda row: row.cells[kind].expires_on if kind in row.cells else None
