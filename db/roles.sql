-- The roles of the cluster, made or mended at every upgrade, by the administrator.
-- Nothing here logs in: a workstation's own LOGIN role joins console_client when it is enrolled.
-- Each GRANT is made only where it is missing, so that two databases of one cluster can be upgraded side by side.

DO $roles$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['console_owner', 'console_auth', 'console_api', 'console_jobs',
                                  'console_worker', 'console_client']
    LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database of this cluster made it in the same moment
            END;
        END IF;
    END LOOP;

    -- The administrator creates objects in the name of the four owners (SET ROLE), so it has to be a member of each;
    -- a superuser is one of everything.
    FOREACH wanted IN ARRAY ARRAY['console_owner', 'console_auth', 'console_api', 'console_jobs']
    LOOP
        IF NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
           AND NOT pg_catalog.pg_has_role(current_user, wanted, 'USAGE') THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
        -- Of these only NOLOGIN and the absence of every attribute make them safe to own things.
        IF EXISTS (SELECT 1 FROM pg_catalog.pg_roles
                   WHERE rolname = wanted AND (rolcanlogin OR rolsuper OR rolbypassrls OR rolcreaterole)) THEN
            EXECUTE format('ALTER ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE', wanted);
        END IF;
    END LOOP;
END
$roles$;
