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


class CorrectedClock:
    """The machine's clock, set right by what the server says the time is.

    A desk whose clock is wrong must neither show the wrong day nor claim wrong times for what it records; and a
    database whose clock stands (a test, a tour) takes its desks along. See docs/design.md, "The desk protocol".
    """

    def __init__(self, base: Clock) -> None:
        """Follow `base` until the first correction."""
        self._base = base
        self._offset = timedelta(0)

    @property
    def offset(self) -> timedelta:
        """How far the machine's clock is behind the server's."""
        return self._offset

    def correct(self, server_time: datetime) -> timedelta:
        """Take over the server's time as of now; what that changed the offset to."""
        self._offset = server_time.astimezone(UTC) - self._base.now()
        return self._offset

    def now(self) -> datetime:
        """The present instant by the server's clock, in UTC."""
        return self._base.now() + self._offset

    def monotonic(self) -> float:
        """Seconds of the machine's steady counter."""
        return self._base.monotonic()
