-- Since version 0006.
-- The approval queue: what waits for a decision, who holds it, and one case with everything that is decided from.
-- docs/design.md, "Screens" (platform).

-- A page of the queue. `filters`: tab (open, mine, asked, decided), kind, overdue ("yes"), text (part of a venue's name).
-- `sort`: due, age (since when it is open), venue, decided. `after_key` is the page_key of the last row seen.
CREATE OR REPLACE FUNCTION vetting.cases(
    filters jsonb DEFAULT '{}', sort text DEFAULT 'due', descending boolean DEFAULT false, after_key jsonb DEFAULT NULL,
    at_most integer DEFAULT 201)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, city text, kind text, state text,
                   opened_at timestamptz, due_at timestamptz, standings jsonb, claimed_by text, claimed_by_me boolean,
                   claimed_until timestamptz, outcome text, decided_at timestamptz, decided_by text, page_key jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    tab constant text := coalesce(filters ->> 'tab', 'open');
    typed constant text := lower(btrim(coalesce(filters ->> 'text', '')));
    of_kind constant text := filters ->> 'kind';
    me constant uuid := auth.user_id();
    column_of constant text := CASE sort WHEN 'due' THEN 'c.due_at' WHEN 'age' THEN 'c.opened_at' WHEN 'venue' THEN 'lower(v.name)'
                                  WHEN 'decided' THEN 'c.decided_at' END;
    cast_to constant text := CASE sort WHEN 'venue' THEN 'text' ELSE 'timestamptz' END;
    way constant text := CASE WHEN descending THEN 'DESC' ELSE 'ASC' END;
    held_to constant text := CASE tab
        WHEN 'open' THEN 'c.state = ''open''' WHEN 'asked' THEN 'c.state = ''asked'''
        WHEN 'decided' THEN 'c.state = ''decided'''
        WHEN 'mine' THEN 'c.state <> ''decided'' AND c.claimed_by = $1 AND c.claimed_until > $7' END;
    ids uuid[];
    keys jsonb[];
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    IF column_of IS NULL OR held_to IS NULL OR descending IS NULL OR at_most IS NULL OR at_most NOT BETWEEN 1 AND 5000
       OR (sort = 'decided' AND tab <> 'decided') OR of_kind <> ALL (enum_range(NULL::public.case_kind)::text[]) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be read like that.', DETAIL = 'unknown_sort';
    END IF;
    EXECUTE format($statement$
        SELECT array_agg(p.id ORDER BY p.place %1$s, p.id %1$s),
               array_agg(jsonb_build_array(p.place, p.id) ORDER BY p.place %1$s, p.id %1$s)
          FROM (SELECT c.id, %2$s AS place FROM public.venue_cases AS c %3$s
                 WHERE %4$s %5$s %6$s %7$s %8$s
                 ORDER BY %2$s %1$s, c.id %1$s LIMIT $6) AS p
        $statement$, way, column_of,
        CASE WHEN typed <> '' OR sort = 'venue' THEN 'JOIN public.venues AS v ON v.id = c.venue_id' ELSE '' END,
        held_to,
        CASE WHEN typed <> '' THEN 'AND strpos(lower(v.name), $2) > 0' ELSE '' END,
        CASE WHEN of_kind IS NOT NULL THEN 'AND c.kind = $3::public.case_kind' ELSE '' END,
        CASE WHEN filters ->> 'overdue' = 'yes' THEN 'AND c.state <> ''decided'' AND c.due_at < $7' ELSE '' END,
        CASE WHEN after_key IS NOT NULL THEN format('AND (%s, c.id) %s ($4::%s, $5)', column_of,
            CASE WHEN descending THEN '<' ELSE '>' END, cast_to) ELSE '' END)
        INTO ids, keys
        USING me, typed, of_kind, after_key ->> 0, (after_key ->> 1)::uuid, at_most, app.now();
    RETURN QUERY
    SELECT r.*, k.page_key
      FROM unnest(ids, keys) WITH ORDINALITY AS k (id, page_key, n)
      JOIN vetting.case_rows(ids) AS r ON r.id = k.id
     ORDER BY k.n;
END
$$;
COMMENT ON FUNCTION vetting.cases(jsonb, text, boolean, jsonb, integer) IS 'A page of the approval queue.';

CREATE OR REPLACE FUNCTION vetting.case_counts(OUT open bigint, OUT mine bigint, OUT asked bigint, OUT overdue bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
DECLARE
    me constant uuid := auth.user_id();
    now constant timestamptz := app.now();
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    -- Each by an index of its own, none by the table.
    open := (SELECT count(*) FROM public.venue_cases AS c WHERE c.state = 'open');
    asked := (SELECT count(*) FROM public.venue_cases AS c WHERE c.state = 'asked');
    overdue := (SELECT count(*) FROM public.venue_cases AS c WHERE c.state = 'open' AND c.due_at < now);
    mine := (SELECT count(*) FROM public.venue_cases AS c
              WHERE c.claimed_by = me AND c.claimed_until > now AND c.state <> 'decided');
END
$$;
COMMENT ON FUNCTION vetting.case_counts() IS 'The numbers of the queue''s tabs.';

-- What a reviewer reads about a venue beside its requirements.
CREATE OR REPLACE FUNCTION vetting.venue_facts(of_venue uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
        'id', v.id, 'version', v.version, 'name', v.name, 'status', v.status, 'legal_name', v.legal_name,
        'tax_number', v.tax_number, 'category', v.primary_category, 'description', v.full_description,
        'address', concat_ws(', ', v.address_line1, v.address_line2, v.city, v.state, v.postal_code, v.country),
        'city', vetting.city_words(v.city, v.state), 'timezone', v.timezone, 'contact', a.contact_name,
        'email', v.contact_email, 'phone', v.contact_phone, 'website', v.website_url, 'activities', t.activities,
        'ages', CASE WHEN coalesce(a.ages_from, t.youngest) IS NULL THEN ''
                     WHEN coalesce(a.ages_to, t.oldest) IS NULL THEN format('from %s', coalesce(a.ages_from, t.youngest))
                     ELSE format('%s to %s', coalesce(a.ages_from, t.youngest), coalesce(a.ages_to, t.oldest)) END,
        'fee_percent', v.platform_fee_percentage::text,
        'booked', (SELECT count(*) FROM public.activity_sessions AS s JOIN public.bookings AS b ON b.session_id = s.id
                    WHERE s.venue_id = v.id AND s.starts_at > app.now() AND NOT s.is_cancelled
                      AND b.status IN ('pending', 'confirmed')),
        'suspended_at', v.suspended_at, 'suspension_reason', v.suspension_reason,
        'missing', to_jsonb(vetting.missing_of(jsonb_strip_nulls(jsonb_build_object(
            'name', v.name, 'category', coalesce(v.primary_category::text, '-'), 'address_line1', v.address_line1, 'city', v.city,
            'state_code', v.state, 'postal_code', v.postal_code, 'latitude', v.latitude, 'longitude', v.longitude,
            'timezone', v.timezone, 'contact_email', v.contact_email, 'contact_phone', v.contact_phone)))),
        'address_line1', v.address_line1, 'postal_code', v.postal_code)
      FROM public.venues AS v
      LEFT JOIN public.venue_applications AS a ON a.venue_id = v.id
      CROSS JOIN LATERAL (
          SELECT count(*) AS activities, min(x.min_age_months) / 12 AS youngest,
                 CASE WHEN count(x.max_age_months) = count(*) THEN max(x.max_age_months) / 12 END AS oldest
            FROM public.activities AS x WHERE x.venue_id = v.id) AS t
     WHERE v.id = of_venue
$$;

-- A venue's history as people read it, newest first.
CREATE OR REPLACE FUNCTION vetting.history(of_venue uuid, at_most integer DEFAULT 300) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object(
               'id', e.id, 'kind', e.kind, 'says', vetting.event_words(e.kind, e.facts, e.requirement), 'reason', e.reason,
               'by', u.first_name, 'at', e.at, 'requirement', e.requirement) ORDER BY e.at DESC, e.id DESC), '[]')
      FROM (SELECT x.* FROM public.venue_events AS x WHERE x.venue_id = of_venue
             ORDER BY x.at DESC, x.id DESC LIMIT at_most) AS e
      LEFT JOIN public.users AS u ON u.id = e.by_user
