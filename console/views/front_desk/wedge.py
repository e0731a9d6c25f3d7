"""Telling a barcode scanner from a person typing: both come as key presses.

A keyboard-wedge scanner types far faster than anybody can and ends with Enter or Tab. Some put control characters
before or between the symbols; those are stripped, and must not trigger a shortcut on their way.
See docs/design.md, "Rules of the domain" (codes).
"""

from __future__ import annotations

GAP_SECONDS = 0.035
"""Keys closer together than this were not typed by hand."""

MIN_KEYS = 4
"""A burst shorter than this may be two fingers falling together."""


class WedgeDetector:
    """Follows key presses and knows what part of them came from a scanner."""

    def __init__(self) -> None:
        """Nothing has been pressed yet."""
        self._burst: list[str] = []
        self._last: float | None = None

    def press(self, text: str, at: float) -> None:
        """A key that types `text` (possibly nothing printable) was pressed at `at` seconds."""
        if not self._follows(at):
            self._burst.clear()
        self._last = at
        self._burst.extend(mark for mark in text if mark.isprintable())

    def is_burst(self, at: float) -> bool:
        """Whether a key pressed at `at` follows the last one faster than a hand could."""
        return bool(self._burst) and self._follows(at)

    def finish(self, at: float) -> str | None:
        """Enter or Tab was pressed at `at`: the scanned text, or None when a person pressed it."""
        text = "".join(self._burst).strip() if self._follows(at) and len(self._burst) >= MIN_KEYS else ""
        self.reset()
        return text or None

    def reset(self) -> None:
        """Forget what was pressed."""
        self._burst.clear()
        self._last = None

    def _follows(self, at: float) -> bool:
        return self._last is not None and 0 <= at - self._last < GAP_SECONDS
