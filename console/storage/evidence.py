"""What is filed for a venue's requirements over one database, one statement each.

Everything comes out of `vetting.*` functions, which ask who may. See docs/design.md, "Rules of the domain" (compliance)
and "The database" (authorisation, round trips).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from console.domain.compliance import DocumentFile, NewDocument
from console.domain.vetting import CheckedPerson, Requirement, RequirementPage, VenueEvent
from console.storage.database import Database
from console.storage.evidence_rows import person, requirement_page
from console.storage.vetting_rows import event

__all__ = ["EvidenceQueries", "requirement_page"]

_PAGES = "SELECT vetting.requirements(:venue_id) AS found"
_HISTORY = "SELECT vetting.papers_history(:venue_id) AS found"
_FILE = """SELECT vetting.file(:venue_id, CAST(:kind AS public.requirement_kind), CAST(:facts AS jsonb),
    CAST(:valid_from AS date), CAST(:expires_on AS date), :note, CAST(:papers AS jsonb),
    CAST(:contents AS bytea[])) AS found"""
_WITHDRAW = "SELECT vetting.withdraw_filing(:venue_id, :filing_id, :version) AS found"
_JUDGE = "SELECT vetting.judge(:venue_id, :filing_id, :version, :accept, :reason) AS found"
_PUT = """SELECT vetting.put_person(:venue_id, CAST(:person_id AS uuid), :version, :first_name, :works_as,
    CAST(:ordered_on AS date)) AS found"""
_LEFT = "SELECT vetting.person_left(:venue_id, :person_id, :version, CAST(:left_on AS date))"
_BACK = """SELECT vetting.check_came_back(:venue_id, :person_id, :version, :clear, CAST(:came_on AS date),
    CAST(:expires_on AS date)) AS found"""
_DOCUMENT = "SELECT * FROM vetting.document(:document_id)"


class EvidenceQueries:
    """The papers of the venues a person may edit. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def requirements(self, venue_id: UUID) -> list[RequirementPage]:
        """Every requirement, in the order of the checklist."""
        rows = await self._database.fetch(_PAGES, {"venue_id": venue_id})
        return [requirement_page(one) for one in rows[0].found]

    async def history(self, venue_id: UUID) -> list[VenueEvent]:
        """What became of its papers, newest first."""
        rows = await self._database.fetch(_HISTORY, {"venue_id": venue_id})
        return [event(one) for one in rows[0].found]

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
        """File something. Raises Invalid with the field as its code."""
        papers = [
            {"title": one.title, "file_name": one.file_name, "media_type": one.media_type, "pages": one.pages}
            for one in documents
        ]
        found = await self._found(
            _FILE,
            venue_id=venue_id,
            kind=requirement.value,
            facts=_json(facts),
            valid_from=valid_from,
            expires_on=expires_on,
            note=_plain(note),
            papers=_json(papers),
            contents=[one.content for one in documents],
        )
        return requirement_page(found)

    async def withdraw(self, venue_id: UUID, filing_id: UUID, version: int) -> RequirementPage:
        """Take back what waits. Raises Conflict."""
        found = await self._found(_WITHDRAW, venue_id=venue_id, filing_id=filing_id, version=version)
        return requirement_page(found)

    async def judge(
        self, venue_id: UUID, filing_id: UUID, version: int, accept: bool, reason: str
    ) -> RequirementPage:
        """Accept or decline it. Raises Invalid ("lacks", "reason"), Conflict ("claimed", "filing_decided")."""
        found = await self._found(
            _JUDGE,
            venue_id=venue_id,
            filing_id=filing_id,
            version=version,
            accept=accept,
            reason=_plain(reason),
        )
        return requirement_page(found)

    async def put_person(
        self,
        venue_id: UUID,
        person_id: UUID | None,
        version: int,
        first_name: str,
        works_as: str,
        ordered_on: date,
    ) -> CheckedPerson:
        """Name somebody, or set them right."""
        found = await self._found(
            _PUT,
            venue_id=venue_id,
            person_id=person_id,
            version=version,
            first_name=_plain(first_name),
            works_as=_plain(works_as),
            ordered_on=ordered_on,
        )
        return person(found)

    async def person_left(self, venue_id: UUID, person_id: UUID, version: int, on: date) -> None:
        """Their check counts no more."""
        await self._database.fetch(
            _LEFT, {"venue_id": venue_id, "person_id": person_id, "version": version, "left_on": on}
        )

    async def check_came_back(
        self, venue_id: UUID, person_id: UUID, version: int, clear: bool, on: date, expires_on: date | None
    ) -> CheckedPerson:
        """A check has its answer."""
        found = await self._found(
            _BACK,
            venue_id=venue_id,
            person_id=person_id,
            version=version,
            clear=clear,
            came_on=on,
            expires_on=expires_on,
        )
        return person(found)

    async def document(self, document_id: UUID) -> DocumentFile:
        """One file. Raises NotFound."""
        rows = await self._database.fetch(_DOCUMENT, {"document_id": document_id})
        row = dict(rows[0]._mapping)
        return DocumentFile(**{**row, "content": bytes(row["content"]), "sha256": bytes(row["sha256"])})

    async def _found(self, statement: str, **parameters: object) -> dict[str, Any]:
        rows = await self._database.fetch(statement, parameters)
        return dict(rows[0].found)


def _plain(text: str) -> str:
    # PostgreSQL's text cannot hold it.
    return text.replace("\x00", "")


def _json(value: object) -> str:
    def other(one: object) -> str:
        if isinstance(one, Decimal | date | UUID):
            return str(one)
        raise TypeError(type(one).__name__)

    return json.dumps(value, default=other).replace("\\u0000", "")
