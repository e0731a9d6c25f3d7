-- A venue's week as a desk keeps it for when it is offline: what desk.roster says of every session from yesterday to a week
-- ahead, in one statement and made for all of them together. docs/design.md, "The desk protocol".

-- The bookings a snapshot is about. With since NULL all on a roster of the window; else those of every family of which
-- something changed, because a child's row tells of siblings, earlier visits and the parent's telephone too, and in gone
-- those of them that are on no roster (any more).
CREATE OR REPLACE FUNCTION desk.snapshot_bookings(
    at_venue uuid, first_day date, last_day date, since xid8, OUT wanted uuid[], OUT gone uuid[])
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
BEGIN
    -- Hardly a child has one of the signs of being hidden, so the rule itself is asked for few.
    SELECT coalesce(array_agg(f.id) FILTER (WHERE f.listed), '{}'), coalesce(array_agg(f.id) FILTER (WHERE NOT f.listed), '{}')
      INTO wanted, gone
      FROM (SELECT b.id,
                   (app.holds_place(b.status) OR b.attendance_event_id IS NOT NULL)
                   AND (c.parental_consent_given AND NOT c.deletion_requested AND c.anonymised_at IS NULL
                        AND NOT EXISTS (SELECT 1 FROM public.parental_consent_records AS r
                                         WHERE r.child_id = c.id AND r.withdrawn)
                        OR desk.is_shown(c.id)) AS listed,
                   since IS NULL OR bool_or(b.changed_xid >= since OR s.changed_xid >= since OR c.changed_xid >= since
                                            OR p.changed_xid >= since) OVER (PARTITION BY c.parent_id) AS touched
              FROM public.activity_sessions AS s
              JOIN public.bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id
              JOIN public.children AS c ON c.id = b.child_id
              JOIN public.users AS p ON p.id = c.parent_id
             WHERE s.venue_id = at_venue AND s.session_date BETWEEN first_day AND last_day) AS f
     WHERE f.touched;
    IF since IS NULL THEN
        gone := '{}';
    END IF;
END
$$;

