"""The compliance, papers and application gateways in memory, for tests and pictures of their screens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QColor, QImage

from console.domain.compliance import (
    ComplianceCell,
    ComplianceCounts,
    ComplianceDue,
    ComplianceRow,
    ComplianceSettings,
    DocumentFile,
    NewDocument,
)
from console.domain.paging import Page, PageRequest
from console.domain.vetting import (
    Application,
    ApplicationFacts,
    CaseKind,
    CaseRow,
    CaseState,
    CheckedPerson,
    FiledDocument,
    Filing,
    HitSession,
    ImportedApplication,
    Likeness,
    Requirement,
    RequirementPage,
    Standing,
    SuspensionPreview,
    VenueEvent,
)
from console.errors import ConsoleError, Invalid
from console.views.applications.form import missing
from tests.support.qt import NOW

ZONE = ZoneInfo("America/Los_Angeles")
TODAY = date(2026, 3, 12)
VENUE = UUID(int=0x70)
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh House of Music, Movement and Play"
RULES = ComplianceSettings(3, 1_000_000, 75, 12, suspends=True, grace_days=14)
_ORDER = list(Requirement)


def day(after: int) -> date:
    """A day so many days after today."""
    return TODAY + timedelta(days=after)


def row(
    number: int, venue: str, *, status: str = "active", suspends: int | None = None, **cells: Any
) -> ComplianceRow:
    """A venue; `cells` by requirement: (standing, days until it ends or None)."""
    made = {
        kind: ComplianceCell(Standing.SATISFIED, day(200 + 30 * at), False, ())
        for at, kind in enumerate(_ORDER)
    }
    made[Requirement.PAYOUT_ACCOUNT] = ComplianceCell(Standing.SATISFIED, None, False, ())
    for name, (standing, ends, *rest) in cells.items():
        filed, reminders = (*rest, False, ())[:2] if rest else (False, ())
        made[Requirement(name)] = ComplianceCell(
            standing, None if ends is None else day(ends), filed, tuple(reminders or ())
        )
    ends_on = [one.expires_on for one in made.values() if one.expires_on is not None]
    return ComplianceRow(
        UUID(int=0x70 + number), venue, "Portland, OR", status, made, min(ends_on, default=None),
        None if suspends is None else day(suspends),
    )  # fmt: skip


def venues() -> list[ComplianceRow]:
    """One of each, the soonest end first."""
    return [
        row(1, "Blue Door Theatre", suspends=11, insurance=(Standing.EXPIRED, -3, False, (30, 14, 7))),
        row(0, "Cedar Street Makers", status="suspended", reverification=(Standing.EXPIRING, 14, False, (30, 14)),
            background_checks=(Standing.PENDING, None)),
        row(2, LONG, insurance=(Standing.EXPIRING, 6, True, (30, 14, 7)), safety_audit=(Standing.EXPIRING, 20)),
        row(3, "Harbour Dance Loft", background_checks=(Standing.PENDING, None)),
        row(4, "Little Fins Swim School"),
        row(5, "Orchard Forest School", safety_audit=(Standing.MISSING, None), payout_account=(Standing.MISSING, None)),
        row(6, "Riverside Studio", insurance=(Standing.EXCEPTED, 45)),
        *(row(10 + at, f"{name} Club") for at, name in enumerate(("Alder", "Birch", "Elm", "Fir", "Hazel", "Larch"))),
    ]  # fmt: skip


def gravest(row: ComplianceRow) -> str:
    """The standing a venue is counted by."""
    order = ("expired", "missing", "pending", "expiring")
    held = {cell.standing.value for cell in row.cells.values()}
    return next((one for one in order if one in held), "satisfied")


def dues() -> list[ComplianceDue]:
    """What happens in March and April."""
    made = []
    for one in venues():
        for kind, cell in one.cells.items():
            if cell.expires_on is None:
                continue
            made.append(
                ComplianceDue(
                    cell.expires_on,
                    one.venue_id,
                    one.venue,
                    kind,
                    "expires",
                    cell.standing,
                    cell.renewal_filed,
                )
            )
            made += [
                ComplianceDue(cell.expires_on - timedelta(days=ahead), one.venue_id, one.venue, kind, "reminder",
                              cell.standing, cell.renewal_filed)
                for ahead in (30, 14, 7)
            ]  # fmt: skip
        if one.suspends_on is not None:
            made.append(
                ComplianceDue(one.suspends_on, one.venue_id, one.venue, Requirement.INSURANCE, "suspends",
                              Standing.EXPIRED, False)
            )  # fmt: skip
    crowd = day(7)
    made += [
        ComplianceDue(crowd, UUID(int=0x900 + at), f"Venue {at}", Requirement.SAFETY_AUDIT, "expires",
                      Standing.EXPIRING, False)
        for at in range(6)
    ]  # fmt: skip
    return sorted(made, key=lambda one: one.on)


def document(
    number: int, title: str, media_type: str = "application/pdf", pages: int | None = 2
) -> FiledDocument:
    """A file that was filed."""
    ending = "pdf" if media_type.endswith("pdf") else "png"
    return FiledDocument(
        UUID(int=0xD00 + number), title, f"scan-{number}.{ending}", media_type, 482_000, pages, None
    )


def filing(number: int, kind: Requirement, state: str, facts: Mapping[str, object], **more: Any) -> Filing:
    """Something filed three days ago."""
    made = Filing(
        UUID(int=0xF00 + number), 1, kind, state, facts, None, None, None, "Hannah", NOW - timedelta(days=3), None,
        None, None,
    )  # fmt: skip
    return replace(made, **more)


def _page(kind: Requirement, standing: Standing, says: str, **more: Any) -> RequirementPage:
    made = RequirementPage(
        requirement=kind, version=1, standing=standing, says=says, expires_on=None, excepted_until=None,
        exception_reason=None, decided_by=None, decided_at=None, reminders=(), reminded_at=None, current=None,
        waiting=None,
    )  # fmt: skip
    return replace(made, **more)


def people() -> list[CheckedPerson]:
    """Four who are clear and one whose answer is out."""
    made = [
        CheckedPerson(UUID(int=0xA0 + at), 1, name, work, day(-40), "clear", day(-28), day(700))
        for at, (name, work) in enumerate(
            (("Hannah", "owner"), ("Omar", "woodwork"), ("Lena", "electronics"))
        )
    ]
    return [*made, CheckedPerson(UUID(int=0xAF), 1, "Noor", "assistant", day(-3), "pending", None, None)]


def requirements() -> list[RequirementPage]:
    """One of each standing."""
    insurance = {"provider": "Hartwell Mutual", "policy_number": "HM-20871-04", "coverage_amount": 2_000_000}
    return [
        _page(
            Requirement.INSURANCE, Standing.EXPIRING,
            "Hartwell Mutual, cover 2,000,000 USD, needs 1,000,000. Ends 18 Mar 2026.",
            expires_on=day(6), reminders=(30, 14, 7), reminded_at=NOW - timedelta(days=1),
            current=filing(1, Requirement.INSURANCE, "accepted", insurance, expires_on=day(6), decided_by="Lucas",
                           decided_at=NOW - timedelta(days=2), documents=(document(1, "Certificate HM-20871-04"),)),
        ),
        _page(
            Requirement.BACKGROUND_CHECKS, Standing.PENDING, "3 of 4 people clear. One result is still out.",
            people=people(),
        ),
        _page(
            Requirement.SAFETY_AUDIT, Standing.EXPIRED, "92 of 100 on 2 March 2025 by R. Feld. Ended 2 Mar 2026.",
            expires_on=day(-10),
            waiting=filing(2, Requirement.SAFETY_AUDIT, "filed", {"auditor": "R. Feld", "score": 88},
                           valid_from=day(-4), note="The fire door sign is put up.",
                           documents=(document(2, "Audit report"), document(3, "Fire door", "image/png", None))),
        ),
        _page(Requirement.REVERIFICATION, Standing.MISSING, "Nothing was filed yet."),
        _page(
            Requirement.PAYOUT_ACCOUNT, Standing.SATISFIED, "Account ending 3390 of Cedar Street Makers LLC.",
            current=filing(3, Requirement.PAYOUT_ACCOUNT, "accepted", {"last_four": "3390"}),
        ),
    ]  # fmt: skip


def suspension(number: int, venue: str, bookings: int) -> SuspensionPreview:
    """A venue that would be suspended, with what is booked there."""
    stays = tuple(
        HitSession(UUID(int=0xB00 + at), "Junior Judo", NOW + timedelta(days=at), bookings, 12 * bookings)
        for at in range(2 if bookings else 0)
    )
    return SuspensionPreview(UUID(int=0x70 + number), 1, None, stays, (), "f" * 8, venue, "Pacific/Honolulu")


class FakePapers:
    """An EvidenceGateway. `failure` is raised once, by whatever is asked next."""

    def __init__(self, pages: Sequence[RequirementPage] | None = None) -> None:
        self.pages = list(requirements() if pages is None else pages)
        self.failure: ConsoleError | None = None
        self.done: list[tuple[Any, ...]] = []

    async def requirements(self, venue_id: UUID) -> Sequence[RequirementPage]:
        await self._ask()
        return tuple(self.pages)

    async def history(self, venue_id: UUID) -> Sequence[VenueEvent]:
        await self._ask()
        return [
            VenueEvent(UUID(int=0x1E), "filing_declined", "Safety audit declined", "The second page is missing.", None,
                       NOW - timedelta(days=9), Requirement.SAFETY_AUDIT),
            VenueEvent(UUID(int=0x1F), "filed", "Safety audit filed", None, "Hannah", NOW - timedelta(days=10),
                       Requirement.SAFETY_AUDIT),
        ]  # fmt: skip

    async def look_at_file(self, path: Path, title: str) -> NewDocument:
        await self._ask()
        if path.suffix.lower() not in (".pdf", ".png", ".jpg"):
            raise Invalid(
                "This is no PDF, PNG, JPEG or WebP file.", hint="Save it as one of these and attach that."
            )
        return NewDocument(title, path.name, "application/pdf", b"%PDF-1.7 " + b"x" * 30_000, 3)

    async def file(
        self, venue_id: UUID, requirement: Requirement, facts: Mapping[str, object], valid_from: date | None,
        expires_on: date | None, note: str, documents: Sequence[NewDocument],
    ) -> RequirementPage:  # fmt: skip
        await self._ask()
        self.done.append(
            ("file", requirement, dict(facts), valid_from, expires_on, note, [one.title for one in documents])
        )
        made = filing(
            9, requirement, "filed", facts, valid_from=valid_from, expires_on=expires_on, note=note or None
        )
        return self._put(requirement, waiting=made)

    async def withdraw(self, venue_id: UUID, filing_id: UUID, version: int) -> RequirementPage:
        await self._ask()
        self.done.append(("withdraw", filing_id))
        page = next(one for one in self.pages if one.waiting is not None and one.waiting.id == filing_id)
        return self._put(page.requirement, waiting=None)

    async def put_person(
        self,
        venue_id: UUID,
        person_id: UUID | None,
        version: int,
        first_name: str,
        works_as: str,
        ordered_on: date,
    ) -> CheckedPerson:
        await self._ask()
        self.done.append(("person", person_id, first_name, works_as, ordered_on))
        made = CheckedPerson(
            person_id or UUID(int=0xA9), version + 1, first_name, works_as, ordered_on, "pending", None, None
        )
        checks = self.pages[1]
        others = [one for one in checks.people if one.id != made.id]
        self._put(checks.requirement, people=(*others, made))
        return made

    async def person_left(self, venue_id: UUID, person_id: UUID, version: int, on: date) -> None:
        await self._ask()
        self.done.append(("left", person_id, on))
        checks = self.pages[1]
        self._put(checks.requirement, people=tuple(one for one in checks.people if one.id != person_id))

    async def document(self, document_id: UUID) -> DocumentFile:
        await self._ask()
        return DocumentFile(document_id, "scan.pdf", "application/pdf", b"%PDF", b"\0" * 32, NOW)

    async def picture(self, file: DocumentFile, page: int, width: int) -> bytes:
        image = QImage(width, width * 14 // 10, QImage.Format.Format_RGB32)
        image.fill(QColor("#f4f1e8"))
        out = QBuffer()
        out.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(out, b"PNG")
        return bytes(out.data().data())

    def _put(self, kind: Requirement, **facts: Any) -> RequirementPage:
        at = next(at for at, one in enumerate(self.pages) if one.requirement is kind)
        self.pages[at] = replace(self.pages[at], version=self.pages[at].version + 1, **facts)
        return self.pages[at]

    async def _ask(self) -> None:
        await asyncio.sleep(0)
        if self.failure is not None:
            error, self.failure = self.failure, None
            raise error


class FakeCompliance(FakePapers):
    """A ComplianceGateway, and as much of the cases as suspending asks."""

    def __init__(self, rows: Sequence[ComplianceRow] | None = None) -> None:
        super().__init__()
        self.rows = list(venues() if rows is None else rows)
        self.rules = RULES
        self.requests: list[PageRequest] = []
        self.spans: list[tuple[date, date]] = []

    async def overview(self, request: PageRequest) -> Page[ComplianceRow]:
        await self._ask()
        self.requests.append(request)
        standing, kind = request.filters.get("standing"), request.filters.get("requirement")
        found = [
            one
            for one in self.rows
            if request.text.casefold() in one.venue.casefold()
            and request.filters.get("status", one.status) == one.status
            and standing
            in (None, gravest(one) if kind is None else one.cells[Requirement(kind)].standing.value)
        ]
        if request.sort == "venue":
            found.sort(key=lambda one: one.venue.casefold(), reverse=request.descending)
        return Page(found, None)

    async def compliance_counts(self) -> ComplianceCounts:
        await self._ask()
        names = ("missing", "pending", "expiring", "expired", "satisfied")
        return ComplianceCounts(**{name: sum(gravest(one) == name for one in self.rows) for name in names})

    async def calendar(self, first: date, last: date) -> Sequence[ComplianceDue]:
        await self._ask()
        self.spans.append((first, last))
        return [one for one in dues() if first <= one.on <= last] if self.rows else []

    async def settings(self) -> ComplianceSettings:
        await self._ask()
        return self.rules

    async def save_settings(self, settings: ComplianceSettings) -> ComplianceSettings:
        await self._ask()
        self.done.append(("rules", settings))
        self.rules = replace(settings, version=settings.version + 1)
        return self.rules

    async def suspensions(self, settings: ComplianceSettings) -> Sequence[SuspensionPreview]:
        await self._ask()
        if not settings.suspends:
            return ()
        found = [suspension(1, "Blue Door Theatre", 12), suspension(2, LONG, 0)]
        return found if settings.insurance_minimum > 1_000_000 else found[:1]

    async def export(self, request: PageRequest, path: Path) -> int:
        await self._ask()
        self.done.append(("export", path.name, request.filters))
        return len(self.rows)

    async def suspension(self, venue_id: UUID, cancel_from: date | None) -> SuspensionPreview:
        await self._ask()
        return suspension(1, "Blue Door Theatre", 12)

    async def suspend(self, preview: SuspensionPreview, reason: str) -> None:
        await self._ask()
        self.done.append(("suspend", preview.venue_id, reason))

    async def templates(self, decision: str) -> Sequence[Any]:
        return ()


WHOLE = ApplicationFacts(
    name="Cedar Street Makers", legal_name="Cedar Street Makers LLC", tax_number="93-1234567", category="stem",
    description="Woodwork and electronics for children.", address_line1="12 Cedar Street", city="Portland",
    state_code="OR", postal_code="97214", latitude=None, timezone="America/Los_Angeles",
    contact_name="Hannah", contact_email="hannah@cedar.example", contact_phone="(503) 555-0190",
    ages_from=7, ages_to=14,
)  # fmt: skip


def application(number: int, state: str, facts: ApplicationFacts, **more: Any) -> Application:
    """An application that was typed into this morning."""
    made = Application(
        UUID(int=0xE00 + number), 1, state, facts, tuple(word for word, _name in missing(facts)), None, None,
        NOW - timedelta(hours=5), None, None,
    )  # fmt: skip
    return replace(made, **more)


def case(state: CaseState, outcome: str | None = None) -> CaseRow:
    """The case of an application."""
    return CaseRow(
        UUID(int=0xC0), 1, VENUE, "Harbour Dance Loft", "Seattle, WA", CaseKind.NEW_VENUE, state, NOW,
        NOW + timedelta(days=3), {}, None, False, None, outcome, NOW if outcome else None, None,
    )  # fmt: skip


def applications() -> list[Application]:
    """One of each state."""
    whole = replace(WHOLE, latitude=Decimal("45.5231"), longitude=Decimal("-122.6765"))
    sent = NOW - timedelta(days=2)
    return [
        application(1, "draft", WHOLE),
        application(2, "submitted", replace(whole, name="Harbour Dance Loft"), venue_id=VENUE, submitted_at=sent,
                    case=case(CaseState.ASKED), feedback="Please give the address of the entrance, not of the office."),
        application(3, "submitted", replace(whole, name=LONG), venue_id=UUID(int=0x71), submitted_at=sent,
                    case=case(CaseState.OPEN)),
        application(4, "submitted", replace(whole, name="Alder Hall"), venue_id=UUID(int=0x72), submitted_at=sent,
                    case=case(CaseState.DECIDED, "approved")),
    ]  # fmt: skip


def imported() -> list[ImportedApplication]:
    """A file with one of each fate."""
    alike = Likeness(UUID(int=0x70), "Cedar Street Makers", "Portland, OR", "active", 92.4, ("name", "phone"))
    return [
        ImportedApplication(2, "Maple Music", "new", None),
        ImportedApplication(3, "Cedar St. Makers", "new", None, (alike,)),
        ImportedApplication(4, "Harbour Dance Loft", "known", "It came in on 2 March 2026."),
        ImportedApplication(5, LONG, "refused", "The latitude must be a number from -90 to 90."),
        *(ImportedApplication(6 + at, f"Venue {at}", "new", None) for at in range(12)),
    ]


class FakeApplications(FakePapers):
    """An ApplicationGateway."""

    def __init__(self, known: Sequence[Application] | None = None) -> None:
        super().__init__()
        self.known = list(applications() if known is None else known)
        self.rows = imported()

    async def applications(self) -> Sequence[Application]:
        await self._ask()
        return tuple(self.known)

    async def begin(self) -> Application:
        await self._ask()
        made = application(0x20 + len(self.known), "draft", ApplicationFacts())
        self.known.insert(0, made)
        return made

    async def save(self, application: Application, facts: ApplicationFacts) -> Application:
        await self._ask()
        self.done.append(("save", facts))
        if facts.contact_email and "@" not in facts.contact_email:
            raise Invalid("That is no email address.", code="contact_email")
        assert application.version == self._of(application).version, "an old version"
        return self._change(application, facts=facts, missing=tuple(word for word, _name in missing(facts)))

    async def submit(self, application: Application) -> Application:
        await self._ask()
        self.done.append(("submit", application.facts))
        return self._change(
            application, state="submitted", submitted_at=NOW, venue_id=VENUE, case=case(CaseState.OPEN)
        )

    async def answer(self, application: Application, facts: ApplicationFacts, note: str) -> Application:
        await self._ask()
        self.done.append(("answer", facts, note))
        return self._change(application, facts=facts, case=case(CaseState.OPEN), feedback=None)

    async def withdraw_application(self, application: Application) -> Application:
        await self._ask()
        self.done.append(("withdraw", application.id))
        return self._change(application, state="withdrawn")

    async def read_file(self, path: Path) -> Sequence[ImportedApplication]:
        await self._ask()
        return self.rows

    async def take_file(self, path: Path) -> Sequence[ImportedApplication]:
        await self._ask()
        self.done.append(("take", path.name))
        return self.rows

    def _of(self, application: Application) -> Application:
        return next(one for one in self.known if one.id == application.id)

    def _change(self, application: Application, **facts: Any) -> Application:
        at = self.known.index(self._of(application))
        self.known[at] = replace(self.known[at], version=self.known[at].version + 1, updated_at=NOW, **facts)
        return self.known[at]
