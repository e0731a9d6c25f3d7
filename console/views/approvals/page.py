"""The approval queue: what waits at the left, the case on show beside it, and the keys that go through it.

Arrows show a case, Enter claims it, N takes the next; a decision opens the next by itself. What somebody else did
meanwhile is said where one looks, by name. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import tzinfo
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from console.clock import Clock
from console.domain.vetting import CasePage, CaseRow, CheckedPerson, Decision, RequirementPage
from console.errors import Conflict, ConsoleError
from console.models.gateway_scores import VenueScores
from console.models.gateway_vetting import CaseGateway
from console.models.runner import TaskRunner
from console.views.approvals import words
from console.views.approvals.claims import ClaimTeller
from console.views.approvals.deeds import CaseDeeds, marked_as_read
from console.views.approvals.frame import ApprovalsFrame
from console.views.approvals.keys import TOLD_ONLY, actions
from console.views.saved_filters import FilterMemory
from console.views.shell.areas import listen
from console.views.theme import ThemeHub
from console.views.widgets.focus import lead_focus

_TICK_MS = 1000
_POLL_SECONDS = 15


class ApprovalsPage(ApprovalsFrame):
    """The page. `actions_changed` says that other keys are offered."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: CaseGateway,
        scores: VenueScores | None = None,
        *,
        clock: Clock,
        zone: tzinfo,
        memory: FilterMemory | None = None,
        poll_seconds: float = _POLL_SECONDS,
    ) -> None:
        """Cases of all venues, told in `zone`; without `scores` no score stands beside them.

        The queue is asked anew every `poll_seconds` while it is on show; 0: never.
        """
        super().__init__(hub, gateway, clock=clock, zone=zone, memory=memory, scores=scores is not None)
        self._gateway, self._scores, self._clock, self._zone = gateway, scores, clock, zone
        self._wanted: UUID | None = None
        self._ticks = 0
        self._led = self._doing = False
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.deeds = CaseDeeds(hub, self, gateway, clock=clock, zone=zone)
        self._wire()
        self._teller = ClaimTeller(self.detail, clock, zone, keep=self.claim, go_on=self.next_case)
        self.page_actions = actions(self)
        listen(self, [one for one in self.page_actions if one.key != TOLD_ONLY])
        self._clockwork = QTimer(self)
        self._clockwork.setInterval(_TICK_MS)
        self._clockwork.timeout.connect(self.tick)
        self._poll = QTimer(self)
        self._poll.setInterval(round(poll_seconds * 1000))
        self._poll.timeout.connect(self.refresh)
        lead_focus(self, self.side.list)

    # -- for the window ----------------------------------------------------------------------------------------------

    @property
    def case(self) -> CasePage | None:
        """The case on show."""
        return self.detail.page if self._wanted is not None else None

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        self.side.refresh()
        if self._wanted is not None:
            self.runner.start(self._load_case(self._wanted), "case")

    def open_case(self, case_id: UUID) -> None:
        """Show one case: from the palette or from a venue's file."""
        self._wanted = case_id
        self.runner.start(self._go_to(case_id), "go")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self._clockwork.stop()
        self._poll.stop()
        self.side.stop()
        self.deeds.stop()
        self.runner.cancel_all()

    def tick(self) -> None:
        """Say what time does: to the claim at once, to the ages of the list every half minute."""
        self._ticks += 1
        if self._ticks % 30 == 0:
            self.side.list.tell_time(self._clock.now())
        self._tell_claim()

    # -- what can be done --------------------------------------------------------------------------------------------

    def claim(self) -> None:
        """Take the chosen case, or keep it longer."""
        row = self._row()
        if row is not None and row.outcome is None:
            self._do(self._claim(row))

    def open_chosen(self) -> None:
        """Enter: take the chosen case; one that is held already leads into its evidence."""
        row = self._row()
        if row is None:
            return
        if row.claimed_by_me and self.detail.may_judge:
            first = next((chip for block in self.detail.blocks.values() for chip in block.chips), None)
            if first is not None:
                first.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        self.claim()

    def release(self) -> None:
        """Give the case back."""
        page = self.case
        if page is not None and page.row.claimed_by_me:
            self._do(self._release(page.row))

    def next_case(self) -> None:
        """Take the most urgent case that nobody holds."""
        self._do(self._next(None if self.case is None else self.case.row.id))

    def show_documents(self) -> None:
        """Open the evidence, at what was not read yet."""
        page = self.case
        documents = [one for block in self.detail.blocks.values() for one in block.documents]
        if page is not None and documents:
            first = next((one for one in documents if one.read_at is None), documents[0])
            self.deeds.look(documents, first)

    def decide(self, decision: Decision) -> None:
        """Ask for what a decision needs. Approving what is not all met needs an exception."""
        page = self.case
        if page is None or page.row.outcome is not None:
            return
        if not self.detail.may_judge:
            self.detail.banner.show_message(
                "Claim the case first.", "So that nobody else decides it at the same time.", "blue",
                action=("Claim", self.claim),
            )  # fmt: skip
            return
        unmet = words.unmet(page.row.standings)
        if decision is Decision.EXCEPT and not unmet:
            decision = Decision.APPROVE
        elif decision is Decision.APPROVE and unmet:
            decision = Decision.EXCEPT
        self.deeds.decide(page, decision)

    def suspend(self) -> None:
        """Show what suspending the venue would do."""
        page = self.case
        if page is not None and page.facts.status == "active":
            self.deeds.suspend(page)

    def go_to_tab(self, key: str) -> None:
        """Show another tab."""
        self.side.show_tab(key)
        self.side.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear(self) -> None:
        """Escape: first the marks go, then the filter."""
        if self.side.list.marked:
            self.side.list.clear_marks()
        elif self.side.filters.is_narrow:
            self.side.clear_filter()
        self.side.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- doing it ----------------------------------------------------------------------------------------------------

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do one thing at a time: a second press while the first is under way is not a second case."""
        if self._doing:
            work.close()
            return
        self._doing = True
        self.banner.clear()
        self.detail.set_busy(True)
        self.runner.start(self._done(work))

    async def _done(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._doing = False
            self.detail.set_busy(False)

    async def _claim(self, row: CaseRow) -> None:
        made = await self._gateway.claim(row.id, row.version)
        self.detail.banner.clear()
        self._took(made)
        self.side.refresh()
        await self._load_case(row.id)

    async def _release(self, row: CaseRow) -> None:
        self._took(await self._gateway.release(row.id, row.version))
        self.toast_wanted.emit(f"{row.venue} is given back")
        self.refresh()

    async def _next(self, after: UUID | None) -> None:
        row = await self._gateway.next_case(after)
        if row is None:
            self.toast_wanted.emit("Nothing else is open")
            await self.side.load()
            return
        self.detail.banner.clear()
        await self._go_to(row.id)

    async def _go_to(self, case_id: UUID) -> None:
        """Show a case and choose its row, in another tab where it has to be."""
        self._wanted = case_id
        await self.side.load(choose=case_id)
        if all(row.id != case_id for row in self.side.list.rows) and self.side.tabs.chosen != "open":
            self.side.tabs.choose("open")
            await self.side.load(choose=case_id)
        await self._load_case(case_id)
        self.side.list.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _after_decision(self, row: CaseRow) -> None:
        self._wanted = None
        found = await self._gateway.next_case(row.id)
        if found is not None:
            self.detail.banner.clear()
            await self._go_to(found.id)
            return
        await self.side.load()
        left = self.side.list.case
        self._moved(left)
        self.side.list.setFocus(Qt.FocusReason.OtherFocusReason)

    def _judged(self, wanted: RequirementPage, accept: bool) -> None:
        page = self.case
        if page is None or wanted.waiting is None:
            return
        if accept:
            self._do(self._accept(page, wanted))
        else:
            self.deeds.decline(page, wanted)

    async def _accept(self, page: CasePage, wanted: RequirementPage) -> None:
        filing = wanted.waiting
        assert filing is not None
        made = await self._gateway.judge(page.row.venue_id, filing.id, filing.version, True, "")
        requirements = tuple(
            made if one.requirement is made.requirement else one for one in page.requirements
        )
        self._show_case(words.as_shown(replace(page, requirements=requirements)))
        self.toast_wanted.emit(f"{wanted.requirement.words} accepted")
        self.refresh()

    def _person(self, person: CheckedPerson) -> None:
        page = self.case
        if page is not None:
            self.deeds.answer_check(page, person)

    def do_with_marked(self, what: str) -> None:
        """Claim or ask the marked cases."""
        rows = self.side.list.marked
        if what == "claim" and rows:
            self._do(self.deeds.claim_all(rows))
        elif what == "ask":
            self.deeds.ask_all(rows)

    def show_venue(self) -> None:
        """Ask for the file of the venue."""
        if self.case is not None:
            self.venue_wanted.emit(self.case.row.venue_id)

    def _asked(self, what: str) -> None:
        known: dict[str, Callable[[], object]] = {
            "claim": self.claim, "release": self.release, "next": self.next_case, "suspend": self.suspend,
            "reject": partial(self.decide, Decision.REJECT), "ask": partial(self.decide, Decision.ASK),
            "approve": partial(self.decide, Decision.APPROVE),
            "venue": self.show_venue,
        }  # fmt: skip
        known[what]()

    # -- loading and showing -----------------------------------------------------------------------------------------

    def _row(self) -> CaseRow | None:
        """The chosen case as it was read last."""
        chosen, page = self.side.list.case, self.case
        if page is not None and (chosen is None or chosen.id == page.row.id):
            return page.row
        return chosen

    def _took(self, row: CaseRow) -> None:
        page = self.detail.page
        self._wanted = row.id
        if page is not None and page.row.id == row.id:
            self.detail.show_case(words.as_shown(replace(page, row=row)))
        self._tell_claim()
        self.reached.emit(None)

    def _moved(self, value: object) -> None:
        if not isinstance(value, CaseRow):
            self._wanted = None
            self.detail.hide()
            self.nothing.hide()
            return
        if value.id != self._wanted:
            self._wanted = value.id
            self.runner.start(self._load_case(value.id), "case")

    def _queue_loaded(self) -> None:
        """The first case is shown by itself; a case that left the list stays on show until one goes on."""
        chosen = self.side.list.case
        if self._wanted is None and chosen is not None:
            self._moved(chosen)
        elif self._wanted is not None and all(row.id != self._wanted for row in self.side.list.rows):
            self.side.list.choose_none()
        # An empty list says itself what it would hold.
        self.nothing.setVisible(self._wanted is None and bool(self.side.list.rows))
        if not self._led and self.isVisible() and self.side.list.rows:
            self._led = True  # it was not there to take the keyboard before
            self.side.list.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _load_case(self, case_id: UUID) -> None:
        before = self.detail.page
        page = words.as_shown(await self._gateway.case(case_id))
        if self._wanted != case_id:
            return
        self.reached.emit(None)
        self.banner.clear()
        self.nothing.hide()
        self.detail.show()
        self._show_case(page)
        if before is not None and before.row.id == case_id:
            self._teller.tell_others(before.row, page.row)
        else:
            self._teller.forget()
        self._tell_claim()
        other = before is None or before.facts.id != page.facts.id or self.detail.score is None
        if self._scores is not None and other:
            await self._load_score(self._scores, page)

    def _show_case(self, page: CasePage) -> None:
        """Show it; where the button with the keyboard has gone, the keys go on from the list and not beside it."""
        had: QWidget | None = QApplication.focusWidget()
        self.detail.show_case(page)
        if had is not None and had is not QApplication.focusWidget():
            self.side.list.setFocus(Qt.FocusReason.OtherFocusReason)

    async def _load_score(self, scores: VenueScores, page: CasePage) -> None:
        try:
            found = await scores.page(page.facts.id)
        except ConsoleError:
            found = None  # its place says that it cannot be read
        if self.detail.page is not None and self.detail.page.facts.id == page.facts.id:
            self.detail.show_score(found)

    def _tell_claim(self) -> None:
        if self.case is not None:
            self._teller.tell(self.case.row)

    def _conflict(self, error: Conflict) -> None:
        """Said beside the case, with the way on; then everything is shown as it is now."""
        on: tuple[str, Callable[[], object]] = {
            "decided_already": ("Next case", self.next_case), "claimed": ("Next case", self.next_case),
            "not_claimed": ("Take it again", self.claim),
        }.get(error.code or "", ("Look again", self.refresh))  # fmt: skip
        self.detail.banner.show_message(error.sentence, error.hint or "", "amber", action=on)
        self.refresh()

    def _failed(self, error: ConsoleError) -> None:
        if isinstance(error, Conflict):
            self._conflict(error)
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    def _read(self, document_id: UUID) -> None:
        page = self.case
        if page is not None:
            self._show_case(marked_as_read(page, document_id, self._clock.now()))

    def _sheet_gone(self) -> None:
        # What had it may have been made anew meanwhile.
        now: QWidget | None = QApplication.focusWidget()
        if now is None or not self.isAncestorOf(now):
            self.side.list.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- how it hangs together ---------------------------------------------------------------------------------------

    def _wire(self) -> None:
        side, detail, deeds = self.side, self.detail, self.deeds
        self.go_on.connect(self.next_case)
        side.moved.connect(self._moved)
        side.opened.connect(self.open_chosen)
        side.wanted.connect(self.do_with_marked)
        side.loaded.connect(self._queue_loaded)
        side.reached.connect(self.reached)
        side.counted.connect(self.counted)
        detail.wanted.connect(self._asked)
        detail.judged.connect(self._judged)
        detail.person_wanted.connect(self._person)
        detail.document_wanted.connect(deeds.look)
        detail.venue_wanted.connect(self.venue_wanted)
        deeds.told.connect(self.toast_wanted)
        deeds.changed.connect(self.refresh)
        deeds.decided.connect(lambda row: self._do(self._after_decision(row)))
        deeds.refused.connect(self._conflict)
        deeds.read.connect(self._read)
        deeds.finished.connect(self._sheet_gone)

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever looks sees what is so now."""
        super().showEvent(event)
        if event.spontaneous():
            return
        self.side.wait()
        self.refresh()
        self.put_in_order()
        self._clockwork.start()
        if self._poll.interval():
            self._poll.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is asked."""
        super().hideEvent(event)
        self._clockwork.stop()
        self._poll.stop()
