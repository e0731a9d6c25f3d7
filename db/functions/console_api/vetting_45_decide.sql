-- Since version 0006.
-- Claiming a case and deciding it, once. Locks go case, venue, requirements in the order of the checklist. docs/design.md,
-- "Rules of the domain" (compliance).

-- An instant for a sentence, by the clock of the person who asks.
CREATE OR REPLACE FUNCTION vetting.clock_words(at timestamptz) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    zone constant text := coalesce((SELECT u.timezone FROM public.users AS u WHERE u.id = auth.user_id()), 'UTC');
    local constant timestamp := at AT TIME ZONE zone;
BEGIN
    RETURN CASE WHEN local::date = (app.now() AT TIME ZONE zone)::date THEN to_char(local, 'HH24:MI')
                ELSE to_char(local, 'FMDD Mon YYYY, HH24:MI') END;
END
$$;

-- A case for change: locked, not decided, and not in somebody else's hands. Whoever comes second hears who was first.
CREATE OR REPLACE FUNCTION vetting.lock_case(of_case uuid) RETURNS public.venue_cases
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    c public.venue_cases;
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    SELECT x.* INTO c FROM public.venue_cases AS x WHERE x.id = of_case FOR UPDATE;
    IF c.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such case.', DETAIL = 'no_case';
    ELSIF c.state = 'decided' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'decided_already', HINT = 'The queue shows what is left.',
            MESSAGE = format('%s %s this at %s.',
                coalesce((SELECT u.first_name FROM public.users AS u WHERE u.id = c.decided_by), 'Somebody'),
                CASE c.outcome WHEN 'rejected' THEN 'rejected' WHEN 'withdrawn' THEN 'withdrew' ELSE 'approved' END,
                vetting.clock_words(c.decided_at));
    ELSIF c.claimed_until > app.now() AND c.claimed_by <> auth.user_id() THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'claimed', HINT = 'Take another one, or wait.',
            MESSAGE = format('%s holds this until %s.',
                (SELECT u.first_name FROM public.users AS u WHERE u.id = c.claimed_by), vetting.clock_words(c.claimed_until));
    END IF;
    RETURN c;
END
$$;

