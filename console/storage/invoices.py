"""Invoices and employers' accounts over one database. One statement for each thing asked.

Lists are read straight from the tables under row-level security; what changes an invoice is a function of the
database, which asks who may and answers the invoice as it is then. Rows become frozen values here and go no further.
See docs/design.md, "Authorisation" and "Invoices".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from console.domain.invoices import Corporate, Invoice, InvoiceDraft, InvoiceRow, line_facts
from console.domain.paging import Page, PageRequest
from console.errors import Invalid, NotFound
from console.storage import invoices_rows as rows
from console.storage.database import Database
from console.storage.paging import fetch_page
from console.storage.tables import corporates, credit_notes, invoices, subscriptions

_INVOICE = "SELECT invoices.invoice(:invoice_id) AS facts"
_DRAFT_DUE = "SELECT invoices.draft_due(:day) AS made"
_SAVE = text(
    "SELECT invoices.save(:invoice_id, :version, :lines, :purchase_order, :notes) AS facts"
).bindparams(bindparam("lines", type_=JSONB))
_ISSUE = "SELECT * FROM invoices.issue(CAST(:ids AS uuid[]))"
_ATTACH = "SELECT * FROM invoices.attach(CAST(:ids AS uuid[]), CAST(:papers AS bytea[]))"
_SEND = "SELECT * FROM invoices.send(CAST(:ids AS uuid[]))"
_PAY = """SELECT invoices.pay(
    :invoice_id, :payment_id, :paid_before, :amount, :paid_on, :method, :reference) AS facts"""
_CANCEL = "SELECT invoices.cancel(:invoice_id, :version, :reason) AS facts"
_DOCUMENT = "SELECT content FROM invoices.document(:document_id)"
_SAVE_ACCOUNT = """SELECT invoices.save_account(
    :corporate_id, :version, :email, :currency, :tax_rate, :purchase_order, :terms_days)"""

_OPEN = ("issued", "sent", "overdue")
_NEVER = datetime.fromisoformat("9999-12-31T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Issued:
    """What became of one draft that was to be issued: the invoice, or one sentence why not."""

    invoice_id: UUID
    invoice: Invoice | None
    refused: str | None


class InvoiceQueries:
    """Invoices of the whole platform. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def page(self, request: PageRequest) -> Page[InvoiceRow]:
        """A page of invoices. Sorts: number (drafts count as the newest), corporate, period, state, total, paid,
        open, due, issued, sent. Filters: state (several with commas), corporate (an id), period ("2026-02"), open
        ("yes"). The text is part of a number or of the employer's name.
        """
        i, c, n = invoices.c, corporates.c, credit_notes.c
        company = _name()
        paid = func.coalesce(i.paid_amount, Decimal("0.00"))
        left = case((i.status == "cancelled", literal(Decimal("0.00"))), else_=i.total_amount - paid)
        statement = (
            select(
                i.id, i.version, i.invoice_number.label("number"), i.corporate_id, company.label("corporate"),
                i.billing_period_start.label("period_start"), i.billing_period_end.label("period_end"),
                i.status.label("state"), i.total_amount.label("total"), paid.label("paid"), i.currency, i.issued_at,
                i.due_date.label("due_on"), i.sent_at, i.send_state, n.credit_note_number.label("credit_note"),
            )
            .join_from(invoices, corporates, c.id == i.corporate_id)
            .outerjoin(credit_notes, n.id == i.credited_by_id)
        )  # fmt: skip
        for condition in _conditions(request, company):
            statement = statement.where(condition)
        return await fetch_page(
            self._database,
            statement,
            request,
            sorts={
                "number": _in_order(i.invoice_number),
                "corporate": company,
                "period": i.billing_period_start,
                "state": i.status,
                "total": i.total_amount,
                "paid": paid,
                "open": left,
                "due": func.coalesce(i.due_date, date.max),
                "issued": _by_issue(),
                "sent": func.coalesce(i.sent_at, _NEVER),
            },
            identity=i.id,
            make=rows.row_of,
        )

    async def invoice(self, invoice_id: UUID) -> Invoice:
        """One invoice whole. Raises NotFound."""
        return await self._facts(_INVOICE, invoice_id=invoice_id)

    async def draft_due(self, day: date) -> int:
        """Draft what is due to be invoiced by a day; how many are new."""
        found = await self._database.fetch(_DRAFT_DUE, {"day": day})
        return int(found[0].made)

    async def save(self, invoice_id: UUID, version: int, draft: InvoiceDraft) -> Invoice:
        """Keep a draft's lines, order number and notes. Raises Conflict "version_changed", Invalid."""
        return await self._facts(
            _SAVE,
            invoice_id=invoice_id,
            version=version,
            lines=[
                {name: _plain(value) or "" for name, value in line_facts(line).items()}
                for line in draft.lines
            ],
            purchase_order=_plain(draft.purchase_order),
            notes=_plain(draft.notes),
        )

    async def issue(self, invoice_ids: Sequence[UUID]) -> list[Issued]:
        """Issue up to 200 drafts, all in one transaction; what is issued already is answered as it is."""
        found = await self._database.fetch(_ISSUE, {"ids": list(invoice_ids)})
        return [
            Issued(row.invoice_id, None if row.facts is None else rows.invoice_of(row.facts), row.refused)
            for row in found
        ]

    async def attach(self, papers: Sequence[tuple[UUID, bytes]]) -> dict[UUID, UUID]:
        """Keep papers of invoices and credit notes, each once; which document each has now."""
        parameters = {"ids": [one for one, _ in papers], "papers": [paper for _, paper in papers]}
        found = await self._database.fetch(_ATTACH, parameters)
        return {row.subject_id: row.document_id for row in found}

    async def send(self, invoice_ids: Sequence[UUID]) -> list[tuple[UUID, str | None]]:
        """Let the worker send up to 200 issued invoices; why one cannot be sent."""
        found = await self._database.fetch(_SEND, {"ids": list(invoice_ids)})
        return [(row.invoice_id, row.refused) for row in found]

    async def pay(
        self,
        invoice: Invoice,
        payment_id: UUID,
        amount: Decimal,
        paid_on: date,
        method: str,
        reference: str | None,
    ) -> Invoice:
        """Record money that came in, once per `payment_id`. Raises Conflict "version_changed", Invalid "overpaid"."""
        return await self._facts(
            _PAY,
            invoice_id=invoice.row.id,
            payment_id=payment_id,
            paid_before=invoice.row.paid,
            amount=amount,
            paid_on=paid_on,
            method=method,
            reference=_plain(reference),
        )

    async def cancel(self, invoice_id: UUID, version: int, reason: str) -> Invoice:
        """Throw a draft away, or cancel an issued invoice by a credit note. Raises Conflict, Invalid."""
        return await self._facts(_CANCEL, invoice_id=invoice_id, version=version, reason=_plain(reason))

    async def document(self, document_id: UUID) -> bytes:
        """A kept paper, byte for byte. Raises NotFound."""
        found = await self._database.fetch(_DOCUMENT, {"document_id": document_id})
        return bytes(found[0].content)

    async def corporates(self, request: PageRequest) -> Page[Corporate]:
        """A page of employers. Sorts: name, open, overdue, year, terms. Filters: active ("yes", "no"), open ("yes")."""
        statement, open_amount, overdue_amount, invoiced = _accounts()
        c = corporates.c
        if (active := request.filters.get("active")) in {"yes", "no"}:
            statement = statement.where(c.is_active.is_(active == "yes"))
        if request.filters.get("open") == "yes":
            statement = statement.where(open_amount > 0)
        if typed := _typed(request):
            statement = statement.where(
                or_(
                    c.company_name.icontains(typed, autoescape=True),
                    func.coalesce(c.display_name, "").icontains(typed, autoescape=True),
                )
            )
        return await fetch_page(
            self._database,
            statement,
            request,
            sorts={
                "name": _name(),
                "open": open_amount,
                "overdue": overdue_amount,
                "year": invoiced,
                "terms": c.payment_terms_days,
            },
            identity=c.id,
            make=rows.corporate_of,
        )

    async def corporate(self, corporate_id: UUID) -> Corporate:
        """One employer's account. Raises NotFound."""
        found = await self._database.fetch(_accounts()[0].where(corporates.c.id == corporate_id))
        if not found:
            raise NotFound("There is no such employer.", code="no_corporate")
        return rows.corporate_of(found[0])

    async def save_corporate(self, corporate: Corporate) -> Corporate:
        """Keep its billing facts under its version. Raises Conflict "version_changed" or "currency_in_use", Invalid."""
        await self._database.fetch(
            _SAVE_ACCOUNT,
            {
                "corporate_id": corporate.id,
                "version": corporate.version,
                "email": _plain(corporate.billing_email),
                "currency": _plain(corporate.currency),
                "tax_rate": f"{corporate.tax_rate:f}",
                "purchase_order": _plain(corporate.purchase_order),
                "terms_days": corporate.terms_days,
            },
        )
        return await self.corporate(corporate.id)

    async def _facts(self, statement: Executable | str, **parameters: object) -> Invoice:
        found = await self._database.fetch(statement, parameters)
        return rows.invoice_of(found[0].facts)


