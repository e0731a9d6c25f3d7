"""The pure engine: what a series, its exceptions and the closures come to, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.programme import SeriesFacts
from console.domain.recurrence import dates_between
from console.domain.recurrence_rules import (
    DateException,
    Shut,
    check,
    count_dates,
    meetings,
    rule_dates,
    spans,
    written_time,
    zone_named,
)
from console.errors import Invalid

LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 1, 5)
ROOM, OTHER = UUID(int=1), UUID(int=2)
FACTS = SeriesFacts(uuid4(), (1,), time(9), 60, 12, MONDAY, room_id=ROOM, instructor="Ada", platform_places=4)
YEAR = date(2026, 12, 31)

anchors = st.integers(0, 400).map(lambda days: MONDAY + timedelta(days=days))
weekdays = st.sets(st.integers(0, 6), min_size=1)


@given(weekdays, anchors, st.integers(-40, 400))
def test_every_week_is_every_date(days: set[int], anchor: date, length: int) -> None:
    last = anchor + timedelta(days=length)
    assert [*rule_dates(days, 1, anchor, anchor, last)] == [*dates_between(days, anchor, last)]


@given(weekdays, st.integers(1, 52), anchors, st.integers(-100, 500), st.integers(-10, 900))
def test_dates_are_counted_without_going_through_them(
    days: set[int], every: int, anchor: date, begin: int, length: int
) -> None:
    first = anchor + timedelta(days=begin)
    last = first + timedelta(days=length)
    found = [*rule_dates(days, every, anchor, first, last)]
    assert count_dates(days, every, anchor, first, last) == len(found)
    assert found == sorted(set(found))


@given(weekdays, st.integers(1, 8), anchors, st.integers(0, 300))
def test_where_one_begins_to_look_does_not_matter(
    days: set[int], every: int, anchor: date, begin: int
) -> None:
    first, last = anchor + timedelta(days=begin), anchor + timedelta(days=400)
    whole = [*rule_dates(days, every, anchor, anchor, last)]
    assert [*rule_dates(days, every, anchor, first, last)] == [day for day in whole if day >= first]


def test_weeks_are_counted_from_the_monday_of_the_first_one() -> None:
    # From a Wednesday on, Sundays and Mondays of every other week: the Sunday of that first week, then not for a week.
    found = rule_dates({0, 1}, 2, date(2026, 1, 7), date(2026, 1, 7), date(2026, 2, 3))
    assert [*found] == [date(2026, 1, 11), date(2026, 1, 19), date(2026, 1, 25), date(2026, 2, 2)]


def test_the_calendar_s_last_week_can_be_reached() -> None:
    last = date(9999, 12, 31)
    assert [*rule_dates(range(7), 1, date(9999, 12, 29), MONDAY, last)][-1] == last


def test_a_date_is_what_was_decided_about_it() -> None:
    changed = DateException(
        date(2026, 1, 12),
        day=date(2026, 1, 13),
        start=time(0),
        minutes=30,
        room_id=OTHER,
        instructor="Grace",
        capacity=3,
    )
    decided = (changed, DateException(date(2026, 1, 19), is_skipped=True), DateException(date(2026, 1, 14)))
    first, second, third = meetings(FACTS, LONDON, MONDAY, date(2026, 1, 26), exceptions=decided)
    assert (first.occurs_on, third.occurs_on) == (MONDAY, date(2026, 1, 26))
    assert not first.is_changed
    assert second.is_changed
    assert second.starts_at == datetime(2026, 1, 13, tzinfo=UTC)
    assert second.ends_at == datetime(2026, 1, 13, 0, 30, tzinfo=UTC)
    assert (second.room_id, second.instructor, second.capacity, second.platform_places) == (
        OTHER,
        "Grace",
        3,
        3,
    )


def test_a_closure_counts_where_the_meeting_is() -> None:
    nine = datetime(2026, 1, 12, 9, tzinfo=UTC)
    ten = nine + timedelta(hours=1)

    def closed(closure: Shut, *decided: DateException) -> list[date]:
        found = meetings(FACTS, LONDON, MONDAY, date(2026, 1, 26), exceptions=decided, closures=[closure])
        return [one.occurs_on for one in found if one.is_closed]

    the_day = [date(2026, 1, 12)]
    assert closed(Shut(nine, ten)) == the_day
    assert closed(Shut(nine, ten, frozenset({ROOM}))) == the_day
    assert closed(Shut(nine, ten, frozenset({OTHER}))) == []
    assert closed(Shut(nine - timedelta(hours=1), nine)) == []
    assert closed(Shut(ten, ten + timedelta(hours=1))) == []
    moved = DateException(the_day[0], room_id=OTHER, start=time(8))
    assert closed(Shut(nine, ten), moved) == []
    assert closed(Shut(nine - timedelta(hours=1), nine, frozenset({OTHER})), moved) == the_day


def local_days(closure: Shut, first: int, last: int) -> list[tuple[str, str]]:
    found = spans(closure, LONDON, datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC))
    return [(_local(starts_at), _local(ends_at)) for starts_at, ends_at in found]


def _local(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%y-%m-%d %H}"


def test_a_yearly_closure_comes_back_from_its_first_year_on() -> None:
    summer = Shut(datetime(2025, 8, 1, 8, tzinfo=UTC), datetime(2025, 8, 1, 11, tzinfo=UTC), is_yearly=True)
    assert local_days(summer, 2023, 2027) == [
        ("25-08-01 09", "25-08-01 12"),
        ("26-08-01 09", "26-08-01 12"),
        ("27-08-01 09", "27-08-01 12"),
    ]
    assert local_days(replace(summer, is_yearly=False), 2023, 2027) == [("25-08-01 09", "25-08-01 12")]


def test_a_break_over_the_turn_of_the_year_comes_back_whole() -> None:
    xmas = Shut(datetime(2024, 12, 24, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC), is_yearly=True)
    assert local_days(xmas, 2026, 2026) == [("25-12-24 00", "26-01-02 00"), ("26-12-24 00", "27-01-02 00")]


def test_the_leap_day_falls_on_the_28th_and_never_shortens_a_closure_to_nothing() -> None:
    leap = Shut(datetime(2024, 2, 29, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC), is_yearly=True)
    assert local_days(leap, 2025, 2028)[::3] == [
        ("25-02-28 00", "25-03-01 00"),
        ("28-02-29 00", "28-03-01 00"),
    ]
    night = Shut(datetime(2024, 2, 28, 20, tzinfo=UTC), datetime(2024, 2, 29, 6, tzinfo=UTC), is_yearly=True)
    assert local_days(night, 2025, 2025) == [("25-02-28 20", "25-03-01 06")]


@pytest.mark.parametrize(
    ("wrong", "code", "sentence"),
    [
        ({"weekdays": ()}, "weekdays", "Choose at least one weekday."),
        ({"weekdays": (9,)}, "weekdays", "A weekday is a number from 0 (Sunday) to 6 (Saturday)."),
        ({"every_weeks": 0}, "every_weeks", "A series repeats every 1 to 52 weeks."),
        ({"minutes": 0}, "minutes", "A session lasts 1 to 1,440 minutes."),
        ({"minutes": 1_441}, "minutes", "A session lasts 1 to 1,440 minutes."),
        ({"last": date(2026, 1, 4)}, "last", "The last day of a series is not before its first."),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_in_one_sentence(
    wrong: dict[str, Any], code: str, sentence: str
) -> None:
    check(FACTS)
    facts = replace(FACTS, **wrong)
    for refuses in (check, lambda one: meetings(one, LONDON, MONDAY, YEAR)):
        with pytest.raises(Invalid) as refused:
            refuses(facts)
        assert (refused.value.code, refused.value.sentence) == (code, sentence)


def test_too_many_dates_are_refused_and_counted() -> None:
    daily = replace(FACTS, weekdays=tuple(range(7)))
    with pytest.raises(Invalid, match="That would be 100,000 sessions; one change may make at most 1,000"):
        meetings(daily, LONDON, MONDAY, MONDAY + timedelta(days=99_999))
    assert len(meetings(daily, LONDON, MONDAY, MONDAY + timedelta(days=999))) == 1_000
    assert len(meetings(daily, LONDON, MONDAY, YEAR, most=361)) == 361


@pytest.mark.parametrize(
    "name", ["Mars/Olympus", "+02", "EST5EDT", "America", "America/Argentina", "../etc/passwd", "", "\0"]
)
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="There is no such time zone"):
        zone_named(name)


def test_zones_and_times_as_people_write_them() -> None:
    assert zone_named("America/Argentina/Salta").key == "America/Argentina/Salta"
    assert zone_named("UTC").key == "UTC"
    assert written_time(" 16:30 ") == time(16, 30)
    assert written_time("07:05:00") == time(7, 5)


@pytest.mark.parametrize("text", ["25:00", "24:00", "16:60", "4 pm", "16", "-1:00", "", "١٦:٣٠"])
def test_a_time_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="A session starts between 00:00 and 23:59"):
        written_time(text)
