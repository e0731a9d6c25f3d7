"""The approval queue in memory: the cases of picture 05, claims that run out, two reviewers, and evidence to read.

It refuses as the database does, with the same keys, so that the screen's answers to a refusal can be tried without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage

from console.clock import FixedClock
from console.domain.compliance import DocumentFile, NewDocument
from console.domain.paging import Page, PageRequest
from console.domain.scores import Component, Dispute, Formula, Part, ScorePage, WeekScore
from console.domain.vetting import (
    BulkResult,
    CaseCounts,
    CaseKind,
    CasePage,
    CaseRow,
    CaseState,
    CheckedPerson,
    Decision,
    DecisionTemplate,
    FiledDocument,
    Filing,
    HitSession,
    Likeness,
    Requirement,
    RequirementPage,
    Standing,
    SuspensionPreview,
    VenueEvent,
    VenueFacts,
    Verdict,
)
from console.errors import Conflict, ConsoleError, Invalid, NotFound
from tests.support.today_samples import NOW, ZONE

CLAIM = timedelta(minutes=20)
S, X, P, M, E = Standing.SATISFIED, Standing.EXPIRING, Standing.PENDING, Standing.MISSING, Standing.EXPIRED
CEDAR, FINS, HARBOUR, BLUE, ORCHARD = (UUID(int=0xCA5E00 + place) for place in range(5))
_AT = {
    "cedar": (CEDAR, "Cedar Street Makers", "Portland, OR", CaseKind.REINSTATEMENT, timedelta(days=2), (S, P, S, X, S)),
    "fins": (FINS, "Little Fins Swim School", "Tacoma, WA", CaseKind.NEW_VENUE, timedelta(days=4), (S, S, S, S, S)),
    "harbour": (HARBOUR, "Harbour Dance Loft", "Seattle, WA", CaseKind.NEW_VENUE, timedelta(days=1), (S, S, P, S, M)),
    "blue": (BLUE, "Blue Door Theatre", "Eugene, OR", CaseKind.YEARLY_CHECK, timedelta(hours=6), (E, S, S, X, S)),
    "orchard": (ORCHARD, "Orchard Forest School", "Salem, OR", CaseKind.NEW_VENUE, timedelta(hours=3), (S, M, M, S, P)),
}  # fmt: skip


def local(day: int, hour: int, minute: int, month: int = 3) -> datetime:
    """An instant by the clock of the screen."""
    return datetime(2026, month, day, hour, minute, tzinfo=ZONE)


def case_row(
    case_id: UUID, venue: str, city: str, kind: CaseKind, waited: timedelta, standings: Sequence[Standing],
    **more: object,
) -> CaseRow:  # fmt: skip
    """A case nobody holds."""
    row = CaseRow(
        case_id, 1, UUID(int=case_id.int + 0x1000), venue, city, kind, CaseState.OPEN, NOW - waited,
        NOW - waited + timedelta(days=5), dict(zip(Requirement, standings, strict=True)), None, False, None, None, None,
        None,
    )  # fmt: skip
    return replace(row, **more)  # type: ignore[arg-type]  # the fields of a row by name


def rows() -> list[CaseRow]:
    """The queue of picture 05, its first case held by the reader and its third by Lucas."""
    made = [case_row(*facts) for facts in _AT.values()]
    mine = {"claimed_by": "Amara", "claimed_by_me": True, "claimed_until": local(12, 16, 2)}
    made[0] = replace(made[0], version=2, **mine)  # type: ignore[arg-type]
    made[2] = replace(made[2], version=2, claimed_by="Lucas", claimed_until=NOW + timedelta(minutes=6))
    return made


def paper(
    number: int, title: str, *, media: str = "application/pdf", pages: int = 1, read: datetime | None = None
) -> FiledDocument:
    """A file of evidence."""
    name = f"{title.lower().replace(' ', '-')}.{'pdf' if media.endswith('pdf') else 'jpg'}"
    return FiledDocument(UUID(int=0xD0C000 + number), title, name, media, 215_000, pages, read)


def filing(
    number: int,
    kind: Requirement,
    facts: Mapping[str, object],
    *documents: FiledDocument,
    state: str = "accepted",
) -> Filing:
    """What was filed."""
    return Filing(
        UUID(int=0xF11E00 + number), 1, kind, state, facts, date(2026, 3, 2), date(2026, 11, 14), None, "Hannah",
        local(11, 12, 5), "Amara" if state == "accepted" else None, local(11, 16, 0) if state == "accepted" else None,
        None, documents,
    )  # fmt: skip


def people() -> list[CheckedPerson]:
    """Seven people, one of whom is still out."""
    known = (
        ("Hannah", "owner", 11, 2), ("Omar", "woodwork", 12, 2), ("Lena", "electronics", 12, 2),
        ("Silas", "assistant", 19, 2), ("Ruth", "assistant", 20, 2), ("Ines", "reception", 2, 3),
    )  # fmt: skip
    made = [
        CheckedPerson(
            UUID(int=0xBEEF00 + place), 1, name, work, date(2026, 2, 5), "clear", date(2026, month, day), None
        )
        for place, (name, work, day, month) in enumerate(known)
    ]
    noor = CheckedPerson(UUID(int=0xBEEF09), 1, "Noor", "assistant", date(2026, 3, 9), "pending", None, None)
    return [*made, noor]


def requirements(row: CaseRow) -> list[RequirementPage]:
    """What is known of each requirement of a case."""
    kinds = row.standings
    photos = tuple(
        paper(20 + place, f"Photo {place}", media="image/jpeg", read=local(12, 15, 36)) for place in range(4)
    )
    reports = tuple(paper(10 + place, f"Report {place}", read=local(12, 15, 38)) for place in range(6))
    says = {
        Requirement.INSURANCE: "Hartwell Mutual, cover 2,000,000 USD, needs 1,000,000. Ends 14 Nov 2026.",
        Requirement.BACKGROUND_CHECKS: "6 of 7 people clear. One result is still out, ordered 9 March, usually 3 days.",
        Requirement.SAFETY_AUDIT: "92 of 100 on 2 March 2026 by R. Feld. One remark, closed: fire door sign.",
        Requirement.REVERIFICATION: "Due 26 March 2026, in 14 days. The 14-day reminder went out today at 08:00.",
        Requirement.PAYOUT_ACCOUNT: "Account verified, bank account ending 3390. The name matches the legal name.",
    }
    filed = {
        Requirement.INSURANCE: (paper(1, "Certificate HM-20871-04", pages=3, read=local(12, 15, 31)),),
        Requirement.BACKGROUND_CHECKS: reports,
        Requirement.SAFETY_AUDIT: (paper(2, "Audit report", read=local(12, 15, 36)), *photos),
    }
    made = []
    for place, kind in enumerate(Requirement):
        standing = kinds[kind]
        missing = standing in (Standing.MISSING,)
        current = None if missing or kind not in filed else filing(place, kind, {}, *filed[kind])
        made.append(
            RequirementPage(
                kind, 1, standing, "Nothing was filed yet." if missing else says[kind], None, None, None, None, None,
                (30, 14) if kind is Requirement.REVERIFICATION and standing is X else (), local(12, 8, 0),
                current, None,
                tuple(people()) if kind is Requirement.BACKGROUND_CHECKS else (),
            )
        )  # fmt: skip
    return made


def case_page(row: CaseRow) -> CasePage:
    """A case with everything."""
    facts = VenueFacts(
        row.venue_id, 3, row.venue, "suspended" if row.kind is CaseKind.REINSTATEMENT else "pending_approval",
        f"{row.venue} LLC", None, "woodwork and electronics", None, "", row.city, "America/Los_Angeles",
        "Hannah, owner", None, "(503) 555-0190", None, 6, "7 to 14", Decimal("17.50"), 0,
        local(2, 9, 0, 2) if row.kind is CaseKind.REINSTATEMENT else None, None, (),
    )  # fmt: skip
    if row.kind is CaseKind.YEARLY_CHECK:
        facts = replace(facts, status="active", booked=12)
    history = [
        VenueEvent(UUID(int=1), "claimed", "Claimed", None, "Amara", local(12, 15, 30), None),
        VenueEvent(UUID(int=2), "case_opened", "Asked to be reinstated", None, "Hannah", local(10, 9, 0), None),
        VenueEvent(
            UUID(int=3), "suspended", "Suspended: insurance had expired", None, "L. Berg", local(2, 9, 0, 2), None),
        VenueEvent(
            UUID(int=4), "approved", "Approved", None, "A. Cole", datetime(2025, 5, 12, 9, 0, tzinfo=ZONE), None
        ),
    ]  # fmt: skip
    pages = requirements(row)
    having = sum(bool(one.current and one.current.documents) for one in pages)
    return CasePage(row, facts, tuple(pages), tuple(history), (), (having, having))


class FakeCases:
    """The queue; `me` is who reads it. `done` tells what was asked of it, in order."""

    def __init__(self, known: Sequence[CaseRow] | None = None, clock: FixedClock | None = None) -> None:
        self.clock = clock or FixedClock(NOW)
        self.known = {row.id: row for row in (rows() if known is None else known)}
        self.pages = {row.id: case_page(row) for row in self.known.values()}
        self.me = "Amara"
        self.failure: ConsoleError | None = None
        self.refusals: list[ConsoleError] = []
        self.done: list[tuple[object, ...]] = []
        self.preview_version = 1

    # -- what tests do ------------------------------------------------------------------------------------------------

    def change(self, case_id: UUID, **facts: object) -> CaseRow:
        """Somebody else changes a case."""
        row = self.known[case_id]
        self.known[case_id] = replace(row, version=row.version + 1, **facts)  # type: ignore[arg-type]
        return self.known[case_id]

    def put(self, case_id: UUID, page: RequirementPage) -> None:
        """A requirement is as this says."""
        case = self.pages[case_id]
        changed = tuple(page if one.requirement is page.requirement else one for one in case.requirements)
        self.pages[case_id] = replace(case, requirements=changed)
        standings = {**self.known[case_id].standings, page.requirement: page.standing}
        self.known[case_id] = replace(self.known[case_id], standings=standings)

    def _ask(self, *what: object) -> None:
        self.done.append(what)
        if self.failure is not None:
            raise self.failure
        if self.refusals:
            raise self.refusals.pop(0)

    def _held(self, row: CaseRow) -> bool:
        return (
            row.claimed_by is not None
            and row.claimed_until is not None
            and row.claimed_until > self.clock.now()
        )

    def _seen(self, row: CaseRow) -> CaseRow:
        return (
            row if self._held(row) else replace(row, claimed_by=None, claimed_by_me=False, claimed_until=None)
        )

    # -- the gateway --------------------------------------------------------------------------------------------------

    async def counts(self) -> CaseCounts:
        known = [self._seen(row) for row in self.known.values()]
        open_ones = [row for row in known if row.state is CaseState.OPEN]
        late = sum(row.due_at < self.clock.now() for row in open_ones)
        asked = sum(row.state is CaseState.ASKED for row in known)
        return CaseCounts(len(open_ones), sum(row.claimed_by_me for row in known), asked, late)

    async def cases(self, request: PageRequest) -> Page[CaseRow]:
        self._ask("cases", request)
        tab, filters = request.filters["tab"], request.filters
        found = [
            row
            for row in map(self._seen, self.known.values())
            if (row.claimed_by_me if tab == "mine" else row.state.value == tab)
            and request.text.lower() in row.venue.lower()
            and filters.get("kind", row.kind.value) == row.kind.value
            and (filters.get("overdue") != "yes" or row.due_at < self.clock.now())
        ]
        start = 0 if request.after is None else int(str(request.after[0]))
        part = found[start : start + request.limit]
        more = start + request.limit < len(found)
        return Page(part, (start + request.limit,) if more else None)

    async def case(self, case_id: UUID) -> CasePage:
        self._ask("case", case_id)
        if case_id not in self.known:
            raise NotFound("There is no such case.", code="no_case")
        return replace(self.pages[case_id], row=self._seen(self.known[case_id]))

    def _lock(self, row: CaseRow) -> CaseRow:
        now = self.known[row.id]
        if now.outcome is not None:
            raise Conflict(
                f"{now.decided_by} approved this at 15:41.", hint="Take another one.", code="decided_already"
            )
        if self._held(now) and not now.claimed_by_me:
            raise Conflict(
                f"{now.claimed_by} holds this until 15:48.", hint="Take another one.", code="claimed"
            )
        return now

    async def claim(self, case_id: UUID, version: int) -> CaseRow:
        self._ask("claim", case_id)
        now = self._lock(self.known[case_id])
        if not self._held(now) and now.version != version:
            raise Conflict(
                "Something about this case has changed.", hint="Look again.", code="version_changed"
            )
        return self.change(
            case_id, claimed_by=self.me, claimed_by_me=True, claimed_until=self.clock.now() + CLAIM
        )

    async def release(self, case_id: UUID, version: int) -> CaseRow:
        self._ask("release", case_id)
        self._lock(self.known[case_id])
        return self.change(case_id, claimed_by=None, claimed_by_me=False, claimed_until=None)

    async def next_case(self, after: UUID | None) -> CaseRow | None:
        self._ask("next", after)
        free = [
            row
            for row in self.known.values()
            if row.state is CaseState.OPEN and not self._held(row) and row.id != after
        ]
        if not free:
            return None
        first = min(free, key=lambda row: row.due_at)
        self.done.pop()
        return await self.claim(first.id, first.version)

    async def decide(self, case: CaseRow, verdict: Verdict) -> CaseRow:
        self._ask("decide", case.id, verdict)
        now = self._lock(case)
        if not self._held(now):
            raise Conflict("Your claim ran out.", hint="Claim it again.", code="not_claimed")
        if now.version != case.version:
            raise Conflict("Something about this case has changed.", code="version_changed")
        if verdict.decision is Decision.APPROVE and any(not one.is_met for one in now.standings.values()):
            raise Conflict(
                "Since you looked, this is no longer met: insurance.", hint="Look at it again.",
                code="requirement_changed",
            )  # fmt: skip
        if verdict.decision is Decision.ASK:
            return self.change(
                case.id, state=CaseState.ASKED, claimed_by=None, claimed_by_me=False, claimed_until=None
            )
        outcome = {"approve": "approved", "except": "approved_with_exception", "reject": "rejected"}
        return self.change(
            case.id, state=CaseState.DECIDED, outcome=outcome[verdict.decision.value], decided_by=self.me,
            decided_at=self.clock.now(), claimed_by=None, claimed_by_me=False, claimed_until=None,
        )  # fmt: skip

    async def _each(self, cases: Sequence[CaseRow], verdict: Verdict | None) -> list[BulkResult]:
        results = []
        for row in cases:
            try:
                await (self.claim(row.id, row.version) if verdict is None else self.decide(row, verdict))
            except ConsoleError as error:
                results.append(BulkResult(row.id, row.venue, False, error.sentence))
            else:
                results.append(BulkResult(row.id, row.venue, True, None))
        return results

    async def claim_all(self, cases: Sequence[CaseRow]) -> list[BulkResult]:
        return await self._each(cases, None)

    async def decide_all(self, cases: Sequence[CaseRow], verdict: Verdict) -> list[BulkResult]:
        return await self._each(cases, verdict)

    async def templates(self, decision: str) -> list[DecisionTemplate]:
        body = {
            "ask": "Please file a certificate that names the venue.",
            "reject": "We did not get the papers.",
        }
        said = body.get(decision, "The renewal is under way.")
        return [DecisionTemplate(UUID(int=7), 1, decision, "Papers missing", said)]

    async def likenesses(self, venue_id: UUID) -> list[Likeness]:
        return []

    async def judge(
        self, venue_id: UUID, filing_id: UUID, version: int, accept: bool, reason: str
    ) -> RequirementPage:
        self._ask("judge", filing_id, accept, reason)
        case_id, page = self._waiting(filing_id)
        assert page.waiting is not None
        if accept and page.lacks:
            raise Invalid(page.lacks[0], code="lacks")
        decided = replace(
            page.waiting, state="accepted" if accept else "declined", decided_by=self.me, reason=reason
        )
        made = (
            replace(page, current=decided, waiting=None, standing=S)
            if accept
            else replace(page, waiting=decided, lacks=())
        )
        self.put(case_id, made)
        return made

    def _waiting(self, filing_id: UUID) -> tuple[UUID, RequirementPage]:
        for case_id, case in self.pages.items():
            for one in case.requirements:
                if one.waiting is not None and one.waiting.id == filing_id:
                    return case_id, one
        raise NotFound("There is no such paper.", code="no_filing")

    async def check_came_back(
        self, venue_id: UUID, person_id: UUID, version: int, clear: bool, on: date, expires_on: date | None
    ) -> CheckedPerson:
        self._ask("check", person_id, clear, on, expires_on)
        for case_id, case in self.pages.items():
            checks = case.requirements[1]
            if self.known[case_id].venue_id != venue_id:
                continue
            after = [
                replace(one, result="clear" if clear else "failed", decided_on=on, expires_on=expires_on)
                if one.id == person_id
                else one
                for one in checks.people
            ]
            self.put(case_id, replace(checks, people=tuple(after), standing=S if clear else M))
            return next(one for one in after if one.id == person_id)
        raise NotFound("There is nobody like that.", code="no_person")

    async def suspension(self, venue_id: UUID, cancel_from: date | None) -> SuspensionPreview:
        self._ask("suspension", cancel_from)
        hits = [
            HitSession(UUID(int=place), "Woodwork for Beginners", local(14 + place, 15, 30), 4, 11 + place)
            for place in range(3)
        ]
        cancelled = (
            [] if cancel_from is None else [one for one in hits if one.starts_at.date() >= cancel_from]
        )
        stays = [one for one in hits if one not in cancelled]
        return SuspensionPreview(venue_id, 3, cancel_from, stays, cancelled, f"look {self.preview_version}")

    async def suspend(self, preview: SuspensionPreview, reason: str) -> None:
        self._ask("suspend", preview.cancel_from, reason)
        if preview.fingerprint != f"look {self.preview_version}":
            raise Conflict("Somebody booked since you looked.", code="plan_changed")

    async def ask_reinstatement(self, venue_id: UUID, version: int, note: str) -> CaseRow:
        raise NotFound("There is no such venue.")

    # -- evidence -----------------------------------------------------------------------------------------------------

    async def requirements(self, venue_id: UUID) -> list[RequirementPage]:
        return next(list(one.requirements) for one in self.pages.values() if one.facts.id == venue_id)

    async def look_at_file(self, path: Path, title: str) -> NewDocument:
        raise Invalid("This is no PDF.", code="documents")

    async def file(
        self, venue_id: UUID, requirement: Requirement, facts: Mapping[str, object], valid_from: date | None,
        expires_on: date | None, note: str, documents: Sequence[NewDocument],
    ) -> RequirementPage:  # fmt: skip
        raise NotFound("There is no such venue.")

    async def withdraw(self, venue_id: UUID, filing_id: UUID, version: int) -> RequirementPage:
        raise NotFound("There is no such paper.")

    async def put_person(
        self, venue_id: UUID, person_id: UUID | None, version: int, first_name: str, works_as: str, ordered_on: date
    ) -> CheckedPerson:  # fmt: skip
        raise NotFound("There is nobody like that.")

    async def person_left(self, venue_id: UUID, person_id: UUID, version: int, on: date) -> None:
        raise NotFound("There is nobody like that.")

    async def document(self, document_id: UUID) -> DocumentFile:
        self._ask("document", document_id)
        for case_id, case in self.pages.items():
            self.pages[case_id] = replace(
                case, requirements=tuple(self._read(one, document_id) for one in case.requirements)
            )
        return DocumentFile(document_id, "certificate.pdf", "application/pdf", b"%PDF-1.7", b"\x00" * 32, NOW)

    def _read(self, page: RequirementPage, document_id: UUID) -> RequirementPage:
        def read(filing: Filing | None) -> Filing | None:
            if filing is None:
                return None
            documents = tuple(
                replace(one, read_at=self.clock.now())
                if one.id == document_id and one.read_at is None
                else one
                for one in filing.documents
            )
            return replace(filing, documents=documents)

        return replace(page, current=read(page.current), waiting=read(page.waiting))

    async def picture(self, file: DocumentFile, page: int, width: int) -> bytes:
        self._ask("picture", page, width)
        image = QImage(width, width * 14 // 10, QImage.Format.Format_RGB32)
        image.fill(QColor("#FFFFFF" if page == 0 else "#F4F4F0"))
        kept = QByteArray()
        buffer = QBuffer(kept)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, b"PNG")
        return bytes(kept.data())


class FakeScores:
    """Twelve weeks, two of them without enough data."""

    def __init__(self, *, weeks: int = 12) -> None:
        self.weeks = weeks

    async def page(self, venue_id: UUID) -> ScorePage:
        values = (
            [63.0, 61.5, 58.0, 56.0, 58.5, 62.0, 67.0, None, 69.0, 69.5, 70.4, 74.6][-self.weeks :]
            if self.weeks
            else []
        )
        weights = dict(zip(Component, map(Decimal, ("40", "25", "20", "15")), strict=True))
        parts = [
            Part(kind, good, whole, Decimal(value), weights[kind])
            for kind, good, whole, value in zip(
                Component, (33, 21, 31, 39), (40, 30, 50, 50), ("82.5", "70.0", "62.0", "78.0"), strict=True
            )
        ]
        start = date(2026, 3, 2) - timedelta(weeks=len(values) - 1)
        weeks = [
            WeekScore(
                UUID(int=place + 1), venue_id, start + timedelta(weeks=place), 1, None, 1,
                None if value is None else Decimal(str(value)), Decimal("4.2"), parts, NOW,
            )
            for place, value in enumerate(values)
        ]  # fmt: skip
        formula = Formula(
            1, weights, 12, 5, 5, 10, Decimal(60), Decimal(60), 4, "Amara", NOW - timedelta(days=90), None
        )
        return ScorePage(venue_id, "", formula, weeks, (), None, "all venues", 0, None, (), ())

    async def dispute(self, venue_id: UUID, score_id: UUID, component: str, reason: str) -> Dispute:
        raise NotFound("There is no such score.")

    async def withdraw(self, dispute: Dispute) -> Dispute:
        raise NotFound("There is no such dispute.")

    async def export(self, venue_id: UUID, path: Path) -> int:
        return 0
