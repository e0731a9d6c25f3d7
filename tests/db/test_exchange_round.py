"""What went out comes back unchanged, whatever the programme: random seasons in every format, and in foreign hands.

See docs/design.md, "Rules of the domain" (schedules) and "Tests".
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from console.domain.changing import SeriesNew, SessionCancel, Settled
from console.domain.exchange import Kind, Outcome
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Row, World
from tests.support.exchange_office import MONDAY, file_office
from tests.support.planning import Programme, somebody

ZONES = ("America/New_York", "Australia/Lord_Howe", "Europe/London", "America/Phoenix")
TABLES = ("activities", "rooms", "activity_recurring_schedules", "schedule_exceptions", "activity_sessions",
          "notifications", "import_refs")  # fmt: skip
FILES: tuple[tuple[str, Kind], ...] = (
    ("all.ics", "series"), ("series.csv", "series"), ("series.xlsx", "series"), ("sessions.csv", "session"),
    ("sessions.xlsx", "session"),
)  # fmt: skip
TEXTS = st.sampled_from(
    ["Ana", "=1+1", "'quoted", "-minus", "a;b,c\\d", "x\ny", "Zoë ☃", "A" * 100, "_x0041_", "+ 7"]
)
DAYS = st.dates(MONDAY - timedelta(days=10), MONDAY + timedelta(days=60))
SERIES = st.fixed_dictionaries(
    {
        "weekdays": st.sets(st.integers(0, 6), min_size=1, max_size=4).map(lambda days: tuple(sorted(days))),
        "start": st.sampled_from([time(2, 30), time(1, 30), time(9), time(23, 30), time(16, 5)]),
        "minutes": st.sampled_from([30, 60, 120, 1440]),
        "capacity": st.integers(2, 30),
        "every_weeks": st.sampled_from([1, 1, 2, 3]),
        "instructor": st.one_of(st.none(), TEXTS),
        "name": st.one_of(st.none(), TEXTS),
        "platform_places": st.integers(0, 2),
        "first": DAYS,
        "last": st.sampled_from([None, MONDAY + timedelta(days=41), MONDAY + timedelta(days=200)]),
    }
)
SEASON = st.fixed_dictionaries(
    {
        "zone": st.sampled_from(ZONES),
        "series": st.lists(st.tuples(SERIES, st.sets(DAYS, max_size=2)), min_size=1, max_size=3),
        "closures": st.lists(st.tuples(DAYS, st.integers(1, 5), st.booleans()), max_size=2),
        "changes": st.lists(
            st.tuples(st.integers(0, 60), st.sampled_from(["move", "room", "cancel", "teacher", "night"])),
            max_size=5,
        ),
        "single": st.one_of(
            st.none(), st.tuples(DAYS, st.sampled_from([time(2, 15), time(23, 45), time(10)]))
        ),
        "hours": st.sampled_from([0, 0, 30, 200]),
    }
)


@pytest.fixture(scope="module")
def programme(house: Database) -> Iterator[Programme]:
    with World(house) as world:
        made = Programme(world)
        made.activity = factories.activity(world.admin, world.venue, name="=Clay; with, “all”")
        yield made


def state(programme: Programme) -> dict[str, list[Row]]:
    """All rows of the venue's programme."""
    world = programme.world
    return {
        table: world.all(
            f"SELECT t::text AS row FROM {table} AS t "
            + ("" if table == "import_refs" else f"WHERE venue_id = '{world.venue}' ")
            + "ORDER BY 1"
        )
        for table in TABLES
    }


def arrange(programme: Programme, season: dict[str, Any]) -> None:
    """Make a programme of what chance says, as far as the rules let it."""
    world = programme.world
    world.admin.execute("UPDATE venues SET timezone = %s WHERE id = %s", [season["zone"], world.venue])
    for facts, skipped in season["series"]:
        try_it(programme, SeriesNew(programme.facts(**facts), {day: Settled(skip=True) for day in skipped}))
    for day, days, in_room in season["closures"]:
        starts = datetime.combine(day, time(), ZoneInfo(season["zone"]))
        closure = factories.insert(
            world.admin,
            "venue_closures",
            {"venue_id": world.venue, "starts_at": starts, "ends_at": starts + timedelta(days=days),
             "reason": "holiday", "is_yearly": days == 1},
        )  # fmt: skip
        if in_room:
            world.admin.execute(
                "INSERT INTO venue_closure_rooms (closure_id, room_id, venue_id) VALUES (%s, %s, %s)",
                [closure, programme.room, world.venue],
            )
    for place, what in season["changes"]:
        rows = world.all(
            "SELECT id, version, starts_at FROM activity_sessions WHERE venue_id = %s ORDER BY starts_at, id",
            world.venue,
        )
        if not rows:
            break
        row = rows[place % len(rows)]
        local = row["starts_at"].astimezone(ZoneInfo(season["zone"]))
        if what == "cancel":
            try_it(programme, SessionCancel(row["id"], row["version"], "Nobody came."))
            continue
        edits: dict[str, Any] = {
            "move": {"day": local.date() + timedelta(days=9), "start": time(11), "minutes": 45},
            "room": {"day": local.date(), "start": local.time(), "room_id": programme.other_room},
            "teacher": {"day": local.date(), "start": local.time(), "instructor": None, "capacity": 31},
            "night": {"day": local.date(), "start": time(23, 59), "minutes": 180},
        }[what]
        try_it(programme, programme.session_edit(row["id"], allow=True, **edits))
    if season["single"] is not None:
        day, start = season["single"]
        try_it(programme, programme.session_new(allow=True, day=day, start=start, minutes=61))
    world.at(NOON + timedelta(hours=season["hours"]))


