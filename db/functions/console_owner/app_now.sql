-- The one clock of every rule in SQL. Reads as the caller, so that it needs no definer's rights and stays cheap:
-- everybody may see whether the clock stands still, nobody but an administrator can make it.

CREATE OR REPLACE FUNCTION app.now() RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN coalesce((SELECT c.instant FROM app.fixed_clock AS c), pg_catalog.now());
END
$$;
GRANT EXECUTE ON FUNCTION app.now()
    TO console_auth, console_api, console_jobs, console_worker, console_client;
COMMENT ON FUNCTION app.now() IS 'The present instant: the transaction''s, or the one a test, tour or demo database stands at.';
