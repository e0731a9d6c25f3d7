"""How reviews read: stars, causes, what was decided, what narrows the list.

Who wrote is nowhere: a review is a rating, words, an activity and a date. See docs/design.md, "Screens" (reviews and
score).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo

from console.domain.counting import count
from console.domain.feedback import Cause, Ratings, ReviewRow, ReviewStep
from console.domain.refusals import clock_time
from console.models.words import long_date, short_date
from console.views.widgets.paint import ChipSpec

NO_WORDS = "No words, only stars."
SENT = "Parents can read your answer."
HQ_TABS = (("waiting", "Waiting"), ("all", "All"), ("hidden", "Hidden"))
VENUE_TABS = (("", "All"), ("no", "To answer"), ("yes", "Answered"))
STARS = {str(star): f"{star} {'star' if star == 1 else 'stars'}" for star in range(5, 0, -1)}
CAUSES = {
    Cause.FLAGGED.value: "Flagged",
    Cause.RISKY_WORDS.value: "Risky words",
    Cause.BURST.value: "Burst",
    Cause.EXTREME.value: "Far from the average",
}
_ICONS = {
    Cause.FLAGGED: "ph.flag",
    Cause.RISKY_WORDS: "ph.warning",
    Cause.BURST: "ph.lightning",
    Cause.EXTREME: "ph.arrows-out-line-vertical",
}
_TONES = {Cause.FLAGGED: "red", Cause.RISKY_WORDS: "amber"}
_AVERAGE = re.compile(r"average (\d+(?:\.\d+)?) of (\d[\d,]*)")
_BURST = re.compile(r"(\d[\d,]*) within ([\d.]+) hours?")
_CHIP_LENGTH = 24
_DECIDED = {
    "keep": "Kept",
    "hide": "Hidden",
    "restore": "Shown again",
    "reply": "Answered",
    "take_back": "Answer taken back",
}
_DECIDED_ICONS = {"keep": "ph.check", "hide": "ph.eye-slash", "restore": "ph.eye", "reply": "ph.chat-text"}


def stars(rating: int) -> str:
    """A rating in words: "2 of 5 stars"."""
    return f"{rating} of 5 stars"


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """When: "15:42" of today, "9 Mar" of this year, "9 Mar 2025"."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return clock_time(at, zone)
    return short_date(local.date()) + ("" if local.year == today.year else f" {local.year}")


def written_on(at: datetime, zone: tzinfo) -> str:
    """When, in full: "9 March 2026, 15:42"."""
    return f"{long_date(at.astimezone(zone).date())}, {clock_time(at, zone)}"


def on_one_line(words: str) -> str:
    """Words without their breaks, as a row shows them."""
    return " ".join(words.split())


def cause_chip(cause: Cause, says: str, rating: int) -> ChipSpec:
    """The chip of a row: the word that was found, "6 in 24 h", "2.9 stars off"."""
    said = on_one_line(says)
    if cause is Cause.BURST and (found := _BURST.search(said)):
        said = f"{found[1]} in {found[2]} h"
    elif cause is Cause.EXTREME and (found := _AVERAGE.search(said)):
        said = f"{abs(float(found[1]) - rating):.1f} stars off"
    said = said or CAUSES[cause.value]
    if len(said) > _CHIP_LENGTH:
        said = f"{said[: _CHIP_LENGTH - 1].rstrip(', ')}…"
    return ChipSpec(said, _TONES.get(cause, "neutral"), _ICONS[cause])


def cause_sentence(cause: Cause, says: str, rating: int) -> str:
    """Why it waits, in a sentence with its numbers."""
    said = on_one_line(says)
    if cause is Cause.RISKY_WORDS:
        return f"It has words that are looked at: {said}." if said else "It has words that are looked at."
    if cause is Cause.BURST:
        found = _BURST.search(said)
        if found:
            hours = "hour" if found[2] == "1" else "hours"
            return f"{found[1]} reviews of this venue came within {found[2]} {hours}."
        return "Many reviews of this venue came at once."
    if cause is Cause.EXTREME:
        found = _AVERAGE.search(said)
        if found:
            off = abs(float(found[1]) - rating)
            over = count(int(found[2].replace(",", "")), "review")
            return f"It is {off:.1f} stars from the average of {found[1]} over {over}."
        return "It is far from the average."
    return f"It was flagged: {said}" if said else "It was flagged."


def step_title(step: ReviewStep) -> str:
    """What was decided and by whom: "Hidden by Amara"."""
    return f"{_DECIDED.get(step.decision, step.decision.replace('_', ' ').capitalize())} by {step.by}"


def step_icon(step: ReviewStep) -> str:
    """The sign of a decision."""
    return _DECIDED_ICONS.get(step.decision, "ph.note-pencil")


def summary(ratings: Ratings, *, waits: bool) -> str:
    """The caption: "31 visible · 2 hidden · 5 waiting"."""
    parts = [f"{ratings.count:,} visible"]
    if ratings.hidden:
        parts.append(f"{ratings.hidden:,} hidden")
    if waits and ratings.waiting:
        parts.append(f"{ratings.waiting:,} waiting")
    return " · ".join(parts)


def shares(stars_of: Mapping[int, int]) -> list[tuple[int, int, float]]:
    """Each star from 5 to 1: how many, and its share of all."""
    whole = sum(stars_of.values())
    return [
        (star, stars_of.get(star, 0), stars_of.get(star, 0) / whole if whole else 0.0)
        for star in range(5, 0, -1)
    ]


def average(ratings: Ratings) -> str:
    """The average with two figures behind the point; a dash where nothing is visible."""
    return f"{ratings.average:.2f}" if ratings.average is not None else "–"


def example_line(review: ReviewRow, why: str) -> str:
    """A worked example: what it is about and why it would wait."""
    return f"{review.activity}, {review.venue}: {why}" if why else f"{review.activity}, {review.venue}"


def examples_title(found: Sequence[object]) -> str:
    """How many examples there are."""
    if not found:
        return "With these numbers nothing new would wait."
    return f"With these numbers, among others, {'this' if len(found) == 1 else 'these'} would wait:"
