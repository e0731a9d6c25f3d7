"""Paying venues and invoicing employers: the payouts of one venue or of all, invoices, accounts, ledgers and the books.

See docs/design.md, "Screens" (finance) and "Rules of the domain" (payouts, invoices).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from console.permissions import Permission
from console.views.shell.own_zone import own_zone

if TYPE_CHECKING:
    from console.app.workplace import Workplace
    from console.services.payouts import PayoutService


class Finance:
    """The money's screens of one person, at a venue or at headquarters."""

    def __init__(self, place: Workplace) -> None:
        """Nothing is asked of the server before a screen is."""
        self.place, self.tools, self.venue = place, place.tools, place.venue
        self.zone = ZoneInfo(self.venue.timezone if self.venue is not None else own_zone())

    @cached_property
    def payout_service(self) -> PayoutService:
        """Payouts with their statements and the paying of them."""
        from console.services.paying import PayingService
        from console.services.payouts import PayoutService
        from console.services.statements import StatementService
        from console.storage.documents import DocumentQueries
        from console.storage.paying import PayingQueries
        from console.storage.payouts import PayoutQueries

        database = self.tools.database
        return PayoutService(
            PayoutQueries(database), StatementService(DocumentQueries(database)), PayingService(PayingQueries(database))
        )

    def payouts(self) -> QWidget:
        """A venue's payouts, or every venue's with the runs."""
        from console.views.payouts.page import PayoutsPage

        tools, person = self.tools, self.place.person
        runs = person.can_everywhere(Permission.PAYOUTS_RUN)
        service = self.payout_service
        page = PayoutsPage(
            tools.hub,
            service,
            service if runs else None,
            zone=self.zone,
            clock=tools.clock,
            venue=self.venue,
            memory=tools.preferences,
            may_export=runs or (self.venue is not None and person.can(Permission.EXPORTS_CREATE, self.venue.id)),
        )
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        return page

    def invoices(self) -> QWidget:
        """Invoices and employers' accounts."""
        from console.services.invoices import InvoiceService
        from console.storage.invoices import InvoiceQueries
        from console.views.invoices.page import InvoicesPage

        tools = self.tools
        page = InvoicesPage(
            tools.hub,
            InvoiceService(InvoiceQueries(tools.database), tools.clock),
            clock=tools.clock,
            memory=tools.preferences,
            may_issue=self.place.person.can_everywhere(Permission.INVOICES_ISSUE),
        )
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        return page

    def ledger(self) -> QWidget:
        """Parents' credits."""
        from console.services.ledger import LedgerService
        from console.storage.ledger import LedgerQueries
        from console.views.ledger.page import LedgerPage

        tools = self.tools
        page = LedgerPage(tools.hub, LedgerService(LedgerQueries(tools.database)), zone=self.zone, clock=tools.clock)
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        return page
