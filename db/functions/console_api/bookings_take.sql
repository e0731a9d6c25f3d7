-- What a desk does about places: give one to a walk-in or for the next visit, move a child, take owed credits. Everything that
-- names a child needs the right to rosters beside the right to bookings. docs/decisions/0009-a-move-keeps-the-booking.md.

-- The check-in that came with a place, recorded in the same transaction; its answer as JSON, NULL where none was asked for.
-- A refusal (too early, for a walk-in of the afternoon) leaves the place taken: the answer says so.
CREATE OR REPLACE FUNCTION bookings.check_in_with(of_booking uuid, event jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF event IS NULL OR event = 'null' THEN
        RETURN NULL;
    ELSIF event ->> 'kind' IS DISTINCT FROM 'check_in' OR event ->> 'booking_id' IS DISTINCT FROM of_booking::text THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Only the check-in of this booking goes with it.',
            DETAIL = 'malformed_event';
    END IF;
    RETURN (SELECT to_jsonb(a) FROM attendance.record(jsonb_build_array(event)) AS a);
END
$$;

CREATE OR REPLACE FUNCTION bookings.require_words(overrule text[]) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF overrule IS NULL OR NOT overrule <@ ARRAY['too_young', 'too_old', 'elsewhere'] THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Only age and another booking can be overruled.', DETAIL = 'overrule';
    END IF;
END
$$;

-- Book a child (or the child of an earlier booking here) on a session and, with `event`, check it in. Age and another booking at
-- that time refuse unless overruled. new_id is the caller's: sent again, the answer is the same.
CREATE OR REPLACE FUNCTION bookings.take_place(
    new_id uuid, for_session uuid, for_child uuid DEFAULT NULL, for_booking uuid DEFAULT NULL, payment text DEFAULT 'credits',
    overrule text[] DEFAULT '{}', event jsonb DEFAULT NULL)
    RETURNS TABLE (booking_id uuid, confirmation_code text, charged integer, owed integer, credits_left integer,
                   warnings text[], answer jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue uuid;
    child uuid;
    said text[];
    recorded jsonb;
BEGIN
    at_venue := bookings.lock_session(for_session);
    PERFORM auth.require('booking.manage', at_venue);
    PERFORM auth.require('roster.read', at_venue);
    PERFORM bookings.require_words(overrule);
    IF new_id IS NULL OR payment IS NULL OR payment NOT IN ('credits', 'owed') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say how the place is paid.', DETAIL = 'payment';
    END IF;
    child := bookings.child_meant(for_child, for_booking, at_venue);
    IF bookings.is_known(new_id, for_session, child) THEN
        said := (bookings.judge(for_session, child, new_id)).warnings;
    ELSE
        said := bookings.place(new_id, for_session, at_venue, child, NULL, NULL, payment, overrule);
    END IF;
    recorded := bookings.check_in_with(new_id, event);
    RETURN QUERY
    SELECT b.id, b.confirmation_code::text, p.charged, p.owed, credits.spendable(b.booked_by), said, recorded
      FROM public.bookings AS b, bookings.paid(b.id) AS p WHERE b.id = new_id;
END
$$;
COMMENT ON FUNCTION bookings.take_place(uuid, uuid, uuid, uuid, text, text[], jsonb)
    IS 'Give a child a place at the desk, paid or owed, and check it in with it where that is asked.';
GRANT EXECUTE ON FUNCTION bookings.take_place(uuid, uuid, uuid, uuid, text, text[], jsonb) TO console_client;

-- The difference of price of a moved booking. What was debited is topped up or given back in part; what was owed is owed anew; a
-- booking that was paid elsewhere (an import) moves nothing.
CREATE OR REPLACE FUNCTION bookings.settle_difference(of_booking uuid, parent uuid, at_venue uuid, price integer, move_no integer)
    RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    paid record;
    gap integer;
BEGIN
    paid := bookings.paid(of_booking);
    gap := price - paid.charged - paid.owed;
    IF gap = 0 OR paid.charged + paid.owed = 0 THEN
        RETURN;
    ELSIF paid.owed > 0 THEN
        UPDATE public.owed_credits AS o SET settled_at = app.now(), settled_by = auth.user_id(), settlement = 'moved'
         WHERE o.booking_id = of_booking AND o.settled_at IS NULL;
        INSERT INTO public.owed_credits (booking_id, user_id, venue_id, amount, recorded_by)
        VALUES (of_booking, parent, at_venue, price - paid.charged, auth.user_id());
    ELSIF gap > 0 THEN
        PERFORM credits.require_enough(parent, gap, 'Choose a session that costs no more.');
        PERFORM credits.debit(parent, gap, of_booking, format('move:%s:%s', of_booking, move_no));
    ELSE
        PERFORM credits.partial_refund(of_booking, -gap, format('move:%s:%s', of_booking, move_no));
    END IF;
END
$$;

-- Move a booking to another session of the same venue and local day. It stays the same booking: its ticket, its notes and its
-- history go with it, and the audit trail says from where. Moved already, the answer is the same.
CREATE OR REPLACE FUNCTION bookings.move(
    of_booking uuid, to_session uuid, overrule text[] DEFAULT '{}', event jsonb DEFAULT NULL)
    RETURNS TABLE (booking_id uuid, confirmation_code text, charged integer, owed integer, credits_left integer,
                   warnings text[], answer jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    b record;
    held uuid;
    at_venue uuid;
    verdict record;
    recorded jsonb;
BEGIN
    SELECT k.session_id INTO held FROM public.bookings AS k WHERE k.id = of_booking AND k.venue_id = ANY (auth.venue_ids());
    at_venue := desk.reach(held);
    PERFORM auth.require('booking.manage', at_venue);
    PERFORM bookings.require_words(overrule);
    -- Both sessions in id order, as every statement over several locks them.
    PERFORM 1 FROM public.activity_sessions AS x
      WHERE x.id IN (held, to_session) AND x.venue_id = at_venue ORDER BY x.id FOR NO KEY UPDATE;
    SELECT k.id, k.session_id, k.child_id, k.booked_by, k.status, k.attendance_state, k.version INTO b
      FROM public.bookings AS k WHERE k.id = of_booking FOR NO KEY UPDATE;
    IF NOT desk.is_shown(b.child_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such booking here.', DETAIL = 'no_booking';
    ELSIF NOT EXISTS (SELECT 1 FROM public.activity_sessions AS x WHERE x.id = to_session AND x.venue_id = at_venue) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such session here.', DETAIL = 'no_session';
    END IF;
    verdict := bookings.judge(to_session, b.child_id, of_booking);
    IF b.session_id <> to_session THEN
        IF b.session_id <> held THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else has just moved this booking.',
                HINT = 'Look again.', DETAIL = 'changed';
        ELSIF b.status NOT IN ('pending', 'confirmed') THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Only a booking that still stands can be moved.',
                HINT = 'Book the other session instead.', DETAIL = 'not_standing';
        ELSIF b.attendance_state IN ('in', 'out') THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This child has been checked in.',
                HINT = 'Undo the check-in first.', DETAIL = 'checked_in';
        ELSIF (SELECT count(DISTINCT x.session_date) FROM public.activity_sessions AS x
                WHERE x.id IN (b.session_id, to_session)) > 1 THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'A booking moves within its day only.',
                HINT = 'Book the other day instead.', DETAIL = 'other_day';
        END IF;
        PERFORM bookings.refuse(to_session, b.child_id, verdict.blocked, ARRAY(
            SELECT w.word FROM unnest(verdict.warnings) WITH ORDINALITY AS w (word, place)
             WHERE w.word <> ALL (overrule) ORDER BY w.place));
        PERFORM bookings.settle_difference(of_booking, b.booked_by, at_venue, verdict.price, b.version);
        UPDATE public.bookings AS k SET
               session_id = to_session, move_consent = NULL,
               credits_charged = CASE WHEN (bookings.paid(k.id)).charged + (bookings.paid(k.id)).owed > 0
                                      THEN verdict.price ELSE k.credits_charged END
         WHERE k.id = of_booking;
        UPDATE public.waitlist AS w SET is_active = false, response = 'accepted', responded_at = app.now(),
               removed_at = app.now(), removed_reason = 'spot_accepted', converted_booking_id = of_booking
         WHERE w.session_id = to_session AND w.child_id = b.child_id AND w.is_active;
    END IF;
    recorded := bookings.check_in_with(of_booking, event);
    RETURN QUERY
    SELECT k.id, k.confirmation_code::text, p.charged, p.owed, credits.spendable(k.booked_by), verdict.warnings, recorded
      FROM public.bookings AS k, bookings.paid(k.id) AS p WHERE k.id = of_booking;
END
$$;
COMMENT ON FUNCTION bookings.move(uuid, uuid, text[], jsonb) IS 'Move a booking to another session of the same day.';
GRANT EXECUTE ON FUNCTION bookings.move(uuid, uuid, text[], jsonb) TO console_client;

-- Take the owed credits of a booking from the family's balance. Settled already, the answer is the same.
CREATE OR REPLACE FUNCTION bookings.settle_owed(of_booking uuid)
    RETURNS TABLE (booking_id uuid, settled integer, credits_left integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    b record;
    debt record;
BEGIN
    SELECT k.id, k.venue_id, k.booked_by INTO b FROM public.bookings AS k
     WHERE k.id = of_booking AND k.venue_id = ANY (auth.venue_ids()) FOR NO KEY UPDATE;
    IF b.id IS NULL THEN
        IF auth.user_id() IS NULL AND NOT auth.is_administrator() THEN
            PERFORM auth.require('booking.manage', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such booking here.', DETAIL = 'no_booking';
    END IF;
    PERFORM auth.require('booking.manage', b.venue_id);
    SELECT o.id, o.amount, o.settled_at INTO debt FROM public.owed_credits AS o
     WHERE o.booking_id = of_booking AND (o.settled_at IS NULL OR o.settlement = 'credits')
     ORDER BY o.settled_at NULLS FIRST LIMIT 1;
    IF debt.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Nothing is owed for this booking.', DETAIL = 'nothing_owed';
    ELSIF debt.settled_at IS NULL THEN
        PERFORM credits.require_enough(b.booked_by, debt.amount, 'Try again once the family has credits.');
        PERFORM credits.debit(b.booked_by, debt.amount, of_booking, 'owed:' || debt.id);
        UPDATE public.owed_credits AS o SET settled_at = app.now(), settled_by = auth.user_id(), settlement = 'credits'
         WHERE o.id = debt.id;
    END IF;
    RETURN QUERY SELECT of_booking, debt.amount, credits.spendable(b.booked_by);
END
$$;
COMMENT ON FUNCTION bookings.settle_owed(uuid) IS 'Take a booking''s owed credits from the balance.';
GRANT EXECUTE ON FUNCTION bookings.settle_owed(uuid) TO console_client;
