-- booked_count is the number of bookings that hold a place: pending, confirmed, completed and no-show.
-- Once per statement, not per row: a batch of 500 check-ins changes no status and must not touch a session for it.
-- Sessions are locked in id order, so that two statements over several sessions wait for each other instead of dying.

CREATE OR REPLACE FUNCTION app.holds_place(status public.booking_status) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN status IN ('pending', 'confirmed', 'completed', 'no_show');
COMMENT ON FUNCTION app.holds_place(public.booking_status) IS 'Whether a booking in this status takes one of the session''s places.';
GRANT EXECUTE ON FUNCTION app.holds_place(public.booking_status)
    TO console_auth, console_api, console_jobs, console_worker, console_client;

CREATE OR REPLACE FUNCTION app.count_bookings() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    sessions uuid[];
    deltas integer[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(c.session_id), array_agg(c.delta) INTO sessions, deltas FROM (
            SELECT n.session_id, count(*)::integer AS delta FROM new_rows AS n
            WHERE app.holds_place(n.status) GROUP BY n.session_id) AS c;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(c.session_id), array_agg(c.delta) INTO sessions, deltas FROM (
            SELECT o.session_id, -count(*)::integer AS delta FROM old_rows AS o
            WHERE app.holds_place(o.status) GROUP BY o.session_id) AS c;
    ELSE
        SELECT array_agg(c.session_id), array_agg(c.delta) INTO sessions, deltas FROM (
            SELECT moves.session_id, sum(moves.delta)::integer AS delta FROM (
                SELECT o.session_id, -1 AS delta FROM old_rows AS o WHERE app.holds_place(o.status)
                UNION ALL
                SELECT n.session_id, 1 FROM new_rows AS n WHERE app.holds_place(n.status)) AS moves
            GROUP BY moves.session_id HAVING sum(moves.delta) <> 0) AS c;
    END IF;
    IF sessions IS NOT NULL THEN
        PERFORM 1 FROM public.activity_sessions AS s WHERE s.id = ANY (sessions) ORDER BY s.id FOR NO KEY UPDATE;
        UPDATE public.activity_sessions AS s SET booked_count = s.booked_count + d.delta
            FROM unnest(sessions, deltas) AS d (session_id, delta) WHERE s.id = d.session_id;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.count_bookings() IS 'Trigger: keep booked_count of the sessions whose bookings a statement changed.';

-- Nobody else writes the count: a statement of theirs is at depth 1, the trigger's own is one deeper.
CREATE OR REPLACE FUNCTION app.booked_count_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_catalog.pg_trigger_depth() < 2 AND NEW.booked_count <> (CASE TG_OP WHEN 'INSERT' THEN 0 ELSE OLD.booked_count END) THEN
        RAISE insufficient_privilege USING MESSAGE = 'The number of bookings is counted, not written.';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.booked_count_guard() IS 'Trigger: refuse a booked_count that is not the counting trigger''s.';

CREATE OR REPLACE TRIGGER a_count_inserted AFTER INSERT ON public.bookings REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.count_bookings();
CREATE OR REPLACE TRIGGER a_count_updated AFTER UPDATE ON public.bookings
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.count_bookings();
CREATE OR REPLACE TRIGGER a_count_deleted AFTER DELETE ON public.bookings REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION app.count_bookings();
CREATE OR REPLACE TRIGGER a_count_guard BEFORE INSERT OR UPDATE OF booked_count ON public.activity_sessions
    FOR EACH ROW EXECUTE FUNCTION app.booked_count_guard();
