-- Since version 0006.
-- Where every requirement of a venue stands today, worked out from what was filed, who was checked and what was excepted.
-- Everything here is internal: who may is the callers' to ask. docs/design.md, "Rules of the domain" (compliance).

-- The numbers of the rules, as platform_settings keeps them.
CREATE OR REPLACE FUNCTION vetting.rules(
    OUT insurance_minimum numeric, OUT audit_minimum numeric, OUT months integer, OUT suspends boolean, OUT grace_days integer)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT max(s.value::text::numeric) FILTER (WHERE s.key = 'insurance_minimum_coverage'),
           max(s.value::text::numeric) FILTER (WHERE s.key = 'safety_audit_minimum'),
           (max(s.value::text::numeric) FILTER (WHERE s.key = 'reverification_months'))::integer,
           bool_or(s.value::text::boolean) FILTER (WHERE s.key = 'compliance_suspends'),
           (max(s.value::text::numeric) FILTER (WHERE s.key = 'compliance_grace_days'))::integer
      FROM public.platform_settings AS s
     WHERE s.key IN ('insurance_minimum_coverage', 'safety_audit_minimum', 'reverification_months', 'compliance_suspends',
                     'compliance_grace_days')
$$;

-- Until when a filing holds: what it says itself, else a year from an audit, and the platform's months from a verification.
CREATE OR REPLACE FUNCTION vetting.holds_until(filing public.requirement_filings, zone text, months integer) RETURNS date
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
RETURN CASE filing.requirement
    WHEN 'insurance' THEN filing.expires_on
    WHEN 'safety_audit' THEN coalesce(filing.expires_on, (filing.valid_from + interval '12 months')::date)
    WHEN 'reverification' THEN coalesce(filing.expires_on,
        ((filing.decided_at AT TIME ZONE zone)::date + make_interval(months => months))::date)
    END;

-- Every requirement of some venues as it stands now. `ends_on`: when it stops to be met, for an excepted one the exception's
-- end. A check that was ordered anew counts by the old answer until that runs out.
CREATE OR REPLACE FUNCTION vetting.standings(of_venues uuid[])
    RETURNS TABLE (venue_id uuid, requirement public.requirement_kind, state public.requirement_state, expires_on date,
                   ends_on date, exception_ended_on date, accepted_id uuid, waiting_id uuid, renewal_filed boolean, today date)
    LANGUAGE sql STABLE ROWS 500
    SET search_path = pg_catalog, pg_temp
    SET jit = off
