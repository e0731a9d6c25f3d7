"""A new weekly pattern is planned and made: its dates, what skips them, and what they overlap."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

import psycopg
import pytest

from console.domain.changing import SeriesNew, Settled
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, World
from tests.support.identities import refusal
from tests.support.planning import TUESDAY, Programme, fates, item_on, local

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


def test_sessions_of_a_day_may_follow_each_other_closely(programme: Programme) -> None:
    plan = programme.plan(
        SeriesNew(programme.facts(weekdays=(2, 3), start=time(12), minutes=1440, last=date(2026, 3, 4)))
    )
    assert (len(plan["items"]), plan["conflicts"]) == (2, [])  # one ends when the next begins


def test_two_dates_of_one_plan_that_meet_are_named_once(programme: Programme) -> None:
    series = programme.series(last=THURSDAY)
    programme.world.admin.execute("DELETE FROM activity_sessions WHERE recurring_schedule_id = %s", [series])
    factories.insert(
        programme.world.admin,
        "schedule_exceptions",
        {
            "venue_id": programme.world.venue,
            "schedule_id": series,
            "exception_date": TUESDAY,
            "kind": "changed",
            "new_day": THURSDAY,
        },
    )
    plan = programme.plan(programme.edit(series, last=THURSDAY, capacity=5))
    assert fates(plan) == {"created": [TUESDAY, THURSDAY]}
    room, instructor = plan["conflicts"]
    assert [(one["kind"], one["on"], one["other"], one["other_id"]) for one in (room, instructor)] == [
        ("room", "2026-03-05", "Clay", None),
        ("instructor", "2026-03-05", "Clay", None),
    ]


def test_a_room_that_is_closed_is_not_free(programme: Programme) -> None:
    programme.series(last=TUESDAY)
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
    plan = programme.plan(SeriesNew(programme.facts(last=TUESDAY, instructor=None)))
    # The whole venue is closed: nothing comes of it, and nothing overlaps.
    assert (fates(plan), plan["conflicts"]) == ({"skipped": [TUESDAY]}, [])
    programme.world.admin.execute(
        "INSERT INTO venue_closure_rooms (closure_id, room_id, venue_id) VALUES (%s, %s, %s)",
        [closure, programme.other_room, programme.world.venue],
    )
    plan = programme.plan(SeriesNew(programme.facts(last=TUESDAY, instructor=None)))
    assert [(one["kind"], one["free_rooms"]) for one in plan["conflicts"]] == [("room", [])]
