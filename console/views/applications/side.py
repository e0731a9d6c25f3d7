"""What stands around the form of an application: what headquarters said, what is missing, and what can be done.

See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.vetting import Application
from console.views.applications import words
from console.views.applications.form import ApplicationForm
from console.views.approvals.requirement_block import Wrapped
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, line, surface
from console.views.widgets.buttons import Button
from console.views.widgets.chips import Chip
from console.views.widgets.fields import Field
from console.views.widgets.frames import flush, quiet_scroll
from console.views.widgets.meter import Meter
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.toggles import ChoiceRow

ANSWER_LENGTH = 1000
_WIDEST = 720
_METER = 160


class Side(QWidget):
    """The form of one application with its head and its foot."""

    go_wanted = Signal(str)
    """The field that a missing fact belongs to."""
    submit_wanted = Signal()
    withdraw_wanted = Signal()
    venue_wanted = Signal(object)

    def __init__(self, hub: ThemeHub) -> None:
        """An empty form."""
        super().__init__()
        self.hub = hub
        self.most_words = ANSWER_LENGTH
        self._venue_id: UUID | None = None
        self.links: list[Button] = []
        self.form = ApplicationForm(hub)
        self.chip = Chip(hub, "Draft")
        self.parts = ChoiceRow(hub, (("form", "Form"), ("papers", "Papers")), name="What is shown of it")
        self.feedback = surface("raised")
        self.feedback_title, self.feedback_words = (
            label("", "strong"),
            label("", "body", wrap=True, selectable=True),
        )
        self.answer = QPlainTextEdit()
        self.answer.setTabChangesFocus(True)
        fix_height(self.answer, hub, 72)
        self.answer_field = Field(hub, "Your answer", self.answer, help_text="Say what you changed below.")
        self.answer.textChanged.connect(self._answer_typed)
        self.complete = label("", "strong")
        self.meter = Meter(hub, "How much is filled in", thickness=6)
        self.meter.setFixedWidth(hub.theme.scaled(_METER))
        self._links = flush(QVBoxLayout())
        self.wrong = label("", "error", wrap=True)
        self.kept = ElidedLabel("", "muted")
        self.withdraw_button = Button(hub, "Withdraw…", "quiet")
        self.venue_button = Button(hub, "Open the venue")
        self.submit_button = Button(hub, "Hand in…", "primary")
        self.withdraw_button.clicked.connect(lambda _checked=False: self.withdraw_wanted.emit())
        self.submit_button.clicked.connect(lambda _checked=False: self.submit_wanted.emit())
        self.venue_button.clicked.connect(lambda _checked=False: self.venue_wanted.emit(self._venue_id))
        self._lay_out()

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What Tab goes through, in order."""
        return (
            self.answer, *self.links, *self.form.editors, self.withdraw_button, self.venue_button, self.submit_button,
        )  # fmt: skip

    @property
    def answer_words(self) -> str:
        """What is said to headquarters."""
        return self.answer.toPlainText().replace("\x00", "").strip()

    def show_application(self, application: Application) -> None:
        """Show where it stands and what headquarters said."""
        self._venue_id = application.venue_id
        self.chip.show_chip(words.chip(application))
        self.parts.setVisible(application.venue_id is not None)
        asked = words.state_of(application) == "asked"
        self.feedback.setVisible(bool(application.feedback) or asked)
        self.feedback_title.setText(words.feedback_title(application))
        self.feedback_words.setText(application.feedback or "Look through the form and send it back.")
        self.answer_field.setVisible(asked)
        self.wrong.hide()
        self.kept.setText("")
        self.form.lock(not words.may_edit(application))

    def show_missing(self, missing: Sequence[tuple[str, str]], *, editable: bool) -> None:
        """Show how much is there, and what is not as links to its field."""
        needed = len(words.FIELDS)
        there = needed - len(missing)
        self.complete.setText(
            f"{there} of {needed} needed facts" if missing else "All that is needed is there"
        )
        self.meter.set_parts([(there / needed, "accent.fill")])
        self._head.setVisible(editable)
        if not missing:
            self.wrong.hide()
        if [button.text() for button in self.links] == [word for word, _name in missing]:
            return  # typing on must not flicker
        while self._links.count():
            item = self._links.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.links = []
        if not missing:
            return
        row = Wrapped(12)
        lead = label("Still missing:", "muted")
        row.add(lead)
        for word, name in missing:
            button = Button(self.hub, word, "link", scale="compact")
            button.setAccessibleName(f"Go to {word}, which is missing")
            button.clicked.connect(lambda _checked=False, name=name: self.go_wanted.emit(name))
            self.links.append(button)
            row.add(button)
            button.ensurePolished()
            lead.setMinimumHeight(button.sizeHint().height())
        self._links.addWidget(row)

    def say_missing(self, lacking: Sequence[str]) -> None:
        """It was to be handed in, but something is missing."""
        self.wrong.setText(f"Fill in {count(len(lacking), 'more fact')} before it can be handed in.")
        self.wrong.show()

    def say_kept(self, said: str) -> None:
        """When the draft was kept last."""
        self.kept.setText(said)

    def offer(self, application: Application | None, *, busy: bool) -> None:
        """What can be done now."""
        state = words.state_of(application) if application is not None else "withdrawn"
        editable = application is not None and words.may_edit(application)
        self.submit_button.setVisible(editable)
        self.submit_button.setText("Send back" if state == "asked" else "Hand in…")
        self.submit_button.setEnabled(not busy)
        self.withdraw_button.setVisible(state not in words.OVER)
        self.withdraw_button.setEnabled(not busy)
        self.venue_button.setVisible(state == "approved")
        self.foot.setVisible(editable or state not in words.OVER or state == "approved")

    def follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Keep what has the keyboard in sight, however it got it."""
        body = self.area.widget()
        if now is not None and body is not None and body.isAncestorOf(now):
            self.area.ensureWidgetVisible(now, 0, self.hub.theme.scaled(64))

    def _answer_typed(self) -> None:
        over = len(self.answer_words) - ANSWER_LENGTH
        self.answer_field.set_error(f"{over:,} too many characters." if over > 0 else "")

    def _lay_out(self) -> None:
        outer = flush(QVBoxLayout(self))
        body = QWidget()
        body.setProperty("clear", "true")
        across = flush(QHBoxLayout(body))
        across.setContentsMargins(24, 16, 24, 24)
        held = QWidget()
        held.setProperty("clear", "true")
        held.setMaximumWidth(self.hub.theme.scaled(_WIDEST))
        across.addWidget(held, 1)
        across.addStretch(0)
        column = flush(QVBoxLayout(held))
        column.setSpacing(16)
        said = QVBoxLayout(self.feedback)
        said.setContentsMargins(14, 12, 14, 14)
        said.setSpacing(6)
        for part in (self.feedback_title, self.feedback_words, self.answer_field):
            said.addWidget(part)
        self._head = QWidget()
        self._head.setProperty("clear", "true")
        top = flush(QVBoxLayout(self._head))
        top.setSpacing(4)
        bar = QHBoxLayout()
        bar.setSpacing(12)
        bar.addWidget(self.complete)
        bar.addWidget(self.meter, 0, Qt.AlignmentFlag.AlignVCenter)
        bar.addStretch(1)
        top.addLayout(bar)
        top.addLayout(self._links)
        top.addWidget(self.wrong)
        self.wrong.hide()
        column.addWidget(self.feedback)
        column.addWidget(self._head)
        column.addWidget(self.form)
        column.addStretch(1)
        self.area = quiet_scroll(body)
        self.area.viewport().setAutoFillBackground(False)
        body.setAutoFillBackground(False)
        outer.addWidget(self.area, 1)
        self.foot = surface("bar")
        foot = flush(QVBoxLayout(self.foot))
        foot.addWidget(line(strong=True))
        row = QHBoxLayout()
        row.setContentsMargins(24, 12, 24, 12)
        row.setSpacing(8)
        row.addWidget(self.kept, 1)
        for button in (self.withdraw_button, self.venue_button, self.submit_button):
            row.addWidget(button)
        foot.addLayout(row)
        outer.addWidget(self.foot)
