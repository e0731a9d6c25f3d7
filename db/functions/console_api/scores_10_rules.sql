-- Since version 0006.
-- What a venue's week is worked out from, and how. console/domain/scoring.py is the independent reading of the same rules.
-- docs/design.md, "Rules of the domain" (scores).

-- One component, 0 to 100; NULL where there is too little of it.
CREATE OR REPLACE FUNCTION scores.value(good bigint, among bigint, least_many integer) RETURNS numeric
    LANGUAGE sql IMMUTABLE
RETURN CASE WHEN among >= least_many THEN round(100.0 * good / among, 2) END;

-- The components that are there, reweighted; NULL where together they weigh too little to say anything.
CREATE OR REPLACE FUNCTION scores.composite(weights numeric[], parts numeric[], least_weight numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN sum(p.weight) >= least_weight THEN round(sum(p.weight * p.part) / sum(p.weight), 2) END
      FROM unnest(weights, parts) AS p (weight, part)
     WHERE p.part IS NOT NULL
$$;

-- The counts of a week for venues, each over a window of so many weeks that ends with it. Bookings count by the local day of
-- their session, opinions by the venue's clock; a booking has one opinion, its thumb before its stars. What the weather or the
-- platform cancelled is left out. Internal: asks nobody.
CREATE OR REPLACE FUNCTION scores.facts(week date, of_venues uuid[], windows integer[])
    RETURNS TABLE (venue_id uuid, feedback_good bigint, feedback_all bigint, repeat_good bigint, repeat_all bigint,
                   cancellations_good bigint, cancellations_all bigint, no_shows_good bigint, no_shows_all bigint,
                   reviews bigint, stars numeric)
    LANGUAGE plpgsql STABLE ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET work_mem = '64MB'
    SET jit = off
    SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
    until constant date := week + 7;
BEGIN
    RETURN QUERY
    SELECT v.id, o.good, o.many, b.came_again, b.came, b.stood, b.stood + b.by_venue, b.completed, b.completed + b.no_show,
           r.many, r.stars
      FROM (SELECT x.id, until - 7 * x.weeks AS first,
                   (until - 7 * x.weeks)::timestamp AT TIME ZONE z.timezone AS from_at,
                   until::timestamp AT TIME ZONE z.timezone AS until_at
              FROM unnest(of_venues, windows) AS x (id, weeks) JOIN public.venues AS z ON z.id = x.id) AS v
     CROSS JOIN LATERAL (
           SELECT coalesce(sum(f.completed), 0)::bigint AS completed, coalesce(sum(f.no_show), 0)::bigint AS no_show,
                  coalesce(sum(f.completed + f.no_show + f.confirmed), 0)::bigint AS stood,
                  coalesce(sum(f.by_venue), 0)::bigint AS by_venue,
                  count(f.first_day) AS came, count(*) FILTER (WHERE f.first_day < f.last_day) AS came_again
             FROM (SELECT count(*) FILTER (WHERE k.status = 'completed') AS completed,
                          count(*) FILTER (WHERE k.status = 'no_show') AS no_show,
                          count(*) FILTER (WHERE k.status = 'confirmed') AS confirmed,
                          count(*) FILTER (WHERE k.status = 'cancelled_venue' AND NOT s.by_platform
                                             AND k.cancellation_reason IS DISTINCT FROM 'weather') AS by_venue,
                          min(s.session_date) FILTER (WHERE k.status = 'completed') AS first_day,
                          max(s.session_date) FILTER (WHERE k.status = 'completed') AS last_day
                     -- OFFSET 0: who cancelled is asked once for a session, not for each of its bookings.
                     FROM (SELECT t.id, t.session_date,
                                  t.is_cancelled AND EXISTS (
                                      SELECT 1 FROM public.staff_grants AS g
                                       WHERE g.user_id = t.cancelled_by AND g.venue_id IS NULL AND g.granted_at <= t.cancelled_at
                                         AND (g.revoked_at IS NULL OR g.revoked_at > t.cancelled_at)) AS by_platform
                             FROM public.activity_sessions AS t
                            WHERE t.venue_id = v.id AND t.session_date >= v.first AND t.session_date < until OFFSET 0) AS s
                     JOIN public.bookings AS k ON k.session_id = s.id
                    GROUP BY k.booked_by) AS f) AS b
     CROSS JOIN LATERAL (
           SELECT count(*) AS many, count(*) FILTER (WHERE a.good) AS good
             FROM (SELECT t.is_positive AS good FROM public.booking_feedback AS t
                    WHERE t.venue_id = v.id AND t.submitted_at >= v.from_at AND t.submitted_at < v.until_at
                   UNION ALL
                   SELECT w.rating >= 4 FROM public.reviews AS w
                    WHERE w.venue_id = v.id AND w.submitted_at >= v.from_at AND w.submitted_at < v.until_at AND w.is_visible
                      AND NOT EXISTS (SELECT 1 FROM public.booking_feedback AS t WHERE t.booking_id = w.booking_id)) AS a) AS o
     CROSS JOIN LATERAL (
           SELECT count(*) AS many, round(avg(w.rating), 2) AS stars FROM public.reviews AS w
            WHERE w.venue_id = v.id AND w.submitted_at >= v.from_at AND w.submitted_at < v.until_at AND w.is_visible) AS r;
END
$$;
COMMENT ON FUNCTION scores.facts(date, uuid[], integer[]) IS 'What the scores of a week are worked out from, one row a venue.';

-- A row of scores as the screens know it; amounts as text, so that no reader makes floats of them.
CREATE OR REPLACE FUNCTION scores.week_facts(k public.venue_performance_scores) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
               'id', k.id, 'venue_id', k.venue_id, 'week', k.score_week_start, 'revision', k.revision,
               'revision_reason', k.revision_reason, 'formula_version', k.formula_version, 'composite', k.composite_score::text,
               'change', k.score_change::text, 'inputs', k.inputs, 'calculated_at', k.calculated_at,
               'values', jsonb_build_object('feedback', k.parent_feedback_score::text, 'repeat', k.repeat_booking_score::text,
                                            'cancellations', k.cancellation_score::text, 'no_shows', k.no_show_score::text),
               'weights', jsonb_build_object('feedback', f.weight_feedback::text, 'repeat', f.weight_repeat::text,
                                             'cancellations', f.weight_cancellations::text, 'no_shows', f.weight_no_shows::text))
      FROM public.score_formulas AS f WHERE f.version = k.formula_version
$$;
