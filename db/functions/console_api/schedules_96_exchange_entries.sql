-- Since version 0003.
-- One entry of a file: found again or new, compared with what there is, and turned into the same changes that a person would
-- confirm. Internal. docs/design.md, "Rules of the domain" (schedules).

-- One session as a file wants it; NULL where that is what it already is.
CREATE OR REPLACE FUNCTION schedules.exchange_facts(at_venue uuid, of_session uuid, said jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    s public.activity_sessions;
    wanted public.activity_sessions;
    kept jsonb;
    merged jsonb;
BEGIN
    SELECT * INTO s FROM public.activity_sessions AS x WHERE x.id = of_session AND x.venue_id = at_venue;
    kept := schedules.facts_of_session(s);
    merged := schedules.with_file(at_venue, kept, said);
    IF merged = kept THEN
        RETURN NULL;
    END IF;
    wanted := schedules.session_wanted(at_venue, merged, s, s.timezone);
    IF kept = merged || jsonb_build_object(
            'day', wanted.session_date, 'start', wanted.start_time, 'minutes', (merged ->> 'minutes')::integer,
            'capacity', wanted.total_capacity, 'platform_places', wanted.platform_allocated_spots) THEN
        RETURN NULL;
    END IF;
    RETURN schedules.exchange_change(at_venue, jsonb_build_object(
        'kind', 'session_edit', 'session_id', s.id, 'version', s.version, 'facts', merged));
END
$$;

-- A dated session outside every series, or one that was exported by itself.
CREATE OR REPLACE FUNCTION schedules.exchange_session(at_venue uuid, entry jsonb, row_id uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_cancelled constant boolean := coalesce((entry ->> 'is_cancelled')::boolean, false);
    s public.activity_sessions;
    activity uuid;
    a public.activities;
    done jsonb;
BEGIN
    IF row_id IS NULL THEN
        IF is_cancelled THEN
            RETURN jsonb_build_object('outcome', 'same', 'why', 'cancelled');
        END IF;
        activity := schedules.file_activity(at_venue, entry);
        SELECT * INTO a FROM public.activities AS x WHERE x.id = activity;
        RETURN schedules.exchange_change(at_venue, jsonb_build_object(
                'kind', 'session_new', 'activity_id', a.id,
                'facts', schedules.with_file(at_venue, jsonb_build_object(
                    'day', NULL, 'start', NULL, 'minutes', a.duration_minutes, 'capacity', a.capacity_per_session,
                    'room_id', NULL, 'instructor', NULL, 'platform_places', 0), entry -> 'facts')))
            || '{"outcome": "created"}';
    END IF;
    SELECT * INTO s FROM public.activity_sessions AS x WHERE x.id = row_id AND x.venue_id = at_venue;
    IF is_cancelled THEN
        IF s.is_cancelled THEN
            RETURN jsonb_build_object('outcome', 'same', 'session_id', row_id);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'It is cancelled in the file, but takes place here.',
            HINT = 'Cancel it in the schedule: its families have to be told why.', DETAIL = 'cancelled_there';
    END IF;
    PERFORM schedules.require_same_activity(s.activity_id, entry, 'A session keeps its activity.');
    done := schedules.exchange_facts(at_venue, row_id, entry -> 'facts');
    RETURN coalesce(done, '{}') || jsonb_build_object(
        'session_id', row_id, 'outcome', CASE WHEN done IS NULL THEN 'same' ELSE 'changed' END);
END
$$;

CREATE OR REPLACE FUNCTION schedules.require_same_activity(kept uuid, entry jsonb, said text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF entry ->> 'title' IS NOT NULL AND entry ->> 'activity_id' IS DISTINCT FROM kept::text AND NOT EXISTS (
        SELECT 1 FROM public.activities AS a
         WHERE a.id = kept AND lower(schedules.bare_text(a.name))
               = lower(schedules.bare_text(schedules.file_text(a.name, entry ->> 'title')))) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = said, HINT = 'Make a new one instead.', DETAIL = 'activity_id';
    END IF;
END
$$;

-- Dates that a file leaves out and that would take place here.
CREATE OR REPLACE FUNCTION schedules.dates_to_skip(series public.activity_recurring_schedules, left_out date[], today date)
    RETURNS date[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(array_agg(d.on_day ORDER BY d.on_day), '{}')
      FROM (SELECT DISTINCT o FROM unnest(left_out) AS o WHERE o >= today) AS d (on_day)
      LEFT JOIN public.activity_sessions AS s
             ON s.recurring_schedule_id = series.id AND s.venue_id = series.venue_id AND s.occurs_on = d.on_day
     WHERE (s.id IS NOT NULL AND NOT s.is_cancelled AND s.starts_at > app.now())
        OR (s.id IS NULL AND d.on_day > coalesce(series.sessions_generated_until, today - 1)
            AND EXISTS (SELECT 1 FROM schedules.meetings(ARRAY[series.id], d.on_day, d.on_day) AS m WHERE NOT m.is_closed))
$$;

-- What a file says of dates whose sessions are made later: it is noted, and they are made so. Answers how many that is.
CREATE OR REPLACE FUNCTION schedules.note_later_dates(series public.activity_recurring_schedules, left_out date[], changed jsonb)
    RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept constant jsonb := schedules.facts_of_series(series);
    noted integer;
    total integer := 0;
    merged jsonb;
    one record;
BEGIN
    INSERT INTO public.schedule_exceptions AS e (venue_id, schedule_id, exception_date, kind, created_by)
    SELECT series.venue_id, series.id, d.on_day, 'skipped', auth.user_id() FROM unnest(left_out) AS d (on_day)
     WHERE schedules.count_dates(series, d.on_day, d.on_day) > 0
       AND NOT EXISTS (SELECT 1 FROM public.activity_sessions AS s
                        WHERE s.recurring_schedule_id = series.id AND s.venue_id = series.venue_id AND s.occurs_on = d.on_day)
    ON CONFLICT (schedule_id, exception_date) DO UPDATE SET
        kind = 'skipped', new_day = NULL, new_start = NULL, new_minutes = NULL, new_room_id = NULL, new_instructor = NULL,
        new_capacity = NULL, created_by = excluded.created_by
     WHERE e.kind <> 'skipped';
    GET DIAGNOSTICS total = ROW_COUNT;
    FOR one IN SELECT c.key::date AS on_day, c.value AS said FROM jsonb_each(changed) AS c ORDER BY c.key LOOP
        CONTINUE WHEN schedules.count_dates(series, one.on_day, one.on_day) = 0;
        merged := schedules.with_file(series.venue_id, kept || jsonb_build_object('day', one.on_day), one.said);
        -- Held to what a session may be, though there is none yet.
        PERFORM schedules.session_wanted(series.venue_id, merged, NULL, 'UTC');
        INSERT INTO public.schedule_exceptions AS e (venue_id, schedule_id, exception_date, kind, new_day, new_start, new_minutes,
                                                     new_room_id, new_instructor, new_capacity, created_by)
        SELECT series.venue_id, series.id, one.on_day, 'changed', nullif((merged ->> 'day')::date, one.on_day),
               nullif((merged ->> 'start')::time, series.start_time),
               nullif((merged ->> 'minutes')::integer, series.duration_minutes),
               nullif((merged ->> 'room_id')::uuid, series.room_id),
               nullif(merged ->> 'instructor', kept ->> 'instructor'), nullif((merged ->> 'capacity')::integer, series.capacity),
               auth.user_id()
         WHERE merged <> kept || jsonb_build_object('day', one.on_day)
        ON CONFLICT (schedule_id, exception_date) DO UPDATE SET
            kind = excluded.kind, new_day = excluded.new_day, new_start = excluded.new_start, new_minutes = excluded.new_minutes,
            new_room_id = excluded.new_room_id, new_instructor = excluded.new_instructor, new_capacity = excluded.new_capacity,
            created_by = excluded.created_by
         WHERE (e.kind, e.new_day, e.new_start, e.new_minutes, e.new_room_id, e.new_instructor, e.new_capacity) IS DISTINCT FROM
               (excluded.kind, excluded.new_day, excluded.new_start, excluded.new_minutes, excluded.new_room_id,
                excluded.new_instructor, excluded.new_capacity);
        GET DIAGNOSTICS noted = ROW_COUNT;
        total := total + noted;
    END LOOP;
    RETURN total;
END
$$;

-- The change of the series itself: a new one, an edit of all of it, or none.
CREATE OR REPLACE FUNCTION schedules.exchange_pattern(at_venue uuid, entry jsonb, was public.activity_recurring_schedules, today date)
    RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    left_out date[] := ARRAY(SELECT d::date FROM jsonb_array_elements_text(coalesce(entry -> 'skipped', '[]')) AS d);
    wanted public.activity_recurring_schedules;
    activity uuid;
    a public.activities;
    kept jsonb;
    merged jsonb;
    differs boolean := false;
BEGIN
    IF was.id IS NULL THEN
        activity := schedules.file_activity(at_venue, entry);
        SELECT * INTO a FROM public.activities AS x WHERE x.id = activity;
        merged := schedules.with_file(at_venue, jsonb_build_object(
            'activity_id', a.id, 'weekdays', NULL, 'start', NULL, 'minutes', a.duration_minutes, 'capacity', a.capacity_per_session,
            'first', NULL, 'last', NULL, 'every_weeks', 1, 'room_id', NULL, 'instructor', NULL, 'platform_places', 0,
            'name', NULL), entry -> 'facts');
        wanted := schedules.series_wanted(at_venue, merged, was);
        IF wanted.effective_until < today THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'series_over',
                MESSAGE = format('It was over on %s, so there is nothing to make.', to_char(wanted.effective_until, 'FMDD FMMonth YYYY'));
        END IF;
    ELSE
        PERFORM schedules.require_same_activity(was.activity_id, entry, 'A series keeps its activity.');
        kept := schedules.facts_of_series(was);
        merged := schedules.with_file(at_venue, kept, entry -> 'facts');
        IF merged <> kept THEN
            wanted := schedules.series_wanted(at_venue, merged, was);
            differs := schedules.facts_of_series(wanted) <> kept;
        END IF;
        IF NOT differs THEN
            left_out := schedules.dates_to_skip(was, left_out, today);
            IF NOT EXISTS (SELECT 1 FROM public.activity_sessions AS s
                            WHERE s.recurring_schedule_id = was.id AND s.venue_id = at_venue AND s.occurs_on = ANY (left_out)) THEN
                RETURN jsonb_build_object('series_id', was.id, 'left_out', to_jsonb(left_out));
            END IF;
        END IF;
    END IF;
    RETURN schedules.exchange_change(at_venue, jsonb_build_object(
            'kind', CASE WHEN was.id IS NULL THEN 'series_new' ELSE 'series_edit' END, 'series_id', was.id, 'version', was.version,
            'scope', 'all', 'facts', merged,
            'settled', (SELECT coalesce(jsonb_object_agg(d.on_day, '{"skip": true}'::jsonb), '{}') FROM unnest(left_out) AS d (on_day)
                         WHERE d.on_day >= today)))
        || jsonb_build_object('left_out', to_jsonb(left_out), 'differs', true);
END
$$;

-- A weekly pattern with the dates that are left out or changed.
CREATE OR REPLACE FUNCTION schedules.exchange_series(at_venue uuid, entry jsonb, row_id uuid) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today constant date := (SELECT (app.now() AT TIME ZONE v.timezone)::date FROM public.venues AS v WHERE v.id = at_venue);
    was public.activity_recurring_schedules;
    series public.activity_recurring_schedules;
    pattern jsonb;
    done jsonb;
    later jsonb := '{}';
    noted integer;
    one record;
BEGIN
    SELECT * INTO was FROM public.activity_recurring_schedules AS r WHERE r.id = row_id AND r.venue_id = at_venue;
    pattern := schedules.exchange_pattern(at_venue, entry, was, today);
    done := schedules.exchange_sum(pattern, '{}');
    SELECT * INTO series FROM public.activity_recurring_schedules AS r WHERE r.id = (pattern ->> 'series_id')::uuid;
    FOR one IN
        SELECT c.key, c.value AS said, s.id, s.is_cancelled, s.starts_at
          FROM jsonb_each(coalesce(entry -> 'changed', '{}')) AS c
          LEFT JOIN public.activity_sessions AS s
                 ON s.recurring_schedule_id = series.id AND s.venue_id = at_venue AND s.occurs_on = c.key::date
         ORDER BY s.id
    LOOP
        IF one.id IS NULL AND one.key::date > coalesce(series.sessions_generated_until, today) THEN
            later := later || jsonb_build_object(one.key, one.said);
        ELSIF one.id IS NOT NULL AND NOT one.is_cancelled AND one.starts_at > app.now() THEN
            done := schedules.exchange_sum(done, coalesce(schedules.exchange_facts(at_venue, one.id, one.said), '{}'));
        END IF;
    END LOOP;
    noted := schedules.note_later_dates(
        series, ARRAY(SELECT d::date FROM jsonb_array_elements_text(pattern -> 'left_out') AS d
                       WHERE d::date > coalesce(series.sessions_generated_until, today)), later);
    RETURN done || jsonb_build_object(
        'series_id', series.id,
        'outcome', CASE
            WHEN was.id IS NULL THEN 'created'
            WHEN pattern ? 'differs' OR noted > 0 OR (done ->> 'altered')::integer > 0 THEN 'changed' ELSE 'same' END);
END
$$;
