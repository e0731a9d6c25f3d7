-- Since version 0003.
-- What a change may look like before any of it is read: a list that is no list, or a date that the server's own clock would
-- fill in, must not become something else than was meant. Internal. docs/design.md, "Rules of the domain" (schedules).

-- Refuse a change whose parts are not of their kind: lists of numbers, yes or no, dates and times as ISO 8601 writes them.
-- A part that is absent or null is left to whoever reads it.
CREATE OR REPLACE FUNCTION schedules.require_shape(change jsonb) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    facts constant jsonb := CASE jsonb_typeof(change -> 'facts') WHEN 'object' THEN change -> 'facts' ELSE '{}' END;
    wrong text;
BEGIN
    IF octet_length(change::text) > 1000000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That is too much for one change.', HINT = 'Make it in parts.',
            DETAIL = 'too_large';
    ELSIF length(change ->> 'reason') > 500 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A reason has at most 500 characters.', DETAIL = 'reason';
    END IF;
    SELECT p.name INTO wrong
      FROM (VALUES
        (1, 'room_ids', change, 'array', NULL), (2, 'booking_ids', change, 'array', NULL),
        (3, 'consented', change, 'array', NULL), (4, 'restore', change, 'array', NULL),
        (5, 'allow', change, 'boolean', NULL), (6, 'is_weather', change, 'boolean', NULL),
        (7, 'is_yearly', change, 'boolean', NULL),
        (8, 'reason', change, 'string', NULL), (9, 'explanation', change, 'string', NULL),
        (10, 'pivot', change, 'string', '^\d{4}-\d\d-\d\d$'),
        (11, 'starts', change, 'string', '^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$'),
        (12, 'ends', change, 'string', '^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?$'),
        (13, 'first', facts, 'string', '^\d{4}-\d\d-\d\d$'), (14, 'last', facts, 'string', '^\d{4}-\d\d-\d\d$'),
        (15, 'day', facts, 'string', '^\d{4}-\d\d-\d\d$'),
        (16, 'start', facts, 'string', '^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$')) AS p (place, name, part, kind, pattern)
     WHERE coalesce(jsonb_typeof(p.part -> p.name), 'null') <> 'null'
       AND (jsonb_typeof(p.part -> p.name) <> p.kind OR p.part ->> p.name !~ p.pattern)
     ORDER BY p.place LIMIT 1;
    IF wrong IS NOT NULL THEN
        PERFORM schedules.raise_unreadable(wrong);
    END IF;
END
$$;
