-- What stands between a child and a place: asked by the list of sessions, by whoever takes a place and by whoever moves one, so
-- that the three never disagree.

-- An age as it is said: years from the second birthday on, months before.
CREATE OR REPLACE FUNCTION desk.age_words(months integer) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN months >= 24 THEN (months / 12)::text WHEN months = 1 THEN '1 month' ELSE months || ' months' END
$$;

-- Places that a desk may give: not those taken, and not those offered to somebody of the waitlist who may still answer. A child
-- that holds an offer itself takes its own.
CREATE OR REPLACE FUNCTION bookings.places_left(of_session uuid, for_child uuid) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT greatest(0, s.total_capacity - s.booked_count - (
               SELECT count(*) FROM public.waitlist AS w
                WHERE w.session_id = s.id AND w.is_active AND w.response IS NULL AND w.spot_expires_at > app.now()
                  AND w.child_id IS DISTINCT FROM for_child))::integer
      FROM public.activity_sessions AS s WHERE s.id = of_session
$$;

-- The judgement about one session and one child (NULL: any child). `except_booking` is the place that would be given up for it,
-- `happened_at` when a desk gave the place of which it tells only now. blocked cannot be overruled; warnings can. Whoever acts on it
-- holds the session's lock.
CREATE OR REPLACE FUNCTION bookings.judge(
    of_session uuid, for_child uuid, except_booking uuid, happened_at timestamptz DEFAULT NULL, OUT price integer,
    OUT places_left integer, OUT blocked text, OUT warnings text[])
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    s record;
    months integer;
BEGIN
    SELECT x.starts_at, x.ends_at, x.session_date, x.is_cancelled, x.closed_at, a.credits_required, a.min_age_months,
           a.max_age_months, CASE WHEN v.status = 'suspended' THEN coalesce(v.suspended_at, '-infinity') END AS suspended_at,
           -- A child that came was there on the session's day: a place for a later day is given now.
           CASE WHEN x.session_date > (happened_at AT TIME ZONE v.timezone)::date THEN app.now()
                ELSE coalesce(happened_at, app.now()) END AS given_at
      INTO s
      FROM public.activity_sessions AS x
      JOIN public.activities AS a ON a.id = x.activity_id
      JOIN public.venues AS v ON v.id = x.venue_id
     WHERE x.id = of_session;
    price := s.credits_required;
    places_left := bookings.places_left(of_session, for_child);
    blocked := CASE
        WHEN s.is_cancelled THEN 'cancelled'
        WHEN s.closed_at <= coalesce(happened_at, s.closed_at) THEN 'closed'
        WHEN s.ends_at <= coalesce(happened_at, app.now()) THEN 'over'
        WHEN price IS NULL THEN 'no_price'
        WHEN EXISTS (SELECT 1 FROM public.bookings AS b
                      WHERE b.session_id = of_session AND b.child_id = for_child AND app.holds_place(b.status))
            THEN 'already_booked'
        -- A place that is moved is no new booking.
        WHEN s.suspended_at <= s.given_at AND for_child IS NOT NULL AND except_booking IS NULL
            THEN 'venue_suspended'
        WHEN places_left < 1 THEN 'full' END;
    warnings := '{}';
    SELECT desk.months_old(c.date_of_birth, s.session_date) INTO months FROM public.children AS c WHERE c.id = for_child;
    IF months < s.min_age_months THEN
        warnings := warnings || 'too_young'::text;
    ELSIF months > s.max_age_months THEN
        warnings := warnings || 'too_old'::text;
    END IF;
    IF EXISTS (SELECT 1 FROM public.bookings AS b JOIN public.activity_sessions AS o ON o.id = b.session_id
                WHERE b.child_id = for_child AND b.id IS DISTINCT FROM except_booking AND b.session_id <> of_session
                  AND app.holds_place(b.status) AND NOT o.is_cancelled
                  AND o.starts_at < s.ends_at AND o.ends_at > s.starts_at) THEN
        warnings := warnings || 'elsewhere'::text;
    END IF;
END
$$;

