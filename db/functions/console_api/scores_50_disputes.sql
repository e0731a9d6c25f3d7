-- Since version 0006.
-- What a venue says against a score, and the answer. docs/design.md, "Rules of the domain" (scores).

-- The open ones, oldest first, then the newest hundred that were answered.
CREATE OR REPLACE FUNCTION scores.disputes() RETURNS SETOF jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 100
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('score.read', NULL);
    RETURN QUERY
    SELECT scores.dispute_facts(d) FROM public.score_disputes AS d WHERE d.state = 'open' ORDER BY d.opened_at, d.id;
    RETURN QUERY
    SELECT scores.dispute_facts(d) FROM public.score_disputes AS d
     WHERE d.answered_at IS NOT NULL ORDER BY d.answered_at DESC, d.id LIMIT 100;
END
$$;
COMMENT ON FUNCTION scores.disputes() IS 'What venues say against their scores: the open ones, then those answered.';

-- Say something against the newest revision of a week's score.
CREATE OR REPLACE FUNCTION scores.dispute(of_venue uuid, of_score uuid, about text, why text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    k public.venue_performance_scores;
    d public.score_disputes;
BEGIN
    -- Who may answer parents in public speaks for the venue.
    PERFORM auth.require('reviews.reply', of_venue);
    SELECT * INTO k FROM public.venue_performance_scores AS s WHERE s.id = of_score AND s.venue_id = of_venue;
    IF k.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such score.', DETAIL = 'no_score';
    ELSIF about IS NULL OR about NOT IN ('feedback', 'repeat', 'cancellations', 'no_shows', 'all') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say which part of the score it is about.', DETAIL = 'component';
    ELSIF coalesce(btrim(why), '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say what is wrong with the score.', DETAIL = 'reason';
    ELSIF length(btrim(why)) > 2000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 2,000 characters.', DETAIL = 'reason';
    ELSIF EXISTS (SELECT 1 FROM public.venue_performance_scores AS s WHERE s.venue_id = of_venue
                     AND s.score_week_start = k.score_week_start AND s.revision > k.revision) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This score was worked out again.', HINT = 'Look at it again.',
            DETAIL = 'revised';
    END IF;
    INSERT INTO public.score_disputes AS x (venue_id, score_id, component, reason, opened_by)
    VALUES (of_venue, of_score, about, btrim(why), auth.user_id())
    ON CONFLICT (score_id) WHERE state = 'open' DO NOTHING
    RETURNING x.* INTO d;
    IF d.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'open_already',
            MESSAGE = format('%s asked about this score already.', coalesce((
                SELECT u.first_name FROM public.score_disputes AS o JOIN public.users AS u ON u.id = o.opened_by
                 WHERE o.score_id = of_score AND o.state = 'open'), 'Somebody')),
            HINT = 'Wait for the answer, or withdraw the question.';
    END IF;
    RETURN scores.dispute_facts(d);
END
$$;
COMMENT ON FUNCTION scores.dispute(uuid, uuid, text, text) IS 'Say something against a score; one open question for each.';

-- The dispute under its lock, as it was read and open, of one of these venues.
CREATE OR REPLACE FUNCTION scores.lock_open(of_dispute uuid, at_version integer, of_venues uuid[]) RETURNS public.score_disputes
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    d public.score_disputes;
BEGIN
    SELECT * INTO d FROM public.score_disputes AS x WHERE x.id = of_dispute AND x.venue_id = ANY (of_venues) FOR UPDATE;
    IF d.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such question.', DETAIL = 'no_dispute';
    ELSIF d.state = 'withdrawn' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'The venue withdrew this question.', DETAIL = 'withdrawn';
    ELSIF d.state <> 'open' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'answered',
            MESSAGE = format('%s answered this already.', (SELECT u.first_name FROM public.users AS u WHERE u.id = d.answered_by));
    ELSIF d.version IS DISTINCT FROM at_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this question.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    END IF;
    RETURN d;
END
$$;

CREATE OR REPLACE FUNCTION scores.withdraw(of_dispute uuid, at_version integer) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    venues constant uuid[] := auth.venue_ids('reviews.reply');
    d public.score_disputes;
BEGIN
    IF cardinality(venues) = 0 THEN
        PERFORM auth.require('reviews.reply', NULL);
    END IF;
    d := scores.lock_open(of_dispute, at_version, venues);
    UPDATE public.score_disputes AS x SET state = 'withdrawn' WHERE x.id = d.id RETURNING x.* INTO d;
    RETURN scores.dispute_facts(d);
END
$$;
COMMENT ON FUNCTION scores.withdraw(uuid, integer) IS 'Take back what was said against a score.';

-- Answer a venue. A dispute that is upheld works its week out again, whatever its age; the score follows the facts, so whoever
-- upholds one has set them right before.
CREATE OR REPLACE FUNCTION scores.answer(of_dispute uuid, at_version integer, uphold boolean, words text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    d public.score_disputes;
    week date;
    reader record;
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    d := scores.lock_open(of_dispute, at_version, auth.venue_ids('venues.approve'));
    IF d.opened_by = auth.user_id() THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'You asked this yourself.', HINT = 'Somebody else has to answer it.',
            DETAIL = 'own_dispute';
    END IF;
    PERFORM vetting.refuse_own(d.venue_id);
    IF uphold IS NULL OR coalesce(btrim(words), '') = '' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say what the venue is answered.', DETAIL = 'answer';
    ELSIF length(btrim(words)) > 2000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An answer has at most 2,000 characters.', DETAIL = 'answer';
    END IF;
    UPDATE public.score_disputes AS x
       SET state = CASE WHEN uphold THEN 'upheld' ELSE 'declined' END::public.dispute_state, answer = btrim(words),
           answered_by = auth.user_id(), answered_at = app.now()
     WHERE x.id = d.id RETURNING x.* INTO d;
    SELECT k.score_week_start INTO week FROM public.venue_performance_scores AS k WHERE k.id = d.score_id;
    IF uphold THEN
        PERFORM scores.compute(week, ARRAY[d.venue_id], 'dispute_upheld');
    END IF;
    FOR reader IN
        SELECT u.id, split_part(lower(u.preferred_language), '-', 1) AS lang
          FROM public.users AS u
         WHERE u.id = d.opened_by
            OR EXISTS (SELECT 1 FROM public.staff_grants AS g WHERE g.user_id = u.id AND g.venue_id = d.venue_id
                          AND g.role = 'manager' AND g.revoked_at IS NULL)
         ORDER BY u.id
    LOOP
        PERFORM notify.tell(reader.id, 'dispute_answered', jsonb_build_object(
            'venue_id', d.venue_id, 'venue', (SELECT v.name FROM public.venues AS v WHERE v.id = d.venue_id),
            'week', to_char(week, 'YYYY-MM-DD'), 'answer', d.answer,
            'outcome', CASE reader.lang
                WHEN 'es' THEN CASE WHEN uphold THEN 'Les damos la razón.' ELSE 'La puntuación se mantiene.' END
                WHEN 'ru' THEN CASE WHEN uphold THEN 'Мы с вами согласны.' ELSE 'Оценка остаётся прежней.' END
                ELSE CASE WHEN uphold THEN 'We agree with you.' ELSE 'The score stays as it is.' END END),
            format('dispute_answered:%s', d.id), 'score_dispute', d.id);
    END LOOP;
    RETURN scores.dispute_facts(d);
END
$$;
COMMENT ON FUNCTION scores.answer(uuid, integer, boolean, text) IS 'Answer what a venue said against its score.';
GRANT EXECUTE ON FUNCTION scores.disputes(), scores.dispute(uuid, uuid, text, text), scores.withdraw(uuid, integer),
    scores.answer(uuid, integer, boolean, text) TO console_client;
