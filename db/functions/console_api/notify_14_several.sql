-- Since version 0006.
-- One message about several sessions: what is the same for all of them is said once, the rest line by line. docs/design.md,
-- "Rules of the domain" (schedules).

-- The facts of a message about several sessions, out of those about each, in the order of their times. One alone stays what it is.
-- `activity`, `child` and `reason` are empty where they differ; the lines say them then.
CREATE OR REPLACE FUNCTION notify.together(facts jsonb[]) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lines jsonb[];
BEGIN
    IF cardinality(facts) = 1 THEN
        RETURN facts[1];
    END IF;
    SELECT array_agg(f.fact ORDER BY (f.fact ->> 'starts_at')::timestamptz, f.fact ->> 'session_id') INTO lines
      FROM unnest(facts) AS f (fact);
    RETURN (
        SELECT jsonb_build_object(
                   'venue', lines[1] -> 'venue', 'venue_id', lines[1] -> 'venue_id', 'session_id', lines[1] -> 'session_id',
                   'count', count(*), 'sessions', to_jsonb(lines), 'credits', coalesce(sum((l ->> 'credits')::integer), 0),
                   -- The earliest of all: what begins soon is urgent.
                   'starts_at', min(least((l ->> 'starts_at')::timestamptz, (l ->> 'was_starts_at')::timestamptz)),
                   'activity', CASE WHEN count(DISTINCT l -> 'activity') = 1 THEN lines[1] ->> 'activity' ELSE '' END,
                   'child', CASE WHEN count(DISTINCT l -> 'child') = 1 THEN lines[1] ->> 'child' ELSE '' END,
                   'reason', CASE WHEN count(DISTINCT coalesce(l ->> 'reason', '')) = 1 THEN coalesce(lines[1] ->> 'reason', '')
                                  ELSE '' END)
          FROM unnest(lines) AS l);
END
$$;

-- The template that tells of several sessions what another one tells of one.
CREATE OR REPLACE FUNCTION notify.several(template text, number integer) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN number < 2 THEN template WHEN template LIKE 'session\_%' THEN 'sessions_' || substr(template, 9)
            WHEN template = 'waitlist_closed' THEN 'waitlists_closed' END;

-- "Monday 2 March, 15:45: Pottery, Ada (time 15:45 → 16:00)", one line for each, of a very long list the first sixty.
CREATE OR REPLACE FUNCTION notify.session_lines(facts jsonb, zone text, lang text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    most constant integer := 60;
    one jsonb;
    what text;
    apart text;
    said text[] := '{}';
    number constant integer := jsonb_array_length(facts -> 'sessions');
BEGIN
    FOR one IN SELECT x.value FROM jsonb_array_elements(facts -> 'sessions') WITH ORDINALITY AS x (value, place)
                WHERE x.place <= most ORDER BY x.place LOOP
        what := concat_ws(', ', CASE WHEN facts ->> 'activity' = '' THEN notify.one_line(one ->> 'activity') END,
                          CASE WHEN facts ->> 'child' = '' THEN notify.one_line(one ->> 'child') END);
        apart := concat_ws('; ', CASE WHEN one ? 'changes' THEN nullif(notify.change_words(one, zone, lang), '') END,
                           CASE WHEN facts ->> 'reason' = '' THEN nullif(notify.one_line(one ->> 'reason'), '') END);
        said := said || (notify.instant_words((one ->> 'starts_at')::timestamptz, zone, lang)
            || CASE WHEN what = '' THEN '' ELSE ': ' || what END || CASE WHEN apart = '' THEN '' ELSE ' (' || apart || ')' END);
    END LOOP;
    IF number > most THEN
        said := said || format(CASE lang WHEN 'es' THEN 'y %s más' WHEN 'ru' THEN 'и ещё %s' ELSE 'and %s more' END, number - most);
    END IF;
    RETURN array_to_string(said, E'\n');
END
$$;
