-- The one clock of every rule in SQL. Everybody may see whether it stands still, nobody but an administrator can make it.
-- A definer because a plan that depends on row-level security holds for one role only: a check-in asks for the time as three
-- roles by turns, and planning the look-up again each time took ten times as long as the look-up.

CREATE OR REPLACE FUNCTION app.now() RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET client_min_messages = warning AS $$
BEGIN
    RETURN coalesce((SELECT c.instant FROM app.fixed_clock AS c), pg_catalog.now());
END
$$;
GRANT EXECUTE ON FUNCTION app.now()
    TO console_auth, console_api, console_jobs, console_worker, console_client;
COMMENT ON FUNCTION app.now() IS 'The present instant: the transaction''s, or the one a test, tour or demo database stands at.';
