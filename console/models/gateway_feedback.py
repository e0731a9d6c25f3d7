"""What the screens of parents' reviews ask of the layers below. See docs/design.md, "Screens" (reviews and score)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from uuid import UUID

from console.domain.feedback import Ratings, ReviewRow, ReviewSettings, ReviewStep
from console.domain.paging import Page, PageRequest


class FeedbackReads(Protocol):
    """Reading reviews. `venue_id` None: of all venues, for headquarters. Raises ConsoleErrors only."""

    async def reviews(self, venue_id: UUID | None, request: PageRequest) -> Page[ReviewRow]:
        """A page, the newest first. Filters: stars, visible and replied ("yes", "no"), cause, waiting ("yes"),
        activity. Sorts: submitted, rating.
        """
        ...

    async def ratings(self, venue_id: UUID | None) -> Ratings:
        """How many of each, over what is visible."""
        ...

    async def history(self, review_id: UUID) -> Sequence[ReviewStep]:
        """What was decided about one, oldest first."""
        ...

    async def settings(self) -> ReviewSettings:
        """The thresholds and the length of a reply."""
        ...

    async def export(self, venue_id: UUID | None, request: PageRequest, path: Path) -> int:
        """As .csv or .xlsx; how many rows."""
        ...


class ReplyGateway(FeedbackReads, Protocol):
    """A venue answers."""

    async def keep_draft(self, review: ReviewRow, body: str) -> ReviewRow:
        """Keep what is typed; empty: no draft."""
        ...

    async def reply(self, review: ReviewRow, body: str) -> ReviewRow:
        """Answer in public. Raises Invalid beyond the limit, Conflict where somebody else answered."""
        ...

    async def take_back(self, review: ReviewRow) -> ReviewRow:
        """Take the answer back; it is a draft again."""
        ...


class ModerationGateway(FeedbackReads, Protocol):
    """Headquarters looks at reviews."""

    async def keep(self, review: ReviewRow) -> ReviewRow:
        """Nothing is wrong with it; it leaves the queue."""
        ...

    async def hide(self, review: ReviewRow, reason: str) -> ReviewRow:
        """Nobody sees it any more; ratings follow. Raises Conflict, Invalid, Denied."""
        ...

    async def restore(self, review: ReviewRow, reason: str) -> ReviewRow:
        """Show it again; ratings follow."""
        ...

    async def save_settings(self, settings: ReviewSettings) -> ReviewSettings:
        """Change the thresholds."""
        ...

    async def examples(self, settings: ReviewSettings) -> Sequence[tuple[ReviewRow, str]]:
        """Reviews those thresholds would bring into the queue, with why; writes nothing."""
        ...


class FeedbackGateway(ModerationGateway, ReplyGateway, Protocol):
    """Everything the page of reviews may ask for; which of it a person may do, the database decides."""
