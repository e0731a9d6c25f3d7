"""Review items through the console's own service, over a real manager's login and a real desk's numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from console.clock import FixedClock
from console.domain.attendance import AttendanceEvent, EventKind, Origin, OutcomeKind, RefusalReason
from console.domain.desk import BookingStatus
from console.domain.reviewing import Decided, Decision, ReviewKind, Topic
from console.errors import Conflict, Denied, Invalid, NotFound, Unavailable
from console.models.gateway_reviews import ReviewGateway
from console.services.reviews import ReviewService
from console.storage.database import Database as DeskDatabase
from console.storage.reviews import ReviewQueries
from tests.support import factories
from tests.support.databases import Database
from tests.support.desk_world import NOON, SOON, Person, World

EARLIER = NOON - timedelta(minutes=10)
AFTER = SOON + timedelta(minutes=70)
Answer = TypeVar("Answer")


class Numbered:
    """The desk's numbers, as its outbox gives them."""

    def __init__(self, start: int = 1) -> None:
        self.next = start

    async def numbered(self, count: int, send: Callable[[Sequence[int]], Awaitable[Answer]]) -> Answer:
        first, self.next = self.next, self.next + count
        return await send(range(first, first + count))


@dataclass
class Office:
    """A manager's service, with what it stands on."""

    world: World
    person: Person
    database: DeskDatabase
    service: ReviewService
    clock: FixedClock


@pytest.fixture
def world(fresh_database: Database) -> Iterator[World]:
    with World(fresh_database) as made:
        yield made


async def office_of(world: World, person: Person) -> Office:
    database = DeskDatabase(person.dsn)
    await database.set_token(person.token)
    clock = FixedClock(world.now)
    service = ReviewService(ReviewQueries(database), Numbered(100), world.venue, clock)
    gateway: ReviewGateway = service
    assert isinstance(gateway, ReviewService)
    return Office(world, person, database, service, clock)


@pytest.fixture
async def office(world: World) -> AsyncIterator[Office]:
    made = await office_of(world, world.person("manager", name="Elena", desk=world.desk("Office")))
    yield made
    await made.database.close()


def paid(world: World, name: str) -> UUID:
    parent = factories.parent(world.admin)
    balance = factories.balance(world.admin, parent, 10)
    booking = world.booking(world.child(name, parent_id=parent))
    factories.ledger(world.admin, balance, "booking_debit", -2, booking_id=booking)
    return booking


def cancelled_but_came(office: Office, jonas: Person, name: str = "Nia") -> UUID:
    booking = paid(office.world, name)
    office.person.call("SELECT * FROM bookings.cancel(%s, true, 'weather')", booking)
    jonas.do("check_in", booking, origin="queued", at=EARLIER)
    return booking


async def test_the_facts_stand_side_by_side_and_the_decision_costs_what_they_said(office: Office) -> None:
    booking = cancelled_but_came(office, office.world.person())
    (item,) = await office.service.items()
    assert (item.kind, item.reason, item.first_name, item.activity_name) == (
        ReviewKind.REFUSED_BUT_CAME, RefusalReason.CANCELLED, "Nia", "Junior Judo",
    )  # fmt: skip
    facts = await office.service.facts(item.item_id)
    assert facts.booking is not None
    assert facts.session is not None
    assert (facts.booking_id, facts.booking.status) == (booking, BookingStatus.CANCELLED_VENUE)
    assert (facts.booking.taken, facts.booking.given_back, facts.booking.family_credits) == (2, 2, 10)
    (report,) = facts.reported
    assert (report.kind, report.origin, report.outcome) == (
        EventKind.CHECK_IN, Origin.QUEUED, OutcomeKind.APPLIED_WITH_REVIEW,
    )  # fmt: skip
    assert (report.occurred_at, report.desk, report.person, report.is_this) == (
        EARLIER,
        "Desk 1",
        "Jonas",
        True,
    )
    charge = facts.choices[0]
    assert (charge.decision, charge.moved, charge.family_credits_after) == (Decision.CHARGE, -2, 8)
    decided = await office.service.decide(facts, charge)
    assert (decided.decision, decided.moved, decided.family_credits) == (Decision.CHARGE, -2, 8)
    assert (await office.service.items(), await office.service.open_count()) == ([], 0)
    (done,) = await office.service.items(done=True)
    assert (done.is_open, done.decision, done.resolved_by_name) == (False, Decision.CHARGE, "Elena")
    assert (await office.service.facts(item.item_id)).choices == ()


