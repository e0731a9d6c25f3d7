"""A venue's programme through the console's own service, over real logins: reading it, changing it, its rooms."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from console.clock import FixedClock
from console.domain.changing import (
    Applied,
    Change,
    Fate,
    Plan,
    Scope,
    SeriesEdit,
    SeriesNew,
    Settled,
)
from console.domain.programme import ClosureKind, Room
from console.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from console.models.gateway_programme import ProgrammeGateway
from console.services.programme import ProgrammeService
from console.storage.database import Database as DeskDatabase
from console.storage.programme import ProgrammeQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, Person, World
from tests.support.planning import TUESDAY, Programme, local, somebody

MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 8)
NEXT = TUESDAY + timedelta(days=7)


class Counting(DeskDatabase):
    """A database that counts what it is asked."""

    asked = 0

    async def fetch(self, statement: Any, parameters: Any = None) -> Any:
        """The rows, and one more statement."""
        self.asked += 1
        return await super().fetch(statement, parameters)


class Losing(ProgrammeQueries):
    """Queries whose answers are lost on the way back, so and so often."""

    losses = 0

    async def apply(self, venue_id: UUID, change: Change, fingerprint: str, new_id: UUID) -> Applied:
        """Do it; perhaps nobody hears of it."""
        answer = await super().apply(venue_id, change, fingerprint, new_id)
        if self.losses:
            self.losses -= 1
            raise Unavailable("The connection was lost.", hint="Try again.", code="connection_lost")
        return answer


@dataclass
class Office:
    """Somebody's service, with what it stands on."""

    programme: Programme
    database: Counting
    queries: Losing
    service: ProgrammeService

    @property
    def world(self) -> World:
        return self.programme.world


@asynccontextmanager
async def office_of(programme: Programme, person: Person) -> AsyncIterator[Office]:
    database = Counting(person.dsn)
    await database.set_token(person.token)
    queries = Losing(database)

    async def at_once(_seconds: float) -> None:
        return None

    clock = FixedClock(programme.world.now)
    service = ProgrammeService(queries, programme.world.venue, clock, sleep=at_once)
    gateway: ProgrammeGateway = service
    assert isinstance(gateway, ProgrammeService)
    yield Office(programme, database, queries, service)
    await database.close()


@pytest.fixture
def programme(fresh_database: Database) -> Iterator[Programme]:
    with World(fresh_database) as world:
        yield Programme(world)


@pytest.fixture
async def office(programme: Programme) -> AsyncIterator[Office]:
    async with office_of(programme, programme.who) as made:
        yield made


