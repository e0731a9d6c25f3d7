-- Since version 0003.
-- When each background job runs: the worker asks every few seconds what is due and what a dead worker left behind. A job
-- that was due while nobody ran (a desk's computer is off at night) is due when somebody does. docs/design.md, "Layout" (worker).

-- The next moment after `since`: the next multiple of some minutes, or the next time of day in UTC.
CREATE OR REPLACE FUNCTION app.job_next(every_minutes integer, daily_at time, since timestamptz) RETURNS timestamptz
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today timestamptz;
BEGIN
    IF every_minutes IS NOT NULL THEN
        RETURN date_bin(make_interval(mins => every_minutes), since, '2000-01-01 00:00Z') + make_interval(mins => every_minutes);
    END IF;
    today := ((since AT TIME ZONE 'UTC')::date + daily_at) AT TIME ZONE 'UTC';
    RETURN CASE WHEN today > since THEN today ELSE today + interval '1 day' END;
END
$$;
COMMENT ON FUNCTION app.job_next(integer, time, timestamptz) IS 'When a job runs next, after a moment.';

-- Put a job into the queue; false where it waits there already. Internal.
CREATE OR REPLACE FUNCTION app.job_put(wanted text) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO jobs.procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args)
    VALUES ('console', wanted, wanted, wanted, '{}') ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION app.job_put(text) IS 'Queue a background job, once.';

-- Queue a known job now; false where it waits already, NX404 for one nobody knows.
CREATE OR REPLACE FUNCTION app.job_queue(wanted text) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM app.background_jobs AS j WHERE j.name = wanted) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such background job.', DETAIL = 'no_job';
    END IF;
    RETURN app.job_put(wanted);
END
$$;
COMMENT ON FUNCTION app.job_queue(text) IS 'Queue a background job now.';
GRANT EXECUTE ON FUNCTION app.job_queue(text) TO console_worker, console_api;

-- The jobs that wait in the queue, for the screen.
CREATE OR REPLACE FUNCTION app.jobs_waiting() RETURNS text[]
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN ARRAY(SELECT DISTINCT q.task_name::text FROM jobs.procrastinate_jobs AS q WHERE q.status = 'todo');
END
$$;
COMMENT ON FUNCTION app.jobs_waiting() IS 'The names of the background jobs that are queued.';
GRANT EXECUTE ON FUNCTION app.jobs_waiting() TO console_api;

-- What this worker knows: [{"name", "title", "every_minutes", "daily_at"}]. A new job is due at once; one that no worker knows
-- any more is forgotten.
CREATE OR REPLACE FUNCTION app.jobs_register(known jsonb) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    -- Two workers that start together.
    PERFORM pg_advisory_xact_lock(hashtextextended('nexus.jobs', 0));
    DELETE FROM app.background_jobs AS j WHERE NOT known @> jsonb_build_array(jsonb_build_object('name', j.name));
    INSERT INTO app.background_jobs AS j (name, title, place, every_minutes, daily_at, next_at)
    SELECT k.value ->> 'name', k.value ->> 'title', k.ordinality, (k.value ->> 'every_minutes')::integer,
           (k.value ->> 'daily_at')::time, app.now()
      FROM jsonb_array_elements(known) WITH ORDINALITY AS k
    ON CONFLICT (name) DO UPDATE SET title = excluded.title, place = excluded.place,
        every_minutes = excluded.every_minutes, daily_at = excluded.daily_at,
        next_at = CASE WHEN (j.every_minutes, j.daily_at) IS NOT DISTINCT FROM (excluded.every_minutes, excluded.daily_at)
                       THEN j.next_at ELSE app.job_next(excluded.every_minutes, excluded.daily_at, app.now()) END
     WHERE (j.title, j.place, j.every_minutes, j.daily_at)
           IS DISTINCT FROM (excluded.title, excluded.place, excluded.every_minutes, excluded.daily_at);
END
$$;
COMMENT ON FUNCTION app.jobs_register(jsonb) IS 'Say which background jobs there are.';
GRANT EXECUTE ON FUNCTION app.jobs_register(jsonb) TO console_worker;

-- One look, every few seconds: what a worker that is not heard of any more was doing goes back into the queue, what is due goes
-- into it. How many jobs that put there. Safe with any number of workers.
CREATE OR REPLACE FUNCTION app.jobs_tick(silent_seconds double precision) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    one record;
    queued integer := 0;
BEGIN
    -- One worker looks at a time; the other has nothing to add.
    IF NOT pg_try_advisory_xact_lock(hashtextextended('nexus.jobs', 1)) THEN
        RETURN 0;
    END IF;
    UPDATE app.workers AS w SET seen_at = app.now()
     WHERE w.role_name = session_user AND (w.seen_at IS NULL OR w.seen_at < app.now() - interval '10 seconds');
    -- A job that failed wrote that down itself; one the queue calls failed or aborted could not, because its server was gone or
    -- its worker was told to stop.
    FOR one IN
        SELECT q.id, q.task_name, q.attempts + (q.status = 'doing')::integer AS attempts FROM jobs.procrastinate_jobs AS q
         WHERE q.status IN ('failed', 'aborted')
            OR (q.status = 'doing' AND (q.worker_id IS NULL OR EXISTS (
               SELECT 1 FROM jobs.procrastinate_workers AS w
                -- Heartbeats are the machine's time, whatever app.now() is made to say.
                WHERE w.id = q.worker_id AND w.last_heartbeat < clock_timestamp() - make_interval(secs => silent_seconds))))
         ORDER BY q.id FOR UPDATE SKIP LOCKED
    LOOP
        UPDATE app.job_runs AS r SET outcome = 'stopped', finished_at = app.now(), why = 'The worker stopped before it was done.'
         WHERE r.job = one.task_name AND r.outcome = 'running';
        IF EXISTS (SELECT 1 FROM jobs.procrastinate_jobs AS o WHERE o.task_name = one.task_name AND o.status = 'todo') THEN
            DELETE FROM jobs.procrastinate_jobs AS q WHERE q.id = one.id;  -- another of its kind waits already
        ELSIF one.attempts > 4 THEN
            -- It has ended its worker too often to be tried again at once.
            DELETE FROM jobs.procrastinate_jobs AS q WHERE q.id = one.id;
            UPDATE app.background_jobs AS j SET next_at = least(j.next_at, app.now() + interval '1 hour')
             WHERE j.name = one.task_name;
        ELSE
            UPDATE jobs.procrastinate_jobs AS q SET status = 'todo', attempts = one.attempts, worker_id = NULL, abort_requested = false
             WHERE q.id = one.id;
            queued := queued + 1;
        END IF;
    END LOOP;
    DELETE FROM jobs.procrastinate_jobs AS q WHERE q.status IN ('succeeded', 'cancelled');
    FOR one IN
        SELECT j.name, app.job_next(j.every_minutes, j.daily_at, app.now()) AS following
          FROM app.background_jobs AS j WHERE j.next_at <= app.now() ORDER BY j.place FOR UPDATE SKIP LOCKED
    LOOP
        queued := queued + app.job_put(one.name)::integer;
        UPDATE app.background_jobs AS j SET next_at = one.following WHERE j.name = one.name;
    END LOOP;
    RETURN queued;
END
$$;
COMMENT ON FUNCTION app.jobs_tick(double precision) IS 'Queue what is due and what a dead worker left; how many jobs.';
GRANT EXECUTE ON FUNCTION app.jobs_tick(double precision) TO console_worker;
