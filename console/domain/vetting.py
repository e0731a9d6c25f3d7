"""What headquarters decides about a venue: applications, cases, and the requirements each has to meet.

Frozen values made by storage from the `vetting.*` functions; instants aware, days by the venue's clock. See
docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

FEEDBACK_LENGTH = 4000
"""The most characters of what a venue is told."""


class Requirement(StrEnum):
    """What a venue has to show, as `public.requirement_kind`, in the order of the checklist."""

    INSURANCE = "insurance"
    BACKGROUND_CHECKS = "background_checks"
    SAFETY_AUDIT = "safety_audit"
    REVERIFICATION = "reverification"
    PAYOUT_ACCOUNT = "payout_account"

    @property
    def words(self) -> str:
        """The requirement as a person reads it."""
        return _REQUIREMENT_WORDS[self]


_REQUIREMENT_WORDS = {
    Requirement.INSURANCE: "Insurance",
    Requirement.BACKGROUND_CHECKS: "Background checks",
    Requirement.SAFETY_AUDIT: "Safety audit",
    Requirement.REVERIFICATION: "Yearly re-verification",
    Requirement.PAYOUT_ACCOUNT: "Payout account",
}


class Standing(StrEnum):
    """Where a requirement stands, as `public.requirement_state`."""

    MISSING = "missing"
    PENDING = "pending"
    SATISFIED = "satisfied"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    EXCEPTED = "excepted"

    @property
    def is_met(self) -> bool:
        """Whether a venue with it can be open: expiring is still valid, an exception is a decision."""
        return self in (Standing.SATISFIED, Standing.EXPIRING, Standing.EXCEPTED)


class CaseKind(StrEnum):
    """What is to be decided."""

    NEW_VENUE = "new_venue"
    YEARLY_CHECK = "yearly_check"
    REINSTATEMENT = "reinstatement"
    RENEWAL = "renewal"

    @property
    def words(self) -> str:
        """The kind as a person reads it."""
        return {
            CaseKind.NEW_VENUE: "New venue",
            CaseKind.YEARLY_CHECK: "Yearly check",
            CaseKind.REINSTATEMENT: "Reinstatement",
            CaseKind.RENEWAL: "Renewal",
        }[self]


class CaseState(StrEnum):
    """Whether headquarters, the venue or nobody has to do something about it."""

    OPEN = "open"
    ASKED = "asked"
    DECIDED = "decided"


class Decision(StrEnum):
    """What a reviewer decides about a case or a venue."""

    APPROVE = "approve"
    EXCEPT = "except"
    """Approve although not all is met: a reason, and until when for each requirement that is not."""
    REJECT = "reject"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """The numbers of the queue's tabs."""

    open: int
    mine: int
    asked: int
    overdue: int


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One item of the queue."""

    id: UUID
    version: int
    venue_id: UUID
    venue: str
    city: str
    """City and state, as in "Portland, OR"."""
    kind: CaseKind
    state: CaseState
    opened_at: datetime
    due_at: datetime
    standings: Mapping[Requirement, Standing]
    claimed_by: str | None
    """First name of whoever holds it now; a claim that ran out is none."""
    claimed_by_me: bool
    claimed_until: datetime | None
    outcome: str | None
    """"approved", "approved_with_exception", "rejected" or "withdrawn"; None until decided."""
    decided_at: datetime | None
    decided_by: str | None

    @property
    def met(self) -> int:
        """How many of the requirements are met."""
        return sum(standing.is_met for standing in self.standings.values())


@dataclass(frozen=True, slots=True)
class FiledDocument:
    """A file put to a filing. `read_at`: when the person who asks first opened it."""

    id: UUID
    title: str
    file_name: str
    media_type: str
    size_bytes: int
    pages: int | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckedPerson:
    """One person whose background is checked. `result`: "pending", "clear" or "failed"."""

    id: UUID
    version: int
    first_name: str
    works_as: str
    ordered_on: date
    result: str
    decided_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Filing:
    """What was filed for a requirement. `state` as `public.filing_state`."""

    id: UUID
    version: int
    requirement: Requirement
    state: str
    facts: Mapping[str, object]
    valid_from: date | None
    expires_on: date | None
    note: str | None
    filed_by: str | None
    filed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    reason: str | None
    documents: Sequence[FiledDocument] = ()


@dataclass(frozen=True, slots=True)
class RequirementPage:
    """One requirement of a venue with all that is known of it.

    `says` is one sentence made of its numbers ("Hartwell Mutual, cover 2,000,000 USD, needs 1,000,000. Ends 14 Nov
    2026."), `lacks` what keeps the waiting filing from being accepted (empty: nothing).
    """

    requirement: Requirement
    version: int
    standing: Standing
    says: str
    expires_on: date | None
    excepted_until: date | None
    exception_reason: str | None
    decided_by: str | None
    decided_at: datetime | None
    reminders: Sequence[int]
    """How many days before the expiry reminders went out."""
    reminded_at: datetime | None
    current: Filing | None
    waiting: Filing | None
    people: Sequence[CheckedPerson] = ()
    lacks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class VenueEvent:
    """One line of a venue's history. `kind` is a key of `words_of_event`."""

    id: UUID
    kind: str
    says: str
    reason: str | None
    by: str | None
    at: datetime
    requirement: Requirement | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another venue that may be the same. `score` 0 to 100; `alike`: name, address, phone, tax number."""

    venue_id: UUID
    venue: str
    city: str
    status: str
    score: float
    alike: Sequence[str]


@dataclass(frozen=True, slots=True)
class VenueFacts:
    """What a reviewer reads about a venue beside its requirements."""

    id: UUID
    version: int
    name: str
    status: str
    legal_name: str | None
    tax_number: str | None
    category: str | None
    description: str | None
    address: str
    city: str
    timezone: str
    contact: str | None
    email: str | None
    phone: str | None
    website: str | None
    activities: int
    ages: str
    fee_percent: Decimal
    booked: int
    """Bookings still to come."""
    suspended_at: datetime | None
    suspension_reason: str | None
    missing: Sequence[str]
    """What an open venue must have and this one lacks."""


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case with everything that is decided from."""

    row: CaseRow
    facts: VenueFacts
    requirements: Sequence[RequirementPage]
    history: Sequence[VenueEvent]
    likenesses: Sequence[Likeness]
    evidence_read: tuple[int, int]
    """How many of the requirements with documents the person who asks has read, and of how many."""


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception asked for: which requirement, and until when it is waived."""

    requirement: Requirement
    until: date


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision about one case."""

    decision: Decision
    feedback: str = ""
    waivers: Sequence[Waiver] = ()


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What became of one row of a bulk action; `why` is a sentence where it was refused."""

    case_id: UUID
    venue: str
    done: bool
    why: str | None


@dataclass(frozen=True, slots=True)
class DecisionTemplate:
    """Words to begin from. `decision`: reject, ask, suspend, reinstate, decline, except."""

    id: UUID
    version: int
    decision: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class HitSession:
    """A coming session that a suspension would cancel, or leave."""

    session_id: UUID
    activity: str
    starts_at: datetime
    bookings: int
    credits: int


@dataclass(frozen=True, slots=True)
class SuspensionPreview:
    """What suspending does to what is booked. `cancel_from`: sessions from that day on are cancelled; None: none is."""

    venue_id: UUID
    version: int
    cancel_from: date | None
    stays: Sequence[HitSession]
    cancelled: Sequence[HitSession]
    fingerprint: str
    venue: str = ""
    """The venue's name, for a list of several."""
    timezone: str = ""
    """Where its sessions take place: their hours are told in it."""

    @property
    def bookings(self) -> int:
        """How many bookings would be cancelled."""
        return sum(hit.bookings for hit in self.cancelled)

    @property
    def credits(self) -> int:
        """How many credits would go back."""
        return sum(hit.credits for hit in self.cancelled)


@dataclass(frozen=True, slots=True)
class ApplicationFacts:
    """What an applicant says. Everything may be missing in a draft."""

    name: str = ""
    legal_name: str = ""
    tax_number: str = ""
    category: str = ""
    description: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    state_code: str = ""
    postal_code: str = ""
    country: str = "USA"
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    timezone: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    website_url: str = ""
    ages_from: int | None = None
    ages_to: int | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """One application. `missing` is what keeps it from being handed in, in the words of the form's labels."""

    id: UUID
    version: int
    state: str
    facts: ApplicationFacts
    missing: Sequence[str]
    venue_id: UUID | None
    submitted_at: datetime | None
    updated_at: datetime
    case: CaseRow | None
    feedback: str | None
    """What headquarters asked for or said last."""


@dataclass(frozen=True, slots=True)
class ImportedApplication:
    """One row of an import: taken, already there, or refused with a sentence."""

    row: int
    name: str
    fate: str
    """"new", "known" or "refused"."""
    why: str | None
    likenesses: Sequence[Likeness] = field(default=())
