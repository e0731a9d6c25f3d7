"""desk.find_records: what Ctrl+K finds, what it leaves out, and that it stays quick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest

from console.domain.codes import check_symbol, format_code
from console.domain.finding import FoundRecords
from console.errors import Denied
from console.services.find import FindService
from console.storage.database import Database as Engine
from console.storage.find import FindQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.identities import refusal

FIND = "SELECT * FROM desk.find_records(%s, %s)"


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


def find(world: World, who: Person, query: str, kind: str) -> list[Row]:
    return [row for row in who.call(FIND, world.venue, query) if row["kind"] == kind]


def denied(who: Person, venue: UUID) -> tuple[str | None, str | None]:
    with pytest.raises(psycopg.Error) as caught:
        who.call(FIND, venue, "judo")
    return refusal(caught.value)


@pytest.mark.parametrize("query", ["judo", "JUDO jun", "  junior   judo ", "Tomás", "tomas judo"])
def test_a_session_is_found_by_any_of_its_words(world: World, query: str) -> None:
    world.admin.execute(
        "UPDATE activity_sessions SET instructor_name = 'Tomás' WHERE id = %s", [world.session]
    )
    jonas = world.person()
    jonas.do("check_in", world.booking("Nia"))
    world.booking("Leo")
    world.other_session("Ballet")
    (found,) = find(world, jonas, query, "session")
    assert (found["session_id"], found["day"], found["starts_at"]) == (world.session, NOON.date(), SOON)
    assert (found["in_count"], found["booked"], found["is_cancelled"], found["is_closed"]) == (
        1,
        2,
        False,
        False,
    )


@pytest.mark.parametrize(("days", "there"), [(-1, False), (0, True), (13, True), (14, False)])
def test_sessions_of_the_next_fourteen_days_are_found(world: World, days: int, there: bool) -> None:
    jonas = world.person()
    other = world.other_session("Chess", starts_at=SOON + timedelta(days=days))
    assert [row["session_id"] for row in find(world, jonas, "chess", "session")] == ([other] if there else [])


@pytest.mark.parametrize(("query", "there"), [("zo", True), ("ZOË", True), ("oe", False), ("z", False)])
def test_a_child_of_today_is_found_by_the_beginning_of_the_name(
    world: World, query: str, there: bool
) -> None:
    jonas = world.person()
    booking = world.booking("Zoë")
    world.booking("Zoe", world.other_session("Ballet", starts_at=SOON + timedelta(days=1)))
    found = find(world, jonas, query, "child")
    assert [row["booking_id"] for row in found] == ([booking] if there else [])
    for row in found:
        told = {name for name, value in row.items() if value is not None}
        assert told == {
            "kind", "session_id", "booking_id", "day", "starts_at", "activity_name", "first_name", "is_cancelled",
            "is_closed",
        }  # fmt: skip


@pytest.mark.parametrize("query", ["q42", "Q4-2m", "k7q4", "k7q42mxr6", "K7Q4-2MXR-6", "mxr", "2MX R"])
def test_a_booking_is_found_by_any_part_of_its_code(world: World, query: str) -> None:
    jonas = world.person()
    booking = world.booking("Nia", confirmation_code="K7Q4-2MXR-6")
    (found,) = find(world, jonas, query, "booking")
    assert (found["booking_id"], found["code"], found["first_name"]) == (booking, "K7Q4-2MXR-6", "Nia")


@pytest.mark.parametrize("query", ["k7", "q4%", "___", "", "%%%", "zzz", "K7Q4-2MXR-6-1"])
def test_what_is_no_part_of_a_code_finds_no_booking(world: World, query: str) -> None:
    jonas = world.person()
    world.booking("Nia", confirmation_code="K7Q4-2MXR-6")
    assert find(world, jonas, query, "booking") == []


def test_a_booking_of_long_ago_is_found_by_its_whole_code_and_without_a_name(world: World) -> None:
    jonas = world.person()
    whole = format_code("9M9N9P9R" + check_symbol("9M9N9P9R"))
    session = world.other_session("Ballet", starts_at=SOON - timedelta(days=60))
    booking = world.booking("Nia", session, confirmation_code=whole)
    assert find(world, jonas, whole[:6], "booking") == []
    (found,) = find(world, jonas, whole.lower(), "booking")
    assert (found["booking_id"], found["first_name"]) == (booking, None)


def test_a_child_that_may_not_be_shown_is_neither_found_nor_counted(world: World) -> None:
    jonas = world.person()
    child = world.child("Nia")
    world.booking(child, confirmation_code="K7Q4-2MXR-6")
    world.booking("Leo")
    world.admin.execute("UPDATE children SET parental_consent_given = false WHERE id = %s", [child])
    assert find(world, jonas, "nia", "child") == []
    assert find(world, jonas, "k7q4", "booking") == []
    assert find(world, jonas, "judo", "session")[0]["booked"] == 1


def test_twenty_of_a_kind_are_enough(world: World) -> None:
    jonas = world.person()
    camp = world.other_session("Camp", total_capacity=30)
    for number in range(25):
        world.booking(world.child(f"Nia {number}"), camp, confirmation_code=f"K7Q4-{number:04d}-0")
    assert len(find(world, jonas, "nia", "child")) == 20
    assert len(find(world, jonas, "k7q4", "booking")) == 20


@pytest.mark.parametrize("role", ["venue_finance", "platform_finance", "platform_admin"])
def test_only_who_reads_rosters_finds_records(world: World, role: str) -> None:
    assert denied(world.person(role), world.venue) == ("NX403", "not_permitted")


def test_other_venues_and_nobody_signed_in_find_nothing(world: World) -> None:
    jonas = world.person()
    foreign = factories.venue(world.admin)
    world.booking("Nia", world.other_session("Judo", venue=foreign), confirmation_code="K7Q4-2MXR-6")
    for elsewhere in (foreign, uuid4()):
        assert denied(jonas, elsewhere) == ("NX403", "not_permitted")
    assert find(world, jonas, "K7Q4-2MXR-6", "booking") == []
    assert find(world, jonas, "k7q4", "booking") == []
    jonas.connection.execute("SELECT set_config('nexus.token', '', false)")
    assert denied(jonas, world.venue) == ("NX403", "signed_out")


async def test_the_service_answers_values_and_asks_nothing_for_a_letter(world: World) -> None:
    jonas, finance = world.person(), world.person("venue_finance", desk=world.desk("Desk 2"))
    booking = world.booking("Nia", confirmation_code="K7Q4-2MXR-6")
    engine = Engine(jonas.dsn)
    await engine.set_token(jonas.token)
    try:
        service = FindService(FindQueries(engine), world.venue)
        assert await service.records("n") == FoundRecords()
        (child,) = (await service.records(" ni\x00a ")).children
        assert (child.booking_id, child.first_name, child.activity_name) == (booking, "Nia", "Junior Judo")
        (session,) = (await service.records("judo")).sessions
        assert (session.in_count, session.booked, session.day) == (0, 1, NOON.date())
        assert [one.code for one in (await service.records("2mx")).bookings] == ["K7Q4-2MXR-6"]
        await engine.set_token(finance.token)
        with pytest.raises(Denied):
            await service.records("judo")
    finally:
        await engine.close()
