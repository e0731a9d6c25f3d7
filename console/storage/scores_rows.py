"""What the `scores.*` functions answer, as values of the domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from console.domain import scoring
from console.domain.scores import (
    Component,
    Dispute,
    Formula,
    Part,
    ScorePage,
    ScoreRow,
    WeekScore,
)

Facts = Mapping[str, Any]


def formula(found: Facts) -> Formula:
    """A version of the formula."""
    return Formula(
        version=found["version"],
        weights={component: Decimal(found["weights"][component]) for component in Component},
        window_weeks=found["window_weeks"],
        least_opinions=found["least_opinions"],
        least_families=found["least_families"],
        least_bookings=found["least_bookings"],
        least_weight=Decimal(found["least_weight"]),
        threshold=Decimal(found["threshold"]),
        revised_weeks=found["revised_weeks"],
        saved_by=found["saved_by"],
        saved_at=datetime.fromisoformat(found["saved_at"]),
        reason=found["reason"],
    )


def week(found: Facts) -> WeekScore:
    """One week in one revision, as it was frozen."""
    return WeekScore(
        id=UUID(found["id"]),
        venue_id=UUID(found["venue_id"]),
        week=date.fromisoformat(found["week"]),
        revision=found["revision"],
        revision_reason=found["revision_reason"],
        formula_version=found["formula_version"],
        composite=_decimal(found["composite"]),
        change=_decimal(found["change"]),
        parts=parts(found),
        calculated_at=datetime.fromisoformat(found["calculated_at"]),
    )


def parts(found: Facts) -> tuple[Part, ...]:
    """The components of a week, in order; a row that was written without its counts has none of them."""
    return tuple(
        Part(
            component,
            int(found["inputs"].get(component, {}).get("good", 0)),
            int(found["inputs"].get(component, {}).get("all", 0)),
            _decimal(found["values"][component]),
            Decimal(found["weights"][component]),
        )
        for component in Component
    )


def dispute(found: Facts) -> Dispute:
    """What a venue says against a score."""
    return Dispute(
        id=UUID(found["id"]),
        version=found["version"],
        venue_id=UUID(found["venue_id"]),
        venue=found["venue"],
        score_id=UUID(found["score_id"]),
        week=date.fromisoformat(found["week"]),
        component=found["component"],
        reason=found["reason"],
        state=found["state"],
        opened_by=found["opened_by"],
        opened_at=datetime.fromisoformat(found["opened_at"]),
        answer=found["answer"],
        answered_by=found["answered_by"],
        answered_at=None if found["answered_at"] is None else datetime.fromisoformat(found["answered_at"]),
    )


def page(found: Facts) -> ScorePage:
    """One venue's scores, with what would help it and what moved the newest week."""
    rules = formula(found["formula"])
    weeks = [week(one) for one in found["weeks"]]
    if weeks:
        newest = weeks[-1]
        weeks[-1] = replace(newest, suggestions=scoring.suggestions(newest.parts, newest.composite, rules))
    before = weeks[-2] if len(weeks) > 1 and weeks[-1].change is not None else None
    return ScorePage(
        venue_id=UUID(found["venue_id"]),
        venue=found["venue"],
        formula=rules,
        weeks=tuple(weeks),
        moves=scoring.moves(before, weeks[-1] if weeks else None),
        percentile=found["percentile"],
        peers=found["peers"],
        peer_count=found["peer_count"],
        peer_average=_decimal(found["peer_average"]),
        disputes=tuple(dispute(one) for one in found["disputes"]),
        revisions=tuple(week(one) for one in found["revisions"]),
    )


def row(found: Facts) -> ScoreRow:
    """One venue of scores.list; a venue without any score has no parts."""
    facts = found["facts"]
    trend = tuple(_decimal(one) for one in found["trend"] or ())
    return ScoreRow(
        venue_id=found["venue_id"],
        venue=found["venue"],
        city=found["city"],
        category=found["category"],
        composite=None if facts is None else _decimal(facts["composite"]),
        change=None if facts is None else _decimal(facts["change"]),
        is_curated=found["is_curated"],
        weeks=sum(one is not None for one in trend),
        parts=() if facts is None else parts(facts),
        trend=trend,
        open_dispute=found["open_dispute"],
    )


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
