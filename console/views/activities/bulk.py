"""Many activities at once: what to set, what it would make of each, and what became of each.

See docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from console.domain.catalogue import ActivityRow, Category, tag_name, tidy
from console.domain.catalogue_bulk import BulkChange, Fate, RowFate, bulk_faults, preview
from console.domain.counting import count
from console.errors import ConsoleError
from console.models.gateway_catalogue import CatalogueGateway
from console.models.runner import TaskRunner
from console.views.activities import words
from console.views.theme import ThemeHub
from console.views.widgets.choices import Choice, ChoiceList
from console.views.widgets.dialog import figures_box
from console.views.widgets.fields import Field, SelectBox, TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label

_LEAVE = "Leave as it is"
_SHOWING: tuple[tuple[str, dict[str, bool]], ...] = (
    (_LEAVE, {}),
    ("Publish", {"publish": True}),
    ("Stop showing to parents", {"publish": False}),
    ("Put away", {"put_away": True}),
    ("Bring back", {"put_away": False}),
)
_WHOLE = "Write a whole number."
_ORDER = (Fate.CHANGES, Fate.CHANGED, Fate.REFUSED, Fate.MEANWHILE, Fate.GONE, Fate.SAME)
_FIGURES = {
    Fate.CHANGES: "to change",
    Fate.CHANGED: "changed",
    Fate.REFUSED: "not possible",
    Fate.MEANWHILE: "changed meanwhile",
    Fate.GONE: "gone",
    Fate.SAME: "stay as they are",
}
_TAGS_LENGTH = 400


class BulkSheet(Sheet):
    """The sheet over the catalogue. `changed` says that the list has to be asked anew."""

    changed = Signal()

    def __init__(
        self, hub: ThemeHub, window: QWidget, gateway: CatalogueGateway, rows: Sequence[ActivityRow]
    ) -> None:
        """Ask what to set in `rows`."""
        super().__init__(hub, window, f"Edit {count(len(rows), 'activity', 'activities')}")
        self._gateway, self._rows = gateway, tuple(rows)
        self._step = "choose"
        self.change = BulkChange()
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self._choose()

    def step_back(self) -> bool:
        """From the preview back to the choices."""
        if self._step != "preview" or self.runner.busy:
            return False
        self._choose()
        return True

    # -- what to set ---------------------------------------------------------------------------------------------------

    def _choose(self) -> None:
        self._step = "choose"
        hub, change = self.hub, self.change
        self.credits = _line(hub, 5, _LEAVE, change.credits)
        self.capacity = _line(hub, 5, _LEAVE, change.capacity)
        self.category = SelectBox(hub, [_LEAVE, *(words.CATEGORY_WORDS[one] for one in Category)])
        if change.category is not None:
            self.category.setCurrentIndex(list(Category).index(change.category) + 1)
        self.showing = SelectBox(hub, [said for said, _ in _SHOWING])
        facts = {"publish": change.publish, "put_away": change.put_away}
        now = {name: value for name, value in facts.items() if value is not None}
        self.showing.setCurrentIndex(next((at for at, (_, one) in enumerate(_SHOWING) if one == now), 0))
        self.add_tags = _line(hub, _TAGS_LENGTH, "indoor, team", ", ".join(change.add_tags))
        self.remove_tags = _line(hub, _TAGS_LENGTH, "messy", ", ".join(change.remove_tags))
        self.fields = {
            "category": Field(hub, "Category", self.category),
            "state": Field(hub, "Shown to parents", self.showing),
            "credits": Field(hub, "Credits", self.credits),
            "capacity": Field(
                hub, "Places", self.capacity, help_text="Sessions that are planned keep their places."
            ),
            "tags": Field(hub, "Add tags", self.add_tags, help_text="With commas between them."),
            "remove": Field(hub, "Remove tags", self.remove_tags),
        }
        body = QWidget()
        grid = QGridLayout(body)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(16)
        for at, field in enumerate(self.fields.values()):
            grid.addWidget(field, at // 2, at % 2, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(self.fields), 1)
        for line in (self.credits, self.capacity, self.add_tags, self.remove_tags):
            line.returnPressed.connect(self.show_preview)
        self.show_step(body, "What is left empty stays as it is.", focus=self.category)
        self.set_answers(
            self.answer("Cancel", self.close),
            self.answer("Show what would change", self.show_preview, "primary"),
        )

    def read(self) -> tuple[BulkChange, dict[str, str]]:
        """What is chosen, and what is wrong with it by field."""
        wrong: dict[str, str] = {}
        numbers: dict[str, int | None] = {}
        for name, line in (("credits", self.credits), ("capacity", self.capacity)):
            text = line.text().strip()
            numbers[name] = int(text) if text.isdecimal() else None
            if text and not text.isdecimal():
                wrong[name] = _WHOLE
        at = self.category.currentIndex()
        change = BulkChange(
            credits=numbers["credits"],
            capacity=numbers["capacity"],
            category=list(Category)[at - 1] if at > 0 else None,
            add_tags=_tags(self.add_tags.text()),
            remove_tags=_tags(self.remove_tags.text()),
            **_SHOWING[max(self.showing.currentIndex(), 0)][1],
        )
        return change, {**bulk_faults(change), **wrong}

    # -- what it would do, and what it did -----------------------------------------------------------------------------

    def show_preview(self) -> None:
        """Show what would become of each row, unless something chosen cannot be."""
        change, wrong = self.read()
        for name, field in self.fields.items():
            field.set_error(wrong.get(name, ""))
        if wrong:
            self.fields[next(iter(wrong))].editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if change.is_empty:
            self.banner.show_message("Choose something to set first.", "", "amber")
            return
        self.change, self._step = change, "preview"
        fates = preview(self._rows, change)
        number = sum(one.fate is Fate.CHANGES for one in fates)
        apply = self.answer(f"Change {count(number, 'activity', 'activities')}", self.apply, "primary")
        apply.setEnabled(number > 0)
        self._show_fates(fates, "Nothing is saved yet.")
        self.apply_button = apply
        self.set_answers(self.answer("Back", self.step_back), apply)

    def apply(self) -> None:
        """Do what the preview shows."""
        if self._step == "preview" and not self.runner.busy:
            self.apply_button.setEnabled(False)
            self.runner.start(self._apply())

    async def _apply(self) -> None:
        fates = await self._gateway.change_all(self._rows, self.change)
        self._step = "done"
        left = sum(one.fate in (Fate.REFUSED, Fate.MEANWHILE, Fate.GONE) for one in fates)
        self._show_fates(fates, "Saved." if not left else "The others are saved.")
        done = self.answer("Done", self.close, "primary")
        self.set_answers(done)
        done.setFocus(Qt.FocusReason.OtherFocusReason)
        self.changed.emit()

    def _failed(self, error: ConsoleError) -> None:
        self.apply_button.setEnabled(True)
        self.banner.show_error(error)

    def _show_fates(self, fates: Sequence[RowFate], caption: str) -> None:
        rows = {row.id: row for row in self._rows}
        counted = Counter(one.fate for one in fates)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        column.addWidget(
            figures_box([(f"{counted[fate]:,}", _FIGURES[fate]) for fate in _ORDER if counted[fate]])
        )
        column.addWidget(label("What becomes of each", "label"))
        # What cannot be changed comes first: it is what there is to do.
        odd = (Fate.REFUSED, Fate.MEANWHILE, Fate.GONE)
        self.fates = ChoiceList(self.hub, "What becomes of each activity")
        self.fates.show_choices(
            [
                Choice(
                    one.id,
                    one.name,
                    words.fate_detail(one, rows[one.id], self.change),
                    chips=(words.FATE_CHIPS[one.fate],),
                )
                for one in sorted(fates, key=lambda one: one.fate not in odd)
            ]
        )
        column.addWidget(self.fates, 1)
        self.show_step(body, caption, focus=self.fates)


def _line(hub: ThemeHub, longest: int, placeholder: str, value: object) -> TextInput:
    made = TextInput(hub, "" if value is None else str(value), placeholder=placeholder)
    made.setMaxLength(longest)
    return made


def _tags(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in tidy(text).split(",") if (name := tag_name(part))))
