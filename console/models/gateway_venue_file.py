"""What the venue file and the announcements ask of the layers below them. See docs/design.md, "Screens" (platform)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Protocol
from uuid import UUID

from console.domain.compliance import DocumentFile
from console.domain.paging import Page, PageRequest
from console.domain.venue_file import Announcement, Incident, NewAnnouncement, Note, VenueFile
from console.domain.vetting import VenueEvent


class PaperGateway(Protocol):
    """Papers to look at, whoever keeps them."""

    async def document(self, document_id: UUID) -> DocumentFile:
        """One paper."""
        ...

    async def picture(self, file: DocumentFile, page: int, width: int) -> bytes:
        """A page of it, counted from 0, as PNG."""
        ...


class VenueFileGateway(PaperGateway, Protocol):
    """Everything about one venue. Raises ConsoleErrors only."""

    async def file(self, venue_id: UUID) -> VenueFile:
        """One venue. Raises NotFound."""
        ...

    async def events(self, venue_id: UUID, request: PageRequest) -> Page[VenueEvent]:
        """Its history, newest first."""
        ...

    async def add_note(self, venue_id: UUID, body: str) -> Note:
        """A note of headquarters."""
        ...

    async def report_incident(
        self, venue_id: UUID, happened_on: date, severity: str, title: str, body: str
    ) -> Incident:
        """Something went wrong."""
        ...

    async def resolve_incident(self, incident: Incident, resolution: str) -> Incident:
        """What was done about it. Raises Conflict."""
        ...


class AnnouncementGateway(Protocol):
    """What headquarters tells venues."""

    async def announcements(self) -> Sequence[Announcement]:
        """Those that run or will, then the last hundred."""
        ...

    async def announce(self, new: NewAnnouncement) -> Announcement:
        """Tell it. Raises Invalid with the field as its code, Denied."""
        ...

    async def withdraw_announcement(self, announcement: Announcement) -> Announcement:
        """Tell it no longer."""
        ...


class BannerGateway(Protocol):
    """What the person at a venue is to read."""

    async def running(self, venue_id: UUID | None) -> Sequence[Announcement]:
        """Running announcements they have not put away, warnings first."""
        ...

    async def put_away(self, announcement_id: UUID) -> None:
        """They have read it."""
        ...
