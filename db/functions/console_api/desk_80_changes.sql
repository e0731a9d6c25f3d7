-- What changed at a venue since a desk last asked: ids only, in one statement, so that a notification leads to little work.

-- `since` is the `until` of the answer before; NULL, or one from another history of the server, says "everything". A
-- transaction still under way while the last answer was made is at or above its `until`, so one that commits late is found.
-- `on_day` narrows it to the sessions of one local day; without it they are those whose rosters may be open.
CREATE OR REPLACE FUNCTION desk.changes_since(at_venue uuid, since xid8 DEFAULT NULL, on_day date DEFAULT NULL)
    RETURNS TABLE (until xid8, everything boolean, changed_sessions uuid[], changed_rosters uuid[], changed_bookings uuid[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET plan_cache_mode = force_generic_plan
    SET jit = off
    SET enable_seqscan = off
AS $$
DECLARE
    today date;
    first_day date;
    last_day date;
BEGIN
    PERFORM auth.require('roster.read', at_venue);
    -- One snapshot for the whole function: it is STABLE.
    until := pg_snapshot_xmin(pg_current_snapshot());
    changed_sessions := '{}';
    changed_rosters := '{}';
    changed_bookings := '{}';
    everything := since IS NULL OR since > pg_snapshot_xmax(pg_current_snapshot())
        -- The venue itself, or a row that is gone and can no longer say where it belonged.
        OR EXISTS (SELECT 1 FROM public.venues AS v WHERE v.id = at_venue AND v.changed_xid >= since)
        OR EXISTS (SELECT 1 FROM app.tombstones AS t
                    WHERE t.venue_id = at_venue AND t.changed_xid >= since
                      AND t.table_name IN ('activity_sessions', 'bookings', 'rooms', 'activities'));
    IF everything THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT (app.now() AT TIME ZONE v.timezone)::date INTO today FROM public.venues AS v WHERE v.id = at_venue;
    first_day := coalesce(on_day, today - 2);
    last_day := coalesce(on_day, today + 7);
    SELECT coalesce(array_agg(s.id), '{}') INTO changed_sessions
      FROM public.activity_sessions AS s
      JOIN public.activities AS a ON a.id = s.activity_id
      LEFT JOIN public.rooms AS r ON r.id = s.room_id
     WHERE s.venue_id = at_venue AND s.session_date BETWEEN first_day AND last_day
       AND (s.changed_xid >= since OR a.changed_xid >= since OR r.changed_xid >= since);
    SELECT coalesce(array_agg(DISTINCT b.session_id), '{}'),
           coalesce(array_agg(b.id) FILTER (WHERE b.changed_xid >= since), '{}')
      INTO changed_rosters, changed_bookings
      FROM public.activity_sessions AS s
      JOIN public.bookings AS b ON b.session_id = s.id AND b.venue_id = s.venue_id
      JOIN public.children AS c ON c.id = b.child_id
     WHERE s.venue_id = at_venue AND s.session_date BETWEEN first_day AND last_day
       AND (b.changed_xid >= since OR c.changed_xid >= since);
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION desk.changes_since(uuid, xid8, date) IS 'The sessions and bookings a desk must look at again.';
GRANT EXECUTE ON FUNCTION desk.changes_since(uuid, xid8, date) TO console_client;
