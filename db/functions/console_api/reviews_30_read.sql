-- The list of review items and the facts of one, side by side: what was booked, what the desks reported, what each decision
-- would cost. First names through the open item, however long ago the session was; of a decided one only while its
-- roster is open. docs/design.md, "The database" (rule 2).

-- Whether a booking's roster is open to anybody now: from two days after its session back to a week before it.
CREATE OR REPLACE FUNCTION attendance.roster_is_open(of_session uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce((SELECT s.session_date - (app.now() AT TIME ZONE s.timezone)::date BETWEEN -2 AND 7
                       FROM public.activity_sessions AS s WHERE s.id = of_session), false);
END
$$;

-- A page of items. Open ones oldest first; with the decided ones, newest first. `after_key` is the page_key of the last row seen.
CREATE OR REPLACE FUNCTION attendance.review_list(
    at_venue uuid, include_done boolean DEFAULT false, after_key jsonb DEFAULT NULL, at_most integer DEFAULT 200)
    RETURNS TABLE (item_id uuid, kind public.review_item_kind, topic text, reason public.refusal_reason,
                   event_kind public.attendance_kind, opened_at timestamptz, first_name text, activity_name text,
                   starts_at timestamptz, summary text, decision text, resolution text, resolved_at timestamptz,
                   resolved_by_name text, page_key jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    beyond constant text := CASE WHEN include_done THEN '<' ELSE '>' END;
    way constant text := CASE WHEN include_done THEN 'DESC' ELSE 'ASC' END;
BEGIN
    PERFORM auth.require('review_items.resolve', at_venue);
    PERFORM auth.require('roster.read', at_venue);
    IF include_done IS NULL OR at_most IS NULL OR at_most NOT BETWEEN 1 AND 1000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be read like that.', DETAIL = 'unknown_sort';
    END IF;
    RETURN QUERY EXECUTE format($statement$
        SELECT p.id, p.kind, p.topic::text, coalesce(e.reason, e.would_have_refused), e.kind, p.opened_at,
               CASE WHEN c.id IS NULL OR (p.resolved_at IS NOT NULL AND NOT attendance.roster_is_open(b.session_id)) THEN NULL
                    ELSE c.first_name::text END,
               a.name::text, s.starts_at, p.summary, p.decision::text, p.resolution, p.resolved_at, u.first_name::text,
               jsonb_build_array(p.opened_at, p.id)
          FROM (SELECT r.* FROM public.review_items AS r
                 WHERE r.venue_id = $1 %1$s
                   AND ($2 IS NULL OR (r.opened_at, r.id) %2$s (($2 ->> 0)::timestamptz, ($2 ->> 1)::uuid))
                 ORDER BY r.opened_at %3$s, r.id %3$s LIMIT $3) AS p
          LEFT JOIN public.bookings AS b ON b.id = p.booking_id
          LEFT JOIN public.children AS c ON c.id = b.child_id AND desk.is_shown(c.id)
          LEFT JOIN public.attendance_events AS e ON e.id = p.event_id
          LEFT JOIN public.activity_sessions AS s ON s.id = coalesce(p.session_id, b.session_id)
          LEFT JOIN public.activities AS a ON a.id = s.activity_id
          LEFT JOIN public.users AS u ON u.id = p.resolved_by
         ORDER BY p.opened_at %3$s, p.id %3$s
        $statement$, CASE WHEN include_done THEN '' ELSE 'AND r.resolved_at IS NULL' END, beyond, way)
        USING at_venue, after_key, at_most;
END
$$;
COMMENT ON FUNCTION attendance.review_list(uuid, boolean, jsonb, integer) IS 'What a manager has to look at, a page at a time.';
GRANT EXECUTE ON FUNCTION attendance.review_list(uuid, boolean, jsonb, integer) TO console_client;

-- How many items are open, for the badge.
CREATE OR REPLACE FUNCTION attendance.review_count(at_venue uuid) RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('review_items.resolve', at_venue);
    RETURN (SELECT count(*) FROM public.review_items AS r WHERE r.venue_id = at_venue AND r.resolved_at IS NULL);
END
$$;
COMMENT ON FUNCTION attendance.review_count(uuid) IS 'How many review items of a venue are open.';
GRANT EXECUTE ON FUNCTION attendance.review_count(uuid) TO console_client;

-- What the desks reported about a booking, oldest first.
CREATE OR REPLACE FUNCTION attendance.reported(of_booking uuid, about uuid, named boolean) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'event_id', e.id, 'kind', e.kind, 'occurred_at', e.occurred_at, 'recorded_at', e.recorded_at,
                   'desk', d.name, 'person', u.first_name, 'origin', e.origin, 'outcome', e.outcome,
                   'reason', coalesce(e.reason, e.would_have_refused), 'is_this', e.id IS NOT DISTINCT FROM about,
                   'claimed_at', e.detail -> 'claimed_at',
                   'pickup_name', CASE WHEN named THEN e.pickup_name END,
                   'taken_back', EXISTS (SELECT 1 FROM public.attendance_events AS x WHERE x.annuls_id = e.id
                       AND x.kind = 'annul' AND x.outcome IN ('applied', 'applied_with_review')))
               ORDER BY e.occurred_at, e.device_id, e.seq), '[]')
          FROM public.attendance_events AS e
          LEFT JOIN auth.devices AS d ON d.id = e.device_id
          LEFT JOIN public.users AS u ON u.id = e.person_id
         WHERE e.booking_id = of_booking);
