-- Since version 0006.
-- Headquarters' judgement of what was filed: nobody else's, and not while somebody else has the venue's case in hand.
-- docs/design.md, "Rules of the domain" (compliance) and "Screens" (platform).

-- Refuse while somebody else holds an open case of the venue, by the asker's clock.
CREATE OR REPLACE FUNCTION vetting.refuse_claimed(of_venue uuid) RETURNS void
    LANGUAGE plpgsql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    held record;
BEGIN
    SELECT u.first_name, c.claimed_until INTO held
      FROM public.venue_cases AS c JOIN public.users AS u ON u.id = c.claimed_by
     WHERE c.venue_id = of_venue AND c.state <> 'decided' AND c.claimed_by IS DISTINCT FROM auth.user_id()
       AND c.claimed_until > app.now()
     ORDER BY c.claimed_until DESC LIMIT 1;
    IF held.first_name IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', DETAIL = 'claimed', HINT = 'Wait, or ask for it.',
            MESSAGE = format('%s has this venue in hand until %s.', held.first_name, to_char(held.claimed_until AT TIME ZONE
                coalesce((SELECT u.timezone FROM public.users AS u WHERE u.id = auth.user_id()), 'UTC'), 'HH24:MI'));
    END IF;
END
$$;

-- What an accepted filing says of the venue stands in the venue's own row, where other screens read it.
CREATE OR REPLACE FUNCTION vetting.copy_facts(f public.requirement_filings) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    CASE f.requirement
        WHEN 'insurance' THEN
            UPDATE public.venues AS v SET insurance_provider = f.facts ->> 'provider',
                   insurance_policy_number = f.facts ->> 'policy_number',
                   insurance_coverage_amount = (f.facts ->> 'coverage_amount')::numeric, insurance_expiry_date = f.expires_on
             WHERE v.id = f.venue_id;
        WHEN 'safety_audit' THEN
            UPDATE public.venues AS v SET safety_audit_completed = true, safety_audit_date = f.valid_from,
                   safety_audit_score = (f.facts ->> 'score')::integer
             WHERE v.id = f.venue_id;
        WHEN 'reverification' THEN
            UPDATE public.venues AS v SET last_verification_date = vetting.today_at(f.venue_id), next_verification_due = f.expires_on
             WHERE v.id = f.venue_id;
        WHEN 'payout_account' THEN
            UPDATE public.venues AS v SET payout_account_last_four = f.facts ->> 'last_four',
                   payout_bank_name = coalesce(f.facts ->> 'bank', v.payout_bank_name)
             WHERE v.id = f.venue_id;
        ELSE NULL;
    END CASE;
END
$$;

-- Whether everybody's background is checked, where other screens read it.
CREATE OR REPLACE FUNCTION vetting.copy_checks(of_venue uuid) RETURNS void
    LANGUAGE sql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE public.venues AS v SET background_check_completed = x.met, background_check_date = x.newest
      FROM (SELECT r.state IN ('satisfied', 'expiring') AS met,
                   (SELECT max(b.decided_on) FROM public.background_checks AS b WHERE b.venue_id = of_venue) AS newest
              FROM public.venue_requirements AS r
             WHERE r.venue_id = of_venue AND r.requirement = 'background_checks') AS x
     WHERE v.id = of_venue AND (v.background_check_completed, v.background_check_date) IS DISTINCT FROM (x.met, x.newest)
$$;

-- Accept or decline what waits. Accepting takes the place of what counted before; lacking something, it is refused with what.
CREATE OR REPLACE FUNCTION vetting.judge(of_venue uuid, of_filing uuid, its_version integer, accept boolean, why text)
    RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    said constant text := nullif(btrim(why), '');
    f public.requirement_filings;
    lacking text[];
BEGIN
    PERFORM auth.require('compliance.manage', NULL);
    PERFORM vetting.reach(of_venue);
    PERFORM vetting.refuse_own(of_venue);
    IF length(said) > 1000 THEN
        PERFORM vetting.refuse_field('reason', 'A reason has at most 1,000 characters.');
    ELSIF accept IS NULL OR (said IS NULL AND NOT accept) THEN
        PERFORM vetting.refuse_field('reason', 'Say why, because the venue will ask.');
    END IF;
    PERFORM vetting.lock_papers(of_venue);
    PERFORM vetting.refuse_claimed(of_venue);
    f := vetting.waiting_filing(of_venue, of_filing, its_version);
    IF accept THEN
        lacking := vetting.lacks(f.id);
        IF cardinality(lacking) > 0 THEN
            PERFORM vetting.refuse_field('lacks', array_to_string(lacking, ' '));
        END IF;
        UPDATE public.requirement_filings AS q SET state = 'replaced'
         WHERE q.venue_id = of_venue AND q.requirement = f.requirement AND q.state = 'accepted';
        f.decided_at := app.now();
        UPDATE public.requirement_filings AS q
           SET state = 'accepted', decided_by = auth.user_id(), decided_at = f.decided_at, reason = said,
               expires_on = vetting.holds_until(f, (SELECT v.timezone FROM public.venues AS v WHERE v.id = of_venue),
                                                (vetting.rules()).months)
         WHERE q.id = f.id RETURNING q.* INTO f;
        PERFORM vetting.copy_facts(f);
    ELSE
        UPDATE public.requirement_filings AS q
           SET state = 'declined', decided_by = auth.user_id(), decided_at = app.now(), reason = said
         WHERE q.id = f.id;
    END IF;
    PERFORM vetting.write_event(of_venue, NULL, CASE WHEN accept THEN 'filing_accepted' ELSE 'filing_declined' END,
        jsonb_build_object('filing_id', f.id, 'ends_on', CASE WHEN accept THEN f.expires_on END), said, f.requirement);
    PERFORM vetting.tell_venue(of_venue, CASE WHEN accept THEN 'filing_accepted' ELSE 'filing_declined' END,
        jsonb_build_object('requirement', f.requirement, 'ends_on', CASE WHEN accept THEN f.expires_on END, 'reason', said),
        'filing_judged:' || f.id);
    PERFORM vetting.settle_requirements(of_venue);
    RETURN vetting.requirement_page(of_venue, f.requirement);
END
$$;
COMMENT ON FUNCTION vetting.judge(uuid, uuid, integer, boolean, text) IS 'Accept or decline what was filed; headquarters only.';
GRANT EXECUTE ON FUNCTION vetting.judge(uuid, uuid, integer, boolean, text) TO console_client;
