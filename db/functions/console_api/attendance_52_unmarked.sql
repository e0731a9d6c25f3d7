-- Afterwards: about whom nobody said anything before the session was closed, and saying it. docs/design.md, "Rules of the domain".

-- Children of the closed sessions of the last days whom nobody marked: as far back as rosters are open (two days), for managers a
-- week. Oldest session first.
CREATE OR REPLACE FUNCTION desk.unmarked(at_venue uuid)
    RETURNS TABLE (booking_id uuid, session_id uuid, first_name text, age_months integer, parent_first_name text,
                   parent_phone text, activity_name text, starts_at timestamptz, credits integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    today date;
    days integer;
BEGIN
    PERFORM auth.require('roster.read', at_venue);
    PERFORM auth.require('session.close', at_venue);
    days := CASE WHEN auth.has('review_items.resolve', at_venue) THEN 7 ELSE 2 END;
    SELECT (app.now() AT TIME ZONE v.timezone)::date INTO today FROM public.venues AS v WHERE v.id = at_venue;
    RETURN QUERY
    SELECT b.id, s.id, c.first_name::text, desk.months_old(c.date_of_birth, s.session_date), p.first_name::text, p.phone::text,
           a.name::text, s.starts_at, b.credits_charged
      FROM public.activity_sessions AS s
      JOIN public.bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id AND b.attendance_state = 'unmarked'
           AND b.status IN ('pending', 'confirmed')
      JOIN public.activities AS a ON a.id = s.activity_id
      JOIN public.children AS c ON c.id = b.child_id
      LEFT JOIN public.users AS p ON p.id = c.parent_id
     WHERE s.venue_id = at_venue AND s.session_date BETWEEN today - days AND today AND s.closed_at IS NOT NULL
       AND desk.is_shown(c.id)
     ORDER BY s.starts_at, lower(c.first_name), b.id;
END
$$;
COMMENT ON FUNCTION desk.unmarked(uuid) IS 'Children of closed sessions about whom nobody said anything.';
GRANT EXECUTE ON FUNCTION desk.unmarked(uuid) TO console_client;

-- Say whether an unmarked child came. `events` are the desk's own, queued because the session is over: check_in and check_out for one
-- who came, absent for one who did not. They are recorded as any others, at the moment they were written down, so that the
-- booking's state stays what its events add up to; the items they and the closing opened are settled with them.
CREATE OR REPLACE FUNCTION attendance.settle_unmarked(of_booking uuid, came boolean, events jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    b record;
    days integer;
    wanted constant public.attendance_kind[] :=
        CASE WHEN came THEN ARRAY['check_in', 'check_out']::public.attendance_kind[]
             ELSE ARRAY['absent']::public.attendance_kind[] END;
BEGIN
    SELECT k.session_id, k.venue_id, k.child_id INTO b FROM public.bookings AS k
     WHERE k.id = of_booking AND k.venue_id = ANY (auth.venue_ids());
    IF b.session_id IS NULL OR NOT desk.is_shown(b.child_id) THEN
        IF auth.user_id() IS NULL THEN
            PERFORM auth.require('session.close', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such booking here.', DETAIL = 'no_booking';
    END IF;
    PERFORM auth.require('roster.read', b.venue_id);
    SELECT (app.now() AT TIME ZONE s.timezone)::date - s.session_date INTO days
      FROM public.activity_sessions AS s WHERE s.id = b.session_id FOR NO KEY UPDATE;
    IF days > 2 THEN
        PERFORM auth.require('review_items.resolve', b.venue_id);
    ELSE
        PERFORM auth.require('session.close', b.venue_id);
    END IF;
    IF came IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say whether the child came.', DETAIL = 'came';
    END IF;
    PERFORM attendance.check_batch(events);
    IF wanted IS DISTINCT FROM (SELECT array_agg(e.kind ORDER BY e.ord) FROM attendance.read_batch(events) AS e
                                 WHERE e.booking_id = of_booking AND e.origin = 'queued')
       OR jsonb_array_length(events) <> cardinality(wanted) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'These events do not say whether the child came.',
            DETAIL = 'malformed_settlement';
    END IF;
    SELECT k.session_id, k.venue_id, k.child_id, k.status, k.attendance_state, s.closed_at INTO b
      FROM public.bookings AS k JOIN public.activity_sessions AS s ON s.id = k.session_id
     WHERE k.id = of_booking FOR NO KEY UPDATE OF k;
    IF (came AND b.status = 'completed') OR (NOT came AND b.status = 'no_show') THEN
        RETURN;
    ELSIF b.closed_at IS NULL OR b.attendance_state <> 'unmarked' OR b.status NOT IN ('pending', 'confirmed') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody has settled this already.',
            HINT = 'Look at the list again.', DETAIL = 'not_unmarked';
    END IF;
    IF EXISTS (SELECT 1 FROM attendance.record(events) AS r
                WHERE r.outcome NOT IN ('applied', 'applied_with_review')) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This could not be recorded.', HINT = 'Look at the list again.',
            DETAIL = 'not_unmarked';
    END IF;
    UPDATE public.bookings AS k SET status = CASE WHEN came THEN 'completed' ELSE 'no_show' END::public.booking_status
     WHERE k.id = of_booking;
    UPDATE public.review_items AS r SET
        resolved_at = app.now(), resolved_by = auth.user_id(),
        resolution = CASE WHEN came THEN 'The child came.' ELSE 'The child did not come.' END
     WHERE r.booking_id = of_booking AND r.venue_id = b.venue_id AND r.resolved_at IS NULL
       AND (r.kind = 'unmarked_after_close'
            OR r.event_id IN (SELECT e.id FROM attendance.read_batch(events) AS e));
    IF NOT came THEN
        PERFORM credits.forfeit_no_show(of_booking);
    END IF;
END
$$;
COMMENT ON FUNCTION attendance.settle_unmarked(uuid, boolean, jsonb) IS 'Say afterwards whether an unmarked child came.';
GRANT EXECUTE ON FUNCTION attendance.settle_unmarked(uuid, boolean, jsonb) TO console_client;
