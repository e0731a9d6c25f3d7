-- Since version 0006.
-- What happens to a venue is written down once and told once; opening a case and hearing the venue's answer. Everything here
-- but the last is internal: who may is the callers' to ask. docs/design.md, "Rules of the domain" (compliance).

-- A number among the platform's settings.
CREATE OR REPLACE FUNCTION vetting.number_of(setting text) RETURNS numeric
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN (SELECT (s.value #>> '{}')::numeric FROM public.platform_settings AS s WHERE s.key = setting);

-- The day it is at a venue.
CREATE OR REPLACE FUNCTION vetting.today_at(of_venue uuid) RETURNS date
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN (SELECT (app.now() AT TIME ZONE v.timezone)::date FROM public.venues AS v WHERE v.id = of_venue);

-- Whether a venue never opened: it waits, or it was turned down.
CREATE OR REPLACE FUNCTION vetting.is_unopened(of_venue uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN EXISTS (SELECT 1 FROM public.venues AS v WHERE v.id = of_venue AND v.status IN ('pending_approval', 'rejected'));

CREATE OR REPLACE FUNCTION vetting.write_event(
    of_venue uuid, of_case uuid, kind text, facts jsonb DEFAULT '{}', reason text DEFAULT NULL,
    requirement public.requirement_kind DEFAULT NULL, by_user uuid DEFAULT auth.user_id()) RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO public.venue_events (venue_id, case_id, kind, facts, reason, requirement, by_user)
    VALUES (of_venue, of_case, kind, jsonb_strip_nulls(facts), nullif(btrim(reason), ''), requirement, by_user)
    RETURNING id INTO made;
    RETURN made;
END
$$;

-- Who hears what is decided about a venue: its managers and whoever applied for it, unless they have left since it opened.
CREATE OR REPLACE FUNCTION vetting.people_of(of_venue uuid) RETURNS SETOF uuid
    LANGUAGE sql STABLE ROWS 3
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT g.user_id FROM public.staff_grants AS g
     WHERE g.venue_id = of_venue AND g.role = 'manager' AND g.revoked_at IS NULL
    UNION
    SELECT a.applicant_id FROM public.venue_applications AS a
     WHERE a.venue_id = of_venue AND a.applicant_id IS NOT NULL
       AND (vetting.is_unopened(of_venue)
            OR EXISTS (SELECT 1 FROM public.staff_grants AS g
                        WHERE g.user_id = a.applicant_id AND g.revoked_at IS NULL AND (g.venue_id IS NULL OR g.venue_id = of_venue)))
$$;

-- Nobody decides about a venue they work at, whatever else they may.
CREATE OR REPLACE FUNCTION vetting.works_at(of_venue uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN EXISTS (SELECT 1 FROM public.staff_grants AS g
                WHERE g.user_id = auth.user_id() AND g.venue_id = of_venue AND g.revoked_at IS NULL);

CREATE OR REPLACE FUNCTION vetting.refuse_own(of_venue uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF vetting.works_at(of_venue) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX403', MESSAGE = 'You work at this venue yourself.',
            HINT = 'Somebody else of headquarters has to decide.', DETAIL = 'own_venue';
    END IF;
END
$$;

-- Tell them, once per cause. The venue's name is always among the facts.
CREATE OR REPLACE FUNCTION vetting.tell_venue(of_venue uuid, template text, facts jsonb, cause text) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    said constant jsonb := jsonb_strip_nulls(facts) || jsonb_build_object('venue_id', of_venue,
        'venue', (SELECT v.name FROM public.venues AS v WHERE v.id = of_venue));
    one uuid;
BEGIN
    FOR one IN SELECT p.id FROM vetting.people_of(of_venue) AS p (id) ORDER BY p.id LOOP
        PERFORM notify.tell(one, template, said, cause, 'venue', of_venue);
    END LOOP;
END
$$;

-- Whether the person who asks applied for this venue, which is not theirs to manage before it is approved; from then on what they
-- may there is what they are granted.
CREATE OR REPLACE FUNCTION vetting.is_applicant(of_venue uuid) RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN vetting.is_unopened(of_venue)
    AND EXISTS (SELECT 1 FROM public.venue_applications AS a
                 WHERE a.venue_id = of_venue AND a.applicant_id = auth.user_id() AND a.state = 'submitted');

-- When something opened or answered now is to be decided by.
CREATE OR REPLACE FUNCTION vetting.due_from_now() RETURNS timestamptz
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN app.now() + vetting.number_of('approval_service_days') * interval '1 day';

-- The open case of a kind, made where there is none. The venue hears of those it did not begin itself.
CREATE OR REPLACE FUNCTION vetting.open_case(
    of_venue uuid, of_kind public.case_kind, note text DEFAULT NULL, by_user uuid DEFAULT auth.user_id()) RETURNS uuid
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made uuid;
BEGIN
    INSERT INTO public.venue_cases (venue_id, kind, opened_by, due_at)
    VALUES (of_venue, of_kind, by_user, vetting.due_from_now())
    ON CONFLICT (venue_id, kind) WHERE state <> 'decided' DO NOTHING
    RETURNING id INTO made;
    IF made IS NULL THEN
        RETURN (SELECT c.id FROM public.venue_cases AS c
                 WHERE c.venue_id = of_venue AND c.kind = of_kind AND c.state <> 'decided');
    END IF;
    PERFORM vetting.write_event(of_venue, made, 'case_opened', jsonb_build_object('kind', of_kind), note, NULL, by_user);
    IF of_kind = 'yearly_check' THEN
        PERFORM vetting.tell_venue(of_venue, 'case_opened', '{}', 'case_opened:' || made);
    END IF;
    RETURN made;
END
$$;

-- The venue answered: whatever it was asked for waits for headquarters again, with a new term. True where something did.
CREATE OR REPLACE FUNCTION vetting.answered(of_venue uuid, note text, by_user uuid DEFAULT auth.user_id()) RETURNS boolean
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one uuid;
    done boolean := false;
BEGIN
    FOR one IN SELECT c.id FROM public.venue_cases AS c WHERE c.venue_id = of_venue AND c.state = 'asked'
                ORDER BY c.id FOR UPDATE LOOP
        UPDATE public.venue_cases AS c SET state = 'open', due_at = vetting.due_from_now() WHERE c.id = one;
        PERFORM vetting.write_event(of_venue, one, 'answered', '{}', note, NULL, by_user);
        done := true;
    END LOOP;
    RETURN done;
END
$$;

-- One line of a venue's history as a person reads it. Reasons stand beside it, not in it.
CREATE OR REPLACE FUNCTION vetting.event_words(kind text, facts jsonb, requirement public.requirement_kind) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    what constant text := CASE requirement
        WHEN 'insurance' THEN 'Insurance' WHEN 'background_checks' THEN 'Background checks'
        WHEN 'safety_audit' THEN 'Safety audit' WHEN 'reverification' THEN 'Yearly re-verification'
        WHEN 'payout_account' THEN 'Payout account' END;
    of_case constant text := CASE facts ->> 'kind'
        WHEN 'yearly_check' THEN 'Yearly check' WHEN 'reinstatement' THEN 'Reinstatement'
        WHEN 'renewal' THEN 'Renewal' ELSE 'New venue' END;
BEGIN
    RETURN CASE kind
        WHEN 'application_received' THEN 'Applied'
        WHEN 'application_imported' THEN 'Came in with an import'
        WHEN 'application_changed' THEN 'Application changed'
        WHEN 'application_withdrawn' THEN 'Application withdrawn'
        WHEN 'case_opened' THEN of_case || ' opened'
        WHEN 'claimed' THEN 'Claimed'
        WHEN 'released' THEN 'Given back'
        WHEN 'answered' THEN 'The venue answered'
        WHEN 'approved' THEN of_case || ' approved'
        WHEN 'approved_with_exception' THEN of_case || ' approved with an exception'
        WHEN 'rejected' THEN of_case || ' rejected'
        WHEN 'changes_asked' THEN 'Asked for changes'
        WHEN 'excepted' THEN coalesce(what, 'Requirement') || coalesce(' excepted until ' || to_char((facts ->> 'until')::date,
                             'FMDD Mon YYYY'), ' excepted')
        WHEN 'suspended' THEN 'Suspended'
        WHEN 'suspended_by_rule' THEN 'Suspended because a requirement had expired'
        WHEN 'reinstated' THEN 'Reinstated'
        WHEN 'filed' THEN coalesce(what, 'Requirement') || ' filed'
        WHEN 'filing_withdrawn' THEN coalesce(what, 'Requirement') || ' taken back'
        WHEN 'filing_accepted' THEN coalesce(what, 'Requirement') || ' accepted'
        WHEN 'filing_declined' THEN coalesce(what, 'Requirement') || ' declined'
        WHEN 'reminded' THEN coalesce(what, 'Requirement') || coalesce(': reminded ' || (facts ->> 'days') || ' days ahead',
                             ': reminded')
        WHEN 'expired' THEN coalesce(what, 'Requirement') || ' expired'
        WHEN 'suspension_coming' THEN 'Told that it will be suspended'
        WHEN 'person_named' THEN 'Somebody to be checked was added'
        WHEN 'person_changed' THEN 'Somebody is checked anew'
        WHEN 'person_left' THEN 'Somebody who was checked left'
        WHEN 'check_clear' THEN 'A background check came back clear'
        WHEN 'check_failed' THEN 'A background check was not clear'
        ELSE concat_ws(': ', what, upper(left(kind, 1)) || replace(substr(kind, 2), '_', ' ')) END;
END
$$;
COMMENT ON FUNCTION vetting.event_words(text, jsonb, public.requirement_kind) IS 'A line of a venue''s history as a person reads it.';

-- Words to begin a decision from.
CREATE OR REPLACE FUNCTION vetting.templates(of_decision text)
    RETURNS TABLE (id uuid, version integer, decision text, title text, body text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    RETURN QUERY SELECT t.id, t.version, t.decision::text, t.title::text, t.body FROM public.decision_templates AS t
                  WHERE t.decision = of_decision AND t.is_active ORDER BY t.position, t.title;
END
$$;
COMMENT ON FUNCTION vetting.templates(text) IS 'Words to begin a decision from.';
GRANT EXECUTE ON FUNCTION vetting.templates(text) TO console_client;
