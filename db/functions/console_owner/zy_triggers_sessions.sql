-- A booking changes how full a session is, not what it is: it counts as a change that desks hear of, not as a new version.
-- Otherwise everybody who has a busy session open would be told at each booking that somebody else had changed it.
CREATE OR REPLACE FUNCTION app.touch_session() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := app.now();
    NEW.changed_xid := pg_catalog.pg_current_xact_id();
    NEW.version := OLD.version;
    IF NEW.booked_count OPERATOR(pg_catalog.=) OLD.booked_count THEN
        NEW.version := OLD.version OPERATOR(pg_catalog.+) 1;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.touch_session() IS 'Trigger: instant, transaction and, unless only the number of bookings changed, version of a session.';
CREATE OR REPLACE TRIGGER b_touch BEFORE UPDATE ON public.activity_sessions FOR EACH ROW EXECUTE FUNCTION app.touch_session();
