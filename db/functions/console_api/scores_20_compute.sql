-- Since version 0006.
-- Working weeks out. A score is written once; other facts found later make another revision of it, under the formula it was
-- worked out by. docs/design.md, "Rules of the domain" (scores).

-- Work out a week for venues (NULL: all) where it is over and it is due: one row each, or another revision where the facts of one
-- of the last weeks are not what they were. `why`: revise whatever the age, for this reason. How many rows were written.
-- A venue's scores begin with the first week whose window holds anything; from then on each week has one.
CREATE OR REPLACE FUNCTION scores.compute(week date, of_venues uuid[] DEFAULT NULL, why text DEFAULT NULL) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    newest public.score_formulas;
    venues uuid[];
    versions integer[];
    windows integer[];
    told uuid[];
BEGIN
    IF week IS NULL OR extract(isodow FROM week) <> 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A week begins on a Monday.', DETAIL = 'week';
    END IF;
    -- One at a time: the second sees what the first has written, and writes nothing.
    PERFORM pg_advisory_xact_lock(hashtextextended('scores.compute', 0));
    SELECT * INTO newest FROM public.score_formulas AS f ORDER BY f.version DESC LIMIT 1;
    SELECT array_agg(a.id), array_agg(a.version), array_agg(f.window_weeks) INTO venues, versions, windows
      FROM (SELECT v.id, coalesce(k.formula_version, newest.version) AS version
              FROM (SELECT x.id, date_trunc('week', app.now() AT TIME ZONE x.timezone)::date AS this_week
                      FROM public.venues AS x
                     WHERE x.status IN ('active', 'suspended') AND (of_venues IS NULL OR x.id = ANY (of_venues))) AS v
              LEFT JOIN LATERAL (SELECT s.formula_version FROM public.venue_performance_scores AS s
                                  WHERE s.venue_id = v.id AND s.score_week_start = week
                                  ORDER BY s.revision DESC LIMIT 1) AS k ON true
             WHERE week < v.this_week
               AND (k.formula_version IS NULL OR why IS NOT NULL OR (v.this_week - week) / 7 <= newest.revised_weeks)) AS a
      JOIN public.score_formulas AS f ON f.version = a.version;

    WITH found AS (
        SELECT x.version, f.*, f.feedback_all + f.repeat_all + f.cancellations_all AS anything,
               jsonb_build_object('feedback', jsonb_build_object('good', f.feedback_good, 'all', f.feedback_all),
                                  'repeat', jsonb_build_object('good', f.repeat_good, 'all', f.repeat_all),
                                  'cancellations', jsonb_build_object('good', f.cancellations_good, 'all', f.cancellations_all),
                                  'no_shows', jsonb_build_object('good', f.no_shows_good, 'all', f.no_shows_all)) AS inputs
          FROM scores.facts(week, venues, windows) AS f
          JOIN unnest(venues, versions) AS x (id, version) ON x.id = f.venue_id),
    valued AS (
        SELECT d.*, p.weights, p.least_weight,
               scores.value(d.feedback_good, d.feedback_all, p.least_opinions) AS feedback,
               scores.value(d.repeat_good, d.repeat_all, p.least_families) AS repeat,
               scores.value(d.cancellations_good, d.cancellations_all, p.least_bookings) AS cancellations,
               scores.value(d.no_shows_good, d.no_shows_all, p.least_bookings) AS no_shows
          FROM found AS d
          JOIN (SELECT f.*, ARRAY[f.weight_feedback, f.weight_repeat, f.weight_cancellations, f.weight_no_shows] AS weights
                  FROM public.score_formulas AS f) AS p ON p.version = d.version),
    scored AS (
        SELECT d.*, scores.composite(d.weights, ARRAY[d.feedback, d.repeat, d.cancellations, d.no_shows], d.least_weight) AS composite
          FROM valued AS d),
    written AS (
        INSERT INTO public.venue_performance_scores AS made (
               venue_id, score_week_start, revision, revision_reason, formula_version, parent_feedback_score,
               repeat_booking_score, cancellation_score, no_show_score, total_bookings, total_reviews, average_rating,
               repeat_booking_rate, venue_cancellation_rate, parent_no_show_rate, inputs, composite_score, score_change)
        SELECT d.venue_id, week, coalesce(k.revision, 0) + 1,
               CASE WHEN k.id IS NULL THEN NULL WHEN why IS NOT NULL THEN why
                    ELSE scores.what_changed(d.venue_id, k.inputs, d.inputs, k.calculated_at) END,
               d.version, d.feedback, d.repeat, d.cancellations, d.no_shows, d.cancellations_all, d.reviews, d.stars,
               d.repeat, 100 - d.cancellations, 100 - d.no_shows, d.inputs, d.composite, d.composite - b.composite_score
          FROM scored AS d
          LEFT JOIN LATERAL (SELECT s.id, s.revision, s.inputs, s.calculated_at FROM public.venue_performance_scores AS s
                              WHERE s.venue_id = d.venue_id AND s.score_week_start = week
                              ORDER BY s.revision DESC LIMIT 1) AS k ON true
          LEFT JOIN LATERAL (SELECT s.composite_score FROM public.venue_performance_scores AS s
                              WHERE s.venue_id = d.venue_id AND s.score_week_start = week - 7
                              ORDER BY s.revision DESC LIMIT 1) AS b ON true
         WHERE CASE WHEN k.id IS NULL THEN d.anything > 0 OR EXISTS (
                             SELECT 1 FROM public.venue_performance_scores AS s
                              WHERE s.venue_id = d.venue_id AND s.score_week_start < week)
                    ELSE k.inputs IS DISTINCT FROM d.inputs END
        RETURNING made.venue_id)
    SELECT coalesce(array_agg(w.venue_id), '{}') INTO told FROM written AS w;
    PERFORM scores.settle_standing(told, newest.threshold);
    RETURN cardinality(told);
