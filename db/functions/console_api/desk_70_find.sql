-- What Ctrl+K finds at a venue: sessions to come, children of today, bookings by their code.

-- Sessions of the next 14 days by activity, room or instructor (every word of the query somewhere in them), children of today's
-- sessions by the beginning of a first name, bookings by three or more symbols of their code in a row (sessions of two weeks
-- back to 30 days ahead) or by the whole code (any time). Twenty of each kind at most. A child's name stands beside a booking
-- only where its roster could be opened; a child that may not be shown is not found and not counted.
CREATE OR REPLACE FUNCTION desk.find_records(at_venue uuid, query text)
    RETURNS TABLE (kind text, session_id uuid, booking_id uuid, day date, starts_at timestamptz, activity_name text,
                   room_name text, first_name text, code text, in_count integer, booked integer, capacity integer,
                   is_cancelled boolean, is_closed boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 20
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET plan_cache_mode = force_generic_plan
    SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    venue constant uuid := at_venue;
    asked constant text := left(query, 100);
    plain text;
    words text[];
    symbols constant text := translate(upper(asked), 'OIL- ‐‑‒–—−', '011');
    whole text;
    today date;
BEGIN
    PERFORM auth.require('roster.read', venue);
    plain := desk.plain_name(replace(asked, '-', ' '));
    words := string_to_array(regexp_replace(plain, '\s+', ' ', 'g'), ' ');
    SELECT (app.now() AT TIME ZONE v.timezone)::date INTO today FROM public.venues AS v WHERE v.id = venue;
    IF length(plain) >= 2 THEN
        RETURN QUERY
        WITH hit AS MATERIALIZED (
            SELECT s.id, s.session_date, s.starts_at, a.name::text AS activity, r.name::text AS room, s.total_capacity,
                   s.is_cancelled, s.closed_at
              FROM public.activity_sessions AS s
              JOIN public.activities AS a ON a.id = s.activity_id
              LEFT JOIN public.rooms AS r ON r.id = s.room_id
             CROSS JOIN LATERAL (
                   SELECT desk.plain_name(concat_ws(' ', replace(a.name, '-', ' '), r.name, s.instructor_name)) AS all_words)
                   AS t
             WHERE s.venue_id = venue AND s.session_date BETWEEN today AND today + 13
               AND NOT EXISTS (SELECT 1 FROM unnest(words) AS w (word) WHERE strpos(t.all_words, w.word) = 0)
             ORDER BY s.starts_at, a.name, s.id
             LIMIT 20)
        SELECT 'session'::text, h.id, NULL::uuid, h.session_date, h.starts_at, h.activity, h.room, NULL::text, NULL::text,
               c.inside, c.booked, h.total_capacity, h.is_cancelled, h.closed_at IS NOT NULL
          FROM hit AS h
         CROSS JOIN LATERAL (
               SELECT (count(*) FILTER (WHERE b.attendance_state = 'in'))::integer AS inside, count(*)::integer AS booked
                 FROM public.bookings AS b JOIN public.children AS k ON k.id = b.child_id
                WHERE b.session_id = h.id AND b.venue_id = venue
                  AND (app.holds_place(b.status) OR b.attendance_event_id IS NOT NULL)
                  -- Hardly a child has one of the signs, so the rule itself is asked for few.
                  AND CASE WHEN k.parental_consent_given AND NOT k.deletion_requested AND k.anonymised_at IS NULL
                                AND NOT EXISTS (SELECT 1 FROM public.parental_consent_records AS p
                                                 WHERE p.child_id = k.id AND p.withdrawn)
                           THEN true ELSE desk.is_shown(k.id) END) AS c
         ORDER BY h.starts_at, h.activity, h.id;

        RETURN QUERY
        SELECT 'child'::text, s.id, b.id, s.session_date, s.starts_at, a.name::text, NULL::text, c.first_name::text, NULL::text,
               NULL::integer, NULL::integer, NULL::integer, s.is_cancelled, s.closed_at IS NOT NULL
          FROM public.activity_sessions AS s
          JOIN public.activities AS a ON a.id = s.activity_id
          JOIN public.bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id
          JOIN public.children AS c ON c.id = b.child_id
         WHERE s.venue_id = venue AND NOT s.is_cancelled
           -- Today's, and what began yesterday and is still going on after midnight.
           AND (s.session_date = today OR (s.session_date = today - 1 AND s.ends_at > app.now()))
           AND app.holds_place(b.status)
           AND strpos(' ' || desk.plain_name(replace(c.first_name, '-', ' ')), ' ' || plain) > 0
           AND desk.is_shown(c.id)
         ORDER BY s.starts_at, lower(c.first_name), b.id
         LIMIT 20;
    END IF;
    IF symbols !~ '^[0-9A-HJKMNP-TV-Z]{3,9}$' THEN
        RETURN;
    END IF;
    whole := bookings.read_code(symbols);
    RETURN QUERY
    SELECT 'booking'::text, f.session, f.booking, f.on_day, f.starts, f.activity, NULL::text,
           CASE WHEN f.on_day BETWEEN today - 2 AND today + 7 THEN f.child END, f.written,
           NULL::integer, NULL::integer, NULL::integer, f.off, f.closed
      FROM (SELECT s.id AS session, b.id AS booking, s.session_date AS on_day, s.starts_at AS starts, a.name::text AS activity,
                   c.first_name::text AS child, c.id AS child_id, b.confirmation_code::text AS written,
                   s.is_cancelled AS off, s.closed_at IS NOT NULL AS closed
              FROM public.bookings AS b
              JOIN public.activity_sessions AS s ON s.id = b.session_id
              JOIN public.activities AS a ON a.id = s.activity_id
              JOIN public.children AS c ON c.id = b.child_id
             WHERE whole IS NOT NULL AND b.confirmation_code = whole AND b.venue_id = venue
            UNION ALL
            SELECT s.id, b.id, s.session_date, s.starts_at, a.name::text, c.first_name::text, c.id, b.confirmation_code::text,
                   s.is_cancelled, s.closed_at IS NOT NULL
              FROM public.activity_sessions AS s
              JOIN public.bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id
              JOIN public.activities AS a ON a.id = s.activity_id
              JOIN public.children AS c ON c.id = b.child_id
             WHERE whole IS NULL AND s.venue_id = venue AND s.session_date BETWEEN today - 14 AND today + 30
               AND strpos(replace(b.confirmation_code, '-', ''), symbols) > 0) AS f
     WHERE desk.is_shown(f.child_id)
     ORDER BY abs(f.on_day - today), f.starts, f.written
     LIMIT 20;
END
$$;
COMMENT ON FUNCTION desk.find_records(uuid, text) IS 'Sessions, children of today and bookings by their code, for Ctrl+K.';
GRANT EXECUTE ON FUNCTION desk.find_records(uuid, text) TO console_client;
