-- Signing in: SCRAM-SHA-256 (RFC 5802) in three functions, each in a transaction of its own, because a client may roll back
-- whatever it dislikes. docs/design.md, "Sign-in"; docs/security.md says what each line is there against.
--
-- The messages are those of the RFC, so that the vectors of the RFC hold:
--   client-first-bare            n=<address>,r=<client nonce>
--   server-first                 r=<client nonce><server nonce>,s=<salt, base64>,i=<iterations>
--   client-final-without-proof   c=biws,r=<client nonce><server nonce>

-- A verifier in RFC 5803 form, taken apart; NULL throughout where it is none.
CREATE OR REPLACE FUNCTION auth.parse_verifier(verifier text, OUT iterations integer, OUT salt bytea,
                                               OUT stored_key bytea, OUT server_key bytea)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    parts text[] := regexp_match(verifier, '^SCRAM-SHA-256\$([1-9][0-9]{0,7}):((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$');
BEGIN
    IF parts IS NULL THEN
        RETURN;
    END IF;
    iterations := parts[1]::integer;
    salt := decode(parts[2], 'base64');
    stored_key := decode(parts[3], 'base64');
    server_key := decode(parts[4], 'base64');
END
$$;

-- The key under which attempts on an address are counted, whether or not somebody has it: no address is stored.
CREATE OR REPLACE FUNCTION auth.account_key(address text) RETURNS bytea
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN auth.hmac_sha256((SELECT x.salt_key FROM auth.sign_in_secret x),
                            convert_to('account' || lower(btrim(address)), 'UTF8'));
END
$$;

-- Seconds until this desk may try this account again; 0 when it may. At most 5 failures per account and desk and 30 per
-- desk in 15 minutes; `except_ticket` is left out of the count (a proof does not lock itself out). Attempts of this very
-- transaction do not count either: whoever could see the lock fall by an attempt that is then rolled back could guess for ever.
CREATE OR REPLACE FUNCTION auth.locked_seconds(account bytea, device uuid, except_ticket uuid) RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    per_account constant integer := 5;
    per_device constant integer := 30;
    span constant interval := interval '15 minutes';
    at_now timestamptz := auth.clock();
    account_free timestamptz;
    device_free timestamptz;
BEGIN
    -- Free again when the fifth (thirtieth) youngest failure has left the window.
    SELECT a.at + span INTO account_free
      FROM auth.sign_in_attempts a
     WHERE a.failed AND a.account_key = account AND a.device_id = device AND a.at > at_now - span
       AND a.ticket_id IS DISTINCT FROM except_ticket AND a.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
     ORDER BY a.at DESC OFFSET per_account - 1 LIMIT 1;
    SELECT a.at + span INTO device_free
      FROM auth.sign_in_attempts a
     WHERE a.failed AND a.device_id = device AND a.at > at_now - span
       AND a.ticket_id IS DISTINCT FROM except_ticket AND a.xid IS DISTINCT FROM pg_current_xact_id_if_assigned()
     ORDER BY a.at DESC OFFSET per_device - 1 LIMIT 1;
    RETURN ceil(greatest(0, extract(epoch FROM greatest(account_free, device_free) - at_now)))::integer;
END
$$;

CREATE OR REPLACE FUNCTION auth.refuse_locked(seconds integer) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    minutes integer := ceil(seconds / 60.0)::integer;
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'There were too many failed attempts.',
        HINT = format('Try again in %s minute%s.', minutes, CASE WHEN minutes = 1 THEN '' ELSE 's' END),
        DETAIL = format('locked:%s', seconds);
END
$$;

CREATE OR REPLACE FUNCTION auth.require_device() RETURNS uuid
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    found uuid := auth.device_id();
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'This connection uses the wrong transaction isolation.',
            HINT = 'Use read committed.', DETAIL = 'isolation';
    END IF;
    IF found IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'This desk is no longer enrolled.',
            HINT = 'Ask your administrator to enrol it again.', DETAIL = 'device_revoked';
    END IF;
    RETURN found;
END
$$;

