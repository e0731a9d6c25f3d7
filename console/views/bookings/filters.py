"""The bar above the list of bookings: what it is narrowed to, and filters kept by name.

What is kept are words of columns, never of people: the name of a filter, what was typed with it, and the choices.
See docs/design.md, "Screens".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.domain.listing import ActivityChoice, read_day
from console.views.bookings.words import ATTENDANCE_WORDS, SOURCE_WORDS, STATUS_WORDS, WHEN_WORDS
from console.views.saved_filters import ChoiceBox, FilterMemory, SavedFilters
from console.views.theme import ThemeHub
from console.views.widgets.fields import TextInput
from console.views.widgets.text import label

_RANGE = "range"


class FilterBar(SavedFilters):
    """The choices, of which the day may be a range and the sessions come later than the bar."""

    def __init__(self, hub: ThemeHub, memory: FilterMemory | None, page_key: str) -> None:
        """Start with the choices of the last visit."""
        self._activity = ""  # as wanted, also while the activities are not known yet
        self.when = ChoiceBox(hub, "Day of the session", "Any day", {**WHEN_WORDS, _RANGE: "From – to…"})
        self.status = ChoiceBox(hub, "Booking", "Status", STATUS_WORDS)
        self.attendance = ChoiceBox(hub, "Attendance", "Attendance", ATTENDANCE_WORDS)
        self.activity = ChoiceBox(hub, "Session", "Session", {})
        self.source = ChoiceBox(hub, "Booked through", "Source", SOURCE_WORDS)
        self.first = _day_input(hub, "First day")
        self.last = _day_input(hub, "Last day")
        boxes = {
            "when": self.when,
            "status": self.status,
            "attendance": self.attendance,
            "activity": self.activity,
            "source": self.source,
        }
        super().__init__(hub, boxes, memory, page_key)
        for field in (self.first, self.last):
            field.editingFinished.connect(self._chosen)

    @property
    def values(self) -> dict[str, str]:
        """The choices by filter, without those that are "any"."""
        when = self.when.key
        if when == _RANGE:
            when = f"{self.first.text().strip()}..{self.last.text().strip()}"
        found = {**super().values, "when": "" if when == ".." else when, "activity": self._activity}
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

    def more_rows(self) -> tuple[QWidget, ...]:
        """The first and the last day of a range."""
        self.dates, dates = _strip()
        for part in (label("From", "muted"), self.first, label("to", "muted"), self.last):
            dates.addWidget(part)
        dates.addStretch(1)
        self.dates.hide()
        return (self.dates,)

    def _box_chosen(self, name: str) -> None:
        if name == "activity":
            self._activity = self.activity.key
        self._chosen()

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
            super()._chosen()

    def _take(self, kept: Mapping[str, Any]) -> None:
        super()._take(kept)
        found = kept.get("filters")
        values = {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
        when = values.get("when", "")
        first, _, last = when.partition("..") if ".." in when else ("", "", "")
        self.when.set_key(_RANGE if ".." in when else when)
        self.first.setText(first)
        self.last.setText(last)
        self.dates.setVisible(".." in when)
        self._activity = values.get("activity", "")
        self.activity.set_key(self._activity)


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
