"""One case: its venue, who holds it, the requirements with their evidence, the facts beside them, and the decision bar.

It shows and asks; what is asked is done by the page. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from datetime import tzinfo

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.scores import ScorePage
from console.domain.vetting import CasePage, CaseRow, Requirement, RequirementPage
from console.views.approvals import words
from console.views.approvals.facts import FactsPanel
from console.views.approvals.requirement_block import RequirementBlock
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.frames import flush, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.paint import ChipSpec
from console.views.widgets.text import ElidedLabel, IconLabel, label

_BESIDE_FROM = 800


class CaseDetail(QWidget):
    """The detail. `wanted` names what a button or the menu asks for."""

    wanted = Signal(str)
    document_wanted = Signal(object, object)
    judged = Signal(object, bool)
    person_wanted = Signal(object)
    venue_wanted = Signal(object)
    """The id of a venue: this one, or one that may be the same."""
    rebuilt = Signal()

    def __init__(self, hub: ThemeHub, *, clock: Clock, zone: tzinfo, scores: bool) -> None:
        """Nothing is shown before `show_case`; `scores`: whether the venue's score stands beside it."""
        super().__init__()
        self.hub, self._clock, self._zone, self._scores = hub, clock, zone, scores
        self.page: CasePage | None = None
        self.score: ScorePage | None = None
        self.blocks: dict[Requirement, RequirementBlock] = {}
        self.facts: FactsPanel | None = None
        self._may_judge = False
        self._claim_words = ("", "")
        self._below = self._excepts = False
        self.header = PageHeader(hub, "", "", detail=True)
        self.kind = Chip(hub, "")
        self.hand = IconLabel(hub, "ph.hand-palm", "accent.text")
        self.claim_line = ElidedLabel("", "secondary")
        self.claim_button = Button(hub, "Claim")
        self.release_button = Button(hub, "Release")
        self.more_button = Button(hub, "More", icon="ph.dots-three")
        self.banner = Banner(hub, above=12)
        self.alike = Banner(hub, above=12)
        self.read = label("", "small")
        self.sum = ElidedLabel("", "strong")
        self.sum_hint = ElidedLabel("", "caption")
        self.reject_button = Button(hub, "Reject…", "refuse")
        self.ask_button = Button(hub, "Ask the venue…")
        self.approve_button = Button(hub, "Approve…", "primary")
        self.take_button = Button(hub, "Claim to decide", "primary")
        self._lay_out()
        hub.changed.connect(self._fit)
        for button, what in (
            (self.claim_button, "claim"), (self.take_button, "claim"), (self.release_button, "release"),
            (self.reject_button, "reject"), (self.ask_button, "ask"), (self.approve_button, "approve"),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, what=what: self.wanted.emit(what))
        self.more_button.clicked.connect(lambda _checked=False: self._show_menu())

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        blocks = [stop for block in self.blocks.values() for stop in block.stops]
        facts = self.facts.stops if self.facts is not None else []
        return (
            self.claim_button, self.release_button, self.more_button, self.banner, self.alike, *blocks,
            *(facts if self._below else ()), self.reject_button, self.ask_button, self.approve_button, self.take_button,
            *(() if self._below else facts),
        )  # fmt: skip

    def show_case(self, page: CasePage) -> None:
        """Show a case; of the one that is on show only what is different is made anew."""
        other = self.page is None or self.page.row.id != page.row.id
        before, self.page = self.page, page
        if other:
            self.score = None
            self.banner.clear()
        row = page.row
        self.header.title.setText(row.venue)
        self.kind.show_chip(ChipSpec(row.kind.words))
        read, whole = page.evidence_read
        self.read.setText(f"evidence read: {read} of {whole}" if whole else "no evidence yet")
        self._show_alike(page)
        self.show_claim(row)
        self._show_blocks(page, other=other)
        if other or before is None or (before.facts, before.history) != (page.facts, page.history):
            self._show_facts()
        if other:
            self._scroll.verticalScrollBar().setValue(0)
        self.rebuilt.emit()

    def show_score(self, score: ScorePage | None) -> None:
        """The venue's score; None where it could not be read."""
        self.score = score
        self._show_facts()
        self.rebuilt.emit()

    def show_claim(self, row: CaseRow) -> None:
        """Say who holds the case as it is now, and offer what can be done with it."""
        now = self._clock.now()
        running = row.claimed_until is not None and row.claimed_until > now and row.claimed_by is not None
        mine, decided = running and row.claimed_by_me, row.outcome is not None
        self.hand.show_icon(
            "ph.hand-palm" if mine else "ph.lock-simple", "accent.text" if mine else "text.secondary"
        )
        self.hand.setVisible(running and not decided)
        said = words.claim_line(row, now, self._zone) if not decided else ""
        self._claim_words = (said, words.claim_short(row, now, self._zone))
        self.claim_button.setVisible(not running and not decided)
        self.release_button.setVisible(mine)
        self._offer(row, mine=mine, held=running, decided=decided)
        if mine != self._may_judge:
            self._may_judge = mine
            if self.page is not None and self.page.row.id == row.id:
                self._show_blocks(self.page, other=False)
                self.rebuilt.emit()

    def set_busy(self, busy: bool) -> None:
        """While an answer is awaited nothing is asked twice."""
        for button in (
            self.claim_button, self.release_button, self.reject_button, self.ask_button, self.approve_button,
            self.take_button,
        ):  # fmt: skip
            button.setEnabled(not busy)

    @property
    def may_judge(self) -> bool:
        """Whether the reader holds the case now."""
        return self._may_judge

    # -- its parts ---------------------------------------------------------------------------------------------------

    def _offer(self, row: CaseRow, *, mine: bool, held: bool, decided: bool) -> None:
        self.sum.setText(words.sum_line(row.standings))
        lacking = words.unmet(row.standings)
        self._excepts = bool(lacking)
        if decided:
            hint = words.decided_line(row, self._zone)
        elif held and not mine:
            hint = words.claim_line(row, self._clock.now(), self._zone)
        else:
            hint = "Needs a reasoned exception" if lacking else "Ready to be approved"
        self.sum_hint.setText(hint)
        for button in (self.reject_button, self.ask_button, self.approve_button):
            button.setVisible(mine and not decided)
        self.take_button.setVisible(not held and not decided)
        self._fit()

    def _show_alike(self, page: CasePage) -> None:
        if not page.likenesses:
            self.alike.clear()
            return
        first = page.likenesses[0]
        more = len(page.likenesses) - 1
        rest = f" And {count(more, 'more venue')}." if more else ""
        said = words.alike_line(first) + rest
        if self.alike.text != f"This may be a venue we know. {said}":
            self.alike.show_message(
                "This may be a venue we know.", said, "amber",
                action=("Open it", lambda: self.venue_wanted.emit(first.venue_id)),
            )  # fmt: skip

    def _show_blocks(self, page: CasePage, *, other: bool) -> None:
        for place, wanted in enumerate(page.requirements):
            block = self.blocks.get(wanted.requirement)
            same = block is not None and not other and block.page == wanted
            if same and block is not None and block.may_judge == self._may_judge:
                continue
            made = self._block(wanted)
            if block is not None:
                self._blocks.removeWidget(block)
                block.hide()
                block.deleteLater()
            self._blocks.insertWidget(place, made)
            self.blocks[wanted.requirement] = made
        self.blocks = {one.requirement: self.blocks[one.requirement] for one in page.requirements}

    def _block(self, page: RequirementPage) -> RequirementBlock:
        made = RequirementBlock(
            self.hub, page, now=self._clock.now(), zone=self._zone, may_judge=self._may_judge
        )
        made.document_wanted.connect(self.document_wanted)
        made.judged.connect(self.judged)
        made.person_wanted.connect(self.person_wanted)
        return made

    def _show_facts(self) -> None:
        page, before = self.page, self.facts
        if page is None:
            return
        self.facts = FactsPanel(
            self.hub, page, self.score, scores=self._scores, zone=self._zone, below=self._below
        )
        self.facts.venue_wanted.connect(lambda: self.venue_wanted.emit(page.facts.id))
        if before is not None:
            before.hide()
            before.setParent(None)
            before.deleteLater()
        if self._below:
            self._under.addWidget(self.facts)
        else:
            self._beside.setWidget(self.facts)
            self._beside.viewport().setAutoFillBackground(False)
        self.facts.show()

    def _show_menu(self) -> None:
        if self.page is None:
            return
        menu = QMenu(self)
        menu.addAction("Open venue file", lambda: self.wanted.emit("venue"))
        menu.addAction("Next case", lambda: self.wanted.emit("next"))
        menu.addSeparator()
        suspend = menu.addAction("Suspend the venue…", lambda: self.wanted.emit("suspend"))
        suspend.setEnabled(self.page.facts.status == "active")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.more_button.mapToGlobal(QPoint(0, self.more_button.height() + 4)))

    # -- how it is laid out ------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Without room beside the requirements the facts go below them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        scaled = self.hub.theme.scaled
        below = self.width() < scaled(_BESIDE_FROM)
        if below != self._below:
            self._below = below
            if self.page is not None:
                self._show_facts()
                self.rebuilt.emit()
        self._beside.setVisible(not below)
        self._edge.setVisible(not below)
        self._beside.setFixedWidth(scaled(self.hub.theme.size("factsPanel")))
        free = self.width() - (0 if below else self._beside.width())
        self.approve_button.setText("Approve with exception…" if self._excepts else "Approve…")
        if free < self._buttons_need():
            self.approve_button.setText("Except…" if self._excepts else "Approve…")
        roomy = free - self._buttons_need() >= scaled(150)
        direction = QBoxLayout.Direction.LeftToRight if roomy else QBoxLayout.Direction.TopToBottom
        self._bar.setDirection(direction)
        self.bar.setMinimumHeight(self.hub.theme.size("decisionBar"))
        chipped = self.width() >= scaled(440)
        self.kind.setVisible(chipped)
        if self.page is not None:
            said = words.header_caption(self.page, self._clock.now(), self._zone)
            self.header.caption.setText(said if chipped else f"{self.page.row.kind.words} · {said}")
        self.claim_line.setText(self._claim_words[0 if self.width() >= scaled(640) else 1])
        self.claim_line.setToolTip(self._claim_words[0])

    def _buttons_need(self) -> int:
        shown = (self.reject_button, self.ask_button, self.approve_button, self.take_button)
        return 48 + sum(one.sizeHint().width() + 8 for one in shown if not one.isHidden())

    def _lay_out(self) -> None:
        self.setProperty("clear", "true")
        column = flush(QVBoxLayout(self))
        self.header.lead(None, self.kind)
        for part in (self.hand, self.claim_line, self.claim_button, self.release_button, self.more_button):
            self.header.add(part)
        column.addWidget(self.header)
        across = flush(QHBoxLayout())
        column.addLayout(across, 1)
        middle = flush(QVBoxLayout())
        across.addLayout(middle, 1)
        strip = flush(QVBoxLayout())
        strip.setContentsMargins(24, 0, 24, 0)
        strip.addWidget(self.banner)
        strip.addWidget(self.alike)
        middle.addLayout(strip)
        inside = QWidget()
        inside.setProperty("clear", "true")
        held = flush(QVBoxLayout(inside))
        body = flush(QVBoxLayout())
        body.setContentsMargins(24, 16, 24, 24)
        held.addLayout(body)
        head = QHBoxLayout()
        head.addWidget(label("Requirements", "label"), 1)
        head.addWidget(self.read)
        body.addLayout(head)
        body.addSpacing(8)
        body.addWidget(line())
        self._blocks = flush(QVBoxLayout())
        body.addLayout(self._blocks)
        self._under = flush(QVBoxLayout())
        held.addLayout(self._under)
        held.addStretch(1)
        self._scroll = quiet_scroll(inside)
        self._scroll.viewport().setAutoFillBackground(False)
        middle.addWidget(self._scroll, 1)
        self.bar = self._decision_bar()
        middle.addWidget(self.bar)
        self._edge = line(vertical=True)
        across.addWidget(self._edge)
        self._beside = quiet_scroll()
        self._beside.setProperty("surface", "panel")
        ground = surface("panel")
        wide = flush(QVBoxLayout(ground))
        wide.addWidget(self._beside)
        across.addWidget(ground)

    def _decision_bar(self) -> QWidget:
        bar = surface("bar")
        outer = flush(QVBoxLayout(bar))
        outer.addWidget(line(strong=True))
        self._bar = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._bar.setContentsMargins(24, 12, 24, 12)
        self._bar.setSpacing(8)
        outer.addLayout(self._bar, 1)
        said = flush(QVBoxLayout())
        said.addStretch(1)
        said.addWidget(self.sum)
        said.addWidget(self.sum_hint)
        said.addStretch(1)
        self._bar.addLayout(said, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.reject_button, self.ask_button, self.approve_button, self.take_button):
            buttons.addWidget(button)
        self._bar.addLayout(buttons)
        return bar
