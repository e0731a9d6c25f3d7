-- Every upgrade says again, from nothing, who may read and write what: a grant or a policy that a file no longer names is gone.

DO $reset$
DECLARE
    found record;
    one_schema text;
BEGIN
    FOR found IN
        SELECT p.schemaname, p.tablename, p.policyname FROM pg_catalog.pg_policies AS p
        WHERE p.schemaname IN ('public', 'app', 'auth', 'jobs')
    LOOP
        EXECUTE format('DROP POLICY %I ON %I.%I', found.policyname, found.schemaname, found.tablename);
    END LOOP;
    FOREACH one_schema IN ARRAY ARRAY['public', 'app', 'auth', 'jobs'] LOOP
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA %I FROM PUBLIC, console_auth, console_api, console_jobs, '
                       'console_worker, console_client', one_schema);
    END LOOP;
END
$reset$;