def _conditions(request: PageRequest, company: ColumnElement[str]) -> list[ColumnElement[bool]]:
    i, filters = invoices.c, request.filters
    found: list[ColumnElement[bool]] = []
    if states := filters.get("state"):
        found.append(i.status.in_(states.split(",")))
    if corporate := filters.get("corporate"):
        found.append(i.corporate_id == _uuid(corporate))
    if period := filters.get("period"):
        found.append(func.to_char(i.billing_period_start, "YYYY-MM") == period)
    if filters.get("open") == "yes":
        found.append(i.status.in_(_OPEN))
    if typed := _typed(request):
        found.append(
            or_(
                func.coalesce(i.invoice_number, "").icontains(typed, autoescape=True),
                company.icontains(typed, autoescape=True),
            )
        )
    return found


def _name() -> ColumnElement[str]:
    c = corporates.c
    return func.coalesce(func.nullif(func.btrim(c.display_name), ""), c.company_name, type_=String)


def _accounts() -> tuple[Select[Any], ColumnElement[Decimal], ColumnElement[Decimal], ColumnElement[Decimal]]:
    """Employers with their sums, in their own currency: what is open, overdue and was invoiced this year (UTC)."""
    c, i, s = corporates.c, invoices.c, subscriptions.c
    left = i.total_amount - func.coalesce(i.paid_amount, 0)
    year = extract("year", func.timezone("UTC", func.app.now()))
    sums = (
        select(
            i.corporate_id,
            i.currency,
            func.sum(left).filter(i.status.in_(_OPEN)).label("open_amount"),
            func.sum(left).filter(i.status == "overdue").label("overdue_amount"),
            func.sum(i.total_amount)
            .filter(i.status != "cancelled", extract("year", func.timezone("UTC", i.issued_at)) == year)
            .label("invoiced"),
        )
        .group_by(i.corporate_id, i.currency)
        .subquery()
    )
    subscription = func.jsonb_build_object(
        "id", s.id, "tier", s.tier, "covered_employees", s.covered_employees, "credits_per_employee",
        s.credits_per_employee, "monthly_cost", cast(s.monthly_cost, Text), "billing_day", s.billing_cycle_day,
        "start_on", s.start_date, "end_on", s.end_date, "is_active", s.is_active,
    )  # fmt: skip
    agreed = (
        select(func.jsonb_agg(aggregate_order_by(subscription, s.start_date.desc(), s.id)))
        .where(s.corporate_id == c.id)
        .scalar_subquery()
    )
    nothing = Decimal("0.00")
    open_amount = func.coalesce(sums.c.open_amount, nothing)
    overdue_amount = func.coalesce(sums.c.overdue_amount, nothing)
    invoiced = func.coalesce(sums.c.invoiced, nothing)
    statement = select(
        c.id, c.version, _name().label("name"), c.tax_id, c.billing_address_line1, c.billing_address_line2,
        c.billing_city, c.billing_state, c.billing_postal_code, c.billing_country, c.primary_contact_name,
        c.primary_contact_email, c.primary_contact_phone, c.billing_email, c.invoice_currency.label("currency"),
        c.tax_rate, c.purchase_order_number.label("purchase_order"), c.payment_terms_days, c.is_active,
        func.coalesce(agreed, text("'[]'::jsonb"), type_=JSONB).label("subscriptions"),
        open_amount.label("open_amount"), overdue_amount.label("overdue_amount"), invoiced.label("invoiced"),
    ).outerjoin_from(
        corporates, sums, and_(sums.c.corporate_id == c.id, sums.c.currency == c.invoice_currency)
    )  # fmt: skip
    return statement, open_amount, overdue_amount, invoiced


def _in_order(number: ColumnElement[str]) -> ColumnElement[str]:
    """Numbers as text that sorts like them: NFP-2026-99999 before NFP-2026-100000; drafts, without one, last."""
    padded = func.lpad(func.split_part(number, "-", 3), 12, "0")
    return func.coalesce(
        func.split_part(number, "-", 1) + "-" + func.split_part(number, "-", 2) + "-" + padded, "~"
    )


def _by_issue() -> ColumnElement[str]:
    """The instant of issue, then the number: those of one batch were issued in the same instant."""
    i = invoices.c
    at = func.to_char(func.timezone("UTC", i.issued_at), "YYYYMMDDHH24MISSUS", type_=String)
    return func.coalesce(at + _in_order(i.invoice_number), "~")


def _typed(request: PageRequest) -> str:
    return "".join(symbol for symbol in request.text if symbol.isprintable()).strip()


def _plain(words: str | None) -> str | None:
    # PostgreSQL's text cannot hold it.
    return None if words is None else words.replace("\x00", "")


def _uuid(words: str) -> UUID:
    try:
        return UUID(words)
    except ValueError:
        raise Invalid("This list cannot be filtered like that.", code="unknown_filter") from None
