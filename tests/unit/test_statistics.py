"""The sums, shares and charts of the occupancy screen. docs/design.md, "Screens" (daily statistics)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.charts import Chart, Limit, Measure, written
from console.domain.statistics import By, by_day, by_hour, live, shares, total, utilisation, week_heat
from tests.support.statistics_samples import MONDAY, NOW, figures

WEEK = figures(1)
LAST = MONDAY + timedelta(days=6)


def test_a_cancelled_session_has_no_places_and_is_counted_apart() -> None:
    held = [one for one in WEEK if not one.is_cancelled]
    whole = total(WEEK)
    assert (whole.sessions, whole.cancelled) == (len(held), 1)
    assert whole.places == sum(one.capacity for one in held)
    assert whole.share == pytest.approx(100 * whole.booked / whole.places)


@pytest.mark.parametrize("by", list(By))
def test_however_sessions_are_put_together_the_sum_is_the_same(by: By) -> None:
    rows = utilisation(WEEK, by)
    whole = total(WEEK)
    for name in ("sessions", "cancelled", "places", "booked", "came", "no_shows", "waiting"):
        assert sum(getattr(row, name) for row in rows) == getattr(whole, name), name
    assert len({row.name for row in rows}) == len(rows)


def test_hours_and_weekdays_stand_in_their_order_everything_else_the_fullest_first() -> None:
    assert [row.name for row in utilisation(WEEK, By.HOUR)] == ["09:00", "11:00", "15:00", "17:00"]
    assert [row.name for row in utilisation(WEEK, By.WEEKDAY)] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    full = [row.share or 0 for row in utilisation(WEEK, By.ACTIVITY)]
    assert full == sorted(full, reverse=True)
    names = {row.name for row in utilisation(WEEK, By.INSTRUCTOR)}
    assert "Nobody named" in names
    assert "No room" in {row.name for row in utilisation(WEEK, By.ROOM)}


def test_live_counts_what_is_on_and_who_is_still_in_and_warns_at_eighty_per_cent() -> None:
    now = live(WEEK, NOW)
    on = next(one for one in WEEK if one.starts_at <= NOW < one.ends_at)
    assert (now.inside, now.places, now.sessions) == (on.inside, on.capacity, 1)
    assert now.is_warning
    assert now.nearly_full == (on,)
    roomy = replace(on, inside=round(on.capacity * 0.5))
    assert not live([roomy], NOW).is_warning
    exactly = replace(on, capacity=10, inside=8)
    assert live([exactly], NOW).is_warning
    over = replace(on, ends_at=NOW - timedelta(minutes=5), inside=1)
    assert live([over], NOW).inside == 1, "a child whose session is over is in all the same"
    assert live([], NOW).share is None


def test_the_chart_of_days_adds_up_to_the_places_of_each_day() -> None:
    chart = by_day(WEEK, MONDAY, LAST)
    assert len(chart.labels) == 7
    for at, _ in enumerate(chart.labels):
        day = MONDAY + timedelta(days=at)
        places = sum(one.capacity for one in WEEK if one.day == day and not one.is_cancelled)
        assert sum(int(measure.values[at] or 0) for measure in chart.measures) == places
    assert by_hour(WEEK).labels == ("09:00", "11:00", "15:00", "17:00")


def test_a_week_without_sessions_is_an_empty_chart_that_says_so() -> None:
    chart = by_day((), MONDAY, LAST)
    assert chart.is_empty
    assert chart.said() == "Places by day: no numbers yet"


def test_the_heat_leaves_out_what_was_not_held() -> None:
    heat = week_heat(WEEK)
    cancelled = next(one for one in WEEK if one.is_cancelled)
    row = heat.measures[cancelled.day.weekday()]
    assert row.values[heat.labels.index(f"{cancelled.start.hour:02}:00")] is None
    assert heat.measures[6].values == (None,) * len(heat.labels)


def test_a_chart_is_said_in_words_and_as_a_table() -> None:
    chart = Chart(
        "bars",
        "Credits",
        ("May", "June"),
        (Measure("Spent", (3, 12)), Measure("Left", (None, 1.25))),
        limit=Limit(5, "5"),
    )
    assert chart.said() == "Credits: Spent at most 12 (June), Left at most 1.2 (June)"
    assert chart.table() == (("", "Spent", "Left"), (("May", 3, None), ("June", 12, 1.25)))
    assert written(1234567) == "1,234,567"
    with pytest.raises(ValueError, match="each label"):
        Chart("bars", "Short", ("a", "b"), (Measure("one", (1,)),))
    assert shares(utilisation(WEEK, By.ACTIVITY), "Full").highest == 105
