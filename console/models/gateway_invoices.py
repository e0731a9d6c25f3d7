"""What the invoice and account screens ask of the layers below them. See docs/design.md, "Screens" (finance)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Protocol
from uuid import UUID

from console.domain.invoices import Corporate, Invoice, InvoiceDraft, InvoiceRow
from console.domain.ledger import LedgerPage, ParentAccount
from console.domain.paging import Page, PageRequest


class InvoiceGateway(Protocol):
    """Invoices of the whole platform. Raises ConsoleErrors only."""

    async def invoices(self, request: PageRequest) -> Page[InvoiceRow]:
        """Invoices. Sorts: number, corporate, period, state, total, paid, open, due, issued, sent.

        Drafts count as the newest. Filters: state (several with commas), corporate (an id), period ("2026-02"), open
        ("yes").
        """
        ...

    async def invoice(self, invoice_id: UUID) -> Invoice:
        """One invoice whole. Raises NotFound."""
        ...

    async def make_drafts(self, day: date) -> int:
        """Drafts of every subscription whose billing day has come by `day`; how many are new. Twice changes nothing."""
        ...

    async def save(self, invoice: Invoice, draft: InvoiceDraft) -> Invoice:
        """Keep a draft's lines. Raises Conflict "version_changed", Invalid."""
        ...

    async def issue(
        self, invoice_ids: Sequence[UUID], progress: Callable[[int], None]
    ) -> Sequence[tuple[UUID, str]]:
        """Issue drafts: number, parties copied, PDF and hash kept. Of what was refused: its id and one sentence."""
        ...

    async def send(self, invoice_ids: Sequence[UUID]) -> int:
        """Let the worker send issued invoices with their PDF; how many. Raises Conflict when none of them can be."""
        ...

    async def pay(
        self, invoice: Invoice, amount: Decimal, paid_on: date, method: str, reference: str | None
    ) -> Invoice:
        """Record money that came in, in full or in part; negative takes a mistake back. Asked twice it happens once.

        Raises Invalid "overpaid" or "underpaid", Conflict "version_changed" when somebody else recorded one meanwhile.
        """
        ...

    async def cancel(self, invoice: Invoice, reason: str) -> Invoice:
        """Throw a draft away, or cancel an issued invoice by a credit note with its own number and PDF.

        Raises Conflict "paid" when money came in that was not given back, "version_changed".
        """
        ...

    async def document(self, document_id: UUID) -> bytes:
        """A kept PDF, byte for byte."""
        ...

    async def preview(self, invoice: Invoice, draft: InvoiceDraft | None = None) -> bytes:
        """The PDF of a draft as it would be, marked as a draft."""
        ...

    async def preview_credit_note(self, invoice: Invoice, reason: str) -> bytes:
        """The PDF of the credit note that would take an issued invoice back, marked as a draft; nothing is made."""
        ...

    async def save_documents(
        self, invoice_ids: Sequence[UUID], folder: Path, progress: Callable[[int], None]
    ) -> int:
        """Write the PDFs of some invoices, and of their credit notes, into a folder; how many files."""
        ...

    async def corporates(self, request: PageRequest) -> Page[Corporate]:
        """Employers, with what they owe. Sorts: name, open, overdue, year, terms. Filters: active, open."""
        ...

    async def corporate(self, corporate_id: UUID) -> Corporate:
        """One employer's account."""
        ...

    async def save_corporate(self, corporate: Corporate) -> Corporate:
        """Keep its billing facts (e-mail, currency, tax rate, purchase order, terms).

        Raises Conflict "version_changed", or "currency_in_use" while something is open in the old currency; Invalid.
        """
        ...


class LedgerGateway(Protocol):
    """Parents' credits for platform staff. Raises ConsoleErrors only."""

    async def find_parents(self, text: str) -> Sequence[ParentAccount]:
        """Parents by whole e-mail address, part of a name or booking code; at least three symbols. Leaves a trace."""
        ...

    async def ledger(self, parent_id: UUID, before: int | None = None) -> LedgerPage:
        """A parent's entries, newest first, with the balances of each period."""
        ...

    async def adjust(self, parent_id: UUID, credits: int, reason: str) -> LedgerPage:
        """Add (or take) credits with a reason; asked twice, it happens once. Raises Denied, Invalid, Conflict."""
        ...
