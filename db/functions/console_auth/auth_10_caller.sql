-- Who is asking. Every policy and every definer function ends up here, once per statement, so each helper is a single
-- indexed look-up, without an EXCEPTION block (a subtransaction per row would cost more than the query).
-- docs/design.md, "The database": the token lies in the GUC nexus.token, set as a bound parameter by the pool.

-- The instant now, also inside a transaction that has been open for an hour: app.now() alone stands still there, and an
-- attacker could keep an expired token or an old attempt window alive with it.
CREATE OR REPLACE FUNCTION auth.clock() RETURNS timestamptz
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN app.now() + (clock_timestamp() - now());
END
$$;

-- Whether the connection is the administrator's (a member of console_owner), as the command line and the migrations are.
CREATE OR REPLACE FUNCTION auth.is_administrator() RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN pg_has_role(session_user, 'console_owner', 'MEMBER');
END
$$;

-- The signed-in person and desk of this connection; every field NULL where the token is absent, forged, expired, revoked,
-- another device's, or the person or the device has been disabled. A snapshot that outlives a statement would
-- still see a token that has been revoked since, hence read committed only.
CREATE OR REPLACE FUNCTION auth.caller(OUT session_id uuid, OUT user_id uuid, OUT device_id uuid, OUT bound_venue_id uuid)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    token text := current_setting('nexus.token', true);
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'This connection uses the wrong transaction isolation.',
            HINT = 'Use read committed.', DETAIL = 'isolation';
    END IF;
    IF token IS NULL OR token = '' THEN
        RETURN;
    END IF;
    SELECT s.id, s.user_id, s.device_id, d.venue_id
      INTO session_id, user_id, device_id, bound_venue_id
      FROM auth.person_sessions s
      JOIN auth.devices d ON d.id = s.device_id
      JOIN public.users u ON u.id = s.user_id
     WHERE s.token_hash = sha256(convert_to(token, 'UTF8'))
       AND s.revoked_at IS NULL
       AND s.expires_at > auth.clock()
       AND d.role_name = session_user
       AND d.status = 'active'
       AND u.is_active;
END
$$;

CREATE OR REPLACE FUNCTION auth.user_id() RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN (auth.caller()).user_id;
END
$$;

CREATE OR REPLACE FUNCTION auth.person_session_id() RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN (auth.caller()).session_id;
END
$$;

-- The desk this connection logged in as, signed in or not; NULL once it is revoked and for everybody who is no desk.
CREATE OR REPLACE FUNCTION auth.device_id() RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN (SELECT d.id FROM auth.devices d WHERE d.role_name = session_user AND d.status = 'active');
END
$$;

