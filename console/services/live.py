"""Keeping a screen up to date with what other desks do, without asking all the time.

A hint leads to one question, "what changed since", and its answer to whatever the screen needs to fetch. However many
hints arrive, one refresh is under way and at most one waits. Whenever it is not known what was missed (the first
connection, one after a gap, a new channel), the same question catches up. See docs/design.md, "The database" (live
updates).
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from console.domain.changes import Changes
from console.errors import ConsoleError, Denied
from console.services.retry import Sleep

SPACING_SECONDS = 0.05
"""Between two refreshes, so that a rush at other desks costs the server a bounded number of questions."""
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 20.0


class Hears(Protocol):
    """Announcements of one venue."""

    def heard(self) -> AsyncIterator[str]:
        """One text per announcement, without an end; the first says that it listens. Raises ConsoleErrors."""
        ...


class ChangeReads(Protocol):
    """The question what changed."""

    async def since(self, venue_id: UUID, since: str | None) -> Changes:
        """What changed at a venue since an earlier answer's `until`."""
        ...


class LiveUpdates:
    """Live changes of one venue for one signed-in person; make a new one when the person or the venue changes."""

    def __init__(
        self,
        listener: Hears,
        changes: ChangeReads,
        venue_id: UUID,
        *,
        refresh: Callable[[Changes], Awaitable[None]],
        healthy: Callable[[bool], None] = lambda _on: None,
        failed: Callable[[ConsoleError], None] = lambda _error: None,
        sleep: Sleep = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`refresh` fetches what is shown again and is awaited; it gets everything, or what changed.

        `healthy` is told when listening begins and when it is lost (the screen then polls), `failed` of every
        ConsoleError. `sleep` and `jitter` (0 to 1) are for tests.
        """
        self._listener, self._changes, self._venue_id = listener, changes, venue_id
        self._refresh, self._healthy, self._failed = refresh, healthy, failed
        self._sleep, self._jitter = sleep, jitter
        self._hint = asyncio.Event()
        self._until: str | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._is_healthy = False

    @property
    def is_healthy(self) -> bool:
        """Whether changes are heard of at the moment they happen."""
        return self._is_healthy

    def start(self) -> None:
        """Listen from now on; call once, inside the running loop."""
        self._tasks = [asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._follow())]
        for task in self._tasks:
            task.add_done_callback(_surface)

    def hint(self) -> None:
        """Something may have changed: ask, unless a question already waits."""
        self._hint.set()

    async def stop(self) -> None:
        """End both tasks and close the connection: the person signs out or the window closes."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        self._set_healthy(False)

    async def _listen(self) -> None:
        failures = 0
        while True:
            try:
                async for _table in self._listener.heard():
                    failures = 0
                    self._set_healthy(True)
                    self.hint()
            except Denied as error:
                # Signed out, or no longer allowed here: trying again changes nothing.
                self._set_healthy(False)
                self._failed(error)
                return
            except ConsoleError as error:
                self._set_healthy(False)
                self._failed(error)
            # All desks lose a server at the same moment and must not all come back at the same moment.
            longest = min(FIRST_WAIT_SECONDS * 2**failures, LONGEST_WAIT_SECONDS)
            failures += 1
            await self._sleep(longest * (0.5 + 0.5 * self._jitter()))

    async def _follow(self) -> None:
        while True:
            await self._hint.wait()
            self._hint.clear()
            try:
                changes = await self._changes.since(self._venue_id, self._until)
                if not changes.nothing:
                    await self._refresh(changes)
            except ConsoleError as error:
                # `until` has not moved: the next question includes what this one would have said.
                self._failed(error)
                if isinstance(error, Denied):
                    return
                if self._is_healthy:
                    self._hint.set()
                await self._sleep(FIRST_WAIT_SECONDS * (1 + self._jitter()))
                continue
            self._until = changes.until
            await self._sleep(SPACING_SECONDS)

    def _set_healthy(self, on: bool) -> None:
        if on != self._is_healthy:
            self._is_healthy = on
            self._healthy(on)


def _surface(task: asyncio.Task[None]) -> None:
    """What nobody expected goes where all unexpected errors go."""
    with suppress(asyncio.CancelledError):
        error = task.exception()
        if error is not None:
            context = {"message": "Live updates failed.", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)
