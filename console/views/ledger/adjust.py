"""Credits added or taken with a reason: first the form, then the question with the numbers.

Asked twice it happens once: the service keeps the key of what was asked. See docs/design.md, "Rules of the domain"
(credits).
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.ledger import LedgerPage
from console.errors import ConsoleError
from console.models.gateway_invoices import LedgerGateway
from console.models.runner import TaskRunner
from console.views.invoices.amounts import read_number
from console.views.ledger.words import credits, signed
from console.views.theme import ThemeHub
from console.views.widgets.dialog import figures_box
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label
from console.views.widgets.toggles import ChoiceRow

REASON_LENGTH = 500
_MOST = 100_000


class AdjustSheet(Sheet):
    """The sheet. `adjusted` carries the ledger as it is then, and what was done in words."""

    adjusted = Signal(object, str)

    def __init__(self, hub: ThemeHub, window: QWidget, gateway: LedgerGateway, page: LedgerPage) -> None:
        """For the parent whose ledger is on show."""
        super().__init__(hub, window, "Adjust credits", width=520)
        self._gateway, self._page = gateway, page
        self._asking = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self._typed = ("add", "", "")
        self._make_inputs()

    def open(self) -> None:
        """Show the form."""
        super().open()
        self._show_form()

    @property
    def wanted(self) -> int:
        """How many credits to add, below zero to take; 0 while that cannot be read."""
        return self._read()[0]

    def go_on(self) -> None:
        """From the form to the question."""
        number, sentence = self._read()
        reason = " ".join(self.reason.text().split())
        self.number_field.set_error(sentence)
        self.reason_field.set_error("" if reason else "Say why; it stays on record.")
        if sentence or not reason:
            (self.number if sentence else self.reason).setFocus()
            return
        self._typed = (self.way.chosen, self.number.text(), self.reason.text())
        self._show_question(number, reason)

    def step_back(self) -> bool:
        """From the question to the form."""
        if not self._asking:
            return False
        self._make_inputs()
        self._show_form()
        return True

    def _make_inputs(self) -> None:
        way, number, reason = self._typed
        self.way = ChoiceRow(self.hub, (("add", "Add"), ("take", "Take")), name="Add or take credits")
        self.way.choose(way)
        self.way.changed.connect(lambda _key: self._tell())
        self.number = TextInput(self.hub, number)
        self.number.setMaxLength(12)
        self.reason = TextInput(self.hub, reason, placeholder="Stays on record")
        self.reason.setMaxLength(REASON_LENGTH)
        self.number_field = Field(self.hub, "Credits", self.number, note="a whole number")
        self.reason_field = Field(self.hub, "Reason", self.reason, note="needed")
        self.after = label("", "strong", wrap=True)
        self.number.textChanged.connect(lambda _text: self._tell())
        self.reason.textChanged.connect(lambda _text: self.reason_field.set_error(""))
        for field in (self.number, self.reason):
            field.returnPressed.connect(self.go_on)

    def _show_form(self) -> None:
        self._asking = False
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(14)
        account = self._page.account
        column.addWidget(
            label(f"{account.name} can spend {credits(account.credits)} now.", "secondary", wrap=True)
        )
        column.addWidget(self.way)
        column.addWidget(self.number_field)
        column.addWidget(self.reason_field)
        column.addWidget(self.after)
        column.addStretch(1)
        self.leave = self.answer("Cancel", self.close)
        self.next_button = self.answer("Go on", self.go_on, "primary")
        self.set_answers(self.leave, self.next_button)
        self.show_step(body, account.masked_email, focus=self.number)
        self._tell()

    def _show_question(self, number: int, reason: str) -> None:
        self._asking = True
        account = self._page.account
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(14)
        deed = f"Add {credits(number)}" if number > 0 else f"Take {credits(-number)}"
        column.addWidget(label(f"{deed} {'to' if number > 0 else 'from'} {account.name}?", "name", wrap=True))
        column.addWidget(label(f"Reason: {reason}", "secondary", wrap=True))
        column.addWidget(
            figures_box(
                (
                    (f"{account.credits:,}", "now"),
                    (signed(number), "change"),
                    (credits(account.credits + number).split()[0], "then"),
                )
            )
        )
        column.addStretch(1)
        back = self.answer("Back", self.step_back)
        self.do_button = self.answer(deed, lambda: self._do(number, reason), "primary")
        self.set_answers(back, self.do_button)
        self.show_step(body, account.masked_email, focus=back)

    def _do(self, number: int, reason: str) -> None:
        self.do_button.setEnabled(False)
        self.runner.start(self._adjust(number, reason))

    async def _adjust(self, number: int, reason: str) -> None:
        made = await self._gateway.adjust(self._page.account.id, number, reason)
        said = f"{credits(number)} added" if number > 0 else f"{credits(-number)} taken"
        self.adjusted.emit(made, said)
        self.close()

    def _failed(self, error: ConsoleError) -> None:
        self.do_button.setEnabled(True)
        self.banner.show_error(error)

    def _read(self) -> tuple[int, str]:
        try:
            number = int(read_number(self.number.text(), places=0, whole_digits=6))
        except ValueError:
            number = 0
        if not 0 < number <= _MOST:
            return 0, f"Enter a whole number from 1 to {_MOST:,}."
        return (number if self.way.chosen == "add" else -number), ""

    def _tell(self) -> None:
        number, sentence = self._read()
        if not self.number.text().strip():
            sentence = ""
        then = self._page.account.credits + number
        if not sentence and number and then < 0:
            sentence = f"Only {credits(self._page.account.credits)} can be taken."
        self.number_field.set_error(sentence)
        self.after.setText(f"Then {credits(then)}." if number and not sentence else "")
