"""A week's scores over 1,000,000 bookings at 200 venues, written and curated, beside one aggregate by hand."""

from __future__ import annotations

import contextlib
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tests.bench import crowd
from tests.bench.framework import Bench, Pair, row
from tests.support import factories
from tests.support.desk_world import Person, World

_VENUES = 200
_BOOKINGS = 1_000_000
_PER_SESSION = 20
_FAMILIES = 25_000
_WEEK = date(2026, 2, 16)
_FIRST = _WEEK - timedelta(weeks=11)
_AFTER = datetime(2026, 2, 23, 12, 0, tzinfo=UTC)

# What somebody would write by hand who wants the four shares only: no zones, no causes, no reweighting, nothing kept.
_BY_HAND = """
SELECT f.venue_id, sum(f.came), sum(f.missed), sum(f.cancelled), count(*) FILTER (WHERE f.days > 1) AS again, count(*),
       min(o.good), min(o.many)
  FROM (SELECT b.venue_id, b.booked_by, count(*) FILTER (WHERE b.status = 'completed') AS came,
               count(*) FILTER (WHERE b.status = 'no_show') AS missed,
               count(*) FILTER (WHERE b.status = 'cancelled_venue') AS cancelled,
               count(DISTINCT s.session_date) FILTER (WHERE b.status = 'completed') AS days
          FROM bookings b JOIN activity_sessions s ON s.id = b.session_id
         WHERE s.session_date >= %(first)s AND s.session_date < %(until)s
         GROUP BY b.venue_id, b.booked_by) f
  JOIN (SELECT venue_id, count(*) FILTER (WHERE is_positive) AS good, count(*) AS many FROM booking_feedback
         WHERE submitted_at >= %(first)s AND submitted_at < %(until)s GROUP BY venue_id) o ON o.venue_id = f.venue_id
 GROUP BY f.venue_id"""


@dataclass(frozen=True)
class Quarter:
    """A filled database with somebody of headquarters at a desk."""

    world: World
    boss: Person


