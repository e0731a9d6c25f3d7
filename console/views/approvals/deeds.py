"""What is done about cases: judging, deciding, asking several; each is asked for in a sheet and carried out once.

The page shows; this opens the sheets, calls the gateway and tells what came of it. See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, tzinfo
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.vetting import (
    BulkResult,
    CasePage,
    CaseRow,
    CheckedPerson,
    Decision,
    FiledDocument,
    RequirementPage,
    Verdict,
    Waiver,
)
from console.errors import Conflict
from console.models.gateway_vetting import CaseGateway
from console.views.approvals import words
from console.views.approvals.check_sheet import CheckSheet
from console.views.approvals.decision_sheet import Asked, DecisionSheet
from console.views.approvals.evidence import EvidenceViewer
from console.views.approvals.results_sheet import ResultsSheet
from console.views.approvals.suspend_sheet import SuspendSheet
from console.views.theme import ThemeHub
from console.views.widgets.sheet import Sheet

_TITLES = {
    Decision.APPROVE: ("Approve {venue}?", "Approve", "Note to the venue"),
    Decision.EXCEPT: ("Approve {venue} with an exception?", "Approve with exception", "Why it is excepted"),
    Decision.REJECT: ("Reject {venue}?", "Reject", "Why, as the venue is told"),
    Decision.ASK: ("Ask {venue} for changes", "Ask the venue", "What the venue is to change"),
}
_TEMPLATES = {
    Decision.APPROVE: "reinstate", Decision.EXCEPT: "except", Decision.REJECT: "reject", Decision.ASK: "ask",
}  # fmt: skip


class CaseDeeds(QObject):
    """The deeds of one page. `changed` asks for the case and the queue anew, `decided` carries the CaseRow."""

    told = Signal(str)
    changed = Signal()
    decided = Signal(object)
    refused = Signal(object)
    """The Conflict that somebody else caused."""
    read = Signal(object)
    finished = Signal()
    """A sheet went away: the keyboard belongs to the page."""

    def __init__(
        self, hub: ThemeHub, owner: QWidget, gateway: CaseGateway, *, clock: Clock, zone: tzinfo
    ) -> None:
        """Sheets lie over the window of `owner`; instants are told in `zone`."""
        super().__init__(owner)
        self.hub, self._owner, self._gateway, self._clock, self._zone = hub, owner, gateway, clock, zone
        self._drafts: dict[tuple[UUID | None, str], str] = {}
        self.sheet: Sheet | None = None

    def stop(self) -> None:
        """Take away what is open."""
        if self.sheet is not None and self.sheet.is_open:
            self.sheet.close()

    # -- one case ----------------------------------------------------------------------------------------------------

    def decide(self, page: CasePage, decision: Decision) -> None:
        """Ask for what the decision needs, then decide."""
        row = page.row
        title, do, caption = _TITLES[decision]
        asked = Asked(
            title.format(venue=row.venue), words.row_caption(row), _TEMPLATES[decision], do,
            lambda waivers: words.consequence(decision, row, waivers), caption,
            needs_words=decision is not Decision.APPROVE,
            waives=tuple(words.unmet(row.standings)) if decision is Decision.EXCEPT else (),
            danger=decision is Decision.REJECT,
        )  # fmt: skip

        async def act(said: str, waivers: Sequence[Waiver]) -> None:
            made = await self._gateway.decide(row, Verdict(decision, said, tuple(waivers)))
            self._drafts.pop((row.id, decision.value), None)
            self.told.emit(words.decided_toast(decision, row))
            self.decided.emit(made)

        self._ask(asked, act, (row.id, decision.value), self._today(page))

    def decline(self, page: CasePage, wanted: RequirementPage) -> None:
        """Ask why, then decline what was filed."""
        filing = wanted.waiting
        if filing is None:
            return
        name = wanted.requirement.words.lower()
        asked = Asked(
            f"Decline the {name}?", page.row.venue, "decline", "Decline",
            lambda _waivers: f"{page.row.venue} is told why and may file another one.",
        )  # fmt: skip

        async def act(said: str, _waivers: Sequence[Waiver]) -> None:
            await self._gateway.judge(page.row.venue_id, filing.id, filing.version, False, said)
            self.told.emit(f"The {name} is declined")
            self.changed.emit()

        self._ask(asked, act, (filing.id, "decline"), self._today(page))

    def answer_check(self, page: CasePage, person: CheckedPerson) -> None:
        """Ask what came back of somebody's check, and keep it."""
        sheet = CheckSheet(
            self.hub,
            self._owner.window(),
            self._gateway,
            person,
            venue=page.row.venue_id,
            today=self._today(page),
        )
        sheet.taken.connect(self._told_and_changed)
        sheet.refused.connect(self.refused)
        self._open(sheet)

    def suspend(self, page: CasePage) -> None:
        """Show what suspending comes to, and do it as it was looked at."""
        sheet = SuspendSheet(
            self.hub, self._owner.window(), self._gateway, venue_id=page.row.venue_id, venue=page.row.venue,
            today=self._today(page), zone=words.zone_of(page.facts.timezone) or self._zone,
        )  # fmt: skip
        sheet.done.connect(self._told_and_changed)
        self._open(sheet)

    def look(self, documents: Sequence[FiledDocument], first: FiledDocument) -> None:
        """Open the viewer."""
        viewer = EvidenceViewer(
            self.hub,
            self._owner.window(),
            self._gateway,
            documents,
            first,
            now=self._clock.now(),
            zone=self._zone,
        )
        viewer.read.connect(self.read)
        viewer.saved.connect(lambda name: self.told.emit(f"A copy is saved as {name}"))
        self._open(viewer)

    # -- several -----------------------------------------------------------------------------------------------------

    async def claim_all(self, rows: Sequence[CaseRow]) -> None:
        """Claim several, and tell of each."""
        results = await self._gateway.claim_all(rows)
        self.changed.emit()
        self._results("Claim", results, "claimed")

    def ask_all(self, rows: Sequence[CaseRow]) -> None:
        """Ask several venues the same; those not held yet are claimed on the way."""
        if not rows:
            return
        venues = count(len(rows), "venue")
        named = ", ".join(row.venue for row in rows[:3]) + (
            f" and {len(rows) - 3:,} more" if len(rows) > 3 else ""
        )
        asked = Asked(
            f"Ask {venues} for changes", named, "ask", f"Ask {venues}",
            lambda _waivers: f"{venues} {'is' if len(rows) == 1 else 'are'} told the same words; each case waits "
            "until its venue answers.",
            "What they are to change",
        )  # fmt: skip

        async def act(said: str, _waivers: Sequence[Waiver]) -> None:
            held, results = await self._held(rows)
            if held:
                results += await self._gateway.decide_all(held, Verdict(Decision.ASK, said))
            self.changed.emit()
            self._after_sheet(lambda: self._results("Ask for changes", results, "asked"))

        self._ask(asked, act, (None, "ask"), self._clock.now().astimezone(self._zone).date())

    async def _held(self, rows: Sequence[CaseRow]) -> tuple[list[CaseRow], list[BulkResult]]:
        held, refused = [], []
        now = self._clock.now()
        for row in rows:
            mine = row.claimed_by_me and row.claimed_until is not None and row.claimed_until > now
            try:
                held.append(row if mine else await self._gateway.claim(row.id, row.version))
            except Conflict as error:
                refused.append(BulkResult(row.id, row.venue, False, error.sentence))
        return held, refused

    def _results(self, title: str, results: Sequence[BulkResult], done: str) -> None:
        self._open(ResultsSheet(self.hub, self._owner.window(), title, results, done=done))

    # -- inside ------------------------------------------------------------------------------------------------------

    def _after_sheet(self, run: Callable[[], None]) -> None:
        """Do something once the sheet that is finishing has gone."""
        if self.sheet is not None and self.sheet.is_open:
            self.sheet.closed.connect(run)
        else:
            run()

    def _ask(
        self,
        asked: Asked,
        act: Callable[[str, Sequence[Waiver]], Awaitable[None]],
        key: tuple[UUID | None, str],
        today: date,
    ) -> None:
        if self.sheet is not None and self.sheet.is_open:
            return
        sheet = DecisionSheet(
            self.hub,
            self._owner.window(),
            self._gateway,
            asked,
            act,
            today=today,
            text=self._drafts.get(key, ""),
        )
        sheet.left.connect(lambda said: self._drafts.update({key: said}))
        sheet.refused.connect(self.refused)
        self._open(sheet)

    def _open(self, sheet: Sheet) -> None:
        if self.sheet is not None and self.sheet.is_open:
            self.sheet.close()
        self.sheet = sheet
        sheet.closed.connect(lambda: self._gone(sheet))
        sheet.open()

    def _gone(self, sheet: Sheet) -> None:
        if self.sheet is sheet:
            self.sheet = None
            self.finished.emit()

    def _told_and_changed(self, said: str) -> None:
        self.told.emit(said)
        self.changed.emit()

    def _today(self, page: CasePage) -> date:
        return self._clock.now().astimezone(words.zone_of(page.facts.timezone) or self._zone).date()


def marked_as_read(page: CasePage, document_id: UUID, read_at: datetime) -> CasePage:
    """The case with one file read: what the chips show before the server is asked again."""
    changed = []
    for wanted in page.requirements:
        filings = {}
        for name in ("current", "waiting"):
            filing = getattr(wanted, name)
            if filing is not None and any(
                one.id == document_id and one.read_at is None for one in filing.documents
            ):
                documents = tuple(
                    replace(one, read_at=read_at) if one.id == document_id else one
                    for one in filing.documents
                )
                filings[name] = replace(filing, documents=documents)
        changed.append(replace(wanted, **filings) if filings else wanted)
    if tuple(changed) == tuple(page.requirements):
        return page
    having = [documents for documents in map(_counted, changed) if documents]
    read = sum(all(one.read_at is not None for one in documents) for documents in having)
    return replace(page, requirements=tuple(changed), evidence_read=(read, len(having)))


def _counted(wanted: RequirementPage) -> list[FiledDocument]:
    """The files that count as evidence: of what is accepted and of what waits."""
    filings = [
        one
        for one in (wanted.current, wanted.waiting)
        if one is not None and one.state in ("filed", "accepted")
    ]
    return [document for filing in filings for document in filing.documents]
