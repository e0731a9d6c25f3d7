"""Parents' reviews in memory, for tests and pictures of their screens."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from console.domain.feedback import Cause, Ratings, ReviewRow, ReviewSettings, ReviewStep
from console.domain.listing import ActivityChoice
from console.domain.paging import Page, PageRequest
from console.errors import ConsoleError
from tests.support.today_samples import NOW

VENUE_ID = UUID(int=0x900)
LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh House of Music, Movement and Play"
SETTINGS = ReviewSettings(
    version=3, reply_characters=500, risky_words=("hospital", "police", "bled"), burst_reviews=5, burst_hours=24,
    extreme_stars=2.5, extreme_least=8,
)  # fmt: skip
ACTIVITIES = [
    ActivityChoice(UUID(int=0x801), "Clay for beginners"),
    ActivityChoice(UUID(int=0x802), "Robotics"),
]
_WORDS = (
    "My son came home with a cut and nobody had told us. We had to go to the hospital in the evening. The people at "
    "the desk knew nothing about it, and the one who had led the session had already left. I expect a call.",
    "Awful!!! Worst place in town. Do not go.",
    "Lovely. The teacher knew every child by name after ten minutes, and the room was warm.",
    "Too loud for her, but the staff took her to the quiet room at once and stayed with her until I came.",
    "",
    "Good value. The pick-up was slow: twenty minutes in the rain with a toddler.",
    "She asks every day when it is Thursday again.",
    "Fine.",
)  # fmt: skip


def review(number: int, rating: int, **facts: Any) -> ReviewRow:
    """A review that came `number` days ago."""
    made = ReviewRow(
        id=UUID(int=0xA000 + number), version=1, venue_id=VENUE_ID, venue="Riverside Studio",
        activity_id=ACTIVITIES[number % 2].id, activity=ACTIVITIES[number % 2].name, rating=rating,
        words=_WORDS[number % len(_WORDS)], submitted_at=NOW - timedelta(days=number, hours=2), is_visible=True,
        hidden_reason=None, causes={}, reply=None, replied_at=None, replied_by=None, draft=None, looked_at=None,
    )  # fmt: skip
    return replace(made, **facts)


def everything() -> list[ReviewRow]:
    """Some that wait for each cause, hidden ones, answered ones."""
    return [
        review(0, 1, causes={Cause.RISKY_WORDS: "hospital", Cause.EXTREME: "average 4.62 of 31"}),
        review(1, 1, causes={Cause.BURST: "6 within 24 hours"}, venue="Alder Hall"),
        review(2, 5, reply="Thank you! We tell her.", replied_at=NOW - timedelta(days=1), replied_by="Elena"),
        review(3, 4, draft="Thank you for"),
        review(4, 5),
        review(5, 3, causes={Cause.FLAGGED: "A parent says it is about another place."}),
        review(6, 5),
        review(7, 2, is_visible=False, hidden_reason="It names a child.", looked_at=NOW - timedelta(days=5)),
    ]


class FakeFeedback:
    """A FeedbackGateway. `failure` is raised once, by whatever is asked next."""

    def __init__(self, rows: list[ReviewRow] | None = None) -> None:
        self.known = everything() if rows is None else rows
        self.kept = SETTINGS
        self.steps: dict[UUID, list[ReviewStep]] = {
            UUID(int=0xA007): [ReviewStep("hide", "It names a child.", "Amara", NOW - timedelta(days=5))]
        }
        self.failure: ConsoleError | None = None
        self.slow: asyncio.Event | None = None
        self.requests: list[PageRequest] = []
        self.done: list[tuple[object, ...]] = []
        self.page_rows: int | None = None

    async def reviews(self, venue_id: UUID | None, request: PageRequest) -> Page[ReviewRow]:
        self._ask()
        self.requests.append(request)
        found = [one for one in self.known if self._fits(one, venue_id, request)]
        if request.sort == "rating":
            found.sort(key=lambda one: one.rating)
        if self.page_rows is None:
            return Page(found, None)
        start = int(str(request.after[0])) if request.after else 0
        end = start + (self.page_rows if request.limit == 200 else request.limit)
        return Page(found[start:end], (end,) if end < len(found) else None)

    @staticmethod
    def _fits(one: ReviewRow, venue_id: UUID | None, request: PageRequest) -> bool:
        filters = request.filters
        return (
            venue_id in (None, one.venue_id)
            and request.text.casefold() in f"{one.words} {one.activity} {one.venue}".casefold()
            and filters.get("stars", str(one.rating)) == str(one.rating)
            and filters.get("visible", "yes" if one.is_visible else "no")
            == ("yes" if one.is_visible else "no")
            and filters.get("replied", "yes" if one.reply else "no") == ("yes" if one.reply else "no")
            and filters.get("activity", str(one.activity_id)) == str(one.activity_id)
            and ("waiting" not in filters or bool(one.causes))
            and ("cause" not in filters or Cause(filters["cause"]) in one.causes)
        )

    async def ratings(self, venue_id: UUID | None) -> Ratings:
        self._ask()
        shown = [one for one in self.known if one.is_visible and venue_id in (None, one.venue_id)]
        stars = {star: sum(one.rating == star for one in shown) for star in range(5, 0, -1)}
        mean = sum(one.rating for one in shown) / len(shown) if shown else None
        waiting = sum(bool(one.causes) and one.is_visible for one in self.known)
        return Ratings(
            stars, mean, len(shown), len([one for one in self.known if not one.is_visible]), waiting
        )

    async def history(self, review_id: UUID) -> Sequence[ReviewStep]:
        self._ask()
        return tuple(self.steps.get(review_id, ()))

    async def settings(self) -> ReviewSettings:
        self._ask()
        return self.kept

    async def export(self, venue_id: UUID | None, request: PageRequest, path: Path) -> int:
        self.done.append(("export", venue_id, dict(request.filters), path.name))
        return len((await self.reviews(venue_id, request)).rows)

    async def keep_draft(self, review: ReviewRow, body: str) -> ReviewRow:
        if self.slow is not None:
            await self.slow.wait()
        self.done.append(("draft", review.id, body))
        return self._change(review, draft=body or None)

    async def reply(self, review: ReviewRow, body: str) -> ReviewRow:
        self.done.append(("reply", review.id, review.version, body))
        return self._change(review, reply=body, replied_at=NOW, replied_by="Elena", draft=None)

    async def take_back(self, review: ReviewRow) -> ReviewRow:
        self.done.append(("take_back", review.id))
        return self._change(review, reply=None, replied_at=None, replied_by=None, draft=review.reply)

    async def keep(self, review: ReviewRow) -> ReviewRow:
        self.done.append(("keep", review.id))
        self._step(review, "keep", None)
        return self._change(review, causes={}, looked_at=NOW)

    async def hide(self, review: ReviewRow, reason: str) -> ReviewRow:
        self.done.append(("hide", review.id, reason))
        self._step(review, "hide", reason)
        return self._change(review, causes={}, is_visible=False, hidden_reason=reason, looked_at=NOW)

    async def restore(self, review: ReviewRow, reason: str) -> ReviewRow:
        self.done.append(("restore", review.id, reason))
        self._step(review, "restore", reason)
        return self._change(review, is_visible=True, hidden_reason=None)

    async def save_settings(self, settings: ReviewSettings) -> ReviewSettings:
        self.done.append(("settings", settings))
        self._ask()
        self.kept = replace(settings, version=settings.version + 1)
        return self.kept

    async def examples(self, settings: ReviewSettings) -> Sequence[tuple[ReviewRow, str]]:
        self._ask()
        return [
            (one, word)
            for one in self.known
            for word in settings.risky_words
            if word.casefold() in one.words.casefold()
        ]

    def _step(self, review: ReviewRow, decision: str, reason: str | None) -> None:
        self.steps.setdefault(review.id, []).append(ReviewStep(decision, reason, "Amara", NOW))

    def _change(self, review: ReviewRow, **facts: Any) -> ReviewRow:
        self._ask()
        at = next(at for at, one in enumerate(self.known) if one.id == review.id)
        self.known[at] = replace(review, version=review.version + 1, **facts)
        return self.known[at]

    def _ask(self) -> None:
        if self.failure is not None:
            error, self.failure = self.failure, None
            raise error