END
$$;
COMMENT ON FUNCTION scores.compute(date, uuid[], text) IS 'Work out a week where it is due; how many scores or revisions were written.';

-- Why a week had to be worked out again.
CREATE OR REPLACE FUNCTION scores.what_changed(of_venue uuid, was jsonb, becomes jsonb, since timestamptz) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN (was #>> '{cancellations,all}')::bigint - (was #>> '{cancellations,good}')::bigint
             <> (becomes #>> '{cancellations,all}')::bigint - (becomes #>> '{cancellations,good}')::bigint
            THEN 'cancellation_corrected'
        WHEN (becomes #>> '{no_shows,good}')::bigint > (was #>> '{no_shows,good}')::bigint THEN 'late_check_in'
        WHEN was - 'feedback' <> becomes - 'feedback' THEN 'attendance_corrected'
        WHEN EXISTS (SELECT 1 FROM public.review_decisions AS d WHERE d.venue_id = of_venue AND d.at >= since) THEN 'review_moderated'
        ELSE 'opinion_changed' END
$$;

-- What a venue's newest score makes of its standing: curated from the threshold on while it is active; too little data leaves
-- things as they were.
CREATE OR REPLACE FUNCTION scores.settle_standing(of_venues uuid[], threshold numeric) RETURNS void
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE public.venues AS v
       SET current_performance_score = n.score, is_curation_eligible = n.eligible
      FROM (SELECT x.id, coalesce(k.composite_score, x.current_performance_score) AS score,
                   x.status = 'active' AND coalesce(k.composite_score >= threshold, x.is_curation_eligible) AS eligible
              FROM public.venues AS x
             CROSS JOIN LATERAL (SELECT s.composite_score FROM public.venue_performance_scores AS s WHERE s.venue_id = x.id
                                  ORDER BY s.score_week_start DESC, s.revision DESC LIMIT 1) AS k
             WHERE x.id = ANY (of_venues)) AS n
     WHERE v.id = n.id
       AND (v.current_performance_score, v.is_curation_eligible) IS DISTINCT FROM (n.score, n.eligible)
$$;

-- Everything that is due: the week that ended wherever it has, and what later facts make of the weeks before. Weeks are worked
-- out oldest first, because each is compared with the one before.
CREATE OR REPLACE FUNCTION scores.compute_due() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    -- The first place on earth where a new week begins.
    last constant date := date_trunc('week', app.now() AT TIME ZONE 'Pacific/Kiritimati')::date - 7;
    back integer;
    written integer := 0;
BEGIN
    SELECT greatest(f.revised_weeks, 1) INTO back FROM public.score_formulas AS f ORDER BY f.version DESC LIMIT 1;
    FOR n IN REVERSE back .. 0 LOOP
        written := written + scores.compute(last - 7 * n);
    END LOOP;
    RETURN written;
END
$$;
COMMENT ON FUNCTION scores.compute_due() IS 'Work out every week that is due; how many scores or revisions were written.';
GRANT EXECUTE ON FUNCTION scores.compute(date, uuid[], text), scores.compute_due() TO console_jobs;
