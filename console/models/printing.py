"""What the desk's screens ask of a printer: which paper, of what; how it gets onto paper is not their business.

See docs/design.md, "Documents" and "Screens" (front desk).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from console.domain.day import Building, DaySummary, LabelFacts
from console.domain.desk import RosterEntry, SessionSummary


class DeskPrinter(Protocol):
    """Prints for one desk. Each answers a sentence for a toast ("Labels printed"), empty where the person cancelled.

    `as_of` is how old the facts are, printed on the page where it is given: a roster made offline says so.
    Raises ConsoleErrors only.
    """

    async def print_roster(
        self, session: SessionSummary, entries: Sequence[RosterEntry], *, as_of: datetime | None = None
    ) -> str:
        """A session's roster, after a preview in which Enter prints."""
        ...

    async def print_labels(self, labels: Sequence[LabelFacts]) -> str:
        """A label for each child and a pickup tag for each family, at once and without a question."""
        ...

    async def print_roll_call(self, building: Building, *, as_of: datetime | None = None) -> str:
        """Who is in the building, by room, after a preview in which Enter prints."""
        ...

    async def print_day(self, summary: DaySummary) -> str:
        """The day in numbers, after a preview in which Enter prints."""
        ...
