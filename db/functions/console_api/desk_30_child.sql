-- One child's history at this venue, and names looked up among today's sessions.

-- The newest fifty events that counted, of all the child's bookings at the venue of this one. detail carries activity_name,
-- session_id and, where true, collected_by, undone and queued.
CREATE OR REPLACE FUNCTION desk.child_history(booking_id uuid)
    RETURNS TABLE (at timestamptz, kind public.attendance_kind, desk text, person text, detail jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    asked record;
    at_venue uuid;
BEGIN
    SELECT b.session_id, b.child_id INTO asked FROM public.bookings AS b WHERE b.id = booking_id;
    -- NULL for an absent booking: reach answers as it does for a foreign one.
    at_venue := desk.reach(asked.session_id);
    RETURN QUERY
    SELECT e.occurred_at, e.kind, d.name::text, p.first_name::text,
           jsonb_strip_nulls(jsonb_build_object(
               'activity_name', a.name, 'session_id', s.id,
               'collected_by', CASE WHEN e.kind = 'check_out' THEN
                   CASE WHEN k.relationship IS NULL THEN e.pickup_name ELSE k.name || ', ' || k.relationship END END,
               'undone', CASE WHEN x.id IS NOT NULL THEN true END,
               'queued', CASE WHEN e.origin = 'queued' THEN true END))
      FROM public.bookings AS b
      JOIN public.attendance_events AS e ON e.booking_id = b.id AND e.venue_id = b.venue_id
           AND e.outcome IN ('applied', 'applied_with_review')
      JOIN public.activity_sessions AS s ON s.id = b.session_id
      JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN auth.devices AS d ON d.id = e.device_id
      LEFT JOIN public.users AS p ON p.id = e.person_id
      LEFT JOIN public.pickup_people AS k ON k.id = e.pickup_person_id
      LEFT JOIN public.attendance_events AS x ON x.annuls_id = e.id AND x.kind = 'annul'
           AND x.outcome IN ('applied', 'applied_with_review')
     WHERE b.child_id = asked.child_id AND b.venue_id = at_venue AND desk.is_shown(b.child_id)
     ORDER BY e.occurred_at DESC, e.seq DESC
     LIMIT 50;
END
$$;
COMMENT ON FUNCTION desk.child_history(uuid) IS 'What this venue knows of a child''s comings and goings, newest first.';
GRANT EXECUTE ON FUNCTION desk.child_history(uuid) TO console_client;

-- Children of today's sessions whose name, or whose parent's, begins like the query (a word of it), from the second letter on.
-- Twenty at most: the child's own name first, then by time.
CREATE OR REPLACE FUNCTION desk.search_today(venue_id uuid, query text)
    RETURNS TABLE (booking_id uuid, session_id uuid, first_name text, age_months integer, parent_first_name text,
                   activity_name text, starts_at timestamptz, state public.attendance_state)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue constant uuid := venue_id;
    plain constant text := desk.plain_name(query);
    today date;
BEGIN
    PERFORM auth.require('roster.read', at_venue);
    IF length(plain) < 2 THEN
        RETURN;
    END IF;
    SELECT (app.now() AT TIME ZONE v.timezone)::date INTO today FROM public.venues AS v WHERE v.id = at_venue;
    RETURN QUERY
    SELECT f.id, f.session_id, f.name, f.months, f.parent, f.activity, f.starts_at, f.attendance_state
      FROM (SELECT b.id, b.session_id, c.first_name::text AS name, desk.months_old(c.date_of_birth, s.session_date) AS months,
                   p.first_name::text AS parent, a.name::text AS activity, s.starts_at, b.attendance_state, c.id AS child,
                   position(' ' || plain IN ' ' || desk.plain_name(replace(c.first_name, '-', ' '))) > 0 AS by_name,
                   position(' ' || plain IN ' ' || desk.plain_name(replace(p.first_name, '-', ' '))) > 0 AS by_parent
              FROM public.activity_sessions AS s
              JOIN public.activities AS a ON a.id = s.activity_id
              JOIN public.bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id
              JOIN public.children AS c ON c.id = b.child_id
              LEFT JOIN public.users AS p ON p.id = c.parent_id
             WHERE s.venue_id = at_venue AND NOT s.is_cancelled
               -- Today's, and what began yesterday and is still going on after midnight.
               AND (s.session_date = today OR (s.session_date = today - 1 AND s.ends_at > app.now()))
               AND app.holds_place(b.status)) AS f
     WHERE (f.by_name OR f.by_parent) AND desk.is_shown(f.child)
     ORDER BY f.by_name DESC, f.starts_at, lower(f.name), f.id
     LIMIT 20;
END
$$;
COMMENT ON FUNCTION desk.search_today(uuid, text) IS 'Children of today''s sessions by the beginning of a name.';
GRANT EXECUTE ON FUNCTION desk.search_today(uuid, text) TO console_client;
