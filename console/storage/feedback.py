"""Parents' reviews over one database: pages, ratings, what was decided, answers, and the thresholds of the queue.

Everything comes out of `feedback.*` functions, which ask who may and never say who wrote. One statement each. See
docs/design.md, "Screens" (reviews and score) and "The database" (authorisation, round trips).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from console.domain.feedback import Cause, Ratings, ReviewRow, ReviewSettings, ReviewStep
from console.domain.paging import Page, PageRequest
from console.errors import Invalid
from console.storage.database import Database
from console.storage.feedback_rows import cause_words, ratings, review, settings, settings_json, step

_REVIEWS = """SELECT * FROM feedback.reviews(
    CAST(:venue_id AS uuid), CAST(:filters AS jsonb), :sort, :descending, CAST(:after AS jsonb), :at_most)"""
_RATINGS = "SELECT * FROM feedback.ratings(CAST(:venue_id AS uuid))"
_HISTORY = "SELECT * FROM feedback.history(:review_id)"
_DECIDE = "SELECT * FROM feedback.decide(:review_id, :version, :decision, CAST(:reason AS text))"
_DRAFT = "SELECT * FROM feedback.keep_draft(:review_id, CAST(:was AS text), :body)"
_REPLY = "SELECT * FROM feedback.reply(:review_id, :version, :body)"
_TAKE_BACK = "SELECT * FROM feedback.take_back(:review_id, :version)"
_SETTINGS = "SELECT * FROM feedback.settings()"
_SAVE = "SELECT * FROM feedback.save_settings(:version, CAST(:chosen AS jsonb))"
_EXAMPLES = "SELECT * FROM feedback.examples(CAST(:chosen AS jsonb))"
_SORTS = ("submitted", "rating")
_FILTERS = ("stars", "visible", "replied", "cause", "waiting", "activity")
_MOST = 4999  # the function gives 5,000 rows at most, and one more than asked for tells of a next page


class FeedbackQueries:
    """Reviews of the venues a person may see. Every method raises ConsoleErrors only."""

    def __init__(self, database: Database) -> None:
        """Nothing is asked before the first call."""
        self._database = database

    async def reviews(self, venue_id: UUID | None, request: PageRequest) -> Page[ReviewRow]:
        """A page; `venue_id` None: of all venues, for headquarters. Raises Invalid for an order the list has not."""
        if request.sort not in _SORTS:
            raise Invalid("This list cannot be sorted like that.", code="unknown_sort")
        limit = min(request.limit, _MOST)
        rows = await self._rows(
            _REVIEWS,
            venue_id=venue_id,
            filters=_filters(request),
            sort=request.sort,
            descending=request.descending,
            after=None if request.after is None else json.dumps(list(request.after)),
            at_most=limit + 1,
        )
        shown = rows[:limit]
        after = tuple(shown[-1]["page_key"]) if len(rows) > limit else None
        return Page([review(row) for row in shown], after)

    async def ratings(self, venue_id: UUID | None) -> Ratings:
        """Visible reviews by stars; how many are hidden and wait."""
        return ratings((await self._rows(_RATINGS, venue_id=venue_id))[0])

    async def history(self, review_id: UUID) -> list[ReviewStep]:
        """What was decided about one, oldest first. Raises NotFound for another venue's too."""
        return [step(row) for row in await self._rows(_HISTORY, review_id=review_id)]

    async def decide(self, one: ReviewRow, decision: str, reason: str | None) -> ReviewRow:
        """keep, hide or restore. Raises Conflict naming who was faster, Invalid "reason"."""
        rows = await self._rows(
            _DECIDE,
            review_id=one.id,
            version=one.version,
            decision=decision,
            reason=None if reason is None else _plain(reason),
        )
        return review(rows[0])

    async def keep_draft(self, one: ReviewRow, body: str) -> ReviewRow:
        """Keep what is typed. Raises Conflict naming who else writes an answer."""
        return review((await self._rows(_DRAFT, review_id=one.id, was=one.draft, body=_plain(body)))[0])

    async def reply(self, one: ReviewRow, body: str) -> ReviewRow:
        """Answer. Raises Conflict "answered", "hidden", "version_changed", Invalid "body"."""
        rows = await self._rows(_REPLY, review_id=one.id, version=one.version, body=_plain(body))
        return review(rows[0])

    async def take_back(self, one: ReviewRow) -> ReviewRow:
        """Make the answer a draft again. Raises Conflict "no_reply", "version_changed"."""
        return review((await self._rows(_TAKE_BACK, review_id=one.id, version=one.version))[0])

    async def settings(self) -> ReviewSettings:
        """The thresholds; without reviews.moderate only how long an answer may be."""
        return settings((await self._rows(_SETTINGS))[0])

    async def save_settings(self, chosen: ReviewSettings) -> ReviewSettings:
        """Change them. Raises Conflict naming who was faster, Invalid with the field as its code."""
        rows = await self._rows(_SAVE, version=chosen.version, chosen=json.dumps(settings_json(chosen)))
        return settings(rows[0])

    async def examples(self, chosen: ReviewSettings) -> list[tuple[ReviewRow, str]]:
        """The newest reviews of each cause under those thresholds, with what it rests on; writes nothing."""
        rows = await self._rows(_EXAMPLES, chosen=json.dumps(settings_json(chosen)))
        return [(review(row), cause_words(Cause(row["cause"]), row["causes"][row["cause"]])) for row in rows]

    async def _rows(self, statement: str, **parameters: object) -> list[Mapping[str, Any]]:
        return [dict(row._mapping) for row in await self._database.fetch(statement, parameters)]


def _filters(request: PageRequest) -> str:
    chosen = {name: value for name in _FILTERS if (value := request.filters.get(name))}
    if words := "".join(symbol for symbol in request.text if symbol.isprintable()).strip():
        chosen["text"] = words
    return json.dumps(chosen)


def _plain(words: str) -> str:
    # PostgreSQL's text cannot hold it.
    return words.replace("\x00", "")
