"""One review in full: its words, why it waits, what was decided about it, and what can be done.

Headquarters keeps, hides or restores; a venue answers. Who wrote it stands nowhere. See docs/design.md, "Screens"
(reviews and score).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.feedback import ReviewRow, ReviewStep
from console.views.feedback import words
from console.views.feedback.reply import ReplyEditor
from console.views.feedback.stars import Stars
from console.views.theme import ThemeHub
from console.views.widgets.base import line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.frames import flush, quiet_scroll
from console.views.widgets.text import IconLabel, Section, breakable, label

_SIDE = 20


class ReviewPanel(QWidget):
    """The panel. `wanted` names what a button asks for: keep, hide, restore."""

    wanted = Signal(str)

    def __init__(self, hub: ThemeHub, zone: tzinfo, *, moderates: bool, venues: bool, replies: bool) -> None:
        """Which of the buttons there are at all; `venues`: whether it says which venue it is about."""
        super().__init__()
        self.hub, self._zone, self._venues, self._moderates = hub, zone, venues, moderates
        self.review: ReviewRow | None = None
        self._history: Sequence[ReviewStep] | None = None
        self.keep_button = Button(hub, "Keep", "primary", icon="ph.check")
        self.keep_button.setToolTip("Nothing is wrong with it (K)")
        self.hide_button = Button(hub, "Hide…", "refuse", icon="ph.eye-slash")
        self.hide_button.setToolTip("Nobody sees it any more, with a reason (H)")
        self.restore_button = Button(hub, "Restore…", icon="ph.eye")
        self.restore_button.setToolTip("Show it again, with a reason (R)")
        self.reply = ReplyEditor(hub)
        self._replies = replies
        self.area = quiet_scroll()
        self.area.viewport().setAutoFillBackground(False)
        self._lay_out()
        for button, what in (
            (self.keep_button, "keep"), (self.hide_button, "hide"), (self.restore_button, "restore"),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, what=what: self.wanted.emit(what))

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        return (self.hide_button, self.restore_button, self.keep_button, self.reply)

    def show_review(self, review: ReviewRow, history: Sequence[ReviewStep] | None) -> None:
        """Show one; `history` None: it is not known yet."""
        if (review, history) == (self.review, self._history):
            return
        other = self.review is None or self.review.id != review.id
        at = 0 if other else self.area.verticalScrollBar().value()
        self.review, self._history = review, history
        before = self.area.takeWidget()
        self.area.setWidget(self._content(review, history))
        self.area.viewport().setAutoFillBackground(False)
        self.area.verticalScrollBar().setValue(at)
        if before is not None:
            before.deleteLater()
        self.keep_button.setVisible(bool(review.causes) and review.is_visible)
        self.hide_button.setVisible(review.is_visible)
        self.restore_button.setVisible(not review.is_visible)
        self.reply.setVisible(self._replies and review.is_visible)

    def set_busy(self, busy: bool) -> None:
        """While an answer is awaited nothing is asked twice."""
        for button in (self.keep_button, self.hide_button, self.restore_button):
            button.setEnabled(not busy)
        self.reply.set_busy(busy)

    # -- its parts ---------------------------------------------------------------------------------------------------

    def _content(self, review: ReviewRow, history: Sequence[ReviewStep] | None) -> QWidget:
        made = QWidget()
        made.setProperty("clear", "true")
        column = QVBoxLayout(made)
        column.setContentsMargins(_SIDE, 16, _SIDE, 20)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(Stars(self.hub, review.rating))
        head.addWidget(label(words.stars(review.rating), "secondary"), 1)
        column.addLayout(head)
        column.addWidget(label(breakable(review.activity), "name", wrap=True))
        where = [review.venue] if self._venues else []
        where.append(words.written_on(review.submitted_at, self._zone))
        column.addWidget(label(breakable("\n".join(where)), "muted", wrap=True))
        column.addSpacing(6)
        said = review.words.strip()
        column.addWidget(
            label(breakable(said) or words.NO_WORDS, "body" if said else "muted", wrap=True, selectable=True)
        )
        if not review.is_visible:
            self._noted(column, "Hidden", "ph.eye-slash", "Nobody sees it. " + (review.hidden_reason or ""))
        if review.causes and self._moderates:
            self._why(column, review)
        if review.reply:
            by = f"Answered by {review.replied_by}" if review.replied_by else "Answered"
            when = f", {words.written_on(review.replied_at, self._zone)}" if review.replied_at else ""
            title = "Answer of the venue" if self._venues else "Your answer"
            self._noted(column, title, "ph.chat-text", review.reply, f"{by}{when}")
        self._past(column, history)
        column.addStretch(1)
        return made

    def _why(self, column: QVBoxLayout, review: ReviewRow) -> None:
        column.addSpacing(8)
        column.addWidget(Section("Why it is here"))
        for cause, says in review.causes.items():
            chip = words.cause_chip(cause, says, review.rating)
            column.addSpacing(2)
            column.addWidget(Chip(self.hub, chip.text, chip.tone, chip.icon), 0, Qt.AlignmentFlag.AlignLeft)
            sentence = words.cause_sentence(cause, says, review.rating)
            column.addWidget(label(breakable(sentence), "secondary", wrap=True, selectable=True))

    def _noted(self, column: QVBoxLayout, title: str, icon: str, body: str, caption: str = "") -> None:
        column.addSpacing(8)
        column.addWidget(Section(title))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(IconLabel(self.hub, icon), 0, Qt.AlignmentFlag.AlignTop)
        held = flush(QVBoxLayout())
        held.addWidget(label(breakable(body.strip()), wrap=True, selectable=True))
        if caption:
            held.addWidget(label(breakable(caption), "caption", wrap=True))
        row.addLayout(held, 1)
        column.addLayout(row)

    def _past(self, column: QVBoxLayout, history: Sequence[ReviewStep] | None) -> None:
        if not history:
            return
        column.addSpacing(8)
        column.addWidget(Section("History"))
        for step in reversed(history):
            row = QHBoxLayout()
            row.setSpacing(8)
            row.setContentsMargins(0, 2, 0, 2)
            row.addWidget(IconLabel(self.hub, words.step_icon(step)), 0, Qt.AlignmentFlag.AlignTop)
            held = flush(QVBoxLayout())
            held.addWidget(label(words.step_title(step), wrap=True))
            held.addWidget(label(words.written_on(step.at, self._zone), "caption", wrap=True))
            if step.reason:
                held.addWidget(label(breakable(step.reason), "secondary", wrap=True, selectable=True))
            row.addLayout(held, 1)
            column.addLayout(row)

    def _lay_out(self) -> None:
        outer = flush(QVBoxLayout(self))
        ground = surface("panel")
        outer.addWidget(ground)
        column = flush(QVBoxLayout(ground))
        column.addWidget(self.area, 1)
        self.bar = QWidget()
        bar = flush(QVBoxLayout(self.bar))
        bar.addWidget(line(strong=True))
        row = QHBoxLayout()
        row.setContentsMargins(_SIDE, 12, _SIDE, 12)
        row.setSpacing(8)
        row.addStretch(1)
        for button in (self.hide_button, self.restore_button, self.keep_button):
            row.addWidget(button)
        bar.addLayout(row)
        column.addWidget(self.bar)
        self.bar.setVisible(self._moderates)
        column.addWidget(self.reply)
        self.reply.setVisible(self._replies)
