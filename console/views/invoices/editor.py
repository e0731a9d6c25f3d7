"""A draft edited: its lines, purchase order and notes, with what they come to while they are typed.

Saving is under the version that was read: where somebody else was faster it is said what they changed, and the person
takes theirs or keeps their own. What counts afterwards are the stored sums. See docs/design.md, "Rules of the domain"
(invoices).
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.counting import count
from console.domain.invoices import Invoice, InvoiceDraft, InvoiceState, totals
from console.errors import Conflict, ConsoleError, Invalid
from console.models.gateway_invoices import InvoiceGateway
from console.models.money import money
from console.models.runner import TaskRunner
from console.views.invoices.line_rows import LineRows
from console.views.invoices.words import changes, period, tax_lines
from console.views.payouts.detail import DocumentPrinter
from console.views.theme import ThemeHub
from console.views.widgets.base import surface
from console.views.widgets.buttons import Button
from console.views.widgets.fields import Field, TextInput
from console.views.widgets.sheet import Sheet
from console.views.widgets.sums import SumLine, SumsGrid
from console.views.widgets.text import IconText, label

_MOST_SAID = 12


class DraftSheet(Sheet):
    """The sheet. `saved` carries the invoice as it is stored."""

    saved = Signal(object)
    outdated = Signal()
    """It is no draft any more: whoever shows it looks again."""

    def __init__(
        self,
        hub: ThemeHub,
        window: QWidget,
        gateway: InvoiceGateway,
        invoice: Invoice,
        printer: DocumentPrinter | None,
    ) -> None:
        """Over `invoice` as it was read; without a `printer` there is no preview."""
        super().__init__(hub, window, f"Draft for {invoice.row.corporate}", width=1120)
        self._gateway, self._printer = gateway, printer
        self.base = invoice
        """The stored draft that the changes are to."""
        self._warned = False
        self.runner = TaskRunner(self._failed)
        self.closed.connect(self.runner.cancel_all)
        self.lines = LineRows(hub)
        self.order = TextInput(hub, placeholder="Number that the employer gave")
        self.order.setMaxLength(50)
        self.notes = TextInput(hub, placeholder="Printed below the lines")
        self.notes.setMaxLength(2000)
        self.sums = SumsGrid()
        self.clash = surface("card")
        self.clash.hide()
        self.total = label("", "strong")
        self._buttons()
        for field in (self.order, self.notes):
            field.textChanged.connect(lambda _text: self._edited())
        self.lines.edited.connect(self._edited)

    # -- for the page ------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Show the draft."""
        super().open()
        self.show_step(self._form(), f"{period(self.base.row)}, {self.base.row.currency}")
        self._show(self.base)
        if self.lines.rows:
            self.lines.rows[0].text.setFocus()
        else:
            self.add_button.setFocus()

    @property
    def draft(self) -> InvoiceDraft:
        """What stands in the form, as far as it can be read."""
        good, _bad = self.lines.read()
        return InvoiceDraft(tuple(good), _text(self.order), _text(self.notes))

    @property
    def is_changed(self) -> bool:
        """Whether anything differs from what is stored."""
        _good, bad = self.lines.read()
        stored = InvoiceDraft(self.base.lines, self.base.purchase_order, self.base.notes)
        return bool(bad) or self.draft != stored

    def step_back(self) -> bool:
        """Escape leaves; where something is not saved only the second one does."""
        if self._warned or not self.is_changed:
            return False
        self._warned = True
        self.banner.show_message("Not saved yet.", "Press Esc again to leave without saving.", "amber")
        return True

    def save(self) -> None:
        """Save, unless a line cannot be read."""
        if not self.save_button.isEnabled():
            return
        _good, bad = self.lines.read()
        if bad:
            number, why = bad[0]
            self.banner.show_message(f"Line {number}: {why}")
            self.lines.to_fault(number)
            return
        self.banner.clear()
        self.save_button.setEnabled(False)
        self.runner.start(self._save(self.draft))

    def preview(self) -> None:
        """Show the draft as it would be on paper."""
        if self._printer is not None:
            self.runner.start(self._preview(self._printer), "preview")

    def take_theirs(self) -> None:
        """Drop what was typed, and go on from what is stored."""
        self._answer_clash()
        self._show(self.base)

    def keep_mine(self) -> None:
        """Go on with what was typed; saving replaces what is stored."""
        self._answer_clash()
        self.banner.show_message("Your lines are kept.", "Saving replaces what the other person did.", "blue")

    # -- working -----------------------------------------------------------------------------------------------------

    async def _save(self, draft: InvoiceDraft) -> None:
        try:
            made = await self._gateway.save(self.base, draft)
        except Conflict as error:
            await self._clash_with(error)
            return
        self.base = made
        self.saved.emit(made)
        self.close()

    async def _clash_with(self, error: Conflict) -> None:
        before = self.base
        try:
            self.base = await self._gateway.invoice(before.row.id)
        except ConsoleError:
            self.banner.show_error(error)
            return
        closed = self.base.row.state is not InvoiceState.DRAFT
        self._show_clash(changes(before, self.base), closed=closed)
        hint = "" if closed else "Take theirs, or keep yours and save again."
        self.banner.show_message(error.sentence, hint, "amber")

    async def _preview(self, printer: DocumentPrinter) -> None:
        pdf = await self._gateway.preview(self.base, self.draft)
        row = self.base.row
        name = f"Draft invoice {row.corporate} {period(row)}"
        await printer.print_document("Draft of an invoice", f"{row.corporate}, {period(row)}.", name, pdf)

    def _failed(self, error: ConsoleError) -> None:
        self.save_button.setEnabled(True)
        self.banner.show_error(error)
        if isinstance(error, Invalid):
            words = str(error).split(":", 1)[0].split()
            if (
                len(words) == 2
                and words[0] == "Line"
                and words[1].isdigit()
                and int(words[1]) <= len(self.lines.rows)
            ):
                self.lines.rows[int(words[1]) - 1].text.setFocus()

    # -- showing -----------------------------------------------------------------------------------------------------

    def _show(self, invoice: Invoice) -> None:
        self.order.setText(invoice.purchase_order or "")
        self.notes.setText(invoice.notes or "")
        for field in (self.order, self.notes):
            field.setCursorPosition(0)
        self.lines.show_lines(invoice.lines)
        self._warned = False

    def _edited(self) -> None:
        self._warned = False
        good, bad = self.lines.read()
        came, currency = totals(good), self.base.row.currency
        left_out = (
            f"without line {bad[0][0]}" if len(bad) == 1 else f"without {len(bad)} lines" if bad else ""
        )
        what = count(len(good), "line") + (f", {left_out} that cannot be read yet" if bad else "")
        last = SumLine("Total", left_out, money(came.total))
        self.sums.show_sums(
            [SumLine("Subtotal", what, money(came.subtotal)), *tax_lines(came)], last, currency
        )
        self.total.setText(f"Total {money(came.total)} {currency}" + (f", {left_out}" if bad else ""))
        for button in (self.up_button, self.down_button, self.remove_button):
            button.setEnabled(bool(self.lines.rows))

    def _show_clash(self, said: list[str], *, closed: bool) -> None:
        column = self.clash.layout()
        assert isinstance(column, QVBoxLayout)
        while (item := column.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        column.addWidget(label("What the other person changed", "strong"))
        more = len(said) - _MOST_SAID
        for sentence in [*said[:_MOST_SAID], *([f"And {more} more changes."] if more > 0 else [])] or [
            "Only what is not shown here."
        ]:
            column.addWidget(IconText(self.hub, "ph.pencil-simple", sentence, wrap=True))
        answers = QWidget()
        row = QHBoxLayout(answers)
        row.setContentsMargins(0, 4, 0, 0)
        row.setSpacing(8)
        if not closed:
            theirs, mine = Button(self.hub, "Take theirs"), Button(self.hub, "Keep mine")
            theirs.clicked.connect(lambda _checked=False: self.take_theirs())
            mine.clicked.connect(lambda _checked=False: self.keep_mine())
            row.addWidget(theirs)
            row.addWidget(mine)
        row.addStretch(1)
        column.addWidget(answers)
        self.clash.show()
        if not closed:
            theirs.setFocus()
        else:
            self.outdated.emit()
            self.leave.setFocus()

    def _answer_clash(self) -> None:
        self.clash.hide()
        self.banner.clear()
        self.save_button.setEnabled(True)
        self.save_button.setFocus()

    def _usual_rate(self) -> Decimal:
        """The tax rate of most lines; of none, no tax."""
        rates = Counter(line.tax_rate for line in self.lines.read()[0])
        return rates.most_common(1)[0][0] if rates else Decimal(0)

    def _add(self) -> None:
        self.lines.add(self._usual_rate())

    def _buttons(self) -> None:
        hub = self.hub
        self.add_button = Button(hub, "Add line", icon="ph.plus", scale="compact")
        self.up_button = Button(hub, "Move up", icon="ph.arrow-up", scale="compact")
        self.down_button = Button(hub, "Move down", icon="ph.arrow-down", scale="compact")
        self.remove_button = Button(hub, "Take out", icon="ph.trash", scale="compact")
        for button, run, keys in (
            (self.add_button, self._add, "Ctrl+N"), (self.up_button, partial(self.lines.shift, -1), "Alt+Up"),
            (self.down_button, partial(self.lines.shift, 1), "Alt+Down"),
            (self.remove_button, self.lines.remove, "Ctrl+Del"),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, run=run: run())
            button.setToolTip(f"{button.text()} ({keys})")
            self._key(keys, run)
        self.leave = self.answer("Leave", self._leave)
        self.preview_button = self.answer("Preview", self.preview, icon="ph.eye")
        self.save_button = self.answer("Save draft", self.save, "primary")
        self._key("Ctrl+S", self.save)
        answers = (
            self.leave,
            *((self.preview_button,) if self._printer is not None else ()),
            self.save_button,
        )
        self.set_answers(*answers, left=self.total)

    def _leave(self) -> None:
        if not self.step_back():
            self.close()

    def _key(self, keys: str, run: object) -> None:
        shortcut = QShortcut(QKeySequence(keys), self.card)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(run)

    def _form(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setSpacing(12)
        held = QVBoxLayout(self.clash)
        held.setContentsMargins(16, 12, 16, 12)
        held.setSpacing(6)
        column.addWidget(self.clash)
        column.addWidget(self.lines)
        tools = QHBoxLayout()
        tools.setSpacing(8)
        for button in (self.add_button, self.up_button, self.down_button, self.remove_button):
            tools.addWidget(button)
        tools.addStretch(1)
        column.addLayout(tools)
        facts = QHBoxLayout()
        facts.setSpacing(12)
        facts.addWidget(Field(self.hub, "Purchase order", self.order), 1)
        facts.addWidget(Field(self.hub, "Notes", self.notes), 2)
        column.addLayout(facts)
        column.addWidget(self.sums)
        column.addStretch(1)
        return body


def _text(field: TextInput) -> str | None:
    return " ".join(field.text().split()) or None
