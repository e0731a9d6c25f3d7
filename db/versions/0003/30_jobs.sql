-- The work that runs by itself: what there is, when it runs next, what became of it, and who runs it. The queue itself is
-- procrastinate's, in schema jobs; 0003_programme.py has just made it.

-- What the queue runs for everybody runs with a fixed search path, and nobody sees a row without a policy.
DO $harden$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT c.oid::regclass AS name FROM pg_catalog.pg_class AS c
                WHERE c.relnamespace = 'jobs'::regnamespace AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', one.name);
    END LOOP;
    FOR one IN SELECT p.oid::regprocedure AS name FROM pg_catalog.pg_proc AS p WHERE p.pronamespace = 'jobs'::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = jobs, pg_catalog, pg_temp', one.name);
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one.name);
    END LOOP;
END
$harden$;

CREATE TABLE app.workers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    role_name name NOT NULL UNIQUE,
    name varchar(60) NOT NULL CHECK (btrim(name) <> ''),
    enrolled_at timestamptz NOT NULL DEFAULT app.now(),
    revoked_at timestamptz,
    seen_at timestamptz
);
ALTER TABLE app.workers ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE app.workers IS 'The programs that run background jobs here, each with its own login.';
CREATE UNIQUE INDEX workers_name_key ON app.workers (lower(name)) WHERE revoked_at IS NULL;

CREATE TABLE app.background_jobs (
    name varchar(60) PRIMARY KEY CHECK (name ~ '^[a-z][a-z_]*$'),
    title varchar(120) NOT NULL,
    place integer NOT NULL,
    -- One of the two: every so many minutes, or once a day at this time in UTC.
    every_minutes integer CHECK (every_minutes BETWEEN 1 AND 1440),
    daily_at time,
    next_at timestamptz NOT NULL,
    -- Failures in a row; the next try waits longer after each.
    failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    CONSTRAINT background_jobs_when CHECK (num_nonnulls(every_minutes, daily_at) = 1)
);
ALTER TABLE app.background_jobs ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE app.background_jobs IS 'Every job the worker knows, and when it runs next; written by the worker when it starts.';

CREATE TABLE app.job_runs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job varchar(60) NOT NULL,
    worker_name varchar(60) NOT NULL,
    started_at timestamptz NOT NULL DEFAULT app.now(),
    finished_at timestamptz,
    -- stopped: the worker died in the middle; nothing of the run stayed, and it was queued again.
    outcome varchar(10) NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'done', 'failed', 'stopped')),
    touched integer CHECK (touched >= 0),
    did text,
    why text,
    CONSTRAINT job_runs_whole CHECK ((outcome = 'running') = (finished_at IS NULL)),
    CONSTRAINT job_runs_why CHECK ((outcome IN ('failed', 'stopped')) = (why IS NOT NULL))
);
ALTER TABLE app.job_runs ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE app.job_runs IS 'What background jobs did; kept for 30 days, runs that found nothing to do for an hour.';
CREATE INDEX job_runs_job ON app.job_runs (job, started_at DESC);
CREATE INDEX job_runs_started ON app.job_runs (started_at);
CREATE INDEX job_runs_running ON app.job_runs (job) WHERE outcome = 'running';

-- What the nightly close asks: who is over and was never closed.
CREATE INDEX idx_sessions_not_closed ON activity_sessions (ends_at) WHERE closed_at IS NULL AND NOT is_cancelled;
-- What the release of unsold places asks.
CREATE INDEX idx_sessions_not_released ON activity_sessions (starts_at)
    WHERE platform_allocated_spots > 0 AND NOT inventory_released AND NOT is_cancelled;
