"""Employers, invoices and parents' ledgers of a believable spring, and gateways over them that keep what is done.

The sums are those of `console.domain.invoices.totals`, so that a screen that adds up otherwise is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from console.domain.invoices import (
    Corporate,
    CreditNote,
    Invoice,
    InvoiceDraft,
    InvoiceLine,
    InvoiceRow,
    InvoiceState,
    Party,
    Payment,
    Subscription,
    as_drafted,
    totals,
)
from console.domain.ledger import LedgerEntry, LedgerPage, LedgerPeriod, ParentAccount
from console.domain.paging import Page, PageRequest
from console.errors import Conflict, ConsoleError, Invalid, NotFound
from tests.support.qt import NOW

PDF = b""
"""What a document is in tests that look at no page; `pages_invoices` puts a real one here."""
ISSUER = Party("Nexus Family Pass, Inc.", ("400 Market Street", "Philadelphia, PA 19106"), "84-1234567")
NAMES = (
    "Cascade Timber & Paper", "Alder Health", "Bluebird Software", "Meridian Credit Union",
    "Northwest Regional Association of Independent Wholesale Grocers and Distributors", "Kinship Foods",
)  # fmt: skip
ZERO = Decimal("0.00")


def corporate(number: int, name: str = "", **facts: object) -> Corporate:
    """An employer with one subscription."""
    made = Corporate(
        UUID(int=700 + number), 1, name or NAMES[number % len(NAMES)], f"93-76543{number:02d}",
        ("1200 Lumber Road", "Portland, OR 97201", "United States"), "Dana Reyes", f"dana@employer{number}.example",
        "+1 503 555 0100", f"invoices@employer{number}.example", "USD", Decimal("8.25"), "PO-77120", 30, True,
        (Subscription(UUID(int=800 + number), "premium", 240 - 20 * number, 40, Decimal("3000.00"), 1,
                      date(2025, 9, 1), None, True),),
        ZERO, ZERO, ZERO,
    )  # fmt: skip
    return replace(made, **facts)  # type: ignore[arg-type]  # the fields are named by the caller


def lines(number: int) -> tuple[InvoiceLine, ...]:
    """What an employer is invoiced for."""
    seats = Decimal(240 - 20 * number)
    return (
        InvoiceLine(f"Family plan: {seats} employees", seats, Decimal("12.50"), Decimal("8.25"), kind="subscription"),
        InvoiceLine("14 employees joined on 12 February, 17 of 28 days", Decimal(14), Decimal("7.5893"),
                    Decimal("8.25"), kind="proration"),
        InvoiceLine("Welcome kits", Decimal("2.5"), Decimal("146.05"), Decimal(0)),
        InvoiceLine("Printed guides", Decimal(40), Decimal("3.10"), Decimal(4), Decimal(15)),
        InvoiceLine("Volume discount", Decimal(1), Decimal("-156.44"), Decimal("8.25"), kind="discount"),
    )  # fmt: skip


def invoice(number: int, state: InvoiceState, owner: Corporate, month: int = 3, **facts: object) -> Invoice:
    """An invoice of a month of 2026, in a state."""
    came_lines = lines(number % 4)
    came = totals(came_lines)
    drafted = state is InvoiceState.DRAFT
    issued = None if drafted else datetime(2026, month, 1, 18, 0, tzinfo=UTC)
    sent = issued + timedelta(hours=2) if issued and state is not InvoiceState.ISSUED else None
    first = date(2026, month, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    paid = came.total if state is InvoiceState.PAID else ZERO
    payments: tuple[Payment, ...] = ()
    if paid:
        payments = (
            Payment(UUID(int=9000 + number), paid, date(2026, month, 20), "bank_transfer", f"CT-{number}", "Priya Nair",
                    datetime(2026, month, 21, 9, 30, tzinfo=UTC)),
        )  # fmt: skip
    number_of = None if drafted else f"NFP-2026-{number:06d}"
    row = InvoiceRow(
        UUID(int=number), 1, number_of, owner.id, owner.name, first, last, state, came.total, paid, "USD", issued,
        None if drafted else first + timedelta(days=30), sent, "sent" if sent else None, None,
    )  # fmt: skip
    history = [(datetime(2026, month, 1, 6, 0, tzinfo=UTC), "Drafted by the nightly job")]
    if issued:
        history.append((issued, f"Issued as {number_of} by Priya Nair"))
    if sent:
        history.append((sent, f"Sent to {owner.billing_email}"))
    recipient = Party(owner.name, owner.address, owner.tax_id)
    made = Invoice(
        row, came_lines, came, owner.purchase_order, "Thank you for bringing families together.", ISSUER, recipient,
        payments, None if drafted else UUID(int=5000 + number), None, 30, tuple(history),
    )  # fmt: skip
    return replace(made, **facts)  # type: ignore[arg-type]  # the fields are named by the caller


def believable() -> tuple[list[Corporate], list[Invoice]]:
    """Six employers; three months; one of every state and of every way of sending."""
    states = InvoiceState
    owners = [corporate(number) for number in range(6)]
    made = [invoice(number, states.PAID, owners[number % 6], 1) for number in range(101, 107)]
    made += [
        invoice(107, states.OVERDUE, owners[0], 2), invoice(108, states.SENT, owners[1], 2),
        invoice(109, states.SENT, owners[2], 2), invoice(110, states.ISSUED, owners[3], 2),
        invoice(111, states.ISSUED, owners[4], 2), invoice(112, states.ISSUED, owners[5], 2),
    ]  # fmt: skip
    made += [invoice(201 + number, states.DRAFT, owners[number], 3) for number in range(6)]
    made[8] = _with(made[8], paid=Decimal("1200.00"))
    made[8] = replace(made[8], payments=(
        Payment(UUID(int=9500), Decimal("1000.00"), date(2026, 2, 20), "cheque", "0042", "Priya Nair", NOW),
        Payment(UUID(int=9501), Decimal("-1000.00"), date(2026, 2, 21), "cheque", "bounced", "Priya Nair", NOW),
        Payment(UUID(int=9502), Decimal("1200.00"), date(2026, 3, 2), "bank_transfer", "CT-88", "Priya Nair", NOW),
    ))  # fmt: skip
    made[9] = _with(made[9], send_state="waiting")
    made[10] = replace(_with(made[10], send_state="failed"), send_error="The mailbox does not exist (550)")
    made[11] = replace(
        _with(made[11], send_state="uncertain"),
        send_error="The mail server stopped answering after it took the message",
    )
    made[5] = cancelled(made[5], "Invoiced twice")
    return owners, made


def cancelled(one: Invoice, reason: str) -> Invoice:
    """An issued invoice that was taken back by a credit note."""
    row = one.row
    assert row.number is not None
    assert row.issued_at is not None
    number = row.number.replace("NFP", "NCN")
    note = CreditNote(
        UUID(int=row.id.int + 6000), number, NOW, row.id, row.number, row.issued_at, reason, one.lines, one.totals,
        row.currency, one.purchase_order, ISSUER, one.recipient or ISSUER, UUID(int=row.id.int + 7000),
    )  # fmt: skip
    changed = replace(
        row, state=InvoiceState.CANCELLED, credit_note=number, version=row.version + 1, paid=ZERO
    )
    history = (*one.history, (NOW, f"Cancelled by {number}: {reason}"))
    return replace(one, row=changed, credit_note=note, credit_note_id=note.id, history=history, payments=())


def _with(one: Invoice, **facts: object) -> Invoice:
    return replace(one, row=replace(one.row, **facts))  # type: ignore[arg-type]  # named by the caller


class FakeInvoices:
    """Invoices in memory. `failure` is raised once by the next call; `refused` says why some are."""

    def __init__(self, some: tuple[list[Corporate], list[Invoice]] | None = None) -> None:
        owners, found = believable() if some is None else some
        self.owners = {one.id: one for one in owners}
        self.kept = {one.row.id: one for one in found}
        self.asked: list[PageRequest] = []
        self.done: list[tuple[object, ...]] = []
        self.refused: dict[UUID, str] = {}
        self.failure: ConsoleError | None = None
        self.slow = 0.0
        self.pdf = PDF

    def change(self, invoice_id: UUID, **facts: object) -> None:
        """Somebody else changes a row."""
        one = _with(self.kept[invoice_id], **facts)
        self.kept[invoice_id] = _with(one, version=one.row.version + 1)

    async def _answer(self) -> None:
        await asyncio.sleep(self.slow)
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure

    async def invoices(self, request: PageRequest) -> Page[InvoiceRow]:
        self.asked.append(request)
        await self._answer()
        filters, typed = request.filters, request.text.casefold()
        found = [
            row for row in (one.row for one in self.kept.values())
            if filters.get("state", row.state.value) == row.state.value
            and filters.get("corporate", str(row.corporate_id)) == str(row.corporate_id)
            and filters.get("period", f"{row.period_start:%Y-%m}") == f"{row.period_start:%Y-%m}"
            and ("open" not in filters or row.state in (InvoiceState.ISSUED, InvoiceState.SENT, InvoiceState.OVERDUE))
            and typed in f"{row.number or ''} {row.corporate}".casefold()
        ]  # fmt: skip
        keys: dict[str, Callable[[InvoiceRow], object]] = {
            "total": lambda row: row.total, "corporate": lambda row: row.corporate, "open": lambda row: row.open_amount,
        }  # fmt: skip
        key = keys.get(request.sort, lambda row: row.number or f"~{row.id}")
        found.sort(key=key, reverse=request.descending)
        start = int(str(request.after[0])) if request.after else 0
        end = start + request.limit
        return Page(found[start:end], (end,) if end < len(found) else None)

    async def invoice(self, invoice_id: UUID) -> Invoice:
        await self._answer()
        if invoice_id not in self.kept:
            raise NotFound("There is no such invoice.")
        return self.kept[invoice_id]

    async def make_drafts(self, day: date) -> int:
        await self._answer()
        self.done.append(("drafts", day))
        return 0 if len(self.done) > 1 else 2

    async def save(self, invoice: Invoice, draft: InvoiceDraft) -> Invoice:
        await self._answer()
        stored = self.kept[invoice.row.id]
        if stored.row.version != invoice.row.version:
            raise Conflict(
                "Somebody else changed this invoice.", hint="Look at it again.", code="version_changed"
            )
        if not draft.lines:
            raise Invalid("An invoice has at least one line.", code="lines")
        made = as_drafted(stored, draft)
        made = _with(made, version=made.row.version + 1)
        self.kept[invoice.row.id] = made
        self.done.append(("save", draft))
        return made

    async def issue(
        self, invoice_ids: Sequence[UUID], progress: Callable[[int], None]
    ) -> Sequence[tuple[UUID, str]]:
        for at, one in enumerate(invoice_ids, start=1):
            await self._answer()
            if one not in self.refused:
                number = f"NFP-2026-{300 + at:06d}"
                self.change(
                    one, state=InvoiceState.ISSUED, number=number, issued_at=NOW, due_on=date(2026, 4, 11)
                )
                self.done.append(("issue", one))
            progress(at)
        return [(one, self.refused[one]) for one in invoice_ids if one in self.refused]

    async def send(self, invoice_ids: Sequence[UUID]) -> int:
        await self._answer()
        for one in invoice_ids:
            if one in self.refused:
                raise Conflict(self.refused[one], code="not_sent")
            self.change(one, send_state="waiting")
            self.done.append(("send", one))
        return len(invoice_ids)

    async def pay(
        self, invoice: Invoice, amount: Decimal, paid_on: date, method: str, reference: str | None
    ) -> Invoice:
        await self._answer()
        stored = self.kept[invoice.row.id]
        if stored.row.paid != invoice.row.paid:
            raise Conflict("Somebody else recorded a payment of this invoice.", hint="Look at it again.")
        paid = stored.row.paid + amount
        state = InvoiceState.PAID if paid == stored.row.total else InvoiceState.SENT
        one = Payment(UUID(int=9900 + len(self.done)), amount, paid_on, method, reference, "Priya Nair", NOW)
        made = replace(_with(stored, paid=paid, state=state), payments=(*stored.payments, one))
        self.kept[invoice.row.id] = made
        self.done.append(("pay", amount, paid_on, method, reference))
        return made

    async def cancel(self, invoice: Invoice, reason: str) -> Invoice:
        await self._answer()
        stored = self.kept[invoice.row.id]
        if stored.row.number is None:
            made = _with(stored, state=InvoiceState.CANCELLED)
        else:
            made = cancelled(stored, reason)
        self.kept[invoice.row.id] = made
        self.done.append(("cancel", invoice.row.id, reason))
        return made

    async def document(self, document_id: UUID) -> bytes:
        await self._answer()
        return self.pdf

    async def preview(self, invoice: Invoice, draft: InvoiceDraft | None = None) -> bytes:
        await asyncio.sleep(0)
        if not self.pdf:
            raise NotFound("There is no document.")
        return self.pdf

    async def preview_credit_note(self, invoice: Invoice, reason: str) -> bytes:
        await self._answer()
        self.done.append(("preview_credit_note", invoice.row.id, reason))
        return self.pdf

    async def save_documents(
        self, invoice_ids: Sequence[UUID], folder: Path, progress: Callable[[int], None]
    ) -> int:
        await self._answer()
        for at, one in enumerate(invoice_ids, start=1):
            self.done.append(("pdf", one, folder))
            progress(at)
        return len(invoice_ids)

    async def corporates(self, request: PageRequest) -> Page[Corporate]:
        await self._answer()
        found = [await self.corporate(one) for one in self.owners]
        typed, filters = request.text.casefold(), request.filters
        rows = [
            one for one in found
            if typed in one.name.casefold()
            and ("open" not in filters or one.open_amount)
            and ("active" not in filters or one.is_active == (filters["active"] == "yes"))
        ]  # fmt: skip
        return Page(sorted(rows, key=lambda one: one.name), None)

    async def corporate(self, corporate_id: UUID) -> Corporate:
        rows = [one.row for one in self.kept.values() if one.row.corporate_id == corporate_id]
        owing = [
            row for row in rows if row.state in (InvoiceState.ISSUED, InvoiceState.SENT, InvoiceState.OVERDUE)
        ]
        return replace(
            self.owners[corporate_id],
            open_amount=sum((row.open_amount for row in owing), ZERO),
            overdue_amount=sum((row.open_amount for row in owing if row.state is InvoiceState.OVERDUE), ZERO),
            invoiced_this_year=sum(
                (row.total for row in rows if row.number and row.credit_note is None), ZERO
            ),
        )

    async def save_corporate(self, corporate: Corporate) -> Corporate:
        await self._answer()
        stored = self.owners[corporate.id]
        if stored.version != corporate.version:
            raise Conflict(
                "Somebody else changed this employer.", hint="Look at it again.", code="version_changed"
            )
        made = replace(corporate, version=corporate.version + 1)
        self.owners[corporate.id] = made
        self.done.append(("account", made))
        return made


ANA = ParentAccount(UUID(int=31), "Ana Whitfield", "a…d@mail.example", "Cascade Timber & Paper", 34)
BEN = ParentAccount(UUID(int=32), "Ben Whitfield-Okonkwo", "b…o@mail.example", None, 0)


class FakeLedger:
    """Two parents' ledgers in memory, newest first, `page` entries at a time."""

    def __init__(self, page: int = 100) -> None:
        self.accounts = [ANA, BEN]
        self.page = page
        self.entries = list(_entries())
        self.asked: list[tuple[object, ...]] = []
        self.failure: ConsoleError | None = None

    async def _answer(self) -> None:
        await asyncio.sleep(0)
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure

    async def find_parents(self, text: str) -> Sequence[ParentAccount]:
        self.asked.append(("find", text))
        await self._answer()
        if len(text.strip()) < 3:
            raise Invalid("Type at least three letters.", code="too_short")
        return [one for one in self.accounts if text.strip().casefold() in one.name.casefold()]

    async def ledger(self, parent_id: UUID, before: int | None = None) -> LedgerPage:
        self.asked.append(("ledger", parent_id, before))
        await self._answer()
        account = next(one for one in self.accounts if one.id == parent_id)
        if account is BEN:
            return LedgerPage(account, (), ())
        found = [one for one in reversed(self.entries) if before is None or one.number < before]
        shown = tuple(found[: self.page])
        more = shown[-1].number if len(found) > self.page else None
        return LedgerPage(account, shown, self._periods(), more)

    async def adjust(self, parent_id: UUID, credits: int, reason: str) -> LedgerPage:
        self.asked.append(("adjust", parent_id, credits, reason))
        await self._answer()
        last = self.entries[-1]
        if last.balance_after + credits < 0:
            raise Conflict(f"Only {last.balance_after} credits are left.", code="too_few")
        made = replace(
            last, id=UUID(int=4000 + last.number), number=last.number + 1, at=NOW, kind="adjustment", amount=credits,
            balance_after=last.balance_after + credits, booking_code=None, booking_id=None, description=reason,
            by="Priya Nair", forfeited=0,
        )  # fmt: skip
        self.entries.append(made)
        self.accounts[0] = replace(self.accounts[0], credits=made.balance_after)
        return await self.ledger(parent_id)

    def _periods(self) -> tuple[LedgerPeriod, ...]:
        left = self.entries[-1].balance_after
        return (
            LedgerPeriod(date(2026, 3, 1), date(2026, 3, 31), 60, 40, 14, 8, left),
            LedgerPeriod(date(2026, 2, 1), date(2026, 2, 28), 60, 46, 0, 0, 0),
        )