-- First step. An address that nobody has, or whose owner has no password, gets a salt and an iteration count that are its
-- own for ever (a keyed hash of it) and keys that no password has; the ticket is written either way. A disabled
-- account keeps its own salt: nothing visible changes on the day somebody is disabled.
CREATE OR REPLACE FUNCTION auth.sign_in_start(address text, client_nonce text, OUT ticket uuid, OUT salt bytea,
                                              OUT iterations integer, OUT server_nonce text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    device uuid := auth.require_device();
    account bytea;
    secret auth.sign_in_secret;
    person uuid;
    stored text;
    fallback text;
    known record;
    made_up bytea;
    wait integer;
BEGIN
    IF address IS NULL OR length(address) NOT BETWEEN 1 AND 255
       OR client_nonce IS NULL OR client_nonce !~ '^[!-+\x2d-~]{18,128}$' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'That is not an e-mail address.',
            HINT = 'Check what you typed.', DETAIL = 'address';
    END IF;
    account := auth.account_key(address);
    wait := auth.locked_seconds(account, device, NULL);
    IF wait > 0 THEN
        PERFORM auth.refuse_locked(wait);
    END IF;
    SELECT x.* INTO secret FROM auth.sign_in_secret x;
    made_up := auth.hmac_sha256(secret.salt_key, convert_to('salt' || lower(btrim(address)), 'UTF8'));
    -- What is not known is made up in the stored form and then read like a stored one: reading it is most of the work,
    -- and an address that skipped it would be told by its speed.
    fallback := format('SCRAM-SHA-256$%s:%s$%s:%s',
        secret.plausible_iterations[1 + get_byte(made_up, 31) % cardinality(secret.plausible_iterations)],
        encode(substring(made_up FROM 1 FOR 16), 'base64'),
        encode(sha256(uuid_send(gen_random_uuid())), 'base64'), encode(sha256(uuid_send(gen_random_uuid())), 'base64'));
    SELECT u.id, u.password_hash INTO person, stored
      FROM public.users u WHERE lower(u.email) = lower(btrim(address));
    known := auth.parse_verifier(coalesce(stored, fallback));
    IF known.stored_key IS NULL THEN
        known := auth.parse_verifier(fallback);
    END IF;
    IF stored IS NULL THEN
        person := NULL;
    END IF;
    salt := known.salt;
    iterations := known.iterations;
    server_nonce := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');
    INSERT INTO auth.sign_in_tickets (device_id, user_id, account_key, auth_message_start, nonce, stored_key, server_key,
                                      created_at)
    VALUES (device, person, account,
            format('n=%s,r=%s,r=%s%s,s=%s,i=%s', replace(replace(address, '=', '=3D'), ',', '=2C'), client_nonce,
                   client_nonce, server_nonce, replace(encode(salt, 'base64'), E'\n', ''), iterations),
            client_nonce || server_nonce,
            known.stored_key,
            known.server_key,
            auth.clock())
    RETURNING id INTO ticket;
END
$$;

-- Second step: looks at the proof (and the authenticator's or a recovery code), writes one verdict and one attempt
-- whatever came of it, and answers nothing. Rolled back, it has told nothing and used nothing up.
CREATE OR REPLACE FUNCTION auth.sign_in_prove(ticket uuid, proof bytea, code text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    device uuid := auth.require_device();
    span constant interval := interval '15 minutes';
    alert_above constant integer := 10;
    at_now timestamptz := auth.clock();
    t auth.sign_in_tickets;
    message bytea;
    right_password boolean;
    may_sign_in boolean;
    wants_code boolean;
    secret bytea;
    typed text := nullif(regexp_replace(code, '[[:space:]-]', '', 'g'), '');
    last_step bigint;
    step bigint;
    recovery uuid;
    outcome auth.verdict;
    failures integer;
    desks integer;
BEGIN
    SELECT x.* INTO t FROM auth.sign_in_tickets x
     WHERE x.id = sign_in_prove.ticket AND x.device_id = device AND x.created_at > at_now - interval '2 minutes';
    IF t.id IS NULL OR EXISTS (SELECT 1 FROM auth.sign_in_verdicts v WHERE v.ticket_id = t.id) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'That sign-in took too long.', HINT = 'Sign in again.',
            DETAIL = 'ticket';
    END IF;

    message := convert_to(t.auth_message_start || ',c=biws,r=' || t.nonce, 'UTF8');
    IF proof IS NULL OR length(proof) <> 32 THEN
        proof := sha256(''::bytea);
    END IF;
    right_password := auth.same32(sha256(auth.xor32(proof, auth.hmac_sha256(t.stored_key, message))), t.stored_key);

    SELECT u.is_active AND EXISTS (SELECT 1 FROM public.staff_grants g
                                    WHERE g.user_id = u.id AND g.revoked_at IS NULL),
           u.mfa_enabled, auth.base32_decode(u.mfa_secret)
      INTO may_sign_in, wants_code, secret
      FROM public.users u WHERE u.id = t.user_id;
    SELECT max(v.totp_step) INTO last_step FROM auth.sign_in_verdicts v WHERE v.user_id = t.user_id;
    -- A key for accounts without an authenticator, so that the work is the same.
    step := auth.totp_step(coalesce(secret, t.server_key), typed, at_now, last_step);
    SELECT r.id INTO recovery
      FROM auth.recovery_codes r
     WHERE r.user_id = t.user_id AND r.withdrawn_at IS NULL
       AND r.code_hash = sha256(uuid_send(t.user_id) || convert_to(upper(typed), 'UTF8'))
       AND NOT EXISTS (SELECT 1 FROM auth.sign_in_verdicts v WHERE v.recovery_code_id = r.id);

    outcome := CASE
        WHEN NOT coalesce(right_password AND may_sign_in, false) THEN 'refused'
        WHEN NOT wants_code THEN 'granted'
        WHEN typed IS NULL THEN 'code_needed'
        WHEN secret IS NOT NULL AND step IS NOT NULL THEN 'granted'
        WHEN recovery IS NOT NULL THEN 'granted'
        ELSE 'code_wrong' END;

    INSERT INTO auth.sign_in_verdicts (ticket_id, device_id, user_id, verdict, totp_step, recovery_code_id,
                                       server_signature, proved_at)
    VALUES (t.id, device, t.user_id, outcome,
            CASE WHEN outcome = 'granted' AND wants_code THEN step END,
            CASE WHEN outcome = 'granted' AND wants_code AND step IS NULL THEN recovery END,
            auth.hmac_sha256(t.server_key, message), at_now);
    INSERT INTO auth.sign_in_attempts (ticket_id, account_key, device_id, failed, at)
    VALUES (t.id, t.account_key, device, outcome IN ('refused', 'code_wrong'), at_now);

    -- Many failures on one account from several desks: not this desk's fault, so nobody is locked out, but somebody is told.
    -- It looks at earlier attempts only, so the writes still do not depend on this one's outcome.
    SELECT count(*), count(DISTINCT a.device_id) INTO failures, desks
      FROM auth.sign_in_attempts a
     WHERE a.failed AND a.account_key = t.account_key AND a.at > at_now - span
       AND a.xid <> pg_current_xact_id();
    IF failures >= alert_above AND desks > 1
       AND NOT EXISTS (SELECT 1 FROM auth.alerts x WHERE x.account_key = t.account_key AND x.raised_at > at_now - span) THEN
        INSERT INTO auth.alerts (kind, account_key, user_id, devices, failures, raised_at)
        VALUES ('many_failed_sign_ins', t.account_key, t.user_id, desks, failures, at_now);
    END IF;
END
$$;

-- The verdict on a ticket, for whoever may act on it: only a committed one, of this desk, at most two minutes old, and only
-- while the desk is not locked out. Raises in every other case, the same way for every reason that must not be told apart.
CREATE OR REPLACE FUNCTION auth.settled_verdict(ticket uuid) RETURNS auth.sign_in_verdicts
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    device uuid := auth.require_device();
    at_now timestamptz := auth.clock();
    v auth.sign_in_verdicts;
    account bytea;
    wait integer;
BEGIN
    SELECT x.* INTO v FROM auth.sign_in_verdicts x
     WHERE x.ticket_id = settled_verdict.ticket AND x.device_id = device AND x.proved_at > at_now - interval '2 minutes';
    IF v.ticket_id IS NULL OR pg_xact_status(v.proved_xid) IS DISTINCT FROM 'committed' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'That sign-in took too long.', HINT = 'Sign in again.',
            DETAIL = 'ticket';
    END IF;
    SELECT x.account_key INTO account FROM auth.sign_in_tickets x WHERE x.id = v.ticket_id;
    wait := auth.locked_seconds(account, device, v.ticket_id);
    IF wait > 0 THEN
        PERFORM auth.refuse_locked(wait);
    END IF;
    IF v.verdict = 'code_needed' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'Enter the code from your authenticator app.',
            DETAIL = 'code_needed';
    ELSIF v.verdict = 'code_wrong' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'That code is not right.',
            HINT = 'Wait for the next code, or use a recovery code.', DETAIL = 'code_wrong';
    ELSIF v.verdict <> 'granted' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'That e-mail address and password do not match.',
            HINT = 'Check both and try again.', DETAIL = 'wrong_credentials';
    END IF;
    RETURN v;
END
$$;

-- Third step: the token, once, and the server's own proof that it knew the password's verifier.
CREATE OR REPLACE FUNCTION auth.sign_in_finish(ticket uuid, OUT token text, OUT server_signature bytea,
                                               OUT expires_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    lasts constant interval := interval '12 hours';
    at_now timestamptz := auth.clock();
    v auth.sign_in_verdicts;
BEGIN
    v := auth.settled_verdict(sign_in_finish.ticket);
    token := encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
                           || uuid_send(gen_random_uuid())), 'hex');
    server_signature := v.server_signature;
    expires_at := at_now + lasts;
    INSERT INTO auth.person_sessions (user_id, device_id, token_hash, ticket_id, totp_step, recovery_code_id, issued_at,
                                      expires_at)
    VALUES (v.user_id, v.device_id, sha256(convert_to(token, 'UTF8')), v.ticket_id, v.totp_step, v.recovery_code_id,
            at_now, sign_in_finish.expires_at)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'That sign-in took too long.', HINT = 'Sign in again.',
            DETAIL = 'ticket';
    END IF;
END
$$;

GRANT EXECUTE ON FUNCTION auth.sign_in_start(text, text), auth.sign_in_prove(uuid, bytea, text),
    auth.sign_in_finish(uuid) TO console_client;
