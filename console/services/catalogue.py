"""The catalogue of one venue, as its screens ask for it: what is typed is tidied and judged before it is sent.

See docs/design.md, "Screens" (activities).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from console.domain.catalogue import (
    Activity,
    ActivityFacts,
    ActivityRow,
    cannot_publish,
    checks,
    copy_name,
    faults,
    missing,
    tidied,
)
from console.domain.catalogue_bulk import MOST_ROWS, BulkChange, RowFate, bulk_faults
from console.domain.paging import Page, PageRequest
from console.errors import Invalid
from console.storage.catalogue import CatalogueStore


class CatalogueService:
    """One venue's activities for one signed-in person. Raises ConsoleErrors only."""

    def __init__(self, store: CatalogueStore, venue_id: UUID) -> None:
        """Nothing is asked before the first call."""
        self._store = store
        self._venue_id = venue_id

    async def page(self, request: PageRequest) -> Page[ActivityRow]:
        """A page of the catalogue."""
        return await self._store.page(self._venue_id, request)

    async def activity(self, activity_id: UUID) -> Activity:
        """One activity as it is now. Raises NotFound."""
        return await self._store.activity(self._venue_id, activity_id)

    async def add(self, facts: ActivityFacts) -> Activity:
        """A new activity, not published. Raises Invalid; its code is the field."""
        return await self._store.add(self._venue_id, _judged(facts))

    async def save(self, was: Activity, facts: ActivityFacts, *, publish: bool | None = None) -> Activity:
        """Keep facts and, where said, show it to parents or no longer.

        Raises Invalid (its code is the field, or "incomplete"), Conflict "version_changed".
        """
        judged = _judged(facts)
        shown = was.is_published if publish is None else publish
        needs = missing(checks(judged.category, judged.credits, judged.short, judged.image, was.upcoming))
        if shown and needs:
            hint = "Fill it in first." if publish else "Fill it in, or stop showing it to parents."
            raise Invalid(cannot_publish(needs), hint=hint, code="incomplete")
        return await self._store.save(self._venue_id, was, judged, publish)

    async def put_away(self, was: Activity, away: bool) -> Activity:
        """Take it out of the catalogue, or bring it back. Raises Conflict "version_changed"."""
        return await self._store.put_away(self._venue_id, was, away)

    async def duplicate(self, activity_id: UUID, name: str) -> Activity:
        """A copy called "Copy of ..." that is not published. Raises NotFound."""
        return await self._store.duplicate(self._venue_id, activity_id, copy_name(name))

    async def change_all(self, rows: Sequence[ActivityRow], change: BulkChange) -> Sequence[RowFate]:
        """Change many at once; what became of each, in their order. Raises Invalid, Denied."""
        if len(rows) > MOST_ROWS:
            raise Invalid(f"Choose at most {MOST_ROWS:,} activities.", code="too_many")
        for field, sentence in bulk_faults(change).items():
            raise Invalid(sentence, code=field)
        return await self._store.change_all(self._venue_id, rows, change)


def _judged(facts: ActivityFacts) -> ActivityFacts:
    kept = tidied(facts)
    for field, sentence in faults(kept).items():
        raise Invalid(sentence, code=field)
    return kept
