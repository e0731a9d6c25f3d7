"""Confirmation codes: what stands on a ticket, in its QR and in a parent's hand at a noisy desk.

A code is eight symbols of Crockford's base 32 and one check symbol, written `K7Q4-2MXR-6`. The check symbol is a
weighted sum over the field of 32 elements: every single wrong symbol and every swap of two symbols is noticed, so
a mistyped code is never somebody else's ticket. `bookings.code_check` in SQL computes the same symbol.
See docs/design.md, "Rules of the domain" (codes).
"""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's symbols in order of value: no I, L, O or U."""

BODY_LENGTH = 8
CODE_LENGTH = BODY_LENGTH + 1

# x^5 + x^2 + 1: the element 2 generates all 31 non-zero elements, so the weights of nine places all differ.
_POLYNOMIAL = 0b100101
# Not zero, so that a run of zeros is no valid code.
_OFFSET = 16

_TAG_LENGTH = 4
_DIGITS, _LETTERS = frozenset(ALPHABET[:10]), frozenset(ALPHABET[10:])

_VALUES = {symbol: value for value, symbol in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_IGNORED = str.maketrans("", "", "- \u2010\u2011\u2012\u2013\u2014\u2212\u00a0")


def check_symbol(body: str) -> str:
    """The ninth symbol for eight canonical symbols. Raises ValueError when `body` is not eight of them."""
    if len(body) != BODY_LENGTH or any(symbol not in ALPHABET for symbol in body):
        raise ValueError("a confirmation code has eight symbols before its check symbol")
    return ALPHABET[_times_two(_weigh(body)) ^ _OFFSET]


def normalise(text: str) -> str | None:
    """The nine canonical symbols of what was typed or scanned, or None when it has not the shape of a code.

    Upper and lower case, spaces and dashes do not matter; O reads as 0, I and L as 1. The check symbol is not
    looked at: see `parse`. Text without a digit or a dash is a name ("Francesca"), never a code.
    """
    raw = text.strip()
    if not any(mark.isdigit() or mark == "-" for mark in raw):
        return None
    symbols = raw.upper().translate(_IGNORED)
    if len(symbols) != CODE_LENGTH or any(symbol not in _VALUES for symbol in symbols):
        return None
    return "".join(ALPHABET[_VALUES[symbol]] for symbol in symbols)


def parse(text: str) -> str | None:
    """The code as it is stored (`K7Q4-2MXR-6`), or None when the text is not exactly one valid code."""
    symbols = normalise(text)
    if symbols is None or check_symbol(symbols[:BODY_LENGTH]) != symbols[BODY_LENGTH]:
        return None
    return format_code(symbols)


def is_mistyped(text: str) -> bool:
    """Whether the text has the shape of a code but a wrong check symbol: "check the code", not a name search."""
    return normalise(text) is not None and parse(text) is None


def format_code(symbols: str) -> str:
    """Nine canonical symbols with their two dashes. Raises ValueError for another length."""
    if len(symbols) != CODE_LENGTH:
        raise ValueError("a confirmation code has nine symbols")
    return f"{symbols[:4]}-{symbols[4:8]}-{symbols[8]}"


def parse_tag(text: str) -> str | None:
    """The pickup tag as it is stored (`7K4Q`): digit, letter, digit, letter. None for anything else.

    Case, spaces and dashes do not matter. The shape is neither a name's nor a ticket code's, and a letter is never read
    as a digit: a mistyped tag is no tag. `desk.read_tag` in SQL reads the same.
    """
    symbols = text.strip().upper().translate(_IGNORED)
    if len(symbols) != _TAG_LENGTH:
        return None
    shaped = all(symbol in (_LETTERS if place % 2 else _DIGITS) for place, symbol in enumerate(symbols))
    return symbols if shaped else None


def _weigh(symbols: str) -> int:
    total = 0
    for symbol in symbols:
        total = _times_two(total) ^ _VALUES[symbol]
    return total


def _times_two(value: int) -> int:
    doubled = value << 1
    return doubled ^ _POLYNOMIAL if doubled & 32 else doubled
