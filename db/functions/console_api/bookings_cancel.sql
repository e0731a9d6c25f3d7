-- One standing booking ends and what it cost comes back, or, too late, does not: the one way a place is given up. Internal: the
-- caller holds the locks of its session and of itself, and knows whether it is in time. The answer is the credits that came back.
CREATE OR REPLACE FUNCTION bookings.give_up(
    of_booking uuid, by_venue boolean, in_time boolean, reason public.cancellation_reason_type, notes text) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- What was given back before is not given back again.
    due constant boolean := (bookings.paid(of_booking)).charged > 0;
    returned integer := 0;
BEGIN
    IF due AND in_time THEN
        returned := (credits.refund(of_booking, 'refund:' || of_booking)).amount;
    ELSIF due THEN
        PERFORM credits.forfeit(of_booking, 'forfeit:' || of_booking);
    END IF;
    IF in_time THEN
        UPDATE public.owed_credits AS o SET settled_at = app.now(), settled_by = auth.user_id(), settlement = 'cancelled'
         WHERE o.booking_id = of_booking AND o.settled_at IS NULL;
    END IF;
    UPDATE public.bookings AS k SET
        status = CASE WHEN by_venue THEN 'cancelled_venue' ELSE 'cancelled_parent' END::public.booking_status,
        cancelled_at = app.now(), cancellation_reason = reason, cancellation_notes = nullif(btrim(notes), ''),
        refund_eligible = in_time, refund_processed = in_time AND due,
        refund_processed_at = CASE WHEN in_time AND due THEN app.now() END, credits_refunded = returned
     WHERE k.id = of_booking;
    RETURN returned;
END
$$;

-- Cancel one booking. Cancelled by the venue, or by the parent in time (cancellation_window_hours before the start), the
-- credits come back, or are no longer owed; later they are forfeited, or stay owed. A family whose place was moved to another
-- session without its consent is in time until that session starts. Asked again, the answer is the same and
-- nothing moves twice. Cancelling for the venue is for those who cancel sessions: it gives credits back at any time.
CREATE OR REPLACE FUNCTION bookings.cancel(
    of_booking uuid, by_venue boolean, reason public.cancellation_reason_type, notes text DEFAULT NULL)
    RETURNS TABLE (booking_id uuid, status public.booking_status, credits_refunded integer, credits_forfeited integer,
                   credits_left integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    b record;
    s record;
    in_time boolean;
BEGIN
    SELECT k.session_id, k.venue_id INTO b FROM public.bookings AS k
     WHERE k.id = of_booking AND k.venue_id = ANY (auth.venue_ids());
    IF b.session_id IS NULL THEN
        IF auth.user_id() IS NULL AND NOT auth.is_administrator() THEN
            PERFORM auth.require('booking.manage', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such booking here.', DETAIL = 'no_booking';
    END IF;
    PERFORM auth.require('booking.manage', b.venue_id);
    IF reason IS NULL OR by_venue IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say who cancels, and why.', DETAIL = 'reason';
    END IF;
    IF by_venue THEN
        PERFORM auth.require('session.cancel', b.venue_id);
    END IF;
    SELECT x.id, x.starts_at INTO s FROM public.activity_sessions AS x WHERE x.id = b.session_id FOR NO KEY UPDATE;
    SELECT k.session_id, k.status, k.attendance_state, k.booked_by, k.move_consent INTO b FROM public.bookings AS k
     WHERE k.id = of_booking FOR NO KEY UPDATE;
    -- Moved while this waited: its session now is not the one that is locked.
    IF b.session_id <> s.id THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This booking was just moved to another session.',
            HINT = 'Look at it again.', DETAIL = 'moved';
    END IF;
    IF b.status IN ('pending', 'confirmed') THEN
        IF b.attendance_state IN ('in', 'out') THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This child has been checked in.',
                HINT = 'Undo the check-in first.', DETAIL = 'checked_in';
        END IF;
        in_time := by_venue OR app.now() <= s.starts_at - CASE WHEN b.move_consent = 'asked' THEN interval '0' ELSE (
            SELECT p.value::text::numeric * interval '1 hour' FROM public.platform_settings AS p
             WHERE p.key = 'cancellation_window_hours') END;
        PERFORM bookings.give_up(of_booking, by_venue, in_time, reason, notes);
    ELSIF b.status NOT IN ('cancelled_parent', 'cancelled_venue') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session is over; its bookings are not cancelled any more.',
            DETAIL = 'session_over';
    END IF;
    RETURN QUERY
    SELECT k.id, k.status, k.credits_refunded,
           coalesce((SELECT sum(l.forfeited_amount) FROM public.credit_ledger AS l WHERE l.booking_id = k.id), 0)::integer,
           credits.spendable(k.booked_by)
      FROM public.bookings AS k WHERE k.id = of_booking;
END
$$;
COMMENT ON FUNCTION bookings.cancel(uuid, boolean, public.cancellation_reason_type, text)
    IS 'Cancel a booking; refund or forfeit its credits.';
GRANT EXECUTE ON FUNCTION bookings.cancel(uuid, boolean, public.cancellation_reason_type, text) TO console_client;
