-- Since version 0003.
-- Writing to a person, in the transaction of what is written about: either both happened or neither. Called by the functions
-- and triggers that change something, never by a desk. docs/design.md, "Rules of the domain" (schedules, waitlist).

-- The template for a reader: their language, else its first half ("es" for "es-MX"), else English.
CREATE OR REPLACE FUNCTION notify.template_for(key text, by_channel public.notification_channel, preferred text)
    RETURNS public.notification_templates
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lang constant text := lower(preferred);
    found public.notification_templates;
BEGIN
    SELECT t.* INTO found FROM public.notification_templates AS t
     WHERE t.template_key = key AND t.channel = by_channel AND t.is_active
       AND t.language_code IN (lang, split_part(lang, '-', 1), 'en')
     ORDER BY t.language_code = lang DESC, t.language_code = split_part(lang, '-', 1) DESC LIMIT 1;
    RETURN found;
END
$$;

-- Now, or the end of the quiet hours by the reader's clock. Daylight saving moves the instant, never the hour on the wall.
CREATE OR REPLACE FUNCTION notify.not_before(zone text) RETURNS timestamptz
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    local constant timestamp := app.now() AT TIME ZONE zone;
    quiet_from constant time := (SELECT s.value #>> '{}' FROM public.platform_settings AS s WHERE s.key = 'quiet_hours_from');
    quiet_until constant time := (SELECT s.value #>> '{}' FROM public.platform_settings AS s WHERE s.key = 'quiet_hours_until');
    ends_on date := local::date;
BEGIN
    IF quiet_from <= quiet_until THEN
        IF local::time < quiet_from OR local::time >= quiet_until THEN
            RETURN app.now();
        END IF;
    ELSIF local::time >= quiet_from THEN
        ends_on := ends_on + 1;
    ELSIF local::time >= quiet_until THEN
        RETURN app.now();
    END IF;
    RETURN greatest(app.now(), (ends_on + quiet_until) AT TIME ZONE zone);
END
$$;

-- The words a person would read in the console's own messages, for a preview; NULL where they would get none.
CREATE OR REPLACE FUNCTION notify.message(to_user uuid, template text, facts jsonb) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    reader record;
    words public.notification_templates;
    zone text;
BEGIN
    SELECT u.timezone, u.preferred_language INTO reader FROM public.users AS u
     WHERE u.id = to_user AND u.is_active AND u.anonymised_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    words := notify.template_for(template, 'in_app', reader.preferred_language);
    IF words.id IS NULL THEN
        RETURN NULL;
    END IF;
    zone := coalesce((SELECT v.timezone FROM public.venues AS v WHERE v.id = (facts ->> 'venue_id')::uuid), reader.timezone);
    RETURN notify.fill(words.in_app_body, notify.fact_words(facts, zone, words.language_code));
END
$$;
COMMENT ON FUNCTION notify.message(uuid, text, jsonb) IS 'The words somebody would be told something in; writes nothing.';

-- Write to a person, at most once per cause and channel; true where this call wrote something. Held back through the quiet
-- hours, unless a session of the facts begins within a day or the offer in it would run out meanwhile. What a person does not
-- want by mail is written down as such, and who is no longer there gets nothing.
CREATE OR REPLACE FUNCTION notify.tell(
    to_user uuid, template text, facts jsonb, cause text, about_type text DEFAULT NULL, about_id uuid DEFAULT NULL)
    RETURNS boolean
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    reader record;
    words public.notification_templates;
    said jsonb;
    said_in text;
    at_venue constant uuid := facts ->> 'venue_id';
    zone text;
    by_channel public.notification_channel;
    why text;
    is_urgent boolean;
    due timestamptz;
    wrote boolean := false;
BEGIN
    IF nullif(btrim(cause), '') IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A message needs the cause it is about.', DETAIL = 'cause';
    ELSIF NOT EXISTS (SELECT 1 FROM public.notification_templates AS t WHERE t.template_key = template) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = format('There is no message called %s.', template),
            DETAIL = 'template';
    END IF;
    SELECT u.timezone, u.preferred_language, u.notification_preferences INTO reader FROM public.users AS u
     WHERE u.id = to_user AND u.is_active AND u.anonymised_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    zone := coalesce((SELECT v.timezone FROM public.venues AS v WHERE v.id = at_venue), reader.timezone);
    is_urgent := coalesce(least((facts ->> 'starts_at')::timestamptz, (facts ->> 'was_starts_at')::timestamptz)
                          < app.now() + interval '24 hours', false);
    due := notify.not_before(reader.timezone);
    is_urgent := is_urgent OR coalesce((facts ->> 'expires_at')::timestamptz <= due, false);

    FOREACH by_channel IN ARRAY ARRAY['in_app', 'email']::public.notification_channel[] LOOP
        words := notify.template_for(template, by_channel, reader.preferred_language);
        why := CASE WHEN words.id IS NULL THEN 'The message is switched off.'
                    WHEN by_channel = 'email' AND reader.notification_preferences -> 'email' = 'false' THEN 'They do not want mail.' END;
        IF said_in IS DISTINCT FROM words.language_code THEN
            said_in := words.language_code;
            said := notify.fact_words(facts, zone, said_in);
        END IF;
        INSERT INTO public.notifications (user_id, venue_id, template_key, language_code, cause, notification_type, priority, title,
            body, data_payload, channel, related_entity_type, related_entity_id, state, is_sent, sent_at, send_error,
            scheduled_for, next_attempt_at)
        SELECT to_user, at_venue, template, words.language_code, tell.cause, left(template, 50),
            (CASE WHEN is_urgent THEN 'urgent' ELSE 'normal' END)::public.notification_priority,
            left(coalesce(notify.fill(coalesce(words.email_subject, words.in_app_title), said), template), 255),
            coalesce(notify.fill(coalesce(words.email_body_text, words.in_app_body), said), ''),
            facts, by_channel, about_type, about_id,
            (CASE WHEN why IS NOT NULL THEN 'suppressed' WHEN by_channel = 'email' THEN 'waiting' ELSE 'sent' END)::public.delivery_state,
            why IS NULL AND by_channel <> 'email',
            CASE WHEN why IS NULL AND by_channel <> 'email' THEN app.now() END, why,
            CASE WHEN why IS NULL AND by_channel = 'email' AND NOT is_urgent AND due > app.now() THEN due END,
            CASE WHEN why IS NULL AND by_channel = 'email' THEN CASE WHEN is_urgent THEN app.now() ELSE due END END
        ON CONFLICT (cause, user_id, channel) WHERE cause IS NOT NULL DO NOTHING;
        wrote := wrote OR FOUND;
    END LOOP;
    -- A hint for the worker; left out when the server's queue is half full, because a full one would make every commit fail.
    IF wrote AND pg_notification_queue_usage() <= 0.5 THEN
        PERFORM pg_notify('nexus_mail', '');
    END IF;
    RETURN wrote;
END
$$;
COMMENT ON FUNCTION notify.tell(uuid, text, jsonb, text, text, uuid) IS 'Write to somebody about something, once per cause and channel.';
GRANT EXECUTE ON FUNCTION notify.tell(uuid, text, jsonb, text, text, uuid), notify.message(uuid, text, jsonb)
    TO console_owner, console_jobs;
