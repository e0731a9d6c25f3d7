-- Who is in the building, and what a day came to.

-- A child's health notes as desk.roster shows them, worst first. For functions that have asked who may.
CREATE OR REPLACE FUNCTION desk.health_of(child uuid, unstructured text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN coalesce(
        (SELECT jsonb_agg(jsonb_build_object(
                    'kind', n.kind, 'severity', n.severity, 'label', n.label, 'title', n.title,
                    'instructions', n.instructions, 'confirmed_by', n.confirmed_by_name, 'confirmed_on', n.confirmed_on)
                    ORDER BY n.severity, n.kind, n.label)
           FROM public.child_health_notes AS n WHERE n.child_id = child),
        CASE WHEN btrim(unstructured) <> '' THEN jsonb_build_array(jsonb_build_object(
            'kind', 'medical', 'severity', 2, 'label', 'Health note', 'title', 'Health note',
            'instructions', unstructured)) ELSE '[]' END);
END
$$;

-- Everybody in now, of the sessions of today and yesterday (a session may run past midnight, and a child may have been
-- forgotten), with what a roll call needs; and the rooms with their places. One row. Who looked is written to the audit trail once per
-- person, desk and quarter of an hour.
CREATE OR REPLACE FUNCTION desk.building(at_venue uuid) RETURNS TABLE (at timestamptz, present jsonb, rooms jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    me record := auth.caller();
    today date;
BEGIN
    PERFORM auth.require('roster.read', at_venue);
    SELECT (app.now() AT TIME ZONE v.timezone)::date INTO today FROM public.venues AS v WHERE v.id = at_venue;
    IF me.user_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.audit_logs AS a
         WHERE a.entity_type = 'roster' AND a.entity_id = at_venue AND a.user_id = me.user_id AND a.device_id = me.device_id
           AND a.created_at > app.now() - interval '15 minutes') THEN
        INSERT INTO public.audit_logs (user_id, device_id, session_id, venue_id, action_category, action_type, entity_type,
                                       entity_id)
        VALUES (me.user_id, me.device_id, me.session_id, at_venue, 'child', 'read', 'roster', at_venue);
    END IF;
    RETURN QUERY
    WITH inside AS MATERIALIZED (
        SELECT b.id, s.room_id, r.name AS room_name, c.first_name, jsonb_build_object(
                   'booking_id', b.id, 'session_id', s.id, 'first_name', c.first_name,
                   'age_months', desk.months_old(c.date_of_birth, s.session_date), 'activity_name', a.name,
                   'room_name', r.name, 'starts_at', s.starts_at, 'ends_at', s.ends_at,
                   'in_since', coalesce(b.attendance_at, b.checked_in_at, s.starts_at), 'parent_first_name', p.first_name,
                   'parent_phone', p.phone, 'health', desk.health_of(c.id, c.allergies_medical_notes),
                   'pickup', coalesce(u.people, '[]'), 'tag', t.tag) AS facts
          FROM public.activity_sessions AS s
          JOIN public.bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id AND b.attendance_state = 'in'
          JOIN public.activities AS a ON a.id = s.activity_id
          JOIN public.children AS c ON c.id = b.child_id
          LEFT JOIN public.rooms AS r ON r.id = s.room_id
          LEFT JOIN public.users AS p ON p.id = c.parent_id
          LEFT JOIN public.pickup_tags AS t ON (t.venue_id, t.day, t.parent_id) = (s.venue_id, s.session_date, c.parent_id)
          LEFT JOIN LATERAL (
               SELECT jsonb_agg(jsonb_build_object(
                          'id', n.id, 'name', n.name, 'relationship', n.relationship, 'phone', n.phone,
                          'may_collect', n.may_collect, 'note', n.note, 'valid_from', n.valid_from,
                          'valid_until', n.valid_until) ORDER BY n.may_collect DESC, n.created_at, n.name) AS people
                 FROM public.pickup_people AS n
                WHERE n.child_id = c.id AND n.removed_at IS NULL
                  AND (NOT n.may_collect OR coalesce(n.valid_until, 'infinity') >= s.session_date)) AS u ON true
         WHERE s.venue_id = at_venue AND s.session_date IN (today, today - 1) AND desk.is_shown(c.id)
    )
    SELECT app.now(),
           (SELECT coalesce(jsonb_agg(i.facts ORDER BY lower(i.room_name) NULLS LAST, lower(i.first_name), i.id), '[]')
              FROM inside AS i),
           (SELECT coalesce(jsonb_agg(jsonb_build_object('room_name', k.name, 'inside', k.count, 'places', k.capacity)
                                      ORDER BY lower(k.name) NULLS LAST), '[]')
              FROM (SELECT r.name, r.capacity, (SELECT count(*) FROM inside AS i WHERE i.room_id = r.id) AS count
                      FROM public.rooms AS r
                     WHERE r.venue_id = at_venue
                       AND (r.is_active OR EXISTS (SELECT 1 FROM inside AS i WHERE i.room_id = r.id))
                    UNION ALL
                    SELECT NULL, NULL, count(*) FROM inside AS i WHERE i.room_id IS NULL HAVING count(*) > 0) AS k);
END
$$;
COMMENT ON FUNCTION desk.building(uuid) IS 'Everybody who is in the building now, and how full its rooms are.';
GRANT EXECUTE ON FUNCTION desk.building(uuid) TO console_client;

-- A day in numbers, session by session, of the children its rosters show: came + no_shows + absent + expected + unmarked = booked.
-- From 31 days back to a week ahead; managers any day.
CREATE OR REPLACE FUNCTION desk.day_summary(at_venue uuid, on_day date)
    RETURNS TABLE (session_id uuid, activity_name text, room_name text, starts_at timestamptz, ends_at timestamptz,
                   places integer, booked integer, came integer, no_shows integer, absent integer, expected integer,
                   unmarked integer, still_in integer, cancelled integer, walk_ins integer, late_pickups integer,
                   incidents integer, closed_at timestamptz, is_cancelled boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    today date;
BEGIN
    PERFORM auth.require('roster.read', at_venue);
    SELECT (app.now() AT TIME ZONE v.timezone)::date INTO today FROM public.venues AS v WHERE v.id = at_venue;
    IF on_day NOT BETWEEN today - 31 AND today + 7 AND NOT auth.has('review_items.resolve', at_venue) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'Days can be looked at from a month back to a week ahead.',
            HINT = 'Ask a manager.', DETAIL = 'day_closed';
    END IF;
    RETURN QUERY
    WITH hidden AS MATERIALIZED (SELECT h.id FROM desk.hidden_bookings(at_venue, on_day) AS h (id))
    SELECT s.id, a.name::text, r.name::text, s.starts_at, s.ends_at, s.total_capacity, n.booked, n.came, n.no_shows, n.absent,
           n.expected, n.unmarked, n.still_in, n.cancelled, n.walk_ins, n.late_pickups, n.incidents, s.closed_at, s.is_cancelled
      FROM public.activity_sessions AS s
      JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN public.rooms AS r ON r.id = s.room_id
     CROSS JOIN LATERAL (
           SELECT (count(*) FILTER (WHERE k.counts))::integer AS booked,
                  (count(*) FILTER (WHERE k.counts AND k.outcome = 'came'))::integer AS came,
                  (count(*) FILTER (WHERE k.counts AND k.outcome = 'no_show'))::integer AS no_shows,
                  (count(*) FILTER (WHERE k.counts AND k.outcome = 'absent'))::integer AS absent,
                  (count(*) FILTER (WHERE k.counts AND k.outcome = 'expected'))::integer AS expected,
                  (count(*) FILTER (WHERE k.counts AND k.outcome = 'unmarked'))::integer AS unmarked,
                  (count(*) FILTER (WHERE k.counts AND k.attendance_state = 'in'))::integer AS still_in,
                  (count(*) FILTER (WHERE NOT k.counts))::integer AS cancelled,
                  (count(*) FILTER (WHERE k.counts AND k.booking_source = 'desk'
                                      AND (k.created_at AT TIME ZONE s.timezone)::date = s.session_date))::integer AS walk_ins,
                  -- Somebody who was settled afterwards was not collected when that was written down.
                  (count(*) FILTER (WHERE k.counts AND k.checked_out_at > s.ends_at + interval '5 minutes'
                                      AND (s.closed_at IS NULL OR k.checked_in_at < s.closed_at)))::integer AS late_pickups,
                  coalesce(sum(k.incidents), 0)::integer AS incidents
             FROM (SELECT b.*, app.holds_place(b.status) OR b.attendance_event_id IS NOT NULL AS counts,
                          CASE WHEN b.attendance_state IN ('in', 'out') OR b.status = 'completed' THEN 'came'
                               WHEN b.status = 'no_show' THEN 'no_show'
                               ELSE b.attendance_state::text END AS outcome,
                          (SELECT count(*) FROM public.booking_notes AS n
                            WHERE n.booking_id = b.id AND n.venue_id = b.venue_id AND n.is_incident) AS incidents
                     FROM public.bookings AS b
                    WHERE b.session_id = s.id AND b.venue_id = s.venue_id
                      AND b.id NOT IN (SELECT h.id FROM hidden AS h)) AS k) AS n
     WHERE s.venue_id = at_venue AND s.session_date = on_day
     ORDER BY s.starts_at, a.name, s.id;
END
$$;
COMMENT ON FUNCTION desk.day_summary(uuid, date) IS 'What the sessions of a local day came to, in numbers.';
GRANT EXECUTE ON FUNCTION desk.day_summary(uuid, date) TO console_client;
