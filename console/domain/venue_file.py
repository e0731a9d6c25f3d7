"""Everything about one venue on one page, and what headquarters tells venues.

Frozen values made by storage from the `vetting.file_*` and `vetting.announce*` functions. See docs/design.md,
"Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from console.domain.compliance import ComplianceCell
from console.domain.vetting import CaseRow, Requirement, VenueEvent, VenueFacts


@dataclass(frozen=True, slots=True)
class StaffMember:
    """Somebody who works at the venue. First names only."""

    first_name: str
    role: str
    since: datetime
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class VenueDevice:
    """A workstation of the venue."""

    name: str
    status: str
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A weekly pattern of the venue."""

    activity: str
    pattern: str
    next_on: date | None
    booked: int


@dataclass(frozen=True, slots=True)
class PayoutLineOfFile:
    """A month's payout."""

    period: date
    net: Decimal
    currency: str
    status: str


@dataclass(frozen=True, slots=True)
class FileDocument:
    """A paper of the venue."""

    id: UUID
    title: str
    kind: str
    media_type: str
    added_at: datetime
    pages: int | None = None


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that went wrong. `severity`: minor, serious, critical."""

    id: UUID
    version: int
    happened_on: date
    severity: str
    title: str
    body: str
    reported_by: str
    reported_at: datetime
    resolution: str | None
    resolved_by: str | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Note:
    """A note of headquarters."""

    id: UUID
    body: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry of the audit trail."""

    at: datetime
    by: str | None
    what: str
    entity: str


@dataclass(frozen=True, slots=True)
class VenueFile:
    """One venue."""

    facts: VenueFacts
    requirements: Sequence[tuple[Requirement, ComplianceCell]]
    cases: Sequence[CaseRow]
    staff: Sequence[StaffMember]
    devices: Sequence[VenueDevice]
    series: Sequence[SeriesLine]
    scores: Sequence[tuple[date, Decimal | None]]
    payouts: Sequence[PayoutLineOfFile]
    documents: Sequence[FileDocument]
    incidents: Sequence[Incident]
    notes: Sequence[Note]
    events: Sequence[VenueEvent]
    audit: Sequence[AuditLine]


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something headquarters tells. `tone`: info or warning. `venues` empty: all."""

    id: UUID
    version: int
    title: str
    body: str
    tone: str
    venues: Sequence[tuple[UUID, str]]
    starts_at: datetime
    ends_at: datetime
    created_by: str | None
    withdrawn_at: datetime | None
    read_by: int


@dataclass(frozen=True, slots=True)
class NewAnnouncement:
    """An announcement to be made; None as venues: all."""

    title: str
    body: str
    tone: str
    venue_ids: Sequence[UUID] | None
    starts_at: datetime
    ends_at: datetime
