-- Desks: enrolled and revoked by the administrator's connection only, because both need CREATEROLE, which no desk and no
-- owner of functions has. These therefore run with the administrator's own rights (SECURITY INVOKER) and are granted to
-- nobody but console_owner, of which the administrator is a member.

-- Makes a LOGIN role for a desk and its row; answers the device's id. `verifier` is the SCRAM verifier of the
-- desk's secret, computed by the caller, so that no statement and no log ever holds the secret.
CREATE OR REPLACE FUNCTION admin.device_enrol(role_name name, display_name text, venue uuid, verifier text) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    made uuid;
BEGIN
    IF role_name !~ '^nexus_desk_[a-z0-9_]{1,40}$' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That is not the name of a desk''s role.', DETAIL = 'role_name';
    END IF;
    IF verifier !~ '^SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'The desk''s secret has to arrive as a verifier.', DETAIL = 'verifier';
    END IF;
    IF venue IS NOT NULL AND NOT EXISTS (SELECT 1 FROM public.venues v WHERE v.id = venue) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such venue.', DETAIL = 'venue';
    END IF;
    IF EXISTS (SELECT 1 FROM auth.devices d WHERE lower(d.name) = lower(btrim(display_name))
               AND d.venue_id IS NOT DISTINCT FROM venue AND d.status = 'active') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = format('There is already a desk called %s.', btrim(display_name)),
            HINT = 'Choose another name, or revoke that one first.', DETAIL = 'device_name';
    END IF;
    EXECUTE format('CREATE ROLE %I LOGIN INHERIT NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 6 PASSWORD %L '
                   'IN ROLE console_client', role_name, verifier);
    INSERT INTO auth.devices (role_name, name, venue_id)
    VALUES (role_name, btrim(display_name), venue)
    RETURNING id INTO made;
    RETURN made;
END
$$;

-- Revokes a desk: the row first (every helper looks at it), the sessions on it, then its login, then whoever is still
-- connected. Where the administrator may not end other connections they are harmless: the row already shut them out.
-- Answers false when it was revoked already.
CREATE OR REPLACE FUNCTION admin.device_revoke(device uuid) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    role_of name;
    done boolean;
BEGIN
    SELECT d.role_name INTO role_of FROM auth.devices d WHERE d.id = device;
    IF role_of IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such desk.', DETAIL = 'device';
    END IF;
    UPDATE auth.devices d SET status = 'revoked', revoked_at = app.now() WHERE d.id = device AND d.status = 'active';
    done := FOUND;
    UPDATE auth.person_sessions s SET revoked_at = auth.clock(), revoked_why = 'device_revoked'
     WHERE s.device_id = device AND s.revoked_at IS NULL;
    IF EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = role_of) THEN
        EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', role_of);
        BEGIN
            PERFORM pg_terminate_backend(a.pid) FROM pg_stat_activity a WHERE a.usename = role_of;
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;
        END;
    END IF;
    RETURN done;
END
$$;

-- Every desk there is or was, with how many sessions are open on it.
CREATE OR REPLACE FUNCTION admin.device_list()
    RETURNS TABLE (id uuid, name text, role_name text, venue_name text, status public.device_status,
                   enrolled_at timestamptz, revoked_at timestamptz, signed_in bigint, last_sign_in timestamptz)
    LANGUAGE plpgsql STABLE SECURITY INVOKER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN QUERY
        SELECT d.id, d.name::text, d.role_name::text, v.name::text, d.status, d.enrolled_at, d.revoked_at,
               count(s.id) FILTER (WHERE s.revoked_at IS NULL AND s.expires_at > auth.clock()), max(s.issued_at)
          FROM auth.devices d
          LEFT JOIN public.venues v ON v.id = d.venue_id
          LEFT JOIN auth.person_sessions s ON s.device_id = d.id
         GROUP BY d.id, v.name
         ORDER BY d.status, lower(d.name), d.enrolled_at;
END
$$;

GRANT EXECUTE ON FUNCTION admin.device_enrol(name, text, uuid, text), admin.device_revoke(uuid), admin.device_list()
    TO console_owner;
