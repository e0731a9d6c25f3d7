-- What else needs a look once queued events are recorded, beside what judging each of them says (attendance.open_reviews): two
-- desks that say different things, more children than places, a child collected by nobody. docs/design.md, "The desk protocol".

-- Open the items of a batch's new queued events. Only of those: whoever acts live sees the state and is asked on the screen.
CREATE OR REPLACE FUNCTION attendance.open_queued_reviews(asked uuid[], known uuid[]) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    WITH fresh AS MATERIALIZED (
        SELECT e.id, e.venue_id, e.device_id, e.booking_id, e.session_id, e.kind, e.occurred_at, e.outcome, e.detail,
               e.pickup_person_id, e.pickup_name, b.child_id, b.attendance_state, b.checked_in_at, b.checked_out_at
          FROM public.attendance_events AS e
          JOIN public.bookings AS b ON b.id = e.booking_id
         WHERE e.id = ANY (asked) AND e.id <> ALL (known) AND e.origin = 'queued' AND e.kind <> 'annul'
           AND e.outcome IN ('applied', 'already')
    )
    INSERT INTO public.review_items (venue_id, kind, topic, booking_id, session_id, event_id, summary)
    -- Two sessions at once: the stay overlaps another one here. One that nobody ended is over when its session is.
    SELECT f.venue_id, 'other'::public.review_item_kind, 'two_sessions', f.booking_id, f.session_id, f.id,
           'Checked in at two sessions at the same time.'
      FROM fresh AS f
      JOIN public.activity_sessions AS s ON s.id = f.session_id
     WHERE f.kind = 'check_in' AND f.outcome = 'applied' AND f.attendance_state IN ('in', 'out') AND EXISTS (
           SELECT 1 FROM public.bookings AS k JOIN public.activity_sessions AS o ON o.id = k.session_id
            WHERE k.child_id = f.child_id AND k.venue_id = f.venue_id AND k.session_id <> f.session_id
              AND k.attendance_state IN ('in', 'out')
              AND k.checked_in_at < coalesce(f.checked_out_at, greatest(s.ends_at, f.occurred_at + interval '1 minute'))
              AND coalesce(k.checked_out_at, o.ends_at) > f.checked_in_at)
    UNION ALL
    -- Somebody said meanwhile that the child did not come.
    SELECT f.venue_id, 'other'::public.review_item_kind, 'absent_but_came', f.booking_id, f.session_id, f.id,
           'Checked in at one desk, marked absent later at another.'
      FROM fresh AS f
     WHERE f.kind = 'check_in' AND f.outcome = 'applied' AND f.attendance_state = 'absent'
    UNION ALL
    -- Two desks let the child go with different people.
    SELECT f.venue_id, 'other'::public.review_item_kind, 'two_collectors', f.booking_id, f.session_id, f.id,
           'Two desks checked the child out to different people.'
      FROM fresh AS f
      JOIN public.attendance_events AS n ON n.id = (f.detail ->> 'basis')::uuid
     WHERE f.kind = 'check_out' AND f.outcome = 'already' AND n.device_id <> f.device_id
       AND num_nonnulls(f.pickup_person_id, f.pickup_name) > 0
       AND (f.pickup_person_id, lower(btrim(f.pickup_name)))
           IS DISTINCT FROM (n.pickup_person_id, lower(btrim(n.pickup_name)))
    UNION ALL
    SELECT f.venue_id, 'other'::public.review_item_kind, 'collector_missing', f.booking_id, f.session_id, f.id,
           'Checked out without saying who collected the child.'
      FROM fresh AS f
     WHERE f.kind = 'check_out' AND f.outcome = 'applied' AND num_nonnulls(f.pickup_person_id, f.pickup_name) = 0
    UNION ALL
    -- More children than places: about the session, not about a child. One open item for each is enough.
    SELECT c.venue_id, 'over_capacity', NULL, NULL, c.session_id, c.id,
           format('%s children were in, for %s places.', c.inside, c.total_capacity)
      FROM (SELECT DISTINCT ON (f.session_id) f.venue_id, f.session_id, f.id, s.total_capacity,
                   (SELECT count(*) FROM public.bookings AS k
                     WHERE k.session_id = f.session_id AND k.attendance_state = 'in') AS inside
              FROM fresh AS f JOIN public.activity_sessions AS s ON s.id = f.session_id
             WHERE f.kind = 'check_in' AND f.outcome = 'applied' AND f.attendance_state = 'in'
             ORDER BY f.session_id, f.occurred_at DESC, f.id) AS c
     WHERE c.inside > c.total_capacity AND NOT EXISTS (
           SELECT 1 FROM public.review_items AS r
            WHERE r.session_id = c.session_id AND r.venue_id = c.venue_id AND r.kind = 'over_capacity'
              AND r.resolved_at IS NULL);
END
$$;
COMMENT ON FUNCTION attendance.open_queued_reviews(uuid[], uuid[]) IS 'Open review items for what a batch''s queued events contradict.';
