"""Writing a note or an incident about a child, inside its card.

What was typed belongs to the child, not to the editor: it is kept when the roster refreshes, when somebody clicks
another child and when saving fails, until it is saved or thrown away. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.day import DeskNote
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, torn_down
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.text import label
from console.views.widgets.toggles import CheckBox

LIMIT = 1000
"""How many characters a note has at most."""


@dataclass(frozen=True)
class NoteDraft:
    """What was typed so far about one child."""

    text: str = ""
    incident: bool = False
    action_taken: str = ""
    parent_told: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to keep."""
        return not (self.text.strip() or self.action_taken.strip())


class NoteEditor(QWidget):
    """A few lines of text; for an incident also what was done and whether a parent knows."""

    saved = Signal(object)
    """The NoteDraft to save."""
    put_away = Signal()
    """Escape: the text stays with the child."""
    thrown_away = Signal()

    def __init__(self, hub: ThemeHub, name: str, draft: NoteDraft) -> None:
        """Write about the child called `name`, going on with `draft`."""
        super().__init__()
        self.hub = hub
        self._incident = draft.incident
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        self.text = QPlainTextEdit(draft.text)
        self.text.setTabChangesFocus(True)
        fix_height(self.text, hub, 78)
        self.text.textChanged.connect(self._count)
        self.text.installEventFilter(self)
        title = f"Incident with {name}" if draft.incident else f"Note about {name}"
        self._field = Field(hub, title, self.text)
        column.addWidget(self._field)
        self.action = TextInput(hub, draft.action_taken)
        self.action.setMaxLength(500)
        self.action.installEventFilter(self)
        self.told = CheckBox(hub, "A parent was told", checked=draft.parent_told)
        self.told.installEventFilter(self)
        if draft.incident:
            column.addWidget(Field(hub, "What was done", self.action))
            column.addWidget(self.told)
            reaches = "The manager reads it too."
        else:
            reaches = "Staff of this venue read it."
        column.addWidget(label(reaches, "caption", wrap=True))
        self._refusal = label("", "error", wrap=True)
        self._refusal.hide()
        column.addWidget(self._refusal)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.save = Button(hub, "Save incident" if draft.incident else "Save note", icon="ph.check")
        self.save.setToolTip("Save (Ctrl+Enter)")
        self.drop = Button(hub, "Discard", "quiet")
        for button in (self.save, self.drop):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        self.save.clicked.connect(lambda _checked=False: self.submit())
        self.drop.clicked.connect(lambda _checked=False: self.thrown_away.emit())
        self._count()

    @property
    def draft(self) -> NoteDraft:
        """What stands in the editor."""
        return NoteDraft(self.text.toPlainText(), self._incident, self.action.text(), self.told.isChecked())

    @property
    def writing(self) -> QWidget | None:
        """The part that has the keyboard, if one has."""
        parts = (self.text, self.action, self.told, self.save, self.drop)
        return next((part for part in parts if part.hasFocus()), None)

    def submit(self) -> None:
        """Save, where there is something to save that is not too long."""
        written = self.text.toPlainText().strip()
        if not written:
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        elif len(written) <= LIMIT and self.save.isEnabled():
            self.saved.emit(self.draft)

    def set_saving(self, saving: bool) -> None:
        """While the answer is awaited nothing is sent twice."""
        self.save.setEnabled(not saving)
        self.text.setReadOnly(saving)
        self.action.setReadOnly(saving)
        if not saving:
            self._count()

    def show_refusal(self, words: str) -> None:
        """Say why it was not saved; the text stays."""
        self._refusal.setText(words)
        self._refusal.setVisible(bool(words))
        self.set_saving(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ctrl+Enter saves, Escape puts the editor away with its text."""
        if torn_down(self) or not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (control or watched is self.action):
            self.submit()
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.put_away.emit()
            return True
        return False

    def _count(self) -> None:
        used = len(self.text.toPlainText().strip())
        over = used - LIMIT
        self._field.set_caption(self._field.caption.text(), f"{used} of {LIMIT}")
        self._field.set_error(f"{over} characters too long." if over > 0 else "")
        self.save.setEnabled(0 < used <= LIMIT)


def note_line(note: DeskNote, clock: str) -> str:
    """A note in the card, with time and person: "15:40 Jonas: fell on the mat (incident, parent told)"."""
    facts = ["incident"] if note.incident else []
    if note.action_taken:
        facts.append(note.action_taken)
    if note.parent_told:
        facts.append("parent told")
    tail = f" ({', '.join(facts)})" if facts else ""
    return f"{clock} {note.person}: {note.text}{tail}"
