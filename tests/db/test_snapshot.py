"""desk.snapshot: a venue's week for the cache says what each session's roster says, and later only what changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import psycopg
import pytest

from console import demo
from console.domain.desk import RosterEntry
from console.storage.cache import CacheFile
from console.storage.cache_rows import entry_of
from console.storage.database import Database as DeskDatabase
from console.storage.desk import DeskQueries
from console.storage.snapshot import FetchedSnapshot, SnapshotQueries, unpacked
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World

DEMO_AT = datetime(2026, 3, 12, 14, 42, tzinfo=UTC)
KEY = bytes(range(32))
Answer = TypeVar("Answer")


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def at_desk(who: Person, ask: Callable[[DeskDatabase], Awaitable[Answer]]) -> Answer:
    """What a question asked over the person's desk answers."""

    async def run() -> Answer:
        database = DeskDatabase(who.dsn)
        try:
            await database.set_token(who.token)
            return await ask(database)
        finally:
            await database.close()

    return asyncio.run(run())


def fetch(who: Person, venue: UUID, since: str | None = None) -> FetchedSnapshot:
    return at_desk(who, lambda database: SnapshotQueries(database).fetch(venue, since))


def rosters(who: Person, sessions: list[UUID]) -> dict[UUID, list[RosterEntry]]:
    async def ask(database: DeskDatabase) -> dict[UUID, list[RosterEntry]]:
        queries = DeskQueries(database)
        return {session: await queries.roster(session) for session in sessions}

    return at_desk(who, ask)


def entries(snapshot: FetchedSnapshot) -> dict[UUID, RosterEntry]:
    found = [entry_of(row.facts) for block in snapshot.children.values() for row in unpacked(block)]
    return {entry.booking_id: entry for entry in found}


def names(snapshot: FetchedSnapshot) -> list[str]:
    return sorted(entry.first_name for entry in entries(snapshot).values())


@pytest.fixture
def week(fresh_database: Database) -> Iterator[World]:
    """The demo, at its own instant."""
    demo.load(fresh_database.admin_dsn, seed=1, at=DEMO_AT, stand_still="tour")
    with World(fresh_database, now=DEMO_AT) as made:
        yield made


def test_the_demo_is_told_by_the_snapshot_as_by_its_rosters(week: World, tmp_path: Path) -> None:
    largest = week.all(
        """SELECT v.id FROM venues v JOIN activity_sessions s ON s.venue_id = v.id AND s.session_date = %s
            GROUP BY v.id ORDER BY count(*) DESC, v.id LIMIT 2""",
        DEMO_AT.date(),
    )
    assert len(largest) == 2
    for row in largest:
        told_as_by_its_rosters(week, row["id"], tmp_path / f"{row['id']}.db")


def told_as_by_its_rosters(week: World, venue: UUID, path: Path) -> None:
    """A cache filled by one venue's snapshot answers as the server does."""
    jonas = week.person(venues=(venue,), desk=week.desk(f"Desk {path.stem}"))
    snapshot = fetch(jonas, venue)
    cache = CacheFile(path, KEY)
    cache.put_fetched(snapshot)
    told = rosters(jonas, [UUID(row.id) for row in snapshot.sessions])
    assert {session: cache.roster(session) for session in told} == told
    days = sorted({row.day for row in snapshot.sessions})
    assert sum(len(roster) for roster in told.values()) == snapshot.count > 0

    async def lists(database: DeskDatabase) -> list[object]:
        queries = DeskQueries(database)
        return [await queries.sessions(venue, datetime.fromisoformat(day).date()) for day in days]

    assert [cache.sessions(venue, datetime.fromisoformat(day).date()) for day in days] == at_desk(
        jonas, lists
    )
    cache.close()


