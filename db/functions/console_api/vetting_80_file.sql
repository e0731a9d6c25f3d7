-- Since version 0006.
-- Everything about one venue on one page, for headquarters, in one statement. Whoever may not see money or the trail gets neither;
-- of people first names, of the trail who did what and never what it said. docs/design.md, "Screens" (platform).

-- Refuse who does not vet venues, and a venue there is not.
CREATE OR REPLACE FUNCTION vetting.require_file(of_venue uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    IF NOT EXISTS (SELECT 1 FROM public.venues AS v WHERE v.id = of_venue) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such venue.', DETAIL = 'no_venue';
    END IF;
END
$$;

-- Who works there and when they last signed in, the workstations, and the weekly patterns that still run.
CREATE OR REPLACE FUNCTION vetting.file_staff(of_venue uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('first_name', u.first_name, 'role', g.role, 'since', g.granted_at,
                                                 'last_seen_at', s.seen_at) ORDER BY g.role, u.first_name, g.id), '[]')
      FROM public.staff_grants AS g
      JOIN public.users AS u ON u.id = g.user_id
      LEFT JOIN (SELECT p.user_id, max(p.issued_at) AS seen_at FROM auth.person_sessions AS p
                  WHERE p.user_id IN (SELECT x.user_id FROM public.staff_grants AS x
                                       WHERE x.venue_id = of_venue AND x.revoked_at IS NULL)
                  GROUP BY p.user_id) AS s ON s.user_id = g.user_id
     WHERE g.venue_id = of_venue AND g.revoked_at IS NULL
$$;

CREATE OR REPLACE FUNCTION vetting.file_devices(of_venue uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('name', d.name, 'status', d.status, 'last_seen_at',
               (SELECT max(p.issued_at) FROM auth.person_sessions AS p WHERE p.device_id = d.id)) ORDER BY d.status, d.name, d.id), '[]')
      FROM auth.devices AS d WHERE d.venue_id = of_venue
$$;

CREATE OR REPLACE FUNCTION vetting.file_series(of_venue uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('activity', a.name, 'days', r.days_of_week, 'start', to_char(r.start_time, 'HH24:MI'),
               'minutes', r.duration_minutes, 'every_weeks', r.every_weeks, 'next_on', n.next_on, 'booked', coalesce(n.booked, 0))
               ORDER BY a.name, r.start_time, r.id), '[]')
      FROM public.activity_recurring_schedules AS r
      JOIN public.activities AS a ON a.id = r.activity_id
      LEFT JOIN (SELECT s.recurring_schedule_id, min(s.session_date) AS next_on, sum(s.booked_count) AS booked
                   FROM public.activity_sessions AS s
                  WHERE s.venue_id = of_venue AND s.starts_at > app.now() AND NOT s.is_cancelled AND s.recurring_schedule_id IS NOT NULL
                  GROUP BY s.recurring_schedule_id) AS n ON n.recurring_schedule_id = r.id
     WHERE r.venue_id = of_venue AND r.is_active
       AND (r.effective_until IS NULL OR r.effective_until >= vetting.today_at(of_venue) OR n.next_on IS NOT NULL)
$$;

-- Its papers: what was filed, and the statements of its payouts for who may see those.
CREATE OR REPLACE FUNCTION vetting.file_documents(of_venue uuid, with_money boolean) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'title', k.title, 'kind', k.kind, 'media_type', k.media_type,
                                                 'added_at', k.added_at, 'pages', k.pages) ORDER BY k.added_at DESC, k.id), '[]')
      FROM (SELECT l.document_id AS id, l.title::text, f.requirement::text AS kind, d.media_type::text, l.added_at, l.pages
              FROM public.filing_documents AS l
              JOIN public.requirement_filings AS f ON f.id = l.filing_id
              JOIN public.documents AS d ON d.id = l.document_id
             WHERE l.venue_id = of_venue
             UNION ALL
            SELECT d.id, d.file_name::text, 'statement', d.media_type::text, d.created_at, NULL
              FROM public.documents AS d WHERE with_money AND d.venue_id = of_venue AND d.kind = 'statement') AS k
$$;

CREATE OR REPLACE FUNCTION vetting.incident(i public.venue_incidents) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN jsonb_build_object('id', i.id, 'version', i.version, 'happened_on', i.happened_on, 'severity', i.severity, 'title', i.title,
    'body', i.body, 'reported_by', (SELECT u.first_name FROM public.users AS u WHERE u.id = i.reported_by),
    'reported_at', i.reported_at, 'resolution', i.resolution,
    'resolved_by', (SELECT u.first_name FROM public.users AS u WHERE u.id = i.resolved_by), 'resolved_at', i.resolved_at);

CREATE OR REPLACE FUNCTION vetting.note(n public.venue_file_notes) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN jsonb_build_object('id', n.id, 'body', n.body, 'by', (SELECT u.first_name FROM public.users AS u WHERE u.id = n.by_user),
                          'at', n.at);

