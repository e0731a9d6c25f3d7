"""What the desk waits for: one check-in, a batch, a replay, the roster and the day's list.

Everything runs over real desk logins on a server with fsync on, with every trigger (audit, versions, notices) in place.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from console.clock import SystemClock
from console.domain.desk import RosterEntry
from console.services.attendance import AttendanceService
from console.storage.attendance import AttendanceStore
from console.storage.database import Database as DeskDatabase
from console.storage.desk import DeskQueries
from tests.bench.framework import Bench, Pair, row
from tests.support.desk_world import Person, World

_BY_HAND = "UPDATE bookings SET attendance_state = 'in', attendance_at = now() WHERE id = %s"
_SESSIONS = 100
_PLACES = 40
_ROUNDS = 24  # as many as the rows below may need, also with --rounds 20


class Day:
    """A venue with sessions of 40 that go on now (100 of them), and a family for each place."""

    def __init__(self, world: World, sessions: int = _SESSIONS) -> None:
        self.world = world
        admin = world.admin
        admin.execute("DELETE FROM app.fixed_clock")
        admin.execute(
            """INSERT INTO activity_sessions (activity_id, venue_id, starts_at, ends_at, total_capacity)
               SELECT s.activity_id, s.venue_id, now() + g * interval '1 second', now() + interval '6 hours', %s
                 FROM activity_sessions s, generate_series(1, %s) g""",
            [_PLACES, sessions],
        )
        admin.execute("DELETE FROM activity_sessions WHERE id = %s", [world.session])
        admin.execute(
            """INSERT INTO users (email, role, first_name, last_name, phone)
               SELECT 'parent' || g || '@bench.example', 'parent', 'Dana', 'Bench', '1'
                 FROM generate_series(1, %s) g""",
            [sessions * _PLACES],
        )
        admin.execute(
            """INSERT INTO children (parent_id, first_name, date_of_birth, parental_consent_given)
               SELECT id, 'Kid', '2019-01-15', true FROM users WHERE email LIKE '%@bench.example'"""
        )
        admin.execute(
            """INSERT INTO child_health_notes (child_id, kind, severity, label, title)
               SELECT id, 'allergy', 1, 'Peanut', 'Peanut allergy' FROM children"""
        )
        admin.execute("INSERT INTO pickup_people (child_id, name) SELECT id, 'Rose' FROM children")
        admin.execute(
            """INSERT INTO bookings (session_id, venue_id, child_id, booked_by, status, credits_charged,
                                     confirmation_code)
               SELECT s.id, s.venue_id, c.id, c.parent_id, 'confirmed', 2, bookings.new_code()
                 FROM (SELECT id, parent_id, row_number() OVER () AS n FROM children) c
                 JOIN (SELECT id, venue_id, row_number() OVER () AS n FROM activity_sessions) s
                   ON s.n = 1 + c.n %% %s""",
            [sessions],
        )
        admin.execute("ANALYZE")
        self.bookings: list[UUID] = [
            found["id"] for found in world.all("SELECT id FROM bookings ORDER BY id")
        ]
        self.sessions: list[UUID] = [found["id"] for found in world.all("SELECT id FROM activity_sessions")]

    def events(self, who: Person, kind: str, origin: str, count: int) -> list[list[dict[str, object]]]:
        """The first `count` bookings' events in batches of 500."""
        now = datetime.now(UTC)
        made = [
            who.event(kind, booking, at=now, origin=origin, again=True) for booking in self.bookings[:count]
        ]
        return [made[start : start + 500] for start in range(0, count, 500)]


@contextlib.contextmanager
def _day(bench: Bench) -> Iterator[Day]:
    with World(bench.database()) as world:
        yield Day(world)


@row(
    "check_in",
    "a check-in by the service, durable and audited",
    budget_ratio=4,
    reference="hand-written UPDATE and COMMIT",
    rounds=400,
    warm_up=40,
)
def check_in(bench: Bench) -> Iterator[Pair]:
    """Database, service and driver included; each round another child."""
    with _day(bench) as day, asyncio.Runner() as runner:
        jonas = day.world.person()
        database = DeskDatabase(jonas.dsn)
        service = AttendanceService(AttendanceStore(database), SystemClock())

        async def prepare() -> list[RosterEntry]:
            await database.set_token(jonas.token)
            queries = DeskQueries(database)
            return [entry for session in day.sessions[:20] for entry in await queries.roster(session)]

        entries = iter(runner.run(prepare()))
        by_hand = iter(reversed(day.bookings))
        yield Pair(
            lambda: runner.run(service.check_in(next(entries))),
            lambda: day.world.admin.execute(_BY_HAND, [next(by_hand)]),
            rows="4,000 bookings",
        )
        runner.run(database.close())


@row(
    "check_in_function",
    "a check-in by the function alone",
    budget_ratio=4,
    reference="hand-written UPDATE and COMMIT",
    rounds=400,
    warm_up=40,
)
def check_in_function(bench: Bench) -> Iterator[Pair]:
    """The statement a desk sends, over psycopg."""
    with _day(bench) as day:
        jonas = day.world.person()
        bookings, by_hand = iter(day.bookings), iter(reversed(day.bookings))
        yield Pair(
            lambda: jonas.do("check_in", next(bookings), at=datetime.now(UTC)),
            lambda: day.world.admin.execute(_BY_HAND, [next(by_hand)]),
            rows="4,000 bookings",
        )


