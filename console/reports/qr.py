"""QR codes as vector bars: sharp at any printer's resolution, read back by the scanner at the desk.

See docs/design.md, "Documents".
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby

import segno

from console.reports.layout import Pages

QUIET = 4
"""Modules of white that must be left around a code."""


def modules(text: str) -> int:
    """How many modules wide the code for `text` is, the quiet border not counted."""
    return len(_matrix(text))


def draw(pages: Pages, text: str, left: float, top: float, edge: float) -> None:
    """Draw the code for `text` in a square of `edge` points; who calls leaves the quiet border white."""
    matrix = _matrix(text)
    module = edge / len(matrix)
    bars: list[tuple[int, int, int]] = []
    for row, line in enumerate(matrix):
        column = 0
        for dark, run in groupby(line):
            length = sum(1 for _ in run)
            if dark:
                bars.append((row, column, length))
            column += length
    pages.squares(left, top, module, bars)


@lru_cache(maxsize=64)  # a family's tag stands on each of its labels
def _matrix(text: str) -> tuple[bytes, ...]:
    return tuple(bytes(line) for line in segno.make(text, error="m", micro=False).matrix)
