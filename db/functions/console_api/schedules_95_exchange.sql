-- Since version 0003.
-- What an entry of a file means at a venue: which room and activity it names, what of it is new, and how the rows there are
-- say the same facts. Internal. docs/design.md, "Rules of the domain" (schedules).

-- A text without what a file may do to it on the way: ends of lines, control characters, spaces around it.
CREATE OR REPLACE FUNCTION schedules.bare_text(given text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    -- Workbooks write a character that XML cannot hold as _x0001_, and an underscore before what looks like that as _x005F_.
    SELECT btrim(regexp_replace(regexp_replace(regexp_replace(translate(given, chr(65534) || chr(65535), '??'),
        '_x005F_', '_', 'g'), '_x[0-9A-Fa-f]{4}_', ' ', 'g'), '[[:space:][:cntrl:]]+', ' ', 'g'))
$$;

-- The text that a file means beside the one there is. A table puts an apostrophe before what a spreadsheet would run.
CREATE OR REPLACE FUNCTION schedules.file_text(kept text, said text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN coalesce(schedules.bare_text(kept), '') IN (
                coalesce(schedules.bare_text(said), ''), coalesce(schedules.bare_text(regexp_replace(said, '^''(?=[=+@\t\r-])', '')), ''))
            THEN kept
        ELSE nullif(btrim(regexp_replace(said, '^''(?=[=+@\t\r-])', '')), '') END
$$;

-- The room that an entry names: by its id where the name agrees, else by the name. NULL where it names none.
CREATE OR REPLACE FUNCTION schedules.file_room(at_venue uuid, said_id text, said_name text) RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    meant constant text := schedules.file_text(NULL, said_name);
    found uuid;
BEGIN
    SELECT r.id INTO found FROM public.rooms AS r
     WHERE r.venue_id = at_venue AND r.id::text = said_id
       AND (meant IS NULL OR schedules.file_text(r.name, said_name) = r.name);
    IF found IS NULL AND meant IS NOT NULL THEN
        SELECT r.id INTO found FROM public.rooms AS r
         WHERE r.venue_id = at_venue AND lower(schedules.bare_text(r.name)) = lower(schedules.bare_text(meant))
         ORDER BY r.is_active DESC, r.id LIMIT 1;
        IF found IS NULL THEN
            IF length(meant) > 100 THEN
                RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'The name of a room has at most 100 characters.', DETAIL = 'room';
            END IF;
            PERFORM auth.require('venue.edit', at_venue);
            INSERT INTO public.rooms (venue_id, name) VALUES (at_venue, meant) RETURNING id INTO found;
        END IF;
    END IF;
    RETURN found;
END
$$;

-- A name for web addresses that no activity of the venue has.
CREATE OR REPLACE FUNCTION schedules.fresh_slug(at_venue uuid, name text) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH base AS (
        SELECT coalesce(nullif(btrim(left(regexp_replace(lower(name), '[^a-z0-9]+', '-', 'g'), 200), '-'), ''), 'activity') AS slug
    ), candidates AS (
        SELECT CASE n WHEN 1 THEN b.slug ELSE b.slug || '-' || n END AS slug, n
          FROM base AS b CROSS JOIN generate_series(1, 10000) AS n
    )
    SELECT c.slug FROM candidates AS c
     WHERE NOT EXISTS (SELECT 1 FROM public.activities AS a WHERE a.venue_id = at_venue AND a.slug = c.slug)
     ORDER BY c.n LIMIT 1
$$;

-- The activity that an entry names, among those in use; a new one waits unpublished for what the file does not say.
CREATE OR REPLACE FUNCTION schedules.file_activity(at_venue uuid, entry jsonb) RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    meant constant text := schedules.file_text(NULL, entry ->> 'title');
    found uuid;
BEGIN
    SELECT a.id INTO found FROM public.activities AS a
     WHERE a.venue_id = at_venue AND a.is_active AND a.id::text = entry ->> 'activity_id'
       AND (meant IS NULL OR schedules.file_text(a.name, entry ->> 'title') = a.name);
    IF found IS NOT NULL THEN
        RETURN found;
    ELSIF meant IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'It does not say which activity it is.', DETAIL = 'title';
    END IF;
    SELECT a.id INTO found FROM public.activities AS a
     WHERE a.venue_id = at_venue AND a.is_active AND lower(schedules.bare_text(a.name)) = lower(schedules.bare_text(meant))
     ORDER BY a.is_published DESC, a.created_at, a.id LIMIT 1;
    IF found IS NULL THEN
        IF length(meant) > 255 THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'The name of an activity has at most 255 characters.', DETAIL = 'title';
        END IF;
        PERFORM auth.require('activity.edit', at_venue);
        INSERT INTO public.activities (venue_id, name, slug, min_age_months, duration_minutes, capacity_per_session)
        VALUES (at_venue, meant, schedules.fresh_slug(at_venue, meant), 0,
                schedules.file_number(entry #>> '{facts,minutes}', 'minutes', 1440),
                coalesce(schedules.file_number(entry #>> '{facts,capacity}', 'capacity', 10000),
                         schedules.file_number(entry ->> 'capacity', 'capacity', 10000)))
        RETURNING id INTO found;
    END IF;
    RETURN found;
END
$$;

CREATE OR REPLACE FUNCTION schedules.file_number(said text, what text, most integer) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found integer;
BEGIN
    BEGIN
        found := said::integer;
    EXCEPTION WHEN data_exception THEN
        PERFORM schedules.raise_unreadable(what);
    END;
    IF found NOT BETWEEN 1 AND most THEN
        PERFORM schedules.raise_unreadable(what);
    END IF;
    RETURN found;
END
$$;

-- A length by the clock on the wall, as a file would say it. A whole day that ends in the hour the clocks leave out reads
-- as 25 hours; the day says the same, and no session is longer.
CREATE OR REPLACE FUNCTION schedules.wall_minutes(s public.activity_sessions) RETURNS integer
    LANGUAGE sql STABLE
AS $$
    SELECT CASE WHEN w.minutes < 1 THEN greatest(1, extract(epoch FROM s.ends_at - s.starts_at)::integer / 60) ELSE least(w.minutes, 1440) END
      FROM (SELECT extract(epoch FROM (s.ends_at AT TIME ZONE s.timezone) - (s.starts_at AT TIME ZONE s.timezone))::integer / 60
           ) AS w (minutes)
$$;

-- What a series says, in the keys of a change.
CREATE OR REPLACE FUNCTION schedules.facts_of_series(r public.activity_recurring_schedules) RETURNS jsonb
    LANGUAGE sql STABLE
AS $$
    SELECT jsonb_build_object(
        'activity_id', r.activity_id,
        'weekdays', (SELECT coalesce(jsonb_agg(DISTINCT d.day::integer), '[]') FROM jsonb_array_elements_text(r.days_of_week) AS d (day)),
        'start', r.start_time, 'minutes', r.duration_minutes, 'capacity', r.capacity, 'first', r.effective_from,
        'last', r.effective_until, 'every_weeks', r.every_weeks, 'room_id', r.room_id,
        'instructor', nullif(btrim(r.default_instructor_name), ''), 'platform_places', r.platform_allocated_spots,
        'name', nullif(btrim(r.schedule_name), ''))
$$;

-- What a session says, in the keys of a change.
CREATE OR REPLACE FUNCTION schedules.facts_of_session(s public.activity_sessions) RETURNS jsonb
    LANGUAGE sql STABLE
AS $$
    SELECT jsonb_build_object(
        'day', s.session_date, 'start', s.start_time, 'minutes', schedules.wall_minutes(s), 'capacity', s.total_capacity,
        'room_id', s.room_id, 'instructor', nullif(btrim(s.instructor_name), ''), 'platform_places', s.platform_allocated_spots,
        'session_notes', nullif(btrim(s.session_notes), ''), 'instructor_notes', nullif(btrim(s.instructor_notes), ''))
$$;

-- The facts there are with those that a file says in their place. What it does not say stays, and so does a number or a day
-- that it leaves empty; an empty room, instructor, name or last day is one that is taken away.
CREATE OR REPLACE FUNCTION schedules.with_file(at_venue uuid, kept jsonb, said jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    merged jsonb := kept;
    one record;
BEGIN
    FOR one IN SELECT f.key, f.value FROM jsonb_each(said) AS f ORDER BY f.key LOOP
        CONTINUE WHEN NOT (kept ? one.key);
        IF one.key IN ('instructor', 'name') THEN
            merged := merged || jsonb_build_object(one.key, schedules.file_text(kept ->> one.key, one.value #>> '{}'));
        ELSIF one.key = 'last' OR (one.value <> 'null' AND one.key NOT IN ('activity_id', 'room_id')) THEN
            merged := merged || jsonb_build_object(one.key, one.value);
        END IF;
    END LOOP;
    IF said ? 'room' OR said ? 'room_id' THEN
        merged := merged || jsonb_build_object('room_id', schedules.file_room(at_venue, said ->> 'room_id', said ->> 'room'));
    END IF;
    RETURN merged;
END
$$;

-- A change that was asked for by a file, planned and done as if it had been confirmed: what became of what. The whole file is
-- confirmed at once. Two sessions at one time are told, not refused: the file's owner knows what they share.
CREATE OR REPLACE FUNCTION schedules.exchange_change(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plan jsonb := schedules.planned(at_venue, change);
    answer jsonb;
BEGIN
    IF jsonb_path_exists(plan, '$.items[*] ? (@.session_id != null)') THEN
        PERFORM 1 FROM public.activity_sessions AS s
          WHERE s.id IN (SELECT (i ->> 'session_id')::uuid FROM jsonb_array_elements(plan -> 'items') AS i)
          ORDER BY s.id FOR NO KEY UPDATE;
        plan := schedules.planned(at_venue, change);
    END IF;
    answer := CASE WHEN change ->> 'kind' IN ('series_new', 'series_edit') THEN schedules.apply_series(at_venue, change, plan)
                   ELSE schedules.apply_session(at_venue, change, plan) END;
    RETURN jsonb_build_object(
        'series_id', answer -> 'series_id', 'session_id', answer -> 'session_id', 'until', plan #> '{facts,until}',
        'made', (answer ->> 'created')::integer, 'altered', (answer ->> 'changed')::integer, 'told', (answer ->> 'told')::integer,
        'ended', (answer ->> 'cancelled')::integer
            + (SELECT count(*) FROM jsonb_array_elements(plan -> 'items') AS i WHERE i ->> 'fate' = 'removed'),
        'bookings', (SELECT count(DISTINCT h ->> 'booking_id') FROM jsonb_array_elements(plan -> 'hits') AS h),
        'overlaps', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                                'kind', c -> 'kind', 'what', c -> 'what', 'on', c -> 'on', 'other', c -> 'other')), '[]')
                       FROM jsonb_array_elements(plan -> 'conflicts') AS c));
END
$$;

-- What two steps of one entry did together.
CREATE OR REPLACE FUNCTION schedules.exchange_sum(one jsonb, other jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT jsonb_build_object('overlaps', coalesce(one -> 'overlaps', '[]') || coalesce(other -> 'overlaps', '[]'))
        || (SELECT jsonb_object_agg(k.key, coalesce((one ->> k.key)::integer, 0) + coalesce((other ->> k.key)::integer, 0))
              FROM unnest('{made,altered,ended,told,bookings}'::text[]) AS k (key))
$$;
