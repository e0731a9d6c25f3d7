"""What came back of somebody's background check: clear or not, on which day, and until when it counts.

See docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.vetting import CheckedPerson
from console.errors import Conflict, ConsoleError
from console.models.gateway_vetting import CaseGateway
from console.models.runner import TaskRunner
from console.views.approvals import words
from console.views.approvals.snug_sheet import SnugSheet
from console.views.schedule.editor.inputs import DateInput
from console.views.theme import ThemeHub
from console.views.widgets.fields import Field
from console.views.widgets.text import label
from console.views.widgets.toggles import RadioButton


class CheckSheet(SnugSheet):
    """The sheet. `taken` carries a sentence once the answer is kept."""

    taken = Signal(str)
    refused = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: CaseGateway,
        person: CheckedPerson,
        *,
        venue: UUID,
        today: date,
    ) -> None:
        """For one person of the venue with the id `venue`."""
        super().__init__(hub, window, f"What came back for {person.first_name}?", width=480)
        self._gateway, self._person, self._venue, self._today = gateway, person, venue, today
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.clear = RadioButton(hub, "Clear", checked=True)
        self.failed = RadioButton(hub, "Not clear")
        self._group = QButtonGroup(self.card)
        self.on = DateInput(hub, today)
        self.on.show_day(today)
        self.until = DateInput(hub, today, empty="No end")
        self.on_field = Field(hub, "Came back on", self.on)
        self.until_field = Field(hub, "Counts until", self.until, note="optional")
        self.effect = label("", "small", wrap=True)
        self.cancel_button = self.answer("Cancel", self.close)
        self.do_button = self.answer("Keep the answer", self.confirm, "primary")
        self.set_answers(self.cancel_button, self.do_button)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.confirm)
        self._body = self._lay_out()
        self.clear.toggled.connect(lambda _on: self._say())
        for editor, field in ((self.on, self.on_field), (self.until, self.until_field)):
            editor.edited.connect(lambda field=field: field.set_error(""))
        self._say()

    def open(self) -> None:
        """Show it with the keyboard on the answer."""
        super().open()
        person = self._person
        self.show_step(
            self._body, f"{words.person_name(person)}, {words.person_state(person)}", focus=self.clear
        )

    def confirm(self) -> None:
        """Keep the answer, where its days can be read."""
        if self._busy or not self.is_open:
            return
        on, until = self._day(self.on, self.on_field), self._day(self.until, self.until_field)
        if self.on_field.below.isVisible() or self.until_field.below.isVisible() or on is None:
            return
        self._busy = True
        self.do_button.setEnabled(False)
        self.runner.start(self._keep(on, until if self.clear.isChecked() else None))

    def _day(self, editor: DateInput, field: Field) -> date | None:
        try:
            day = editor.day()
        except ValueError as error:
            field.set_error(str(error))
            return None
        wrong = ""
        if editor is self.on and day is not None:
            if day > self._today:
                wrong = "It cannot have come back after today."
            elif day < self._person.ordered_on:
                wrong = f"It was ordered on {words.day(self._person.ordered_on)}."
        elif editor is self.until and day is not None and day <= self._today:
            wrong = "Choose a day after today."
        field.set_error(wrong)
        return day

    async def _keep(self, on: date, until: date | None) -> None:
        person, clear = self._person, self.clear.isChecked()
        await self._gateway.check_came_back(self._venue, person.id, person.version, clear, on, until)
        self.close()
        self.taken.emit(f"{person.first_name}: {'clear' if clear else 'not clear'}")

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        if isinstance(error, Conflict):
            self.close()
            self.refused.emit(error)
            return
        self.do_button.setEnabled(True)
        self.banner.show_error(error)

    def _say(self) -> None:
        clear = self.clear.isChecked()
        self.until_field.setVisible(clear)
        self.effect.setText("" if clear else "While they work there, the background checks count as missing.")
        self.effect.setVisible(not clear)
        self.fit()

    def _lay_out(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(24)
        for radio in (self.clear, self.failed):
            self._group.addButton(radio)
            row.addWidget(radio)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.effect)
        column.addWidget(self.on_field)
        column.addWidget(self.until_field)
        column.addStretch(1)
        return body
