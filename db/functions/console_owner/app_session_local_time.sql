-- starts_at and ends_at are the truth; what the clock on the venue's wall says is derived from them, here alone.
-- Reads the venue's zone with the owner's rights, because whoever writes a session need not be able to read venues.

CREATE OR REPLACE FUNCTION app.session_local_time() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
DECLARE
    local_start timestamp;
BEGIN
    SELECT v.timezone INTO NEW.timezone FROM public.venues AS v WHERE v.id = NEW.venue_id;
    IF NEW.timezone IS NULL THEN
        RAISE foreign_key_violation USING MESSAGE = 'A session needs an existing venue.';
    END IF;
    local_start := NEW.starts_at AT TIME ZONE NEW.timezone;
    NEW.session_date := local_start::date;
    NEW.start_time := local_start::time;
    NEW.end_time := (NEW.ends_at AT TIME ZONE NEW.timezone)::time;
    NEW.time_of_day := CASE
        WHEN NEW.start_time < '12:00' THEN 'morning'
        WHEN NEW.start_time < '17:00' THEN 'afternoon'
        ELSE 'evening' END;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION app.session_local_time() IS 'Trigger: local date, times and part of the day of a session from its instants and the venue''s zone.';

-- A venue that moves to another zone keeps its instants; what its clock says changes for every session.
CREATE OR REPLACE FUNCTION app.venue_zone_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    UPDATE public.activity_sessions SET timezone = NEW.timezone WHERE venue_id = NEW.id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION app.venue_zone_changed() IS 'Trigger: derive the local times of a venue''s sessions again.';

CREATE OR REPLACE TRIGGER a_local_time BEFORE INSERT OR UPDATE OF starts_at, ends_at, venue_id, session_date, start_time,
    end_time, timezone, time_of_day ON public.activity_sessions
    FOR EACH ROW EXECUTE FUNCTION app.session_local_time();
CREATE OR REPLACE TRIGGER zone_changed AFTER UPDATE OF timezone ON public.venues
    FOR EACH ROW WHEN (OLD.timezone IS DISTINCT FROM NEW.timezone) EXECUTE FUNCTION app.venue_zone_changed();
