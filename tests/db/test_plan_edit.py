"""A weekly pattern changes, splits and ends: what the plan says, and that just this happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest

from console.domain.changing import Scope, Settled
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.places import ledger_is_whole
from tests.support.planning import TUESDAY, Programme, fates, item_on, local, paid

THURSDAY = date(2026, 3, 5)
NEXT = TUESDAY + timedelta(days=7)


@pytest.fixture
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture
def programme(world: World) -> Programme:
    return Programme(world)


# All of it


def test_changing_all_of_a_series_keeps_the_bookings_and_tells_the_parents(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 12))
    booking = paid(programme, programme.on(NEXT))
    change = programme.edit(
        series, last=date(2026, 3, 12), start=time(17), room_id=programme.other_room, capacity=9
    )
    plan = programme.plan(change)
    assert fates(plan) == {"changed": [TUESDAY, THURSDAY, NEXT, date(2026, 3, 12)]}
    item = item_on(plan, NEXT)
    assert (item["changes"], item["bookings"], item["was_room"], item["room"]) == (
        ["time", "room", "capacity"], 1, "Studio A", "Studio B",
    )  # fmt: skip
    assert (local(item["was_starts_at"]), local(item["starts_at"])) == (
        "2026-03-10 16:00",
        "2026-03-10 17:00",
    )
    (hit,) = plan["hits"]
    assert (hit["booking_id"], hit["fate"], hit["child"], hit["refund"]) == (
        str(booking),
        "changed",
        "Nia",
        0,
    )
    assert "16:00" in hit["message"]
    assert "Studio B" in hit["message"]
    answer = programme.apply(change, plan)
    assert (answer["changed"], answer["told"], answer["series_id"]) == (4, 1, str(series))
    # What was promised in the preview is what was written.
    assert programme.messages() == [("session_changed", hit["message"])]
    row = programme.row(programme.on(NEXT))
    assert (local(row["starts_at"]), row["booked_count"], row["total_capacity"]) == ("2026-03-10 17:00", 1, 9)
    assert programme.world.one("SELECT status FROM bookings WHERE id = %s", booking)["status"] == "confirmed"


def test_only_a_capacity_touches_no_family(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    paid(programme, programme.on(NEXT))
    plan, _ = programme.do(programme.edit(series, last=NEXT, capacity=20, platform_places=3))
    assert (plan["hits"], plan["conflicts"]) == ([], [])
    assert item_on(plan, NEXT)["changes"] == ["capacity", "places"]
    assert programme.messages() == []


def test_a_date_that_leaves_and_one_that_comes_in_its_week_are_one_session_that_moves(
    programme: Programme,
) -> None:
    series = programme.series(last=date(2026, 3, 12))
    booking = paid(programme, programme.on(NEXT))
    plan, answer = programme.do(programme.edit(series, last=date(2026, 3, 13), weekdays=(3, 4, 5)))
    assert fates(plan) == {
        "moved": [date(2026, 3, 4), date(2026, 3, 11)],
        "created": [date(2026, 3, 6), date(2026, 3, 13)],
    }
    assert item_on(plan, date(2026, 3, 11))["changes"] == ["day"]
    assert (answer["created"], answer["changed"], answer["cancelled"]) == (2, 2, 0)
    row = programme.row(programme.on(date(2026, 3, 11)))
    assert (row["booked_count"], row["session_date"]) == (1, date(2026, 3, 11))
    assert (
        programme.world.one("SELECT session_id AS s FROM bookings WHERE id = %s", booking)["s"] == row["id"]
    )
    assert [key for key, _ in programme.messages()] == ["session_changed"]


def test_what_leaves_without_a_place_to_go_is_removed_or_cancelled(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 12))
    thursday = programme.on(date(2026, 3, 12))
    paid(programme, thursday)
    programme.world.admin.execute("UPDATE activity_sessions SET total_capacity = 1 WHERE id = %s", [thursday])
    factories.insert(
        programme.world.admin,
        "waitlist",
        {
            "session_id": thursday,
            "venue_id": programme.world.venue,
            "child_id": (child := programme.world.child("Max")),
            "user_id": programme.world.one("SELECT parent_id AS p FROM children WHERE id = %s", child)["p"],
        },
    )
    plan, answer = programme.do(programme.edit(series, last=date(2026, 3, 12), weekdays=(2,)))
    assert fates(plan) == {"removed": [THURSDAY], "cancelled": [date(2026, 3, 12)]}
    (hit,) = plan["hits"]
    assert (hit["fate"], hit["refund"], plan["waiting"]) == ("cancelled", 2, 1)
    assert (answer["cancelled"], answer["told"]) == (1, 2)
    assert programme.days(series) == [TUESDAY, NEXT]
    row = programme.row(thursday)
    assert (row["is_cancelled"], row["booked_count"]) == (True, 0)
    assert sorted(key for key, _ in programme.messages()) == ["session_cancelled", "waitlist_closed"]
    ledger_is_whole(programme.world)


def test_a_session_changed_by_hand_keeps_its_change(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 12))
    programme.do(programme.session_edit(programme.on(NEXT), start=time(18), capacity=5))
    plan, _ = programme.do(programme.edit(series, last=date(2026, 3, 12), start=time(9), capacity=9))
    kept = item_on(plan, NEXT)
    assert (kept["fate"], kept["why"]) == ("kept", "changed by hand")
    assert local(kept["starts_at"]) == "2026-03-10 18:00"
    row = programme.row(programme.on(NEXT))
    assert (local(row["starts_at"]), row["total_capacity"], row["changed_by_hand"]) == (
        "2026-03-10 18:00",
        5,
        True,
    )
    # What it differs in from the new pattern is noted, so that it would be made just so again.
    noted = programme.exceptions(series)[NEXT]
    assert (noted["new_start"], noted["new_capacity"], noted["new_day"]) == (time(18), 5, None)


def test_a_session_changed_by_hand_stands_for_the_date_that_comes_in_its_place(programme: Programme) -> None:
    series = programme.series(weekdays=(2,), last=NEXT)
    programme.do(programme.session_edit(programme.on(NEXT), start=time(18)))
    plan, _ = programme.do(programme.edit(series, weekdays=(3,), last=date(2026, 3, 11)))
    assert fates(plan) == {"moved": [date(2026, 3, 4)], "kept": [date(2026, 3, 11)]}
    assert programme.days(series) == [date(2026, 3, 4), NEXT]
    assert list(programme.exceptions(series)) == [date(2026, 3, 11)]
    noted = programme.exceptions(series)[date(2026, 3, 11)]
    assert (noted["new_day"], noted["new_start"]) == (NEXT, time(18))
    assert programme.world.one("SELECT schedules.generate(ARRAY[%s::uuid], '2026-03-11') AS n", series) == {
        "n": 0
    }


def test_what_has_begun_is_over_or_was_cancelled_is_left_alone(programme: Programme) -> None:
    series = programme.series(weekdays=(1, 2, 3, 4), first=date(2026, 3, 2), last=date(2026, 3, 5))
    running = programme.on(TUESDAY)
    programme.world.admin.execute(
        "UPDATE activity_sessions SET is_cancelled = true, cancelled_at = app.now() WHERE id = %s",
        [programme.on(date(2026, 3, 4))],
    )
    programme.world.at(datetime.fromisoformat("2026-03-03T16:30-05:00"))
    plan, _ = programme.do(
        programme.edit(
            series, weekdays=(1, 2, 3, 4), first=date(2026, 3, 2), last=date(2026, 3, 5), capacity=6
        )
    )
    assert {item["occurs_on"]: (item["fate"], item["why"]) for item in plan["items"]} == {
        "2026-03-03": ("kept", "has begun"),
        "2026-03-04": ("kept", "cancelled"),
        "2026-03-05": ("changed", None),
    }
    assert programme.row(running)["total_capacity"] == 12


def test_a_session_whose_first_children_have_come_has_begun(programme: Programme) -> None:
    series = programme.series(last=NEXT, weekdays=(2,))
    session = programme.on(TUESDAY)
    booking = paid(programme, session)
    programme.world.admin.execute(
        """UPDATE bookings SET attendance_state = 'in', checked_in_at = app.now(), attendance_at = app.now()
            WHERE id = %s""",
        [booking],
    )
    plan = programme.plan(programme.edit(series, last=NEXT, weekdays=(2,), start=time(17)))
    assert fates(plan) == {"kept": [TUESDAY], "changed": [NEXT]}
    assert fates(programme.plan(programme.end(series, TUESDAY))) == {"kept": [TUESDAY], "removed": [NEXT]}
    alone = programme.session_edit(session, start=time(17))
    assert programme.refused(alone) == ("NX409", "This session has begun.")


def test_a_time_that_has_passed_today_is_not_moved_to(programme: Programme) -> None:
    series = programme.series(weekdays=(1,), first=date(2026, 3, 2), last=date(2026, 3, 9))
    plan = programme.plan(
        programme.edit(series, weekdays=(1,), first=date(2026, 3, 2), last=date(2026, 3, 9), start=time(9))
    )
    assert {item["occurs_on"]: (item["fate"], item["why"]) for item in plan["items"]} == {
        "2026-03-02": ("kept", "that time has passed"),
        "2026-03-09": ("changed", None),
    }


def test_a_series_moved_into_a_closure_loses_that_date(programme: Programme) -> None:
    series = programme.series(last=NEXT, weekdays=(2,))
    paid(programme, programme.on(NEXT))
    factories.insert(
        programme.world.admin,
        "venue_closures",
        {
            "venue_id": programme.world.venue,
            "starts_at": datetime.fromisoformat("2026-03-10T08:00-04:00"),
            "ends_at": datetime.fromisoformat("2026-03-10T12:00-04:00"),
            "reason": "maintenance",
        },
    )
    plan, _ = programme.do(programme.edit(series, last=NEXT, weekdays=(2,), start=time(9)))
    assert fates(plan) == {"changed": [TUESDAY], "cancelled": [NEXT]}
    assert item_on(plan, NEXT)["why"] == "Maintenance"


def test_what_takes_place_in_spite_of_a_closure_goes_on(programme: Programme) -> None:
    series = programme.series(last=NEXT, weekdays=(2,))
    factories.insert(
        programme.world.admin,
        "venue_closures",
        {
            "venue_id": programme.world.venue,
            "starts_at": datetime.fromisoformat("2026-03-10T08:00-04:00"),
            "ends_at": datetime.fromisoformat("2026-03-10T20:00-04:00"),
            "reason": "maintenance",
        },
    )
    plan = programme.plan(programme.edit(series, last=NEXT, weekdays=(2,), start=time(17)))
    assert fates(plan) == {"changed": [TUESDAY, NEXT]}


def test_a_session_changed_by_hand_is_in_the_way_like_any_other(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 12))
    by_hand = programme.on(NEXT)
    programme.do(programme.session_edit(by_hand, day=date(2026, 3, 12), start=time(17)))
    plan = programme.plan(programme.edit(series, last=date(2026, 3, 12), start=time(17), instructor=None))
    assert [(one["kind"], one["on"], one["other_id"]) for one in plan["conflicts"]] == [
        ("room", "2026-03-12", str(by_hand))
    ]


def test_an_overlap_that_was_there_before_is_not_asked_about_again(programme: Programme) -> None:
    series = programme.series(last=TUESDAY)
    programme.series({TUESDAY: Settled(allow=True)}, last=TUESDAY)
    plan = programme.plan(programme.edit(series, last=TUESDAY, capacity=5))
    assert (fates(plan), plan["conflicts"]) == ({"changed": [TUESDAY]}, [])
    # A new instructor is asked about, the room is as it was.
    programme.world.admin.execute("UPDATE activity_sessions SET instructor_name = 'Bo'")
    plan = programme.plan(programme.edit(series, last=TUESDAY, instructor="bo"))
    assert [one["kind"] for one in plan["conflicts"]] == ["instructor"]


def test_a_room_where_there_was_none_is_a_change(programme: Programme) -> None:
    series = programme.series(last=TUESDAY, room_id=None, instructor=None)
    paid(programme, programme.on(TUESDAY))
    plan, _ = programme.do(programme.edit(series, last=TUESDAY))
    assert item_on(plan, TUESDAY)["changes"] == ["room", "instructor"]
    assert programme.row(programme.on(TUESDAY))["room_id"] == programme.room
    ((_, said),) = programme.messages()
    assert "Studio A" in said
    assert "Ana" in said


def test_sessions_beyond_the_horizon_follow_too(programme: Programme) -> None:
    series = programme.series(weekdays=(2,))
    programme.world.admin.execute("SELECT schedules.generate(ARRAY[%s::uuid], '2026-06-30')", [series])
    plan = programme.plan(programme.edit(series, weekdays=(2,), capacity=5))
    assert fates(plan)["changed"][-1] == date(2026, 6, 30)


# This and following


def test_following_splits_the_series(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 19))
    programme.do(programme.session_edit(programme.on(date(2026, 3, 17)), instructor="Cy"))
    booking = paid(programme, programme.on(date(2026, 3, 12)))
    change = programme.edit(series, Scope.FOLLOWING, NEXT, last=date(2026, 3, 19), start=time(17))
    plan, answer = programme.do(change)
    assert plan["facts"]["splits"]
    assert fates(plan) == {
        "changed": [NEXT, date(2026, 3, 12), date(2026, 3, 19)],
        "kept": [date(2026, 3, 17)],
    }
    made = UUID(answer["series_id"])
    assert made != series
    rows = {
        row["id"]: row
        for row in programme.world.all(
            "SELECT * FROM activity_recurring_schedules WHERE venue_id = %s", programme.world.venue
        )
    }
    assert rows[series]["effective_until"] == date(2026, 3, 9)
    assert (rows[series]["start_time"], rows[made]["start_time"]) == (time(16), time(17))
    assert (rows[made]["effective_from"], rows[made]["split_from_id"]) == (NEXT, series)
    assert programme.days(series) == [TUESDAY, THURSDAY]
    assert programme.days(made) == [NEXT, date(2026, 3, 12), date(2026, 3, 17), date(2026, 3, 19)]
    assert list(programme.exceptions(series)) == []
    noted = programme.exceptions(made)[date(2026, 3, 17)]
    assert (noted["new_instructor"], noted["new_start"]) == ("Cy", time(16))
    assert programme.world.one("SELECT status FROM bookings WHERE id = %s", booking)["status"] == "confirmed"
    for one in (series, made):
        assert programme.world.one("SELECT schedules.generate(ARRAY[%s::uuid], '2026-03-19') AS n", one) == {
            "n": 0
        }


def test_following_from_the_first_date_changes_the_series_itself(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    plan, answer = programme.do(programme.edit(series, Scope.FOLLOWING, TUESDAY, last=NEXT, start=time(17)))
    assert (plan["facts"]["splits"], answer["series_id"]) == (False, str(series))
    assert (
        programme.world.all("SELECT 1 FROM activity_recurring_schedules WHERE split_from_id = %s", series)
        == []
    )


def test_following_needs_a_date_of_the_series_that_is_to_come(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 19), first=date(2026, 2, 24))
    for pivot, said in (
        (date(2026, 3, 11), "This series has no session on that day."),
        (date(2026, 2, 26), "What is over cannot be changed."),
    ):
        assert programme.refused(programme.edit(series, Scope.FOLLOWING, pivot)) == ("NX422", said)
    assert programme.refused(programme.edit(series, Scope.FOLLOWING, NEXT, first=TUESDAY)) == (
        "NX422",
        "What follows cannot begin before the day it follows from.",
    )
    assert programme.refused(programme.edit(series, Scope.ONLY, NEXT))[0] == "NX422"


# The end


def test_ending_a_series_cancels_what_is_booked(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 19))
    paid(programme, programme.on(date(2026, 3, 12)))
    programme.do(programme.session_edit(programme.on(date(2026, 3, 19)), start=time(18)))
    plan, answer = programme.do(programme.end(series, NEXT))
    assert fates(plan) == {
        "removed": [NEXT, date(2026, 3, 17), date(2026, 3, 19)],
        "cancelled": [date(2026, 3, 12)],
    }
    assert plan["hits"][0]["refund"] == 2
    assert (answer["cancelled"], answer["told"]) == (1, 1)
    assert programme.days(series) == [TUESDAY, THURSDAY]
    kept = programme.world.one("SELECT * FROM activity_recurring_schedules WHERE id = %s", series)
    assert (kept["effective_until"], kept["is_active"]) == (date(2026, 3, 9), True)
    ((key, said),) = programme.messages()
    assert (key, "The teacher leaves." in said, said == plan["hits"][0]["message"]) == (
        "session_cancelled",
        True,
        True,
    )
    ledger_is_whole(programme.world)


def test_a_series_that_ends_before_it_began_is_put_away(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    programme.do(programme.end(series, TUESDAY))
    assert programme.days(series) == []
    assert programme.refused(programme.edit(series)) == ("NX409", "This series has ended.")
    assert programme.refused(programme.end(series, TUESDAY)) == ("NX409", "This series has ended.")


def test_an_end_needs_a_reason(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    for reason in ("", "  ", "x" * 501):
        assert programme.refused(programme.end(series, NEXT, reason))[0] == "NX422"
