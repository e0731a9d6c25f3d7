"""Families, places and corrections by the service, over a real desk's login, and through a failing network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from console.clock import FixedClock
from console.domain.attendance import AttendanceEvent, AttendanceState, OutcomeKind, RefusalReason
from console.domain.desk import HealthKind
from console.domain.families import (
    CONSENT_TEXT,
    Booked,
    NewChild,
    NewFamily,
    NewHealthNote,
    NewPickupPerson,
    NoPlace,
    Payment,
)
from console.errors import Conflict, Invalid, Unavailable
from console.models.gateway import FamilyGateway
from console.services.attendance import AttendanceService
from console.services.families import FamilyService
from console.storage.attendance import AttendanceStore
from console.storage.database import Database as DeskDatabase
from console.storage.families import FamilyStore
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World

NUT = NewHealthNote(HealthKind.ALLERGY, 1, "Nuts", "All nuts", "Pen in bag.")
ZOE = NewChild("Zoë", date(2019, 5, 1), (NUT,), (NewPickupPerson("Rose", "grandmother", "+1 555 0100"),))


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


@pytest.fixture
def jonas(world: World) -> Person:
    return world.person()


@pytest.fixture
async def database(jonas: Person) -> AsyncIterator[DeskDatabase]:
    made = DeskDatabase(jonas.dsn)
    await made.set_token(jonas.token)
    yield made
    await made.close()


async def at_once(seconds: float) -> None:
    """A wait that takes no time."""
    await asyncio.sleep(0)


def service(world: World, database: DeskDatabase, store: FamilyStore | None = None) -> FamilyService:
    clock = FixedClock(NOON)
    attendance = AttendanceService(AttendanceStore(database), clock, sleep=at_once)
    return FamilyService(store or FamilyStore(database), attendance, world.venue, clock, sleep=at_once)


def newcomers(request: UUID | None = None, email: str = "ada@example.org") -> NewFamily:
    return NewFamily(request or uuid4(), "Ada", "Lovell", "+1 555 010 7788", email, ZOE, "Ada Lovell")


def child_with_credits(world: World, name: str = "Nia", credits: int = 10) -> UUID:
    child = world.child(name)
    parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
    factories.balance(world.admin, parent, credits)
    return child


async def test_a_walk_in_from_the_door_to_the_room(world: World, database: DeskDatabase) -> None:
    desk: FamilyGateway = service(world, database)
    assert await desk.find_families("a") == []
    family = newcomers()
    made = await desk.register(family)
    assert await desk.register(family) == made
    (found,) = await desk.find_families("zoe")
    assert (found.parent_id, found.parent_first_name, found.phone_end, found.credits) == (
        made.parent_id,
        "Ada",
        "7788",
        0,
    )
    assert found.children[0].health[0].title == "All nuts"
    (choice,) = await desk.session_choices(NOON.date(), child_id=made.child_id)
    assert (choice.session_id, choice.price, choice.blocked, choice.warnings) == (world.session, 2, None, ())
    with pytest.raises(Conflict, match="2 credits are missing") as poor:
        await desk.take_place(world.session, Payment.CREDITS, child_id=made.child_id, check_in=True)
    assert poor.value.code == "not_enough_credits"
    booked = await desk.take_place(world.session, Payment.OWED, child_id=made.child_id, check_in=True)
    assert (booked.charged, booked.owed, booked.warnings) == (0, 2, ())
    assert booked.answer is not None
    assert (booked.answer.outcome, booked.answer.state) == (OutcomeKind.APPLIED, AttendanceState.IN)
    assert booked.answer.booking_id == booked.booking_id
    (again,) = await desk.find_families("ada@example.org")
    assert (again.owed, again.children[0].booked_today) == (2, ("Junior Judo",))
    with pytest.raises(Conflict) as known:
        await desk.register(newcomers())
    assert known.value.code == "email_known"
    words = world.one("SELECT DISTINCT consent_text AS words FROM parental_consent_records")["words"]
    assert words == CONSENT_TEXT


async def test_a_sibling_a_move_a_queue_and_what_is_owed(world: World, database: DeskDatabase) -> None:
    desk = service(world, database)
    child = child_with_credits(world)
    parent = world.one("SELECT parent_id FROM children WHERE id = %s", child)["parent_id"]
    sibling = await desk.add_child(parent, ZOE, request_id=uuid4(), signed_by="Dana Fox")
    other = world.other_session(total_capacity=1)
    first = await desk.take_place(world.session, Payment.CREDITS, child_id=child)
    assert (first.charged, first.credits_left, first.answer) == (2, 8, None)
    moved = await desk.move(first.booking_id, other, check_in=True)
    assert (moved.booking_id, moved.confirmation_code) == (first.booking_id, first.confirmation_code)
    assert moved.answer is not None
    assert moved.answer.is_recorded
    assert moved.answer.state is AttendanceState.IN
    waiting = await desk.join_waitlist(other, child_id=sibling.child_id)
    assert (waiting.place, await desk.join_waitlist(other, child_id=sibling.child_id)) == (1, waiting)
    owed = await desk.take_place(world.session, Payment.OWED, child_id=sibling.child_id)
    assert (owed.owed, await desk.settle_owed(owed.booking_id)) == (2, 2)
    later = world.other_session("Chess", starts_at=SOON + timedelta(hours=5))
    early = await desk.take_place(later, Payment.CREDITS, booking_id=first.booking_id, check_in=True)
    assert early.answer is not None
    assert (early.answer.reason, early.answer.detail.opens_at is not None) == (RefusalReason.TOO_EARLY, True)


async def test_what_is_overruled_is_named(world: World, database: DeskDatabase) -> None:
    desk = service(world, database)
    child = child_with_credits(world)
    world.booking(child, world.other_session())
    (_, judo) = await desk.session_choices(NOON.date(), child_id=child)
    assert judo.warnings == (NoPlace.ELSEWHERE,)
    with pytest.raises(Conflict) as refused:
        await desk.take_place(world.session, Payment.CREDITS, child_id=child)
    assert refused.value.code == NoPlace.ELSEWHERE.value
    made = await desk.take_place(
        world.session, Payment.CREDITS, child_id=child, overrule=frozenset({NoPlace.ELSEWHERE})
    )
    assert made.warnings == (NoPlace.ELSEWHERE,)
    with pytest.raises(Invalid):
        await desk.session_choices(NOON.date() - timedelta(days=1))


async def test_corrections_are_read_changed_and_read_again(world: World, database: DeskDatabase) -> None:
    desk = service(world, database)
    booking = world.booking("Nia")
    read = await desk.facts(booking)
    health = await desk.correct_health(read, [NUT], confirmed_by="Dana Fox")
    assert (health.health[0].label, health.health[0].confirmed_by) == ("Nuts", "Dana Fox")
    with pytest.raises(Conflict) as stale:
        await desk.correct_pickup(read, [], confirmed_by="Dana Fox")
    assert stale.value.code == "changed"
    people = await desk.correct_pickup(health, [NewPickupPerson("Rose")], confirmed_by="Dana Fox")
    assert [person.name for person in people.pickup] == ["Rose"]
    assert await desk.facts(booking) == people


class Flaky(FamilyStore):
    """A store whose answers get lost after they were given, as often as `losing` says."""

    def __init__(self, database: DeskDatabase, losing: int) -> None:
        super().__init__(database)
        self.losing = losing
        self.calls = 0

    async def take_place(
        self,
        new_id: UUID,
        session_id: UUID,
        child_id: UUID | None,
        booking_id: UUID | None,
        payment: Payment,
        overrule: frozenset[NoPlace],
        event: AttendanceEvent | None,
    ) -> Booked:
        self.calls += 1
        made = await super().take_place(new_id, session_id, child_id, booking_id, payment, overrule, event)
        if self.losing > 0:
            self.losing -= 1
            raise Unavailable("The database cannot be reached.")
        return made


@pytest.mark.parametrize("losing", [1, 3])
async def test_a_lost_answer_books_and_charges_once(
    world: World, database: DeskDatabase, losing: int
) -> None:
    store = Flaky(database, losing)
    desk, child = service(world, database, store), child_with_credits(world)
    if losing == 3:
        with pytest.raises(Unavailable):
            await desk.take_place(world.session, Payment.CREDITS, child_id=child, check_in=True)
    made = await desk.take_place(world.session, Payment.CREDITS, child_id=child, check_in=True)
    assert (made.credits_left, store.calls) == (8, losing + 1)
    assert made.answer is not None
    assert made.answer.outcome is OutcomeKind.APPLIED
    assert len(world.all("SELECT 1 FROM bookings")) == len(world.all("SELECT 1 FROM attendance_events")) == 1


async def test_a_number_another_console_used_is_replaced_and_booked_once(
    world: World, jonas: Person, database: DeskDatabase
) -> None:
    desk, child = service(world, database), child_with_credits(world)
    await desk.take_place(world.session, Payment.CREDITS, child_id=child, check_in=True)
    second = world.other_session("Chess", starts_at=SOON + timedelta(minutes=5))
    next(jonas._seq)
    jonas.do("check_in", world.booking("Leo"))
    made = await desk.take_place(
        second,
        Payment.CREDITS,
        child_id=child,
        check_in=True,
        overrule=frozenset({NoPlace.ELSEWHERE}),
    )
    assert made.answer is not None
    assert made.answer.outcome is OutcomeKind.APPLIED
    assert [row["seq"] for row in world.all("SELECT seq FROM attendance_events ORDER BY seq")] == [1, 2, 3]
