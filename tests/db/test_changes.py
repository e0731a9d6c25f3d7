"""desk.changes_since: what a desk must look at again, whatever order transactions begin and commit in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World

NOTHING = {"everything": False, "changed_sessions": [], "changed_rosters": [], "changed_bookings": []}


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def ask(who: Person, venue: UUID, since: str | None = None, day: object = None) -> tuple[str, dict[str, Any]]:
    """The `until` and the rest of an answer."""
    (row,) = who.call("SELECT * FROM desk.changes_since(%s, %s::text::xid8, %s)", venue, since, day)
    return str(row.pop("until")), row


def test_the_first_question_says_everything_and_a_quiet_venue_then_nothing(world: World) -> None:
    jonas = world.person()
    world.booking()
    until, answer = ask(jonas, world.venue)
    assert answer == NOTHING | {"everything": True}
    # The administrator's own statements came before; nothing is at or above the horizon now.
    until, answer = ask(jonas, world.venue, until)
    assert answer == NOTHING


def test_a_check_in_at_another_desk_names_its_booking_and_roster(world: World) -> None:
    jonas, maya = world.person(), world.person(name="Maya", desk=world.desk("Desk 2"))
    booking, _other = world.booking("Nia"), world.booking("Oliver")
    until, _ = ask(jonas, world.venue)
    maya.do("check_in", booking)
    _, answer = ask(jonas, world.venue, until)
    assert answer == NOTHING | {"changed_rosters": [world.session], "changed_bookings": [booking]}


def test_a_session_that_changes_and_one_whose_activity_or_room_is_renamed(world: World) -> None:
    jonas = world.person()
    room = factories.room(world.admin, world.venue)
    ballet = world.other_session("Ballet", room_id=room)
    until, _ = ask(jonas, world.venue)
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 3 WHERE id = %s", [world.session])
    until, answer = ask(jonas, world.venue, until)
    assert answer == NOTHING | {"changed_sessions": [world.session]}
    for statement in (
        "UPDATE activities SET name = 'Dance' WHERE name = 'Ballet'",
        "UPDATE rooms SET name = 'R 9'",
    ):
        world.admin.execute(statement.encode())
        until, answer = ask(jonas, world.venue, until)
        assert answer == NOTHING | {"changed_sessions": [ballet]}


def test_a_childs_new_allergy_names_the_rosters_it_is_on(world: World) -> None:
    jonas = world.person()
    child = world.child("Nia")
    world.booking(child)
    until, _ = ask(jonas, world.venue)
    factories.health_note(world.admin, child)
    _, answer = ask(jonas, world.venue, until)
    assert answer == NOTHING | {"changed_rosters": [world.session]}


def test_consent_withdrawn_names_the_rosters_the_child_leaves(world: World) -> None:
    jonas = world.person()
    child = world.child("Nia")
    world.booking(child)
    until, _ = ask(jonas, world.venue)
    world.admin.execute("UPDATE children SET parental_consent_given = false WHERE id = %s", [child])
    _, answer = ask(jonas, world.venue, until)
    assert answer == NOTHING | {"changed_rosters": [world.session]}


def test_a_transaction_that_commits_late_is_not_lost(world: World, fresh_database: Database) -> None:
    """A begins, B begins and commits, the desk asks, A commits, the desk asks again: A's row must be there."""
    jonas = world.person()
    first, second = world.booking("Nia"), world.booking("Oliver")
    until, _ = ask(jonas, world.venue)
    late = "UPDATE bookings SET attendance_at = app.now() WHERE id = %s"
    with fresh_database.connect(autocommit=False) as a, fresh_database.connect(autocommit=False) as b:
        a.execute(late.encode(), [first])
        b.execute(late.encode(), [second])
        b.commit()
        until, answer = ask(jonas, world.venue, until)
        assert answer["changed_bookings"] == [second]
        a.commit()
    until, answer = ask(jonas, world.venue, until)
    assert first in answer["changed_bookings"]
    assert ask(jonas, world.venue, until)[1] == NOTHING


def test_a_row_that_is_gone_says_everything(world: World) -> None:
    jonas = world.person()
    gone = world.other_session("Ballet")
    until, _ = ask(jonas, world.venue)
    world.admin.execute("DELETE FROM activity_sessions WHERE id = %s", [gone])
    until, answer = ask(jonas, world.venue, until)
    assert answer["everything"]
    assert ask(jonas, world.venue, until)[1] == NOTHING


def test_a_number_from_another_history_of_the_server_says_everything(world: World) -> None:
    jonas = world.person()
    assert ask(jonas, world.venue, "9000000000000")[1]["everything"]


def test_a_day_narrows_it_and_without_one_it_is_the_window_of_rosters(world: World) -> None:
    jonas = world.person()
    tomorrow = world.other_session("Ballet", starts_at=NOON + timedelta(days=1))
    far = world.other_session("Chess", starts_at=NOON + timedelta(days=20))
    until, _ = ask(jonas, world.venue)
    world.admin.execute("UPDATE activity_sessions SET total_capacity = 3")
    _, answer = ask(jonas, world.venue, until)
    assert set(answer["changed_sessions"]) == {world.session, tomorrow}
    _, answer = ask(jonas, world.venue, until, (NOON + timedelta(days=20)).date())
    assert answer["changed_sessions"] == [far]


def test_another_venues_changes_are_not_said(world: World) -> None:
    jonas = world.person()
    elsewhere = factories.venue(world.admin)
    session = world.other_session("Ballet", venue=elsewhere)
    until, _ = ask(jonas, world.venue)
    world.booking("Nia", session)
    assert ask(jonas, world.venue, until)[1] == NOTHING


@pytest.mark.parametrize("role", ["venue_finance", "platform_finance"])
def test_who_may_not_open_rosters_is_refused(world: World, role: str) -> None:
    who = world.person(role)
    with pytest.raises(psycopg.Error) as refused:
        ask(who, world.venue)
    assert refused.value.sqlstate == "NX403"


def test_a_foreign_venue_is_refused(world: World) -> None:
    jonas = world.person()
    elsewhere = factories.venue(world.admin)
    with pytest.raises(psycopg.Error) as refused:
        ask(jonas, elsewhere)
    assert refused.value.sqlstate == "NX403"
