-- People who work with the console: accounts, grants, passwords. For a signed-in person with people.manage across the platform,
-- and for the administrator's connection (the command line, and the first account of all). A password arrives as a
-- verifier, an authenticator's recovery codes as hashes; neither is seen by these functions' owner.

-- The person with this address; raises NX404.
CREATE OR REPLACE FUNCTION admin.person_id(address text) RETURNS uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    found uuid;
BEGIN
    PERFORM auth.require('people.manage', NULL);
    SELECT u.id INTO found FROM public.users u WHERE lower(u.email) = lower(btrim(address));
    IF found IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'Nobody has that e-mail address.', DETAIL = 'person';
    END IF;
    RETURN found;
END
$$;

-- A new member of staff, without a password and without a grant yet; answers the id.
CREATE OR REPLACE FUNCTION admin.user_add(address text, first_name text, last_name text, is_platform boolean) RETURNS uuid
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    made uuid;
BEGIN
    PERFORM auth.require('people.manage', NULL);
    IF address IS NULL OR btrim(address) !~ '^[^@[:space:]]+@[^@[:space:]]+$' OR length(btrim(address)) > 255 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That is not an e-mail address.', DETAIL = 'address';
    END IF;
    IF nullif(btrim(first_name), '') IS NULL OR nullif(btrim(last_name), '') IS NULL
       OR length(first_name) > 100 OR length(last_name) > 100 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A first and a last name are needed.', DETAIL = 'name';
    END IF;
    INSERT INTO public.users (email, first_name, last_name, role)
    VALUES (btrim(address), btrim(user_add.first_name), btrim(user_add.last_name),
            CASE WHEN is_platform THEN 'platform_admin' ELSE 'venue_admin' END::public.user_role)
    ON CONFLICT DO NOTHING
    RETURNING id INTO made;
    IF made IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody already has that e-mail address.',
            HINT = 'Give that person a grant instead.', DETAIL = 'address_taken';
    END IF;
    RETURN made;
END
$$;

-- Lets a person act in a role, at a venue or (platform roles) everywhere. Nobody gives themselves anything. Answers
-- false when the person had it already.
CREATE OR REPLACE FUNCTION admin.user_grant(person uuid, given public.staff_role, venue uuid) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    is_platform constant boolean := given IN ('platform_admin', 'platform_finance');
BEGIN
    PERFORM auth.require('people.manage', NULL);
    PERFORM admin.require_other(person);
    IF is_platform AND venue IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That role is for the whole platform; leave the venue out.',
            DETAIL = 'venue';
    ELSIF NOT is_platform AND venue IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That role needs a venue.', DETAIL = 'venue';
    ELSIF NOT EXISTS (SELECT 1 FROM public.users u WHERE u.id = person) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such person.', DETAIL = 'person';
    ELSIF venue IS NOT NULL AND NOT EXISTS (SELECT 1 FROM public.venues v WHERE v.id = venue) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such venue.', DETAIL = 'venue';
    END IF;
    INSERT INTO public.staff_grants (user_id, role, venue_id, granted_by)
    VALUES (person, given, venue, auth.user_id())
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

-- Takes a grant back; the venue's announcements move to a new channel, so that the person hears no more of them. Answers
-- false when there was none.
CREATE OR REPLACE FUNCTION admin.user_ungrant(person uuid, taken public.staff_role, venue uuid) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('people.manage', NULL);
    PERFORM admin.require_other(person);
    UPDATE public.staff_grants g SET revoked_at = app.now(), revoked_by = auth.user_id()
     WHERE g.user_id = person AND g.role = taken AND g.venue_id IS NOT DISTINCT FROM venue AND g.revoked_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM auth.rotate_channel(v.id) FROM public.venues v WHERE v.id = venue OR venue IS NULL;
    RETURN true;
END
$$;

-- Sets a password that the caller has chosen for somebody, as a verifier, and ends every session of that person.
CREATE OR REPLACE FUNCTION admin.user_set_password(person uuid, verifier text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('people.manage', NULL);
    PERFORM admin.require_other(person);
    IF NOT EXISTS (SELECT 1 FROM public.users u WHERE u.id = person AND u.role IN ('venue_admin', 'platform_admin')) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such member of staff.', DETAIL = 'person';
    END IF;
    PERFORM auth.set_verifier(person, verifier);
    PERFORM auth.end_sessions(person, NULL, 'password_changed');
END
$$;

-- Sets an authenticator up for somebody, or (secret NULL) takes it away.
CREATE OR REPLACE FUNCTION admin.user_set_authenticator(person uuid, secret text, code_hashes bytea[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('people.manage', NULL);
    PERFORM admin.require_other(person);
    PERFORM auth.set_authenticator(person, secret, code_hashes);
END
$$;

-- Lets an account sign in, or not any more; disabling ends every session and moves the channels of the person's venues.
CREATE OR REPLACE FUNCTION admin.user_set_active(person uuid, active boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('people.manage', NULL);
    PERFORM admin.require_other(person);
    UPDATE public.users u SET is_active = active WHERE u.id = person;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such person.', DETAIL = 'person';
    END IF;
    IF NOT active THEN
        PERFORM auth.end_sessions(person, NULL, 'disabled');
        PERFORM auth.rotate_channel(v.id) FROM public.venues v
          WHERE EXISTS (SELECT 1 FROM public.staff_grants g
                         WHERE g.user_id = person AND g.revoked_at IS NULL AND (g.venue_id = v.id OR g.venue_id IS NULL));
    END IF;
END
$$;

-- Ends every session of somebody; says how many there were.
CREATE OR REPLACE FUNCTION admin.user_sign_out(person uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('people.manage', NULL);
    RETURN auth.end_sessions(person, NULL, 'administrator');
END
$$;

-- Everybody with a grant, now or once.
CREATE OR REPLACE FUNCTION admin.user_list()
    RETURNS TABLE (id uuid, first_name text, last_name text, email text, is_active boolean, has_authenticator boolean,
                   grants jsonb, last_sign_in timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('people.manage', NULL);
    RETURN QUERY
        SELECT u.id, u.first_name::text, u.last_name::text, u.email::text, u.is_active, u.mfa_enabled,
               (SELECT coalesce(jsonb_agg(jsonb_build_object('role', g.role, 'venue_id', g.venue_id, 'venue_name', v.name)
                                          ORDER BY g.granted_at), '[]')
                  FROM public.staff_grants g LEFT JOIN public.venues v ON v.id = g.venue_id
                 WHERE g.user_id = u.id AND g.revoked_at IS NULL),
               (SELECT max(s.issued_at) FROM auth.person_sessions s WHERE s.user_id = u.id)
          FROM public.users u
         WHERE u.role IN ('venue_admin', 'platform_admin')
         ORDER BY lower(u.first_name), lower(u.last_name), u.id;
END
$$;

-- One's own rights, password and authenticator are somebody else's to change: a desk left unlocked is not a way to keep them.
CREATE OR REPLACE FUNCTION admin.require_other(person uuid) RETURNS void
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    IF person = auth.user_id() THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'You may not do that to your own account.',
            HINT = 'Ask another administrator.', DETAIL = 'own_account';
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION admin.person_id(text), admin.user_add(text, text, text, boolean),
    admin.user_grant(uuid, public.staff_role, uuid), admin.user_ungrant(uuid, public.staff_role, uuid),
    admin.user_set_password(uuid, text), admin.user_set_authenticator(uuid, text, bytea[]),
    admin.user_set_active(uuid, boolean), admin.user_sign_out(uuid), admin.user_list() TO console_client, console_owner;
