-- Taking a place in a session. Locks go session, booking, balances, in this order everywhere.

-- The one way a place is taken: judged, coded, paid or owed, written. Internal: the caller asked for the permissions and holds the
-- session's lock. `overruled` are the warnings that do not refuse, NULL for all of them; payment is 'credits' or 'owed';
-- `happened_at` as bookings.judge takes it.
CREATE OR REPLACE FUNCTION bookings.place(
    new_id uuid, for_session uuid, at_venue uuid, for_child uuid, in_group uuid, notes text, payment text, overruled text[],
    happened_at timestamptz DEFAULT NULL, OUT said text[])
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    verdict record;
    parent uuid;
    code text;
BEGIN
    verdict := bookings.judge(for_session, for_child, NULL, happened_at);
    PERFORM bookings.refuse(for_session, for_child, verdict.blocked, CASE WHEN overruled IS NOT NULL THEN
        ARRAY(SELECT w.word FROM unnest(verdict.warnings) WITH ORDINALITY AS w (word, place)
               WHERE w.word <> ALL (overruled) ORDER BY w.place) END);
    said := verdict.warnings;
    SELECT c.parent_id INTO parent FROM public.children AS c WHERE c.id = for_child;
    -- new_code looks for a free code; the unique key has the last word against somebody who drew the same in this moment.
    LOOP
        code := bookings.new_code();
        INSERT INTO public.bookings (id, session_id, venue_id, child_id, booked_by, status, confirmed_at, credits_charged,
                                     group_booking_id, confirmation_code, parent_notes, booking_source)
        VALUES (new_id, for_session, at_venue, for_child, parent, 'confirmed', app.now(), verdict.price, in_group,
                code, nullif(btrim(notes), ''), 'desk')
        ON CONFLICT (confirmation_code) DO NOTHING;
        EXIT WHEN FOUND;
    END LOOP;
    IF payment = 'owed' THEN
        INSERT INTO public.owed_credits (booking_id, user_id, venue_id, amount, recorded_by)
        VALUES (new_id, parent, at_venue, verdict.price, auth.user_id());
    ELSE
        IF overruled IS NOT NULL THEN
            PERFORM credits.require_enough(parent, verdict.price, 'Mark them as owed or choose another way.');
        END IF;
        PERFORM credits.debit(parent, verdict.price, new_id, 'booking:' || new_id);
    END IF;
    -- Who waited for this place has it now.
    UPDATE public.waitlist AS w SET is_active = false, response = 'accepted', responded_at = app.now(), removed_at = app.now(),
           removed_reason = 'spot_accepted', converted_booking_id = new_id
     WHERE w.session_id = for_session AND w.child_id = for_child AND w.is_active;
END
$$;

-- Refuse with the number of credits that are missing. A price is never split over two periods, so the fullest one counts.
CREATE OR REPLACE FUNCTION credits.require_enough(parent uuid, price integer, what_to_do text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    best integer;
BEGIN
    PERFORM 1 FROM public.user_credit_balances AS b WHERE b.user_id = parent ORDER BY b.billing_period_start FOR NO KEY UPDATE;
    SELECT coalesce(max(b.credits_available), 0) INTO best FROM public.user_credit_balances AS b
     WHERE b.user_id = parent AND b.billing_period_end >= (app.now() AT TIME ZONE 'UTC')::date;
    IF best < price THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', HINT = what_to_do, DETAIL = 'not_enough_credits',
            MESSAGE = CASE WHEN price - best = 1 THEN '1 credit is missing.' ELSE (price - best) || ' credits are missing.' END;
    END IF;
END
$$;

-- What a booking costs its family so far: taken from the balance, and still owed.
CREATE OR REPLACE FUNCTION bookings.paid(of_booking uuid, OUT charged integer, OUT owed integer)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce((SELECT -sum(l.amount) FROM public.credit_ledger AS l WHERE l.booking_id = of_booking), 0)::integer,
           coalesce((SELECT sum(o.amount) FROM public.owed_credits AS o
                      WHERE o.booking_id = of_booking AND o.settled_at IS NULL), 0)::integer
$$;

-- Whether the caller's number already stands for this very place; another place under the number is refused.
CREATE OR REPLACE FUNCTION bookings.is_known(new_id uuid, for_session uuid, for_child uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    known record;
BEGIN
    SELECT b.id, b.session_id, b.child_id INTO known FROM public.bookings AS b WHERE b.id = new_id;
    IF known.id IS NOT NULL AND (known.session_id, known.child_id) IS DISTINCT FROM (for_session, for_child) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This booking number is taken.', HINT = 'Try again.',
            DETAIL = 'booking_id_taken';
    END IF;
    RETURN known.id IS NOT NULL;
END
$$;

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
    at_venue uuid;
    said text[] := '{}';
BEGIN
    at_venue := bookings.lock_session(for_session);
    PERFORM auth.require('booking.manage', at_venue);
    IF NOT bookings.is_known(new_id, for_session, for_child) THEN
        PERFORM bookings.child_meant(coalesce(for_child, '00000000-0000-0000-0000-000000000000'), NULL, at_venue);
        said := bookings.place(new_id, for_session, at_venue, for_child, in_group, notes, 'credits', NULL);
    END IF;
    RETURN QUERY
    SELECT b.id, b.confirmation_code::text, b.credits_charged, credits.spendable(b.booked_by),
           ARRAY(SELECT CASE w.word WHEN 'elsewhere' THEN 'overlap' ELSE 'age' END
                   FROM unnest(said) WITH ORDINALITY AS w (word, place) ORDER BY w.place)
      FROM public.bookings AS b WHERE b.id = new_id;
END
$$;
COMMENT ON FUNCTION bookings.book(uuid, uuid, uuid, uuid, text) IS 'Book a child on a session and debit the family.';
GRANT EXECUTE ON FUNCTION bookings.book(uuid, uuid, uuid, uuid, text) TO console_client;
