-- What a signed-in person does about their own account, and what a desk may know before anybody signs in.

-- Ends this connection's session, or with `everywhere` every session of the person. Says whether there was one.
CREATE OR REPLACE FUNCTION auth.sign_out(everywhere boolean DEFAULT false) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me record := auth.caller();
BEGIN
    IF me.user_id IS NULL THEN
        RETURN false;
    END IF;
    UPDATE auth.person_sessions s
       SET revoked_at = auth.clock(),
           revoked_why = CASE WHEN everywhere THEN 'signed_out_everywhere' ELSE 'signed_out' END
     WHERE s.user_id = me.user_id AND s.revoked_at IS NULL AND (everywhere OR s.id = me.session_id);
    RETURN true;
END
$$;

-- The signed-in person with everything a window needs to decide what to show; raises NX403 when nobody is signed in.
CREATE OR REPLACE FUNCTION auth.whoami() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me record := auth.caller();
    reachable uuid[];
BEGIN
    IF me.user_id IS NULL THEN
        PERFORM auth.require_device();
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'You are signed out.', HINT = 'Sign in again.',
            DETAIL = 'signed_out';
    END IF;
    reachable := auth.venue_ids();
    RETURN (
        SELECT jsonb_build_object(
            'id', u.id, 'first_name', u.first_name, 'last_name', u.last_name, 'email', u.email,
            'language', u.preferred_language, 'mfa', u.mfa_enabled,
            'grants', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'venue_id', g.venue_id,
                                  'permissions', (SELECT coalesce(jsonb_agg(p.permission ORDER BY p.permission), '[]')
                                                    FROM auth.role_permissions p WHERE p.role = g.role))
                                  ORDER BY g.role, g.granted_at), '[]')
                         FROM public.staff_grants g
                        WHERE g.user_id = u.id AND g.revoked_at IS NULL
                          AND (g.venue_id IS NULL OR g.venue_id = ANY (reachable))),
            'venues', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'name', v.name, 'slug', v.slug,
                                  'timezone', v.timezone, 'status', v.status) ORDER BY v.name, v.id), '[]')
                         FROM public.venues v WHERE v.id = ANY (reachable)),
            'device', (SELECT jsonb_build_object('id', d.id, 'name', d.name, 'venue_id', d.venue_id)
                         FROM auth.devices d WHERE d.id = me.device_id),
            'session', (SELECT jsonb_build_object('id', s.id, 'issued_at', s.issued_at, 'expires_at', s.expires_at)
                          FROM auth.person_sessions s WHERE s.id = me.session_id),
            'demo', EXISTS (SELECT 1 FROM auth.demo_accounts),
            'server_time', auth.clock())
        FROM public.users u WHERE u.id = me.user_id);
END
$$;

-- What the sign-in page shows of this desk before anybody is signed in.
CREATE OR REPLACE FUNCTION auth.this_device() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    device uuid := auth.require_device();
BEGIN
    RETURN (SELECT jsonb_build_object('id', d.id, 'name', d.name, 'venue_id', d.venue_id, 'venue_name', v.name,
                       'timezone', v.timezone, 'demo', EXISTS (SELECT 1 FROM auth.demo_accounts),
                       'server_time', auth.clock())
              FROM auth.devices d LEFT JOIN public.venues v ON v.id = d.venue_id
             WHERE d.id = device);
END
$$;

