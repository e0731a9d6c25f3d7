"""Amounts as screens have them: two places, groups of three, a true minus sign, the currency said once elsewhere.

The same reading as the documents', so that a figure looks alike on the screen and on paper. Amounts are Decimal as they
are stored; nothing is rounded here that is not at two places already. See docs/design.md, "Documents".
"""

from __future__ import annotations

from decimal import Decimal

MINUS = "\u2212"


def money(amount: Decimal) -> str:
    """An amount: "1,082.73", below zero with a true minus sign."""
    return f"{amount:,.2f}".replace("-", MINUS)


def signed(amount: Decimal) -> str:
    """An amount that is taken away, as the lines of a sum show it: 1,082.73 reads as below zero, nothing as 0.00."""
    return money(-amount) if amount else money(amount)


def plain_number(value: Decimal | int) -> str:
    """A number without zeros that say nothing: "12", "17.5", "1,082.725"."""
    written = f"{value:,f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.replace("-", MINUS)
