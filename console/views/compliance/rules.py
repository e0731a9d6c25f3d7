"""The rules of compliance, and what they would suspend today before they are saved.

See docs/design.md, "Rules of the domain" (compliance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from console.domain.compliance import ComplianceSettings
from console.domain.vetting import SuspensionPreview
from console.errors import Conflict, ConsoleError, Invalid
from console.models.gateway_vetting import ComplianceGateway
from console.models.runner import TaskRunner
from console.views.compliance import words
from console.views.schedule.editor.inputs import Stepped
from console.views.theme import ThemeHub
from console.views.widgets.dialog import figures_box
from console.views.widgets.fields import Field
from console.views.widgets.frames import flush
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import ElidedLabel, label
from console.views.widgets.toggles import CheckBox

_DELAY_MS = 250
_FEW = 6
_MOST_AMOUNT = 1_000_000_000
_LIMITS = {
    "insurance_minimum": (0, _MOST_AMOUNT, 50_000),
    "audit_minimum": (0, 100, 1),
    "reverification_months": (1, 60, 1),
    "grace_days": (0, 365, 1),
}


class RulesSheet(Sheet):
    """The sheet. `saved` carries the ComplianceSettings as they are kept."""

    saved = Signal(object)

    def __init__(
        self, hub: ThemeHub, window: QWidget, gateway: ComplianceGateway, *, may_change: bool
    ) -> None:
        """Asks for the rules when it is opened; changes nothing before the button."""
        super().__init__(hub, window, "Rules of compliance", width=600)
        self._gateway, self._may_change = gateway, may_change
        self._rules: ComplianceSettings | None = None
        self._looked_at: ComplianceSettings | None = None
        self._busy = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self._ended)
        self.fields = {
            "insurance_minimum": self._number("insurance_minimum", "Insurance covers at least", "USD"),
            "audit_minimum": self._number("audit_minimum", "Safety audit scores at least", "of 100"),
            "reverification_months": self._number("reverification_months", "Re-verify after", "months"),
            "grace_days": self._number("grace_days", "Days of grace before that", "days"),
        }
        self.suspends = CheckBox(hub, "Suspend a venue by itself when something has ended")
        self.says = label("", "strong", wrap=True)
        self._figures = flush(QVBoxLayout())
        self._list = flush(QVBoxLayout())
        self._list.setSpacing(6)
        self.back_button = self.answer("Close" if not may_change else "Cancel", self.close)
        self.do_button = self.answer("Save rules", self.confirm, "primary")
        self.do_button.setToolTip("Save rules (Ctrl+Enter)")
        if may_change:
            self.set_answers(self.back_button, self.do_button)
        else:
            self.do_button.deleteLater()
            self.set_answers(self.back_button)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_DELAY_MS)
        self._later.timeout.connect(self._look)
        self._body = self._lay_out()
        self.suspends.toggled.connect(lambda _on: self._edited())
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self.card)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.confirm)
        self._offer()

    def open(self) -> None:
        """Show it, and ask for the rules."""
        super().open()
        first = self.fields["insurance_minimum"].editor
        self.show_step(
            self._body,
            "They hold for every venue.",
            focus=self.back_button if not self._may_change else first,
        )
        self.runner.start(self._load(), "load")

    def confirm(self) -> None:
        """Save the rules that were looked at."""
        wanted = self._wanted()
        if (
            self._may_change
            and not self._busy
            and wanted is not None
            and wanted == self._looked_at != self._rules
        ):
            self._busy = True
            self.banner.clear()
            self._offer()
            self.runner.start(self._save(wanted))

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        rules = await self._gateway.settings()
        self._rules = None  # while it is filled in, nothing is edited
        for name, field in self.fields.items():
            _editor(field).setText(f"{getattr(rules, name):,}")
        self.suspends.setChecked(rules.suspends)
        self._rules = rules
        self._look()

    async def _save(self, wanted: ComplianceSettings) -> None:
        kept = await self._gateway.save_settings(wanted)
        self._busy = False
        self.saved.emit(kept)
        self.close()

    async def _look_at(self, wanted: ComplianceSettings) -> None:
        found = await self._gateway.suspensions(wanted)
        self._looked_at = wanted
        self._show(found)
        self._offer()

    def _look(self) -> None:
        self._later.stop()
        wanted = self._wanted()
        if wanted is not None:
            self.runner.start(self._look_at(wanted), "look")

    def _edited(self) -> None:
        self.fields["grace_days"].setEnabled(self._may_change and self.suspends.isChecked())
        if self._rules is None:
            return
        self._looked_at = None
        self._offer()
        self._later.start()

    def _wanted(self) -> ComplianceSettings | None:
        """The rules as they are typed; None where something is no number, which its field says."""
        if self._rules is None:
            return None
        read: dict[str, int] = {}
        for name, field in self.fields.items():
            least, most, _step = _LIMITS[name]
            try:
                read[name] = _whole(_editor(field).text(), least, most)
            except ValueError as error:
                field.set_error(str(error))
            else:
                field.set_error("")
        if len(read) < len(self.fields):
            return None
        return replace(
            self._rules, insurance_minimum=read["insurance_minimum"], audit_minimum=read["audit_minimum"],
            reverification_months=read["reverification_months"], grace_days=read["grace_days"],
            suspends=self.suspends.isChecked(),
        )  # fmt: skip

    def _show(self, found: Sequence[SuspensionPreview]) -> None:
        for column in (self._figures, self._list):
            while column.count():
                item = column.takeAt(0)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        self.says.setText(words.would_suspend(found))
        if not found:
            return
        booked = sum(hit.bookings for one in found for hit in one.stays)
        sessions = sum(len(one.stays) for one in found)
        self._figures.addWidget(
            figures_box(
                [
                    (f"{len(found):,}", "venue" if len(found) == 1 else "venues"),
                    (f"{sessions:,}", "sessions stay"),
                    (f"{booked:,}", "bookings stay"),
                ]
            )
        )
        for one in found[:_FEW]:
            self._list.addWidget(ElidedLabel(f"{one.venue}: {words.suspension_detail(one)}", "secondary"))
        if len(found) > _FEW:
            self._list.addWidget(label(f"and {len(found) - _FEW:,} more", "muted"))

    def _failed(self, error: ConsoleError) -> None:
        self._busy = False
        field = self.fields.get(error.code or "") if isinstance(error, Invalid) else None
        if field is not None:
            field.set_error(error.sentence)
        elif isinstance(error, Conflict):
            self.banner.show_message(
                error.sentence, error.hint or "The rules are shown as they are now.", "blue"
            )
            self.runner.start(self._load(), "load")
        else:
            self.banner.show_error(error, action=("Try again", self._again))
        self._offer()

    def _again(self) -> None:
        self.banner.clear()
        if self._rules is None:
            self.runner.start(self._load(), "load")
        else:
            self._look()

    def _offer(self) -> None:
        for name, field in self.fields.items():
            if name != "grace_days":
                field.setEnabled(self._may_change)
        self.fields["grace_days"].setEnabled(self._may_change and self.suspends.isChecked())
        self.suspends.setEnabled(self._may_change)
        if self._may_change:
            changed = self._looked_at is not None and self._looked_at != self._rules
            self.do_button.setEnabled(changed and not self._busy)
            self.do_button.setText("Saving…" if self._busy else "Save rules")

    def _ended(self) -> None:
        self._later.stop()
        self.runner.cancel_all()

    def _number(self, name: str, caption: str, unit: str) -> Field:
        least, most, step = _LIMITS[name]

        def stepped(text: str, by: int) -> str:
            return f"{min(max(_whole(text, least, most) + by * step, least), most):,}"

        editor = Stepped(self.hub, stepped)
        editor.edited.connect(self._edited)
        return Field(self.hub, caption, editor, note=unit)

    def _lay_out(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(14)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        for at, name in enumerate(("insurance_minimum", "audit_minimum", "reverification_months")):
            grid.addWidget(self.fields[name], at // 2, at % 2, Qt.AlignmentFlag.AlignTop)
        column.addLayout(grid)
        column.addWidget(self.suspends)
        lower = QGridLayout()
        lower.setHorizontalSpacing(16)
        lower.setColumnStretch(0, 1)
        lower.setColumnStretch(1, 1)
        lower.addWidget(self.fields["grace_days"], 0, 0)
        lower.addWidget(label(""), 0, 1)  # as wide as the columns above
        column.addLayout(lower)
        column.addWidget(self.says)
        column.addLayout(self._figures)
        column.addLayout(self._list)
        column.addStretch(1)
        return body


def _editor(field: Field) -> Stepped:
    editor = field.editor
    if not isinstance(editor, Stepped):
        raise TypeError("a rule is a number")
    return editor


def _whole(text: str, least: int, most: int) -> int:
    """A typed whole number. Raises ValueError with a sentence."""
    plain = "".join(text.split()).replace(",", "")
    if not plain.isascii() or not plain.isdigit() or not least <= int(plain[:12]) <= most or len(plain) > 12:
        raise ValueError(f"Give a whole number from {least:,} to {most:,}.")
    return int(plain)
