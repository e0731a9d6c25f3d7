"""Applications to become a venue over one database: drafts, handing in, answers, rows of a file. One statement each.

See docs/design.md, "Screens" (platform) and "The database" (authorisation, round trips).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from console.domain.vetting import Application, ApplicationFacts
from console.storage.database import Database
from console.storage.vetting_rows import Candidate, application, candidates, facts_json

_LIST = "SELECT a AS found FROM vetting.applications() AS a"
_BEGIN = "SELECT a AS found FROM vetting.begin() AS a"
_SAVE = "SELECT a AS found FROM vetting.save(:id, :version, CAST(:facts AS jsonb)) AS a"
_SUBMIT = "SELECT a AS found FROM vetting.submit(:id, :version) AS a"
_ANSWER = "SELECT a AS found FROM vetting.answer(:id, :version, CAST(:facts AS jsonb), :note) AS a"
_WITHDRAW = "SELECT a AS found FROM vetting.withdraw_application(:id, :version) AS a"
_IMPORT = "SELECT * FROM vetting.import_applications(CAST(:rows AS jsonb), :take)"


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What became of one row of a file, with venues that may be the same one."""

    row: int
    name: str
    fate: str
    why: str | None
    candidates: Sequence[Candidate]


class ApplicationQueries:
    """The applications of the person who asks. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def applications(self) -> list[Application]:
        """Newest first."""
        return [application(row["found"]) for row in await self._rows(_LIST)]

    async def begin(self) -> Application:
        """An empty draft."""
        return await self._one(_BEGIN)

    async def save(self, application_id: UUID, version: int, facts: ApplicationFacts) -> Application:
        """Keep a draft. Raises Conflict, Invalid with the field as its code."""
        return await self._one(_SAVE, id=application_id, version=version, facts=json.dumps(facts_json(facts)))

    async def submit(self, application_id: UUID, version: int) -> Application:
        """Hand it in. Raises Invalid "missing"."""
        return await self._one(_SUBMIT, id=application_id, version=version)

    async def answer(
        self, application_id: UUID, version: int, facts: ApplicationFacts, note: str
    ) -> Application:
        """Send back what was asked for. Raises Conflict "not_asked", Invalid."""
        return await self._one(
            _ANSWER,
            id=application_id,
            version=version,
            facts=json.dumps(facts_json(facts)),
            note=note.replace("\x00", ""),
        )

    async def withdraw(self, application_id: UUID, version: int) -> Application:
        """Take it back. Raises Conflict "decided_already"."""
        return await self._one(_WITHDRAW, id=application_id, version=version)

    async def import_rows(self, rows: Sequence[Mapping[str, object]], *, take: bool) -> list[ImportedRow]:
        """What becomes of the rows of a file; with `take` the new ones come in. Raises Denied, Invalid."""
        answers = await self._rows(_IMPORT, rows=json.dumps(list(rows)), take=take)
        return [ImportedRow(**{**row, "candidates": candidates(row["candidates"])}) for row in answers]

    async def _one(self, statement: str, **parameters: object) -> Application:
        return application((await self._rows(statement, **parameters))[0]["found"])

    async def _rows(self, statement: str, **parameters: object) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]
