"""The one clock of the Python half.

Rules never read the machine's time themselves: they are given a Clock, so that tests, the tour and the demo can
stand at a fixed instant. SQL has its own single clock, `app.now()` (docs/design.md, "The database").
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What every rule needs to know about time."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start, never going backwards; for measuring, not for dates."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds of the machine's steady counter."""
        return time.monotonic()


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, instant: datetime) -> None:
        """Stand at `instant`. Raises ValueError for a naive one: it would mean a different moment on each machine."""
        if instant.tzinfo is None:
            raise ValueError("a fixed clock needs an aware datetime")
        self._now = instant.astimezone(UTC)
        self._monotonic = 0.0

    def now(self) -> datetime:
        """The instant it stands at, in UTC."""
        return self._now

    def monotonic(self) -> float:
        """Seconds moved so far."""
        return self._monotonic

    def advance(self, step: timedelta | float) -> None:
        """Move both readings forward by `step` (a number is seconds)."""
        delta = step if isinstance(step, timedelta) else timedelta(seconds=step)
        if delta < timedelta(0):
            raise ValueError("a clock does not go backwards")
        self._now += delta
        self._monotonic += delta.total_seconds()
