-- Since version 0004.
-- Runs of payouts, holds, transfers, closed books, payments of invoices and what the daily check found: who reads them plainly.
-- They are written by functions alone. What only the worker does stands in a file of its own.

CREATE POLICY desk_reads ON payout_runs FOR SELECT TO console_client
    USING ((SELECT auth.has('payouts.read', NULL)));
GRANT SELECT ON payout_runs TO console_client;
CREATE POLICY money_functions ON payout_runs FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON payout_runs TO console_api;

CREATE POLICY desk_reads ON payout_holds FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('payouts.read'))::uuid[]));
GRANT SELECT ON payout_holds TO console_client;
CREATE POLICY money_functions ON payout_holds FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON payout_holds TO console_api;

-- Not the key of a transfer nor what the other side calls it: with them somebody could ask the other side.
CREATE POLICY desk_reads ON payout_attempts FOR SELECT TO console_client
    USING (venue_id = ANY ((SELECT auth.venue_ids('payouts.read'))::uuid[]));
GRANT SELECT (id, payout_id, venue_id, attempt, method, amount, currency, state, failure, asked_at, answered_at, next_at,
              times_asked, created_at, updated_at) ON payout_attempts TO console_client;
CREATE POLICY money_functions ON payout_attempts FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON payout_attempts TO console_api;

CREATE POLICY desk_reads ON book_closings FOR SELECT TO console_client
    USING ((SELECT auth.has('payouts.read', NULL)));
GRANT SELECT ON book_closings TO console_client;
CREATE POLICY money_functions ON book_closings FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON book_closings TO console_api;

CREATE POLICY desk_reads ON invoice_payments FOR SELECT TO console_client
    USING ((SELECT auth.has('invoices.read', NULL)));
GRANT SELECT ON invoice_payments TO console_client;
CREATE POLICY money_functions ON invoice_payments FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON invoice_payments TO console_api;

CREATE POLICY desk_reads ON integrity_issues FOR SELECT TO console_client
    USING ((SELECT auth.has('payouts.read', NULL)));
GRANT SELECT ON integrity_issues TO console_client;
CREATE POLICY money_functions ON integrity_issues FOR ALL TO console_api USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON integrity_issues TO console_api;
