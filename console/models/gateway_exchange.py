"""What the sheet for import and export asks of the layers below it.

A file is opened, looked at, and taken in: three steps, of which only the last writes. See docs/design.md, "Screens"
(schedule).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from console.domain.exchange import Columns, Opened, Published, Report, Taken, Wish, Written
from console.domain.programme import Choices

Progress = Callable[[int, int], None]
"""Told how much is done of how much, in the loop's own thread."""


class ExchangeGateway(Protocol):
    """One venue's programme, out and in. Raises ConsoleErrors only; cancelling a call leaves nothing half done."""

    async def choices(self) -> Choices:
        """Rooms and instructors to choose from."""
        ...

    async def export(self, wish: Wish, path: Path) -> Written:
        """Write what is wished for. Raises Unavailable where the file cannot be written."""
        ...

    async def open_file(self, path: Path, progress: Progress) -> Opened:
        """Read a file. Raises Invalid, NotFound or Unavailable with one sentence for each way it cannot be read."""
        ...

    async def open_address(self, address: str, private: bool, progress: Progress) -> Opened:
        """Read a calendar at an address; `private` allows one inside the venue's own network."""
        ...

    async def look(
        self, opened: Opened, columns: Columns | None, capacity: int, progress: Progress
    ) -> Report:
        """What it would make; nothing is written, but the columns of a table are remembered."""
        ...

    async def take(self, report: Report) -> Taken:
        """Do what the report says, once. Raises Conflict "plan_changed" when that is no longer what would happen."""
        ...

    def published(self) -> Published | None:
        """The file that this desk keeps up to date, if any."""
        ...

    async def publish(self, wish: Published | None) -> Published | None:
        """Keep a file up to date from now on, or no longer; written once at once. Raises where that fails."""
        ...