-- The whole file. The keys are read by console/storage/venue_file_rows.py.
CREATE OR REPLACE FUNCTION vetting.venue_file(of_venue uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
DECLARE
    sees_money boolean;
    sees_trail boolean;
BEGIN
    PERFORM vetting.require_file(of_venue);
    sees_money := auth.has('payouts.read', of_venue);
    sees_trail := auth.has('audit.read', NULL);
    RETURN jsonb_build_object(
        'facts', vetting.venue_facts(of_venue),
        'cells', coalesce((SELECT c.cells FROM vetting.compliance_rows(ARRAY[of_venue]) AS c), '{}'),
        'cases', (SELECT coalesce(jsonb_agg(to_jsonb(c) ORDER BY c.opened_at DESC, c.id), '[]')
                    FROM vetting.case_rows(ARRAY(SELECT k.id FROM public.venue_cases AS k WHERE k.venue_id = of_venue
                                                  ORDER BY k.opened_at DESC LIMIT 50)) AS c),
        'staff', vetting.file_staff(of_venue),
        'devices', vetting.file_devices(of_venue),
        'series', vetting.file_series(of_venue),
        'scores', (SELECT coalesce(jsonb_agg(jsonb_build_array(s.week, s.composite) ORDER BY s.week DESC), '[]')
                     FROM (SELECT DISTINCT ON (p.score_week_start) p.score_week_start AS week, p.composite_score::text AS composite
                             FROM public.venue_performance_scores AS p WHERE p.venue_id = of_venue
                            ORDER BY p.score_week_start DESC, p.revision DESC LIMIT 26) AS s),
        'payouts', CASE WHEN sees_money THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_object('period', p.payout_period_start, 'net', p.net_payout::text,
                                                         'currency', p.currency, 'status', p.status) ORDER BY p.payout_period_start DESC), '[]')
              FROM (SELECT x.* FROM public.venue_payouts AS x WHERE x.venue_id = of_venue
                     ORDER BY x.payout_period_start DESC LIMIT 12) AS p) ELSE '[]' END,
        'documents', vetting.file_documents(of_venue, sees_money),
        'incidents', (SELECT coalesce(jsonb_agg(vetting.incident(i) ORDER BY i.resolved_at IS NULL DESC, i.happened_on DESC, i.id), '[]')
                        FROM public.venue_incidents AS i WHERE i.venue_id = of_venue),
        'notes', (SELECT coalesce(jsonb_agg(vetting.note(n) ORDER BY n.at DESC, n.id), '[]')
                    FROM public.venue_file_notes AS n WHERE n.venue_id = of_venue),
        'events', vetting.history(of_venue, 50),
        'audit', CASE WHEN sees_trail THEN (
            SELECT coalesce(jsonb_agg(jsonb_build_object('at', l.created_at, 'by', u.first_name, 'what', l.action_type,
                                                         'entity', l.entity_type) ORDER BY l.created_at DESC, l.id), '[]')
              FROM (SELECT a.id, a.created_at, a.user_id, a.action_type, a.entity_type FROM public.audit_logs AS a
                     WHERE a.venue_id = of_venue ORDER BY a.created_at DESC LIMIT 50) AS l
              LEFT JOIN public.users AS u ON u.id = l.user_id) ELSE '[]' END);
END
$$;
COMMENT ON FUNCTION vetting.venue_file(uuid) IS 'Everything about one venue, for headquarters.';
GRANT EXECUTE ON FUNCTION vetting.venue_file(uuid) TO console_client;

-- A page of a venue's history, newest first; `after_at` and `after_id` are those of the last line seen.
CREATE OR REPLACE FUNCTION vetting.file_events(
    of_venue uuid, after_at timestamptz DEFAULT NULL, after_id uuid DEFAULT NULL, at_most integer DEFAULT 200)
    RETURNS TABLE (id uuid, kind text, says text, reason text, by text, at timestamptz, requirement text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM vetting.require_file(of_venue);
    IF at_most IS NULL OR at_most NOT BETWEEN 1 AND 5000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be read like that.', DETAIL = 'unknown_sort';
    END IF;
    RETURN QUERY
    SELECT e.id, e.kind::text, vetting.event_words(e.kind, e.facts, e.requirement), e.reason, u.first_name::text, e.at, e.requirement::text
      FROM public.venue_events AS e LEFT JOIN public.users AS u ON u.id = e.by_user
     WHERE e.venue_id = of_venue AND (after_at IS NULL OR (e.at, e.id) < (after_at, after_id))
     ORDER BY e.at DESC, e.id DESC LIMIT at_most;
END
$$;
COMMENT ON FUNCTION vetting.file_events(uuid, timestamptz, uuid, integer) IS 'A page of a venue''s history.';
GRANT EXECUTE ON FUNCTION vetting.file_events(uuid, timestamptz, uuid, integer) TO console_client;

-- One of the papers of the file: what was filed, which notes the reading, or a statement.
CREATE OR REPLACE FUNCTION vetting.file_document(of_document uuid)
    RETURNS TABLE (id uuid, file_name text, media_type text, content bytea, sha256 bytea, added_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue uuid;
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    SELECT d.venue_id INTO at_venue FROM public.documents AS d WHERE d.id = of_document AND d.kind = 'statement';
    IF at_venue IS NULL OR NOT auth.has('payouts.read', at_venue) THEN
        RETURN QUERY SELECT * FROM vetting.document(of_document);
        RETURN;
    END IF;
    RETURN QUERY SELECT d.id, d.file_name::text, d.media_type::text, d.content, d.sha256, d.created_at
                   FROM public.documents AS d WHERE d.id = of_document;
END
$$;
COMMENT ON FUNCTION vetting.file_document(uuid) IS 'One of a venue''s papers, for headquarters.';
GRANT EXECUTE ON FUNCTION vetting.file_document(uuid) TO console_client;
