"""Money that came in for an invoice, whole or in part, and a mistake taken back.

See docs/design.md, "Rules of the domain" (invoices): payments are added, never changed; what is left is said at once.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.invoices import Invoice
from console.errors import ConsoleError
from console.models.gateway_invoices import InvoiceGateway
from console.models.money import money
from console.models.runner import TaskRunner
from console.views.invoices.amounts import read_number, written
from console.views.invoices.words import METHODS
from console.views.schedule.editor.inputs import DateInput, StillBox
from console.views.theme import ThemeHub
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label


class PaySheet(Sheet):
    """The sheet. `paid` carries the invoice as it is then, and what was done in words."""

    paid = Signal(object, str)

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: InvoiceGateway,
        invoice: Invoice,
        today: date,
        *,
        back: bool = False,
    ) -> None:
        """`back` takes money back that was recorded by mistake, or that was paid back."""
        super().__init__(hub, window, "Take a payment back" if back else "Record a payment", width=520)
        self._gateway, self._invoice, self._today, self._back = gateway, invoice, today, back
        self._most = invoice.row.paid if back else invoice.row.open_amount
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.amount = TextInput(hub, written(self._most, cents=True))
        self.amount.setMaxLength(40)
        self.day = DateInput(hub, today)
        self.day.show_day(today)
        self.method = StillBox(hub)
        for key, name in METHODS.items():
            self.method.addItem(name, key)
        self.reference = TextInput(hub, placeholder="As on the bank statement")
        self.reference.setMaxLength(255)
        self.after = label("", "strong", wrap=True)
        self.amount_field = Field(hub, "Amount", self.amount, note=invoice.row.currency)
        self.day_field = Field(hub, "Day it went back" if back else "Day it came in", self.day)
        self.leave = self.answer("Cancel", self.close)
        self.save_button = self.answer("Take back" if back else "Record payment", self.save, "primary")
        self.set_answers(self.leave, self.save_button)
        self.amount.textChanged.connect(lambda _text: self._tell())
        self.day.edited.connect(lambda: self.day_field.set_error(""))
        for field in (self.amount, self.day, self.reference):
            field.returnPressed.connect(self.save)

    def open(self) -> None:
        """Show the form, with the whole amount to be typed over."""
        super().open()
        row = self._invoice.row
        self.show_step(self._form(), f"{row.number}, {row.corporate}", focus=self.amount)
        self.amount.selectAll()
        self._tell()

    def save(self) -> None:
        """Record it, unless something is wrong."""
        if not self.save_button.isEnabled():
            return
        amount = self._amount()
        try:
            day = self.day.day()
            if day is None:
                raise ValueError("Enter a day.")
            if day > self._today:
                raise ValueError("Choose a day that has come.")
        except ValueError as error:
            self.day_field.set_error(str(error))
            self.day.setFocus()
            return
        if amount is None:
            self.amount.setFocus()
            self.amount.selectAll()
            return
        self.save_button.setEnabled(False)
        self.banner.clear()
        reference = " ".join(self.reference.text().split()) or None
        self.runner.start(self._save(-amount if self._back else amount, day, reference))

    async def _save(self, amount: Decimal, day: date, reference: str | None) -> None:
        method = str(self.method.currentData())
        made = await self._gateway.pay(self._invoice, amount, day, method, reference)
        self.paid.emit(made, f"{money(abs(amount))} {'taken back' if self._back else 'recorded'}")
        self.close()

    def _failed(self, error: ConsoleError) -> None:
        self.save_button.setEnabled(True)
        self.banner.show_error(error)

    def _amount(self) -> Decimal | None:
        """The amount, above zero and at most what is open; None with its sentence shown where it is not."""
        try:
            amount = read_number(self.amount.text())
            if amount <= 0:
                raise ValueError("Enter an amount above zero.")
            if amount > self._most:
                over = money(amount - self._most)
                left = "that was paid" if self._back else "still to be paid"
                raise ValueError(f"That is {over} more than the {money(self._most)} {left}.")
        except ValueError as error:
            self.amount_field.set_error(str(error))
            return None
        self.amount_field.set_error("")
        return amount

    def _tell(self) -> None:
        amount, row = self._amount(), self._invoice.row
        if amount is None:
            self.after.setText("")
            return
        left = row.open_amount + amount if self._back else row.open_amount - amount
        self.after.setText(
            f"Then {money(left)} {row.currency} {'is' if left == 1 else 'are'} still to be paid."
            if left
            else "Then it is paid in full."
        )

    def _form(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(14)
        row = self._invoice.row
        column.addWidget(
            label(
                f"Total {money(row.total)}, paid {money(row.paid)}, "
                f"still to pay {money(row.open_amount)} {row.currency}.",
                "secondary",
                wrap=True,
            )
        )
        first = QHBoxLayout()
        first.setSpacing(12)
        for field in (self.amount_field, self.day_field):
            first.addWidget(field, 1, Qt.AlignmentFlag.AlignTop)  # a refusal below one moves not the other
        column.addLayout(first)
        column.addWidget(Field(self.hub, "How", self.method))
        column.addWidget(Field(self.hub, "Reference", self.reference, note="if there is one"))
        column.addWidget(self.after)
        column.addStretch(1)
        return body