@contextlib.contextmanager
def quarter(bench: Bench) -> Iterator[Quarter]:
    """200 venues with 250 sessions of 20 bookings each in twelve weeks, a thumb for every fifth.

    A venue has some 1,500 families; 70 of 100 bookings were attended, 10 each were no-shows, cancelled by the parent,
    cancelled by the venue.
    """
    with World(bench.database()) as world:
        world.at(_AFTER)
        admin = world.admin
        venues = [factories.venue(admin, name=f"Venue {n:03}") for n in range(_VENUES)]
        activities = [factories.activity(admin, venue, name="Judo") for venue in venues]
        crowd.write_fast(admin)
        crowd.families(admin, _FAMILIES)
        crowd.sessions(admin, venues, activities, _BOOKINGS // _PER_SESSION, _FIRST, 84)
        admin.execute(
            """INSERT INTO bookings (session_id, venue_id, child_id, booked_by, status, credits_charged,
                                     refund_eligible, cancelled_at, cancellation_reason, confirmation_code, created_at)
               SELECT s.id, s.venue_id, c.id, c.parent_id, k.status::booking_status, 8 + g %% 9,
                      CASE WHEN k.status LIKE 'canc%%' THEN k.status = 'cancelled_venue' END,
                      CASE WHEN k.status LIKE 'canc%%' THEN s.starts_at - interval '5 hours' END,
                      CASE WHEN k.status = 'cancelled_venue' THEN 'venue_cancelled'::cancellation_reason_type END,
                      substr(h, 1, 4) || '-' || substr(h, 5, 4) || '-7', s.starts_at - interval '9 days'
                 FROM generate_series(0, %(many)s - 1) g
                 JOIN (SELECT id, venue_id, starts_at, row_number() OVER (ORDER BY starts_at, id) - 1 AS n
                         FROM activity_sessions WHERE total_capacity = 60) s ON s.n = g / %(each)s
                 JOIN (SELECT id, parent_id, row_number() OVER () - 1 AS n FROM children) c
                   ON c.n = ((hashtext(s.venue_id::text)::bigint & 1023) * 25 + g::bigint * 7919 %% 1500)
                            %% %(families)s,
              LATERAL (SELECT (ARRAY['completed', 'completed', 'completed', 'completed', 'completed', 'completed',
                                     'completed', 'no_show', 'cancelled_parent', 'cancelled_venue']
                              )[1 + (g::bigint * 31 + g / 997) %% 10] AS status) k,
              LATERAL (SELECT upper(lpad(to_hex((g::bigint * 2654435761) %% 4294967296), 8, '0')) AS h) t""",
            {"many": _BOOKINGS, "each": _PER_SESSION, "families": _FAMILIES},
        )
        admin.execute(
            """INSERT INTO booking_feedback (booking_id, venue_id, is_positive, submitted_at)
               SELECT b.id, b.venue_id, hashtext(b.id::text) & 7 > 0, b.created_at + interval '10 days'
                 FROM bookings b WHERE hashtext(b.id::text) % 5 = 0"""
        )
        crowd.written(admin, "bookings", "booking_feedback")
        yield Quarter(world, world.person("platform_admin"))


@row(
    "weekly_scores",
    "a week's scores of 200 venues, from twelve weeks of bookings and opinions: written, frozen and curated",
    budget=1_000,
    reference="hand-written aggregate SQL",
    rounds=5,
    warm_up=1,
)
def weekly_scores(bench: Bench) -> Iterator[Pair]:
    """Each round works the week out anew; between rounds what it wrote is swept away."""
    made = bench.shared("score_quarter", quarter)
    admin = made.world.admin

    def subject() -> float:
        started = clock.perf_counter()
        written = made.world.one("SELECT scores.compute(%s) AS n", _WEEK)["n"]
        taken = (clock.perf_counter() - started) * 1000
        assert written == _VENUES
        with admin.transaction():
            admin.execute("SET LOCAL session_replication_role = replica")
            admin.execute("TRUNCATE venue_performance_scores CASCADE")
        admin.execute("VACUUM venues")
        return taken

    def reference() -> float:
        started = clock.perf_counter()
        facts = {"first": _FIRST, "until": _WEEK + timedelta(days=7)}
        assert len(admin.execute(_BY_HAND.encode(), facts).fetchall()) == _VENUES
        return (clock.perf_counter() - started) * 1000

    yield Pair(subject, reference, rows="1,000,000 bookings, 200,000 opinions, 200 venues", own_figures=True)


@row(
    "score_list",
    "a page of all venues' newest scores with their trends of twelve weeks",
    budget=100,
    reference="hand-written newest scores SQL",
    rounds=20,
    warm_up=2,
)
def score_list(bench: Bench) -> Iterator[Pair]:
    """Half a year of weeks is there for each venue."""
    made = bench.shared("score_quarter", quarter)
    admin = made.world.admin
    admin.execute(
        """INSERT INTO venue_performance_scores (venue_id, score_week_start, composite_score, cancellation_score)
           SELECT v.id, %s::date - 7 * n, 50 + n, 50 + n FROM venues v, generate_series(1, 26) n
            WHERE v.name LIKE 'Venue %%' ON CONFLICT DO NOTHING""",
        [_WEEK],
    )
    admin.execute("VACUUM ANALYZE venue_performance_scores")

    def subject() -> None:
        assert len(made.boss.call("SELECT * FROM scores.list('score', true, '', '{}', NULL, 200)")) == 200

    def reference() -> None:
        admin.execute(
            """SELECT DISTINCT ON (venue_id) * FROM venue_performance_scores
                ORDER BY venue_id, score_week_start DESC, revision DESC"""
        ).fetchall()

    yield Pair(subject, reference, rows="200 venues, 26 weeks")
