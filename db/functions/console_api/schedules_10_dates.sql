-- Since version 0003.
-- The dates and instants of weekly patterns, and when a venue is shut. console/domain/recurrence.py says the same in
-- Python; a property test holds the two together. All of it is internal: nobody else may run it. docs/design.md,
-- "Rules of the domain" (schedules).

-- One sentence for whatever is wrong with a pattern, before anything is worked out from it.
CREATE OR REPLACE FUNCTION schedules.require_pattern(days integer[], every_weeks integer, at time, minutes integer, zone text,
                                                     first date, last date) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    said text;
    what text;
BEGIN
    IF days IS NULL OR cardinality(days) = 0 THEN
        said := 'Choose at least one weekday.';
        what := 'weekdays';
    ELSIF NOT coalesce(days <@ '{0,1,2,3,4,5,6}', false) OR array_position(days, NULL) IS NOT NULL THEN
        said := 'A weekday is a number from 0 (Sunday) to 6 (Saturday).';
        what := 'weekdays';
    ELSIF every_weeks IS NULL OR every_weeks NOT BETWEEN 1 AND 52 THEN
        said := 'A series repeats every 1 to 52 weeks.';
        what := 'every_weeks';
    ELSIF at IS NULL OR at >= '24:00' THEN
        said := 'A session starts between 00:00 and 23:59.';
        what := 'start';
    ELSIF minutes IS NULL OR minutes NOT BETWEEN 1 AND 1440 THEN
        said := 'A session lasts 1 to 1,440 minutes.';
        what := 'minutes';
    ELSIF NOT schedules.is_zone(zone) THEN
        said := 'There is no such time zone.';
        what := 'zone';
    ELSIF first IS NULL OR NOT isfinite(first) OR first < '0001-01-01' THEN
        said := 'A series needs a first day.';
        what := 'first';
    ELSIF last < first THEN
        said := 'The last day of a series is not before its first.';
        what := 'last';
    ELSE
        RETURN;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = said, DETAIL = what;
END
$$;

