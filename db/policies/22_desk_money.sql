-- What a desk reads of money. Payouts belong to a venue; invoices, employers and subscriptions to the platform, so their
-- policies ask for the permission across the platform: one answer for the whole statement, no column to compare.

CREATE POLICY desk_reads ON venue_payouts FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('payouts.read'))::uuid[]));
GRANT SELECT (id, venue_id, payout_period_start, payout_period_end, total_bookings, total_attendees, credit_value, currency,
              gross_revenue, platform_fee_percentage, platform_fee_amount, adjustments_amount, adjustments_notes,
              carried_in, carried_out, net_payout, status, hold_reason, paid_at, payment_method, payment_reference,
              failure_reason, retry_count, statement_generated_at, statement_document_id, created_at, updated_at, version,
              changed_xid) ON venue_payouts TO console_client;

CREATE POLICY desk_reads ON invoices FOR SELECT TO console_client
    USING ((SELECT auth.has('invoices.read', NULL)));
GRANT SELECT (id, invoice_number, corporate_id, subscription_id, billing_period_start, billing_period_end, subtotal,
              tax_amount, total_amount, currency, status, issued_at, due_date, paid_at, paid_amount, payment_method,
              payment_reference, document_id, line_items, tax_lines, issuer, recipient, notes, sent_at, created_at,
              updated_at, version, changed_xid) ON invoices TO console_client;
CREATE POLICY desk_reads ON credit_notes FOR SELECT TO console_client
    USING ((SELECT auth.has('invoices.read', NULL)));
GRANT SELECT ON credit_notes TO console_client;
CREATE POLICY desk_reads ON invoice_series FOR SELECT TO console_client
    USING ((SELECT auth.has('invoices.read', NULL)));
GRANT SELECT ON invoice_series TO console_client;
CREATE POLICY desk_reads ON corporates FOR SELECT TO console_client
    USING ((SELECT auth.has('invoices.read', NULL)));
GRANT SELECT (id, company_name, display_name, tax_id, industry, employee_count, billing_address_line1, billing_address_line2,
              billing_city, billing_state, billing_postal_code, billing_country, primary_contact_name,
              primary_contact_email, primary_contact_phone, payment_terms_days, is_active, contract_start_date,
              contract_end_date, created_at, updated_at, version, changed_xid) ON corporates TO console_client;
CREATE POLICY desk_reads ON corporate_subscriptions FOR SELECT TO console_client
    USING ((SELECT auth.has('invoices.read', NULL)));
GRANT SELECT ON corporate_subscriptions TO console_client;
