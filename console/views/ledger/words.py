"""How a parent's credits read: each entry in plain words, periods by their month, amounts with their sign.

See docs/design.md, "Rules of the domain" (credits).
"""

from __future__ import annotations

from datetime import tzinfo

from console.domain.counting import count
from console.domain.ledger import LedgerEntry, LedgerPeriod, ParentAccount
from console.models.money import MINUS
from console.models.words import month_title, short_date
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn
from console.views.widgets.choices import Choice
from console.views.widgets.table import CellLook

_KINDS = {
    "allocation": ("Credits of the period", "ph.plus-circle", "green.text"),
    "booking_debit": ("Booked", "ph.ticket", "text.secondary"),
    "refund_credit": ("Refunded", "ph.arrow-u-up-left", "blue.text"),
    "partial_refund": ("Refunded in part", "ph.arrow-u-up-left", "blue.text"),
    "forfeit": ("Forfeited", "ph.prohibit", "text.secondary"),
    "adjustment": ("Adjusted", "ph.pencil-simple", "accent.text"),
    "expiry": ("Expired", "ph.hourglass-medium", "text.secondary"),
}


def credits(number: int) -> str:
    """How many credits."""
    return count(number, "credit").replace("-", MINUS)


def signed(number: int) -> str:
    """A movement with its sign: "+10", "−14"; nothing moved is "0"."""
    return f"{number:+,}".replace("-", MINUS) if number else "0"


def entry_words(entry: LedgerEntry) -> str:
    """What happened, why, and who did it."""
    words = _KINDS.get(entry.kind, (entry.kind, "", ""))[0]
    if entry.kind == "forfeit":
        words = f"{words}: {credits(entry.forfeited)} will not come back"
    if entry.description:
        words = f"{words}: {entry.description}"
    return f"{words} ({entry.by})" if entry.by else words


def entry_look(entry: LedgerEntry) -> CellLook:
    """The sign before what happened."""
    _words, icon, color = _KINDS.get(entry.kind, ("", "ph.circle", "text.secondary"))
    return CellLook(icon=icon, icon_color=color)


def period(found: LedgerPeriod) -> str:
    """A period: its month by name, else its days."""
    first, last = found.start, found.end
    if first.day == 1 and (first.year, first.month) == (last.year, last.month):
        return month_title(first)
    return f"{short_date(first)} – {short_date(last)} {last.year}"


def parent_choice(account: ParentAccount) -> Choice:
    """A parent's row: enough to tell two people of one name apart."""
    detail = ", ".join(part for part in (account.masked_email, account.corporate) if part)
    return Choice(account, account.name, detail, right=f"{account.credits:,}")


PERIOD_COLUMNS: tuple[ExportColumn[LedgerPeriod], ...] = (
    ExportColumn(SheetColumn("From", "date", 12), lambda one: one.start),
    ExportColumn(SheetColumn("Until", "date", 12), lambda one: one.end),
    ExportColumn(SheetColumn("Received", "number", 10), lambda one: one.allocated),
    ExportColumn(SheetColumn("Used", "number", 10), lambda one: one.used),
    ExportColumn(SheetColumn("Refunded", "number", 10), lambda one: one.refunded),
    ExportColumn(SheetColumn("Forfeited", "number", 10), lambda one: one.forfeited),
    ExportColumn(SheetColumn("Left", "number", 10), lambda one: one.available),
)


def entry_columns(zone: tzinfo) -> tuple[ExportColumn[LedgerEntry], ...]:
    """The entries as a file, by the clock of `zone`."""
    return (
        ExportColumn(SheetColumn("When", "moment", 18), lambda one: one.at.astimezone(zone)),
        ExportColumn(SheetColumn("What happened", width=56), entry_words),
        ExportColumn(SheetColumn("Booking", width=14), lambda one: one.booking_code),
        ExportColumn(SheetColumn("Period from", "date", 12), lambda one: one.period_start),
        ExportColumn(SheetColumn("Credits", "number", 10), lambda one: one.amount),
        ExportColumn(SheetColumn("Forfeited", "number", 10), lambda one: one.forfeited),
        ExportColumn(SheetColumn("Balance", "number", 10), lambda one: one.balance_after),
    )