-- The accounts of a demo database, for its sign-in page; no rows anywhere else. Dropped first, because a function that
-- answers other columns than before cannot be replaced.
DROP FUNCTION IF EXISTS auth.demo_accounts();
CREATE OR REPLACE FUNCTION auth.demo_accounts()
    RETURNS TABLE (first_name text, email text, role public.staff_role, venue_name text, password text,
                   asks_code boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require_device();
    RETURN QUERY
        SELECT u.first_name::text, u.email::text, g.role, v.name::text, a.password::text, u.mfa_enabled
          FROM auth.demo_accounts a
          JOIN public.users u ON u.id = a.user_id AND u.is_active
          CROSS JOIN LATERAL (SELECT x.role, x.venue_id FROM public.staff_grants x
                               WHERE x.user_id = u.id AND x.revoked_at IS NULL
                               ORDER BY x.granted_at, x.id LIMIT 1) g
          LEFT JOIN public.venues v ON v.id = g.venue_id
         ORDER BY a.position;
END
$$;

-- Checks what a client computed from a new password; raises NX422 where it is weaker than the rule.
CREATE OR REPLACE FUNCTION auth.require_verifier(verifier text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    p record := auth.parse_verifier(verifier);
BEGIN
    IF p.stored_key IS NULL OR p.iterations < 600000 OR p.iterations > 10000000 OR length(p.salt) < 16 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That password could not be stored safely.',
            HINT = 'Update the console and try again.', DETAIL = 'verifier';
    END IF;
END
$$;

-- The person signed in here, where `ticket` is a fresh proof of theirs (start and prove, without finish); raises NX403.
CREATE OR REPLACE FUNCTION auth.proved_person(ticket uuid) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    me record := auth.caller();
    v auth.sign_in_verdicts;
BEGIN
    IF me.user_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'You are signed out.', HINT = 'Sign in again.',
            DETAIL = 'signed_out';
    END IF;
    v := auth.settled_verdict(proved_person.ticket);
    IF v.user_id IS DISTINCT FROM me.user_id THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'That e-mail address and password do not match.',
            HINT = 'Check both and try again.', DETAIL = 'wrong_credentials';
    END IF;
    RETURN me.user_id;
END
$$;

-- A new password for the person signed in here, after a fresh proof of the present one. Every other session of the person
-- ends.
CREATE OR REPLACE FUNCTION auth.change_password(ticket uuid, verifier text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    person uuid := auth.proved_person(change_password.ticket);
    me record := auth.caller();
BEGIN
    PERFORM auth.require_verifier(verifier);
    UPDATE public.users u SET password_hash = change_password.verifier WHERE u.id = person;
    UPDATE auth.person_sessions s SET revoked_at = auth.clock(), revoked_why = 'password_changed'
     WHERE s.user_id = person AND s.revoked_at IS NULL AND s.id <> me.session_id;
END
$$;

-- A new authenticator for the person signed in here, after a fresh proof as for a new password; the codes of the old one
-- stop working. `code` is what the new one shows now: a secret that did not arrive in the app must not lock its owner out.
-- NULL for the secret takes the authenticator away.
DROP FUNCTION IF EXISTS auth.change_authenticator(uuid, text, bytea[]);
CREATE OR REPLACE FUNCTION auth.change_authenticator(ticket uuid, secret text, code text, code_hashes bytea[])
    RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    person uuid := auth.proved_person(change_authenticator.ticket);
BEGIN
    IF secret IS NOT NULL
        AND auth.totp_step(auth.base32_decode(secret), coalesce(code, ''), auth.clock(), NULL) IS NULL
    THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That is not the code your app shows for this desk.',
            HINT = 'Scan the picture again, or wait for the next code.', DETAIL = 'new_code_wrong';
    END IF;
    PERFORM auth.set_authenticator(person, secret, code_hashes);
END
$$;

-- New recovery codes for the authenticator of the person signed in here, after a fresh proof; earlier ones stop working.
CREATE OR REPLACE FUNCTION auth.change_recovery_codes(ticket uuid, code_hashes bytea[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    person uuid := auth.proved_person(change_recovery_codes.ticket);
    present text := (SELECT u.mfa_secret FROM public.users u WHERE u.id = person AND u.mfa_enabled);
BEGIN
    IF present IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'You have no authenticator.',
            HINT = 'Set one up first.', DETAIL = 'no_authenticator';
    END IF;
    PERFORM auth.set_authenticator(person, present, code_hashes);
END
$$;

GRANT EXECUTE ON FUNCTION auth.change_authenticator(uuid, text, text, bytea[]),
    auth.change_recovery_codes(uuid, bytea[]) TO console_client;
GRANT EXECUTE ON FUNCTION auth.sign_out(boolean), auth.whoami(), auth.this_device(), auth.demo_accounts(),
    auth.change_password(uuid, text) TO console_client;
