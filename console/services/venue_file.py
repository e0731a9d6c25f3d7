"""A venue's file as its screen asks for it. See docs/design.md, "Screens" (platform)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Protocol
from uuid import UUID, uuid4

from console.domain.compliance import DocumentFile
from console.domain.paging import Page, PageRequest
from console.domain.venue_file import Incident, Note, VenueFile
from console.domain.vetting import VenueEvent
from console.errors import Invalid
from console.services.retry import Sleep, until_answered
from console.storage.venue_file import VenueFileQueries


class Pictures(Protocol):
    """Who makes pictures of papers: the evidence service."""

    async def picture(self, file: DocumentFile, page: int, width: int) -> bytes:
        """A page as PNG."""
        ...


class VenueFileService:
    """What models.gateway_venue_file.VenueFileGateway asks for. Raises ConsoleErrors only.

    Notes and incidents carry an id made here, so that one whose answer was lost is asked for again and written once.
    """

    def __init__(
        self,
        queries: VenueFileQueries,
        pictures: Pictures,
        *,
        sleep: Sleep = asyncio.sleep,
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries
        self._pictures = pictures
        self._sleep = sleep
        self._new_id = new_id

    async def file(self, venue_id: UUID) -> VenueFile:
        """One venue. Raises NotFound."""
        return await self._queries.file(venue_id)

    async def events(self, venue_id: UUID, request: PageRequest) -> Page[VenueEvent]:
        """Its history, newest first (sort "at", descending)."""
        return await self._queries.events(venue_id, request)

    async def add_note(self, venue_id: UUID, body: str) -> Note:
        """A note of headquarters."""
        if not body.strip():
            raise Invalid("Write the note first.", code="body")
        return await until_answered(
            partial(self._queries.add_note, self._new_id(), venue_id, body), self._sleep
        )

    async def report_incident(
        self, venue_id: UUID, happened_on: date, severity: str, title: str, body: str
    ) -> Incident:
        """Something went wrong."""
        if not title.strip():
            raise Invalid("Say in a few words what happened.", code="title")
        send = partial(
            self._queries.report_incident, self._new_id(), venue_id, happened_on, severity, title, body
        )
        return await until_answered(send, self._sleep)

    async def resolve_incident(self, incident: Incident, resolution: str) -> Incident:
        """What was done about it. Raises Conflict."""
        if not resolution.strip():
            raise Invalid("Say what was done about it.", code="resolution")
        return await self._queries.resolve_incident(incident, resolution)

    async def document(self, document_id: UUID) -> DocumentFile:
        """One of its papers."""
        return await self._queries.document(document_id)

    async def picture(self, file: DocumentFile, page: int, width: int) -> bytes:
        """A page of it as PNG."""
        return await self._pictures.picture(file, page, width)
