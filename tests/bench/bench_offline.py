"""What a desk that never stops costs: the week into the cache, what changed in it, and an event on the disk."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from console.domain.attendance import AttendanceEvent, EventAnswer, EventKind, OutcomeKind
from console.services.snapshots import Snapshots
from console.storage.cache import CacheFile
from console.storage.database import Database as DeskDatabase
from console.storage.outbox import OutboxFile
from console.storage.snapshot import SnapshotQueries
from tests.bench.framework import Bench, Pair, row
from tests.support.desk_world import Person, World

_KEY = bytes(range(32))
_SESSIONS = 125
_PLACES = 40
_VISITS = 3
_BOOKINGS = _SESSIONS * _PLACES
# What somebody would write who kept no secrets and asked nobody: the same facts, without who may see them.
_BARE = """SELECT b.id, b.session_id, b.confirmation_code, b.status, b.attendance_state, b.version, c.first_name,
                  c.date_of_birth, p.first_name, p.phone,
                  (SELECT json_agg(h) FROM child_health_notes h WHERE h.child_id = c.id),
                  (SELECT json_agg(k) FROM pickup_people k WHERE k.child_id = c.id)
             FROM activity_sessions s JOIN bookings b ON b.session_id = s.id JOIN children c ON c.id = b.child_id
             JOIN users p ON p.id = c.parent_id
            WHERE s.starts_at > now() - interval '1 day'"""


class Week:
    """A venue whose week has 5,000 places taken by 2,500 families of two, each of which has been here before."""

    def __init__(self, world: World) -> None:
        self.world = world
        admin = world.admin
        admin.execute("DELETE FROM app.fixed_clock")
        template = "SELECT activity_id, venue_id FROM activity_sessions WHERE id = %s"
        admin.execute(
            f"""INSERT INTO activity_sessions (activity_id, venue_id, starts_at, ends_at, total_capacity)
                SELECT t.activity_id, t.venue_id, now() + g * interval '75 minutes', now() + g * interval '75 minutes'
                       + interval '1 hour', %s
                  FROM ({template}) t, generate_series(0, %s) g""".encode(),
            [_PLACES, world.session, _SESSIONS - 1],
        )
        admin.execute(
            f"""INSERT INTO activity_sessions (activity_id, venue_id, starts_at, ends_at, total_capacity)
                SELECT t.activity_id, t.venue_id, now() - g * interval '30 days', now() - g * interval '30 days'
                       + interval '1 hour', %s
                  FROM ({template}) t, generate_series(1, %s) g""".encode(),
            [_BOOKINGS, world.session, _VISITS],
        )
        admin.execute("DELETE FROM activity_sessions WHERE id = %s", [world.session])
        admin.execute(
            """INSERT INTO users (email, role, first_name, last_name, phone)
               SELECT 'parent' || g || '@bench.example', 'parent', 'Dana', 'Bench', '+1 503 555 0100'
                 FROM generate_series(1, %s) g""",
            [_BOOKINGS // 2],
        )
        admin.execute(
            """INSERT INTO children (parent_id, first_name, date_of_birth, parental_consent_given)
               SELECT id, (ARRAY['Nia', 'Theodora', 'Oliver', 'Hana'])[1 + n %% 4], '2019-01-15', true
                 FROM users, generate_series(1, 2) n WHERE email LIKE '%%@bench.example'""",
            [],
        )
        admin.execute(
            """INSERT INTO child_health_notes (child_id, kind, severity, label, title, instructions)
               SELECT id, 'allergy', 1, 'Peanut', 'Peanut allergy', 'The pen is in the red bag' FROM children"""
        )
        admin.execute(
            """INSERT INTO pickup_people (child_id, name, relationship, phone)
               SELECT id, 'Rose', 'Grandmother', '+1 503 555 0101' FROM children"""
        )
        for past, upcoming in ((True, "<"), (False, ">=")):
            admin.execute(
                f"""INSERT INTO bookings (session_id, venue_id, child_id, booked_by, status, credits_charged,
                                          confirmation_code, checked_in_at)
                    SELECT s.id, s.venue_id, c.id, c.parent_id, %s, 2, bookings.new_code(),
                           {"now()" if past else "NULL"}
                      FROM (SELECT id, parent_id, row_number() OVER (ORDER BY parent_id, id) AS n FROM children) c
                      JOIN (SELECT id, venue_id, row_number() OVER (ORDER BY starts_at) AS n FROM activity_sessions
                             WHERE starts_at {upcoming} now() - interval '1 hour') s
                        ON {"true" if past else "s.n = 1 + c.n %% %s"}""".encode(),
                ["completed"] if past else ["confirmed", _SESSIONS],
            )
        admin.execute("VACUUM ANALYZE")
        self.bookings: list[UUID] = [
            found["id"]
            for found in world.all(
                """SELECT b.id FROM bookings b JOIN activity_sessions s ON s.id = b.session_id
                    WHERE b.status = 'confirmed' ORDER BY s.starts_at, b.id"""
            )
        ]
        assert len(self.bookings) == _BOOKINGS


@contextlib.contextmanager
def _made(bench: Bench) -> Iterator[Week]:
    with World(bench.database()) as world:
        yield Week(world)


def week_of(bench: Bench) -> Week:
    """The week that all these rows share."""
    return bench.shared("week", _made)


@contextlib.contextmanager
def _following(bench: Bench) -> Iterator[tuple[Week, Person, asyncio.Runner, Snapshots]]:
    """The week, somebody at a desk, and that desk's cache."""
    week = week_of(bench)
    who = week.world.person(desk=week.world.desk(f"Desk {uuid4()}"))
    with asyncio.Runner() as runner:
        database = DeskDatabase(who.dsn)
        runner.run(database.set_token(who.token))
        cache = CacheFile(bench.home / f"{uuid4()}" / "cache.db", _KEY)
        snapshots = Snapshots(SnapshotQueries(database), cache)
        assert runner.run(snapshots.refresh(week.world.venue)).children == _BOOKINGS
        yield week, who, runner, snapshots
        runner.run(database.close())
        cache.close()


