"""Closures: what they cancel, skip and leave alone; rooms, years, and lifting one again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from psycopg.types.json import Jsonb

from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.places import denied, ledger_is_whole, sentence
from tests.support.replanning import APPLY, PLAN, cancelling, change, confirm, look, paid, told, waiting

# NOON is 12:00 in New York on Monday, 2 March 2026.
DAY = timedelta(days=1)


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        made.admin.execute("DELETE FROM activity_sessions WHERE id = %s", [made.session])
        yield made


@pytest.fixture
def boss(world: World) -> Person:
    return world.person("manager", name="Elena", desk=world.desk("Office"))


def reason(world: World, name: str = "Maintenance") -> UUID:
    found: UUID = world.one("SELECT id FROM closure_reasons WHERE name = %s AND venue_id IS NULL", name)["id"]
    return found


def closing(world: World, starts: str, ends: str, **facts: object) -> Row:
    return change(
        "closure_new",
        starts=starts,
        ends=ends,
        **{"reason_id": reason(world), "room_ids": [], "is_yearly": False, "explanation": None} | facts,
    )


def lifting(world: World, closure: str, restore: object = ()) -> Row:
    version = world.one("SELECT version FROM venue_closures WHERE id = %s", closure)["version"]
    return change("closure_lift", closure_id=closure, version=version, restore=restore)


def fates(plan: Row) -> list[tuple[str, str | None]]:
    return [(item["fate"], item["session_id"]) for item in plan["items"]]


def series(world: World, **columns: object) -> tuple[UUID, list[UUID]]:
    """A series on Wednesdays at nine, made up to the horizon, and its first sessions."""
    pottery = factories.activity(world.admin, world.venue, name="Pottery")
    made = factories.schedule(world.admin, pottery, days_of_week=[3], **columns)
    world.admin.execute("SELECT schedules.generate(ARRAY[%s::uuid], '2026-04-30')", [made])
    rows = world.all(
        "SELECT id FROM activity_sessions WHERE recurring_schedule_id = %s ORDER BY starts_at", made
    )
    return made, [row["id"] for row in rows]


def test_a_closure_cancels_what_is_booked_and_skips_what_is_not(world: World, boss: Person) -> None:
    _, dates = series(world)
    booked = dates[1]
    paid(world, booked, "Nia")
    waiting(world, booked, "Max")
    alone = world.other_session("Single", starts_at=datetime.fromisoformat("2026-03-10T15:00Z"))
    asked = closing(world, "2026-03-03T00:00", "2026-03-12T00:00")
    plan = look(boss, world.venue, asked)
    assert fates(plan) == [("skipped", str(dates[0])), ("cancelled", str(alone)), ("cancelled", str(booked))]
    assert {item["why"] for item in plan["items"]} == {"Maintenance"}
    assert [(hit["child"], hit["refund"]) for hit in plan["hits"]] == [("Nia", 2)]
    assert "Reason: Maintenance" in plan["hits"][0]["message"]
    assert plan["waiting"] == 1
    answer = confirm(boss, world.venue, asked, plan)
    assert (answer["cancelled"], answer["changed"], answer["told"]) == (2, 1, 2)
    rows = world.all(
        "SELECT id, is_cancelled, closure_id FROM activity_sessions WHERE starts_at < '2026-03-13'"
    )
    closure = UUID(answer["closure_id"])
    assert {row["id"]: (row["is_cancelled"], row["closure_id"]) for row in rows} == {
        booked: (True, closure),
        alone: (True, closure),
    }
    kept = world.one(
        "SELECT reason::text, created_by, lifted_at, is_yearly FROM venue_closures WHERE id = %s", closure
    )
    assert kept == {"reason": "maintenance", "created_by": boss.id, "lifted_at": None, "is_yearly": False}
    # Made again as often as one likes, the closed date stays away.
    world.admin.execute("SELECT schedules.generate_all()")
    assert world.all("SELECT id FROM activity_sessions WHERE session_date = '2026-03-04'") == []
    ledger_is_whole(world)


def test_families_read_the_explanation_as_the_panel_says(world: World, boss: Person) -> None:
    session = world.other_session("Single", starts_at=datetime.fromisoformat("2026-03-10T15:00Z"))
    paid(world, session, "Nia")
    asked = closing(world, "2026-03-10T00:00", "2026-03-11T00:00", explanation=" The heating is repaired.\n")
    plan = look(boss, world.venue, asked)
    said = "Reason: Maintenance: The heating is repaired."
    assert said in plan["hits"][0]["message"]
    confirm(boss, world.venue, asked, plan)
    bodies = world.all(
        "SELECT body FROM notifications WHERE related_entity_id = %s AND template_key = 'session_cancelled'",
        session,
    )
    assert [said in row["body"] for row in bodies] == [True, True]


def test_what_has_started_is_kept_and_listed_with_the_reason(world: World, boss: Person) -> None:
    running = world.other_session("Running", starts_at=NOON - timedelta(minutes=20))
    early = world.other_session("Early", starts_at=SOON)
    paid(world, running, "Nia")
    inside = paid(world, early, "Ben")
    boss.do("check_in", inside, session_id=early)
    later = world.other_session("Later", starts_at=NOON + timedelta(hours=3))
    asked = closing(world, "2026-03-02T00:00", "2026-03-03T00:00")
    plan = look(boss, world.venue, asked)
    assert [(item["session_id"], item["fate"], item["why"]) for item in plan["items"]] == [
        (str(running), "kept", "It has started."),
        (str(early), "kept", "A child is in already."),
        (str(later), "cancelled", "Maintenance"),
    ]
    assert plan["hits"] == []
    confirm(boss, world.venue, asked, plan)
    rows = world.all("SELECT id FROM activity_sessions WHERE is_cancelled")
    assert [row["id"] for row in rows] == [later]


def test_a_closed_room_leaves_the_others_alone(world: World, boss: Person) -> None:
    blue, red = (factories.room(world.admin, world.venue, name=name) for name in ("Blue", "Red"))
    at = NOON + DAY
    shut = world.other_session("In blue", starts_at=at, room_id=blue)
    for name, room in (("In red", red), ("Nowhere", None)):
        world.other_session(name, starts_at=at, room_id=room)
    asked = closing(world, "2026-03-03T00:00", "2026-03-04T00:00", room_ids=[blue])
    plan = look(boss, world.venue, asked)
    assert fates(plan) == [("cancelled", str(shut))]
    closure = confirm(boss, world.venue, asked, plan)["closure_id"]
    rows = world.all("SELECT room_id FROM venue_closure_rooms WHERE closure_id = %s", closure)
    assert rows == [{"room_id": blue}]


def test_a_yearly_closure_meets_every_year(world: World, boss: Person) -> None:
    dates = [
        world.other_session("Camp", starts_at=datetime.fromisoformat(f"{year}-12-25T17:00Z"))
        for year in (2026, 2027, 2028)
    ]
    world.other_session("Other", starts_at=datetime.fromisoformat("2027-12-28T17:00Z"))
    asked = closing(
        world,
        "2026-12-24T00:00",
        "2026-12-27T00:00",
        is_yearly=True,
        reason_id=reason(world, "Public holiday"),
    )
    assert [one for _, one in fates(look(boss, world.venue, asked))] == [str(one) for one in dates]
    once = asked | {"is_yearly": False}
    assert [one for _, one in fates(look(boss, world.venue, once))] == [str(dates[0])]


def test_weather_is_not_the_venues_doing(world: World, boss: Person) -> None:
    booking = paid(world, world.other_session("Outside", starts_at=NOON + DAY))
    asked = closing(world, "2026-03-03T00:00", "2026-03-04T00:00", reason_id=reason(world, "Weather"))
    confirm(boss, world.venue, asked)
    row = world.one("SELECT cancellation_reason::text AS why FROM bookings WHERE id = %s", booking)
    assert row == {"why": "weather"}


def test_lifting_offers_back_what_was_cancelled_and_makes_what_was_skipped(
    world: World, boss: Person
) -> None:
    _, dates = series(world)
    paid(world, dates[1], "Nia")
    paid(world, dates[2], "Ben")
    closure = confirm(boss, world.venue, closing(world, "2026-03-03T00:00", "2026-03-20T00:00"))["closure_id"]
    plan = look(boss, world.venue, lifting(world, closure))
    assert fates(plan) == [("restored", str(dates[1])), ("restored", str(dates[2])), ("created", None)]
    assert plan["items"][2]["occurs_on"] == "2026-03-04"
    assert plan["hits"] == []
    asked = lifting(world, closure, [dates[1]])
    chosen = look(boss, world.venue, asked)
    assert [(hit["child"], hit["fate"]) for hit in chosen["hits"]] == [("Nia", "restored")]
    answer = confirm(boss, world.venue, asked, chosen)
    assert (answer["changed"], answer["told"]) == (1, 1)
    rows = world.all(
        """SELECT session_date::text AS day, is_cancelled FROM activity_sessions
            WHERE starts_at < '2026-03-20' ORDER BY starts_at"""
    )
    assert [(row["day"], row["is_cancelled"]) for row in rows] == [
        ("2026-03-04", False),
        ("2026-03-11", False),
        ("2026-03-18", True),
    ]
    assert world.one("SELECT lifted_by FROM venue_closures WHERE id = %s", closure) == {"lifted_by": boss.id}
    assert denied(boss, PLAN, world.venue, Jsonb(lifting(world, closure))) == ("NX409", "lifted_already")
    assert len(told(world, "session_restored")) == 1


def test_what_another_closure_covers_does_not_come_back(world: World, boss: Person) -> None:
    session = world.other_session("Single", starts_at=NOON + DAY)
    paid(world, session)
    first = confirm(boss, world.venue, closing(world, "2026-03-03T00:00", "2026-03-04T00:00"))["closure_id"]
    confirm(boss, world.venue, closing(world, "2026-03-03T08:00", "2026-03-05T00:00"))
    plan = look(boss, world.venue, lifting(world, first))
    assert [(item["fate"], item["why"]) for item in plan["items"]] == [("kept", "Maintenance")]
    assert denied(boss, PLAN, world.venue, Jsonb(lifting(world, first, [session]))) == ("NX409", "changed")
    alone = change("session_restore", session_id=session, version=0)
    alone["version"] = world.one("SELECT version FROM activity_sessions WHERE id = %s", session)["version"]
    assert sentence(boss, PLAN, world.venue, Jsonb(alone)) == (
        "The venue is closed then: Maintenance.",
        "Lift the closure first.",
    )


def test_what_was_cancelled_before_the_closure_is_not_offered_back(world: World, boss: Person) -> None:
    session = world.other_session("Single", starts_at=NOON + DAY)
    confirm(boss, world.venue, cancelling(world, session))
    closure = confirm(boss, world.venue, closing(world, "2026-03-03T00:00", "2026-03-04T00:00"))["closure_id"]
    assert look(boss, world.venue, lifting(world, closure))["items"] == []


IMPOSSIBLE: list[tuple[Row, str]] = [
    ({"starts": "tomorrow-ish"}, "starts"),
    ({"starts": None}, "starts"),
    ({"ends": "25:00"}, "ends"),
    ({"ends": "infinity"}, "ends"),
    ({"ends": "2026-03-03T00:00"}, "ends"),
    ({"starts": "2026-02-01T00:00", "ends": "2026-02-02T00:00"}, "ends"),
    ({"is_yearly": True, "ends": "2027-06-01T00:00"}, "ends"),
    ({"reason_id": None}, "reason_id"),
    ({"reason_id": "x"}, "reason_id"),
    ({"reason_id": str(uuid4())}, "reason_id"),
    ({"room_ids": [str(uuid4())]}, "room_ids"),
    ({"room_ids": ["blue"]}, "room_ids"),
    ({"explanation": "x" * 2001}, "explanation"),
]


def test_facts_that_cannot_be_are_refused(world: World, boss: Person) -> None:
    for facts, what in IMPOSSIBLE:
        asked = closing(world, "2026-03-03T00:00", "2026-03-04T00:00") | facts
        assert denied(boss, PLAN, world.venue, Jsonb(asked)) == ("NX422", what), facts
    assert world.all("SELECT id FROM venue_closures") == []


def test_who_may_close_and_the_same_closure_twice(world: World, boss: Person) -> None:
    asked = closing(world, "2026-03-03T00:00", "2026-03-04T00:00")
    jonas = world.person()
    assert denied(jonas, PLAN, world.venue, Jsonb(asked)) == ("NX403", "not_permitted")
    other = factories.venue(world.admin)
    assert denied(boss, PLAN, other, Jsonb(asked)) == ("NX403", "not_permitted")
    plan, new_id = look(boss, world.venue, asked), uuid4()
    first = confirm(boss, world.venue, asked, plan, new_id)
    assert confirm(boss, world.venue, asked, plan, new_id) == first
    assert denied(boss, APPLY, world.venue, Jsonb(asked), plan["fingerprint"], uuid4()) == (
        "NX409",
        "closed_already",
    )
    assert len(world.all("SELECT id FROM venue_closures")) == 1
    foreign = lifting(world, first["closure_id"])
    elsewhere = world.person("manager", desk=world.desk("Elsewhere"), venues=(other,))
    assert denied(elsewhere, PLAN, other, Jsonb(foreign)) == ("NX404", "no_closure")


def test_a_session_booked_since_the_preview_is_looked_at_again(world: World, boss: Person) -> None:
    _, dates = series(world)
    asked = closing(world, "2026-03-03T00:00", "2026-03-05T00:00")
    plan = look(boss, world.venue, asked)
    booking = paid(world, dates[0])
    assert denied(boss, APPLY, world.venue, Jsonb(asked), plan["fingerprint"], uuid4()) == (
        "NX409",
        "plan_changed",
    )
    assert world.one("SELECT status::text AS s FROM bookings WHERE id = %s", booking) == {"s": "confirmed"}
    assert world.all("SELECT id FROM venue_closures") == []


def test_a_session_of_a_lifted_closure_whose_room_was_given_away_is_a_conflict(
    world: World, boss: Person
) -> None:
    room, spare = (factories.room(world.admin, world.venue, name=name) for name in ("Blue", "Red"))
    session = world.other_session("Single", starts_at=NOON + DAY, room_id=room)
    paid(world, session)
    closure = confirm(boss, world.venue, closing(world, "2026-03-03T00:00", "2026-03-04T00:00"))["closure_id"]
    world.other_session("Wedding", starts_at=NOON + DAY, room_id=room)
    assert look(boss, world.venue, lifting(world, closure))["conflicts"] == []
    asked = lifting(world, closure, [session])
    plan = look(boss, world.venue, asked)
    assert [(one["kind"], one["other"]) for one in plan["conflicts"]] == [("room", "Wedding")]
    assert str(spare) not in plan["conflicts"][0]["free_rooms"]  # closed until it is lifted
    assert denied(boss, APPLY, world.venue, Jsonb(asked), plan["fingerprint"], uuid4()) == (
        "NX409",
        "conflict",
    )
    assert confirm(boss, world.venue, lifting(world, closure))["changed"] == 0


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Phoenix"]
)
@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2024-02-28T00:00", "2024-03-01T00:00"),
        ("2024-02-29T00:00", "2024-03-01T00:00"),
        ("2024-12-24T12:00", "2025-01-02T00:00"),
        ("2024-03-10T02:30", "2024-03-10T04:30"),
        ("2024-11-03T01:30", "2024-11-03T01:45"),
    ],
)
def test_a_closure_is_planned_for_exactly_when_it_will_be_kept(
    tx: Connection, zone: str, starts: str, ends: str
) -> None:
    """What the preview works with is what generation asks later: each year's stretch, to the instant."""
    venue = factories.venue(tx, timezone=zone)
    first = tx.execute(
        "SELECT schedules.instant(%s::timestamp, %s), schedules.instant(%s::timestamp, %s)",
        [starts, zone, ends, zone],
    ).fetchone()
    assert first is not None
    stretches = tx.execute(
        "SELECT * FROM schedules.stretches(%s, %s, true, %s, '2031-06-01') ORDER BY 1", [*first, zone]
    ).fetchall()
    factories.insert(
        tx,
        "venue_closures",
        {
            "venue_id": venue,
            "starts_at": first[0],
            "ends_at": first[1],
            "reason": "holiday",
            "is_yearly": True,
        },
    )
    spans = tx.execute(
        "SELECT starts_at, ends_at FROM schedules.closed_spans(%s, '2024-01-01', '2031-06-01') ORDER BY 1",
        [venue],
    ).fetchall()
    assert len(spans) == (8 if starts < "2024-06" else 7)
    assert [one for one in stretches if one[0] < spans[-1][1]] == spans
