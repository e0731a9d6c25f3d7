"""The question before an invoice is taken back: the reason, and what it means in numbers.

See docs/design.md, "Rules of the domain" (invoices): an issued invoice never changes, a credit note takes it
back whole.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.invoices import Invoice, InvoiceState
from console.models.money import money
from console.views.invoices.words import called
from console.views.theme import ThemeHub
from console.views.widgets.buttons import Button
from console.views.widgets.dialog import QuestionCard, QuestionDialog, is_asked
from console.views.widgets.fields import Field, TextInput

REASON_LENGTH = 500


class _ReasonBox(QWidget):
    """The reason and, for an issued invoice, the way to see what it is printed on."""

    def __init__(self, hub: ThemeHub, reason: TextInput, look: Callable[[str], object] | None) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(Field(hub, "Reason", reason, note="printed on the credit note" if look else ""))
        self.look: Button | None = None
        if look is not None:
            self.look = Button(hub, "Preview the credit note", icon="ph.eye", scale="compact")
            self.look.clicked.connect(lambda _checked=False: look(" ".join(reason.text().split())))
            column.addWidget(self.look, 0, Qt.AlignmentFlag.AlignLeft)


def ask_to_cancel(
    hub: ThemeHub,
    owner: QWidget,
    invoice: Invoice,
    given: Callable[[str], object],
    look: Callable[[str], object] | None = None,
) -> QuestionDialog | None:
    """Ask, and call `given` with the reason; None while another question is open, or where it cannot be cancelled.

    `look` shows the credit note as it would be, with the reason typed so far; nothing is made by that.
    """
    if is_asked(owner):
        return None
    row, draft = invoice.row, invoice.row.state is InvoiceState.DRAFT
    if draft:
        title, do = "Throw this draft away?", "Throw away"
        text = f"The {called(row)} with {count(len(invoice.lines), 'line')} has no number yet; nothing of it stays."
    else:
        title, do = f"Cancel {row.number}?", "Cancel by credit note"
        text = (
            f"A credit note with its own number takes back {money(row.total)} {row.currency} whole. "
            "This cannot be undone."
        )
        if row.paid:
            text = (
                f"{money(row.paid)} {row.currency} of it was paid: pay it back and record that first. {text}"
            )
    reason = TextInput(hub, placeholder="Stays on record")
    reason.setMaxLength(REASON_LENGTH)
    card = QuestionCard(
        hub, title, text, do=do, keep="Keep it", parent=owner.window(),
        figures=((money(row.total), row.currency), (money(row.paid), "paid"), (money(row.open_amount), "still open")),
        extra=_ReasonBox(hub, reason, None if draft else look),
    )  # fmt: skip

    def may(typed: str) -> None:
        card.do.setEnabled(not row.paid and (draft or bool(typed.strip())))

    def answered(yes: bool) -> None:
        if yes:
            given(" ".join(reason.text().split()))

    may("")
    reason.textChanged.connect(may)
    reason.returnPressed.connect(card.do.click)
    question = QuestionDialog(hub, owner.window(), card)
    question.answered.connect(answered)
    question.open()
    if not row.paid:
        reason.setFocus(Qt.FocusReason.OtherFocusReason)
    return question