def _plain(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = sqlite3.connect(path, isolation_level=None)
    plain.execute("PRAGMA journal_mode = WAL")
    plain.execute("PRAGMA synchronous = FULL")
    plain.execute("CREATE TABLE entries (id TEXT PRIMARY KEY, facts TEXT)")
    return plain


@row(
    "snapshot_5000",
    "the week's rosters from the query to the sealed cache, durable",
    budget=250,
    reference="bare SELECT and plain SQLite",
    rounds=12,
    warm_up=2,
)
def snapshot(bench: Bench) -> Iterator[Pair]:
    """Health notes, pickup people, siblings, visits and undo of each child, under the desk's rights."""
    with _following(bench) as (week, _who, runner, snapshots):
        plain = _plain(bench.home / "plain" / f"{uuid4()}.db")

        def reference() -> None:
            found = week.world.admin.execute(_BARE.encode()).fetchall()
            plain.execute("BEGIN IMMEDIATE")
            plain.execute("DELETE FROM entries")
            plain.executemany(
                "INSERT INTO entries VALUES (?, ?)",
                [(str(one[0]), json.dumps(one[1:], default=str)) for one in found],
            )
            plain.execute("COMMIT")

        yield Pair(
            lambda: runner.run(snapshots.refresh(week.world.venue, whole=True)),
            reference,
            rows="5,000 bookings of 2,500 families, 20,000 in all",
        )
        plain.close()


@row(
    "delta",
    "what 20 check-ins changed, from the query to the sealed cache, durable",
    budget=50,
    reference="the same 20 rows by hand and plain SQLite",
    rounds=30,
    warm_up=3,
)
def delta(bench: Bench) -> Iterator[Pair]:
    """Another desk's 20 check-ins are made before each round and not measured; half of the children have a sibling."""
    with _following(bench) as (week, _who, runner, snapshots):
        maya = week.world.person(name="Maya", desk=week.world.desk(f"Desk {uuid4()}"))
        plain = _plain(bench.home / "plain" / f"{uuid4()}.db")
        # The sessions of the first day can be checked into.
        batches = itertools.cycle([week.bookings[start : start + 20] for start in range(0, 60, 20)])
        kinds = itertools.cycle(["check_in"] * 3 + ["check_out"] * 3)
        batch: list[UUID] = []

        def change() -> list[UUID]:
            nonlocal batch
            batch, kind = next(batches), next(kinds)
            now = datetime.now(UTC)
            maya.record(*[maya.event(kind, one, at=now, again=True, origin="queued") for one in batch])
            return batch

        def subject() -> float:
            change()
            started = datetime.now(UTC)
            done = runner.run(snapshots.refresh(week.world.venue))
            assert not done.whole
            assert done.children >= 20
            return (datetime.now(UTC) - started) / timedelta(milliseconds=1)

        def reference() -> float:
            started = datetime.now(UTC)
            found = week.world.admin.execute(f"{_BARE} AND b.id = ANY (%s)".encode(), [batch]).fetchall()
            plain.executemany(
                "INSERT OR REPLACE INTO entries VALUES (?, ?)",
                [(str(one[0]), json.dumps(one[1:], default=str)) for one in found],
            )
            return (datetime.now(UTC) - started) / timedelta(milliseconds=1)

        yield Pair(subject, reference, rows="5,000 bookings of 2,500 families", own_figures=True)
        plain.close()


@row(
    "append",
    "an event kept in the sealed outbox, durable",
    budget=10,
    reference="plain SQLite, one INSERT and COMMIT",
    rounds=400,
    warm_up=40,
)
def append(bench: Bench) -> Iterator[Pair]:
    """With a day's 1,000 answered events in it."""
    outbox = OutboxFile(bench.home / f"{uuid4()}" / "outbox.db", _KEY)
    venue = uuid4()

    def event() -> AttendanceEvent:
        return AttendanceEvent(
            uuid4(),
            0,
            EventKind.CHECK_IN,
            datetime.now(UTC),
            booking_id=uuid4(),
            session_id=uuid4(),
            person_id=uuid4(),
        )

    for _ in range(1_000):
        outbox.append(event(), venue)
    waiting = outbox.waiting(1_000)
    outbox.answered(
        [EventAnswer(one.event.id, OutcomeKind.APPLIED, None) for one in waiting], datetime.now(UTC)
    )
    plain = _plain(bench.home / "plain" / f"{uuid4()}.db")
    yield Pair(
        lambda: outbox.append(event(), venue),
        lambda: plain.execute(
            "INSERT INTO entries VALUES (?, ?)", (str(uuid4()), json.dumps(event().to_json()))
        ),
        rows="1,000 answered events",
    )
    plain.close()
    outbox.close()
