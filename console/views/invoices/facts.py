"""Lines, payments and history of an invoice, one table at a time under tabs with their counts.

See docs/design.md, "Screens" (finance).
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.invoices import Invoice, InvoiceLine, Payment
from console.models.money import money, plain_number
from console.models.table import Column
from console.models.words import short_date
from console.views.invoices import words
from console.views.invoices.tables import KnownTable
from console.views.theme import ThemeHub
from console.views.widgets.base import line
from console.views.widgets.frames import flush
from console.views.widgets.table import CellLook
from console.views.widgets.toggles import ChoiceRow
from console.views.widgets.waiting import EmptyState

MARGIN = 32
_TABS = (("lines", "Lines"), ("payments", "Payments"), ("history", "History"))
_LEAST_ROWS = 4


class FactTables(QWidget):
    """Tabs, and the table of the chosen one."""

    def __init__(self, hub: ThemeHub, zone: ZoneInfo) -> None:
        """Empty until `show_invoice`; times are those of `zone`."""
        super().__init__()
        self.hub, self._zone = hub, zone
        self.tabs = ChoiceRow(hub, _TABS, style="tabs", name="What is shown of the invoice")
        self.tabs.changed.connect(lambda _key: self._choose())
        self.lines = KnownTable(
            hub, _line_columns(), name="Lines of the invoice", margin=MARGIN,
            looks={"kind": _quiet, "quantity": _quiet, "price": _quiet, "discount": _quiet, "tax": _quiet},
        )  # fmt: skip
        self.payments = KnownTable(hub, _payment_columns(zone), name="Payments", margin=MARGIN)
        self.history = KnownTable(
            hub, _history_columns(zone), name="History", margin=MARGIN, looks={"when": _quiet}
        )
        self.nothing = {
            "lines": EmptyState(hub, "ph.list-dashes", "No lines yet", "Edit the draft to add some."),
            "payments": EmptyState(hub, "ph.bank", "No payments yet", "Record one when money has come in."),
            "history": EmptyState(hub, "ph.clock-counter-clockwise", "Nothing happened yet", ""),
        }
        self.tables = {"lines": self.lines, "payments": self.payments, "history": self.history}
        self._counts = dict.fromkeys(self.tables, 0)
        self._lay_out()
        hub.changed.connect(self._fit)

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Its parts in the order of Tab."""
        return (self.tabs, *self.tables.values())

    def show_invoice(self, invoice: Invoice) -> None:
        """Show what there is of an invoice."""
        lines = list(enumerate(invoice.lines, start=1))
        for key, rows in (("lines", lines), ("payments", invoice.payments), ("history", invoice.history)):
            self.tables[key].show_rows(rows)
            self._counts[key] = len(rows)
        self.tabs.set_counts(self._counts)
        self._choose()

    def clear(self) -> None:
        """Show nothing: another invoice is coming."""
        for key, table in self.tables.items():
            table.show_rows(())
            self._counts[key] = 0
        self.tabs.choose("lines")
        for part in (*self.tables.values(), *self.nothing.values()):
            part.hide()

    def stop(self) -> None:
        """Drop what is under way."""
        for table in self.tables.values():
            table.table.cancel()

    def _choose(self) -> None:
        chosen = self.tabs.chosen
        for key, table in self.tables.items():
            table.setVisible(key == chosen and bool(self._counts[key]))
            self.nothing[key].setVisible(key == chosen and not self._counts[key])

    def _fit(self) -> None:
        for table in self.tables.values():
            table.setMinimumHeight((_LEAST_ROWS + 1) * self.hub.theme.size("row.table"))

    def _lay_out(self) -> None:
        column = flush(QVBoxLayout(self))
        column.addWidget(line())
        strip = QHBoxLayout()
        strip.setContentsMargins(MARGIN, 4, MARGIN, 4)
        strip.addWidget(self.tabs)
        strip.addStretch(1)
        column.addLayout(strip)
        column.addWidget(line())
        for key, table in self.tables.items():
            column.addWidget(table, 1)
            column.addWidget(self.nothing[key], 1)
        self._fit()
        self.clear()


Numbered = tuple[int, InvoiceLine]


def _line_columns() -> list[Column[Numbered]]:
    return [
        Column("at", "No.", lambda one: str(one[0]), width=76),
        Column("text", "What", lambda one: one[1].text, width=200, stretch=True, tooltip=lambda one: one[1].text),
        Column("kind", "Kind", lambda one: words.kind_words(one[1]), width=128, gives_way=3),
        Column("quantity", "Quantity", lambda one: plain_number(one[1].quantity), numeric=True, width=88),
        Column("price", "Price", lambda one: words.price(one[1].unit_price), numeric=True, width=104),
        Column("discount", "Discount", lambda one: words.percent(one[1].discount), numeric=True, width=88, gives_way=1),
        Column("tax", "Tax", lambda one: words.percent(one[1].tax_rate), numeric=True, width=76, gives_way=2),
        Column("amount", "Amount", lambda one: money(one[1].amount), numeric=True, width=132),
    ]  # fmt: skip


def _payment_columns(zone: ZoneInfo) -> list[Column[Payment]]:
    def by(one: Payment) -> str:
        return f"{one.recorded_by or 'Somebody'}, {words.moment(one.recorded_at, zone)}"

    def day(one: Payment) -> str:
        return f"{short_date(one.paid_on)} {one.paid_on.year}"

    return [
        Column("day", "Day", day, width=144),
        Column("how", "How", words.payment_words, width=172),
        Column(
            "reference", "Reference", lambda one: one.reference or "", width=140, stretch=True, gives_way=1
        ),
        Column("by", "Recorded", by, width=196, stretch=True, gives_way=2),
        Column("amount", "Amount", lambda one: money(one.amount), numeric=True, width=132),
    ]


def _history_columns(zone: ZoneInfo) -> list[Column[tuple[datetime, str]]]:
    def when(one: tuple[datetime, str]) -> str:
        return f"{words.moment(one[0], zone)}"

    return [
        Column("when", "When", when, width=172),
        Column(
            "what", "What happened", lambda one: one[1], width=240, stretch=True, tooltip=lambda one: one[1]
        ),
    ]


def _quiet(_row: object) -> CellLook:
    return CellLook("secondary")
