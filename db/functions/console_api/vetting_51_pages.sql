-- Since version 0006.
-- Requirements as a reviewer or the venue reads them: what is filed, who is checked, what keeps it from being accepted.
-- docs/design.md, "Rules of the domain" (compliance) and "Screens" (platform).

-- "14 Nov 2026", as a sentence says it.
CREATE OR REPLACE FUNCTION vetting.day_words(on_day date) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN to_char(on_day, 'FMDD Mon YYYY');

-- What keeps a filing from being accepted today, a sentence each; empty: nothing.
CREATE OR REPLACE FUNCTION vetting.lacks(of_filing uuid) RETURNS text[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    f public.requirement_filings;
    rules constant record := vetting.rules();
    zone constant text := (SELECT v.timezone FROM public.requirement_filings AS q JOIN public.venues AS v ON v.id = q.venue_id
                            WHERE q.id = of_filing);
    today constant date := app.now() AT TIME ZONE zone;
    until date;
    people record;
    said text[] := '{}';
BEGIN
    SELECT q.* INTO f FROM public.requirement_filings AS q WHERE q.id = of_filing;
    IF f.id IS NULL THEN
        RETURN said;
    END IF;
    IF f.requirement = 'insurance' THEN
        IF (f.facts ->> 'coverage_amount')::numeric < rules.insurance_minimum THEN
            said := said || format('The cover is %s USD; at least %s is needed.',
                to_char((f.facts ->> 'coverage_amount')::numeric, 'FM999,999,999,990'),
                to_char(rules.insurance_minimum, 'FM999,999,999,990'));
        END IF;
        IF f.expires_on IS NULL THEN
            said := said || 'It does not say when the cover ends.'::text;
        END IF;
    ELSIF f.requirement = 'safety_audit' THEN
        IF (f.facts ->> 'score')::numeric < rules.audit_minimum THEN
            said := said || format('The score is %s; at least %s is needed.', f.facts ->> 'score', rules.audit_minimum);
        END IF;
    ELSIF f.requirement = 'background_checks' THEN
        SELECT count(*) AS everybody, count(*) FILTER (WHERE b.result = 'pending') AS ordered,
               min(b.first_name) FILTER (WHERE b.result = 'failed') AS failed,
               min(b.first_name) FILTER (WHERE b.result <> 'failed' AND b.expires_on < today) AS over INTO people
          FROM public.background_checks AS b
         WHERE b.venue_id = f.venue_id AND (b.left_on IS NULL OR b.left_on > today);
        said := said || array_remove(ARRAY[
            CASE WHEN people.everybody = 0 THEN 'Nobody is named yet.' END,
            CASE WHEN people.failed IS NOT NULL THEN format('The check of %s did not come back clear.', people.failed) END,
            CASE WHEN people.over IS NOT NULL THEN format('The check of %s has run out.', people.over) END,
            CASE WHEN people.ordered = 1 THEN '1 check is not back yet.'
                 WHEN people.ordered > 1 THEN people.ordered || ' checks are not back yet.' END], NULL);
    END IF;
    until := vetting.holds_until(f, zone, rules.months);
    IF until < today THEN
        said := said || format('It ended on %s.', vetting.day_words(until));
    END IF;
    IF f.requirement IN ('insurance', 'safety_audit')
            AND NOT EXISTS (SELECT 1 FROM public.filing_documents AS d WHERE d.filing_id = f.id) THEN
        said := said || 'No document is attached.'::text;
    END IF;
    RETURN said;
END
$$;

CREATE OR REPLACE FUNCTION vetting.person(b public.background_checks) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN jsonb_build_object('id', b.id, 'version', b.version, 'first_name', b.first_name, 'works_as', b.works_as,
    'ordered_on', b.ordered_on, 'result', b.result, 'decided_on', b.decided_on, 'expires_on', b.expires_on);

-- Whose background is checked there, those who left not.
CREATE OR REPLACE FUNCTION vetting.people(of_venue uuid, today date) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(vetting.person(b) ORDER BY b.ordered_on, b.created_at, lower(b.first_name), b.id), '[]')
      FROM public.background_checks AS b
     WHERE b.venue_id = of_venue AND (b.left_on IS NULL OR b.left_on > today)
$$;

