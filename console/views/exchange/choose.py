"""The first step of an import: which file, or which address.

See docs/design.md, "Screens" (schedule).
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.focus import tab_in_order
from console.views.widgets.text import label
from console.views.widgets.toggles import CheckBox
from console.views.widgets.waiting import ProgressCard

_LONGEST_ADDRESS = 2_000
_MOST_PLACES = 10_000
_WHAT = "A calendar (.ics), a table (.csv, .xlsx) or OpenActive data (.json)."


class ChooseStep(QWidget):
    """A file, or an address with what is allowed."""

    file_wanted = Signal()
    address_wanted = Signal(str, bool)
    stopped = Signal()

    def __init__(self, hub: ThemeHub, *, places: str, address: str = "", private: bool = False) -> None:
        """What was typed before stands there again."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addWidget(label("From a file", "name"))
        row = QHBoxLayout()
        row.setSpacing(12)
        self.file = Button(hub, "Choose a file…", icon="ph.file-arrow-up")
        row.addWidget(self.file)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(label(_WHAT, "caption", wrap=True))
        column.addSpacing(4)
        column.addWidget(label("From an address", "name"))
        self.address = TextInput(hub, address, placeholder="https://…")
        self.address.setMaxLength(_LONGEST_ADDRESS)
        self.field = Field(
            hub, "Address of a calendar", self.address, help_text="The address itself is not kept."
        )
        column.addWidget(self.field)
        self.private = CheckBox(hub, "It is inside the venue's own network", checked=private)
        column.addWidget(self.private)
        below = QHBoxLayout()
        self.fetch = Button(hub, "Fetch", icon="ph.cloud-arrow-down")
        below.addWidget(self.fetch)
        below.addStretch(1)
        column.addLayout(below)
        self.places = TextInput(hub, places)
        self.places.setMaxLength(5)
        self.places_field = Field(
            hub,
            "Places",
            self.places,
            help_text="For new sessions, where neither file nor activity says how many.",
        )
        column.addSpacing(4)
        column.addWidget(self.places_field)
        self.progress = ProgressCard(hub, "Reading")
        column.addWidget(self.progress)
        self.progress.hide()
        column.addStretch(1)
        self.file.clicked.connect(lambda _checked=False: self._ask())
        self.fetch.clicked.connect(lambda _checked=False: self._fetch())
        self.address.returnPressed.connect(self._fetch)
        self.address.textEdited.connect(lambda _text: self.field.set_error(""))
        self.progress.cancelled.connect(self.stopped)

    def in_order(self) -> None:
        """Let Tab go from top to bottom; once the step is on the sheet."""
        tab_in_order(self.file, self.address, self.private, self.fetch, self.places)

    def show_busy(self, busy: bool) -> None:
        """While something is read nothing else is chosen."""
        for part in (self.file, self.address, self.private, self.fetch, self.places):
            part.setEnabled(not busy)
        self.progress.setVisible(busy)
        if busy:
            self.progress.set_count("")

    def show_progress(self, done: int, total: int) -> None:
        """How far it is."""
        self.progress.set_progress(done, max(done, total))

    @property
    def capacity(self) -> int | None:
        """The places of new sessions; None, and said so, where it is no number."""
        text = self.places.text().strip()
        if text.isascii() and text.isdecimal() and 1 <= int(text) <= _MOST_PLACES:
            self.places_field.set_error("")
            return int(text)
        self.places_field.set_error("Enter a number from 1 to 10,000.")
        self.places.setFocus(Qt.FocusReason.OtherFocusReason)
        return None

    def _ask(self) -> None:
        if self.capacity is not None:
            self.file_wanted.emit()

    def _fetch(self) -> None:
        text = self.address.text().strip()
        if not text:
            self.field.set_error("Enter an address, or choose a file.")
            self.address.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if self.capacity is None:
            return
        self.address_wanted.emit(text, self.private.isChecked())
