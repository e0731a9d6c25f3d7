-- The queue of a full session.

-- Put a child at the end of it; asked again, the answer is the place it has. 1 is next.
CREATE OR REPLACE FUNCTION bookings.join_waitlist(
    for_session uuid, for_child uuid DEFAULT NULL, for_booking uuid DEFAULT NULL)
    RETURNS TABLE (waitlist_id uuid, place integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue uuid;
    child uuid;
    verdict record;
BEGIN
    at_venue := bookings.lock_session(for_session);
    PERFORM auth.require('waitlist.manage', at_venue);
    PERFORM auth.require('roster.read', at_venue);
    child := bookings.child_meant(for_child, for_booking, at_venue);
    IF NOT EXISTS (SELECT 1 FROM public.waitlist AS w
                    WHERE w.session_id = for_session AND w.child_id = child AND w.is_active) THEN
        verdict := bookings.judge(for_session, child, NULL);
        IF verdict.blocked IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session has a free place.', HINT = 'Book it instead.',
                DETAIL = 'not_full';
        ELSIF verdict.blocked <> 'full' THEN
            PERFORM bookings.refuse(for_session, child, verdict.blocked, NULL);
        END IF;
        INSERT INTO public.waitlist (session_id, venue_id, child_id, user_id)
        SELECT for_session, at_venue, c.id, c.parent_id FROM public.children AS c WHERE c.id = child;
    END IF;
    RETURN QUERY
    SELECT w.id, (SELECT count(*)::integer FROM public.waitlist AS o
                   WHERE o.session_id = for_session AND o.is_active AND o.position <= w.position)
      FROM public.waitlist AS w WHERE w.session_id = for_session AND w.child_id = child AND w.is_active;
END
$$;
COMMENT ON FUNCTION bookings.join_waitlist(uuid, uuid, uuid) IS 'Put a child into the queue of a full session.';
GRANT EXECUTE ON FUNCTION bookings.join_waitlist(uuid, uuid, uuid) TO console_client;
