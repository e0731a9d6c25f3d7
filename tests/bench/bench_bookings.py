"""The list of a million bookings: its first page, and a page somewhere down in it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from console.domain.paging import PAGE_ROWS, PageRequest
from console.storage.booking_list import BookingListQueries
from console.storage.database import Database as DeskDatabase
from tests.bench import crowd
from tests.bench.framework import Bench, Pair, row
from tests.support import factories
from tests.support.desk_world import Person, World

_BOOKINGS = 1_000_000
_PER_SESSION = 40
_CHILDREN = 25_000
_NEWEST = PageRequest("booked", descending=True)
_COLUMNS = """SELECT b.id, b.created_at, s.starts_at, a.name, b.confirmation_code, b.status, b.attendance_state,
                     b.credits_charged, b.credits_refunded, b.booking_source
                FROM bookings b JOIN activity_sessions s ON s.id = b.session_id
                JOIN activities a ON a.id = s.activity_id
               WHERE b.venue_id = %s"""
_FIRST = _COLUMNS + " ORDER BY b.created_at DESC, b.id DESC LIMIT %s"
_NEXT = _COLUMNS + " AND (b.created_at, b.id) < (%s, %s) ORDER BY b.created_at DESC, b.id DESC LIMIT %s"


@dataclass(frozen=True)
class _Million:
    world: World
    manager: Person


@contextlib.contextmanager
def _million(bench: Bench) -> Iterator[_Million]:
    """One venue with a million bookings, made without triggers and with the indexes built afterwards."""
    with World(bench.database()) as world:
        admin = world.admin
        admin.execute("DELETE FROM app.fixed_clock")
        activities = [factories.activity(admin, world.venue, name=f"Activity {n:02}") for n in range(40)]
        admin.execute("SET session_replication_role = replica")
        admin.execute("SET maintenance_work_mem = '512MB'")
        indexes = [
            str(found["indexdef"])
            for found in world.all(
                """SELECT indexdef FROM pg_indexes WHERE tablename = 'bookings' AND indexname NOT IN (
                       SELECT conname FROM pg_constraint WHERE conrelid = 'public.bookings'::regclass)"""
            )
        ]
        for name in world.all(
            """SELECT indexname AS n FROM pg_indexes WHERE tablename = 'bookings' AND indexname NOT IN (
                   SELECT conname FROM pg_constraint WHERE conrelid = 'public.bookings'::regclass)"""
        ):
            admin.execute(f"DROP INDEX public.{name['n']}".encode())
        _rows(world, activities)
        for definition in indexes:
            admin.execute(definition.encode())
        admin.execute("SET session_replication_role = origin")
        admin.execute("VACUUM ANALYZE bookings")
        admin.execute("ANALYZE")
        yield _Million(world, world.person("manager"))


def _rows(world: World, activities: list[UUID]) -> None:
    admin = world.admin
    crowd.families(admin, _CHILDREN)
    admin.execute(
        """INSERT INTO activity_sessions (activity_id, venue_id, starts_at, ends_at, session_date, start_time, end_time,
                                          timezone, time_of_day, total_capacity)
           SELECT (%s::uuid[])[1 + g %% 40], %s, at, at + interval '1 hour', at::date, at::time,
                  at::time + interval '1 hour', 'UTC', 'morning', 60
             FROM generate_series(1, %s) g,
          LATERAL (SELECT date_trunc('day', now()) + (g / 100 - 240) * interval '1 day'
                          + (g %% 100) * interval '6 minutes' AS at) t""",
        [activities, world.venue, _BOOKINGS // _PER_SESSION],
    )
    # A number times an odd constant, modulo 2^32, repeats no value: codes of the right shape without a look-up.
    admin.execute(
        """INSERT INTO bookings (session_id, venue_id, child_id, booked_by, status, credits_charged, confirmation_code,
                                 created_at)
           SELECT s.id, %s, c.id, c.parent_id,
                  CASE WHEN s.starts_at < now() THEN 'completed' ELSE 'confirmed' END::booking_status, 2,
                  substr(h, 1, 4) || '-' || substr(h, 5, 4) || '-7', now() - g * interval '20 seconds'
             FROM generate_series(0, %s - 1) g
             JOIN (SELECT id, starts_at, row_number() OVER (ORDER BY starts_at) - 1 AS n FROM activity_sessions) s
               ON s.n = g / %s
             JOIN (SELECT id, parent_id, row_number() OVER () - 1 AS n FROM children) c ON c.n = g %% %s,
          LATERAL (SELECT upper(lpad(to_hex((g::bigint * 2654435761) %% 4294967296), 8, '0')) AS h) t""",
        [world.venue, _BOOKINGS, _PER_SESSION, _CHILDREN],
    )


@contextlib.contextmanager
def _reading(bench: Bench) -> Iterator[tuple[_Million, asyncio.Runner, BookingListQueries]]:
    made = bench.shared("million", _million)
    with asyncio.Runner() as runner:
        database = DeskDatabase(made.manager.dsn)
        runner.run(database.set_token(made.manager.token))
        yield made, runner, BookingListQueries(database)
        runner.run(database.close())


@row(
    "first_page",
    "first page of 1,000,000 bookings, newest first",
    budget=100,
    reference="hand-written SQL without security",
    rounds=60,
    warm_up=8,
)
def first_page(bench: Bench) -> Iterator[Pair]:
    """Names and codes included, as values of the domain."""
    with _reading(bench) as (made, runner, queries):
        venue = made.world.venue
        yield Pair(
            lambda: runner.run(queries.page(venue, _NEWEST)),
            lambda: made.world.all(_FIRST, venue, PAGE_ROWS + 1),
            rows="1,000,000 bookings",
        )


@row(
    "next_page",
    "a page far down in 1,000,000 bookings",
    budget=20,
    reference="hand-written keyset SQL",
    rounds=60,
    warm_up=8,
)
def next_page(bench: Bench) -> Iterator[Pair]:
    """Each round the page after the one before, from the middle on; the reference reads the same page."""
    with _reading(bench) as (made, runner, queries):
        venue = made.world.venue
        middle = made.world.one(
            """SELECT created_at, id FROM bookings WHERE venue_id = %s
                ORDER BY created_at DESC, id DESC OFFSET %s LIMIT 1""",
            venue,
            _BOOKINGS // 2,
        )
        place: list[tuple[object, ...]] = [(middle["created_at"].isoformat(), str(middle["id"]))]

        def subject() -> None:
            page = runner.run(
                queries.page(venue, PageRequest("booked", descending=True, after=place[-1], limit=PAGE_ROWS))
            )
            assert page.next_after is not None
            place.append(page.next_after)

        def reference() -> None:
            at, last = place[-1]
            made.world.all(_NEXT, venue, at, last, PAGE_ROWS + 1)

        yield Pair(subject, reference, rows="1,000,000 bookings")
