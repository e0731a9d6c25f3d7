"""Everybody acts on one queue in the same moment, over real connections: first come, first served, never overbooked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.databases import Connection, Database
from tests.support.desk_world import NOON, Person, World
from tests.support.places import family, ledger_is_whole
from tests.support.replanning import LATER, told, waiting

ACCEPT = "SELECT bookings.waitlist_accept(%s, %s)"
SKIP = "SELECT bookings.waitlist_skip(%s, %s)"
REMOVE = "SELECT bookings.waitlist_remove(%s, %s)"
TAKE = "SELECT * FROM bookings.take_place(%s, %s, for_child => %s)"
CANCEL = "SELECT * FROM bookings.cancel(%s, false, 'child_sick')"
JOIN = "SELECT * FROM bookings.join_waitlist(%s, %s)"
EXPIRE = "SELECT bookings.expire_offers()"

Work = Callable[[], object]


@pytest.fixture(scope="module")
def world(house: Database) -> Iterator[World]:
    with World(house) as made:
        yield made


@pytest.fixture(scope="module")
def people(world: World) -> list[Person]:
    return [world.person(desk=world.desk(f"Desk {number}")) for number in range(4)]


@pytest.fixture(scope="module")
def worker(world: World) -> Iterator[Connection]:
    """What the background job does, over a connection of its own."""
    with world.database.connect() as connection:
        yield connection


@pytest.fixture(autouse=True)
def noon(world: World) -> Iterator[None]:
    yield
    world.at(NOON)


def together(*works: Work) -> list[str]:
    """What became of each: "done", or the SQLSTATE."""
    outcomes = ["?"] * len(works)
    start = threading.Barrier(len(works))

    def run(at: int, work: Work) -> None:
        start.wait()
        try:
            work()
            outcomes[at] = "done"
        except psycopg.Error as error:
            outcomes[at] = str(error.sqlstate)

    threads = [threading.Thread(target=run, args=one) for one in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


def full(world: World, places: int, *names: str) -> tuple[UUID, list[UUID], list[UUID]]:
    """A full session, its bookings and who waits for it."""
    session = world.other_session("Pottery", starts_at=LATER, total_capacity=places)
    bookings = [world.booking(f"Booked {number}", session) for number in range(places)]
    return session, bookings, [waiting(world, session, name) for name in names]


def offered(world: World, session: UUID) -> list[str]:
    rows = world.all(
        """SELECT c.first_name AS name FROM waitlist w JOIN children c ON c.id = w.child_id
            WHERE w.session_id = %s AND w.is_active AND w.spot_offered_at IS NOT NULL ORDER BY w.position""",
        session,
    )
    return [str(row["name"]) for row in rows]


def is_fair(world: World, session: UUID) -> None:
    """Nobody holds more than there is, and nobody was asked before somebody who came earlier and was never asked."""
    row = world.one(
        """SELECT s.total_capacity AS places, s.booked_count AS counted,
                  (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND app.holds_place(b.status)) AS booked,
                  (SELECT count(*) FROM waitlist w WHERE w.session_id = s.id AND w.is_active
                      AND w.spot_expires_at > app.now()) AS held
             FROM activity_sessions s WHERE s.id = %s""",
        session,
    )
    assert row["counted"] == row["booked"]
    assert row["booked"] + row["held"] <= row["places"], row
    jumped = world.all(
        """SELECT w.position FROM waitlist w WHERE w.session_id = %s AND w.is_active AND w.spot_offered_at IS NULL
              AND w.skipped_at IS NULL AND EXISTS (
                  SELECT 1 FROM notifications n JOIN waitlist o ON o.id = n.related_entity_id
                   WHERE n.template_key = 'waitlist_offered' AND o.session_id = w.session_id
                     AND o.position > w.position)""",
        session,
    )
    assert jumped == []


def test_two_places_freed_at_once_go_to_the_first_two(world: World, people: list[Person]) -> None:
    session, bookings, _ = full(world, 2, "Max", "Lea", "Zoe")
    assert together(
        lambda: people[0].call(CANCEL, bookings[0]), lambda: people[1].call(CANCEL, bookings[1])
    ) == ["done", "done"]
    assert offered(world, session) == ["Max", "Lea"]
    assert len(told(world, "waitlist_offered", session)) == 2
    is_fair(world, session)


def test_two_desks_accept_the_same_offer_once(world: World, people: list[Person]) -> None:
    session, bookings, (max_, _) = full(world, 1, "Max", "Lea")
    people[0].call(CANCEL, bookings[0])
    outcomes = together(
        lambda: people[0].call(ACCEPT, max_, uuid4()), lambda: people[1].call(ACCEPT, max_, uuid4())
    )
    assert sorted(outcomes) == ["NX409", "done"]
    assert world.one("SELECT booked_count AS n FROM activity_sessions WHERE id = %s", session) == {"n": 1}
    is_fair(world, session)


def test_places_freed_two_desks_and_an_expiry_in_one_moment(
    world: World, people: list[Person], worker: Connection
) -> None:
    """The worker ends the first's offer while a desk accepts it, another books, and two more places become free."""
    session, bookings, (max_, *_) = full(world, 3, "Max", "Lea", "Zoe", "Eli")
    stranger = family(world, "Stranger")
    people[0].call(CANCEL, bookings[0])
    world.at(NOON + timedelta(hours=4))
    outcomes = together(
        lambda: worker.execute(EXPIRE),
        lambda: people[0].call(ACCEPT, max_, uuid4()),
        lambda: people[1].call(TAKE, uuid4(), session, stranger),
        lambda: people[2].call(CANCEL, bookings[1]),
        lambda: people[3].call(CANCEL, bookings[2]),
    )
    assert outcomes == ["done", "NX409", "NX409", "done", "done"]
    assert offered(world, session) == ["Lea", "Zoe", "Eli"]
    assert len(told(world, "waitlist_expired", session)) == 1
    is_fair(world, session)


