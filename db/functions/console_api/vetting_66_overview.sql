-- Since version 0006.
-- What ends when, over all venues a person may edit: the overview, its numbers and the calendar. Everything is worked out for
-- today, whether the worker was by or not. docs/design.md, "Screens" (platform).

-- When each venue is suspended by itself, NULL where it is not: the day after the grace of the requirement that ends first, and
-- never before the venue was told. A filed renewal holds it.
CREATE OR REPLACE FUNCTION vetting.suspends_on(
    status public.venue_status, state public.requirement_state, ends_on date, renewal_filed boolean, grace_until date, today date,
    suspends boolean, grace_days integer) RETURNS date
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN suspends AND status = 'active' AND NOT renewal_filed AND state IN ('expiring', 'expired', 'excepted', 'satisfied')
            THEN CASE WHEN state = 'expired' THEN greatest(ends_on + grace_days, coalesce(grace_until, today)) + 1
                      ELSE ends_on + grace_days + 1 END END;

-- What an overview is ordered, filtered and counted by, one row per venue: what ends next, the gravest of its standings and all of
-- them. There may be very many venues that wait for approval, so what is shown of one is worked out for a page alone.
CREATE OR REPLACE FUNCTION vetting.compliance_keys(of_venues uuid[], of_kind public.requirement_kind DEFAULT NULL)
    RETURNS TABLE (venue_id uuid, next_on date, worst text, states public.requirement_state[])
    LANGUAGE sql STABLE ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
    SELECT s.venue_id, min(s.ends_on) FILTER (WHERE of_kind IS NULL OR s.requirement = of_kind),
           (ARRAY['expired', 'missing', 'pending', 'expiring', 'satisfied'])[min(CASE s.state WHEN 'expired' THEN 1
               WHEN 'missing' THEN 2 WHEN 'pending' THEN 3 WHEN 'expiring' THEN 4 ELSE 5 END)],
           array_agg(s.state) FILTER (WHERE of_kind IS NULL OR s.requirement = of_kind)
      FROM vetting.standings(of_venues) AS s
     GROUP BY s.venue_id
$$;

-- What is shown of venues: their cells by requirement, and when each would be suspended.
CREATE OR REPLACE FUNCTION vetting.compliance_rows(of_venues uuid[])
    RETURNS TABLE (venue_id uuid, venue text, city text, status text, cells jsonb, suspends_on date)
    LANGUAGE sql STABLE ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
    SELECT v.id, v.name::text, concat_ws(', ', nullif(v.city, ''), nullif(v.state, '')), v.status::text,
           jsonb_object_agg(s.requirement, jsonb_build_object('standing', s.state, 'expires_on', s.ends_on,
               'renewal_filed', s.renewal_filed, 'reminders', CASE WHEN s.ends_on = vetting.ended_on(r)
                   THEN to_jsonb(r.reminders_sent) ELSE '[]' END)),
           min(vetting.suspends_on(v.status, s.state, s.ends_on, s.renewal_filed, r.grace_until, s.today, q.suspends, q.grace_days))
      FROM vetting.standings(of_venues) AS s
      JOIN public.venues AS v ON v.id = s.venue_id
      CROSS JOIN vetting.rules() AS q
      LEFT JOIN public.venue_requirements AS r ON r.venue_id = s.venue_id AND r.requirement = s.requirement
     GROUP BY v.id
$$;

-- The venues somebody watches: those they may edit, of a status, by part of the name. Raises NX403 where there can be none.
CREATE OR REPLACE FUNCTION vetting.watched(of_status text, typed text) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    visible constant uuid[] := auth.venue_ids('venue.edit');
    wanted constant text := lower(btrim(coalesce(typed, '')));
BEGIN
    IF NOT auth.has('venue.edit') THEN
        PERFORM auth.require('venue.edit', NULL);
    ELSIF of_status NOT IN ('active', 'suspended', 'pending_approval') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be read like that.', DETAIL = 'unknown_filter';
    END IF;
    RETURN ARRAY(
        SELECT v.id FROM public.venues AS v
         WHERE v.id = ANY (visible) AND (wanted = '' OR strpos(lower(v.name), wanted) > 0)
           AND CASE WHEN of_status IS NULL THEN v.status IN ('active', 'suspended') ELSE v.status::text = of_status END);
END
$$;

