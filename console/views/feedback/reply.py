"""Where a venue answers a review: what is typed is kept as a draft, and only the button shows it to parents.

See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.counting import count
from console.views.feedback import words
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, line
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field
from console.views.widgets.frames import flush
from console.views.widgets.text import label

_HIGH = 108


class ReplyEditor(QWidget):
    """The editor and its buttons. `typed` carries the words after each key."""

    typed = Signal(str)
    send_wanted = Signal()
    take_back_wanted = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """Empty, and without a limit before one is known."""
        super().__init__()
        self.hub = hub
        self.most = 0
        self._busy = self._answered = False
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText("Thank them, and say what you do about it.")
        fix_height(self.text, hub, _HIGH)
        self.field = Field(hub, "Your answer", self.text, help_text="Every parent can read it.")
        self.state = label("", "caption", wrap=True)
        self.send_button = Button(hub, "Send answer", "primary", icon="ph.paper-plane-tilt")
        self.send_button.setToolTip("Show this answer to parents (Ctrl+Enter)")
        self.back_button = Button(hub, "Take back", icon="ph.arrow-u-up-left")
        self.back_button.setToolTip("Take the answer back; it is a draft again")
        self._lay_out()
        self.text.textChanged.connect(self._typed)
        self.send_button.clicked.connect(lambda _checked=False: self.send_wanted.emit())
        self.back_button.clicked.connect(lambda _checked=False: self.take_back_wanted.emit())
        self._offer()

    @property
    def body(self) -> str:
        """What is typed."""
        return self.text.toPlainText().replace("\x00", "")

    @property
    def may_send(self) -> bool:
        """Whether it can be sent: there are words, and not too many."""
        return not self._busy and not self._answered and bool(self.body.strip()) and self._over <= 0

    def show_draft(self, draft: str) -> None:
        """Show what was typed before; it is no typing."""
        # A space at the end that the server does not keep is no reason to move the caret of who goes on typing.
        if self.body.rstrip() != draft.rstrip():
            told = self.text.blockSignals(True)
            self.text.setPlainText(draft)
            self.text.blockSignals(told)
        self._offer()

    def show_answered(self, answered: bool) -> None:
        """Whether there is an answer, which can only be taken back, or one is to be written."""
        self._answered = answered
        self.field.setVisible(not answered)
        self.send_button.setVisible(not answered)
        self.back_button.setVisible(answered)
        self._offer()

    def set_busy(self, busy: bool) -> None:
        """While an answer is awaited nothing is asked twice."""
        self._busy = busy
        self.text.setReadOnly(busy)
        self._offer()

    def say(self, state: str) -> None:
        """What became of the draft."""
        self.state.setText(words.SENT if self._answered else state)

    @property
    def _over(self) -> int:
        return len(self.body.strip()) - self.most if self.most else 0

    def _typed(self) -> None:
        self._offer()
        self.typed.emit(self.body)

    def _offer(self) -> None:
        length = len(self.body.strip())
        self.field.note.setText(f"{length:,} of {self.most:,}" if self.most else f"{length:,}")
        over = self._over
        self.field.set_error(f"{count(over, 'character')} too many." if over > 0 else "")
        self.send_button.setEnabled(self.may_send)
        self.back_button.setEnabled(not self._busy)
        if self._answered:
            self.state.setText(words.SENT)

    def _lay_out(self) -> None:
        outer = flush(QVBoxLayout(self))
        outer.addWidget(line(strong=True))
        column = QVBoxLayout()
        column.setContentsMargins(20, 12, 20, 14)
        column.setSpacing(8)
        outer.addLayout(column)
        column.addWidget(self.field)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.state, 1, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.back_button)
        row.addWidget(self.send_button)
        column.addLayout(row)
        self.back_button.hide()
