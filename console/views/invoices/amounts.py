"""Amounts and numbers as people type them: "1,234.50", "1234,5", "1 234.50", and one sentence where it is neither.

The rule: with a point and a comma, the one that comes last is the decimal mark and the other stands between groups of
three. A point alone is the decimal mark. A comma alone stands between groups where exactly three figures follow it and
is the decimal mark otherwise. Nothing is guessed beyond that and nothing goes through a float.
"""

from __future__ import annotations

import re
from decimal import Decimal

from console.models.money import MINUS

_BLANKS = re.compile(r"[\s\u00a0\u2009\u202f']+")
_PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+")
_GROUPED = {mark: re.compile(rf"[1-9][0-9]{{0,2}}({re.escape(mark)}[0-9]{{3}})+") for mark in ",."}


def read_number(typed: str, *, name: str = "An amount", places: int = 2, whole_digits: int = 10) -> Decimal:
    """The number that was typed. Raises ValueError with one sentence that begins with `name`.

    `places` and `whole_digits` are how many figures may stand after and before the decimal mark.
    """
    text = _BLANKS.sub("", typed)
    sign, text = (-1, text[1:]) if text[:1] in ("-", MINUS) and text[:1] else (1, text.removeprefix("+"))
    plain = _plain(text)
    if plain is None:
        raise ValueError(f"{name} is a number such as {'1,234.50' if places else '12'}.")
    whole, _, fraction = plain.partition(".")
    if len(fraction.rstrip("0")) > places:
        what = f"at most {places} figures after the point" if places else "no figures after the point"
        raise ValueError(f"{name} has {what}.")
    if len(whole.lstrip("0")) > whole_digits:
        raise ValueError(f"{name} is too large.")
    return sign * Decimal(plain)


def written(value: Decimal, *, cents: bool = False) -> str:
    """A number as it stands in an input: without groups, so that it can be edited; "2.5", "3", with `cents` "12.50"."""
    text = f"{value:f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if cents and len(fraction) < 2:
        fraction = fraction.ljust(2, "0")
    return (f"{whole}.{fraction}" if fraction else whole).replace("-", MINUS)


def _plain(text: str) -> str | None:
    """The digits with a point as the decimal mark, or None where it is no number."""
    last = max(text.rfind(","), text.rfind("."))
    if "," in text and "." in text:
        groups = "," if text[last] == "." else "."
        head, tail = text[:last], text[last + 1 :]
        return (
            f"{head.replace(groups, '')}.{tail}"
            if _GROUPED[groups].fullmatch(head) and _digits(tail)
            else None
        )
    if _GROUPED[","].fullmatch(text):
        return text.replace(",", "")
    if text.count(".") > 1 and _GROUPED["."].fullmatch(text):
        return text.replace(".", "")
    text = text.replace(",", ".")
    text = text.removesuffix(".") if text.count(".") == 1 and len(text) > 1 else text
    return (
        f"0{text}"
        if _PLAIN.fullmatch(text) and text.startswith(".")
        else text
        if _PLAIN.fullmatch(text)
        else None
    )


def _digits(text: str) -> bool:
    return bool(text) and text.isascii() and text.isdigit()
