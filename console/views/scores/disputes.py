"""What venues say against their scores: the list, and beside it the score's numbers, the venue's words and the answer.

See docs/design.md, "Screens" (platform). Upholding works the week out again; both answers are words that the venue
reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.counting import count
from console.domain.scores import Dispute, ScorePage, WeekScore
from console.errors import Conflict, ConsoleError, NotFound
from console.models.gateway_scores import ScoreGateway
from console.models.runner import TaskRunner
from console.views.scores import words
from console.views.scores.parts import ComponentBars
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.base import fix_height, line
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.fields import Field
from console.views.widgets.focus import tab_in_order
from console.views.widgets.frames import flush, ground, master_side, quiet_scroll
from console.views.widgets.text import ElidedLabel, Section, label
from console.views.widgets.waiting import EmptyState, Skeleton

_LONGEST = 2000
_WIDEST = 720


class DisputesPart(QWidget):
    """The part. `counted` carries how many are open."""

    toast_wanted = Signal(str)
    reached = Signal(object)
    venue_wanted = Signal(object)
    counted = Signal(int)

    def __init__(
        self, hub: ThemeHub, gateway: ScoreGateway, *, clock: Clock, zone: tzinfo, may_change: bool
    ) -> None:
        """Nothing is asked before `refresh`; without `may_change` they can only be read."""
        super().__init__()
        self._zone = zone
        self.hub, self._gateway, self._clock, self._may_change = hub, gateway, clock, may_change
        self._page: ScorePage | None = None
        self._shown: Dispute | None = None
        self._unsent: dict[UUID, str] = {}
        self._known = self._busy = False
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.list = ChoiceList(hub, "Disputes")
        self.list.moved.connect(self._moved)
        self.list.chosen.connect(lambda _value: self._to_answer())
        self.banner = Banner(hub, above=12)
        self.skeleton = Skeleton(hub, rows=6)
        self.nothing = EmptyState(
            hub, "ph.check-circle", "No disputes", "A venue that finds its score wrong says so here."
        )
        self.venue = ElidedLabel("", "title")
        self.about = ElidedLabel("", "muted")
        self.state = Chip(hub, "")
        self.open_button = Button(hub, "Open the score", icon="ph.chart-line")
        self.open_button.clicked.connect(lambda _checked=False: self.open_venue())
        self.score = label("", "figure")
        self.facts = label("", "secondary", wrap=True)
        self.bars = ComponentBars(hub)
        self.says = label("", "body", wrap=True, selectable=True)
        self.says.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.by = label("", "caption", wrap=True)
        self.answered = label("", "body", wrap=True)
        self.answered_by = label("", "caption", wrap=True)
        self.answer: QPlainTextEdit = QPlainTextEdit()
        self.answer.setTabChangesFocus(True)
        fix_height(self.answer, hub, 88)
        self.answer.textChanged.connect(self._offer)
        self.field = Field(hub, "Answer", self.answer, note="the venue reads it",
                           help_text="Upholding works the week out again from what is known now.")  # fmt: skip
        self.decline_button = Button(hub, "Decline", icon="ph.x")
        self.decline_button.clicked.connect(lambda _checked=False: self.settle(uphold=False))
        self.uphold_button = Button(hub, "Uphold", "primary", icon="ph.check")
        self.uphold_button.clicked.connect(lambda _checked=False: self.settle(uphold=True))
        self._lay_out()

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def dispute(self) -> Dispute | None:
        """The one on show."""
        found = self.list.current
        return found if isinstance(found, Dispute) else None

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        return (self.list, self.open_button, self.banner, self.field, self.decline_button, self.uphold_button)

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        if not self._known:
            self.skeleton.show()
            self.skeleton.start()
        self.runner.start(self._load(), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()

    def order(self) -> None:
        """Tab goes from the list over the panel."""
        tab_in_order(*self.stops)

    def open_venue(self) -> None:
        """Show all the scores of the venue."""
        if self.dispute is not None:
            self.venue_wanted.emit(self.dispute.venue_id)

    def settle(self, *, uphold: bool) -> None:
        """Answer the one on show with the words that were written."""
        dispute, said = self.dispute, self._words
        button = self.uphold_button if uphold else self.decline_button
        if dispute is None or not said or not button.isEnabled():
            return
        self._busy = True
        self._offer()
        self.runner.start(self._settle(dispute, uphold, said))

    def _to_answer(self) -> None:
        self.answer.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- asking ------------------------------------------------------------------------------------------------------

    async def _load(self, *, keep_news: bool = False) -> None:
        found = await self._gateway.disputes()
        self.reached.emit(None)
        if not keep_news:
            self.banner.clear()
        self._known = True
        self._show(found)

    async def _read(self, dispute: Dispute) -> None:
        page = await self._gateway.page(dispute.venue_id)
        if self.dispute is not None and self.dispute.id == dispute.id:
            self._page = page
            self._show_score(dispute)

    async def _settle(self, dispute: Dispute, uphold: bool, said: str) -> None:
        await self._gateway.answer(dispute, uphold, said)
        self._busy = False
        self.answer.clear()
        again = "Upheld, the week is worked out again" if uphold else "Declined, the score stays"
        self.toast_wanted.emit(f"{again}\n{dispute.venue} is told.")
        # The buttons go: the keyboard would go to whatever comes after them in the window.
        self.list.setFocus(Qt.FocusReason.OtherFocusReason)
        await self._load()

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._stop_waiting()
        self._offer()
        if isinstance(error, Conflict | NotFound):
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self.runner.start(self._load(keep_news=True), "load")
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    # -- showing -----------------------------------------------------------------------------------------------------

    @property
    def _words(self) -> str:
        return self.answer.toPlainText().replace("\x00", "").strip()

    def _show(self, found: Sequence[Dispute]) -> None:
        self._stop_waiting()
        self.counted.emit(sum(one.state == "open" for one in found))
        self.list.setVisible(bool(found))
        self._panel.setVisible(bool(found))
        self.nothing.setVisible(not found)
        rows = [
            Choice(one, one.venue, words.about(one), chips=(words.STATE_CHIPS.get(one.state, words.ASKED),))
            for one in found
        ]
        if [_key(row.value) for row in rows] == [_key(row.value) for row in self.list.choices.choices]:
            self.list.choices.retell(rows)
            self._moved(self.list.current)
        else:
            self.list.refresh_choices(rows, _key)

    def _moved(self, value: object) -> None:
        if not isinstance(value, Dispute):
            return
        if self._shown is None or self._shown.id != value.id:
            self._page = None
            if self._shown is not None:
                self._unsent[self._shown.id] = self.answer.toPlainText()
            self.answer.setPlainText(self._unsent.pop(value.id, ""))
        self._shown = value
        self.venue.setText(value.venue)
        self.about.setText(words.about(value))
        self.state.show_chip(words.STATE_CHIPS.get(value.state, words.ASKED))
        now = self._clock.now()
        self.says.setText(value.reason)
        self.by.setText(f"{value.opened_by}, {words.moment(value.opened_at, now, self._zone)}")
        is_open = value.state == "open"
        self.answered.setText(value.answer or "")
        when = (
            f", {words.moment(value.answered_at, now, self._zone)}" if value.answered_at is not None else ""
        )
        self.answered_by.setText(f"{value.answered_by or ''}{when}")
        self._answer_part.setVisible(not is_open and bool(value.answer))
        self._deeds.setVisible(is_open and self._may_change)
        self._show_score(value)
        self._offer()
        if self.isVisible():  # only counted while another part is looked at
            self.runner.start(self._read(value), "read")

    def _show_score(self, dispute: Dispute) -> None:
        page = self._page
        week = _week_of(page, dispute) if page is not None else None
        self._numbers.setVisible(week is not None)
        if page is None or week is None:
            return
        self.score.setText(words.points(week.composite, page.formula.threshold))
        newest = next((one for one in page.weeks if one.week == week.week), week)
        facts = f"Score of the week, version {week.revision}" if week.revision > 1 else "Score of the week"
        if newest.revision > week.revision:
            now = words.points(newest.composite, page.formula.threshold)
            facts += f"; worked out again since, now {now}"
        self.facts.setText(facts)
        self.bars.show_parts(week.parts, page.formula)

    def _offer(self) -> None:
        said = self._words
        long = len(said) - _LONGEST
        self.field.set_error(f"{count(long, 'character')} too many." if long > 0 else "")
        may = bool(said) and long <= 0 and not self._busy and self._may_change
        for button in (self.decline_button, self.uphold_button):
            button.setEnabled(may)

    def _stop_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()

    def _lay_out(self) -> None:
        across = flush(QHBoxLayout())
        ground(self).addLayout(across, 1)
        side = master_side(self.hub, across)
        side.addWidget(self.skeleton)
        side.addWidget(self.list, 1)
        side.addStretch(0)
        right = flush(QVBoxLayout())
        told = flush(QVBoxLayout())
        told.setContentsMargins(24, 0, 24, 0)
        told.addWidget(self.banner)
        right.addLayout(told)
        right.addWidget(self.nothing, 1)
        self._panel = QWidget()
        right.addWidget(self._panel, 1)
        right.addStretch(0)
        across.addLayout(right, 1)
        panel = flush(QVBoxLayout(self._panel))
        head = QHBoxLayout()
        head.setContentsMargins(24, 16, 24, 12)
        head.setSpacing(8)
        said = flush(QVBoxLayout())
        named = QHBoxLayout()
        named.setSpacing(8)
        named.addWidget(self.venue)
        named.addWidget(self.state)
        named.addStretch(1)
        said.addLayout(named)
        said.addWidget(self.about)
        head.addLayout(said, 1)
        head.addWidget(self.open_button)
        panel.addLayout(head)
        panel.addWidget(line())
        inside = QWidget()
        inside.setProperty("clear", "true")
        held = QVBoxLayout(inside)
        held.setContentsMargins(24, 16, 24, 16)
        held.setSpacing(16)
        self._says_part = _titled("What the venue says", self.says, self.by)
        self._answer_part = _titled("The answer", self.answered, self.answered_by)
        self._numbers = QWidget()
        numbers = flush(QVBoxLayout(self._numbers))
        numbers.setSpacing(8)
        numbers.addWidget(Section("The score"))
        numbers.addWidget(self.score)
        numbers.addWidget(self.facts)
        numbers.addWidget(self.bars)
        for part in (self._says_part, self._numbers, self._answer_part):
            part.setMaximumWidth(self.hub.theme.scaled(_WIDEST))
            held.addWidget(part)
        held.addStretch(1)
        panel.addWidget(quiet_scroll(inside), 1)
        self._deeds = QWidget()
        deeds = flush(QVBoxLayout(self._deeds))
        deeds.addWidget(line(strong=True))
        foot = QVBoxLayout()
        foot.setContentsMargins(24, 12, 24, 12)
        foot.setSpacing(8)
        foot.addWidget(self.field)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.decline_button)
        buttons.addWidget(self.uphold_button)
        foot.addLayout(buttons)
        deeds.addLayout(foot)
        panel.addWidget(self._deeds)
        for part in (self.nothing, self._panel, self.list, self.skeleton):
            part.hide()


def _titled(title: str, *parts: QWidget) -> QWidget:
    made = QWidget()
    column = flush(QVBoxLayout(made))
    column.setSpacing(6)
    column.addWidget(Section(title))
    for part in parts:
        column.addWidget(part)
    return made


def _key(value: object) -> object:
    return value.id if isinstance(value, Dispute) else value


def _week_of(page: ScorePage, dispute: Dispute) -> WeekScore | None:
    return next((one for one in (*page.weeks, *page.revisions) if one.id == dispute.score_id), None)