async def test_a_week_of_the_calendar_in_two_statements(office: Office) -> None:
    world, programme = office.world, office.programme
    series = programme.series(last=NEXT)
    tuesday = programme.on(TUESDAY)
    for name in ("Nia", "Max"):
        world.booking(name, tuesday)
    world.admin.execute(
        """UPDATE bookings SET attendance_state = 'in', checked_in_at = app.now(), attendance_at = app.now()
            WHERE id = (SELECT min(id::text)::uuid FROM bookings WHERE session_id = %s)""",
        [tuesday],
    )
    child = world.child("Ben")
    parent = world.one("SELECT parent_id AS p FROM children WHERE id = %s", child)["p"]
    factories.insert(
        world.admin,
        "waitlist",
        {"session_id": tuesday, "venue_id": world.venue, "child_id": child, "user_id": parent},
    )
    closure = factories.insert(
        world.admin,
        "venue_closures",
        {
            "venue_id": world.venue,
            "starts_at": datetime.fromisoformat("2026-03-07T00:00-05:00"),
            "ends_at": datetime.fromisoformat("2026-03-08T00:00-05:00"),
            "reason": "maintenance",
            "explanation": "New floor",
        },
    )
    world.admin.execute(
        "INSERT INTO venue_closure_rooms (closure_id, room_id, venue_id) VALUES (%s, %s, %s)",
        [closure, programme.room, world.venue],
    )
    attic = factories.room(world.admin, world.venue, name="Attic", is_active=False)
    office.database.asked = 0
    week = await office.service.calendar(MONDAY, SUNDAY)
    assert office.database.asked == 2
    assert [(one.activity, local(one.starts_at)) for one in week.sessions] == [
        ("Junior Judo", "2026-03-02 12:10"),
        ("Clay", "2026-03-03 16:00"),
        ("Clay", "2026-03-05 16:00"),
    ]
    shown = week.sessions[1]
    assert (shown.id, shown.series_id, shown.occurs_on, shown.day) == (tuesday, series, TUESDAY, TUESDAY)
    assert (shown.booked, shown.inside, shown.came, shown.waiting) == (2, 1, 1, 1)
    assert (shown.room_id, shown.instructor, shown.capacity, shown.platform_places) == (
        programme.room,
        "Ana",
        12,
        2,
    )
    assert (shown.is_full, shown.is_closed, shown.is_cancelled, shown.changed_by_hand) == (False,) * 4
    assert [room.name for room in week.rooms] == ["Studio A", "Studio B"]
    (span,) = week.closures
    assert (span.closure_id, span.kind, span.reason, span.explanation, span.room_ids, span.is_yearly) == (
        closure, ClosureKind.MAINTENANCE, "Maintenance", "New floor", (programme.room,), False,
    )  # fmt: skip
    assert await office.service.closures() == (span,)
    # A room that was put away keeps its lane where it was used.
    world.admin.execute("UPDATE activity_sessions SET room_id = %s WHERE id = %s", [attic, tuesday])
    week = await office.service.calendar(MONDAY, SUNDAY)
    assert [room.name for room in week.rooms] == ["Attic", "Studio A", "Studio B"]


async def test_the_list_of_series_says_what_is_still_to_come(office: Office) -> None:
    programme = office.programme
    running = programme.series(last=date(2026, 3, 12), name="After school")
    programme.do(programme.session_edit(programme.on(NEXT), start=time(18)))
    office.world.booking("Nia", programme.on(date(2026, 3, 12)))
    over = factories.schedule(
        office.world.admin,
        programme.activity,
        effective_from=date(2025, 1, 1),
        effective_until=date(2025, 12, 31),
    )
    first, second = await office.service.all_series()
    assert (first.id, second.id, first.is_active, second.is_active) == (running, over, True, False)
    assert (first.activity, first.upcoming, first.next_on, first.changed_by_hand, first.booked) == (
        "Clay", 4, TUESDAY, 1, 1,
    )  # fmt: skip
    assert first.facts == programme.facts(last=date(2026, 3, 12), name="After school")
    assert await office.service.series(running) == first
    for absent in (uuid4(), factories.schedule(office.world.admin)):
        with pytest.raises(NotFound):
            await office.service.series(absent)


async def test_what_the_editors_offer(office: Office) -> None:
    office.programme.series(last=NEXT)
    office.programme.do(office.programme.session_new())
    added = await office.service.add_reason(" Staff outing ", ClosureKind.PRIVATE_EVENT)
    choices = await office.service.choices()
    assert [one.name for one in choices.activities] == ["Clay", "Junior Judo"]
    clay = choices.activities[0]
    assert (clay.id, clay.minutes, clay.capacity, clay.credits, clay.is_published) == (
        office.programme.activity, 60, 12, 2, True,
    )  # fmt: skip
    assert choices.instructors == ("Ana", "Bo")
    assert [room.name for room in choices.rooms] == ["Studio A", "Studio B"]
    assert choices.reasons[0] == added
    assert (added.name, added.is_own, added.is_active) == ("Staff outing", True, True)
    assert {"Public holiday", "Weather"} <= {one.name for one in choices.reasons if not one.is_own}


