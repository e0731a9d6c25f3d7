"""The open session's title: its name, where it stands in time, its facts, and what can be done with it as a whole.

Buttons are there only where something answers them; where room is short the clock gives way, never a button or a
chip. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.day import Load
from console.domain.desk import SessionSummary
from console.models.words import LOAD_WORDS
from console.views.theme import ThemeHub
from console.views.widgets import paint
from console.views.widgets.base import fix_height
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chips import Chip
from console.views.widgets.text import ElidedLabel, label

_NAME_ROOM = 190


class SessionTitle(QWidget):
    """Name of the session, where it stands in time, its facts, and its buttons."""

    roster_wanted = Signal()
    labels_wanted = Signal()
    close_wanted = Signal()
    reopen_wanted = Signal()
    handed_back = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """An empty title; its 46 pixels are always kept."""
        super().__init__()
        self.hub = hub
        self.may_close = self.may_reopen = self.may_print = self.may_label = False
        fix_height(self, hub, 46)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        column = QVBoxLayout()
        column.setSpacing(0)
        self._first = QHBoxLayout()
        self._first.setSpacing(9)
        self._name = ElidedLabel("", "title")
        fix_height(self._name, hub, 28)
        self._clock = label("", "muted")
        self._clock.setContentsMargins(0, 5, 0, 0)
        self._waiting = Chip(hub, "", "amber", "ph.cloud-arrow-up-bold", dashed=True)
        self._load = Chip(hub, "", "amber", "ph.users-three-bold")
        self._cancelled = Chip(hub, "Cancelled", "neutral", "ph.prohibit-bold")
        for piece in (self._name, self._clock, self._cancelled, self._load, self._waiting):
            self._first.addWidget(piece)
        for chip in self._chips:
            chip.hide()
        self._first.addStretch(1)
        column.addLayout(self._first)
        self._facts = ElidedLabel("", "muted")
        fix_height(self._facts, hub, 18)
        column.addWidget(self._facts)
        whole.addLayout(column, 1)
        self._print = IconButton(hub, "ph.printer", "Print the roster (Ctrl+P)")
        self._labels = IconButton(hub, "ph.tag", "Print the labels of who is in (Ctrl+Shift+P)")
        self._close = Button(hub, "Close session…")
        self._close.setToolTip("Close the session (Ctrl+Shift+E)")
        self._reopen = Button(hub, "Reopen session")
        for button, wanted in (
            (self._print, self.roster_wanted),
            (self._labels, self.labels_wanted),
            (self._close, self.close_wanted),
            (self._reopen, self.reopen_wanted),
        ):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _checked=False, tell=wanted.emit: self._pressed(tell))
            button.hide()
            whole.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        hub.changed.connect(self._fit)

    @property
    def _chips(self) -> tuple[Chip, ...]:
        return (self._cancelled, self._load, self._waiting)

    def _pressed(self, tell: Callable[[], object]) -> None:
        self.handed_back.emit()
        tell()

    def offer(self, session: SessionSummary | None) -> None:
        """Show the buttons that make sense for the open session."""
        known = session is not None
        live = session is not None and not session.is_cancelled
        closed = session is not None and session.closed_at is not None
        self._print.setVisible(known and self.may_print)
        self._labels.setVisible(live and not closed and self.may_label)
        self._close.setVisible(live and not closed and self.may_close)
        self._reopen.setVisible(live and closed and self.may_reopen)
        self._fit()

    def say_labels_of(self, name: str) -> None:
        """Say whose labels the label button prints: of a child, or of everybody who is in."""
        whose = f"{name}'s labels" if name else "the labels of who is in"
        words = f"Print {whose} (Ctrl+Shift+P)"
        self._labels.setToolTip(words)
        self._labels.setAccessibleName(words)

    def show_session(self, name: str, clock: str, facts: str, *, cancelled: bool = False) -> None:
        """Write the title; all empty when no session is open."""
        self._name.setText(name)
        self._clock.setText("" if cancelled else clock)
        self._facts.setText(facts)
        self._cancelled.setVisible(cancelled)
        if not name:
            self._load.hide()
        self._fit()

    def show_load(self, load: Load) -> None:
        """Say that the session is full, or nearly."""
        word = LOAD_WORDS.get(load)
        if word:
            self._load.show_chip(paint.ChipSpec(word, "amber", "ph.users-three-bold"))
        self._load.setVisible(word is not None)
        self._fit()

    def show_waiting(self, count: int) -> None:
        """Say how many marks have no answer; 0 says nothing."""
        if count:
            self._waiting.show_chip(
                paint.ChipSpec(f"{count} waiting", "amber", "ph.cloud-arrow-up-bold", dashed=True)
            )
        self._waiting.setVisible(bool(count))
        self._fit()

    @property
    def text(self) -> str:
        """Everything the title says, for a test."""
        return " · ".join(piece.text() for piece in (self._name, self._clock, self._facts) if piece.text())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give up the clock where room is short."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        theme, buttons = self.hub.theme, (self._print, self._labels, self._close, self._reopen)
        taken = sum(one.sizeHint().width() + 8 for one in buttons if not one.isHidden())
        taken += sum(chip.sizeHint().width() + 9 for chip in self._chips if not chip.isHidden())
        name = min(paint.text_width(theme.font("title"), self._name.text()), _NAME_ROOM)
        clock = paint.text_width(theme.font("body"), self._clock.text())
        self._clock.setVisible(taken + name + 9 + clock <= self.width())
