"""Noticing that nobody is at the desk any more, so that it can lock by itself.

What is on the screen concerns children, and lobbies are public. A key, the mouse, a touch or a scan counts as
somebody being there. See docs/design.md, "The database" (authorisation) and "Screens".
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from console.clock import Clock
from console.views.widgets.base import torn_down

_SIGNS_OF_LIFE = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
        QEvent.Type.InputMethod,
    }
)
_SHORTEST_WAIT_MS = 250


class IdleWatch(QObject):
    """Calls `on_idle` once, after so many minutes without anybody; `start` begins anew after each sign-in."""

    def __init__(self, app: QApplication, minutes: int, on_idle: Callable[[], object], clock: Clock) -> None:
        """A watch that is not running. 0 minutes is never."""
        super().__init__(app)
        self._app, self._minutes, self._on_idle, self._clock = app, minutes, on_idle, clock
        self._running = False
        self._seen, self._seen_at = clock.monotonic(), clock.now()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self.check)

    @property
    def running(self) -> bool:
        """Whether the desk would lock by itself."""
        return self._running and self._minutes > 0

    def start(self) -> None:
        """Somebody signed in: watch from now on."""
        self._running = True
        self._begin()

    def stop(self) -> None:
        """Nobody is signed in: there is nothing to lock."""
        self._running = False
        self._begin()

    def set_minutes(self, minutes: int) -> None:
        """Wait longer or shorter from now on; 0 is never."""
        self._minutes = minutes
        self._begin()

    def check(self) -> None:
        """Lock if nobody has been there for long enough, else look again when that may be."""
        if not self.running:
            return
        left = self._minutes * 60 - self._elapsed()
        if left > 0:
            self._timer.start(max(int(left * 1000), _SHORTEST_WAIT_MS))
            return
        self.stop()
        self._on_idle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice a sign of life; the first one after a laptop slept too long locks, and does nothing else."""
        if torn_down(self) or event.type() not in _SIGNS_OF_LIFE:
            return False
        if self.running and self._elapsed() >= self._minutes * 60:
            self.check()
            return True
        self._note()
        return False

    def _begin(self) -> None:
        self._app.removeEventFilter(self)
        self._timer.stop()
        self._note()
        if self.running:
            self._app.installEventFilter(self)
            self.check()

    def _note(self) -> None:
        self._seen, self._seen_at = self._clock.monotonic(), self._clock.now()

    def _elapsed(self) -> float:
        """Seconds since the last sign of life: by the wall too, because the steady clock stands still in sleep."""
        now: datetime = self._clock.now()
        return max(self._clock.monotonic() - self._seen, (now - self._seen_at).total_seconds())
