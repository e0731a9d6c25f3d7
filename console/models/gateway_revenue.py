"""What the revenue screen asks of the layers below it. See docs/design.md, "Screens" (finance)."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from console.domain.revenue import Revenue


class RevenueGateway(Protocol):
    """Money over months: of one venue, or of all. Raises ConsoleErrors only."""

    async def revenue(self, first: date, last: date) -> Revenue:
        """From the month of `first` to the month of `last`, both included; both are first days."""
        ...
