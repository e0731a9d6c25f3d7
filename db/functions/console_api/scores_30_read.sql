-- Since version 0006.
-- Scores as the screens read them: one venue whole, all venues in pages. docs/design.md, "Screens" (reviews and score).

CREATE OR REPLACE FUNCTION scores.formula_facts(f public.score_formulas) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN jsonb_build_object(
    'version', f.version, 'window_weeks', f.window_weeks, 'least_opinions', f.least_opinions, 'least_families', f.least_families,
    'least_bookings', f.least_bookings, 'least_weight', f.least_weight::text, 'threshold', f.threshold::text,
    'revised_weeks', f.revised_weeks, 'saved_at', f.saved_at, 'reason', f.reason,
    'saved_by', (SELECT u.first_name FROM public.users AS u WHERE u.id = f.saved_by),
    'weights', jsonb_build_object('feedback', f.weight_feedback::text, 'repeat', f.weight_repeat::text,
                                  'cancellations', f.weight_cancellations::text, 'no_shows', f.weight_no_shows::text));

CREATE OR REPLACE FUNCTION scores.newest_formula() RETURNS public.score_formulas
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f FROM public.score_formulas AS f ORDER BY f.version DESC LIMIT 1
$$;

CREATE OR REPLACE FUNCTION scores.formula() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('score.read', NULL);
    RETURN scores.formula_facts(scores.newest_formula());
END
$$;
COMMENT ON FUNCTION scores.formula() IS 'The formula that the next scores are worked out by.';

CREATE OR REPLACE FUNCTION scores.formulas() RETURNS SETOF jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('score.read', NULL);
    RETURN QUERY SELECT scores.formula_facts(f) FROM public.score_formulas AS f ORDER BY f.version DESC;
END
$$;
COMMENT ON FUNCTION scores.formulas() IS 'Every version of the formula, the newest first.';

CREATE OR REPLACE FUNCTION scores.dispute_facts(d public.score_disputes) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
               'id', d.id, 'version', d.version, 'venue_id', d.venue_id, 'venue', v.name, 'score_id', d.score_id,
               'week', k.score_week_start, 'component', d.component, 'reason', d.reason, 'state', d.state,
               'opened_by', o.first_name, 'opened_at', d.opened_at, 'answer', d.answer, 'answered_by', a.first_name,
               'answered_at', d.answered_at)
      FROM public.venues AS v
      JOIN public.venue_performance_scores AS k ON k.id = d.score_id
      JOIN public.users AS o ON o.id = d.opened_by
      LEFT JOIN public.users AS a ON a.id = d.answered_by
     WHERE v.id = d.venue_id
$$;

