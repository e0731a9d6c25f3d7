"""The phrases of the front desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from console.domain.attendance import AttendanceState
from console.domain.desk import BookingStatus, Sibling
from console.models import words
from tests.support import today_samples as sample
from tests.support.today_samples import NOW, ZONE, at, booking_id, child, session_id


@pytest.mark.parametrize(
    ("months", "short", "long"),
    [
        (88, "7", "7 years 4 months"),
        (84, "7", "7 years"),
        (13, "13 mo", "1 year 1 month"),
        (11, "11 mo", "11 months"),
        (24, "2", "2 years"),
        (0, "0 mo", "0 months"),
    ],
)
def test_an_age_is_said_in_years_and_for_the_smallest_in_months(months: int, short: str, long: str) -> None:
    assert words.age_short(months) == short
    assert words.age_long(months) == long


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (72, 119, "ages 6–9"),
        (72, 108, "ages 6–9"),
        (72, None, "ages 6 and over"),
        (0, None, ""),
        (18, 36, "18 months to 3 years"),
        (6, 18, "6 months to 18 months"),
        (6, None, "6 months and over"),
    ],
)
def test_an_age_range_reads_as_people_say_it(low: int, high: int | None, said: str) -> None:
    session = replace(sample.sessions()[3], min_age_months=low, max_age_months=high)
    assert words.age_range(session) == said


def test_a_session_says_where_it_stands() -> None:
    judo, lego = sample.sessions()[3], sample.sessions()[4]
    assert words.session_clock(judo, NOW, ZONE) == "began 12 min ago"
    assert words.session_clock(judo, at(15, 30), ZONE) == "began just now"
    assert words.session_clock(lego, NOW, ZONE) == "begins in 3 min"
    assert words.session_clock(lego, at(9), ZONE) == "begins at 15:45"
    assert words.session_clock(lego, at(20) - timedelta(days=1), ZONE) == "begins tomorrow at 15:45"
    assert words.session_clock(judo, at(16, 40), ZONE) == "ended 10 min ago"
    assert words.session_clock(judo, at(20), ZONE) == "ended at 16:30"
    assert words.session_clock(replace(judo, closed_at=at(16, 35)), at(17), ZONE) == "closed at 16:35"
    assert words.session_clock(replace(judo, is_cancelled=True), NOW, ZONE) == "cancelled"


def test_the_mark_of_a_row_is_now_soon_or_ended_with_children_inside() -> None:
    judo, lego, ballet = sample.sessions()[3:6]
    assert words.session_mark(judo, NOW) == "Now"
    assert words.session_mark(lego, NOW) == "in 3 min"
    assert words.session_mark(ballet, NOW) == ""
    assert words.session_mark(judo, at(16, 31)) == "Ended"
    assert words.session_mark(replace(judo, in_count=0), at(16, 31)) == ""


def test_a_row_is_spoken_with_state_and_health() -> None:
    nia = next(entry for entry in sample.roster() if entry.first_name == "Nia")
    assert (
        words.spoken(nia, nia.state, nia.state_at, ZONE) == "Nia, 7, in since 15:41, peanut allergy, asthma"
    )
    assert words.spoken(nia, AttendanceState.IN, at(15, 41), ZONE, also="sending").startswith(
        "Nia, 7, in since 15:41, sending"
    )
    assert (
        words.spoken(child(1, "Femi", 6, "Ada"), AttendanceState.EXPECTED, None, ZONE) == "Femi, 6, expected"
    )


def test_the_caption_begins_with_what_tells_namesakes_apart() -> None:
    rachel, tomasz = child(1, "Leo", 7, "Rachel"), child(2, "Leo", 9, "Tomasz")
    assert words.caption(rachel, rachel.state, [tomasz], ZONE) == "Parent Rachel"
    same_parent = replace(tomasz, parent_first_name="Rachel")
    assert words.caption(rachel, rachel.state, [same_parent], ZONE) == "7 years · Parent Rachel"
    twins = replace(same_parent, age_months=rachel.age_months + 1)
    assert words.caption(rachel, rachel.state, [twins], ZONE) == "7 years 4 months · Parent Rachel"
    left = replace(rachel, state=AttendanceState.OUT, collected_by="Rose")
    assert words.caption(left, left.state, [], ZONE) == "Collected by Rose"
    assert words.caption(left, left.state, [tomasz], ZONE) == "Parent Rachel · collected by Rose"


def test_the_caption_names_a_first_visit_and_brothers_and_sisters() -> None:
    later = Sibling(
        booking_id(40),
        session_id(9),
        "Kofi",
        124,
        "Street Dance",
        at(17, 45),
        AttendanceState.EXPECTED,
        False,
    )
    here = replace(later, session_id=session_id(4), first_name="Ama")
    entry = child(1, "Nia", 7, "Dana", first_visit=True, siblings=(later, here))
    assert (
        words.caption(entry, entry.state, [], ZONE)
        == "Parent Dana · first visit · Kofi comes at 17:45 · with Ama"
    )


def test_the_caption_says_when_a_booking_is_not_plainly_confirmed() -> None:
    entry = child(1, "Nia", 7, "Dana", booking_status=BookingStatus.CANCELLED_PARENT)
    assert words.caption(entry, entry.state, [], ZONE) == "Booking cancelled · Parent Dana"
    entry = replace(entry, booking_status=BookingStatus.PENDING)
    assert words.caption(entry, entry.state, [], ZONE) == "Not confirmed yet · Parent Dana"


def test_visits_are_counted_since_the_first() -> None:
    entry = child(1, "Nia", 7, "Dana", visits=12, first_visit_on=date(2025, 10, 2))
    assert words.visits(entry, NOW, ZONE) == "12 visits since October"
    assert (
        words.visits(replace(entry, first_visit_on=date(2024, 5, 1)), NOW, ZONE) == "12 visits since May 2024"
    )
    assert (
        words.visits(replace(entry, visits=0, first_visit_on=None, first_visit=True), NOW, ZONE)
        == "first visit"
    )
    assert words.visits(replace(entry, visits=1, first_visit_on=None), NOW, ZONE) == "1 visit"


def test_times_are_the_venues_also_around_midnight() -> None:
    late = at(23, 50)
    assert words.local_day(late, ZONE) == date(2026, 3, 12)
    assert words.day_and_time(late, at(23, 55), ZONE) == "today 23:50"
    assert words.day_and_time(late, at(0, 5, date(2026, 3, 13)), ZONE) == "12 Mar 23:50"
    assert words.day_and_time(late - timedelta(days=365), late, ZONE) == "12 Mar 2025 23:50"


def test_the_list_is_titled_by_the_day() -> None:
    today = date(2026, 3, 12)
    titles = [words.day_title(today + timedelta(days=step), today) for step in (-1, 0, 1, 2)]
    assert titles == ["Yesterday", "Today", "Tomorrow", "Saturday"]
    assert words.day_line(today) == "Thu 12 March"
    assert words.day_line(today, weekday=False) == "12 March"


def test_a_state_has_a_time_and_a_place_where_it_is_known() -> None:
    entry = child(1, "Nia", 7, "Dana", state_desk="Desk 1")
    moment = at(15, 41)
    assert words.state_detail(entry, AttendanceState.IN, moment, ZONE) == "15:41 · Desk 1"
    assert words.state_detail(entry, AttendanceState.ABSENT, moment, ZONE) == "marked 15:41"
    assert words.state_detail(entry, AttendanceState.UNMARKED, moment, ZONE) == "at closing"
    assert words.state_detail(entry, AttendanceState.EXPECTED, moment, ZONE) == ""
    assert words.state_chip(AttendanceState.OUT, moment, ZONE) == "Out at 15:41"
