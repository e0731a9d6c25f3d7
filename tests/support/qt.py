"""Fixtures for tests of the window: the Qt loop under pytest-asyncio, a theme, and a clock that stands still.

`tests/views/conftest.py` imports them, so every `async def` test there runs on the console's own loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget

from console.clock import FixedClock
from console.loop import QtEventLoop
from console.views.theme import ThemeHub

# Kept until Qt has deleted them: a window that Python collects first is taken apart in no particular order.
_shown: list[QWidget] = []

NOW = datetime(2026, 3, 12, 22, 42, tzinfo=UTC)


def new_loop() -> QtEventLoop:
    """The console's loop, inside the one application of the test process."""
    app = QApplication.instance() or QApplication(["nexus-console"])
    assert isinstance(app, QApplication)
    return QtEventLoop(app)


@pytest.fixture
def qt_loop(qapp: QApplication) -> Iterator[QtEventLoop]:
    """A loop of its own for tests that look at the loop itself."""
    loop = QtEventLoop(qapp)
    yield loop
    loop.close()


@pytest.fixture
def hub(qapp: QApplication) -> Iterator[ThemeHub]:
    """The light theme, applied."""
    made = ThemeHub("light")
    made.apply()
    yield made
    put_away(qapp)
    if made.mode != "light":
        made.set_mode("light")


@pytest.fixture
def clock() -> FixedClock:
    """A Thursday in March, 15:42 in Portland."""
    return FixedClock(NOW)


def put_away(app: QApplication) -> None:
    """Close what was shown: before another theme is applied, which would style every widget of it anew."""
    for widget in _shown:
        widget.close()
        widget.deleteLater()
    flush(app)
    _shown.clear()


def flush(app: QApplication) -> None:
    """Delete what asked to be deleted."""
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def present(widget: QWidget, width: int, height: int) -> None:
    """Show a widget at a size; the `hub` fixture takes it away after the test."""
    _shown.append(widget)
    widget.resize(width, height)
    widget.show()


def settle(widget: QWidget, width: int, height: int) -> None:
    """Show a widget and lay it out at once.

    Not inside a coroutine for a widget that starts a task when it is shown: events processed within a task cannot
    run another one.
    """
    present(widget, width, height)
    QApplication.processEvents()
