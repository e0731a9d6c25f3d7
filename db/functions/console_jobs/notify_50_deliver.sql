-- Since version 0003.
-- Handing mail to a server, at most once. A message is leased, then marked as handed over, then its words go out; what stays
-- between the last two is uncertain and never sent again by itself. Only here does an address leave the database.

-- Take up to `at_most` messages that are due, most urgent first. Two callers never get the same one. What an earlier caller
-- left behind is put right first: not yet handed over goes back to waiting, handed over without an answer is uncertain.
CREATE OR REPLACE FUNCTION notify.claim(at_most integer)
    RETURNS TABLE (id uuid, lease uuid, address text, subject text, body text, language text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    mine constant uuid := gen_random_uuid();
BEGIN
    WITH left_behind AS (
        SELECT n.id FROM public.notifications AS n
         WHERE n.state = 'sending' AND n.leased_at < app.now() - interval '10 minutes' ORDER BY n.id FOR UPDATE SKIP LOCKED)
    UPDATE public.notifications AS n
       SET state = (CASE WHEN n.handed_at IS NULL THEN 'waiting' ELSE 'uncertain' END)::public.delivery_state,
           send_error = CASE WHEN n.handed_at IS NOT NULL THEN 'The worker stopped while it was being sent.' END,
           lease = NULL, leased_at = NULL
      FROM left_behind AS l WHERE n.id = l.id;
    WITH due AS (
        SELECT n.id FROM public.notifications AS n
         WHERE n.state = 'waiting' AND n.channel = 'email' AND n.next_attempt_at <= app.now()
         ORDER BY n.priority DESC, n.next_attempt_at, n.id LIMIT at_most FOR UPDATE SKIP LOCKED)
    UPDATE public.notifications AS n
       SET state = (CASE WHEN u.is_active AND u.anonymised_at IS NULL THEN 'sending' ELSE 'suppressed' END)::public.delivery_state,
           send_error = CASE WHEN NOT u.is_active OR u.anonymised_at IS NOT NULL THEN 'Their account is closed.' END,
           lease = CASE WHEN u.is_active AND u.anonymised_at IS NULL THEN mine END,
           leased_at = CASE WHEN u.is_active AND u.anonymised_at IS NULL THEN app.now() END
      FROM due AS d, public.users AS u WHERE n.id = d.id AND u.id = n.user_id;
    RETURN QUERY
    SELECT n.id, n.lease, u.email::text, n.title::text, n.body, coalesce(n.language_code, 'en')::text
      FROM public.notifications AS n JOIN public.users AS u ON u.id = n.user_id
     WHERE n.state = 'sending' AND n.lease = mine ORDER BY n.priority DESC, n.next_attempt_at, n.id;
END
$$;
COMMENT ON FUNCTION notify.claim(integer) IS 'Take messages that are due, with their addresses, for sending.';

-- How many are due now.
CREATE OR REPLACE FUNCTION notify.waiting() RETURNS integer
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    RETURN (SELECT count(*)::integer FROM public.notifications AS n
             WHERE n.state = 'waiting' AND n.channel = 'email' AND n.next_attempt_at <= app.now());
END
$$;
COMMENT ON FUNCTION notify.waiting() IS 'How much mail is due.';

-- Its words go out now. False where the lease is no longer the caller's: then they must not.
CREATE OR REPLACE FUNCTION notify.handing(message uuid, its_lease uuid) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.notifications AS n SET handed_at = app.now(), leased_at = app.now()
     WHERE n.id = message AND n.lease = its_lease AND n.handed_at IS NULL;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION notify.handing(uuid, uuid) IS 'Mark a leased message as handed to the server, just before it is.';

-- A server has taken it. Said late, it still counts: a message thought uncertain was sent after all.
CREATE OR REPLACE FUNCTION notify.delivered(message uuid, provider_id text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.notifications AS n
       SET state = 'sent', is_sent = true, sent_at = app.now(), external_delivery_id = left(provider_id, 255), send_error = NULL,
           attempts = n.attempts + 1, lease = NULL, leased_at = NULL
     WHERE n.id = message AND n.state IN ('sending', 'uncertain') AND n.handed_at IS NOT NULL;
END
$$;
COMMENT ON FUNCTION notify.delivered(uuid, text) IS 'A server has accepted a message.';

-- Why something was not sent, without the address that servers like to repeat.
CREATE OR REPLACE FUNCTION notify.without_address(why text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN left(btrim(regexp_replace(regexp_replace(why, '\S*@\S*', '…', 'g'), '[[:cntrl:][:space:]]+', ' ', 'g')), 300);

-- It was not sent, for sure: by whoever holds the lease, because somebody else may be sending it by now. Not permanent: again
-- after 1, 5, 15, 60 minutes and 4 hours, then it is given up.
CREATE OR REPLACE FUNCTION notify.failed(message uuid, its_lease uuid, why text, permanent boolean) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.notifications AS n
       SET state = (CASE WHEN permanent OR n.attempts >= 5 THEN 'failed' ELSE 'waiting' END)::public.delivery_state,
           next_attempt_at = CASE WHEN permanent OR n.attempts >= 5 THEN NULL
                                  ELSE app.now() + (ARRAY[1, 5, 15, 60, 240])[n.attempts + 1] * interval '1 minute' END,
           send_error = notify.without_address(why), attempts = n.attempts + 1, handed_at = NULL, lease = NULL, leased_at = NULL
     WHERE n.id = message AND n.state = 'sending' AND n.lease = its_lease;
END
$$;
COMMENT ON FUNCTION notify.failed(uuid, uuid, text, boolean) IS 'A message was refused or no server was there; tried again later unless permanent.';

-- It may or may not have been sent: nobody knows, so nobody tries again by itself.
CREATE OR REPLACE FUNCTION notify.uncertain(message uuid, its_lease uuid, why text) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    UPDATE public.notifications AS n
       SET state = 'uncertain', send_error = notify.without_address(why), attempts = n.attempts + 1, lease = NULL, leased_at = NULL
     WHERE n.id = message AND n.state = 'sending' AND n.lease = its_lease AND n.handed_at IS NOT NULL;
END
$$;
COMMENT ON FUNCTION notify.uncertain(uuid, uuid, text) IS 'Whether a message arrived cannot be known.';

-- Give back what of a lease was not handed over: the round ends early.
CREATE OR REPLACE FUNCTION notify.give_back(its_lease uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    given integer;
BEGIN
    UPDATE public.notifications AS n SET state = 'waiting', lease = NULL, leased_at = NULL
     WHERE n.state = 'sending' AND n.lease = its_lease AND n.handed_at IS NULL;
    GET DIAGNOSTICS given = ROW_COUNT;
    RETURN given;
END
$$;
COMMENT ON FUNCTION notify.give_back(uuid) IS 'Return the messages of a lease that nobody has begun to send; how many.';
GRANT EXECUTE ON FUNCTION notify.claim(integer), notify.waiting(), notify.handing(uuid, uuid), notify.delivered(uuid, text),
    notify.failed(uuid, uuid, text, boolean), notify.uncertain(uuid, uuid, text), notify.give_back(uuid) TO console_worker;
