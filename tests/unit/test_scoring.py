"""The rules of scores in Python: values, reweighting, what moved a score, what would help."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain import scoring
from console.domain.scores import Component, Formula, WeekScore
from console.domain.scoring import BookingFact, Counts, ReviewFact, ThumbFact

WEEK = date(2026, 2, 16)
NOW = datetime(2026, 2, 23, tzinfo=UTC)
FORMULA = Formula(
    version=1,
    weights=dict(zip(Component, map(Decimal, (40, 25, 20, 15)), strict=True)),
    window_weeks=12,
    least_opinions=5,
    least_families=5,
    least_bookings=10,
    least_weight=Decimal(50),
    threshold=Decimal(60),
    revised_weeks=4,
    saved_by=None,
    saved_at=NOW,
    reason=None,
)

Many = tuple[int, int]


def counts(feedback: Many, repeat: Many, cancellations: Many, no_shows: Many) -> dict[Component, Counts]:
    found = (feedback, repeat, cancellations, no_shows)
    return {component: Counts(*one) for component, one in zip(Component, found, strict=True)}


def week(of: dict[Component, Counts], formula: Formula = FORMULA, start: date = WEEK) -> WeekScore:
    parts = scoring.parts(formula, of)
    score = scoring.composite(parts, formula.least_weight)
    return WeekScore(uuid4(), uuid4(), start, 1, None, formula.version, score, None, parts, NOW)


WHOLE = counts((10, 12), (4, 10), (38, 40), (27, 30))


def test_a_score_is_its_parts_by_weight() -> None:
    made = week(WHOLE)
    assert [str(part.value) for part in made.parts] == ["83.33", "40.00", "95.00", "90.00"]
    assert made.composite == Decimal("75.83")


def test_a_half_cent_goes_up() -> None:
    parts = scoring.parts(FORMULA, counts((1, 800), (0, 0), (0, 0), (0, 0)))
    assert str(parts[0].value) == "0.13"  # 0.125


def test_a_part_with_too_little_is_left_out_and_the_rest_reweighted() -> None:
    assert week(counts((3, 4), (4, 10), (38, 40), (27, 30))).composite == Decimal("70.83")


def test_too_little_of_everything_is_no_zero() -> None:
    assert week(counts((0, 0), (0, 0), (12, 12), (0, 12))).composite is None
    assert week(counts((0, 0), (0, 0), (0, 0), (0, 0))).composite is None


def test_weights_may_leave_a_part_out_altogether() -> None:
    weights = dict(zip(Component, map(Decimal, (0, 0, 0, 100)), strict=True))
    assert week(WHOLE, replace(FORMULA, weights=weights)).composite == Decimal("90.00")


def booking(day: date, status: str = "completed", family: UUID | None = None, **more: bool) -> BookingFact:
    return BookingFact(uuid4(), family or uuid4(), day, status, **more)


def test_the_window_ends_with_the_week_and_is_closed_on_both_sides() -> None:
    first, last = scoring.window(WEEK, 12)
    assert (first, last) == (date(2025, 12, 1), date(2026, 2, 22))
    days = [first - timedelta(days=1), first, last, last + timedelta(days=1)]
    found = scoring.count(WEEK, 12, "UTC", [booking(day) for day in days], [], [])
    assert found[Component.NO_SHOWS] == Counts(2, 2)


def test_what_the_weather_or_the_platform_cancelled_is_not_held_against_a_venue() -> None:
    facts = [
        booking(WEEK, "confirmed"),
        booking(WEEK, "cancelled_venue"),
        booking(WEEK, "cancelled_venue", weather=True),
        booking(WEEK, "cancelled_venue", by_platform=True),
        booking(WEEK, "cancelled_parent"),
        booking(WEEK, "pending"),
    ]
    found = scoring.count(WEEK, 12, "UTC", facts, [], [])
    assert found[Component.CANCELLATIONS] == Counts(1, 2)
    assert found[Component.NO_SHOWS] == Counts(0, 0)


def test_a_family_comes_again_on_another_day_only() -> None:
    twice, siblings = uuid4(), uuid4()
    facts = [
        booking(WEEK, family=twice),
        booking(WEEK + timedelta(days=1), family=twice),
        booking(WEEK, family=siblings),
        booking(WEEK, family=siblings),
        booking(WEEK + timedelta(days=1), "no_show", family=siblings),
    ]
    assert scoring.count(WEEK, 12, "UTC", facts, [], [])[Component.REPEAT] == Counts(1, 2)


def test_a_booking_has_one_opinion_its_thumb_before_its_stars() -> None:
    at = datetime(2026, 2, 18, tzinfo=UTC)
    one, two, three, four = (uuid4() for _ in range(4))
    thumbs = [ThumbFact(one, at, True), ThumbFact(four, at - timedelta(days=400), True)]
    reviews = [
        ReviewFact(one, at, 1),
        ReviewFact(two, at, 3),
        ReviewFact(three, at, 5, visible=False),
        ReviewFact(four, at, 1),
    ]
    assert scoring.count(WEEK, 12, "UTC", [], thumbs, reviews)[Component.FEEDBACK] == Counts(1, 2)


def test_opinions_count_by_the_venues_clock() -> None:
    late = datetime(2026, 2, 23, 3, 0, tzinfo=UTC)  # Sunday evening in New York
    thumbs = [ThumbFact(uuid4(), late, True)]
    assert scoring.count(WEEK, 12, "America/New_York", [], thumbs, [])[Component.FEEDBACK] == Counts(1, 1)
    assert scoring.count(WEEK, 12, "UTC", [], thumbs, [])[Component.FEEDBACK] == Counts(0, 0)


@st.composite
def many(draw: st.DrawFn) -> dict[Component, Counts]:
    pairs = []
    for _ in Component:
        among = draw(st.integers(0, 60))
        pairs.append((draw(st.integers(0, among)), among))
    return counts(*pairs)


@given(many(), many(), st.booleans())
def test_moves_add_up_to_the_change(
    was: dict[Component, Counts], now: dict[Component, Counts], other: bool
) -> None:
    weights = dict(zip(Component, map(Decimal, (10, 20, 30, 40)), strict=True))
    before, after = week(was), week(now, replace(FORMULA, weights=weights) if other else FORMULA)
    told = scoring.moves(before, after)
    if before.composite is None or after.composite is None:
        assert told == ()
        return
    assert sum((move.points for move in told), Decimal(0)) == after.composite - before.composite
    assert all(move.points for move in told)
    same = [part.value is not None for part in before.parts] == [
        part.value is not None for part in after.parts
    ]
    if same and not other:
        assert all(move.component for move in told)


def test_moves_name_what_moved_and_what_left() -> None:
    before = week(WHOLE)
    after = week(counts((12, 12), (4, 10), (38, 40), (27, 30)))
    assert [(move.component, str(move.points)) for move in scoring.moves(before, after)] == [
        (Component.FEEDBACK, "6.67")
    ]
    gone = week(counts((3, 4), (4, 10), (38, 40), (27, 30)))
    assert [(move.component, str(move.points)) for move in scoring.moves(before, gone)] == [(None, "-5.00")]
    assert scoring.moves(None, before) == ()


def test_suggestions_cite_the_numbers_the_most_points_first() -> None:
    made = week(counts((6, 12), (2, 10), (30, 40), (20, 30)))
    told = scoring.suggestions(made.parts, made.composite, FORMULA)
    assert [one.component for one in told] == [
        Component.FEEDBACK, Component.REPEAT, Component.CANCELLATIONS, Component.NO_SHOWS
    ]  # fmt: skip
    assert told[0].words == (
        "10.00 points below 60. 6 of 12 opinions were not good: read what parents wrote and answer it. "
        "Worth up to 16.0 points."
    )
    assert told[2].words.startswith("10 of 40 bookings were cancelled by the venue:")


def test_nothing_is_suggested_to_a_venue_that_does_well() -> None:
    made = week(counts((12, 12), (8, 10), (40, 40), (30, 30)))
    assert scoring.suggestions(made.parts, made.composite, FORMULA) == ()


def test_too_little_is_said_with_what_is_missing_and_nothing_of_nothing() -> None:
    made = week(counts((3, 4), (0, 0), (0, 0), (0, 0)))
    assert [one.words for one in scoring.suggestions(made.parts, None, FORMULA)] == [
        "4 of the 5 opinions that feedback needs: ask for one at collection."
    ]


@pytest.mark.parametrize("component", list(Component))
def test_each_component_has_words(component: Component) -> None:
    found = dict.fromkeys(Component, Counts(0, 0)) | {component: Counts(0, 20)}
    made = week(found)
    (told,) = scoring.suggestions(made.parts, made.composite, FORMULA)
    assert told.component is component
    assert "20 of 20" in told.words
