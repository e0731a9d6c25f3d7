"""Employers, drafts and papers for tests of invoices: drafts are rows, issued ones went through the functions."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Connection
from tests.support.desk_world import Person, World

PDF = b"%PDF-1.7 the paper of "
FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))

Facts = dict[str, Any]


def line(text: str = "Help at the fair", price: str = "100.00", **facts: str) -> dict[str, str]:
    """A line as a person enters it."""
    return {"text": text, "quantity": "1", "unit_price": price, "tax_rate": "0", "kind": "extra"} | facts


def employer(admin: Connection, **columns: Any) -> UUID:
    """An employer with everything an invoice says of one."""
    return factories.corporate(
        admin,
        **(
            {
                "company_name": "Cascadia Instruments",
                "tax_id": "98-7654321",
                "billing_address_line1": "12 Harbour Street",
                "billing_city": "Portland",
                "billing_state": "OR",
                "billing_postal_code": "97201",
                "billing_email": "invoices@cascadia.example",
                "tax_rate": "8.25",
                "purchase_order_number": "PO-77",
            }
            | columns
        ),
    )


def invoice(
    admin: Connection,
    lines: list[dict[str, str]] | None = None,
    corporate: UUID | None = None,
    period: tuple[date, date] = FEBRUARY,
) -> UUID:
    """A draft for a new subscription, whose lines are as `invoices.lines` keeps them."""
    corporate = corporate or employer(admin)
    kept = admin.execute(
        """SELECT k.lines, s.subtotal, s.tax, s.total, s.taxes
             FROM (SELECT invoices.lines(%s) AS lines) AS k, invoices.add_up(k.lines) AS s""",
        [Jsonb(lines or [line()])],
    ).fetchone()
    assert kept is not None
    return factories.insert(
        admin,
        "invoices",
        {
            "corporate_id": corporate,
            "subscription_id": factories.subscription(admin, corporate, is_active=False),
            "billing_period_start": period[0],
            "billing_period_end": period[1],
            "line_items": kept[0],
            "subtotal": kept[1],
            "tax_amount": kept[2],
            "total_amount": kept[3],
            "tax_lines": kept[4],
        },
    )


def facts(person: Person, invoice_id: UUID) -> Facts:
    """The invoice as the person reads it."""
    found: Facts = person.call("SELECT invoices.invoice(%s) AS f", invoice_id)[0]["f"]
    return found


def issue(person: Person, *invoice_ids: UUID, paper: bool = True) -> list[Facts]:
    """Issue drafts and keep a paper for each; their facts."""
    answers = person.call("SELECT * FROM invoices.issue(%s)", list(invoice_ids))
    assert [one["refused"] for one in answers] == [None] * len(invoice_ids)
    if paper:
        papers = [PDF + str(one["facts"]["number"]).encode() for one in answers]
        person.call("SELECT * FROM invoices.attach(%s, %s)", list(invoice_ids), papers)
    return [facts(person, one) for one in invoice_ids]


def issued(world: World, person: Person, *lines: dict[str, str], **columns: Any) -> UUID:
    """An issued invoice with its paper."""
    made = invoice(world.admin, list(lines) or None, employer(world.admin, **columns))
    issue(person, made)
    return made
