-- Since version 0004.
CREATE OR REPLACE FUNCTION app.job_check_books() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN books.check_all();
END
$$;
COMMENT ON FUNCTION app.job_check_books() IS 'Check money and attendance; how many issues are open.';
GRANT EXECUTE ON FUNCTION app.job_check_books() TO console_worker;