-- Raise what stands in the way, unless it was overruled, in a sentence with the numbers in it.
CREATE OR REPLACE FUNCTION bookings.refuse(of_session uuid, for_child uuid, blocked text, warnings text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    s record;
    other text;
    warning constant text := warnings[1];
BEGIN
    IF blocked = 'cancelled' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session was cancelled.', DETAIL = 'session_cancelled';
    ELSIF blocked IN ('closed', 'over') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session is over.', DETAIL = 'session_over';
    ELSIF blocked = 'no_price' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This activity has no price yet.',
            HINT = 'Set its credits before booking.', DETAIL = 'no_price';
    ELSIF blocked = 'already_booked' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This child is already booked on this session.',
            DETAIL = 'already_booked';
    ELSIF blocked = 'venue_suspended' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This venue takes no new bookings for now.',
            HINT = 'Children who are booked already can come.', DETAIL = 'venue_suspended';
    ELSIF blocked = 'full' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session is full.', HINT = 'Offer the waitlist.',
            DETAIL = 'session_full';
    ELSIF warning IS NULL THEN
        RETURN;
    END IF;
    SELECT a.name, x.venue_id, x.starts_at, x.ends_at, a.min_age_months AS youngest, a.max_age_months AS oldest, c.first_name,
           desk.months_old(c.date_of_birth, x.session_date) AS months
      INTO s
      FROM public.activity_sessions AS x JOIN public.activities AS a ON a.id = x.activity_id, public.children AS c
     WHERE x.id = of_session AND c.id = for_child;
    IF warning IN ('too_young', 'too_old') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409',
            MESSAGE = format('%s is for %s, %s is %s.', s.name,
                             CASE WHEN s.oldest IS NULL THEN desk.age_words(s.youngest) || ' and up'
                                  ELSE desk.age_words(s.youngest) || ' to ' || desk.age_words(s.oldest) END,
                             s.first_name, desk.age_words(s.months)),
            HINT = 'Book it anyway, or choose another session.', DETAIL = warning;
    END IF;
    -- What another venue does with the child is not this one's to know.
    SELECT a.name INTO other
      FROM public.bookings AS b
      JOIN public.activity_sessions AS o ON o.id = b.session_id
      JOIN public.activities AS a ON a.id = o.activity_id
     WHERE b.child_id = for_child AND b.session_id <> of_session AND app.holds_place(b.status) AND NOT o.is_cancelled
       AND o.starts_at < s.ends_at AND o.ends_at > s.starts_at AND o.venue_id = s.venue_id
     ORDER BY o.starts_at LIMIT 1;
    RAISE EXCEPTION USING ERRCODE = 'NX409',
        MESSAGE = format('%s is booked %s at that time.', s.first_name, coalesce('on ' || other, 'elsewhere')),
        HINT = 'Book it anyway, or choose another time.', DETAIL = 'elsewhere';
END
$$;

-- The venue of a session, which is locked until the end of the transaction; absent and foreign sessions look the same.
CREATE OR REPLACE FUNCTION bookings.lock_session(wanted uuid) RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at_venue uuid;
BEGIN
    SELECT x.venue_id INTO at_venue FROM public.activity_sessions AS x
     WHERE x.id = wanted AND x.venue_id = ANY (auth.venue_ids()) FOR NO KEY UPDATE;
    IF at_venue IS NULL THEN
        IF auth.user_id() IS NULL AND NOT auth.is_administrator() THEN
            PERFORM auth.require('booking.manage', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such session here.', DETAIL = 'no_session';
    END IF;
    -- An offer that ran out goes to the next who waits, not to whoever asks in the minute before the worker comes by.
    IF EXISTS (SELECT 1 FROM public.waitlist AS w WHERE w.session_id = wanted AND w.is_active AND w.response IS NULL
                 AND w.spot_expires_at <= app.now()) THEN
        PERFORM bookings.settle_queue(wanted);
    END IF;
    RETURN at_venue;
END
$$;

-- The child meant by its own id or by a booking it has at this venue; hidden and absent children look the same.
CREATE OR REPLACE FUNCTION bookings.child_meant(for_child uuid, for_booking uuid, at_venue uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found uuid := for_child;
BEGIN
    IF num_nonnulls(for_child, for_booking) <> 1 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say for which child.', DETAIL = 'child';
    END IF;
    IF for_booking IS NOT NULL THEN
        SELECT b.child_id INTO found FROM public.bookings AS b WHERE b.id = for_booking AND b.venue_id = at_venue;
    END IF;
    IF found IS NULL OR NOT desk.is_shown(found) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such child.', DETAIL = 'no_child';
    END IF;
    RETURN found;
END
$$;
