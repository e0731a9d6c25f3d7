-- Since version 0003.
-- First come, first served: a free place is held for the first who waits, for some hours, then for the next. Whoever changes a
-- queue holds its session's lock, so that two freed places, two desks and an expiry in one moment happen one after the other.
-- docs/design.md, "Rules of the domain" (waitlist).

-- Bring a session's queue up to date: offers that ran out end, free places are offered to the next. Those who were passed over
-- come after everybody who was not asked yet; `not_to` was passed over in this very moment. The answer is how many offers were
-- made. Called by the trigger on sessions, by the desk and by the worker.
CREATE OR REPLACE FUNCTION bookings.settle_queue(of_session uuid, not_to uuid DEFAULT NULL) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    s record;
    one record;
    free integer;
    until timestamptz;
    made integer := 0;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.waitlist AS w WHERE w.session_id = of_session AND w.is_active) THEN
        RETURN 0;
    END IF;
    SELECT x.starts_at, x.total_capacity, x.is_cancelled, x.closed_at, x.venue_id INTO s FROM public.activity_sessions AS x
     WHERE x.id = of_session FOR NO KEY UPDATE;
    FOR one IN
        UPDATE public.waitlist AS w SET is_active = false, response = 'expired', responded_at = app.now(), removed_at = app.now(),
               removed_reason = 'spot_expired'
         WHERE w.session_id = of_session AND w.is_active AND w.response IS NULL AND w.spot_expires_at <= app.now()
        RETURNING w.id
    LOOP
        PERFORM bookings.tell_waiting(one.id, 'waitlist_expired');
    END LOOP;
    -- A suspended venue takes nobody in; when it opens again the worker goes on with the queue.
    IF s.is_cancelled OR s.closed_at IS NOT NULL OR s.starts_at <= app.now()
            OR (SELECT v.status FROM public.venues AS v WHERE v.id = s.venue_id) = 'suspended' THEN
        RETURN 0;
    END IF;
    free := bookings.places_left(of_session, NULL);
    until := least(s.starts_at, app.now() + (
        SELECT p.value::text::numeric * interval '1 hour' FROM public.platform_settings AS p
         WHERE p.key = 'waitlist_confirmation_hours'));
    FOR one IN
        SELECT w.id FROM public.waitlist AS w
         WHERE w.session_id = of_session AND w.is_active AND w.spot_offered_at IS NULL AND w.id IS DISTINCT FROM not_to
           AND bookings.may_be_offered(w.session_id, w.child_id)
         ORDER BY w.skipped_at NULLS FIRST, w.position LIMIT free
    LOOP
        UPDATE public.waitlist AS w SET spot_offered_at = app.now(), spot_expires_at = until WHERE w.id = one.id;
        PERFORM bookings.tell_waiting(one.id, 'waitlist_offered');
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION bookings.settle_queue(uuid, uuid) IS 'End the offers of a session that ran out and offer its free places to the next.';
GRANT EXECUTE ON FUNCTION bookings.settle_queue(uuid, uuid) TO console_owner;

-- Whether a place would be of use: the child may be shown, and is not booked there already.
CREATE OR REPLACE FUNCTION bookings.may_be_offered(of_session uuid, child uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN desk.is_shown(child) AND NOT EXISTS (
        SELECT 1 FROM public.bookings AS b WHERE b.session_id = of_session AND b.child_id = child AND app.holds_place(b.status));
END
$$;

-- One message about one entry; an entry that is offered a place again later has another cause.
CREATE OR REPLACE FUNCTION bookings.tell_waiting(entry uuid, template text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    w record;
BEGIN
    SELECT x.user_id, x.session_id, x.version, x.spot_expires_at, c.first_name INTO w
      FROM public.waitlist AS x JOIN public.children AS c ON c.id = x.child_id WHERE x.id = entry;
    PERFORM notify.tell(w.user_id, template,
        schedules.session_words(w.session_id) || jsonb_build_object('child', w.first_name, 'expires_at', w.spot_expires_at),
        format('%s:%s:%s', template, entry, w.version), 'waitlist', entry);
END
$$;

-- End every offer that ran out, everywhere, and offer the places to the next; how many offers ended. For the worker, as often as
-- it likes: sessions are taken in the order in which everybody locks them, and looked at again once they are held. One that
-- somebody else holds is left to the next run: nobody at one venue keeps all the others waiting.
CREATE OR REPLACE FUNCTION bookings.expire_offers() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    one record;
    before integer;
    ended integer := 0;
BEGIN
    FOR one IN
        -- Sessions with an offer that ran out, and those where a place is free while somebody was never asked.
        SELECT DISTINCT w.session_id AS id FROM public.waitlist AS w
         WHERE w.is_active AND w.response IS NULL AND w.spot_expires_at <= app.now()
        UNION
        SELECT DISTINCT w.session_id FROM public.waitlist AS w
          JOIN public.activity_sessions AS s ON s.id = w.session_id
         WHERE w.is_active AND w.spot_offered_at IS NULL AND w.skipped_at IS NULL AND s.starts_at > app.now()
           AND NOT s.is_cancelled AND s.closed_at IS NULL AND bookings.places_left(s.id, NULL) > 0
        ORDER BY id
    LOOP
        PERFORM 1 FROM public.activity_sessions AS s WHERE s.id = one.id FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        -- What is written to families names the venue: whoever holds its row would keep every other venue waiting.
        PERFORM 1 FROM public.venues AS v JOIN public.activity_sessions AS s ON s.venue_id = v.id AND s.id = one.id
           FOR KEY SHARE OF v SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        SELECT count(*) INTO before FROM public.waitlist AS w
         WHERE w.session_id = one.id AND w.is_active AND w.response IS NULL AND w.spot_expires_at <= app.now();
        PERFORM bookings.settle_queue(one.id);
        ended := ended + before;
    END LOOP;
    RETURN ended;
END
$$;
COMMENT ON FUNCTION bookings.expire_offers() IS 'End waitlist offers that ran out; the places go to the next.';
GRANT EXECUTE ON FUNCTION bookings.expire_offers() TO console_jobs;
