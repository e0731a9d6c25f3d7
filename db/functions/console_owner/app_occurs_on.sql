-- Since version 0003.
-- A session of a series stands for one date of its pattern. Whoever inserts it on that very date need not say so; a move keeps it.
CREATE OR REPLACE FUNCTION app.occurs_on() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.recurring_schedule_id IS NOT NULL AND NEW.occurs_on IS NULL THEN
        NEW.occurs_on := NEW.session_date;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.occurs_on() IS 'Trigger: the date of its pattern that a new session stands for, its own where none is given.';
-- After a_local_time, which says on which local day the session is.
CREATE OR REPLACE TRIGGER b_occurs_on BEFORE INSERT ON public.activity_sessions
    FOR EACH ROW EXECUTE FUNCTION app.occurs_on();
