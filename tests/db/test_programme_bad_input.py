"""Whatever stands in a change of the programme, it is done as it was meant or refused in a sentence."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.domain.changing import (
    Change,
    ClosureLift,
    ClosureNew,
    Scope,
    SeriesNew,
    SessionCancel,
    SessionCombine,
    SessionRestore,
    Settled,
    request,
)
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import Row, World
from tests.support.identities import refusal
from tests.support.planning import APPLY, PLAN, Programme, paid
from tests.support.replanning import LATER

OURS = ("NX404", "NX409", "NX422")
TUESDAY_AFTER = date(2026, 3, 10)
NAUGHTY: tuple[Any, ...] = (
    None, True, "", "x", -1, 2**31, 2**63, 1e308, "infinity", "9999-12-31", "5874897-12-31", "4714-01-01 BC", "24:00",
    "now", [], {}, [None], [[]], "x" * 501,
    "\u202e\n{{child}}\r\nBcc: a@b.example", "11111111-1111-4111-8111-111111111111",
)  # fmt: skip
GONE = object()


def midnight(year: int, month: int, day: int) -> datetime:
    """The beginning of a day by the venue's clock."""
    return datetime.combine(date(year, month, day), time())


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture(scope="module")
def programme(world: World) -> Programme:
    return Programme(world)


@pytest.fixture(scope="module")
def good(programme: Programme) -> dict[str, Row]:
    """A change of every kind that can be done as it is."""
    world = programme.world

    def version(table: str, row: UUID) -> int:
        return int(world.one(f"SELECT version AS v FROM {table} WHERE id = %s", row)["v"])

    series = programme.series(last=date(2026, 3, 12))
    paid(programme, programme.on(TUESDAY_AFTER))
    one = programme.on(date(2026, 3, 5))
    target = world.other_session("Pottery", starts_at=LATER)
    source = world.other_session("Wood", starts_at=LATER + timedelta(hours=5))
    booking = paid(programme, source, "Max")
    gone = world.other_session("Gone", starts_at=LATER)
    programme.do(SessionCancel(gone, version("activity_sessions", gone), "The teacher is ill."))
    reason = world.one("SELECT id FROM closure_reasons WHERE name = 'Maintenance'")["id"]
    _, closed = programme.do(ClosureNew(midnight(2026, 4, 1), midnight(2026, 4, 2), reason))
    closure = UUID(closed["closure_id"])
    sessions = "activity_sessions"
    changes: tuple[Change, ...] = (
        SeriesNew(programme.facts(start=time(9)), {date(2026, 3, 3): Settled(skip=True)}),
        programme.edit(
            series,
            Scope.FOLLOWING,
            date(2026, 3, 5),
            capacity=8,
            settled={TUESDAY_AFTER: Settled(room_id=programme.other_room, allow=True)},
        ),
        programme.end(series, date(2026, 3, 5)),
        programme.session_new(),
        programme.session_edit(one, capacity=7),
        SessionCancel(one, version(sessions, one), "The teacher is ill.", is_weather=True),
        SessionRestore(gone, version(sessions, gone), allow=True),
        SessionCombine(
            source,
            version(sessions, source),
            target,
            version(sessions, target),
            (booking,),
            (booking,),
            "Less",
        ),
        ClosureNew(
            midnight(2026, 3, 5),
            midnight(2026, 3, 6),
            reason,
            (programme.room,),
            is_yearly=True,
            explanation="Paint",
        ),
        ClosureLift(closure, version("venue_closures", closure)),
    )
    return {asked["kind"]: asked for asked in (request(change) for change in changes)}