async def test_a_change_is_looked_at_and_then_made(office: Office) -> None:
    facts = office.programme.facts(last=NEXT)
    change = SeriesNew(facts, {date(2026, 3, 5): Settled(skip=True)})
    plan = await office.service.plan(change)
    assert (plan.count(Fate.CREATED), plan.count(Fate.SKIPPED), plan.refunds) == (2, 1, 0)
    first = plan.items[0]
    assert (first.occurs_on, local(first.starts_at or NOON), first.room_id) == (
        TUESDAY, "2026-03-03 16:00", office.programme.room,
    )  # fmt: skip
    made = await office.service.apply(change, plan)
    assert made.series_id is not None
    assert (made.created, made.session_id) == (2, None)
    series = await office.service.series(made.series_id)
    assert series.facts == facts
    booking = office.world.booking("Nia", office.programme.on(NEXT))
    edit = SeriesEdit(series.id, series.version, Scope.ALL, replace(facts, start=time(17)))
    plan = await office.service.plan(edit)
    (hit,) = plan.hits
    assert (hit.booking_id, hit.fate, hit.child, hit.refund) == (booking, "changed", "Nia", 0)
    assert hit.message
    assert (await office.service.apply(edit, plan)).told == 1
    with pytest.raises(Conflict) as caught:
        await office.service.plan(edit)
    assert caught.value.code == "version_changed"


async def test_overlaps_come_back_as_values(office: Office) -> None:
    office.programme.do(office.programme.session_new())
    plan = await office.service.plan(office.programme.session_new(start=time(11)))
    room, instructor = plan.conflicts
    assert (room.kind, room.on, room.what, room.free_rooms) == (
        "room", date(2026, 3, 6), "Studio B", (office.programme.room,),
    )  # fmt: skip
    assert (instructor.kind, instructor.other, local(instructor.other_starts_at)) == (
        "instructor", "Clay", "2026-03-06 10:00",
    )  # fmt: skip


async def test_a_lost_answer_is_asked_for_again_under_the_same_id(office: Office) -> None:
    change = SeriesNew(office.programme.facts(last=NEXT, room_id=None, instructor=None))
    plan = await office.service.plan(change)
    office.queries.losses = 2
    made = await office.service.apply(change, plan)
    assert made.created == 3
    assert len(await office.service.all_series()) == 1


async def test_confirmed_again_after_giving_up_it_happened_once(office: Office) -> None:
    change = SeriesNew(office.programme.facts(last=NEXT, room_id=None, instructor=None))
    plan = await office.service.plan(change)
    office.queries.losses = 3
    with pytest.raises(Unavailable):
        await office.service.apply(change, plan)
    assert (await office.service.apply(change, plan)).created == 3
    assert len(await office.service.all_series()) == 1
    # Wanted once more on purpose, it is another one.
    assert (await office.service.apply(change, plan)).created == 3
    assert len(await office.service.all_series()) == 2


async def test_a_plan_that_no_longer_holds_is_refused(office: Office) -> None:
    office.programme.series(last=NEXT)
    session = office.programme.on(NEXT)
    change = office.programme.session_edit(session, start=time(17))
    plan: Plan = await office.service.plan(change)
    with pytest.raises(Conflict) as caught:
        await office.service.apply(change, replace(plan, fingerprint="another"))
    assert caught.value.code == "plan_changed"


async def test_a_name_with_the_character_zero_is_kept_without_it(office: Office) -> None:
    change = SeriesNew(office.programme.facts(last=NEXT, instructor="An\x00a", name="\x00"))
    made = await office.service.apply(change, await office.service.plan(change))
    assert made.series_id is not None
    facts = (await office.service.series(made.series_id)).facts
    assert (facts.instructor, facts.name) == ("Ana", None)


