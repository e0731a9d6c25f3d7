"""Health notes and pickup people as they are taken down: rows that are added, filled and removed by keyboard.

The registration of a family and the correction of a child's facts use the same rows. See docs/design.md, "Screens"
(front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.desk import HealthKind, HealthNote, PickupPerson
from console.domain.families import NewHealthNote, NewPickupPerson
from console.views.theme import ThemeHub
from console.views.widgets.base import line
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.fields import Field, SelectBox, TextInput
from console.views.widgets.text import label

MOST_ROWS = 10
_KINDS = (HealthKind.ALLERGY, HealthKind.MEDICAL, HealthKind.DIETARY, HealthKind.SUPPORT)
_KIND_WORDS = ("Allergy", "Medical", "Dietary", "Support")
_SEVERITIES = ("Life-threatening", "Serious", "Good to know")
_COLLECT = ("May collect", "May not collect")
T = TypeVar("T")


class EditorRow(QWidget, Generic[T]):
    """One row of an editor."""

    removed = Signal()

    def value(self) -> T | None:
        """What was entered; None for an empty row. Raises ValueError with a sentence for half a row."""
        raise AssertionError("each kind of row has its own value")

    def begin(self) -> None:
        """Put the keyboard where typing begins."""


def _input(hub: ThemeHub, text: str, longest: int, placeholder: str = "") -> TextInput:
    made = TextInput(hub, text, placeholder=placeholder)
    made.setMaxLength(longest)
    return made


class HealthRow(EditorRow[NewHealthNote]):
    """One health note: what it is about, how grave, the chip's word, and what to do."""

    def __init__(self, hub: ThemeHub, note: HealthNote | NewHealthNote | None = None) -> None:
        """An empty note, or one to correct."""
        super().__init__()
        self._title = note.title if note else ""
        self._was = note.label if note else ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        first = QHBoxLayout()
        first.setSpacing(12)
        self.kind = SelectBox(hub, list(_KIND_WORDS))
        self.severity = SelectBox(hub, list(_SEVERITIES))
        self.word = _input(hub, note.label if note else "", 24, "Peanut")
        self.steps = _input(
            hub, (note.instructions or "") if note else "", 500, "EpiPen in the blue bag; call 911"
        )
        if note is not None:
            self.kind.setCurrentIndex(_KINDS.index(note.kind))
            self.severity.setCurrentIndex(max(0, min(2, note.severity - 1)))
        else:
            self.severity.setCurrentIndex(1)
        for caption, editor, stretch in (
            ("About", self.kind, 2),
            ("How grave", self.severity, 3),
            ("Name", self.word, 3),
        ):
            first.addWidget(Field(hub, caption, editor), stretch)
        column.addLayout(first)
        second = QHBoxLayout()
        second.setSpacing(12)
        second.addWidget(Field(hub, "What staff must do", self.steps), 1)
        remove = IconButton(hub, "ph.trash", "Remove this note", "quiet")
        remove.clicked.connect(lambda _checked=False: self.removed.emit())
        second.addWidget(remove, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(second)

    def value(self) -> NewHealthNote | None:
        """What was entered; None for an empty row. Raises ValueError with a sentence for half a row."""
        word, steps = self.word.text().strip(), self.steps.text().strip()
        if not word and not steps:
            return None
        if not word:
            raise ValueError("Give each health note a name, such as Peanut.")
        kind = _KINDS[self.kind.currentIndex()]
        title = self._title if word == self._was and self._title else _title(kind, word)
        return NewHealthNote(kind, self.severity.currentIndex() + 1, word, title, steps)

    def begin(self) -> None:
        """Put the keyboard where typing begins."""
        self.word.setFocus(Qt.FocusReason.OtherFocusReason)


class PickupRow(EditorRow[NewPickupPerson]):
    """One person who may collect the child, or expressly may not."""

    def __init__(self, hub: ThemeHub, person: PickupPerson | NewPickupPerson | None = None) -> None:
        """An empty row, or somebody to correct."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.name = _input(hub, person.name if person else "", 100, "Rose")
        self.relationship = _input(hub, (person.relationship or "") if person else "", 50, "grandmother")
        self.phone = _input(hub, (person.phone or "") if person else "", 50)
        self.note = _input(hub, (person.note or "") if person else "", 100, "Thursdays")
        self.may = SelectBox(hub, list(_COLLECT))
        if person is not None and not person.may_collect:
            self.may.setCurrentIndex(1)
        first, second = QHBoxLayout(), QHBoxLayout()
        for row, fields in (
            (first, (("Name", self.name), ("Who that is", self.relationship), ("Phone", self.phone))),
            (second, (("Collects", self.may), ("Note", self.note))),
        ):
            row.setSpacing(12)
            for caption, editor in fields:
                row.addWidget(Field(hub, caption, editor), 1)
            column.addLayout(row)
        remove = IconButton(hub, "ph.trash", "Remove this person", "quiet")
        remove.clicked.connect(lambda _checked=False: self.removed.emit())
        second.addWidget(remove, 0, Qt.AlignmentFlag.AlignBottom)

    def value(self) -> NewPickupPerson | None:
        """What was entered; None for an empty row. Raises ValueError with a sentence for half a row."""
        name = self.name.text().strip()
        rest = [field.text().strip() for field in (self.relationship, self.phone, self.note)]
        if not name and not any(rest):
            return None
        if not name:
            raise ValueError("Give the name of each person who may or may not collect.")
        return NewPickupPerson(name, rest[0], rest[1], self.may.currentIndex() == 0, rest[2])

    def begin(self) -> None:
        """Put the keyboard where typing begins."""
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)


class _Rows(QWidget, Generic[T]):
    """Rows of one kind under a heading, with a button that adds one."""

    def __init__(self, hub: ThemeHub, heading: str, add: str) -> None:
        super().__init__()
        self.hub = hub
        self._rows: list[EditorRow[T]] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(label(heading, "section"), 1)
        self.add_button = Button(hub, add, "link", icon="ph.plus", scale="compact")
        self.add_button.clicked.connect(lambda _checked=False: self._add_empty())
        head.addWidget(self.add_button)
        column.addLayout(head)
        column.addWidget(line())
        self._body = QVBoxLayout()
        self._body.setSpacing(12)
        column.addLayout(self._body)

    def values(self) -> tuple[T, ...]:
        """What the filled rows hold. Raises ValueError with a sentence for a row that is half filled."""
        entered = (row.value() for row in self._rows)
        return tuple(value for value in entered if value is not None)

    def _make(self) -> EditorRow[T]:
        raise AssertionError("each kind of rows makes its own")

    def _add_empty(self) -> None:
        row = self._make()
        self._place(row)
        row.begin()

    def _place(self, row: EditorRow[T]) -> None:
        self._rows.append(row)
        self._body.addWidget(row)
        row.removed.connect(lambda: self._remove(row))
        self.add_button.setEnabled(len(self._rows) < MOST_ROWS)

    def _remove(self, row: EditorRow[T]) -> None:
        self._rows.remove(row)
        self._body.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.add_button.setEnabled(True)
        self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)


class HealthRows(_Rows[NewHealthNote]):
    """The health notes of a child."""

    def __init__(self, hub: ThemeHub, notes: Sequence[HealthNote | NewHealthNote] = ()) -> None:
        """Start with `notes`."""
        super().__init__(hub, "Allergies and health", "Add a note")
        for note in notes:
            self._place(HealthRow(hub, note))

    def _make(self) -> EditorRow[NewHealthNote]:
        return HealthRow(self.hub)


class PickupRows(_Rows[NewPickupPerson]):
    """The people who may or may not collect a child."""

    def __init__(self, hub: ThemeHub, people: Sequence[PickupPerson | NewPickupPerson] = ()) -> None:
        """Start with `people`."""
        super().__init__(hub, "Who may collect", "Add a person")
        for person in people:
            self._place(PickupRow(hub, person))

    def _make(self) -> EditorRow[NewPickupPerson]:
        return PickupRow(self.hub)


def _title(kind: HealthKind, word: str) -> str:
    if kind is HealthKind.ALLERGY and not word.casefold().endswith("allergy"):
        return f"{word} allergy"
    return word
