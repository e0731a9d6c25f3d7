-- Since version 0006.
-- The people whose background is checked: named by the venue, answered by headquarters. First names only.
-- docs/design.md, "Rules of the domain" (compliance).

-- One of them, of the version it was read at.
CREATE OR REPLACE FUNCTION vetting.checked_person(of_venue uuid, wanted uuid, its_version integer)
    RETURNS public.background_checks
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    b public.background_checks;
BEGIN
    SELECT q.* INTO b FROM public.background_checks AS q WHERE q.id = wanted AND q.venue_id = of_venue FOR NO KEY UPDATE;
    IF b.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such person here.', DETAIL = 'no_person';
    ELSIF b.version IS DISTINCT FROM its_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this person.', HINT = 'Look again.',
            DETAIL = 'version_changed';
    END IF;
    RETURN b;
END
$$;

-- What changing somebody leaves to do.
CREATE OR REPLACE FUNCTION vetting.people_changed(of_venue uuid, kind text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM vetting.write_event(of_venue, NULL, kind, '{}', NULL, 'background_checks');
    PERFORM vetting.settle_requirements(of_venue);
    PERFORM vetting.copy_checks(of_venue);
END
$$;

-- Name somebody, set right what was said of them while nothing came back, or order a new check after it did. An answer there is
-- counts until it runs out, for the same person only.
CREATE OR REPLACE FUNCTION vetting.put_person(
    of_venue uuid, person_id uuid, its_version integer, name text, job text, ordered date) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    said_name constant text := nullif(notify.one_line(name), '');
    said_job constant text := nullif(notify.one_line(job), '');
    b public.background_checks;
BEGIN
    PERFORM vetting.reach(of_venue);
    IF said_name IS NULL OR length(said_name) > 100 THEN
        PERFORM vetting.refuse_field('first_name', 'Give the first name, at most 100 characters.');
    ELSIF said_job IS NULL OR length(said_job) > 100 THEN
        PERFORM vetting.refuse_field('works_as', 'Say what they work as, at most 100 characters.');
    ELSIF ordered IS NULL OR ordered > vetting.today_at(of_venue) OR ordered < vetting.today_at(of_venue) - 3653 THEN
        PERFORM vetting.refuse_field('ordered_on', 'Say on which day the check was ordered.');
    END IF;
    PERFORM vetting.lock_papers(of_venue);
    IF person_id IS NULL THEN
        IF (SELECT count(*) FROM public.background_checks AS q WHERE q.venue_id = of_venue AND q.left_on IS NULL) >= 200 THEN
            RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'There are 200 people already.', HINT = 'Take out who left.',
                DETAIL = 'too_many_people';
        END IF;
        INSERT INTO public.background_checks (venue_id, first_name, works_as, ordered_on)
        VALUES (of_venue, said_name, said_job, ordered) RETURNING * INTO b;
        PERFORM vetting.people_changed(of_venue, 'person_named');
    ELSE
        b := vetting.checked_person(of_venue, person_id, its_version);
        IF b.decided_on > ordered THEN
            PERFORM vetting.refuse_field('ordered_on', format('The check came back on %s; a new one is ordered after that.',
                                                              vetting.day_words(b.decided_on)));
        END IF;
        UPDATE public.background_checks AS q
           SET first_name = said_name, works_as = said_job, ordered_on = ordered, result = 'pending', decided_on = NULL,
               expires_on = CASE WHEN lower(said_name) = lower(q.first_name) THEN q.expires_on END
         WHERE q.id = b.id RETURNING q.* INTO b;
        PERFORM vetting.people_changed(of_venue, 'person_changed');
    END IF;
    RETURN vetting.person(b);
END
$$;
COMMENT ON FUNCTION vetting.put_person(uuid, uuid, integer, text, text, date) IS 'Name somebody whose background is checked.';
GRANT EXECUTE ON FUNCTION vetting.put_person(uuid, uuid, integer, text, text, date) TO console_client;

CREATE OR REPLACE FUNCTION vetting.person_left(of_venue uuid, person_id uuid, its_version integer, on_day date) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    b public.background_checks;
BEGIN
    PERFORM vetting.reach(of_venue);
    IF on_day IS NULL OR NOT isfinite(on_day) OR abs(on_day - vetting.today_at(of_venue)) > 3653 THEN
        PERFORM vetting.refuse_field('left_on', 'Say on which day they left.');
    END IF;
    PERFORM vetting.lock_papers(of_venue);
    b := vetting.checked_person(of_venue, person_id, its_version);
    UPDATE public.background_checks AS q SET left_on = on_day WHERE q.id = b.id;
    PERFORM vetting.people_changed(of_venue, 'person_left');
END
$$;
COMMENT ON FUNCTION vetting.person_left(uuid, uuid, integer, date) IS 'Somebody works there no longer; their check counts no more.';
GRANT EXECUTE ON FUNCTION vetting.person_left(uuid, uuid, integer, date) TO console_client;

CREATE OR REPLACE FUNCTION vetting.check_came_back(
    of_venue uuid, person_id uuid, its_version integer, is_clear boolean, on_day date, until date) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    b public.background_checks;
BEGIN
    PERFORM auth.require('compliance.manage', NULL);
    PERFORM vetting.reach(of_venue);
    PERFORM vetting.refuse_own(of_venue);
    PERFORM vetting.lock_papers(of_venue);
    PERFORM vetting.refuse_claimed(of_venue);
    b := vetting.checked_person(of_venue, person_id, its_version);
    IF b.result <> 'pending' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This check came back already.', DETAIL = 'came_back';
    ELSIF is_clear IS NULL THEN
        PERFORM vetting.refuse_field('clear', 'Say how it came back.');
    ELSIF on_day IS NULL OR on_day < b.ordered_on OR on_day > vetting.today_at(of_venue) THEN
        PERFORM vetting.refuse_field('decided_on', format('Choose a day from %s to today.', vetting.day_words(b.ordered_on)));
    ELSIF until <= on_day OR until > on_day + 3653 THEN
        PERFORM vetting.refuse_field('expires_on', 'It holds for some days at least, and for ten years at most.');
    END IF;
    UPDATE public.background_checks AS q
       SET result = CASE WHEN is_clear THEN 'clear' ELSE 'failed' END, decided_on = on_day,
           expires_on = CASE WHEN is_clear THEN until END
     WHERE q.id = b.id RETURNING q.* INTO b;
    PERFORM vetting.people_changed(of_venue, CASE WHEN is_clear THEN 'check_clear' ELSE 'check_failed' END);
    RETURN vetting.person(b);
END
$$;
COMMENT ON FUNCTION vetting.check_came_back(uuid, uuid, integer, boolean, date, date)
    IS 'A background check has its answer; headquarters only.';
GRANT EXECUTE ON FUNCTION vetting.check_came_back(uuid, uuid, integer, boolean, date, date) TO console_client;
