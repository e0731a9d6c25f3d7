-- Since version 0003.
-- The screen of background jobs, for those who may manage them, and the logins of workers, for the administrator.

CREATE OR REPLACE FUNCTION admin.jobs()
    RETURNS TABLE (name text, title text, every_minutes integer, daily_at time, next_at timestamptz, queued boolean,
                   running_since timestamptz, last_at timestamptz, last_outcome text, last_did text, last_why text,
                   last_seconds double precision, failures integer, worker_seen_at timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    waiting text[];
    seen timestamptz;
BEGIN
    PERFORM auth.require('jobs.manage', NULL);
    waiting := app.jobs_waiting();
    seen := (SELECT max(w.seen_at) FROM app.workers AS w WHERE w.revoked_at IS NULL);
    RETURN QUERY
    SELECT j.name::text, j.title::text, j.every_minutes, j.daily_at, j.next_at, j.name = ANY (waiting),
           (SELECT max(r.started_at) FROM app.job_runs AS r WHERE r.job = j.name AND r.outcome = 'running'),
           l.started_at, l.outcome::text, l.did, l.why, extract(epoch FROM l.finished_at - l.started_at)::double precision,
           j.failures, seen
      FROM app.background_jobs AS j
      LEFT JOIN LATERAL (SELECT r.* FROM app.job_runs AS r WHERE r.job = j.name AND r.outcome <> 'running'
                          ORDER BY r.started_at DESC, r.finished_at DESC LIMIT 1) AS l ON true
     ORDER BY j.place;
END
$$;
COMMENT ON FUNCTION admin.jobs() IS 'Every background job: when it ran, what became of it, when it runs next.';
GRANT EXECUTE ON FUNCTION admin.jobs() TO console_client;

-- The last runs of a job, newest first.
CREATE OR REPLACE FUNCTION admin.job_runs(of_job text, at_most integer DEFAULT 100)
    RETURNS TABLE (id uuid, worker_name text, started_at timestamptz, finished_at timestamptz, outcome text, touched integer,
                   did text, why text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.require('jobs.manage', NULL);
    RETURN QUERY
    SELECT r.id, r.worker_name::text, r.started_at, r.finished_at, r.outcome::text, r.touched, r.did, r.why
      FROM app.job_runs AS r WHERE r.job = of_job ORDER BY r.started_at DESC, r.id LIMIT least(greatest(at_most, 1), 500);
END
$$;
COMMENT ON FUNCTION admin.job_runs(text, integer) IS 'The last runs of a background job.';
GRANT EXECUTE ON FUNCTION admin.job_runs(text, integer) TO console_client;

-- Run a job now; false where it waits for a worker already. Asked twice it runs once.
CREATE OR REPLACE FUNCTION admin.run_job(wanted text) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('jobs.manage', NULL);
    RETURN app.job_queue(wanted);
END
$$;
COMMENT ON FUNCTION admin.run_job(text) IS 'Run a background job as soon as a worker is free.';
GRANT EXECUTE ON FUNCTION admin.run_job(text) TO console_client;

-- A worker's login, like a desk's (admin_devices.sql): made and ended by the administrator's connection with its own rights.
-- `verifier` is the SCRAM verifier of the secret, so that no statement and no log ever holds the secret.
CREATE OR REPLACE FUNCTION admin.worker_enrol(wanted_role name, display_name text, verifier text) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    made uuid;
BEGIN
    IF wanted_role !~ '^nexus_worker_[a-z0-9_]{1,40}$' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That is not the name of a worker''s role.', DETAIL = 'role_name';
    END IF;
    IF verifier !~ '^SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'The worker''s secret has to arrive as a verifier.', DETAIL = 'verifier';
    END IF;
    IF EXISTS (SELECT 1 FROM app.workers AS w WHERE lower(w.name) = lower(btrim(display_name)) AND w.revoked_at IS NULL) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = format('There is already a worker called %s.', btrim(display_name)),
            HINT = 'Choose another name, or revoke that one first.', DETAIL = 'worker_name';
    END IF;
    EXECUTE format('CREATE ROLE %I LOGIN INHERIT NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 24 PASSWORD %L '
                   'IN ROLE console_worker', wanted_role, verifier);
    INSERT INTO app.workers (role_name, name) VALUES (wanted_role, btrim(display_name)) RETURNING id INTO made;
    RETURN made;
END
$$;
COMMENT ON FUNCTION admin.worker_enrol(name, text, text) IS 'Make the login of a worker.';

-- Shut a worker out by its name or role; false where it was already, or where there is none.
CREATE OR REPLACE FUNCTION admin.worker_revoke(wanted text) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    role_of name;
BEGIN
    UPDATE app.workers AS w SET revoked_at = app.now()
     WHERE w.revoked_at IS NULL AND (lower(w.name) = lower(btrim(wanted)) OR w.role_name = wanted)
    RETURNING w.role_name INTO role_of;
    IF role_of IS NULL THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT 1 FROM pg_roles AS r WHERE r.rolname = role_of) THEN
        EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', role_of);
        -- This database's other sessions of it may go on for their transaction, unless they may be ended here.
        BEGIN
            PERFORM pg_terminate_backend(a.pid) FROM pg_stat_activity AS a WHERE a.usename = role_of;
        EXCEPTION WHEN insufficient_privilege THEN
            EXECUTE format('REVOKE console_worker FROM %I', role_of);
        END;
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION admin.worker_revoke(text) IS 'Shut a worker out.';

GRANT EXECUTE ON FUNCTION admin.worker_enrol(name, text, text), admin.worker_revoke(text) TO console_owner;