def try_it(programme: Programme, change: Any) -> None:
    """Do it in spite of every overlap, unless it is refused in a sentence."""
    try:
        plan = programme.plan(change)
        if plan["conflicts"] and isinstance(change, SeriesNew):
            allowed = {date.fromisoformat(one["on"]): Settled(allow=True) for one in plan["conflicts"]}
            change = SeriesNew(change.facts, {**allowed, **change.settled})
            plan = programme.plan(change)
        programme.apply(change, plan)
    except psycopg.Error as error:
        if not str(error.sqlstate).startswith("NX4"):
            raise


def forget(programme: Programme) -> None:
    world = programme.world
    world.at(NOON)
    for table in ("activity_sessions", "activity_recurring_schedules", "venue_closures", "import_mappings"):
        world.admin.execute(f"DELETE FROM {table} WHERE venue_id = %s".encode(), [world.venue])
    world.admin.execute("UPDATE venues SET timezone = %s WHERE id = %s", [factories.ZONE, world.venue])


async def round_trip(programme: Programme, folder: Path) -> None:
    async with file_office(programme) as office:
        for name, what in FILES:
            path = await office.send(folder / name, what)
            if name == "all.ics":
                Calendar.from_ical(path.read_bytes())
            try:
                report = await office.look(path)
            except Exception as error:
                if getattr(error, "code", "") in ("empty_calendar", "import_empty"):
                    continue
                raise
            assert {row.outcome for row in report.rows} <= {Outcome.SAME}, (
                name,
                [row for row in report.rows if row.outcome is not Outcome.SAME],
                path.read_text("utf-8") if path.suffix != ".xlsx" else "",
            )
            before = state(programme)
            await office.service.take(report)
            assert state(programme) == before
        # One room's calendar knows nothing of the other dates, and takes nothing from them.
        path = await office.send(folder / "room.ics", room_id=programme.other_room)
        if b"VEVENT" in path.read_bytes():
            report = await office.look(path)
            assert {row.outcome for row in report.rows} <= {Outcome.SAME}, report.rows


A_DAY_FROM_THE_GAP = {
    "zone": "Europe/London", "changes": [], "single": None, "hours": 30, "closures": [],
    "series": [
        (
            {
                "first": date(2026, 2, 28), "minutes": 1440, "name": "+ 7", "start": time(1, 30),
                "instructor": "'quoted", "platform_places": 1, "capacity": 10, "every_weeks": 1,
                "weekdays": (2, 3, 5, 6), "last": date(2026, 4, 18),
            },
            {date(2026, 3, 31)},
        )
    ],
}  # fmt: skip
"""Sessions of a whole day that would begin in the hour that the clocks leave out."""


@given(season=SEASON)
@example(season=A_DAY_FROM_THE_GAP)
@settings(
    max_examples=12,
    deadline=None,
    # A failing season says enough as it is; making it smaller takes minutes.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_what_went_out_comes_back_unchanged(programme: Programme, season: dict[str, Any]) -> None:
    try:
        arrange(programme, season)
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(round_trip(programme, Path(folder)))
    finally:
        forget(programme)


async def test_another_venue_gets_the_same_programme_once(programme: Programme, tmp_path: Path) -> None:
    world = programme.world
    series = programme.series({MONDAY + timedelta(days=8): Settled(skip=True)}, first=MONDAY)
    moved = programme.on(MONDAY + timedelta(days=3), series)
    programme.do(programme.session_edit(moved, day=MONDAY + timedelta(days=4), start=time(12)))
    there = factories.venue(world.admin, name="Elsewhere")
    here, world.venue = world.venue, there
    try:
        other = Programme(world, somebody(world, "manager", venues=(there,)))
        world.venue = here
        async with file_office(programme) as office:
            path = await office.send(tmp_path / "out.ics")
        world.venue = there
        async with file_office(other) as office:
            report = await office.look(path)
            assert [row.outcome for row in report.rows] == [Outcome.CREATED]
            assert (await office.service.take(report)).created == 1
            assert {row.outcome for row in (await office.look(path)).rows} == {Outcome.SAME}
        days = "SELECT session_date AS d, start_time AS t FROM activity_sessions WHERE venue_id = %s ORDER BY 1, 2"
        assert world.all(days, there) == world.all(days, here)
        # The room and the draft of the activity were made by their names.
        assert world.one(
            "SELECT is_published AS p FROM activities WHERE venue_id = %s AND name LIKE '=Clay%%'", there
        ) == {"p": False}
    finally:
        world.venue = here
        forget(programme)