async def test_a_session_is_completed_when_everybody_has_gone_and_opened_again(office: Office) -> None:
    world = office.world
    booking = world.booking("Nia")
    world.at(NOON + timedelta(minutes=15))
    desk = somebody(world, "front_desk")
    desk.do("check_in", booking, at=world.now)
    with pytest.raises(Conflict) as caught:
        await office.service.complete(world.session)
    assert caught.value.code == "children_in"
    world.at(NOON + timedelta(minutes=80))
    desk.do("check_out", booking, at=world.now)
    await office.service.complete(world.session)
    await office.service.complete(world.session)
    (shown,) = (await office.service.calendar(MONDAY, MONDAY)).sessions
    assert (shown.is_closed, shown.came, shown.inside) == (True, 1, 0)
    await office.service.reopen(world.session)
    (shown,) = (await office.service.calendar(MONDAY, MONDAY)).sessions
    assert not shown.is_closed
    row = world.one("SELECT reopened_by FROM activity_sessions WHERE id = %s", world.session)
    assert row["reopened_by"] == office.programme.who.id


async def test_rooms_are_added_renamed_and_put_away(office: Office) -> None:
    added = await office.service.add_room(" Kiln ", 6)
    assert (added.name, added.capacity, added.is_active) == ("Kiln", 6, True)
    assert await office.service.edit_room(
        replace(added, name="Kiln room", capacity=None, is_active=False)
    ) == Room(added.id, "Kiln room", None, False)
    with pytest.raises(Conflict):
        await office.service.add_room("studio a", None)
    with pytest.raises(Conflict):
        await office.service.edit_room(replace(added, name="STUDIO A"))
    for name, capacity in (("", None), (" \x00 ", None), ("x" * 101, None), ("Yard", 0), ("Yard", 10_001)):
        with pytest.raises(Invalid):
            await office.service.add_room(name, capacity)
    elsewhere = factories.room(office.world.admin)
    with pytest.raises(NotFound):
        await office.service.edit_room(Room(elsewhere, "Mine"))
    with pytest.raises(Invalid):
        await office.service.add_reason("", ClosureKind.OTHER)
    await office.service.add_reason("Fog", ClosureKind.WEATHER)
    with pytest.raises(Conflict):
        await office.service.add_reason("FOG", ClosureKind.WEATHER)


async def test_a_front_desk_reads_the_programme_and_changes_nothing(office: Office) -> None:
    programme = office.programme
    series = programme.series(last=NEXT)
    plan = await office.service.plan(edit := programme.edit(series, last=NEXT, start=time(17)))
    async with office_of(programme, somebody(office.world, "front_desk")) as desk:
        assert len((await desk.service.calendar(MONDAY, SUNDAY)).sessions) == 3
        assert [one.id for one in await desk.service.all_series()] == [series]
        assert await desk.service.closures() == ()
        refused: tuple[Callable[[], Any], ...] = (
            lambda: desk.service.plan(edit),
            lambda: desk.service.apply(edit, plan),
            lambda: desk.service.reopen(office.world.session),
            lambda: desk.service.add_room("Yard", None),
            lambda: desk.service.add_reason("Fog", ClosureKind.WEATHER),
        )
        for call in refused:
            with pytest.raises(Denied):
                await call()
        with pytest.raises(NotFound):
            await desk.service.edit_room(Room(programme.room, "Mine"))


async def test_another_venues_manager_sees_nothing(office: Office) -> None:
    office.programme.series(last=NEXT)
    stranger = somebody(office.world, "manager", venues=(factories.venue(office.world.admin),))
    async with office_of(office.programme, stranger) as other:
        assert await other.service.all_series() == ()
        with pytest.raises(Denied):
            await other.service.calendar(MONDAY, SUNDAY)
        with pytest.raises(Denied):
            await other.service.closures()
        choices = await other.service.choices()
        assert (choices.activities, choices.rooms, choices.instructors) == ((), (), ())
        with pytest.raises(Denied):
            await other.service.plan(SeriesNew(office.programme.facts()))
