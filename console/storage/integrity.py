"""The daily integrity check over one database: the checks, their findings, and settling one. One statement each.

See docs/design.md, "Borrowed from neighbouring systems" (a daily integrity check) and "The database" (authorisation).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text

from console.domain.integrity import IntegrityCheck, IntegrityIssue
from console.domain.paging import Page, PageRequest
from console.storage.database import Database

_CHECKS = "SELECT * FROM books.checks()"
_NOW = "SELECT books.check_now() AS open_issues"
_SETTLE = "SELECT id FROM books.settle_issue(:issue, :version, :become, :why, :assign)"
# Open ones first, then what was ignored, then what is fixed; each the newest first.
_ORDER = "CASE i.state WHEN 'open' THEN 0 WHEN 'ignored' THEN 1 ELSE 2 END"
_ISSUES = f"""
SELECT i.id, i.version, i.check_key AS "check", i.subject_type, i.subject_id, i.subject_key, v.name AS venue, i.detail,
       i.first_seen_at, i.last_seen_at, i.state, i.assigned_to, i.reason, p.first_name AS assignee, {_ORDER} AS rank
  FROM integrity_issues AS i LEFT JOIN venues AS v ON v.id = i.venue_id
  LEFT JOIN books.assignees() AS p ON p.person_id = i.assigned_to
 WHERE (:state = '' OR i.state = :state) AND (:check = '' OR i.check_key = :check)
   AND (:words = '' OR i.detail ILIKE :words OR v.name ILIKE :words OR i.subject_key ILIKE :words)
   AND (CAST(:after_rank AS integer) IS NULL
        OR ({_ORDER}, -extract(epoch FROM i.last_seen_at), i.id)
           > (:after_rank, CAST(:after_seen AS numeric), CAST(:after_id AS uuid)))
 ORDER BY rank, i.last_seen_at DESC, i.id LIMIT :at_most"""  # noqa: S608 - a constant of this module
_ONE = _ISSUES.replace("WHERE (:state", "WHERE i.id = :issue AND (:state")


class IntegrityQueries:
    """The checks of the books. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database, person_id: UUID, person: str) -> None:
        """`person` looks after what is assigned to `person_id`; another's first name comes with the findings."""
        self._database, self._person_id, self._person = database, person_id, person

    async def checks(self) -> list[IntegrityCheck]:
        """Every check, those with open issues first."""
        rows = await self._database.fetch(_CHECKS)
        return [
            IntegrityCheck(r.check_key, r.title, r.explains, r.open_issues, r.ignored, r.last_run_at, None)
            for r in rows
        ]

    async def issues(self, request: PageRequest) -> Page[IntegrityIssue]:
        """A page of findings."""
        after = request.after or (None, None, None)
        rows = await self._database.fetch(
            text(_ISSUES),
            self._facts(request) | {"after_rank": after[0], "after_seen": after[1], "after_id": after[2]},
        )
        last = rows[-1] if len(rows) == request.limit else None
        key = None if last is None else (last.rank, -last.last_seen_at.timestamp(), last.id)
        return Page([self._issue(dict(row._mapping)) for row in rows], key)

    async def issue(self, issue_id: UUID) -> IntegrityIssue | None:
        """One finding; None where there is none."""
        none = {"after_rank": None, "after_seen": None, "after_id": None}
        rows = await self._database.fetch(
            text(_ONE), self._facts(PageRequest("")) | none | {"issue": issue_id}
        )
        return self._issue(dict(rows[0]._mapping)) if rows else None

    async def check_now(self) -> int:
        """Run every check; how many issues are open afterwards."""
        return int((await self._database.fetch(_NOW))[0].open_issues)

    async def settle(
        self, issue: IntegrityIssue, become: str, why: str | None, assign: UUID | None
    ) -> IntegrityIssue:
        """Ignore, open again or assign one finding. Raises Conflict, Invalid, NotFound."""
        facts = {"issue": issue.id, "version": issue.version, "become": become, "why": why, "assign": assign}
        await self._database.fetch(_SETTLE, facts)
        return await self.issue(issue.id) or issue

    @staticmethod
    def _facts(request: PageRequest) -> dict[str, Any]:
        typed = request.text.strip()
        words = (
            "%" + typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" if typed else ""
        )
        return {
            "state": request.filters.get("state", ""),
            "check": request.filters.get("check", ""),
            "words": words,
            "at_most": request.limit,
        }

    def _issue(self, row: Mapping[str, Any]) -> IntegrityIssue:
        assigned = row["assigned_to"]
        return IntegrityIssue(
            id=row["id"],
            version=row["version"],
            check=row["check"],
            subject=f"{row['subject_type']} {str(row['subject_key'])[:13]}",
            subject_id=row["subject_id"],
            venue=row["venue"],
            detail=row["detail"],
            first_seen_at=row["first_seen_at"],
            last_seen_at=row["last_seen_at"],
            state=row["state"],
            assigned_to=None
            if assigned is None
            else self._person
            if assigned == self._person_id
            else row["assignee"] or "Somebody else",
            reason=row["reason"],
        )
