"""Weekly patterns: grouping and expanding are inverse, and wall times survive the change of clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.recurrence import (
    Grouping,
    Occurrence,
    WeeklyPattern,
    busiest_week,
    dates_between,
    expand,
    group,
    instants,
    minutes_from,
    monday,
    weekday,
    weeks_between,
)

NEW_YORK = ZoneInfo("America/New_York")
MONDAY = date(2026, 1, 5)

occurrences = st.sets(
    st.builds(
        Occurrence,
        st.integers(0, 120).map(lambda days: date(2025, 12, 1) + timedelta(days=days)),
        st.sampled_from([time(9), time(16, 30), time(23)]),
        st.sampled_from([45, 60, 180]),
    ),
    max_size=60,
)


def weekly(first: date, weeks: list[int], start: time = time(9), minutes: int = 60) -> list[Occurrence]:
    return [Occurrence(first + timedelta(weeks=week), start, minutes) for week in weeks]


def expanded(found: Grouping) -> list[Occurrence]:
    return sorted([*found.singles, *(one for pattern in found.patterns for one in expand(pattern))])


@given(occurrences, st.sampled_from([1, 2]))
def test_expanding_what_was_grouped_gives_back_every_meeting_once(
    meetings: set[Occurrence], least: int
) -> None:
    assert expanded(group(meetings, least_weeks=least)) == sorted(meetings)


@given(occurrences)
def test_a_pattern_holds_more_weeks_than_it_skips(meetings: set[Occurrence]) -> None:
    for pattern in group(meetings).patterns:
        held = list(expand(pattern))
        assert len(held) >= 2
        assert len(held) > len(pattern.skipped)
        assert all(
            pattern.first <= day <= pattern.last and weekday(day) in pattern.days for day in pattern.skipped
        )


@given(occurrences, st.integers(-60, 60))
def test_shifting_by_weeks_commutes_with_grouping(meetings: set[Occurrence], weeks: int) -> None:
    moved = group(one.shifted(weeks) for one in meetings)
    assert moved.patterns == tuple(pattern.shifted(weeks) for pattern in group(meetings).patterns)
    assert moved.singles == tuple(one.shifted(weeks) for one in group(meetings).singles)


def test_a_skipped_holiday_is_an_exception_of_one_series() -> None:
    found = group(weekly(MONDAY, [0, 1, 3, 4]))
    assert found.singles == ()
    assert found.patterns == (
        WeeklyPattern((1,), time(9), 60, MONDAY, date(2026, 2, 2), (date(2026, 1, 19),)),
    )


def test_every_other_week_is_one_series_but_once_a_month_is_not() -> None:
    assert len(group(weekly(MONDAY, [0, 2, 4])).patterns) == 1
    monthly = weekly(MONDAY, [0, 4, 8])
    assert group(monthly) == Grouping((), tuple(monthly))


def test_a_long_pause_cuts_a_run_in_two() -> None:
    found = group(weekly(MONDAY, [0, 1, 10, 11, 12]))
    assert [(one.first, one.last) for one in found.patterns] == [
        (MONDAY, date(2026, 1, 12)),
        (date(2026, 3, 16), date(2026, 3, 30)),
    ]


def test_weekdays_with_one_span_share_a_series_and_others_do_not() -> None:
    tuesday = MONDAY + timedelta(days=1)
    together = group([*weekly(MONDAY, [0, 1, 2]), *weekly(tuesday, [0, 1, 2])])
    assert [one.days for one in together.patterns] == [(1, 2)]
    apart = group([*weekly(MONDAY, [0, 1, 2, 3]), *weekly(tuesday, [0, 1])])
    assert [one.days for one in apart.patterns] == [(1,), (2,)]


def test_another_time_or_length_is_another_series() -> None:
    found = group(
        [*weekly(MONDAY, [0, 1]), *weekly(MONDAY, [0, 1], minutes=45), *weekly(MONDAY, [0, 1], time(10))]
    )
    assert len(found.patterns) == 3


def test_a_camp_week_is_a_series_only_where_it_was_declared_weekly() -> None:
    camp = [Occurrence(MONDAY + timedelta(days=day), time(9), 180) for day in range(5)]
    assert group(camp) == Grouping((), tuple(camp))
    assert group(camp, least_weeks=1).patterns == (
        WeeklyPattern((1, 2, 3, 4, 5), time(9), 180, MONDAY, date(2026, 1, 9)),
    )
    assert group(camp[:1], least_weeks=1) == Grouping((), tuple(camp[:1]))


def test_sunday_is_day_zero() -> None:
    assert [weekday(date(2026, 1, 4) + timedelta(days=day)) for day in range(7)] == list(range(7))
    assert list(dates_between({0, 6}, date(2026, 1, 3), date(2026, 1, 11))) == [
        date(2026, 1, 3),
        date(2026, 1, 4),
        date(2026, 1, 10),
        date(2026, 1, 11),
    ]


def test_the_busiest_week_and_the_way_to_it() -> None:
    days = [date(2025, 12, 31), date(2026, 1, 4), date(2026, 1, 6), date(2026, 1, 7), date(2026, 1, 11)]
    assert busiest_week(days) == MONDAY
    assert busiest_week([]) is None
    assert busiest_week([date(2026, 1, 6), date(2026, 1, 13)]) == MONDAY
    assert weeks_between(MONDAY, date(2026, 1, 11)) == 0
    assert weeks_between(date(2026, 1, 11), date(2026, 1, 12)) == 1
    assert weeks_between(date(2026, 1, 12), MONDAY) == -1
    assert monday(date(2026, 1, 11)) == MONDAY


@pytest.mark.parametrize(
    ("meeting", "starts", "ends"),
    [
        # An ordinary winter afternoon.
        (Occurrence(date(2026, 1, 5), time(16), 120), (2026, 1, 5, 21, 0), (2026, 1, 5, 23, 0)),
        # 02:30 does not exist on 8 March 2026: it becomes 03:30, and the end 04:00 stays what the clock says.
        (Occurrence(date(2026, 3, 8), time(2, 30), 90), (2026, 3, 8, 7, 30), (2026, 3, 8, 8, 0)),
        # 02:30 to 03:00 would end before it starts: the length is kept.
        (Occurrence(date(2026, 3, 8), time(2, 30), 30), (2026, 3, 8, 7, 30), (2026, 3, 8, 8, 0)),
        # 01:30 comes twice on 1 November 2026: the first.
        (Occurrence(date(2026, 11, 1), time(1, 30), 60), (2026, 11, 1, 5, 30), (2026, 11, 1, 7, 30)),
        # Across midnight into the night of 23 hours: still until six by the wall.
        (Occurrence(date(2026, 3, 7), time(22), 480), (2026, 3, 8, 3, 0), (2026, 3, 8, 10, 0)),
        # Across midnight.
        (Occurrence(date(2026, 1, 5), time(23), 120), (2026, 1, 6, 4, 0), (2026, 1, 6, 6, 0)),
    ],
)
def test_wall_times_become_instants(
    meeting: Occurrence, starts: tuple[int, int, int, int, int], ends: tuple[int, int, int, int, int]
) -> None:
    assert instants(meeting, NEW_YORK) == (datetime(*starts, tzinfo=UTC), datetime(*ends, tzinfo=UTC))


@given(
    st.integers(0, 800),
    st.integers(0, 1439),
    st.integers(1, 1440),
    st.sampled_from(
        ["America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Bishkek", "Europe/London"]
    ),
)
def test_a_meeting_always_ends_after_it_starts(day: int, minute: int, minutes: int, zone: str) -> None:
    one = Occurrence(date(2025, 1, 1) + timedelta(days=day), time(minute // 60, minute % 60), minutes)
    starts_at, ends_at = instants(one, ZoneInfo(zone))
    assert timedelta(0) < ends_at - starts_at <= timedelta(minutes=minutes + 60)


def test_an_end_that_is_not_later_is_on_the_next_day() -> None:
    assert minutes_from(time(16), time(18, 15)) == 135
    assert minutes_from(time(23), time(1)) == 120
    assert minutes_from(time(9), time(9)) == 24 * 60
