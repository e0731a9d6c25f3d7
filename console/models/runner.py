"""One way to start work that takes time from a screen: remembered, cancelled with the screen, one path for errors.

A task that nobody keeps is collected in the middle of its work, and a task that outlives its page paints into a
deleted widget. The runner keeps both from happening. A ConsoleError goes to the page; anything else goes to the
loop's exception handler, where the one reporter of the program waits. See docs/design.md, "Runtime".
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from console.errors import ConsoleError


class TaskRunner:
    """Starts coroutines for one page."""

    def __init__(self, failed: Callable[[ConsoleError], None]) -> None:
        """`failed` is told of every ConsoleError that a task did not handle itself."""
        self._failed = failed
        self._tasks: set[asyncio.Task[None]] = set()
        self._named: dict[str, asyncio.Task[None]] = {}

    def start(self, work: Coroutine[Any, Any, None], name: str | None = None) -> None:
        """Run `work`. A newer task of the same `name` replaces the older one, which is cancelled."""
        if name is not None and (older := self._named.get(name)) is not None:
            older.cancel()
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        if name is not None:
            self._named[name] = task

    def cancel_all(self) -> None:
        """Stop everything: the page is closing or the person signs out."""
        for task in self._tasks:
            task.cancel()
        self._named.clear()

    def cancel(self, name: str) -> None:
        """Stop the task of that name, if it still runs."""
        task = self._named.pop(name, None)
        if task is not None:
            task.cancel()

    @property
    def busy(self) -> bool:
        """Whether anything still runs."""
        return bool(self._tasks)

    async def settled(self) -> None:
        """Wait until nothing runs."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled():
            return
        error = task.exception()
        if isinstance(error, ConsoleError):
            self._failed(error)
        elif error is not None:
            context = {"message": "A task of a page failed.", "exception": error, "task": task}
            task.get_loop().call_exception_handler(context)
