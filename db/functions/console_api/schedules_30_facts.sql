-- Since version 0003.
-- Reading what a person asks for: each fact becomes a value of its type or one plain sentence, before anything is worked
-- out from it. Internal. docs/design.md, "Rules of the domain" (schedules).

-- The room meant, of this venue and in use; one that was put away may stay where it is (`kept`).
CREATE OR REPLACE FUNCTION schedules.require_room(at_venue uuid, wanted uuid, kept uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF wanted IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.rooms AS r
         WHERE r.id = wanted AND r.venue_id = at_venue AND (r.is_active OR r.id = kept)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This room is not in use here.', HINT = 'Choose another room.',
            DETAIL = 'room_id';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION schedules.require_activity(at_venue uuid, wanted uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF wanted IS NULL OR NOT EXISTS (
        SELECT 1 FROM public.activities AS a WHERE a.id = wanted AND a.venue_id = at_venue AND a.is_active) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Choose an activity of this venue.', DETAIL = 'activity_id';
    END IF;
END
$$;

-- How many places there are, and how many of them are for the platform.
CREATE OR REPLACE FUNCTION schedules.require_places(capacity integer, places integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF capacity IS NULL OR capacity NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A session has 1 to 10,000 places.', DETAIL = 'capacity';
    ELSIF places IS NULL OR places < 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Platform places cannot be less than none.', DETAIL = 'platform_places';
    ELSIF places > capacity THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422',
            MESSAGE = format('There are %s places, so %s cannot be for the platform.', capacity, places), DETAIL = 'platform_places';
    END IF;
END
$$;

-- A day so far ahead is a slip of the finger in its year, and every look at the programme would go through all the years.
CREATE OR REPLACE FUNCTION schedules.require_near(day date, what text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF day > (app.now() AT TIME ZONE 'UTC')::date + 3653 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That is more than ten years ahead.', HINT = 'Look at the year.',
            DETAIL = what;
    END IF;
END
$$;

-- A text of a fair length without spaces around it; NULL for none.
CREATE OR REPLACE FUNCTION schedules.text_meant(facts jsonb, what text, most integer) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    meant constant text := nullif(btrim(facts ->> what), '');
BEGIN
    IF length(meant) > most THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = what, MESSAGE = format('%s has at most %s characters.', CASE what
            WHEN 'instructor' THEN 'An instructor''s name' WHEN 'name' THEN 'The name of a series' ELSE 'A note' END,
            to_char(most, 'FM9,999'));
    END IF;
    RETURN meant;
END
$$;

CREATE OR REPLACE FUNCTION schedules.raise_unreadable(what text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = what, MESSAGE = CASE what
        WHEN 'activity_id' THEN 'Choose an activity of this venue.'
        WHEN 'room_id' THEN 'This room is not in use here.'
        WHEN 'weekdays' THEN 'A weekday is a number from 0 (Sunday) to 6 (Saturday).'
        WHEN 'start' THEN 'A session starts between 00:00 and 23:59.'
        WHEN 'minutes' THEN 'A session lasts 1 to 1,440 minutes.'
        WHEN 'capacity' THEN 'A session has 1 to 10,000 places.'
        WHEN 'platform_places' THEN 'Say how many places are for the platform.'
        WHEN 'every_weeks' THEN 'A series repeats every 1 to 52 weeks.'
        WHEN 'first' THEN 'A series needs a first day.'
        WHEN 'last' THEN 'The last day of a series is no date.'
        WHEN 'pivot' THEN 'Choose the day from which on it changes.'
        WHEN 'day' THEN 'A session needs a day.'
        WHEN 'version' THEN 'Look at it again before you change it.'
        WHEN 'starts' THEN 'Say when the closure begins.'
        WHEN 'ends' THEN 'Say when the closure ends.'
        WHEN 'settled' THEN 'What was decided about a date cannot be read.'
        ELSE 'What was asked for cannot be read.' END;
END
$$;

-- A weekly pattern out of its facts, as a row that is not written yet.
CREATE OR REPLACE FUNCTION schedules.series_wanted(at_venue uuid, facts jsonb, old public.activity_recurring_schedules)
    RETURNS public.activity_recurring_schedules
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made public.activity_recurring_schedules := old;
    what text := 'facts';
    days integer[];
BEGIN
    BEGIN
        IF jsonb_typeof(facts) IS DISTINCT FROM 'object' THEN
            PERFORM schedules.raise_unreadable(what);
        END IF;
        what := 'activity_id';
        made.activity_id := (facts ->> 'activity_id')::uuid;
        what := 'room_id';
        made.room_id := (facts ->> 'room_id')::uuid;
        what := 'weekdays';
        IF jsonb_typeof(facts -> 'weekdays') IS DISTINCT FROM 'array' THEN
            PERFORM schedules.raise_unreadable(what);
        END IF;
        days := ARRAY(SELECT DISTINCT d::integer FROM jsonb_array_elements_text(facts -> 'weekdays') AS d ORDER BY 1);
        what := 'start';
        made.start_time := (facts ->> 'start')::time;
        what := 'minutes';
        made.duration_minutes := (facts ->> 'minutes')::integer;
        what := 'capacity';
        made.capacity := (facts ->> 'capacity')::integer;
        what := 'platform_places';
        made.platform_allocated_spots := coalesce(facts ->> 'platform_places', '0')::integer;
        what := 'every_weeks';
        made.every_weeks := coalesce(facts ->> 'every_weeks', '1')::integer;
        what := 'first';
        made.effective_from := (facts ->> 'first')::date;
        what := 'last';
        made.effective_until := (facts ->> 'last')::date;
        what := 'facts';
    EXCEPTION WHEN data_exception THEN
        PERFORM schedules.raise_unreadable(what);
    END;
    made.venue_id := at_venue;
    made.default_instructor_name := schedules.text_meant(facts, 'instructor', 255);
    made.schedule_name := schedules.text_meant(facts, 'name', 100);
    PERFORM schedules.require_pattern(days, made.every_weeks, made.start_time, made.duration_minutes, 'UTC',
                                      made.effective_from, made.effective_until);
    -- The years that every calendar can show.
    IF made.effective_from > '9999-12-31' THEN
        PERFORM schedules.raise_unreadable('first');
    ELSIF made.effective_until > '9999-12-31' THEN
        PERFORM schedules.raise_unreadable('last');
    END IF;
    made.days_of_week := to_jsonb(days);
    PERFORM schedules.require_places(made.capacity, made.platform_allocated_spots);
    IF old.id IS NULL THEN
        PERFORM schedules.require_activity(at_venue, made.activity_id);
    ELSIF made.activity_id IS DISTINCT FROM old.activity_id THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A series keeps its activity.',
            HINT = 'End this series and make a new one.', DETAIL = 'activity_id';
    END IF;
    PERFORM schedules.require_room(at_venue, made.room_id, old.room_id);
    RETURN made;
END
$$;

-- One session out of its facts, as a row that is not written yet; the local times are told by the instants.
CREATE OR REPLACE FUNCTION schedules.session_wanted(at_venue uuid, facts jsonb, old public.activity_sessions, zone text)
    RETURNS public.activity_sessions
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made public.activity_sessions := old;
    what text := 'facts';
    minutes integer;
    span record;
BEGIN
    BEGIN
        IF jsonb_typeof(facts) IS DISTINCT FROM 'object' THEN
            PERFORM schedules.raise_unreadable(what);
        END IF;
        what := 'room_id';
        made.room_id := (facts ->> 'room_id')::uuid;
        what := 'day';
        made.session_date := (facts ->> 'day')::date;
        what := 'start';
        made.start_time := (facts ->> 'start')::time;
        what := 'minutes';
        minutes := (facts ->> 'minutes')::integer;
        what := 'capacity';
        made.total_capacity := (facts ->> 'capacity')::integer;
        what := 'platform_places';
        made.platform_allocated_spots := coalesce(facts ->> 'platform_places', '0')::integer;
        what := 'day';
        IF made.session_date IS NULL OR made.session_date NOT BETWEEN '1900-01-01' AND '9999-12-01' THEN
            PERFORM schedules.raise_unreadable(what);
        END IF;
        PERFORM schedules.require_pattern('{0}', 1, made.start_time, minutes, 'UTC', made.session_date, NULL);
        span := schedules.span(made.session_date, made.start_time, minutes, zone);
    EXCEPTION WHEN data_exception THEN
        PERFORM schedules.raise_unreadable(what);
    END;
    IF made.session_date IS DISTINCT FROM old.session_date THEN
        PERFORM schedules.require_near(made.session_date, 'day');
    END IF;
    made.starts_at := span.starts_at;
    made.ends_at := span.ends_at;
    made.venue_id := at_venue;
    made.instructor_name := schedules.text_meant(facts, 'instructor', 255);
    made.session_notes := schedules.text_meant(facts, 'session_notes', 4000);
    made.instructor_notes := schedules.text_meant(facts, 'instructor_notes', 4000);
    PERFORM schedules.require_places(made.total_capacity, made.platform_allocated_spots);
    PERFORM schedules.require_room(at_venue, made.room_id, old.room_id);
    RETURN made;
END
$$;

-- The series a change is about, as it is now; another venue's and an absent one look the same.
CREATE OR REPLACE FUNCTION schedules.series_meant(at_venue uuid, change jsonb) RETURNS public.activity_recurring_schedules
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found public.activity_recurring_schedules;
    read integer;
    what text := 'series_id';
BEGIN
    BEGIN
        SELECT * INTO found FROM public.activity_recurring_schedules AS r
         WHERE r.id = (change ->> 'series_id')::uuid AND r.venue_id = at_venue;
        what := 'version';
        read := (change ->> 'version')::integer;
    EXCEPTION WHEN data_exception THEN
        PERFORM schedules.raise_unreadable(what);
    END;
    IF found.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such series here.', DETAIL = 'no_series';
    ELSIF read IS DISTINCT FROM found.version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this series.',
            HINT = 'Look at what it says now.', DETAIL = 'version_changed';
    END IF;
    RETURN found;
END
$$;

-- The day from which on a series changes or ends.
CREATE OR REPLACE FUNCTION schedules.pivot_meant(change jsonb, today date) RETURNS date
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found date;
BEGIN
    BEGIN
        found := (change ->> 'pivot')::date;
    EXCEPTION WHEN data_exception THEN
        NULL;
    END;
    -- The years that every calendar can show, as for a first and a last day.
    IF found IS NULL OR found > '9999-12-31' THEN
        PERFORM schedules.raise_unreadable('pivot');
    ELSIF found < today THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'What is over cannot be changed.', HINT = 'Choose a day from today on.',
            DETAIL = 'pivot';
    END IF;
    RETURN found;
END
$$;

-- What was decided about single dates, each checked: {"2026-03-02": {"skip", "room_id", "allow"}}.
CREATE OR REPLACE FUNCTION schedules.settled_meant(at_venue uuid, change jsonb)
    RETURNS TABLE (on_day date, is_skipped boolean, room_id uuid, is_allowed boolean)
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
BEGIN
    IF coalesce(jsonb_typeof(change -> 'settled'), 'null') = 'null' THEN
        RETURN;
    ELSIF jsonb_typeof(change -> 'settled') <> 'object' THEN
        PERFORM schedules.raise_unreadable('settled');
    END IF;
    FOR one IN SELECT s.key, s.value FROM jsonb_each(change -> 'settled') AS s LOOP
        BEGIN
            on_day := one.key::date;
            is_skipped := coalesce((one.value ->> 'skip')::boolean, false);
            room_id := (one.value ->> 'room_id')::uuid;
            is_allowed := coalesce((one.value ->> 'allow')::boolean, false);
        EXCEPTION WHEN data_exception THEN
            PERFORM schedules.raise_unreadable('settled');
        END;
        PERFORM schedules.require_room(at_venue, room_id, NULL);
        RETURN NEXT;
    END LOOP;
END
$$;

-- Which facts of a session differ, in the words of a plan. A room or an instructor that nobody named is a value too.
CREATE OR REPLACE FUNCTION schedules.differences(old public.activity_sessions, starts_at timestamptz, ends_at timestamptz,
                                                 room uuid, instructor text, capacity integer, places integer, zone text)
    RETURNS text[]
    LANGUAGE sql STABLE
AS $$
    SELECT ARRAY(
        SELECT d.what FROM (VALUES
            (1, 'day', (old.starts_at AT TIME ZONE zone)::date <> (starts_at AT TIME ZONE zone)::date),
            -- A time that the clocks show twice is another one the second time.
            (2, 'time', old.starts_at <> starts_at
                        AND ((old.starts_at AT TIME ZONE zone)::time <> (starts_at AT TIME ZONE zone)::time
                             OR (old.starts_at AT TIME ZONE zone)::date = (starts_at AT TIME ZONE zone)::date)),
            (3, 'length', (old.starts_at = starts_at AND old.ends_at <> ends_at)
                          OR (old.ends_at AT TIME ZONE zone) - (old.starts_at AT TIME ZONE zone)
                              <> (ends_at AT TIME ZONE zone) - (starts_at AT TIME ZONE zone)),
            (4, 'room', old.room_id IS DISTINCT FROM room),
            (5, 'instructor', old.instructor_name IS DISTINCT FROM instructor),
            (6, 'capacity', old.total_capacity <> capacity),
            -- What was released to the venue is not the platform's any more.
            (7, 'places', old.platform_allocated_spots <> places AND NOT old.inventory_released)
        ) AS d (place, what, differs) WHERE d.differs ORDER BY d.place)
$$;
