"""Filing what a requirement asks for: its own fields, its days, and the files that show it.

The same sheet for a venue and for headquarters that files for it. See docs/design.md, "Rules of the domain"
(compliance).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QVBoxLayout, QWidget

from console.domain.vetting import Requirement, RequirementPage
from console.errors import ConsoleError, Invalid
from console.models.gateway_vetting import EvidenceGateway
from console.models.runner import TaskRunner
from console.views.compliance.files_box import FilesBox
from console.views.schedule.editor.inputs import DateInput
from console.views.theme import ThemeHub
from console.views.widgets.base import fix_height
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label

NOTE_LENGTH = 1000


@dataclass(frozen=True, slots=True)
class _Ask:
    """A field of a requirement. `wide` takes both columns; `day`: a day, `empty` what none means ("" where needed)."""

    name: str
    caption: str
    longest: int = 150
    help: str = ""
    placeholder: str = ""
    needed: str = ""
    wide: bool = False
    day: bool = False
    empty: str = ""


_ASKS: Mapping[Requirement, tuple[_Ask, ...]] = {
    Requirement.INSURANCE: (
        _Ask("provider", "Insurance company", needed="Say which company insures the venue."),
        _Ask("policy_number", "Policy number", 100, needed="Give the number of the policy."),
        _Ask("coverage_amount", "Cover in USD", 14, placeholder="2,000,000", needed="Give the cover as a number."),
        _Ask("valid_from", "Begins", day=True, empty="Not said"),
        _Ask("expires_on", "Ends", day=True, needed="Say when the cover ends."),
    ),
    Requirement.BACKGROUND_CHECKS: (),
    Requirement.SAFETY_AUDIT: (
        _Ask("auditor", "Who made the audit", needed="Say who made the audit."),
        _Ask("score", "Score of 100", 3, needed="Give the score as a whole number from 0 to 100."),
        _Ask("valid_from", "Day of the audit", day=True, needed="Say on which day the audit was."),
        _Ask("expires_on", "Valid until", day=True, empty="A year after it"),
        _Ask("remarks", "Remarks", 200, help="What was found, and whether it is put right.", wide=True),
    ),
    Requirement.REVERIFICATION: (),
    Requirement.PAYOUT_ACCOUNT: (
        _Ask("holder", "Whose account it is", needed="Say whose account it is."),
        _Ask("bank", "Bank"),
        _Ask("last_four", "Last four digits", 4, help="Never the whole number.",
             needed="Give the last four digits of the account."),
    ),
}  # fmt: skip
_LEADS = {
    Requirement.INSURANCE: "The certificate says all of it.",
    Requirement.BACKGROUND_CHECKS: "Reports of the checks; who is checked stands in the list of people.",
    Requirement.SAFETY_AUDIT: "The report of the audit.",
    Requirement.REVERIFICATION: "Say that what is known of the venue still holds, or what changed.",
    Requirement.PAYOUT_ACCOUNT: "A letter of the bank or a statement with the number struck out.",
}


class FileSheet(Sheet):
    """The sheet. `filed` carries the RequirementPage as it stands then."""

    filed = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: EvidenceGateway,
        page: RequirementPage,
        *,
        venue_id: UUID,
        today: date,
        for_venue: str = "",
    ) -> None:
        """File for the requirement of `page`; `for_venue` names the venue where headquarters does it."""
        kind = page.requirement
        super().__init__(hub, window, f"File: {kind.words.lower()}", width=640)
        self._gateway, self._venue_id, self._kind, self._for = gateway, venue_id, kind, for_venue
        self._today, self._busy = today, False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self._ended)
        self.fields: dict[str, Field] = {}
        self.note = QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        fix_height(self.note, hub, 66)
        self.files = FilesBox(hub, gateway.look_at_file)
        self._body = QWidget()
        self._lay_out(page)
        self.back_button = self.answer("Cancel", self.close)
        self.do_button = self.answer("File it", self.confirm, "primary")
        self.do_button.setToolTip("File it (Ctrl+Enter)")
        self.set_answers(self.back_button, self.do_button)
        self.files.changed.connect(self._offer)
        self.note.textChanged.connect(self._count)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.confirm)

    def open(self) -> None:
        """Show it, with the keyboard in the first field."""
        super().open()
        first = next((field.editor for field in self.fields.values()), self.note)
        self.show_step(self._body, f"For {self._for}" if self._for else "", focus=first)

    def confirm(self) -> None:
        """File what is typed; what is wrong with a field is said under it."""
        if self._busy or not self.is_open or not self._offer():
            return
        facts, days = self._read()
        if facts is None:
            return
        self._busy = True
        self.banner.clear()
        self._offer()
        self.runner.start(self._file(facts, days))

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _file(self, facts: dict[str, object], days: dict[str, date | None]) -> None:
        page = await self._gateway.file(
            self._venue_id, self._kind, facts, days.get("valid_from"), days.get("expires_on"),
            self._words(), self.files.documents,
        )  # fmt: skip
        self._busy = False
        self.filed.emit(page)
        self.close()

    def _read(self) -> tuple[dict[str, object] | None, dict[str, date | None]]:
        facts: dict[str, object] = {}
        days: dict[str, date | None] = {}
        wrong: dict[str, str] = {}
        for ask in _ASKS[self._kind]:
            editor = self.fields[ask.name].editor
            if isinstance(editor, DateInput):
                try:
                    days[ask.name] = editor.day()
                except ValueError as error:
                    wrong[ask.name] = ask.needed if ask.needed and not editor.text().strip() else str(error)
            elif isinstance(editor, TextInput):
                said = " ".join(editor.text().split())
                if said:
                    facts[ask.name] = said
                elif ask.needed:
                    wrong[ask.name] = ask.needed
        for name, field in self.fields.items():
            field.set_error(wrong.get(name, ""))
        if wrong:
            self.fields[next(iter(wrong))].editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return None, days
        return facts, days

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        self._offer()
        field = self.fields.get(error.code or "") if isinstance(error, Invalid) else None
        if field is not None:
            field.set_error(error.sentence)
            field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        elif isinstance(error, Invalid) and error.code == "documents":
            self.files.say(" ".join(part for part in (error.sentence, error.hint) if part))
        else:
            self.banner.show_error(error)

    def _words(self) -> str:
        return self.note.toPlainText().replace("\x00", "").strip()

    def _count(self) -> None:
        used = len(self._words())
        self.note_field.note.setText(f"{used:,} of {NOTE_LENGTH:,}" if used > NOTE_LENGTH * 4 // 5 else "")
        self.note_field.set_error(
            f"{used - NOTE_LENGTH:,} too many characters." if used > NOTE_LENGTH else ""
        )
        self._offer()

    def _offer(self) -> bool:
        """Whether it may be filed; the button says the same."""
        may = not self._busy and self.files.is_ready and len(self._words()) <= NOTE_LENGTH
        self.do_button.setEnabled(may)
        self.do_button.setText("Filing…" if self._busy else "File it")
        return may

    def _ended(self) -> None:
        self.runner.cancel_all()
        self.files.runner.cancel_all()

    def _lay_out(self, page: RequirementPage) -> None:
        column = QVBoxLayout(self._body)
        column.setSpacing(14)
        lead = _LEADS[self._kind]
        if page.waiting is not None and page.waiting.state == "filed":
            lead = f"{lead} It takes the place of what waits now."
        column.addWidget(label(lead, "secondary", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        at = 0
        for ask in _ASKS[self._kind]:
            if ask.wide:
                at += at % 2
            field = self.fields[ask.name] = self._field(ask)
            grid.addWidget(field, at // 2, at % 2, 1, 2 if ask.wide else 1, Qt.AlignmentFlag.AlignTop)
            at += 2 if ask.wide else 1
        if self.fields:
            column.addLayout(grid)
        self.note_field = Field(self.hub, "Note to headquarters" if not self._for else "Note", self.note)
        column.addWidget(self.note_field)
        column.addWidget(label("Files", "label"))
        column.addWidget(self.files)
        column.addStretch(1)
        self._begin_from(page)

    def _field(self, ask: _Ask) -> Field:
        editor: TextInput
        if ask.day:
            editor = DateInput(self.hub, self._today, empty=ask.empty)
        else:
            editor = TextInput(self.hub, placeholder=ask.placeholder)
            editor.setMaxLength(ask.longest)
        return Field(self.hub, ask.caption, editor, help_text=ask.help, note="needed" if ask.needed else "")

    def _begin_from(self, page: RequirementPage) -> None:
        """What stays the same from year to year is not typed again."""
        last = page.waiting or page.current
        if last is None:
            return
        for name in (
            "provider",
            "policy_number",
            "coverage_amount",
            "auditor",
            "holder",
            "bank",
            "last_four",
        ):
            field, known = self.fields.get(name), last.facts.get(name)
            if field is not None and known is not None and isinstance(field.editor, TextInput):
                amount = name == "coverage_amount" and isinstance(known, int | float | Decimal)
                field.editor.setText(f"{known:,.0f}" if amount else str(known))
                field.editor.setCursorPosition(0)