-- since and for_day are the until and the today of the answer before. It is answered whole without them, on another day,
-- by another history of the server, and where a row is gone that can no longer say where it belonged. Rows come in this
-- order: one 'head', the sessions ('session', always all of them: they are few), the children of each session ('children',
-- those told this time) and bookings that are on no roster any more ('gone'). The children of a session are one text,
-- because five thousand rows on their way cost a desk more than their content: records end with chr(30), their parts
-- (code, booking, what desk.roster says as JSON) with chr(31). JSON holds neither.
CREATE OR REPLACE FUNCTION desk.snapshot(at_venue uuid, since xid8 DEFAULT NULL, for_day date DEFAULT NULL)
    RETURNS TABLE (part text, id text, day text, facts text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1000
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET plan_cache_mode = force_custom_plan
    SET timezone = 'UTC'
    SET jit = off
    SET work_mem = '32MB'
    -- The joins are written in the order they are to be made in: looking for another costs more than the delta's rows.
    SET join_collapse_limit = 1
    SET from_collapse_limit = 1
AS $$
#variable_conflict use_column
DECLARE
    me record;
    device constant uuid := auth.device_id();
    undo_window interval := (SELECT p.value::text::numeric * interval '1 minute' FROM public.platform_settings AS p
                              WHERE p.key = 'attendance_undo_minutes');
    until constant xid8 := pg_snapshot_xmin(pg_current_snapshot());
    today date;
    known xid8 := since;
    wanted uuid[];
    gone uuid[];
BEGIN
    PERFORM auth.require('roster.read', at_venue);
    SELECT (app.now() AT TIME ZONE v.timezone)::date INTO today FROM public.venues AS v WHERE v.id = at_venue;
    me := auth.caller();
    IF me.user_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.audit_logs AS a
         WHERE a.entity_type = 'roster' AND a.entity_id = at_venue AND a.user_id = me.user_id AND a.device_id = me.device_id
           AND a.created_at > app.now() - interval '15 minutes') THEN
        INSERT INTO public.audit_logs (user_id, device_id, session_id, venue_id, action_category, action_type, entity_type,
                                       entity_id)
        VALUES (me.user_id, me.device_id, me.session_id, at_venue, 'child', 'read', 'roster', at_venue);
    END IF;
    IF for_day IS DISTINCT FROM today OR since > pg_snapshot_xmax(pg_current_snapshot())
        OR EXISTS (SELECT 1 FROM public.venues AS v WHERE v.id = at_venue AND v.changed_xid >= since)
        OR EXISTS (SELECT 1 FROM public.activities AS a WHERE a.venue_id = at_venue AND a.changed_xid >= since)
        OR EXISTS (SELECT 1 FROM public.rooms AS r WHERE r.venue_id = at_venue AND r.changed_xid >= since)
        OR EXISTS (SELECT 1 FROM app.tombstones AS t
                    WHERE t.venue_id = at_venue AND t.changed_xid >= since
                      AND t.table_name IN ('activity_sessions', 'bookings', 'rooms', 'activities')) THEN
        known := NULL;
    END IF;
    SELECT f.wanted, f.gone INTO wanted, gone
      FROM desk.snapshot_bookings(at_venue, today - 1, today + 7, known) AS f;

    RETURN QUERY
    SELECT 'head', NULL::text, NULL::text, json_build_object(
               'until', until::text, 'today', today, 'whole', known IS NULL, 'taken_at', app.now())::text;
    RETURN QUERY
    SELECT 'session', s.id::text, s.session_date::text, json_build_object(
               'id', s.id, 'venue_id', s.venue_id, 'activity_name', a.name, 'room_name', r.name, 'instructor', s.instructor_name,
               'starts_at', s.starts_at, 'ends_at', s.ends_at, 'min_age_months', a.min_age_months,
               'max_age_months', a.max_age_months, 'capacity', s.total_capacity, 'is_cancelled', s.is_cancelled,
               'closed_at', s.closed_at)::text
      FROM public.activity_sessions AS s
      JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN public.rooms AS r ON r.id = s.room_id
     WHERE s.venue_id = at_venue AND s.session_date BETWEEN today - 1 AND today + 7
     ORDER BY s.starts_at, a.name, s.id;
    IF cardinality(wanted) > 0 THEN
        RETURN QUERY
        WITH b AS MATERIALIZED (
            SELECT k.id, k.session_id, k.child_id, k.status, k.attendance_state, k.attendance_at, k.attendance_event_id,
                   k.confirmation_code, k.group_booking_id, k.parent_notes, k.venue_notes, k.version,
                   s.session_date, s.starts_at, s.is_cancelled, a.name AS activity_name, c.first_name,
                   c.parent_id, c.allergies_medical_notes, desk.months_old(c.date_of_birth, s.session_date) AS months,
                   row_number() OVER (ORDER BY lower(c.first_name), c.date_of_birth DESC, k.id) AS place
              FROM unnest(wanted) AS q (id)
              JOIN public.bookings AS k ON k.id = q.id
              JOIN public.activity_sessions AS s ON s.id = k.session_id
              JOIN public.activities AS a ON a.id = s.activity_id
              JOIN public.children AS c ON c.id = k.child_id),
        h AS MATERIALIZED (
            SELECT n.child_id, json_agg(json_build_object(
                       'kind', n.kind, 'severity', n.severity, 'label', n.label, 'title', n.title,
                       'instructions', n.instructions, 'confirmed_by', n.confirmed_by_name, 'confirmed_on', n.confirmed_on)
                       ORDER BY n.severity, n.kind, n.label, n.id) AS notes
              FROM public.child_health_notes AS n WHERE n.child_id IN (SELECT x.child_id FROM b AS x) GROUP BY n.child_id),
        u AS MATERIALIZED (
            SELECT d.child_id, d.session_date, json_agg(json_build_object(
                       'id', n.id, 'name', n.name, 'relationship', n.relationship, 'phone', n.phone,
                       'may_collect', n.may_collect, 'note', n.note, 'valid_from', n.valid_from, 'valid_until', n.valid_until)
                       ORDER BY n.may_collect DESC, n.created_at, n.name, n.id) AS people
              FROM (SELECT DISTINCT x.child_id, x.session_date FROM b AS x) AS d
              JOIN public.pickup_people AS n ON n.child_id = d.child_id
             WHERE n.removed_at IS NULL AND (NOT n.may_collect OR coalesce(n.valid_until, 'infinity') >= d.session_date)
             GROUP BY d.child_id, d.session_date),
        sib AS MATERIALIZED (
            SELECT x.id, json_agg(json_build_object(
                       'booking_id', o.id, 'session_id', o.session_id, 'first_name', o.first_name, 'age_months', o.months,
                       'activity_name', o.activity_name, 'starts_at', o.starts_at, 'state', o.attendance_state,
                       'same_group', coalesce(o.group_booking_id = x.group_booking_id, false))
                       ORDER BY o.starts_at, o.first_name, o.id) AS children
              FROM b AS x
              JOIN b AS o ON o.parent_id = x.parent_id AND o.session_date = x.session_date AND o.child_id <> x.child_id
             WHERE app.holds_place(o.status) AND NOT o.is_cancelled
             GROUP BY x.id),
        past AS MATERIALIZED (
            SELECT x.id, count(*)::integer AS visits, min(o.session_date) AS first_on
              FROM b AS x
              JOIN public.bookings AS v ON v.child_id = x.child_id AND v.venue_id = at_venue AND v.id <> x.id
                   AND (v.checked_in_at IS NOT NULL OR v.status = 'completed')
              JOIN public.activity_sessions AS o ON o.id = v.session_id AND o.starts_at < x.starts_at
             GROUP BY x.id),
        noted AS MATERIALIZED (
            SELECT DISTINCT n.booking_id FROM public.booking_notes AS n
             WHERE n.venue_id = at_venue AND n.written_at > app.now() - interval '2 days')
        SELECT 'children', r.session_id::text, NULL::text,
               string_agg(concat_ws(chr(31), r.confirmation_code, r.booking_id, row_to_json(r)), chr(30) ORDER BY r.place)
          FROM (
        SELECT b.place, b.id AS booking_id, b.session_id, b.first_name, b.months AS age_months,
               p.first_name AS parent_first_name, p.phone AS parent_phone, b.status AS booking_status,
               b.attendance_state AS state, b.attendance_at AS state_at, d.name AS state_desk, w.first_name AS state_by,
               CASE WHEN b.attendance_state = 'out' THEN
                   CASE WHEN k.relationship IS NULL THEN e.pickup_name ELSE k.name || ', ' || k.relationship END
                   END AS collected_by,
               b.confirmation_code, b.group_booking_id, past.id IS NULL AS first_visit, coalesce(past.visits, 0) AS visits,
               past.first_on AS first_visit_on,
               coalesce(h.notes, CASE WHEN btrim(b.allergies_medical_notes) <> '' THEN json_build_array(
                   json_build_object('kind', 'medical', 'severity', 2, 'label', 'Health note', 'title', 'Health note',
                                     'instructions', b.allergies_medical_notes)) ELSE '[]' END) AS health,
               coalesce(u.people, '[]') AS pickup, coalesce(sib.children, '[]') AS siblings,
               nullif(concat_ws(E'\n', nullif(btrim(b.parent_notes), ''), nullif(btrim(b.venue_notes), ''),
                   CASE WHEN noted.booking_id IS NOT NULL THEN desk.todays_notes(b.id, at_venue) END), '') AS notes,
               b.version,
               CASE WHEN e.id IS NOT NULL THEN json_build_object(
                   'event_id', e.id, 'until', e.occurred_at + undo_window,
                   'mine', coalesce(e.device_id = device AND e.person_id = me.user_id, false)) END AS undo
          FROM b
          LEFT JOIN public.users AS p ON p.id = b.parent_id
          LEFT JOIN public.attendance_events AS e ON e.id = b.attendance_event_id
          LEFT JOIN auth.devices AS d ON d.id = e.device_id
          LEFT JOIN public.users AS w ON w.id = e.person_id
          LEFT JOIN public.pickup_people AS k ON k.id = e.pickup_person_id
          LEFT JOIN h ON h.child_id = b.child_id
          LEFT JOIN u ON u.child_id = b.child_id AND u.session_date = b.session_date
          LEFT JOIN sib ON sib.id = b.id
          LEFT JOIN past ON past.id = b.id
          LEFT JOIN noted ON noted.booking_id = b.id) AS r
         GROUP BY r.session_id;
    END IF;
    RETURN QUERY SELECT 'gone', g.id::text, NULL::text, NULL::text FROM unnest(gone) AS g (id);
END
$$;
COMMENT ON FUNCTION desk.snapshot(uuid, xid8, date) IS 'The rosters of a venue from yesterday to a week ahead, or what changed in them.';
GRANT EXECUTE ON FUNCTION desk.snapshot(uuid, xid8, date) TO console_client;
