"""The tour of the documents about money, in the window in which they are looked at before they are saved or printed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PySide6.QtCore import Qt

from console.domain.documents import Printed
from console.tour import money_papers
from console.tour.registry import step
from console.tour.scene import Scene
from console.views.printing.preview import Preview

_FINANCE = "platform_finance"


def _statement() -> Printed:
    from console.reports.statement import statement_pdf

    return statement_pdf(money_papers.statement())


def _invoice() -> Printed:
    from console.reports.invoice import invoice_pdf

    return invoice_pdf(money_papers.invoice())


def _draft() -> Printed:
    from console.reports.invoice import invoice_pdf

    return invoice_pdf(money_papers.invoice(draft=True))


def _credit_note() -> Printed:
    from console.reports.invoice import credit_note_pdf

    return credit_note_pdf(money_papers.credit_note())


_open: list[Preview] = []


async def _show(scene: Scene, make: Callable[[], Printed], title: str, facts: str) -> None:
    _close()
    made = await asyncio.to_thread(make)
    preview = Preview(scene.hub, scene.window, title, facts)
    preview.set_printers([], "")
    preview.open()
    await preview.show_document(made.pdf)
    _open.append(preview)
    await scene.settle(0.6)


def _close() -> None:
    while _open:
        _open.pop().close()


@step("documents", "statement", role=_FINANCE)
async def statement(scene: Scene) -> None:
    """A venue's statement: the sums, and how each came to be."""
    await scene.enter_as(_FINANCE)
    await _show(scene, _statement, "Statement", "Riverside Studio, February 2026")


@step("documents", "statement lines", role=_FINANCE)
async def statement_lines(scene: Scene) -> None:
    """Its lines go on, under their activity, with subtotals."""
    await scene.key(Qt.Key.Key_PageDown)
    await scene.settle(0.4)


@step("documents", "invoice", role=_FINANCE)
async def invoice(scene: Scene) -> None:
    """An employer's invoice: tax on each rate's total, how to pay."""
    await _show(scene, _invoice, "Invoice", "NFP-2026-00214, Cascadia Instruments")


@step("documents", "invoice draft", role=_FINANCE)
async def draft(scene: Scene) -> None:
    """A draft cannot be taken for an invoice."""
    await _show(scene, _draft, "Draft invoice", "Cascadia Instruments, March 2026")


@step("documents", "credit note", role=_FINANCE)
async def credit_note(scene: Scene) -> None:
    """A credit note says which invoice it takes back, and why."""
    await _show(scene, _credit_note, "Credit note", "NCN-2026-00009, for NFP-2026-00214")
