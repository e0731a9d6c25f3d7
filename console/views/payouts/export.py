"""Lists of the payout screens as files: payouts, and the months of the books, with the stored amounts.

See docs/design.md, "Screens": what is shown can be exported.
"""

from __future__ import annotations

from console.domain.payouts import BookPeriod, Payout
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn
from console.views.payouts.words import STATE_CHIPS

PAYOUT_COLUMNS: tuple[ExportColumn[Payout], ...] = (
    ExportColumn(SheetColumn("Month", "date", 12), lambda one: one.period_start),
    ExportColumn(SheetColumn("Venue", width=32), lambda one: one.venue),
    ExportColumn(SheetColumn("State", width=16), lambda one: STATE_CHIPS[one.state].text),
    ExportColumn(SheetColumn("Bookings", "number", 10), lambda one: one.sums.bookings),
    ExportColumn(SheetColumn("Credits", "number", 10), lambda one: one.sums.credits),
    ExportColumn(SheetColumn("Gross", "money", 14), lambda one: one.sums.gross),
    ExportColumn(SheetColumn("Platform fee", "money", 14), lambda one: one.sums.fee),
    ExportColumn(SheetColumn("Adjustments", "money", 14), lambda one: one.sums.adjustments),
    ExportColumn(SheetColumn("Carried in", "money", 14), lambda one: one.sums.carried_in),
    ExportColumn(SheetColumn("Carried out", "money", 14), lambda one: one.sums.carried_out),
    ExportColumn(SheetColumn("Net", "money", 14), lambda one: one.sums.net),
    ExportColumn(SheetColumn("Currency", width=10), lambda one: one.currency),
    ExportColumn(SheetColumn("Reference", width=24), lambda one: one.reference),
    ExportColumn(SheetColumn("Note", width=40), lambda one: one.failure or one.hold_reason),
)

BOOK_COLUMNS: tuple[ExportColumn[BookPeriod], ...] = (
    ExportColumn(SheetColumn("Month", "date", 12), lambda one: one.period_start),
    ExportColumn(SheetColumn("Payouts", "number", 10), lambda one: one.payouts),
    ExportColumn(SheetColumn("Not paid", "number", 10), lambda one: one.unpaid),
    ExportColumn(SheetColumn("Gross", "money", 14), lambda one: one.gross),
    ExportColumn(SheetColumn("Platform fee", "money", 14), lambda one: one.fee),
    ExportColumn(SheetColumn("Net", "money", 14), lambda one: one.net),
    ExportColumn(SheetColumn("Closed by", width=24), lambda one: one.closed_by),
    ExportColumn(SheetColumn("Opened again", "number", 12), lambda one: one.reopened),
)
