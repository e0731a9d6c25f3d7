-- What was known of a venue before anything was filed counts as accepted, so that no venue loses its standing with the upgrade.
INSERT INTO requirement_filings (venue_id, requirement, state, facts, valid_from, expires_on, note)
SELECT v.id, 'insurance'::requirement_kind, 'accepted'::filing_state,
       jsonb_strip_nulls(jsonb_build_object('provider', v.insurance_provider, 'policy_number', v.insurance_policy_number,
                                            'coverage_amount', v.insurance_coverage_amount)),
       NULL, v.insurance_expiry_date, 'Taken over from before filings were kept.'
  FROM venues AS v WHERE v.insurance_expiry_date IS NOT NULL AND v.insurance_coverage_amount IS NOT NULL
UNION ALL
SELECT v.id, 'safety_audit', 'accepted', jsonb_build_object('score', v.safety_audit_score), v.safety_audit_date, NULL,
       'Taken over from before filings were kept.'
  FROM venues AS v WHERE v.safety_audit_completed AND v.safety_audit_date IS NOT NULL AND v.safety_audit_score IS NOT NULL
UNION ALL
SELECT v.id, 'reverification', 'accepted', '{}'::jsonb, v.last_verification_date, v.next_verification_due,
       'Taken over from before filings were kept.'
  FROM venues AS v
 WHERE v.next_verification_due IS NOT NULL AND coalesce(v.last_verification_date <= v.next_verification_due, true)
UNION ALL
SELECT v.id, 'payout_account', 'accepted',
       jsonb_strip_nulls(jsonb_build_object('last_four', v.payout_account_last_four, 'holder', v.name, 'bank', v.payout_bank_name)),
       NULL, NULL, 'Taken over from before filings were kept.'
  FROM venues AS v WHERE v.payout_account_last_four IS NOT NULL;
