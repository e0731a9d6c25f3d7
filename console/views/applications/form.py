"""The form of an application: who the venue is, where it is, whom to ask, and for which ages.

It knows no gateway: it shows facts and gives them back. See docs/design.md, "Screens" (platform).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.vetting import ApplicationFacts
from console.views.activities.words import CATEGORY_WORDS
from console.views.applications import words
from console.views.schedule.editor.inputs import ChoiceInput, StillBox
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.focus import tab_in_order
from console.views.widgets.frames import flush
from console.views.widgets.text import Section

DESCRIPTION_LENGTH = 4000
_SECTIONS: tuple[tuple[str, tuple[tuple[str, str, int, str, bool], ...]], ...] = (
    (
        "Venue",
        (
            ("name", "Name", 255, "", True),
            ("category", "Category", 0, "", False),
            ("website_url", "Website", 500, "https://", False),
            ("description", "Description", 0, "", True),
        ),
    ),
    (
        "Legal",
        (
            ("legal_name", "Legal name", 255, "", False),
            ("tax_number", "Tax number", 50, "", False),
        ),
    ),
    (
        "Address",
        (
            ("address_line1", "Address", 255, "", True),
            ("address_line2", "Second line", 255, "", True),
            ("city", "City", 100, "", False),
            ("state_code", "State", 100, "OR", False),
            ("postal_code", "Postal code", 20, "", False),
            ("country", "Country", 100, "", False),
            ("latitude", "Latitude", 20, "45.5231", False),
            ("longitude", "Longitude", 20, "-122.6765", False),
            ("timezone", "Time zone", 50, "America/Los_Angeles", False),
        ),
    ),
    (
        "Contact",
        (
            ("contact_name", "Contact", 100, "", False),
            ("contact_email", "Email", 255, "", False),
            ("contact_phone", "Phone", 50, "", False),
        ),
    ),
    (
        "Ages",
        (
            ("ages_from", "Youngest", 2, "0", False),
            ("ages_to", "Oldest", 2, "18", False),
        ),
    ),
)
ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip
"""Suggested; any other zone can be typed."""
_NEEDED = frozenset(words.FIELDS.values())
_NUMBERS = ("latitude", "longitude", "ages_from", "ages_to")
_DEFAULT_COUNTRY = ApplicationFacts().country


class ApplicationForm(QWidget):
    """The fields. `edited` tells of every change by the person."""

    edited = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """An empty form."""
        super().__init__()
        self.hub = hub
        self.fields: dict[str, Field] = {}
        self._filling = False
        self._wrong: dict[str, str] = {}
        self.setProperty("clear", "true")
        column = flush(QVBoxLayout(self))
        column.setSpacing(24)
        for title, asks in _SECTIONS:
            column.addLayout(self._section(title, asks))
        for title_words, spoken in (("address_line1", "Address"), ("contact_name", "Contact")):
            self.fields[title_words].editor.setAccessibleName(spoken)

    @property
    def editors(self) -> tuple[QWidget, ...]:
        """What Tab goes through, in order."""
        return tuple(field.editor for field in self.fields.values())

    def order(self) -> None:
        """Let Tab go as one reads."""
        tab_in_order(*self.editors)

    def show_facts(self, facts: ApplicationFacts) -> None:
        """Show what is known; nothing is edited by that, and no error stays."""
        self._filling = True
        for name, field in self.fields.items():
            value = getattr(facts, name)
            _write(field.editor, "" if value is None else str(value))
        self._filling = False
        self.show_errors({})
        self._count()

    def take(self, base: ApplicationFacts) -> tuple[ApplicationFacts, dict[str, str]]:
        """What is typed, over `base`, and what cannot be read by field: those keep what `base` has."""
        read: dict[str, object] = {}
        wrong: dict[str, str] = {}
        for name, field in self.fields.items():
            text = _read(field.editor)
            if name not in _NUMBERS:
                read[name] = text or (_DEFAULT_COUNTRY if name == "country" else "")
                continue
            try:
                read[name] = _number(name, text)
            except ValueError as error:
                wrong[name] = str(error)
        description = str(read["description"])
        if len(description) > DESCRIPTION_LENGTH:
            wrong["description"] = f"{len(description) - DESCRIPTION_LENGTH:,} too many characters."
            del read["description"]
        return replace(base, **read), wrong  # type: ignore[arg-type]  # each field was read by its own kind

    def show_errors(self, wrong: Mapping[str, str]) -> None:
        """Say what is wrong under each field; elsewhere nothing is."""
        for name in {*self._wrong, *wrong}:
            if self._wrong.get(name, "") != wrong.get(name, "") and name in self.fields:
                self.fields[name].set_error(wrong.get(name, ""))
        self._wrong = dict(wrong)

    def go_to(self, name: str) -> None:
        """Give the keyboard to a field."""
        if name in self.fields:
            self.fields[name].editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def current(self) -> str:
        """The field that has the keyboard; empty where none has."""
        return next((name for name, field in self.fields.items() if field.editor.hasFocus()), "")

    def lock(self, locked: bool) -> None:
        """Let it only be read, or be filled in."""
        for field in self.fields.values():
            field.setEnabled(not locked)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _section(self, title: str, asks: tuple[tuple[str, str, int, str, bool], ...]) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(Section(title))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        at = 0
        for name, caption, longest, placeholder, wide in asks:
            if wide:
                at += at % 2
            field = self.fields[name] = Field(
                self.hub,
                caption,
                self._editor(name, longest, placeholder),
                note="needed" if name in _NEEDED else "",
            )
            grid.addWidget(field, at // 2, at % 2, 1, 2 if wide else 1, Qt.AlignmentFlag.AlignTop)
            at += 2 if wide else 1
        column.addLayout(grid)
        return column

    def _editor(self, name: str, longest: int, placeholder: str) -> QWidget:
        if name == "category":
            box = StillBox(self.hub)
            box.addItem("Choose one", "")
            for key, said in CATEGORY_WORDS.items():
                box.addItem(said, key.value)
            box.currentIndexChanged.connect(lambda _index: self._touched())
            return box
        if name == "description":
            text = QPlainTextEdit()
            text.setTabChangesFocus(True)
            fix_height(text, self.hub, 88)
            text.textChanged.connect(self._touched)
            return text
        if name == "timezone":
            zone = ChoiceInput(self.hub, ZONES, longest=longest)
            zone.setPlaceholderText(placeholder)
            zone.edited.connect(self._touched)
            return zone
        line = TextInput(self.hub, placeholder=placeholder)
        line.setMaxLength(longest)
        line.textChanged.connect(lambda _text: self._touched())
        return line

    def _touched(self) -> None:
        if not self._filling:
            self._count()
            self.edited.emit()

    def _count(self) -> None:
        used = len(_read(self.fields["description"].editor))
        near = used > DESCRIPTION_LENGTH * 4 // 5
        self.fields["description"].note.setText(f"{used:,} of {DESCRIPTION_LENGTH:,}" if near else "")


def missing(facts: ApplicationFacts) -> list[tuple[str, str]]:
    """What is still needed: the word and its field, in the order of the form."""
    order = [one.name for one in fields_of(ApplicationFacts)]
    found = [(word, name) for word, name in words.FIELDS.items() if getattr(facts, name) in (None, "")]
    return sorted(found, key=lambda one: order.index(one[1]))


def _read(editor: QWidget) -> str:
    if isinstance(editor, QComboBox):
        return str(editor.currentData() or "")
    if isinstance(editor, QPlainTextEdit):
        return editor.toPlainText().replace("\x00", "").strip()
    return " ".join(editor.text().split()) if isinstance(editor, TextInput) else ""


def _write(editor: QWidget, text: str) -> None:
    if isinstance(editor, QComboBox):
        editor.setCurrentIndex(max(editor.findData(text), 0))
    elif isinstance(editor, QPlainTextEdit):
        editor.setPlainText(text)
    elif isinstance(editor, TextInput):
        editor.setText(text)
        editor.setCursorPosition(0)


def _number(name: str, text: str) -> int | Decimal | None:
    """A typed number. Raises ValueError with a sentence."""
    if not text:
        return None
    if name in ("ages_from", "ages_to"):
        if not text.isascii() or not text.isdigit():
            raise ValueError("Give a whole number of years.")
        return int(text)
    most = 90 if name == "latitude" else 180
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        value = Decimal(1000)
    if not value.is_finite() or not -most <= value <= most:
        raise ValueError(f"Give a number from -{most} to {most}.")
    return value
