"""A console in a process of its own, for what can only be measured from its start: `python -m tests.bench.probe WHAT`.

`start` says when the sign-in page has been painted. `work EMAIL PASSWORD` then answers lines on its standard input:
"sign in" with the milliseconds from there to a painted roster, "memory" with the megabytes of the idle process. `bare`
is a PySide6 window with nothing in it: "painted", then its megabytes. The database is that of DATABASE_URL.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget


class _Painted(QObject):
    """Tells once, after a widget's next paint."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.done = asyncio.Event()
        widget.installEventFilter(self)
        widget.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.done.set()  # whoever waits runs after the paint
        return super().eventFilter(watched, event)


def megabytes() -> float:
    """What this process holds of the machine's memory."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise OSError("this system does not say how much memory a process holds")


def say(words: str) -> None:
    """One line to whoever measures."""
    print(words, flush=True)


def bare() -> None:
    """A window with nothing in it, the least that this stack can do."""
    app = QApplication(sys.argv[:1])

    class Window(QWidget):
        def paintEvent(self, _event: object) -> None:
            say("painted")
            say(f"{megabytes()}")
            QTimer.singleShot(0, app.quit)

    window = Window()
    window.resize(1440, 900)
    window.show()
    app.exec()


def console(email: str | None, password: str) -> None:
    """The console as `nexus-console run` opens it."""
    from console import app as composition
    from console import settings
    from console.loop import QtEventLoop
    from console.views.entry.sign_in import SignInPage

    chosen = settings.load()
    qt = QApplication(sys.argv[:1])
    qt.setApplicationName("Nexus Console")
    qt.setQuitOnLastWindowClosed(False)
    loop = QtEventLoop(qt)
    asyncio.set_event_loop(loop)

    async def stay() -> None:
        app = composition.App(chosen)
        app.hub.apply()
        app.window.resize(1440, 900)
        app.window.show()
        starting = asyncio.ensure_future(app.start())
        while not isinstance(page := app.window.page(), SignInPage):
            await asyncio.sleep(0.001)
        await _Painted(page).done.wait()
        say("painted")
        await starting
        if email is not None:
            await work(app, email, password)
        await app.stop()

    with loop:
        loop.run_until_complete(stay())


async def work(app: object, email: str, password: str) -> None:
    """Do as told until there is nothing more to read."""
    from console.app import App
    from console.views.front_desk.page import TodayPage

    assert isinstance(app, App)
    while order := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if order == "memory":
            await asyncio.sleep(1)
            say(f"{megabytes()}")
            continue
        if isinstance(app.window.page(), TodayPage):
            await app.sign_out()
        started = time.perf_counter()
        app.enter(await app.sign_in(email, password))
        page = app.window.page()
        assert isinstance(page, TodayPage)
        while not page.day.roster.rowCount():
            await asyncio.sleep(0.001)
        await _Painted(page.middle.roster.list.viewport()).done.wait()
        say(f"{(time.perf_counter() - started) * 1000}")


if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if sys.argv[1] == "bare":
        bare()
    else:
        console(*(sys.argv[2:4] if sys.argv[1] == "work" else (None, "")))
