-- Since version 0003.
-- Closures as a calendar shows them: which spans there are is not a desk's to work out, because a yearly one has many.
-- docs/design.md, "Rules of the domain" (schedules).

CREATE OR REPLACE FUNCTION schedules.spans_of(at_venue uuid, from_at timestamptz, until_at timestamptz)
    RETURNS TABLE (closure_id uuid, version integer, starts_at timestamptz, ends_at timestamptz, reason text,
                   kind public.closure_reason, explanation text, room_ids uuid[], is_yearly boolean)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT c.id, c.version, s.starts_at, s.ends_at, s.reason, s.kind, c.explanation, s.room_ids, c.is_yearly
      FROM schedules.closed_spans(at_venue, from_at, until_at) AS s JOIN public.venue_closures AS c ON c.id = s.closure_id
     ORDER BY s.starts_at, c.id;
END
$$;

-- Every span of a closure within some local days, both included.
CREATE OR REPLACE FUNCTION schedules.closures_between(at_venue uuid, first date, last date)
    RETURNS TABLE (closure_id uuid, version integer, starts_at timestamptz, ends_at timestamptz, reason text,
                   kind public.closure_reason, explanation text, room_ids uuid[], is_yearly boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    zone text;
BEGIN
    PERFORM auth.require('sessions.read', at_venue);
    IF first IS NULL OR last IS NULL OR first < '1900-01-01' OR last > '9999-12-30' OR last < first
        OR last - first > 800 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Ask for at most two years.', DETAIL = 'last';
    END IF;
    SELECT v.timezone INTO zone FROM public.venues AS v WHERE v.id = at_venue;
    RETURN QUERY SELECT * FROM schedules.spans_of(at_venue, schedules.instant(first, '00:00', zone),
                                                  schedules.instant(last + 1, '00:00', zone));
END
$$;
COMMENT ON FUNCTION schedules.closures_between(uuid, date, date) IS 'The spans of a venue''s closures within some days.';
GRANT EXECUTE ON FUNCTION schedules.closures_between(uuid, date, date) TO console_client;

-- The next span of every closure that is not over, the next first.
CREATE OR REPLACE FUNCTION schedules.closures_ahead(at_venue uuid)
    RETURNS TABLE (closure_id uuid, version integer, starts_at timestamptz, ends_at timestamptz, reason text,
                   kind public.closure_reason, explanation text, room_ids uuid[], is_yearly boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    until_at timestamptz;
BEGIN
    PERFORM auth.require('sessions.read', at_venue);
    SELECT greatest(app.now() + interval '13 months', max(c.starts_at) + interval '1 day') INTO until_at
      FROM public.venue_closures AS c WHERE c.venue_id = at_venue AND c.lifted_at IS NULL;
    RETURN QUERY
    SELECT n.* FROM (SELECT DISTINCT ON (s.closure_id) s.* FROM schedules.spans_of(at_venue, app.now(), until_at) AS s
                      ORDER BY s.closure_id, s.starts_at) AS n
     ORDER BY n.starts_at, n.closure_id;
END
$$;
COMMENT ON FUNCTION schedules.closures_ahead(uuid) IS 'The next span of each of a venue''s closures.';
GRANT EXECUTE ON FUNCTION schedules.closures_ahead(uuid) TO console_client;
