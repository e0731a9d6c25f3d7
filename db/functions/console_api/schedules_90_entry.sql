-- Since version 0003.
-- The one door through which a programme is changed. A change is a JSON object with its `kind`; planning says what would
-- happen and writes nothing, applying does exactly what was confirmed, in one transaction, or refuses. docs/design.md,
-- "Rules of the domain" (schedules).

-- What a change would do. Every plan has the same shape, whatever its kind: `items` (sessions with what becomes of each),
-- `conflicts`, `hits` (bookings with what their parents are told), `facts` of the kind, and a fingerprint of it all.
CREATE OR REPLACE FUNCTION schedules.planned(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made jsonb;
BEGIN
    CASE change ->> 'kind'
        WHEN 'series_new', 'series_edit', 'series_end' THEN made := schedules.plan_series(at_venue, change);
        WHEN 'session_new', 'session_edit' THEN made := schedules.plan_session(at_venue, change);
        WHEN 'session_cancel', 'session_restore' THEN made := schedules.plan_cancel(at_venue, change);
        WHEN 'session_combine' THEN made := schedules.plan_combine(at_venue, change);
        WHEN 'closure_new', 'closure_lift' THEN made := schedules.plan_closure(at_venue, change);
        ELSE RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'There is no such change of a programme.', DETAIL = 'kind';
    END CASE;
    RETURN made || jsonb_build_object('fingerprint', encode(sha256(convert_to((made - 'said')::text, 'UTF8')), 'hex'));
END
$$;

CREATE OR REPLACE FUNCTION schedules.require_for(at_venue uuid, change jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.require('schedule.edit', at_venue);
    IF change ->> 'kind' IN ('session_cancel', 'session_restore', 'session_combine', 'closure_new', 'closure_lift', 'series_end') THEN
        PERFORM auth.require('session.cancel', at_venue);
    END IF;
    PERFORM schedules.require_shape(change);
END
$$;

CREATE OR REPLACE FUNCTION schedules.plan(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM schedules.require_for(at_venue, change);
    RETURN schedules.planned(at_venue, change);
END
$$;
COMMENT ON FUNCTION schedules.plan(uuid, jsonb) IS 'What a change of a venue''s programme would do; writes nothing.';
GRANT EXECUTE ON FUNCTION schedules.plan(uuid, jsonb) TO console_client;

-- Do what was planned, if that is still what would happen. `new_id` is the caller's: sent again, the answer is the same.
CREATE OR REPLACE FUNCTION schedules.apply(at_venue uuid, change jsonb, fingerprint text, new_id uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    plan jsonb;
    answer jsonb;
    made record;
BEGIN
    PERFORM schedules.require_for(at_venue, change);
    IF new_id IS NULL OR fingerprint IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Look at what would happen first.', DETAIL = 'fingerprint';
    END IF;
    -- One change of a venue's programme at a time; bookings and check-ins go on.
    PERFORM 1 FROM public.venues AS v WHERE v.id = at_venue FOR NO KEY UPDATE;
    SELECT c.venue_id, c.change, c.answer INTO made FROM public.programme_changes AS c WHERE c.id = new_id;
    IF FOUND THEN
        IF (made.venue_id, made.change) IS DISTINCT FROM (at_venue, change) THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This number stands for another change.',
                HINT = 'Look at what would happen again.', DETAIL = 'new_id';
        END IF;
        RETURN made.answer;
    END IF;
    -- The sessions meant are locked in the order in which every statement locks them, and only then looked at for good.
    plan := schedules.planned(at_venue, change);
    PERFORM 1 FROM public.activity_sessions AS s
      WHERE s.id IN (SELECT (i ->> 'session_id')::uuid FROM jsonb_array_elements(plan -> 'items') AS i)
      ORDER BY s.id FOR NO KEY UPDATE;
    plan := schedules.planned(at_venue, change);
    IF plan ->> 'fingerprint' <> fingerprint THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Something changed since you looked.',
            HINT = 'Look at the new preview and confirm again.', DETAIL = 'plan_changed';
    ELSIF jsonb_array_length(plan -> 'conflicts') > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Two sessions would overlap.',
            HINT = 'Skip the date, choose another room, or allow it.', DETAIL = 'conflict';
    END IF;
    CASE change ->> 'kind'
        WHEN 'series_new', 'series_edit', 'series_end' THEN answer := schedules.apply_series(at_venue, change, plan);
        WHEN 'session_new', 'session_edit' THEN answer := schedules.apply_session(at_venue, change, plan);
        WHEN 'session_cancel', 'session_restore' THEN answer := schedules.apply_cancel(at_venue, change, plan);
        WHEN 'session_combine' THEN answer := schedules.apply_combine(at_venue, change, plan);
        WHEN 'closure_new', 'closure_lift' THEN answer := schedules.apply_closure(at_venue, change, plan);
    END CASE;
    INSERT INTO public.programme_changes (id, venue_id, kind, change, answer, person_id, device_id)
    VALUES (new_id, at_venue, change ->> 'kind', change, answer, auth.user_id(), auth.device_id());
    RETURN answer;
END
$$;
COMMENT ON FUNCTION schedules.apply(uuid, jsonb, text, uuid) IS 'Do what a plan said, in one transaction, if that is still what would happen.';
GRANT EXECUTE ON FUNCTION schedules.apply(uuid, jsonb, text, uuid) TO console_client;
