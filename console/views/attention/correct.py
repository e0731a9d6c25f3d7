"""A new family that the server refused, put right: the form as it was filled in, sent again under its own number.

See docs/guides/offline.md.
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.domain.sealed_notes import RefusedFamily
from console.views.families.register import RegisterForm
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.sheet import Sheet


class CorrectFamilySheet(Sheet):
    """The registration form over the window. It sends nothing: `corrected` carries the NewFamily."""

    corrected = Signal(object)

    def __init__(self, hub: ThemeHub, window: QWidget, item: RefusedFamily, today: date) -> None:
        """Filled in as it was taken down; `today` is the venue's day."""
        super().__init__(hub, window, "Correct a new family", width=720)
        self._id = item.kept.note.id
        self.form = RegisterForm(hub, today, known=item.kept.note.family)
        self.show_step(self.form, "It is registered again as it is here.", focus=self.form.first)
        self.main = Button(hub, "Save and send", "primary")
        self.main.clicked.connect(lambda _checked=False: self._save())
        keep = Button(hub, "Cancel")
        keep.clicked.connect(lambda _checked=False: self.close())
        self.set_answers(keep, self.main)
        if item.kept.refusal is not None:
            self.banner.show_message(item.kept.refusal.sentence, item.kept.refusal.hint or "")

    def _save(self) -> None:
        family = self.form.new_family(self._id)
        if family is not None:
            self.corrected.emit(family)
            self.close()
