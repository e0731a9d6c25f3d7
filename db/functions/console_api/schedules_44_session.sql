-- Since version 0003.
-- One session: a new one outside every series, or a change of only this one. Internal. docs/design.md, "Rules of the domain"
-- (schedules).

-- Whether a single session may become what is wanted: not while it is cancelled or closed, not in the past, not during a
-- closure that it was not in already.
CREATE OR REPLACE FUNCTION schedules.require_possible(
    old public.activity_sessions, wanted public.activity_sessions, changes text[]) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at constant timestamptz := app.now();
    closed text;
BEGIN
    IF old.is_cancelled THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session was cancelled.', HINT = 'Restore it first.',
            DETAIL = 'session_cancelled';
    ELSIF old.closed_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session is closed.', HINT = 'Open it again first.',
            DETAIL = 'session_over';
    ELSIF changes && '{day,time}' AND (old.starts_at <= at OR schedules.is_attended(old.id, old.venue_id)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This session has begun.', HINT = 'Its start stays as it is.',
            DETAIL = 'has_begun';
    ELSIF (old.id IS NULL OR changes && '{day,time,length}') AND wanted.ends_at <= at THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That time has passed.', HINT = 'Choose a later one.', DETAIL = 'day';
    ELSIF wanted.total_capacity < old.booked_count THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'capacity_below_booked',
            MESSAGE = format('%s children are booked, so %s places are too few.', old.booked_count, wanted.total_capacity),
            HINT = 'Move some of them to another session first.';
    END IF;
    SELECT c.reason INTO closed FROM schedules.closed_spans(wanted.venue_id, wanted.starts_at, wanted.ends_at) AS c
     WHERE (c.room_ids = '{}' OR wanted.room_id = ANY (c.room_ids))
       AND NOT coalesce(c.starts_at < old.ends_at AND c.ends_at > old.starts_at
                        AND (c.room_ids = '{}' OR old.room_id = ANY (c.room_ids)), false)
     ORDER BY c.starts_at, c.closure_id LIMIT 1;
    IF closed IS NOT NULL AND (old.id IS NULL OR changes && '{day,time,length,room}') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = format('It is closed then: %s.', closed),
            HINT = 'Choose another time or room, or lift the closure.', DETAIL = 'closed';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION schedules.plan_session(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone constant text := (SELECT v.timezone FROM public.venues AS v WHERE v.id = at_venue);
    is_new constant boolean := change ->> 'kind' = 'session_new';
    old public.activity_sessions;
    wanted public.activity_sessions;
    changes text[] := '{}';
    on_day date;
    items jsonb := '[]';
BEGIN
    IF NOT is_new THEN
        old := schedules.session_at(at_venue, change ->> 'session_id', change ->> 'version');
    END IF;
    wanted := schedules.session_wanted(at_venue, change -> 'facts', old, zone);
    IF is_new THEN
        wanted.activity_id := schedules.activity_meant(at_venue, change);
    ELSE
        changes := schedules.differences(old, wanted.starts_at, wanted.ends_at, wanted.room_id, wanted.instructor_name,
                                         wanted.total_capacity, wanted.platform_allocated_spots, zone)
            || CASE WHEN (old.session_notes, old.instructor_notes)
                         IS DISTINCT FROM (wanted.session_notes, wanted.instructor_notes) THEN '{notes}'::text[] ELSE '{}' END
            -- A person may give the platform places again after they were released.
            || CASE WHEN old.inventory_released AND old.platform_allocated_spots <> wanted.platform_allocated_spots
                    THEN '{places}'::text[] ELSE '{}' END;
    END IF;
    PERFORM schedules.require_possible(old, wanted, changes);
    IF is_new OR cardinality(changes) > 0 THEN
        on_day := coalesce(old.occurs_on, (wanted.starts_at AT TIME ZONE zone)::date);
        items := jsonb_build_array(jsonb_build_object(
            'fate', CASE WHEN is_new THEN 'created' WHEN 'day' = ANY (changes) THEN 'moved' ELSE 'changed' END,
            'session_id', old.id, 'occurs_on', on_day, 'was_starts_at', old.starts_at, 'was_ends_at', old.ends_at,
            'was_room', (SELECT r.name FROM public.rooms AS r WHERE r.id = old.room_id),
            'starts_at', wanted.starts_at, 'ends_at', wanted.ends_at, 'room_id', wanted.room_id,
            'room', (SELECT r.name FROM public.rooms AS r WHERE r.id = wanted.room_id),
            'changes', to_jsonb(changes), 'bookings', coalesce(old.booked_count, 0), 'why', NULL));
    END IF;
    RETURN jsonb_build_object(
        'items', items, 'hits', schedules.hits(items, wanted.instructor_name),
        'conflicts', schedules.conflicts(
            at_venue, items, wanted.instructor_name,
            (SELECT a.name FROM public.activities AS a WHERE a.id = wanted.activity_id),
            CASE WHEN change -> 'allow' = 'true' THEN ARRAY[on_day] ELSE '{}' END),
        'waiting', 0, 'facts', '{}'::jsonb, 'said', '{}'::jsonb);
END
$$;

CREATE OR REPLACE FUNCTION schedules.activity_meant(at_venue uuid, change jsonb) RETURNS uuid
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    wanted uuid;
BEGIN
    BEGIN
        wanted := (change ->> 'activity_id')::uuid;
    EXCEPTION WHEN data_exception THEN
        PERFORM schedules.raise_unreadable('activity_id');
    END;
    PERFORM schedules.require_activity(at_venue, wanted);
    RETURN wanted;
END
$$;

CREATE OR REPLACE FUNCTION schedules.apply_session(at_venue uuid, change jsonb, plan jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone constant text := (SELECT v.timezone FROM public.venues AS v WHERE v.id = at_venue);
    told constant integer := schedules.families(plan);
    old public.activity_sessions;
    wanted public.activity_sessions;
    made uuid;
BEGIN
    IF change ->> 'kind' = 'session_new' THEN
        wanted := schedules.session_wanted(at_venue, change -> 'facts', NULL, zone);
        INSERT INTO public.activity_sessions (activity_id, venue_id, room_id, starts_at, ends_at, total_capacity,
                                              platform_allocated_spots, instructor_name, session_notes, instructor_notes)
        VALUES (schedules.activity_meant(at_venue, change), at_venue, wanted.room_id, wanted.starts_at, wanted.ends_at,
                wanted.total_capacity, wanted.platform_allocated_spots, wanted.instructor_name, wanted.session_notes,
                wanted.instructor_notes)
        RETURNING id INTO made;
    ELSE
        old := schedules.session_at(at_venue, change ->> 'session_id', change ->> 'version');
        wanted := schedules.session_wanted(at_venue, change -> 'facts', old, zone);
        made := old.id;
        IF jsonb_array_length(plan -> 'items') > 0 THEN
            UPDATE public.activity_sessions AS s SET
                starts_at = wanted.starts_at, ends_at = wanted.ends_at, room_id = wanted.room_id,
                total_capacity = wanted.total_capacity, platform_allocated_spots = wanted.platform_allocated_spots,
                inventory_released = s.inventory_released AND NOT plan #> '{items,0,changes}' ? 'places',
                instructor_name = wanted.instructor_name, session_notes = wanted.session_notes,
                instructor_notes = wanted.instructor_notes
             WHERE s.id = old.id;
            IF old.recurring_schedule_id IS NOT NULL THEN
                PERFORM schedules.note_difference(old.id, false);
            END IF;
            PERFORM schedules.tell_changes(plan, wanted.instructor_name);
        END IF;
    END IF;
    RETURN schedules.answer_of(plan, told, NULL, made);
END
$$;
