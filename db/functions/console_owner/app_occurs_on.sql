-- Since version 0003.
-- A session of a series stands for one date of its pattern. Whoever makes it on that very date, or joins it to a series, need
-- not say so; a move keeps it.
CREATE OR REPLACE FUNCTION app.occurs_on() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.recurring_schedule_id IS NOT NULL THEN
        IF TG_OP = 'INSERT' THEN
            NEW.occurs_on := coalesce(NEW.occurs_on, NEW.session_date);
        ELSIF OLD.recurring_schedule_id IS NULL AND NEW.occurs_on IS NOT DISTINCT FROM OLD.occurs_on THEN
            NEW.occurs_on := NEW.session_date;
        END IF;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.occurs_on() IS 'Trigger: the date of its pattern that a session new in its series stands for, its own where none is given.';
-- After a_local_time, which says on which local day the session is.
CREATE OR REPLACE TRIGGER b_occurs_on BEFORE INSERT OR UPDATE OF recurring_schedule_id ON public.activity_sessions
    FOR EACH ROW EXECUTE FUNCTION app.occurs_on();
