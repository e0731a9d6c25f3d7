"""The form of one activity: every fact that can be edited, in the order in which one thinks of them.

It reads and shows facts and knows nothing of saving. What cannot be read is a sentence under its field. See
docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.catalogue import (
    ADDRESS_LENGTH,
    FULL_LENGTH,
    ITEM_LENGTH,
    MOST_IMAGES,
    MOST_ITEMS,
    NAME_LENGTH,
    PREREQUISITES_LENGTH,
    SHORT_LENGTH,
    TAG_LENGTH,
    ActivityFacts,
    Category,
    Skill,
    faults,
    tag_name,
    tag_words,
    tidied,
    with_labels,
)
from console.views.activities import words
from console.views.activities.lists import LinesEditor, TickList
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height
from console.views.widgets.fields import Field, SelectBox, TextInput
from console.views.widgets.focus import tab_in_order
from console.views.widgets.text import Section
from console.views.widgets.toggles import CheckBox

INNER_WIDTH = 312
_NO_CATEGORY = "Choose a category"
_UNITS = ("years", "months")
_WHOLE = "Write a whole number."
_DIGITS = 5
_AGES = ("min_months", "max_months")


class ActivityForm(QWidget):
    """The fields. `edited` follows every change by a person."""

    edited = Signal()

    def __init__(self, hub: ThemeHub) -> None:
        """An empty form."""
        super().__init__()
        self.hub = hub
        self._filling = False
        self._tags: Mapping[str, object] = {}
        self._make_words()
        self._make_numbers()
        self._make_lists()
        self._lay_out()
        self.clear()

    # -- facts ---------------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Begin a new activity: only its usual length is filled in."""
        self.show_facts(ActivityFacts(name="", minutes=60, capacity=1, min_months=0))
        self._filling = True
        self.capacity.clear()
        self.low.clear()
        self._filling = False

    def show_facts(self, facts: ActivityFacts) -> None:
        """Show these facts, without a word about what differs."""
        self._filling = True
        self._tags = facts.tags
        self.name.setText(facts.name)
        self.category.setCurrentIndex(list(Category).index(facts.category) + 1 if facts.category else 0)
        self.skill.setCurrentIndex(list(Skill).index(facts.skill))
        self.short.setText(facts.short or "")
        self.full.setPlainText(facts.full or "")
        self._show_ages(facts.min_months, facts.max_months)
        self.credits.setText("" if facts.credits is None else str(facts.credits))
        self.capacity.setText(str(facts.capacity))
        self.minutes.setText(str(facts.minutes))
        self.stays.setChecked(facts.parent_attends)
        self.prerequisites.setPlainText(facts.prerequisites or "")
        self.bring.show_values(facts.bring)
        self.outcomes.show_values(facts.outcomes)
        self.accessibility.show_values(facts.accessibility)
        self.tags.show_values(facts.labels)
        self.image.setText(facts.image or "")
        self.gallery.show_values(facts.gallery)
        self._filling = False
        self.tell({})
        self._count()

    def read(self) -> tuple[ActivityFacts, dict[str, str]]:
        """What stands in the form, tidied, and what is wrong with it by field."""
        wrong: dict[str, str] = {}
        unit = 12 if self.unit.currentIndex() == 0 else 1
        low = _number(self.low, "ages", wrong, otherwise=0, missing="Say from which age on.")
        high = _number(self.high, "ages", wrong, otherwise=-1)
        credits = _number(self.credits, "credits", wrong, otherwise=-1)
        at = self.category.currentIndex()
        facts = tidied(
            ActivityFacts(
                name=self.name.text(),
                category=list(Category)[at - 1] if at > 0 else None,
                skill=list(Skill)[max(self.skill.currentIndex(), 0)],
                short=self.short.text(),
                full=self.full.toPlainText(),
                min_months=low * unit,
                max_months=None if high < 0 else high * unit + unit - 1,
                credits=None if credits < 0 else credits,
                capacity=_number(self.capacity, "capacity", wrong, otherwise=1, missing="Say how many places."),
                minutes=_number(self.minutes, "minutes", wrong, otherwise=60, missing="Say how long it lasts."),
                parent_attends=self.stays.isChecked(),
                prerequisites=self.prerequisites.toPlainText(),
                bring=self.bring.values,
                outcomes=self.outcomes.values,
                accessibility=self.accessibility.values,
                tags=with_labels(self._tags, self.tags.values),
                image=self.image.text(),
                gallery=self.gallery.values,
            )
        )  # fmt: skip
        return facts, {**faults(facts), **wrong}

    # -- what is said of the fields ------------------------------------------------------------------------------------

    def tell(self, wrong: Mapping[str, str]) -> None:
        """Say under each field why it is refused; the others say nothing."""
        for name, field in self.fields.items():
            field.set_error(wrong.get(name, ""))

    def note(self, theirs: Mapping[str, str]) -> None:
        """Say beside fields what somebody else made of them meanwhile; the others lose such a note."""
        for name, field in self.fields.items():
            field.note.setText(theirs.get(name, ""))
        if "short" not in theirs:
            self._count()

    def go_to(self, name: str) -> None:
        """Put the keyboard into a field, by its name or that of a fact."""
        field = self.fields.get("ages" if name in _AGES else name)
        if field is None:
            return
        target = {"ages": self.low}.get(name, field.editor)
        if isinstance(target, LinesEditor):
            target = target.rows[0] if target.rows else target.add
        elif isinstance(target, TickList):
            target = next(iter(target.boxes.values()))
        target.setFocus(Qt.FocusReason.TabFocusReason)

    # -- making --------------------------------------------------------------------------------------------------------

    def _make_words(self) -> None:
        hub = self.hub
        self.name = _line(hub, NAME_LENGTH)
        self.category = SelectBox(hub, [_NO_CATEGORY, *(words.CATEGORY_WORDS[one] for one in Category)])
        self.skill = SelectBox(hub, [words.SKILL_WORDS[one] for one in Skill])
        self.short = _line(hub, SHORT_LENGTH)
        self.full = _text(hub, 108)
        self.prerequisites = _text(hub, 56)
        self.stays = CheckBox(hub, "A parent stays with the child")
        self.image = _line(hub, ADDRESS_LENGTH, "https://…")
        for line in (self.name, self.short, self.image):
            line.textChanged.connect(self._touched)
        for text in (self.full, self.prerequisites):
            text.textChanged.connect(self._touched)
        for box in (self.category, self.skill):
            box.currentIndexChanged.connect(self._touched)
        self.stays.toggled.connect(self._touched)

    def _make_numbers(self) -> None:
        self.low, self.high, self.credits, self.capacity, self.minutes = (
            _line(self.hub, _DIGITS) for _ in range(5)
        )
        self.high.setPlaceholderText("any")
        self.high.setAccessibleName("To age")
        self.unit = SelectBox(self.hub, list(_UNITS))
        self.unit.setAccessibleName("Ages in")
        for line in (self.low, self.high, self.credits, self.capacity, self.minutes):
            line.textChanged.connect(self._touched)
        self.unit.currentIndexChanged.connect(self._touched)

    def _make_lists(self) -> None:
        hub = self.hub

        def lines(
            name: str, add: str, longest: int = ITEM_LENGTH, most: int = MOST_ITEMS, hint: str = ""
        ) -> LinesEditor:
            return LinesEditor(hub, name, add=add, longest=longest, most=most, placeholder=hint)

        self.bring = lines("Thing to bring", "Add a thing")
        self.outcomes = lines("Outcome", "Add an outcome")
        self.gallery = lines("Image", "Add an image", ADDRESS_LENGTH, MOST_IMAGES, "https://…")
        self.accessibility = TickList(
            hub, words.ACCESSIBILITY, lines("Feature", "Add a feature"), width=INNER_WIDTH
        )
        self.tags = TickList(
            hub,
            words.TAGS,
            lines("Tag", "Add a tag", TAG_LENGTH),
            width=INNER_WIDTH,
            words=tag_words,
            key=tag_name,
        )
        for made in (self.bring, self.outcomes, self.gallery, self.accessibility, self.tags):
            made.changed.connect(self._touched)

    def _lay_out(self) -> None:
        hub = self.hub
        ages = QWidget()
        row = QHBoxLayout(ages)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for box, stretch in ((self.low, 2), (self.high, 2), (self.unit, 3)):
            row.addWidget(box, stretch)
        self.fields: dict[str, Field] = {
            "name": Field(hub, "Name", self.name),
            "category": Field(hub, "Category", self.category),
            "skill": Field(hub, "Skill level", self.skill),
            "short": Field(hub, "Short description", self.short),
            "full": Field(hub, "Description", self.full),
            "ages": Field(hub, "Ages, from and to", ages),
            "credits": Field(hub, "Credits", self.credits),
            "capacity": Field(hub, "Places", self.capacity),
            "minutes": Field(hub, "Minutes", self.minutes),
            "prerequisites": Field(hub, "Prerequisites", self.prerequisites),
            "bring": Field(hub, "What to bring", self.bring),
            "outcomes": Field(hub, "What children learn", self.outcomes),
            "tags": Field(hub, "Tags", self.tags),
            "accessibility": Field(hub, "Accessibility", self.accessibility),
            "image": Field(hub, "Main image", self.image, help_text="An address that begins with https://."),
            "gallery": Field(hub, "More images", self.gallery),
        }
        self.low.setAccessibleName("From age")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        numbers = QHBoxLayout()
        numbers.setSpacing(8)
        for name in ("credits", "capacity", "minutes"):
            numbers.addWidget(self.fields[name], 1, Qt.AlignmentFlag.AlignTop)
        parts: tuple[str | QWidget | QHBoxLayout, ...] = (
            "name", "category", "short", "ages", numbers, "skill", self.stays,
        )  # fmt: skip
        for part in parts:
            self._put(column, part)
        for title, names in (
            ("In full", ("full", "prerequisites", "bring", "outcomes")),
            ("Tags and access", ("tags", "accessibility")),
            ("Images", ("image", "gallery")),
        ):
            column.addSpacing(4)
            column.addWidget(Section(title))
            for name in names:
                self._put(column, name)
        column.addStretch(1)
        ordered: list[QWidget] = [self.name, self.category, self.short, ages, self.credits, self.capacity]
        ordered += [self.minutes, self.skill, self.stays, self.full, self.prerequisites, self.bring]
        ordered += [self.outcomes, self.tags, self.accessibility, self.image, self.gallery]
        self.ordered: Sequence[QWidget] = ordered
        tab_in_order(*ordered)

    def _put(self, column: QVBoxLayout, part: str | QWidget | QHBoxLayout) -> None:
        if isinstance(part, str):
            column.addWidget(self.fields[part])
        elif isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)

    def _show_ages(self, low: int, high: int | None) -> None:
        years = low % 12 == 0 and (high is None or high % 12 == 11)
        unit = 12 if years else 1
        self.unit.setCurrentIndex(0 if years else 1)
        self.low.setText(str(low // unit))
        self.high.setText("" if high is None else str(high // unit))

    def _touched(self, *_what: object) -> None:
        if not self._filling:
            self._count()
            self.edited.emit()

    def _count(self) -> None:
        for name, used, most in (
            ("short", len(self.short.text()), SHORT_LENGTH),
            ("full", len(self.full.toPlainText()), FULL_LENGTH),
            ("prerequisites", len(self.prerequisites.toPlainText()), PREREQUISITES_LENGTH),
        ):
            near = used > most * 4 // 5
            self.fields[name].note.setText(f"{used:,} of {most:,}" if near else "")


def _line(hub: ThemeHub, longest: int, placeholder: str = "") -> TextInput:
    made = TextInput(hub, placeholder=placeholder)
    made.setMaxLength(longest)
    return made


def _text(hub: ThemeHub, height: int) -> QPlainTextEdit:
    made = QPlainTextEdit()
    made.setTabChangesFocus(True)
    fix_height(made, hub, height)
    return made


def _number(line: TextInput, name: str, wrong: dict[str, str], *, otherwise: int, missing: str = "") -> int:
    """The whole number in a line; where there is none, or nothing, `otherwise` and a word about it."""
    text = line.text().strip()
    if text.isdecimal():
        return int(text)
    if text:
        wrong.setdefault(name, _WHOLE)
    elif missing:
        wrong.setdefault(name, missing)
    return otherwise
