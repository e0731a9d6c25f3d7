"""Which venues' papers run out, when, and what happens then.

Frozen values made by storage from the `vetting.*` functions. See docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from console.domain.vetting import Requirement, Standing

REMINDER_DAYS = (30, 14, 7)
"""How many days before the expiry a venue is reminded, once each."""

MOST_BYTES = 20 * 1024 * 1024
"""The largest file that is taken as evidence."""


@dataclass(frozen=True, slots=True)
class ComplianceCell:
    """One requirement of one venue in the overview."""

    standing: Standing
    expires_on: date | None
    renewal_filed: bool
    reminders: Sequence[int]


@dataclass(frozen=True, slots=True)
class ComplianceRow:
    """One venue of the overview, the soonest end first. `suspends_on`: where it would be suspended by itself."""

    venue_id: UUID
    venue: str
    city: str
    status: str
    cells: Mapping[Requirement, ComplianceCell]
    next_on: date | None
    suspends_on: date | None


@dataclass(frozen=True, slots=True)
class ComplianceDue:
    """Something that ends on a day: an entry of the calendar. `what`: "expires", "suspends", "reminder"."""

    on: date
    venue_id: UUID
    venue: str
    requirement: Requirement
    what: str
    standing: Standing
    renewal_filed: bool


@dataclass(frozen=True, slots=True)
class ComplianceCounts:
    """How many venues lack something, by standing of their worst requirement."""

    missing: int
    pending: int
    expiring: int
    expired: int
    satisfied: int


@dataclass(frozen=True, slots=True)
class ComplianceSettings:
    """The numbers of the rules, as platform_settings keeps them."""

    version: int
    insurance_minimum: int
    audit_minimum: int
    reverification_months: int
    suspends: bool
    grace_days: int


@dataclass(frozen=True, slots=True)
class Suspended:
    """Since when a venue takes no new bookings, and why."""

    venue_id: UUID
    version: int
    since: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A file that was looked at and may be sent: what it is was told by its bytes, never by its name."""

    title: str
    file_name: str
    media_type: str
    content: bytes
    pages: int | None


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A kept file as it was handed in."""

    id: UUID
    file_name: str
    media_type: str
    content: bytes
    sha256: bytes
    added_at: datetime
