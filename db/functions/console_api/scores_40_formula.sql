-- Since version 0006.
-- Trying other weights, and saving them. docs/design.md, "Rules of the domain" (scores).

-- Weights as somebody typed them, checked: in the order feedback, repeat, cancellations, no_shows.
CREATE OR REPLACE FUNCTION scores.require_weights(weights numeric[], threshold numeric) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF weights IS NULL OR array_dims(weights) IS DISTINCT FROM '[1:4]'
       OR EXISTS (SELECT 1 FROM unnest(weights) AS w (weight) WHERE (w.weight BETWEEN 0 AND 100 AND w.weight = round(w.weight, 2)) IS NOT TRUE) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A weight is between 0 and 100 %, with up to two decimals.',
            DETAIL = 'weights';
    ELSIF (SELECT sum(w.weight) FROM unnest(weights) AS w (weight)) <> 100 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'weights_sum',
            MESSAGE = format('The weights add up to %s %%; they have to be 100 %% together.',
                             (SELECT trim_scale(sum(w.weight)) FROM unnest(weights) AS w (weight)));
    ELSIF threshold IS NULL OR threshold NOT BETWEEN 0 AND 100 OR threshold <> round(threshold, 2) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'The threshold is between 0 and 100, with up to two decimals.',
            DETAIL = 'threshold';
    END IF;
END
$$;

-- What other weights would make of every venue's newest score, from what was frozen with it; writes nothing. First those that
-- would become curated or no longer be, then the largest changes.
CREATE OR REPLACE FUNCTION scores.what_if(weights numeric[], threshold numeric)
    RETURNS TABLE (venue_id uuid, venue text, now numeric, becomes numeric, curated_now boolean, curated_then boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    least_weight numeric;
BEGIN
    PERFORM auth.require('settings.manage', NULL);
    PERFORM scores.require_weights(weights, threshold);
    least_weight := (scores.newest_formula()).least_weight;
    RETURN QUERY
    SELECT n.id, n.name, n.score, n.other, n.curated, n.will
      FROM (SELECT v.id, v.name::text AS name, k.composite_score AS score, t.other, v.is_curation_eligible AS curated,
                   v.status = 'active' AND coalesce(t.other >= threshold, v.is_curation_eligible) AS will
              FROM public.venues AS v
              LEFT JOIN LATERAL (SELECT s.* FROM public.venue_performance_scores AS s WHERE s.venue_id = v.id
                                  ORDER BY s.score_week_start DESC, s.revision DESC LIMIT 1) AS k ON true
             CROSS JOIN LATERAL (SELECT scores.composite(weights, ARRAY[k.parent_feedback_score, k.repeat_booking_score,
                                                                        k.cancellation_score, k.no_show_score],
                                                         least_weight) AS other) AS t
             WHERE v.status IN ('active', 'suspended')) AS n
     ORDER BY n.curated = n.will, abs(n.other - n.score) DESC NULLS LAST, n.name, n.id;
END
$$;
COMMENT ON FUNCTION scores.what_if(numeric[], numeric) IS 'What other weights would make of the newest scores; writes nothing.';

-- A new version of the formula, by which the next weeks are worked out. Weeks that have a score keep theirs, revisions too.
CREATE OR REPLACE FUNCTION scores.save_formula(at_version integer, weights numeric[], threshold numeric, why text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    f public.score_formulas;
BEGIN
    PERFORM auth.require('settings.manage', NULL);
    PERFORM pg_advisory_xact_lock(hashtextextended('scores.compute', 0));
    f := scores.newest_formula();
    IF f.version IS DISTINCT FROM at_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', HINT = 'Look at it again.', DETAIL = 'version_changed',
            MESSAGE = format('%s saved another formula.',
                             coalesce((SELECT u.first_name FROM public.users AS u WHERE u.id = f.saved_by), 'Somebody'));
    END IF;
    PERFORM scores.require_weights(weights, threshold);
    IF (weights[1], weights[2], weights[3], weights[4], threshold)
       = (f.weight_feedback, f.weight_repeat, f.weight_cancellations, f.weight_no_shows, f.threshold) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Nothing was changed.', DETAIL = 'unchanged';
    ELSIF coalesce(btrim(why), '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say why the formula changes.', DETAIL = 'reason';
    ELSIF length(btrim(why)) > 500 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 500 characters.', DETAIL = 'reason';
    END IF;
    INSERT INTO public.score_formulas AS x (version, weight_feedback, weight_repeat, weight_cancellations, weight_no_shows,
        window_weeks, least_opinions, least_families, least_bookings, least_weight, threshold, revised_weeks, saved_by, reason)
    VALUES (f.version + 1, weights[1], weights[2], weights[3], weights[4], f.window_weeks, f.least_opinions, f.least_families,
            f.least_bookings, f.least_weight, threshold, f.revised_weeks, auth.user_id(), btrim(why))
    RETURNING x.* INTO f;
    UPDATE public.platform_settings AS s SET value = to_jsonb(trim_scale(threshold)), updated_by = auth.user_id()
     WHERE s.key = 'venue_score_curation_threshold' AND s.value <> to_jsonb(trim_scale(threshold));
    RETURN scores.formula_facts(f);
END
$$;
COMMENT ON FUNCTION scores.save_formula(integer, numeric[], numeric, text) IS 'A new version of the formula, with a reason.';
GRANT EXECUTE ON FUNCTION scores.what_if(numeric[], numeric), scores.save_formula(integer, numeric[], numeric, text)
    TO console_client;
