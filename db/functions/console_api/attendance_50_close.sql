-- Closing a session: who came has completed it, whom the desk names did not come, about everybody else nobody said anything.
-- Incomplete is not absent. docs/design.md, "Rules of the domain" (attendance). Locks go session, bookings, balances.

-- What a closed session came to, of the children its roster shows.
CREATE OR REPLACE FUNCTION attendance.closing_of(of_session uuid)
    RETURNS TABLE (session_id uuid, closed_at timestamptz, came integer, no_shows integer, unmarked integer, still_in integer,
                   forfeited_credits integer)
    LANGUAGE plpgsql STABLE ROWS 1
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT s.id, s.closed_at,
           (count(b.id) FILTER (WHERE b.attendance_state IN ('in', 'out') OR b.status = 'completed'))::integer,
           (count(b.id) FILTER (WHERE b.attendance_state NOT IN ('in', 'out') AND b.status = 'no_show'))::integer,
           (count(b.id) FILTER (WHERE b.attendance_state = 'unmarked' AND b.status IN ('pending', 'confirmed')))::integer,
           (count(b.id) FILTER (WHERE b.attendance_state = 'in'))::integer,
           coalesce(sum((SELECT sum(l.forfeited_amount) FROM public.credit_ledger AS l WHERE l.booking_id = b.id))
                    FILTER (WHERE b.status = 'no_show'), 0)::integer
      FROM public.activity_sessions AS s
      LEFT JOIN public.bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id
           AND (app.holds_place(b.status) OR b.attendance_event_id IS NOT NULL) AND desk.is_shown(b.child_id)
     WHERE s.id = of_session
     GROUP BY s.id, s.closed_at;
END
$$;

-- The bookings that a list of a desk's absent events is about; NX422 for a list that says anything else.
CREATE OR REPLACE FUNCTION attendance.named_absent(events jsonb, of_session uuid) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    named uuid[];
BEGIN
    PERFORM attendance.check_batch(events);
    SELECT coalesce(array_agg(e.booking_id), '{}') INTO named
      FROM attendance.read_batch(events) AS e
      JOIN public.bookings AS b ON b.id = e.booking_id AND b.session_id = of_session
     WHERE e.kind = 'absent' AND e.origin = 'live' AND (e.session_id IS NULL OR e.session_id = of_session);
    IF cardinality(named) <> jsonb_array_length(events) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A closing names children of its own session only.',
            DETAIL = 'malformed_closing';
    END IF;
    RETURN named;
END
$$;

