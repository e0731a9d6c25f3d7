"""What draws a document, as functions that another process finds without loading anything else of the services.

A helper process begins with nothing: were these beside the services, each would first load the database's drivers.
What draws is loaded where it draws, never in the window's own thread. See docs/design.md, "Runtime".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.domain.documents import Printed
    from console.domain.invoices import CreditNote, Invoice
    from console.domain.statements import Statement


def statement_paper(statement: Statement) -> Printed:
    """A payout's statement."""
    from console.reports.statement import statement_pdf

    return statement_pdf(statement)


def invoice_paper(invoice: Invoice) -> bytes:
    """An invoice, or a draft of one."""
    from console.reports.invoice import invoice_pdf

    return invoice_pdf(invoice).pdf


def note_paper(note: CreditNote) -> bytes:
    """A credit note; whether it is kept already does not show on it."""
    from console.reports.invoice import credit_note_pdf

    return credit_note_pdf(replace(note, document_id=None)).pdf