async def test_a_decision_carries_the_events_its_facts_ask_for(office: Office) -> None:
    world = office.world
    booking = paid(world, "Nia")
    world.at(AFTER)
    office.clock.advance(AFTER - NOON)
    office.person.call("SELECT * FROM attendance.close_session(%s, %s)", world.session, Jsonb([]))
    (item,) = await office.service.items()
    facts = await office.service.facts(item.item_id)
    choices = {choice.decision: choice for choice in facts.choices}
    await office.service.decide(facts, choices[Decision.CAME])
    assert world.state(booking) == "out"
    seqs = world.all("SELECT seq, kind FROM attendance_events ORDER BY seq")
    assert seqs == [{"seq": 100, "kind": "check_in"}, {"seq": 101, "kind": "check_out"}]


async def test_two_sessions_name_the_other_one(office: Office) -> None:
    jonas, world = office.world.person(), office.world
    child = world.child()
    jonas.do("check_in", world.booking(child), origin="queued", at=NOON - timedelta(minutes=20))
    there = world.booking(child, world.other_session())
    jonas.do("check_in", there, origin="queued", at=EARLIER)
    (item,) = await office.service.items()
    assert item.topic is Topic.TWO_SESSIONS
    facts = await office.service.facts(item.item_id)
    assert [stay.name for stay in facts.elsewhere] == ["Junior Judo"]
    wrong = next(choice for choice in facts.choices if choice.decision is Decision.WRONG)
    with pytest.raises(Invalid):
        await office.service.decide(facts, wrong)
    await office.service.decide(facts, wrong, " She was at judo.\x00 ")
    assert world.state(there) == "expected"
    assert (await office.service.facts(item.item_id)).note == "She was at judo."


async def test_the_list_goes_on_after_its_last_row(office: Office) -> None:
    jonas = office.world.person()
    for name in ("Ava", "Bo"):
        cancelled_but_came(office, jonas, name)
    everything = await office.service.items()
    after = await office.service.items(after=everything[0].page_key)
    assert after == everything[1:]


async def test_a_second_manager_is_told_who_decided(office: Office) -> None:
    world = office.world
    cancelled_but_came(office, world.person())
    (item,) = await office.service.items()
    facts = await office.service.facts(item.item_id)
    vera = await office_of(world, world.person("manager", name="Vera", desk=world.desk("Vera's")))
    try:
        await office.service.decide(facts, facts.choices[0])
        with pytest.raises(Conflict, match="Elena decided this at 12:00") as caught:
            await vera.service.decide(facts, facts.choices[0])
        assert caught.value.code == "decided_already"
    finally:
        await vera.database.close()


async def test_a_front_desk_is_denied_and_another_venue_is_not_found(office: Office) -> None:
    world = office.world
    cancelled_but_came(office, world.person())
    (item,) = await office.service.items()
    desk = await office_of(world, world.person(name="Maya", desk=world.desk("Desk 2")))
    elsewhere = factories.venue(world.admin)
    far_desk = world.desk("Far")
    far = await office_of(world, world.person("manager", name="Far", desk=far_desk, venues=(elsewhere,)))
    try:
        with pytest.raises(Denied):
            await desk.service.items()
        with pytest.raises(Denied):
            await desk.service.facts(item.item_id)
        with pytest.raises(NotFound):
            await far.service.facts(item.item_id)
    finally:
        await desk.database.close()
        await far.database.close()


async def test_an_unknown_outcome_is_asked_again_with_the_same_events(office: Office) -> None:
    cancelled_but_came(office, office.world.person())
    (item,) = await office.service.items()
    facts = await office.service.facts(item.item_id)
    wrong = facts.choices[-1]
    queries = _Cut(office.database)
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    service = ReviewService(queries, Numbered(200), office.world.venue, office.clock, sleep=sleep)
    decided = await service.decide(facts, wrong, "A mistake.")
    assert (decided.decision, len(waited)) == (Decision.WRONG, 1)
    assert queries.sent[0] == queries.sent[1]


class _Cut(ReviewQueries):
    """Loses the first answer after the server has given it."""

    def __init__(self, database: DeskDatabase) -> None:
        super().__init__(database)
        self.sent: list[Sequence[AttendanceEvent]] = []

    async def decide(
        self, item_id: UUID, choice: Decision, reason: str | None, events: Sequence[AttendanceEvent]
    ) -> Decided:
        answer = await super().decide(item_id, choice, reason, events)
        self.sent.append(list(events))
        if len(self.sent) == 1:
            raise Unavailable("Cut.")
        return answer
