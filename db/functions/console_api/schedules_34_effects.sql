-- Since version 0003.
-- What a plan's items run into, and whom they touch. Internal. docs/design.md, "Rules of the domain" (schedules).

-- Items that would be in one room, or with one instructor, at the time of another session or of each other. Only what an
-- item changes is looked at: an overlap that was there before is not this change's. `allowed` are dates for which a person
-- has decided. Rooms that would be free are named for each.
CREATE OR REPLACE FUNCTION schedules.conflicts(at_venue uuid, items jsonb, by_instructor text, of_activity text, allowed date[])
    RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    from_at timestamptz;
    until_at timestamptz;
    found jsonb;
BEGIN
    SELECT min(i.starts_at), max(i.ends_at) INTO from_at, until_at
      FROM jsonb_to_recordset(items) AS i (fate text, starts_at timestamptz, ends_at timestamptz)
     WHERE i.fate IN ('created', 'changed', 'moved', 'restored');
    IF from_at IS NULL THEN
        RETURN '[]';
    END IF;
    WITH planned AS MATERIALIZED (
        SELECT i.session_id, i.occurs_on, i.starts_at, i.ends_at, i.room_id, i.room,
               coalesce(i.instructor, by_instructor) AS instructor,
               i.fate <> 'changed' OR i.changes && '{day,time,length,room}' AS room_asked,
               i.fate <> 'changed' OR i.changes && '{day,time,length,instructor}' AS instructor_asked,
               row_number() OVER (ORDER BY i.starts_at, i.occurs_on) AS place
          FROM jsonb_to_recordset(items) AS i (fate text, session_id uuid, occurs_on date, starts_at timestamptz,
                                               ends_at timestamptz, room_id uuid, room text, instructor text, changes text[])
         WHERE i.fate IN ('created', 'changed', 'moved', 'restored')
    ), others AS MATERIALIZED (
        SELECT s.id, a.name, s.starts_at, s.ends_at, s.room_id, s.instructor_name AS instructor, NULL::bigint AS place,
               false AS room_asked, false AS instructor_asked
          FROM public.activity_sessions AS s JOIN public.activities AS a ON a.id = s.activity_id
         -- No session lasts a week: without the bound every session of the past would be read.
         WHERE s.venue_id = at_venue AND NOT s.is_cancelled AND s.starts_at < until_at AND s.ends_at > from_at
           AND s.starts_at > from_at - interval '7 days'
           AND NOT EXISTS (SELECT 1 FROM jsonb_to_recordset(items) AS i (fate text, session_id uuid)
                            WHERE i.session_id = s.id AND i.fate NOT IN ('kept', 'skipped'))
        UNION ALL
        SELECT NULL, of_activity, p.starts_at, p.ends_at, p.room_id, p.instructor, p.place, p.room_asked, p.instructor_asked
          FROM planned AS p
    ), closed AS MATERIALIZED (
        SELECT c.starts_at, c.ends_at, c.room_ids FROM schedules.closed_spans(at_venue, from_at, until_at) AS c
    ), clashes AS (
        SELECT 'room' AS kind, p.*, p.room AS what, o.id AS other_id, o.name AS other, o.starts_at AS other_starts_at,
               o.ends_at AS other_ends_at
          FROM planned AS p
          JOIN others AS o ON o.room_id = p.room_id AND o.starts_at < p.ends_at AND o.ends_at > p.starts_at
         WHERE (p.room_asked OR o.room_asked) AND (o.place IS NULL OR o.place < p.place)
        UNION ALL
        SELECT 'instructor', p.*, p.instructor, o.id, o.name, o.starts_at, o.ends_at
          FROM planned AS p
          JOIN others AS o ON lower(o.instructor) = lower(p.instructor) AND o.starts_at < p.ends_at AND o.ends_at > p.starts_at
         WHERE (p.instructor_asked OR o.instructor_asked) AND (o.place IS NULL OR o.place < p.place)
    )
    SELECT jsonb_agg(jsonb_build_object(
               'kind', c.kind, 'on', c.occurs_on, 'session_id', c.session_id, 'what', c.what, 'other_id', c.other_id,
               'other', c.other, 'other_starts_at', c.other_starts_at, 'other_ends_at', c.other_ends_at,
               'free_rooms', CASE WHEN c.kind <> 'room' THEN '[]'::jsonb ELSE coalesce((
                   SELECT jsonb_agg(r.id ORDER BY lower(r.name), r.id) FROM public.rooms AS r
                    WHERE r.venue_id = at_venue AND r.is_active
                      AND NOT EXISTS (SELECT 1 FROM others AS o
                                       WHERE o.room_id = r.id AND o.starts_at < c.ends_at AND o.ends_at > c.starts_at)
                      AND NOT EXISTS (SELECT 1 FROM closed AS x
                                       WHERE x.starts_at < c.ends_at AND x.ends_at > c.starts_at
                                         AND (x.room_ids = '{}' OR r.id = ANY (x.room_ids)))), '[]') END)
               ORDER BY c.starts_at, c.kind DESC, c.other_starts_at, c.other_id)
      INTO found
      FROM clashes AS c WHERE NOT coalesce(c.occurs_on = ANY (allowed), false);
    RETURN coalesce(found, '[]');
END
$$;

-- What a message about a change says beside the session's own words. `item` is the plan's line of the session.
CREATE OR REPLACE FUNCTION schedules.change_words(item jsonb, by_instructor text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
AS $$
    SELECT jsonb_build_object('was_starts_at', item -> 'was_starts_at', 'starts_at', item -> 'starts_at', 'ends_at', item -> 'ends_at',
                              'was_room', item -> 'was_room', 'room', item -> 'room', 'changes', item -> 'changes',
                              'instructor', by_instructor)
$$;

-- The bookings that the items of a plan touch, and what each parent will read. Whose session only gets another capacity,
-- other places or a note is not touched.
CREATE OR REPLACE FUNCTION schedules.hits(items jsonb, by_instructor text) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    ending uuid[];
    changing uuid[];
    facts jsonb;
BEGIN
    SELECT array_agg(m.id) FILTER (WHERE m.fate = 'cancelled'), array_agg(m.id) FILTER (WHERE m.fate <> 'cancelled'),
           jsonb_object_agg(m.id, jsonb_build_object('fate', m.fate) || CASE m.fate
               WHEN 'cancelled' THEN jsonb_build_object('reason', m.item -> 'why')
               ELSE schedules.change_words(m.item, by_instructor) END)
      INTO ending, changing, facts
      FROM (SELECT (x.item ->> 'session_id')::uuid AS id, x.item ->> 'fate' AS fate, x.item FROM jsonb_array_elements(items) AS x (item)
             WHERE (x.item ->> 'bookings')::integer > 0
               AND (x.item ->> 'fate' IN ('cancelled', 'moved')
                    OR (x.item ->> 'fate' = 'changed' AND x.item -> 'changes' ?| '{day,time,length,room,instructor}'))) AS m;
    IF facts IS NULL THEN
        RETURN '[]';
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(h.hit ORDER BY i.place, h.place), '[]')
      FROM jsonb_array_elements(
               schedules.hits_of(schedules.standing(ending), 'cancelled', 'session_cancelled', '{}', facts)
               || schedules.hits_of(schedules.standing(changing), 'changed', 'session_changed', '{}', facts))
           WITH ORDINALITY AS h (hit, place)
      JOIN jsonb_array_elements(items) WITH ORDINALITY AS i (item, place) ON i.item ->> 'session_id' = h.hit ->> 'session_id');
END
$$;
