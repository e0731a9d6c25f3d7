-- Since version 0003.
-- What became of the mail, for those who look after the jobs: never a child's name, never a whole address.

CREATE OR REPLACE FUNCTION notify.masked(address text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN left(address, 1) || '…@' || split_part(address, '@', 2);

-- Messages nobody received for sure, newest first; `before` is the last row of the page before this one.
CREATE OR REPLACE FUNCTION admin.undelivered(
    before_at timestamptz DEFAULT NULL, before_id uuid DEFAULT NULL, at_most integer DEFAULT 200)
    RETURNS TABLE (id uuid, written_at timestamptz, template_key text, template text, venue text, state public.delivery_state,
                   why text, attempts integer, address text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.require('jobs.manage', NULL);
    RETURN QUERY
    SELECT n.id, n.created_at, n.template_key::text,
           coalesce((SELECT t.name FROM public.notification_templates AS t
                      WHERE t.template_key = n.template_key AND t.channel = n.channel AND t.language_code = 'en'),
                    n.notification_type)::text,
           v.name::text, n.state, n.send_error, n.attempts, notify.masked(u.email)
      FROM public.notifications AS n
      JOIN public.users AS u ON u.id = n.user_id
      LEFT JOIN public.venues AS v ON v.id = n.venue_id
     WHERE n.state IN ('failed', 'uncertain')
       AND (before_at IS NULL OR (n.created_at, n.id) < (before_at, before_id))
     ORDER BY n.created_at DESC, n.id DESC LIMIT least(greatest(at_most, 1), 500);
END
$$;
COMMENT ON FUNCTION admin.undelivered(timestamptz, uuid, integer) IS 'Messages that were given up or may not have arrived.';

-- Try one of them again from the start. For one that may have arrived that is a person's decision, never the worker's.
CREATE OR REPLACE FUNCTION admin.send_again(message uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('jobs.manage', NULL);
    UPDATE public.notifications AS n SET state = 'waiting', attempts = 0, next_attempt_at = app.now(), send_error = NULL,
           handed_at = NULL, sent_again_at = app.now(), sent_again_by = auth.user_id()
     WHERE n.id = message AND n.channel = 'email' AND n.state IN ('failed', 'uncertain');
    IF FOUND THEN
        PERFORM pg_notify('nexus_mail', '');
    ELSIF EXISTS (SELECT 1 FROM public.notifications AS n WHERE n.id = message AND n.channel = 'email') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This message is already on its way or was sent.',
            HINT = 'Refresh the list.', DETAIL = 'not_undelivered';
    ELSE
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such message.', DETAIL = 'message';
    END IF;
END
$$;
COMMENT ON FUNCTION admin.send_again(uuid) IS 'Let the worker try an undelivered message again.';

-- How much mail is where. `held` waits for the end of somebody's quiet hours and is part of `waiting`.
CREATE OR REPLACE FUNCTION admin.mail_counts(
    OUT waiting integer, OUT held integer, OUT sending integer, OUT sent_today integer, OUT failed integer, OUT uncertain integer,
    OUT oldest_due timestamptz)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM auth.require('jobs.manage', NULL);
    SELECT count(*), count(*) FILTER (WHERE n.scheduled_for > app.now()),
           min(n.next_attempt_at) FILTER (WHERE n.next_attempt_at <= app.now())
      INTO waiting, held, oldest_due
      FROM public.notifications AS n WHERE n.state = 'waiting' AND n.channel = 'email' AND n.next_attempt_at IS NOT NULL;
    SELECT count(*) INTO sending FROM public.notifications AS n WHERE n.state = 'sending';
    SELECT count(*) INTO sent_today FROM public.notifications AS n
     WHERE n.state = 'sent' AND n.channel = 'email' AND n.sent_at > app.now() - interval '24 hours';
    SELECT count(*) FILTER (WHERE n.state = 'failed'), count(*) FILTER (WHERE n.state = 'uncertain') INTO failed, uncertain
      FROM public.notifications AS n WHERE n.state IN ('failed', 'uncertain');
END
$$;
COMMENT ON FUNCTION admin.mail_counts() IS 'How much mail waits, was sent in the last 24 hours, or did not arrive.';
GRANT EXECUTE ON FUNCTION admin.undelivered(timestamptz, uuid, integer), admin.send_again(uuid), admin.mail_counts() TO console_client;
