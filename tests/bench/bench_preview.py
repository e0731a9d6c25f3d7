"""A change of a series that many families have booked, looked at before it is made."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import time, timedelta
from uuid import UUID

from console.domain.changing import Scope, SeriesEdit
from console.storage.database import Database as DeskDatabase
from console.storage.programme import ProgrammeQueries
from tests.bench.framework import Bench, Pair, row
from tests.support import factories
from tests.support.desk_world import World
from tests.support.planning import Programme

_WEEKS = 12
_PER_SESSION = 25
_BOOKINGS = _WEEKS * _PER_SESSION
_OTHERS = 400

# What somebody would write by hand to see whom a change is about, without rules, rights or words.
_ROWS = """
SELECT s.id, s.starts_at, s.ends_at, s.room_id, b.id, b.status, c.first_name, u.first_name,
       (SELECT sum(-l.amount) FROM credit_ledger l WHERE l.booking_id = b.id) AS paid
  FROM activity_sessions s JOIN bookings b ON b.session_id = s.id AND b.status IN ('pending', 'confirmed')
  JOIN children c ON c.id = b.child_id JOIN users u ON u.id = b.booked_by
 WHERE s.recurring_schedule_id = %s AND s.starts_at > app.now() ORDER BY s.starts_at, b.id"""


@dataclass(frozen=True)
class _Booked:
    programme: Programme
    series: UUID


@contextlib.contextmanager
def _booked(bench: Bench) -> Iterator[_Booked]:
    """One weekly series with 300 bookings, between the sessions of a busy venue."""
    with World(bench.database()) as world:
        programme = Programme(world)
        last = programme.facts().first + timedelta(weeks=_WEEKS - 1)
        series = programme.series(weekdays=(2,), last=last, capacity=_PER_SESSION, platform_places=0)
        for number in range(_OTHERS):
            at = world.now + timedelta(hours=7 * number)
            factories.session(world.admin, programme.activity, starts_at=at, room_id=programme.other_room)
        children = [world.child("Kid") for _ in range(_PER_SESSION)]
        for one in world.all("SELECT id FROM activity_sessions WHERE recurring_schedule_id = %s", series):
            for child in children:
                world.booking(child, one["id"])
        world.admin.execute("ANALYZE")
        yield _Booked(programme, series)


@row(
    "series_preview",
    "what a change of a series with 300 bookings would do",
    budget=200,
    reference="hand-written SELECT of the same rows",
    rounds=30,
    warm_up=4,
)
def series_preview(bench: Bench) -> Iterator[Pair]:
    """Another time and room for every session: conflicts, and each parent's message, as values of the domain."""
    with _booked(bench) as made, asyncio.Runner() as runner:
        programme = made.programme
        database = DeskDatabase(programme.who.dsn)
        runner.run(database.set_token(programme.who.token))
        queries = ProgrammeQueries(database)
        series = runner.run(queries.series(programme.world.venue, made.series))
        facts = replace(series.facts, start=time(17), room_id=programme.other_room)
        change = SeriesEdit(series.id, series.version, Scope.ALL, facts)

        def subject() -> None:
            plan = runner.run(queries.plan(programme.world.venue, change))
            assert len(plan.hits) == _BOOKINGS, len(plan.hits)
            assert all(hit.message for hit in plan.hits)

        def reference() -> None:
            found = programme.world.all(_ROWS, made.series)
            assert len(found) == _BOOKINGS, len(found)

        yield Pair(subject, reference, rows=f"{_BOOKINGS} bookings, {_OTHERS} other sessions")
        runner.run(database.close())
