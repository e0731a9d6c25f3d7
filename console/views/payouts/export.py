"""Lists of the payout screens as files: payouts, runs, holds, and the months of the books, with the stored amounts.

See docs/design.md, "Screens": what is shown can be exported.
"""

from __future__ import annotations

from datetime import tzinfo

from console.domain.payouts import BookPeriod, Hold, Payout, Run
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn
from console.views.payouts.words import RUN_CHIPS, STATE_CHIPS

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
    ExportColumn(SheetColumn("Adjusted, carried", "money", 18), lambda one: one.moved),
    ExportColumn(SheetColumn("Net", "money", 14), lambda one: one.net),
    ExportColumn(SheetColumn("Closed by", width=24), lambda one: one.closed_by),
    ExportColumn(SheetColumn("Opened again", "number", 12), lambda one: one.reopened),
)


def run_columns(zone: tzinfo) -> tuple[ExportColumn[Run], ...]:
    """Runs, with instants by the clock of `zone`."""
    return (
        ExportColumn(SheetColumn("Month", "date", 12), lambda one: one.period_start),
        ExportColumn(SheetColumn("State", width=14), lambda one: _run_state(one.state)),
        ExportColumn(SheetColumn("Made", "moment", 18), lambda one: one.made_at.astimezone(zone)),
        ExportColumn(SheetColumn("Made by", width=20), lambda one: one.made_by),
        ExportColumn(
            SheetColumn("Approved", "moment", 18),
            lambda one: one.approved_at.astimezone(zone) if one.approved_at is not None else None,
        ),
        ExportColumn(SheetColumn("Approved by", width=20), lambda one: one.approved_by),
        ExportColumn(SheetColumn("Payouts", "number", 10), lambda one: one.venues),
        ExportColumn(SheetColumn("Net", "money", 14), lambda one: one.net),
        ExportColumn(SheetColumn("Currency", width=10), lambda one: one.currency),
    )


def hold_columns(zone: tzinfo) -> tuple[ExportColumn[Hold], ...]:
    """Holds, with instants by the clock of `zone`."""
    return (
        ExportColumn(SheetColumn("Venue", width=32), lambda one: one.venue),
        ExportColumn(
            SheetColumn("State", width=12), lambda one: "On hold" if one.released_at is None else "Released"
        ),
        ExportColumn(SheetColumn("Reason", width=48), lambda one: one.reason),
        ExportColumn(SheetColumn("Since", "moment", 18), lambda one: one.placed_at.astimezone(zone)),
        ExportColumn(SheetColumn("By", width=20), lambda one: one.placed_by),
        ExportColumn(
            SheetColumn("Released", "moment", 18),
            lambda one: one.released_at.astimezone(zone) if one.released_at is not None else None,
        ),
        ExportColumn(SheetColumn("Why released", width=48), lambda one: one.release_reason),
    )


def _run_state(state: str) -> str:
    return RUN_CHIPS[state].text if state in RUN_CHIPS else state