-- The venues where somebody has this permission, or with NULL any grant: a venue's role gives its venue, a platform role all
-- of them. A desk bound to a venue never reaches another one, whoever signs in there. Never NULL. For functions that
-- have asked auth.caller() already; what it is asked about others is nobody's to know.
CREATE OR REPLACE FUNCTION auth.venues_of(person uuid, bound_venue uuid, wanted auth.permission) RETURNS uuid[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    found uuid[];
BEGIN
    IF wanted IS NULL THEN
        found := ARRAY(SELECT DISTINCT g.venue_id FROM public.staff_grants g
                        WHERE g.user_id = person AND g.revoked_at IS NULL);
    ELSE
        found := ARRAY(SELECT DISTINCT g.venue_id
                         FROM public.staff_grants g
                         JOIN auth.role_permissions p ON p.role = g.role AND p.permission = wanted
                        WHERE g.user_id = person AND g.revoked_at IS NULL);
    END IF;
    IF array_position(found, NULL) IS NOT NULL THEN
        RETURN CASE WHEN bound_venue IS NULL THEN ARRAY(SELECT v.id FROM public.venues v) ELSE ARRAY[bound_venue] END;
    END IF;
    IF bound_venue IS NOT NULL THEN
        RETURN CASE WHEN bound_venue = ANY (found) THEN ARRAY[bound_venue] ELSE '{}'::uuid[] END;
    END IF;
    RETURN found;
END
$$;

-- The venues where the caller has any grant.
CREATE OR REPLACE FUNCTION auth.venue_ids() RETURNS uuid[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me record := auth.caller();
BEGIN
    IF me.user_id IS NULL AND auth.is_administrator() THEN
        RETURN ARRAY(SELECT v.id FROM public.venues v);
    END IF;
    RETURN auth.venues_of(me.user_id, me.bound_venue_id, NULL);
END
$$;

-- The venues where the caller has this permission: what the policy of a table compares its venue_id with. A person who
-- manages one venue and does the books of another sees payouts of the second only.
CREATE OR REPLACE FUNCTION auth.venue_ids(wanted auth.permission) RETURNS uuid[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me record := auth.caller();
BEGIN
    IF me.user_id IS NULL AND auth.is_administrator() THEN
        RETURN ARRAY(SELECT v.id FROM public.venues v);
    ELSIF wanted IS NULL THEN
        RETURN '{}';
    END IF;
    RETURN auth.venues_of(me.user_id, me.bound_venue_id, wanted);
END
$$;

-- Whether the caller has this permission at any venue the desk can reach, or across the platform.
CREATE OR REPLACE FUNCTION auth.has(wanted auth.permission) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me record := auth.caller();
BEGIN
    IF me.user_id IS NULL THEN
        RETURN auth.is_administrator();
    END IF;
    RETURN EXISTS (SELECT 1
                     FROM public.staff_grants g
                     JOIN auth.role_permissions p ON p.role = g.role AND p.permission = wanted
                    WHERE g.user_id = me.user_id AND g.revoked_at IS NULL
                      AND (me.bound_venue_id IS NULL OR g.venue_id IS NULL OR g.venue_id = me.bound_venue_id));
END
$$;

-- Whether the caller has this permission at this venue. With NULL for the venue it asks for the whole platform: a
-- platform role, on a desk that is not bound to a venue.
CREATE OR REPLACE FUNCTION auth.has(wanted auth.permission, at_venue uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me record := auth.caller();
BEGIN
    IF me.user_id IS NULL THEN
        RETURN auth.is_administrator();
    END IF;
    IF me.bound_venue_id IS DISTINCT FROM at_venue AND me.bound_venue_id IS NOT NULL THEN
        RETURN false;
    END IF;
    RETURN EXISTS (SELECT 1
                     FROM public.staff_grants g
                     JOIN auth.role_permissions p ON p.role = g.role AND p.permission = wanted
                    WHERE g.user_id = me.user_id AND g.revoked_at IS NULL
                      AND (g.venue_id IS NULL OR g.venue_id = at_venue));
END
$$;

-- Raises NX403 unless the caller has the permission at the venue (NULL: across the platform). DETAIL tells the console
-- what to do next: device_revoked (wipe), signed_out (sign in again), not_permitted.
CREATE OR REPLACE FUNCTION auth.require(wanted auth.permission, at_venue uuid) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    IF auth.has(wanted, at_venue) THEN
        RETURN;
    END IF;
    IF auth.device_id() IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'This desk is no longer enrolled.',
            HINT = 'Ask your administrator to enrol it again.', DETAIL = 'device_revoked';
    ELSIF auth.user_id() IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'You are signed out.', HINT = 'Sign in again.',
            DETAIL = 'signed_out';
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'You may not do that here.',
        HINT = 'Ask a manager.', DETAIL = 'not_permitted';
END
$$;

GRANT EXECUTE ON FUNCTION auth.caller(), auth.user_id(), auth.person_session_id(), auth.device_id(), auth.venue_ids(),
    auth.venue_ids(auth.permission), auth.has(auth.permission), auth.has(auth.permission, uuid),
    auth.require(auth.permission, uuid), auth.is_administrator(), auth.clock()
    TO console_owner, console_api, console_jobs, console_worker, console_client;
GRANT EXECUTE ON FUNCTION auth.venues_of(uuid, uuid, auth.permission) TO console_api;
