-- Since version 0003.
-- Weekly patterns become dated sessions: in one statement, as often as one likes, by however many at once. A date that has
-- a session keeps it, whatever became of it. docs/design.md, "Rules of the domain" (schedules).

-- What dates of series are, exceptions and closures applied: the one place that says so, for generating and for looking.
-- A closure counts where the session would really be: on its changed day, at its changed time, in its changed room. Without
-- `from_day` they are those from today on (by each venue's clock) that have not begun.
CREATE OR REPLACE FUNCTION schedules.meetings(of_series uuid[], from_day date, until date)
    RETURNS TABLE (series_id uuid, occurs_on date, starts_at timestamptz, ends_at timestamptz, room_id uuid, instructor text,
                   capacity integer, platform_places integer, is_changed boolean, is_closed boolean)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH series AS MATERIALIZED (
        SELECT r.*, v.timezone AS zone, d.on_day
        FROM public.activity_recurring_schedules AS r
        JOIN public.venues AS v ON v.id = r.venue_id
        CROSS JOIN LATERAL schedules.dates(
            ARRAY(SELECT w.day::integer FROM jsonb_array_elements_text(r.days_of_week) AS w (day)), r.every_weeks, r.effective_from,
            coalesce(from_day, (app.now() AT TIME ZONE v.timezone)::date), least(r.effective_until, until)) AS d (on_day)
        WHERE r.id = ANY (of_series) AND r.is_active
    ), wanted AS MATERIALIZED (
        SELECT s.id, s.venue_id, s.on_day, t.starts_at, t.ends_at, coalesce(e.new_room_id, s.room_id) AS room_id,
            coalesce(e.new_instructor, s.default_instructor_name) AS instructor,
            coalesce(e.new_capacity, s.capacity) AS capacity, s.platform_allocated_spots, e.id IS NOT NULL AS is_changed
        FROM series AS s
        LEFT JOIN public.schedule_exceptions AS e ON e.schedule_id = s.id AND e.exception_date = s.on_day
        CROSS JOIN LATERAL schedules.span(coalesce(e.new_day, s.on_day), coalesce(e.new_start, s.start_time),
                                          coalesce(e.new_minutes, s.duration_minutes), s.zone) AS t
        WHERE e.kind IS DISTINCT FROM 'skipped' AND (from_day IS NOT NULL OR t.starts_at > app.now())
    ), shut AS MATERIALIZED (
        SELECT v.venue_id, c.starts_at, c.ends_at, c.room_ids
        FROM (SELECT w.venue_id, min(w.starts_at) AS starts_at, max(w.ends_at) AS ends_at FROM wanted AS w GROUP BY w.venue_id) AS v
        CROSS JOIN LATERAL schedules.closed_spans(v.venue_id, v.starts_at, v.ends_at) AS c
    )
    SELECT w.id, w.on_day, w.starts_at, w.ends_at, w.room_id, w.instructor, w.capacity,
        least(w.platform_allocated_spots, w.capacity), w.is_changed,
        EXISTS (SELECT 1 FROM shut AS c
                WHERE c.venue_id = w.venue_id AND c.starts_at < w.ends_at AND c.ends_at > w.starts_at
                  AND (c.room_ids = '{}' OR w.room_id = ANY (c.room_ids)))
    FROM wanted AS w
$$;

-- Make what is missing of some series up to a day, which is included, and answer how many sessions that were. Without
-- `from_day` nothing is made that would already have begun. More than the most that one change may make is refused: it is
-- a slip of the finger in a date.
CREATE OR REPLACE FUNCTION schedules.generate(of_series uuid[], until date, from_day date DEFAULT NULL) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    most integer := (SELECT p.value::text::integer FROM public.platform_settings AS p WHERE p.key = 'generation_most_sessions');
    asked bigint;
    made integer;
BEGIN
    IF until IS NULL OR NOT isfinite(until) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say up to which day sessions shall be made.', DETAIL = 'until';
    END IF;
    -- One session a day at most: fewer days than the most need no counting.
    IF until - coalesce(from_day, (app.now() AT TIME ZONE 'UTC')::date - 1) >= most THEN
        SELECT max(c.dates) INTO asked FROM (
            SELECT schedules.count_dates(r.*, coalesce(from_day, (app.now() AT TIME ZONE v.timezone)::date), until) AS dates
            FROM public.activity_recurring_schedules AS r JOIN public.venues AS v ON v.id = r.venue_id
            WHERE r.id = ANY (of_series) AND r.is_active) AS c;
        IF asked > most THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'too_many_sessions',
                MESSAGE = format('That would be %s sessions; one change may make at most %s.',
                                 to_char(asked, 'FM999,999,999'), to_char(most, 'FM999,999,999')),
                HINT = 'Choose an earlier last day or fewer weekdays.';
        END IF;
    END IF;
    -- What exists is left out before the row's triggers see it; ON CONFLICT is for whoever was faster meanwhile. NOT IN,
    -- because it is one hash table however wrong the statistics of a young database are; neither column is ever NULL there.
    INSERT INTO public.activity_sessions (activity_id, venue_id, room_id, recurring_schedule_id, occurs_on, starts_at, ends_at,
        total_capacity, platform_allocated_spots, instructor_name, changed_by_hand)
    SELECT r.activity_id, r.venue_id, m.room_id, r.id, m.occurs_on, m.starts_at, m.ends_at, m.capacity, m.platform_places,
        m.instructor, m.is_changed
    FROM schedules.meetings(of_series, from_day, until) AS m
    JOIN public.activity_recurring_schedules AS r ON r.id = m.series_id
    WHERE NOT m.is_closed AND (m.series_id, m.occurs_on) NOT IN (
        SELECT s.recurring_schedule_id, s.occurs_on FROM public.activity_sessions AS s WHERE s.recurring_schedule_id = ANY (of_series))
    ORDER BY r.venue_id, m.starts_at, r.id
    ON CONFLICT (recurring_schedule_id, occurs_on) WHERE recurring_schedule_id IS NOT NULL DO NOTHING;
    GET DIAGNOSTICS made = ROW_COUNT;
    UPDATE public.activity_recurring_schedules AS r SET sessions_generated_until = generate.until
    WHERE r.id = ANY (of_series) AND r.is_active
      AND (r.sessions_generated_until IS NULL OR r.sessions_generated_until < generate.until);
    RETURN made;
END
$$;

-- How many dates a series has between two days, without going through them: centuries of dates count as fast as a week.
CREATE OR REPLACE FUNCTION schedules.count_dates(series public.activity_recurring_schedules, first date, last date) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(sum((least(series.effective_until, last) - w.first_on) / w.step + 1), 0)
    FROM (SELECT d.on_day + (greatest(0, greatest(series.effective_from, first) - d.on_day) + d.step - 1) / d.step * d.step, d.step
          FROM (SELECT DISTINCT series.effective_from - (extract(isodow FROM series.effective_from)::integer - 1)
                    + (j.day::integer + 6) % 7, 7 * series.every_weeks
                FROM jsonb_array_elements_text(series.days_of_week) AS j (day)) AS d (on_day, step)) AS w (first_on, step)
    WHERE w.first_on <= least(series.effective_until, last)
$$;

-- How far ahead a venue's sessions are made: the platform's horizon, further where parents may book further ahead, and never
-- so far that a daily series would be more than one change may make.
CREATE OR REPLACE FUNCTION schedules.horizon(at_venue uuid) RETURNS date
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (app.now() AT TIME ZONE v.timezone)::date + least(
        greatest((SELECT p.value::text::integer FROM public.platform_settings AS p WHERE p.key = 'schedule_horizon_days'),
                 v.block_booking_advance_days),
        (SELECT p.value::text::integer - 1 FROM public.platform_settings AS p WHERE p.key = 'generation_most_sessions'))
    FROM public.venues AS v WHERE v.id = at_venue
$$;

-- Every active series of every active venue up to its horizon; answers how many sessions were made. A venue's row is locked
-- first, as by every change of its programme, so that no session is made of a pattern that is just being changed; one that
-- somebody else holds is left to the next run, so that nobody at one venue keeps all the others waiting. A series that is
-- made to its last day is left alone: a file that was imported lists its dates itself.
CREATE OR REPLACE FUNCTION schedules.generate_all() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    at_venue uuid;
    horizon date;
    made integer := 0;
BEGIN
    FOR at_venue IN
        SELECT v.id FROM public.venues AS v
        WHERE v.status = 'active'
          AND EXISTS (SELECT 1 FROM public.activity_recurring_schedules AS r WHERE r.venue_id = v.id AND r.is_active)
        ORDER BY v.id
    LOOP
        PERFORM 1 FROM public.venues AS v WHERE v.id = at_venue FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        horizon := schedules.horizon(at_venue);
        made := made + schedules.generate(ARRAY(
            SELECT r.id FROM public.activity_recurring_schedules AS r
            WHERE r.venue_id = at_venue AND r.is_active
              AND (r.sessions_generated_until >= r.effective_until) IS NOT TRUE), horizon);
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION schedules.generate_all() IS 'Make the sessions of every weekly pattern up to each venue''s horizon.';
GRANT EXECUTE ON FUNCTION schedules.generate_all() TO console_jobs;
