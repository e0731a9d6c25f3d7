"""The charts of scores: gaps for too little, revisions marked, one scale. console/domain/score_charts.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from console.domain import score_charts
from console.domain.scores import Component
from tests.support import scores_screen as sample


def test_a_week_that_was_never_worked_out_is_a_gap_like_one_with_too_little() -> None:
    weeks = sample.weeks(6)
    known = [weeks[0], replace(weeks[2], composite=None), *weeks[3:]]
    chart = score_charts.trend(known, sample.formula(), 12)
    assert chart.labels == ("26 Jan", "2 Feb", "9 Feb", "16 Feb", "23 Feb", "2 Mar")
    assert [value is None for value in chart.measures[0].values] == [True, True, True, False, False, False]
    assert len(score_charts.trend(known, sample.formula(), 3).labels) == 3


def test_revisions_are_dots_of_their_own_and_only_where_there_are_some() -> None:
    weeks = sample.weeks(6)
    marked = score_charts.trend(weeks, sample.formula(), 12).measures[1]
    assert (marked.name, marked.dots) == ("Worked out again", True)
    assert [at for at, value in enumerate(marked.values) if value is not None] == [3]
    first_time = [replace(one, revision=1) for one in weeks]
    assert len(score_charts.trend(first_time, sample.formula(), 12).measures) == 1


def test_the_scale_begins_below_everything_on_show_and_ends_above_a_hundred() -> None:
    weeks = sample.weeks(4)
    chart = score_charts.trend(weeks, sample.formula(), 12)
    assert (chart.lowest, chart.highest) == (50, 104)
    low = [replace(one, composite=Decimal("3.10")) for one in weeks]
    assert score_charts.trend(low, sample.formula(), 12).lowest == 0
    assert chart.limit is not None
    assert chart.limit.name == "60, curated from here"


def test_parts_have_a_line_each_with_gaps_where_they_were_left_out() -> None:
    chart = score_charts.components(sample.weeks(12), 12)
    assert [one.name for one in chart.measures] == [component.words for component in Component]
    feedback, repeat = chart.measures[0].values, chart.measures[1].values
    assert [at for at, value in enumerate(feedback) if value is None] == [3, 5, 6], (
        "eight, six and five weeks ago"
    )
    assert [at for at, value in enumerate(repeat) if value is None] == [5, 6]
    assert len({one.tone for one in chart.measures}) == 4
    assert chart.lowest == 50, "the lowest part is 60.0"


def test_no_weeks_are_an_empty_chart() -> None:
    assert score_charts.trend([], sample.formula(), 12).is_empty
    assert score_charts.components([], 12).is_empty
    gone = [replace(one, composite=None) for one in sample.weeks(2)]
    chart = score_charts.trend(gone, sample.formula(), 12)
    assert chart.is_empty
    assert chart.lowest == 50
    assert sample.NEWEST - timedelta(days=7) == gone[0].week
