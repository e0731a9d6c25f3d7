"""Suspending a venue: why, what becomes of what is booked, and what that comes to before anything happens.

See docs/design.md, "Rules of the domain" (compliance): children who are expected today are still checked in.
"""

from __future__ import annotations

from datetime import date, tzinfo
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QButtonGroup, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.refusals import clock_time
from console.domain.vetting import FEEDBACK_LENGTH, DecisionTemplate, HitSession, SuspensionPreview
from console.errors import Conflict, ConsoleError
from console.models.gateway_vetting import CaseGateway
from console.models.runner import TaskRunner
from console.models.words import short_date
from console.views.approvals import words
from console.views.approvals.snug_sheet import SnugSheet
from console.views.schedule.editor.inputs import DateInput, StillBox
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.dialog import figures_box
from console.views.widgets.fields import Field
from console.views.widgets.frames import flush
from console.views.widgets.text import label
from console.views.widgets.toggles import RadioButton

_DELAY_MS = 250
_FEW = 5


class SuspendSheet(SnugSheet):
    """The sheet. `done` carries a sentence once the venue is suspended."""

    done = Signal(str)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: CaseGateway,
        *,
        venue_id: UUID,
        venue: str,
        today: date,
        zone: tzinfo,
    ) -> None:
        """Looks at what it would do when it is opened; does nothing before the button."""
        super().__init__(hub, window, f"Suspend {venue}?", width=600)
        self._gateway, self._venue_id, self._venue = gateway, venue_id, venue
        self._today, self._zone = today, zone
        self.preview: SuspensionPreview | None = None
        self._templates: list[DecisionTemplate] = []
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self._ended)
        self.keep_radio = RadioButton(hub, "Keep all booked sessions", checked=True)
        self.cancel_radio = RadioButton(hub, "Cancel sessions from a day on")
        self._group = QButtonGroup(self.card)
        self.day = DateInput(hub, today)
        self.day.show_day(today)
        self.day_field = Field(hub, "First day that is cancelled", self.day)
        self.template = StillBox(hub, ["Your own words"])
        self.reason = QPlainTextEdit()
        self.reason.setTabChangesFocus(True)
        fix_height(self.reason, hub, 96)
        self.field = Field(hub, "Why", self.reason, note="needed", help_text="The venue reads it.")
        self.says = label("Looking at what is booked…", "secondary", wrap=True)
        self.back_button = self.answer("Leave it open", self.close)
        self.do_button = Button(hub, "Suspend", "danger")
        self.do_button.clicked.connect(lambda _checked=False: self.confirm())
        self.set_answers(self.back_button, self.do_button)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.confirm)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self.look)
        self._body = self._lay_out()
        self.keep_radio.toggled.connect(lambda _on: self._chosen())
        self.day.edited.connect(self._day_edited)
        self.reason.textChanged.connect(self._typed)
        self.template.activated.connect(self._begin_from)
        self._offer()

    def open(self) -> None:
        """Show it, and look at what it would do."""
        super().open()
        self.show_step(
            self._body, "No new bookings from now on; check-in and check-out go on.", focus=self.keep_radio
        )
        self.runner.start(self._load_templates())
        self.look()

    def look(self) -> None:
        """Work out what it would do with what is chosen now."""
        self._later.stop()
        self._forget()
        try:
            wanted = self.day.day() if self.cancel_radio.isChecked() else None
        except ValueError as error:
            self.day_field.set_error(str(error))
            return
        if wanted is not None and wanted < self._today:
            self.day_field.set_error("Choose today or a later day.")
            return
        self.runner.start(self._look(wanted), "look")

    def confirm(self) -> None:
        """Suspend it as it was looked at."""
        said = self.reason.toPlainText().replace("\x00", "").strip()
        if self._busy or self.preview is None or not self.is_open:
            return
        if not said:
            self.field.set_error("Say why.")
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if len(said) <= FEEDBACK_LENGTH:
            self._busy = True
            self.banner.clear()
            self._offer()
            self.runner.start(self._suspend(self.preview, said))

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _load_templates(self) -> None:
        self._templates = list(await self._gateway.templates("suspend"))
        self.template.addItems([one.title for one in self._templates])

    async def _look(self, wanted: date | None) -> None:
        self.preview = await self._gateway.suspension(self._venue_id, wanted)
        self._show(self.preview)
        self._offer()
        self.fit()

    async def _suspend(self, preview: SuspensionPreview, reason: str) -> None:
        await self._gateway.suspend(preview, reason)
        self.close()
        self.done.emit(f"{self._venue} is suspended")

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._offer()
        if isinstance(error, Conflict):
            self.banner.show_message(error.sentence, "The numbers below are new: look at them again.", "blue")
            self.look()
            return
        self.banner.show_error(error)

    def _ended(self) -> None:
        self._later.stop()
        self.runner.cancel_all()

    def _chosen(self) -> None:
        self.day_field.setVisible(self.cancel_radio.isChecked())
        self.fit()
        self.look()

    def _day_edited(self) -> None:
        self.day_field.set_error("")
        self._forget()
        self._later.start()

    def _forget(self) -> None:
        """What was looked at is not what is chosen now: it cannot be carried out."""
        self.runner.cancel("look")
        self.preview = None
        self._offer()

    def _typed(self) -> None:
        over = len(self.reason.toPlainText().strip()) - FEEDBACK_LENGTH
        self.field.set_error(f"{count(over, 'character')} too many." if over > 0 else "")
        self._offer()

    def _begin_from(self, place: int) -> None:
        if place >= 1:
            self.reason.setPlainText(self._templates[place - 1].body)

    def _offer(self) -> None:
        preview = self.preview
        over = len(self.reason.toPlainText().strip()) > FEEDBACK_LENGTH
        self.do_button.setEnabled(preview is not None and not self._busy and not over)
        cancels = preview is not None and preview.cancel_from is not None and preview.bookings
        self.do_button.setText(
            f"Suspend, cancel {count(preview.bookings, 'booking')}" if preview and cancels else "Suspend"
        )

    def _show(self, preview: SuspensionPreview) -> None:
        self.says.setText(words.suspension_line(preview))
        while self._numbers.count():
            item = self._numbers.takeAt(0)
            gone = item.widget() if item is not None else None
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        if preview.cancel_from is not None:
            stays = sum(hit.bookings for hit in preview.stays)
            self._numbers.addWidget(
                figures_box(
                    (
                        (f"{preview.bookings:,}", "bookings cancelled"),
                        (f"{preview.credits:,}", "credits back"),
                        (f"{stays:,}", "bookings stay"),
                    )
                )
            )
        hit = preview.cancelled if preview.cancel_from is not None else preview.stays
        for one in hit[:_FEW]:
            self._numbers.addWidget(label(self._session(one), "small", wrap=True))
        if len(hit) > _FEW:
            self._numbers.addWidget(label(f"And {count(len(hit) - _FEW, 'more session')}.", "small"))

    def _session(self, one: HitSession) -> str:
        zone = words.zone_of(self.preview.timezone if self.preview is not None else "") or self._zone
        day = short_date(one.starts_at.astimezone(zone).date())
        return f"{day} {clock_time(one.starts_at, zone)}, {one.activity}: {count(one.bookings, 'booking')}"

    def _lay_out(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(10)
        for radio in (self.keep_radio, self.cancel_radio):
            self._group.addButton(radio)
            column.addWidget(radio)
        column.addWidget(self.day_field)
        self.day_field.hide()
        column.addWidget(self.says)
        self._numbers = flush(QVBoxLayout())
        self._numbers.setSpacing(4)
        column.addLayout(self._numbers)
        column.addWidget(Field(self.hub, "Begin from", self.template))
        column.addWidget(self.field)
        column.addStretch(1)
        return body
