-- Since version 0003.
-- What became of each run. Its end is written in the transaction that did its work, so that a run that is said to be done is.

-- A run begins; its number. A run of the same job that never ended was stopped in the middle: nothing of it stayed.
CREATE OR REPLACE FUNCTION app.job_began(wanted text) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    made uuid;
BEGIN
    UPDATE app.job_runs AS r SET outcome = 'stopped', finished_at = app.now(), why = 'The worker stopped before it was done.'
     WHERE r.job = wanted AND r.outcome = 'running';
    INSERT INTO app.job_runs (job, worker_name)
    VALUES (wanted, coalesce((SELECT w.name FROM app.workers AS w WHERE w.role_name = session_user), 'Worker'))
    RETURNING id INTO made;
    RETURN made;
END
$$;
COMMENT ON FUNCTION app.job_began(text) IS 'Write down that a background job runs.';
GRANT EXECUTE ON FUNCTION app.job_began(text) TO console_worker;

-- One at a time, also where a worker woke up after it had been given up for dead: held to the end of the transaction.
CREATE OR REPLACE FUNCTION app.job_alone(wanted text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('nexus.job.' || wanted, 0));
END
$$;
COMMENT ON FUNCTION app.job_alone(text) IS 'Wait until no other worker does this job.';
GRANT EXECUTE ON FUNCTION app.job_alone(text) TO console_worker;

-- A run did its work: how much of it and in words. Of runs that found nothing to do the last hour's are kept.
CREATE OR REPLACE FUNCTION app.job_done(run uuid, took_seconds double precision, amount integer, in_words text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    which text;
BEGIN
    UPDATE app.job_runs AS r SET outcome = 'done', finished_at = r.started_at + make_interval(secs => took_seconds),
           touched = amount, did = in_words, why = NULL
     WHERE r.id = run RETURNING r.job INTO which;
    UPDATE app.background_jobs AS j SET failures = 0 WHERE j.name = which AND j.failures > 0;
    IF amount = 0 THEN
        DELETE FROM app.job_runs AS r WHERE r.job = which AND r.outcome = 'done' AND r.touched = 0
           AND r.started_at < app.now() - interval '1 hour';
    END IF;
END
$$;
COMMENT ON FUNCTION app.job_done(uuid, double precision, integer, text) IS 'Write down what a background job did.';
GRANT EXECUTE ON FUNCTION app.job_done(uuid, double precision, integer, text) TO console_worker;

-- A run failed: why. It is tried again after a minute, then 5, 15 and 60, or when it is due anyway.
CREATE OR REPLACE FUNCTION app.job_failed(run uuid, took_seconds double precision, reason text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    which text;
BEGIN
    UPDATE app.job_runs AS r SET outcome = 'failed', finished_at = r.started_at + make_interval(secs => took_seconds), why = reason
     WHERE r.id = run RETURNING r.job INTO which;
    UPDATE app.background_jobs AS j SET
        failures = j.failures + 1,
        next_at = least(j.next_at, app.now() + (ARRAY[1, 5, 15, 60])[least(j.failures + 1, 4)] * interval '1 minute')
     WHERE j.name = which;
END
$$;
COMMENT ON FUNCTION app.job_failed(uuid, double precision, text) IS 'Write down why a background job failed.';
GRANT EXECUTE ON FUNCTION app.job_failed(uuid, double precision, text) TO console_worker;

CREATE OR REPLACE FUNCTION app.purge_old_job_runs() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    gone integer;
BEGIN
    DELETE FROM app.job_runs AS r WHERE r.started_at < app.now() - interval '30 days' AND r.outcome <> 'running';
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION app.purge_old_job_runs() IS 'Forget runs of background jobs older than 30 days; how many.';
GRANT EXECUTE ON FUNCTION app.purge_old_job_runs() TO console_worker;