-- Where a venue stands among others with a score of the same week: those of its category, five at least, else all of them.
-- The percentile is how many of a hundred score less, equals counted half.
CREATE OR REPLACE FUNCTION scores.peers(of_venue uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH own AS (
        SELECT v.primary_category AS category, k.score_week_start AS week, k.composite_score AS score
          FROM public.venues AS v
          LEFT JOIN LATERAL (SELECT s.score_week_start, s.composite_score FROM public.venue_performance_scores AS s
                              WHERE s.venue_id = v.id ORDER BY s.score_week_start DESC, s.revision DESC LIMIT 1) AS k ON true
         WHERE v.id = of_venue),
    others AS (
        SELECT DISTINCT ON (k.venue_id) k.venue_id, k.composite_score AS score, coalesce(v.primary_category = o.category, false) AS alike
          FROM own AS o
          JOIN public.venue_performance_scores AS k ON k.score_week_start = o.week AND k.venue_id <> of_venue
          JOIN public.venues AS v ON v.id = k.venue_id AND v.status = 'active'
         ORDER BY k.venue_id, k.revision DESC),
    counted AS (
        SELECT x.score, c.narrow FROM others AS x
         CROSS JOIN (SELECT count(*) FILTER (WHERE y.alike AND y.score IS NOT NULL) >= 5 AS narrow FROM others AS y) AS c
         WHERE x.score IS NOT NULL AND (x.alike OR NOT c.narrow))
    SELECT jsonb_build_object(
               'peers', CASE WHEN bool_or(c.narrow) THEN min(o.category::text) ELSE 'all venues' END,
               'peer_count', count(c.score),
               'peer_average', CASE WHEN count(c.score) >= 5 THEN round(avg(c.score), 2)::text END,
               'percentile', CASE WHEN count(c.score) >= 5 AND min(o.score) IS NOT NULL THEN
                   round(100.0 * (count(*) FILTER (WHERE c.score < o.score) + 0.5 * count(*) FILTER (WHERE c.score = o.score))
                         / count(c.score))::integer END)
      FROM own AS o LEFT JOIN counted AS c ON true
$$;

-- Everything about one venue's scores: the newest 52 weeks in their newest revisions, oldest first, what they were before, the
-- formula, peers, disputes.
CREATE OR REPLACE FUNCTION scores.page(of_venue uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    page jsonb;
BEGIN
    PERFORM auth.require('score.read', of_venue);
    WITH ranked AS MATERIALIZED (
        SELECT k AS row, k.score_week_start AS week, k.composite_score AS score, k.revision,
               row_number() OVER (PARTITION BY k.score_week_start ORDER BY k.revision DESC) AS nth
          FROM public.venue_performance_scores AS k WHERE k.venue_id = of_venue
         ORDER BY k.score_week_start DESC, k.revision DESC),
    shown AS (
        -- Against the newest revision of the week before, where both have a score: what was frozen may have been revised since.
        SELECT r.*, (r.score - b.score)::text AS change
          FROM ranked AS r LEFT JOIN ranked AS b ON b.week = r.week - 7 AND b.nth = 1
         WHERE r.nth = 1 ORDER BY r.week DESC LIMIT 52)
    SELECT jsonb_build_object(
               'venue_id', v.id, 'venue', v.name, 'formula', scores.formula_facts(scores.newest_formula()),
               'weeks', coalesce((SELECT jsonb_agg(scores.week_facts(s.row) || jsonb_build_object('change', s.change) ORDER BY s.week)
                                    FROM shown AS s), '[]'),
               'revisions', coalesce((SELECT jsonb_agg(scores.week_facts(r.row) ORDER BY r.week DESC, r.revision DESC)
                                        FROM ranked AS r
                                       WHERE r.nth > 1 AND r.week >= (SELECT min(s.week) FROM shown AS s)), '[]'),
               'disputes', coalesce((SELECT jsonb_agg(scores.dispute_facts(d) ORDER BY d.state = 'open' DESC, d.opened_at DESC, d.id)
                                       FROM public.score_disputes AS d WHERE d.venue_id = v.id), '[]'))
           || scores.peers(v.id)
      INTO page
      FROM public.venues AS v WHERE v.id = of_venue;
    IF page IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such venue.', DETAIL = 'no_venue';
    END IF;
    RETURN page;
END
$$;
COMMENT ON FUNCTION scores.page(uuid) IS 'Everything about one venue''s scores.';

-- A page of all venues with their newest scores, by any column; those without a value come last either way. `after` is the key
-- of the last row seen. Filters: curated (yes, no), category, insufficient (yes, no).
CREATE OR REPLACE FUNCTION scores.list(
    sort text, descending boolean, typed text, filters jsonb, after jsonb, at_most integer)
    RETURNS TABLE (venue_id uuid, venue text, city text, category text, is_curated boolean, facts jsonb, trend text[],
                   open_dispute boolean, page_key jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    words constant text := lower(btrim(coalesce(typed, '')));
    -- Beyond every score and every change.
    last_of_all constant numeric := CASE WHEN descending THEN -1000 ELSE 1000 END;
BEGIN
    PERFORM auth.require('score.read', NULL);
    IF sort IS NULL OR sort NOT IN ('score', 'change', 'venue', 'city', 'curated', 'dispute', 'feedback', 'repeat',
                                    'cancellations', 'no_shows') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be sorted like that.', DETAIL = 'unknown_sort';
    ELSIF at_most IS NULL OR at_most NOT BETWEEN 1 AND 5000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Read between 1 and 5,000 venues at a time.', DETAIL = 'at_most';
    END IF;
    RETURN QUERY
    WITH listed AS (
        SELECT v.id, v.name::text AS name, coalesce(v.city, '')::text AS city, v.primary_category::text AS category,
               v.is_curation_eligible AS curated, k.row, k.score_week_start AS week,
               k.composite_score - b.composite_score AS change,
               CASE WHEN sort IN ('venue', 'city') THEN 0
                    WHEN sort = 'curated' THEN v.is_curation_eligible::integer
                    WHEN sort = 'dispute' THEN EXISTS (SELECT 1 FROM public.score_disputes AS d
                                                        WHERE d.venue_id = v.id AND d.state = 'open')::integer
                    ELSE coalesce(CASE sort WHEN 'score' THEN k.composite_score WHEN 'change' THEN k.composite_score - b.composite_score
                                            WHEN 'feedback' THEN k.parent_feedback_score WHEN 'repeat' THEN k.repeat_booking_score
                                            WHEN 'cancellations' THEN k.cancellation_score ELSE k.no_show_score END, last_of_all)
               END AS number,
               -- A control character sorts before every letter: venues of one city stand by their names.
               CASE WHEN sort = 'city' THEN lower(coalesce(v.city, '')) || chr(1) ELSE '' END || lower(v.name) AS words_key
          FROM public.venues AS v
          LEFT JOIN LATERAL (SELECT s AS row, s.* FROM public.venue_performance_scores AS s WHERE s.venue_id = v.id
                              ORDER BY s.score_week_start DESC, s.revision DESC LIMIT 1) AS k ON true
          LEFT JOIN LATERAL (SELECT s.composite_score FROM public.venue_performance_scores AS s
                              WHERE s.venue_id = v.id AND s.score_week_start = k.score_week_start - 7
                              ORDER BY s.revision DESC LIMIT 1) AS b ON true
         WHERE v.status IN ('active', 'suspended')
           AND (words = '' OR strpos(lower(v.name), words) > 0 OR strpos(lower(coalesce(v.city, '')), words) > 0)
           AND (coalesce(filters ->> 'curated', '') = '' OR v.is_curation_eligible = (filters ->> 'curated' = 'yes'))
           AND (coalesce(filters ->> 'category', '') = '' OR v.primary_category::text = filters ->> 'category')
           AND (coalesce(filters ->> 'insufficient', '') = ''
                OR (k.composite_score IS NULL) = (filters ->> 'insufficient' = 'yes'))),
    paged AS (
        SELECT l.* FROM listed AS l
         WHERE after IS NULL
            OR CASE WHEN descending THEN (l.number, l.words_key, l.id) < ((after ->> 0)::numeric, after ->> 1, (after ->> 2)::uuid)
                    ELSE (l.number, l.words_key, l.id) > ((after ->> 0)::numeric, after ->> 1, (after ->> 2)::uuid) END
         ORDER BY CASE WHEN descending THEN l.number END DESC, CASE WHEN descending THEN l.words_key END DESC,
                  CASE WHEN descending THEN l.id END DESC, l.number, l.words_key, l.id
         LIMIT at_most)
    SELECT p.id, p.name, p.city, p.category, p.curated,
           scores.week_facts(p.row) || jsonb_build_object('change', p.change::text), t.trend,
           EXISTS (SELECT 1 FROM public.score_disputes AS d WHERE d.venue_id = p.id AND d.state = 'open'),
           jsonb_build_array(p.number::text, p.words_key, p.id)
      FROM paged AS p
     CROSS JOIN LATERAL (
           SELECT array_agg(s.score::text ORDER BY w.week) AS trend
             FROM (SELECT p.week - 7 * n AS week FROM generate_series(0, 11) AS n) AS w
             LEFT JOIN LATERAL (SELECT k.composite_score AS score FROM public.venue_performance_scores AS k
                                 WHERE k.venue_id = p.id AND k.score_week_start = w.week ORDER BY k.revision DESC LIMIT 1) AS s ON true
            WHERE p.week IS NOT NULL) AS t
     ORDER BY CASE WHEN descending THEN p.number END DESC, CASE WHEN descending THEN p.words_key END DESC,
              CASE WHEN descending THEN p.id END DESC, p.number, p.words_key, p.id;
END
$$;
COMMENT ON FUNCTION scores.list(text, boolean, text, jsonb, jsonb, integer) IS 'All venues with their newest scores, in pages.';
GRANT EXECUTE ON FUNCTION scores.formula(), scores.formulas(), scores.page(uuid),
    scores.list(text, boolean, text, jsonb, jsonb, integer)
    TO console_client;
