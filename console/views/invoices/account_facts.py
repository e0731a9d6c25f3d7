"""The billing facts of an employer edited: where invoices go, currency, tax, purchase order, terms.

Saved under the version that was read. What was issued already keeps what it was issued with. See docs/design.md,
"Rules of the domain" (invoices).
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.invoices import Corporate
from console.errors import Conflict, ConsoleError
from console.models.gateway_invoices import InvoiceGateway
from console.models.runner import TaskRunner
from console.views.invoices.amounts import read_number, written
from console.views.theme import ThemeHub
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.text import label


class AccountSheet(Sheet):
    """The sheet. `saved` carries the employer as stored."""

    saved = Signal(object)

    def __init__(self, hub: ThemeHub, window: QWidget, gateway: InvoiceGateway, corporate: Corporate) -> None:
        """Over the account as it was read."""
        super().__init__(hub, window, "Billing", width=560)
        self._gateway, self.corporate = gateway, corporate
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.email, self.order = TextInput(hub), TextInput(hub)
        self.currency, self.rate, self.terms = TextInput(hub), TextInput(hub), TextInput(hub)
        for field, longest in (
            (self.email, 255), (self.order, 50), (self.currency, 3), (self.rate, 12), (self.terms, 6),
        ):  # fmt: skip
            field.setMaxLength(longest)
            field.returnPressed.connect(self.save)
        self.email.setPlaceholderText(corporate.contact_email)
        self.fields = {
            "email": Field(
                hub,
                "Invoices go to",
                self.email,
                note="e-mail",
                help_text="Empty: to the contact of the employer.",
            ),
            "currency": Field(hub, "Currency", self.currency, note="such as USD"),
            "rate": Field(hub, "Tax rate", self.rate, note="per cent"),
            "terms": Field(hub, "Due after", self.terms, note="days"),
            "order": Field(hub, "Purchase order", self.order, note="for new drafts"),
        }
        self.leave = self.answer("Cancel", self.close)
        self.save_button = self.answer("Save", self.save, "primary")
        self.set_answers(self.leave, self.save_button)

    def open(self) -> None:
        """Show the form."""
        super().open()
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(14)
        column.addWidget(
            label(
                "Drafts made from now on have these; what was issued keeps its own.", "secondary", wrap=True
            )
        )
        column.addWidget(self.fields["email"])
        row = QHBoxLayout()
        row.setSpacing(12)
        for key in ("currency", "rate", "terms"):
            row.addWidget(self.fields[key], 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
        column.addWidget(self.fields["order"])
        column.addStretch(1)
        self.show_step(body, self.corporate.name, focus=self.email)
        self._show(self.corporate)

    def save(self) -> None:
        """Save, unless something cannot be read."""
        if not self.save_button.isEnabled():
            return
        made = self._read()
        if made is None:
            return
        self.banner.clear()
        self.save_button.setEnabled(False)
        self.runner.start(self._save(made))

    async def _save(self, corporate: Corporate) -> None:
        try:
            made = await self._gateway.save_corporate(corporate)
        except Conflict as error:
            if error.code != "version_changed":
                raise
            self.corporate = await self._gateway.corporate(corporate.id)
            self._show(self.corporate)
            self.save_button.setEnabled(True)
            self.banner.show_message(error.sentence, "Here is what is stored now; change it again.", "blue")
            return
        self.saved.emit(made)
        self.close()

    def _failed(self, error: ConsoleError) -> None:
        self.save_button.setEnabled(True)
        self.banner.show_error(error)

    def _show(self, one: Corporate) -> None:
        self.email.setText(one.billing_email or "")
        self.order.setText(one.purchase_order or "")
        self.currency.setText(one.currency)
        self.rate.setText(written(one.tax_rate))
        self.terms.setText(str(one.terms_days))

    def _read(self) -> Corporate | None:
        """The account as it stands in the form; None with the sentences shown where it cannot be read."""
        wrong: dict[str, str] = {}
        email, currency = self.email.text().strip(), self.currency.text().strip().upper()
        if email and ("@" not in email.strip("@") or " " in email):
            wrong["email"] = "That is not an e-mail address."
        if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            wrong["currency"] = "Three letters such as USD."
        rate, terms = self.corporate.tax_rate, 0
        try:
            rate = read_number(self.rate.text(), name="The tax rate", places=2, whole_digits=3)
            if not 0 <= rate <= 100:
                raise ValueError("Between 0 and 100 %.")
        except ValueError as error:
            wrong["rate"] = str(error)
        try:
            terms = int(read_number(self.terms.text(), name="The number of days", places=0, whole_digits=3))
            if not 0 <= terms <= 365:
                raise ValueError("Between 0 and 365 days.")
        except ValueError as error:
            wrong["terms"] = str(error)
        for key, field in self.fields.items():
            field.set_error(wrong.get(key, ""))
        if wrong:
            first = self.fields[next(key for key in self.fields if key in wrong)]
            first.editor.setFocus()
            return None
        return replace(
            self.corporate, billing_email=email or None, currency=currency, tax_rate=rate, terms_days=terms,
            purchase_order=" ".join(self.order.text().split()) or None,
        )  # fmt: skip
