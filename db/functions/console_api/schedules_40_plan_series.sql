-- Since version 0003.
-- What becomes of each date and each session when a weekly pattern begins, changes or ends. Reads only; apply_series writes
-- what this says. Internal. docs/design.md, "Rules of the domain" (schedules).

-- The dates that a pattern would have from a day on, with what stands in the way of each: nobody's wish, a closure, or that
-- it is past. `was` is the series as it is kept, whose exceptions go along; `settled` are a person's decisions of now.
CREATE OR REPLACE FUNCTION schedules.wanted_dates(
    wanted public.activity_recurring_schedules, was uuid, first date, last date, change jsonb, zone text)
    RETURNS TABLE (on_day date, starts_at timestamptz, ends_at timestamptz, room_id uuid, plain_starts_at timestamptz,
                   plain_ends_at timestamptz, settled_room uuid, is_skipped boolean, skipped_now boolean, is_allowed boolean,
                   skip_reason text)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH settled AS MATERIALIZED (
        SELECT DISTINCT ON (s.on_day) s.* FROM schedules.settled_meant(wanted.venue_id, change) AS s ORDER BY s.on_day
    )
    SELECT d.on_day, e.starts_at, e.ends_at, coalesce(s.room_id, x.new_room_id, wanted.room_id), p.starts_at, p.ends_at,
           s.room_id, coalesce(x.kind = 'skipped', false), coalesce(s.is_skipped, false), coalesce(s.is_allowed, false), x.reason
      FROM schedules.dates(
               ARRAY(SELECT w.day::integer FROM jsonb_array_elements_text(wanted.days_of_week) AS w (day)), wanted.every_weeks,
               wanted.effective_from, first, last) AS d (on_day)
      LEFT JOIN public.schedule_exceptions AS x ON x.schedule_id = was AND x.exception_date = d.on_day
      LEFT JOIN settled AS s ON s.on_day = d.on_day
      CROSS JOIN LATERAL schedules.span(d.on_day, wanted.start_time, wanted.duration_minutes, zone) AS p
      CROSS JOIN LATERAL schedules.span(coalesce(x.new_day, d.on_day), coalesce(x.new_start, wanted.start_time),
                                        coalesce(x.new_minutes, wanted.duration_minutes), zone) AS e
$$;

-- A pattern with a last day has so many dates; more than one change may make is a slip of the finger in a date.
CREATE OR REPLACE FUNCTION schedules.require_few(wanted public.activity_recurring_schedules, first date) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    most constant integer := (SELECT p.value::text::integer FROM public.platform_settings AS p
                               WHERE p.key = 'generation_most_sessions');
    since constant date := greatest(wanted.effective_from, first);
    rounds integer;
    asked bigint;
BEGIN
    IF wanted.effective_until IS NULL OR wanted.effective_until - since < most THEN
        RETURN;
    END IF;
    -- Whole rounds of the pattern have as many dates each: a list of centuries of dates is not made to be counted.
    rounds := (wanted.effective_until - since) / (7 * wanted.every_weeks);
    asked := rounds::bigint * jsonb_array_length(wanted.days_of_week)
        + schedules.count_dates(wanted, since + rounds * 7 * wanted.every_weeks, wanted.effective_until);
    IF asked > most THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'too_many_sessions',
            MESSAGE = format('That would be %s sessions; one change may make at most %s.',
                             to_char(asked, 'FM999,999,999'), to_char(most, 'FM999,999,999')),
            HINT = 'Choose an earlier last day, or none: then it goes on until further notice.';
    END IF;
END
$$;

-- Whether anything refers to a session: then it is cancelled and stays, else it may go without a trace.
CREATE OR REPLACE FUNCTION schedules.was_used(of_session uuid, at_venue uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT 1 FROM public.bookings AS b WHERE b.session_id = of_session AND b.venue_id = at_venue)
        OR EXISTS (SELECT 1 FROM public.waitlist AS w WHERE w.session_id = of_session AND w.venue_id = at_venue)
        OR EXISTS (SELECT 1 FROM public.attendance_events AS e WHERE e.session_id = of_session AND e.venue_id = at_venue)
        OR EXISTS (SELECT 1 FROM public.review_items AS r WHERE r.session_id = of_session AND r.venue_id = at_venue)
$$;

-- Whether somebody is in, or was in and has left.
CREATE OR REPLACE FUNCTION schedules.is_attended(of_session uuid, at_venue uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT 1 FROM public.bookings AS b
                    WHERE b.session_id = of_session AND b.venue_id = at_venue AND b.attendance_state IN ('in', 'out'))
$$;

