"""What is typed into the side panel is understood, and what a plan would do is said as a manager would say it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

import pytest

from console.domain.changing import Applied, Conflict, Fate, Hit, Plan, PlannedItem
from console.domain.programme import ClosureKind, ClosureSpan, SeriesFacts
from console.views.schedule.editor import plan_words, words
from console.views.schedule.editor.reading import read_count, read_date, read_minutes, read_time
from tests.support.programme_samples import TODAY, ZONE, at

FRIDAY = date(2026, 3, 13)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-03-13", FRIDAY),
        ("Fri 13 Mar 2026", FRIDAY),
        ("13 march", FRIDAY),
        ("March 13", FRIDAY),
        ("fri, mar 13, 2026", FRIDAY),
        ("13.3.", FRIDAY),
        ("13.3.2026", FRIDAY),
        (" 13mar ", FRIDAY),
        ("2 jan", date(2026, 1, 2)),
        ("30 dec", date(2025, 12, 30)),
        ("29 feb 2028", date(2028, 2, 29)),
    ],
)
def test_a_day_is_read_as_people_write_it(typed: str, day: date) -> None:
    assert read_date(typed, TODAY) == day


@pytest.mark.parametrize(
    "typed", ["", "13", "30 feb", "3/4/2026", "weekday 9", "2026-13-01", "29 feb 2026", "١٣ mar", "a" * 400]
)
def test_a_day_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="Write a day such as"):
        read_date(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "clock"),
    [
        ("15:45", time(15, 45)),
        ("1545", time(15, 45)),
        ("15.45", time(15, 45)),
        ("9", time(9)),
        ("3:45 pm", time(15, 45)),
        ("12am", time(0)),
        ("12 p.m.", time(12)),
        ("0:05", time(0, 5)),
    ],
)
def test_a_time_is_read_as_people_write_it(typed: str, clock: time) -> None:
    assert read_time(typed) == clock


@pytest.mark.parametrize("typed", ["", "25:00", "15:60", "13 pm", "0 am", "noon", "-1"])
def test_a_time_that_cannot_be_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="Write a time such as"):
        read_time(typed)


def test_lengths_and_counts() -> None:
    assert [read_minutes(one) for one in ("60", "60 min", "1:30", "1 h 30", "2h")] == [60, 60, 90, 90, 120]
    for bad in ("", "x", "0", "1440", "24:00", "-5"):
        with pytest.raises(ValueError, match="minute"):
            read_minutes(bad)
    assert read_count("2 weeks", 1, 52, "weeks") == 2
    for bad in ("", "0", "53", "9" * 5000, "2.5"):
        with pytest.raises(ValueError, match="Write weeks from 1 to 52"):
            read_count(bad, 1, 52, "weeks")


def test_days_in_words() -> None:
    assert words.days_in_words((4,)) == "Thursdays"
    assert words.days_in_words((5, 1, 2, 3, 4)) == "Mon to Fri"
    assert words.days_in_words((1, 3, 0)) == "Mon, Wed, Sun"
    assert words.days_in_words((0, 6, 5)) == "Fri to Sun"
    assert words.days_in_words(range(7)) == "every day"
    assert words.was_days((4, 1)) == "Mo Th"
    thursdays = [date(2026, 3, 19), date(2026, 4, 2), date(2026, 3, 26)]
    assert words.dates(thursdays) == "Thu 19, 26 March, 2 April"
    assert words.dates([FRIDAY, date(2026, 3, 16)]) == "Fri 13, Mon 16 March"
    assert (
        words.dates([FRIDAY + timedelta(days=at) for at in range(9)]) == "9 dates from 13 March to 21 March"
    )
    assert (
        words.new_dates([FRIDAY + timedelta(days=7 * at) for at in range(5)])
        == "Fridays, from 13 March to 10 April"
    )


def test_captions() -> None:
    facts = SeriesFacts(UUID(int=1), (4,), time(15, 45), 60, 12, date(2026, 1, 8))
    assert words.series_caption(facts, TODAY) == "Series, Thursdays since 8 January"
    later = replace(facts, first=date(2027, 1, 7), every_weeks=2)
    assert words.series_caption(later, TODAY) == "Series, Thursdays, every 2 weeks from 7 January 2027"


def _item(fate: Fate, day: date, **more: Any) -> PlannedItem:
    made = PlannedItem(
        fate,
        UUID(int=day.toordinal()),
        day,
        at(day, "15:45"),
        at(day, "16:45"),
        "Room A",
        None,
        None,
        None,
        None,
        (),
        0,
        None,
    )
    return replace(made, **more)


def _rows(plan: Plan) -> dict[str, plan_words.CardRow]:
    return {row.key: row for row in plan_words.card_rows(plan, ZONE)}


def test_the_rows_of_the_picture() -> None:
    later = [date(2026, 3, 19), date(2026, 3, 26), date(2026, 4, 2)]
    changed = [
        _item(
            Fate.CHANGED,
            day,
            starts_at=at(day, "16:00"),
            ends_at=at(day, "17:00"),
            room="Room B",
            changes=("time", "room"),
        )
        for day in later
    ]
    created = [
        _item(Fate.CREATED, FRIDAY + timedelta(days=later_by), starts_at=at(FRIDAY, "16:00"))
        for later_by in (0, 3, 4, 5, 7)
    ]
    hits = tuple(
        Hit(UUID(int=n), UUID(int=n % 3), "changed", "Nia", f"Dana {n}", 0, "Words") for n in range(9)
    )
    rows = _rows(Plan("f", (*changed, *created), (), hits))
    assert rows["created"].title == "5 created"
    assert rows["changed"].title == "3 changed"
    assert rows["changed"].details == ("Thu 19, 26 March, 2 April: 15:45 → 16:00, Room A → B",)
    assert rows["hits"].title == "9 bookings hit"
    assert rows["hits"].details == ("In the 3 changed sessions. 9 families are told, none refunded",)
    assert rows["none"].title == "0 cancelled, 0 kept"


def test_what_goes_what_stays_and_why() -> None:
    plan = Plan(
        "f",
        (
            _item(Fate.CANCELLED, FRIDAY, bookings=2),
            _item(Fate.REMOVED, date(2026, 3, 20)),
            _item(Fate.KEPT, date(2026, 3, 27), why="changed by hand"),
            _item(Fate.SKIPPED, date(2026, 4, 3), why="Good Friday"),
            _item(Fate.MOVED, date(2026, 4, 9), starts_at=at(date(2026, 4, 10), "16:00"), changes=("day",)),
        ),
        (),
        (Hit(UUID(int=1), UUID(int=2), "cancelled", None, None, 8, None),),
        waiting=1,
    )
    rows = _rows(plan)
    assert rows["cancelled"].title == "1 cancelled"
    assert rows["removed"].details == ("Fri 20 March: nobody was booked",)
    assert rows["kept"].details == ("Fri 27 March: changed by hand",)
    assert rows["skipped"].details == ("Fri 3 April: Good Friday",)
    assert rows["moved"].details == ("Thu 9 → Fri 10 April, 15:45 → 16:00",)
    assert rows["waiting"].title == "1 child waiting"
    assert rows["hits"].details == ("In the cancelled session. 1 family is told, 8 credits go back",)
    assert words.save_words("Save series", plan) == "Cancel 1 session, refund 8 credits"
    assert words.question_figures(plan)[-1] == ("1", "leaves the waitlist")
    nothing = Plan("f", (), (), ())
    assert words.save_words("Save series", nothing) == "Save series"
    assert _rows(nothing)["none"].title == "No session changes"


def test_a_conflict_names_the_other_session() -> None:
    one = Conflict(
        "room",
        FRIDAY,
        None,
        "Room B",
        UUID(int=9),
        "Pottery Wheel",
        at(FRIDAY, "16:00"),
        at(FRIDAY, "17:30"),
        (UUID(int=1), UUID(int=2)),
    )
    person = replace(one, kind="instructor", what="Ines Duarte")
    assert plan_words.conflict_line(one, ZONE) == "Room B: Pottery Wheel, Fri 13 March 16:00–17:30"
    assert plan_words.conflict_line(replace(one, other_id=None), ZONE).endswith("(of this series)")
    groups = plan_words.conflict_groups(Plan("f", (), (replace(one, free_rooms=(UUID(int=2),)), one), ()))
    assert [group.free_rooms for group in groups] == [(UUID(int=2),)]
    assert plan_words.conflict_groups(Plan("f", (), (one, person), ()))[0].free_rooms == ()
    assert plan_words.conflicts_left(Plan("f", (), (one, person), ())) == "1 conflict left"


def test_what_was_done_and_when_it_is_closed() -> None:
    assert words.applied_words("LEGO Robotics", Applied(2, 1, 0, 9)) == (
        "LEGO Robotics saved",
        "2 sessions created, 1 session changed, 9 families told",
    )
    hours = ClosureSpan(
        UUID(int=1), 1, at(FRIDAY, "16:00"), at(FRIDAY, "19:00"), "Repair", ClosureKind.OTHER, None, (), False
    )
    assert words.closure_span(hours, ZONE) == "Fri 13 March, 16:00–19:00"
    days = replace(
        hours, starts_at=at(FRIDAY, "00:00"), ends_at=at(date(2026, 3, 16), "00:00"), is_yearly=True
    )
    assert words.closure_span(days, ZONE) == "Fri 13 March to Sun 15 March, every year"
    assert (
        words.closure_span(replace(days, ends_at=at(date(2026, 3, 14), "00:00")), ZONE)
        == "Fri 13 March, every year"
    )
