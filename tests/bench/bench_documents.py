"""Documents of money: one invoice, a thousand of them, and a venue's statement, beside a bare reportlab canvas."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from console.domain.invoices import Invoice
from console.reports.invoice import invoice_pdf
from console.reports.statement import statement_pdf
from console.services.documents import Press
from console.services.papers import invoice_paper
from tests.bench.framework import Bench, Pair, row
from tests.support import money_samples

_MANY = 1_000
_STATEMENT_LINES = 412
_INVOICE_TEXTS = 78
_STATEMENT_TEXTS = 3_000
_PAGE_TEXTS = 250


def _bare(texts: int) -> bytes:
    """As many words as the document has, in a font that every reader has, without layout."""
    out = BytesIO()
    canvas = Canvas(out, pageCompression=1, invariant=1)
    for at in range(texts):
        if at and at % _PAGE_TEXTS == 0:
            canvas.showPage()
        canvas.setFont("Helvetica", 9)
        canvas.drawString(40 + at % 7 * 70, 800 - at % _PAGE_TEXTS * 3, f"12,345.6{at % 10} of {at}")
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _invoice(number: int) -> Invoice:
    made = money_samples.invoice(number)
    name, street = f"Company {number} of Portland", f"{number} Lumber Road"
    return replace(
        made, recipient=replace(money_samples.EMPLOYER, name=name, address=(street, "Portland, OR 97201"))
    )


@row(
    "invoice_pdf", "one invoice of five lines as a PDF", budget=8, reference="bare reportlab canvas", rounds=100,
    warm_up=10,
)  # fmt: skip
def invoice(_bench: Bench) -> Iterator[Pair]:
    """Another invoice each time, its fonts embedded."""
    numbers = iter(range(1, 1_000_000))

    def subject() -> None:
        assert invoice_pdf(_invoice(next(numbers))).pages == 1

    yield Pair(subject, lambda: _bare(_INVOICE_TEXTS), rows=f"{_INVOICE_TEXTS} texts")


@row(
    "invoice_pdf_1000", "1,000 invoices as PDFs, with the start of the processes that make them", budget=4_000,
    reference="bare reportlab canvas, one process", rounds=3, warm_up=0,
)  # fmt: skip
def invoices(_bench: Bench) -> Iterator[Pair]:
    """A batch as it is printed: two helper processes, started for it."""
    facts = [_invoice(number) for number in range(1, _MANY + 1)]

    async def batch() -> None:
        async with Press(invoice_paper, expected=_MANY) as press:
            made = await press.all(facts)
        assert len(set(made)) == _MANY

    def reference() -> None:
        for _ in range(_MANY):
            _bare(_INVOICE_TEXTS)

    yield Pair(lambda: asyncio.run(batch()), reference, rows=f"{_MANY:,} invoices of five lines")


@row(
    "statement_pdf", "a venue's statement of 412 lines as a PDF", budget=150, reference="bare reportlab canvas",
    rounds=20, warm_up=3,
)  # fmt: skip
def statement(_bench: Bench) -> Iterator[Pair]:
    """Sums, corrections, lines by activity with subtotals."""
    made = money_samples.statement(money_samples.lines(_STATEMENT_LINES))

    def subject() -> None:
        assert (statement_pdf(made).pages or 0) > 10

    yield Pair(
        subject, lambda: _bare(_STATEMENT_TEXTS), rows=f"{_STATEMENT_LINES} lines, {_STATEMENT_TEXTS:,} texts"
    )
