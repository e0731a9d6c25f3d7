"""Everything that locks sessions, bookings and balances, in one moment: nobody waits for ever and nothing is lost.

Two venues share their families, so that a change at one and a check-in at the other meet in the same balances. Whatever
comes first, the other does it after or is told so; a deadlock is a mistake in the order of locks (db/CONVENTIONS.md).
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.domain.changing import ClosureNew, SeriesEnd, SessionEdit, SessionFacts, request
from tests.support import factories
from tests.support.databases import Connection, Database
from tests.support.desk_world import NOON, SOON, Person, Row, World
from tests.support.identities import refusal
from tests.support.places import family, ledger_is_whole
from tests.support.planning import APPLY, PLAN, ZONE, Programme, somebody
from tests.support.workers import scalar, until

CONNECTIONS = 8
TURNS = 25
"""Of each connection: 200 in all."""
WEEKS = 3

TAKE = (
    "SELECT * FROM bookings.take_place(%s, %s, for_child => %s, overrule => '{too_young,too_old,elsewhere}')"
)
CANCEL = "SELECT * FROM bookings.cancel(%s, false, 'child_sick')"
MOVE = "SELECT * FROM bookings.move(%s, %s)"
JOIN = "SELECT * FROM bookings.join_waitlist(%s, %s)"
OFFER = "SELECT bookings.waitlist_offer(%s)"
SKIP = "SELECT bookings.waitlist_skip(%s, 'Because.')"
ACCEPT = "SELECT bookings.waitlist_accept(%s, %s)"
CLOSE = "SELECT * FROM attendance.close_session(%s)"
REOPEN = "SELECT attendance.reopen_session(%s)"
WORK = (
    "SELECT bookings.expire_offers()",
    "SELECT schedules.generate_all()",
    "SELECT schedules.release_inventory()",
    "SELECT attendance.close_overdue(200)",
    "SELECT credits.expire('2026-03-01')",
)
# What a person may be told; anything else is a mistake, a deadlock (40P01) above all.
SAID = {"done", "nothing", "NX404", "NX409", "NX422", "NX403"}


@dataclass
class House:
    """One venue of the two."""

    venue: UUID
    room: UUID
    manager: Person
    desks: list[Person]
    series: list[UUID] = field(default_factory=list)


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


def populate(world: World, venue: UUID, children: list[UUID]) -> House:
    """A venue with two series of some weeks, sessions of today and yesterday, half of them booked full."""
    admin = world.admin
    room = factories.room(admin, venue)
    manager = world.person("manager", desk=world.desk(f"Office {uuid4().hex[:6]}"), venues=(venue,))
    desks = [world.person(desk=world.desk(f"Desk {uuid4().hex[:6]}"), venues=(venue,)) for _ in range(3)]
    made = House(venue, room, manager, desks)
    activity = factories.activity(admin, venue, name="Clay", credits_required=1)
    for weekday, hour in ((2, 16), (4, 17)):
        series = factories.schedule(
            admin, activity, days_of_week=[weekday], start_time=time(hour), capacity=3, room_id=room,
            effective_from=date(2026, 3, 2), platform_allocated_spots=2,
        )  # fmt: skip
        made.series.append(series)
        for week in range(WEEKS):
            day = date(2026, 3, 1) + timedelta(days=weekday + 7 * week)
            starts = datetime.combine(day, time(hour), ZONE)
            factories.session(
                admin, activity, starts_at=starts, ends_at=starts + timedelta(hours=1), total_capacity=3, room_id=room,
                recurring_schedule_id=series, occurs_on=day, platform_allocated_spots=2,
            )  # fmt: skip
    for at in (NOON - timedelta(days=1), SOON):
        factories.session(admin, activity, starts_at=at, ends_at=at + timedelta(hours=1), total_capacity=4)
    sessions = [row["id"] for row in world.all("SELECT id FROM activity_sessions WHERE venue_id = %s", venue)]
    for number, session in enumerate(sessions):
        for child in children[number % 3 :: 3]:
            row = world.one(
                "SELECT total_capacity - booked_count AS free FROM activity_sessions WHERE id = %s", session
            )
            if row["free"] > 0:
                booking = world.booking(child, session)
                admin.execute(
                    "SELECT credits.debit(booked_by, 1, id, 'debit:' || id) FROM bookings WHERE id = %s",
                    [booking],
                )
            else:
                admin.execute(
                    """INSERT INTO waitlist (session_id, venue_id, child_id, user_id, position)
                       SELECT %s, %s, id, parent_id, 1 FROM children WHERE id = %s""",
                    [session, venue, child],
                )
    return made


class Somebody:
    """One of those who act: picks something, looks at it as a screen would, and does it."""

    def __init__(
        self, world: World, houses: list[House], children: list[UUID], seed: int, number: int
    ) -> None:
        self.random = random.Random(f"{seed}:{number}")
        self.number, self.children = number, children
        self.house = houses[number % 2]
        self.is_worker = number >= CONNECTIONS - 1
        self.who = self.house.manager if number < 2 else self.house.desks[number // 2 - 1]
        self.looks: Connection = world.database.connect()
        self.outcomes: Counter[str] = Counter()

    def close(self) -> None:
        self.looks.close()

    def turns(self) -> None:
        acts: list[Callable[[], str]]
        if self.is_worker:
            acts = [self.work]
        elif self.who is self.house.manager:
            acts = [self.cancel_session, self.restore, self.edit_session, self.edit_session, self.end_series, self.shut,
                    self.combine, self.combine, self.lift]  # fmt: skip
        else:
            acts = [self.take, self.take, self.cancel, self.move, self.check_in, self.check_in, self.close_session,
                    self.offer, self.skip, self.accept, self.join]  # fmt: skip
        for _ in range(TURNS):
            act = self.random.choice(acts)
            try:
                said = act()
            except psycopg.Error as error:
                said = str(refusal(error)[0])
                if said not in SAID:
                    said = f"{act.__name__}: {said} {error.diag.message_primary}"
            self.outcomes[said] += 1

    def any(self, statement: str, *arguments: object) -> tuple[object, ...] | None:
        found = self.looks.execute(statement.encode(), arguments or None).fetchall()
        return self.random.choice(found) if found else None

    def session(self, condition: str = "NOT is_cancelled AND closed_at IS NULL") -> tuple[object, ...] | None:
        return self.any(
            f"""SELECT id, version, starts_at, total_capacity FROM activity_sessions
                 WHERE venue_id = %s AND {condition} ORDER BY id""",
            self.house.venue,
        )

    def change(self, asked: Row) -> str:
        plan = self.who.call(PLAN, self.house.venue, Jsonb(asked))[0]["plan"]
        self.who.call(APPLY, self.house.venue, Jsonb(asked), plan["fingerprint"], uuid4())
        return "done"

    def call(self, statement: str, row: tuple[object, ...] | None, *more: object) -> str:
        if row is None:
            return "nothing"
        self.who.call(statement, row[0], *more)
        return "done"

    # What a manager does

    def cancel_session(self) -> str:
        row = self.session()
        return "nothing" if row is None else self.change(
            {"kind": "session_cancel", "session_id": str(row[0]), "version": row[1], "reason": "The boiler broke."}
        )  # fmt: skip

    def restore(self) -> str:
        row = self.session("is_cancelled")
        return "nothing" if row is None else self.change(
            {"kind": "session_restore", "session_id": str(row[0]), "version": row[1], "allow": True}
        )  # fmt: skip

    def edit_session(self) -> str:
        row = self.session()
        if row is None or not isinstance(row[0], UUID) or not isinstance(row[1], int):
            return "nothing"
        assert isinstance(row[2], datetime)
        local = row[2].astimezone(ZONE)
        facts = SessionFacts(
            local.date(), (local + timedelta(minutes=self.random.choice([0, 5]))).time(), 60,
            self.random.choice([2, 3, 5]), room_id=self.house.room,
        )  # fmt: skip
        return self.change(request(SessionEdit(row[0], row[1], facts, allow=True)))

    def end_series(self) -> str:
        series = self.random.choice(self.house.series)
        row = self.any("SELECT version FROM activity_recurring_schedules WHERE id = %s", series)
        assert row is not None
        assert isinstance(row[0], int)
        day = date(2026, 3, 3) + timedelta(days=self.random.randrange(14, 21))
        return self.change(request(SeriesEnd(series, row[0], day, "The teacher leaves.")))

    def shut(self) -> str:
        row = self.any("SELECT id FROM closure_reasons WHERE venue_id IS NULL")
        assert row is not None
        assert isinstance(row[0], UUID)
        start = datetime.combine(date(2026, 3, 3) + timedelta(days=self.random.randrange(18)), time(15))
        return self.change(request(ClosureNew(start, start + timedelta(hours=3), row[0])))

    def lift(self) -> str:
        row = self.any(
            "SELECT id, version FROM venue_closures WHERE venue_id = %s AND lifted_at IS NULL",
            self.house.venue,
        )
        return "nothing" if row is None else self.change(
            {"kind": "closure_lift", "closure_id": str(row[0]), "version": row[1], "restore": []}
        )  # fmt: skip

    def combine(self) -> str:
        source, target = self.session(), self.session()
        return "nothing" if source is None or target is None else self.change(
            {"kind": "session_combine", "from_id": str(source[0]), "from_version": source[1], "to_id": str(target[0]),
             "to_version": target[1], "reason": "Too few."}
        )  # fmt: skip

    # What a front desk does

    def take(self) -> str:
        row = self.session()
        if row is None:
            return "nothing"
        self.who.call(TAKE, uuid4(), row[0], self.random.choice(self.children))
        return "done"

    def booking(self) -> tuple[object, ...] | None:
        return self.any(
            "SELECT id, session_id FROM bookings WHERE venue_id = %s AND status = 'confirmed'",
            self.house.venue,
        )

    def cancel(self) -> str:
        return self.call(CANCEL, self.booking())

    def move(self) -> str:
        to = self.session()
        return "nothing" if to is None else self.call(MOVE, self.booking(), to[0])

    def check_in(self) -> str:
        rows = [row[0] for row in (self.booking(), self.booking()) if row is not None]
        self.who.record(*(self.who.event("check_in", row) for row in rows if isinstance(row, UUID)))
        return "done"

    def close_session(self) -> str:
        row = self.session("NOT is_cancelled AND starts_at <= app.now() + interval '1 hour'")
        return self.call(self.random.choice([CLOSE, REOPEN]), row)

    def waiting(self, condition: str = "true") -> tuple[object, ...] | None:
        return self.any(
            f"SELECT id FROM waitlist WHERE venue_id = %s AND is_active AND {condition}", self.house.venue
        )

    def offer(self) -> str:
        return self.call(OFFER, self.session())

    def skip(self) -> str:
        return self.call(SKIP, self.waiting())

    def accept(self) -> str:
        return self.call(ACCEPT, self.waiting("spot_offered_at IS NOT NULL"), uuid4())

    def join(self) -> str:
        return self.call(JOIN, self.session(), self.random.choice(self.children))

    # What the worker does

    def work(self) -> str:
        self.looks.execute(self.random.choice(WORK).encode())
        return "done"


@pytest.mark.parametrize("seed", [1])
def test_two_hundred_turns_of_eight_people_end_in_no_deadlock_and_nothing_lost(
    world: World, seed: int
) -> None:
    children = [family(world, f"Child {number}", credits=30) for number in range(9)]
    houses = [populate(world, venue, children) for venue in (world.venue, factories.venue(world.admin))]
    everybody = [Somebody(world, houses, children, seed, number) for number in range(CONNECTIONS)]
    threads = [threading.Thread(target=one.turns) for one in everybody]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    outcomes = sum((one.outcomes for one in everybody), Counter[str]())
    for one in everybody:
        one.close()
    assert set(outcomes) <= SAID, outcomes
    assert sum(outcomes.values()) == CONNECTIONS * TURNS
    # Enough of it really happened for the rest to mean anything.
    assert outcomes["done"] >= CONNECTIONS * TURNS // 4, outcomes
    everything_adds_up(world)


# Two at one session, in either order


def one_after_the_other(
    world: World, first: tuple[Person, str, list[object]], second: Callable[[], object]
) -> str:
    """What becomes of the second, who comes while the first is in the middle of it."""
    who, statement, arguments = first
    outcome: list[str] = []

    def try_second() -> None:
        try:
            second()
            outcome.append("done")
        except psycopg.Error as error:
            outcome.append(str(refusal(error)[0]))

    thread = threading.Thread(target=try_second)
    with who.connection.transaction():
        who.call(statement, *arguments)
        thread.start()
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        until(lambda: scalar(world.admin, waits) or outcome, "the second has not begun")
        assert not outcome, "the second does not wait for the first"
    thread.join(20)
    return outcome[0]


@pytest.fixture(scope="module")
def programme(world: World) -> Programme:
    return Programme(world, somebody(world, "manager"))


def test_a_session_that_is_just_being_booked_is_not_removed(world: World, programme: Programme) -> None:
    series = programme.series(weekdays=(3,), first=date(2026, 3, 4), last=date(2026, 3, 4))
    (row,) = world.all("SELECT id FROM activity_sessions WHERE recurring_schedule_id = %s", series)
    desk, child = somebody(world, "front_desk"), family(world, "Quick")
    change = programme.end(series, date(2026, 3, 4))
    plan = programme.plan(change)
    assert [item["fate"] for item in plan["items"]] == ["removed"]
    became = one_after_the_other(
        world, (desk, TAKE, [uuid4(), row["id"], child]), lambda: programme.apply(change, plan)
    )
    assert became == "NX409"
    assert world.one("SELECT booked_count AS n FROM activity_sessions WHERE id = %s", row["id"]) == {"n": 1}


def test_a_session_that_is_just_being_removed_is_not_booked(world: World, programme: Programme) -> None:
    series = programme.series(weekdays=(3,), first=date(2026, 3, 4), last=date(2026, 3, 4), start=time(10))
    (row,) = world.all("SELECT id FROM activity_sessions WHERE recurring_schedule_id = %s", series)
    desk, child = somebody(world, "front_desk"), family(world, "Late")
    change = programme.end(series, date(2026, 3, 4))
    asked = [world.venue, Jsonb(request(change)), programme.plan(change)["fingerprint"], uuid4()]
    became = one_after_the_other(
        world, (programme.who, APPLY, asked), lambda: desk.call(TAKE, uuid4(), row["id"], child)
    )
    assert became == "NX404"
    assert world.all("SELECT id FROM bookings WHERE child_id = %s", child) == []


def test_fewer_places_and_the_last_booking_never_both_happen(world: World, programme: Programme) -> None:
    for book_first in (True, False):
        session = UUID(
            programme.do(programme.session_new(capacity=2, platform_places=0, allow=True))[1]["session_id"]
        )
        desk = somebody(world, "front_desk")
        desk.call(TAKE, uuid4(), session, family(world, "First"))
        change, child = programme.session_edit(session, allow=True, capacity=1), family(world, "Last")
        plan = programme.plan(change)
        booking: tuple[Person, str, list[object]] = (desk, TAKE, [uuid4(), session, child])
        asked = [world.venue, Jsonb(request(change)), plan["fingerprint"], uuid4()]
        fewer: tuple[Person, str, list[object]] = (programme.who, APPLY, asked)
        first, second = (booking, fewer) if book_first else (fewer, booking)

        def do(it: tuple[Person, str, list[object]] = second) -> object:
            return it[0].call(it[1], *it[2])

        assert one_after_the_other(world, first, do) in ("NX409", "NX422")
        row = world.one(
            "SELECT booked_count AS n, total_capacity AS most FROM activity_sessions WHERE id = %s", session
        )
        assert row == ({"n": 2, "most": 2} if book_first else {"n": 1, "most": 1})


def test_a_booking_that_is_just_being_moved_is_not_cancelled_on_its_old_session(world: World) -> None:
    """Else its new session would be locked after it, against everybody's order, and judged by the old one's start."""
    source, target = (
        world.other_session(name, starts_at=SOON + timedelta(days=2)) for name in ("From", "To")
    )
    booking = world.booking(family(world, "Moved"), source)
    one, other = somebody(world, "front_desk"), somebody(world, "front_desk")
    became = one_after_the_other(world, (one, MOVE, [booking, target]), lambda: other.call(CANCEL, booking))
    assert became == "NX409"
    row = world.one("SELECT session_id, status::text FROM bookings WHERE id = %s", booking)
    assert row == {"session_id": target, "status": "confirmed"}
    other.call(CANCEL, booking)


def everything_adds_up(world: World) -> None:
    """What holds at every moment, whoever did what."""
    ledger_is_whole(world)
    assert (
        world.all(
            """SELECT s.id, s.booked_count, count(b.id) FROM activity_sessions s
             LEFT JOIN bookings b ON b.session_id = s.id AND app.holds_place(b.status)
            GROUP BY s.id HAVING s.booked_count <> count(b.id)"""
        )
        == []
    ), "places are counted"
    assert (
        world.all("SELECT id FROM activity_sessions WHERE NOT is_cancelled AND booked_count > total_capacity")
        == []
    ), "nothing is overbooked"
    assert (
        world.all(
            """SELECT b.id FROM bookings b JOIN activity_sessions s ON s.id = b.session_id
            WHERE s.is_cancelled AND s.cancelled_at >= b.created_at AND b.status IN ('pending', 'confirmed')"""
        )
        == []
    ), "nobody stands on a cancelled session"
    assert (
        world.all(
            """SELECT w.id FROM waitlist w JOIN activity_sessions s ON s.id = w.session_id
            WHERE s.is_cancelled AND w.is_active"""
        )
        == []
    ), "nobody waits for a cancelled session"
    assert (
        world.all(
            """SELECT b.id FROM bookings b LEFT JOIN credit_ledger l ON l.booking_id = b.id
            WHERE b.status = 'cancelled_venue' AND b.credits_charged > 0
            GROUP BY b.id HAVING coalesce(sum(l.amount), 0) < 0"""
        )
        == []
    ), "who lost a place with its session got everything back"
    assert (
        world.all(
            """SELECT cause, user_id, channel FROM notifications WHERE cause IS NOT NULL
            GROUP BY cause, user_id, channel HAVING count(*) > 1"""
        )
        == []
    ), "nobody is told twice"