-- Close a session; `events` are the desk's absent events for the children it names as no-shows. All or nothing; closed already,
-- the answer is what it came to.
CREATE OR REPLACE FUNCTION attendance.close_session(of_session uuid, events jsonb DEFAULT '[]')
    RETURNS TABLE (session_id uuid, closed_at timestamptz, came integer, no_shows integer, unmarked integer, still_in integer,
                   forfeited_credits integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue constant uuid := desk.reach(of_session);
    named uuid[];
    s record;
    changed record;
    one record;
BEGIN
    PERFORM auth.require('session.close', at_venue);
    SELECT x.starts_at, x.closed_at, x.is_cancelled INTO s FROM public.activity_sessions AS x
     WHERE x.id = of_session FOR NO KEY UPDATE;
    IF s.closed_at IS NOT NULL THEN
        RETURN QUERY SELECT c.* FROM attendance.closing_of(of_session) AS c;
        RETURN;
    ELSIF s.is_cancelled THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session was cancelled.', DETAIL = 'session_cancelled';
    ELSIF app.now() < s.starts_at THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session has not started yet.',
            HINT = 'Close it when it is over.', DETAIL = 'too_early';
    END IF;
    named := attendance.named_absent(events, of_session);
    PERFORM 1 FROM public.bookings AS b WHERE b.session_id = of_session AND b.venue_id = at_venue ORDER BY b.id FOR NO KEY UPDATE;
    -- Another statement, hence another snapshot: whoever held a booking's lock has committed by now.
    SELECT c.first_name, b.attendance_state INTO changed
      FROM public.bookings AS b JOIN public.children AS c ON c.id = b.child_id
     WHERE b.id = ANY (named) AND (b.status <> 'confirmed' OR b.attendance_state NOT IN ('expected', 'absent')
                                   OR NOT desk.is_shown(b.child_id))
     ORDER BY lower(c.first_name), b.id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = CASE
                WHEN changed.attendance_state IN ('in', 'out') THEN format('%s was checked in meanwhile.', changed.first_name)
                ELSE 'The roster has changed meanwhile.' END,
            HINT = 'Look at the list again.', DETAIL = 'roster_changed';
    END IF;
    IF cardinality(named) > 0 AND EXISTS (
        SELECT 1 FROM attendance.record(events) AS r WHERE r.state IS DISTINCT FROM 'absent') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'The roster has changed meanwhile.',
            HINT = 'Look at the list again.', DETAIL = 'roster_changed';
    END IF;
    UPDATE public.activity_sessions AS x SET
        is_completed = true, completed_at = app.now(), closed_at = app.now(), closed_by = auth.user_id()
     WHERE x.id = of_session;
    UPDATE public.bookings AS b SET
        status = CASE WHEN b.attendance_state IN ('in', 'out') THEN 'completed'
                      WHEN b.attendance_state = 'absent' THEN 'no_show' ELSE b.status END,
        attendance_state = CASE WHEN b.attendance_state = 'expected' THEN 'unmarked' ELSE b.attendance_state END
     WHERE b.session_id = of_session AND b.venue_id = at_venue
       AND (b.status = 'confirmed' OR (b.status = 'pending' AND b.attendance_state = 'expected'));
    INSERT INTO public.review_items (venue_id, kind, booking_id, session_id, summary)
    SELECT at_venue, 'unmarked_after_close', b.id, of_session, 'Nobody said whether the child came.'
      FROM public.bookings AS b
     WHERE b.session_id = of_session AND b.venue_id = at_venue AND b.status IN ('pending', 'confirmed')
       AND b.attendance_state = 'unmarked' AND desk.is_shown(b.child_id)
     ORDER BY b.id;
    -- Parents in one order at every desk: two closings may be about the same families.
    FOR one IN
        SELECT b.id FROM public.bookings AS b
         WHERE b.session_id = of_session AND b.venue_id = at_venue AND b.status = 'no_show' ORDER BY b.booked_by, b.id
    LOOP
        PERFORM credits.forfeit_no_show(one.id);
    END LOOP;
    RETURN QUERY SELECT c.* FROM attendance.closing_of(of_session) AS c;
END
$$;
COMMENT ON FUNCTION attendance.close_session(uuid, jsonb) IS 'Close a session; the children named did not come.';
GRANT EXECUTE ON FUNCTION attendance.close_session(uuid, jsonb) TO console_client;

-- Take a closing back: bookings are confirmed again, what was forfeited is not, marks stay. For those who may cancel a session, because
-- it moves what families paid just as that does; not once a payout has counted it.
CREATE OR REPLACE FUNCTION attendance.reopen_session(of_session uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    s record;
    one record;
BEGIN
    SELECT x.venue_id, x.closed_at INTO s FROM public.activity_sessions AS x
     WHERE x.id = of_session AND x.venue_id = ANY (auth.venue_ids());
    IF s.venue_id IS NULL THEN
        IF auth.user_id() IS NULL AND NOT auth.is_administrator() THEN
            PERFORM auth.require('session.cancel', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such session here.', DETAIL = 'no_session';
    END IF;
    PERFORM auth.require('session.cancel', s.venue_id);
    SELECT x.venue_id, x.closed_at INTO s FROM public.activity_sessions AS x WHERE x.id = of_session FOR NO KEY UPDATE;
    IF s.closed_at IS NULL THEN
        RETURN;
    END IF;
    PERFORM 1 FROM public.bookings AS b WHERE b.session_id = of_session AND b.venue_id = s.venue_id ORDER BY b.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT 1 FROM public.payout_lines AS p WHERE p.session_id = of_session AND p.venue_id = s.venue_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'A payout has counted this session already.',
            HINT = 'Correct it in the next payout.', DETAIL = 'paid_out';
    END IF;
    FOR one IN
        SELECT b.id FROM public.bookings AS b
         WHERE b.session_id = of_session AND b.venue_id = s.venue_id AND b.status = 'no_show' ORDER BY b.booked_by, b.id
    LOOP
        PERFORM credits.unforfeit(one.id);
    END LOOP;
    UPDATE public.activity_sessions AS x SET is_completed = false, completed_at = NULL, closed_at = NULL, closed_by = NULL,
           reopened_at = app.now(), reopened_by = auth.user_id()
     WHERE x.id = of_session;
    UPDATE public.bookings AS b SET
        status = CASE WHEN b.status IN ('completed', 'no_show') THEN 'confirmed' ELSE b.status END,
        attendance_state = CASE WHEN b.attendance_state = 'unmarked' THEN 'expected' ELSE b.attendance_state END
     WHERE b.session_id = of_session AND b.venue_id = s.venue_id
       AND (b.status IN ('completed', 'no_show') OR b.attendance_state = 'unmarked');
    UPDATE public.review_items AS r SET
        resolved_at = app.now(), resolved_by = auth.user_id(), resolution = 'The session was opened again.'
     WHERE r.session_id = of_session AND r.venue_id = s.venue_id AND r.kind = 'unmarked_after_close' AND r.resolved_at IS NULL
       AND auth.user_id() IS NOT NULL;
END
$$;
COMMENT ON FUNCTION attendance.reopen_session(uuid) IS 'Take the closing of a session back.';
GRANT EXECUTE ON FUNCTION attendance.reopen_session(uuid) TO console_client;
