"""The Revenue screen: payouts, fees, invoices and credits over months, for one venue or for the whole platform.

See docs/design.md, "Screens" (finance). Every number is the sum of stored ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from PySide6.QtWidgets import QWidget

from console.clock import Clock
from console.domain.revenue import (
    MoneySum,
    Revenue,
    RevenueBy,
    add_months,
    credits_chart,
    invoices_chart,
    month_name,
    payouts_chart,
    sums,
)
from console.models.gateway_revenue import RevenueGateway
from console.models.money import money
from console.models.table import Column
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn
from console.views.figures_page import NOTHING, FiguresPage
from console.views.shell.areas import Action
from console.views.theme import ThemeHub
from console.views.widgets.focus import lead_focus
from console.views.widgets.toggles import ChoiceRow

_SPANS = [("6", "6 months"), ("12", "12 months"), ("24", "24 months")]


class RevenuePage(FiguresPage[MoneySum]):
    """Money over months."""

    def __init__(
        self,
        hub: ThemeHub,
        gateway: RevenueGateway,
        *,
        clock: Clock,
        venue: str = "",
        may_export: bool = True,
    ) -> None:
        """`venue` empty: headquarters, with invoices and a comparison of venues."""
        self._gateway, self._venue = gateway, venue
        self._last = clock.now().date().replace(day=1)
        self._newest = self._last
        self.revenue: Revenue | None = None
        self.spans = ChoiceRow(hub, _SPANS, name="Months shown")
        self.spans.choose("12")
        groups = [(RevenueBy.MONTH.value, "By month"), (RevenueBy.CATEGORY.value, "By category")]
        if not venue:
            groups[1:1] = [(RevenueBy.VENUE.value, "By venue")]
            groups.append((RevenueBy.INVOICES.value, "Invoices"))
        super().__init__(
            hub,
            "Revenue",
            venue or "All venues",
            groups=groups,
            columns=_columns(),
            sort="order",
            exports=_EXPORTS,
            empty=("No money moved in these months", "Choose other months."),
            may_export=may_export,
        )
        self.spans.changed.connect(lambda _span: self.refresh())
        lead_focus(self, self.spans)

    def step(self, by: int) -> None:
        """The months before (-1) or after (1)."""
        self._last = add_months(self._last, by * int(self.spans.chosen))
        self.refresh()

    def newest(self) -> None:
        """The months that end with this one."""
        self._last = self._newest
        self.refresh()

    async def _load(self) -> None:
        first = add_months(self._last, 1 - int(self.spans.chosen))
        revenue = self.revenue = await self._gateway.revenue(first, self._last)
        whole = sums(revenue, RevenueBy.MONTH)
        gross, fee, net = (
            sum((getattr(row, name) for row in whole), Decimal(0)) for name in ("gross", "fee", "net")
        )
        second = credits_chart(revenue) if self._venue else invoices_chart(revenue)
        self.show_figures(
            f"{month_name(first)} to {month_name(self._last)}",
            None if revenue.is_empty else (payouts_chart(revenue), second),
            f"{money(gross)} {revenue.currency} gross, {money(fee)} fees",
            f"{money(net)} {revenue.currency} for venues",
        )

    def rows_now(self, group: str) -> Sequence[MoneySum]:
        """Sums by month, venue or category, or invoices by month."""
        return sums(self.revenue, RevenueBy(group)) if self.revenue is not None else ()

    def order_of(self, group: str) -> str:
        """Months by time, venues and categories the most first."""
        return {RevenueBy.VENUE.value: "gross", RevenueBy.CATEGORY.value: "credits"}.get(group, "order")

    def file_name(self) -> str:
        """After the group and the months."""
        first = add_months(self._last, 1 - int(self.spans.chosen))
        return f"revenue-{self.groups.chosen}-{first:%Y-%m}-{self._last:%Y-%m}"

    def choosing(self) -> Sequence[QWidget]:
        """How many months, and the way to others."""
        return (
            self.spans,
            self.button("", "ph.caret-left", "The months before", lambda: self.step(-1)),
            self.button("Newest", None, "The newest months", self.newest),
            self.button("", "ph.caret-right", "The months after", lambda: self.step(1)),
        )

    def more_actions(self, action: Callable[..., Action]) -> Sequence[Action]:
        """Going from months to months."""
        return (
            action("revenue:newest", "The newest months", self.newest, "T", "ph.calendar-check"),
            action("revenue:before", "The months before", lambda: self.step(-1), "PgUp", "ph.caret-left"),
            action("revenue:after", "The months after", lambda: self.step(1), "PgDown", "ph.caret-right"),
        )


def _columns() -> list[Column[MoneySum]]:
    def amount(key: str, title: str, gives_way: int = 0) -> Column[MoneySum]:
        def shown(row: MoneySum) -> str:
            found: Decimal | None = getattr(row, key)
            return NOTHING if found is None else money(found)

        return Column(key, title, shown, numeric=True, width=112, gives_way=gives_way)

    return [
        Column("order", "Name", lambda row: row.name, stretch=True, width=160),
        Column("bookings", "Number", lambda row: f"{row.bookings:,}", numeric=True, width=84),
        Column("credits", "Credits", _credits, numeric=True, width=84, gives_way=1),
        amount("gross", "Gross"),
        amount("fee", "Fees", 3),
        amount("adjustments", "Adjusted", 4),
        amount("carried", "Carried", 6),
        amount("net", "Net", 2),
        amount("paid", "Paid"),
        amount("waiting", "Open"),
        amount("held", "On hold", 5),
    ]


def _credits(row: MoneySum) -> str:
    return NOTHING if row.credits is None else f"{row.credits:,}"


_EXPORTS: tuple[ExportColumn[MoneySum], ...] = (
    ExportColumn(SheetColumn("Name", width=30), lambda row: row.name),
    ExportColumn(SheetColumn("Number", "number"), lambda row: row.bookings),
    ExportColumn(SheetColumn("Credits", "number"), lambda row: row.credits),
    ExportColumn(SheetColumn("Gross", "money"), lambda row: row.gross),
    ExportColumn(SheetColumn("Fees", "money"), lambda row: row.fee),
    ExportColumn(SheetColumn("Adjusted", "money"), lambda row: row.adjustments),
    ExportColumn(SheetColumn("Carried", "money"), lambda row: row.carried),
    ExportColumn(SheetColumn("Net", "money"), lambda row: row.net),
    ExportColumn(SheetColumn("Paid", "money"), lambda row: row.paid),
    ExportColumn(SheetColumn("Open", "money"), lambda row: row.waiting),
    ExportColumn(SheetColumn("On hold", "money"), lambda row: row.held),
)
