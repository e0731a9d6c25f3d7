"""What the approval, application and compliance screens ask of the layers below them.

Every method raises ConsoleErrors only. See docs/design.md, "Screens" (platform) and "Rules of the domain" (compliance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol
from uuid import UUID

from console.domain.compliance import (
    ComplianceCounts,
    ComplianceDue,
    ComplianceRow,
    ComplianceSettings,
    DocumentFile,
    NewDocument,
    Suspended,
)
from console.domain.paging import Page, PageRequest
from console.domain.vetting import (
    Application,
    ApplicationFacts,
    BulkResult,
    CaseCounts,
    CasePage,
    CaseRow,
    CheckedPerson,
    DecisionTemplate,
    ImportedApplication,
    Likeness,
    Requirement,
    RequirementPage,
    SuspensionPreview,
    Verdict,
)


class EvidenceGateway(Protocol):
    """What is filed for a requirement, by the venue or by headquarters for it."""

    async def requirements(self, venue_id: UUID) -> Sequence[RequirementPage]:
        """Every requirement of a venue, in the order of the checklist."""
        ...

    async def look_at_file(self, path: Path, title: str) -> NewDocument:
        """Read a file off the loop. Raises Invalid: what it is and what to do, when it is no safe PDF or picture."""
        ...

    async def file(
        self,
        venue_id: UUID,
        requirement: Requirement,
        facts: Mapping[str, object],
        valid_from: date | None,
        expires_on: date | None,
        note: str,
        documents: Sequence[NewDocument],
    ) -> RequirementPage:
        """File it; one that waited before is replaced. Raises Invalid with the field as its code."""
        ...

    async def withdraw(self, venue_id: UUID, filing_id: UUID, version: int) -> RequirementPage:
        """Take back what waits."""
        ...

    async def put_person(
        self,
        venue_id: UUID,
        person_id: UUID | None,
        version: int,
        first_name: str,
        works_as: str,
        ordered_on: date,
    ) -> CheckedPerson:
        """Add somebody whose background is checked, or set their facts right while nothing came back."""
        ...

    async def person_left(self, venue_id: UUID, person_id: UUID, version: int, on: date) -> None:
        """They work there no longer; their check counts no more."""
        ...

    async def document(self, document_id: UUID) -> DocumentFile:
        """One file; reading it is noted for a reviewer. Raises NotFound."""
        ...

    async def picture(self, file: DocumentFile, page: int, width: int) -> bytes:
        """A page of it as PNG, made off the loop and without running anything in it."""
        ...


class ReinstatementGateway(Protocol):
    """How a suspended venue asks to be opened again."""

    async def suspended(self, venue_id: UUID) -> Suspended | None:
        """Since when it is suspended; None where it is not."""
        ...

    async def ask_reinstatement(self, venue_id: UUID, version: int, note: str) -> CaseRow:
        """Open the case of a suspended venue; its manager or headquarters may."""
        ...


class CaseGateway(EvidenceGateway, Protocol):
    """The approval queue."""

    async def counts(self) -> CaseCounts:
        """The numbers of the tabs."""
        ...

    async def cases(self, request: PageRequest) -> Page[CaseRow]:
        """A page. Filters: tab ("open", "mine", "asked", "decided"), kind, overdue ("yes"). Sorts: due, age, venue."""
        ...

    async def case(self, case_id: UUID) -> CasePage:
        """One case. Raises NotFound."""
        ...

    async def claim(self, case_id: UUID, version: int) -> CaseRow:
        """Take it; a second time it lasts longer. Raises Conflict "claimed" naming who holds it until when."""
        ...

    async def release(self, case_id: UUID, version: int) -> CaseRow:
        """Give it back."""
        ...

    async def next_case(self, after: UUID | None) -> CaseRow | None:
        """Claim the most urgent open one nobody holds, other than `after`; None where there is none."""
        ...

    async def judge(
        self, venue_id: UUID, filing_id: UUID, version: int, accept: bool, reason: str
    ) -> RequirementPage:
        """Accept or decline what was filed. Raises Invalid where something is lacking, Conflict."""
        ...

    async def check_came_back(
        self, venue_id: UUID, person_id: UUID, version: int, clear: bool, on: date, expires_on: date | None
    ) -> CheckedPerson:
        """A background check has its answer."""
        ...

    async def decide(self, case: CaseRow, verdict: Verdict) -> CaseRow:
        """Decide; the venue is told. Raises Conflict ("claimed", "version_changed", "requirement_changed"), Invalid."""
        ...

    async def claim_all(self, cases: Sequence[CaseRow]) -> Sequence[BulkResult]:
        """Claim several, a result each."""
        ...

    async def decide_all(self, cases: Sequence[CaseRow], verdict: Verdict) -> Sequence[BulkResult]:
        """Decide several the same way, a result each; one that is refused keeps none of the others."""
        ...

    async def templates(self, decision: str) -> Sequence[DecisionTemplate]:
        """Words to begin from."""
        ...

    async def likenesses(self, venue_id: UUID) -> Sequence[Likeness]:
        """Venues that may be the same one, the likeliest first."""
        ...

    async def suspension(self, venue_id: UUID, cancel_from: date | None) -> SuspensionPreview:
        """What suspending it would do; writes nothing."""
        ...

    async def suspend(self, preview: SuspensionPreview, reason: str) -> None:
        """Suspend it as looked at. Raises Conflict "plan_changed"."""
        ...


class ComplianceGateway(EvidenceGateway, Protocol):
    """What ends when, over all venues or for one."""

    async def overview(self, request: PageRequest) -> Page[ComplianceRow]:
        """Venues, the soonest end first. Filters: standing, requirement, status. Sorts: next, venue."""
        ...

    async def compliance_counts(self) -> ComplianceCounts:
        """The numbers above it."""
        ...

    async def calendar(self, first: date, last: date) -> Sequence[ComplianceDue]:
        """What ends, is reminded of or suspends from `first` to `last`, by day."""
        ...

    async def settings(self) -> ComplianceSettings:
        """The rules as they are."""
        ...

    async def save_settings(self, settings: ComplianceSettings) -> ComplianceSettings:
        """Change them. Raises Conflict where somebody else did, Invalid, Denied."""
        ...

    async def suspensions(self, settings: ComplianceSettings) -> Sequence[SuspensionPreview]:
        """What those rules would suspend today."""
        ...

    async def export(self, request: PageRequest, path: Path) -> int:
        """The overview as .csv or .xlsx; how many rows."""
        ...


class ApplicationGateway(EvidenceGateway, Protocol):
    """Asking to become a venue."""

    async def applications(self) -> Sequence[Application]:
        """The person's own, newest first."""
        ...

    async def begin(self) -> Application:
        """An empty draft."""
        ...

    async def save(self, application: Application, facts: ApplicationFacts) -> Application:
        """Keep the draft as it is typed. Raises Conflict, Invalid with the field as its code."""
        ...

    async def submit(self, application: Application) -> Application:
        """Hand it in. Raises Invalid naming what is missing."""
        ...

    async def answer(self, application: Application, facts: ApplicationFacts, note: str) -> Application:
        """Send back what headquarters asked for."""
        ...

    async def withdraw_application(self, application: Application) -> Application:
        """Take it back."""
        ...

    async def read_file(self, path: Path) -> Sequence[ImportedApplication]:
        """Look at a CSV or JSON file of applications; writes nothing. Platform only."""
        ...

    async def take_file(self, path: Path) -> Sequence[ImportedApplication]:
        """Take its new rows. The same file again changes nothing."""
        ...
