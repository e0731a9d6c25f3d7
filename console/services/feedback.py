"""Reviews as their screens ask for them: a venue answers, headquarters looks; lists as files.

See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from uuid import UUID

from console.domain.feedback import Cause, Ratings, ReviewRow, ReviewSettings, ReviewStep
from console.domain.paging import Page, PageRequest
from console.errors import Invalid
from console.reports.sheets import SheetColumn
from console.services.exports import ExportColumn, export
from console.services.retry import Sleep, until_answered
from console.storage.feedback import FeedbackQueries

CAUSE_WORDS = {
    Cause.FLAGGED: "Flagged",
    Cause.RISKY_WORDS: "Risky words",
    Cause.BURST: "Burst",
    Cause.EXTREME: "Far from the average",
}


class FeedbackService:
    """What models.gateway_feedback asks for, for one signed-in person. Raises ConsoleErrors only."""

    def __init__(self, queries: FeedbackQueries, *, sleep: Sleep = asyncio.sleep) -> None:
        """Nothing is asked before the first call."""
        self._queries = queries
        self._sleep = sleep

    async def reviews(self, venue_id: UUID | None, request: PageRequest) -> Page[ReviewRow]:
        """A page, the newest first. Filters: stars, visible, replied, cause, waiting, activity."""
        return await self._queries.reviews(venue_id, request)

    async def ratings(self, venue_id: UUID | None) -> Ratings:
        """How many of each, over what is visible."""
        return await self._queries.ratings(venue_id)

    async def history(self, review_id: UUID) -> Sequence[ReviewStep]:
        """What was decided about one, oldest first."""
        return await self._queries.history(review_id)

    async def settings(self) -> ReviewSettings:
        """The thresholds and the length of a reply."""
        return await self._queries.settings()

    async def export(self, venue_id: UUID | None, request: PageRequest, path: Path) -> int:
        """As .csv or .xlsx; how many rows. Raises Invalid for another ending, Unavailable for a full disk."""
        columns = _COLUMNS if venue_id is None else _VENUE_COLUMNS
        done = await export(path, columns, partial(self._queries.reviews, venue_id), request, name="Reviews")
        return done.rows

    async def keep_draft(self, review: ReviewRow, body: str) -> ReviewRow:
        """Keep what is typed; empty: no draft."""
        return await self._queries.keep_draft(review, body)

    async def reply(self, review: ReviewRow, body: str) -> ReviewRow:
        """Answer in public. Asked again after a lost answer, it is answered once."""
        if not body.strip():
            raise Invalid("Write the answer first.", code="body")
        return await until_answered(partial(self._queries.reply, review, body), self._sleep)

    async def take_back(self, review: ReviewRow) -> ReviewRow:
        """Take the answer back; it is a draft again."""
        return await self._queries.take_back(review)

    async def keep(self, review: ReviewRow) -> ReviewRow:
        """Nothing is wrong with it; it leaves the queue."""
        return await self._queries.decide(review, "keep", None)

    async def hide(self, review: ReviewRow, reason: str) -> ReviewRow:
        """Nobody sees it any more; ratings follow."""
        if not reason.strip():
            raise Invalid("Say why this review is hidden.", code="reason")
        return await self._queries.decide(review, "hide", reason)

    async def restore(self, review: ReviewRow, reason: str) -> ReviewRow:
        """Show it again; ratings follow."""
        if not reason.strip():
            raise Invalid("Say why this review is shown again.", code="reason")
        return await self._queries.decide(review, "restore", reason)

    async def save_settings(self, settings: ReviewSettings) -> ReviewSettings:
        """Change the thresholds."""
        return await self._queries.save_settings(settings)

    async def examples(self, settings: ReviewSettings) -> Sequence[tuple[ReviewRow, str]]:
        """Reviews those thresholds would bring into the queue, with why; writes nothing."""
        return await self._queries.examples(settings)


def _why(review: ReviewRow) -> str:
    return "; ".join(
        f"{CAUSE_WORDS[cause]}: {says}" if says else CAUSE_WORDS[cause]
        for cause, says in review.causes.items()
    )


_VENUE_COLUMNS: tuple[ExportColumn[ReviewRow], ...] = (
    ExportColumn(SheetColumn("Written", "moment", 18), lambda one: one.submitted_at),
    ExportColumn(SheetColumn("Activity", width=28), lambda one: one.activity),
    ExportColumn(SheetColumn("Stars", "number", 8), lambda one: one.rating),
    ExportColumn(SheetColumn("Review", width=60), lambda one: one.words),
    ExportColumn(SheetColumn("State", width=10), lambda one: "Visible" if one.is_visible else "Hidden"),
    ExportColumn(SheetColumn("Hidden because", width=40), lambda one: one.hidden_reason),
    ExportColumn(SheetColumn("Answer", width=60), lambda one: one.reply),
    ExportColumn(SheetColumn("Answered", "moment", 18), lambda one: one.replied_at),
    ExportColumn(SheetColumn("Answered by", width=16), lambda one: one.replied_by),
)
_COLUMNS: tuple[ExportColumn[ReviewRow], ...] = (
    ExportColumn(SheetColumn("Venue", width=28), lambda one: one.venue),
    *_VENUE_COLUMNS,
    ExportColumn(SheetColumn("To be looked at", width=40), _why),
)
