-- Since version 0004.
-- Invoices, credit notes, their papers and the accounts they belong to: what desks read of what version 0004 added, and what the
-- functions of console_api work with. Nobody else writes any of it.

GRANT SELECT (purchase_order_number, credited_by_id, send_state, send_error) ON invoices TO console_client;
GRANT SELECT (billing_email, invoice_currency, tax_rate, purchase_order_number) ON corporates TO console_client;

CREATE POLICY invoice_functions ON invoices FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT,
    INSERT (corporate_id, subscription_id, billing_period_start, billing_period_end, subtotal, tax_amount, total_amount, currency,
            line_items, tax_lines, purchase_order_number),
    UPDATE (line_items, tax_lines, subtotal, tax_amount, total_amount, purchase_order_number, notes, invoice_number, status,
            issued_at, due_date, issuer, recipient, document_id, credited_by_id, paid_amount, paid_at, payment_method,
            payment_reference, sent_at, send_state, send_error, send_lease, send_leased_at, send_handed_at, send_next_at,
            send_attempts)
    ON invoices TO console_api;
CREATE POLICY invoice_functions ON credit_notes FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE (document_id) ON credit_notes TO console_api;
CREATE POLICY invoice_functions ON invoice_series FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT (series, year), UPDATE (next_number) ON invoice_series TO console_api;

-- The papers of venues are other functions'.
CREATE POLICY invoice_functions_read ON documents FOR SELECT TO console_api USING (kind IN ('invoice', 'credit_note'));
CREATE POLICY invoice_functions_add ON documents FOR INSERT TO console_api
    WITH CHECK (kind IN ('invoice', 'credit_note') AND venue_id IS NULL);
GRANT SELECT, INSERT (kind, file_name, media_type, content, created_by) ON documents TO console_api;

CREATE POLICY invoice_functions_read ON corporates FOR SELECT TO console_api USING (true);
CREATE POLICY invoice_functions_change ON corporates FOR UPDATE TO console_api USING (true) WITH CHECK (true);
GRANT SELECT (id, company_name, display_name, tax_id, billing_address_line1, billing_address_line2, billing_city, billing_state,
              billing_postal_code, billing_country, primary_contact_email, payment_terms_days, is_active, billing_email,
              invoice_currency, tax_rate, purchase_order_number, version),
    UPDATE (billing_email, invoice_currency, tax_rate, purchase_order_number, payment_terms_days)
    ON corporates TO console_api;
CREATE POLICY invoice_functions_read ON corporate_subscriptions FOR SELECT TO console_api USING (true);
GRANT SELECT ON corporate_subscriptions TO console_api;

-- Parents' ledgers for headquarters: whose employer somebody is, and who looked.
GRANT SELECT (corporate_id) ON users TO console_api;
CREATE POLICY ledger_functions_read ON audit_logs FOR SELECT TO console_api USING (entity_type = 'ledgers');
CREATE POLICY ledger_functions_add ON audit_logs FOR INSERT TO console_api WITH CHECK (entity_type = 'ledgers');
