"""Waiting until something can be seen, so that work which keeps the processor busy begins after it."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

_PATIENCE = 0.5  # seconds; a window that is minimised or covered is never painted


async def painted(widget: QWidget) -> None:
    """Wait until a widget on show has been painted, but not for ever; one that is not on show is not waited for."""
    if not widget.isVisible():
        return
    watch = _Watch(widget)
    try:
        await asyncio.wait_for(watch.done.wait(), _PATIENCE)
    except TimeoutError:
        return
    finally:
        watch.end()


class _Watch(QObject):
    """Notices the next paint of a widget."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.done = asyncio.Event()
        self._widget = widget
        widget.installEventFilter(self)
        widget.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Whoever waits runs after the paint."""
        if event.type() is QEvent.Type.Paint:
            self.done.set()
        return False

    def end(self) -> None:
        """Watch no more."""
        self._widget.removeEventFilter(self)
        self.deleteLater()
