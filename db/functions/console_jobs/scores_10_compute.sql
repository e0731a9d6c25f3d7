-- Since version 0006.
CREATE OR REPLACE FUNCTION app.job_compute_scores() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN scores.compute_due();
END
$$;
COMMENT ON FUNCTION app.job_compute_scores() IS 'Work out the scores that are due; how many were written.';
GRANT EXECUTE ON FUNCTION app.job_compute_scores() TO console_worker;
