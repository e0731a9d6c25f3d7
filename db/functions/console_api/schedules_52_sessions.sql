-- Since version 0003.
-- What the plans of cancelling, restoring, combining and closing share: the session meant, one line of a plan, the bookings it
-- touches, and what a session that comes back would overlap. Internal. docs/design.md, "Rules of the domain" (schedules).

-- The session meant, in the version in which it was read; another venue's and an absent one look the same.
CREATE OR REPLACE FUNCTION schedules.session_at(at_venue uuid, wanted text, read_version text) RETURNS public.activity_sessions
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found public.activity_sessions;
    version integer;
BEGIN
    BEGIN
        SELECT * INTO found FROM public.activity_sessions AS s WHERE s.id = wanted::uuid AND s.venue_id = at_venue;
        version := read_version::integer;
    EXCEPTION WHEN data_exception THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'What was asked for cannot be read.', DETAIL = 'session_id';
    END;
    IF found.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such session here.', DETAIL = 'no_session';
    ELSIF version IS DISTINCT FROM found.version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this session.',
            HINT = 'Look at what it says now.', DETAIL = 'version_changed';
    END IF;
    RETURN found;
END
$$;

-- One line of a plan about a session that exists. `takes_place` says whether it does afterwards.
CREATE OR REPLACE FUNCTION schedules.item_of(of_session uuid, fate text, takes_place boolean, bookings integer, why text)
    RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object('fate', fate, 'session_id', s.id, 'occurs_on', s.occurs_on, 'was_starts_at', s.starts_at,
               'was_ends_at', s.ends_at, 'was_room', r.name, 'starts_at', CASE WHEN takes_place THEN s.starts_at END,
               'ends_at', CASE WHEN takes_place THEN s.ends_at END, 'room_id', CASE WHEN takes_place THEN s.room_id END,
               'room', CASE WHEN takes_place THEN r.name END, 'changes', '[]'::jsonb, 'bookings', bookings, 'why', why)
      FROM public.activity_sessions AS s LEFT JOIN public.rooms AS r ON r.id = s.room_id WHERE s.id = of_session
$$;

-- The places of sessions that still stand.
CREATE OR REPLACE FUNCTION schedules.standing(of_sessions uuid[]) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(b.id ORDER BY b.id), '{}') FROM public.bookings AS b
     WHERE b.session_id = ANY (of_sessions) AND b.status IN ('pending', 'confirmed')
$$;

-- Bookings as a plan lists them, with the words their parents will read: one message for all of a family's, as they are told.
-- `each` are facts, and perhaps another fate, of one session by its id. A name shows to those who may read rosters, of a child
-- that may be shown.
CREATE OR REPLACE FUNCTION schedules.hits_of(
    of_bookings uuid[], as_fate text, template text, more jsonb, each jsonb DEFAULT '{}') RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- What is the same for every booking of a session, or of a family, is asked once; brothers and sisters are named together.
    RETURN (
        WITH sessions AS MATERIALIZED (
            SELECT s.id, s.starts_at, auth.has('roster.read', s.venue_id) AS is_open,
                   coalesce(each #>> ARRAY[s.id::text, 'fate'], as_fate) AS fate,
                   schedules.session_words(s.id) AS words, more || (coalesce(each -> s.id::text, '{}') - 'fate') AS facts
              FROM public.activity_sessions AS s
             WHERE s.id IN (SELECT b.session_id FROM public.bookings AS b WHERE b.id = ANY (of_bookings))
        ), places AS MATERIALIZED (
            SELECT b.id, b.session_id, b.booked_by, c.first_name, concat_ws(' ', u.first_name, u.last_name) AS parent,
                   s.starts_at, s.fate, s.is_open AND desk.is_shown(b.child_id) AS is_named,
                   CASE WHEN s.fate = 'cancelled' THEN (bookings.paid(b.id)).charged ELSE 0 END AS refund
              FROM public.bookings AS b
              JOIN public.children AS c ON c.id = b.child_id
              JOIN public.users AS u ON u.id = b.booked_by
              JOIN sessions AS s ON s.id = b.session_id
             WHERE b.id = ANY (of_bookings)
        ), lines AS MATERIALIZED (
            SELECT p.booked_by, bool_and(p.is_named) AS all_named,
                   s.words || jsonb_build_object('child', string_agg(p.first_name, ', ' ORDER BY p.first_name, p.id),
                                                 'credits', sum(p.refund)) || s.facts AS line
              FROM places AS p JOIN sessions AS s ON s.id = p.session_id
             GROUP BY p.booked_by, p.session_id, s.words, s.facts
        ), told AS MATERIALIZED (
            SELECT f.booked_by, CASE WHEN f.all_named THEN
                       notify.message(f.booked_by, notify.several(template, cardinality(f.lines)), notify.together(f.lines)) END AS message
              FROM (SELECT l.booked_by, bool_and(l.all_named) AS all_named, array_agg(l.line) AS lines
                      FROM lines AS l GROUP BY l.booked_by) AS f
        )
        SELECT coalesce(jsonb_agg(jsonb_build_object('booking_id', h.id, 'session_id', h.session_id, 'fate', h.fate,
                   'child', CASE WHEN h.is_named THEN h.first_name END,
                   'parent', CASE WHEN h.is_named THEN h.parent END, 'refund', h.refund, 'message', t.message)
                   ORDER BY h.starts_at, h.session_id, lower(h.first_name), h.id), '[]')
          FROM places AS h JOIN told AS t ON t.booked_by = h.booked_by);
END
$$;

CREATE OR REPLACE FUNCTION schedules.waiting_for(of_sessions uuid[]) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*)::integer FROM public.waitlist AS w WHERE w.session_id = ANY (of_sessions) AND w.is_active
$$;

-- What sessions that come back would share a room or an instructor with. Each is looked at by itself: those that come back
-- together stood beside each other before they were cancelled.
CREATE OR REPLACE FUNCTION schedules.clashes_of(coming_back uuid[]) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(jsonb_agg(c.clash ORDER BY s.starts_at, s.id, c.place), '[]')
      FROM public.activity_sessions AS s
     CROSS JOIN LATERAL jsonb_array_elements(schedules.conflicts(s.venue_id, jsonb_build_array(
         schedules.item_of(s.id, 'restored', true, 0, NULL)
             || jsonb_build_object('instructor', s.instructor_name, 'occurs_on', s.session_date)), NULL, NULL, '{}'))
         WITH ORDINALITY AS c (clash, place)
     WHERE s.id = ANY (coming_back)
$$;

-- The reason for which the venue, or the session's room, is shut at that time; NULL: it is open. `except_closure` does not count.
CREATE OR REPLACE FUNCTION schedules.shut_at(of_session uuid, except_closure uuid) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.reason FROM public.activity_sessions AS s
     CROSS JOIN LATERAL schedules.closed_spans(s.venue_id, s.starts_at, s.ends_at) AS c
     WHERE s.id = of_session AND c.closure_id IS DISTINCT FROM except_closure AND c.starts_at < s.ends_at
       AND c.ends_at > s.starts_at AND (c.room_ids = '{}' OR s.room_id = ANY (c.room_ids))
     ORDER BY c.starts_at LIMIT 1
$$;
