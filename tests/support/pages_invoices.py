"""Invoices, employers and ledgers, registered beside the pages of `pages`: see there for how."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from uuid import UUID

from PySide6.QtWidgets import QWidget

from console.clock import FixedClock
from console.reports.invoice import invoice_pdf
from console.views.invoices.page import InvoicesPage
from console.views.ledger.page import LedgerScreen
from console.views.shell.window import ShellWindow
from tests.support import invoice_samples as invoices
from tests.support import money_samples
from tests.support import today_samples as sample
from tests.support.pages import LONG, _area, page, rest


class Paper:
    """A preview that is closed at once; without one there would be no button to look at."""

    def __init__(self) -> None:
        self.shown: list[tuple[str, str, str]] = []

    async def print_document(self, title: str, facts: str, file: str, pdf: bytes) -> str:
        """Remember what was shown."""
        assert pdf
        self.shown.append((title, facts, file))
        return ""


@cache
def _pdf() -> bytes:
    return invoice_pdf(money_samples.invoice()).pdf


async def _invoices(window: ShellWindow, gateway: invoices.FakeInvoices | None = None) -> InvoicesPage:
    gateway = gateway or invoices.FakeInvoices()
    gateway.pdf = _pdf()
    first = next(iter(gateway.owners))
    gateway.owners[first] = replace(gateway.owners[first], name=f"{LONG} {LONG}")
    made = InvoicesPage(
        window.hub, gateway, clock=FixedClock(sample.NOW), printer=Paper(), may_issue=True, zone=sample.ZONE
    )
    _area(window, made, "bookings")
    await rest(0.1)
    await made.listing.model.settled()
    return made


async def _one(window: ShellWindow, number: int) -> InvoicesPage:
    made = await _invoices(window)
    made.open_invoice(UUID(int=number))
    await rest(0.2)
    await made.detail.runner.settled()
    return made


@page("invoices")
async def show_invoices(window: ShellWindow) -> QWidget:
    """One of every state."""
    await _invoices(window)
    return window


@page("invoices, none")
async def show_none(window: ShellWindow) -> QWidget:
    """Nobody was invoiced yet."""
    await _invoices(window, invoices.FakeInvoices(([invoices.corporate(0)], [])))
    return window


@page("an invoice")
async def show_invoice(window: ShellWindow) -> QWidget:
    """Paid in part, with a payment that was taken back."""
    await _one(window, 109)
    return window


@page("an invoice that was not sent")
async def show_unsent(window: ShellWindow) -> QWidget:
    """With the reason, which is long."""
    gateway = invoices.FakeInvoices()
    gateway.kept[UUID(int=111)] = replace(
        gateway.kept[UUID(int=111)],
        send_error=f"{LONG} {LONG}",
        notes=f"{LONG} {LONG}",
        purchase_order=LONG[:50],
    )
    made = await _invoices(window, gateway)
    made.open_invoice(UUID(int=111))
    await rest(0.2)
    return window


@page("a draft edited")
async def show_draft(window: ShellWindow) -> QWidget:
    """The lines as inputs."""
    made = await _one(window, 201)
    made.detail.edit()
    assert made.detail.sheet is not None
    await rest(0.1)
    return made.detail.sheet.card


@page("a payment recorded")
async def show_pay(window: ShellWindow) -> QWidget:
    """The form of a payment."""
    made = await _one(window, 109)
    made.detail.pay()
    assert made.detail.sheet is not None
    await rest(0.1)
    return made.detail.sheet.card


@page("employers")
async def show_accounts(window: ShellWindow) -> QWidget:
    """An employer's account."""
    made = await _invoices(window)
    made.show_tab("accounts")
    await rest(0.2)
    await made.accounts.runner.settled()
    return window


@page("an employer's billing")
async def show_billing(window: ShellWindow) -> QWidget:
    """The form of the billing facts."""
    made = await _invoices(window)
    made.show_tab("accounts")
    await rest(0.2)
    made.accounts.edit()
    assert made.accounts.sheet is not None
    await rest(0.1)
    return made.accounts.sheet.card


async def _ledger(window: ShellWindow) -> LedgerScreen:
    gateway = invoices.FakeLedger()
    gateway.accounts[0] = replace(gateway.accounts[0], name=f"Ana Whitfield {LONG}", corporate=LONG)
    made = LedgerScreen(window.hub, gateway, may_adjust=True, zone=sample.ZONE)
    _area(window, made, "bookings")
    made.text.setText("whitfield")
    made.look_for()
    await rest(0.1)
    await made.model.settled()
    return made


@page("ledgers")
async def show_ledger(window: ShellWindow) -> QWidget:
    """The entries of a parent."""
    await _ledger(window)
    return window


@page("ledgers, adjust")
async def show_adjust(window: ShellWindow) -> QWidget:
    """The form of an adjustment."""
    made = await _ledger(window)
    made.adjust()
    assert made.sheet is not None
    await rest(0.1)
    return made.sheet.card
