"""The bar above the list of bookings: what it is narrowed to, and filters kept by name.

What is kept are words of columns, never of people: the name of a filter, what was typed with it, and the choices.
See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.listing import ActivityChoice, read_day
from console.views.bookings.words import ATTENDANCE_WORDS, SOURCE_WORDS, STATUS_WORDS, WHEN_WORDS
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.fields import SelectBox, TextInput
from console.views.widgets.text import label

_RANGE = "range"
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


class FilterBar(QWidget):
    """The choices.

    `changed` says that the list has to be asked anew; `text_wanted` brings the text of a kept filter.
    """

    changed = Signal()
    text_wanted = Signal(str)

    def __init__(self, hub: ThemeHub, memory: FilterMemory | None, page_key: str) -> None:
        """Start with the choices of the last visit."""
        super().__init__()
        self.hub, self._memory, self._page_key = hub, memory, page_key
        self.typed = ""
        self._activity = ""  # as wanted, also while the activities are not known yet
        self.when = ChoiceBox(hub, "Day of the session", "Any day", {**WHEN_WORDS, _RANGE: "From – to…"})
        self.status = ChoiceBox(hub, "Booking", "Status", STATUS_WORDS)
        self.attendance = ChoiceBox(hub, "Attendance", "Attendance", ATTENDANCE_WORDS)
        self.activity = ChoiceBox(hub, "Session", "Session", {})
        self.source = ChoiceBox(hub, "Booked through", "Source", SOURCE_WORDS)
        self.saved = ChoiceBox(hub, "Saved filters", "Saved", {})
        self.save = IconButton(hub, "ph.bookmark-simple", "Save this filter")
        self._lay_out()
        self._kept: list[dict[str, Any]] = memory.filters(page_key) if memory else []
        self._show_saved()
        last = next((one for one in self._kept if one.get("name") == _LAST), None)
        if last is not None:
            self._take(last)
        for box in (self.when, self.status, self.attendance, self.source):
            box.activated.connect(self._chosen)
        self.activity.activated.connect(self._activity_chosen)
        self.saved.activated.connect(self._saved_chosen)
        self.save.clicked.connect(lambda _checked=False: self._save_or_remove())
        for field in (self.first, self.last):
            field.editingFinished.connect(self._chosen)
        self.name.returnPressed.connect(self._keep_named)

    @property
    def values(self) -> dict[str, str]:
        """The choices by filter, without those that are "any"."""
        when = self.when.key
        if when == _RANGE:
            when = f"{self.first.text().strip()}..{self.last.text().strip()}"
        found = {
            "when": "" if when == ".." else when,
            "status": self.status.key,
            "attendance": self.attendance.key,
            "activity": self._activity,
            "source": self.source.key,
        }
        return {name: value for name, value in found.items() if value}

    @property
    def words(self) -> str:
        """The choices as the foot of the list says them."""
        boxes = (self.status, self.attendance, self.activity, self.source)
        said = [box.currentText() for box in boxes if box.key]
        if self.when.key == _RANGE:
            first, last = self.first.text().strip(), self.last.text().strip()
            said.insert(0, f"{first or '…'} to {last or '…'}" if first or last else "")
        elif self.when.key:
            said.insert(0, self.when.currentText())
        return ", ".join(words for words in said if words)

    def offer_activities(self, choices: Sequence[ActivityChoice]) -> None:
        """Fill the filter by session."""
        self.activity.fill("Session", [(str(choice.id), choice.name) for choice in choices])
        self.activity.set_key(self._activity)
        self._activity = self.activity.key  # an activity that is gone filters no more

    def reset(self) -> None:
        """Choose "any" everywhere."""
        self._take({})
        self.saved.set_key("")
        self._mark_saved()
        self._remember()

    # -- acts --------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        row = QHBoxLayout()
        row.setSpacing(8)
        for box in (self.when, self.status, self.attendance, self.activity, self.source, self.saved):
            row.addWidget(box, 1)
        row.addWidget(self.save)
        column.addLayout(row)
        self.dates, dates = _strip()
        self.first = _day_input(self.hub, "First day")
        self.last = _day_input(self.hub, "Last day")
        for part in (label("From", "muted"), self.first, label("to", "muted"), self.last):
            dates.addWidget(part)
        dates.addStretch(1)
        column.addWidget(self.dates)
        self.dates.hide()
        self.naming, naming = _strip()
        self.name = TextInput(self.hub, placeholder="Name of this filter")
        self.name.setAccessibleName("Name of this filter")
        self.name.setMaxLength(40)
        self.name.setFixedWidth(220)
        keep, leave = Button(self.hub, "Save filter"), Button(self.hub, "Cancel", "quiet")
        keep.clicked.connect(lambda _checked=False: self._keep_named())
        leave.clicked.connect(lambda _checked=False: self.naming.hide())
        for control in (self.name, keep, leave):
            naming.addWidget(control)
        naming.addStretch(1)
        column.addWidget(self.naming)
        self.naming.hide()

    def _chosen(self) -> None:
        ranged = self.when.key == _RANGE
        self.dates.setVisible(ranged)
        wrong = False
        for field in (self.first, self.last):
            text = field.text().strip()
            bad = bool(text) and read_day(text) is None
            field.set_invalid(bad)
            wrong = wrong or (ranged and bad)
        if ranged and not self.first.text() and not self.last.text():
            self.first.setFocus(Qt.FocusReason.OtherFocusReason)
        if not wrong:
            self.saved.set_key("")
            self._mark_saved()
            self._remember()
            self.changed.emit()

    def _activity_chosen(self) -> None:
        self._activity = self.activity.key
        self._chosen()

    def _take(self, kept: Mapping[str, Any]) -> None:
        found = kept.get("filters")
        values = {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
        when = values.get("when", "")
        first, _, last = when.partition("..") if ".." in when else ("", "", "")
        self.when.set_key(_RANGE if ".." in when else when)
        self.first.setText(first)
        self.last.setText(last)
        self.dates.setVisible(".." in when)
        self.status.set_key(values.get("status", ""))
        self.attendance.set_key(values.get("attendance", ""))
        self.source.set_key(values.get("source", ""))
        self._activity = values.get("activity", "")
        self.activity.set_key(self._activity)

    # -- filters by name ---------------------------------------------------------------------------------------

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

    def _saved_chosen(self) -> None:
        wanted = next((one for one in self._named() if one["name"] == self.saved.key), None)
        self._mark_saved()
        if wanted is not None:
            self._take(wanted)
            self.text_wanted.emit(str(wanted.get("text", "")))
            self._remember()
            self.changed.emit()

    def _save_or_remove(self) -> None:
        if self.saved.key:
            self._store([one for one in self._kept if one.get("name") != self.saved.key])
            self.saved.set_key("")
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


def _strip() -> tuple[QWidget, QHBoxLayout]:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    return made, row


def _day_input(hub: ThemeHub, name: str) -> TextInput:
    made = TextInput(hub, placeholder="2026-03-12")
    made.setAccessibleName(name)
    made.setFixedWidth(120)
    made.setMaxLength(10)
    return made
