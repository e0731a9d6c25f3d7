-- Since version 0003.
-- The nightly close: what nobody closed on its day. Who is still in is checked out, about everybody else nobody said anything:
-- incomplete is not absent. docs/design.md, "Rules of the domain" (attendance). Locks go sessions in id order, bookings, balances.

-- Close the sessions that ended before the last midnight of their venue's clock, oldest first, at most so many; how many.
-- One that a manager opened again waits for the midnight after that.
CREATE OR REPLACE FUNCTION attendance.close_overdue(at_most integer) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    -- The worker as a desk and as a person: nobody. Events carry it where people look for who did it.
    nobody constant uuid := '00000000-0000-0000-0000-000000000000';
    overdue uuid[];
    held uuid[];
    last_seq bigint;
    one record;
BEGIN
    SELECT coalesce(array_agg(d.id), '{}') INTO overdue FROM (
        SELECT s.id FROM public.activity_sessions AS s JOIN public.venues AS v ON v.id = s.venue_id
          CROSS JOIN LATERAL (SELECT schedules.instant((app.now() AT TIME ZONE v.timezone)::date, time '00:00', v.timezone) AS at
                               OFFSET 0) AS midnight
         WHERE s.closed_at IS NULL AND NOT s.is_cancelled AND s.ends_at <= app.now()
           AND greatest(s.ends_at, s.reopened_at) <= midnight.at
         ORDER BY s.ends_at, s.id LIMIT at_most) AS d;
    IF cardinality(overdue) = 0 THEN
        RETURN 0;
    END IF;
    -- What somebody else holds is closed by the next run: nobody at one venue keeps all the others waiting.
    SELECT coalesce(array_agg(h.id), '{}') INTO overdue FROM (
        SELECT s.id FROM public.activity_sessions AS s WHERE s.id = ANY (overdue) ORDER BY s.id FOR NO KEY UPDATE SKIP LOCKED) AS h;
    -- Another statement, hence another snapshot: a desk may have closed one of them meanwhile.
    SELECT coalesce(array_agg(s.id), '{}') INTO overdue FROM public.activity_sessions AS s
     WHERE s.id = ANY (overdue) AND s.closed_at IS NULL AND NOT s.is_cancelled;
    SELECT coalesce(array_agg(h.id), '{}') INTO held FROM (
        SELECT b.id FROM public.bookings AS b WHERE b.session_id = ANY (overdue) ORDER BY b.id FOR NO KEY UPDATE SKIP LOCKED) AS h;
    SELECT coalesce(array_agg(o.id), '{}') INTO overdue FROM unnest(overdue) AS o (id)
     WHERE NOT EXISTS (SELECT 1 FROM public.bookings AS b WHERE b.session_id = o.id AND b.id <> ALL (held));
    -- And so are the balances that a no-show forfeits from.
    SELECT coalesce(array_agg(h.id), '{}') INTO held FROM (
        SELECT c.id FROM public.user_credit_balances AS c
         WHERE c.user_id IN (SELECT b.booked_by FROM public.bookings AS b
                              WHERE b.session_id = ANY (overdue) AND (b.attendance_state = 'absent' OR b.status = 'no_show'))
         ORDER BY c.user_id, c.billing_period_start FOR NO KEY UPDATE SKIP LOCKED) AS h;
    SELECT coalesce(array_agg(o.id), '{}') INTO overdue FROM unnest(overdue) AS o (id)
     WHERE NOT EXISTS (SELECT 1 FROM public.bookings AS b JOIN public.user_credit_balances AS c ON c.user_id = b.booked_by
                        WHERE b.session_id = o.id AND (b.attendance_state = 'absent' OR b.status = 'no_show')
                          AND c.id <> ALL (held));

    SELECT coalesce(max(e.seq), 0) INTO last_seq FROM public.attendance_events AS e WHERE e.device_id = nobody;
    WITH still_in AS (
        SELECT gen_random_uuid() AS event_id, b.id, b.venue_id, b.session_id,
               -- Nobody knows when the child left: at the end, or at once for one who came after it.
               greatest(s.ends_at, b.attendance_at + interval '1 second') AS left_at,
               last_seq + row_number() OVER (ORDER BY b.id) AS seq
          FROM public.bookings AS b JOIN public.activity_sessions AS s ON s.id = b.session_id AND s.venue_id = b.venue_id
         WHERE b.session_id = ANY (overdue) AND b.attendance_state = 'in'
    ), recorded AS (
        INSERT INTO public.attendance_events (id, venue_id, device_id, seq, booking_id, session_id, kind, occurred_at, recorded_at,
                                              person_id, origin, outcome, detail)
        SELECT i.event_id, i.venue_id, nobody, i.seq, i.id, i.session_id, 'check_out', i.left_at, app.now(), nobody, 'live',
               'applied', '{"by": "nightly_close"}'
          FROM still_in AS i
    )
    UPDATE public.bookings AS b SET
        attendance_state = 'out', attendance_at = i.left_at, attendance_event_id = i.event_id, checked_out_at = i.left_at,
        attendance_marked = true, attendance_marked_at = i.left_at, attendance_marked_by = nobody
      FROM still_in AS i WHERE b.id = i.id;

    UPDATE public.activity_sessions AS s SET is_completed = true, completed_at = app.now(), closed_at = app.now(), closed_by = NULL
     WHERE s.id = ANY (overdue);
    UPDATE public.bookings AS b SET
        status = CASE WHEN b.attendance_state IN ('in', 'out') THEN 'completed'
                      WHEN b.attendance_state = 'absent' THEN 'no_show' ELSE b.status END,
        attendance_state = CASE WHEN b.attendance_state = 'expected' THEN 'unmarked' ELSE b.attendance_state END
     WHERE b.session_id = ANY (overdue)
       AND (b.status = 'confirmed' OR (b.status = 'pending' AND b.attendance_state = 'expected'));
    INSERT INTO public.review_items (venue_id, kind, booking_id, session_id, summary)
    SELECT b.venue_id, 'unmarked_after_close', b.id, b.session_id, 'Nobody said whether the child came.'
      FROM public.bookings AS b
     WHERE b.session_id = ANY (overdue) AND b.status IN ('pending', 'confirmed') AND b.attendance_state = 'unmarked'
       AND desk.is_shown(b.child_id)
       -- A session that was opened again may have asked already.
       AND NOT EXISTS (SELECT 1 FROM public.review_items AS r WHERE r.booking_id = b.id AND r.venue_id = b.venue_id
                          AND r.kind = 'unmarked_after_close' AND r.resolved_at IS NULL)
     ORDER BY b.id;
    FOR one IN
        SELECT b.id FROM public.bookings AS b WHERE b.session_id = ANY (overdue) AND b.status = 'no_show' ORDER BY b.booked_by, b.id
    LOOP
        PERFORM credits.forfeit_no_show(one.id);
    END LOOP;
    RETURN cardinality(overdue);
END
$$;
COMMENT ON FUNCTION attendance.close_overdue(integer) IS 'Close the sessions of earlier days that nobody closed; how many.';
GRANT EXECUTE ON FUNCTION attendance.close_overdue(integer) TO console_jobs;