-- The items of a plan. `was` is the series as it is (NULL: a new one), `wanted` what it becomes (NULL: it ends), `from_on`
-- the first date that is looked at. A date that leaves the pattern and one that comes in the same week, Monday to Sunday,
-- pair up in order: that session moves, and its bookings with it.
CREATE OR REPLACE FUNCTION schedules.series_items(
    at_venue uuid, was public.activity_recurring_schedules, wanted public.activity_recurring_schedules, from_on date,
    until_on date, change jsonb, zone text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    at constant timestamptz := app.now();
    today constant date := (at AT TIME ZONE zone)::date;
    found jsonb;
BEGIN
    WITH existing AS MATERIALIZED (
        SELECT s AS kept, s.id, s.occurs_on, s.starts_at, s.ends_at, s.booked_count, r.name AS room,
               CASE WHEN s.is_cancelled THEN 'cancelled' WHEN s.closed_at IS NOT NULL OR s.ends_at <= at THEN 'over'
                    -- The first children come before the clock says so.
                    WHEN s.starts_at <= at OR schedules.is_attended(s.id, at_venue) THEN 'begun'
                    WHEN s.changed_by_hand THEN 'hand' ELSE 'plain' END AS state
          FROM public.activity_sessions AS s LEFT JOIN public.rooms AS r ON r.id = s.room_id
         WHERE s.recurring_schedule_id = was.id AND s.venue_id = at_venue
           AND (s.occurs_on >= greatest(from_on, today) OR (from_on IS NULL AND s.starts_at > at))
    ), dates AS MATERIALIZED (
        SELECT d.* FROM schedules.wanted_dates(wanted, was.id, greatest(from_on, today), until_on, change, zone) AS d
         WHERE wanted.venue_id IS NOT NULL
    ), shut AS MATERIALIZED (
        SELECT c.* FROM (SELECT min(least(d.starts_at, d.plain_starts_at)) AS starts_at,
                                max(greatest(d.ends_at, d.plain_ends_at)) AS ends_at FROM dates AS d) AS r
          CROSS JOIN LATERAL schedules.closed_spans(at_venue, r.starts_at, r.ends_at) AS c
         WHERE r.starts_at IS NOT NULL
    ), coming AS (
        -- A date without any session. What was cancelled there stays cancelled, what has begun is not begun twice.
        SELECT d.*, c.reason AS closed FROM dates AS d
          LEFT JOIN LATERAL (SELECT x.reason FROM shut AS x
                              WHERE x.starts_at < d.ends_at AND x.ends_at > d.starts_at
                                AND (x.room_ids = '{}' OR d.room_id = ANY (x.room_ids))
                              ORDER BY x.starts_at, x.closure_id LIMIT 1) AS c ON true
         WHERE d.starts_at > at AND NOT EXISTS (SELECT 1 FROM existing AS e WHERE e.occurs_on = d.on_day)
    ), free AS (
        SELECT c.*, date_trunc('week', c.on_day::timestamp) AS week,
               row_number() OVER (PARTITION BY date_trunc('week', c.on_day::timestamp) ORDER BY c.on_day) AS place
          FROM coming AS c WHERE NOT c.is_skipped AND NOT c.skipped_now AND c.closed IS NULL
    ), leaving AS (
        SELECT e.id, date_trunc('week', e.occurs_on::timestamp) AS week,
               row_number() OVER (PARTITION BY date_trunc('week', e.occurs_on::timestamp) ORDER BY e.occurs_on) AS place
          FROM existing AS e
         WHERE e.state IN ('plain', 'hand') AND NOT EXISTS (SELECT 1 FROM dates AS d WHERE d.on_day = e.occurs_on)
    ), pairs AS (
        SELECT l.id, f.on_day FROM leaving AS l JOIN free AS f USING (week, place)
    ), judged AS (
        -- Every session beside the date it will stand for. Exceptions are those of dates without a session: one that exists
        -- and was not changed by hand follows the pattern.
        SELECT e.*, d.on_day, d.plain_starts_at AS new_starts_at, d.plain_ends_at AS new_ends_at, d.skipped_now,
               d.settled_room, coalesce(d.settled_room, wanted.room_id) AS new_room_id,
               CASE WHEN d.on_day IS NULL THEN '{}' ELSE schedules.differences(
                   e.kept, d.plain_starts_at, d.plain_ends_at, coalesce(d.settled_room, wanted.room_id),
                   wanted.default_instructor_name, wanted.capacity, wanted.platform_allocated_spots, zone) END AS changes,
               (SELECT x.reason FROM shut AS x
                 WHERE x.starts_at < d.plain_ends_at AND x.ends_at > d.plain_starts_at
                   AND (x.room_ids = '{}' OR coalesce(d.settled_room, wanted.room_id) = ANY (x.room_ids))
                   -- What takes place in spite of a closure already goes on doing so.
                   AND NOT (x.starts_at < e.ends_at AND x.ends_at > e.starts_at
                            AND (x.room_ids = '{}' OR (e.kept).room_id = ANY (x.room_ids)))
                 ORDER BY x.starts_at, x.closure_id LIMIT 1) AS closed
          FROM existing AS e
          LEFT JOIN pairs AS p ON p.id = e.id
          LEFT JOIN dates AS d ON d.on_day = coalesce(p.on_day, e.occurs_on)
    ), fated AS (
        SELECT j.*, CASE
                   WHEN j.state IN ('cancelled', 'over', 'begun') THEN 'kept'
                   WHEN wanted.venue_id IS NULL THEN 'gone'
                   WHEN j.skipped_now THEN 'gone'
                   WHEN j.state = 'hand' THEN 'kept'
                   WHEN j.on_day IS NULL OR j.closed IS NOT NULL THEN 'gone'
                   WHEN j.changes && '{day,time}' AND j.new_starts_at <= at THEN 'kept'
                   WHEN j.on_day <> j.occurs_on THEN 'moved'
                   WHEN cardinality(j.changes) > 0 THEN 'changed' ELSE 'same' END AS fate
          FROM judged AS j
    ), items AS (
        SELECT CASE WHEN f.fate <> 'gone' THEN f.fate WHEN schedules.was_used(f.id, at_venue) THEN 'cancelled'
                    ELSE 'removed' END AS fate,
               f.id AS session_id, coalesce(f.on_day, f.occurs_on) AS occurs_on, f.starts_at AS was_starts_at,
               f.ends_at AS was_ends_at, f.room AS was_room,
               CASE f.fate WHEN 'gone' THEN NULL WHEN 'kept' THEN f.starts_at ELSE f.new_starts_at END AS starts_at,
               CASE f.fate WHEN 'gone' THEN NULL WHEN 'kept' THEN f.ends_at ELSE f.new_ends_at END AS ends_at,
               CASE f.fate WHEN 'gone' THEN NULL WHEN 'kept' THEN (f.kept).room_id ELSE f.new_room_id END AS room_id,
               CASE WHEN f.fate IN ('gone', 'kept') THEN '{}' ELSE f.changes END AS changes,
               f.booked_count AS bookings,
               CASE WHEN f.fate = 'kept' THEN CASE f.state WHEN 'hand' THEN 'changed by hand' WHEN 'begun' THEN 'has begun'
                         WHEN 'plain' THEN 'that time has passed' ELSE f.state END
                    WHEN f.fate <> 'gone' THEN NULL WHEN wanted.venue_id IS NULL THEN change ->> 'reason'
                    -- These are read by the families.
                    WHEN f.skipped_now THEN 'It does not take place on this date.' WHEN f.closed IS NOT NULL THEN f.closed
                    ELSE 'The weekly times change.' END AS why
          FROM fated AS f
         WHERE f.fate <> 'same' AND (f.state <> 'cancelled' OR f.on_day IS NOT NULL)
        UNION ALL
        SELECT CASE WHEN c.is_skipped OR c.skipped_now OR c.closed IS NOT NULL THEN 'skipped' ELSE 'created' END,
               NULL, c.on_day, NULL, NULL, NULL, c.starts_at, c.ends_at, c.room_id, '{}', 0,
               CASE WHEN c.skipped_now THEN 'skipped' WHEN c.is_skipped THEN coalesce(c.skip_reason, 'skipped') ELSE c.closed END
          FROM coming AS c WHERE c.on_day NOT IN (SELECT p.on_day FROM pairs AS p)
    )
    SELECT jsonb_agg(jsonb_build_object(
               'fate', i.fate, 'session_id', i.session_id, 'occurs_on', i.occurs_on, 'was_starts_at', i.was_starts_at,
               'was_ends_at', i.was_ends_at, 'was_room', i.was_room, 'starts_at', i.starts_at, 'ends_at', i.ends_at,
               'room_id', i.room_id, 'room', r.name, 'changes', to_jsonb(i.changes), 'bookings', i.bookings, 'why', i.why)
               ORDER BY coalesce(i.starts_at, i.was_starts_at), i.occurs_on, i.session_id)
      INTO found
      FROM items AS i LEFT JOIN public.rooms AS r ON r.id = i.room_id;
    RETURN coalesce(found, '[]');
END
$$;

-- A capacity below what is booked on a session that would get it: the fullest is named.
CREATE OR REPLACE FUNCTION schedules.require_room_for_all(items jsonb, capacity integer, zone text) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    fullest record;
BEGIN
    SELECT i.bookings, i.starts_at AT TIME ZONE zone AS at INTO fullest
      FROM jsonb_to_recordset(items) AS i (fate text, bookings integer, starts_at timestamptz)
     WHERE i.fate IN ('changed', 'moved') AND i.bookings > capacity ORDER BY i.bookings DESC, i.starts_at LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'capacity_below_booked',
            MESSAGE = format('%s children are booked on %s, so %s places are too few.', fullest.bookings,
                             to_char(fullest.at, 'FMDay FMDD FMMonth, HH24:MI'), capacity),
            HINT = 'Move some of them to another session first.';
    END IF;
END
$$;

-- Whether and from which day a change splits its series; NULL: all of it changes.
CREATE OR REPLACE FUNCTION schedules.split_on(was public.activity_recurring_schedules, change jsonb, today date) RETURNS date
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    pivot date;
BEGIN
    IF change ->> 'scope' = 'all' THEN
        RETURN NULL;
    ELSIF change ->> 'scope' IS DISTINCT FROM 'following' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say which sessions shall change.', DETAIL = 'scope';
    END IF;
    pivot := schedules.pivot_meant(change, today);
    IF NOT EXISTS (SELECT 1 FROM public.activity_sessions AS s
                    WHERE s.recurring_schedule_id = was.id AND s.venue_id = was.venue_id AND s.occurs_on = pivot)
       AND schedules.count_dates(was, pivot, pivot) = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This series has no session on that day.', DETAIL = 'pivot';
    END IF;
    -- Before its first date there is nothing that could stay as it was.
    RETURN CASE WHEN pivot > was.effective_from AND (
        schedules.count_dates(was, was.effective_from, pivot - 1) > 0
        OR EXISTS (SELECT 1 FROM public.activity_sessions AS s
                    WHERE s.recurring_schedule_id = was.id AND s.venue_id = was.venue_id AND s.occurs_on < pivot)) THEN pivot END;
END
$$;

CREATE OR REPLACE FUNCTION schedules.plan_series(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone constant text := (SELECT v.timezone FROM public.venues AS v WHERE v.id = at_venue);
    today constant date := (app.now() AT TIME ZONE zone)::date;
    kind constant text := change ->> 'kind';
    was public.activity_recurring_schedules;
    wanted public.activity_recurring_schedules;
    from_on date;
    until_on date;
    items jsonb;
BEGIN
    IF kind <> 'series_new' THEN
        was := schedules.series_meant(at_venue, change);
        IF NOT was.is_active THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This series has ended.', HINT = 'Make a new one.',
                DETAIL = 'series_over';
        END IF;
    END IF;
    IF kind = 'series_end' THEN
        from_on := schedules.pivot_meant(change, today);
        PERFORM schedules.require_reason(change);
    ELSE
        wanted := schedules.series_wanted(at_venue, change -> 'facts', was);
        IF kind = 'series_edit' THEN
            from_on := schedules.split_on(was, change, today);
            IF wanted.effective_from < from_on THEN
                RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'What follows cannot begin before the day it follows from.',
                    DETAIL = 'first';
            END IF;
        END IF;
        PERFORM schedules.require_few(wanted, greatest(from_on, today));
        -- What was made beyond the horizon (from a file, or when it was further away) follows too.
        until_on := least(wanted.effective_until, greatest(schedules.horizon(at_venue), (
            SELECT max(s.occurs_on) FROM public.activity_sessions AS s
             WHERE s.recurring_schedule_id = was.id AND s.venue_id = at_venue AND NOT s.is_cancelled)));
    END IF;
    items := schedules.series_items(at_venue, was, wanted, from_on, until_on, change, zone);
    IF wanted.venue_id IS NOT NULL THEN
        PERFORM schedules.require_room_for_all(items, wanted.capacity, zone);
    END IF;
    RETURN jsonb_build_object(
        'items', items, 'hits', schedules.hits(items, wanted.default_instructor_name),
        'conflicts', schedules.conflicts(
            at_venue, items, wanted.default_instructor_name,
            (SELECT a.name FROM public.activities AS a WHERE a.id = wanted.activity_id),
            ARRAY(SELECT s.on_day FROM schedules.settled_meant(at_venue, change) AS s WHERE s.is_allowed)),
        'waiting', schedules.waiting_for(ARRAY(
            SELECT i.session_id FROM jsonb_to_recordset(items) AS i (fate text, session_id uuid) WHERE i.fate = 'cancelled')),
        'facts', jsonb_build_object('until', until_on, 'goes_on', coalesce(wanted.effective_until > until_on,
                                                                           wanted.venue_id IS NOT NULL),
                                    'splits', from_on IS NOT NULL AND kind = 'series_edit'),
        'said', '{}'::jsonb);
END
$$;
