-- What PostgreSQL allows everybody, taken away from everybody. Applied last, by the administrator, to this database and to
-- the two of the cluster that every role could otherwise enter. Where the administrator may not (a provider without a superuser),
-- each item is left as it is and `db check` lists it. docs/security.md says what each is there against.

DO $privileges$
DECLARE
    statement text;
    name_of_database text;
    item record;
BEGIN
    FOREACH name_of_database IN ARRAY ARRAY[current_database()::text, 'postgres', 'template1'] LOOP
        IF EXISTS (SELECT 1 FROM pg_catalog.pg_database d
                   WHERE d.datname = name_of_database
                     AND EXISTS (SELECT 1 FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
                                 WHERE a.grantee = 0 AND a.privilege_type IN ('CONNECT', 'TEMPORARY'))) THEN
            BEGIN
                EXECUTE format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', name_of_database);
            EXCEPTION WHEN insufficient_privilege THEN
                NULL;
            END;
        END IF;
    END LOOP;
    BEGIN
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO console_client, console_worker', current_database());
        -- A materialised view that is refreshed beside its readers keeps the difference in a temporary table of its owner's.
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO console_owner', current_database());
    EXCEPTION WHEN insufficient_privilege THEN
        NULL;
    END;

    -- Large objects fill the disk, advisory locks starve others, terminate and cancel end another desk's work (all desks share
    -- a parent role), logical messages fill the log, activity shows other desks' statements.
    FOR item IN
        SELECT p.oid::regprocedure::text AS signature,
               p.proname ~ '^pg_(try_)?advisory' AS is_lock
        FROM pg_catalog.pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace
          AND (p.proname IN ('pg_terminate_backend', 'pg_cancel_backend', 'pg_logical_emit_message',
                             'pg_stat_get_activity', 'loread', 'lowrite')
               OR p.proname ~ '^(lo_|pg_(try_)?advisory)')
          AND EXISTS (SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                      WHERE a.grantee = 0)
    LOOP
        BEGIN
            EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', item.signature);
            IF item.is_lock THEN
                EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO console_owner, console_api, console_jobs', item.signature);
            END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;
        END;
    END LOOP;

    FOREACH statement IN ARRAY ARRAY[
        'REVOKE ALL ON pg_catalog.pg_stat_activity FROM PUBLIC',
        'REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC',
        'GRANT USAGE ON LANGUAGE plpgsql TO console_owner, console_auth, console_api, console_jobs']
    LOOP
        BEGIN
            EXECUTE statement;
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;
        END;
    END LOOP;
END
$privileges$;
