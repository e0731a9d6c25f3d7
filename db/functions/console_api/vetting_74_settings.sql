-- Since version 0006.
-- The numbers of the rules, and what other numbers would suspend. docs/design.md, "Rules of the domain" (compliance).

-- As they are; `version` is of all of them together.
CREATE OR REPLACE FUNCTION vetting.compliance_settings() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    rules constant record := vetting.rules();
BEGIN
    PERFORM auth.require('compliance.manage', NULL);
    RETURN jsonb_build_object(
        'version', (SELECT sum(s.version) FROM public.platform_settings AS s
                     WHERE s.key IN ('insurance_minimum_coverage', 'safety_audit_minimum', 'reverification_months',
                                     'compliance_suspends', 'compliance_grace_days')),
        'insurance_minimum', rules.insurance_minimum::bigint, 'audit_minimum', rules.audit_minimum::integer,
        'reverification_months', rules.months, 'suspends', rules.suspends, 'grace_days', rules.grace_days);
END
$$;
COMMENT ON FUNCTION vetting.compliance_settings() IS 'The numbers of the compliance rules.';

-- A whole number out of settings that a desk sent, within bounds.
CREATE OR REPLACE FUNCTION vetting.setting_of(settings jsonb, field text, lowest bigint, highest bigint, sentence text) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    digits constant text := settings ->> field;
BEGIN
    IF digits IS NULL OR digits !~ '^[0-9]{1,12}$' OR digits::bigint NOT BETWEEN lowest AND highest THEN
        PERFORM vetting.refuse_field(field, sentence);
    END IF;
    RETURN digits::bigint;
END
$$;

CREATE OR REPLACE FUNCTION vetting.save_compliance_settings(settings jsonb) RETURNS jsonb
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
AS $$
DECLARE
    wanted jsonb;
BEGIN
    PERFORM auth.require('compliance.manage', NULL);
    wanted := jsonb_build_object(
        'insurance_minimum_coverage', vetting.setting_of(settings, 'insurance_minimum', 0, 9999999999,
            'Give the least cover as a whole number.'),
        'safety_audit_minimum', vetting.setting_of(settings, 'audit_minimum', 0, 100, 'Give the least score, from 0 to 100.'),
        'reverification_months', vetting.setting_of(settings, 'reverification_months', 1, 60, 'Give the months, from 1 to 60.'),
        'compliance_grace_days', vetting.setting_of(settings, 'grace_days', 0, 365, 'Give the days, from 0 to 365.'));
    IF jsonb_typeof(settings -> 'suspends') IS DISTINCT FROM 'boolean' THEN
        PERFORM vetting.refuse_field('suspends', 'Say whether venues are suspended.');
    END IF;
    wanted := wanted || jsonb_build_object('compliance_suspends', settings -> 'suspends');
    PERFORM 1 FROM public.platform_settings AS s WHERE wanted ? s.key ORDER BY s.key FOR UPDATE;
    IF (vetting.compliance_settings() ->> 'version') IS DISTINCT FROM settings ->> 'version' THEN
        RAISE EXCEPTION USING ERRCODE = 'NX409', MESSAGE = 'Somebody else changed these rules.', HINT = 'Look at them again.',
            DETAIL = 'version_changed';
    END IF;
    UPDATE public.platform_settings AS s SET value = wanted -> s.key, updated_by = auth.user_id()
     WHERE wanted ? s.key AND s.value IS DISTINCT FROM wanted -> s.key;
    RETURN vetting.compliance_settings();
END
$$;
COMMENT ON FUNCTION vetting.save_compliance_settings(jsonb) IS 'Change the compliance rules, of the version they were read at.';

-- What rules would suspend: open venues with something expired for longer than the grace and no renewal filed, each with what
-- happens to what is booked. Venues are told a day before; nothing is cancelled by a rule.
CREATE OR REPLACE FUNCTION vetting.suspensions(settings jsonb) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET client_min_messages = warning
    SET jit = off
AS $$
DECLARE
    grace constant bigint := vetting.setting_of(settings, 'grace_days', 0, 365, 'Give the days, from 0 to 365.');
BEGIN
    PERFORM auth.require('compliance.manage', NULL);
    IF settings -> 'suspends' IS DISTINCT FROM 'true' THEN
        RETURN '[]';
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(vetting.suspension_of(x.venue_id, NULL) ORDER BY x.name, x.venue_id), '[]')
          FROM (SELECT DISTINCT s.venue_id, v.name
                  FROM vetting.standings(ARRAY(SELECT a.id FROM public.venues AS a WHERE a.status = 'active')) AS s
                  JOIN public.venues AS v ON v.id = s.venue_id
                 WHERE s.state = 'expired' AND NOT s.renewal_filed AND s.ends_on + grace::integer < s.today) AS x);
END
$$;
COMMENT ON FUNCTION vetting.suspensions(jsonb) IS 'Which venues some rules would suspend today, and what is booked there.';
GRANT EXECUTE ON FUNCTION vetting.compliance_settings(), vetting.save_compliance_settings(jsonb), vetting.suspensions(jsonb)
    TO console_client;