def test_two_workers_expire_once(world: World, people: list[Person], worker: Connection) -> None:
    session, bookings, _ = full(world, 1, "Max", "Lea")
    people[0].call(CANCEL, bookings[0])
    world.at(NOON + timedelta(hours=4))
    with world.database.connect() as second:
        assert together(lambda: worker.execute(EXPIRE), lambda: second.execute(EXPIRE)) == ["done", "done"]
    assert offered(world, session) == ["Lea"]
    assert len(told(world, "waitlist_expired", session)) == 1


@dataclass
class Crowd:
    """Everybody at one session; each wish is worked out just before its round, as a screen would show it."""

    world: World
    people: list[Person]
    worker: Connection
    session: UUID
    now: int = 0
    children: list[UUID] = field(default_factory=list)

    def work(self, wish: str, who: Person) -> Work | None:
        """What a desk would send for a wish; None where there is nothing to do it with."""
        if wish == "expire":
            return lambda: self.worker.execute(EXPIRE)
        if wish in ("take", "join"):
            child = family(self.world, f"New {len(self.children)}")
            self.children.append(child)
            if wish == "take":
                return lambda: who.call(TAKE, uuid4(), self.session, child)
            return lambda: who.call(JOIN, self.session, child)
        table, condition = {
            "cancel": ("bookings", "status = 'confirmed'"),
            "accept": ("waitlist", "is_active AND spot_offered_at IS NOT NULL"),
            "skip": ("waitlist", "is_active AND spot_offered_at IS NOT NULL"),
            "remove": ("waitlist", "is_active"),
        }[wish]
        found = self.world.all(
            f"SELECT id FROM {table} WHERE session_id = %s AND {condition} ORDER BY id LIMIT 1",
            self.session,
        )
        if not found:
            return None
        row = found[0]["id"]
        if wish == "cancel":
            return lambda: who.call(CANCEL, row)
        if wish == "accept":
            return lambda: who.call(ACCEPT, row, uuid4())
        return lambda: who.call(SKIP if wish == "skip" else REMOVE, row, "Because.")


WISHES = st.sampled_from(
    ["cancel", "cancel", "accept", "accept", "skip", "remove", "join", "join", "take", "expire"]
)
ROUNDS = st.lists(
    st.tuples(st.lists(WISHES, min_size=1, max_size=4), st.sampled_from([0, 0, 1, 4])), min_size=1, max_size=5
)


@settings(max_examples=40, deadline=None)
@given(rounds=ROUNDS)
def test_whatever_happens_in_one_moment_is_fair(
    world: World, people: list[Person], worker: Connection, rounds: list[tuple[list[str], int]]
) -> None:
    world.at(NOON)
    session, _, _ = full(world, 2, "Max", "Lea")
    crowd = Crowd(world, people, worker, session)
    for wishes, hours in rounds:
        crowd.now += hours
        world.at(NOON + timedelta(hours=crowd.now))
        works = [crowd.work(wish, who) for wish, who in zip(wishes, people, strict=False)]
        outcomes = together(*(work for work in works if work is not None))
        assert set(outcomes) <= {"done", "NX409"}, outcomes
        is_fair(world, session)
    ledger_is_whole(world)
