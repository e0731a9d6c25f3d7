"""Opening the window, and the guided tour: what the command line starts."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication

from console import logs
from console.app.life import App
from console.loop import ErrorHook, QtEventLoop
from console.settings import Settings

if TYPE_CHECKING:
    from console.worker.beside import WorkerBeside

_WORKER_AFTER_SECONDS = 3.0
"""The worker loads what the window loads: whoever signs in at once shall not wait for it."""
_WORKER_AGAIN_SECONDS = 300.0


def run(settings: Settings, *, demo: bool = True) -> int:
    """Open the window and stay until it is closed; the exit code."""
    logs.configure(settings.log_level)
    qt = _application()
    loop = QtEventLoop(qt)
    asyncio.set_event_loop(loop)
    with loop:
        loop.run_until_complete(_stay(loop, settings, demo))
    return 0


async def _stay(loop: asyncio.AbstractEventLoop, settings: Settings, demo: bool) -> None:
    app = App(settings, demo=demo)
    app.hub.apply()
    for number in (signal.SIGINT, signal.SIGTERM):
        # The window's own timers wake the interpreter every second, so a handler runs soon.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(app.closed.set))
    with ErrorHook(loop, app.report):
        app.window.show()
        await app.start()
        from console.worker.beside import WorkerBeside  # not before the first page is painted

        worker = WorkerBeside(settings)
        working = asyncio.ensure_future(_work_beside(app, worker))
        await app.closed.wait()
        app.window.hide()
        working.cancel()
        await asyncio.to_thread(worker.stop)
        await app.stop()


async def _work_beside(app: App, worker: WorkerBeside) -> None:
    """Start the background work once the sign-in page is on the screen, and again where it ended by itself.

    Only a console with a server of its own has it here.
    """
    await app.ready.wait()
    await asyncio.sleep(_WORKER_AFTER_SECONDS)
    while True:
        await asyncio.to_thread(worker.start)
        await asyncio.sleep(_WORKER_AGAIN_SECONDS)


def guided_tour(out: Path) -> int:
    """Sign in as each role without a screen, do the main job, and leave numbered pictures in `out`."""
    from console.tour.guided import take_guided_tour

    return take_guided_tour(out, App)


def _application() -> QApplication:
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    qt.setApplicationName("Nexus Console")
    qt.setQuitOnLastWindowClosed(False)
    return qt
