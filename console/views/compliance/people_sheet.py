"""Somebody whose background is checked: added, set right, or working there no longer.

See docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.vetting import CheckedPerson
from console.errors import ConsoleError, Invalid
from console.models.gateway_vetting import EvidenceGateway
from console.models.runner import TaskRunner
from console.views.schedule.editor.inputs import DateInput
from console.views.theme import ThemeHub
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label

_NAME_LENGTH = 100


class PersonSheet(Sheet):
    """The sheet. `done` carries a sentence once it is kept."""

    done = Signal(str)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: EvidenceGateway,
        person: CheckedPerson | None,
        *,
        venue_id: UUID,
        today: date,
    ) -> None:
        """`person` None: somebody new."""
        super().__init__(hub, window, person.first_name if person else "Somebody new", width=460)
        self._gateway, self._person, self._venue_id, self._today = gateway, person, venue_id, today
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.name, self.works_as = TextInput(hub), TextInput(hub, placeholder="coach, owner, assistant")
        for editor in (self.name, self.works_as):
            editor.setMaxLength(_NAME_LENGTH)
            editor.returnPressed.connect(self.confirm)
        self.ordered = DateInput(hub, today)
        self.ordered.show_day(today)
        if person is not None:
            self.name.setText(person.first_name)
            self.works_as.setText(person.works_as)
            if person.result == "pending":
                self.ordered.show_day(person.ordered_on)
        self.fields = {
            "first_name": Field(hub, "First name", self.name, note="needed"),
            "works_as": Field(hub, "Works as", self.works_as, note="needed"),
            "ordered_on": Field(hub, "Check ordered on", self.ordered),
        }
        answered = person is not None and person.result != "pending"
        self.back_button = self.answer("Cancel", self.close)
        words = "Add" if person is None else "Order a new check" if answered else "Save"
        self.do_button = self.answer(words, self.confirm, "primary")
        self.left_button = None if person is None else self.answer("Works here no longer", self.leave)
        self.set_answers(self.back_button, self.do_button, left=self.left_button)
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setSpacing(12)
        if answered:
            column.addWidget(
                label("The answer that is known counts until it runs out.", "secondary", wrap=True)
            )
        for field in self.fields.values():
            column.addWidget(field)
        column.addStretch(1)

    def open(self) -> None:
        """Show it, with the keyboard in the name."""
        super().open()
        self.show_step(self._body, focus=self.name)

    def confirm(self) -> None:
        """Keep what is typed."""
        if self._busy:
            return
        name, works_as = (" ".join(one.text().split()) for one in (self.name, self.works_as))
        wrong = {}
        if not name:
            wrong["first_name"] = "Give a first name."
        if not works_as:
            wrong["works_as"] = "Say what they do."
        day = self._today
        try:
            day = self.ordered.day() or self._today
        except ValueError as error:
            wrong["ordered_on"] = str(error)
        for key, field in self.fields.items():
            field.set_error(wrong.get(key, ""))
        if wrong:
            self.fields[next(iter(wrong))].editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._begin()
        self.runner.start(self._put(name, works_as, day))

    def leave(self) -> None:
        """They work there no longer, from today on."""
        if self._person is not None and not self._busy:
            self._begin()
            self.runner.start(self._leave(self._person))

    async def _put(self, name: str, works_as: str, day: date) -> None:
        person = self._person
        made = await self._gateway.put_person(
            self._venue_id,
            person.id if person else None,
            person.version if person else 0,
            name,
            works_as,
            day,
        )
        self.done.emit(
            f"{made.first_name} is in the list" if person is None else f"{made.first_name} is kept"
        )
        self.close()

    async def _leave(self, person: CheckedPerson) -> None:
        await self._gateway.person_left(self._venue_id, person.id, person.version, self._today)
        self.done.emit(f"{person.first_name} works here no longer")
        self.close()

    def _begin(self) -> None:
        self._busy = True
        self.banner.clear()
        self.do_button.setEnabled(False)

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self.do_button.setEnabled(True)
        field = self.fields.get(error.code or "") if isinstance(error, Invalid) else None
        if field is not None:
            field.set_error(error.sentence)
            field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.banner.show_error(error)
