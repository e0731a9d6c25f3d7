"""The approval queue over 50,000 applications: its first page and the numbers of its tabs, beside SQL by hand."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.framework import Bench, Pair, row
from tests.support.desk_world import World

_APPLICATIONS = 50_000
_PAGE = 200

# What somebody would write by hand who trusts everybody: the page by its key first, then what is shown of it.
_BY_HAND = """
SELECT c.*, v.name, v.city, v.state, (SELECT jsonb_object_agg(r.requirement, r.state)
                                        FROM venue_requirements r WHERE r.venue_id = c.venue_id)
  FROM (SELECT id, venue_id, due_at, claimed_until FROM venue_cases
         WHERE state = 'open' ORDER BY due_at, id LIMIT 201) c
  JOIN venues v ON v.id = c.venue_id
 ORDER BY c.due_at, c.id"""
_COUNTS_BY_HAND = """
SELECT count(*) FILTER (WHERE state = 'open'), count(*) FILTER (WHERE state = 'asked'),
       count(*) FILTER (WHERE state = 'open' AND due_at < (SELECT app.now()))
  FROM venue_cases WHERE state <> 'decided'"""


@row(
    "approval_queue",
    "the first page of the approval queue with the numbers of its tabs, 50,000 applications",
    budget=100,
    reference="hand-written keyset SQL",
)
def approval_queue(bench: Bench) -> Iterator[Pair]:
    """Nine of ten wait, the others were decided or asked; all have their five requirements."""
    with World(bench.database()) as world:
        admin = world.admin
        admin.execute("SET session_replication_role = replica")
        admin.execute(
            """INSERT INTO venues (name, slug, status, city, state, timezone)
               SELECT 'Workshop ' || g || ' of ' || left(md5(g::text), 6), 'workshop-' || g, 'pending_approval',
                      'Portland', 'OR', 'America/Los_Angeles' FROM generate_series(1, %s) g""",
            [_APPLICATIONS],
        )
        admin.execute(
            """INSERT INTO venue_requirements (venue_id, requirement, state)
               SELECT v.id, k, 'missing' FROM venues v, unnest(enum_range(NULL::requirement_kind)) k
                WHERE v.slug LIKE 'workshop-%'"""
        )
        admin.execute(
            """INSERT INTO venue_cases (venue_id, kind, state, opened_at, due_at, asked_at, outcome, decided_at)
               SELECT v.id, 'new_venue', s.state::case_state, s.at, s.at + interval '5 days',
                      CASE WHEN s.state = 'asked' THEN s.at END,
                      CASE WHEN s.state = 'decided' THEN 'approved'::case_outcome END,
                      CASE WHEN s.state = 'decided' THEN s.at END
                 FROM (SELECT id, row_number() OVER (ORDER BY md5(slug)) AS n FROM venues
                        WHERE slug LIKE 'workshop-%') v,
              LATERAL (SELECT app.now() - v.n * interval '1 minute' AS at,
                              (ARRAY['open', 'open', 'open', 'open', 'open', 'open', 'open', 'open', 'open',
                                     CASE WHEN v.n % 20 = 9 THEN 'asked' ELSE 'decided' END])[1 + v.n % 10]
                              AS state) s"""
        )
        admin.execute("SET session_replication_role = origin")
        admin.execute("VACUUM ANALYZE venue_cases")
        admin.execute("VACUUM ANALYZE venue_requirements")
        admin.execute("ANALYZE")
        reviewer = world.person("platform_admin")

        def subject() -> None:
            found = reviewer.call("SELECT * FROM vetting.cases('{}', 'due', false, NULL, 201)")
            counts = reviewer.call("SELECT * FROM vetting.case_counts()")
            assert len(found) == _PAGE + 1
            assert counts[0]["open"] > _APPLICATIONS * 0.8

        def reference() -> None:
            assert len(world.all(_BY_HAND)) == _PAGE + 1
            world.all(_COUNTS_BY_HAND)

        yield Pair(subject, reference, rows=f"{_APPLICATIONS:,} applications")