@row(
    "batch_4000",
    "4,000 events in batches of 500",
    budget=500,
    reference="one UPDATE of 4,000 bookings",
    rounds=6,
    warm_up=1,
)
def four_thousand(bench: Bench) -> Iterator[Pair]:
    """Everybody in, everybody out, by turns."""
    with _day(bench) as day:
        jonas = day.world.person()
        turns = itertools.cycle(["check_in", "check_out"])
        # Made beforehand: it is the server that is measured, and its driver.
        rounds = iter([day.events(jonas, next(turns), "live", 4_000) for _ in range(_ROUNDS)])

        def subject() -> None:
            for batch in next(rounds):
                jonas.record(*batch)

        yield Pair(
            subject,
            lambda: day.world.admin.execute("UPDATE bookings SET attendance_at = clock_timestamp()"),
            rows="4,000 bookings",
            batch=4_000,
        )


@row(
    "replay_1000",
    "replay of 1,000 queued events",
    budget=250,
    reference="one UPDATE of 1,000 bookings",
    rounds=8,
    warm_up=2,
)
def replay(bench: Bench) -> Iterator[Pair]:
    """What a desk sends after it was offline."""
    with _day(bench) as day:
        jonas = day.world.person()
        turns = itertools.cycle(["check_in", "check_out"])
        rounds = iter([day.events(jonas, next(turns), "queued", 1_000) for _ in range(_ROUNDS)])

        def subject() -> None:
            for batch in next(rounds):
                jonas.record(*batch)

        yield Pair(
            subject,
            lambda: day.world.admin.execute(
                "UPDATE bookings SET attendance_at = clock_timestamp() WHERE id = ANY (%s)",
                [day.bookings[:1_000]],
            ),
            rows="4,000 bookings",
            batch=1_000,
        )


@row(
    "check_in_8_desks",
    "check-ins of 8 desks at once",
    unit="per_second",
    budget=1_500,
    reference="UPDATEs from 8 connections",
    rounds=5,
    warm_up=1,
)
def eight_desks(bench: Bench) -> Iterator[Pair]:
    """Each round is 50 check-ins by each desk."""
    with _day(bench) as day:
        people = [day.world.person(desk=day.world.desk(f"Desk {number}")) for number in range(8)]
        by_hand = [day.world.database.connect() for _ in people]
        bookings, updates = iter(day.bookings), iter(reversed(day.bookings))

        def together(work: list[threading.Thread]) -> None:
            for thread in work:
                thread.start()
            for thread in work:
                thread.join()

        def subject() -> None:
            def desk(who: Person, mine: list[UUID]) -> None:
                for booking in mine:
                    who.do("check_in", booking, at=datetime.now(UTC))

            together(
                [
                    threading.Thread(target=desk, args=(who, list(itertools.islice(bookings, 50))))
                    for who in people
                ]
            )

        def reference() -> None:
            def desk(at: int, mine: list[UUID]) -> None:
                for booking in mine:
                    by_hand[at].execute(_BY_HAND, [booking])

            together(
                [
                    threading.Thread(target=desk, args=(at, list(itertools.islice(updates, 50))))
                    for at in range(8)
                ]
            )

        yield Pair(subject, reference, rows="4,000 bookings", clients=8, batch=400)
        for connection in by_hand:
            connection.close()


@row(
    "roster_40",
    "roster of 40 with cards",
    budget=20,
    reference="names of 40 by hand",
    rounds=60,
    warm_up=10,
)
def roster(bench: Bench) -> Iterator[Pair]:
    """Health notes, pickup people, siblings, visits and undo of each child."""
    with _day(bench) as day:
        jonas = day.world.person()
        session = day.sessions[0]
        yield Pair(
            lambda: jonas.call("SELECT * FROM desk.roster(%s)", session),
            lambda: day.world.all(
                "SELECT c.first_name FROM bookings b JOIN children c ON c.id = b.child_id WHERE b.session_id = %s",
                session,
            ),
            rows="40 of 4,000 bookings",
        )


@row(
    "sessions_100",
    "the day's list of 100 sessions",
    budget=50,
    reference="counts by hand, no security",
    rounds=40,
    warm_up=5,
)
def sessions(bench: Bench) -> Iterator[Pair]:
    """Straight from the tables under row-level security, with six counts each."""
    with _day(bench) as day, asyncio.Runner() as runner:
        jonas = day.world.person()
        database = DeskDatabase(jonas.dsn)
        queries = DeskQueries(database)
        runner.run(database.set_token(jonas.token))
        today = day.world.one("SELECT session_date AS d FROM activity_sessions LIMIT 1")["d"]
        yield Pair(
            lambda: runner.run(queries.sessions(day.world.venue, today)),
            lambda: day.world.all(
                "SELECT session_id, attendance_state, count(*) FROM bookings GROUP BY 1, 2"
            ),
            rows="4,000 bookings",
        )
        runner.run(database.close())
