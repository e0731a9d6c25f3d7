"""Writing into a venue's file: a note, an incident, and what was done about one.

See docs/design.md, "Screens" (platform): nothing is written before the button.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.compliance import Suspended
from console.domain.counting import count
from console.errors import Conflict, ConsoleError
from console.models.gateway_vetting import ReinstatementGateway
from console.models.runner import TaskRunner
from console.views.schedule.editor.inputs import DateInput
from console.views.theme import ThemeHub
from console.views.venue_file import words
from console.views.widgets.base import fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label
from console.views.widgets.toggles import ChoiceRow

NOTE_LENGTH = 4000
TITLE_LENGTH = 150
RESOLUTION_LENGTH = 2000
REINSTATEMENT_LENGTH = 1000
_HIGH = 150


class WordsSheet(Sheet):
    """A sheet with words and one deed. `refused` carries a Conflict, after which it is closed."""

    refused = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        title: str,
        *,
        caption: str,
        name: str,
        do: str,
        most: int,
        act: Callable[[str], Awaitable[None]],
        needed: str = "Write it first.",
    ) -> None:
        """`act` does it with the words; `needed` is said where there are none, empty: there need not be any."""
        super().__init__(hub, window, title, width=560)
        self._caption, self._most, self._act, self._needed = caption, most, act, needed
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        fix_height(self.text, hub, _HIGH)
        self.field = Field(hub, name, self.text)
        self.cancel_button = self.answer("Cancel", self.close)
        self.do_button = Button(hub, do, "primary")
        self.do_button.setToolTip("Ctrl+Enter")
        self.do_button.clicked.connect(lambda _checked=False: self.confirm())
        self.set_answers(self.cancel_button, self.do_button)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.confirm)
        self.text.textChanged.connect(self._typed)
        self._typed()

    def open(self) -> None:
        """Show it with the keyboard in its first input."""
        super().open()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        for part in self.above():
            column.addWidget(part)
        column.addWidget(self.field)
        column.addStretch(1)
        self.show_step(body, self._caption, focus=self.first())

    def above(self) -> tuple[QWidget, ...]:
        """What stands over the words."""
        return ()

    def first(self) -> QWidget:
        """Where the keyboard begins."""
        return self.text

    def fields(self) -> dict[str, Field]:
        """The fields by the code of the Invalid that is about them."""
        return {"body": self.field, "resolution": self.field}

    def checked(self) -> bool:
        """Whether everything that is needed is there; what is not is said."""
        if self._needed and not self.written():
            self.field.set_error(self._needed)
            self.text.setFocus(Qt.FocusReason.OtherFocusReason)
            return False
        return len(self.written()) <= self._most

    def written(self) -> str:
        """The words."""
        return self.text.toPlainText().replace("\x00", "").strip()

    def confirm(self) -> None:
        """Do it, where nothing is missing."""
        if self._busy or not self.is_open or not self.checked():
            return
        self._busy = True
        self.banner.clear()
        self._offer()
        self.runner.start(self._carry_out())

    async def _carry_out(self) -> None:
        await self._act(self.written())
        self._busy = False
        self.close()

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._offer()
        field = self.fields().get(error.code or "")
        if isinstance(error, Conflict):
            self.close()
            self.refused.emit(error)
        elif field is not None:
            field.set_error(error.sentence)
            field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.banner.show_error(error)

    def _typed(self) -> None:
        length = len(self.written())
        self.field.note.setText(f"{length:,} of {self._most:,}")
        over = length - self._most
        self.field.set_error(f"{count(over, 'character')} too many." if over > 0 else "")
        self._offer()

    def _offer(self) -> None:
        self.do_button.setEnabled(not self._busy and len(self.written()) <= self._most)
        self.text.setReadOnly(self._busy)


class IncidentSheet(WordsSheet):
    """What went wrong: when, how grave, in a few words and in full."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        venue: str,
        today: date,
        report: Callable[[date, str, str, str], Awaitable[None]],
    ) -> None:
        """`report` takes the day, how grave it was, the title and the words."""
        self.headline = TextInput(hub)
        self.headline.setMaxLength(TITLE_LENGTH)
        self.day = DateInput(hub, today)
        self.day.show_day(today)
        self.severity = ChoiceRow(hub, words.SEVERITIES, name="How grave it was")
        self._today = today
        self.title_field = Field(hub, "In a few words", self.headline, note="needed")
        self.day_field = Field(hub, "Happened on", self.day)

        async def act(body: str) -> None:
            day = self.day.day()
            assert day is not None
            await report(day, self.severity.chosen, " ".join(self.headline.text().split()), body)

        super().__init__(
            hub, window, "Report an incident", caption=venue, name="What happened", do="Report it",
            most=NOTE_LENGTH, act=act, needed="",
        )  # fmt: skip

    def above(self) -> tuple[QWidget, ...]:
        """The title, the day, how grave."""
        beside = QWidget()
        row = QHBoxLayout(beside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.day_field, 1, Qt.AlignmentFlag.AlignTop)
        grave = QVBoxLayout()
        grave.setSpacing(4)
        grave.addWidget(label("How grave it was", "label"))
        grave.addWidget(self.severity)
        grave.addStretch(1)
        row.addLayout(grave)
        return (self.title_field, beside)

    def first(self) -> QWidget:
        """The title."""
        return self.headline

    def fields(self) -> dict[str, Field]:
        """The fields by code."""
        return {**super().fields(), "title": self.title_field, "happened_on": self.day_field}

    def checked(self) -> bool:
        """A title, and a day that is not to come."""
        self.title_field.set_error(
            "" if self.headline.text().strip() else "Say in a few words what happened."
        )
        self.day_field.set_error(self._wrong_day())
        for field in (self.title_field, self.day_field):
            if isinstance(field.editor, TextInput) and field.editor.invalid:
                field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
                return False
        return super().checked()

    def _wrong_day(self) -> str:
        try:
            day = self.day.day()
        except ValueError as error:
            return str(error)
        if day is None:
            return "Say on which day it happened."
        return "Choose today or a day before." if day > self._today else ""


def reinstatement_sheet(
    hub: ThemeHub,
    window: QWidget,
    gateway: ReinstatementGateway,
    suspended: Suspended,
    done: Callable[[], object],
) -> WordsSheet:
    """Asking for a suspended venue to open again; `done` is called when headquarters has it in its queue."""

    async def act(note: str) -> None:
        await gateway.ask_reinstatement(suspended.venue_id, suspended.version, note)
        done()

    return WordsSheet(
        hub, window, "Ask to open again", caption="Headquarters reads it with the papers of the venue.",
        name="What was put right", do="Ask", most=REINSTATEMENT_LENGTH, act=act,
        needed="Say what was put right.",
    )  # fmt: skip
