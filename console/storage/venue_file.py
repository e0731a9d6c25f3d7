"""One venue's file over one database: everything in one statement, its history by pages, notes, incidents and papers.

Everything comes out of `vetting.*` functions, which ask who may. See docs/design.md, "Screens" (platform) and "The
database" (authorisation, round trips).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from console.domain.compliance import DocumentFile
from console.domain.paging import Page, PageRequest
from console.domain.venue_file import Incident, Note, VenueFile
from console.domain.vetting import VenueEvent
from console.errors import Invalid
from console.storage.database import Database
from console.storage.venue_file_rows import document, incident, note, venue_file
from console.storage.vetting_rows import event

_FILE = "SELECT vetting.venue_file(:venue_id) AS found"
_EVENTS = """SELECT * FROM vetting.file_events(
    :venue_id, CAST(:after_at AS timestamptz), CAST(:after_id AS uuid), :at_most)"""
_NOTE = "SELECT vetting.add_note(:note_id, :venue_id, :body) AS found"
_REPORT = "SELECT vetting.report_incident(:incident_id, :venue_id, :on, :severity, :title, :body) AS found"
_RESOLVE = "SELECT vetting.resolve_incident(:incident_id, :version, :resolution) AS found"
_DOCUMENT = "SELECT * FROM vetting.file_document(:document_id)"
_MOST = 4999


class VenueFileQueries:
    """Venue files for headquarters. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def file(self, venue_id: UUID) -> VenueFile:
        """Everything about one venue. Raises NotFound, Denied."""
        return venue_file((await self._rows(_FILE, venue_id=venue_id))[0]["found"])

    async def events(self, venue_id: UUID, request: PageRequest) -> Page[VenueEvent]:
        """A page of its history, newest first. Raises Invalid for another order."""
        if request.sort != "at" or not request.descending:
            raise Invalid("This list cannot be sorted like that.", code="unknown_sort")
        limit = min(request.limit, _MOST)
        at, last = request.after or (None, None)
        rows = await self._rows(_EVENTS, venue_id=venue_id, after_at=at, after_id=last, at_most=limit + 1)
        shown = rows[:limit]
        after = (shown[-1]["at"], shown[-1]["id"]) if len(rows) > limit else None
        return Page([event({**row, "id": str(row["id"])}) for row in shown], after)

    async def add_note(self, note_id: UUID, venue_id: UUID, body: str) -> Note:
        """Add a note; sent again it is added once. Raises Invalid "body"."""
        rows = await self._rows(_NOTE, note_id=note_id, venue_id=venue_id, body=_plain(body))
        return note(rows[0]["found"])

    async def report_incident(
        self, incident_id: UUID, venue_id: UUID, happened_on: date, severity: str, title: str, body: str
    ) -> Incident:
        """Write it down; sent again it is written once. Raises Invalid with the field as its code."""
        rows = await self._rows(
            _REPORT,
            incident_id=incident_id,
            venue_id=venue_id,
            on=happened_on,
            severity=severity,
            title=_plain(title),
            body=_plain(body),
        )
        return incident(rows[0]["found"])

    async def resolve_incident(self, one: Incident, resolution: str) -> Incident:
        """Say what was done. Raises Conflict "resolved" naming who was faster, Invalid "resolution"."""
        rows = await self._rows(
            _RESOLVE, incident_id=one.id, version=one.version, resolution=_plain(resolution)
        )
        return incident(rows[0]["found"])

    async def document(self, document_id: UUID) -> DocumentFile:
        """One of its papers. Raises NotFound."""
        return document((await self._rows(_DOCUMENT, document_id=document_id))[0])

    async def _rows(self, statement: str, **parameters: object) -> list[Mapping[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]


def _plain(words: str) -> str:
    # PostgreSQL's text cannot hold it.
    return words.replace("\x00", "")