def leaves(change: Row, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The place of everything in a change but its kind."""
    for name, value in change.items():
        if (*path, name) != ("kind",):
            yield (*path, name)
            if isinstance(value, dict):
                yield from leaves(value, (*path, name))


def spoilt(change: Row, path: tuple[str, ...], value: object) -> Row:
    """The change with something else in one place, or with nothing there."""
    made = copy.deepcopy(change)
    place = made
    for name in path[:-1]:
        place = place[name]
    if value is GONE:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return made


def tried(programme: Programme, change: Row) -> str:
    """What becomes of a change: "done" or the SQLSTATE. Nothing of it stays."""
    who, venue = programme.who, programme.world.venue
    try:
        with who.connection.transaction(force_rollback=True):
            plan = who.call(PLAN, venue, Jsonb(change))[0]["plan"]
            who.call(APPLY, venue, Jsonb(change), plan["fingerprint"], uuid4())
            # Whoever reads the programme afterwards can: no date is beyond what a calendar shows.
            who.call("SELECT effective_from, effective_until FROM activity_recurring_schedules")
            who.call("SELECT starts_at, ends_at, session_date, occurs_on FROM activity_sessions")
            who.call("SELECT starts_at, ends_at FROM venue_closures")
    except psycopg.Error as error:
        return str(error.sqlstate)
    return "done"


KINDS = (
    "series_new", "series_edit", "series_end", "session_new", "session_edit", "session_cancel", "session_restore",
    "session_combine", "closure_new", "closure_lift",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_anything_anywhere_is_done_or_refused_in_a_sentence(
    programme: Programme, good: dict[str, Row], kind: str
) -> None:
    change = good[kind]
    assert tried(programme, change) == "done", "the change that is spoilt below has to be possible"
    for path in leaves(change):
        for value in (*NAUGHTY, GONE):
            became = tried(programme, spoilt(change, path, value))
            assert became in ("done", *OURS), (path, value, became)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("closure_new", "room_ids"),
        ("session_combine", "booking_ids"),
        ("session_combine", "consented"),
        ("closure_lift", "restore"),
    ],
)
def test_a_list_that_is_none_never_means_everything(
    programme: Programme, good: dict[str, Row], kind: str, name: str
) -> None:
    # One room given plainly instead of in a list would shut the whole venue, one booking would move everybody.
    values: tuple[object, ...] = (
        str(programme.room),
        {"0": str(programme.room)},
        1,
        True,
        [str(programme.room), None],
        [[]],
    )
    for value in values:
        assert programme.refused(good[kind] | {name: value})[0] in ("NX409", "NX422"), value


@pytest.mark.parametrize(
    ("kind", "part", "name", "said"),
    [
        ("series_new", "facts", "start", "A session starts between 00:00 and 23:59."),
        ("series_new", "facts", "first", "A series needs a first day."),
        ("series_new", "facts", "last", "The last day of a series is no date."),
        ("session_new", "facts", "day", "A session needs a day."),
        ("series_end", None, "pivot", "Choose the day from which on it changes."),
        ("closure_new", None, "starts", "Say when the closure begins."),
        ("closure_new", None, "ends", "Say when the closure ends."),
    ],
)
def test_no_time_is_filled_in_by_the_servers_own_clock(
    programme: Programme, good: dict[str, Row], kind: str, part: str | None, name: str, said: str
) -> None:
    for value in (
        "now",
        "today",
        "tomorrow",
        "epoch",
        "allballs",
        "20260303T0400",
        "3/4/2026",
        "٢٠٢٦-٠٣-٠٣",
        20260303,
    ):
        change = good[kind]
        spoilt = {name: value}
        assert programme.refused(change | ({part: change[part] | spoilt} if part else spoilt)) == (
            "NX422",
            said,
        ), value


def test_a_series_never_ends_beyond_what_a_calendar_shows(programme: Programme, good: dict[str, Row]) -> None:
    for pivot in ("5874897-12-31", "infinity", "10000-01-01"):
        refused = programme.refused(good["series_end"] | {"pivot": pivot})
        assert refused == ("NX422", "Choose the day from which on it changes."), pivot


def test_a_slip_in_the_year_is_no_session_and_no_closure(programme: Programme, good: dict[str, Row]) -> None:
    # A yearly closure comes back in every year up to the last session: thousands of them take seconds at every look.
    far = ("NX422", "That is more than ten years ahead.")
    for kind in ("session_new", "session_edit"):
        change = good[kind]
        for day in ("2206-03-06", "2036-03-03", "9999-11-30"):
            assert programme.refused(change | {"facts": change["facts"] | {"day": day}}) == far
        assert programme.plan(change | {"facts": change["facts"] | {"day": "2036-03-02"}})["items"]
    assert programme.refused(good["closure_new"] | {"starts": "2206-03-06", "ends": "2206-03-07"}) == far


def test_more_than_a_change_can_be_is_refused_before_it_is_read(
    programme: Programme, good: dict[str, Row]
) -> None:
    many = {
        f"{2000 + n // 372}-{n % 372 // 31 + 1:02}-{n % 31 + 1:02}": {"allow": True} for n in range(60_000)
    }
    for huge in ({"settled": many}, {"extra": "x" * 1_000_001}, {"booking_ids": [str(uuid4())] * 30_000}):
        assert programme.refused(good["series_new"] | huge) == ("NX422", "That is too much for one change.")
    deep = "[" * 5000 + "]" * 5000
    with pytest.raises(psycopg.Error) as caught:
        programme.who.call(
            "SELECT schedules.plan(%s, jsonb_build_object('kind', 'series_new', 'facts', %s::jsonb))",
            programme.world.venue,
            deep,
        )
    assert caught.value.sqlstate in ("54001", "NX422")
    assert programme.plan(good["session_new"])["items"], "the connection works on"


def test_a_reason_of_any_change_fits_into_a_message(programme: Programme, good: dict[str, Row]) -> None:
    for kind in ("session_cancel", "session_combine", "series_end"):
        assert programme.refused(good[kind] | {"reason": "x" * 501}) == (
            "NX422",
            "A reason has at most 500 characters.",
        )


def test_a_confirmations_number_stands_for_one_change(programme: Programme, good: dict[str, Row]) -> None:
    world, new_id = programme.world, uuid4()
    change = good["session_new"]
    programme.apply(change, programme.plan(change), new_id)
    before = world.one("SELECT count(*) AS n FROM activity_sessions WHERE venue_id = %s", world.venue)
    other = change | {"facts": change["facts"] | {"start": "15:00:00"}}
    with pytest.raises(psycopg.Error) as caught:
        programme.apply(other, programme.plan(other), new_id)
    assert refusal(caught.value) == ("NX409", "new_id")
    assert world.one("SELECT count(*) AS n FROM activity_sessions WHERE venue_id = %s", world.venue) == before


def test_closures_are_asked_for_within_what_a_calendar_shows(programme: Programme) -> None:
    between = "SELECT * FROM schedules.closures_between(%s, %s::text::date, %s::text::date)"
    for first, last in (
        ("-infinity", "infinity"),
        ("infinity", "infinity"),
        ("2026-01-01", "infinity"),
        ("5874897-12-01", "5874897-12-31"),
        ("2026-01-01", "2028-12-31"),
        ("2026-01-02", "2026-01-01"),
        ("4713-01-01 BC", "2026-01-01"),
        (None, "2026-01-01"),
    ):
        with pytest.raises(psycopg.Error) as caught:
            programme.who.call(between, programme.world.venue, first, last)
        assert refusal(caught.value)[0] == "NX422", (first, last)
    assert programme.who.call(between, programme.world.venue, "2026-04-01", "2026-04-01")


def test_the_activities_own_shape_is_held_by_the_table(programme: Programme) -> None:
    edit = "UPDATE activities SET {} = %s WHERE id = %s"
    for column, value in (
        ("name", " \n\t"),
        ("learning_outcomes", Jsonb([{"a": 1}])),
        ("what_to_bring", Jsonb("shoes")),
        ("gallery_images", Jsonb(["javascript:alert(1)"])),
        ("primary_image_url", "http://plain.example/x.png"),
        ("activity_tags", Jsonb([1])),
        ("min_age_months", -1),
        ("duration_minutes", 0),
        ("capacity_per_session", 0),
        ("credits_required", -1),
    ):
        with pytest.raises(psycopg.Error) as caught:
            programme.who.call(edit.format(column), value, programme.activity)
        assert str(refusal(caught.value)[0]) in ("NX422", "23514"), (column, value)
    assert (
        factories.one(programme.world.admin, "SELECT name FROM activities WHERE id = %s", programme.activity)
        == "Clay"
    )
