"""Paying venues and invoicing employers: payouts of one venue or of all, invoices, ledgers and revenue.

See docs/design.md, "Screens" (finance) and "Rules of the domain" (payouts, invoices).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QWidget

from console.domain.paging import PageRequest
from console.permissions import Permission
from console.views.shell.own_zone import own_zone

if TYPE_CHECKING:
    from console.app.workplace import Workplace
    from console.services.payouts import PayoutService
    from console.views.printing.desk_printer import QtDeskPrinter

_VENUES_AT_ONCE = 500


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
            PayoutQueries(database),
            StatementService(DocumentQueries(database)),
            PayingService(PayingQueries(database)),
            self.tools.clock,
        )

    @cached_property
    def printer(self) -> QtDeskPrinter:
        """The previews of this window."""
        from console.views.printing.desk_printer import PrintContext, QtDeskPrinter

        tools = self.tools
        context = PrintContext(
            self.venue.name if self.venue is not None else "Headquarters",
            self.zone,
            self.place.person.first_name,
        )
        return QtDeskPrinter(tools.hub, tools.window, tools.preferences, lambda: context, tools.clock)

    def payouts(self) -> QWidget:
        """A venue's payouts, or every venue's with the runs, holds and books."""
        from console.views.payouts.page import PayoutsPage

        tools, person, venue = self.tools, self.place.person, self.venue
        runs = person.can_everywhere(Permission.PAYOUTS_RUN)
        page = PayoutsPage(
            tools.hub,
            self.payout_service,
            self.payout_service if runs else None,
            zone=self.zone,
            clock=tools.clock,
            venue=venue,
            venues=self.venues_by_name if runs else None,
            printer=self.printer,
            memory=tools.preferences,
            may_export=runs or (venue is not None and person.can(Permission.EXPORTS_CREATE, venue.id)),
        )
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        page.actions_changed.connect(tools.window.page_actions_changed)
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
            printer=self.printer,
            memory=tools.preferences,
            may_issue=self.place.person.can_everywhere(Permission.INVOICES_ISSUE),
            zone=self.zone,
        )
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        return page

    def ledger(self) -> QWidget:
        """Parents' credits."""
        from console.services.ledger import LedgerService
        from console.storage.ledger import LedgerQueries
        from console.views.ledger.page import LedgerScreen

        tools = self.tools
        page = LedgerScreen(
            tools.hub,
            LedgerService(LedgerQueries(tools.database)),
            may_adjust=True,
            may_export=self.place.person.can_everywhere(Permission.EXPORTS_CREATE),
            zone=self.zone,
        )
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        return page

    def revenue(self) -> QWidget:
        """Money over months."""
        from console.storage.revenue import RevenueQueries
        from console.views.revenue.page import RevenuePage

        tools, venue = self.tools, self.venue
        page = RevenuePage(
            tools.hub,
            RevenueQueries(tools.database, venue.id if venue is not None else None),
            clock=tools.clock,
            venue=venue.name if venue is not None else "",
        )
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        return page

    def integrity(self) -> QWidget:
        """The daily check of money and attendance."""
        from console.services.integrity import IntegrityService
        from console.storage.integrity import IntegrityQueries
        from console.views.integrity.page import IntegrityPage

        tools, person = self.tools, self.place.person
        page = IntegrityPage(
            tools.hub,
            IntegrityService(IntegrityQueries(tools.database, person.id, person.first_name)),
            clock=tools.clock,
            zone=self.zone,
            me=person.id,
            may_settle=person.can_everywhere(Permission.PAYOUTS_RUN),
        )
        page.toast_wanted.connect(tools.window.toast)
        page.reached.connect(tools.reached)
        return page

    async def venues_by_name(self) -> Sequence[tuple[UUID, str]]:
        """Venues to choose from."""
        from console.storage.venues import VenueQueries

        page = await VenueQueries(self.tools.database).page(PageRequest("name", limit=_VENUES_AT_ONCE))
        return [(row.id, row.name) for row in page.rows]
