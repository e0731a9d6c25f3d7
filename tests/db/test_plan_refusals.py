"""A plan is confirmed once, and only while it holds; what cannot be is refused in a sentence; and who may ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.domain.changing import SeriesNew, request
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import World
from tests.support.identities import refusal
from tests.support.planning import APPLY, PLAN, TUESDAY, Programme, fates, local, paid, somebody

NEXT = TUESDAY + timedelta(days=7)


@pytest.fixture
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture
def programme(world: World) -> Programme:
    return Programme(world)


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
    ({"first": "10000-01-01"}, "A series needs a first day."),
    ({"last": "10000-01-01"}, "The last day of a series is no date."),
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
