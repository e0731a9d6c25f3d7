"""What parents wrote about a venue, what headquarters did about it, and what the venue answered.

Frozen values made by storage from the `feedback.*` functions. Who wrote is never shown to a venue: a review is a
rating, words, an activity and a date. See docs/design.md, "Screens" (reviews and score).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Cause(StrEnum):
    """Why a review waits to be looked at."""

    FLAGGED = "flagged"
    RISKY_WORDS = "risky_words"
    BURST = "burst"
    EXTREME = "extreme"


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One review. `causes` with the words or numbers each rests on, empty once somebody looked at it."""

    id: UUID
    version: int
    venue_id: UUID
    venue: str
    activity_id: UUID
    activity: str
    rating: int
    words: str
    submitted_at: datetime
    is_visible: bool
    hidden_reason: str | None
    causes: Mapping[Cause, str]
    reply: str | None
    replied_at: datetime | None
    replied_by: str | None
    draft: str | None
    looked_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """One decision about a review: kept, hidden, restored; replied."""

    decision: str
    reason: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ratings:
    """Visible reviews of a venue (or all) by stars, and their average."""

    stars: Mapping[int, int]
    average: float | None
    count: int
    hidden: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ReviewSettings:
    """The thresholds of the queue, as platform_settings keeps them."""

    version: int
    reply_characters: int
    risky_words: Sequence[str]
    burst_reviews: int
    burst_hours: int
    extreme_stars: float
    extreme_least: int
