-- Since version 0003.
-- The queue is the worker's alone: no desk and no function of console_api reads or writes it. What console_jobs puts into it and
-- sweeps out of it is named here; what the screen shows comes out of app.background_jobs and app.job_runs.

GRANT USAGE ON SCHEMA jobs TO console_jobs, console_worker;
DO $queue$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT c.oid::regclass AS name FROM pg_catalog.pg_class AS c
                WHERE c.relnamespace = 'jobs'::regnamespace AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE format('CREATE POLICY worker_all ON %s FOR ALL TO console_worker USING (true) WITH CHECK (true)', one.name);
        EXECUTE format('CREATE POLICY jobs_all ON %s FOR ALL TO console_jobs USING (true) WITH CHECK (true)', one.name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO console_worker', one.name);
    END LOOP;
END
$queue$;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.procrastinate_jobs TO console_jobs;
GRANT INSERT ON jobs.procrastinate_events TO console_jobs;
GRANT SELECT ON jobs.procrastinate_workers TO console_jobs;
GRANT SELECT, UPDATE ON jobs.procrastinate_periodic_defers TO console_jobs;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA jobs TO console_jobs, console_worker;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA jobs TO console_jobs, console_worker;

CREATE POLICY jobs_read ON app.workers FOR SELECT TO console_jobs USING (true);
CREATE POLICY jobs_seen ON app.workers FOR UPDATE TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT, UPDATE (seen_at) ON app.workers TO console_jobs;
CREATE POLICY jobs_all ON app.background_jobs FOR ALL TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.background_jobs TO console_jobs;
CREATE POLICY jobs_all ON app.job_runs FOR ALL TO console_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.job_runs TO console_jobs;

CREATE POLICY screen_reads ON app.workers FOR SELECT TO console_api USING (true);
CREATE POLICY screen_reads ON app.background_jobs FOR SELECT TO console_api USING (true);
CREATE POLICY screen_reads ON app.job_runs FOR SELECT TO console_api USING (true);
GRANT SELECT ON app.workers, app.background_jobs, app.job_runs TO console_api;
