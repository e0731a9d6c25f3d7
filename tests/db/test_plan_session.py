"""One session is added or changed by itself: what the plan says, and that just this happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.domain.changing import request
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, World
from tests.support.identities import refusal
from tests.support.planning import APPLY, PLAN, TUESDAY, Programme, fates, local, somebody

FRIDAY = date(2026, 3, 6)
NEXT = TUESDAY + timedelta(days=7)


@pytest.fixture
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture
def programme(world: World) -> Programme:
    return Programme(world)


# A new one


def test_a_session_outside_every_series(programme: Programme) -> None:
    plan, answer = programme.do(programme.session_new(session_notes="Bring an apron."))
    (item,) = plan["items"]
    assert (item["fate"], local(item["starts_at"]), local(item["ends_at"]), item["room"]) == (
        "created",
        "2026-03-06 10:00",
        "2026-03-06 11:30",
        "Studio B",
    )
    row = programme.row(UUID(answer["session_id"]))
    assert (row["activity_id"], row["recurring_schedule_id"], row["total_capacity"]) == (
        programme.activity,
        None,
        8,
    )
    assert (row["instructor_name"], row["session_notes"], row["platform_allocated_spots"]) == (
        "Bo",
        "Bring an apron.",
        1,
    )
    assert (answer["created"], answer["series_id"]) == (1, None)


def test_a_session_over_midnight_on_the_night_of_the_change_of_clocks(programme: Programme) -> None:
    plan = programme.plan(programme.session_new(day=date(2026, 3, 7), start=time(22), minutes=300))
    # Until three by the clock, one hour of which there is not.
    assert (plan["items"][0]["starts_at"], plan["items"][0]["ends_at"]) == (
        "2026-03-08T03:00:00+00:00",
        "2026-03-08T07:00:00+00:00",
    )


def test_an_overlap_is_asked_about_and_may_be_allowed(programme: Programme) -> None:
    programme.do(programme.session_new())
    change = programme.session_new(start=time(11))
    plan = programme.plan(change)
    assert [(one["kind"], one["on"]) for one in plan["conflicts"]] == [
        ("room", "2026-03-06"),
        ("instructor", "2026-03-06"),
    ]
    assert plan["conflicts"][0]["free_rooms"] == [str(programme.room)]
    with pytest.raises(psycopg.Error) as caught:
        programme.apply(change, plan)
    assert refusal(caught.value) == ("NX409", "conflict")
    _, answer = programme.do(programme.session_new(start=time(11), allow=True))
    assert answer["created"] == 1


def test_a_closed_venue_takes_no_new_session(programme: Programme) -> None:
    factories.insert(
        programme.world.admin,
        "venue_closures",
        {
            "venue_id": programme.world.venue,
            "starts_at": datetime.fromisoformat("2026-03-06T00:00-05:00"),
            "ends_at": datetime.fromisoformat("2026-03-07T00:00-05:00"),
            "reason": "private_event",
        },
    )
    closed = ("NX409", "It is closed then: Private Event.")
    assert programme.refused(programme.session_new()) == closed
    _, answer = programme.do(programme.session_new(day=date(2026, 3, 7)))
    session = UUID(answer["session_id"])
    assert programme.refused(programme.session_edit(session, day=FRIDAY)) == closed
    # What already takes place in spite of the closure may be changed.
    inside = factories.session(
        programme.world.admin, programme.activity, starts_at=datetime.fromisoformat("2026-03-06T10:00-05:00")
    )
    assert fates(programme.plan(programme.session_edit(inside, start=time(11))))


def test_what_a_session_cannot_be(programme: Programme) -> None:
    good = request(programme.session_new())
    for facts, said in (
        ({"day": "2026-02-30"}, "A session needs a day."),
        ({"day": None}, "A session needs a day."),
        ({"day": "infinity"}, "A session needs a day."),
        ({"day": "2026-03-01"}, "That time has passed."),
        ({"start": "25:00"}, "A session starts between 00:00 and 23:59."),
        ({"minutes": 0}, "A session lasts 1 to 1,440 minutes."),
        ({"minutes": 2000}, "A session lasts 1 to 1,440 minutes."),
        ({"capacity": 0}, "A session has 1 to 10,000 places."),
        ({"platform_places": 9}, "There are 8 places, so 9 cannot be for the platform."),
        ({"room_id": str(uuid4())}, "This room is not in use here."),
        ({"session_notes": "x" * 4001}, "A note has at most 4,000 characters."),
    ):  # fmt: skip
        assert programme.refused(good | {"facts": good["facts"] | facts}) == ("NX422", said), facts
    assert programme.refused(good | {"activity_id": str(uuid4())})[0] == "NX422"


# Only this one


def test_only_this_session_is_changed_and_marked(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    session = programme.on(TUESDAY)
    booking = programme.world.booking("Nia", session)
    change = programme.session_edit(session, day=FRIDAY, start=time(9), minutes=45, instructor="Cy")
    plan, answer = programme.do(change)
    (item,) = plan["items"]
    assert (item["fate"], item["occurs_on"], item["changes"]) == (
        "moved", "2026-03-03", ["day", "time", "length", "instructor"],
    )  # fmt: skip
    (hit,) = plan["hits"]
    assert (hit["booking_id"], hit["fate"], hit["child"]) == (str(booking), "moved", "Nia")
    assert programme.messages() == [("session_changed", hit["message"])]
    assert (answer["changed"], answer["told"], answer["session_id"]) == (1, 1, str(session))
    row = programme.row(session)
    assert (local(row["starts_at"]), local(row["ends_at"])) == ("2026-03-06 09:00", "2026-03-06 09:45")
    assert (row["changed_by_hand"], row["occurs_on"], row["booked_count"]) == (True, TUESDAY, 1)
    noted = programme.exceptions(series)[TUESDAY]
    assert (noted["kind"], noted["new_day"], noted["new_start"], noted["new_minutes"]) == (
        "changed",
        FRIDAY,
        time(9),
        45,
    )
    assert (noted["new_instructor"], noted["new_room_id"], noted["new_capacity"]) == ("Cy", None, None)
    assert noted["created_by"] == programme.who.id
    # The pattern does not fill the date it left.
    assert programme.world.one("SELECT schedules.generate(ARRAY[%s::uuid], '2026-03-10') AS n", series) == {
        "n": 0
    }


def test_made_anew_a_changed_date_comes_out_changed(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    session = programme.on(TUESDAY)
    programme.do(
        programme.session_edit(session, day=FRIDAY, start=time(9), minutes=45, room_id=programme.other_room)
    )
    before = programme.row(session)
    programme.world.admin.execute("DELETE FROM activity_sessions WHERE id = %s", [session])
    programme.world.admin.execute("SELECT schedules.generate(ARRAY[%s::uuid], '2026-03-10')", [series])
    after = programme.row(programme.on(TUESDAY, series))
    same = (
        "starts_at",
        "ends_at",
        "room_id",
        "instructor_name",
        "total_capacity",
        "changed_by_hand",
        "occurs_on",
    )
    assert [after[name] for name in same] == [before[name] for name in same]


def test_changed_back_to_the_pattern_it_follows_again(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    session = programme.on(TUESDAY)
    programme.do(programme.session_edit(session, start=time(9), capacity=4))
    programme.do(programme.session_edit(session, start=time(16)))
    assert list(programme.exceptions(series)) == [TUESDAY]
    programme.do(programme.session_edit(session, capacity=12))
    assert programme.exceptions(series) == {}
    assert not programme.row(session)["changed_by_hand"]


def test_notes_are_no_change_of_the_pattern_and_nobody_is_told(programme: Programme) -> None:
    series = programme.series(last=NEXT)
    session = programme.on(TUESDAY)
    programme.world.booking("Nia", session)
    plan, _ = programme.do(
        programme.session_edit(session, session_notes="Aprons", instructor_notes="Kiln is hot")
    )
    assert (plan["items"][0]["changes"], plan["hits"]) == (["notes"], [])
    row = programme.row(session)
    assert (row["session_notes"], row["instructor_notes"], row["changed_by_hand"]) == (
        "Aprons",
        "Kiln is hot",
        False,
    )
    assert programme.exceptions(series) == {}
    assert programme.messages() == []


def test_a_change_of_nothing_does_nothing(programme: Programme) -> None:
    programme.series(last=NEXT)
    session = programme.on(TUESDAY)
    before = programme.row(session)
    plan, answer = programme.do(programme.session_edit(session))
    assert (plan["items"], answer["changed"]) == ([], 0)
    assert programme.row(session) == before


def test_brothers_and_sisters_are_told_in_one_message(programme: Programme) -> None:
    programme.series(last=NEXT)
    session = programme.on(TUESDAY)
    first = programme.world.child("Ada")
    parent = programme.world.one("SELECT parent_id AS p FROM children WHERE id = %s", first)["p"]
    programme.world.booking(first, session)
    programme.world.booking(programme.world.child("Ben", parent_id=parent), session)
    plan, answer = programme.do(programme.session_edit(session, start=time(17)))
    assert len(plan["hits"]) == 2
    assert answer["told"] == 1
    ((_, said),) = programme.messages()
    assert "Ada, Ben" in said
    assert {hit["message"] for hit in plan["hits"]} == {said}


def test_a_capacity_below_what_is_booked(programme: Programme) -> None:
    programme.series(last=NEXT)
    session = programme.on(TUESDAY)
    for _ in range(3):
        programme.world.booking("Nia", session)
    assert programme.refused(programme.session_edit(session, capacity=2)) == (
        "NX422",
        "3 children are booked, so 2 places are too few.",
    )
    _, answer = programme.do(programme.session_edit(session, capacity=3))
    assert answer["changed"] == 1


def test_released_places_may_be_given_to_the_platform_again(programme: Programme) -> None:
    programme.series(last=NEXT)
    session = programme.on(TUESDAY)
    programme.world.admin.execute(
        "UPDATE activity_sessions SET inventory_released = true, inventory_released_at = app.now() WHERE id = %s",
        [session],
    )
    plan, _ = programme.do(programme.session_edit(session, platform_places=4))
    assert plan["items"][0]["changes"] == ["places"]
    row = programme.row(session)
    assert (row["platform_allocated_spots"], row["inventory_released"]) == (4, False)


def test_what_has_begun_keeps_its_start_and_may_last_longer(programme: Programme) -> None:
    running = factories.session(
        programme.world.admin, programme.activity, starts_at=NOON - timedelta(minutes=30)
    )
    assert programme.refused(programme.session_edit(running, start=time(13))) == (
        "NX409",
        "This session has begun.",
    )
    assert programme.refused(programme.session_edit(running, minutes=20)) == (
        "NX422",
        "That time has passed.",
    )
    plan, _ = programme.do(programme.session_edit(running, minutes=75))
    assert plan["items"][0]["changes"] == ["length"]


def test_what_is_closed_or_cancelled_stays(programme: Programme) -> None:
    closed = factories.session(
        programme.world.admin,
        programme.activity,
        starts_at=NOON - timedelta(hours=3),
        is_completed=True,
        completed_at=NOON,
        closed_at=NOON,
    )
    cancelled = factories.session(
        programme.world.admin,
        programme.activity,
        starts_at=NOON + timedelta(days=1),
        is_cancelled=True,
        cancelled_at=NOON,
    )
    assert programme.refused(programme.session_edit(closed, capacity=5)) == (
        "NX409",
        "This session is closed.",
    )
    assert programme.refused(programme.session_edit(cancelled, capacity=5)) == (
        "NX409",
        "This session was cancelled.",
    )


def test_two_managers_at_one_session(programme: Programme) -> None:
    programme.series(last=NEXT)
    session = programme.on(TUESDAY)
    mine = programme.session_edit(session, start=time(17))
    plan = programme.plan(mine)
    programme.do(programme.session_edit(session, capacity=6))
    with pytest.raises(psycopg.Error) as caught:
        programme.apply(mine, plan)
    assert refusal(caught.value) == ("NX409", "version_changed")
    assert local(programme.row(session)["starts_at"]) == "2026-03-03 16:00"


# Who may


def test_another_venues_session_is_none(programme: Programme) -> None:
    elsewhere = factories.venue(programme.world.admin)
    session = factories.session(
        programme.world.admin,
        factories.activity(programme.world.admin, elsewhere),
        starts_at=NOON + timedelta(days=1),
    )
    assert programme.refused(programme.session_edit(session, capacity=5))[0] == "NX404"
    gone = request(programme.session_edit(session)) | {"session_id": str(uuid4())}
    assert programme.refused(gone)[0] == "NX404"


def test_a_front_desk_changes_no_session(programme: Programme) -> None:
    programme.series(last=NEXT)
    change = Jsonb(request(programme.session_edit(programme.on(TUESDAY), start=time(17))))
    desk = somebody(programme.world, "front_desk")
    for statement, more in ((PLAN, ()), (APPLY, ("x", uuid4()))):
        with pytest.raises(psycopg.Error) as caught:
            desk.call(statement, programme.world.venue, change, *more)
        assert refusal(caught.value)[0] == "NX403"


def test_closures_are_read_by_who_reads_sessions_and_by_nobody_else(programme: Programme) -> None:
    world = programme.world
    yearly = factories.insert(
        world.admin,
        "venue_closures",
        {
            "venue_id": world.venue,
            "starts_at": datetime.fromisoformat("2025-12-25T00:00-05:00"),
            "ends_at": datetime.fromisoformat("2025-12-26T00:00-05:00"),
            "reason": "holiday",
            "is_yearly": True,
        },
    )
    factories.insert(
        world.admin,
        "venue_closures",
        {"venue_id": world.venue, "starts_at": NOON, "ends_at": NOON + timedelta(hours=2), "reason": "other"},
    )
    between = "SELECT * FROM schedules.closures_between(%s, %s, %s)"
    ahead = "SELECT * FROM schedules.closures_ahead(%s)"
    desk = somebody(world, "front_desk")
    (day,) = desk.call(between, world.venue, date(2026, 12, 24), date(2026, 12, 25))
    assert (day["closure_id"], local(day["starts_at"]), day["is_yearly"], day["room_ids"]) == (
        yearly, "2026-12-25 00:00", True, [],
    )  # fmt: skip
    assert desk.call(between, world.venue, date(2026, 12, 26), date(2026, 12, 27)) == []
    assert [local(row["starts_at"]) for row in desk.call(ahead, world.venue)] == [
        "2026-03-02 12:00",
        "2026-12-25 00:00",
    ]
    stranger = somebody(world, "manager", venues=(factories.venue(world.admin),))
    for statement, arguments in ((between, (world.venue, FRIDAY, FRIDAY)), (ahead, (world.venue,))):
        with pytest.raises(psycopg.Error) as caught:
            stranger.call(statement, *arguments)
        assert refusal(caught.value)[0] == "NX403"
    with pytest.raises(psycopg.Error) as caught:
        desk.call(between, world.venue, FRIDAY, TUESDAY)
    assert refusal(caught.value)[0] == "NX422"
