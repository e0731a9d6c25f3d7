"""Filters kept by name on this workstation, for any list: a box to choose one, a button to keep or remove it.

What is kept are words of columns, never of people: the name of a filter, what was typed with it, and the choices.
See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.fields import SelectBox, TextInput

_LAST = ""  # the name under which the choices of the last visit are kept
_MOST_SAVED = 20


class FilterMemory(Protocol):
    """Where filters are kept on this workstation."""

    def filters(self, page_key: str) -> list[dict[str, Any]]:
        """The filters of one list."""
        ...

    def save_filters(self, page_key: str, filters: list[dict[str, Any]]) -> None:
        """Keep these in place of those it had."""
        ...


class ChoiceBox(SelectBox):
    """A select box whose first choice is "any"; each choice has a key."""

    def __init__(self, hub: ThemeHub, name: str, any_words: str, choices: Mapping[str, str]) -> None:
        """`name` is for screen readers, `any_words` what the first choice says."""
        super().__init__(hub)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setMaxVisibleItems(20)
        self.fill(any_words, choices.items())

    def fill(self, any_words: str, choices: Iterable[tuple[str, str]]) -> None:
        """Offer other choices, keeping the chosen one where it is among them."""
        kept = self.key
        self.blockSignals(True)
        self.clear()
        self.addItem(any_words, "")
        for key, words in choices:
            self.addItem(words, key)
        self.set_key(kept)
        self.blockSignals(False)

    @property
    def key(self) -> str:
        """The chosen key; empty for any."""
        return str(self.currentData() or "")

    def set_key(self, key: str) -> None:
        """Choose by key; an unknown one is any."""
        self.setCurrentIndex(max(self.findData(key), 0))


class SavedFilters(QWidget):
    """A row of choices (`boxes`, by the name of their filter) and those kept by name.

    `changed` says that the list has to be asked anew; `text_wanted` brings the text of a kept filter.
    """

    changed = Signal()
    text_wanted = Signal(str)

    def __init__(
        self, hub: ThemeHub, boxes: Mapping[str, ChoiceBox], memory: FilterMemory | None, page_key: str
    ) -> None:
        """Start with the choices of the last visit."""
        super().__init__()
        self.hub, self.boxes, self._memory, self._page_key = hub, dict(boxes), memory, page_key
        self.typed = ""
        self.saved = ChoiceBox(hub, "Saved filters", "Saved", {})
        self.save = IconButton(hub, "ph.bookmark-simple", "Save this filter")
        self._lay_out()
        self._kept: list[dict[str, Any]] = memory.filters(page_key) if memory else []
        self._show_saved()
        last = next((one for one in self._kept if one.get("name") == _LAST), None)
        if last is not None:
            self._take(last)
        for name, box in self.boxes.items():
            box.activated.connect(lambda _index, name=name: self._box_chosen(name))
        self.saved.activated.connect(self._saved_chosen)
        self.save.clicked.connect(lambda _checked=False: self._save_or_remove())
        self.name.returnPressed.connect(self._keep_named)

    @property
    def values(self) -> dict[str, str]:
        """The choices by filter, without those that are "any"."""
        return {name: box.key for name, box in self.boxes.items() if box.key}

    @property
    def words(self) -> str:
        """The choices as the foot of the list says them."""
        return ", ".join(box.currentText() for box in self.boxes.values() if box.key)

    def reset(self) -> None:
        """Choose "any" everywhere."""
        self._take({})
        self.saved.set_key("")
        self._mark_saved()
        self._remember()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        for box in (*self.boxes.values(), self.saved):
            row.addWidget(box, 1)
        row.addWidget(self.save)
        column.addLayout(row)
        for part in self.more_rows():
            column.addWidget(part)
        self.naming = QWidget()
        naming = QHBoxLayout(self.naming)
        naming.setContentsMargins(0, 0, 0, 0)
        naming.setSpacing(8)
        self.name = TextInput(self.hub, placeholder="Name of this filter")
        self.name.setAccessibleName("Name of this filter")
        self.name.setMaxLength(40)
        self.name.setMaximumWidth(220)
        keep, leave = Button(self.hub, "Save filter"), Button(self.hub, "Cancel", "quiet")
        keep.clicked.connect(lambda _checked=False: self._keep_named())
        leave.clicked.connect(lambda _checked=False: self.naming.hide())
        for control in (self.name, keep, leave):
            naming.addWidget(control)
        naming.addStretch(1)
        column.addWidget(self.naming)
        self.naming.hide()

    def more_rows(self) -> tuple[QWidget, ...]:
        """What a list of its own shows under the boxes."""
        return ()

    def _box_chosen(self, _name: str) -> None:
        self._chosen()

    def _chosen(self) -> None:
        self.saved.set_key("")
        self._mark_saved()
        self._remember()
        self.changed.emit()

    def _take(self, kept: Mapping[str, Any]) -> None:
        found = kept.get("filters")
        values = found if isinstance(found, dict) else {}
        for name, box in self.boxes.items():
            box.set_key(str(values.get(name, "")))

    def _named(self) -> list[dict[str, Any]]:
        return [one for one in self._kept if isinstance(one.get("name"), str) and one["name"] != _LAST]

    def _show_saved(self) -> None:
        self.saved.fill("Saved", [(one["name"], one["name"]) for one in self._named()])
        self._mark_saved()

    def _mark_saved(self) -> None:
        kept = bool(self.saved.key)
        self.save.set_icon("ph.trash" if kept else "ph.bookmark-simple")
        words = f"Remove the saved filter {self.saved.key}" if kept else "Save this filter"
        self.save.setToolTip(words)
        self.save.setAccessibleName(words)

    def _saved_chosen(self, *_index: object) -> None:
        wanted = next((one for one in self._named() if one["name"] == self.saved.key), None)
        self._mark_saved()
        if wanted is not None:
            self._take(wanted)
            self.text_wanted.emit(str(wanted.get("text", "")))
            self._remember()
            self.changed.emit()

    def _save_or_remove(self) -> None:
        if self.saved.key:
            gone = self.saved.key
            self.saved.set_key("")
            self._store([one for one in self._kept if one.get("name") != gone])
            self._show_saved()
            return
        self.naming.show()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep_named(self) -> None:
        name = " ".join(self.name.text().split())
        if not name:
            return
        fresh = {"name": name, "text": self.typed, "filters": self.values}
        others = [one for one in self._named() if one["name"] != name]
        last = [one for one in self._kept if one.get("name") == _LAST]
        self._store([*last, *others[-(_MOST_SAVED - 1) :], fresh])
        self._show_saved()
        self.saved.set_key(name)
        self._mark_saved()
        self.name.clear()
        self.naming.hide()

    def _remember(self) -> None:
        self._store([{"name": _LAST, "filters": self.values}, *self._named()])

    def _store(self, kept: list[dict[str, Any]]) -> None:
        self._kept = kept
        if self._memory is not None:
            self._memory.save_filters(self._page_key, kept)