$$;

-- Venues that may be the same as this one, to be ranked by who asks.
CREATE OR REPLACE FUNCTION vetting.like_this(of_venue uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(to_jsonb(c) - 'n'), '[]')
      FROM public.venues AS v
      CROSS JOIN LATERAL vetting.candidates(jsonb_build_array(jsonb_build_object(
          'n', 1, 'venue_id', v.id, 'name', v.name, 'address_line1', v.address_line1, 'city', v.city,
          'postal_code', v.postal_code, 'contact_phone', v.contact_phone, 'tax_number', v.tax_number))) AS c
     WHERE v.id = of_venue
$$;

-- A venue, whoever may decide about it. `this` is what likenesses are ranked against.
CREATE OR REPLACE FUNCTION vetting.likenesses(of_venue uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    RETURN (SELECT jsonb_build_object('name', v.name, 'address', concat_ws(', ', v.address_line1, v.city),
                                      'candidates', vetting.like_this(v.id))
              FROM public.venues AS v WHERE v.id = of_venue);
END
$$;
COMMENT ON FUNCTION vetting.likenesses(uuid) IS 'Venues that may be the same as this one.';

-- One case with everything that is decided from. The keys are read by console/storage/vetting.py.
CREATE OR REPLACE FUNCTION vetting.case_page(of_case uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    c record;
    me constant uuid := auth.user_id();
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    SELECT r.* INTO c FROM vetting.case_rows(ARRAY[of_case]) AS r;
    IF c.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such case.', DETAIL = 'no_case';
    END IF;
    RETURN jsonb_build_object(
        'row', to_jsonb(c), 'facts', vetting.venue_facts(c.venue_id), 'requirements', vetting.requirement_pages(c.venue_id),
        'history', vetting.history(c.venue_id), 'candidates', vetting.like_this(c.venue_id),
        'evidence_read', (
            SELECT jsonb_build_array(count(*) FILTER (WHERE q.unread = 0), count(*))
              FROM (SELECT f.requirement, count(*) FILTER (WHERE d.read_at IS NULL) AS unread
                      FROM public.requirement_filings AS f
                      JOIN public.filing_documents AS x ON x.filing_id = f.id AND x.venue_id = f.venue_id
                      LEFT JOIN public.document_reads AS d ON d.document_id = x.document_id AND d.user_id = me
                     WHERE f.venue_id = c.venue_id AND f.state IN ('filed', 'accepted')
                     GROUP BY f.requirement) AS q));
END
$$;
COMMENT ON FUNCTION vetting.case_page(uuid) IS 'One case with everything that is decided from.';
GRANT EXECUTE ON FUNCTION vetting.cases(jsonb, text, boolean, jsonb, integer), vetting.case_counts(), vetting.case_page(uuid),
    vetting.likenesses(uuid) TO console_client;

-- One case as its row, for headquarters and for the people of the venue, who see no reviewer.
CREATE OR REPLACE FUNCTION vetting.case_row(of_case uuid)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, city text, kind text, state text,
                   opened_at timestamptz, due_at timestamptz, standings jsonb, claimed_by text, claimed_by_me boolean,
                   claimed_until timestamptz, outcome text, decided_at timestamptz, decided_by text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    at_venue constant uuid := (SELECT c.venue_id FROM public.venue_cases AS c WHERE c.id = of_case);
    decides constant boolean := auth.has('venues.approve', NULL);
BEGIN
    IF NOT decides AND NOT auth.has('venue.edit') THEN
        PERFORM auth.require('venues.approve', NULL);
    END IF;
    IF at_venue IS NULL OR NOT (decides OR auth.has('venue.edit', at_venue) OR vetting.is_applicant(at_venue)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such case.', DETAIL = 'no_case';
    END IF;
    RETURN QUERY
    SELECT r.id, r.version, r.venue_id, r.venue, r.city, r.kind, r.state, r.opened_at, r.due_at, r.standings,
           CASE WHEN decides THEN r.claimed_by END, decides AND r.claimed_by_me, CASE WHEN decides THEN r.claimed_until END,
           r.outcome, r.decided_at, CASE WHEN decides THEN r.decided_by END
      FROM vetting.case_rows(ARRAY[of_case]) AS r;
END
$$;
COMMENT ON FUNCTION vetting.case_row(uuid) IS 'One case as a row of the queue.';
GRANT EXECUTE ON FUNCTION vetting.case_row(uuid) TO console_client;
