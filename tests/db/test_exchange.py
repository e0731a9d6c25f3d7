"""A file comes in over real logins: looked at without a trace, taken in once, and the same again changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, time, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.domain.changing import Scope, SessionCancel
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import Row, World
from tests.support.exchanging import Exchange, series_entry, session_entry
from tests.support.identities import refusal
from tests.support.planning import TUESDAY, Programme, paid, somebody

EXCHANGE = "SELECT schedules.exchange(%s, %s, %s, %s, %s, %s) AS answer"
TABLES = ("activities", "rooms", "activity_recurring_schedules", "schedule_exceptions", "activity_sessions",
          "bookings", "notifications", "import_refs", "programme_changes", "audit_logs")  # fmt: skip


@pytest.fixture
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture
def programme(world: World) -> Programme:
    return Programme(world)


@pytest.fixture
def exchange(programme: Programme) -> Exchange:
    return Exchange(programme)


def everything(world: World) -> dict[str, list[Row]]:
    """All rows of the tables that an exchange may touch."""
    return {table: world.all(f"SELECT t::text AS row FROM {table} AS t ORDER BY 1") for table in TABLES}


def outcomes(rows: list[Row]) -> list[str]:
    return [row["outcome"] for row in rows]


def only_series(programme: Programme) -> Row:
    return programme.world.one(
        "SELECT id FROM activity_recurring_schedules WHERE venue_id = %s", programme.world.venue
    )


def test_a_series_and_a_session_are_looked_at_and_taken_in(world: World, exchange: Exchange) -> None:
    entries = (series_entry(), session_entry())
    before = everything(world)
    series, single = exchange.rows(*entries)
    assert everything(world) == before
    assert (series["outcome"], series["made"], series["rooms"], series["activities"]) == ("created", 8, 1, 1)
    assert (single["outcome"], single["made"], single["rooms"], single["activities"]) == ("created", 1, 0, 1)
    assert exchange.take(*entries) == {"created": 2, "changed": 0, "same": 0, "refused": 0, "told": 0}
    made = world.one("SELECT * FROM activities WHERE name = 'Yoga' AND venue_id = %s", world.venue)
    assert (made["is_published"], made["capacity_per_session"], made["duration_minutes"], made["slug"]) == (
        False, 10, 45, "yoga",
    )  # fmt: skip
    session = world.one(
        """SELECT s.* FROM activity_sessions s JOIN activities a ON a.id = s.activity_id
            WHERE a.name = 'Open day' AND a.venue_id = %s""",
        world.venue,
    )
    assert session["total_capacity"] == 8
    again = everything(world)
    assert outcomes(exchange.rows(*entries)) == ["same", "same"]
    assert exchange.take(*entries)["same"] == 2
    for table in TABLES:
        if table != "programme_changes":
            assert everything(world)[table] == again[table], table


def test_a_changed_file_changes_only_what_it_says_differently(
    programme: Programme, exchange: Exchange
) -> None:
    exchange.take(series_entry())
    row = only_series(programme)
    series: UUID = row["id"]
    programme.world.admin.execute(
        "UPDATE activity_recurring_schedules SET default_instructor_name = 'Dora' WHERE id = %s", [series]
    )
    # The file still says Cleo, as it did: what was changed here stays.
    assert outcomes(exchange.rows(series_entry())) == ["same"]
    (report,) = exchange.rows(series_entry(start="10:00:00"))
    assert (report["outcome"], report["altered"], report["made"]) == ("changed", 8, 0)
    exchange.take(series_entry(start="10:00:00"))
    now = programme.world.one("SELECT * FROM activity_recurring_schedules WHERE id = %s", series)
    assert (now["start_time"], now["default_instructor_name"]) == (time(10), "Dora")


def test_dates_are_left_out_near_and_beyond_the_horizon(programme: Programme, exchange: Exchange) -> None:
    far = date(2026, 8, 5)
    near = date(2026, 3, 9)
    exchange.take(series_entry(last="2026-08-31", skipped=[near.isoformat(), far.isoformat()]))
    row = only_series(programme)
    assert near not in programme.days(row["id"])
    assert {day: one["kind"] for day, one in programme.exceptions(row["id"]).items()} == {
        near: "skipped", far: "skipped",
    }  # fmt: skip
    later = near + timedelta(days=2)
    entry = series_entry(last="2026-08-31", skipped=[near.isoformat(), later.isoformat(), far.isoformat()])
    (report,) = exchange.rows(entry)
    assert (report["outcome"], report["ended"], report["altered"]) == ("changed", 1, 0)
    exchange.take(entry)
    assert later not in programme.days(row["id"])
    assert outcomes(exchange.rows(entry)) == ["same"]


def test_dates_are_changed_near_and_beyond_the_horizon(programme: Programme, exchange: Exchange) -> None:
    changed = {
        "2026-03-09": {"day": "2026-03-10", "start": "11:00:00", "minutes": 45, "room": "Attic"},
        "2026-08-05": {"day": "2026-08-06", "start": "11:00:00", "minutes": 45},
    }
    entry = series_entry(last="2026-08-31", changed=changed)
    assert outcomes(exchange.rows(entry)) == ["created"]
    exchange.take(entry)
    row = only_series(programme)
    moved = programme.row(programme.on(date(2026, 3, 9), row["id"]))
    assert (moved["session_date"], moved["start_time"], moved["changed_by_hand"]) == (
        date(2026, 3, 10), time(11), True,
    )  # fmt: skip
    assert programme.exceptions(row["id"])[date(2026, 8, 5)]["new_day"] == date(2026, 8, 6)
    assert outcomes(exchange.rows(entry)) == ["same"]


def test_own_rows_are_found_by_their_ids(programme: Programme, exchange: Exchange) -> None:
    series = programme.series(last=date(2026, 3, 31))
    booking = paid(programme, programme.on(TUESDAY, series))
    facts = {"weekdays": [2, 4], "start": "16:00:00", "minutes": 60, "capacity": 12, "first": "2026-03-03",
             "last": "2026-03-31", "room": "Studio A", "instructor": "Ana", "platform_places": 2,
             "every_weeks": 1, "name": None}  # fmt: skip
    entry = {"line": 1, "key": f"series-{series}", "own_id": str(series), "kind": "series", "title": "Clay",
             "facts": facts}  # fmt: skip
    assert outcomes(exchange.rows(entry)) == ["same"]
    moved = entry | {"facts": facts | {"room": "Studio B", "start": "17:00:00"}}
    (report,) = exchange.rows(moved)
    assert (report["outcome"], report["bookings"], report["told"]) == ("changed", 1, 1)
    assert exchange.take(moved)["told"] == 1
    assert programme.world.state(booking) == "expected"
    assert [key for key, _ in programme.messages()] == ["session_changed"]
    # Nothing is remembered of what names itself.
    assert not programme.world.all("SELECT 1 FROM import_refs WHERE entity_id = %s", series)


def test_refused_entries_leave_nothing_and_the_others_come_in(world: World, exchange: Exchange) -> None:
    bad: list[tuple[Row, str]] = [
        (series_entry("a", weekdays=[9], title="A", room="R9"),
         "A weekday is a number from 0 (Sunday) to 6 (Saturday)."),
        (series_entry("b", start="25:00", title="B", room="R9"), "A session starts between 00:00 and 23:59."),
        (series_entry("c", last="2026-03-01", title="C"), "The last day of a series is not before its first."),
        (series_entry("d", first="2020-01-01", last="2020-02-01"),
         "It was over on 1 February 2020, so there is nothing to make."),
        (series_entry("e", last="2426-03-01", weekdays=[0, 1, 2, 3, 4, 5, 6]),
         "That would be 146,095 sessions; one change may make at most 1,000."),
        (series_entry("f", room="x" * 101), "The name of a room has at most 100 characters."),
        (series_entry("g", title="x" * 256), "The name of an activity has at most 255 characters."),
        (series_entry("h", title=" "), "It does not say which activity it is."),
        (series_entry("i", minutes=0, title="I"), "A session lasts 1 to 1,440 minutes."),
        (session_entry("j", day="2020-01-01"), "That time has passed."),
        (session_entry("k", day="2026-02-30", title="K"), "A session needs a day."),
        ({"line": 1, "key": "", "kind": "series", "facts": {}}, "This entry cannot be read."),
        ({"line": 1, "key": "x", "kind": "closure", "facts": {}}, "This entry cannot be read."),
        (series_entry("l", capacity=5, platform_places=6), "There are 5 places, so 6 cannot be for the platform."),
    ]  # fmt: skip
    report = exchange.rows(*(entry for entry, _ in bad), session_entry())
    assert [(row["outcome"], row.get("refusal")) for row in report[:-1]] == [
        ("refused", sentence) for _, sentence in bad
    ]
    assert report[-1]["outcome"] == "created"
    answer = exchange.take(*(entry for entry, _ in bad), session_entry())
    assert (answer["created"], answer["refused"]) == (1, len(bad))
    assert {row["name"] for row in world.all("SELECT name FROM rooms WHERE venue_id = %s", world.venue)} == {
        "Studio A", "Studio B",
    }  # fmt: skip


def test_overlaps_are_told_and_allowed(programme: Programme, exchange: Exchange) -> None:
    programme.series(last=date(2026, 3, 10))
    entry = session_entry(day="2026-03-03", start="16:30:00", room="studio a", instructor="Ana")
    (report,) = exchange.rows(entry)
    assert report["outcome"] == "created"
    assert [(one["kind"], one["what"], one["other"]) for one in report["overlaps"]] == [
        ("room", "Studio A", "Clay"), ("instructor", "Ana", "Clay"),
    ]  # fmt: skip
    assert exchange.take(entry)["created"] == 1


def test_what_is_cancelled_there(programme: Programme, exchange: Exchange) -> None:
    gone = session_entry(is_cancelled=True)
    assert outcomes(exchange.rows(gone)) == ["same"]
    exchange.take(session_entry())
    (report,) = exchange.rows(gone)
    assert (report["outcome"], report["refusal"]) == (
        "refused", "It is cancelled in the file, but takes place here.",
    )  # fmt: skip
    row = programme.world.one(
        "SELECT id, version FROM activity_sessions WHERE venue_id = %s AND starts_at > '2026-03-07'",
        programme.world.venue,
    )
    programme.do(SessionCancel(row["id"], row["version"], "Flooded."))
    assert outcomes(exchange.rows(gone)) == ["same"]
    # It stays cancelled when the same file, which knows nothing of it, comes again.
    assert outcomes(exchange.rows(session_entry())) == ["same"]


def test_a_series_keeps_its_activity(programme: Programme, exchange: Exchange) -> None:
    exchange.take(series_entry())
    (report,) = exchange.rows(series_entry(title="Pilates"))
    assert (report["outcome"], report["refusal"]) == ("refused", "A series keeps its activity.")
    # In other letters it is the same one.
    assert outcomes(exchange.rows(series_entry(title="YOGA "))) == ["same"]


def test_what_was_shown_is_what_happens_once(world: World, programme: Programme, exchange: Exchange) -> None:
    seen = exchange.look(series_entry())
    exchange.take(session_entry(room="Hall"))
    with pytest.raises(psycopg.Error) as caught:
        exchange.apply(seen["fingerprint"], series_entry())
    assert refusal(caught.value) == ("NX409", "plan_changed")
    assert not world.all("SELECT 1 FROM activities WHERE name = 'Yoga' AND venue_id = %s", world.venue)
    new_id = uuid4()
    answer = exchange.take(series_entry(), new_id=new_id)
    before = everything(world)
    assert exchange.apply("whatever", series_entry(), new_id=new_id) == answer
    assert everything(world) == before
    with pytest.raises(psycopg.Error) as caught:
        exchange.apply(None, series_entry())
    assert refusal(caught.value) == ("NX422", "fingerprint")
    with pytest.raises(psycopg.Error) as caught:
        exchange.look(*([session_entry()] * 5001))
    assert refusal(caught.value) == ("NX422", "too_many_entries")


def test_a_capacity_below_what_is_booked_is_refused(programme: Programme, exchange: Exchange) -> None:
    series = programme.series(last=date(2026, 3, 31))
    for name in ("Nia", "Ola"):
        paid(programme, programme.on(TUESDAY, series), name)
    entry = {"line": 1, "key": "k", "own_id": str(series), "kind": "series", "title": None,
             "facts": {"capacity": 1, "platform_places": 0}}  # fmt: skip
    (report,) = exchange.rows(entry)
    assert report["refusal"] == "2 children are booked on Tuesday 3 March, 16:00, so 1 places are too few."
    programme.do(programme.edit(series, Scope.ALL, last=date(2026, 3, 31), capacity=20))
    assert programme.version(series) > 1


def test_who_may(world: World, programme: Programme) -> None:
    """schedules.exchange is denied (NX403) to those who may not change the programme, and to those of other venues."""
    entries = Jsonb([session_entry()])
    other = factories.venue(world.admin, name="Elsewhere")
    for person in (
        somebody(world, "front_desk"), somebody(world, "venue_finance"), somebody(world, "manager", venues=(other,)),
    ):  # fmt: skip
        with pytest.raises(psycopg.Error) as caught:
            person.call(EXCHANGE, world.venue, "file", entries, True, None, None)
        assert refusal(caught.value)[0] == "NX403"
    assert Exchange(programme).rows(session_entry())[0]["outcome"] == "created"
    # One venue's files are not another's: its ids and keys say nothing here.
    series = programme.series(last=date(2026, 3, 31))
    elsewhere = somebody(world, "manager", venues=(other,))
    entry = series_entry(own_id=str(series))
    report = elsewhere.call(EXCHANGE, other, "file", Jsonb([entry]), True, None, None)[0]["answer"]["rows"]
    assert outcomes(report) == ["created"]


def test_columns_are_remembered_by_those_who_may_plan(world: World, programme: Programme) -> None:
    statement = "INSERT INTO import_mappings (venue_id, shape, mapping) VALUES (%s, %s, %s)"
    programme.who.call(statement, world.venue, "ab" * 32, Jsonb({"columns": {}}))
    assert len(programme.who.call("SELECT mapping FROM import_mappings")) == 1
    desk = somebody(world, "front_desk")
    assert desk.call("SELECT mapping FROM import_mappings") == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.call(statement, world.venue, "cd" * 32, Jsonb({}))
