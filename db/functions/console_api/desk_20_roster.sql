-- The roster of a session with all that a child's card needs, in one statement. Who looked is written to the audit trail,
-- once per person, desk and quarter of an hour: refreshes are not news.

CREATE OR REPLACE FUNCTION desk.roster(of_session uuid)
    RETURNS TABLE (booking_id uuid, session_id uuid, first_name text, age_months integer, parent_first_name text,
                   parent_phone text, booking_status public.booking_status, state public.attendance_state,
                   state_at timestamptz, state_desk text, state_by text, collected_by text, confirmation_code text,
                   group_booking_id uuid, first_visit boolean, visits integer, first_visit_on date, health jsonb,
                   pickup jsonb, siblings jsonb, notes text, version integer, undo jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 20
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET plan_cache_mode = force_generic_plan
    SET jit = off
    SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    wanted constant uuid := of_session;
    at_venue constant uuid := desk.reach(wanted);
    me record;
    device constant uuid := auth.device_id();
    undo_window interval := (SELECT p.value::text::numeric * interval '1 minute' FROM public.platform_settings AS p
                              WHERE p.key = 'attendance_undo_minutes');
BEGIN
    me := auth.caller();
    IF me.user_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.audit_logs AS a
         WHERE a.entity_type = 'roster' AND a.entity_id = wanted AND a.user_id = me.user_id AND a.device_id = me.device_id
           AND a.created_at > app.now() - interval '15 minutes') THEN
        INSERT INTO public.audit_logs (user_id, device_id, session_id, venue_id, action_category, action_type, entity_type,
                                       entity_id)
        VALUES (me.user_id, me.device_id, me.session_id, at_venue, 'child', 'read', 'roster', wanted);
    END IF;
    RETURN QUERY
    SELECT b.id, b.session_id, c.first_name::text, desk.months_old(c.date_of_birth, s.session_date),
           p.first_name::text, p.phone::text, b.status, b.attendance_state, b.attendance_at,
           d.name::text, w.first_name::text,
           CASE WHEN b.attendance_state = 'out' THEN
               CASE WHEN k.relationship IS NULL THEN e.pickup_name ELSE k.name || ', ' || k.relationship END END::text,
           b.confirmation_code::text, b.group_booking_id, past.visits = 0, past.visits, past.first_on,
           coalesce(h.notes, CASE WHEN btrim(c.allergies_medical_notes) <> '' THEN jsonb_build_array(jsonb_build_object(
               'kind', 'medical', 'severity', 2, 'label', 'Health note', 'title', 'Health note',
               'instructions', c.allergies_medical_notes)) ELSE '[]' END),
           coalesce(u.people, '[]'), coalesce(sib.children, '[]'),
           nullif(concat_ws(E'\n', nullif(btrim(b.parent_notes), ''), nullif(btrim(b.venue_notes), ''),
                            desk.todays_notes(b.id, at_venue)), ''),
           b.version,
           CASE WHEN e.id IS NOT NULL THEN jsonb_build_object(
               'event_id', e.id, 'until', e.occurred_at + undo_window,
               'mine', coalesce(e.device_id = device AND e.person_id = me.user_id, false)) END
      FROM public.bookings AS b
      JOIN public.activity_sessions AS s ON s.id = b.session_id
      JOIN public.children AS c ON c.id = b.child_id
      LEFT JOIN public.users AS p ON p.id = c.parent_id
      LEFT JOIN public.attendance_events AS e ON e.id = b.attendance_event_id
      LEFT JOIN auth.devices AS d ON d.id = e.device_id
      LEFT JOIN public.users AS w ON w.id = e.person_id
      LEFT JOIN public.pickup_people AS k ON k.id = e.pickup_person_id
     CROSS JOIN LATERAL (
           SELECT count(*)::integer AS visits, min(o.session_date) AS first_on
             FROM public.bookings AS v JOIN public.activity_sessions AS o ON o.id = v.session_id
            WHERE v.child_id = b.child_id AND v.venue_id = at_venue AND v.id <> b.id AND o.starts_at < s.starts_at
              AND (v.checked_in_at IS NOT NULL OR v.status = 'completed')) AS past
      LEFT JOIN LATERAL (
           SELECT jsonb_agg(jsonb_build_object(
                      'kind', n.kind, 'severity', n.severity, 'label', n.label, 'title', n.title,
                      'instructions', n.instructions, 'confirmed_by', n.confirmed_by_name, 'confirmed_on', n.confirmed_on)
                      ORDER BY n.severity, n.kind, n.label, n.id) AS notes
             FROM public.child_health_notes AS n WHERE n.child_id = b.child_id) AS h ON true
      LEFT JOIN LATERAL (
           SELECT jsonb_agg(jsonb_build_object(
                      'id', n.id, 'name', n.name, 'relationship', n.relationship, 'phone', n.phone,
                      'may_collect', n.may_collect, 'note', n.note, 'valid_from', n.valid_from, 'valid_until', n.valid_until)
                      ORDER BY n.may_collect DESC, n.created_at, n.name, n.id) AS people
             FROM public.pickup_people AS n
            WHERE n.child_id = b.child_id AND n.removed_at IS NULL AND (NOT n.may_collect OR coalesce(n.valid_until, 'infinity') >= s.session_date)
           ) AS u ON true
      LEFT JOIN LATERAL (
           SELECT jsonb_agg(jsonb_build_object(
                      'booking_id', sb.id, 'session_id', sb.session_id, 'first_name', sc.first_name,
                      'age_months', desk.months_old(sc.date_of_birth, ss.session_date), 'activity_name', sa.name,
                      'starts_at', ss.starts_at, 'state', sb.attendance_state,
                      'same_group', coalesce(sb.group_booking_id = b.group_booking_id, false))
                      ORDER BY ss.starts_at, sc.first_name, sb.id) AS children
             FROM public.children AS sc
             JOIN public.bookings AS sb ON sb.child_id = sc.id AND sb.venue_id = at_venue AND app.holds_place(sb.status)
             JOIN public.activity_sessions AS ss ON ss.id = sb.session_id AND ss.session_date = s.session_date
                  AND NOT ss.is_cancelled
             JOIN public.activities AS sa ON sa.id = ss.activity_id
            WHERE sc.parent_id = c.parent_id AND sc.id <> c.id AND desk.is_shown(sc.id)) AS sib ON true
     WHERE b.session_id = wanted AND b.venue_id = at_venue
       AND (app.holds_place(b.status) OR b.attendance_event_id IS NOT NULL) AND desk.is_shown(c.id)
     ORDER BY lower(c.first_name), c.date_of_birth DESC, b.id;
END
$$;
COMMENT ON FUNCTION desk.roster(uuid) IS 'The children of a session with everything the desk must know about them.';
GRANT EXECUTE ON FUNCTION desk.roster(uuid) TO console_client;
