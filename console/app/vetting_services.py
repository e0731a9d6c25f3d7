"""What the screens about venues ask of the server, each made when the first of them needs it.

Loading a storage module takes time, and most people have few of these screens.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.services.announcements import AnnouncementService
    from console.services.applications import ApplicationService
    from console.services.compliance import ComplianceService
    from console.services.feedback import FeedbackService
    from console.services.scores import ScoreService
    from console.services.venue_file import VenueFileService
    from console.services.vetting import CaseService
    from console.storage.compliance import ComplianceQueries
    from console.storage.database import Database
    from console.storage.evidence import EvidenceQueries


class VettingServices:
    """Services over one person's connection."""

    def __init__(self, database: Database) -> None:
        """Nothing is made yet."""
        self._database = database

    @cached_property
    def cases(self) -> CaseService:
        """The approval queue."""
        from console.services.vetting import CaseService
        from console.storage.vetting import CaseQueries

        return CaseService(CaseQueries(self._database), self._evidence, self._compliance)

    @cached_property
    def papers(self) -> ComplianceService:
        """What ends when, and the papers of one venue."""
        from console.services.compliance import ComplianceService

        return ComplianceService(self._compliance, self._evidence)

    @cached_property
    def applications(self) -> ApplicationService:
        """Asking to become a venue."""
        from console.services.applications import ApplicationService
        from console.storage.applications import ApplicationQueries

        return ApplicationService(ApplicationQueries(self._database), self._evidence)

    @cached_property
    def scores(self) -> ScoreService:
        """Weekly scores."""
        from console.services.scores import ScoreService
        from console.storage.scores import ScoreQueries

        return ScoreService(ScoreQueries(self._database))

    @cached_property
    def reviews(self) -> FeedbackService:
        """What parents wrote."""
        from console.services.feedback import FeedbackService
        from console.storage.feedback import FeedbackQueries

        return FeedbackService(FeedbackQueries(self._database))

    @cached_property
    def files(self) -> VenueFileService:
        """Everything about one venue."""
        from console.services.venue_file import VenueFileService
        from console.storage.venue_file import VenueFileQueries

        return VenueFileService(VenueFileQueries(self._database), self.papers)

    @cached_property
    def announcing(self) -> AnnouncementService:
        """What headquarters tells."""
        from console.services.announcements import AnnouncementService
        from console.storage.announcements import AnnouncementQueries

        return AnnouncementService(AnnouncementQueries(self._database))

    @cached_property
    def _evidence(self) -> EvidenceQueries:
        from console.storage.evidence import EvidenceQueries

        return EvidenceQueries(self._database)

    @cached_property
    def _compliance(self) -> ComplianceQueries:
        from console.storage.compliance import ComplianceQueries

        return ComplianceQueries(self._database)
