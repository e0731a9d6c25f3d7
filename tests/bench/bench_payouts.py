"""A month of 1,000,000 bookings at 200 venues: its payouts made with a line for each, beside one aggregate by hand."""

from __future__ import annotations

import contextlib
import time as clock
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from tests.bench import crowd
from tests.bench.framework import Bench, Pair, row
from tests.support import factories
from tests.support.desk_world import Person, World
from tests.support.paying_out import MARCH

_VENUES = 200
_BOOKINGS = 1_000_000
_PER_SESSION = 20
_FAMILIES = 25_000
_MONTH = date(2026, 2, 1)

# What somebody would write by hand who wants the sums only: no lines, no corrections, nothing kept.
_BY_HAND = """
SELECT b.venue_id, count(*), sum(b.credits_charged - b.credits_refunded),
       round(sum(b.credits_charged - b.credits_refunded) * 1.00, 2),
       round(sum(b.credits_charged - b.credits_refunded) * max(v.platform_fee_percentage) / 100, 2)
  FROM bookings b JOIN activity_sessions s ON s.id = b.session_id JOIN venues v ON v.id = b.venue_id
 WHERE s.session_date >= %s AND s.session_date < %s
   AND (b.status IN ('completed', 'no_show')
        OR b.status IN ('cancelled_parent', 'cancelled_venue') AND NOT b.refund_eligible)
 GROUP BY b.venue_id"""


@dataclass(frozen=True)
class Month:
    """A filled database with somebody of platform finance at a desk."""

    world: World
    finance: Person


@contextlib.contextmanager
def month(bench: Bench) -> Iterator[Month]:
    """200 venues with 250 sessions of 20 bookings each, written without triggers."""
    with World(bench.database()) as world:
        world.at(MARCH)
        admin = world.admin
        venues = [
            factories.venue(admin, name=f"Venue {n:03}", payout_account_last_four="4821")
            for n in range(_VENUES)
        ]
        activities = [factories.activity(admin, venue, name="Judo") for venue in venues]
        crowd.write_fast(admin)
        crowd.families(admin, _FAMILIES)
        crowd.sessions(admin, venues, activities, _BOOKINGS // _PER_SESSION, _MONTH, 28)
        admin.execute(
            """INSERT INTO bookings (session_id, venue_id, child_id, booked_by, status, credits_charged,
                                     refund_eligible, cancelled_at, confirmation_code, created_at)
               SELECT s.id, s.venue_id, c.id, c.parent_id,
                      (ARRAY['completed', 'completed', 'no_show', 'cancelled_parent'])[1 + g %% 4]::booking_status,
                      8 + g %% 9, CASE WHEN g %% 4 = 3 THEN false END,
                      CASE WHEN g %% 4 = 3 THEN s.starts_at - interval '5 hours' END,
                      substr(h, 1, 4) || '-' || substr(h, 5, 4) || '-7', s.starts_at - interval '9 days'
                 FROM generate_series(0, %s - 1) g
                 JOIN (SELECT id, venue_id, starts_at, row_number() OVER (ORDER BY starts_at, id) - 1 AS n
                         FROM activity_sessions WHERE session_date >= %s) s ON s.n = g / %s
                 JOIN (SELECT id, parent_id, row_number() OVER () - 1 AS n FROM children) c ON c.n = g %% %s,
              LATERAL (SELECT upper(lpad(to_hex((g::bigint * 2654435761) %% 4294967296), 8, '0')) AS h) t""",
            [_BOOKINGS, _MONTH, _PER_SESSION, _FAMILIES],
        )
        crowd.written(admin, "bookings")
        yield Month(world, world.person("platform_finance"))


@row(
    "payout_month",
    "a month's payouts, 200 venues: a line for each booking, checked and kept",
    budget=5_000,
    reference="hand-written aggregate SQL",
    rounds=3,
    warm_up=1,
)
def payout_month(bench: Bench) -> Iterator[Pair]:
    """Each round makes the run that was looked at before; between rounds it is withdrawn and swept away."""
    with bench_month(bench) as made:
        finance, world = made.finance, made.world
        seen = finance.call("SELECT fingerprint FROM payouts.preview(%s) LIMIT 1", _MONTH)[0]["fingerprint"]

        def subject() -> float:
            started = clock.perf_counter()
            run = finance.call("SELECT * FROM payouts.make(%s, %s, NULL, %s)", uuid4(), _MONTH, seen)[0]
            taken = (clock.perf_counter() - started) * 1000
            assert run["venues_made"] == _VENUES
            with world.admin.transaction():
                world.admin.execute("SET LOCAL session_replication_role = replica")
                world.admin.execute("TRUNCATE payout_sheets, payout_entries")
                world.admin.execute("DELETE FROM venue_payouts")
                world.admin.execute("DELETE FROM payout_runs")
            world.admin.execute("VACUUM venue_payouts")
            return taken

        def reference() -> float:
            started = clock.perf_counter()
            assert len(world.all(_BY_HAND, _MONTH, date(2026, 3, 1))) == _VENUES
            return (clock.perf_counter() - started) * 1000

        yield Pair(subject, reference, rows="1,000,000 bookings, 200 venues", own_figures=True)


@contextlib.contextmanager
def bench_month(bench: Bench) -> Iterator[Month]:
    """The filled database, shared by the rows that read it."""
    yield bench.shared("payout_month", month)
