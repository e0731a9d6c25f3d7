"""Where everything of a week stands: lanes, rows of what overlaps, hours, closures, filters, and what a plan adds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from console.domain.changing import Change, SessionCancel, SessionEdit, SessionFacts
from console.domain.programme import Calendar, CalendarSession, ClosureKind, ClosureSpan, Room
from console.views.schedule import words
from console.views.schedule.arranging import arrange
from console.views.schedule.lanes import About, Block, By, Look, Wanted, Week, day_hours, span_of
from tests.support import programme_samples as sample
from tests.support.programme_gateway import planned

THURSDAY = 3


def arranged(
    calendar: Calendar | None = None, wanted: Wanted | None = None, about: About | None = None
) -> Week:
    return arrange(calendar or sample.week(), sample.ZONE, sample.NOW, wanted or Wanted(), about or About())


def of(week: Week, name: str, strip: int = THURSDAY) -> Block:
    return next(one for one in week.blocks if one.title == name and one.strip == strip)


def with_sessions(*sessions: CalendarSession, rooms: tuple[Room, ...] = sample.ROOMS) -> Calendar:
    return Calendar(sample.MONDAY, sample.MONDAY + timedelta(days=6), rooms, sessions, ())


def shut(begin: str, end: str, day: date = sample.TODAY, rooms: tuple[UUID, ...] = ()) -> ClosureSpan:
    return ClosureSpan(
        UUID(int=5),
        1,
        sample.at(day, begin),
        sample.at(day, end),
        "Storm",
        ClosureKind.WEATHER,
        None,
        rooms,
        False,
    )


def test_every_session_stands_in_its_day_and_room_and_the_hours_are_those_of_the_week() -> None:
    week = arranged()
    assert len(week.blocks) == 42
    assert [len(strip.lanes) for strip in week.strips] == [3] * 6 + [0]
    assert week.strips[6].note == "15, no sessions"
    assert (week.first_minute, week.last_minute) == (9 * 60, 19 * 60)
    lego = of(week, "LEGO Robotics")
    assert week.strips[3].lanes[lego.lane].name == "Room A"
    assert (lego.start, lego.end, lego.inside, lego.places) == (945, 1005, "4", "12/12 full")


def test_looks_follow_the_clock_and_the_panel() -> None:
    week = arranged()
    assert of(week, "Mini Gym").look is Look.PAST
    assert of(week, "Junior Judo").look is Look.NOW
    assert of(week, "Street Dance").look is Look.COMING
    lit = arranged(about=About(series_id=sample.series_id("Street Dance")))
    assert of(lit, "Street Dance").look is Look.SERIES
    assert of(lit, "Street Dance", 0).look is Look.PAST


def test_what_overlaps_in_a_lane_shares_it_and_what_only_touches_does_not() -> None:
    one = sample.session(sample.TODAY, "17:00", 60, "A")
    two = sample.session(sample.TODAY, "17:30", 60, "B")
    three = sample.session(sample.TODAY, "18:30", 60, "C")
    week = arranged(with_sessions(one, two, three))
    rows = {block.title: (block.row, block.rows) for block in week.blocks}
    assert rows == {"A": (0, 2), "B": (1, 2), "C": (0, 1)}
    assert week.strips[3].lanes[0].rows == 2


def test_sessions_without_a_room_have_a_lane_and_lanes_may_be_people() -> None:
    loose = sample.session(sample.TODAY, "17:00", 60, "LEGO Robotics", None)
    week = arranged(with_sessions(loose))
    assert [lane.name for lane in week.strips[3].lanes] == ["Main Hall", "Room A", "Room B", "No room"]
    assert week.blocks[0].lane == 3
    people = arranged(wanted=Wanted(by=By.INSTRUCTOR))
    names = [lane.name for lane in people.strips[3].lanes]
    assert names[:2] == ["Ada Mensah", "Ines Duarte"]
    assert names[-1] == "No instructor"


def test_with_many_rooms_only_those_in_use_have_lanes() -> None:
    rooms = tuple(Room(UUID(int=0x500 + at), f"Studio {at}") for at in range(40))
    week = arranged(with_sessions(sample.session(sample.TODAY, "17:00", 60, room=rooms[7]), rooms=rooms))
    assert [lane.name for lane in week.strips[3].lanes] == ["Studio 7"]
    chosen = Wanted(rooms=frozenset({str(rooms[7].id), str(rooms[8].id)}))
    both = arranged(
        with_sessions(sample.session(sample.TODAY, "17:00", 60, room=rooms[7]), rooms=rooms), chosen
    )
    assert [lane.name for lane in both.strips[3].lanes] == ["Studio 7", "Studio 8"]


def test_a_session_past_midnight_goes_on_in_its_own_day() -> None:
    late = sample.session(sample.TODAY, "22:30", 180, "Sleepover")
    week = arranged(with_sessions(late))
    (block,) = week.blocks
    assert (block.strip, block.start, block.end) == (3, 22 * 60 + 30, 25 * 60 + 30)
    assert week.last_minute == 26 * 60
    assert words.hour(block.end) == "01:30"


def test_a_whole_night_says_until_when_and_does_not_widen_the_week() -> None:
    night = sample.session(sample.TODAY, "20:30", 690, "Sleepover", booked=8)
    week = arranged(with_sessions(night, sample.session(sample.TODAY, "10:00", 60)))
    block = next(one for one in week.blocks if one.title == "Sleepover")
    assert block.places == "8/12 until 08:00"
    assert (week.first_minute, week.last_minute) == (10 * 60, 22 * 60)


def test_a_day_that_is_only_filtered_away_does_not_say_that_it_is_empty() -> None:
    week = arranged(wanted=Wanted(text="chess"))
    assert [strip.note for strip in week.strips if not strip.lanes] == [
        "10, nothing matches", "12, nothing matches", "13, nothing matches", "14, nothing matches",
        "15, no sessions",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Europe/London", date(2026, 3, 29), 23),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24),
        ("America/Phoenix", date(2026, 3, 8), 24),
    ],
)
def test_a_day_is_as_long_as_its_clock(zone: str, day: date, hours: int) -> None:
    # Lord Howe's half hour rounds away: the mark is for whole hours.
    assert day_hours(day, ZoneInfo(zone)) == hours


def test_a_day_of_another_length_says_why() -> None:
    assert words.long_day(23) == "The clock goes forward: this day has 23 hours."
    assert words.long_day(25) == "The clock goes back: this day has 25 hours."


def test_on_the_days_the_clock_changes_blocks_stand_by_the_wall() -> None:
    new_york = ZoneInfo("America/New_York")
    # 01:30 to 03:30 by the wall, an hour in truth: the clock goes forward at two.
    spring = replace(
        sample.session(date(2026, 3, 8), "12:00", 60),
        starts_at=datetime(2026, 3, 8, 6, 30, tzinfo=UTC), ends_at=datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
    )  # fmt: skip
    assert span_of(spring, new_york) == (90, 210)
    # 01:45 to 01:15, half an hour in truth: the clock goes back at two, and the end reads earlier than the start.
    autumn = replace(
        sample.session(date(2026, 11, 1), "12:00", 60),
        starts_at=datetime(2026, 11, 1, 5, 45, tzinfo=UTC), ends_at=datetime(2026, 11, 1, 6, 15, tzinfo=UTC),
    )  # fmt: skip
    assert span_of(autumn, new_york) == (105, 135)


def test_closures_lie_over_a_room_or_over_all_and_fold_a_day_without_sessions() -> None:
    room = arranged()
    (kiln,) = room.shut
    assert (kiln.strip, kiln.lane, kiln.title) == (2, 2, "Closed: kiln repair, 16:00–19:00")
    storm = arranged(replace(sample.week(), closures=(shut("12:00", "15:00"),)))
    assert [(one.lane, one.start, one.end) for one in storm.shut] == [(-1, 720, 900)]
    sunday = sample.MONDAY + timedelta(days=6)
    whole = replace(shut("00:00", "23:59", sunday), ends_at=sample.at(sunday + timedelta(days=1), "00:00"))
    folded = arranged(replace(sample.week(), closures=(whole,)))
    assert folded.strips[6].note == "15, closed: Storm"
    assert folded.shut == ()


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(text="judo"), 5),
        (Wanted(text="judo KEN"), 5),
        (Wanted(text="room pottery"), 3),
        (Wanted(rooms=frozenset({str(sample.HALL.id)})), 18),
        (Wanted(instructors=frozenset({"Leo Brandt"})), 2),
        (Wanted(activities=frozenset({str(sample.activity_id("Coding Lab"))})), 2),
        (Wanted(text="nothing like it"), 0),
    ],
)
def test_filters_leave_out_what_is_not_wanted(wanted: Wanted, count: int) -> None:
    assert len(arranged(wanted=wanted).blocks) == count


def test_cancelled_sessions_show_while_somebody_was_booked_or_when_asked_for() -> None:
    booked, empty = (
        replace(sample.session(sample.TODAY, "17:00", 60, name, booked=many), is_cancelled=True)
        for name, many in (("Judo", 3), ("Chess", 0))
    )
    calendar = with_sessions(booked, empty)
    assert [one.title for one in arranged(calendar).blocks] == ["Judo"]
    both = arranged(calendar, Wanted(cancelled=True))
    assert {one.look for one in both.blocks} == {Look.CANCELLED}
    assert len(both.blocks) == 2
    assert words.totals(both.seen) == "No sessions"


def test_a_plan_shows_where_a_session_leaves_where_it_would_be_and_what_it_overlaps() -> None:
    drama = next(one for one in sample.week().sessions if one.activity == "Drama Sparks")
    facts = SessionFacts(drama.day, time(16, 15), 60, 12, sample.ROOM_B.id)
    plan = planned(SessionEdit(drama.id, 1, facts))
    week = arranged(about=About(drama.series_id, drama.id, plan, "Drama Sparks"))
    assert [one.title for one in week.behind] == ["Drama Sparks"]
    assert week.behind[0].look is Look.LEAVING
    assert week.behind[0].places == "9/12"
    new = next(one for one in week.blocks if one.look is Look.OVERLAP)
    hit = next(one for one in week.blocks if one.look is Look.HIT)
    assert (new.title, new.lane, new.start, new.rows) == ("Drama Sparks", 2, 975, 2)
    assert (hit.title, hit.rows) == ("Pottery Wheel", 2)
    assert len(week.seen) == 42


def test_a_plan_that_cancels_strikes_the_block() -> None:
    judo = next(one for one in sample.week().sessions if one.activity == "Junior Judo" and one.day.day == 13)
    change: Change = SessionCancel(judo.id, 1, "Storm")
    week = arranged(about=About(None, judo.id, planned(change)))
    assert of(week, "Junior Judo", 4).look is Look.GOING


def test_days_and_patterns_in_words() -> None:
    assert words.week_title(date(2026, 3, 9)) == "9–15 March 2026"
    assert words.week_title(date(2026, 3, 30)) == "30 March – 5 April 2026"
    assert words.week_title(date(2026, 12, 28), short=True) == "28 Dec 2026 – 3 Jan 2027"
    assert words.weekdays((4,)) == "Thursdays"
    assert words.weekdays((1, 2, 3, 4, 5)) == "Monday to Friday"
    assert words.weekdays((0, 1, 3)) == "Mon, Wed, Sun"
    assert words.weekdays((0, 1, 2, 3, 4, 5, 6)) == "Every day"


def test_a_block_is_spoken_in_full() -> None:
    judo = next(
        one for one in sample.week().sessions if one.activity == "Junior Judo" and one.day == sample.TODAY
    )
    said = words.spoken(replace(judo, waiting=2, changed_by_hand=True), "Main Hall", sample.ZONE)
    assert said == (
        "Junior Judo, Thursday 12 March 15:30 to 16:30, Main Hall, 9 in, 16 of 18 booked, 2 waiting, changed by hand"
    )
