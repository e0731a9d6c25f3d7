"""The fields of one form by name: read, checked, compared with what is kept, and moved to what somebody else kept.

The forms of series and sessions differ in their fields, not in what happens to them, so that happens here once. See
docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from console.domain.counting import count
from console.views.schedule.editor import words
from console.views.schedule.editor.inputs import ChoiceInput, DateInput, Stepped, StillBox
from console.views.schedule.editor.weekdays import WeekdayRow
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height, restyle
from console.views.widgets.fields import Field, SelectBox
from console.views.widgets.toggles import CheckBox

_ELSEWHERE = {
    "capacity_below_booked": "capacity",
    "pivot": "first",
    "ends": "last",
    "pattern": "weekdays",
    "too_many_sessions": "last",
}
"""Refusals of the database whose key is not the field's name, and the field they are about."""


@dataclass(frozen=True)
class Kept:
    """A field, how its input is read and filled, and how a value is said beside it."""

    field: Field
    read: Callable[[], Any]
    write: Callable[[Any], None]
    say: Callable[[Any], str]


class FieldSet(QObject):
    """Fields by name. `edited` tells of every change a person makes."""

    edited = Signal()
    refused_unseen = Signal()
    """A refusal stands at a field that is folded away."""

    def __init__(self, hub: ThemeHub, parent: QWidget) -> None:
        """No fields yet."""
        super().__init__(parent)
        self.hub, self._form = hub, parent
        self.kept: dict[str, Kept] = {}
        self._base: dict[str, Any] = {}
        self._refusals: dict[str, str] = {}
        self._filling = False
        self.compares = False
        """Whether what a field was stands beside it: not for what is new."""

    # -- making ------------------------------------------------------------------------------------------------------

    def add(
        self,
        name: str,
        caption: str,
        editor: QWidget,
        read: Callable[[], Any],
        write: Callable[[Any], None],
        say: Callable[[Any], str],
        *,
        help_text: str = "",
    ) -> Field:
        """A field of any input that has been connected to `touched`."""
        field = Field(self.hub, caption, editor, help_text=help_text)
        field.note.setProperty("role", "was")
        self.kept[name] = Kept(field, read, write, say)
        return field

    def typed(
        self, name: str, caption: str, editor: Stepped, read: Callable[[str], Any], show: Callable[[Any], str]
    ) -> Field:
        """A field that is typed and stepped."""
        editor.edited.connect(self.touched)
        return self.add(
            name,
            caption,
            editor,
            lambda: read(editor.text()),
            lambda value: editor.setText(show(value)),
            show,
        )

    def day(self, name: str, caption: str, editor: DateInput) -> Field:
        """A field for a day."""
        editor.edited.connect(self.touched)
        none = editor.placeholderText() or "none"
        return self.add(
            name,
            caption,
            editor,
            editor.day,
            editor.show_day,
            lambda day: none if day is None else words.input_date(day)[4:-5],
        )

    def week(self, name: str, caption: str, editor: WeekdayRow) -> Field:
        """A field for weekdays."""
        editor.edited.connect(self.touched)
        return self.add(name, caption, editor, editor.chosen, editor.choose, words.was_days)

    def text(self, name: str, caption: str, editor: ChoiceInput) -> Field:
        """A field for free text; nothing is None."""
        editor.edited.connect(self.touched)

        def fill(value: str | None) -> None:
            editor.setText(value or "")
            editor.setCursorPosition(0)

        return self.add(
            name,
            caption,
            editor,
            lambda: " ".join(editor.text().split()) or None,
            fill,
            lambda one: one or "none",
        )

    def note(self, name: str, caption: str, longest: int = 1000) -> Field:
        """A field for a few lines; nothing is None."""
        editor = QPlainTextEdit()
        editor.setTabChangesFocus(True)
        fix_height(editor, self.hub, 58)
        editor.textChanged.connect(self.touched)

        def read() -> str | None:
            written = editor.toPlainText().replace("\x00", "").strip()
            if len(written) > longest:
                raise ValueError(f"{count(len(written) - longest, 'character')} too long.")
            return written or None

        return self.add(
            name, caption, editor, read, lambda value: editor.setPlainText(value or ""), lambda _one: "other"
        )

    def select(
        self,
        name: str,
        caption: str,
        options: Mapping[Any, str],
        *,
        put_away: Callable[[Any], str | None] = lambda _value: None,
    ) -> Field:
        """A field for one of some options, whose keys are its values; `put_away` names one that is kept still."""
        keys = list(options)
        box = StillBox(self.hub, list(options.values()))

        def write(value: object) -> None:
            # What was put away meanwhile may still be what is kept.
            if value not in keys:
                keys.append(value)
                box.addItem(put_away(value) or "No longer offered")
            box.setCurrentIndex(keys.index(value))

        box.currentIndexChanged.connect(lambda _at: self.touched())
        return self.add(
            name, caption, box, lambda: keys[box.currentIndex()] if keys else None, write,
            lambda value: options.get(value) or put_away(value) or "",
        )  # fmt: skip

    def on_chosen(self, name: str, run: Callable[[], object]) -> None:
        """Do something whenever another option of a select is chosen."""
        box = self.kept[name].field.editor
        if isinstance(box, SelectBox):
            box.currentIndexChanged.connect(lambda _at: run())

    def tick(self, name: str, box: CheckBox) -> CheckBox:
        """A yes or no, without a caption of its own."""
        box.toggled.connect(lambda _on: self.touched())
        self.kept[name] = Kept(Field(self.hub, "", QWidget()), box.isChecked, box.setChecked, str)
        self.kept[name].field.setParent(box)
        self.kept[name].field.hide()
        return box

    # -- values ------------------------------------------------------------------------------------------------------

    def fill(self, values: Mapping[str, Any]) -> None:
        """Show what is kept, and compare with it from now on."""
        self._base = dict(values)
        self.show_values(values)

    def keep(self) -> None:
        """What stands in the fields now is what there was from the beginning."""
        self._base = {name: kept.read() for name, kept in self.kept.items()}
        self.touched()

    def propose(self, values: Mapping[str, Any]) -> None:
        """Begin some fields differently, as far as the person has not touched them."""
        own = self.edits()
        free = {name: value for name, value in values.items() if name not in own}
        self._base |= free
        self.show_values(free)

    def _says(self, name: str, value: object) -> bool:
        try:
            return bool(self.kept[name].read() == value)
        except ValueError:
            return False

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Show values without keeping them for comparison."""
        self._filling = True
        try:
            for name, value in values.items():
                # What already says so keeps its caret and selection.
                if not self._says(name, value):
                    self.kept[name].write(value)
        finally:
            self._filling = False
        self.touched()

    def values(self) -> dict[str, Any] | None:
        """What stands in the fields, each with its refusal under it; None while one cannot be read."""
        found: dict[str, Any] = {}
        for name, kept in self.kept.items():
            try:
                found[name] = kept.read()
            except ValueError as error:
                self._refuse(name, str(error))
            else:
                self._refuse(name, "")
        return found if len(found) == len(self.kept) else None

    def edits(self) -> dict[str, Any]:
        """What a person changed: the fields that no longer say what is kept, as far as they can be read."""
        found: dict[str, Any] = {}
        for name, kept in self.kept.items():
            try:
                value = kept.read()
            except ValueError:
                value = None
            if name in self._base and value != self._base[name]:
                found[name] = value
        return found

    def rebase(self, values: Mapping[str, Any]) -> list[str]:
        """Compare with what is kept by now and keep the person's own edits; answers what somebody else changed."""
        own = set(self.edits())
        lines = []
        for name, value in values.items():
            if name in self.kept and self._base.get(name) != value:
                kept = self.kept[name]
                said = words.change_line(
                    kept.field.caption.text(), kept.say(self._base.get(name)), kept.say(value)
                )
                lines.append(said)
        self._base = dict(values)
        self.show_values({name: value for name, value in values.items() if name not in own})
        return lines

    def refuse(self, code: str | None, sentence: str) -> bool:
        """Show a refusal of the database at the field it is about; False where that is none of these."""
        meant = code if code in self.kept else _ELSEWHERE.get(code or "", "")
        for name, kept in self.kept.items():
            if name == meant and kept.field.caption.text():
                self._refuse(name, sentence)
                return True
        return False

    def _refuse(self, name: str, sentence: str) -> None:
        # Typing comes here with each letter, for every field: what stays as it is costs nothing.
        if self._refusals.get(name, "") != sentence:
            self._refusals[name] = sentence
            field = self.kept[name].field
            field.set_error(sentence)
            if sentence and field.parentWidget() is not None and not field.isVisibleTo(self._form):
                self.refused_unseen.emit()

    def touched(self) -> None:
        """Say beside each field what it was, and tell of the change."""
        if self._filling:
            return
        edits = self.edits()
        for name, kept in self.kept.items():
            was = f"was {kept.say(self._base[name])}" if self.compares and name in edits else ""
            if kept.field.note.text() != was:
                kept.field.note.setText(was)
                restyle(kept.field.note)
        self.edited.emit()
