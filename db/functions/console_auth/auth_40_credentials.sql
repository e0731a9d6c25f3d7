-- Writing credentials and ending sessions for somebody else. Only console_api may call these: its admin.* functions check
-- who asks, and never see a credential themselves.

CREATE OR REPLACE FUNCTION auth.set_verifier(person uuid, verifier text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require_verifier(verifier);
    UPDATE public.users u SET password_hash = verifier WHERE u.id = person;
END
$$;

-- Ends every open session of a person, or of a desk; says how many there were. `why` is a word of person_sessions.
CREATE OR REPLACE FUNCTION auth.end_sessions(person uuid, device uuid, why text) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    ended integer;
BEGIN
    UPDATE auth.person_sessions s SET revoked_at = auth.clock(), revoked_why = why
     WHERE s.revoked_at IS NULL AND (s.user_id = person OR s.device_id = device);
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END
$$;

-- Sets up an authenticator: a base32 secret of at least 160 bits and the hashes of one-time recovery codes, each
-- sha256(16 bytes of the person's id, then the code in capitals without dashes). Earlier codes stop working. NULL takes it away.
CREATE OR REPLACE FUNCTION auth.set_authenticator(person uuid, secret text, code_hashes bytea[]) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    IF secret IS NOT NULL AND coalesce(length(auth.base32_decode(secret)), 0) < 20 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That authenticator secret is too short.',
            HINT = 'Set the authenticator up again.', DETAIL = 'authenticator';
    END IF;
    UPDATE public.users u SET mfa_secret = secret, mfa_enabled = secret IS NOT NULL WHERE u.id = person;
    UPDATE auth.recovery_codes r SET withdrawn_at = auth.clock() WHERE r.user_id = person AND r.withdrawn_at IS NULL;
    INSERT INTO auth.recovery_codes (user_id, code_hash)
        SELECT person, h FROM unnest(code_hashes) AS h WHERE secret IS NOT NULL;
END
$$;

-- A new channel name for a venue, so that whoever lost access hears nothing more.
CREATE OR REPLACE FUNCTION auth.rotate_channel(venue uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    INSERT INTO auth.venue_channels AS c (venue_id) VALUES (venue)
    ON CONFLICT (venue_id) DO UPDATE SET channel = excluded.channel, rotated_at = auth.clock();
END
$$;

GRANT EXECUTE ON FUNCTION auth.set_verifier(uuid, text), auth.end_sessions(uuid, uuid, text),
    auth.set_authenticator(uuid, text, bytea[]), auth.rotate_channel(uuid) TO console_api;

-- The channel a desk listens on for a venue it may see; NULL for any other.
CREATE OR REPLACE FUNCTION auth.channel_of(venue uuid) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN (SELECT c.channel::text FROM auth.venue_channels c
             WHERE c.venue_id = venue AND c.venue_id = ANY (auth.venue_ids()));
END
$$;

GRANT EXECUTE ON FUNCTION auth.channel_of(uuid) TO console_client;

-- Removes what finished sign-ins leave behind, for the worker: tickets and their verdicts after a day (but for those that
-- used a recovery code up), attempts after thirty. Says how many rows went.
CREATE OR REPLACE FUNCTION auth.tidy_sign_ins() RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    tickets bigint;
    attempts bigint;
BEGIN
    DELETE FROM auth.sign_in_tickets t
     WHERE t.created_at < app.now() - interval '1 day'
       AND NOT EXISTS (SELECT 1 FROM auth.sign_in_verdicts v WHERE v.ticket_id = t.id AND v.recovery_code_id IS NOT NULL);
    GET DIAGNOSTICS tickets = ROW_COUNT;
    DELETE FROM auth.sign_in_attempts a WHERE a.at < app.now() - interval '30 days';
    GET DIAGNOSTICS attempts = ROW_COUNT;
    RETURN tickets + attempts;
END
$$;

GRANT EXECUTE ON FUNCTION auth.tidy_sign_ins() TO console_worker, console_owner;
