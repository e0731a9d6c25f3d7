"""A venue's file in memory, for tests and pictures of its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

from PIL import Image

from console.domain.compliance import ComplianceCell, DocumentFile
from console.domain.listing import VenueRow
from console.domain.paging import Page, PageRequest
from console.domain.venue_file import (
    AuditLine,
    FileDocument,
    Incident,
    Note,
    PayoutLineOfFile,
    SeriesLine,
    StaffMember,
    VenueDevice,
    VenueFile,
)
from console.domain.vetting import CaseKind, CaseRow, CaseState, Requirement, Standing, VenueEvent, VenueFacts
from console.errors import ConsoleError, NotFound
from tests.support.today_samples import NOW

VENUE_ID = UUID(int=0x900)
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh House of Music, Movement and Play"
ROWS = [
    VenueRow(VENUE_ID, "Cedar Street Makers", "Portland, OR", "active", "America/Los_Angeles", "17.5 %", ()),
    VenueRow(
        UUID(int=0x901), "Alder Hall", "Salem, OR", "suspended", "America/Los_Angeles", "15 %", ("insurance",)
    ),
]
FACTS = VenueFacts(
    id=VENUE_ID, version=4, name="Cedar Street Makers", status="active", legal_name="Cedar Street Makers LLC",
    tax_number="93-1234567", category="arts_and_crafts", description="Woodwork and electronics for children.",
    address="12 Cedar Street, Portland, OR 97209", city="Portland, OR", timezone="America/Los_Angeles",
    contact="Hannah", email="hello@cedar.example", phone="(503) 555-0190", website=None, activities=6,
    ages="7 to 14", fee_percent=Decimal("17.5"), booked=42, suspended_at=None, suspension_reason=None, missing=(),
)  # fmt: skip
_STANDINGS = dict(
    zip(Requirement, (Standing.SATISFIED, Standing.PENDING, Standing.SATISFIED, Standing.EXPIRING, Standing.SATISFIED),
        strict=True)
)  # fmt: skip


def event(number: int, kind: str, says: str, **facts: Any) -> VenueEvent:
    """A line of the history of `number` days ago."""
    made = VenueEvent(
        UUID(int=0xE000 + number), kind, says, None, "Amara", NOW - timedelta(days=number), None
    )
    return replace(made, **facts)


def incident(number: int, **facts: Any) -> Incident:
    """An incident that is not resolved."""
    made = Incident(
        id=UUID(int=0xC000 + number), version=1, happened_on=date(2026, 3, 8), severity="serious",
        title="A saw without its guard", body="A parent sent a photograph of the bench saw.", reported_by="Amara",
        reported_at=NOW - timedelta(days=3), resolution=None, resolved_by=None, resolved_at=None,
    )  # fmt: skip
    return replace(made, **facts)


def case() -> CaseRow:
    """The yearly check that is open."""
    return CaseRow(
        id=UUID(int=0xD001), version=2, venue_id=VENUE_ID, venue=FACTS.name, city=FACTS.city,
        kind=CaseKind.YEARLY_CHECK, state=CaseState.OPEN, opened_at=NOW - timedelta(days=2),
        due_at=NOW + timedelta(days=3), standings=_STANDINGS, claimed_by=None, claimed_by_me=False,
        claimed_until=None, outcome=None, decided_at=None, decided_by=None,
    )  # fmt: skip


def venue_file(**facts: Any) -> VenueFile:
    """A venue with something in every section."""
    cells = {
        kind: ComplianceCell(
            standing, date(2026, 3, 26) if kind is Requirement.REVERIFICATION else None, False, ()
        )
        for kind, standing in _STANDINGS.items()
    }
    cells[Requirement.REVERIFICATION] = replace(cells[Requirement.REVERIFICATION], reminders=(14, 30))
    monday = date(2026, 3, 2)
    made = VenueFile(
        facts=FACTS,
        requirements=tuple((kind, cells[kind]) for kind in Requirement),
        cases=(case(),),
        staff=(
            StaffMember("Hannah", "manager", NOW - timedelta(days=300), NOW - timedelta(hours=1)),
            StaffMember("Omar", "front_desk", NOW - timedelta(days=40), None),
        ),
        devices=(VenueDevice("Desk 1", "active", NOW - timedelta(minutes=5)), VenueDevice("Old desk", "revoked", None)),
        series=(SeriesLine("Woodwork", "Mon, Wed 15:30, 60 min", date(2026, 3, 16), 9),
                SeriesLine("Robotics", "Sat 09:00, 45 min, every 2 weeks", None, 0)),
        scores=tuple(
            (monday - timedelta(weeks=at), None if at == 4 else Decimal(74 - at) + Decimal("0.6")) for at in range(12)
        ),
        payouts=(PayoutLineOfFile(date(2026, 2, 1), Decimal("1234.50"), "USD", "paid"),
                 PayoutLineOfFile(date(2026, 1, 1), Decimal("980.00"), "USD", "on_hold")),
        documents=(
            FileDocument(UUID(int=0xF001), "Certificate HM-20871-04", "insurance", "application/pdf", NOW, 2),
            FileDocument(UUID(int=0xF002), "Bench", "safety_audit", "image/png", NOW - timedelta(days=9), 1),
            FileDocument(UUID(int=0xF003), "statement-2026-02.pdf", "statement", "application/pdf", NOW),
        ),
        incidents=(incident(1), incident(2, title="A late start", severity="minor", resolution="They said sorry.",
                                         resolved_by="Amara", resolved_at=NOW - timedelta(days=1))),
        notes=(Note(UUID(int=0xAB), "They answer the phone after three.", "Amara", NOW - timedelta(days=2)),),
        events=(event(2, "case_opened", "The yearly check was opened", by=None),
                event(9, "filing_accepted", "Insurance was accepted"),
                event(300, "approved", "The venue was approved", reason="All five requirements are met.")),
        audit=(AuditLine(NOW - timedelta(hours=3), "Hannah", "update", "activity"),
               AuditLine(NOW - timedelta(hours=4), None, "insert", "payout_line")),
    )  # fmt: skip
    return replace(made, **facts)


def bare() -> VenueFile:
    """A venue of which nothing is known but its name."""
    facts = replace(FACTS, name="New place", status="pending_approval", missing=("address", "insurance"))
    names = (
        "cases", "staff", "devices", "series", "scores", "payouts", "documents", "incidents", "notes", "events",
        "audit", "requirements",
    )  # fmt: skip
    nothing: dict[str, Any] = dict.fromkeys(names, ())
    return venue_file(facts=facts, **nothing)


def picture() -> bytes:
    """A page."""
    made = BytesIO()
    Image.new("RGB", (300, 400), "white").save(made, "PNG")
    return made.getvalue()


class FakeVenueFile:
    """A VenueFileGateway. `failure` is raised once, by whatever is asked next."""

    def __init__(self, known: VenueFile | None = None) -> None:
        self.known: VenueFile | None = known or venue_file()
        self.older: list[VenueEvent] = []
        self.failure: ConsoleError | None = None
        self.done: list[tuple[object, ...]] = []
        self.page_rows = 200

    async def venues(self, _request: PageRequest) -> Page[VenueRow]:
        return Page(ROWS, None)

    async def file(self, venue_id: UUID) -> VenueFile:
        self._ask()
        if self.known is None:
            raise NotFound("There is no such venue.", code="no_venue")
        self.done.append(("file", venue_id))
        return replace(self.known, facts=replace(self.known.facts, id=venue_id))

    async def events(self, venue_id: UUID, request: PageRequest) -> Page[VenueEvent]:
        self._ask()
        assert self.known is not None
        every = [*self.known.events, *self.older]
        start = int(str(request.after[0])) if request.after else 0
        end = start + self.page_rows
        return Page(every[start:end], (end,) if end < len(every) else None)

    async def add_note(self, venue_id: UUID, body: str) -> Note:
        self._ask()
        assert self.known is not None
        made = Note(UUID(int=0xAB00 + len(self.done)), body, "Lucas", NOW)
        self.done.append(("note", venue_id, body))
        self.known = replace(self.known, notes=(made, *self.known.notes))
        return made

    async def report_incident(
        self, venue_id: UUID, happened_on: date, severity: str, title: str, body: str
    ) -> Incident:
        self._ask()
        assert self.known is not None
        self.done.append(("incident", venue_id, happened_on, severity, title, body))
        made = incident(9, happened_on=happened_on, severity=severity, title=title, body=body)
        self.known = replace(self.known, incidents=(made, *self.known.incidents))
        return made

    async def resolve_incident(self, incident: Incident, resolution: str) -> Incident:
        self._ask()
        assert self.known is not None
        self.done.append(("resolve", incident.id, resolution))
        made = replace(incident, resolution=resolution, resolved_by="Lucas", resolved_at=NOW)
        rest = [one if one.id != incident.id else made for one in self.known.incidents]
        self.known = replace(self.known, incidents=tuple(rest))
        return made

    async def document(self, document_id: UUID) -> DocumentFile:
        self._ask()
        self.done.append(("document", document_id))
        return DocumentFile(
            document_id, "certificate.pdf", "application/pdf", b"%PDF" * 2000, b"\0" * 32, NOW
        )

    async def picture(self, file: DocumentFile, page: int, width: int) -> bytes:
        self._ask()
        return picture()

    def _ask(self) -> None:
        if self.failure is not None:
            error, self.failure = self.failure, None
            raise error


def many_events(count: int) -> Sequence[VenueEvent]:
    """A long history."""
    return [event(number, "filed", f"Something was filed, number {number}") for number in range(count)]
