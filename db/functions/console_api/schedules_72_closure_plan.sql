-- Since version 0003.
-- The plans of closing and of opening again, and doing them. docs/design.md, "Rules of the domain" (schedules).

-- Why it is shut, as families read it: "Maintenance: The heating is repaired."
CREATE OR REPLACE FUNCTION schedules.closure_words(reason text, explanation text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN concat_ws(': ', reason, nullif(btrim(explanation), ''));

CREATE OR REPLACE FUNCTION schedules.plan_closure(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    meant record;
    items jsonb;
    cancelled uuid[];
    places uuid[];
BEGIN
    IF change ->> 'kind' = 'closure_lift' THEN
        RETURN schedules.plan_lift(at_venue, change);
    END IF;
    meant := schedules.closure_meant(at_venue, change);
    SELECT coalesce(jsonb_agg(schedules.item_of(m.session_id, m.fate, m.fate = 'kept',
                                                cardinality(schedules.standing(ARRAY[m.session_id])), m.why)
                              ORDER BY m.starts_at, m.session_id), '[]'),
           coalesce(array_agg(m.session_id) FILTER (WHERE m.fate = 'cancelled'), '{}')
      INTO items, cancelled FROM schedules.met_by(at_venue, change) AS m;
    places := schedules.standing(cancelled);
    RETURN jsonb_build_object('items', items, 'conflicts', '[]'::jsonb,
        'hits', schedules.hits_of(places, 'cancelled', 'session_cancelled',
                                  jsonb_build_object('reason', schedules.closure_words(meant.reason, meant.explanation))),
        'waiting', schedules.waiting_for(cancelled),
        'facts', jsonb_build_object('reason', meant.reason, 'starts_at', meant.starts_at, 'ends_at', meant.ends_at),
        'said', '{}'::jsonb);
END
$$;

-- Lifting offers back everything to come that the closure cancelled (fate 'restored'); what is chosen of it comes back. Dates
-- that series skipped because of it alone are made again (fate 'created').
CREATE OR REPLACE FUNCTION schedules.plan_lift(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c constant public.venue_closures := schedules.closure_at(at_venue, change);
    chosen constant uuid[] := schedules.chosen_back(change);
    offered uuid[];
    items jsonb;
    again jsonb;
    places uuid[];
BEGIN
    SELECT coalesce(jsonb_agg(schedules.item_of(k.id, CASE WHEN k.shut IS NULL THEN 'restored' ELSE 'kept' END, k.shut IS NULL,
                                                cardinality(schedules.lost_places(k.id)), k.shut) ORDER BY k.starts_at, k.id), '[]'),
           coalesce(array_agg(k.id) FILTER (WHERE k.shut IS NULL), '{}')
      INTO items, offered
      FROM (SELECT s.id, s.starts_at, schedules.shut_at(s.id, c.id) AS shut FROM public.activity_sessions AS s
             WHERE s.closure_id = c.id AND s.venue_id = at_venue AND s.is_cancelled AND s.starts_at > app.now() OFFSET 0) AS k;
    IF NOT chosen <@ offered THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'What the closure cancelled has changed.', HINT = 'Look again.',
            DETAIL = 'changed';
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_object('fate', 'created', 'session_id', NULL, 'occurs_on', m.occurs_on,
               'was_starts_at', NULL, 'was_ends_at', NULL, 'was_room', NULL, 'starts_at', m.starts_at, 'ends_at', m.ends_at,
               'room_id', m.room_id, 'room', r.name, 'changes', '[]'::jsonb, 'bookings', 0, 'why', NULL)
               ORDER BY m.starts_at, m.series_id), '[]') INTO again
      FROM schedules.meetings(schedules.running_series(at_venue), NULL, schedules.horizon(at_venue)) AS m
      LEFT JOIN public.rooms AS r ON r.id = m.room_id
     WHERE m.is_closed
       AND NOT EXISTS (SELECT 1 FROM public.activity_sessions AS s
                        WHERE s.recurring_schedule_id = m.series_id AND s.occurs_on = m.occurs_on)
       AND NOT EXISTS (SELECT 1 FROM schedules.closed_spans(at_venue, m.starts_at, m.ends_at) AS x
                        WHERE x.closure_id <> c.id AND x.starts_at < m.ends_at AND x.ends_at > m.starts_at
                          AND (x.room_ids = '{}' OR m.room_id = ANY (x.room_ids)));
    SELECT coalesce(array_agg(p.id), '{}') INTO places
      FROM unnest(chosen) AS x (id) CROSS JOIN LATERAL unnest(schedules.lost_places(x.id)) AS p (id);
    RETURN jsonb_build_object('items', items || again, 'conflicts', schedules.clashes_of(chosen),
        'hits', schedules.hits_of(places, 'restored', 'session_restored', '{}'), 'waiting', 0,
        'facts', jsonb_build_object('restored', cardinality(chosen), 'starts_at', c.starts_at, 'ends_at', c.ends_at),
        'said', '{}'::jsonb);
END
$$;

CREATE OR REPLACE FUNCTION schedules.apply_closure(at_venue uuid, change jsonb, plan jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    meant record;
    made uuid;
    going uuid[];
    skipped uuid[];
    told integer;
BEGIN
    IF change ->> 'kind' = 'closure_lift' THEN
        RETURN schedules.apply_lift(at_venue, change);
    END IF;
    meant := schedules.closure_meant(at_venue, change);
    SELECT coalesce(array_agg(i.id) FILTER (WHERE i.fate = 'cancelled'), '{}'),
           coalesce(array_agg(i.id) FILTER (WHERE i.fate = 'skipped'), '{}') INTO going, skipped
      FROM (SELECT (x ->> 'session_id')::uuid AS id, x ->> 'fate' AS fate FROM jsonb_array_elements(plan -> 'items') AS x) AS i;
    INSERT INTO public.venue_closures (venue_id, starts_at, ends_at, reason, reason_id, is_yearly, explanation, created_by)
    VALUES (at_venue, meant.starts_at, meant.ends_at, meant.kind, meant.reason_id, meant.is_yearly, meant.explanation, auth.user_id())
    RETURNING id INTO made;
    INSERT INTO public.venue_closure_rooms (closure_id, room_id, venue_id)
    SELECT made, r.id, at_venue FROM unnest(meant.room_ids) AS r (id);
    told := schedules.cancel_sessions(going, schedules.closure_words(meant.reason, meant.explanation), (CASE WHEN meant.kind = 'weather' THEN 'weather'
        ELSE 'venue_cancelled' END)::public.cancellation_reason_type, made);
    DELETE FROM public.activity_sessions AS s WHERE s.id = ANY (skipped);
    RETURN jsonb_build_object('created', 0, 'changed', cardinality(skipped), 'cancelled', cardinality(going), 'told', told,
                              'closure_id', made);
END
$$;

CREATE OR REPLACE FUNCTION schedules.apply_lift(at_venue uuid, change jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    of_closure constant uuid := (change ->> 'closure_id')::uuid;
    chosen constant uuid[] := schedules.chosen_back(change);
    told integer;
    created integer;
BEGIN
    UPDATE public.venue_closures AS c SET lifted_at = app.now(), lifted_by = auth.user_id() WHERE c.id = of_closure;
    told := schedules.restore_sessions(chosen);
    created := schedules.generate(schedules.running_series(at_venue), schedules.horizon(at_venue));
    RETURN jsonb_build_object('created', created, 'changed', cardinality(chosen), 'cancelled', 0, 'told', told,
                              'closure_id', of_closure);
END
$$;
