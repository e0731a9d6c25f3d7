"""Asyncio on Qt's event loop, with timers that can be relied on.

Stock qasync rounds a delay down and lets Qt coalesce it, so a timer may fire up to 26 ms early, and a cancelled one
stays allocated until it would have fired: a console that sets a timeout on every query would collect thousands. Here a
delay is rounded up, timers are precise, none runs before its time, and cancelling one kills it at once. This module
also names the one place every unexpected error goes to. See docs/design.md, "Runtime".
"""

from __future__ import annotations

import asyncio
import math
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from types import TracebackType
from typing import Any

import qasync
from PySide6.QtCore import QObject, Qt, QTimerEvent
from PySide6.QtWidgets import QApplication

Report = Callable[[BaseException, str], None]


class _Timers(QObject):
    """Qt timers by handle, and the queue of what is to run at once."""

    def __init__(self) -> None:
        super().__init__()
        self._handles: dict[int, asyncio.TimerHandle] = {}
        self._ids: dict[int, int] = {}
        self._ready: deque[asyncio.Handle] = deque()
        self._ready_id = 0

    def __len__(self) -> int:
        """How many timers are waiting."""
        return len(self._handles)

    def soon(self, handle: asyncio.Handle) -> None:
        """Run `handle` in the next round, after those that were there before it."""
        self._ready.append(handle)
        if not self._ready_id:
            self._ready_id = self.startTimer(0)

    def later(self, handle: asyncio.TimerHandle) -> None:
        """Run `handle` when its time has come, not before."""
        left = max(handle.when() - time.monotonic(), 0.0)
        timer = self.startTimer(math.ceil(left * 1000), Qt.TimerType.PreciseTimer)
        self._handles[timer] = handle
        self._ids[id(handle)] = timer

    def forget(self, handle: asyncio.TimerHandle) -> None:
        """Kill the timer of a cancelled handle."""
        timer = self._ids.pop(id(handle), 0)
        if timer:
            self.killTimer(timer)
            del self._handles[timer]

    def stop(self) -> None:
        """Kill everything: the loop is closed."""
        for timer in (*self._handles, *((self._ready_id,) if self._ready_id else ())):
            self.killTimer(timer)
        self._handles.clear()
        self._ids.clear()
        self._ready.clear()
        self._ready_id = 0

    def set_debug(self, enabled: bool) -> None:
        """Nothing differs while debugging; the stock loop asks."""

    def timerEvent(self, event: QTimerEvent) -> None:
        """Run what is due."""
        timer = event.timerId()
        # Killed before anything runs: a callback that opens a nested Qt loop must not lock out the others.
        self.killTimer(timer)
        if timer == self._ready_id:
            self._ready_id = 0
            self._run_ready()
            return
        handle = self._handles.pop(timer, None)
        if handle is None:
            return
        del self._ids[id(handle)]
        if handle.when() > time.monotonic():
            self.later(handle)
        elif not handle.cancelled():
            _run(handle)

    def _run_ready(self) -> None:
        for _ in range(len(self._ready)):
            if not self._ready:
                break
            handle = self._ready.popleft()
            if not handle.cancelled():
                _run(handle)
        if self._ready and not self._ready_id:
            self._ready_id = self.startTimer(0)


def _run(handle: asyncio.Handle) -> None:
    handle._run()  # what every asyncio loop calls; there is no public name for it


class _FromThread:
    """What another thread asked for: it lies in Qt's queue until the loop's turn, which may have been its last."""

    def __init__(self, callback: Callable[..., Any]) -> None:
        self._callback = callback

    def __call__(self, *args: object) -> None:
        self._callback(*args)


class QtEventLoop(qasync.QSelectorEventLoop):  # type: ignore[misc]  # qasync has no type hints
    """The console's event loop. The selector kind on Windows too: the database driver refuses the other."""

    def __init__(self, app: QApplication) -> None:
        """A loop that runs inside `app`, which must exist."""
        super().__init__(app)
        self._timer = _Timers()

    @property
    def waiting_timers(self) -> int:
        """How many timers are set; a test holds this to none after everything was cancelled."""
        return len(self._timer)

    def call_soon(
        self, callback: Callable[..., Any], *args: object, context: Context | None = None
    ) -> asyncio.Handle:
        """Run `callback` in the next round."""
        handle = asyncio.Handle(callback, args, self, context)
        if isinstance(callback, _FromThread) and self.is_closed():
            handle.cancel()  # asked in time, heard too late: nobody waits for it any more
            return handle
        self._refuse_coroutine(callback)
        self._timer.soon(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[..., Any], *args: object, context: Context | None = None
    ) -> None:
        """Run `callback` in the next round of the loop's own thread."""
        self._refuse_coroutine(callback)
        super().call_soon_threadsafe(_FromThread(callback), *args, context=context)

    def call_later(
        self, delay: float, callback: Callable[..., Any], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run `callback` after `delay` seconds, never earlier."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., Any], *args: object, context: Context | None = None
    ) -> asyncio.TimerHandle:
        """Run `callback` when the loop's clock shows `when`, never earlier."""
        self._refuse_coroutine(callback)
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._timer.later(handle)
        return handle

    def time(self) -> float:
        """The loop's clock, in seconds."""
        return time.monotonic()

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        self._timer.soon(handle)
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        self._timer.forget(handle)

    def _refuse_coroutine(self, callback: Callable[..., Any]) -> None:
        if asyncio.iscoroutinefunction(callback):
            raise TypeError("a coroutine cannot be a callback")
        if self.is_closed():
            raise RuntimeError("Event loop is closed")


class ErrorHook:
    """Leads every unexpected error to one function, while it is entered.

    Errors of slots and of the interpreter come through `sys.excepthook`, those of threads and of tasks that nobody
    awaits through their own hooks; `report(error, where)` gets them all. It must not raise; if it does, the
    interpreter's own hook prints both.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, report: Report) -> None:
        """Prepare the hook for `loop`; entering it sets it."""
        self._loop = loop
        self._report = report
        self._before = (sys.excepthook, threading.excepthook)

    def __enter__(self) -> ErrorHook:
        """Set the hook."""
        self._before = (sys.excepthook, threading.excepthook)
        sys.excepthook = self._of_interpreter
        threading.excepthook = self._of_thread
        self._loop.set_exception_handler(self._of_loop)
        return self

    def __exit__(self, *_exc: object) -> None:
        """Put everything back as it was."""
        sys.excepthook, threading.excepthook = self._before
        if not self._loop.is_closed():
            self._loop.set_exception_handler(None)

    def _of_interpreter(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        self._hand_over(error.with_traceback(trace), "the window")

    def _of_thread(self, facts: threading.ExceptHookArgs) -> None:
        error = facts.exc_value
        if error is not None and not isinstance(error, SystemExit):
            self._hand_over(error, f"thread {facts.thread.name if facts.thread else ''}".strip())

    def _of_loop(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        where = str(context.get("message") or "a task")
        self._hand_over(error if isinstance(error, BaseException) else RuntimeError(where), where)

    def _hand_over(self, error: BaseException, where: str) -> None:
        try:
            self._report(error, where)
        except Exception as broken:  # noqa: BLE001  (the last line of defence)
            self._before[0](type(broken), broken, broken.__traceback__)
            self._before[0](type(error), error, error.__traceback__)
