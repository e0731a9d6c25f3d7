-- Taking and giving back a place in a session. Locks go session, booking, balances, in this order everywhere.

-- Book a child on a session in the family's name: the price is debited, the code is made, the place is taken, or nothing is.
-- booking_id is the caller's: sent again, it is answered with the booking it made. warnings says what the caller should
-- know but may overrule: 'age' (outside the activity's range), 'overlap' (the child is elsewhere at that time).
CREATE OR REPLACE FUNCTION bookings.book(
    new_id uuid, for_session uuid, for_child uuid, in_group uuid DEFAULT NULL, notes text DEFAULT NULL)
    RETURNS TABLE (booking_id uuid, confirmation_code text, credits_charged integer, credits_left integer, warnings text[])
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    s record;
    c record;
    known record;
    code text;
    months integer;
    said text[] := '{}';
BEGIN
    SELECT x.id, x.venue_id, x.starts_at, x.ends_at, x.session_date, x.is_cancelled, x.closed_at, x.total_capacity,
           x.booked_count, a.credits_required, a.min_age_months, a.max_age_months
      INTO s
      FROM public.activity_sessions AS x JOIN public.activities AS a ON a.id = x.activity_id
     WHERE x.id = for_session AND x.venue_id = ANY (auth.venue_ids())
       FOR NO KEY UPDATE OF x;
    IF s.id IS NULL THEN
        IF auth.user_id() IS NULL AND NOT auth.is_administrator() THEN
            PERFORM auth.require('booking.manage', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such session here.', DETAIL = 'no_session';
    END IF;
    PERFORM auth.require('booking.manage', s.venue_id);
    SELECT b.id, b.session_id, b.child_id, b.confirmation_code, b.credits_charged, b.booked_by INTO known
      FROM public.bookings AS b WHERE b.id = new_id;
    IF known.id IS NOT NULL THEN
        IF (known.session_id, known.child_id) IS DISTINCT FROM (for_session, for_child) THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This booking number is taken.', HINT = 'Try again.',
                DETAIL = 'booking_id_taken';
        END IF;
        RETURN QUERY SELECT known.id, known.confirmation_code::text, known.credits_charged,
                            credits.spendable(known.booked_by), said;
        RETURN;
    END IF;
    SELECT k.id, k.parent_id, k.date_of_birth INTO c FROM public.children AS k WHERE k.id = for_child AND desk.is_shown(k.id);
    IF c.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such child.', DETAIL = 'no_child';
    ELSIF s.is_cancelled THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session was cancelled.', DETAIL = 'session_cancelled';
    ELSIF s.closed_at IS NOT NULL OR s.ends_at <= app.now() THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session is over.', DETAIL = 'session_over';
    ELSIF s.credits_required IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This activity has no price yet.',
            HINT = 'Set its credits before booking.', DETAIL = 'no_price';
    ELSIF EXISTS (SELECT 1 FROM public.bookings AS b
                   WHERE b.session_id = for_session AND b.child_id = for_child AND app.holds_place(b.status)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This child is already booked on this session.',
            DETAIL = 'already_booked';
    ELSIF s.booked_count >= s.total_capacity THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session is full.', HINT = 'Offer the waitlist.',
            DETAIL = 'session_full';
    END IF;
    months := desk.months_old(c.date_of_birth, s.session_date);
    IF months < s.min_age_months OR months > s.max_age_months THEN
        said := said || 'age'::text;
    END IF;
    IF EXISTS (SELECT 1 FROM public.bookings AS b JOIN public.activity_sessions AS o ON o.id = b.session_id
                WHERE b.child_id = for_child AND app.holds_place(b.status) AND NOT o.is_cancelled
                  AND o.starts_at < s.ends_at AND o.ends_at > s.starts_at) THEN
        said := said || 'overlap'::text;
    END IF;
    -- new_code looks for a free code; the unique key has the last word against somebody who drew the same in this moment.
    LOOP
        code := bookings.new_code();
        INSERT INTO public.bookings (id, session_id, venue_id, child_id, booked_by, status, confirmed_at, credits_charged,
                                     group_booking_id, confirmation_code, parent_notes, booking_source)
        VALUES (new_id, for_session, s.venue_id, for_child, c.parent_id, 'confirmed', app.now(), s.credits_required, in_group,
                code, nullif(btrim(notes), ''), 'desk')
        ON CONFLICT (confirmation_code) DO NOTHING;
        EXIT WHEN FOUND;
    END LOOP;
    PERFORM credits.debit(c.parent_id, s.credits_required, new_id, 'booking:' || new_id);
    RETURN QUERY SELECT new_id, code, s.credits_required, credits.spendable(c.parent_id), said;
END
$$;
COMMENT ON FUNCTION bookings.book(uuid, uuid, uuid, uuid, text) IS 'Book a child on a session and debit the family.';
GRANT EXECUTE ON FUNCTION bookings.book(uuid, uuid, uuid, uuid, text) TO console_client;
