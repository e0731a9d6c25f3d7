"""A number with the word for what it counts, said in one way on screen, on paper and at the terminal."""

from __future__ import annotations


def count(number: int, one: str, many: str = "") -> str:
    """How many: "1 venue", "1,204 venues", "2 entries". `many` is for words that do not simply take an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
