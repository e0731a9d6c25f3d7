-- Since version 0006.
-- The rules of compliance are changed by headquarters, through a function.

CREATE POLICY compliance_functions_change ON platform_settings FOR UPDATE TO console_api
    USING (key IN ('insurance_minimum_coverage', 'safety_audit_minimum', 'reverification_months', 'compliance_suspends',
                   'compliance_grace_days'))
    WITH CHECK (key IN ('insurance_minimum_coverage', 'safety_audit_minimum', 'reverification_months', 'compliance_suspends',
                        'compliance_grace_days'));
GRANT UPDATE (value, updated_by) ON platform_settings TO console_api;
