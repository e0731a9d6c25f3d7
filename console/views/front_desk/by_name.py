"""A list of children by name, each with one choice, worked with the keyboard alone.

Closing a session and going over who is unmarked ask the same kind of question: nobody is marked without being named.
The first choice of every child is the one that changes nothing. See docs/design.md, "Rules of the domain" (attendance).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, line, torn_down
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.toggles import ChoiceRow


@dataclass(frozen=True)
class Named:
    """One child of the list; `caption` says what tells it from another of its name."""

    key: UUID
    name: str
    age: str
    caption: str


class ByName(QWidget):
    """Rows of a name and a choice. Up and Down change the row, Left and Right or a letter the choice."""

    changed = Signal()

    def __init__(
        self,
        hub: ThemeHub,
        people: Sequence[Named],
        options: Sequence[tuple[str, str]],
        chosen: Mapping[UUID, str] | None = None,
    ) -> None:
        """`options` are (key, word); each word's first letter chooses it. Without `chosen` the first is taken."""
        super().__init__()
        self.hub = hub
        self._letters = {word[0].upper(): key for key, word in options}
        self._rows: dict[UUID, ChoiceRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for person in people:
            choice = ChoiceRow(hub, options, name=f"{person.name}, {person.age}")
            before = (chosen or {}).get(person.key)
            if before is not None:
                choice.choose(before)
            for key, word in options:
                button = choice.option(key)
                button.setAccessibleName(f"{person.name}: {word}")
                button.installEventFilter(self)
            choice.changed.connect(lambda _key: self.changed.emit())
            self._rows[person.key] = choice
            column.addWidget(self._row(person, choice))
            column.addWidget(line())

    @property
    def choices(self) -> dict[UUID, str]:
        """What is chosen for each child."""
        return {key: row.chosen for key, row in self._rows.items()}

    def count(self, option: str) -> int:
        """For how many children `option` is chosen."""
        return list(self.choices.values()).count(option)

    def choose(self, key: UUID, option: str) -> None:
        """Choose for one child."""
        self._rows[key].choose(option)
        self.changed.emit()

    def focus_row(self, at: int) -> bool:
        """Give the keyboard to a row; False where there is none."""
        rows = list(self._rows.values())
        if not 0 <= at < len(rows):
            return False
        rows[at].option(rows[at].chosen).setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrow keys and letters, before the buttons make something else of them."""
        if torn_down(self):
            return False
        if not isinstance(event, QKeyEvent) or event.type() is not QEvent.Type.KeyPress:
            return False
        rows = list(self._rows.values())
        at = next((n for n, row in enumerate(rows) if row.isAncestorOf(_widget(watched))), None)
        if at is None:
            return False
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.focus_row(at + (1 if key == Qt.Key.Key_Down else -1))
            return True
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            rows[at].keyPressEvent(event)
            return True
        letter = self._letters.get(event.text().upper())
        if letter is not None and not event.modifiers():
            rows[at].choose(letter)
            rows[at].option(letter).setFocus(Qt.FocusReason.TabFocusReason)
            self.changed.emit()
            return True
        return False

    def _row(self, person: Named, choice: ChoiceRow) -> QWidget:
        box = QWidget()
        fix_height(box, self.hub, 52)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        words = QVBoxLayout()
        words.setSpacing(0)
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(ElidedLabel(person.name, "name"))
        first.addWidget(label(person.age, "muted"))
        first.addStretch(1)
        words.addStretch(1)
        words.addLayout(first)
        words.addWidget(ElidedLabel(person.caption, "caption"))
        words.addStretch(1)
        row.addLayout(words, 1)
        row.addWidget(choice)
        return box


def _widget(watched: QObject) -> QWidget:
    return watched if isinstance(watched, QAbstractButton) else QWidget()
