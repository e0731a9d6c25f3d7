-- Deciding a review item: the plan's decision, carried out once. Locks go session, booking, item, balances, as everywhere.

-- What was decided, as a sentence for the list.
CREATE OR REPLACE FUNCTION attendance.decision_sentence(decision text, moved integer, owed integer, forfeited integer) RETURNS text
    LANGUAGE sql IMMUTABLE
RETURN CASE decision
    WHEN 'charge' THEN CASE WHEN moved < 0 THEN format('Charged %s credits.', -moved)
                            WHEN owed > 0 THEN format('Charged; %s credits are owed.', owed) ELSE 'Counted as a visit.' END
    WHEN 'no_charge' THEN 'Left as it is; nothing charged.'
    WHEN 'came' THEN 'The child came.'
    WHEN 'came_free' THEN format('The child came; %s credits given back.', moved)
    WHEN 'no_show' THEN CASE WHEN forfeited > 0 THEN format('The child did not come; %s credits forfeited.', forfeited)
                             ELSE 'The child did not come.' END
    WHEN 'accept' THEN 'Accepted as reported.'
    WHEN 'wrong' THEN 'Taken back as wrong.'
    ELSE 'Seen.' END;

-- Refuse events that are not those the decision asks for.
CREATE OR REPLACE FUNCTION attendance.require_events(events jsonb, wanted jsonb, of_booking uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM attendance.check_batch(events);
    IF wanted IS DISTINCT FROM (
        SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('kind', e.kind, 'annuls', e.annuls)) ORDER BY e.ord), '[]')
          FROM attendance.read_batch(events) AS e
         WHERE e.annuls IS NOT NULL OR (e.booking_id = of_booking AND e.origin = 'queued')) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Something changed since these facts were read.',
            HINT = 'Look at them again.', DETAIL = 'facts_changed';
    END IF;
END
$$;

-- Move the credits of one plan row. Every entry has a key of its own, made of the item.
CREATE OR REPLACE FUNCTION attendance.move_credits(of_item uuid, of_booking uuid, moved integer, owed integer, forfeited integer)
    RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    b record;
    debt integer := owed;
BEGIN
    SELECT k.booked_by, k.venue_id INTO b FROM public.bookings AS k WHERE k.id = of_booking;
    IF forfeited < 0 THEN
        PERFORM credits.unforfeit(of_booking);
    END IF;
    IF moved < 0 THEN
        PERFORM credits.debit(b.booked_by, -moved, of_booking, 'review:' || of_item || ':debit');
    ELSIF moved > 0 THEN
        PERFORM credits.refund(of_booking, 'review:' || of_item || ':refund');
    END IF;
    IF forfeited > 0 THEN
        PERFORM credits.forfeit_no_show(of_booking);
    END IF;
    IF debt > 0 THEN
        debt := debt + coalesce((SELECT o.amount FROM public.owed_credits AS o
                                  WHERE o.booking_id = of_booking AND o.settled_at IS NULL), 0);
        UPDATE public.owed_credits AS o SET settled_at = app.now(), settled_by = auth.user_id(), settlement = 'moved'
         WHERE o.booking_id = of_booking AND o.settled_at IS NULL;
        INSERT INTO public.owed_credits (booking_id, user_id, venue_id, amount, recorded_by)
        VALUES (of_booking, b.booked_by, b.venue_id, debt, auth.user_id());
    END IF;
END
$$;

