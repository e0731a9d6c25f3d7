-- Since version 0006.
-- Compliance as the worker runs it: it does nothing but call a function that no desk may call.

CREATE OR REPLACE FUNCTION app.job_watch_compliance() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN vetting.watch();
END
$$;
COMMENT ON FUNCTION app.job_watch_compliance() IS 'Remind venues of what ends, tell and suspend them; how much there was.';
GRANT EXECUTE ON FUNCTION app.job_watch_compliance() TO console_worker;
