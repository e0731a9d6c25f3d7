"""Filing what a requirement asks for, with its files, and reading them again.

See docs/design.md, "Rules of the domain" (compliance) and docs/decisions/0023-evidence-files.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

from console.domain import evidence
from console.domain.compliance import DocumentFile, NewDocument
from console.domain.vetting import CheckedPerson, Requirement, RequirementPage, VenueEvent
from console.services import evidence_process
from console.storage.evidence import EvidenceQueries

_LONGEST_TITLE = 150


class EvidenceService:
    """What is filed for a venue's requirements. Every method raises ConsoleErrors only."""

    def __init__(self, evidence_queries: EvidenceQueries) -> None:
        """Nothing is asked before the first call."""
        self._evidence = evidence_queries
        # One file is looked at at a time: each costs a process.
        self._one_at_a_time = asyncio.Semaphore(1)

    async def requirements(self, venue_id: UUID) -> Sequence[RequirementPage]:
        """Every requirement of a venue, in the order of the checklist."""
        return await self._evidence.requirements(venue_id)

    async def history(self, venue_id: UUID) -> Sequence[VenueEvent]:
        """What became of its papers, newest first; who at headquarters decided is left out."""
        return await self._evidence.history(venue_id)

    async def look_at_file(self, path: Path, title: str) -> NewDocument:
        """Read a file off the loop. Raises Invalid: what it is and what to do, when it is no safe PDF or picture."""
        async with self._one_at_a_time:
            content, media_type, pages = await asyncio.to_thread(
                evidence_process.apart, partial(evidence_process.look_at, str(path))
            )
        name = evidence.safe_name(evidence_process.name_of(path), media_type)
        said = " ".join(title.split())[:_LONGEST_TITLE] or name
        return NewDocument(said, name, media_type, content, pages)

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
        return await self._evidence.file(
            venue_id, requirement, facts, valid_from, expires_on, note, documents
        )

    async def withdraw(self, venue_id: UUID, filing_id: UUID, version: int) -> RequirementPage:
        """Take back what waits. Raises Conflict."""
        return await self._evidence.withdraw(venue_id, filing_id, version)

    async def judge(
        self, venue_id: UUID, filing_id: UUID, version: int, accept: bool, reason: str
    ) -> RequirementPage:
        """Accept or decline what was filed. Raises Invalid where something is lacking, Conflict, Denied."""
        return await self._evidence.judge(venue_id, filing_id, version, accept, reason)

    async def put_person(
        self,
        venue_id: UUID,
        person_id: UUID | None,
        version: int,
        first_name: str,
        works_as: str,
        ordered_on: date,
    ) -> CheckedPerson:
        """Add somebody whose background is checked, or set their facts right while nothing came back.

        After an answer it orders a new check; the old answer counts until it runs out.
        """
        return await self._evidence.put_person(venue_id, person_id, version, first_name, works_as, ordered_on)

    async def person_left(self, venue_id: UUID, person_id: UUID, version: int, on: date) -> None:
        """They work there no longer; their check counts no more."""
        await self._evidence.person_left(venue_id, person_id, version, on)

    async def check_came_back(
        self, venue_id: UUID, person_id: UUID, version: int, clear: bool, on: date, expires_on: date | None
    ) -> CheckedPerson:
        """A background check has its answer. Raises Denied for whoever is not of headquarters."""
        return await self._evidence.check_came_back(venue_id, person_id, version, clear, on, expires_on)

    async def document(self, document_id: UUID) -> DocumentFile:
        """One file; reading it is noted for a reviewer. Raises NotFound."""
        return await self._evidence.document(document_id)

    async def picture(self, file: DocumentFile, page: int, width: int) -> bytes:
        """A page of it, counted from 0, as PNG, made off the loop and without running anything in it."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(
                evidence_process.apart, partial(evidence_process.draw, file.content, page, width)
            )