def test_the_window_is_yesterday_to_a_week_ahead_by_the_venues_calendar(world: World) -> None:
    jonas = world.person()
    made = {
        days: world.other_session(f"Day {days}", starts_at=NOON + timedelta(days=days))
        for days in (-2, -1, 0, 7, 8)
    }
    for days, session in made.items():
        world.booking(f"Nia {days}", session)
    snapshot = fetch(jonas, world.venue)
    kept = {UUID(row.id) for row in snapshot.sessions}
    assert {days for days, session in made.items() if session in kept} == {-1, 0, 7}
    assert names(snapshot) == ["Nia -1", "Nia 0", "Nia 7"]
    assert snapshot.whole
    assert snapshot.taken_at == NOON


def test_hidden_children_and_cancelled_places_are_left_out_but_not_a_child_that_came_all_the_same(
    world: World,
) -> None:
    jonas = world.person()
    world.booking("Nia")
    world.booking(world.child("Hidden", parental_consent_given=False))
    world.booking("Gone", status="cancelled_parent", cancelled_at=NOON)
    came = world.booking("Came", status="cancelled_parent", cancelled_at=NOON)
    jonas.do("check_in", came, origin="queued")
    assert names(fetch(jonas, world.venue)) == ["Came", "Nia"]


def test_nothing_changed_and_then_one_check_in(world: World) -> None:
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    booking, _other = world.booking("Nia"), world.booking("Oliver")
    first = fetch(jonas, world.venue)
    quiet = fetch(jonas, world.venue, first.xmin)
    assert (quiet.whole, quiet.children, quiet.gone, len(quiet.sessions)) == (False, {}, (), 1)
    maya.do("check_in", booking)
    later = fetch(jonas, world.venue, quiet.xmin)
    assert not later.whole
    assert list(entries(later)) == [booking]
    assert entries(later)[booking] == rosters(jonas, [world.session])[world.session][0]


@pytest.mark.parametrize(
    ("what", "statement"),
    [
        ("the parent's telephone", "UPDATE users SET phone = '+1 555 0199' WHERE id = %(parent)s"),
        (
            "a health note",
            """INSERT INTO child_health_notes (child_id, kind, severity, label, title)
               VALUES (%(child)s, 'allergy', 1, 'Nut', 'Nut')""",
        ),
        ("a pickup person", "INSERT INTO pickup_people (child_id, name) VALUES (%(child)s, 'Rose')"),
        ("the child's name", "UPDATE children SET first_name = 'Mia' WHERE id = %(child)s"),
    ],
)
def test_what_changes_a_row_is_in_the_next_answer(world: World, what: str, statement: str) -> None:
    jonas = world.person()
    child = world.child("Nia")
    parent = world.one("SELECT parent_id AS p FROM children WHERE id = %s", child)["p"]
    booking, _other = world.booking(child), world.booking("Oliver")
    first = fetch(jonas, world.venue)
    world.admin.execute(statement.encode(), {"parent": parent, "child": child})
    later = fetch(jonas, world.venue, first.xmin)
    assert list(entries(later)) == [booking], what
    assert entries(later)[booking] in rosters(jonas, [world.session])[world.session]
    assert entries(later)[booking] != entries(first)[booking]


def test_a_siblings_check_in_is_told_in_the_row_of_the_other(world: World) -> None:
    jonas = world.person()
    parent = factories.user(world.admin, role="parent", first_name="Dana")
    nia, theo = world.child("Nia", parent_id=parent), world.child("Theo", parent_id=parent)
    of_nia, of_theo = world.booking(nia), world.booking(theo, world.other_session())
    first = fetch(jonas, world.venue)
    jonas.do("check_in", of_theo)
    later = entries(fetch(jonas, world.venue, first.xmin))
    assert set(later) == {of_nia, of_theo}
    assert [sibling.state.value for sibling in later[of_nia].siblings] == ["in"]


