"""What the statistics screen asks of the layers below it. See docs/design.md, "Screens" (daily statistics)."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from console.domain.statistics import SessionFigures


class StatisticsGateway(Protocol):
    """One venue in numbers. Raises ConsoleErrors only."""

    async def figures(self, first: date, last: date) -> tuple[SessionFigures, ...]:
        """Every session of some local days, both included, in order of its start."""
        ...
