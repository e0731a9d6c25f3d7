"""The approval queue in memory: claims that run out, two reviewers, and evidence to read.

It refuses as the database does, with the same keys, so that the screen's answers to a refusal can be tried without one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter

from console.clock import FixedClock
from console.domain.compliance import DocumentFile, NewDocument
from console.domain.paging import Page, PageRequest
from console.domain.vetting import (
    BulkResult,
    CaseCounts,
    CasePage,
    CaseRow,
    CaseState,
    CheckedPerson,
    Decision,
    DecisionTemplate,
    Filing,
    HitSession,
    Likeness,
    Requirement,
    RequirementPage,
    SuspensionPreview,
    Verdict,
)
from console.errors import Conflict, ConsoleError, Invalid, NotFound
from tests.support.approval_samples import (
    BLUE,
    CEDAR,
    FINS,
    HARBOUR,
    ORCHARD,
    FakeScores,
    M,
    S,
    case_page,
    case_row,
    filing,
    local,
    paper,
    people,
    requirements,
    rows,
)
from tests.support.today_samples import NOW

__all__ = [
    "BLUE",
    "CEDAR",
    "FINS",
    "HARBOUR",
    "ORCHARD",
    "FakeCases",
    "FakeScores",
    "case_page",
    "case_row",
    "filing",
    "local",
    "paper",
    "people",
    "requirements",
    "rows",
]

CLAIM = timedelta(minutes=20)


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
        QImageWriter(buffer, b"png").write(image)
        return bytes(kept.data())
