"""What the manager's page of review items asks of the layers below it.

See docs/design.md, "The desk protocol".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from console.domain.reviewing import Decided, ReviewChoice, ReviewFacts, ReviewItem


class ReviewGateway(Protocol):
    """The review items of the venue. Raises ConsoleErrors only."""

    async def items(self, *, done: bool = False, after: Sequence[object] | None = None) -> list[ReviewItem]:
        """Open items, oldest first; with `done` also decided ones, newest first. `after` is a page_key."""
        ...

    async def open_count(self) -> int:
        """How many items are open."""
        ...

    async def facts(self, item_id: UUID) -> ReviewFacts:
        """Everything to decide an item by."""
        ...

    async def decide(self, facts: ReviewFacts, choice: ReviewChoice, reason: str = "") -> Decided:
        """Decide it. Raises Conflict "decided_already" when somebody else has."""
        ...
