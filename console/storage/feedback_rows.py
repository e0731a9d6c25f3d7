"""Rows of the `feedback.*` functions as values of the domain, and what a cause rests on as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from console.domain.feedback import Cause, Ratings, ReviewRow, ReviewSettings, ReviewStep

Row = Mapping[str, Any]
Says = str | Sequence[str] | Mapping[str, float]
"""What a cause rests on: a flag's words, the risky words found, or the numbers of a burst or an extreme."""


def review(row: Row) -> ReviewRow:
    """A row of feedback.reviews, decide, keep_draft, reply or take_back."""
    causes = {Cause(name): cause_words(Cause(name), says) for name, says in row["causes"].items()}
    return ReviewRow(
        id=row["id"],
        version=row["version"],
        venue_id=row["venue_id"],
        venue=row["venue"],
        activity_id=row["activity_id"],
        activity=row["activity"],
        rating=row["rating"],
        words=row["words"],
        submitted_at=row["submitted_at"],
        is_visible=row["is_visible"],
        hidden_reason=row["hidden_reason"],
        causes={cause: causes[cause] for cause in Cause if cause in causes},
        reply=row["reply"],
        replied_at=row["replied_at"],
        replied_by=row["replied_by"],
        draft=row["draft"],
        looked_at=row["looked_at"],
    )


def cause_words(cause: Cause, says: Says) -> str:
    """What a cause rests on: the words found, "6 within 24 hours", "average 4.62 of 31"; a flag's own words or none."""
    if isinstance(says, str):
        return says
    if not isinstance(says, Mapping):
        return ", ".join(says)
    if cause is Cause.BURST:
        hours = says["hours"]
        return f"{says['reviews']} within {hours:g} {'hour' if hours == 1 else 'hours'}"
    return f"average {says['average']:.2f} of {says['reviews']}"


def step(row: Row) -> ReviewStep:
    """A row of feedback.history."""
    return ReviewStep(row["decision"], row["reason"], row["by"], row["at"])


def ratings(row: Row) -> Ratings:
    """The row of feedback.ratings."""
    return Ratings(
        stars={star: row["stars"][str(star)] for star in range(5, 0, -1)},
        average=None if row["average"] is None else float(row["average"]),
        count=row["visible"],
        hidden=row["hidden"],
        waiting=row["waiting"],
    )


def settings(row: Row) -> ReviewSettings:
    """The row of feedback.settings or save_settings; who only answers reviews gets no thresholds."""
    chosen = row["chosen"]
    return ReviewSettings(
        version=row["version"],
        reply_characters=int(chosen["reply_characters"]),
        risky_words=tuple(chosen.get("risky_words", ())),
        burst_reviews=int(chosen.get("burst_reviews", 0)),
        burst_hours=int(chosen.get("burst_hours", 0)),
        extreme_stars=float(chosen.get("extreme_stars", 0)),
        extreme_least=int(chosen.get("extreme_least", 0)),
    )


def settings_json(chosen: ReviewSettings) -> dict[str, object]:
    """Settings as the functions take them."""
    return {
        "reply_characters": chosen.reply_characters,
        "risky_words": [word.replace("\x00", "") for word in chosen.risky_words],
        "burst_reviews": chosen.burst_reviews,
        "burst_hours": chosen.burst_hours,
        "extreme_stars": chosen.extreme_stars,
        "extreme_least": chosen.extreme_least,
    }