-- A page of the overview. `filters`: status (else active and suspended ones), standing (the gravest of a venue, as it is counted),
-- requirement (then the standing and the end are that requirement's), text. `sort`: next (what never ends comes last) or venue. `after_key` is the last row's page_key.
CREATE OR REPLACE FUNCTION vetting.compliance(
    filters jsonb DEFAULT '{}', sort text DEFAULT 'next', descending boolean DEFAULT false, after_key jsonb DEFAULT NULL,
    at_most integer DEFAULT 200)
    RETURNS TABLE (venue_id uuid, venue text, city text, status text, cells jsonb, next_on date, suspends_on date, page_key jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    among constant uuid[] := vetting.watched(filters ->> 'status', filters ->> 'text');
    kind constant text := filters ->> 'requirement';
    standing constant text := filters ->> 'standing';
BEGIN
    IF sort IS NULL OR sort NOT IN ('next', 'venue') OR descending IS NULL OR at_most IS NULL OR at_most NOT BETWEEN 1 AND 5000
       OR NOT coalesce(kind = ANY (enum_range(NULL::public.requirement_kind)::text[]), true)
       OR NOT coalesce(standing = ANY (enum_range(NULL::public.requirement_state)::text[]), true) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be read like that.', DETAIL = 'unknown_sort';
    END IF;
    RETURN QUERY
    WITH listed AS (
        SELECT k.venue_id, v.name::text AS venue, k.next_on,
               CASE WHEN sort = 'next' THEN coalesce(k.next_on, CASE WHEN descending THEN '-infinity'::date
                                                                      ELSE 'infinity'::date END) END AS place
          FROM vetting.compliance_keys(among, kind::public.requirement_kind) AS k
          JOIN public.venues AS v ON v.id = k.venue_id
         WHERE standing IS NULL
            OR CASE WHEN kind IS NULL AND standing <> 'excepted' THEN standing = k.worst
                    ELSE standing::public.requirement_state = ANY (k.states) END),
    paged AS MATERIALIZED (
        SELECT l.*, row_number() OVER in_order AS n
          FROM listed AS l
         WHERE after_key IS NULL
            OR CASE WHEN sort = 'next' AND descending THEN l.place < (after_key ->> 0)::date
                    WHEN sort = 'next' THEN l.place > (after_key ->> 0)::date ELSE false END
            OR (l.place IS NOT DISTINCT FROM (after_key ->> 0)::date
                AND CASE WHEN sort = 'venue' AND descending THEN (l.venue, l.venue_id) < (after_key ->> 1, (after_key ->> 2)::uuid)
                         ELSE (l.venue, l.venue_id) > (after_key ->> 1, (after_key ->> 2)::uuid) END)
        WINDOW in_order AS (
            ORDER BY CASE WHEN NOT descending THEN l.place END, l.place DESC,
                     CASE WHEN sort = 'venue' AND descending THEN l.venue END DESC,
                     CASE WHEN sort = 'venue' AND descending THEN l.venue_id END DESC, l.venue, l.venue_id)
         ORDER BY n LIMIT at_most)
    SELECT p.venue_id, p.venue, c.city, c.status, c.cells, p.next_on, c.suspends_on,
           jsonb_build_array(p.place, p.venue, p.venue_id)
      FROM paged AS p
      JOIN vetting.compliance_rows(ARRAY(SELECT p.venue_id FROM paged AS p)) AS c ON c.venue_id = p.venue_id
     ORDER BY p.n;
END
$$;
COMMENT ON FUNCTION vetting.compliance(jsonb, text, boolean, jsonb, integer) IS 'A page of the compliance overview.';

-- How many active and suspended venues there are by the gravest standing of their requirements; an exception counts as met.
CREATE OR REPLACE FUNCTION vetting.compliance_counts(
    OUT missing bigint, OUT pending bigint, OUT expiring bigint, OUT expired bigint, OUT satisfied bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    among constant uuid[] := vetting.watched(NULL, NULL);
BEGIN
    SELECT count(*) FILTER (WHERE c.worst = 'missing'), count(*) FILTER (WHERE c.worst = 'pending'),
           count(*) FILTER (WHERE c.worst = 'expiring'), count(*) FILTER (WHERE c.worst = 'expired'),
           count(*) FILTER (WHERE c.worst = 'satisfied')
      INTO missing, pending, expiring, expired, satisfied
      FROM vetting.compliance_keys(among) AS c;
END
$$;
COMMENT ON FUNCTION vetting.compliance_counts() IS 'How many venues lack something, by their gravest standing.';

-- What ends, is reminded of or suspends between two days, by day. Reminders that went out stand on the day they are due.
CREATE OR REPLACE FUNCTION vetting.compliance_calendar(first_day date, last_day date)
    RETURNS TABLE (on_day date, venue_id uuid, venue text, requirement text, what text, standing text, renewal_filed boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 500
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    among constant uuid[] := vetting.watched(NULL, NULL);
BEGIN
    IF (isfinite(first_day) AND isfinite(last_day) AND last_day >= first_day) IS NOT TRUE OR last_day - first_day > 400 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose a year at most.', DETAIL = 'days';
    END IF;
    RETURN QUERY
    WITH known AS (
        SELECT s.*, v.name::text AS venue, vetting.suspends_on(v.status, s.state, s.ends_on, s.renewal_filed, r.grace_until, s.today,
                                                         q.suspends, q.grace_days) AS suspends_on
          FROM vetting.standings(among) AS s
          JOIN public.venues AS v ON v.id = s.venue_id
          CROSS JOIN vetting.rules() AS q
          LEFT JOIN public.venue_requirements AS r ON r.venue_id = s.venue_id AND r.requirement = s.requirement
         WHERE s.ends_on IS NOT NULL)
    SELECT x.on_day, k.venue_id, k.venue, k.requirement::text, x.what, k.state::text, k.renewal_filed
      FROM known AS k
     CROSS JOIN LATERAL (
        SELECT k.ends_on, 'expires'
        UNION ALL SELECT k.suspends_on, 'suspends'
        UNION ALL SELECT k.ends_on - d.days, 'reminder' FROM unnest('{30, 14, 7}'::integer[]) AS d (days)
                   WHERE NOT k.renewal_filed AND k.ends_on - d.days >= k.today) AS x (on_day, what)
     WHERE x.on_day BETWEEN first_day AND last_day
     ORDER BY x.on_day, k.venue, k.venue_id, k.requirement, x.what;
END
$$;
COMMENT ON FUNCTION vetting.compliance_calendar(date, date) IS 'What ends, is reminded of or suspends between two days.';
GRANT EXECUTE ON FUNCTION vetting.compliance(jsonb, text, boolean, jsonb, integer), vetting.compliance_counts(),
    vetting.compliance_calendar(date, date) TO console_client;