CREATE OR REPLACE FUNCTION vetting.refuse_case_version(kept integer, expected integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF kept IS DISTINCT FROM expected THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Something about this case has changed.',
            HINT = 'Look at it again.', DETAIL = 'version_changed';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION vetting.put_claim(of_case uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    UPDATE public.venue_cases AS c SET
        claimed_by = auth.user_id(), claimed_at = app.now(),
        claimed_until = app.now() + vetting.number_of('approval_claim_minutes') * interval '1 minute'
     WHERE c.id = of_case;
END
$$;

-- Take a case, or keep it longer. A second claim of the same person needs no version: it has just changed it itself.
CREATE OR REPLACE FUNCTION vetting.claim(of_case uuid, expected integer)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, city text, kind text, state text,
                   opened_at timestamptz, due_at timestamptz, standings jsonb, claimed_by text, claimed_by_me boolean,
                   claimed_until timestamptz, outcome text, decided_at timestamptz, decided_by text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    c constant public.venue_cases := vetting.lock_case(of_case);
BEGIN
    PERFORM vetting.refuse_own(c.venue_id);
    IF coalesce(c.claimed_until <= app.now(), true) THEN
        PERFORM vetting.refuse_case_version(c.version, expected);
        PERFORM vetting.write_event(c.venue_id, c.id, 'claimed');
    END IF;
    PERFORM vetting.put_claim(c.id);
    RETURN QUERY SELECT r.* FROM vetting.case_rows(ARRAY[of_case]) AS r;
END
$$;
COMMENT ON FUNCTION vetting.claim(uuid, integer) IS 'Take a case for a while.';

CREATE OR REPLACE FUNCTION vetting.release(of_case uuid, expected integer)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, city text, kind text, state text,
                   opened_at timestamptz, due_at timestamptz, standings jsonb, claimed_by text, claimed_by_me boolean,
                   claimed_until timestamptz, outcome text, decided_at timestamptz, decided_by text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    c constant public.venue_cases := vetting.lock_case(of_case);
BEGIN
    IF c.claimed_by IS NOT NULL THEN
        PERFORM vetting.refuse_case_version(c.version, expected);
        UPDATE public.venue_cases AS x SET claimed_by = NULL, claimed_at = NULL, claimed_until = NULL WHERE x.id = of_case;
        IF c.claimed_until > app.now() THEN
            PERFORM vetting.write_event(c.venue_id, c.id, 'released');
        END IF;
    END IF;
    RETURN QUERY SELECT r.* FROM vetting.case_rows(ARRAY[of_case]) AS r;
END
$$;
COMMENT ON FUNCTION vetting.release(uuid, integer) IS 'Give a case back.';

-- Claim the most urgent open case that nobody holds; no row where there is none. Two who ask at once get two.
CREATE OR REPLACE FUNCTION vetting.next_case(other_than uuid DEFAULT NULL)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, city text, kind text, state text,
                   opened_at timestamptz, due_at timestamptz, standings jsonb, claimed_by text, claimed_by_me boolean,
                   claimed_until timestamptz, outcome text, decided_at timestamptz, decided_by text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    now constant timestamptz := app.now();
    me constant uuid := auth.user_id();
    c record;
BEGIN
    PERFORM auth.require('venues.approve', NULL);
    SELECT x.id, x.venue_id INTO c FROM public.venue_cases AS x
     WHERE x.state = 'open' AND (x.claimed_until IS NULL OR x.claimed_until <= now) AND x.id IS DISTINCT FROM other_than
       AND NOT EXISTS (SELECT 1 FROM public.staff_grants AS g
                        WHERE g.venue_id = x.venue_id AND g.user_id = me AND g.revoked_at IS NULL)
     ORDER BY x.due_at, x.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF c.id IS NOT NULL THEN
        PERFORM vetting.write_event(c.venue_id, c.id, 'claimed');
        PERFORM vetting.put_claim(c.id);
        RETURN QUERY SELECT r.* FROM vetting.case_rows(ARRAY[c.id]) AS r;
    END IF;
END
$$;
COMMENT ON FUNCTION vetting.next_case(uuid) IS 'Claim the most urgent open case.';

-- Which requirements of a venue are met, as a list of those that are not.
CREATE OR REPLACE FUNCTION vetting.unmet(of_venue uuid) RETURNS public.requirement_kind[]
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN ARRAY(
    SELECT k.kind FROM unnest(enum_range(NULL::public.requirement_kind)) AS k (kind)
     WHERE NOT EXISTS (SELECT 1 FROM public.venue_requirements AS r
                        WHERE r.venue_id = of_venue AND r.requirement = k.kind
                          AND r.state IN ('satisfied', 'expiring', 'excepted'))
     ORDER BY k.kind);

CREATE OR REPLACE FUNCTION vetting.requirement_words(kinds public.requirement_kind[]) RETURNS text
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN (SELECT string_agg(CASE k.kind WHEN 'insurance' THEN 'insurance' WHEN 'background_checks' THEN 'background checks'
                                      WHEN 'safety_audit' THEN 'safety audit' WHEN 'payout_account' THEN 'payout account'
                                      ELSE 'yearly re-verification' END, ', ' ORDER BY k.kind)
          FROM unnest(kinds) AS k (kind));

-- Refuse an approval unless all is met. `seen` is where the requirements stood when they were looked at.
CREATE OR REPLACE FUNCTION vetting.require_met(of_venue uuid, seen jsonb) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    lacking constant public.requirement_kind[] := vetting.unmet(of_venue);
    lost constant public.requirement_kind[] := ARRAY(SELECT k.kind FROM unnest(lacking) AS k (kind)
        WHERE seen ->> k.kind::text IN ('satisfied', 'expiring', 'excepted'));
BEGIN
    IF cardinality(lost) > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'requirement_changed', HINT = 'Look at it again.',
            MESSAGE = format('Since you looked, this is no longer met: %s.', vetting.requirement_words(lost));
    ELSIF cardinality(lacking) > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'not_met', HINT = 'Except it with a reason, or ask the venue for it.',
            MESSAGE = format('This is not met: %s.', vetting.requirement_words(lacking));
    END IF;
END
$$;

-- Waive what is not met: each needs a day after today and within a year. The last of the days, which the venue is told.
CREATE OR REPLACE FUNCTION vetting.put_waivers(of_venue uuid, of_case uuid, waivers jsonb, reason text) RETURNS date
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    today constant date := vetting.today_at(of_venue);
    lacking constant public.requirement_kind[] := vetting.unmet(of_venue);
    kind public.requirement_kind;
    until date;
    soonest date;
BEGIN
    IF cardinality(lacking) = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'All is met.', HINT = 'Approve it without an exception.',
            DETAIL = 'all_met';
    END IF;
    FOREACH kind IN ARRAY lacking LOOP
        BEGIN
            SELECT (w.value ->> 'until')::date INTO until FROM jsonb_array_elements(waivers) AS w (value)
             WHERE w.value ->> 'requirement' = kind::text LIMIT 1;
        EXCEPTION WHEN invalid_datetime_format OR datetime_field_overflow THEN
            until := NULL;
        END;
        IF until IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'not_met', HINT = 'Say until when it is excepted.',
                MESSAGE = format('This is not met either: %s.', vetting.requirement_words(ARRAY[kind]));
        ELSIF until <= today OR until > (today + interval '1 year')::date THEN
            RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'An exception ends after today and within a year.',
                DETAIL = 'until';
        END IF;
        UPDATE public.venue_requirements AS r SET
            state = 'excepted', excepted_until = until, exception_reason = reason, exception_ended_on = NULL,
            grace_until = NULL, reminders_sent = '{}', decided_by = auth.user_id(), decided_at = app.now()
         WHERE r.venue_id = of_venue AND r.requirement = kind;
        PERFORM vetting.write_event(of_venue, of_case, 'excepted', jsonb_build_object('until', until), reason, kind);
        soonest := least(soonest, until);
    END LOOP;
    RETURN soonest;
END
$$;

-- What an approval makes of the venue. A new one opens and its applicant manages it; a reinstated one is open again.
CREATE OR REPLACE FUNCTION vetting.open_venue(c public.venue_cases) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v public.venues;
    applicant uuid;
    missing text[];
    today constant date := vetting.today_at(c.venue_id);
BEGIN
    SELECT x.* INTO v FROM public.venues AS x WHERE x.id = c.venue_id;
    IF (c.kind = 'new_venue' AND v.status <> 'pending_approval') OR (c.kind = 'reinstatement' AND v.status <> 'suspended') THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'The venue is no longer what it was when this case was opened.',
            HINT = 'Look at it again.', DETAIL = 'version_changed';
    END IF;
    missing := ARRAY(SELECT jsonb_array_elements_text(vetting.venue_facts(v.id) -> 'missing'));
    IF c.kind IN ('new_venue', 'reinstatement') AND cardinality(missing) > 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'incomplete', HINT = 'Ask the venue for it.',
            MESSAGE = format('The venue cannot open without: %s.', array_to_string(missing, ', '));
    END IF;
    UPDATE public.venues AS x SET
        status = CASE WHEN c.kind IN ('new_venue', 'reinstatement') THEN 'active' ELSE x.status END,
        approved_at = CASE WHEN c.kind = 'new_venue' THEN app.now() ELSE x.approved_at END,
        suspended_at = CASE WHEN c.kind = 'reinstatement' THEN NULL ELSE x.suspended_at END,
        suspension_reason = CASE WHEN c.kind = 'reinstatement' THEN NULL ELSE x.suspension_reason END,
        last_verification_date = today,
        next_verification_due = (today + vetting.number_of('reverification_months') * interval '1 month')::date
     WHERE x.id = v.id;
    -- A venue that is open again is suggested again where its newest score allows it.
    PERFORM scores.settle_standing(ARRAY[v.id], (SELECT f.threshold FROM public.score_formulas AS f ORDER BY f.version DESC LIMIT 1));
    IF c.kind = 'new_venue' THEN
        SELECT a.applicant_id INTO applicant FROM public.venue_applications AS a
         WHERE a.venue_id = v.id AND a.applicant_id IS NOT NULL;
        -- Headquarters may apply for somebody; that makes nobody of headquarters a manager.
        IF applicant IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM public.staff_grants AS g
                 WHERE g.user_id = applicant AND g.revoked_at IS NULL AND (g.venue_id IS NULL OR g.venue_id = v.id
                       AND g.role = 'manager')) THEN
            INSERT INTO public.staff_grants (user_id, role, venue_id, granted_by)
            VALUES (applicant, 'manager', v.id, auth.user_id());
        END IF;
        UPDATE public.venues AS x SET primary_admin_user_id = applicant
         WHERE x.id = v.id AND x.primary_admin_user_id IS NULL AND applicant IS NOT NULL;
    END IF;
END
$$;

-- Decide a case. `verdict`: decision (approve, except, reject, ask), feedback, waivers [{requirement, until}], seen (where each
-- requirement stood when it was looked at). Whoever decides holds the case; the venue is told in the same transaction.
CREATE OR REPLACE FUNCTION vetting.decide(of_case uuid, expected integer, verdict jsonb)
    RETURNS TABLE (id uuid, version integer, venue_id uuid, venue text, city text, kind text, state text,
                   opened_at timestamptz, due_at timestamptz, standings jsonb, claimed_by text, claimed_by_me boolean,
                   claimed_until timestamptz, outcome text, decided_at timestamptz, decided_by text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
#variable_conflict use_column
DECLARE
    c constant public.venue_cases := vetting.lock_case(of_case);
    decision constant text := verdict ->> 'decision';
    said constant text := nullif(btrim(verdict ->> 'feedback', E' \n\r\t'), '');
    until date;
    template text;
    event uuid;
BEGIN
    PERFORM vetting.refuse_own(c.venue_id);
    IF coalesce(c.claimed_until <= app.now(), true) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'not_claimed', HINT = 'Claim it, look at it again and decide then.',
            MESSAGE = CASE WHEN c.claimed_by = auth.user_id() THEN 'Your claim ran out.' ELSE 'You have not claimed this.' END;
    END IF;
    PERFORM vetting.refuse_case_version(c.version, expected);
    IF decision IS NULL OR decision NOT IN ('approve', 'except', 'reject', 'ask')
       OR jsonb_typeof(coalesce(verdict -> 'waivers', '[]')) <> 'array' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'This decision cannot be read.', DETAIL = 'decision';
    ELSIF said IS NULL AND decision <> 'approve' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', DETAIL = 'feedback',
            MESSAGE = CASE decision WHEN 'ask' THEN 'Say what the venue is to change.' WHEN 'except' THEN 'Say why it is excepted.'
                                    ELSE 'Say why it is rejected.' END;
    ELSIF length(said) > 4000 THEN
        RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = 'A feedback has at most 4,000 characters.', DETAIL = 'feedback';
    END IF;
    -- Not its key: places are taken and children checked in there meanwhile.
    PERFORM 1 FROM public.venues AS v WHERE v.id = c.venue_id FOR NO KEY UPDATE;
    PERFORM vetting.settle_requirements(c.venue_id);
    IF decision = 'approve' THEN
        PERFORM vetting.require_met(c.venue_id, verdict -> 'seen');
    ELSIF decision = 'except' THEN
        until := vetting.put_waivers(c.venue_id, c.id, coalesce(verdict -> 'waivers', '[]'), said);
    END IF;

    IF decision = 'ask' THEN
        UPDATE public.venue_cases AS x SET state = 'asked', asked_at = app.now(), feedback = said,
               claimed_by = NULL, claimed_at = NULL, claimed_until = NULL WHERE x.id = c.id;
        template := 'changes_asked';
        event := vetting.write_event(c.venue_id, c.id, 'changes_asked', jsonb_build_object('kind', c.kind), said);
    ELSE
        UPDATE public.venue_cases AS x SET state = 'decided', decided_by = auth.user_id(), decided_at = app.now(),
               outcome = (CASE decision WHEN 'approve' THEN 'approved' WHEN 'except' THEN 'approved_with_exception'
                                        ELSE 'rejected' END)::public.case_outcome,
               feedback = said, claimed_by = NULL, claimed_at = NULL, claimed_until = NULL WHERE x.id = c.id;
        IF decision = 'reject' THEN
            -- A venue that is open or suspended stays so: suspending it is a decision of its own.
            UPDATE public.venues AS v SET status = 'rejected', rejection_reason = said, rejection_date = app.now()
             WHERE v.id = c.venue_id AND c.kind = 'new_venue';
            template := 'venue_rejected';
        ELSE
            PERFORM vetting.open_venue(c);
            template := CASE WHEN decision = 'except' THEN 'venue_excepted' WHEN c.kind = 'reinstatement' THEN 'venue_reinstated'
                             ELSE 'venue_approved' END;
        END IF;
        event := vetting.write_event(c.venue_id, c.id,
            CASE decision WHEN 'approve' THEN 'approved' WHEN 'except' THEN 'approved_with_exception' ELSE 'rejected' END,
            jsonb_build_object('kind', c.kind), said);
        IF decision <> 'reject' AND c.kind = 'reinstatement' THEN
            PERFORM vetting.write_event(c.venue_id, c.id, 'reinstated');
        END IF;
    END IF;
    PERFORM vetting.tell_venue(c.venue_id, template, jsonb_build_object('feedback', said, 'until', until), template || ':' || event);
    RETURN QUERY SELECT r.* FROM vetting.case_rows(ARRAY[of_case]) AS r;
END
$$;
COMMENT ON FUNCTION vetting.decide(uuid, integer, jsonb) IS 'Decide a case; the venue is told.';
GRANT EXECUTE ON FUNCTION vetting.claim(uuid, integer), vetting.release(uuid, integer), vetting.next_case(uuid),
    vetting.decide(uuid, integer, jsonb) TO console_client;
