"""The sheet in which something is decided: what follows from it, words, and waivers with their days.

The same sheet approves, excepts, rejects, asks and declines; only what it needs differs. See docs/design.md, "Screens":
the consequence is said, and nothing is done before the button.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.vetting import FEEDBACK_LENGTH, DecisionTemplate, Requirement, Waiver
from console.errors import Conflict, ConsoleError
from console.models.gateway_vetting import CaseGateway
from console.models.runner import TaskRunner
from console.views.approvals.snug_sheet import SnugSheet
from console.views.schedule.editor.inputs import DateInput, StillBox
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field
from console.views.widgets.text import IconText, label

WAIVED_DAYS = 30
_MOST_DAYS = 366


@dataclass(frozen=True)
class Asked:
    """What a sheet asks for. `consequence` is worked out anew when a day of a waiver changes."""

    title: str
    caption: str
    template: str
    do: str
    consequence: Callable[[Sequence[Waiver]], str]
    words: str = "What the venue is told"
    needs_words: bool = True
    waives: tuple[Requirement, ...] = ()
    danger: bool = False


class DecisionSheet(SnugSheet):
    """The sheet. `act` does it with the words and the waivers; a Conflict closes the sheet and goes to `refused`."""

    refused = Signal(object)
    left = Signal(str)
    """The words that were written when it closed without being done."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: CaseGateway,
        asked: Asked,
        act: Callable[[str, Sequence[Waiver]], Awaitable[None]],
        *,
        today: date,
        text: str = "",
    ) -> None:
        """Nothing is done before the button; `text` is what was written before."""
        super().__init__(hub, window, asked.title, width=600)
        self._gateway, self._asked, self._act, self._today = gateway, asked, act, today
        self._templates: list[DecisionTemplate] = []
        self._done = self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self._closed)
        self.template = StillBox(hub, ["Your own words"])
        self.text = QPlainTextEdit(text)
        self.text.setTabChangesFocus(True)
        fix_height(self.text, hub, 130)
        self.field = Field(hub, asked.words, self.text, note="needed" if asked.needs_words else "optional")
        self.days: dict[Requirement, DateInput] = {}
        self._day_fields: dict[Requirement, Field] = {}
        self.told = IconText(hub, "ph.info", "", role="secondary", wrap=True)
        self.cancel_button = self.answer("Cancel", self.close)
        self.do_button = Button(hub, asked.do, "danger" if asked.danger else "primary")
        self.do_button.setToolTip("Ctrl+Enter")
        self.do_button.clicked.connect(lambda _checked=False: self.confirm())
        self.set_answers(self.cancel_button, self.do_button)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.confirm)
        self._body = self._lay_out()
        self.text.textChanged.connect(self._typed)
        self.template.activated.connect(self._begin_from)
        self._typed()
        self._say_consequence()

    def open(self) -> None:
        """Show it with the keyboard where something is needed first."""
        super().open()
        first = next(iter(self.days.values()), None)
        self.show_step(self._body, self._asked.caption, focus=first or self.text)
        if first is not None:
            first.selectAll()
        self.runner.start(self._load())

    @property
    def waivers(self) -> list[Waiver]:
        """The waivers as they are typed. Raises ValueError with a sentence."""
        made = []
        for kind, editor in self.days.items():
            day = editor.day()
            if day is None:
                raise ValueError("Say until when.")
            made.append(Waiver(kind, day))
        return made

    def confirm(self) -> None:
        """Do it, where nothing is missing."""
        if self._busy or not self.is_open or not self._checked():
            return
        self._busy = True
        self.banner.clear()
        self._offer()
        words = self.text.toPlainText().replace("\x00", "").strip()
        self.runner.start(self._carry_out(words, self.waivers))

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        self._templates = list(await self._gateway.templates(self._asked.template))
        self.template.addItems([one.title for one in self._templates])
        self._template_field.setVisible(bool(self._templates))
        self.fit()

    async def _carry_out(self, words: str, waivers: Sequence[Waiver]) -> None:
        await self._act(words, waivers)
        self._done = True
        self.close()

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        if isinstance(error, Conflict):
            self.close()
            self.refused.emit(error)
            return
        self._offer()
        if error.code == "feedback":
            self.field.set_error(error.sentence)
            return
        self.banner.show_error(error)

    def _closed(self) -> None:
        self.runner.cancel_all()
        if not self._done:
            self.left.emit(self.text.toPlainText())

    def _checked(self) -> bool:
        good = True
        for kind, editor in self.days.items():
            wrong = _wrong_day(editor, self._today)
            self._day_fields[kind].set_error(wrong)
            if wrong and good:
                editor.setFocus(Qt.FocusReason.OtherFocusReason)
            good = good and not wrong
        said = self.text.toPlainText().strip()
        if self._asked.needs_words and not said:
            self.field.set_error("Say why, in words the venue can use.")
            if good:
                self.text.setFocus(Qt.FocusReason.OtherFocusReason)
            return False
        return good and len(said) <= FEEDBACK_LENGTH

    def _typed(self) -> None:
        length = len(self.text.toPlainText().strip())
        over = length - FEEDBACK_LENGTH
        self.field.note.setText(
            f"{length:,} of {FEEDBACK_LENGTH:,}"
            if length
            else ("needed" if self._asked.needs_words else "optional")
        )
        self.field.set_error(f"{count(over, 'character')} too many." if over > 0 else "")
        self._offer()

    def _offer(self) -> None:
        over = len(self.text.toPlainText().strip()) > FEEDBACK_LENGTH
        self.do_button.setEnabled(not self._busy and not over)
        self.text.setReadOnly(self._busy)

    def _begin_from(self, place: int) -> None:
        if place < 1:
            return
        body, written = self._templates[place - 1].body, self.text.toPlainText().strip()
        known = {one.body for one in self._templates}
        self.text.setPlainText(body if not written or written in known else f"{written}\n\n{body}")
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)
        self.text.moveCursor(self.text.textCursor().MoveOperation.End)

    def _say_consequence(self) -> None:
        try:
            waivers = self.waivers
        except ValueError:
            waivers = []
        self.told.set_text(self._asked.consequence(waivers))

    def _day_edited(self, kind: Requirement) -> None:
        self._day_fields[kind].set_error("")
        self._say_consequence()

    def _lay_out(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        column.addWidget(self.told)
        if self._asked.waives:
            said = "Each is waived until a day of its own, the day itself included."
            column.addWidget(label(said, "small", wrap=True))
            grid = QGridLayout()
            grid.setHorizontalSpacing(16)
            grid.setVerticalSpacing(12)
            for place, kind in enumerate(self._asked.waives):
                editor = DateInput(self.hub, self._today)
                editor.show_day(self._today + timedelta(days=WAIVED_DAYS))
                editor.edited.connect(partial(self._day_edited, kind))
                self.days[kind] = editor
                self._day_fields[kind] = Field(self.hub, f"{kind.words}, until", editor)
                grid.addWidget(self._day_fields[kind], place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(0, 1)
            grid.setColumnStretch(1, 1)
            column.addLayout(grid)
        self._template_field = Field(self.hub, "Begin from", self.template)
        column.addWidget(self._template_field)
        column.addWidget(self.field)
        column.addStretch(1)
        return body


def _wrong_day(editor: DateInput, today: date) -> str:
    try:
        day = editor.day()
    except ValueError as error:
        return str(error)
    if day is None:
        return "Say until when."
    if day <= today:
        return "Choose a day after today."
    return "At most a year from today." if (day - today).days >= _MOST_DAYS else ""
