-- Since version 0003.
-- Unsold platform places go back to the venue some hours before the session. docs/design.md, "Rules of the domain" (inventory).

-- Release what is due; of how many sessions. The hours are the venue's, and a session is released once.
CREATE OR REPLACE FUNCTION schedules.release_inventory() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    due uuid[];
BEGIN
    SELECT coalesce(array_agg(d.id), '{}') INTO due FROM (
        SELECT s.id FROM public.activity_sessions AS s JOIN public.venues AS v ON v.id = s.venue_id
         WHERE s.platform_allocated_spots > 0 AND NOT s.inventory_released AND NOT s.is_cancelled
           AND s.starts_at > app.now() AND s.starts_at <= app.now() + make_interval(hours => v.inventory_release_hours)
         -- One that somebody else holds is released by the next run.
         ORDER BY s.id FOR NO KEY UPDATE OF s SKIP LOCKED) AS d;
    UPDATE public.activity_sessions AS s SET
        platform_allocated_spots = 0, inventory_released = true, inventory_released_at = app.now()
     WHERE s.id = ANY (due);
    RETURN cardinality(due);
END
$$;
COMMENT ON FUNCTION schedules.release_inventory() IS 'Give unsold platform places back to the venues; of how many sessions.';
GRANT EXECUTE ON FUNCTION schedules.release_inventory() TO console_jobs;
