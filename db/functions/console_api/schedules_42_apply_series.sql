-- Since version 0003.
-- Writing what a series' plan says, and nothing else. The caller holds the locks of the venue and of the sessions meant, has
-- compared the plan with what was confirmed, and keeps the answer. Internal. docs/design.md, "Rules of the domain" (schedules).

-- Write down how a session differs from its series, so that it would be made so again; one that differs in nothing follows
-- the series again, unless it shall stay marked.
CREATE OR REPLACE FUNCTION schedules.note_difference(of_session uuid, keep_mark boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    s public.activity_sessions;
    r public.activity_recurring_schedules;
    span record;
    differs text[];
BEGIN
    SELECT * INTO s FROM public.activity_sessions AS x WHERE x.id = of_session;
    SELECT * INTO r FROM public.activity_recurring_schedules AS x WHERE x.id = s.recurring_schedule_id;
    span := schedules.span(s.occurs_on, r.start_time, r.duration_minutes, s.timezone);
    differs := schedules.differences(s, span.starts_at, span.ends_at, r.room_id, r.default_instructor_name, r.capacity,
                                     r.platform_allocated_spots, s.timezone);
    IF cardinality(differs) = 0 AND NOT keep_mark THEN
        DELETE FROM public.schedule_exceptions AS e
         WHERE e.schedule_id = r.id AND e.exception_date = s.occurs_on AND e.venue_id = s.venue_id;
    ELSE
        INSERT INTO public.schedule_exceptions AS e (venue_id, schedule_id, exception_date, kind, new_day, new_start, new_minutes,
                                                     new_room_id, new_instructor, new_capacity, created_by)
        VALUES (s.venue_id, r.id, s.occurs_on, 'changed',
                CASE WHEN 'day' = ANY (differs) THEN s.session_date END,
                CASE WHEN 'time' = ANY (differs) THEN s.start_time END,
                CASE WHEN 'length' = ANY (differs) THEN schedules.wall_minutes(s) END,
                CASE WHEN 'room' = ANY (differs) THEN s.room_id END,
                CASE WHEN 'instructor' = ANY (differs) THEN s.instructor_name END,
                CASE WHEN 'capacity' = ANY (differs) THEN s.total_capacity END, auth.user_id())
        ON CONFLICT (schedule_id, exception_date) DO UPDATE SET
            kind = excluded.kind, new_day = excluded.new_day, new_start = excluded.new_start, new_minutes = excluded.new_minutes,
            new_room_id = excluded.new_room_id, new_instructor = excluded.new_instructor, new_capacity = excluded.new_capacity,
            created_by = excluded.created_by;
    END IF;
    UPDATE public.activity_sessions AS x SET changed_by_hand = cardinality(differs) > 0 OR keep_mark
     WHERE x.id = of_session AND x.changed_by_hand <> (cardinality(differs) > 0 OR keep_mark);
END
$$;

-- The row of the series itself: a new one, the one there is, or one that follows it from a day on. Answers its id.
CREATE OR REPLACE FUNCTION schedules.write_series(
    was public.activity_recurring_schedules, wanted public.activity_recurring_schedules, from_on date, until_on date)
    RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made uuid := was.id;
BEGIN
    IF was.id IS NULL OR from_on IS NOT NULL THEN
        IF was.id IS NOT NULL THEN
            UPDATE public.activity_recurring_schedules AS r SET effective_until = from_on - 1 WHERE r.id = was.id;
        END IF;
        INSERT INTO public.activity_recurring_schedules (
            activity_id, venue_id, room_id, schedule_name, days_of_week, start_time, duration_minutes, capacity, effective_from,
            effective_until, platform_allocated_spots, default_instructor_name, every_weeks, sessions_generated_until, split_from_id)
        VALUES (wanted.activity_id, wanted.venue_id, wanted.room_id, wanted.schedule_name, wanted.days_of_week, wanted.start_time,
                wanted.duration_minutes, wanted.capacity, wanted.effective_from, wanted.effective_until,
                wanted.platform_allocated_spots, wanted.default_instructor_name, wanted.every_weeks, until_on, was.id)
        RETURNING id INTO made;
        -- What was decided about later dates goes along, and so do the dates' sessions, those that are over included: a date
        -- that has a session is not made again.
        UPDATE public.schedule_exceptions AS e SET schedule_id = made
         WHERE e.schedule_id = was.id AND e.venue_id = was.venue_id AND e.exception_date >= from_on;
        UPDATE public.activity_sessions AS s SET recurring_schedule_id = made
         WHERE s.recurring_schedule_id = was.id AND s.venue_id = was.venue_id AND s.occurs_on >= from_on;
    ELSE
        UPDATE public.activity_recurring_schedules AS r SET
            room_id = wanted.room_id, schedule_name = wanted.schedule_name, days_of_week = wanted.days_of_week,
            start_time = wanted.start_time, duration_minutes = wanted.duration_minutes, capacity = wanted.capacity,
            effective_from = wanted.effective_from, effective_until = wanted.effective_until,
            platform_allocated_spots = wanted.platform_allocated_spots,
            default_instructor_name = wanted.default_instructor_name, every_weeks = wanted.every_weeks,
            sessions_generated_until = greatest(r.sessions_generated_until, until_on)
         WHERE r.id = was.id;
    END IF;
    RETURN made;
END
$$;

-- A series without dates from a day on; one that has none before it either is put away.
CREATE OR REPLACE FUNCTION schedules.end_series(was public.activity_recurring_schedules, pivot date) RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE public.activity_recurring_schedules AS r SET
        is_active = pivot > r.effective_from,
        effective_until = CASE WHEN pivot > r.effective_from THEN least(r.effective_until, pivot - 1) ELSE r.effective_until END
     WHERE r.id = was.id;
    RETURN was.id;
END
$$;

-- Write the sessions of a plan. Those that go without a trace first, then those that change: a date is never in use twice.
CREATE OR REPLACE FUNCTION schedules.write_sessions(
    of_series uuid, wanted public.activity_recurring_schedules, items jsonb, change jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at_venue constant uuid := wanted.venue_id;
    one record;
BEGIN
    -- A session that was changed by hand may stand for another date now; what was noted about it is noted anew below.
    DELETE FROM public.schedule_exceptions AS e
     USING jsonb_to_recordset(items) AS i (fate text, session_id uuid, occurs_on date), public.activity_sessions AS s
     WHERE s.id = i.session_id AND e.schedule_id = of_series AND e.venue_id = at_venue AND e.kind = 'changed'
       AND i.fate IN ('changed', 'moved', 'kept') AND e.exception_date IN (s.occurs_on, i.occurs_on)
       AND (i.fate <> 'kept' OR s.occurs_on <> i.occurs_on);
    UPDATE public.activity_sessions AS s SET
        occurs_on = i.occurs_on, starts_at = i.starts_at, ends_at = i.ends_at, room_id = i.room_id,
        instructor_name = wanted.default_instructor_name, total_capacity = wanted.capacity,
        platform_allocated_spots = wanted.platform_allocated_spots
      FROM jsonb_to_recordset(items) AS i (fate text, session_id uuid, occurs_on date, starts_at timestamptz, ends_at timestamptz,
                                           room_id uuid)
     WHERE s.id = i.session_id AND s.venue_id = at_venue AND i.fate IN ('changed', 'moved');
    UPDATE public.activity_sessions AS s SET occurs_on = i.occurs_on
      FROM jsonb_to_recordset(items) AS i (fate text, session_id uuid, occurs_on date)
     WHERE s.id = i.session_id AND s.venue_id = at_venue AND i.fate = 'kept' AND s.occurs_on <> i.occurs_on;
    INSERT INTO public.activity_sessions (activity_id, venue_id, room_id, recurring_schedule_id, occurs_on, starts_at, ends_at,
                                          total_capacity, platform_allocated_spots, instructor_name)
    SELECT wanted.activity_id, at_venue, i.room_id, of_series, i.occurs_on, i.starts_at, i.ends_at,
           coalesce(e.new_capacity, wanted.capacity),
           least(wanted.platform_allocated_spots, coalesce(e.new_capacity, wanted.capacity)),
           coalesce(e.new_instructor, wanted.default_instructor_name)
      FROM jsonb_to_recordset(items) AS i (fate text, occurs_on date, starts_at timestamptz, ends_at timestamptz, room_id uuid)
      LEFT JOIN public.schedule_exceptions AS e
             ON e.schedule_id = of_series AND e.venue_id = at_venue AND e.exception_date = i.occurs_on AND e.kind = 'changed'
     WHERE i.fate = 'created' ORDER BY i.starts_at;
    -- A date without its session is remembered, else the next night would make it.
    INSERT INTO public.schedule_exceptions AS e (venue_id, schedule_id, exception_date, kind, created_by)
    SELECT DISTINCT at_venue, of_series, i.occurs_on, 'skipped'::public.schedule_exception_kind, auth.user_id()
      FROM jsonb_to_recordset(items) AS i (fate text, occurs_on date)
      JOIN schedules.settled_meant(at_venue, change) AS d ON d.on_day = i.occurs_on AND d.is_skipped
     WHERE i.fate IN ('skipped', 'removed', 'cancelled')
    ON CONFLICT (schedule_id, exception_date) DO UPDATE SET
        kind = excluded.kind, new_day = NULL, new_start = NULL, new_minutes = NULL, new_room_id = NULL, new_instructor = NULL,
        new_capacity = NULL, created_by = excluded.created_by;
    FOR one IN
        SELECT s.id, coalesce(bool_or(i.fate = 'kept' AND s.changed_by_hand), false) AS keep_mark
          FROM jsonb_to_recordset(items) AS i (fate text, occurs_on date, why text)
          JOIN public.activity_sessions AS s
            ON s.recurring_schedule_id = of_series AND s.venue_id = at_venue AND s.occurs_on = i.occurs_on
          LEFT JOIN schedules.settled_meant(at_venue, change) AS d ON d.on_day = i.occurs_on AND d.room_id IS NOT NULL
          LEFT JOIN public.schedule_exceptions AS e
                 ON e.schedule_id = of_series AND e.venue_id = at_venue AND e.exception_date = i.occurs_on AND e.kind = 'changed'
         WHERE (i.fate = 'kept' AND i.why = 'changed by hand')
            OR (i.fate IN ('created', 'changed', 'moved') AND (d.on_day IS NOT NULL OR e.id IS NOT NULL))
         GROUP BY s.id ORDER BY s.id
    LOOP
        PERFORM schedules.note_difference(one.id, one.keep_mark);
    END LOOP;
END
$$;

-- Sessions that nobody ever had to do with go; the others are cancelled, each for the reason its plan gives.
CREATE OR REPLACE FUNCTION schedules.end_sessions(at_venue uuid, items jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ids uuid[];
    reasons jsonb;
BEGIN
    DELETE FROM public.activity_sessions AS s
     USING jsonb_to_recordset(items) AS i (fate text, session_id uuid)
     WHERE s.id = i.session_id AND s.venue_id = at_venue AND i.fate = 'removed';
    SELECT array_agg(i.session_id ORDER BY i.session_id), jsonb_object_agg(i.session_id, i.why) INTO ids, reasons
      FROM jsonb_to_recordset(items) AS i (fate text, session_id uuid, why text) WHERE i.fate = 'cancelled';
    IF ids IS NOT NULL THEN
        PERFORM schedules.cancel_sessions(ids, NULL, 'venue_cancelled', NULL, reasons);
    END IF;
END
$$;

-- Tell the families of sessions that change, each family once.
CREATE OR REPLACE FUNCTION schedules.tell_changes(plan jsonb, by_instructor text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    places uuid[];
    each jsonb;
BEGIN
    SELECT array_agg(h.booking_id), jsonb_object_agg(h.session_id, schedules.change_words(i.item, by_instructor)
                                                     || jsonb_build_object('stamp', s.version::text))
      INTO places, each
      FROM jsonb_to_recordset(plan -> 'hits') AS h (booking_id uuid, session_id uuid, fate text)
      JOIN jsonb_array_elements(plan -> 'items') AS i (item) ON i.item ->> 'session_id' = h.session_id::text
      JOIN public.activity_sessions AS s ON s.id = h.session_id
     WHERE h.fate IN ('changed', 'moved');
    IF places IS NOT NULL THEN
        PERFORM schedules.tell_families(places, 'session_changed', '{}', 'change', NULL, each);
    END IF;
END
$$;

-- How many families a plan writes to: those of the bookings it touches, and those who wait for what is cancelled.
CREATE OR REPLACE FUNCTION schedules.families(plan jsonb) RETURNS integer
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*)::integer FROM (
        SELECT b.booked_by FROM public.bookings AS b
          JOIN jsonb_to_recordset(plan -> 'hits') AS h (booking_id uuid) ON h.booking_id = b.id
        UNION
        SELECT w.user_id FROM public.waitlist AS w
          JOIN jsonb_to_recordset(plan -> 'items') AS i (fate text, session_id uuid)
            ON i.session_id = w.session_id AND i.fate = 'cancelled'
         WHERE w.is_active) AS f
$$;

CREATE OR REPLACE FUNCTION schedules.answer_of(plan jsonb, told integer, series uuid, session uuid) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object(
               'created', count(*) FILTER (WHERE i.fate = 'created'),
               'changed', count(*) FILTER (WHERE i.fate IN ('changed', 'moved')),
               'cancelled', count(*) FILTER (WHERE i.fate = 'cancelled'),
               'told', told, 'series_id', series, 'session_id', session, 'closure_id', NULL)
      FROM jsonb_to_recordset(plan -> 'items') AS i (fate text)
$$;

CREATE OR REPLACE FUNCTION schedules.apply_series(at_venue uuid, change jsonb, plan jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today constant date := (SELECT (app.now() AT TIME ZONE v.timezone)::date FROM public.venues AS v WHERE v.id = at_venue);
    told constant integer := schedules.families(plan);
    was public.activity_recurring_schedules;
    wanted public.activity_recurring_schedules;
    from_on date;
    made uuid;
BEGIN
    IF change ->> 'kind' <> 'series_new' THEN
        was := schedules.series_meant(at_venue, change);
    END IF;
    IF change ->> 'kind' = 'series_end' THEN
        made := schedules.end_series(was, schedules.pivot_meant(change, today));
        PERFORM schedules.end_sessions(at_venue, plan -> 'items');
    ELSE
        wanted := schedules.series_wanted(at_venue, change -> 'facts', was);
        IF change ->> 'kind' = 'series_edit' THEN
            from_on := schedules.split_on(was, change, today);
        END IF;
        made := schedules.write_series(was, wanted, from_on, (plan #>> '{facts,until}')::date);
        PERFORM schedules.end_sessions(at_venue, plan -> 'items');
        PERFORM schedules.write_sessions(made, wanted, plan -> 'items', change);
        PERFORM schedules.tell_changes(plan, wanted.default_instructor_name);
    END IF;
    RETURN schedules.answer_of(plan, told, made, NULL);
END
$$;
