"""The list of bookings over real desks: orders, filters, codes by any part, and who sees a first name."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from console.domain.listing import BookingRow, days_of
from console.domain.paging import PageRequest
from console.errors import Denied, Invalid
from console.storage.booking_list import BookingListQueries
from console.storage.database import Database as Pool
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World

ORDERS = ("booked", "starts", "code", "activity")


@pytest.fixture
def place(fresh_database: Database) -> Iterator[World]:
    """Twelve bookings on three sessions of two activities, with ties in every order but the code's."""
    with World(fresh_database) as world:
        ballet = world.other_session("Ballet")
        last_month = world.other_session("Ballet", starts_at=SOON - timedelta(days=40))
        for number in range(12):
            session = (world.session, ballet, last_month)[number % 3]
            world.booking(
                f"Child {number}",
                session,
                created_at=NOON - timedelta(days=50, minutes=number // 3),
                booking_source="desk" if number == 4 else "browse",
            )
        yield world


@asynccontextmanager
async def queries_of(person: Person) -> AsyncIterator[BookingListQueries]:
    """The console's own pool, carrying this person's token."""
    pool = Pool(person.dsn)
    await pool.set_token(person.token)
    try:
        yield BookingListQueries(pool)
    finally:
        await pool.close()


async def _all(
    queries: BookingListQueries,
    world: World,
    sort: str,
    *,
    down: bool = False,
    limit: int = 5,
    **filters: str,
) -> list[BookingRow]:
    found: list[BookingRow] = []
    after: tuple[object, ...] | None = None
    text = filters.pop("text", "")
    while True:
        request = PageRequest(sort, down, text, after, limit, filters)
        page = await queries.page(world.venue, request)
        found.extend(page.rows)
        after = page.next_after
        if after is None:
            return found
        assert len(page.rows) == limit


def _key(sort: str, row: BookingRow) -> Any:
    return {
        "booked": (row.booked_at,),
        "starts": (row.starts_at,),
        "code": (row.code,),
        "activity": (row.activity_name,),
    }[sort]


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize("sort", ORDERS)
async def test_every_order_goes_through_all_bookings_once(place: World, sort: str, down: bool) -> None:
    async with queries_of(place.person()) as queries:
        for limit in (1, 5, 200):
            found = await _all(queries, place, sort, down=down, limit=limit)
            assert len({row.id for row in found}) == 12 == len(found)
            keys = [_key(sort, row) for row in found]
            assert keys == sorted(keys, reverse=down)


async def test_bookings_that_arrive_meanwhile_shift_nothing(place: World) -> None:
    async with queries_of(place.person()) as queries:
        first = await queries.page(place.venue, PageRequest("booked", True, limit=6))
        place.booking("Late", created_at=NOON)
        rest = await queries.page(place.venue, PageRequest("booked", True, after=first.next_after, limit=20))
    assert len({row.id for row in (*first.rows, *rest.rows)}) == 12


async def test_more_rows_than_one_answer_holds_are_gathered(
    place: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.storage.booking_list._MOST", 4)
    async with queries_of(place.person()) as queries:
        page = await queries.page(place.venue, PageRequest("starts", limit=10))
        rest = await queries.page(place.venue, PageRequest("starts", after=page.next_after, limit=10))
    assert (len(page.rows), len(rest.rows)) == (10, 2)
    assert len({row.id for row in (*page.rows, *rest.rows)}) == 12


async def test_filters_narrow_the_list_and_go_together(place: World) -> None:
    ids = [row["id"] for row in place.all("SELECT id FROM bookings ORDER BY created_at DESC, id")]
    place.admin.execute("UPDATE bookings SET attendance_state = 'in' WHERE id = %s", [ids[0]])
    place.admin.execute("UPDATE bookings SET status = 'no_show' WHERE id = ANY (%s)", [ids[1:3]])
    judo = place.one("SELECT id FROM activities WHERE name = 'Junior Judo'")["id"]
    today = NOON.date()
    month = days_of("month", today)
    async with queries_of(place.person()) as queries:

        async def count(**filters: str) -> int:
            return len(await _all(queries, place, "booked", down=True, limit=5, **filters))

        assert await count(attendance="in") == 1
        assert await count(status="no_show") == 2
        assert await count(source="desk") == 1
        assert await count(activity=str(judo)) == 4
        assert await count(**{"from": today.isoformat(), "until": today.isoformat()}) == 8
        assert await count(**{"from": str(month[0]), "until": str(month[1])}) == 8
        assert await count(until=str(today - timedelta(days=1))) == 4
        assert await count(text="jUdO") == 4
        assert await count(text="ball", until=str(today - timedelta(days=1))) == 4
        assert await count(text="%") == 0
        assert await count(text="\x00\ud800") == 12, "what nobody can read filters nothing"
        for sort in ORDERS:
            assert len(await _all(queries, place, sort, text="ballet", limit=3)) == 8


@pytest.mark.parametrize("sort", ORDERS)
async def test_a_code_is_found_by_any_part_of_it(place: World, sort: str) -> None:
    async with queries_of(place.person()) as queries:
        wanted = (await _all(queries, place, "code"))[3]
        plain = wanted.code.replace("-", "")
        for start in range(8):
            for end in range(start + 2, 10):
                found = await _all(queries, place, sort, text=plain[start:end].lower())
                assert wanted.id in {row.id for row in found}, plain[start:end]
                part = plain[start:end]
                by_code = [row for row in found if part.lower() not in row.activity_name.lower()]
                assert all(part in row.code.replace("-", "") for row in by_code)
        for typed in (wanted.code, f" {wanted.code.lower()} ", plain.replace("0", "o").replace("1", "l")):
            assert [row.id for row in await _all(queries, place, sort, text=typed)] == [wanted.id]
        assert await _all(queries, place, sort, text="UU") == []


async def test_a_first_name_is_there_inside_the_rosters_window_only(place: World) -> None:
    async with queries_of(place.person()) as queries:
        rows = await _all(queries, place, "starts")
    assert [row.first_name is not None for row in rows] == [False] * 4 + [True] * 8


async def test_a_manager_sees_the_names_of_a_session_that_has_to_be_looked_at(place: World) -> None:
    old = place.one("SELECT min(starts_at), id FROM activity_sessions GROUP BY id ORDER BY 1 LIMIT 1")["id"]
    factories.insert(
        place.admin,
        "review_items",
        {"venue_id": place.venue, "kind": "other", "session_id": old, "summary": "Nobody said."},
    )
    desk = place.desk()
    async with queries_of(place.person("manager", desk=desk)) as queries:
        assert all(row.first_name for row in await _all(queries, place, "starts"))
    async with queries_of(place.person(desk=desk)) as queries:
        assert not all(row.first_name for row in await _all(queries, place, "starts"))


async def test_a_child_whose_consent_was_withdrawn_has_no_name(place: World) -> None:
    place.admin.execute("UPDATE children SET parental_consent_given = false WHERE first_name = 'Child 0'")
    async with queries_of(place.person()) as queries:
        names = {row.first_name for row in await _all(queries, place, "starts")}
    assert "Child 0" not in names
    assert "Child 1" in names


@pytest.mark.parametrize("role", ["venue_finance", "platform_finance", "platform_admin"])
async def test_finance_and_headquarters_see_codes_and_no_name(place: World, role: str) -> None:
    desk = place.desk()
    async with queries_of(place.person(role, desk=desk)) as queries:
        rows = await _all(queries, place, "booked")
    assert len(rows) == 12
    assert {row.first_name for row in rows} == {None}
    assert all(row.code for row in rows)


async def test_another_venue_and_nobody_are_refused(place: World) -> None:
    other = factories.venue(place.admin, name="Elsewhere")
    async with queries_of(place.person("manager", venues=(other,))) as queries:
        with pytest.raises(Denied):
            await queries.page(place.venue, PageRequest("booked"))
        assert list((await queries.page(other, PageRequest("booked"))).rows) == []
    nobody = place.database.connect(*[place.desk("Desk 2")] * 2)
    with nobody, pytest.raises(psycopg.Error) as caught:
        nobody.execute("SELECT * FROM desk.bookings_page(%s, 'booked', true)", [place.venue])
    assert caught.value.sqlstate == "NX403"


async def test_an_order_that_the_list_does_not_have_is_refused(place: World) -> None:
    async with queries_of(place.person()) as queries:
        with pytest.raises(Invalid) as caught:
            await queries.page(place.venue, PageRequest("first_name"))
    assert caught.value.code == "unknown_sort"


@pytest.mark.parametrize("call", ["desk.code_matches(%s, 'K7')", "desk.may_name(%s)"])
def test_a_desk_cannot_call_what_the_list_is_made_of(place: World, call: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        place.person("manager").call(f"SELECT {call}", uuid.uuid4())


async def test_the_activities_of_the_filter_are_the_venues_own(place: World) -> None:
    factories.activity(place.admin, factories.venue(place.admin, name="Elsewhere"), name="Theirs")
    async with queries_of(place.person()) as queries:
        names = [choice.name for choice in await queries.activities(place.venue)]
    assert names == ["Ballet", "Ballet", "Junior Judo"]
