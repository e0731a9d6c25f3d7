"""Weekly scores of venues: the values the screens show, and the rules in Python that SQL is held to.

The database works scores out (`scores.*` functions); `score` here is the independent reading of the rules that tests
compare it with, and what the what-if preview explains itself by. See docs/design.md, "Rules of the domain" (scores).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID


class Component(StrEnum):
    """What a score is made of, in the order it is shown."""

    FEEDBACK = "feedback"
    REPEAT = "repeat"
    CANCELLATIONS = "cancellations"
    NO_SHOWS = "no_shows"

    @property
    def words(self) -> str:
        """The component as a person reads it."""
        return {
            "feedback": "Feedback",
            "repeat": "Repeat",
            "cancellations": "Cancellations",
            "no_shows": "No-shows",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Formula:
    """One version of the formula. Weights in per cent, 100 together."""

    version: int
    weights: Mapping[Component, Decimal]
    window_weeks: int
    least_opinions: int
    least_families: int
    least_bookings: int
    least_weight: Decimal
    threshold: Decimal
    revised_weeks: int
    saved_by: str | None
    saved_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One component of a score: `good` of `all`, 0 to 100; `value` None where there is too little of it."""

    component: Component
    good: int
    all: int
    value: Decimal | None
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What would help, with the numbers it rests on. `rule` is a key of the rules."""

    rule: str
    component: Component
    words: str


@dataclass(frozen=True, slots=True)
class WeekScore:
    """A venue's score of one week, in its newest revision. `composite` None: insufficient data.

    `change` is against the week before, where both have one.
    """

    id: UUID
    venue_id: UUID
    week: date
    revision: int
    revision_reason: str | None
    formula_version: int
    composite: Decimal | None
    change: Decimal | None
    parts: Sequence[Part]
    calculated_at: datetime
    suggestions: Sequence[Suggestion] = ()


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One venue in the list of all. `trend`: the last twelve weeks, oldest first, None where there was too little."""

    venue_id: UUID
    venue: str
    city: str
    category: str | None
    composite: Decimal | None
    change: Decimal | None
    is_curated: bool
    weeks: int
    """Weeks with a score among the last twelve."""
    parts: Sequence[Part]
    trend: Sequence[Decimal | None]
    open_dispute: bool


@dataclass(frozen=True, slots=True)
class Move:
    """What one component did to the composite since the week before, in points; the moves add up to the change."""

    component: Component | None
    """None: the components that were left out or came back."""
    points: Decimal


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a venue says against a score. `state`: open, upheld, declined, withdrawn."""

    id: UUID
    version: int
    venue_id: UUID
    venue: str
    score_id: UUID
    week: date
    component: str
    reason: str
    state: str
    opened_by: str
    opened_at: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScorePage:
    """One venue's scores. `percentile` is among `peers` ("sports" or "all venues"), None with fewer than five."""

    venue_id: UUID
    venue: str
    formula: Formula
    weeks: Sequence[WeekScore]
    """Oldest first, at most 52."""
    moves: Sequence[Move]
    percentile: int | None
    peers: str
    peer_count: int
    peer_average: Decimal | None
    disputes: Sequence[Dispute]
    revisions: Sequence[WeekScore]
    """Earlier revisions of the weeks shown."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What a person tries out or saves."""

    weights: Mapping[Component, Decimal]
    threshold: Decimal


@dataclass(frozen=True, slots=True)
class WhatIfRow:
    """What other weights would make of one venue's newest score."""

    venue_id: UUID
    venue: str
    now: Decimal | None
    then: Decimal | None
    curated_now: bool
    curated_then: bool


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What other weights would change over all venues."""

    rows: Sequence[WhatIfRow]
    gains: int
    """Venues that would become curated."""
    losses: int
    unchanged: int
