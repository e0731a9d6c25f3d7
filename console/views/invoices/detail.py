"""One invoice: its sums and how each came to be, its document, its lines, payments and history, and what can be done.

Every amount shown is the stored one. See docs/design.md, "Rules of the domain" (invoices) and "Screens" (finance).
"""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from console.clock import Clock
from console.domain.invoices import Invoice, InvoiceRow, InvoiceState
from console.errors import Conflict, ConsoleError
from console.models.gateway_invoices import InvoiceGateway
from console.models.money import money
from console.models.runner import TaskRunner
from console.models.words import local_day
from console.views.invoices import words
from console.views.invoices.asking import ask_to_cancel
from console.views.invoices.deeds import InvoiceDeeds
from console.views.invoices.editor import DraftSheet
from console.views.invoices.facts import FactTables
from console.views.invoices.parties import PartyBox
from console.views.invoices.pay import PaySheet
from console.views.payouts.detail import DocumentPrinter
from console.views.payouts.thumbnail import Thumbnail
from console.views.theme import ThemeHub
from console.views.widgets.banner import Banner
from console.views.widgets.buttons import Button, IconButton
from console.views.widgets.chips import Chip
from console.views.widgets.frames import banner_strip, flush, ground, quiet_scroll
from console.views.widgets.header import PageHeader
from console.views.widgets.sums import SumsGrid
from console.views.widgets.text import label

MARGIN = 32
_THUMB_FROM = 640
_ALL_BUTTONS_FROM = 860