def test_what_leaves_the_rosters_is_named(world: World) -> None:
    jonas = world.person()
    child = world.child("Hana")
    hidden, cancelled, _stays = world.booking(child), world.booking("Gus"), world.booking("Nia")
    factories.insert(
        world.admin,
        "parental_consent_records",
        {
            "parent_id": world.one("SELECT parent_id AS p FROM children WHERE id = %s", child)["p"],
            "child_id": child,
            "consent_type": "data_processing",
            "consent_version": "1",
            "consent_given": True,
            "consent_method": "checkbox",
            "consent_text": "Yes",
        },
    )
    first = fetch(jonas, world.venue)
    assert first.count == 3
    world.admin.execute("UPDATE parental_consent_records SET withdrawn = true, withdrawn_at = %s", [NOON])
    world.admin.execute(
        "UPDATE bookings SET status = 'cancelled_parent', cancelled_at = %s WHERE id = %s", [NOON, cancelled]
    )
    later = fetch(jonas, world.venue, first.xmin)
    assert {UUID(one) for one in later.gone} == {hidden, cancelled}
    assert not {hidden, cancelled} & set(entries(later))


def test_it_is_whole_again_on_another_day_after_a_renaming_and_by_another_history(world: World) -> None:
    jonas = world.person()
    world.booking()
    first = fetch(jonas, world.venue)
    until, day = first.xmin.split("@")
    assert fetch(jonas, world.venue, f"{int(until) + 10_000}@{day}").whole
    assert fetch(jonas, world.venue, f"{until}@2020-01-01").whole
    assert not fetch(jonas, world.venue, first.xmin).whole
    world.admin.execute("UPDATE activities SET name = 'Judo'")
    assert fetch(jonas, world.venue, first.xmin).whole
    second = fetch(jonas, world.venue)
    world.admin.execute("DELETE FROM bookings")
    third = fetch(jonas, world.venue, second.xmin)
    assert (third.whole, third.count) == (True, 0)


def test_a_transaction_that_commits_late_is_not_missed(world: World) -> None:
    jonas = world.person()
    booking = world.booking("Nia")
    with psycopg.connect(world.database.admin_dsn) as slow:
        slow.execute("UPDATE bookings SET venue_notes = 'x' WHERE id = %s", [booking])
        during = fetch(jonas, world.venue)
        slow.commit()
    assert list(entries(fetch(jonas, world.venue, during.xmin))) == [booking]


def test_who_looked_is_written_down_once_a_quarter_of_an_hour(world: World) -> None:
    jonas = world.person()
    for _ in range(3):
        jonas.call("SELECT * FROM desk.snapshot(%s)", world.venue)
    written = "SELECT user_id, venue_id FROM audit_logs WHERE entity_type = 'roster' AND entity_id = %s"
    assert world.all(written, world.venue) == [{"user_id": jonas.id, "venue_id": world.venue}]
    world.at(NOON + timedelta(minutes=16))
    jonas.call("SELECT * FROM desk.snapshot(%s)", world.venue)
    assert len(world.all(written, world.venue)) == 2


@pytest.mark.parametrize("role", ["venue_finance", "platform_admin", "platform_finance"])
def test_nobody_without_the_right_gets_a_snapshot(world: World, role: str) -> None:
    world.booking()
    who = world.person(role)
    with pytest.raises(psycopg.Error, match="You may not do that here"):
        who.call("SELECT * FROM desk.snapshot(%s)", world.venue)


def test_no_snapshot_of_another_venue_nor_of_one_that_does_not_exist_nor_signed_out(world: World) -> None:
    jonas = world.person()
    other = factories.venue(world.admin, name="Elsewhere")
    for venue in (other, UUID(int=1)):
        with pytest.raises(psycopg.Error, match="You may not do that here"):
            jonas.call("SELECT * FROM desk.snapshot(%s)", venue)
    jonas.call("SELECT set_config('nexus.token', '', false)")
    with pytest.raises(psycopg.Error, match="You are signed out"):
        jonas.call("SELECT * FROM desk.snapshot(%s)", world.venue)


def test_which_bookings_it_is_about_is_no_desks_to_ask(world: World) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        world.person().call(
            "SELECT * FROM desk.snapshot_bookings(%s, current_date, current_date, NULL)", world.venue
        )
