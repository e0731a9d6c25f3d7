"""What the schedule asks of a printer. How the week gets onto paper is not the page's business.

See docs/design.md, "Documents" and "Screens" (schedule).
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Protocol

from console.domain.programme import Calendar


class WeekPrinter(Protocol):
    """Prints the programme. Raises ConsoleErrors only."""

    async def print_week(self, calendar: Calendar, zone: tzinfo, *, by_instructor: bool = False) -> str:
        """A week, after a preview in which Enter prints; a sentence for a toast, empty where the person cancelled."""
        ...
