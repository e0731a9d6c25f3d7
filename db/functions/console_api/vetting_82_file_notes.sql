-- Since version 0006.
-- What headquarters writes into a venue's file: notes, which never change, and incidents, which are resolved once. Each comes with
-- an id made at the desk, so that one whose answer was lost is written once. docs/design.md, "Screens" (platform).

CREATE OR REPLACE FUNCTION vetting.refuse_empty(words text, most integer, field text, empty text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plain constant text := btrim(coalesce(words, ''), E' \n\r\t');
BEGIN
    IF plain = '' AND empty IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = empty, DETAIL = field;
    ELSIF length(plain) > most THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = format('This is %s characters too long.', length(plain) - most), DETAIL = field;
    END IF;
    RETURN plain;
END
$$;

CREATE OR REPLACE FUNCTION vetting.add_note(note_id uuid, of_venue uuid, words text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    plain text;
    made public.venue_file_notes;
BEGIN
    PERFORM vetting.require_file(of_venue);
    plain := vetting.refuse_empty(words, 4000, 'body', 'Write the note first.');
    INSERT INTO public.venue_file_notes (id, venue_id, body, by_user) VALUES (note_id, of_venue, plain, auth.user_id())
    ON CONFLICT (id) DO NOTHING;
    SELECT n.* INTO made FROM public.venue_file_notes AS n WHERE n.id = note_id;
    IF (made.venue_id, made.by_user, made.body) IS DISTINCT FROM (of_venue, auth.user_id(), plain) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This note is there already.', DETAIL = 'id_reused';
    END IF;
    RETURN vetting.note(made);
END
$$;
COMMENT ON FUNCTION vetting.add_note(uuid, uuid, text) IS 'Add a note of headquarters to a venue''s file.';
GRANT EXECUTE ON FUNCTION vetting.add_note(uuid, uuid, text) TO console_client;

CREATE OR REPLACE FUNCTION vetting.report_incident(
    incident_id uuid, of_venue uuid, happened_on date, severity text, title text, body text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    short text;
    long text;
    made public.venue_incidents;
BEGIN
    PERFORM vetting.require_file(of_venue);
    short := vetting.refuse_empty(title, 150, 'title', 'Say in a few words what happened.');
    long := vetting.refuse_empty(body, 4000, 'body', NULL);
    IF severity IS NULL OR severity NOT IN ('minor', 'serious', 'critical') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say how grave it was.', DETAIL = 'severity';
    ELSIF happened_on IS NULL OR happened_on > vetting.today_at(of_venue) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'Say on which day it happened, today at the latest.', DETAIL = 'happened_on';
    END IF;
    INSERT INTO public.venue_incidents AS i (id, venue_id, happened_on, severity, title, body, reported_by)
    VALUES (incident_id, of_venue, report_incident.happened_on, report_incident.severity, short, long, auth.user_id())
    ON CONFLICT (id) DO NOTHING;
    SELECT i.* INTO made FROM public.venue_incidents AS i WHERE i.id = incident_id;
    IF (made.venue_id, made.reported_by, made.happened_on, made.severity, made.title, made.body)
       IS DISTINCT FROM (of_venue, auth.user_id(), report_incident.happened_on, report_incident.severity, short, long) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This incident is there already.', DETAIL = 'id_reused';
    END IF;
    RETURN vetting.incident(made);
END
$$;
COMMENT ON FUNCTION vetting.report_incident(uuid, uuid, date, text, text, text) IS 'Write down what went wrong at a venue.';
GRANT EXECUTE ON FUNCTION vetting.report_incident(uuid, uuid, date, text, text, text) TO console_client;

CREATE OR REPLACE FUNCTION vetting.resolve_incident(of_incident uuid, at_version integer, resolution text) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    done text;
    i public.venue_incidents;
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    done := vetting.refuse_empty(resolution, 2000, 'resolution', 'Say what was done about it.');
    SELECT x.* INTO i FROM public.venue_incidents AS x WHERE x.id = of_incident FOR UPDATE;
    IF i.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such incident.', DETAIL = 'no_incident';
    END IF;
    PERFORM vetting.refuse_own(i.venue_id);
    IF i.resolved_at IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', HINT = 'Look at it again.', DETAIL = 'resolved', MESSAGE = format(
            '%s has resolved this incident.', (SELECT u.first_name FROM public.users AS u WHERE u.id = i.resolved_by));
    ELSIF i.version IS DISTINCT FROM at_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this incident.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    END IF;
    UPDATE public.venue_incidents AS x SET resolution = done, resolved_by = auth.user_id(), resolved_at = app.now()
     WHERE x.id = of_incident RETURNING x.* INTO i;
    RETURN vetting.incident(i);
END
$$;
COMMENT ON FUNCTION vetting.resolve_incident(uuid, integer, text) IS 'Say what was done about an incident.';
GRANT EXECUTE ON FUNCTION vetting.resolve_incident(uuid, integer, text) TO console_client;
