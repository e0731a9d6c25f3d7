"""How long weekly patterns take to become dated sessions: in the database, and in the pure engine beside dateutil."""

from __future__ import annotations

import contextlib
import time as clock
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from dateutil.rrule import MO, WEEKLY, rrule

from console.domain.programme import SeriesFacts
from console.domain.recurrence_rules import meetings
from tests.bench.framework import Bench, Pair, row
from tests.support import factories
from tests.support.databases import Connection

_SERIES = 1_000
_VENUES = 20
_HORIZON = 90

# What somebody would write by hand who thinks of one zone, no exceptions and no closures.
_BY_HAND = """
INSERT INTO activity_sessions (activity_id, venue_id, recurring_schedule_id, occurs_on, starts_at, ends_at,
    total_capacity)
SELECT r.activity_id, r.venue_id, r.id, d::date, (d::date + r.start_time) AT TIME ZONE v.timezone,
    (d::date + r.start_time) AT TIME ZONE v.timezone + make_interval(mins => r.duration_minutes), r.capacity
FROM activity_recurring_schedules AS r JOIN venues AS v ON v.id = r.venue_id
CROSS JOIN generate_series(%s::date, %s::date, interval '1 day') AS d
WHERE r.id = ANY (%s) AND r.days_of_week @> to_jsonb(extract(dow FROM d)::integer)
"""


def _first_day(connection: Connection) -> date:
    found = factories.one(connection, "SELECT (app.now() AT TIME ZONE %s)::date + 1", factories.ZONE)
    assert isinstance(found, date)
    return found


def _emptied(connection: Connection, work: Callable[[], object]) -> Callable[[], float]:
    """The milliseconds of one piece of work up to its commit; what it made is removed before the next."""

    def timed() -> float:
        started = clock.perf_counter()
        work()
        milliseconds = (clock.perf_counter() - started) * 1000
        connection.execute("DELETE FROM activity_sessions")
        connection.execute("VACUUM activity_sessions")
        return milliseconds

    return timed


@row(
    "series_year",
    "a year of one daily series: 365 sessions",
    budget=100,
    reference="hand-written INSERT ... SELECT",
    rounds=15,
    warm_up=3,
)
def year_of_one(bench: Bench) -> Iterator[Pair]:
    """Dates, instants, exceptions, closures, local times, audit and announcement of a year, committed."""
    with contextlib.closing(bench.database().connect()) as connection:
        first = _first_day(connection)
        series = _pattern(connection, factories.activity(connection), first, [0, 1, 2, 3, 4, 5, 6])
        last = first + timedelta(days=364)

        def subject() -> None:
            made = factories.one(connection, "SELECT schedules.generate(%s, %s)", [series], last)
            assert made == 365, made

        def reference() -> None:
            connection.execute(_BY_HAND, [first, last, [series]])

        yield Pair(
            _emptied(connection, subject),
            _emptied(connection, reference),
            rows="1 series, 365 sessions",
            own_figures=True,
        )


@row(
    "series_1000",
    "1,000 series to a horizon of 90 days",
    budget=5_000,
    reference="hand-written INSERT ... SELECT",
    rounds=5,
    warm_up=1,
)
def thousand_series(bench: Bench) -> Iterator[Pair]:
    """Everything that the nightly job makes when nothing is there yet, committed."""
    with contextlib.closing(bench.database().connect()) as connection:
        first = _first_day(connection)
        last = first + timedelta(days=_HORIZON - 1)
        venues = [factories.venue(connection) for _ in range(_VENUES)]
        activities = [factories.activity(connection, venue) for venue in venues]
        series = [
            _pattern(connection, activities[at % _VENUES], first, [at % 7, (at + 3) % 7])
            for at in range(_SERIES)
        ]
        expected = factories.one(
            connection,
            """SELECT count(*) FROM activity_recurring_schedules AS r
               CROSS JOIN generate_series(%s::date, %s::date, interval '1 day') AS d
               WHERE r.days_of_week @> to_jsonb(extract(dow FROM d)::integer)""",
            first,
            last,
        )

        def subject() -> None:
            made = factories.one(connection, "SELECT schedules.generate_all()")
            assert made == expected, (made, expected)

        def reference() -> None:
            connection.execute(_BY_HAND, [first, last, series])

        yield Pair(
            _emptied(connection, subject),
            _emptied(connection, reference),
            rows=f"{_SERIES:,} series of {_VENUES} venues, {expected:,} sessions",
            own_figures=True,
        )


def _pattern(connection: Connection, activity: UUID, first: date, days: list[int]) -> UUID:
    return factories.schedule(
        connection, activity, days_of_week=days, effective_from=first, effective_until=None
    )


@row(
    "series_engine",
    "a year of one daily series in the pure engine, instants and all",
    budget=100,
    reference="dateutil.rrule alone, without instants",
    rounds=30,
    warm_up=3,
)
def pure_engine(_bench: Bench) -> Iterator[Pair]:
    """What the property tests hold the database to."""
    first = date(2026, 1, 1)
    last = first + timedelta(days=364)
    zone = ZoneInfo(factories.ZONE)
    facts = SeriesFacts(uuid4(), tuple(range(7)), time(9), 60, 12, first)
    begin = datetime.combine(first, time(9))
    end = datetime.combine(last, time(9))

    def subject() -> None:
        assert len(meetings(facts, zone, first, last)) == 365

    def reference() -> None:
        assert len(list(rrule(WEEKLY, dtstart=begin, byweekday=range(7), wkst=MO, until=end))) == 365

    yield Pair(subject, reference, rows="365 dates")
