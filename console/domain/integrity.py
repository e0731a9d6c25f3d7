"""What the daily check of money and attendance found, and what became of it.

Frozen values made by storage from the `books.*` functions. See docs/design.md, "Borrowed from neighbouring systems" (a
daily integrity check).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class IntegrityCheck:
    """One kind of check: how often it ran, and how many issues are open."""

    key: str
    title: str
    explains: str
    open_issues: int
    ignored: int
    last_run_at: datetime | None
    rows_checked: int | None


@dataclass(frozen=True, slots=True)
class IntegrityIssue:
    """One finding."""

    id: UUID
    version: int
    check: str
    subject: str
    subject_id: UUID | None
    venue: str | None
    detail: str
    first_seen_at: datetime
    last_seen_at: datetime
    state: str
    """"open", "fixed" or "ignored"."""
    assigned_to: str | None
    reason: str | None