-- Say by whom and when an item was decided, by the venue's clock.
CREATE OR REPLACE FUNCTION attendance.refuse_decided(of_item uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    said record;
BEGIN
    SELECT u.first_name, r.resolved_at AT TIME ZONE v.timezone AS at, app.now() AT TIME ZONE v.timezone AS now INTO said
      FROM public.review_items AS r
      JOIN public.venues AS v ON v.id = r.venue_id
      LEFT JOIN public.users AS u ON u.id = r.resolved_by
     WHERE r.id = of_item;
    RAISE EXCEPTION USING ERRCODE = 'NX409',
        MESSAGE = format('%s decided this %s.', coalesce(said.first_name, 'Somebody'),
                         CASE WHEN said.at::date = said.now::date THEN 'at ' || to_char(said.at, 'HH24:MI')
                              ELSE to_char(said.at, '"on "FMDD FMMonth" at "HH24:MI') END),
        HINT = 'The list shows what is left.', DETAIL = 'decided_already';
END
$$;

-- Decide an item. `events` are the desk's own, exactly those the facts ask for, in their order: queued where they say afterwards
-- whether a child came. Sent again by the same person, the answer is the same; somebody else's second decision is refused.
CREATE OR REPLACE FUNCTION attendance.decide(of_item uuid, choice text, reason text DEFAULT NULL, events jsonb DEFAULT '[]')
    RETURNS TABLE (item_id uuid, decision text, resolution text, resolved_at timestamptz, moved integer, family_credits integer)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue constant uuid := attendance.reach_review(of_item);
    me constant uuid := auth.user_id();
    about constant text := nullif(btrim(reason), '');
    r record;
    b record;
    plan record;
    made uuid[];
BEGIN
    SELECT i.booking_id INTO r FROM public.review_items AS i WHERE i.id = of_item;
    IF r.booking_id IS NOT NULL THEN
        PERFORM 1 FROM public.activity_sessions AS s
          WHERE s.id = (SELECT k.session_id FROM public.bookings AS k WHERE k.id = r.booking_id) FOR NO KEY UPDATE;
        PERFORM 1 FROM public.bookings AS k WHERE k.id = r.booking_id FOR NO KEY UPDATE;
    END IF;
    PERFORM 1 FROM public.review_items AS i WHERE i.id = of_item FOR NO KEY UPDATE;
    -- Another statement, hence another snapshot: whoever held a lock has committed by now.
    SELECT i.booking_id, i.resolved_at, i.resolved_by, i.decision INTO r FROM public.review_items AS i WHERE i.id = of_item;
    IF r.resolved_at IS NOT NULL AND (r.resolved_by, r.decision) IS DISTINCT FROM (me, choice::varchar) THEN
        PERFORM attendance.refuse_decided(of_item);
    ELSIF r.resolved_at IS NULL THEN
        -- Balances are locked before the plan reads them, so that what it finds is what is moved.
        PERFORM 1 FROM public.user_credit_balances AS u
          WHERE u.user_id = (SELECT k.booked_by FROM public.bookings AS k WHERE k.id = r.booking_id)
          ORDER BY u.billing_period_start FOR NO KEY UPDATE;
        SELECT p.* INTO plan FROM attendance.review_plan(of_item) AS p WHERE p.decision = choice;
        IF plan.decision IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This cannot be decided like that any more.',
                HINT = 'Look at the facts again.', DETAIL = 'facts_changed';
        ELSIF plan.needs_note AND about IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say why.', DETAIL = 'reason';
        ELSIF length(about) > 300 THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 300 characters.', DETAIL = 'reason';
        END IF;
        PERFORM attendance.require_events(events, plan.events, r.booking_id);
        IF plan.events <> '[]' AND EXISTS (SELECT 1 FROM attendance.record(events) AS a
                                            WHERE a.outcome NOT IN ('applied', 'applied_with_review')) THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Something changed since these facts were read.',
                HINT = 'Look at them again.', DETAIL = 'facts_changed';
        END IF;
        IF r.booking_id IS NOT NULL THEN
            PERFORM attendance.move_credits(of_item, r.booking_id, plan.moved, plan.owed, plan.forfeited);
            PERFORM attendance.set_booking(r.booking_id, plan.status_after, plan.refunded_after, choice = 'charge');
        END IF;
        made := ARRAY(SELECT x.id FROM attendance.read_batch(events) AS x);
        UPDATE public.review_items AS i SET
            resolved_at = app.now(), resolved_by = me, decision = choice, note = CASE WHEN i.id = of_item THEN about END,
            resolution = attendance.decision_sentence(choice, plan.moved, plan.owed, plan.forfeited)
         WHERE i.venue_id = at_venue AND i.resolved_at IS NULL
           AND (i.id = of_item OR i.event_id = ANY (made)
                OR (i.booking_id = r.booking_id AND i.kind = 'unmarked_after_close'
                    AND choice IN ('charge', 'came', 'came_free', 'no_show')));
        PERFORM attendance.open_unmarked_again(r.booking_id);
        IF plan.earned_after <> plan.earned_before THEN
            INSERT INTO public.earning_changes (venue_id, booking_id, review_item_id, credits_before, credits_after, was_counted,
                                                decided_by)
            VALUES (at_venue, r.booking_id, of_item, plan.earned_before, plan.earned_after,
                    EXISTS (SELECT 1 FROM public.payout_lines AS p
                             WHERE p.session_id = (SELECT b.session_id FROM public.bookings AS b WHERE b.id = r.booking_id)
                               AND p.booking_id = r.booking_id AND p.venue_id = at_venue), me);
        END IF;
    END IF;
    RETURN QUERY
    SELECT i.id, i.decision::text, i.resolution, i.resolved_at,
           coalesce((SELECT sum(l.amount) FROM public.credit_ledger AS l
                      WHERE l.idempotency_key IN ('review:' || of_item || ':debit', 'review:' || of_item || ':refund')), 0)::integer,
           (SELECT credits.spendable(k.booked_by) FROM public.bookings AS k WHERE k.id = i.booking_id)
      FROM public.review_items AS i WHERE i.id = of_item;
END
$$;
COMMENT ON FUNCTION attendance.decide(uuid, text, text, jsonb) IS 'Decide a review item: events, status, credits, mark for the payouts.';
GRANT EXECUTE ON FUNCTION attendance.decide(uuid, text, text, jsonb) TO console_client;

-- What a decision leaves on the booking's own row.
CREATE OR REPLACE FUNCTION attendance.set_booking(
    of_booking uuid, wanted public.booking_status, refunded integer, charged boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    stays_cancelled constant boolean := wanted IN ('cancelled_parent', 'cancelled_venue');
BEGIN
    UPDATE public.bookings AS k SET
        status = wanted, credits_refunded = refunded,
        confirmed_at = CASE WHEN charged AND NOT stays_cancelled THEN coalesce(k.confirmed_at, app.now()) ELSE k.confirmed_at END,
        cancelled_at = CASE WHEN stays_cancelled THEN k.cancelled_at END,
        cancellation_reason = CASE WHEN stays_cancelled THEN k.cancellation_reason END,
        cancellation_notes = CASE WHEN stays_cancelled THEN k.cancellation_notes END,
        refund_eligible = CASE WHEN charged THEN CASE WHEN stays_cancelled THEN false END
                               WHEN refunded > k.credits_refunded THEN true ELSE k.refund_eligible END,
        refund_processed = CASE WHEN charged THEN false WHEN refunded > k.credits_refunded THEN true ELSE k.refund_processed END,
        refund_processed_at = CASE WHEN charged THEN NULL
                                   WHEN refunded > k.credits_refunded THEN app.now() ELSE k.refund_processed_at END
     WHERE k.id = of_booking
       AND (charged OR k.status <> wanted OR k.credits_refunded <> refunded);
END
$$;

-- A child about whom, after a decision, nobody says anything any more is unmarked again: a new item, because decisions stand.
CREATE OR REPLACE FUNCTION attendance.open_unmarked_again(of_booking uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.review_items (venue_id, kind, booking_id, session_id, summary)
    SELECT b.venue_id, 'unmarked_after_close', b.id, b.session_id, 'Nobody said whether the child came.'
      FROM public.bookings AS b JOIN public.activity_sessions AS s ON s.id = b.session_id
     WHERE b.id = of_booking AND b.status IN ('pending', 'confirmed') AND b.attendance_state = 'unmarked'
       AND s.closed_at IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM public.review_items AS r
            WHERE r.booking_id = b.id AND r.venue_id = b.venue_id AND r.kind = 'unmarked_after_close' AND r.resolved_at IS NULL);
END
$$;