class InvoiceDetail(QWidget):
    """The page of one invoice. `left` asks for the list again; `changed` says that something was done."""

    toast_wanted = Signal(str, str)
    reached = Signal(object)
    changed = Signal()
    left = Signal()
    account_wanted = Signal(object)

    def __init__(
        self,
        hub: ThemeHub,
        gateway: InvoiceGateway,
        *,
        clock: Clock,
        zone: ZoneInfo,
        printer: DocumentPrinter | None,
        may_issue: bool,
    ) -> None:
        """Shows nothing before `open`; without a `printer` there is no preview."""
        super().__init__()
        self.hub, self._gateway, self._clock, self._zone = hub, gateway, clock, zone
        self._printer, self._may_issue = printer, may_issue
        self.invoice: Invoice | None = None
        self._row: InvoiceRow | None = None
        self._drawn: tuple[UUID, int, str] | None = None
        self._keeps_banner = False
        self.sheet: DraftSheet | PaySheet | None = None
        self.runner = TaskRunner(self._failed)
        self.destroyed.connect(self.runner.cancel_all)
        self.header = PageHeader(hub, "", "", detail=True, margin=24)
        self.back = IconButton(hub, "ph.arrow-left", "Back to the list (Esc)", "quiet")
        self.back.clicked.connect(lambda _checked=False: self.left.emit())
        self.chip, self.send_chip = Chip(hub, ""), Chip(hub, "")
        self.header.lead(self.back, self.send_chip)
        self.header.lead(None, self.chip)
        self.banner = Banner(hub, above=12)
        self.sums = SumsGrid()
        self.thumb = Thumbnail(hub)
        self.thumb.wanted.connect(self.preview)
        self.issuer, self.recipient = PartyBox("From"), PartyBox("To")
        self.notes = label("", "secondary", wrap=True)
        self.notes.hide()
        self.tables = FactTables(hub, zone)
        self.deeds = InvoiceDeeds(hub, self, gateway, self.runner, may_issue=may_issue)
        self.deeds.toast_wanted.connect(self.toast_wanted)
        self.deeds.changed.connect(self._done)
        self._buttons()
        self._lay_out()
        hub.changed.connect(self._fit)

    # -- for the page ------------------------------------------------------------------------------------------------

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        return (self.back, *self.buttons, self.banner, self.thumb, *self.tables.stops)

    @property
    def row(self) -> InvoiceRow | None:
        """The invoice on show, as last read."""
        return self.invoice.row if self.invoice is not None else self._row

    def open(self, row: InvoiceRow) -> None:
        """Show an invoice of the list at once, and the whole of it when it has come."""
        other = self._row is None or self._row.id != row.id
        self._row = row
        if other:
            self.invoice = None
            self._drawn = None
            self.banner.clear()
            self.thumb.clear()
            self.tables.clear()
        self._show_head(row)
        self.runner.start(self._load(row.id), "load")

    def refresh(self) -> None:
        """Ask again; nothing moves."""
        self._keeps_banner = False
        self._reload()

    def _reload(self) -> None:
        row = self.row
        if row is not None:
            self.runner.start(self._load(row.id), "load")

    def stop(self) -> None:
        """Drop everything under way: the page is going away."""
        self.runner.cancel_all()
        self.tables.stop()
        if self.sheet is not None:
            self.sheet.runner.cancel_all()

    # -- what can be done --------------------------------------------------------------------------------------------

    def edit(self) -> None:
        """Change the lines of a draft."""
        invoice = self.invoice
        if invoice is None or not self._may_issue or invoice.row.state is not InvoiceState.DRAFT:
            return
        sheet = DraftSheet(self.hub, self.window(), self._gateway, invoice, self._printer)
        sheet.saved.connect(self._saved)
        sheet.outdated.connect(self._done)
        self.sheet = sheet
        sheet.open()

    def issue(self) -> None:
        """Ask, then issue the draft."""
        if self.row is not None:
            self.deeds.issue([self.row])

    def send(self) -> None:
        """Ask, then send it by e-mail."""
        if self.row is not None:
            self.deeds.send([self.row])

    def save(self) -> None:
        """Save its PDF, and that of its credit note."""
        if self.row is not None:
            self.deeds.save([self.row])

    def pay(self, *, back: bool = False) -> None:
        """Record money that came in, or take a mistake back."""
        invoice = self.invoice
        if invoice is None or not self._may_issue:
            return
        if not (invoice.row.paid > 0 if back else words.is_owing(invoice.row)):
            return
        today = local_day(self._clock.now(), self._zone)
        sheet = PaySheet(self.hub, self.window(), self._gateway, invoice, today, back=back)
        sheet.paid.connect(self._paid)
        self.sheet = sheet
        sheet.open()

    def take_back(self) -> None:
        """Take a payment back that was recorded by mistake, or that was paid back."""
        self.pay(back=True)

    def cancel(self) -> None:
        """Ask for the reason, then throw the draft away or take the invoice back by a credit note."""
        invoice = self.invoice
        if invoice is not None and self._may_issue and invoice.row.state is not InvoiceState.CANCELLED:
            printer = self._printer
            ask_to_cancel(
                self.hub, self, invoice, lambda why: self.runner.start(self._cancel(invoice, why), "deed"),
                None if printer is None else lambda why: self.preview_cancelling(printer, invoice, why),
            )  # fmt: skip

    def preview(self) -> None:
        """Show the document as it is on paper."""
        if self._printer is not None and self.invoice is not None:
            self.runner.start(self._preview(self._printer, self.invoice), "preview")

    def preview_credit_note(self) -> None:
        """Show the credit note as it is on paper."""
        if self._printer is not None and self.invoice is not None and self.invoice.credit_note is not None:
            self.runner.start(self._preview_note(self._printer, self.invoice), "preview")

    def preview_cancelling(self, printer: DocumentPrinter, invoice: Invoice, reason: str) -> None:
        """Show the credit note that would take the invoice back; nothing is made by that."""
        self.runner.start(self._preview_cancelling(printer, invoice, reason), "preview")

    async def _cancel(self, invoice: Invoice, reason: str) -> None:
        try:
            made = await self._gateway.cancel(invoice, reason)
        except Conflict:
            self.changed.emit()
            raise
        note = made.row.credit_note
        if note:
            self.toast_wanted.emit(f"{invoice.row.number} is cancelled", f"Credit note {note}")
        else:
            self.toast_wanted.emit("The draft is thrown away", invoice.row.corporate)
        self._show(made)
        self.changed.emit()

    async def _preview(self, printer: DocumentPrinter, invoice: Invoice) -> None:
        pdf = await self._gateway.preview(invoice)
        row = invoice.row
        facts = f"{row.corporate}, {words.period(row)}. {money(row.total)} {row.currency}."
        name = f"Invoice {row.number}" if row.number else f"Draft invoice {row.corporate} {words.period(row)}"
        said = await printer.print_document(
            "Invoice" if row.number else "Draft of an invoice", facts, name, pdf
        )
        if said:
            self.toast_wanted.emit(said, "")

    async def _preview_note(self, printer: DocumentPrinter, invoice: Invoice) -> None:
        note = invoice.credit_note
        if note is None or note.document_id is None:
            return
        pdf = await self._gateway.document(note.document_id)
        facts = f"{invoice.row.corporate}. {money(note.totals.total)} {note.currency}."
        said = await printer.print_document("Credit note", facts, f"Credit note {note.number}", pdf)
        if said:
            self.toast_wanted.emit(said, "")

    async def _preview_cancelling(self, printer: DocumentPrinter, invoice: Invoice, reason: str) -> None:
        pdf = await self._gateway.preview_credit_note(invoice, reason)
        row = invoice.row
        facts = f"{row.corporate}. {money(row.total)} {row.currency}. Nothing is taken back yet."
        said = await printer.print_document(
            "Draft of a credit note", facts, f"Draft credit note for {row.number}", pdf
        )
        if said:
            self.toast_wanted.emit(said, "")

    def _saved(self, invoice: object) -> None:
        if isinstance(invoice, Invoice):
            self._show(invoice)
            # What counts is what was stored, whatever the screen had added up before.
            self.toast_wanted.emit("The draft is saved", f"{money(invoice.row.total)} {invoice.row.currency}")
            self.changed.emit()

    def _paid(self, invoice: object, said: str) -> None:
        if isinstance(invoice, Invoice):
            self._show(invoice)
            left = invoice.row.open_amount
            rest = f"{money(left)} {invoice.row.currency} still to be paid" if left else "Paid in full"
            self.toast_wanted.emit(said, rest)
            self.changed.emit()

    def _done(self) -> None:
        self._reload()
        self.changed.emit()

    # -- loading and showing -----------------------------------------------------------------------------------------

    async def _load(self, invoice_id: UUID) -> None:
        found = await self._gateway.invoice(invoice_id)
        self.reached.emit(None)
        self._show(found)

    def _show(self, invoice: Invoice) -> None:
        if self._row is None or invoice.row.id != self._row.id:
            return  # another one was opened meanwhile
        self.invoice, self._row = invoice, invoice.row
        self._show_head(invoice.row)
        self.header.caption.setText(words.caption(invoice, self._zone))
        self.sums.show_sums(words.sums(invoice), words.final(invoice), invoice.row.currency)
        self.issuer.show_party(invoice.issuer)
        self.recipient.show_party(invoice.recipient)
        order = f"Purchase order {invoice.purchase_order}." if invoice.purchase_order else ""
        self.notes.setText(words.ended([order, invoice.notes or ""]))
        self.notes.setVisible(bool(self.notes.text()))
        self.tables.show_invoice(invoice)
        self._tell_trouble(invoice)
        self._fit()
        drawn = (invoice.row.id, invoice.row.version, invoice.row.number or "")
        if drawn != self._drawn:
            self._drawn = drawn
            self.runner.start(self._draw(invoice), "document")

    async def _draw(self, invoice: Invoice) -> None:
        try:
            pdf = await self._gateway.preview(invoice)
        except ConsoleError:
            return  # its place stays empty; asking for it says why
        if self._row is not None and self._row.id == invoice.row.id:
            await self.thumb.show_statement(pdf)
            self.thumb.page.setAccessibleName("The invoice's first page")
            self.thumb.button.setEnabled(self._printer is not None)

    def _show_head(self, row: InvoiceRow) -> None:
        self.header.title.setText(words.title(row))
        self.header.caption.setText(f"{row.corporate} · {words.period(row)}")
        self.chip.show_chip(words.STATE_CHIPS[row.state])
        sending = words.SEND_CHIPS.get(row.send_state or "")
        self.send_chip.setVisible(sending is not None)
        if sending is not None:
            self.send_chip.show_chip(sending)
        self._fit()

    def _tell_trouble(self, invoice: Invoice) -> None:
        trouble = words.send_trouble(invoice)
        if trouble is not None:
            heading, why, tone = trouble
            action = ("Send again…", self.send) if self._may_issue else None
            self.banner.show_message(heading, why, tone, action=action)
        elif invoice.row.state is InvoiceState.DRAFT and not invoice.lines:
            self.banner.show_message("It has no lines yet.", "Add some before it is issued.", "amber")
        elif self.banner.text and not self._keeps_banner:
            self.banner.clear()
        self._keeps_banner = False

    def _failed(self, error: ConsoleError) -> None:
        # What was said stays while the invoice is looked at again.
        self._keeps_banner = True
        if isinstance(error, Conflict):
            self.banner.show_message(error.sentence, error.hint or "", "blue")
            self._reload()
            return
        self.reached.emit(error)
        self.banner.show_error(error, action=("Try again", self.refresh))

    # -- how it is laid out ------------------------------------------------------------------------------------------

    def _buttons(self) -> None:
        self.edit_button = Button(self.hub, "Edit…", icon="ph.pencil-simple")
        self.pay_button = Button(self.hub, "Record payment…", icon="ph.bank")
        self.send_button = Button(self.hub, "Send…", icon="ph.paper-plane-tilt")
        self.issue_button = Button(self.hub, "Issue…", "primary", icon="ph.file-text")
        self.save_button = Button(self.hub, "Save PDF…", icon="ph.file-pdf")
        self.more = Button(self.hub, "More", icon="ph.dots-three")
        self.buttons = (
            self.edit_button, self.pay_button, self.send_button, self.save_button, self.more, self.issue_button,
        )  # fmt: skip
        for button, run in (
            (self.edit_button, self.edit), (self.pay_button, self.pay), (self.send_button, self.send),
            (self.issue_button, self.issue), (self.save_button, self.save), (self.more, self._show_more),
        ):  # fmt: skip
            button.clicked.connect(lambda _checked=False, run=run: run())
            button.hide()
        for button in self.buttons:
            self.header.add(button)

    def _show_more(self) -> None:
        menu, row = QMenu(self), self.row
        if row is None:
            return
        if not self.thumb.isVisible() and self._printer is not None:
            menu.addAction("Preview", self.preview)
        if self.save_button.isHidden():
            menu.addAction("Save PDF…", self.save)
        if self.invoice is not None and self.invoice.credit_note is not None and self._printer is not None:
            menu.addAction("Credit note…", self.preview_credit_note)
        menu.addAction("Employer's account", lambda: self.account_wanted.emit(row.corporate_id))
        if self._may_issue:
            if self.send_button.isHidden() and words.may_send(row):
                menu.addAction("Send…", self.send)
            menu.addSeparator()
            menu.addAction("Take a payment back…", self.take_back).setEnabled(row.paid > 0)
            draft = row.state is InvoiceState.DRAFT
            menu.addAction(
                "Throw the draft away…" if draft else "Cancel by a credit note…", self.cancel
            ).setEnabled(row.state is not InvoiceState.CANCELLED)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 4)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What there is no room for is behind "More"."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        scaled, row = self.hub.theme.scaled, self.row
        if row is None:
            return
        roomy = self.width() >= scaled(_ALL_BUTTONS_FROM)
        draft = row.state is InvoiceState.DRAFT
        self.edit_button.setVisible(self._may_issue and draft)
        self.issue_button.setVisible(self._may_issue and draft)
        self.pay_button.setVisible(self._may_issue and words.is_owing(row))
        self.send_button.setVisible(self._may_issue and words.may_send(row) and roomy)
        thrown_away = row.number is None and row.state is InvoiceState.CANCELLED
        self.save_button.setVisible(roomy and not thrown_away)
        self.more.setVisible(True)
        self.thumb.setVisible(self.width() >= scaled(_THUMB_FROM))

    def _lay_out(self) -> None:
        inner = ground(self)
        inner.addWidget(self.header)
        strip = banner_strip(self.banner)
        inner.addLayout(strip)
        inside = QWidget()
        inside.setProperty("clear", "true")
        body = flush(QVBoxLayout(inside))
        top = QHBoxLayout()
        top.setContentsMargins(MARGIN, 16, MARGIN, 16)
        top.setSpacing(40)
        left = flush(QVBoxLayout())
        left.setSpacing(12)
        left.addWidget(self.sums)
        parties = QHBoxLayout()
        parties.setSpacing(24)
        parties.addWidget(self.issuer, 1)
        parties.addWidget(self.recipient, 1)
        left.addLayout(parties)
        left.addWidget(self.notes)
        left.addStretch(1)
        top.addLayout(left, 1)
        top.addWidget(self.thumb, 0, Qt.AlignmentFlag.AlignTop)
        body.addLayout(top)
        body.addWidget(self.tables, 1)
        area = quiet_scroll(inside)
        area.viewport().setAutoFillBackground(False)
        inner.addWidget(area, 1)