def _entries() -> Sequence[LedgerEntry]:
    february, march = date(2026, 2, 1), date(2026, 3, 1)
    steps: list[tuple[str, int, int, date, str | None]] = [
        ("allocation", 60, 0, february, None),
        ("booking_debit", -14, 0, february, "K7Q4-2MXR-6"),
        ("booking_debit", -16, 0, february, "H9CF-3ZKD-0"),
        ("booking_debit", -16, 0, february, "T1GR-6XNB-4"),
        ("expiry", -14, 0, february, None),
        ("allocation", 60, 0, march, None),
        ("booking_debit", -14, 0, march, "W5KD-2CHF-9"),
        ("refund_credit", 14, 0, march, "W5KD-2CHF-9"),
        ("booking_debit", -18, 0, march, "R6BX-1TYM-5"),
        ("booking_debit", -8, 0, march, "N2SY-4JEA-8"),
        ("forfeit", 0, 8, march, "N2SY-4JEA-8"),
    ]
    made, balance = [], 0
    for at, (kind, amount, forfeited, start, code) in enumerate(steps, start=1):
        balance = amount if kind == "allocation" else balance + amount
        when = datetime(2026, start.month, 1 + at, 17, at, tzinfo=UTC)
        booking = UUID(int=3100 + at) if code else None
        made.append(
            LedgerEntry(
                UUID(int=3000 + at),
                at,
                when,
                kind,
                amount,
                forfeited,
                balance,
                start,
                code,
                booking,
                None,
                None,
            )
        )
    return made
