-- Every booking of a venue, a page at a time: the list that the front desk, the manager and finance share. Codes and first
-- names have no table grant, so the whole page comes out of one function. docs/design.md, "The database", rule 2.

-- The bookings of a venue whose code contains what was typed (case, spaces and dashes do not matter; O reads as 0, I and L
-- as 1). None for less than two symbols or for what is no part of a code. Not for desks: it asks nobody's permission.
CREATE OR REPLACE FUNCTION desk.code_matches(of_venue uuid, typed text) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    part constant text := translate(upper(translate(typed, '- ', '')), 'OIL', '011');
BEGIN
    IF part IS NULL OR part !~ '^[0-9A-HJKMNP-TV-Z]{2,9}$' THEN
        RETURN '{}';
    END IF;
    RETURN ARRAY(
        SELECT b.id FROM public.bookings AS b
         WHERE ARRAY[
                   substr(b.confirmation_code, 1, 2), substr(b.confirmation_code, 2, 2), substr(b.confirmation_code, 3, 2),
                   substr(b.confirmation_code, 4, 1) || substr(b.confirmation_code, 6, 1),
                   substr(b.confirmation_code, 6, 2), substr(b.confirmation_code, 7, 2), substr(b.confirmation_code, 8, 2),
                   substr(b.confirmation_code, 9, 1) || substr(b.confirmation_code, 11, 1)]
               @> ARRAY(SELECT substr(part, n, 2) FROM generate_series(1, length(part) - 1) AS n)
           AND b.venue_id = of_venue AND strpos(translate(b.confirmation_code, '-', ''), part) > 0);
END
$$;
COMMENT ON FUNCTION desk.code_matches(uuid, text) IS 'The bookings of a venue by any part of their confirmation code.';

