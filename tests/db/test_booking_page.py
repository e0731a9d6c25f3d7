"""One booking's page over real desks: facts, history, credits, changes; names only for whom and when they are meant."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from console.domain.booking_page import BookingPage, Names
from console.domain.desk import BookingStatus
from console.errors import Denied, NotFound
from console.storage.booking_page import BookingPageQueries
from console.storage.database import Database as Pool
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World


@pytest.fixture
def place(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as world:
        yield world


@asynccontextmanager
async def queries_of(person: Person) -> AsyncIterator[BookingPageQueries]:
    pool = Pool(person.dsn)
    await pool.set_token(person.token)
    try:
        yield BookingPageQueries(pool)
    finally:
        await pool.close()


async def _page(person: Person, booking: UUID) -> BookingPage:
    async with queries_of(person) as queries:
        return await queries.page(booking)


def _paid_for(world: World, child: str = "Nia") -> UUID:
    booking = world.booking(child)
    row = world.one(
        "SELECT c.parent_id, b.credits_charged FROM bookings b JOIN children c ON c.id = b.child_id WHERE b.id = %s",
        booking,
    )
    world.admin.execute("UPDATE bookings SET booked_by = %s WHERE id = %s", [row["parent_id"], booking])
    balance = factories.balance(world.admin, row["parent_id"], 20)
    factories.ledger(world.admin, balance, "booking_debit", -row["credits_charged"], booking_id=booking)
    return booking


async def test_it_tells_what_was_booked_who_came_and_who_changed_what(place: World) -> None:
    jonas = place.person(name="Jonas")
    booking = _paid_for(place)
    child = place.one("SELECT child_id FROM bookings WHERE id = %s", booking)["child_id"]
    omar = factories.pickup_person(place.admin, child, name="Omar", relationship="Uncle")
    assert jonas.do("check_in", booking)["outcome"] == "applied"
    came_back = jonas.do("check_out", booking, pickup_person_id=omar)
    assert came_back["outcome"] == "applied"
    page = await _page(jonas, booking)
    assert (page.activity_name, page.names, page.child) == ("Junior Judo", Names.SHOWN, "Nia")
    assert page.parent
    assert page.code == place.code(booking)
    assert [(event.kind, event.desk, event.person, event.collected_by) for event in page.events] == [
        ("check_out", "Desk 1", "Jonas", "Omar, Uncle"),
        ("check_in", "Desk 1", "Jonas", None),
    ]
    assert [(entry.kind, entry.amount) for entry in page.credits] == [("booking_debit", -page.charged)]
    assert page.gives_back == page.charged
    moves = [
        (field.field, field.before, field.after)
        for change in page.changes
        if change.action == "update"
        for field in change.fields
    ]
    assert ("attendance_state", "expected", "in") in moves
    assert ("attendance_state", "in", "out") in moves
    assert page.changes[0].person == "Jonas"
    assert page.changes[0].desk == "Desk 1"
    assert not page.can_be_cancelled


async def test_an_undone_and_a_late_report_say_so(place: World) -> None:
    jonas = place.person()
    booking = place.booking("Nia")
    event = jonas.event("check_in", booking)
    jonas.record(event)
    jonas.do("annul", booking, annuls=event["id"])
    jonas.do("check_in", booking, origin="queued", at=NOON - timedelta(minutes=5))
    events = {(one.kind, one.undone, one.queued) for one in (await _page(jonas, booking)).events}
    assert ("check_in", True, False) in events
    assert ("check_in", False, True) in events


async def test_what_the_trail_hides_stays_hidden_and_people_are_not_in_it(place: World) -> None:
    booking = place.booking("Nia")
    place.admin.execute("UPDATE bookings SET parent_notes = 'Afraid of dogs' WHERE id = %s", [booking])
    jonas = place.person()
    page = await _page(jonas, booking)
    notes = [f for change in page.changes for f in change.fields if f.field == "parent_notes"]
    assert [(field.before, field.after) for field in notes] == [(None, "[hidden]")]
    raw = str(jonas.call("SELECT desk.booking_page(%s) AS page", booking)[0]["page"])
    assert "dogs" not in raw
    told = {field.field for change in page.changes for field in change.fields}
    assert not told & {"child_id", "booked_by", "confirmation_code", "venue_id"}


async def test_outside_the_week_there_is_no_name_but_the_facts(place: World) -> None:
    old = place.other_session("Pottery", starts_at=SOON - timedelta(days=30))
    booking = place.booking("Nia", old)
    page = await _page(place.person(), booking)
    assert (page.names, page.child, page.parent) == (Names.OUTSIDE_WINDOW, None, None)
    assert page.activity_name == "Pottery"


async def test_a_child_whose_consent_was_withdrawn_is_not_named(place: World) -> None:
    booking = place.booking("Nia")
    place.admin.execute("UPDATE children SET parental_consent_given = false")
    page = await _page(place.person(), booking)
    assert (page.names, page.child) == (Names.WITHDRAWN, None)


@pytest.mark.parametrize("role", ["venue_finance", "platform_finance", "platform_admin"])
async def test_finance_and_headquarters_get_no_name_of_a_family(place: World, role: str) -> None:
    desk = place.desk()
    jonas = place.person(desk=desk)
    booking = place.booking("Nia")
    jonas.do("check_in", booking)
    jonas.do("check_out", booking, pickup_name="Aunt Zuleika")
    books = place.person(role, name="Priya", desk=desk)
    page = await _page(books, booking)
    assert (page.names, page.child, page.parent) == (Names.NOT_ALLOWED, None, None)
    assert {event.collected_by for event in page.events} == {None}
    raw = str(books.call("SELECT desk.booking_page(%s) AS page", booking)[0]["page"])
    assert "Nia" not in raw
    assert "Zuleika" not in raw


async def test_other_venues_and_absent_bookings_look_the_same(place: World) -> None:
    booking = place.booking("Nia")
    other = factories.venue(place.admin, name="Elsewhere")
    async with queries_of(place.person("manager", venues=(other,))) as queries:
        said = set()
        for wanted in (booking, uuid.uuid4()):
            with pytest.raises(NotFound) as caught:
                await queries.page(wanted)
            said.add(str(caught.value))
    assert len(said) == 1


def test_nobody_signed_in_is_refused(place: World) -> None:
    booking = place.booking("Nia")
    role = place.desk("Desk 2")
    with place.database.connect(role, role) as nobody, pytest.raises(psycopg.Error) as caught:
        nobody.execute("SELECT desk.booking_page(%s)", [booking])
    assert caught.value.sqlstate == "NX403"


async def test_somebody_whose_grant_ended_is_refused(place: World) -> None:
    booking = place.booking("Nia")
    jonas = place.person()
    place.admin.execute("UPDATE staff_grants SET revoked_at = app.now() WHERE user_id = %s", [jonas.id])
    async with queries_of(jonas) as queries:
        with pytest.raises((NotFound, Denied)):
            await queries.page(booking)


async def test_looking_at_a_named_child_is_written_down_once(place: World) -> None:
    booking = place.booking("Nia")
    jonas = place.person()
    for _ in range(2):
        await _page(jonas, booking)
    looked = "SELECT count(*) AS n FROM audit_logs WHERE entity_type = 'roster' AND entity_id = %s AND user_id = %s"
    assert place.one(looked, place.session, jonas.id)["n"] == 1


async def test_a_cancelled_booking_says_when_and_what_came_back(place: World) -> None:
    booking = _paid_for(place)
    manager = place.person("manager", name="Maya")
    manager.call("SELECT * FROM bookings.cancel(%s, true, 'weather')", booking)
    page = await _page(manager, booking)
    assert page.status is BookingStatus.CANCELLED_VENUE
    assert (page.refunded, page.cancellation_reason) == (page.charged, "weather")
    assert page.cancelled_at == NOON
    assert [entry.amount for entry in page.credits] == [page.charged, -page.charged]
    assert not page.can_be_cancelled


async def test_what_is_owed_and_how_many_notes_there_are(place: World) -> None:
    booking = place.booking("Nia")
    jonas = place.person()
    parent = place.one("SELECT booked_by FROM bookings WHERE id = %s", booking)["booked_by"]
    common = {"venue_id": place.venue, "booking_id": booking}
    factories.insert(place.admin, "owed_credits", {**common, "user_id": parent, "amount": 3})
    for text in ("Forgot her shoes", "Found them"):
        note = {**common, "id": uuid.uuid4(), "body": text, "person_id": jonas.id}
        factories.insert(place.admin, "booking_notes", note)
    page = await _page(jonas, booking)
    assert (page.owed, page.notes, page.gives_back) == (3, 2, 0)
    place.admin.execute("UPDATE owed_credits SET settled_at = app.now(), settlement = 'credits'")
    assert (await _page(jonas, booking)).owed == 0
