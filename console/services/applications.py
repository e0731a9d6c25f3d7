"""Asking to become a venue, as its screen asks for it: drafts, answers, and a file of many applications.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from console.domain.vetting import Application, ApplicationFacts, ImportedApplication
from console.services import application_files
from console.services.evidence import EvidenceService
from console.services.likeness import ranked
from console.storage.applications import ApplicationQueries
from console.storage.evidence import EvidenceQueries

_ROWS_AT_ONCE = 200


class ApplicationService(EvidenceService):
    """The applications of one person, with what is filed for them. Raises ConsoleErrors only."""

    def __init__(self, queries: ApplicationQueries, evidence: EvidenceQueries) -> None:
        """Nothing is asked before the first call."""
        super().__init__(evidence)
        self._applications = queries

    async def applications(self) -> Sequence[Application]:
        """The person's own, newest first; to headquarters also imported ones that wait for an answer."""
        return await self._applications.applications()

    async def begin(self) -> Application:
        """An empty draft; one that nobody has typed into is given again."""
        return await self._applications.begin()

    async def save(self, application: Application, facts: ApplicationFacts) -> Application:
        """Keep the draft as it is typed. Raises Conflict, Invalid with the field as its code."""
        return await self._applications.save(application.id, application.version, facts)

    async def submit(self, application: Application) -> Application:
        """Hand it in. Raises Invalid "missing", naming what is."""
        return await self._applications.submit(application.id, application.version)

    async def answer(self, application: Application, facts: ApplicationFacts, note: str) -> Application:
        """Send back what headquarters asked for. Raises Conflict "not_asked"."""
        return await self._applications.answer(application.id, application.version, facts, note.strip())

    async def withdraw_application(self, application: Application) -> Application:
        """Take it back. Raises Conflict "decided_already"."""
        return await self._applications.withdraw(application.id, application.version)

    async def read_file(self, path: Path) -> Sequence[ImportedApplication]:
        """Look at a CSV or JSON file of applications; writes nothing."""
        return await self._import(path, take=False)

    async def take_file(self, path: Path) -> Sequence[ImportedApplication]:
        """Take its new rows, some at a time. The same file again changes nothing, also after one that broke off."""
        return await self._import(path, take=True)

    async def _import(self, path: Path, *, take: bool) -> Sequence[ImportedApplication]:
        found = await asyncio.to_thread(application_files.read, path)
        # Looked at, all rows are compared with each other; taken, a statement stays short, and a row comes once.
        size = _ROWS_AT_ONCE if take else max(len(found.rows), 1)
        answers = [
            one
            for first in range(0, len(found.rows), size)
            for one in await self._applications.import_rows(found.rows[first : first + size], take=take)
        ]
        made = await asyncio.to_thread(
            lambda: [
                ImportedApplication(
                    one.row, one.name, one.fate, one.why, ranked(one.name, one.candidates) if one.name else ()
                )
                for one in answers
            ]
        )
        if found.notes:
            # What had to be guessed is said where it may be wrong.
            made = [
                one if is_plain or one.why else replace(one, why=" ".join(found.notes))
                for one, is_plain in zip(made, application_files.plain(found.rows), strict=True)
            ]
        made += [ImportedApplication(one.line, "", "refused", one.reason) for one in found.rejected]
        return sorted(made, key=lambda one: one.row)
