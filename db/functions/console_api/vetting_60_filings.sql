-- Since version 0006.
-- Filing what a requirement asks for, by the venue or by headquarters for it, taking it back, and judging it. Locks go: the
-- venue's open cases in id order, the venue, its requirements. docs/design.md, "Rules of the domain" (compliance).

-- Whoever may edit a venue reaches its papers: its managers, headquarters, and before it is approved whoever applied for it. A
-- venue of somebody else looks like none.
CREATE OR REPLACE FUNCTION vetting.reach(of_venue uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT auth.has('venue.edit') THEN
        PERFORM auth.require('venue.edit', of_venue);
    END IF;
    IF NOT EXISTS (SELECT 1 FROM public.venues AS v WHERE v.id = of_venue)
            OR NOT (auth.has('venue.edit', of_venue) OR vetting.is_applicant(of_venue)) THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such venue here.', DETAIL = 'no_venue';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION vetting.requirements(of_venue uuid) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
BEGIN
    PERFORM vetting.reach(of_venue);
    RETURN vetting.requirement_pages(of_venue);
END
$$;
COMMENT ON FUNCTION vetting.requirements(uuid) IS 'Every requirement of a venue, for whoever may edit it.';
GRANT EXECUTE ON FUNCTION vetting.requirements(uuid) TO console_client;

-- One of them.
CREATE OR REPLACE FUNCTION vetting.requirement_page(of_venue uuid, wanted public.requirement_kind) RETURNS jsonb
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.page FROM jsonb_array_elements(vetting.requirement_pages(of_venue)) AS p (page)
     WHERE p.page ->> 'requirement' = wanted::text
$$;

CREATE OR REPLACE FUNCTION vetting.refuse_field(field text, sentence text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'NX422', MESSAGE = sentence, DETAIL = field;
END
$$;

-- Lock what filing and judging change, and refuse for a venue that was turned down.
CREATE OR REPLACE FUNCTION vetting.lock_papers(of_venue uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    its_status public.venue_status;
BEGIN
    PERFORM 1 FROM public.venue_cases AS c WHERE c.venue_id = of_venue AND c.state <> 'decided' ORDER BY c.id FOR UPDATE;
    SELECT v.status INTO its_status FROM public.venues AS v WHERE v.id = of_venue FOR NO KEY UPDATE;
    IF its_status = 'rejected' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'This venue was turned down.', HINT = 'Apply again.',
            DETAIL = 'venue_rejected';
    END IF;
END
$$;

-- A line of text out of facts, with nothing in it that a screen could not show; NULL where there is none.
CREATE OR REPLACE FUNCTION vetting.line_of(facts jsonb, field text, most integer) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    said constant text := nullif(notify.one_line(facts ->> field), '');
BEGIN
    IF length(said) > most OR length(facts ->> field) > 200 THEN
        PERFORM vetting.refuse_field(field, format('This has at most %s characters.', most));
    END IF;
    RETURN said;
END
$$;

-- The facts of a filing as they are kept: only those of its kind, each of its shape. Too little of something can be filed; what is
-- missing or no fact at all cannot.
CREATE OR REPLACE FUNCTION vetting.facts_of(
    of_kind public.requirement_kind, facts jsonb, valid_from date, expires_on date, today date) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    kept jsonb := '{}';
    digits text;
BEGIN
    IF jsonb_typeof(facts) IS DISTINCT FROM 'object' THEN
        PERFORM vetting.refuse_field('facts', 'This cannot be read.');
    ELSIF expires_on < today THEN
        PERFORM vetting.refuse_field('expires_on', format('It ended on %s.', vetting.day_words(expires_on)));
    ELSIF expires_on < valid_from THEN
        PERFORM vetting.refuse_field('expires_on', 'It cannot end before it begins.');
    ELSIF expires_on > today + 7305 OR valid_from < today - 7305 THEN
        PERFORM vetting.refuse_field(CASE WHEN expires_on > today + 7305 THEN 'expires_on' ELSE 'valid_from' END,
                                     'Check the year.');
    END IF;
    IF of_kind = 'insurance' THEN
        digits := replace(btrim(facts ->> 'coverage_amount'), ',', '');
        kept := jsonb_strip_nulls(jsonb_build_object('provider', vetting.line_of(facts, 'provider', 150),
            'policy_number', vetting.line_of(facts, 'policy_number', 100)));
        IF NOT kept ? 'provider' THEN
            PERFORM vetting.refuse_field('provider', 'Say which company insures the venue.');
        ELSIF NOT kept ? 'policy_number' THEN
            PERFORM vetting.refuse_field('policy_number', 'Give the number of the policy.');
        ELSIF digits IS NULL OR digits !~ '^[0-9]{1,10}(\.[0-9]{1,2})?$' THEN
            PERFORM vetting.refuse_field('coverage_amount', 'Give the cover as a number, such as 2,000,000.');
        ELSIF expires_on IS NULL THEN
            PERFORM vetting.refuse_field('expires_on', 'Say when the cover ends.');
        END IF;
        kept := kept || jsonb_build_object('coverage_amount', digits::numeric);
    ELSIF of_kind = 'safety_audit' THEN
        digits := btrim(facts ->> 'score');
        kept := jsonb_strip_nulls(jsonb_build_object('auditor', vetting.line_of(facts, 'auditor', 150),
            'remarks', vetting.line_of(facts, 'remarks', 200)));
        IF digits IS NULL OR digits !~ '^[0-9]{1,3}$' OR digits::integer > 100 THEN
            PERFORM vetting.refuse_field('score', 'Give the score as a whole number from 0 to 100.');
        ELSIF NOT kept ? 'auditor' THEN
            PERFORM vetting.refuse_field('auditor', 'Say who made the audit.');
        ELSIF valid_from IS NULL OR valid_from > today THEN
            PERFORM vetting.refuse_field('valid_from', 'Say on which day the audit was.');
        ELSIF expires_on IS NULL AND (valid_from + interval '12 months')::date < today THEN
            PERFORM vetting.refuse_field('valid_from', 'This audit is more than a year old.');
        END IF;
        kept := kept || jsonb_build_object('score', digits::integer);
    ELSIF of_kind = 'payout_account' THEN
        kept := jsonb_strip_nulls(jsonb_build_object('last_four', btrim(facts ->> 'last_four'),
            'holder', vetting.line_of(facts, 'holder', 150), 'bank', vetting.line_of(facts, 'bank', 150)));
        IF kept ->> 'last_four' IS NULL OR kept ->> 'last_four' !~ '^[0-9]{4}$' THEN
            PERFORM vetting.refuse_field('last_four', 'Give the last four digits of the account.');
        ELSIF NOT kept ? 'holder' THEN
            PERFORM vetting.refuse_field('holder', 'Say whose account it is.');
        END IF;
    END IF;
    RETURN kept;
END
$$;

-- File something for a requirement; what waited before is replaced. `papers` name the files whose bytes are in `contents`, in
-- order. An active venue's filing opens a renewal where nothing is open; the answer is the requirement as it stands then.
CREATE OR REPLACE FUNCTION vetting.file(
    of_venue uuid, for_kind public.requirement_kind, facts jsonb, valid_from date, expires_on date, note text,
    papers jsonb DEFAULT '[]', contents bytea[] DEFAULT '{}') RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    -- An account and checks have no dates of their own, and how long a verification holds is not the venue's to say.
    has_dates constant boolean := for_kind IN ('insurance', 'safety_audit');
    begins constant date := CASE WHEN has_dates THEN valid_from END;
    ends constant date := CASE WHEN has_dates THEN expires_on END;
    said constant text := nullif(btrim(note), '');
    kept jsonb;
    made uuid;
BEGIN
    PERFORM vetting.reach(of_venue);
    IF for_kind IS NULL THEN
        PERFORM vetting.refuse_field('requirement', 'Say what this is for.');
    ELSIF length(said) > 1000 THEN
        PERFORM vetting.refuse_field('note', 'A note has at most 1,000 characters.');
    END IF;
    kept := vetting.facts_of(for_kind, facts, begins, ends, vetting.today_at(of_venue));
    PERFORM vetting.lock_papers(of_venue);
    UPDATE public.requirement_filings AS f SET state = 'replaced'
     WHERE f.venue_id = of_venue AND f.requirement = for_kind AND f.state = 'filed';
    INSERT INTO public.requirement_filings (venue_id, requirement, facts, valid_from, expires_on, note, filed_by)
    VALUES (of_venue, for_kind, kept, begins, ends, said, auth.user_id()) RETURNING id INTO made;
    PERFORM vetting.keep_papers(of_venue, made, papers, contents);
    PERFORM vetting.write_event(of_venue, NULL, 'filed', jsonb_build_object('filing_id', made), NULL, for_kind);
    IF NOT auth.has('venues.approve', NULL) THEN
        PERFORM vetting.answered(of_venue, said);
    END IF;
    IF (SELECT v.status FROM public.venues AS v WHERE v.id = of_venue) = 'active'
            AND NOT EXISTS (SELECT 1 FROM public.venue_cases AS c WHERE c.venue_id = of_venue AND c.state <> 'decided') THEN
        PERFORM vetting.open_case(of_venue, 'renewal');
    END IF;
    PERFORM vetting.settle_requirements(of_venue);
    RETURN vetting.requirement_page(of_venue, for_kind);
END
$$;
COMMENT ON FUNCTION vetting.file(uuid, public.requirement_kind, jsonb, date, date, text, jsonb, bytea[])
    IS 'File something for a requirement, with its files.';
GRANT EXECUTE ON FUNCTION vetting.file(uuid, public.requirement_kind, jsonb, date, date, text, jsonb, bytea[])
    TO console_client;

-- A filing that still waits, of the version it was read at.
CREATE OR REPLACE FUNCTION vetting.waiting_filing(of_venue uuid, wanted uuid, its_version integer)
    RETURNS public.requirement_filings
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    f public.requirement_filings;
BEGIN
    SELECT q.* INTO f FROM public.requirement_filings AS q WHERE q.id = wanted AND q.venue_id = of_venue FOR NO KEY UPDATE;
    IF f.id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX404', MESSAGE = 'There is no such filing here.', DETAIL = 'no_filing';
    ELSIF f.state <> 'filed' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'filing_decided', MESSAGE = CASE f.state
            WHEN 'accepted' THEN 'This was accepted already.' WHEN 'declined' THEN 'This was declined already.'
            WHEN 'withdrawn' THEN 'This was taken back.' ELSE 'Something newer was filed.' END, HINT = 'Look at it again.';
    ELSIF f.version IS DISTINCT FROM its_version THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed this filing.', HINT = 'Look at it again.',
            DETAIL = 'version_changed';
    END IF;
    RETURN f;
END
$$;

CREATE OR REPLACE FUNCTION vetting.withdraw_filing(of_venue uuid, of_filing uuid, its_version integer) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    f public.requirement_filings;
BEGIN
    PERFORM vetting.reach(of_venue);
    PERFORM vetting.lock_papers(of_venue);
    f := vetting.waiting_filing(of_venue, of_filing, its_version);
    UPDATE public.requirement_filings AS q SET state = 'withdrawn' WHERE q.id = f.id;
    PERFORM vetting.write_event(of_venue, NULL, 'filing_withdrawn', jsonb_build_object('filing_id', f.id), NULL, f.requirement);
    PERFORM vetting.settle_requirements(of_venue);
    RETURN vetting.requirement_page(of_venue, f.requirement);
END
$$;
COMMENT ON FUNCTION vetting.withdraw_filing(uuid, uuid, integer) IS 'Take back what was filed and not decided yet.';
GRANT EXECUTE ON FUNCTION vetting.withdraw_filing(uuid, uuid, integer) TO console_client;
