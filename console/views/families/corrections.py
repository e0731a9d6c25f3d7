"""Correcting what keeps a child safe: health notes or pickup people, with who confirmed it.

The whole list is written at once against the version it was read at: when another desk was quicker, nothing is lost
and the person sees what changed. See docs/design.md, "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Literal
from uuid import UUID

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.families import ChildFacts
from console.errors import Conflict, ConsoleError
from console.models.gateway import FamilyGateway
from console.models.runner import TaskRunner
from console.views.families.editors import HealthRows, PickupRows
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label

What = Literal["health", "pickup"]
_TITLES = {"health": "Allergies and health of {}", "pickup": "Who may collect {}"}


class CorrectionsSheet(Sheet):
    """The list as it is, to be corrected and confirmed."""

    corrected = Signal(str, object)
    """Words for a toast, and the booking whose child was corrected."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: FamilyGateway,
        *,
        booking_id: UUID,
        first_name: str,
        what: What,
        confirmed_by: str = "",
    ) -> None:
        """`confirmed_by` is who is likely to stand at the desk: the parent."""
        super().__init__(hub, window, _TITLES[what].format(first_name), width=760)
        self._gateway, self._booking_id, self._what = gateway, booking_id, what
        self._name, self._confirmed_by = first_name, confirmed_by
        self._facts: ChildFacts | None = None
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.health: HealthRows | None = None
        self.pickup: PickupRows | None = None
        self.by: Field | None = None
        self.main: Button | None = None

    def open(self) -> None:
        """Read the facts and show them."""
        super().open()
        waiting = QWidget()
        column = QVBoxLayout(waiting)
        column.addWidget(label("Reading what is known", "muted"))
        column.addStretch(1)
        self.show_step(waiting)
        self.set_answers(self.answer("Close", self.close))
        self.close_button.setFocus()
        self.runner.start(self._load())

    async def _load(self) -> None:
        self._show(await self._gateway.facts(self._booking_id))

    def _show(self, facts: ChildFacts) -> None:
        self._facts = facts
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(18)
        if self._what == "health":
            self.health = HealthRows(self.hub, facts.health)
            column.addWidget(self.health)
            first: QWidget = self.health.add_button
        else:
            self.pickup = PickupRows(self.hub, facts.pickup)
            column.addWidget(self.pickup)
            first = self.pickup.add_button
        editor = TextInput(self.hub, self._confirmed_by)
        editor.setMaxLength(100)
        by = Field(self.hub, "Confirmed by", editor, help_text="Who said so, for example the parent.")
        editor.textEdited.connect(lambda _text: by.set_error(""))
        column.addWidget(by)
        self.by = by
        column.addStretch(1)
        self.show_step(body, focus=first)
        self.main = self.answer("Save", self._save, "primary")
        self.set_answers(self.answer("Keep as it is", self.close), self.main)

    def _save(self) -> None:
        facts, by = self._facts, self.by
        if facts is None or by is None or self._busy or not isinstance(by.editor, TextInput):
            return
        name = by.editor.text().strip()
        if not name:
            by.set_error("Say who confirmed it.")
            by.editor.setFocus()
            return
        try:
            if self.health is not None:
                work = self._gateway.correct_health(facts, self.health.values(), confirmed_by=name)
            elif self.pickup is not None:
                work = self._gateway.correct_pickup(facts, self.pickup.values(), confirmed_by=name)
            else:
                return
        except ValueError as error:
            self.banner.show_message(str(error))
            return
        self._set_busy(True)
        self.runner.start(self._send(work))

    async def _send(self, work: Coroutine[Any, Any, ChildFacts]) -> None:
        await work
        self._set_busy(False)
        words = "health notes are corrected" if self._what == "health" else "pickup list is corrected"
        self.corrected.emit(f"{self._name}'s {words}", self._booking_id)
        self.close()

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        if self.main is not None:
            self.main.setEnabled(not busy)

    def _failed(self, error: ConsoleError) -> None:
        self._set_busy(False)
        again = ("Look again", self._reload) if isinstance(error, Conflict) else None
        self.banner.show_error(error, action=again)

    def _reload(self) -> None:
        self.runner.start(self._load())
