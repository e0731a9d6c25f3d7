"""Invoices as the screens ask for them: drafts, issuing with papers, sending, payments, credit notes, accounts.

An invoice gets its number first and its paper afterwards, because the number stands on it. The paper is made of what
was fixed with the number, so it has the same bytes whoever makes it and whenever; the first one that arrives is kept.
An invoice that was left without one, because a desk stopped in between, gets it the next time anybody issues, sends
or prints it. See docs/design.md, "Invoices" and "Documents".
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from uuid import UUID

from console.clock import Clock
from console.domain.ids import RANDOM_BYTES, uuid7
from console.domain.invoices import (
    Corporate,
    CreditNote,
    Invoice,
    InvoiceDraft,
    InvoiceRow,
    as_credited,
    as_drafted,
    as_issued,
)
from console.domain.paging import Page, PageRequest
from console.errors import Conflict, Denied, Invalid
from console.services.documents import Press, file_name, write
from console.services.papers import invoice_paper, note_paper
from console.services.retry import Sleep, until_answered
from console.storage.invoices import InvoiceQueries

_AT_A_TIME = 25
"""How many are issued in one transaction: everybody else who issues waits for it."""

Progress = Callable[[int], None]


class InvoiceService:
    """Invoices of the whole platform for one signed-in person. Raises ConsoleErrors only."""

    def __init__(
        self,
        queries: InvoiceQueries,
        clock: Clock,
        *,
        sleep: Sleep = asyncio.sleep,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries
        self._clock = clock
        self._sleep = sleep
        self._random_bytes = random_bytes
        # Payments whose answer never came keep their key, so that pressing again does not pay twice.
        self._unanswered: dict[tuple[object, ...], UUID] = {}

    async def invoices(self, request: PageRequest) -> Page[InvoiceRow]:
        """A page of invoices."""
        return await self._queries.page(request)

    async def invoice(self, invoice_id: UUID) -> Invoice:
        """One invoice whole. Raises NotFound."""
        return await self._queries.invoice(invoice_id)

    async def make_drafts(self, day: date) -> int:
        """Drafts of every subscription whose billing day has come by `day`; how many are new."""
        return await until_answered(partial(self._queries.draft_due, day), self._sleep)

    async def save(self, invoice: Invoice, draft: InvoiceDraft) -> Invoice:
        """Keep a draft's lines. Raises Conflict "version_changed" or "not_draft", Invalid with the line."""
        call = partial(self._queries.save, invoice.row.id, invoice.row.version, draft)
        return await until_answered(call, self._sleep)

    async def issue(
        self, invoice_ids: Sequence[UUID], progress: Progress = lambda _done: None
    ) -> Sequence[tuple[UUID, str]]:
        """Issue drafts and keep their papers. Of what was refused: its id and one sentence.

        Cancelled in the middle, what was issued so far stays issued.
        """
        wanted = list(dict.fromkeys(invoice_ids))
        refused: list[tuple[UUID, str]] = []
        async with Press(invoice_paper, expected=len(wanted)) as press:
            for at in range(0, len(wanted), _AT_A_TIME):
                some = wanted[at : at + _AT_A_TIME]
                answers = await until_answered(partial(self._queries.issue, some), self._sleep)
                refused += [(one.invoice_id, one.refused) for one in answers if one.refused is not None]
                await self._keep([one.invoice for one in answers if one.invoice is not None], press)
                progress(at + len(some))
        return refused

    async def send(self, invoice_ids: Sequence[UUID]) -> int:
        """Let the worker send issued invoices with their papers; how many.

        Raises Conflict with the reason when none of them can be sent.
        """
        wanted = list(dict.fromkeys(invoice_ids))
        accepted, reasons = 0, list[str]()
        for at in range(0, len(wanted), _AT_A_TIME):
            some = wanted[at : at + _AT_A_TIME]
            answers = await until_answered(partial(self._queries.send, some), self._sleep)
            unkept = [one for one, why in answers if why is not None]
            if unkept and await self._complete(unkept):
                answers = await until_answered(partial(self._queries.send, some), self._sleep)
            accepted += sum(why is None for _, why in answers)
            reasons += [why for _, why in answers if why is not None]
        if reasons and not accepted:
            raise Conflict(reasons[0], code="not_sent")
        return accepted

    async def pay(
        self, invoice: Invoice, amount: Decimal, paid_on: date, method: str, reference: str | None
    ) -> Invoice:
        """Record money that came in, in full or in part; negative takes a mistake back.

        Raises Invalid "overpaid" or "underpaid" with the amount, Conflict when somebody else recorded one meanwhile.
        """
        if not amount.is_finite():
            raise Invalid("Enter an amount such as 120.00.", code="amount")
        facts = (invoice.row.id, invoice.row.paid, amount, paid_on, method, reference)
        payment_id = self._unanswered.setdefault(
            facts, uuid7(self._clock.now(), self._random_bytes(RANDOM_BYTES))
        )
        call = partial(self._queries.pay, invoice, payment_id, amount, paid_on, method, reference)
        try:
            made = await until_answered(call, self._sleep)
        except (Conflict, Denied, Invalid):
            self._unanswered.pop(facts, None)
            raise
        self._unanswered.pop(facts, None)
        return made

    async def cancel(self, invoice: Invoice, reason: str) -> Invoice:
        """Throw a draft away, or cancel an issued invoice by a credit note with its own number and paper."""
        call = partial(self._queries.cancel, invoice.row.id, invoice.row.version, reason)
        return await self._with_papers(await until_answered(call, self._sleep))

    async def document(self, document_id: UUID) -> bytes:
        """A kept paper, byte for byte. Raises NotFound."""
        return await self._queries.document(document_id)

    async def preview(self, invoice: Invoice, draft: InvoiceDraft | None = None) -> bytes:
        """The paper of an invoice: the kept one, else as it would be; a draft's is marked as one."""
        if invoice.row.number is not None:
            return await self._paper(await self._with_papers(invoice))
        shown = invoice if draft is None else as_drafted(invoice, draft)
        async with Press(invoice_paper, expected=1) as press:
            return await press.one(shown)

    async def preview_credit_note(self, invoice: Invoice, reason: str) -> bytes:
        """The paper of the credit note that would take an issued invoice back, marked as a draft; nothing is kept."""
        async with Press(note_paper, expected=1) as press:
            return await press.one(as_credited(invoice, reason, self._clock.now()))

    async def save_documents(
        self, invoice_ids: Sequence[UUID], folder: Path, progress: Progress = lambda _done: None
    ) -> int:
        """Write the papers of some invoices, and of their credit notes, into a folder; how many files.

        Cancelled in the middle it leaves whole files only. Raises Unavailable where the folder cannot be written.
        """
        written = 0
        for done, invoice_id in enumerate(dict.fromkeys(invoice_ids), start=1):
            invoice = await self._with_papers(await self._queries.invoice(invoice_id))
            row = invoice.row
            draft = f"draft {row.period_start:%Y-%m} {row.id.hex[:6]}"
            await write(folder, file_name(row.corporate, row.number or draft), await self._paper(invoice))
            written += 1
            if (note := invoice.credit_note) is not None:
                await write(folder, file_name(row.corporate, note.number), await self._note_paper(note))
                written += 1
            progress(done)
        return written

    async def corporates(self, request: PageRequest) -> Page[Corporate]:
        """Employers, with what they owe."""
        return await self._queries.corporates(request)

    async def corporate(self, corporate_id: UUID) -> Corporate:
        """One employer's account. Raises NotFound."""
        return await self._queries.corporate(corporate_id)

    async def save_corporate(self, corporate: Corporate) -> Corporate:
        """Keep its billing facts. Raises Conflict "version_changed" or "currency_in_use", Invalid."""
        return await self._queries.save_corporate(corporate)

    async def _keep(self, issued: Sequence[Invoice], press: Press[Invoice, bytes]) -> None:
        without = [one for one in issued if one.document_id is None]
        if without:
            papers = await press.all([as_issued(one) for one in without])
            pairs = [(one.row.id, paper) for one, paper in zip(without, papers, strict=True)]
            await until_answered(partial(self._queries.attach, pairs), self._sleep)

    async def _complete(self, invoice_ids: Sequence[UUID]) -> bool:
        """Keep the papers of those that were issued without one; whether there were any."""
        found = [await self._queries.invoice(one) for one in invoice_ids]
        bare = [one for one in found if one.row.number is not None and one.document_id is None]
        async with Press(invoice_paper, expected=len(bare)) as press:
            await self._keep(bare, press)
        return bool(bare)

    async def _with_papers(self, invoice: Invoice) -> Invoice:
        """The invoice once its papers are kept; as it is for somebody who may only read."""
        papers: list[tuple[UUID, bytes]] = []
        if invoice.row.number is not None and invoice.document_id is None:
            papers.append((invoice.row.id, await self._paper(invoice)))
        note = invoice.credit_note
        if note is not None and note.document_id is None:
            papers.append((note.id, await self._note_paper(note)))
        if not papers:
            return invoice
        try:
            kept = await until_answered(partial(self._queries.attach, papers), self._sleep)
        except Denied:
            return invoice
        if note is not None:
            note = replace(note, document_id=kept.get(note.id, note.document_id))
        document_id = kept.get(invoice.row.id, invoice.document_id)
        return replace(invoice, document_id=document_id, credit_note=note)

    async def _paper(self, invoice: Invoice) -> bytes:
        if invoice.document_id is not None:
            return await self._queries.document(invoice.document_id)
        async with Press(invoice_paper, expected=1) as press:
            return await press.one(as_issued(invoice))

    async def _note_paper(self, note: CreditNote) -> bytes:
        if note.document_id is not None:
            return await self._queries.document(note.document_id)
        async with Press(note_paper, expected=1) as press:
            return await press.one(note)
