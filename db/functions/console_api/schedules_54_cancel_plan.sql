-- Since version 0003.
-- Cancelling one session and taking it back, as schedules.plan and schedules.apply ask for it. docs/design.md, "Rules of the
-- domain" (schedules).

CREATE OR REPLACE FUNCTION schedules.plan_cancel(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    s constant public.activity_sessions := schedules.session_at(at_venue, change ->> 'session_id', change ->> 'version');
    reason constant text := nullif(btrim(change ->> 'reason'), '');
    places uuid[];
    inside integer;
    shut text;
BEGIN
    IF change ->> 'kind' = 'session_restore' THEN
        IF NOT s.is_cancelled THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session takes place.', DETAIL = 'not_cancelled';
        ELSIF s.starts_at <= app.now() THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session would have started already.',
                HINT = 'Make a new one.', DETAIL = 'session_over';
        END IF;
        shut := schedules.shut_at(s.id, NULL);
        IF shut IS NOT NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = format('The venue is closed then: %s.', shut),
                HINT = 'Lift the closure first.', DETAIL = 'closed_then';
        END IF;
        places := schedules.lost_places(s.id);
        RETURN jsonb_build_object(
            'items', jsonb_build_array(schedules.item_of(s.id, 'restored', true, cardinality(places), NULL)),
            'conflicts', CASE WHEN (change ->> 'allow')::boolean THEN '[]'::jsonb ELSE schedules.clashes_of(ARRAY[s.id]) END,
            'hits', schedules.hits_of(places, 'restored', 'session_restored', '{}'), 'waiting', 0, 'facts', '{}'::jsonb,
            'said', '{}'::jsonb);
    END IF;
    IF s.is_cancelled THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session was cancelled already.', DETAIL = 'session_cancelled';
    ELSIF s.closed_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session is closed.', HINT = 'Open it again first.',
            DETAIL = 'session_over';
    END IF;
    SELECT count(*) INTO inside FROM public.bookings AS b WHERE b.session_id = s.id AND b.attendance_state = 'in';
    IF inside > 0 THEN
        PERFORM schedules.refuse_inside(inside);
    END IF;
    places := schedules.standing(ARRAY[s.id]);
    RETURN jsonb_build_object(
        'items', jsonb_build_array(schedules.item_of(s.id, 'cancelled', false, cardinality(places), reason)),
        'conflicts', '[]'::jsonb,
        'hits', schedules.hits_of(places, 'cancelled', 'session_cancelled', jsonb_build_object('reason', coalesce(reason, ''))),
        'waiting', schedules.waiting_for(ARRAY[s.id]), 'facts', '{}'::jsonb, 'said', '{}'::jsonb);
END
$$;

CREATE OR REPLACE FUNCTION schedules.apply_cancel(at_venue uuid, change jsonb, plan jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_session constant uuid := (change ->> 'session_id')::uuid;
    told integer;
BEGIN
    IF change ->> 'kind' = 'session_restore' THEN
        told := schedules.restore_sessions(ARRAY[of_session]);
        RETURN jsonb_build_object('created', 0, 'changed', 1, 'cancelled', 0, 'told', told, 'session_id', of_session);
    END IF;
    PERFORM schedules.require_reason(change);
    told := schedules.cancel_sessions(ARRAY[of_session], change ->> 'reason', (CASE WHEN (change ->> 'is_weather')::boolean
        THEN 'weather' ELSE 'venue_cancelled' END)::public.cancellation_reason_type, NULL);
    RETURN jsonb_build_object('created', 0, 'changed', 0, 'cancelled', 1, 'told', told, 'session_id', of_session);
END
$$;

-- Parents read the reason: there is one, of a length that fits into a message.
CREATE OR REPLACE FUNCTION schedules.require_reason(change jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF nullif(btrim(change ->> 'reason'), '') IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say why, because parents will ask.', DETAIL = 'reason';
    ELSIF length(change ->> 'reason') > 500 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 500 characters.', DETAIL = 'reason';
    END IF;
END
$$;