END
$$;

-- Everything to decide by. The keys are read by console/storage/reviews.py.
CREATE OR REPLACE FUNCTION attendance.review_facts(of_item uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    at_venue constant uuid := attendance.reach_review(of_item);
    r record;
    b record;
    money record;
    named boolean;
    booking jsonb;
    choices jsonb;
BEGIN
    SELECT i.* INTO r FROM public.review_items AS i WHERE i.id = of_item;
    SELECT k.*, c.first_name, desk.is_shown(c.id) AS shown INTO b
      FROM public.bookings AS k JOIN public.children AS c ON c.id = k.child_id WHERE k.id = r.booking_id;
    named := coalesce(b.shown, false) AND (r.resolved_at IS NULL OR attendance.roster_is_open(b.session_id));
    IF b.id IS NOT NULL THEN
        money := attendance.money_of(b.id);
        booking := jsonb_build_object(
            'code', b.confirmation_code, 'status', b.status, 'attendance', b.attendance_state, 'source', b.booking_source,
            'booked_at', b.created_at, 'cancelled_at', b.cancelled_at, 'cancellation_reason', b.cancellation_reason,
            'refund_eligible', b.refund_eligible, 'credits_charged', b.credits_charged,
            'taken', money.debited, 'given_back', money.refunded, 'forfeited', money.forfeited, 'owed', money.owed,
            'family_credits', money.spendable,
            'paid_out', EXISTS (SELECT 1 FROM public.payout_lines AS p
                                 WHERE p.session_id = b.session_id AND p.booking_id = b.id AND p.venue_id = at_venue));
        SELECT jsonb_agg(jsonb_build_object(
                   'decision', p.decision, 'needs_note', p.needs_note, 'events', p.events, 'status_after', p.status_after,
                   'moved', p.moved, 'owed', p.owed, 'forfeited', p.forfeited,
                   'family_credits_after', money.spendable + CASE WHEN p.moved > 0 AND NOT money.lands THEN 0 ELSE p.moved END,
                   'earned_before', p.earned_before, 'earned_after', p.earned_after) ORDER BY p.place)
          INTO choices FROM attendance.review_plan(of_item) AS p;
    ELSE
        SELECT jsonb_agg(to_jsonb(p) - ARRAY['place', 'refunded_after'] ORDER BY p.place) INTO choices
          FROM attendance.review_plan(of_item) AS p;
    END IF;
    RETURN jsonb_build_object(
        'item_id', r.id, 'kind', r.kind, 'topic', r.topic, 'summary', r.summary, 'opened_at', r.opened_at,
        'decision', r.decision, 'resolution', r.resolution, 'note', CASE WHEN named OR b.id IS NULL THEN r.note END,
        'resolved_at', r.resolved_at,
        'resolved_by_name', (SELECT u.first_name FROM public.users AS u WHERE u.id = r.resolved_by),
        'booking_id', b.id, 'first_name', CASE WHEN named THEN b.first_name END,
        'session', (SELECT jsonb_build_object(
                        'name', a.name, 'room', o.name, 'starts_at', s.starts_at, 'ends_at', s.ends_at,
                        'places', s.total_capacity, 'booked', s.booked_count, 'closed_at', s.closed_at, 'cancelled', s.is_cancelled,
                        'inside', (SELECT count(*) FROM public.bookings AS k
                                    WHERE k.session_id = s.id AND k.attendance_state = 'in'))
                      FROM public.activity_sessions AS s
                      JOIN public.activities AS a ON a.id = s.activity_id
                      LEFT JOIN public.rooms AS o ON o.id = s.room_id
                     WHERE s.id = coalesce(b.session_id, r.session_id)),
        'elsewhere', CASE WHEN r.topic = 'two_sessions' THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'starts_at', s.starts_at, 'ends_at', s.ends_at,
                       'checked_in_at', k.checked_in_at, 'checked_out_at', k.checked_out_at) ORDER BY k.checked_in_at), '[]')
              FROM public.bookings AS k
              JOIN public.activity_sessions AS s ON s.id = k.session_id
              JOIN public.activities AS a ON a.id = s.activity_id
             WHERE k.child_id = b.child_id AND k.venue_id = at_venue AND k.session_id <> b.session_id
               AND k.checked_in_at < coalesce(b.checked_out_at, 'infinity')
               AND coalesce(k.checked_out_at, s.ends_at) > b.checked_in_at) ELSE '[]' END,
        'booking', booking,
        'reported', CASE WHEN b.id IS NULL THEN '[]' ELSE attendance.reported(b.id, r.event_id, named) END,
        'choices', coalesce(choices, '[]'));
END
$$;
COMMENT ON FUNCTION attendance.review_facts(uuid) IS 'The facts of a review item side by side, with what each decision would cost.';
GRANT EXECUTE ON FUNCTION attendance.review_facts(uuid) TO console_client;
