-- Since version 0003.
-- Shutting a venue or some rooms, and opening them again: what that cancels, what it skips, what is left alone and why.
-- docs/design.md, "Rules of the domain" (schedules).

-- A closure as it was asked for, each fact read or refused in a sentence.
CREATE OR REPLACE FUNCTION schedules.closure_meant(
    at_venue uuid, change jsonb, OUT starts_at timestamptz, OUT ends_at timestamptz, OUT reason_id uuid, OUT reason text, OUT kind public.closure_reason, OUT room_ids uuid[], OUT is_yearly boolean,
    OUT explanation text, OUT zone text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    what text := 'starts';
    wall_start timestamp;
    wall_end timestamp;
BEGIN
    SELECT v.timezone INTO zone FROM public.venues AS v WHERE v.id = at_venue;
    BEGIN
        wall_start := (change ->> 'starts')::timestamp;
        what := 'ends';
        wall_end := (change ->> 'ends')::timestamp;
        what := 'reason_id';
        reason_id := (change ->> 'reason_id')::uuid;
        what := 'room_ids';
        room_ids := ARRAY(SELECT DISTINCT x::uuid FROM jsonb_array_elements_text(
            CASE WHEN jsonb_typeof(change -> 'room_ids') = 'array' THEN change -> 'room_ids' ELSE '[]' END) AS x ORDER BY 1);
        what := 'is_yearly';
        is_yearly := coalesce((change ->> 'is_yearly')::boolean, false);
    EXCEPTION WHEN data_exception THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = what, MESSAGE = CASE what
            WHEN 'starts' THEN 'Say when the closure begins.' WHEN 'ends' THEN 'Say when the closure ends.'
            WHEN 'reason_id' THEN 'Choose a reason.' ELSE 'What was asked for cannot be read.' END;
    END;
    IF wall_start IS NULL OR NOT wall_start BETWEEN '1900-01-01' AND '9000-01-01' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say when the closure begins.', DETAIL = 'starts';
    ELSIF wall_end IS NULL OR NOT wall_end BETWEEN '1900-01-01' AND '9000-01-01' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say when the closure ends.', DETAIL = 'ends';
    END IF;
    PERFORM schedules.require_near(wall_start::date, 'starts');
    starts_at := schedules.instant(wall_start, zone);
    ends_at := schedules.instant(wall_end, zone);
    explanation := nullif(btrim(change ->> 'explanation'), '');
    SELECT r.name, r.kind INTO reason, kind FROM public.closure_reasons AS r
     WHERE r.id = reason_id AND r.is_active AND (r.venue_id IS NULL OR r.venue_id = at_venue);
    IF ends_at <= starts_at THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A closure ends after it begins.', DETAIL = 'ends';
    ELSIF ends_at <= app.now() AND NOT is_yearly THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'These days are over.', HINT = 'Choose days to come.', DETAIL = 'ends';
    ELSIF is_yearly AND wall_end > wall_start + interval '1 year' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A yearly closure lasts at most a year.', DETAIL = 'ends';
    ELSIF reason IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose a reason.', DETAIL = 'reason_id';
    ELSIF length(explanation) > 2000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An explanation has at most 2,000 characters.', DETAIL = 'explanation';
    ELSIF EXISTS (SELECT 1 FROM unnest(room_ids) AS w (id)
                   WHERE NOT EXISTS (SELECT 1 FROM public.rooms AS r WHERE r.id = w.id AND r.venue_id = at_venue)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose rooms of this venue.', DETAIL = 'room_ids';
    ELSIF EXISTS (
        SELECT 1 FROM public.venue_closures AS c
         WHERE c.venue_id = at_venue AND c.lifted_at IS NULL AND (c.starts_at, c.ends_at, c.is_yearly) = (starts_at, ends_at, is_yearly)
           AND room_ids = ARRAY(SELECT r.room_id FROM public.venue_closure_rooms AS r WHERE r.closure_id = c.id ORDER BY 1)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'There is a closure at that time already.', DETAIL = 'closed_already';
    END IF;
END
$$;

-- The stretches of a closure that begin before an instant: the first, and for a yearly one each year's. They fall as
-- schedules.closed_spans says once the closure is kept, which knows its instants only.
CREATE OR REPLACE FUNCTION schedules.stretches(
    first_start timestamptz, first_end timestamptz, is_yearly boolean, zone text, until_at timestamptz)
    RETURNS TABLE (starts_at timestamptz, ends_at timestamptz)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT s.starts_at, CASE WHEN s.ends_at > s.starts_at THEN s.ends_at ELSE s.starts_at + (w.until - w.since) END
      FROM (SELECT first_start AT TIME ZONE zone AS since, first_end AT TIME ZONE zone AS until,
                   (first_end AT TIME ZONE zone - interval '1 microsecond')::date AS last_day) AS w
     CROSS JOIN LATERAL generate_series(1, CASE WHEN is_yearly THEN
         (extract(year FROM until_at AT TIME ZONE zone) - extract(year FROM w.since))::integer ELSE 0 END) AS n (years)
     CROSS JOIN LATERAL (SELECT
         schedules.instant(schedules.years_later(w.since::date, n.years) + w.since::time, zone),
         schedules.instant(schedules.years_later(w.last_day, n.years) + (w.until - w.last_day), zone)) AS s (starts_at, ends_at)
    UNION ALL
    SELECT first_start, first_end
$$;

-- The sessions that a closure meets and what becomes of each: those that have started, or hold a child already, are kept; one
-- of a series that nobody ever booked or waited for is skipped, as its series would skip the date; others are cancelled.
CREATE OR REPLACE FUNCTION schedules.met_by(at_venue uuid, change jsonb)
    RETURNS TABLE (session_id uuid, starts_at timestamptz, fate text, why text)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    meant constant record := schedules.closure_meant(at_venue, change);
    last_start timestamptz;
BEGIN
    SELECT max(s.starts_at) INTO last_start FROM public.activity_sessions AS s WHERE s.venue_id = at_venue;
    RETURN QUERY
    SELECT s.id, s.starts_at,
           CASE WHEN h.has_started OR h.holds_child THEN 'kept' WHEN h.is_untouched THEN 'skipped' ELSE 'cancelled' END,
           CASE WHEN h.has_started THEN 'It has started.' WHEN h.holds_child THEN 'A child is in already.' ELSE meant.reason END
      FROM public.activity_sessions AS s
     CROSS JOIN LATERAL (
        SELECT s.starts_at <= app.now() AS has_started,
               EXISTS (SELECT 1 FROM public.bookings AS b WHERE b.session_id = s.id AND b.attendance_state = 'in') AS holds_child,
               s.recurring_schedule_id IS NOT NULL AND NOT s.changed_by_hand AND schedules.is_untouched(s.id) AS is_untouched) AS h
     WHERE s.venue_id = at_venue AND NOT s.is_cancelled AND s.closed_at IS NULL AND s.ends_at > app.now()
       AND s.ends_at > meant.starts_at AND (meant.room_ids = '{}' OR s.room_id = ANY (meant.room_ids))
       AND EXISTS (
           SELECT 1 FROM schedules.stretches(meant.starts_at, meant.ends_at, meant.is_yearly, meant.zone, last_start) AS t
            WHERE t.starts_at < s.ends_at AND t.ends_at > s.starts_at)
     ORDER BY s.starts_at, s.id;
END
$$;

-- Whether nobody was ever booked on a session, waited for it or is spoken of in connection with it: it can just go.
CREATE OR REPLACE FUNCTION schedules.is_untouched(of_session uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT NOT EXISTS (SELECT 1 FROM public.bookings AS b WHERE b.session_id = of_session)
       AND NOT EXISTS (SELECT 1 FROM public.waitlist AS w WHERE w.session_id = of_session)
       AND NOT EXISTS (SELECT 1 FROM public.review_items AS r WHERE r.session_id = of_session)
       AND NOT EXISTS (SELECT 1 FROM public.attendance_events AS e WHERE e.session_id = of_session)
$$;

-- The closure meant by a change that lifts it, in the version in which it was read.
CREATE OR REPLACE FUNCTION schedules.closure_at(at_venue uuid, change jsonb) RETURNS public.venue_closures
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found public.venue_closures;
    version integer;
BEGIN
    BEGIN
        SELECT * INTO found FROM public.venue_closures AS c
         WHERE c.id = (change ->> 'closure_id')::uuid AND c.venue_id = at_venue;
        version := (change ->> 'version')::integer;
    EXCEPTION WHEN data_exception THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'What was asked for cannot be read.', DETAIL = 'closure_id';
    END;
    IF found.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such closure here.', DETAIL = 'no_closure';
    ELSIF found.lifted_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This closure was lifted already.', DETAIL = 'lifted_already';
    ELSIF version IS DISTINCT FROM found.version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this closure.',
            HINT = 'Look at what it says now.', DETAIL = 'version_changed';
    END IF;
    RETURN found;
END
$$;

-- The sessions that are taken back together with a closure: those chosen of what it cancelled.
CREATE OR REPLACE FUNCTION schedules.chosen_back(change jsonb) RETURNS uuid[]
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT x::uuid FROM jsonb_array_elements_text(
        CASE WHEN jsonb_typeof(change -> 'restore') = 'array' THEN change -> 'restore' ELSE '[]' END) AS x ORDER BY 1);
EXCEPTION WHEN data_exception THEN
    RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'What was asked for cannot be read.', DETAIL = 'restore';
END
$$;

-- The series of a venue that still run.
CREATE OR REPLACE FUNCTION schedules.running_series(at_venue uuid) RETURNS uuid[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(r.id ORDER BY r.id), '{}') FROM public.activity_recurring_schedules AS r
     WHERE r.venue_id = at_venue AND r.is_active
$$;
