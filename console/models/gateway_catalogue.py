"""What the catalogue's screens ask of the layers below them.

See docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from console.domain.catalogue import Activity, ActivityFacts, ActivityRow
from console.domain.catalogue_bulk import BulkChange, RowFate
from console.domain.paging import Page, PageRequest


class CatalogueGateway(Protocol):
    """The activities of one venue. Raises ConsoleErrors only."""

    async def page(self, request: PageRequest) -> Page[ActivityRow]:
        """A page of the catalogue.

        Sorted by name, category, ages, credits, length, places, upcoming, rating or state; filters are `state` (draft,
        published, away; without it all that are not put away), `category` and `tag`.
        """
        ...

    async def activity(self, activity_id: UUID) -> Activity:
        """One activity as it is now. Raises NotFound."""
        ...

    async def add(self, facts: ActivityFacts) -> Activity:
        """A new activity, not published. Raises Invalid for facts that cannot be."""
        ...

    async def save(self, was: Activity, facts: ActivityFacts, *, publish: bool | None = None) -> Activity:
        """Keep facts and, where said, show it to parents or no longer.

        Raises Conflict "version_changed" when somebody else changed it, Invalid for facts that cannot be.
        """
        ...

    async def put_away(self, was: Activity, away: bool) -> Activity:
        """Take it out of the catalogue, or bring it back. Its sessions stay. Raises Conflict "version_changed"."""
        ...

    async def duplicate(self, activity_id: UUID, name: str) -> Activity:
        """A copy called "Copy of ..." that is not published. Raises NotFound."""
        ...

    async def change_all(self, rows: Sequence[ActivityRow], change: BulkChange) -> Sequence[RowFate]:
        """Change many at once; what became of each, in their order."""
        ...