-- A filing with its files; when the person who asks first opened each. Who decided is headquarters' to know, why is everybody's. An
-- amount goes as text, so that no reader makes it a float.
CREATE OR REPLACE FUNCTION vetting.filing_page(of_filing uuid, reader uuid, decides boolean) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'id', f.id, 'version', f.version, 'requirement', f.requirement, 'state', f.state,
        'facts', CASE WHEN f.facts ? 'coverage_amount'
                      THEN f.facts || jsonb_build_object('coverage_amount', f.facts ->> 'coverage_amount') ELSE f.facts END,
        'valid_from', f.valid_from, 'expires_on', f.expires_on, 'note', f.note,
        'filed_by', (SELECT u.first_name FROM public.users AS u WHERE u.id = f.filed_by), 'filed_at', f.filed_at,
        'decided_by', (SELECT u.first_name FROM public.users AS u WHERE decides AND u.id = f.decided_by),
        'decided_at', f.decided_at,
        'reason', f.reason,
        'documents', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'id', d.id, 'title', l.title, 'file_name', d.file_name, 'media_type', d.media_type,
                       'size_bytes', d.size_bytes, 'pages', l.pages, 'read_at', s.read_at) ORDER BY l.position, d.id), '[]')
              FROM public.filing_documents AS l
              JOIN public.documents AS d ON d.id = l.document_id
              LEFT JOIN public.document_reads AS s ON s.document_id = d.id AND s.user_id = reader
             WHERE l.filing_id = f.id AND l.venue_id = f.venue_id))
      FROM public.requirement_filings AS f WHERE f.id = of_filing
$$;

-- Every requirement of a venue in the order of the checklist, as it stands now. `waiting` is what nobody decided yet or, without
-- one, what was declined last after the current one. `rules` are the numbers a sentence about it is made of.
CREATE OR REPLACE FUNCTION vetting.requirement_pages(of_venue uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    reader constant uuid := auth.user_id();
    decides constant boolean := auth.has('venues.approve', NULL);
    rules constant record := vetting.rules();
BEGIN
    RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
        'requirement', s.requirement, 'version', coalesce(r.version, 0), 'standing', s.state, 'expires_on', s.expires_on,
        'excepted_until', CASE WHEN s.state = 'excepted' THEN r.excepted_until END,
        'exception_reason', CASE WHEN s.state = 'excepted' THEN r.exception_reason END,
        'exception_ended_on', s.exception_ended_on,
        'decided_by', (SELECT u.first_name FROM public.users AS u
                        WHERE decides AND u.id = CASE WHEN s.state = 'excepted' THEN r.decided_by ELSE a.decided_by END),
        'decided_at', CASE WHEN s.state = 'excepted' THEN r.decided_at ELSE a.decided_at END,
        'reminders', CASE WHEN s.ends_on = vetting.ended_on(r) THEN to_jsonb(r.reminders_sent) ELSE '[]' END,
        'reminded_at', CASE WHEN s.ends_on IS NOT NULL THEN (
            SELECT max(e.at) FROM public.venue_events AS e
             WHERE e.venue_id = of_venue AND e.kind = 'reminded' AND e.requirement = s.requirement
               AND (e.facts ->> 'ends_on')::date = s.ends_on) END,
        'current', vetting.filing_page(s.accepted_id, reader, decides),
        'waiting', vetting.filing_page(coalesce(s.waiting_id, g.id), reader, decides),
        'people', CASE WHEN s.requirement = 'background_checks' THEN vetting.people(of_venue, s.today) ELSE '[]' END,
        'lacks', CASE WHEN s.waiting_id IS NULL THEN '[]' ELSE to_jsonb(vetting.lacks(s.waiting_id)) END,
        'rules', jsonb_build_object('insurance_minimum', rules.insurance_minimum::text, 'audit_minimum', rules.audit_minimum::text,
                                    'today', s.today)) ORDER BY s.requirement), '[]')
      FROM vetting.standings(ARRAY[of_venue]) AS s
      LEFT JOIN public.venue_requirements AS r ON r.venue_id = s.venue_id AND r.requirement = s.requirement
      LEFT JOIN public.requirement_filings AS a ON a.id = s.accepted_id
      LEFT JOIN LATERAL (
          SELECT d.id FROM public.requirement_filings AS d
           WHERE d.venue_id = of_venue AND d.requirement = s.requirement AND d.state = 'declined'
             AND (a.id IS NULL OR d.filed_at > a.filed_at)
           ORDER BY d.filed_at DESC, d.id LIMIT 1) AS g ON true);
END
$$;
COMMENT ON FUNCTION vetting.requirement_pages(uuid) IS 'Every requirement of a venue with all that is known of it.';
