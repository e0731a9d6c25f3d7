"""How a parent's credits read: each entry in plain words, periods by their month, amounts with their sign.

See docs/design.md, "Rules of the domain" (credits).
"""

from __future__ import annotations

from console.domain.ledger import LedgerEntry, LedgerPeriod, ParentAccount
from console.models.money import MINUS
from console.models.words import month_title, short_date
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
    return "1 credit" if number == 1 else f"{number:,} credits".replace("-", MINUS)


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
