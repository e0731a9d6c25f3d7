-- A place that a desk gave while it could not reach the server, told afterwards. docs/guides/offline.md.

-- Book a child (or the child of an earlier booking here) on a session as it was when the child came. Age and another booking are no
-- obstacle any more: the child was there. A session that was full, cancelled, or over by then still refuses, as do missing
-- credits. The check-in comes as an event of its own. new_id is the desk's: sent again, the answer is the same.
CREATE OR REPLACE FUNCTION bookings.report_walk_in(
    new_id uuid, for_session uuid, for_child uuid, for_booking uuid, payment text, happened_at timestamptz)
    RETURNS TABLE (booking_id uuid, confirmation_code text, charged integer, owed integer, credits_left integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue uuid;
    child uuid;
BEGIN
    at_venue := bookings.lock_session(for_session);
    PERFORM auth.require('booking.manage', at_venue);
    PERFORM auth.require('roster.read', at_venue);
    IF new_id IS NULL OR payment IS NULL OR payment NOT IN ('credits', 'owed') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say how the place is paid.', DETAIL = 'payment';
    ELSIF happened_at IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say when the child came.', DETAIL = 'happened_at';
    ELSIF happened_at < app.now() - interval '7 days' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This was more than a week ago.',
            HINT = 'Ask a manager to settle it.', DETAIL = 'too_long_ago';
    END IF;
    child := bookings.child_meant(for_child, for_booking, at_venue);
    IF NOT bookings.is_known(new_id, for_session, child) THEN
        PERFORM bookings.place(new_id, for_session, at_venue, child, NULL, NULL, payment,
                               ARRAY['too_young', 'too_old', 'elsewhere'], least(happened_at, app.now()));
    END IF;
    RETURN QUERY
    SELECT b.id, b.confirmation_code::text, p.charged, p.owed, credits.spendable(b.booked_by)
      FROM public.bookings AS b, bookings.paid(b.id) AS p WHERE b.id = new_id;
END
$$;
COMMENT ON FUNCTION bookings.report_walk_in(uuid, uuid, uuid, uuid, text, timestamptz)
    IS 'Book a child that was given a place while the server could not be reached.';
GRANT EXECUTE ON FUNCTION bookings.report_walk_in(uuid, uuid, uuid, uuid, text, timestamptz) TO console_client;