-- Whether this server knows an IANA zone of that name; 'EST5EDT' and '+02' are spellings of offsets, not of places.
CREATE OR REPLACE FUNCTION schedules.is_zone(zone text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN (zone = 'UTC' OR coalesce(zone ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)+$', false))
        AND timezone(zone, timestamptz '2000-01-01 00:00+00') IS NOT NULL;
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
END
$$;

-- The dates of a pattern from `first` to `last`, both included, in order. Weeks run from Monday to Sunday and are counted
-- from the week of `anchor`, before which there are none: FREQ=WEEKLY;INTERVAL;BYDAY;WKST=MO of RFC 5545.
CREATE OR REPLACE FUNCTION schedules.dates(days integer[], every_weeks integer, anchor date, first date, last date)
    RETURNS SETOF date
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    begin_on date := greatest(anchor, first);
    anchor_week date := anchor - (extract(isodow FROM anchor)::integer - 1);
    since integer;
BEGIN
    IF every_weeks < 1 OR NOT days <@ '{0,1,2,3,4,5,6}' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'pattern',
            MESSAGE = 'A series needs weekdays from 0 to 6 and repeats every 1 to 52 weeks.';
    END IF;
    -- The last kept week that is not after the week of the first day.
    since := (begin_on - anchor_week) / (7 * every_weeks) * (7 * every_weeks);
    RETURN QUERY
        SELECT anchor_week + since + w.at + d.at
        FROM generate_series(0, last - (anchor_week + since), 7 * every_weeks) AS w (at)
        CROSS JOIN (SELECT DISTINCT (one + 6) % 7 FROM unnest(days) AS one) AS d (at)
        WHERE anchor_week + since + w.at + d.at BETWEEN begin_on AND last
        ORDER BY 1;
END
$$;

-- The instant at which the wall clock of `zone` shows a time: one that the clocks skip moves forward by the gap, one that
-- they show twice is the first. AT TIME ZONE does the former but takes the second of two; the offset of the day before
-- leads to the first, which counts if the clock does show that time then.
CREATE OR REPLACE FUNCTION schedules.instant(wall timestamp, zone text) RETURNS timestamptz
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    later timestamptz := wall AT TIME ZONE zone;
    before timestamptz := later - interval '24 hours';
    earlier timestamptz := (wall - (before AT TIME ZONE zone - before AT TIME ZONE 'UTC')) AT TIME ZONE 'UTC';
BEGIN
    IF earlier < later AND earlier AT TIME ZONE zone = wall THEN
        RETURN earlier;
    END IF;
    RETURN later;
END
$$;

CREATE OR REPLACE FUNCTION schedules.instant(day date, at time, zone text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT schedules.instant(day + at, zone)
$$;

-- From when to when a session is held. The end is a wall time too: "until six" is six, also in a night of 23 hours. Only
-- where the change of clocks leaves nothing between the two does it keep its length.
CREATE OR REPLACE FUNCTION schedules.span(day date, at time, minutes integer, zone text, OUT starts_at timestamptz, OUT ends_at timestamptz)
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    starts_at := schedules.instant(day + at, zone);
    ends_at := schedules.instant(day + at + make_interval(mins => minutes), zone);
    IF ends_at <= starts_at THEN
        ends_at := starts_at + make_interval(mins => minutes);
    END IF;
END
$$;

-- A day so many years later. 29 February falls on the 28th in other years, which is what adding years does.
CREATE OR REPLACE FUNCTION schedules.years_later(day date, years integer) RETURNS date
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT (day + make_interval(years => years))::date
$$;

-- When a venue, or some of its rooms, is shut between two instants; lifted closures are not. A yearly one comes back on
-- the same days and at the same hours by the venue's clock, every year from its first on: its last day is what is carried
-- over, so that "until midnight" on 28 February stays the whole of that day in every year. Rooms '{}': the whole venue.
CREATE OR REPLACE FUNCTION schedules.closed_spans(at_venue uuid, from_at timestamptz, until_at timestamptz)
    RETURNS TABLE (closure_id uuid, starts_at timestamptz, ends_at timestamptz, room_ids uuid[], reason text,
                   kind public.closure_reason)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    WITH closures AS (
        SELECT c.*, v.timezone AS zone, c.starts_at AT TIME ZONE v.timezone AS wall_start,
            c.ends_at AT TIME ZONE v.timezone AS wall_end,
            -- Midnight is the end of the day before it.
            (c.ends_at AT TIME ZONE v.timezone - interval '1 microsecond')::date AS last_day
        FROM public.venue_closures AS c JOIN public.venues AS v ON v.id = c.venue_id
        WHERE c.venue_id = at_venue AND c.lifted_at IS NULL AND c.starts_at < until_at AND (c.is_yearly OR c.ends_at > from_at)
    ), spans AS (
        SELECT c.id, c.starts_at, c.ends_at FROM closures AS c WHERE c.ends_at > from_at
        UNION ALL
        SELECT c.id, s.starts_at, CASE WHEN s.ends_at > s.starts_at THEN s.ends_at
                                       ELSE s.starts_at + (c.wall_end - c.wall_start) END
        FROM closures AS c
        -- A break may reach over the turn of the year: its last day counts for the first year, its first day for the last.
        CROSS JOIN LATERAL generate_series(
            greatest(1, extract(year FROM from_at AT TIME ZONE c.zone)::integer - extract(year FROM c.last_day)::integer),
            extract(year FROM until_at AT TIME ZONE c.zone)::integer - extract(year FROM c.wall_start)::integer) AS n (years)
        CROSS JOIN LATERAL (SELECT
            schedules.instant(schedules.years_later(c.wall_start::date, n.years) + c.wall_start::time, c.zone),
            schedules.instant(schedules.years_later(c.last_day, n.years) + (c.wall_end - c.last_day), c.zone)) AS s (starts_at, ends_at)
        WHERE c.is_yearly
    )
    SELECT c.id, s.starts_at, s.ends_at,
        ARRAY(SELECT r.room_id FROM public.venue_closure_rooms AS r WHERE r.closure_id = c.id ORDER BY r.room_id),
        coalesce(n.name, initcap(replace(c.reason::text, '_', ' '))), c.reason
    FROM spans AS s
    JOIN closures AS c ON c.id = s.id
    LEFT JOIN public.closure_reasons AS n ON n.id = c.reason_id
    WHERE s.starts_at < until_at AND s.ends_at > from_at
    ORDER BY s.starts_at, c.id
$$;
