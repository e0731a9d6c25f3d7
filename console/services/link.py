"""How well the server answers just now, as every exchange with it tells: one small state that all of a desk shares.

Nobody chooses the mode. A statement that fails, or is not answered within a second, means offline for all; only the
sync engine, after two good probes, says online again. See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from console.clock import Clock
from console.domain.sync import Mode

SLOW_SECONDS = 0.4
"""An answer that takes longer makes the connection slow."""

QUICK_TO_RECOVER = 2
"""So many quick answers in a row make a slow connection a good one again."""


class Link:
    """The mode of one desk's connection. It begins online: the first exchange shows whether that is true."""

    def __init__(self, clock: Clock, changed: Callable[[], None] = lambda: None) -> None:
        """`changed` is told after each change of mode.

        `watched` says that somebody probes the server and will say when it is back: without that it is never away.
        """
        self.changed = changed
        self.watched = False
        self._clock = clock
        self._mode = Mode.ONLINE
        self._since: datetime | None = None
        self._quick = 0
        self._lost = asyncio.Event()

    @property
    def mode(self) -> Mode:
        """The present mode."""
        return self._mode

    @property
    def since(self) -> datetime | None:
        """When the present mode began; None while it is the first."""
        return self._since

    @property
    def is_away(self) -> bool:
        """Whether the desk's own data answers."""
        return self._mode is Mode.OFFLINE

    def answered(self, seconds: float) -> None:
        """An exchange was answered after so many seconds. Offline only probes count: see `returned`."""
        if self.is_away:
            return
        if seconds > SLOW_SECONDS:
            self._quick = 0
            self._become(Mode.SLOW)
        elif self._mode is Mode.SLOW:
            self._quick += 1
            if self._quick >= QUICK_TO_RECOVER:
                self._become(Mode.ONLINE)

    def lost(self) -> None:
        """An exchange failed, or was not answered in time."""
        if self.watched:
            self._become(Mode.OFFLINE)

    def returned(self) -> None:
        """The server answers again; what waited has been sent."""
        self._become(Mode.ONLINE)

    async def until_lost(self) -> None:
        """Wait until the mode is offline."""
        await self._lost.wait()

    def _become(self, mode: Mode) -> None:
        if mode is self._mode:
            return
        self._mode, self._since, self._quick = mode, self._clock.now(), 0
        if mode is Mode.OFFLINE:
            self._lost.set()
        else:
            self._lost.clear()
        self.changed()
