"""Saying what is wrong with a week's score: which part, its numbers, and the venue's words.

See docs/design.md, "Screens" (reviews and score): a dispute by a venue is answered by the platform.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.scores import Component, ScorePage, WeekScore
from console.errors import ConsoleError
from console.models.gateway_scores import VenueScores
from console.models.runner import TaskRunner
from console.views.scores import words
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height
from console.views.widgets.fields import Field
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import Section, label
from console.views.widgets.toggles import RadioButton

_LONGEST = 2000
_WHOLE = "all"


class DisputeSheet(Sheet):
    """The sheet. `disputed` says that the platform was asked."""

    disputed = Signal()

    def __init__(
        self, hub: ThemeHub, window: QWidget, gateway: VenueScores, page: ScorePage, week: WeekScore
    ) -> None:
        """About one week, in the version that is on show."""
        super().__init__(hub, window, "Dispute this week", width=560)
        self._gateway, self._page, self._week = gateway, page, week
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(8)
        column.addWidget(Section("What is wrong"))
        self.radios = {_WHOLE: RadioButton(hub, self._named(_WHOLE), checked=True)}
        for component in Component:
            self.radios[component.value] = RadioButton(hub, self._named(component.value))
        for radio in self.radios.values():
            column.addWidget(radio)
            radio.toggled.connect(lambda _on: self._offer())
        self.reason = QPlainTextEdit()
        self.reason.setTabChangesFocus(True)
        fix_height(self.reason, hub, 112)
        self.reason.textChanged.connect(self._offer)
        self.field = Field(hub, "What should be looked at", self.reason, note="the platform reads it",
                           help_text="Name the sessions or days. No children's names.")  # fmt: skip
        column.addWidget(self.field)
        column.addWidget(
            label(
                "The score stays until it is answered. Upheld, the week is worked out again from what is known then.",
                "caption",
                wrap=True,
            )
        )
        column.addStretch(1)
        self.show_step(
            body, f"{page.venue}, {words.week_words(week.week, year=True)}", focus=self.radios[_WHOLE]
        )
        self.send_button = self.answer("Send", self.send, "primary", "ph.paper-plane-tilt")
        self.send_button.setToolTip("Ctrl+Enter")
        self.set_answers(self.answer("Cancel", self.close), self.send_button)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.send)
        self._offer()

    @property
    def about(self) -> str:
        """The part it is about: a component, or "all"."""
        return next((key for key, radio in self.radios.items() if radio.isChecked()), _WHOLE)

    def send(self) -> None:
        """Ask the platform."""
        if self.send_button.isEnabled():
            self._busy = True
            self._offer()
            self.runner.start(self._send(self.about, self._words))

    async def _send(self, about: str, said: str) -> None:
        await self._gateway.dispute(self._week.venue_id, self._week.id, about, said)
        self._busy = False
        self.disputed.emit()
        self.close()

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._offer()
        self.banner.show_error(error)

    @property
    def _words(self) -> str:
        return self.reason.toPlainText().replace("\x00", "").strip()

    def _offer(self) -> None:
        said = self._words
        long = len(said) - _LONGEST
        self.field.set_error(f"{count(long, 'character')} too many." if long > 0 else "")
        self.send_button.setEnabled(bool(said) and long <= 0 and not self._busy)

    def _named(self, key: str) -> str:
        """A choice with its numbers: "Feedback, 83.3 (10 of 12)"."""
        if key == _WHOLE:
            score = words.points(self._week.composite, self._page.formula.threshold)
            return f"{words.ABOUT[key]}, {score}"
        part = words.part_of(self._week.parts, Component(key))
        if part is not None and part.value is None:
            return f"{words.ABOUT[key]}, left out: {words.why_left_out(part, self._page.formula)}"
        return f"{words.ABOUT[key]}, {words.part_words(part)}"