-- Whether the caller may read the venue's bookings, and whether with names: those who keep its rosters, and without any name
-- those who do its books.
CREATE OR REPLACE FUNCTION desk.may_name(of_venue uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM auth.require('sessions.read', of_venue);
    IF auth.has('roster.read', of_venue) THEN
        RETURN true;
    END IF;
    PERFORM auth.require('payouts.read', of_venue);
    RETURN false;
END
$$;
COMMENT ON FUNCTION desk.may_name(uuid) IS 'Whether bookings may be read with first names; raises where they may not be read.';

-- A page of bookings. `filters` may hold text, status, attendance, from and until (local days of the session), activity (an
-- id) and source; `sort_by` is booked, starts, code or activity; `after_key` is the page_key of the last row seen. A first
-- name is there for whoever keeps the rosters, from two days after the session back to a week before it (for managers also
-- while something about the session has to be looked at), and only for a child that may be shown.
CREATE OR REPLACE FUNCTION desk.bookings_page(
    of_venue uuid, sort_by text, descending boolean, filters jsonb DEFAULT '{}', after_key jsonb DEFAULT NULL,
    at_most integer DEFAULT 200)
    RETURNS TABLE (booking_id uuid, booked_at timestamptz, starts_at timestamptz, activity_name text, first_name text,
                   code text, status public.booking_status, attendance public.attendance_state, credits_charged integer,
                   credits_refunded integer, source text, page_key jsonb)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 200
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    named constant boolean := desk.may_name(of_venue);
    reviewing constant boolean := auth.has('review_items.resolve', of_venue);
    today constant date := (SELECT (app.now() AT TIME ZONE v.timezone)::date FROM public.venues AS v WHERE v.id = of_venue);
    typed constant text := btrim(coalesce(filters ->> 'text', ''));
    way constant text := CASE WHEN descending THEN 'DESC' ELSE 'ASC' END;
    beyond constant text := CASE WHEN descending THEN '<' ELSE '>' END;
    wanted text := '';
    place text;
    one record;
    found integer := 0;
    got integer;
    acts uuid[] := '{}';
    codes uuid[] := '{}';
BEGIN
    IF at_most NOT BETWEEN 1 AND 5000 OR sort_by NOT IN ('booked', 'starts', 'code', 'activity') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This list cannot be read like that.', DETAIL = 'unknown_sort';
    END IF;
    IF typed <> '' THEN
        -- By position, not by pattern: what is typed has no wildcards.
        acts := ARRAY(SELECT a.id FROM public.activities AS a
                       WHERE a.venue_id = of_venue AND strpos(lower(a.name), lower(typed)) > 0);
        codes := desk.code_matches(of_venue, typed);
        wanted := CASE
            WHEN codes = '{}' THEN ' AND s.activity_id = ANY ($3)'
            WHEN acts = '{}' THEN ' AND b.id = ANY ($4)'
            ELSE ' AND (s.activity_id = ANY ($3) OR b.id = ANY ($4))' END;
    END IF;
    wanted := wanted
        || CASE WHEN filters ->> 'status' IS NOT NULL
                THEN ' AND b.status = ($5 ->> ''status'')::public.booking_status' ELSE '' END
        || CASE WHEN filters ->> 'attendance' IS NOT NULL
                THEN ' AND b.attendance_state = ($5 ->> ''attendance'')::public.attendance_state' ELSE '' END
        || CASE WHEN filters ->> 'source' IS NOT NULL THEN ' AND b.booking_source = $5 ->> ''source''' ELSE '' END
        || CASE WHEN filters ->> 'activity' IS NOT NULL
                THEN ' AND s.activity_id = ($5 ->> ''activity'')::uuid' ELSE '' END
        || CASE WHEN filters ->> 'from' IS NOT NULL THEN ' AND s.session_date >= ($5 ->> ''from'')::date' ELSE '' END
        || CASE WHEN filters ->> 'until' IS NOT NULL THEN ' AND s.session_date <= ($5 ->> ''until'')::date' ELSE '' END;
    IF sort_by <> 'activity' THEN
        place := CASE WHEN after_key IS NULL THEN ''
            WHEN sort_by = 'booked' THEN format(' AND (b.created_at, b.id) %s (($6 ->> 0)::timestamptz, ($6 ->> 1)::uuid)', beyond)
            WHEN sort_by = 'code' THEN format(' AND b.confirmation_code %s ($6 ->> 0)', beyond)
            ELSE format(' AND s.starts_at %1$s= ($6 ->> 0)::timestamptz'
                        ' AND (s.starts_at, b.id) %1$s (($6 ->> 0)::timestamptz, ($6 ->> 1)::uuid)', beyond) END;
        RETURN QUERY EXECUTE desk.bookings_statement(wanted || place, CASE sort_by
            WHEN 'booked' THEN format('b.created_at %1$s, b.id %1$s', way)
            WHEN 'code' THEN format('b.confirmation_code %s', way)
            ELSE format('s.starts_at %1$s, b.id %1$s', way) END,
            CASE sort_by WHEN 'booked' THEN 'jsonb_build_array(b.created_at, b.id)'
                WHEN 'code' THEN 'jsonb_build_array(b.confirmation_code)'
                ELSE 'jsonb_build_array(s.starts_at, b.id)' END)
            USING of_venue, at_most, acts, codes, filters, after_key, named, reviewing, today;
        RETURN;
    END IF;
    -- By activity and, within it, by start: one activity after the other, because no index crosses both tables.
    FOR one IN EXECUTE format(
        'SELECT a.id, a.name FROM public.activities AS a WHERE a.venue_id = $1
            AND ($2 IS NULL OR (a.name, a.id) %s= ($2 ->> 0, ($2 ->> 1)::uuid))
            AND ($3 IS NULL OR a.id = $3) AND (NOT $4 OR a.id = ANY ($5))
          ORDER BY a.name %2$s, a.id %2$s', beyond, way)
        USING of_venue, after_key, (filters ->> 'activity')::uuid, typed <> '' AND codes = '{}', acts
    LOOP
        place := CASE WHEN after_key IS NOT NULL AND (after_key ->> 1)::uuid = one.id THEN format(
            ' AND s.starts_at %1$s= ($6 ->> 2)::timestamptz'
            ' AND (s.starts_at, b.id) %1$s (($6 ->> 2)::timestamptz, ($6 ->> 3)::uuid)', beyond) ELSE '' END;
        RETURN QUERY EXECUTE desk.bookings_statement(
            format(' AND s.activity_id = %L', one.id) || wanted || place,
            format('s.starts_at %1$s, b.id %1$s', way), 'jsonb_build_array(a.name, a.id, s.starts_at, b.id)')
            USING of_venue, at_most - found, acts, codes, filters, after_key, named, reviewing, today;
        GET DIAGNOSTICS got = ROW_COUNT;
        found := found + got;
        EXIT WHEN found >= at_most;
    END LOOP;
END
$$;
COMMENT ON FUNCTION desk.bookings_page(uuid, text, boolean, jsonb, jsonb, integer)
    IS 'A page of a venue''s bookings in one of four orders, filtered; first names only inside the roster''s window.';

-- The statement behind a page: the rows first, in their order and no more than wanted, then what belongs to each of them.
CREATE OR REPLACE FUNCTION desk.bookings_statement(wanted text, in_order text, page_key text) RETURNS text
    LANGUAGE sql IMMUTABLE
RETURN format($statement$
    SELECT p.id, p.created_at, p.starts_at, p.name::text, c.first_name::text, p.confirmation_code::text, p.status,
           p.attendance_state, p.credits_charged, p.credits_refunded, p.booking_source::text, p.page_key
      FROM (SELECT b.id, b.created_at, s.starts_at, a.name, b.confirmation_code, b.status, b.attendance_state,
                   b.credits_charged, b.credits_refunded, b.booking_source, b.child_id, b.session_id, s.session_date,
                   %3$s AS page_key
              FROM public.bookings AS b
              JOIN public.activity_sessions AS s ON s.id = b.session_id AND s.venue_id = b.venue_id
              JOIN public.activities AS a ON a.id = s.activity_id
             WHERE b.venue_id = $1 AND s.venue_id = $1%1$s
             ORDER BY %2$s
             LIMIT $2) AS p
      LEFT JOIN public.children AS c ON $7 AND c.id = p.child_id
           -- CASE keeps the order: the consent of a child is looked up only where a name could be shown, and the sessions
           -- under review are gathered once for the page.
           AND CASE WHEN p.session_date - $9 BETWEEN -2 AND 7 OR ($8 AND p.session_id IN (
                   SELECT r.session_id FROM public.review_items AS r
                    WHERE r.venue_id = $1 AND r.resolved_at IS NULL))
               THEN desk.is_shown(c.id) ELSE false END
     ORDER BY %4$s
    $statement$, wanted, in_order, page_key, replace(replace(in_order, 'b.', 'p.'), 's.', 'p.'));
COMMENT ON FUNCTION desk.bookings_statement(text, text, text) IS 'The text of the statement that reads one page of bookings.';

GRANT EXECUTE ON FUNCTION desk.bookings_page(uuid, text, boolean, jsonb, jsonb, integer) TO console_client;
