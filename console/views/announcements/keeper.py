"""Keeps the strip over the window true: asks what runs, shows one at a time, and puts away what was read.

The composition root makes one for each person who signs in. See docs/design.md, "Borrowed from neighbouring systems"
(announcements as a banner).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from console.domain.venue_file import Announcement
from console.errors import ConsoleError, NotFound
from console.models.gateway_venue_file import BannerGateway
from console.models.runner import TaskRunner

_POLL_MS = 60_000


class ShowsAnnouncements(Protocol):
    """The window, as far as announcements know it."""

    def show_announcement(self, announcement: Announcement | None, place: int = 1, of: int = 1) -> None:
        """Show one over the page, or none."""
        ...


class AnnouncementKeeper(QObject):
    """The keeper. `reached` is for the status bar: None or the ConsoleError."""

    reached = Signal(object)

    def __init__(
        self,
        window: ShowsAnnouncements,
        gateway: BannerGateway,
        *,
        venue_id: UUID | None,
        parent: QObject | None = None,
        poll_ms: int = _POLL_MS,
    ) -> None:
        """Nothing is asked before `start`; `venue_id` None at headquarters."""
        super().__init__(parent)
        self._window, self._gateway, self._venue_id = window, gateway, venue_id
        self._running: list[Announcement] = []
        self._whole = 0
        self.runner = TaskRunner(self.reached.emit)
        self._poll = QTimer(self)
        self._poll.setInterval(poll_ms)
        self._poll.timeout.connect(self.refresh)

    def start(self) -> None:
        """Ask now and from time to time; `poll_ms` 0: now only."""
        self.refresh()
        if self._poll.interval() > 0:
            self._poll.start()

    def stop(self) -> None:
        """The person leaves: nothing more is asked, and nothing stands there."""
        self._poll.stop()
        self.runner.cancel_all()
        self._running, self._whole = [], 0
        self._window.show_announcement(None)

    def refresh(self) -> None:
        """Ask what runs."""
        self.runner.start(self._load(), "load")

    def put_away(self, announcement_id: object) -> None:
        """It was read: the next one follows at once."""
        gone = next((one for one in self._running if one.id == announcement_id), None)
        if gone is not None:
            self._running.remove(gone)
            self._show()
            self.runner.start(self._put_away(gone))

    async def _load(self) -> None:
        found = await self._gateway.running(self._venue_id)
        self.reached.emit(None)
        self._take(found)

    def _take(self, found: Sequence[Announcement]) -> None:
        new = {one.id for one in found} - {one.id for one in self._running}
        self._running = list(found)
        if new or not self._running:
            self._whole = len(self._running)
        self._show()

    async def _put_away(self, gone: Announcement) -> None:
        try:
            await self._gateway.put_away(gone.id)
        except NotFound:
            return  # withdrawn meanwhile: gone either way
        except ConsoleError:
            self._running.insert(0, gone)
            self._show()
            raise

    def _show(self) -> None:
        if not self._running:
            self._whole = 0
            self._window.show_announcement(None)
            return
        self._whole = max(self._whole, len(self._running))
        place = self._whole - len(self._running) + 1
        self._window.show_announcement(self._running[0], place, self._whole)
