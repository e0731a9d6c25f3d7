-- Since version 0006.
-- What time does to a venue's papers: they end, the venue is reminded before and told after, and where the rules say so it is
-- suspended, told first. Run by the worker; run again it finds nothing to do. docs/design.md, "Rules of the domain" (compliance).

-- A person reads of a reminder once per end and step. The nearest step counts: a worker that was away sends one, not three.
CREATE OR REPLACE FUNCTION vetting.remind(of_venue uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
    done integer := 0;
BEGIN
    FOR one IN
        SELECT r.id, s.requirement, s.ends_on, s.ends_on - s.today AS days,
               CASE WHEN s.ends_on - s.today <= 7 THEN 7 WHEN s.ends_on - s.today <= 14 THEN 14 ELSE 30 END AS step
          FROM vetting.standings(ARRAY[of_venue]) AS s
          JOIN public.venue_requirements AS r ON r.venue_id = s.venue_id AND r.requirement = s.requirement
         WHERE s.ends_on - s.today BETWEEN 0 AND 30 AND NOT s.renewal_filed
         ORDER BY s.requirement
    LOOP
        UPDATE public.venue_requirements AS r SET reminders_sent = r.reminders_sent || one.step
         WHERE r.id = one.id AND one.step <> ALL (r.reminders_sent);
        CONTINUE WHEN NOT FOUND;
        PERFORM vetting.write_event(of_venue, NULL, 'reminded', jsonb_build_object('days', one.days, 'step', one.step,
            'ends_on', one.ends_on), NULL, one.requirement, NULL);
        PERFORM vetting.tell_venue(of_venue, 'requirement_reminder', jsonb_build_object('requirement', one.requirement,
            'ends_on', one.ends_on, 'days', one.days), format('reminder:%s:%s:%s', one.id, one.ends_on, one.step));
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- Tell of what has expired, once per end.
CREATE OR REPLACE FUNCTION vetting.tell_expired(of_venue uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one record;
    done integer := 0;
BEGIN
    FOR one IN
        SELECT r.id, r.requirement, r.expires_on FROM public.venue_requirements AS r
         WHERE r.venue_id = of_venue AND r.state = 'expired'
           AND NOT EXISTS (SELECT 1 FROM public.venue_events AS e
                            WHERE e.venue_id = of_venue AND e.kind = 'expired' AND e.requirement = r.requirement
                              AND (e.facts ->> 'ends_on')::date = r.expires_on)
         ORDER BY r.requirement
    LOOP
        PERFORM vetting.write_event(of_venue, NULL, 'expired', jsonb_build_object('ends_on', one.expires_on), NULL,
            one.requirement, NULL);
        PERFORM vetting.tell_venue(of_venue, 'requirement_expired', jsonb_build_object('requirement', one.requirement,
            'ends_on', one.expires_on), format('expired:%s:%s', one.id, one.expires_on));
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

-- Suspend a venue whose requirement has expired for longer than the grace, a day after it was told at the earliest. What is booked
-- stays. A renewal that is filed holds it; one that is declined begins with telling again.
CREATE OR REPLACE FUNCTION vetting.suspend_by_rule(of_venue uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    rules constant record := vetting.rules();
    one record;
    done integer := 0;
    event uuid;
    why text;
BEGIN
    UPDATE public.venue_requirements AS r SET grace_until = NULL
      FROM vetting.standings(ARRAY[of_venue]) AS s
     WHERE r.venue_id = of_venue AND r.requirement = s.requirement AND r.grace_until IS NOT NULL
       AND (s.renewal_filed OR NOT rules.suspends);
    IF NOT rules.suspends OR (SELECT v.status FROM public.venues AS v WHERE v.id = of_venue) <> 'active' THEN
        RETURN 0;
    END IF;
    FOR one IN
        SELECT r.id, r.requirement, s.ends_on, r.grace_until, s.today
          FROM vetting.standings(ARRAY[of_venue]) AS s
          JOIN public.venue_requirements AS r ON r.venue_id = s.venue_id AND r.requirement = s.requirement
         WHERE s.state = 'expired' AND NOT s.renewal_filed
         ORDER BY s.requirement
    LOOP
        IF one.grace_until IS NULL THEN
            one.grace_until := greatest(one.ends_on + rules.grace_days, one.today);
            UPDATE public.venue_requirements AS r SET grace_until = one.grace_until WHERE r.id = one.id;
            PERFORM vetting.write_event(of_venue, NULL, 'suspension_coming',
                jsonb_build_object('suspends_on', one.grace_until + 1, 'ends_on', one.ends_on), NULL, one.requirement, NULL);
            PERFORM vetting.tell_venue(of_venue, 'suspension_coming', jsonb_build_object('requirement', one.requirement,
                'suspends_on', one.grace_until + 1), format('suspension_coming:%s:%s', one.id, one.grace_until));
            done := done + 1;
        ELSIF greatest(one.grace_until, one.ends_on + rules.grace_days) < one.today THEN
            why := concat_ws(' ', why, format('%s ended on %s.', upper(left(vetting.requirement_words(ARRAY[one.requirement]), 1))
                || substr(vetting.requirement_words(ARRAY[one.requirement]), 2), vetting.day_words(one.ends_on)));
        END IF;
    END LOOP;
    IF why IS NOT NULL THEN
        PERFORM vetting.put_suspended(of_venue, why);
        event := vetting.write_event(of_venue, NULL, 'suspended_by_rule', '{}', why, NULL, NULL);
        PERFORM vetting.tell_venue(of_venue, 'venue_suspended', jsonb_build_object('reason', why, 'feedback', why), 'suspended:' || event);
        done := done + 1;
    END IF;
    RETURN done;
END
$$;

-- Everything time does to every venue; how much there was. A venue somebody holds is left to the next run.
CREATE OR REPLACE FUNCTION vetting.watch() RETURNS integer
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
DECLARE
    one record;
    done integer := 0;
BEGIN
    -- Those who wait for approval stand as they are written down, and nobody reminds them. There may be very many; time changes
    -- only where something ends.
    FOR one IN
        SELECT DISTINCT s.venue_id AS id
          FROM vetting.standings(ARRAY(
              SELECT DISTINCT r.venue_id FROM public.venue_requirements AS r JOIN public.venues AS v ON v.id = r.venue_id
               WHERE r.expires_on <= (app.now() + interval '32 days')::date AND r.state IN ('satisfied', 'expiring')
                 AND v.status = 'pending_approval')) AS s
          JOIN public.venue_requirements AS r ON r.venue_id = s.venue_id AND r.requirement = s.requirement
         WHERE (r.state, r.expires_on) IS DISTINCT FROM (s.state, s.expires_on)
         ORDER BY id
    LOOP
        PERFORM 1 FROM public.venues AS v WHERE v.id = one.id FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM vetting.settle_requirements(one.id);
        done := done + 1;
    END LOOP;
    FOR one IN SELECT v.id FROM public.venues AS v WHERE v.status IN ('active', 'suspended') ORDER BY v.id LOOP
        PERFORM 1 FROM public.venues AS v WHERE v.id = one.id FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        PERFORM vetting.settle_requirements(one.id);
        done := done + vetting.tell_expired(one.id) + vetting.remind(one.id) + vetting.suspend_by_rule(one.id)
            + vetting.check_yearly(one.id);
    END LOOP;
    RETURN done;
END
$$;
COMMENT ON FUNCTION vetting.watch() IS 'What time does to the papers of venues: reminders, expiries, suspensions, yearly checks.';
GRANT EXECUTE ON FUNCTION vetting.watch() TO console_jobs;

-- The yearly check begins 30 days before it is due.
CREATE OR REPLACE FUNCTION vetting.check_yearly(of_venue uuid) RETURNS integer
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (SELECT v.status = 'active' AND v.next_verification_due - vetting.today_at(v.id) <= 30
          FROM public.venues AS v WHERE v.id = of_venue) IS NOT TRUE
            OR EXISTS (SELECT 1 FROM public.venue_cases AS c
                        WHERE c.venue_id = of_venue AND c.kind = 'yearly_check' AND c.state <> 'decided') THEN
        RETURN 0;
    END IF;
    PERFORM vetting.open_case(of_venue, 'yearly_check', NULL, NULL);
    RETURN 1;
END
$$;
