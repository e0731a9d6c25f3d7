-- What can be decided about a review item, and what each decision does: one plan, read by the screen and carried out by
-- attendance.decide, so that the numbers shown are the numbers moved. docs/design.md, "The desk protocol" (it never reverses
-- money by itself) and "Rules of the domain" (credits, payouts).

-- The venue of an item that the caller may decide about; absent and foreign items look the same. Rosters are needed beside the
-- right to decide, because the facts name a child.
CREATE OR REPLACE FUNCTION attendance.reach_review(of_item uuid) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at_venue uuid;
BEGIN
    SELECT r.venue_id INTO at_venue FROM public.review_items AS r
     WHERE r.id = of_item AND r.venue_id = ANY (auth.venue_ids());
    IF at_venue IS NULL THEN
        IF auth.user_id() IS NULL THEN
            PERFORM auth.require('review_items.resolve', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such item here.', DETAIL = 'no_review_item';
    END IF;
    PERFORM auth.require('review_items.resolve', at_venue);
    PERFORM auth.require('roster.read', at_venue);
    RETURN at_venue;
END
$$;
COMMENT ON FUNCTION attendance.reach_review(uuid) IS 'The venue of a review item the caller may decide about; raises otherwise.';

-- What a venue earns with a booking, in credits: attended, no-show, or cancelled too late; what was refunded earns nothing.
CREATE OR REPLACE FUNCTION attendance.earned(
    status public.booking_status, refund_eligible boolean, charged integer, refunded integer) RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN status IN ('completed', 'no_show')
                 OR (status IN ('cancelled_parent', 'cancelled_venue') AND refund_eligible IS FALSE)
            THEN charged - refunded ELSE 0 END;

-- The events that count about a booking, without those taken back: [kind, id] of the last one, and how often it was checked in
-- otherwise than by `except_for`.
CREATE OR REPLACE FUNCTION attendance.standing(
    of_booking uuid, except_for uuid, OUT last_kind public.attendance_kind, OUT last_id uuid, OUT other_visits integer)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT (array_agg(e.kind ORDER BY e.occurred_at DESC, e.device_id DESC, e.seq DESC))[1],
           (array_agg(e.id ORDER BY e.occurred_at DESC, e.device_id DESC, e.seq DESC))[1],
           count(*) FILTER (WHERE e.kind = 'check_in' AND e.id IS DISTINCT FROM except_for)
      INTO last_kind, last_id, other_visits
      FROM public.attendance_events AS e
     WHERE e.booking_id = of_booking AND e.kind <> 'annul' AND e.outcome IN ('applied', 'applied_with_review')
       AND NOT EXISTS (SELECT 1 FROM public.attendance_events AS x WHERE x.annuls_id = e.id AND x.kind = 'annul'
                          AND x.outcome IN ('applied', 'applied_with_review'));
END
$$;

-- One row for each possible decision, the likely one first: the events the desk has to send with it, the booking's status after
-- it, the movement of the family's credits (negative is taken), what it will owe, the movement of what is forfeited, what comes
-- off the booking as refunded, and what the venue earns before and after. None for a decided item.
CREATE OR REPLACE FUNCTION attendance.review_plan(of_item uuid)
    RETURNS TABLE (place integer, decision text, needs_note boolean, events jsonb, status_after public.booking_status,
                   moved integer, owed integer, forfeited integer, refunded_after integer, earned_before integer, earned_after integer)
    LANGUAGE plpgsql STABLE ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    r record;
    e record;
    b record;
    here record;
    money record;
    over constant public.booking_status := 'completed';
    gone boolean;
    alive boolean;
    offered text[];
    choice text;
    again jsonb := '[]';
    undone jsonb := '[]';
BEGIN
    SELECT i.kind, i.topic, i.booking_id, i.event_id, i.resolved_at INTO r FROM public.review_items AS i WHERE i.id = of_item;
    IF r.kind IS NULL OR r.resolved_at IS NOT NULL THEN
        RETURN;
    END IF;
    SELECT x.id, x.kind, coalesce(x.reason, x.would_have_refused) AS reason,
           x.kind <> 'annul' AND x.outcome IN ('applied', 'applied_with_review') AND NOT EXISTS (
               SELECT 1 FROM public.attendance_events AS n WHERE n.annuls_id = x.id AND n.kind = 'annul'
                  AND n.outcome IN ('applied', 'applied_with_review')) AS alive
      INTO e FROM public.attendance_events AS x WHERE x.id = r.event_id;
    SELECT k.id, k.session_id, k.child_id, k.booked_by, k.status, k.credits_charged, k.credits_refunded, k.refund_eligible,
           k.attendance_state, s.closed_at IS NOT NULL AS closed, s.is_cancelled AS called_off,
           s.booked_count < s.total_capacity AS has_room
      INTO b FROM public.bookings AS k JOIN public.activity_sessions AS s ON s.id = k.session_id WHERE k.id = r.booking_id;
    alive := coalesce(e.alive, false);
    gone := coalesce(b.status IN ('cancelled_parent', 'cancelled_venue'), false);
    -- Of no booking, these say nothing and zero.
    here := attendance.standing(b.id, e.id);
    money := attendance.money_of(b.id);
    IF alive THEN
        undone := jsonb_build_array(jsonb_build_object('kind', 'annul', 'annuls', e.id));
    END IF;
    IF b.attendance_state = 'absent' AND here.last_kind = 'absent' THEN
        again := jsonb_build_array(jsonb_build_object('kind', 'annul', 'annuls', here.last_id));
    END IF;

    offered := CASE
        WHEN b.id IS NULL OR r.kind IN ('pickup_alert', 'over_capacity') OR r.topic IN ('two_collectors', 'collector_missing')
            THEN ARRAY['seen']
        WHEN r.kind = 'unmarked_after_close' THEN
            CASE WHEN b.status NOT IN ('pending', 'confirmed') THEN ARRAY['seen']
                 WHEN b.attendance_state = 'absent' THEN ARRAY['no_show', 'came', 'came_free']
                 -- A late report says that it came; whoever doubts that takes the report back in its own item.
                 WHEN b.attendance_state IN ('in', 'out') THEN ARRAY['came', 'came_free']
                 ELSE ARRAY['came', 'no_show', 'came_free'] END
        WHEN NOT alive THEN ARRAY['seen']
        -- The venue called the session off, or another booking of the child stands in its place: nothing to charge for.
        WHEN e.kind = 'check_in' AND gone AND (b.called_off OR EXISTS (
                 SELECT 1 FROM public.bookings AS k WHERE k.session_id = b.session_id AND k.child_id = b.child_id
                    AND k.id <> b.id AND app.holds_place(k.status))) THEN ARRAY['no_charge', 'wrong']
        WHEN e.kind = 'check_in' AND (gone OR b.status = 'pending') THEN ARRAY['charge', 'no_charge', 'wrong']
        WHEN e.kind = 'check_in' AND b.status = 'no_show' THEN ARRAY['came', 'no_show', 'came_free']
        WHEN r.topic = 'absent_but_came' AND again <> '[]' THEN ARRAY['came', 'wrong']
        WHEN e.kind = 'check_in' AND b.closed AND b.status = 'confirmed' THEN ARRAY['came', 'wrong', 'came_free']
        WHEN e.kind = 'absent' AND b.closed AND b.status = 'confirmed' AND b.attendance_state = 'absent'
            THEN ARRAY['no_show', 'wrong']
        ELSE ARRAY['accept', 'wrong'] END;

    place := 0;
    earned_before := coalesce(attendance.earned(b.status, b.refund_eligible, b.credits_charged, b.credits_refunded), 0);
    FOREACH choice IN ARRAY offered LOOP
        CONTINUE WHEN choice = 'came_free' AND coalesce(money.debited - money.refunded, 0) < 1;
        place := place + 1;
        decision := choice;
        needs_note := choice IN ('wrong', 'came_free') OR r.kind = 'pickup_alert'
            OR coalesce(r.topic IN ('two_collectors', 'collector_missing'), false);
        events := '[]';
        status_after := b.status;
        moved := 0;
        owed := 0;
        forfeited := 0;
        refunded_after := coalesce(b.credits_refunded, 0);
        CASE choice
        WHEN 'charge' THEN
            forfeited := -money.forfeited;
            refunded_after := 0;
            -- A full session has no place to give back: the booking stays cancelled, charged as one cancelled too late.
            status_after := CASE WHEN gone AND NOT b.has_room THEN b.status WHEN b.closed THEN over ELSE 'confirmed' END;
            moved := -greatest(b.credits_charged - (money.debited - money.refunded) - money.owed, 0);
            IF moved < 0 AND NOT money.most >= -moved THEN
                owed := -moved;
                moved := 0;
            END IF;
        WHEN 'came', 'came_free' THEN
            events := CASE WHEN r.kind = 'unmarked_after_close' AND b.attendance_state = 'unmarked'
                           THEN '[{"kind": "check_in"}, {"kind": "check_out"}]'
                           WHEN r.kind = 'unmarked_after_close' AND b.attendance_state = 'absent'
                           THEN again || '[{"kind": "check_in"}, {"kind": "check_out"}]' ELSE again END;
            status_after := CASE WHEN b.closed OR b.status = 'no_show' THEN over ELSE b.status END;
            forfeited := -money.forfeited;
            IF choice = 'came_free' THEN
                moved := money.debited - money.refunded;
                refunded_after := least(b.credits_charged, b.credits_refunded + moved);
            END IF;
        WHEN 'no_show' THEN
            events := CASE WHEN b.attendance_state = 'unmarked' THEN '[{"kind": "absent"}]'
                           WHEN e.kind = 'check_in' THEN undone ELSE '[]' END::jsonb;
            status_after := 'no_show';
            forfeited := greatest(money.debited - money.refunded - money.forfeited, 0);
        WHEN 'wrong' THEN
            events := undone;
            IF e.kind = 'check_in' AND b.status = over AND here.other_visits = 0 THEN
                status_after := 'confirmed';
            ELSIF e.kind = 'absent' AND b.status = 'no_show' THEN
                status_after := 'confirmed';
                forfeited := -money.forfeited;
            END IF;
        ELSE NULL;
        END CASE;
        -- A charged booking of a session that is not closed yet earns when it is.
        earned_after := CASE WHEN choice = 'charge' THEN b.credits_charged
            ELSE coalesce(attendance.earned(status_after, b.refund_eligible, b.credits_charged, refunded_after), 0) END;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION attendance.review_plan(uuid) IS 'What can be decided about a review item, with what each decision does.';

-- A booking's money: what was taken, given back, forfeited and is still owed, what the family can spend, the most it has in one
-- period, and whether credits given back now could still be spent.
CREATE OR REPLACE FUNCTION attendance.money_of(
    of_booking uuid, OUT debited integer, OUT refunded integer, OUT forfeited integer, OUT owed integer, OUT spendable integer,
    OUT most integer, OUT lands boolean)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parent constant uuid := (SELECT b.booked_by FROM public.bookings AS b WHERE b.id = of_booking);
    today constant date := (app.now() AT TIME ZONE 'UTC')::date;
BEGIN
    SELECT coalesce(-sum(l.amount) FILTER (WHERE l.transaction_type = 'booking_debit'), 0),
           coalesce(sum(l.amount) FILTER (WHERE l.transaction_type IN ('refund_credit', 'partial_refund')), 0),
           coalesce(sum(l.forfeited_amount), 0)
      INTO debited, refunded, forfeited
      FROM public.credit_ledger AS l WHERE l.booking_id = of_booking;
    owed := coalesce((SELECT sum(o.amount) FROM public.owed_credits AS o
                       WHERE o.booking_id = of_booking AND o.settled_at IS NULL), 0);
    spendable := credits.spendable(parent);
    SELECT coalesce(max(u.credits_available) FILTER (WHERE u.billing_period_end >= today), 0),
           coalesce(bool_or(u.billing_period_end >= today), false)
      INTO most, lands
      FROM public.user_credit_balances AS u WHERE u.user_id = parent;
END
$$;
COMMENT ON FUNCTION attendance.money_of(uuid) IS 'What a booking has moved, and what its family has.';
