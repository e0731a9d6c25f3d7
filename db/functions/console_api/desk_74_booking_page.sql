-- One booking with everything that became of it, in one statement: facts, comings and goings, credits, and who changed what.
-- Staff who keep the rosters see the child's and the parent's first names inside the roster's window; those who do the books
-- see no name of a family at all. docs/design.md, "The database", rule 2.
CREATE OR REPLACE FUNCTION desk.booking_page(of_booking uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET plan_cache_mode = force_generic_plan
    SET jit = off
AS $$
DECLARE
    b record;
    me record;
    keeps_rosters boolean;
    in_window boolean;
    named boolean;
BEGIN
    SELECT k.*, s.starts_at, s.ends_at, s.session_date, s.is_cancelled, s.closed_at, a.id AS activity_id,
           a.name AS activity_name, r.name AS room_name, v.timezone,
           s.session_date - (app.now() AT TIME ZONE v.timezone)::date AS days
      INTO b
      FROM public.bookings AS k
      JOIN public.activity_sessions AS s ON s.id = k.session_id
      JOIN public.activities AS a ON a.id = s.activity_id
      JOIN public.venues AS v ON v.id = k.venue_id
      LEFT JOIN public.rooms AS r ON r.id = s.room_id
     WHERE k.id = of_booking AND k.venue_id = ANY (auth.venue_ids());
    IF b.id IS NULL THEN
        IF auth.user_id() IS NULL AND NOT auth.is_administrator() THEN
            PERFORM auth.require('sessions.read', NULL);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such booking here.', DETAIL = 'no_booking';
    END IF;
    keeps_rosters := desk.may_name(b.venue_id);
    in_window := b.days BETWEEN -2 AND 7 OR (auth.has('review_items.resolve', b.venue_id) AND EXISTS (
        SELECT 1 FROM public.review_items AS i
         WHERE i.session_id = b.session_id AND i.venue_id = b.venue_id AND i.resolved_at IS NULL));
    named := keeps_rosters AND in_window AND desk.is_shown(b.child_id);
    me := auth.caller();
    -- Looking at one child is looking at its roster, and is written down alike.
    IF named AND me.user_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.audit_logs AS l
         WHERE l.entity_type = 'roster' AND l.entity_id = b.session_id AND l.user_id = me.user_id
           AND l.device_id = me.device_id AND l.created_at > app.now() - interval '15 minutes') THEN
        INSERT INTO public.audit_logs (user_id, device_id, session_id, venue_id, action_category, action_type, entity_type,
                                       entity_id)
        VALUES (me.user_id, me.device_id, me.session_id, b.venue_id, 'child', 'read', 'roster', b.session_id);
    END IF;
    RETURN jsonb_build_object(
        'booking_id', b.id, 'session_id', b.session_id, 'activity_name', b.activity_name, 'room_name', b.room_name,
        'starts_at', b.starts_at, 'ends_at', b.ends_at, 'session_date', b.session_date,
        'session_cancelled', b.is_cancelled, 'session_closed', b.closed_at IS NOT NULL,
        'names', CASE WHEN named THEN 'shown' WHEN NOT keeps_rosters THEN 'not_allowed'
                      WHEN NOT in_window THEN 'outside_window' ELSE 'withdrawn' END,
        'child', CASE WHEN named THEN (SELECT c.first_name FROM public.children AS c WHERE c.id = b.child_id) END,
        'parent', CASE WHEN named THEN (SELECT u.first_name FROM public.users AS u WHERE u.id = b.booked_by) END,
        'code', b.confirmation_code, 'status', b.status, 'attendance', b.attendance_state, 'source', b.booking_source,
        'booked_at', b.created_at, 'cancelled_at', b.cancelled_at, 'cancellation_reason', b.cancellation_reason,
        'charged', b.credits_charged, 'refunded', b.credits_refunded, 'version', b.version,
        'owed', coalesce((
            SELECT sum(o.amount) FROM public.owed_credits AS o
             WHERE o.booking_id = b.id AND o.venue_id = b.venue_id AND o.settled_at IS NULL), 0),
        'notes', (SELECT count(*) FROM public.booking_notes AS n WHERE n.booking_id = b.id AND n.venue_id = b.venue_id),
        -- What cancelling it now would give back, in the parent's name and in the venue's; nothing where nothing was taken.
        'gives_back', CASE WHEN EXISTS (
                SELECT 1 FROM public.credit_ledger AS l
                 WHERE l.booking_id = b.id AND l.transaction_type = 'booking_debit') THEN b.credits_charged ELSE 0 END,
        'in_time', app.now() <= b.starts_at - (
            SELECT p.value::text::numeric * interval '1 hour' FROM public.platform_settings AS p
             WHERE p.key = 'cancellation_window_hours'),
        'events', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'at', e.occurred_at, 'recorded_at', e.recorded_at, 'kind', e.kind, 'desk', d.name,
                       'person', u.first_name, 'outcome', e.outcome, 'reason', e.reason, 'queued', e.origin = 'queued',
                       'undone', x.id IS NOT NULL,
                       'collected_by', CASE WHEN named AND e.kind = 'check_out' THEN
                           CASE WHEN k.relationship IS NULL THEN coalesce(e.pickup_name, k.name)
                                ELSE k.name || ', ' || k.relationship END END)
                       ORDER BY e.occurred_at DESC, e.seq DESC)
              FROM public.attendance_events AS e
              LEFT JOIN auth.devices AS d ON d.id = e.device_id
              LEFT JOIN public.users AS u ON u.id = e.person_id
              LEFT JOIN public.pickup_people AS k ON k.id = e.pickup_person_id
              LEFT JOIN public.attendance_events AS x ON x.annuls_id = e.id AND x.kind = 'annul'
                   AND x.outcome IN ('applied', 'applied_with_review')
             WHERE e.booking_id = b.id AND e.venue_id = b.venue_id), '[]'),
        'credits', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'at', l.created_at, 'kind', l.transaction_type, 'amount', l.amount, 'forfeited', l.forfeited_amount)
                       ORDER BY l.created_at DESC, l.entry_no DESC)
              FROM public.credit_ledger AS l WHERE l.booking_id = b.id), '[]'),
        'changes', coalesce((
            SELECT jsonb_agg(jsonb_build_object(
                       'at', t.created_at, 'action', t.action_type, 'person', u.first_name, 'desk', d.name,
                       'before', t.before, 'after', t.after) ORDER BY t.created_at DESC, t.action_type = 'insert', t.id)
              FROM (SELECT l.id, l.created_at, l.action_type, l.user_id, l.device_id,
                           desk.shown_changes(l.old_values) AS before, desk.shown_changes(l.new_values) AS after
                      FROM public.audit_logs AS l
                     WHERE l.entity_type = 'bookings' AND l.entity_id = b.id AND l.venue_id = b.venue_id
                     ORDER BY l.created_at DESC LIMIT 200) AS t
              LEFT JOIN public.users AS u ON u.id = t.user_id
              LEFT JOIN auth.devices AS d ON d.id = t.device_id
             WHERE t.before <> '{}' OR t.after <> '{}'), '[]'));
END
$$;
COMMENT ON FUNCTION desk.booking_page(uuid) IS 'One booking: its facts, its history, its credits, and who changed what.';

-- What a booking's page tells of a change: columns that somebody decided about, never who the child or the parent is.
CREATE OR REPLACE FUNCTION desk.shown_changes(of_values jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
RETURN coalesce((
    SELECT jsonb_object_agg(v.key, v.value) FROM jsonb_each(of_values) AS v
     WHERE v.key IN ('status', 'session_id', 'credits_charged', 'credits_refunded', 'cancelled_at', 'cancellation_reason',
                     'cancellation_notes', 'parent_notes', 'venue_notes', 'refund_eligible', 'refund_processed',
                     'attendance_state', 'booking_source', 'confirmed_at', 'group_booking_id')), '{}');

GRANT EXECUTE ON FUNCTION desk.booking_page(uuid) TO console_client;
