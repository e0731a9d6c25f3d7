"""Seeded chance, so that the same seed and instant give the same demo, down to every id.

Each subject of the demo draws from a stream of its own (`Chance(seed, "families")`), so that a change in one of them
does not reshuffle all the others.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

T = TypeVar("T")

_VERSION_4 = (0x4 << 76) | (0x2 << 62)
_VERSION_7 = (0x7 << 76) | (0x2 << 62)
_RANDOM_BITS = ((1 << 128) - 1) & ~(0xF << 76) & ~(0x3 << 62)
_BELOW_TIME = (1 << 80) - 1


class Chance:
    """A named stream of repeatable random choices."""

    def __init__(self, seed: int, subject: str) -> None:
        """Start the stream that belongs to `subject`; equal arguments give equal streams on every machine."""
        self._random = random.Random(f"nexus-demo/{seed}/{subject}")  # noqa: S311 - must be repeatable

    def uuid(self) -> str:
        """A version 4 UUID as 32 hexadecimal digits."""
        return f"{(self._random.getrandbits(128) & _RANDOM_BITS) | _VERSION_4:032x}"

    def uuid7(self, at: datetime) -> str:
        """A version 7 UUID of the instant `at`, as desks make for their events, as 32 hexadecimal digits."""
        milliseconds = int(at.timestamp() * 1000)
        low = self._random.getrandbits(128) & _RANDOM_BITS & _BELOW_TIME
        return f"{(milliseconds << 80) | low | _VERSION_7:032x}"

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self._random.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely."""
        return choices[int(self._random.random() * len(choices))]

    def weighted(self, choices: Sequence[T], weights: Sequence[float]) -> T:
        """One of the choices, in proportion to its weight."""
        return self._random.choices(choices, weights)[0]

    def sample(self, choices: Sequence[T], count: int) -> list[T]:
        """`count` different choices, or all of them where there are fewer, in random order."""
        return self._random.sample(choices, min(count, len(choices)))

    def bits(self, count: int) -> int:
        """`count` random bits as a number."""
        return self._random.getrandbits(count)
