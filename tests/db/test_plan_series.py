"""A weekly pattern is made, changed, split and ended: what the plan says, and that just this happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.domain.changing import Scope, SeriesNew, Settled, request
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, World
from tests.support.identities import refusal
from tests.support.places import family, ledger_is_whole
from tests.support.planning import APPLY, PLAN, TUESDAY, Programme, fates, item_on, local, somebody

THURSDAY = date(2026, 3, 5)
NEXT = TUESDAY + timedelta(days=7)
WEEK = timedelta(days=7)


@pytest.fixture
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture
def programme(world: World) -> Programme:
    return Programme(world)


def paid(programme: Programme, session: UUID, name: str = "Nia") -> UUID:
    """A place that was paid for with 2 credits."""
    booking = programme.world.booking(family(programme.world, name), session)
    programme.world.admin.execute(
        "SELECT credits.debit(booked_by, 2, id, 'debit:' || id) FROM bookings WHERE id = %s", [booking]
    )
    return booking


# A new one


def test_a_new_series_is_made_to_the_horizon(programme: Programme) -> None:
    plan, answer = programme.do(SeriesNew(programme.facts()))
    first = plan["items"][0]
    assert (first["fate"], local(first["starts_at"]), local(first["ends_at"])) == (
        "created",
        "2026-03-03 16:00",
        "2026-03-03 17:00",
    )
    assert (first["room"], first["changes"], first["bookings"], first["session_id"]) == (
        "Studio A",
        [],
        0,
        None,
    )
    # Ninety days from the second of March.
    assert plan["facts"]["until"] == "2026-05-31"
    assert plan["facts"]["goes_on"]
    dates = fates(plan)["created"]
    assert (len(dates), dates[-1]) == (26, date(2026, 5, 28))
    assert (answer["created"], answer["changed"], answer["cancelled"], answer["told"]) == (26, 0, 0, 0)
    series = UUID(answer["series_id"])
    assert programme.days(series) == dates
    row = programme.row(programme.on(TUESDAY, series))
    assert (row["total_capacity"], row["platform_allocated_spots"], row["instructor_name"]) == (12, 2, "Ana")
    assert not row["changed_by_hand"]
    kept = programme.world.one("SELECT * FROM activity_recurring_schedules WHERE id = %s", series)
    assert (kept["days_of_week"], kept["sessions_generated_until"]) == ([2, 4], date(2026, 5, 31))
    # The night's generation has nothing to add.
    assert programme.world.one("SELECT schedules.generate(ARRAY[%s::uuid], '2026-05-31') AS n", series) == {
        "n": 0
    }


def test_a_series_with_a_last_day_every_other_week(programme: Programme) -> None:
    plan = programme.plan(SeriesNew(programme.facts(last=date(2026, 4, 2), every_weeks=2)))
    assert fates(plan) == {
        "created": [date(2026, 3, 3), date(2026, 3, 5), date(2026, 3, 17), date(2026, 3, 19), date(2026, 3, 31),
                    date(2026, 4, 2)]
    }  # fmt: skip
    assert not plan["facts"]["goes_on"]


def test_the_clock_on_the_wall_stays_through_the_change_of_clocks(programme: Programme) -> None:
    plan = programme.plan(
        SeriesNew(programme.facts(weekdays=(0,), start=time(2, 30), last=date(2026, 3, 15)))
    )
    assert [item["starts_at"] for item in plan["items"]] == [
        "2026-03-08T07:30:00+00:00",  # 02:30 does not exist on that night: 03:30
        "2026-03-15T06:30:00+00:00",
    ]


def test_a_closure_and_a_wish_skip_a_date(programme: Programme) -> None:
    programme.world.admin.execute(
        """INSERT INTO venue_closures (venue_id, starts_at, ends_at, reason, reason_id)
           SELECT %s, '2026-03-05 05:00+00', '2026-03-06 05:00+00', 'holiday', id FROM closure_reasons
            WHERE name = 'Public holiday'""",
        [programme.world.venue],
    )
    change = SeriesNew(programme.facts(last=date(2026, 3, 12)), {date(2026, 3, 10): Settled(skip=True)})
    plan, answer = programme.do(change)
    assert fates(plan) == {
        "created": [TUESDAY, date(2026, 3, 12)],
        "skipped": [THURSDAY, date(2026, 3, 10)],
    }
    assert item_on(plan, THURSDAY)["why"] == "Public holiday"
    assert item_on(plan, date(2026, 3, 10))["why"] == "skipped"
    series = UUID(answer["series_id"])
    # The wish is remembered; the closure speaks for itself.
    assert {day: row["kind"] for day, row in programme.exceptions(series).items()} == {
        date(2026, 3, 10): "skipped"
    }
    programme.world.admin.execute("SELECT schedules.generate(ARRAY[%s::uuid], '2026-03-12')", [series])
    assert programme.days(series) == [TUESDAY, date(2026, 3, 12)]


def test_a_closed_room_skips_only_what_is_in_it(programme: Programme) -> None:
    closure = factories.insert(
        programme.world.admin,
        "venue_closures",
        {
            "venue_id": programme.world.venue,
            "starts_at": NOON,
            "ends_at": NOON + 2 * WEEK,
            "reason": "maintenance",
        },
    )
    programme.world.admin.execute(
        "INSERT INTO venue_closure_rooms (closure_id, room_id, venue_id) VALUES (%s, %s, %s)",
        [closure, programme.room, programme.world.venue],
    )
    weeks = {"weekdays": (2,), "last": date(2026, 3, 17)}
    assert fates(programme.plan(SeriesNew(programme.facts(**weeks)))) == {
        "skipped": [TUESDAY, NEXT],
        "created": [date(2026, 3, 17)],
    }
    elsewhere = programme.facts(**weeks, room_id=programme.other_room)
    assert list(fates(programme.plan(SeriesNew(elsewhere)))) == ["created"]


# Conflicts


def test_overlaps_name_the_other_session_and_the_rooms_that_are_free(programme: Programme) -> None:
    judo = factories.activity(programme.world.admin, programme.world.venue, name="Judo")
    at = datetime.fromisoformat("2026-03-03T16:30-05:00")
    other = factories.session(
        programme.world.admin, judo, starts_at=at, room_id=programme.room, instructor_name="ANA"
    )
    change = SeriesNew(programme.facts(last=THURSDAY))
    plan = programme.plan(change)
    room, instructor = plan["conflicts"]
    assert (room["kind"], room["on"], room["what"], room["other"], room["other_id"]) == (
        "room", "2026-03-03", "Studio A", "Judo", str(other),
    )  # fmt: skip
    assert (local(room["other_starts_at"]), local(room["other_ends_at"])) == (
        "2026-03-03 16:30",
        "2026-03-03 17:30",
    )
    assert room["free_rooms"] == [str(programme.other_room)]
    assert (instructor["kind"], instructor["what"], instructor["free_rooms"]) == ("instructor", "Ana", [])
    with pytest.raises(psycopg.Error) as caught:
        programme.apply(change, plan)
    assert refusal(caught.value) == ("NX409", "conflict")
    # Another room settles the one and leaves the other; a decision settles both; a skipped date has neither.
    for settled, kinds in (
        (Settled(room_id=programme.other_room), ["instructor"]),
        (Settled(allow=True), []),
        (Settled(skip=True), []),
    ):
        again = programme.plan(SeriesNew(change.facts, {TUESDAY: settled}))
        assert [one["kind"] for one in again["conflicts"]] == kinds


def test_another_room_for_one_date_is_kept_as_a_change_by_hand(programme: Programme) -> None:
    settled = {TUESDAY: Settled(room_id=programme.other_room)}
    series = programme.series(settled, last=THURSDAY)
    moved, plain = programme.row(programme.on(TUESDAY, series)), programme.row(programme.on(THURSDAY, series))
    assert (moved["room_id"], moved["changed_by_hand"]) == (programme.other_room, True)
    assert (plain["room_id"], plain["changed_by_hand"]) == (programme.room, False)
    assert {day: row["new_room_id"] for day, row in programme.exceptions(series).items()} == {
        TUESDAY: programme.other_room
    }


def test_a_pattern_that_overlaps_itself_is_a_conflict_without_another_session(programme: Programme) -> None:
    plan = programme.plan(
        SeriesNew(programme.facts(weekdays=(2, 3), start=time(12), minutes=1440, last=date(2026, 3, 4)))
    )
    assert plan["conflicts"] == []  # one ends when the next begins
    programme.series(weekdays=(1, 2, 3, 4), last=date(2026, 3, 5), first=date(2026, 3, 2))
    plan = programme.plan(SeriesNew(programme.facts(last=TUESDAY, instructor=None)))
    assert [(one["kind"], one["other"]) for one in plan["conflicts"]] == [("room", "Clay")]


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


# Once, and only what was looked at


def test_a_confirmation_sent_twice_happens_once(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 12))
    paid(programme, programme.on(NEXT))
    change = programme.edit(series, last=date(2026, 3, 12), start=time(17))
    plan, new_id = programme.plan(change), uuid4()
    first = programme.apply(change, plan, new_id)
    before = programme.world.all("SELECT id, version FROM activity_sessions ORDER BY id")
    assert programme.apply(change, plan, new_id) == first
    assert programme.world.all("SELECT id, version FROM activity_sessions ORDER BY id") == before
    assert len(programme.messages()) == 1


def test_a_booking_made_meanwhile_makes_the_plan_an_old_one(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 12))
    change = programme.edit(series, last=date(2026, 3, 12), start=time(17))
    plan = programme.plan(change)
    paid(programme, programme.on(NEXT))
    with pytest.raises(psycopg.Error) as caught:
        programme.apply(change, plan)
    assert refusal(caught.value) == ("NX409", "plan_changed")
    assert local(programme.row(programme.on(NEXT))["starts_at"]) == "2026-03-10 16:00"


def test_the_second_of_two_managers_learns_that_the_series_changed(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 12))
    mine = programme.edit(series, last=date(2026, 3, 12), start=time(17))
    plan = programme.plan(mine)
    programme.do(programme.edit(series, last=date(2026, 3, 12), capacity=4))
    with pytest.raises(psycopg.Error) as caught:
        programme.apply(mine, plan)
    assert refusal(caught.value) == ("NX409", "version_changed")
    assert programme.refused(mine) == ("NX409", "Somebody else changed this series.")


# What cannot be


IMPOSSIBLE: list[tuple[dict[str, object], str]] = [
    ({"weekdays": [9]}, "A weekday is a number from 0 (Sunday) to 6 (Saturday)."),
    ({"weekdays": ["x"]}, "A weekday is a number from 0 (Sunday) to 6 (Saturday)."),
    ({"weekdays": []}, "Choose at least one weekday."),
    ({"weekdays": None}, "A weekday is a number from 0 (Sunday) to 6 (Saturday)."),
    ({"start": "25:00"}, "A session starts between 00:00 and 23:59."),
    ({"start": "24:00"}, "A session starts between 00:00 and 23:59."),
    ({"start": None}, "A session starts between 00:00 and 23:59."),
    ({"minutes": 0}, "A session lasts 1 to 1,440 minutes."),
    ({"minutes": 1441}, "A session lasts 1 to 1,440 minutes."),
    ({"minutes": 99999999999}, "A session lasts 1 to 1,440 minutes."),
    ({"capacity": 0}, "A session has 1 to 10,000 places."),
    ({"capacity": "many"}, "A session has 1 to 10,000 places."),
    ({"platform_places": 13}, "There are 12 places, so 13 cannot be for the platform."),
    ({"platform_places": -1}, "Platform places cannot be less than none."),
    ({"every_weeks": 0}, "A series repeats every 1 to 52 weeks."),
    ({"first": None}, "A series needs a first day."),
    ({"first": "infinity"}, "A series needs a first day."),
    ({"first": "2026-02-30"}, "A series needs a first day."),
    ({"last": "2026-03-02"}, "The last day of a series is not before its first."),
    ({"last": "infinity"}, "The last day of a series is no date."),
    (
        {"last": "2299-12-31", "weekdays": [0, 1, 2, 3, 4, 5, 6]},
        "That would be 100,015 sessions; one change may make at most 1,000.",
    ),
    ({"last": "2036-03-03"}, "That would be 1,044 sessions; one change may make at most 1,000."),
    ({"room_id": "11111111-1111-4111-8111-111111111111"}, "This room is not in use here."),
    ({"room_id": "nowhere"}, "This room is not in use here."),
    ({"activity_id": None}, "Choose an activity of this venue."),
    ({"activity_id": "11111111-1111-4111-8111-111111111111"}, "Choose an activity of this venue."),
    ({"name": "x" * 101}, "The name of a series has at most 100 characters."),
    ({"instructor": "x" * 256}, "An instructor's name has at most 255 characters."),
]


def test_facts_that_cannot_be_are_refused_in_a_sentence(programme: Programme) -> None:
    good = request(SeriesNew(programme.facts()))
    for facts, said in IMPOSSIBLE:
        assert programme.refused(good | {"facts": good["facts"] | facts}) == ("NX422", said), facts
    nothing = "SELECT 1 FROM activity_recurring_schedules WHERE venue_id = %s"
    assert programme.world.all(nothing, programme.world.venue) == []


def test_malformed_changes_are_refused_in_a_sentence(programme: Programme) -> None:
    venue, good = programme.world.venue, request(SeriesNew(programme.facts()))
    for bad in (
        {"kind": "nonsense"},
        {},
        {"kind": "series_new"},
        {"kind": "series_new", "facts": [1]},
        good | {"settled": [1]},
        good | {"settled": {"today": {}, "x": {}}},
        good | {"settled": {"2026-03-03": {"skip": "perhaps"}}},
        good | {"settled": {"2026-03-03": {"room_id": str(uuid4())}}},
        good | {"kind": "series_edit", "series_id": "x", "version": 1, "scope": "all"},
        good | {"kind": "series_edit", "series_id": None, "version": "x", "scope": "all"},
        {"kind": "session_edit", "session_id": "x", "version": 1},
        {"kind": "session_new", "activity_id": "x", "facts": {}},
    ):
        assert programme.refused(bad)[0] == "NX422", bad
    assert (
        programme.refused(good | {"kind": "series_edit", "series_id": str(uuid4()), "version": 1})[0]
        == "NX404"
    )
    with pytest.raises(psycopg.Error) as caught:
        programme.who.call(APPLY, venue, Jsonb(good), None, uuid4())
    assert refusal(caught.value) == ("NX422", "fingerprint")


def test_rooms_that_were_put_away_may_stay_but_not_come(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    programme.world.admin.execute(
        "UPDATE rooms SET is_active = false WHERE venue_id = %s", [programme.world.venue]
    )
    assert fates(programme.plan(programme.edit(series, last=NEXT, capacity=5)))["changed"]
    refused = programme.refused(programme.edit(series, last=NEXT, room_id=programme.other_room))
    assert refused == ("NX422", "This room is not in use here.")


def test_a_series_keeps_its_activity(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    other = factories.activity(programme.world.admin, programme.world.venue)
    assert programme.refused(programme.edit(series, activity_id=other)) == (
        "NX422",
        "A series keeps its activity.",
    )


def test_an_activity_of_another_venue_is_not_offered_here(programme: Programme) -> None:
    elsewhere = factories.activity(programme.world.admin)
    assert programme.refused(SeriesNew(programme.facts(activity_id=elsewhere))) == (
        "NX422",
        "Choose an activity of this venue.",
    )


def test_a_capacity_below_what_is_booked_names_the_fullest_session(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 12))
    for day, count in ((NEXT, 2), (date(2026, 3, 12), 3)):
        for _ in range(count):
            programme.world.booking("Nia", programme.on(day))
    assert programme.refused(
        programme.edit(series, last=date(2026, 3, 12), capacity=1, platform_places=0)
    ) == (
        "NX422",
        "3 children are booked on Thursday 12 March, 16:00, so 1 places are too few.",
    )
    assert fates(programme.plan(programme.edit(series, last=date(2026, 3, 12), capacity=3)))


# Who may


def test_only_who_plans_here_may_plan(programme: Programme) -> None:
    world = programme.world
    change = Jsonb(request(SeriesNew(programme.facts())))
    elsewhere = factories.venue(world.admin)
    for who, answer in (
        (somebody(world, "front_desk"), "NX403"),
        (somebody(world, "venue_finance"), "NX403"),
        (somebody(world, "manager", venues=(elsewhere,)), "NX403"),
        (somebody(world, "platform_finance"), "NX403"),
    ):
        with pytest.raises(psycopg.Error) as caught:
            who.call(PLAN, world.venue, change)
        assert refusal(caught.value)[0] == answer, who
        with pytest.raises(psycopg.Error) as caught:
            who.call(APPLY, world.venue, change, "x", uuid4())
        assert refusal(caught.value)[0] == answer, who
    assert somebody(world, "platform_admin").call(PLAN, world.venue, change)


def test_a_revoked_desk_plans_nothing(programme: Programme) -> None:
    change = Jsonb(request(SeriesNew(programme.facts())))
    programme.world.admin.execute(
        "UPDATE auth.devices SET status = 'revoked', revoked_at = app.now() WHERE id = %s",
        [programme.who.device_id],
    )
    for statement, more in ((PLAN, ()), (APPLY, ("x", uuid4()))):
        with pytest.raises(psycopg.Error) as caught:
            programme.who.call(statement, programme.world.venue, change, *more)
        assert refusal(caught.value)[0] in {"NX403", "42501"}


def test_who_may_not_read_rosters_sees_no_names(programme: Programme) -> None:
    series = programme.series(last=date(2026, 3, 12))
    paid(programme, programme.on(NEXT))
    change = programme.edit(series, last=date(2026, 3, 12), start=time(17))
    manager, programme.who = programme.who, somebody(programme.world, "platform_admin")
    (hit,) = programme.plan(change)["hits"]
    programme.who = manager
    assert (hit["child"], hit["parent"], hit["message"]) == (None, None, None)
    # And of a child that may not be shown, nobody does; the parent is told all the same.
    programme.world.admin.execute(
        """UPDATE children SET deletion_requested = true, deletion_requested_at = app.now(),
                              deletion_scheduled_for = app.now() WHERE NOT deletion_requested"""
    )
    plan = programme.plan(change)
    assert plan["hits"][0]["child"] is None
    programme.apply(change, plan)
    assert len(programme.messages()) == 1