AS $$
    WITH rules AS MATERIALIZED (SELECT * FROM vetting.rules()),
    place AS MATERIALIZED (
        SELECT v.id, v.timezone::text AS zone, (app.now() AT TIME ZONE v.timezone)::date AS today
          FROM public.venues AS v WHERE v.id = ANY (of_venues)),
    people AS MATERIALIZED (
        SELECT b.venue_id, count(*) AS everybody, count(*) FILTER (WHERE b.result = 'failed') AS failed,
               count(*) FILTER (WHERE b.expires_on < p.today) AS over, count(*) FILTER (WHERE b.result = 'pending') AS ordered,
               count(*) FILTER (WHERE b.result = 'pending' AND b.expires_on IS NULL) AS unknown, min(b.expires_on) AS until
          FROM public.background_checks AS b JOIN place AS p ON p.id = b.venue_id
         WHERE b.left_on IS NULL OR b.left_on > p.today GROUP BY b.venue_id),
    known AS (
        SELECT p.id AS venue_id, p.today, k.kind, r.state AS was, r.excepted_until, a.id AS accepted_id, w.id AS waiting_id,
               CASE WHEN r.state = 'excepted' AND r.excepted_until < p.today THEN r.excepted_until
                    ELSE r.exception_ended_on END AS exception_ended,
               CASE k.kind
                   WHEN 'background_checks' THEN n.everybody > 0 AND n.failed = 0 AND (n.unknown = 0 OR n.over > 0)
                   WHEN 'insurance' THEN (a.facts ->> 'coverage_amount')::numeric >= s.insurance_minimum
                       AND a.expires_on IS NOT NULL
                   WHEN 'safety_audit' THEN (a.facts ->> 'score')::numeric >= s.audit_minimum
                   ELSE a.id IS NOT NULL END IS TRUE AS holds,
               CASE k.kind WHEN 'background_checks' THEN n.until
                    ELSE vetting.holds_until(a, p.zone, s.months) END AS until,
               w.id IS NOT NULL OR k.kind = 'background_checks' AND coalesce(n.ordered, 0) > 0 AS is_coming,
               k.kind = 'background_checks' AND coalesce(n.failed, 0) > 0 AS has_failed
          FROM place AS p CROSS JOIN rules AS s
         CROSS JOIN unnest(enum_range(NULL::public.requirement_kind)) AS k (kind)
          LEFT JOIN public.venue_requirements AS r ON r.venue_id = p.id AND r.requirement = k.kind
          LEFT JOIN people AS n ON n.venue_id = p.id
          LEFT JOIN public.requirement_filings AS a ON a.venue_id = p.id AND a.requirement = k.kind AND a.state = 'accepted'
          LEFT JOIN public.requirement_filings AS w ON w.venue_id = p.id AND w.requirement = k.kind AND w.state = 'filed'),
    judged AS (
        SELECT f.*, (CASE
                   WHEN f.holds AND f.until < f.today THEN 'expired'
                   WHEN f.holds AND f.until - f.today <= 30 THEN 'expiring'
                   WHEN f.holds THEN 'satisfied'
                   WHEN f.has_failed THEN 'missing'
                   WHEN f.is_coming THEN 'pending'
                   ELSE 'missing' END)::public.requirement_state AS plain
          FROM known AS f)
    SELECT j.venue_id, j.kind, x.state, x.expires_on,
           CASE x.state WHEN 'excepted' THEN j.excepted_until WHEN 'pending' THEN NULL WHEN 'missing' THEN NULL
                ELSE x.expires_on END,
           CASE WHEN j.plain IN ('satisfied', 'expiring') THEN NULL ELSE j.exception_ended END,
           j.accepted_id, j.waiting_id, j.is_coming, j.today
      FROM judged AS j
     CROSS JOIN LATERAL (
        SELECT y.state, CASE WHEN y.state = 'expired' THEN greatest(CASE WHEN j.holds THEN j.until END, j.exception_ended)
                             WHEN j.holds THEN j.until END AS expires_on
          FROM (SELECT (CASE
                    WHEN j.plain IN ('satisfied', 'expiring') THEN j.plain::text
                    WHEN j.was = 'excepted' AND j.excepted_until >= j.today THEN 'excepted'
                    WHEN j.exception_ended IS NOT NULL THEN 'expired'
                    ELSE j.plain::text END)::public.requirement_state AS state) AS y) AS x
$$;
COMMENT ON FUNCTION vetting.standings(uuid[]) IS 'Where every requirement of some venues stands today.';

-- When a requirement as it is written down stops to be met.
CREATE OR REPLACE FUNCTION vetting.ended_on(r public.venue_requirements) RETURNS date
    LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
RETURN CASE r.state WHEN 'excepted' THEN r.excepted_until WHEN 'pending' THEN NULL WHEN 'missing' THEN NULL ELSE r.expires_on END;

-- Write down where a venue's requirements stand. The requirements are locked in the order of the checklist; whoever also needs
-- the venue's case or row locks those first. Nothing is written where nothing changed. Reminders begin anew with a new end.
CREATE OR REPLACE FUNCTION vetting.settle_requirements(of_venue uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF (SELECT count(*) FROM public.venue_requirements AS r WHERE r.venue_id = of_venue)
            < cardinality(enum_range(NULL::public.requirement_kind)) THEN
        INSERT INTO public.venue_requirements (venue_id, requirement)
        SELECT of_venue, k.kind FROM unnest(enum_range(NULL::public.requirement_kind)) AS k (kind)
        ON CONFLICT DO NOTHING;
    END IF;
    PERFORM 1 FROM public.venue_requirements AS r WHERE r.venue_id = of_venue ORDER BY r.requirement FOR UPDATE;
    UPDATE public.venue_requirements AS r
       SET state = s.state, expires_on = s.expires_on, exception_ended_on = s.exception_ended_on,
           excepted_until = CASE WHEN s.state = 'excepted' THEN r.excepted_until END,
           exception_reason = CASE WHEN s.state = 'excepted' THEN r.exception_reason END,
           reminders_sent = CASE WHEN s.ends_on IS NOT DISTINCT FROM vetting.ended_on(r) THEN r.reminders_sent ELSE '{}' END,
           grace_until = CASE WHEN s.state = 'expired' AND s.ends_on IS NOT DISTINCT FROM vetting.ended_on(r)
                              THEN r.grace_until END
      FROM vetting.standings(ARRAY[of_venue]) AS s
     WHERE r.venue_id = of_venue AND r.requirement = s.requirement
       AND (r.state, r.expires_on, r.exception_ended_on) IS DISTINCT FROM (s.state, s.expires_on, s.exception_ended_on);
END
$$;
COMMENT ON FUNCTION vetting.settle_requirements(uuid) IS 'Write down where a venue''s requirements stand now.';
